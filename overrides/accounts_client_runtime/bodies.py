"""Request bodies to JSON bytes, by wire names.

Most bodies hold plain types only: msgspec can tell that in one call, and they are encoded as they are. Any other body
goes the exact way, value by value, which turns what has a JSON form into plain types and says what has none, and where.
"""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from types import GenericAlias
from typing import Final, TypeGuard, Union
from uuid import UUID

import msgspec

from .errors import InvalidRequestError
from .types import JSON, Names, Value, is_list, is_mapping

_PLAIN_DEPTH: Final = 4
_MOST_DIGITS: Final = 324  # a `Decimal` could ask for a billion
_encode: Final = msgspec.json.Encoder().encode


class Content(Value, frozen=True):
    """How the body of a request is written."""

    def encode(self, body: object, names: Names | None) -> tuple[bytes, str]:
        """Return the bytes of a body and the header `Content-Type` for them.

        Args:
            body: The body by Python names.
            names: Wire names of renamed keys.

        Raises:
            InvalidRequestError: The body cannot be written so; the message says where.
        """
        raise NotImplementedError


class JSONContent(Content, frozen=True):
    """Any JSON value."""

    content_type: str = "application/json"
    """Media type, such as `application/merge-patch+json`."""

    def encode(self, body: object, names: Names | None) -> tuple[bytes, str]:
        """Return the body as JSON."""
        return encode_body(body, names), self.content_type


def encode_body(body: object, names: Names | None = None, place: str = "body") -> bytes:
    """Return the body, or what stands at another place, as JSON, with renamed keys under their wire names.

    Dates and times go out in UTC with `Z`, a `Decimal` as text without exponent. `None` goes out as `null`.

    Raises:
        InvalidRequestError: A value has no honest JSON form: a naive date-time, NaN, an infinity, a key that is no
            text, a lone surrogate, or an object of an unknown type. The message says where.
    """
    try:
        if _is_plain(body):
            return _encode(body if names is None else _renamed(body, names, place))
    except Exception:
        pass  # The exact way meets it again, and says what and where.
    try:
        plain = _plain(body, place)
        return _encode(plain if names is None else _renamed_inside(plain, names, place))
    except RecursionError:
        raise InvalidRequestError(f"the {place} is nested too deeply") from None


def _is_plain(body: object) -> TypeGuard[dict[str, JSON]]:
    """Whether a body is made of dicts, lists, texts, whole numbers, booleans and `None`.

    Raises:
        ValidationError: It is not, by the rules of msgspec.
    """
    holder = _plain_holder()
    # msgspec makes lists of sets; these are not equal to them.
    return msgspec.convert((body,), holder) == holder(body)


@cache
def _plain_holder() -> type[msgspec.Struct]:
    """Return a class that holds a plain body: msgspec prepares the types of a class once, and any other at each call.

    It has no place for floats, since msgspec would put Decimals there.
    """
    scalar = Union[str, int, bool, None]  # noqa: UP007
    value: object = scalar
    for _ in range(_PLAIN_DEPTH):
        value = Union[scalar, GenericAlias(dict, (str, value)), GenericAlias(list, (value,))]  # noqa: UP007
    return msgspec.defstruct("PlainHolder", [("body", GenericAlias(dict, (str, value)))], array_like=True, gc=False)


def _renamed(plain: dict[str, JSON], names: Names, path: str) -> dict[str, JSON]:
    """Return an object with renamed keys under their wire names."""
    renamed = names.renamed
    by_wire_name = {renamed.get(key, key): item for key, item in plain.items()}
    if len(by_wire_name) < len(plain):
        given = [renamed.get(key, key) for key in plain]
        wire = next(key for key in given if given.count(key) > 1)
        raise InvalidRequestError(f"{path}.{wire} is given twice, by its wire name and by its Python name")
    for name, inner in names.nested.items():
        if name in plain:
            by_wire_name[renamed.get(name, name)] = _renamed_inside(plain[name], inner, f"{path}.{name}")
    return by_wire_name


def _renamed_inside(value: JSON, names: Names, path: str) -> JSON:
    """Return any value with the keys of its object, or of its list of objects, under their wire names."""
    if isinstance(value, list):
        return [_renamed_inside(item, names, f"{path}[{index}]") for index, item in enumerate(value)]
    return _renamed(value, names, path) if isinstance(value, dict) else value


def _plain(value: object, path: str) -> JSON:
    if value is None or isinstance(value, bool):
        return value
    # Subclasses, some enums among them, become the plain types that can be encoded.
    if isinstance(value, str):
        return _text(value, path)
    if isinstance(value, int):
        return _integer(value, path)
    if isinstance(value, float):
        if math.isfinite(value):
            return float(value)
        raise InvalidRequestError(f"{path} is {float(value)}, which JSON cannot express")
    if isinstance(value, Enum):
        return _plain(value.value, path)
    if isinstance(value, datetime):
        return _moment(value, path)
    if isinstance(value, (date, UUID)):
        return str(value)
    if is_mapping(value):
        plain: dict[str, JSON] = {}
        for key, item in value.items():
            if not isinstance(key, str):
                raise InvalidRequestError(f"{path} has the key {key!r}, expected text")
            if key in plain:
                raise InvalidRequestError(f"{path}.{key} is given twice")
            name = key if type(key) is str and key.isascii() else _text(key, path)
            # Most values are such texts, and need neither a call nor their place.
            plain[name] = item if type(item) is str and item.isascii() else _plain(item, f"{path}.{key}")
        return plain
    if isinstance(value, Decimal):
        return _decimal(value, path)
    if is_list(value):
        return [_plain(item, f"{path}[{index}]") for index, item in enumerate(value)]
    raise InvalidRequestError(f"{path} is of type {type(value).__name__}, which has no JSON form")


def _integer(number: int, path: str) -> int:
    plain = int(number)
    try:
        str(plain)
    except ValueError:
        raise InvalidRequestError(f"{path} has more digits than Python writes") from None
    return plain


def _decimal(number: Decimal, path: str) -> str:
    if not number.is_finite():
        raise InvalidRequestError(f"{path} is {number}, which JSON cannot express")
    if abs(number.adjusted()) > _MOST_DIGITS:
        raise InvalidRequestError(f"{path} is a number of more than {_MOST_DIGITS} digits before or after the point")
    return f"{number:f}"


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
