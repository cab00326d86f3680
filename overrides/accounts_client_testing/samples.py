"""Records made up from the types of their fields."""

from __future__ import annotations

from datetime import date, datetime
from random import Random
from typing import Literal, get_args, get_origin
from uuid import UUID

import attrs

from accounts_client_runtime import JSON

from .resources import members, wire_fields


def sample(hint: object, name: str, number: int, stamp: str, random: Random) -> JSON:
    """Return a value for a field.

    Args:
        hint: Annotated type of the field.
        name: Wire name of the field.
        number: Number of the record, from 1.
        stamp: Moment for dates and times.
        random: Chooses numbers and members of enumerations.
    """
    kind = members(hint)[0]
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is list:
        return [sample(arguments[0], name, number, stamp, random)]
    if origin is dict:
        return {}
    if origin is Literal:
        choice: JSON = random.choice(arguments)
        return choice
    if isinstance(kind, type) and attrs.has(kind):
        return {key: sample(inner, key, number, stamp, random) for key, inner in wire_fields(kind).items()}
    return _sample_scalar(kind, name, number, stamp, random)


def _sample_scalar(kind: object, name: str, number: int, stamp: str, random: Random) -> JSON:
    if kind is str:
        return _sample_text(name, number)
    if kind is bool:
        return True
    if kind is int:
        return random.randint(1, 1000)
    if kind is float:
        return random.randint(1, 4000) / 4
    if kind is datetime:
        return stamp
    if kind is date:
        return stamp.partition("T")[0]
    if kind is UUID:
        return str(UUID(int=number))
    return None


def _sample_text(name: str, number: int) -> str:
    lowered = name.lower()
    if lowered == "id":
        return str(number)
    if "mail" in lowered:
        return f"{lowered}-{number}@example.com"
    if lowered.endswith(("url", "website")):
        return f"https://example.com/{lowered}/{number}"
    return f"{name} {number}"
