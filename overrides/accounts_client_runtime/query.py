"""Query strings in bracket form, as the `qs` package reads them: refused is what that reader would lose or change."""

from __future__ import annotations

from collections import UserString
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Final, TypeAlias, TypeGuard
from uuid import UUID

from .errors import QueryEncodingError

# What the reader keeps by default, in each of its versions from 6.13 to 6.17.
_MAX_PAIRS: Final = 1000  # later ones vanish
_MAX_ITEMS: Final = 20  # a longer list becomes an object with the keys "0", "1", "2" and so on
_MAX_BRACKETS: Final = 5  # after the first name; all further ones become one literal key
_OBJECT_PROTOTYPE: Final = frozenset(
    {
        "__defineGetter__",
        "__defineSetter__",
        "__lookupGetter__",
        "__lookupSetter__",
        "__proto__",
        "constructor",
        "hasOwnProperty",
        "isPrototypeOf",
        "propertyIsEnumerable",
        "toLocaleString",
        "toString",
        "valueOf",
    }
)

# Digits before or after the point: the smallest float needs as many, a `Decimal` could ask for a billion.
_MAX_DIGITS: Final = 324

# Several of these are sequences; numbers stand here because the general checks for containers are slow.
_NO_CONTAINERS: Final = (str, int, float, UserString, bytes, bytearray, memoryview)

_Path: TypeAlias = tuple[object, ...]


def encode_query(options: Mapping[str, object]) -> str:
    """Return the query string of the options, percent-encoded and without `?`; empty if there is nothing to send.

    Objects become `name[key]=`, lists of scalars `name[]=`, lists that hold an object or a list `name[0]...=`. A key is
    left out if its value is `None`, an empty container, or a container of nothing else. Scalars:

    - `true` and `false`; strings as they are; UUIDs in their usual form; enum members by their value.
    - Numbers without exponent. A float has the digits that JavaScript prints, `1` for `1.0`, as JavaScript has one type
      for both and a reader may want an integer; a `Decimal` keeps its own digits, trailing zeros included.
    - Aware datetimes in UTC with `Z`, microseconds only if there are any; dates as `2024-05-01`.

    Raises:
        QueryEncodingError: The reader would lose or change something, or a value is of a type that has no text here.
    """
    pairs: list[str] = []
    _append(pairs, "", (), options)
    return "&".join(pairs)


def bracket_pairs(name: str, value: object) -> list[str]:
    """Return the pairs of one option in bracket form, percent-encoded; its name may hold anything.

    Raises:
        QueryEncodingError: As `encode_query`.
    """
    pairs: list[str] = []
    _append(pairs, _quoted(name, (name,)), (name,), value)
    return pairs


def _append(pairs: list[str], name: str, path: _Path, value: object) -> None:
    """Append what one value gives; `name` is encoded, `path` holds the plain keys and indices."""
    if value is None or (is_container(value) and len(value) == 0):
        return
    if len(path) > _MAX_BRACKETS + 1:  # also ends cycles
        raise _refusal(path, f"is nested too deep: at most {_MAX_BRACKETS} brackets after the first name are read")
    if not is_container(value):
        if len(pairs) == _MAX_PAIRS:
            raise _refusal(path, f"is one pair too many: at most {_MAX_PAIRS} are read")
        pairs.append(f"{name}={_quoted(scalar_text(value, path), path)}")
    elif isinstance(value, Mapping):
        seen: set[str] = set()
        for key, item in value.items():
            inner = (*path, key)
            quoted = _quoted_key(key, inner)
            if quoted in seen:  # a mapping may be a multidict
                raise _refusal(inner, "is given twice, which would be read as a list")
            seen.add(quoted)
            _append(pairs, f"{name}%5B{quoted}%5D" if path else quoted, inner, item)
    else:
        if len(value) > _MAX_ITEMS:
            raise _refusal(path, f"has {len(value)} items; a list of more than {_MAX_ITEMS} is read as an object")
        # Only indices keep the items of nested lists, and the keys of objects, from being merged.
        indexed = any(is_container(item) for item in value)
        for index, item in enumerate(value):
            inner = (*path, index)
            count = len(pairs)
            _append(pairs, f"{name}%5B{index if indexed else ''}%5D", inner, item)
            if len(pairs) == count:
                raise _refusal(inner, "is None or empty, which a list cannot hold: later items would move up")


def is_container(value: object) -> TypeGuard[Mapping[object, object] | Sequence[object]]:
    """Whether a value is an object or a list, and no kind of text or number."""
    return not isinstance(value, _NO_CONTAINERS) and isinstance(value, (Mapping, Sequence))


def _quoted_key(key: object, path: _Path) -> str:
    if not isinstance(key, str):
        raise _refusal(path, f"is a key of type {type(key).__qualname__}; keys are strings")
    if not key:
        raise _refusal(path, "is an empty key, which is dropped or read as the mark of a list")
    if key.isascii() and key.isdigit():
        raise _refusal(path, "is a key of digits, which can be read as the index of a list")
    if "[" in key or "]" in key:
        raise _refusal(path, "is a key with a bracket, which can be read as a nested key")
    if key in _OBJECT_PROTOTYPE:
        raise _refusal(path, "is a key that every JavaScript object has, which is dropped")
    return _quoted(key, path)


def scalar_text(value: object, path: _Path) -> str:
    """Return the text of a scalar, not yet encoded; the path says where it stands.

    Raises:
        QueryEncodingError: It is no scalar, or has no honest text.
    """
    plain: object = value.value if isinstance(value, Enum) else value
    match plain:
        case str():
            return plain
        case bool():
            return "true" if plain else "false"
        case int() | float() | Decimal():
            return _number_text(plain, path)
        case datetime():
            return _datetime_text(plain, path)
        case date():
            return plain.isoformat()
        case UUID():
            return str(plain)
        case _:
            raise _refusal(path, f"is of type {type(value).__qualname__}, which a query string cannot hold")


def _number_text(value: int | float | Decimal, path: _Path) -> str:
    # `repr` gives the shortest digits that mean a float; adding zero turns -0.0 into 0.0.
    number = Decimal(float.__repr__(value + 0.0)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        raise _refusal(path, f"is {number}, which no query string can hold")
    if abs(number.adjusted()) > _MAX_DIGITS:
        raise _refusal(path, f"is a number of more than {_MAX_DIGITS} digits before or after the point")
    text = f"{number:f}"
    return text.removesuffix(".0") if isinstance(value, float) else text


def _datetime_text(value: datetime, path: _Path) -> str:
    if value.utcoffset() is None:
        raise _refusal(path, "is a datetime without time zone, which could mean any of them")
    try:
        moment = value.astimezone(UTC)
    except OverflowError:
        raise _refusal(path, "is a datetime that UTC cannot express") from None
    return f"{moment.isoformat().removesuffix('+00:00')}Z"


def _quoted(text: str, path: _Path) -> str:
    try:
        return percent_encoded(text)
    except UnicodeEncodeError:
        raise _refusal(path, "holds a lone surrogate, which is no character") from None


def percent_encoded(text: str, safe: str = "") -> str:
    """Return a text as a part of an address, with all but letters, digits, `-._~` and the safe characters encoded.

    Raises:
        UnicodeEncodeError: It holds a lone surrogate.
    """
    from urllib.parse import quote  # slow to import, and only calls need it

    return quote(text, safe=safe)


def _refusal(path: _Path, reason: str) -> QueryEncodingError:
    # A lone surrogate could not be printed, nor an empty key be seen.
    steps = [
        step.encode("utf-8", "backslashreplace").decode() if isinstance(step, str) and step else repr(step)
        for step in path
    ]
    return QueryEncodingError("".join((*steps[:1], *(f"[{step}]" for step in steps[1:]))), reason)
