"""Edits a spec as text, at the places where its values stand, so that comments, order and lines elsewhere stay."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

import yaml
from attrs import frozen

WIDTH: Final = 120

YAMLNode: TypeAlias = "yaml.MappingNode | yaml.SequenceNode | yaml.ScalarNode"

_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9_./ -]*[A-Za-z0-9]|[A-Za-z]")
_WORDS: Final = ("true", "false", "null", "yes", "no", "on", "off", "y", "n")


class EditError(Exception):
    """A place has a form that is not edited; the message says which."""


@frozen
class SpecText:
    """The text of a spec, and where its values stand in it."""

    file: Path
    text: str

    @classmethod
    def read(cls, file: Path) -> SpecText:
        """Return the text of a file."""
        return cls(file, file.read_bytes().decode("utf-8"))

    def write(self) -> None:
        """Write the text into the file."""
        self.file.write_bytes(self.text.encode("utf-8"))

    def at(self, keys: Sequence[str]) -> YAMLNode:
        """Return the value that keys lead to.

        Raises:
            EditError: There is none.
        """
        node = yaml.compose(self.text, Loader=yaml.SafeLoader)
        for key in keys:
            below = _entry(node, key) if node is not None else None
            if below is None:
                raise EditError("the place was not found in the file")
            node = below
        return _checked(node)

    def has(self, keys: Sequence[str]) -> bool:
        """Return whether keys lead to a value."""
        try:
            self.at(keys)
        except EditError:
            return False
        return True

    def add_key(self, holder: Sequence[str], lines: Sequence[str], after: str = "") -> SpecText:
        """Return the text with a key more in an object: the last one, or behind another.

        Raises:
            EditError: The object stands on one line.
        """
        node = self.at(holder)
        if not isinstance(node, yaml.MappingNode) or node.flow_style or not node.value:
            raise EditError("the object stands on one line")
        column = node.value[0][0].start_mark.column
        previous = self.at([*holder, after]) if after and self.has([*holder, after]) else node
        return self._insert(_last_line(previous), lines, column)

    def add_item(self, holder: Sequence[str], lines: Sequence[str]) -> SpecText:
        """Return the text with an item more in an array of objects; the first of its lines gets the dash.

        Raises:
            EditError: The array stands on one line.
        """
        node = self.at(holder)
        if not isinstance(node, yaml.SequenceNode) or node.flow_style or not node.value:
            raise EditError("the array stands on one line")
        dashed = ["- " + lines[0], *("  " + line for line in lines[1:])]
        return self._insert(_last_line(node), dashed, node.start_mark.column)

    def add_value(self, holder: Sequence[str], value: str) -> SpecText:
        """Return the text with a value more in an array of scalars."""
        node = self.at(holder)
        if not isinstance(node, yaml.SequenceNode):
            raise EditError("the values are no array")
        if not node.flow_style:
            return self.add_item(holder, [scalar(value)])
        end = node.end_mark.index - 1
        return self._replace(end, end, f", {scalar(value)}" if node.value else scalar(value))

    def set_value(self, keys: Sequence[str], value: str | Sequence[str]) -> SpecText:
        """Return the text with another value in a place; a long array is broken up.

        Raises:
            EditError: An array stands there item by item.
        """
        node = self.at(keys)
        if isinstance(node, yaml.SequenceNode) and not node.flow_style:
            raise EditError("the array stands on several lines")
        start, end = node.start_mark.index, node.end_mark.index
        before = self.text[self.text.rfind("\n", 0, start) + 1 : start]
        after = self.text[end : self.text.find("\n", end)]
        text = value if isinstance(value, str) else array(value)
        if isinstance(value, str) or len(before) + len(text) + len(after) <= WIDTH or after.strip():
            return self._replace(start, end, text)
        if before.strip():
            column = len(before) - len(before.lstrip()) + 2
            return self._replace(start - 1, end, "\n" + "\n".join(broken(value, column)))
        return self._replace(start, end, "\n".join(broken(value, len(before))).lstrip())

    def remove(self, keys: Sequence[str]) -> SpecText:
        """Return the text without a key or an item that stands on lines of its own; an empty array goes with it.

        Raises:
            EditError: It shares its lines.
        """
        *holder, last = keys
        parent = self.at(holder)
        if isinstance(parent, yaml.ScalarNode) or parent.flow_style:
            raise EditError("it shares its line")
        if len(parent.value) == 1:
            return self.remove(holder)
        if isinstance(parent, yaml.MappingNode):
            start = next(key.start_mark.line for key, _ in parent.value if key.value == last)
        else:
            start = self.at(keys).start_mark.line
        return self._cut(start, _last_line(self.at(keys)))

    def _cut(self, first: int, last: int) -> SpecText:
        lines = self.text.splitlines(keepends=True)
        return SpecText(self.file, "".join([*lines[:first], *lines[last + 1 :]]))

    def _insert(self, line: int, lines: Iterable[str], column: int) -> SpecText:
        present = self.text.splitlines(keepends=True)
        if present and not present[-1].endswith("\n"):
            present[-1] += "\n"
        new = [" " * column + each + "\n" for each in lines]
        return SpecText(self.file, "".join([*present[: line + 1], *new, *present[line + 1 :]]))

    def _replace(self, start: int, end: int, value: str) -> SpecText:
        return SpecText(self.file, self.text[:start] + value + self.text[end:])


def scalar(value: str) -> str:
    """Return a text as YAML, quoted where it has to be."""
    is_plain = _PLAIN.fullmatch(value) and value.casefold() not in _WORDS
    return value if is_plain else json.dumps(value, ensure_ascii=False)


def array(values: Iterable[str]) -> str:
    """Return texts as an array on one line."""
    return f"[{', '.join(map(scalar, values))}]"


def broken(values: Sequence[str], column: int) -> list[str]:
    """Return texts as an array on as many lines as it needs, each as far in as the column."""
    lines = [" " * column + "["]
    for number, value in enumerate(values, start=1):
        piece = scalar(value) + ("]" if number == len(values) else ",")
        is_first = lines[-1].endswith("[")
        if not is_first and len(lines[-1]) + 1 + len(piece) > WIDTH:
            lines.append(" " * (column + 1) + piece)
        else:
            lines[-1] += piece if is_first else f" {piece}"
    return lines


def mapping(entries: Mapping[str, str | Sequence[str]]) -> list[str]:
    """Return the lines of an object; long arrays are broken up."""
    lines: list[str] = []
    for key, value in entries.items():
        text = value if isinstance(value, str) else array(value)
        if isinstance(value, str) or len(key) + len(text) <= 80:
            lines.append(f"{key}: {text}")
        else:
            lines += [f"{key}:", *broken(value, 2)]
    return lines


def _checked(node: object) -> YAMLNode:
    if not isinstance(node, (yaml.MappingNode, yaml.SequenceNode, yaml.ScalarNode)):
        raise EditError("the file is empty")
    return node


def _entry(node: object, key: str) -> YAMLNode | None:
    if isinstance(node, yaml.MappingNode):
        return next((_checked(value) for name, value in node.value if name.value == key), None)
    if isinstance(node, yaml.SequenceNode) and key.isdecimal() and int(key) < len(node.value):
        return _checked(node.value[int(key)])
    return None


def _last_line(node: YAMLNode) -> int:
    """Return the last line that a value stands on; the mark behind a block is beyond comments and empty lines."""
    if isinstance(node, yaml.ScalarNode) or node.flow_style or not node.value:
        mark = node.end_mark
        return mark.line - 1 if mark.column == 0 and mark.line > node.start_mark.line else mark.line
    return _last_line(_checked(node.value[-1][1] if isinstance(node, yaml.MappingNode) else node.value[-1]))
