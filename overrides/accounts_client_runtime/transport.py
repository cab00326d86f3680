"""HTTP: the only module that knows httpx."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator, Mapping
from contextlib import aclosing, closing, contextmanager
from contextvars import ContextVar
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import ClassVar, Final, TypeAlias, TypeVar

import httpx

from .compression import DECOMPRESSORS, Decompressor
from .errors import ConfigurationError, ConnectError, RequestTimeoutError
from .request import Outgoing, Reply
from .types import Headers

SyncHTTPClient: TypeAlias = httpx.Client
"""What `http_client=` of a sync client takes."""

AsyncHTTPClient: TypeAlias = httpx.AsyncClient
"""What `http_client=` of an async client takes."""

_LEFT: Final = "The answer can no longer be read: its stream was left."

C = TypeVar("C", httpx.Client, httpx.AsyncClient)

_SENDING: Final[ContextVar[Outgoing | None]] = ContextVar("accounts_client_sending", default=None)
"""The request of ours that is under way in this thread or task."""

_DETAILS: Final = re.compile(r" (return_value|exception)=.*", re.DOTALL)


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
    """Drops what the library behind HTTP/2 logs: each header, the token among them."""

    def filter(self, record: logging.LogRecord) -> bool:
        return _SENDING.get() is None


_FILTERS: Final[Mapping[str, type[logging.Filter]]] = {
    "httpx": _AddressFilter,
    "httpcore.connection": _AnswerFilter,
    "httpcore.http11": _AnswerFilter,
    "httpcore.http2": _AnswerFilter,
    "httpcore.proxy": _AnswerFilter,
    "httpcore.socks": _AnswerFilter,
    "hpack.hpack": _HeaderFilter,
    "hpack.table": _HeaderFilter,
}
for _name, _filter in _FILTERS.items():
    logging.getLogger(_name).addFilter(_filter())


@contextmanager
def _sending(outgoing: Outgoing, http_client: httpx.Client | httpx.AsyncClient) -> Generator[None]:
    """Mark what happens inside as ours, and turn the errors of httpx into ours."""
    mark = _SENDING.set(outgoing)
    try:
        yield
    except httpx.RemoteProtocolError as error:
        # Its text quotes the answer, and the service may echo what it was sent.
        raise _translate(error, outgoing) from None
    except httpx.HTTPError as error:
        raise _translate(error, outgoing) from error
    except httpx.InvalidURL:
        # httpx looks at where a redirect leads, although it is not to follow it.
        raise ConnectError("The answer redirects to what is no address.", sent=True) from None
    except RuntimeError as error:
        if http_client.is_closed:
            raise ConfigurationError("http_client is closed") from error
        raise
    finally:
        _SENDING.reset(mark)


class OpenReply(Reply, frozen=True):
    """An answer whose body is still on the wire; it must be closed."""

    _unshown: ClassVar[tuple[str, ...]] = (*Reply._unshown, "chunks", "close")

    chunks: Iterator[bytes]
    """The decompressed body, piece by piece."""
    close: Callable[[], None]
    """Gives the connection back."""


class AsyncOpenReply(Reply, frozen=True):
    """The same as `OpenReply`, for asyncio."""

    _unshown: ClassVar[tuple[str, ...]] = (*Reply._unshown, "chunks", "close")

    chunks: AsyncIterator[bytes]
    """The decompressed body, piece by piece."""
    close: Callable[[], Awaitable[None]]
    """Gives the connection back."""


class SyncTransport:
    """Sends requests through an httpx client: the caller's, which stays open, or one of its own."""

    def __init__(self, http_client: httpx.Client | None) -> None:
        self._client = httpx.Client(cookies=_no_cookies()) if http_client is None else _checked(http_client)
        self._is_own = http_client is None

    def send(self, outgoing: Outgoing) -> Reply:
        """Return the whole answer.

        Raises:
            ConfigurationError: The caller has closed the httpx client.
            ConnectError: The connection could not be made, or it broke.
            RequestTimeoutError: No answer in time.
        """
        status, headers, chunks = self._open(outgoing)
        with closing(chunks):
            return Reply(status, headers, b"".join(chunks))

    def open(self, outgoing: Outgoing) -> OpenReply:
        """Return the answer with its body still to be read; only that of an error status is read at once.

        Raises:
            ConfigurationError: The caller has closed the httpx client.
            ConnectError: The connection could not be made, or it broke.
            RequestTimeoutError: No answer in time.
        """
        status, headers, chunks = self._open(outgoing)
        body = b""
        if not 200 <= status < 300:
            with closing(chunks):
                body = b"".join(chunks)
        return OpenReply(status, headers, body, chunks, chunks.close)

    def close(self) -> None:
        """Close the connections, unless the httpx client is the caller's."""
        if self._is_own:
            self._client.close()

    def _open(self, outgoing: Outgoing) -> tuple[int, Headers, _Chunks]:
        with _sending(outgoing, self._client):
            request = _build(self._client, outgoing)
            response = self._client.send(request, auth=None, follow_redirects=False, stream=True)
        return response.status_code, _headers(response), _Chunks(self._client, response, outgoing)


class AsyncTransport:
    """The same as `SyncTransport`, for asyncio."""

    def __init__(self, http_client: httpx.AsyncClient | None) -> None:
        self._client = httpx.AsyncClient(cookies=_no_cookies()) if http_client is None else _checked(http_client)
        self._is_own = http_client is None

    async def send(self, outgoing: Outgoing) -> Reply:
        """Return the whole answer.

        Raises:
            ConfigurationError: The caller has closed the httpx client.
            ConnectError: The connection could not be made, or it broke.
            RequestTimeoutError: No answer in time.
        """
        status, headers, chunks = await self._open(outgoing)
        async with aclosing(chunks):
            return Reply(status, headers, b"".join([chunk async for chunk in chunks]))

    async def open(self, outgoing: Outgoing) -> AsyncOpenReply:
        """Return the answer with its body still to be read; only that of an error status is read at once.

        Raises:
            ConfigurationError: The caller has closed the httpx client.
            ConnectError: The connection could not be made, or it broke.
            RequestTimeoutError: No answer in time.
        """
        status, headers, chunks = await self._open(outgoing)
        body = b""
        if not 200 <= status < 300:
            async with aclosing(chunks):
                body = b"".join([chunk async for chunk in chunks])
        return AsyncOpenReply(status, headers, body, chunks, chunks.aclose)

    async def close(self) -> None:
        """Close the connections, unless the httpx client is the caller's."""
        if self._is_own:
            await self._client.aclose()

    async def _open(self, outgoing: Outgoing) -> tuple[int, Headers, _AsyncChunks]:
        with _sending(outgoing, self._client):
            request = _build(self._client, outgoing)
            response = await self._client.send(request, auth=None, follow_redirects=False, stream=True)
        return response.status_code, _headers(response), _AsyncChunks(self._client, response, outgoing)


class _Chunks(Iterator[bytes]):
    """The body of an answer, piece by piece."""

    def __init__(self, http_client: httpx.Client, response: httpx.Response, outgoing: Outgoing) -> None:
        self._client = http_client
        self._response = response
        self._outgoing = outgoing
        self._decompressor = _decompressor(response)
        self._parts = response.iter_raw() if self._decompressor else response.iter_bytes()
        self._is_left = False

    def __next__(self) -> bytes:
        if self._is_left:
            raise ConnectError(_LEFT, sent=True)
        for part in iter(self._part, None):
            if chunk := self._decompressor.decompress(part) if self._decompressor else part:
                return chunk
        if self._decompressor:
            self._decompressor.finish()
        raise StopIteration

    def close(self) -> None:
        """Give the connection back."""
        self._is_left = True
        self._response.close()

    def _part(self) -> bytes | None:
        with _sending(self._outgoing, self._client):
            return next(self._parts, None)


class _AsyncChunks(AsyncIterator[bytes]):
    """The same as `_Chunks`, for asyncio."""

    def __init__(self, http_client: httpx.AsyncClient, response: httpx.Response, outgoing: Outgoing) -> None:
        self._client = http_client
        self._response = response
        self._outgoing = outgoing
        self._decompressor = _decompressor(response)
        self._parts = response.aiter_raw() if self._decompressor else response.aiter_bytes()
        self._is_left = False

    async def __anext__(self) -> bytes:
        if self._is_left:
            raise ConnectError(_LEFT, sent=True)
        while (part := await self._part()) is not None:
            if chunk := self._decompressor.decompress(part) if self._decompressor else part:
                return chunk
        if self._decompressor:
            self._decompressor.finish()
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Give the connection back."""
        self._is_left = True
        await self._response.aclose()

    async def _part(self) -> bytes | None:
        with _sending(self._outgoing, self._client):
            return await anext(self._parts, None)


def _no_cookies() -> CookieJar:
    """Return a jar that keeps nothing: a cookie that one tenant got must not travel with the calls of another."""
    return CookieJar(DefaultCookiePolicy(allowed_domains=()))


def _checked(http_client: C) -> C:
    """Return the caller's httpx client, unless it would send a query of its own instead of the call's."""
    if http_client.params:
        raise ConfigurationError("http_client has params, which httpx would send instead of a call's query options")
    return http_client


def _build(client: httpx.Client | httpx.AsyncClient, outgoing: Outgoing) -> httpx.Request:
    try:
        return client.build_request(
            outgoing.method, outgoing.url, headers=outgoing.headers, content=outgoing.body, timeout=outgoing.timeout
        )
    except httpx.InvalidURL as error:
        raise ConfigurationError(f"base_url cannot be called: {error}") from error


def _headers(response: httpx.Response) -> Headers:
    return Headers(response.headers.multi_items())


def _decompressor(response: httpx.Response) -> Decompressor | None:
    """Return what reads a body as it came; `None` where httpx has read it, or knows best how to."""
    kind = DECOMPRESSORS.get(response.headers.get("content-encoding", "").strip().lower())
    return None if kind is None or response.is_stream_consumed else kind()


def _translate(error: httpx.HTTPError, outgoing: Outgoing) -> ConnectError | RequestTimeoutError:
    """Return our error; `sent` is false only where the request cannot have left."""
    kind = type(error).__name__
    if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
        return RequestTimeoutError(f"No connection within {outgoing.timeout} s ({kind}).", sent=False)
    if isinstance(error, httpx.TimeoutException):
        return RequestTimeoutError(f"No answer within {outgoing.timeout} s ({kind}).", sent=True)
    if isinstance(error, httpx.ConnectError | httpx.ProxyError | httpx.UnsupportedProtocol | httpx.LocalProtocolError):
        return ConnectError(f"The connection could not be made ({kind}).", sent=False)
    return ConnectError(f"The connection broke before the whole answer was there ({kind}).", sent=True)
