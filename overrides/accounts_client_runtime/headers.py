"""What HTTP headers can carry, and which of them only the client sets."""

from __future__ import annotations

import re
from typing import Final

TRANSPORT_HEADERS: Final = frozenset(
    {
        "accept",
        "accept-encoding",
        "connection",
        "content-length",
        "content-type",
        "host",
        "transfer-encoding",
        "user-agent",
    }
)
"""Headers that describe the message itself, in lower case."""

_HEADER_NAME: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"


def is_header_name(text: str) -> bool:
    """Whether a text can be the name of a header."""
    return re.fullmatch(_HEADER_NAME, text) is not None


def is_header_value(text: str) -> bool:
    """Whether a header can carry a text, and as it is."""
    return bool(text) and text.isascii() and text.isprintable() and text == text.strip()


def charset_of(content_type: str) -> str:
    """Return the `charset` of a media type; empty if it has none."""
    for part in content_type.split(";")[1:]:
        name, _, value = part.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip('"')
    return ""
