"""What holds while a request is under way: the HTTP libraries log no value of it, and their errors become ours."""

from __future__ import annotations

import logging
import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from ..errors import ConnectError, RequestTimeoutError
from ..request import Outgoing

_SENDING: Final[ContextVar[Outgoing | None]] = ContextVar("accounts_client_sending", default=None)
"""The request of ours that is under way in this thread or task."""

# httpx and its kin have the same errors under the same names; those of aiohttp have names of their own.
_LIBRARIES: Final = frozenset({"aiohttp", "httpcore", "httpcore2", "httpx", "httpx2"})
_FAILURES: Final = frozenset(
    {
        *("HTTPError", "InvalidURL", "NetworkError", "ProtocolError", "ProxyError", "TimeoutException"),
        *("UnsupportedProtocol", "ClientError"),
    }
)
"""Errors of a request, and all below them; others are mistakes in how a library is used."""
_TIMEOUTS: Final = frozenset({"TimeoutException", "ServerTimeoutError"})
_UNSENT: Final = frozenset(
    {
        *("ConnectError", "ConnectTimeout", "LocalProtocolError", "PoolTimeout", "ProxyError", "UnsupportedProtocol"),
        *("ClientConnectorError", "ClientHttpProxyError", "ConnectionTimeoutError"),
    }
)
"""Errors after which the service cannot have received the request."""
_QUOTING: Final = frozenset({"InvalidURL", "RemoteProtocolError", "ClientPayloadError", "ClientResponseError"})
"""Errors whose text quotes the answer, in which the service may echo what it was sent."""

_DETAILS: Final = re.compile(r" (return_value|exception)=.*", re.DOTALL)


@contextmanager
def sending(outgoing: Outgoing) -> Generator[None]:
    """Mark what happens inside as ours, and turn the errors of the HTTP libraries into ours.

    Raises:
        ConnectError: The connection could not be made, or it broke.
        RequestTimeoutError: No answer in time.
    """
    mark = _SENDING.set(outgoing)
    try:
        yield
    except Exception as error:
        kinds = _kinds(error)
        if not kinds & _FAILURES:
            raise
        raise _translate(type(error).__name__, kinds, outgoing.timeout) from (None if kinds & _QUOTING else error)
    finally:
        _SENDING.reset(mark)


def _kinds(error: BaseException) -> frozenset[str]:
    """Return the names of an error's classes, as far as an HTTP library has them.

    Those of its cause, if that is aiohttp's: httpx over aiohttp does not tell a connection that broke from one that
    could not be made.
    """
    if error.__cause__ is not None and "ClientError" in (below := _kinds(error.__cause__)):
        return below
    return frozenset(kind.__name__ for kind in type(error).__mro__ if kind.__module__.partition(".")[0] in _LIBRARIES)


def _translate(name: str, kinds: frozenset[str], timeout: float | None) -> ConnectError | RequestTimeoutError:
    """Return our error; `sent` is false only where the request cannot have left."""
    sent = not kinds & _UNSENT
    if kinds & _TIMEOUTS:
        return RequestTimeoutError(f"No {'answer' if sent else 'connection'} within {timeout} s ({name}).", sent=sent)
    if not sent:
        return ConnectError(f"The connection could not be made ({name}).", sent=False)
    if "InvalidURL" in kinds:
        # httpx looks at where a redirect leads, although it is not to follow it.
        return ConnectError("The answer redirects to what is no address.", sent=True)
    return ConnectError(f"The connection broke before the whole answer was there ({name}).", sent=True)


class _AddressFilter(logging.Filter):
    """Puts the path template in place of the address in the line that httpx logs for each request.

    Ids, filters and cursors are nobody's business, and the reason phrase may echo what the service was sent. What the
    program sends by itself is logged as ever.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        outgoing = _SENDING.get()
        if outgoing is None:
            return True
        match record.args:
            case (method, _, version, status, _):
                record.args = (method, outgoing.template, version, status, "")
                return True
            case _:
                return False


class _AnswerFilter(logging.Filter):
    """Cuts off what httpcore logs of an answer: its headers, and errors that quote it.

    The service may echo what it was sent. What the program sends by itself is logged as ever.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if _SENDING.get() is not None:
            record.msg = _DETAILS.sub(r" \1=[redacted]", str(record.msg))
        return True


class _HeaderFilter(logging.Filter):
    """Drops what shows headers: the library behind HTTP/2 logs each of them, aiohttp cookies that it cannot read."""

    def filter(self, record: logging.LogRecord) -> bool:
        return _SENDING.get() is None


_FILTERS: Final[Mapping[type[logging.Filter], tuple[str, ...]]] = {
    _AddressFilter: ("httpx", "httpx2"),
    _AnswerFilter: tuple(
        f"{library}.{part}"
        for library in ("httpcore", "httpcore2")
        for part in ("connection", "http11", "http2", "proxy", "socks")
    ),
    _HeaderFilter: ("aiohttp.client", "hpack.hpack", "hpack.table"),
}
for _filter, _names in _FILTERS.items():
    for _name in _names:
        logging.getLogger(_name).addFilter(_filter())
