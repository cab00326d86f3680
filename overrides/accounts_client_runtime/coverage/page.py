"""The HTML page: a matrix of fields and integrations in one file that loads nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import Final

from ..support import Fact, FieldSupport, OperationSupport, Support, SupportTables
from ..types import JSON
from .tables import PLACES

_KINDS: Final[Mapping[str, tuple[str, str, str]]] = {
    "required": ("r", "●", "required"),
    "supported": ("s", "✓", "supported"),
    "limited": ("l", "◐", "limited: values, items, partial lists"),
    "not_listed": ("n", "✗", "not listed: as a rule dropped"),
    "no_operation": ("o", "\u2013", "the operation is not there"),
    "unknown": ("u", "·", "unknown: the pages leave it open"),
}
"""Class, sign and legend of each kind of cell."""


def page(tables: SupportTables, operations: Sequence[str], supports: Sequence[Support]) -> str:
    """Return the page for some operations and integrations.

    Args:
        tables: What is known.
        operations: Names of the operations, which are groups of rows.
        supports: The integrations, which are columns.
    """
    facts: list[JSON] = []
    groups = "".join(_group(name, [support.operations[name] for support in supports], facts) for name in operations)
    names = [support.integration for support in supports]
    count = sum(len(tables.operations[name].facts) for name in operations)
    # A script ends at the first `</script`, also inside a text.
    data = json.dumps({"integrations": names, "facts": facts}, separators=(",", ":")).replace("<", "\\u003c")
    return Template(_file("page.html")).substitute(
        style=_file("page.css"),
        summary=f"{len(names)} integrations, {len(operations)} operations, {count} facts from the vendors' pages.",
        operations="".join(_options(operations)),
        places=_choices(PLACES),
        kinds=_kinds(),
        legend="".join(
            f'<li><span class="sign {letter}">{sign}</span> {escape(text)}</li>'
            for letter, sign, text in _KINDS.values()
        ),
        heads="".join(f'<th scope="col"><span>{escape(name)}</span></th>' for name in names),
        groups=groups,
        data=data,
        script=_file("page.js"),
    )


def _file(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def _group(name: str, known: Sequence[OperationSupport], facts: list[JSON]) -> str:
    """Return the rows of an operation, and add their facts."""
    cells = "".join(_cell(_operation_kind(operation)) for operation in known)
    rows = [f'<tr class="operation"><th scope="rowgroup">{escape(name)}</th>{cells}</tr>']
    facts.append([_fact(fact) for fact in known[0].facts])
    for place in PLACES:
        for field in known[0].fields(place):
            cells = "".join(_cell(_field_kind(operation.fields(place)[field], operation)) for operation in known)
            head = f'<th scope="row"><small>{place}</small> {escape(field)}</th>'
            rows.append(f'<tr data-place="{place}" data-field="{escape(field)}">{head}{cells}</tr>')
            facts.append([_fact(fact) for fact in known[0].fields(place)[field].facts])
    body = "\n".join(rows)
    return f'<tbody data-operation="{escape(name)}">\n{body}\n</tbody>\n'


def _operation_kind(operation: OperationSupport) -> str:
    return "limited" if operation.verdict == "supported" and operation.is_partial else operation.verdict


def _field_kind(field: FieldSupport, operation: OperationSupport) -> str:
    if field.verdict == operation.verdict == "not_listed":
        return "no_operation"
    has_limits = field.values is not None or field.max_items is not None
    return "limited" if field.verdict == "supported" and has_limits else field.verdict


def _cell(kind: str) -> str:
    letter, sign, _ = _KINDS[kind]
    return f'<td class="{letter}">{sign}</td>'


def _fact(fact: Fact) -> JSON:
    """Return what a fact says, without what it leaves open."""
    entry: dict[str, JSON] = {
        "page": fact.page,
        "generation": fact.generation,
        "position": fact.position,
        "supported": None if fact.supported is None else [*fact.supported],
        "required": None if fact.required is None else [*fact.required],
        "count": [fact.count.supported, fact.count.required] if fact.count else None,
        "values": {name: [*values] for name, values in fact.values.items()},
        "max_items": {**fact.max_items},
        "integrations": None if fact.integrations is None else [*fact.integrations],
        "partial": [*fact.partial],
        "without": [*fact.without],
        "beginning": not fact.is_complete,
    }
    return {
        key: value for key, value in entry.items() if value not in (None, "", {}, False) and (value or key in _LISTS)
    }


_LISTS: Final = ("supported", "required", "integrations")
"""What says something even where it names nobody."""


def _options(operations: Sequence[str]) -> Iterator[str]:
    for category in dict.fromkeys(name.partition(".")[0] for name in operations):
        names = [name for name in operations if name.partition(".")[0] == category]
        label = escape(category)
        yield f'<optgroup label="{label}"><option value="{label}.">all of {label}</option>{_choices(names)}</optgroup>'


def _choices(values: Sequence[str]) -> str:
    return "".join(f"<option>{escape(value)}</option>" for value in values)


def _kinds() -> str:
    return "".join(
        f'<option value="{letter}">{escape(kind.replace("_", " "))}</option>' for kind, (letter, _, _) in _KINDS.items()
    )
