"""Connections of our own: httpcore, the part of httpx that speaks HTTP, without the client above it.

The client would take the address apart again, merge headers, look for cookies, redirects and proxies, and wrap each
answer twice: as much work as the rest of the call.
"""

from __future__ import annotations

import os
import ssl
from typing import Final
from urllib.parse import quote, urlsplit

import httpcore

from ..request import Outgoing, Reply
from . import AsyncOpenReply, AsyncTransport, OpenReply, SyncTransport
from .chunks import AsyncChunks, Chunks, leave_open, leave_open_async
from .compression import decompressor
from .own import ACCEPT_ENCODING, CONNECTIONS, KEPT_FOR, read_headers
from .sending import sending

_UNQUOTED: Final = "/%:@!$&'()*+,;=~"
"""What a path may hold besides letters, digits and `-._`."""


class PoolTransport(SyncTransport):
    """Carries requests over connections of its own."""

    def __init__(self, base_url: str) -> None:
        self._address = _Address(base_url)
        self._pool = httpcore.ConnectionPool(
            self._address.ssl_context, max_connections=CONNECTIONS, keepalive_expiry=KEPT_FOR
        )

    def send(self, outgoing: Outgoing) -> Reply:
        """Return the whole answer."""
        with sending(outgoing):
            response = self._pool.handle_request(self._address.request(outgoing))
            try:
                body = b"".join(response.iter_stream())
            finally:
                response.close()
        headers = read_headers(response.headers)
        reader = decompressor(headers)
        return Reply(response.status, headers, reader.decompress_whole(body) if reader else body)

    def open(self, outgoing: Outgoing) -> OpenReply:
        """Return the answer with its body still to be read."""
        with sending(outgoing):
            response = self._pool.handle_request(self._address.request(outgoing))
        headers = read_headers(response.headers)
        chunks = Chunks(response.iter_stream(), response.close, decompressor(headers), outgoing)
        return leave_open(response.status, headers, chunks)

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()


class AsyncPoolTransport(AsyncTransport):
    """The same as `PoolTransport`, for asyncio."""

    def __init__(self, base_url: str) -> None:
        self._address = _Address(base_url)
        self._pool = httpcore.AsyncConnectionPool(
            self._address.ssl_context, max_connections=CONNECTIONS, keepalive_expiry=KEPT_FOR
        )

    async def send(self, outgoing: Outgoing) -> Reply:
        """Return the whole answer."""
        with sending(outgoing):
            response = await self._pool.handle_async_request(self._address.request(outgoing))
            try:
                body = b"".join([part async for part in response.aiter_stream()])
            finally:
                await response.aclose()
        headers = read_headers(response.headers)
        reader = decompressor(headers)
        return Reply(response.status, headers, reader.decompress_whole(body) if reader else body)

    async def open(self, outgoing: Outgoing) -> AsyncOpenReply:
        """Return the answer with its body still to be read."""
        with sending(outgoing):
            response = await self._pool.handle_async_request(self._address.request(outgoing))
        headers = read_headers(response.headers)
        chunks = AsyncChunks(response.aiter_stream(), response.aclose, decompressor(headers), outgoing)
        return await leave_open_async(response.status, headers, chunks)

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.aclose()


class _Address:
    """Where a service is, taken apart once."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        self.ssl_context = _ssl_context() if parts.scheme == "https" else None
        self._scheme = parts.scheme.encode("ascii")
        self._host = (parts.hostname or "").encode("ascii")
        self._port = parts.port
        self._path = quote(parts.path, safe=_UNQUOTED)
        self._headers = [
            (b"Host", parts.netloc.lower().encode("ascii")),
            (b"Accept-Encoding", ACCEPT_ENCODING.encode("ascii")),
        ]

    def request(self, outgoing: Outgoing) -> httpcore.Request:
        """Return a request for httpcore."""
        target = f"{self._path}{outgoing.target}".encode("ascii")
        headers = [
            *self._headers,
            *((name.encode("ascii"), value.encode("ascii")) for name, value in outgoing.headers.items()),
        ]
        if outgoing.body is not None or outgoing.method in ("POST", "PUT", "PATCH"):
            headers.append((b"Content-Length", b"%d" % len(outgoing.body or b"")))
        timeout = outgoing.timeout
        return httpcore.Request(
            outgoing.method,
            httpcore.URL(scheme=self._scheme, host=self._host, port=self._port, target=target),
            headers=headers,
            content=outgoing.body,
            extensions={"timeout": {"connect": timeout, "read": timeout, "write": timeout, "pool": timeout}},
        )


def _ssl_context() -> ssl.SSLContext:
    """Return what trusts the certificates that the environment names, as httpx does, or else the usual ones."""
    if file := os.environ.get("SSL_CERT_FILE"):
        return ssl.create_default_context(cafile=file)
    if folder := os.environ.get("SSL_CERT_DIR"):
        return ssl.create_default_context(capath=folder)
    return httpcore.default_ssl_context()
