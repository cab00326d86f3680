"""What the tables in the terminal hold; how they are printed is not known here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from attrs import frozen

from ..support import FieldSupport, OperationSupport, Place, Support, SupportTables, Verdict

PLACES: Final[tuple[Place, ...]] = ("query", "body", "answer")

Row: TypeAlias = tuple[str, ...]

_WORDS: Final[Mapping[Verdict, str]] = {
    "supported": "yes",
    "required": "required",
    "not_listed": "no",
    "unknown": "?",
}
_LEGEND: Final = "yes: supported, no: not listed, ?: the pages leave it open"


@frozen
class Table:
    """Rows of text under headers."""

    title: str
    headers: Row
    rows: Sequence[Row]
    notes: Sequence[str] = ()
    """Lines below the rows."""


def overview(tables: SupportTables, operations: Iterable[str]) -> list[Table]:
    """Return one table a category: who has which operations."""
    categories: dict[str, list[str]] = {}
    for name in operations:
        categories.setdefault(name.partition(".")[0], []).append(name)
    supports = [tables.support(name) for name in tables.integrations]
    return [_category(category, names, supports) for category, names in categories.items()]


def details(operations: Iterable[str], supports: Sequence[Support]) -> list[Table]:
    """Return one table an operation of which something is known for some integrations."""
    tables = (
        _operation(name, [(support.integration, support.operations[name]) for support in supports])
        for name in operations
    )
    return [table for table in tables if any(cell != _WORDS["unknown"] for row in table.rows for cell in row[2:])]


def by_operation(tables: SupportTables, operations: Iterable[str]) -> list[Table]:
    """Return one table an operation: who supports and requires its fields."""
    supports = [tables.support(name) for name in tables.integrations]
    return [
        _fields(name, {support.integration: support.operations[name] for support in supports}) for name in operations
    ]


def _category(category: str, operations: Sequence[str], supports: Sequence[Support]) -> Table:
    rows: list[Row] = []
    without: list[str] = []
    for support in supports:
        known = [support.operations[name] for name in operations]
        if any(operation.verdict == "supported" for operation in known):
            rows.append((support.integration, *map(_word, known)))
        else:
            without.append(support.integration)
    return Table(
        category,
        ("integration", *(name.partition(".")[2].replace("_", " ") for name in operations)),
        rows,
        [
            f"{_LEGEND}, partial: lists hold less than get gives",
            *([f"no page has any of them for {', '.join(without)}"] if without else []),
        ],
    )


def _operation(name: str, known: Sequence[tuple[str, OperationSupport]]) -> Table:
    rows: list[Row] = [("operation", "", *(_word(operation) for _, operation in known))]
    silent = 0
    for place in PLACES:
        for field in known[0][1].fields(place):
            cells = [operation.fields(place)[field] for _, operation in known]
            if any(cell.verdict != "unknown" for cell in cells):
                rows.append((place, field, *map(_cell, cells)))
            else:
                silent += 1
    pages = _pages(known[0][1])
    return Table(
        name,
        ("place", "field", *(integration for integration, _ in known)),
        rows,
        [
            _LEGEND,
            *([f"{silent} further fields: nothing is known"] if silent else []),
            *([f"by {', '.join(pages)}"] if pages else []),
        ],
    )


def _fields(name: str, known: Mapping[str, OperationSupport]) -> Table:
    having, lacking = (
        [integration for integration, operation in known.items() if operation.verdict == verdict]
        for verdict in ("supported", "not_listed")
    )
    rows: list[Row] = [("operation", "", "", ", ".join(having), str(len(lacking)))]
    some = next(iter(known.values()))
    silent = 0
    for place in PLACES:
        for field, cell in some.fields(place).items():
            by_verdict: dict[Verdict, list[str]] = {}
            for integration, operation in known.items():
                by_verdict.setdefault(operation.fields(place)[field].verdict, []).append(integration)
            counts = [fact.count for fact in cell.facts if fact.count]
            if by_verdict.keys() == {"unknown"} and not counts:
                silent += 1
                continue
            most = max((count.supported for count in counts), default=0)
            supported = ", ".join(by_verdict.get("supported", ()))
            if len(by_verdict) == 1:
                supported = f"{most} integrations, without names"
            required = ", ".join(by_verdict.get("required", ()))
            rows.append((place, field, required, supported, str(len(by_verdict.get("not_listed", ())))))
    # A column that says nothing takes width from the others.
    places = [number for number in range(5) if number != 2 or any(row[number] for row in rows)]
    headers = ("place", "field", "required by", "supported by", "not listed")
    pages = _pages(some)
    return Table(
        name,
        tuple(headers[number] for number in places),
        [tuple(row[number] for number in places) for row in rows],
        [
            *([f"{silent} further fields: nothing is known"] if silent else []),
            *([f"by {', '.join(pages)}"] if pages else []),
        ],
    )


def _word(operation: OperationSupport) -> str:
    return "partial" if operation.is_partial and operation.verdict == "supported" else _WORDS[operation.verdict]


def _cell(field: FieldSupport) -> str:
    limits = [
        *([f"only {', '.join(field.values)}"] if field.values else []),
        *([f"{field.max_items} items at most"] if field.max_items else []),
    ]
    return f"{_WORDS[field.verdict]} ({'; '.join(limits)})" if limits else _WORDS[field.verdict]


def _pages(operation: OperationSupport) -> list[str]:
    """Return the pages that tell of an operation or of its fields; each knows of all integrations."""
    fields = (cell for place in PLACES for cell in operation.fields(place).values())
    facts = (*operation.facts, *(fact for cell in fields for fact in cell.facts))
    return list(dict.fromkeys(fact.page for fact in facts))
