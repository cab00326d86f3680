"""Parts of a spec that remember where they stand, and the one error that stops a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from attrs import evolve, frozen

JSONValue: TypeAlias = "dict[str, JSONValue] | list[JSONValue] | str | int | float | bool | None"


class SpecError(Exception):
    """A spec cannot be turned into code; the message names file, place in the file and reason in one line."""

    def __init__(self, location: Location, reason: str) -> None:
        super().__init__(printable(f"{location}: {reason}"))


@frozen
class Location:
    """A file, and a place in it."""

    file: str
    """Path as the user knows it."""
    keys: tuple[str, ...] = ()
    """Way from the top of the document to the place."""

    def __str__(self) -> str:
        return f"{self.file}: {self.pointer}" if self.keys else self.file

    @property
    def pointer(self) -> str:
        """The place as a JSON pointer, the way a `$ref` writes it."""
        return "#" + "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in self.keys)

    def below(self, *keys: str) -> Location:
        """Return the location of what stands under these keys."""
        return evolve(self, keys=(*self.keys, *keys))


@frozen
class Node:
    """One value of a document with the place it was written at, which after bundling may be another file."""

    value: Mapping[str, Node] | tuple[Node, ...] | str | int | float | bool | None
    location: Location

    def refuse(self, reason: str) -> SpecError:
        """Return the error that this node is the cause of."""
        return SpecError(self.location, reason)

    @property
    def fields(self) -> Mapping[str, Node]:
        """Entries of an object."""
        if not isinstance(self.value, Mapping):
            raise self.refuse("must be an object")
        return self.value

    @property
    def items(self) -> tuple[Node, ...]:
        """Entries of an array."""
        if not isinstance(self.value, tuple):
            raise self.refuse("must be an array")
        return self.value

    @property
    def text(self) -> str:
        """Value of a string."""
        if not isinstance(self.value, str):
            raise self.refuse("must be a string")
        return self.value

    def __getitem__(self, key: str) -> Node:
        return self.fields[key]

    def get(self, key: str) -> Node | None:
        """Return the entry of an object, or `None`."""
        return self.fields.get(key)

    def fields_at(self, key: str) -> Mapping[str, Node]:
        """Return the entries of the object under a key; none if there is no such key."""
        node = self.get(key)
        return {} if node is None else node.fields

    def items_at(self, key: str) -> tuple[Node, ...]:
        """Return the entries of the array under a key; none if there is no such key."""
        node = self.get(key)
        return () if node is None else node.items

    def find(self, *keys: str) -> Node | None:
        """Follow keys through objects, or return `None` where the way ends."""
        node: Node | None = self
        for key in keys:
            node = None if node is None else node.get(key)
        return node

    def text_at(self, key: str) -> str | None:
        """Return the string under a key of an object, or `None`."""
        node = self.get(key)
        return None if node is None else node.text

    def plain(self) -> JSONValue:
        """Return the value without the places."""
        if isinstance(self.value, Mapping):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, tuple):
            return [node.plain() for node in self.value]
        return self.value


def printable(text: str) -> str:
    """Return the text with everything escaped that could move a terminal's cursor or hide characters."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
