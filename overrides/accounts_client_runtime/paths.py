"""Path templates to paths: every value becomes one quoted segment."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from .errors import InvalidRequestError


def encode_path(template: str, values: Mapping[str, str | int], integers: Collection[str] = ()) -> str:
    """Return the template with each `{name}` replaced by its value, percent-encoded as one segment.

    Args:
        template: The path with a place for each value.
        values: The values by name.
        integers: Names of the values that must be whole numbers: as a text, `search` would address another path.

    Raises:
        InvalidRequestError: A value is missing or empty, has the wrong type, cannot be encoded, or is `.` or `..`,
            which every HTTP stack resolves away.
    """
    return re.sub(r"\{(\w+)\}", lambda match: _segment(match[1], values.get(match[1]), match[1] in integers), template)


def _segment(name: str, value: str | int | None, is_integer: bool) -> str:
    from urllib.parse import quote  # slow to import, and only calls need it

    if value is None:
        raise InvalidRequestError(f"path value {name!r} is missing")
    if isinstance(value, bool):
        raise InvalidRequestError(f"path value {name!r} is {value}, expected an id")
    if is_integer and not isinstance(value, int):
        raise InvalidRequestError(f"path value {name!r} is {value!r}, expected an integer")
    text = str(value)
    if not text:
        raise InvalidRequestError(f"path value {name!r} is empty")
    if text in (".", ".."):
        raise InvalidRequestError(f"path value {name!r} is {text!r}, which would address another path")
    try:
        return quote(text, safe="")
    except UnicodeEncodeError as error:
        raise InvalidRequestError(f"path value {name!r} holds a lone surrogate") from error
