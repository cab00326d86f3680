"""Truto's filters and sorting, for the listings of any category."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from accounts_client_runtime import JSON

from .answers import Refusal
from .comparing import ORDERS, compare, equals, read_moment
from .resources import Record, Resource, is_scalar

_OPERATORS: Final = ("eq", "in", *ORDERS)


def select(records: Iterable[Record], filters: Mapping[str, JSON], resource: Resource) -> list[Record]:
    """Return the records that pass all filters.

    A filter on a field that neither the category nor the record knows has no effect, as one that no mapping uses.

    Raises:
        Refusal: A filter has an operator that does not exist.
    """
    return [
        record
        for record in records
        if all(
            _passes(record.get(name), wanted, name, is_scalar(resource.fields.get(name)))
            for name, wanted in filters.items()
            if name in resource.fields or name in record
        )
    ]


def sort(records: list[Record], order: JSON) -> list[Record]:
    """Return the records sorted, those without a value last.

    Args:
        records: What to sort.
        order: `asc` or `desc` by field, the first field being the main one.

    Raises:
        Refusal: The order is no such object.
    """
    if not isinstance(order, dict) or any(direction not in ("asc", "desc") for direction in order.values()):
        raise Refusal(400, "sort_by needs fields with asc or desc, such as sort_by[name]=asc", field="sort_by")
    for name, direction in reversed(order.items()):
        present = [record for record in records if record.get(name) is not None]
        absent = [record for record in records if record.get(name) is None]
        records = [*sorted(present, key=lambda record: _rank(record[name]), reverse=direction == "desc"), *absent]
    return records


def _passes(value: JSON, wanted: JSON, name: str, is_scalar: bool) -> bool:
    if isinstance(wanted, str):
        return equals(value, wanted)
    if isinstance(wanted, list):
        return any(_passes(value, choice, name, is_scalar) for choice in wanted)
    if not isinstance(wanted, dict):
        return True
    if not is_scalar:
        objects = value if isinstance(value, list) else [value]
        return any(
            isinstance(item, dict) and all(_passes(item.get(key), inner, key, True) for key, inner in wanted.items())
            for item in objects
        )
    return all(_meets(value, operator, operand, name) for operator, operand in wanted.items())


def _meets(value: JSON, operator: str, operand: JSON, name: str) -> bool:
    if operator not in _OPERATORS or not isinstance(operand, str):
        raise Refusal(400, f"{name} knows the operators {', '.join(_OPERATORS)}, not {operator}", field=name)
    if operator in ORDERS:
        return compare(value, operand) in ORDERS[operator]
    return any(equals(value, choice) for choice in (operand.split(",") if operator == "in" else [operand]))


def _rank(value: JSON) -> tuple[int, float, str]:
    """Return what values are sorted by: numbers, then moments, then texts."""
    if isinstance(value, int | float):
        return 0, value, ""
    moment = read_moment(value) if isinstance(value, str) else None
    return (1, moment.timestamp(), "") if moment else (2, 0.0, str(value))
