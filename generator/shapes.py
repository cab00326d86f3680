"""What a schema allows, wherever it is used: the same shape has one annotation in an answer and another in a body."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from attrs import frozen

from .nodes import Location
from .text import Text, literal

Value: TypeAlias = "Text | int"
"""A member of an enumeration: text, integer or boolean."""


@frozen
class Scalar:
    """Text, a number, a truth value, a date, a date with time, a UUID, the content of a file, or null."""

    type: str
    """Name of the Python type, `None` for null."""


@frozen
class Anything:
    """Any JSON value."""


@frozen
class Choice:
    """One of several values."""

    values: tuple[Value, ...]
    """In the order of the document."""
    name: str | None
    """Name of the schema, if it has one of its own."""


@frozen
class ListOf:
    """An array."""

    item: Shape


@frozen
class MapOf:
    """An object with arbitrary keys."""

    item: Shape


@frozen
class Tag:
    """A field whose value says which of several objects a value is."""

    name: str
    """Name for the union."""
    wire: str
    objects: tuple[tuple[str, str], ...]
    """Name of the object by the value of the field."""


@frozen
class OneOf:
    """One of several shapes."""

    members: tuple[Shape, ...]
    tag: Tag | None = None


@frozen
class Object:
    """An object with named fields, by name; `Parsed.objects` has its fields."""

    name: str


Shape: TypeAlias = Scalar | Anything | Choice | ListOf | MapOf | OneOf | Object


@frozen
class Property:
    """One named field of an object."""

    wire: str
    shape: Shape
    is_required: bool
    doc: Text
    is_read_only: bool = False
    """Whether only answers hold it."""
    is_write_only: bool = False
    """Whether only bodies hold it."""


@frozen
class Fields:
    """The fields of an object."""

    doc: Text
    properties: tuple[Property, ...]
    location: Location
    is_own: bool = True
    """Whether the document gave the object its name."""

    def find(self, wire: str) -> Property | None:
        """Return the field with this name in the spec."""
        return next((entry for entry in self.properties if entry.wire == wire), None)


def parts(shape: Shape) -> Iterator[Shape]:
    """Yield a shape and all it is made of, but not the fields of its objects."""
    yield shape
    match shape:
        case ListOf(item) | MapOf(item):
            yield from parts(item)
        case OneOf(members):
            for member in members:
                yield from parts(member)
        case _:
            pass


def documented(doc: str, *, default: object = None, deprecated: bool = False) -> Text:
    """Return the text about a field or option: its description, and what else the spec says about it."""
    code = literal(Text(default)) if isinstance(default, str) else repr(default)
    more = f"Default: `{code}`." if default is not None else ""
    return Text(" ".join(filter(None, (doc.strip(), more, "Deprecated." if deprecated else ""))))
