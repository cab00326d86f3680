"""Coperniq's search: one or two conditions on fields and custom properties."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from typing import Final

from attrs import frozen

from accounts_client_runtime import JSON

from .answers import Call, Refusal
from .comparing import ORDERS, compare, contains, equals, read_number
from .resources import Record

CUSTOM: Final = "custom"
"""Field that holds the custom properties."""

_OPERATORS: Final = ("eq", "neq", *ORDERS, "contains", "in", "nin", "between")


@frozen
class Condition:
    """One condition of a search."""

    name: str
    """Field or custom property."""
    operator: str
    operands: Sequence[str]

    def holds(self, record: Record) -> bool:
        """Whether a record meets the condition."""
        custom = record.get(CUSTOM)
        if self.name not in record and isinstance(custom, dict):
            return _meets(custom.get(self.name), self.operator, self.operands, is_custom=True)
        return _meets(record.get(self.name), self.operator, self.operands, is_custom=False)


def search(records: Sequence[Record], call: Call, id_name: str) -> list[Record]:
    """Return the records that a search finds.

    Args:
        records: Where to search.
        call: The search.
        id_name: Another name of the field `id`.

    Raises:
        Refusal: A condition is incomplete or cannot be read.
    """
    conditions = [_read_condition(call, "1", id_name)]
    if any(f"{part}2" in call.query for part in ("prop", "op", "value")):
        conditions.append(_read_condition(call, "2", id_name))
    verdict = any if call.choice("logic", ("and", "or"), "and") == "or" else all
    return [record for record in records if verdict(condition.holds(record) for condition in conditions)]


def _read_condition(call: Call, number: str, id_name: str) -> Condition:
    name, operator, value = (_text(call, f"{part}{number}") for part in ("prop", "op", "value"))
    if operator not in _OPERATORS:
        raise Refusal(400, f"op{number} must be one of {', '.join(_OPERATORS)}", field=f"op{number}")
    operands = _read_list(value, f"value{number}") if operator in ("in", "nin") else [value]
    if operator == "between":
        operands = value.split(",")
        if len(operands) != 2:
            raise Refusal(400, f"value{number} must be two values with a comma between them", field=f"value{number}")
    return Condition("id" if name == id_name else name, operator, operands)


def _text(call: Call, option: str) -> str:
    value = call.query.get(option)
    if not isinstance(value, str) or not value:
        raise Refusal(400, f"{option} is missing", field=option)
    return value


def _read_list(text: str, option: str) -> list[str]:
    """Return the items of a JSON array, or of comma-separated values that may be quoted."""
    if not text.startswith("["):
        try:
            return next(csv.reader([text], skipinitialspace=True))
        except csv.Error:
            raise Refusal(400, f"{option} is not a list with commas", field=option) from None
    try:
        items: JSON = json.loads(text)
    except ValueError:
        items = None
    if not isinstance(items, list):
        raise Refusal(400, f"{option} is not a JSON array", field=option)
    return [item if isinstance(item, str) else json.dumps(item) for item in items]


def _meets(value: JSON, operator: str, operands: Sequence[str], *, is_custom: bool) -> bool:
    if operator in ("neq", "nin"):
        return not _meets(value, "in", operands, is_custom=is_custom)
    if isinstance(value, list):
        return any(_meets(item, operator, operands, is_custom=is_custom) for item in value)
    if operator == "contains":
        return contains(value, operands[0])
    number = read_number(value) if is_custom and isinstance(value, str) else None
    if operator in ORDERS or operator == "between":
        bounds = {"gte": operands[0], "lte": operands[1]} if operator == "between" else {operator: operands[0]}
        left = value if number is None else number
        return all(compare(left, bound) in ORDERS[order] for order, bound in bounds.items())
    # A custom property that looks like a number is compared as a number and as a text.
    return any(equals(value, operand) or (number is not None and equals(number, operand)) for operand in operands)
