"""Compares deviations that programs met in answers with the specs: production tells when the pages are wrong."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from attrs import frozen

from generator.nodes import JSONValue, printable

from .compare import Comparison, look_up
from .contracts import ANY, Contract, Contracts, Fields, Operation
from .differences import Difference
from .forms import PageError
from .lines import read_lines
from .records import Known

PAGE: Final = "answers"
"""The name of this source among the known disagreements."""

_TYPES: Final = ("string", "boolean", "integer", "number", "array", "object", "null", "other")


def compare_answers(file: Path, contracts: Contracts, known: Sequence[Known]) -> Comparison:
    """Compare a file of deviations, as `deviation_report` gives them, with the specs.

    Raises:
        PageError: The file cannot be read, or a line has another form.
    """
    counts: Counter[_Seen] = Counter()
    places: dict[_Seen, int] = {}
    for line in read_lines(file):
        seen, count = _entry(line.number, line.text)
        counts[seen] += count
        places.setdefault(seen, line.number)
    found: list[Difference] = []
    for seen, count in counts.items():
        operation = next((each for each in contracts.operations if _name(each) == seen.operation), None)
        if operation is None:
            raise PageError(places[seen], f"the specs have no operation {seen.operation!r}")
        found += _difference(operation, seen, count, places[seen])
    return Comparison(PAGE, None, look_up(found, PAGE, known))


@frozen
class _Seen:
    """What came instead of the documented type."""

    operation: str
    path: str
    expected: str
    type: str


def _entry(number: int, text: str) -> tuple[_Seen, int]:
    try:
        value: JSONValue = json.loads(text)
    except (ValueError, RecursionError):
        raise PageError(number, "is no JSON: a line of `deviation_report` is expected") from None
    entry = value if isinstance(value, dict) else {}
    texts = [entry.get(key) for key in ("operation", "path", "expected", "seen")]
    count = entry.get("count")
    if any(not isinstance(part, str) for part in texts) or type(count) is not int or entry["seen"] not in _TYPES:
        raise PageError(number, "has another form: a line of `deviation_report` is expected")
    return _Seen(*map(str, texts)), count


def _name(operation: Operation) -> str:
    return f"{operation.module}.{operation.route.node['x-method'].text}"


def _difference(operation: Operation, seen: _Seen, count: int, line: int) -> Iterator[Difference]:
    contract = _find(operation, seen.path)
    name = printable(f"answer.{seen.path} of {_name(operation)}")
    times = f"{count} time{'s' * (count != 1)}"
    if contract is None:
        place = operation.route.node.location
        text = printable(f"came as {seen.type} instead of {seen.expected} {times}, and the spec has no such field")
        yield Difference("wording", "answers seen", name, line, place, text, seen.type)
    elif not _is_allowed(contract, seen):
        spec = " or ".join(sorted(contract.shape.types | contract.shape.formats))
        text = f"came as {seen.type} {times}; the spec has {spec}"
        yield Difference("breaking", "answers seen", name, line, contract.schema.location, text, seen.type)


def _find(operation: Operation, path: str) -> Contract | None:
    """Return the field that a path leads to, counted from the record or from what stands around it."""
    names = path.replace("[]", "").split(".")
    around: Fields = operation.answer.fields if operation.answer else {}
    for fields, rest in (
        (operation.fields["answer"], names),
        (around, names),
        (operation.fields["answer"], names[1:]),
    ):
        contract: Contract | None = None
        for name in rest:
            contract = fields.get(name)
            if contract is None:
                break
            fields = contract.shape.fields
        if contract is not None:
            return contract
    return None


def _is_allowed(contract: Contract, seen: _Seen) -> bool:
    """Return whether the spec allows by now what came."""
    shape = contract.shape
    is_item = seen.path.endswith("[]")
    types = {type_[6:-1] for type_ in shape.types if type_.startswith("array<")} if is_item else shape.types
    if ANY in types:
        return True
    if seen.type == "null":
        return shape.is_nullable and not is_item
    if seen.type == "array":
        return any(type_.startswith("array<") for type_ in types)
    if seen.type == "string" and seen.expected not in _TYPES:
        return "string" in types and not shape.formats
    return seen.type in types or (seen.type == "integer" and "number" in types)
