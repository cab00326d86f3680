"""HTTP: the only module that knows httpx."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from contextlib import aclosing, closing, contextmanager
from contextvars import ContextVar
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import ClassVar, Final, TypeAlias, TypeVar

import httpx

from .errors import ConfigurationError, ConnectError, RequestTimeoutError
from .request import Outgoing, Reply
from .types import Headers

SyncHTTPClient: TypeAlias = httpx.Client
"""What `http_client=` of a sync client takes."""

AsyncHTTPClient: TypeAlias = httpx.AsyncClient
"""What `http_client=` of an async client takes."""


C = TypeVar("C", httpx.Client, httpx.AsyncClient)

_IS_SENDING: Final = ContextVar("accounts_client_is_sending", default=False)


class _QueryFilter(logging.Filter):
    """Takes the query off the line that httpx logs for each request: ids, filters and cursors are nobody's business.

    Requests that the program makes through httpx by itself are logged as ever.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if _IS_SENDING.get() and isinstance(record.args, tuple):
            record.args = tuple(
                value.copy_with(query=None) if isinstance(value, httpx.URL) else value for value in record.args
            )
        return True


logging.getLogger("httpx").addFilter(_QueryFilter())


@contextmanager
def _sending(outgoing: Outgoing) -> Generator[None]:
    """Mark what happens inside as ours, and turn the errors of httpx into ours."""
    mark = _IS_SENDING.set(True)
    try:
        yield
    except httpx.HTTPError as error:
        raise _translate(error, outgoing) from error
    except httpx.InvalidURL as error:
        # httpx looks at where a redirect leads, although it is not to follow it.
        raise ConnectError("The answer redirects to what is no address.", sent=True) from error
    finally:
        _IS_SENDING.reset(mark)


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
            ConnectError: The connection could not be made, or it broke.
            RequestTimeoutError: No answer in time.
        """
        with _sending(outgoing):
            response = self._client.send(_build(self._client, outgoing), auth=None, follow_redirects=False)
        return Reply(response.status_code, _headers(response), response.content)

    def open(self, outgoing: Outgoing) -> OpenReply:
        """Return the answer with its body still to be read; only that of an error status is read at once.

        Raises:
            ConnectError: The connection could not be made, or it broke.
            RequestTimeoutError: No answer in time.
        """
        with _sending(outgoing):
            response = self._client.send(_build(self._client, outgoing), auth=None, follow_redirects=False, stream=True)
        chunks = _chunks(response, outgoing)
        body = b""
        if not response.is_success:
            with closing(response):
                body = b"".join(chunks)
        return OpenReply(response.status_code, _headers(response), body, chunks, response.close)

    def close(self) -> None:
        """Close the connections, unless the httpx client is the caller's."""
        if self._is_own:
            self._client.close()


class AsyncTransport:
    """The same as `SyncTransport`, for asyncio."""

    def __init__(self, http_client: httpx.AsyncClient | None) -> None:
        self._client = httpx.AsyncClient(cookies=_no_cookies()) if http_client is None else _checked(http_client)
        self._is_own = http_client is None

    async def send(self, outgoing: Outgoing) -> Reply:
        """Return the whole answer.

        Raises:
            ConnectError: The connection could not be made, or it broke.
            RequestTimeoutError: No answer in time.
        """
        with _sending(outgoing):
            response = await self._client.send(_build(self._client, outgoing), auth=None, follow_redirects=False)
        return Reply(response.status_code, _headers(response), response.content)

    async def open(self, outgoing: Outgoing) -> AsyncOpenReply:
        """Return the answer with its body still to be read; only that of an error status is read at once.

        Raises:
            ConnectError: The connection could not be made, or it broke.
            RequestTimeoutError: No answer in time.
        """
        with _sending(outgoing):
            response = await self._client.send(
                _build(self._client, outgoing), auth=None, follow_redirects=False, stream=True
            )
        chunks = _async_chunks(response, outgoing)
        body = b""
        if not response.is_success:
            async with aclosing(response):
                body = b"".join([chunk async for chunk in chunks])
        return AsyncOpenReply(response.status_code, _headers(response), body, chunks, response.aclose)

    async def close(self) -> None:
        """Close the connections, unless the httpx client is the caller's."""
        if self._is_own:
            await self._client.aclose()


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


def _chunks(response: httpx.Response, outgoing: Outgoing) -> Iterator[bytes]:
    try:
        yield from response.iter_bytes()
    except httpx.HTTPError as error:
        raise _translate(error, outgoing) from error


async def _async_chunks(response: httpx.Response, outgoing: Outgoing) -> AsyncIterator[bytes]:
    try:
        async for chunk in response.aiter_bytes():
            yield chunk
    except httpx.HTTPError as error:
        raise _translate(error, outgoing) from error


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
