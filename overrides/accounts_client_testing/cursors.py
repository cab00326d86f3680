"""Cursors: opaque texts that know where a listing stands, and serve that listing alone."""

from __future__ import annotations

import base64
import hashlib
import json

from attrs import frozen

from accounts_client_runtime import JSON


@frozen
class Position:
    """Where a listing stands."""

    start: int = 0
    """Index of the next record."""
    turn: int = 0
    """How many pages came before; keeps the cursors of two pages with the same start apart."""


def seal_of(*parts: JSON) -> str:
    """Return a digest of what a cursor is bound to."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def write_cursor(position: Position, seal: str) -> str:
    """Return the cursor of a position."""
    text = f"{position.start}.{position.turn}.{seal}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(cursor: str, seal: str) -> Position | None:
    """Return the position of a cursor, if it is one that bears the seal."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        start, turn, found = text.split(".")
        position = Position(int(start), int(turn))
    except ValueError:
        return None
    return position if found == seal else None
