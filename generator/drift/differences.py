"""What can differ between a page and the specs, and how much it means for users once a spec follows the page."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Literal, TypeAlias

from attrs import field, frozen

from generator.nodes import Location, Node, printable

from .contracts import Contract, Operation
from .forms import Mark, Place
from .settle import Seen

Level: TypeAlias = Literal["breaking", "additive", "wording", "support"]
Kind: TypeAlias = Literal[
    "operation",
    "new operation",
    "operation gone",
    "new field",
    "field gone",
    "type",
    "format",
    "required",
    "null",
    "new value",
    "value gone",
    "default",
    "status",
    "wording",
    "integrations",
    "mark",
    "answers seen",
]


@frozen
class Cause:
    """What a difference is about, for those who mend it."""

    operation: Operation
    place: Place | None = None
    contract: Contract | None = None
    seen: Seen | None = None
    holder: Node | None = None
    """The schema or the operation that a new field belongs to."""
    value: str = ""
    mark: Mark | None = None
    fact: Node | None = None
    is_certain: bool = True
    page: str = ""


@frozen
class Difference:
    """One thing that a page says and the spec does not, or the other way round."""

    level: Level
    kind: Kind
    path: str
    """Place and path, such as `body.owner.id`; for a value, the value stands in brackets behind it."""
    line: int
    """Line of the page; the top of the section for what is not there any more."""
    spec: Location
    text: str
    shown: str = ""
    """What the page has instead, where that is one word."""
    known: str = ""
    """The reason why it stays, where a person has looked at it."""
    cause: Cause | None = field(default=None, eq=False, repr=False)

    def __str__(self) -> str:
        return printable(f"{self.path}: {self.text}")


def mark_changes(before: Mark | None, after: Mark | None) -> Iterator[str]:
    """Yield what changed between two marks, as far as both tell it."""
    if before is None and after is not None and after.supported is None:
        yield f"new, {counted(after)}"
        return
    if before is not None and after is None:
        yield "no mark any more"
        return
    old, new = before or Mark(frozenset(), frozenset()), after or Mark()
    if new.supported is not None and old.supported is None and old.required is None:
        yield f"names, where the spec has counts ({counted(old)})"
        return
    if new.supported is not None or new.required is not None:
        yield from name_changes(old.supported or (), new.supported or ())
        yield from name_changes(old.required or (), new.required or (), " (required)")
    if new.count is not None and before is not None and new.count != (count := _count(old)):
        yield f"{counted(new)}, where the spec counts {count[0]} and {count[1]}"


def _count(mark: Mark) -> tuple[int, int]:
    if mark.count is not None:
        return mark.count
    required = len(mark.required or ())
    return len(mark.supported or ()) + required, required


def counted(mark: Mark) -> str:
    """Return the numbers of a mark in words."""
    total, required = _count(mark)
    return f"{total} supported and {required} required"


def name_changes(before: Collection[str], after: Collection[str], what: str = "") -> Iterator[str]:
    """Yield the names that came and went."""
    yield from (f"+{name}{what}" for name in sorted(set(after) - set(before)))
    yield from (f"-{name}{what}" for name in sorted(set(before) - set(after)))
