"""The debug form of Truto's answers: the unified value beside what the provider was asked and said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final, Generic, TypeVar

from .decoding import decode_error, parse_answer
from .exchange import Exchange
from .request import Reply, Request
from .types import JSON, Value

T = TypeVar("T")

_FIELDS: Final[Mapping[str, str]] = {
    "request_url": "requestUrl",
    "request_options": "requestOptions",
    "data": "data",
    "response_headers": "responseHeaders",
    "next_cursor": "nextCursor",
    "is_looping": "isLooping",
    "is_empty_result": "isEmptyResult",
    "result_count": "resultCount",
}


class Debug(Value, Generic[T], frozen=True, kw_only=True):
    """A value with the fetch behind it. The types inside are not documented, so everything is plain JSON.

    Requests and headers may hold the provider's credentials: they are left out of the `repr`; do not log them.
    """

    _unshown: ClassVar[tuple[str, ...]] = ("request_url", "request_options", "data", "response_headers", "next_cursor")

    value: T
    """What the call returns by itself."""
    request_url: JSON = None
    """Address that was asked at the provider."""
    request_options: JSON = None
    """Method, headers and body of that request."""
    data: JSON = None
    """The provider's answer before mapping."""
    response_headers: JSON = None
    """Headers of the provider's answer."""
    next_cursor: JSON = None
    """The provider's cursor (listings)."""
    is_looping: JSON = None
    """Whether the listing repeats itself (listings)."""
    is_empty_result: JSON = None
    """Whether the page is empty (listings)."""
    result_count: JSON = None
    """Records of the page (listings)."""


def read_debug(exchange: Exchange, request: Request[T], reply: Reply) -> Debug[T]:
    """Return the debug form that an answer holds.

    Raises:
        DecodeError: The answer is not a debug envelope, or its result cannot be read as the documented value.
    """
    body, fetched = exchange.understand(reply, _read_envelope)
    value, _ = exchange.read(request, Reply(reply.status, reply.headers, body))
    known = fetched if isinstance(fetched, dict) else {}
    return Debug(value=value, **{name: known.get(wire) for name, wire in _FIELDS.items()})


def _read_envelope(reply: Reply) -> tuple[bytes, JSON]:
    """Return the result, as a body of its own, and what was fetched for it."""
    import json  # slow to import, and few answers need it

    envelope = parse_answer(reply.body)
    if not isinstance(envelope, dict) or "result" not in envelope:
        raise decode_error("", "object with result and debug", envelope)
    result = envelope["result"]
    if isinstance(result, list):
        # No page says if a listing's result is the array or the envelope around it; both are taken.
        result = {"result": result}
    try:
        return json.dumps(result).encode(), envelope.get("debug")
    except RecursionError:
        raise decode_error("result", "JSON that is nested less deeply", None) from None
