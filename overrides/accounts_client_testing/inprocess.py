"""A fake as a transport of httpx: no server, no socket."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import httpx

from accounts_client_runtime import Headers

from .answers import Answer
from .clock import Clock

Handler: TypeAlias = Callable[[str, str, Headers, bytes], Answer]
"""Takes method, path with query string, headers and body."""


def sync_transport(handle: Handler, clock: Clock) -> httpx.MockTransport:
    """Return the transport for a sync client."""

    def respond(request: httpx.Request) -> httpx.Response:
        answer = _ask(handle, request, request.read())
        clock.sleep(_patience(answer, request))
        return _response(answer, request)

    return httpx.MockTransport(respond)


def async_transport(handle: Handler, clock: Clock) -> httpx.MockTransport:
    """Return the transport for an async client."""

    async def respond(request: httpx.Request) -> httpx.Response:
        answer = _ask(handle, request, await request.aread())
        await clock.async_sleep(_patience(answer, request))
        return _response(answer, request)

    return httpx.MockTransport(respond)


def _ask(handle: Handler, request: httpx.Request, body: bytes) -> Answer:
    headers = Headers(request.headers.multi_items())
    return handle(request.method, request.url.raw_path.decode("ascii"), headers, body)


def _read_timeout(request: httpx.Request) -> float:
    seconds = request.extensions.get("timeout", {}).get("read")
    return float("inf") if seconds is None else float(seconds)


def _patience(answer: Answer, request: httpx.Request) -> float:
    """Return the seconds until the answer comes or the client gives up."""
    return min(answer.delay, _read_timeout(request))


def _response(answer: Answer, request: httpx.Request) -> httpx.Response:
    if answer.delay > _read_timeout(request):
        raise httpx.ReadTimeout("The fake answers later than the client waits.", request=request)
    if answer.is_dropped:
        raise httpx.RemoteProtocolError("Server disconnected without sending a response.", request=request)
    return httpx.Response(answer.status, headers=dict(answer.headers), content=answer.body, request=request)
