"""What connections of our own have in common, whatever library makes them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ..types import Headers

CONNECTIONS: Final = 100
"""At most so many at once, and each is kept for the next request: making one costs more than a request."""

KEPT_FOR: Final = 5.0
"""Seconds for which an idle connection is kept."""

ACCEPT_ENCODING: Final = "gzip, deflate"
"""What answers may be compressed with."""


def read_headers(pairs: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Return the headers of an answer."""
    return Headers([(_text(name), _text(value)) for name, value in pairs])


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")
