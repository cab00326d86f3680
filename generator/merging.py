"""Merges what several parts of a schema say: `allOf`, and whatever stands beside a reference or a union."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from attrs import evolve

from .nodes import Node
from .vocabulary import types_of

Keywords: TypeAlias = Mapping[str, Node]
"""What a schema says, its references and merges put in."""


def merged(said: Sequence[Keywords], node: Node) -> Keywords:
    """Return in one what several parts of a schema say that are no unions.

    Raises:
        SpecError: They contradict each other.
    """
    together: dict[str, Node] = {}
    for part in said:
        for key, value in part.items():
            together[key] = _both(key, together[key], value, node) if key in together else value
    return together


def _both(key: str, one: Node, other: Node, node: Node) -> Node:
    """Return what two parts say under one key together."""
    match key:
        case "properties" | "patternProperties":
            common = {wire: _all_of(one[wire], other[wire]) for wire in one.fields if wire in other.fields}
            return evolve(other, value={**one.fields, **other.fields, **common})
        case "required":
            return evolve(other, value=(*one.items, *(entry for entry in other.items if entry not in one.items)))
        case "type":
            return _common_type(one, other, node)
        case "enum":
            values = [entry.plain() for entry in one.items]
            shared = tuple(entry for entry in other.items if entry.plain() in values)
            if not shared:
                raise node.refuse("merges enumerations without a common value")
            return evolve(other, value=shared)
        case "items" if isinstance(one.value, Mapping) and isinstance(other.value, Mapping):
            return _all_of(one, other)
        case "additionalProperties":
            return one if isinstance(one.value, Mapping) else other
        case _:
            return other


def _all_of(one: Node, other: Node) -> Node:
    """Return a schema for what two schemas allow."""
    if one.plain() == other.plain():
        return other
    return Node({"allOf": Node((one, other), other.location)}, other.location)


def _common_type(one: Node, other: Node, node: Node) -> Node:
    ours = types_of(Node({"type": one}, one.location))
    theirs = types_of(Node({"type": other}, other.location))
    common = [name for name in ours if name in theirs]
    if "integer" in {*ours, *theirs} and "number" in {*ours, *theirs} and "integer" not in common:
        common.append("integer")
    if not common:
        raise node.refuse(f"merges {' or '.join(ours)} with {' or '.join(theirs)}, which no value is both")
    return evolve(other, value=tuple(Node(name, other.location) for name in common))
