"""Plain data types that every other module of the runtime shares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar, Literal, TypeAlias, TypedDict, TypeGuard
from uuid import UUID

import msgspec

JSON: TypeAlias = "dict[str, JSON] | list[JSON] | str | int | float | bool | None"
"""Any JSON value, as an answer holds it."""

JSONInput: TypeAlias = "Mapping[str, JSONInput] | Sequence[JSONInput] | str | int | float | bool | datetime | None"
"""Any value a request body may hold; covariant, so that an ordinary dict or list variable fits. Dates must be aware."""

QueryScalar: TypeAlias = str | int | float | Decimal | bool | date | datetime | UUID | None
"""A single value in a query string."""

QueryValue: TypeAlias = "Mapping[str, QueryValue] | Sequence[QueryValue] | QueryScalar"
"""Any value a query string may hold. `None` and empty containers are left out; dates and times must be aware."""

PathValue: TypeAlias = "Mapping[str, object] | Sequence[object] | str | int | float | Decimal | date | datetime | UUID"
"""A value in a path; only a styled one may be a list or an object."""

Method: TypeAlias = Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
"""The HTTP methods that operations use."""


def is_mapping(value: object) -> TypeGuard[Mapping[object, object]]:
    """Whether a value is a mapping, of whatever to whatever."""
    # The answer for `Mapping` alone takes five times as long.
    return isinstance(value, (dict, Mapping))


def is_list(value: object) -> TypeGuard[Sequence[object]]:
    """Whether a value is a sequence of values, and neither text nor bytes."""
    # The answer for `Sequence` takes twenty times as long.
    if isinstance(value, list):
        return True
    return isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray | memoryview)


class Value(msgspec.Struct, frozen=True):
    """A value of named fields that stays as it is; compared by its fields, and shown without those that say too much.

    The library's own values are made so, and only the models of answers with attrs: that takes a hundred times as long
    to make a class, and every program would wait for all of them.
    """

    _unshown: ClassVar[tuple[str, ...]] = ()
    """Fields that the `repr` leaves out."""

    def __repr__(self) -> str:
        shown = [f"{name}={getattr(self, name)!r}" for name in self.__struct_fields__ if name not in self._unshown]
        return f"{type(self).__name__}({', '.join(shown)})"


class Names(Value, frozen=True):
    """Wire names of the keys of a body, where they differ from the Python names."""

    renamed: Mapping[str, str] = {}
    """Python name to wire name, renamed keys only."""
    nested: Mapping[str, Names] = {}
    """The same for the objects below a key, by Python name; a list of objects counts as its items."""


class Checkpoint(TypedDict):
    """A place in a listing, as plain JSON without secrets: store it and give it to `Pager.resume`."""

    version: int
    """Version of this form, 1."""
    tenant: str
    """The integrated account that was listed; empty where the service has none or a token implies it."""
    operation: str
    """Name of the listing operation, such as `crm_accounts.list`."""
    filters: str
    """Digest of the query options, so that a checkpoint is not resumed with others."""
    cursor: str | None
    """Cursor or page number that fetched the page in hand; `None` for the first page."""
    consumed: int
    """How many records of that page were handed over."""
    pages: int
    """How many pages were fetched before it, resumes included."""
    anchor: str
    """Digest of a cursor that was followed, empty at the beginning; a listing that comes back to it would not end."""


class Headers(Mapping[str, str]):
    """Headers of an answer: a read-only mapping that ignores the case of names; repeated headers are joined by `, `."""

    __slots__ = ("_values",)

    def __init__(self, pairs: Mapping[str, str] | Sequence[tuple[str, str]] = ()) -> None:
        self._values: dict[str, str] = {}
        for name, value in pairs.items() if isinstance(pairs, Mapping) else pairs:
            key = name.lower()
            self._values[key] = f"{self._values[key]}, {value}" if key in self._values else value

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Headers({self._values!r})"
