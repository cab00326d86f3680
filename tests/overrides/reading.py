"""Answers read the fast way and the tolerant way, and told in a form that shows each difference that matters."""

from __future__ import annotations

import json
from typing import Final, TypeVar

import attrs

from accounts_client_runtime import Deviation, Headers, Operation, Reply, Request, Result
from accounts_client_runtime.types import is_list, is_mapping

T = TypeVar("T")

BOM: Final = b"\xef\xbb\xbf"
"""The fast reader refuses it, so that a text behind it is read the tolerant way."""


def answer_to(operation: Operation[T], body: bytes, **path: str | int) -> tuple[T, tuple[Deviation, ...]]:
    """Return what an operation reads from a body, with the deviations."""
    return operation.result.read(Request(operation, path=path), Reply(200, Headers(), body), tenant="")


def read(result: Result[T], body: bytes) -> tuple[T, tuple[Deviation, ...]]:
    """Return what a read operation with such a result reads from a body, with the deviations."""
    return answer_to(Operation("things.read", "GET", "/things", result), body)


def told(value: object) -> str:
    """Return a text that is the same for the same values of the same types; the order of keys is no matter."""
    return json.dumps(_plain(value), sort_keys=True)


def _plain(value: object) -> object:
    kind = type(value)
    if attrs.has(kind):
        return [kind.__name__, {name: _plain(getattr(value, name)) for name in attrs.fields_dict(kind)}]
    if is_mapping(value):
        return {repr(key): _plain(item) for key, item in value.items()}
    if is_list(value):
        return [_plain(item) for item in value]
    return repr(value)
