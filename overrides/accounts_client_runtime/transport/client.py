"""Requests through a client of httpx or httpx2: the caller's, or one that finds the proxies of the system."""

from __future__ import annotations

from typing import TypeVar

import httpx

from ..errors import ConfigurationError
from ..request import Outgoing, Reply
from ..types import Headers
from . import AsyncOpenReply, AsyncTransport, OpenReply, SyncTransport
from .chunks import AsyncChunks, Chunks, leave_open, leave_open_async
from .compression import Decompressor, decompressor
from .sending import sending

C = TypeVar("C", httpx.Client, httpx.AsyncClient)


class ClientTransport(SyncTransport):
    """Carries requests through an HTTP client: the caller's, which stays open, or one of its own."""

    def __init__(self, base_url: str, http_client: httpx.Client | None) -> None:
        self._base_url = base_url
        self._client = httpx.Client() if http_client is None else _checked(http_client)
        self._is_own = http_client is None

    def send(self, outgoing: Outgoing) -> Reply:
        """Return the whole answer."""
        with sending(outgoing):
            response = self._start(outgoing)
            headers, reader = _headers(response)
            try:
                body = b"".join(response.iter_raw() if reader else response.iter_bytes())
            finally:
                response.close()
        return Reply(response.status_code, headers, reader.decompress_whole(body) if reader else body)

    def open(self, outgoing: Outgoing) -> OpenReply:
        """Return the answer with its body still to be read."""
        with sending(outgoing):
            response = self._start(outgoing)
        headers, reader = _headers(response)
        parts = response.iter_raw() if reader else response.iter_bytes()
        return leave_open(response.status_code, headers, Chunks(parts, response.close, reader, outgoing))

    def close(self) -> None:
        """Close the connections, unless the HTTP client is the caller's."""
        if self._is_own:
            self._client.close()

    def _start(self, outgoing: Outgoing) -> httpx.Response:
        request = _build(self._client, self._base_url, outgoing)
        try:
            return self._client.send(request, auth=None, follow_redirects=False, stream=True)
        except RuntimeError as error:
            if self._client.is_closed:
                raise ConfigurationError("http_client is closed") from error
            raise


class AsyncClientTransport(AsyncTransport):
    """The same as `ClientTransport`, for asyncio."""

    def __init__(self, base_url: str, http_client: httpx.AsyncClient | None) -> None:
        self._base_url = base_url
        self._client = httpx.AsyncClient() if http_client is None else _checked(http_client)
        self._is_own = http_client is None

    async def send(self, outgoing: Outgoing) -> Reply:
        """Return the whole answer."""
        with sending(outgoing):
            response = await self._start(outgoing)
            headers, reader = _headers(response)
            parts = response.aiter_raw() if reader else response.aiter_bytes()
            try:
                body = b"".join([part async for part in parts])
            finally:
                await response.aclose()
        return Reply(response.status_code, headers, reader.decompress_whole(body) if reader else body)

    async def open(self, outgoing: Outgoing) -> AsyncOpenReply:
        """Return the answer with its body still to be read."""
        with sending(outgoing):
            response = await self._start(outgoing)
        headers, reader = _headers(response)
        parts = response.aiter_raw() if reader else response.aiter_bytes()
        chunks = AsyncChunks(parts, response.aclose, reader, outgoing)
        return await leave_open_async(response.status_code, headers, chunks)

    async def close(self) -> None:
        """Close the connections, unless the HTTP client is the caller's."""
        if self._is_own:
            await self._client.aclose()

    async def _start(self, outgoing: Outgoing) -> httpx.Response:
        request = _build(self._client, self._base_url, outgoing)
        try:
            return await self._client.send(request, auth=None, follow_redirects=False, stream=True)
        except RuntimeError as error:
            if self._client.is_closed:
                raise ConfigurationError("http_client is closed") from error
            raise


def _checked(http_client: C) -> C:
    """Return the caller's client, unless it would send a query of its own instead of the call's."""
    if http_client.params:
        raise ConfigurationError("http_client has params, which it would send instead of a call's query options")
    return http_client


def _build(http_client: httpx.Client | httpx.AsyncClient, base_url: str, outgoing: Outgoing) -> httpx.Request:
    try:
        request = http_client.build_request(
            outgoing.method,
            f"{base_url}{outgoing.target}",
            headers=outgoing.headers,
            content=outgoing.body,
            timeout=outgoing.timeout,
        )
    except Exception as error:
        # Each library has an error of its own under this name.
        if type(error).__name__ != "InvalidURL":
            raise
        raise ConfigurationError(f"base_url cannot be called: {error}") from error
    if "cookie" in request.headers and "cookie" not in Headers(
        [*http_client.headers.items(), *outgoing.headers.items()]
    ):
        # A cookie that one tenant got must not travel with the calls of another.
        del request.headers["cookie"]
    return request


def _headers(response: httpx.Response) -> tuple[Headers, Decompressor | None]:
    """Return the headers, and what reads the body as it came; `None` where the library has read it, or knows how to."""
    headers = Headers(response.headers.multi_items())
    return headers, None if response.is_stream_consumed else decompressor(headers)
