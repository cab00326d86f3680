"""Values of records against the texts of filters."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from accounts_client_runtime import JSON

ORDERS: Final[Mapping[str, tuple[int, ...]]] = {"gt": (1,), "gte": (0, 1), "lt": (-1,), "lte": (-1, 0)}
"""What `compare` may say, by operator."""

_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d.*")


def equals(value: JSON, text: str) -> bool:
    """Whether a value is what a text says: the same text, number, truth value or moment."""
    if isinstance(value, str) and read_moment(value) is None:
        return value == text
    return compare(value, text) == 0


def compare(value: JSON, text: str) -> int | None:
    """Return -1, 0 or 1 as a value is below, equal to or above what a text says; `None` where they have no order."""
    if isinstance(value, bool):
        return 0 if text == str(value).lower() else None
    if isinstance(value, str):
        moment, bound = read_moment(value), read_moment(text)
        if moment is not None and bound is not None:
            return (moment > bound) - (moment < bound)
        return (value > text) - (value < text)
    number = read_number(text)
    if isinstance(value, int | float) and number is not None:
        return (value > number) - (value < number)
    return None


def contains(value: JSON, text: str) -> bool:
    """Whether a text, or one of a list, holds another one; case does not matter."""
    if isinstance(value, list):
        return any(contains(item, text) for item in value)
    return isinstance(value, str) and text.casefold() in value.casefold()


def read_number(text: str) -> float | None:
    """Return the number that a text says, if it says one."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def read_moment(text: str) -> datetime | None:
    """Return the moment that a text says, if it says one; without an offset it is taken as UTC."""
    if not _MOMENT.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
