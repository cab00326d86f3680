"""Path templates to paths: every value becomes one quoted segment."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from .errors import InvalidRequestError, QueryEncodingError
from .query import percent_encoded, scalar_text
from .types import PathValue

if TYPE_CHECKING:
    from .parameters import Parameter


def encode_path(
    template: str,
    values: Mapping[str, PathValue],
    integers: Collection[str] = (),
    parameters: Mapping[str, Parameter] | None = None,
) -> str:
    """Return the template with each `{name}` replaced by its value, percent-encoded as one segment.

    Args:
        template: The path with a place for each value.
        values: The values by name.
        integers: Names of the values that must be whole numbers: as a text, `search` would address another path.
        parameters: How to write those values that have a style.

    Raises:
        InvalidRequestError: A value is missing or empty, has the wrong type, cannot be encoded, or is `.` or `..`,
            which every HTTP stack resolves away.
    """
    styled = parameters or {}
    path = re.sub(
        r"\{([^{}]+)\}",
        lambda match: _segment(match[1], values.get(match[1]), match[1] in integers, styled.get(match[1])),
        template,
    )
    if "/." in path and not {".", ".."}.isdisjoint(path.split("/")):
        raise InvalidRequestError(f"the path {path!r} has a segment of dots alone, and would address another path")
    return path


def _segment(name: str, value: PathValue | None, is_integer: bool, parameter: Parameter | None) -> str:
    if value is None:
        raise InvalidRequestError(f"path value {name!r} is missing")
    if parameter is not None:
        return parameter.path_text(value)
    if isinstance(value, bool):
        raise InvalidRequestError(f"path value {name!r} is {value}, expected an id")
    if is_integer and not isinstance(value, int):
        raise InvalidRequestError(f"path value {name!r} is {value!r}, expected an integer")
    text = value if isinstance(value, str) else _text(name, value)
    if not text:
        raise InvalidRequestError(f"path value {name!r} is empty")
    if text in (".", ".."):
        raise InvalidRequestError(f"path value {name!r} is {text!r}, which would address another path")
    try:
        return percent_encoded(text)
    except UnicodeEncodeError as error:
        raise InvalidRequestError(f"path value {name!r} holds a lone surrogate") from error


def _text(name: str, value: PathValue) -> str:
    try:
        return scalar_text(value, (name,))
    except QueryEncodingError as error:
        raise InvalidRequestError(f"path value {name!r} {error.reason}") from None
