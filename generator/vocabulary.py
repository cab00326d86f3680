"""The words in which grammars are written: what may stand under a key, and which keys an object has."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, Literal, TypeAlias

from attrs import frozen

from .nodes import Node

Form: TypeAlias = Literal[
    "text",
    "words",
    "texts",
    "flag",
    "value",
    "any value",
    "values by name",
    "schemas by name",
    "one",
    "one or flag",
    "list",
    "map",
    "documentation",
]

PATH_PARAMETER: Final = re.compile(r"\{([^{}]*)\}")
"""A parameter in a path: its name in braces."""

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
"""Keys of a path item that stand for operations."""


@frozen
class Rule:
    """What stands under a key."""

    form: Form
    kind: str = ""
    """Kind of the objects there, for the forms that hold objects."""


@frozen
class Kind:
    """The keys of one kind of object."""

    keys: Mapping[str, Rule]
    required: tuple[str, ...] = ()
    is_open: bool = False
    """Whether other keys are left aside instead of refused."""


@frozen
class Grammar:
    """What documents of one sort may hold."""

    kinds: Mapping[str, Kind]
    beside_reference: Mapping[str, frozenset[str]]
    """Keys that may stand beside a `$ref` by kind of object; OpenAPI allows a description and a summary everywhere."""
    check: Callable[[str, Node], None]
    """Refuses what the keys of an object alone do not tell; takes its kind."""
    is_strict: bool
    """Whether a document has to say everything in one way, with every name that the code takes from it."""


def one(kind: str) -> Rule:
    """One object."""
    return Rule("one", kind)


def many(kind: str) -> Rule:
    """An array of objects."""
    return Rule("list", kind)


def named(kind: str) -> Rule:
    """An object whose keys are names and whose values are objects of a kind."""
    return Rule("map", kind)


TEXT: Final = Rule("text")
WORDS: Final = Rule("words")
"""A text for readers; where something else stands there, it is left out."""
TEXTS: Final = Rule("texts")
FLAG: Final = Rule("flag")
VALUE: Final = Rule("value")
"""A scalar or an array of scalars."""
ANY_VALUE: Final = Rule("any value")
"""Anything, kept as it is."""
VALUES_BY_NAME: Final = Rule("values by name")
"""An object whose keys are names and whose values are scalars or arrays of scalars."""
DOCUMENTATION: Final = Rule("documentation")
"""Anything; it is left out of the bundled document unless it is a scalar."""


def is_true(node: Node, key: str) -> bool:
    """Return whether a flag is set."""
    flag = node.get(key)
    return flag is not None and flag.value is True


def is_false(node: Node, key: str) -> bool:
    """Return whether a flag is there and not set."""
    flag = node.get(key)
    return flag is not None and flag.value is False


def types_of(node: Node) -> tuple[str, ...]:
    """Return the types that a schema names."""
    allowed = node.get("type")
    if allowed is None:
        return ()
    return tuple(entry.text for entry in allowed.items) if isinstance(allowed.value, tuple) else (allowed.text,)
