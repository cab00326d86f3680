"""Query strings in bracket form to nested values: the reading side of what the clients send."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote_plus

from accounts_client_runtime import JSON

_NAME: Final = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_BRACKETS: Final = re.compile(r"\[([^\[\]]*)\]")
_MAX_BRACKETS: Final = 5  # the service's reader keeps no more


def parse_query(text: str) -> dict[str, JSON]:
    """Return the options of a query string; every scalar is text.

    Raises:
        ValueError: A name is malformed or nested too deep, or is given with and without brackets.
    """
    tree: dict[str, JSON] = {}
    for pair in filter(None, text.split("&")):
        name, _, value = pair.partition("=")
        _insert(tree, _steps(unquote_plus(name)), unquote_plus(value))
    return {name: _with_lists(value) for name, value in tree.items()}


def _steps(name: str) -> list[str]:
    match = _NAME.fullmatch(name)
    if match is None:
        raise ValueError(f"the query option {name!r} is malformed")
    steps = [match[1], *_BRACKETS.findall(match[2])]
    if len(steps) > _MAX_BRACKETS + 1:
        raise ValueError(f"the query option {name!r} has more than {_MAX_BRACKETS} brackets")
    return steps


def _insert(tree: dict[str, JSON], steps: list[str], value: str) -> None:
    """Put a value into the tree, where lists are objects with the keys 0, 1, 2 and so on."""
    node = tree
    for step in steps[:-1]:
        child = node.setdefault(step or str(len(node)), {})
        if not isinstance(child, dict):
            raise ValueError(f"the query option {steps[0]!r} is given with and without brackets")
        node = child
    key = steps[-1] or str(len(node))
    present = node.get(key)
    if present is None:
        node[key] = value
    elif isinstance(present, dict):
        present[str(len(present))] = value
    else:
        both: dict[str, JSON] = {"0": present, "1": value}
        node[key] = both


def _with_lists(value: JSON) -> JSON:
    if not isinstance(value, dict):
        return value
    items = {key: _with_lists(item) for key, item in value.items()}
    if all(key.isdecimal() for key in items):
        return [items[key] for key in sorted(items, key=int)]
    return items
