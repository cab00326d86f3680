"""Puts the rows of a page where they belong: into objects, and under their names where the text lost these.

What a layout does not show is settled with the help of the spec: a row belongs to the object before it if the spec has
such a field there, and a text without a name belongs to the field whose wording was recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from attrs import define, evolve, field

from .contracts import Fields
from .forms import Row, digest

# Pages nest a few levels; beyond these bounds new fields only look less certain, and no page takes long.
MAXIMUM_DEPTH: Final = 10
MAXIMUM_LOOK: Final = 10


@define
class Seen:
    """A field that a page shows."""

    row: Row
    fields: dict[str, Seen] = field(factory=lambda: dict[str, Seen]())
    is_certain: bool = True
    """Whether the page shows where the field stands."""


@define
class Settled:
    """What a section of a page shows."""

    fields: dict[str, Seen]
    loose: list[Row] = field(factory=list[Row])
    """Rows without a name whose field is not known."""
    named: dict[str, Row] = field(factory=dict[str, Row])
    """Rows that lost their name, by the path of the field that they are about."""


@define
class _Object:
    """An object whose fields are still being read."""

    known: Fields
    fields: dict[str, Seen]
    left: int | None = None


def settle(rows: Sequence[Row], known: Fields, wordings: Mapping[str, frozenset[str]]) -> Settled:
    """Return the fields of a section, as the spec and the recorded wordings tell them apart."""
    if any(row.name is None for row in rows):
        return _named(rows, wordings)
    root: dict[str, Seen] = {}
    if any(row.depth is None for row in rows):
        _place(rows, known, root)
    else:
        _stack(rows, root)
    return Settled(root)


def _stack(rows: Sequence[Row], root: dict[str, Seen]) -> None:
    """Place rows whose depth the page shows."""
    levels = [root]
    for row in rows:
        seen = Seen(row)
        del levels[(row.depth or 0) + 1 :]
        levels[-1].setdefault(row.name or "", seen)
        levels.append(seen.fields)


def _place(rows: Sequence[Row], known: Fields, root: dict[str, Seen]) -> None:
    chain = [_Object(known, root)]
    for index, row in enumerate(rows):
        name = row.name or ""
        while len(chain) > 1 and chain[-1].left == 0:
            chain.pop()
        level = _level(chain, name)
        is_certain = True
        if level is None:
            level, is_certain = _guess(chain, row, rows[index + 1 : index + 1 + MAXIMUM_LOOK])
        del chain[level + 1 :]
        if chain[-1].left is not None:
            chain[-1].left -= 1
        seen = Seen(row, is_certain=is_certain)
        chain[-1].fields.setdefault(name, seen)
        inner = chain[-1].known[name].shape.fields if name in chain[-1].known else {}
        is_object = inner or row.children or row.type in ("object", "array<object>")
        if is_object and len(chain) < MAXIMUM_DEPTH:
            chain.append(_Object(inner, seen.fields, row.children))


def _level(chain: Sequence[_Object], name: str) -> int | None:
    """Return the object that a name belongs to: the innermost one that has it by the spec and not yet by the page."""
    for level in range(len(chain) - 1, -1, -1):
        if chain[level].left is not None:
            return level
        if name in chain[level].known and name not in chain[level].fields:
            return level
    return None


def _guess(chain: Sequence[_Object], row: Row, rest: Sequence[Row]) -> tuple[int, bool]:
    """Return the object that a new row stands in, and whether that is sure: objects are not interrupted."""
    inner = len(chain) - 1
    followers = (_level(chain, after.name or "") for after in rest)
    follower = next((level for level in followers if level is not None), None)
    if follower == inner:
        return inner, True
    return inner if row.mark is None and not chain[inner].known else 0, not inner


def _named(rows: Iterable[Row], wordings: Mapping[str, frozenset[str]]) -> Settled:
    settled = Settled({})
    fields: dict[str, list[str]] = {}
    for path, digests in wordings.items():
        for each in digests:
            fields.setdefault(each, []).append(path)
    for row in rows:
        paths = [path for path in fields.get(digest(row.wording), ()) if row.wording]
        free = [path for path in paths if path not in settled.named]
        if free:
            settled.named[free[0]] = evolve(row, name=free[0].rpartition(".")[2])
        else:
            settled.loose.append(row)
    return settled
