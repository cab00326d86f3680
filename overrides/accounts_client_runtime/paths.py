"""Path templates to paths: every value becomes one quoted segment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from .errors import InvalidRequestError

_NAME: Final = re.compile(r"\{(\w+)\}")


def encode_path(template: str, values: Mapping[str, str | int]) -> str:
    """Return the template with each `{name}` replaced by its value, percent-encoded as one segment.

    Raises:
        InvalidRequestError: A value is missing or empty, cannot be encoded, or is `.` or `..`, which every HTTP stack
            resolves away.
    """
    return _NAME.sub(lambda match: _segment(match[1], values.get(match[1])), template)


def _segment(name: str, value: str | int | None) -> str:
    if value is None:
        raise InvalidRequestError(f"path value {name!r} is missing")
    if isinstance(value, bool):
        raise InvalidRequestError(f"path value {name!r} is {value}, expected an id")
    text = str(value)
    if not text:
        raise InvalidRequestError(f"path value {name!r} is empty")
    if text in (".", ".."):
        raise InvalidRequestError(f"path value {name!r} is {text!r}, which would address another path")
    try:
        return quote(text, safe="")
    except UnicodeEncodeError as error:
        raise InvalidRequestError(f"path value {name!r} holds a lone surrogate") from error
