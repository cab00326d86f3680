"""What the npm package `qs` 6.17 reads from a query string with its defaults, for machines without node.

It covers what an encoder may write, also a careless one. Keys that stand for several texts in different notations, or
for a text and a container, are not covered.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import unquote_to_bytes

Read: TypeAlias = "str | list[Read] | dict[str, Read]"

PARAMETER_LIMIT: Final = 1000
ARRAY_LIMIT: Final = 20
DEPTH: Final = 5
PROTOTYPE: Final = frozenset(
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


@dataclass
class Array:
    """A list while it is built: items by index, with holes."""

    items: dict[int, Node]


@dataclass
class Object:
    """An object while it is built."""

    members: dict[str, Node]
    was_list: bool = False
    """Whether it was a list that grew too long."""


Node: TypeAlias = str | Array | Object


def parse(query: str) -> dict[str, Read]:
    """Return what qs reads."""
    values: dict[str, Node] = {}
    query = re.sub("%5D", "]", re.sub("%5B", "[", query, flags=re.IGNORECASE), flags=re.IGNORECASE)
    for part in query.split("&")[:PARAMETER_LIMIT]:
        split = part.index("]=") + 1 if "]=" in part else part.find("=")
        key, text = (part, "") if split == -1 else (part[:split], part[split + 1 :])
        key, text = decode(key), decode(text)
        values[key] = append(values[key], text) if key in values else text
    root = Object({})
    for key, value in values.items():
        segments = split_key(key)
        if segments:
            merge_members(root, nest(segments, value))
    return {name: finish(member) for name, member in root.members.items()}


def decode(text: str) -> str:
    """Return the text without percent-encoding; as it is where the encoding is wrong."""
    text = text.replace("+", " ")
    if re.search(r"%(?![0-9A-Fa-f]{2})", text):
        return text
    try:
        return unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        return text


def append(value: Node, text: str) -> Node:
    """Return the value of a repeated key with one more text."""
    if isinstance(value, Object):
        return Object({**value.members, str(len(value.members)): text}, was_list=True)
    items = value.items if isinstance(value, Array) else {0: value}
    return limited(Array({**items, len(items): text}))


def limited(array: Array) -> Array | Object:
    """Return the list, or the object that it becomes when it is too long."""
    return array if len(array.items) <= ARRAY_LIMIT else Object(by_name(array), was_list=True)


def by_name(array: Array) -> dict[str, Node]:
    return {str(index): item for index, item in sorted(array.items.items())}


def split_key(key: str) -> list[str]:
    """Return the first name and the bracket groups, brackets included; nothing for a key that is dropped."""
    start = key.find("[")
    name = key if start == -1 else key[:start]
    groups: list[str] = []
    rest: list[str] = []
    while start != -1:
        end = group_end(key, start)
        if end is None or len(groups) == DEPTH:
            rest = [f"[{key[start:]}]"]
            break
        groups.append(key[start:end])
        start = key.find("[", end)
    if PROTOTYPE & {name, *(group[1:-1] for group in groups)}:
        return []
    return [*([name] if name else []), *groups, *rest]


def group_end(key: str, start: int) -> int | None:
    """Return the position behind the bracket that closes the one at `start`."""
    level = 0
    for position in range(start, len(key)):
        level += {"[": 1, "]": -1}.get(key[position], 0)
        if level == 0:
            return position + 1
    return None


def nest(segments: list[str], value: Node) -> Node:
    """Return the containers that one key stands for, around its value."""
    for segment in reversed(segments):
        name = segment[1:-1] if segment.startswith("[") else segment
        if segment == "[]":
            # A list, or what a list became, is not wrapped once more: `a[][]=x` is a flat list.
            if isinstance(value, str) or (isinstance(value, Object) and not value.was_list):
                value = Array({0: value})
        elif segment != name and re.fullmatch("0|[1-9][0-9]*", name):
            small = int(name) < ARRAY_LIMIT
            value = Array({int(name): value}) if small else Object({name: value}, was_list=True)
        else:
            value = Object({name: value})
    return value


def merge(target: Node, source: Node) -> Node:
    """Return the target with what the source adds to it."""
    if isinstance(target, str) or isinstance(source, str):
        raise NotImplementedError("a key stands for a text and a container")
    if isinstance(target, Array) and isinstance(source, Array):
        for index, item in source.items.items():
            present = target.items.get(index)
            if present is None:
                target.items[index] = item
            elif isinstance(present, str) or isinstance(item, str):
                target.items[max(target.items) + 1] = item
            else:
                target.items[index] = merge(present, item)
        return limited(target)
    target = target if isinstance(target, Object) else Object(by_name(target))
    merge_members(target, source)
    return target


def merge_members(target: Object, source: Node) -> None:
    """Add the members of the source to the target."""
    if isinstance(source, str):
        raise NotImplementedError("a key stands for a text and a container")
    for name, item in (source.members if isinstance(source, Object) else by_name(source)).items():
        target.members[name] = merge(target.members[name], item) if name in target.members else item


def finish(node: Node) -> Read:
    """Return the value as plain data; lists lose their holes."""
    if isinstance(node, str):
        return node
    if isinstance(node, Array):
        return [finish(item) for _, item in sorted(node.items.items())]
    return {name: finish(item) for name, item in node.members.items()}
