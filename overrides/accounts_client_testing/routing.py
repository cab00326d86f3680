"""Paths to operations, by the path templates of the operations."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote

from accounts_client_runtime import Operation

from .answers import Refusal, Route

_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")


def placeholders(path: str) -> list[str]:
    """Return the names of the path values in a template."""
    return _PLACEHOLDER.findall(path)


class Router:
    """The operations of a service, found by method and path."""

    def __init__(self, operations: Iterable[Operation[object]], base_path: str) -> None:
        # A literal segment such as `search` wins over a placeholder in its place.
        ordered = sorted(operations, key=lambda operation: len(placeholders(operation.path)))
        self._patterns = [(operation, _compile(base_path + operation.path)) for operation in ordered]

    def find(self, method: str, path: str) -> Route:
        """Return what a path as it was sent stands for.

        Raises:
            Refusal: There is no such path, or it does not know the method.
        """
        other_methods: list[str] = []
        for operation, pattern in self._patterns:
            match = pattern.fullmatch(path)
            if match is None:
                continue
            if operation.method == method:
                values = {name: unquote(value) for name, value in match.groupdict().items()}
                return Route(operation=operation, resource=operation.name.rpartition(".")[0], values=values)
            other_methods.append(operation.method)
        if other_methods:
            raise Refusal(
                405, f"{method} is not allowed here", headers={"allow": ", ".join(sorted(set(other_methods)))}
            )
        raise Refusal(404, f"there is nothing at {path}")


def _compile(template: str) -> re.Pattern[str]:
    pieces = _PLACEHOLDER.split(template)
    return re.compile(
        "".join(f"(?P<{piece}>[^/]+)" if index % 2 else re.escape(piece) for index, piece in enumerate(pieces))
    )
