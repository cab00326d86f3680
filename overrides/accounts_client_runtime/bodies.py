"""Request bodies to JSON bytes, by wire names."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import Enum
from typing import Final
from uuid import UUID

import msgspec

from .errors import InvalidRequestError
from .request import Names
from .types import JSON, is_list, is_mapping

_NO_NAMES: Final = Names()


def encode_body(body: Mapping[str, object], names: Names | None = None) -> bytes:
    """Return the body as JSON, with renamed keys under their wire names.

    Dates and times go out in UTC with `Z`. `None` goes out as `null`.

    Raises:
        InvalidRequestError: A value has no honest JSON form: a naive date-time, NaN, an infinity, a key that is no
            text, a lone surrogate, or an object of an unknown type. The message says where.
    """
    try:
        return msgspec.json.encode(_plain(body, "body", names or _NO_NAMES))
    except RecursionError:
        raise InvalidRequestError("the body is nested too deeply") from None


def _plain(value: object, path: str, names: Names) -> JSON:
    if isinstance(value, Enum):
        value = value.value
    if value is None or isinstance(value, bool):
        return value
    # Subclasses, which some libraries have, become the plain types that can be encoded.
    if isinstance(value, str):
        return _text(value, path)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        if math.isfinite(value):
            return float(value)
        raise InvalidRequestError(f"{path} is {float(value)}, which JSON cannot express")
    if is_mapping(value):
        plain: dict[str, JSON] = {}
        for key, item in value.items():
            if not isinstance(key, str):
                raise InvalidRequestError(f"{path} has the key {key!r}, expected text")
            wire = _text(names.renamed.get(key, key), path)
            if wire in plain:
                raise InvalidRequestError(f"{path}.{wire} is given twice, by its wire name and by its Python name")
            plain[wire] = _plain(item, f"{path}.{key}", names.nested.get(key, _NO_NAMES))
        return plain
    if isinstance(value, datetime):
        return _moment(value, path)
    if isinstance(value, date | UUID):
        return str(value)
    if is_list(value):
        return [_plain(item, f"{path}[{index}]", names) for index, item in enumerate(value)]
    raise InvalidRequestError(f"{path} is of type {type(value).__name__}, which has no JSON form")


def _text(text: str, path: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidRequestError(f"{path} holds a lone surrogate, which is no character") from None
    return str.__str__(text)


def _moment(moment: datetime, path: str) -> str:
    if moment.utcoffset() is None:
        raise InvalidRequestError(f"{path} is a date-time without time zone, which every reader takes differently")
    try:
        return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
    except OverflowError:
        raise InvalidRequestError(f"{path} is a date-time that UTC cannot express") from None
