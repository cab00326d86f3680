"""The ways to HTTP that the tests can take: `--transport` names one, and the callers take it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from importlib import import_module
from typing import Final, TypeAlias

import httpx

from accounts_client_runtime.transport import AsyncHTTPChoice, SyncHTTPClient

Handler: TypeAlias = Callable[[httpx.Request], httpx.Response]

TRANSPORTS: Final = ("own", "httpx", "httpx2", "aiohttp")
"""Connections of our own, or those of a library; aiohttp leaves sync callers to our own."""

chosen = ["own"]
"""The way that the tests take, as the only item."""


def sync_http_client(handler: Handler | None) -> SyncHTTPClient | None:
    """Return what a sync caller passes as `http_client=`; a handler answers in place of a server."""
    client: SyncHTTPClient
    if chosen == ["httpx2"]:
        httpx2 = import_module("httpx2")
        client = httpx2.Client(transport=handler and httpx2.MockTransport(_answered(handler)), trust_env=False)
        return client
    if handler is None and chosen != ["httpx"]:
        return None
    return httpx.Client(transport=handler and httpx.MockTransport(handler), trust_env=False)


def async_http_client(handler: Handler | None) -> AsyncHTTPChoice | None:
    """Return what an async caller passes as `http_client=`; a handler answers in place of a server."""
    client: AsyncHTTPChoice
    if chosen == ["httpx2"]:
        httpx2 = import_module("httpx2")
        client = httpx2.AsyncClient(transport=handler and httpx2.MockTransport(_answered(handler)), trust_env=False)
        return client
    if handler is not None or chosen == ["httpx"]:
        return httpx.AsyncClient(transport=handler and httpx.MockTransport(handler), trust_env=False)
    return "aiohttp" if chosen == ["aiohttp"] else None


def _answered(handler: Handler) -> Callable[[httpx.Request], object]:
    """Return a handler whose answers are those of httpx2; its requests look the same."""
    httpx2 = import_module("httpx2")

    class Stream(httpx2.SyncByteStream, httpx2.AsyncByteStream):  # type: ignore[misc, name-defined] # known at run time
        def __init__(self, stream: httpx.SyncByteStream | httpx.AsyncByteStream) -> None:
            self._stream = stream

        def __iter__(self) -> Iterator[bytes]:
            assert isinstance(self._stream, httpx.SyncByteStream)
            return iter(self._stream)

        def __aiter__(self) -> AsyncIterator[bytes]:
            assert isinstance(self._stream, httpx.AsyncByteStream)
            return aiter(self._stream)

        def close(self) -> None:
            assert isinstance(self._stream, httpx.SyncByteStream)
            self._stream.close()

        async def aclose(self) -> None:
            assert isinstance(self._stream, httpx.AsyncByteStream)
            await self._stream.aclose()

    def answer(request: httpx.Request) -> object:
        response = handler(request)
        return httpx2.Response(response.status_code, headers=response.headers.raw, stream=Stream(response.stream))

    return answer
