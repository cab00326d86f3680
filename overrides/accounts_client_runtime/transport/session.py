"""Connections of aiohttp, for asyncio: they cost less than those of httpcore, above all with many requests at once."""

from __future__ import annotations

import asyncio
from io import BytesIO
from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import httpx
from yarl import URL

from ..errors import ConfigurationError, RequestTimeoutError
from ..request import Outgoing, Reply
from . import AsyncOpenReply, AsyncTransport
from .chunks import AsyncChunks, leave_open_async
from .compression import decompressor
from .own import ACCEPT_ENCODING, CONNECTIONS, KEPT_FOR, read_headers
from .sending import sending

_STEPS: Final = 3
"""Steps of a request before its answer begins, each of which has the timeout: connecting, sending, waiting."""


class SessionTransport(AsyncTransport):
    """Carries requests over connections of aiohttp."""

    def __init__(self, base_url: str) -> None:
        self._proxy = _proxy(base_url)
        try:
            self._base_url = str(URL(base_url)).rstrip("/")
        except ValueError as error:
            raise ConfigurationError(f"base_url cannot be called: {error}") from error
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=CONNECTIONS,
                keepalive_timeout=KEPT_FOR,
                ssl=httpx.create_ssl_context() if base_url.startswith("https") else True,
            ),
            # A cookie that one tenant got must not travel with the calls of another.
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            headers={"Accept-Encoding": ACCEPT_ENCODING},
            skip_auto_headers=("Content-Type",),
        )

    async def send(self, outgoing: Outgoing) -> Reply:
        """Return the whole answer."""
        with sending(outgoing):
            async with await self._start(outgoing) as response:
                body = await response.read()
        headers = read_headers(response.raw_headers)
        reader = decompressor(headers)
        return Reply(response.status, headers, reader.decompress_whole(body) if reader else body)

    async def open(self, outgoing: Outgoing) -> AsyncOpenReply:
        """Return the answer with its body still to be read."""
        with sending(outgoing):
            response = await self._start(outgoing)

        async def close() -> None:
            response.close()

        headers = read_headers(response.raw_headers)
        chunks = AsyncChunks(aiter(response.content.iter_any()), close, decompressor(headers), outgoing)
        return await leave_open_async(response.status, headers, chunks)

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    async def _start(self, outgoing: Outgoing) -> aiohttp.ClientResponse:
        """Send a request and return the answer when its headers are there."""
        seconds = outgoing.timeout
        request = self._session.request(
            outgoing.method,
            URL(f"{self._base_url}{outgoing.target}", encoded=True),
            data=None if outgoing.body is None else BytesIO(outgoing.body),
            headers=outgoing.headers,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(connect=seconds, sock_connect=seconds, sock_read=seconds),
            proxy=self._proxy,
            middlewares=(_Once(),),
        )
        if outgoing.method == "GET":
            return await request
        # A connection that the server has closed meanwhile looks open until the loop has had a look at it, which is
        # before its second next turn.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        try:
            # aiohttp itself would wait for ever for a server that does not read what it is sent.
            async with asyncio.timeout(seconds and _STEPS * seconds):
                return await request
        except TimeoutError as error:
            if isinstance(error, aiohttp.ClientError):
                raise
            raise RequestTimeoutError(f"No answer within {seconds} s.", sent=True) from error


class _Once:
    """Lets a request go out once: aiohttp would send some a second time when the connection breaks."""

    def __init__(self) -> None:
        self._failure: aiohttp.ClientError | None = None

    async def __call__(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        if self._failure is not None:
            raise self._failure
        try:
            return await handler(request)
        except aiohttp.ClientError as error:
            self._failure = error
            raise


def _proxy(base_url: str) -> str | None:
    """Return the proxy that the system names for an address."""
    address, proxies = urlsplit(base_url), getproxies()
    proxy = proxies.get(address.scheme) or proxies.get("all")
    if proxy is None or proxy_bypass(address.netloc):
        return None
    if not proxy.startswith(("http://", "https://")):
        raise ConfigurationError("aiohttp knows http and https proxies only, and the system names another one")
    return proxy
