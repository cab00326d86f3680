"""Faults on demand: what goes wrong with the next requests, and how a test asks for it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Final, TypedDict, TypeVar, Unpack

import msgspec
from attrs import define

from accounts_client_runtime import JSON, JSONInput
from accounts_client_runtime.bodies import encode_body
from accounts_client_runtime.parsing import parse_json

_PATH: Final = re.compile(r"([^.\[\]]+|\[\d+\])(\.[^.\[\]]+|\[\d+\])*")
_STEP: Final = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


class When(TypedDict, total=False):
    """Which requests a fault is for."""

    operation: str
    """Name of an operation, such as `crm_accounts.list`; by default any request."""
    times: int | None
    """How many requests it hits, 1 by default; `None` for all of them until `clear_faults`."""
    skip: int
    """How many requests it lets pass before the first one, 0 by default."""


@define(kw_only=True, eq=False)
class Fault:
    """Something that goes wrong."""

    operation: str = ""
    times: int | None = 1
    skip: int = 0


@define(kw_only=True, eq=False)
class Failure(Fault):
    """An answer in place of what the service would do."""

    status: int
    body: dict[str, JSON] | str
    headers: dict[str, str]


@define(kw_only=True, eq=False)
class Drop(Fault):
    """The connection breaks."""

    is_committed: bool


@define(kw_only=True, eq=False)
class Delay(Fault):
    """The answer comes late."""

    seconds: float


@define(kw_only=True, eq=False)
class Garbling(Fault):
    """The answer breaks off."""


@define(kw_only=True, eq=False)
class Alteration(Fault):
    """The answer holds something else in some places."""

    values: dict[str, JSON]
    removed: tuple[str, ...]


F = TypeVar("F", bound=Fault)


class FaultControl:
    """The part of a fake by which tests ask for faults.

    Several faults of one kind for the same requests come one after the other; faults of different kinds add up.
    """

    def __init__(self, operations: Sequence[str]) -> None:
        self._known_operations = frozenset(operations)
        self._faults: list[Fault] = []
        self._fault_lock = Lock()

    def fail_next(
        self,
        status: int,
        body: Mapping[str, JSONInput] | str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        **when: Unpack[When],
    ) -> None:
        """Answer the next request with a status, without carrying the request out.

        Args:
            status: HTTP status code.
            body: Keys to put onto the service's own error body, or a text to send instead, such as an HTML page.
            headers: Headers of the answer, such as `Retry-After`.
            when: See `When`.
        """
        parsed = body if isinstance(body, str) else _plain(body or {})
        lowered = {name.lower(): value for name, value in (headers or {}).items()}
        self._add_fault(Failure(status=status, body=parsed, headers=lowered, **when))

    def drop_next(self, *, is_committed: bool = False, **when: Unpack[When]) -> None:
        """Break the connection before the request is carried out or, with `is_committed`, after it."""
        self._add_fault(Drop(is_committed=is_committed, **when))

    def delay_next(self, seconds: float, **when: Unpack[When]) -> None:
        """Answer late; a client that does not wait so long meets its timeout.

        In process the seconds pass on the fake's clock alone; over HTTP they are real.
        """
        self._add_fault(Delay(seconds=seconds, **when))

    def garble_next(self, **when: Unpack[When]) -> None:
        """Send half of the answer's body, which is no JSON any more."""
        self._add_fault(Garbling(**when))

    def alter_next(
        self, values: Mapping[str, JSONInput] | None = None, *, remove: Sequence[str] = (), **when: Unpack[When]
    ) -> None:
        """Put other values into the answer: wrong types, unknown enum values, further fields.

        Args:
            values: The values by their places, written as in `Deviation.path`: `{"result[0].owner.id": 7}`.
            remove: Places to take out of the answer, in the same form.
            when: See `When`.

        Raises:
            ValueError: A place is malformed. A place that the answer does not have raises `LookupError` in the call.
        """
        for path in (*(values or {}), *remove):
            if not _PATH.fullmatch(path):
                raise ValueError(f"{path!r} is no place in an answer, expected the form 'result[0].owner.id'")
        self._add_fault(Alteration(values=_plain(values or {}), removed=tuple(remove), **when))

    def clear_faults(self) -> None:
        """Forget all faults that are still to come."""
        with self._fault_lock:
            self._faults.clear()

    def _add_fault(self, fault: Fault) -> None:
        if fault.operation and fault.operation not in self._known_operations:
            known = ", ".join(sorted(self._known_operations))
            raise ValueError(f"there is no operation {fault.operation!r}; the operations are {known}")
        with self._fault_lock:
            self._faults.append(fault)

    def _take_fault(self, kind: type[F], operation: str) -> F | None:
        """Return the fault of a kind that hits a request for an operation."""
        with self._fault_lock:
            for fault in self._faults:
                if isinstance(fault, kind) and fault.operation in ("", operation):
                    if fault.skip:
                        fault.skip -= 1
                        return None
                    if fault.times is not None:
                        fault.times -= 1
                        if fault.times <= 0:
                            self._faults.remove(fault)
                    return fault
        return None


def alter(body: bytes, alteration: Alteration) -> bytes:
    """Return the body with other values in the places of the alteration."""
    answer = parse_json(body)
    for path in alteration.removed:
        _change(answer, path, ())
    for path, value in alteration.values.items():
        _change(answer, path, (value,))
    return msgspec.json.encode(answer)


def _plain(values: Mapping[str, JSONInput]) -> dict[str, JSON]:
    parsed = parse_json(encode_body(values))
    return parsed if isinstance(parsed, dict) else {}


def _change(node: JSON, path: str, replacement: Sequence[JSON]) -> None:
    """Replace what stands at a path by the one value given, or by nothing."""
    *inner, last = [int(index) if index else key for index, key in _STEP.findall(path)]
    for step in inner:
        node = _child(node, step, path)
    if isinstance(node, dict) and isinstance(last, str):
        node.pop(last, None)
        for value in replacement:
            node[last] = value
    elif isinstance(node, list) and isinstance(last, int) and last < len(node):
        node[last : last + 1] = replacement
    else:
        raise LookupError(f"the answer has no place {path!r}")


def _child(node: JSON, step: str | int, path: str) -> JSON:
    if isinstance(node, dict) and isinstance(step, str) and step in node:
        return node[step]
    if isinstance(node, list) and isinstance(step, int) and step < len(node):
        return node[step]
    raise LookupError(f"the answer has no place {path!r}")
