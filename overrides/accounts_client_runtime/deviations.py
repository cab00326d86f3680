"""Sums up what answers held instead of the documented types: places and types, never values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from .request import Deviation

_TYPES: Final[dict[type, str]] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    list: "array",
    dict: "object",
    type(None): "null",
}


def deviation_report(operation: str, deviations: Iterable[Deviation]) -> str:
    """Return deviations as lines of JSON, to be appended to a file: one for each place and type that came.

    A line holds the operation, the path without indices, the documented type, the type that came instead, and how
    often it came. No value of an answer is in it.

    Args:
        operation: Name of the operation that was called, such as `crm_accounts.list`.
        deviations: Those of a page or a response.
    """
    import json  # slow to import, and few programs need it

    seen = Counter(
        (re.sub(r"\[\d+\]", "[]", entry.path), entry.expected, _TYPES.get(type(entry.value), "other"))
        for entry in deviations
    )
    return "".join(
        json.dumps({"operation": operation, "path": path, "expected": expected, "seen": came, "count": count}) + "\n"
        for (path, expected, came), count in seen.items()
    )
