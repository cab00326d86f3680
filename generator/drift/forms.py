"""What a page shows, whatever its layout: the one form that all parsers give and that specs are compared with."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final, Literal, TypeAlias

from attrs import field, frozen

from generator.nodes import printable

Place: TypeAlias = Literal["path", "query", "body", "answer"]
PLACES: Final[tuple[Place, ...]] = ("path", "query", "body", "answer")

Aspect: TypeAlias = Literal[
    "operation",
    "names",
    "types",
    "formats",
    "required",
    "required answers",
    "null",
    "values",
    "defaults",
    "nested fields",
    "end of objects",
    "integrations",
    "marks",
    "names of marks",
    "statuses",
]
"""Something that a layout may or may not show."""

MAP: Final = "map"
"""Type of an object whose fields have no names on the page."""


class PageError(Exception):
    """A page was not understood; the message says why, and the line says where."""

    def __init__(self, line: int, reason: str) -> None:
        self.line = line
        self.reason = printable(reason)
        super().__init__(f"line {line}: {self.reason}")


@frozen
class Line:
    """One line of a page, trimmed, with its number in the file."""

    number: int
    text: str
    indent: int = 0
    """How many blanks stand before the text."""


@frozen
class Mark:
    """What a page says of the integrations of one field."""

    supported: frozenset[str] | None = None
    """Integrations that support the field and do not require it; `None` where the page names none."""
    required: frozenset[str] | None = None
    """Integrations that require the field."""
    count: tuple[int, int] | None = None
    """How many support the field, those that require it included, and how many require it."""


@frozen
class Row:
    """One field as a page prints it, or what is left of it."""

    line: int = field(eq=False)
    name: str | None
    """`None` where the text of the page lost the name."""
    type: str | None = None
    """In the words of the specs, such as `array<object>`; `None` where the page prints none."""
    format: str | None = None
    required: bool = False
    nullable: bool = False
    values: tuple[str, ...] = ()
    joined: str = ""
    """The values in one word, where the text of the page lost the ends of them."""
    default: str | None = None
    wording: str = ""
    """The description, in the vendor's words."""
    mark: Mark | None = None
    depth: int | None = None
    """How deep the field is nested; `None` where the layout does not show it."""
    children: int | None = None
    """How many fields stand below it; `None` where the page does not say."""


@frozen
class Layout:
    """A way in which a vendor prints a page, and what that way cannot show."""

    name: str
    hidden: Mapping[Aspect, str]
    """What this layout does not show, each with how that looks on a page."""

    def shows(self, aspect: Aspect) -> bool:
        """Return whether pages of this layout show something."""
        return aspect not in self.hidden


@frozen
class Page:
    """What one page says."""

    layout: Layout
    line: int = field(eq=False)
    """Where the operation stands."""
    method: str | None
    path: str | None
    title: str = ""
    source: str = ""
    """Address of the page, where the page tells it."""
    integrations: tuple[str, ...] | None = None
    """Integrations that have the operation."""
    partial: tuple[str, ...] = ()
    """Those of them whose lists carry fewer fields than get."""
    rows: Mapping[Place, Sequence[Row]] = field(factory=dict[Place, Sequence[Row]])
    """What stands in each section, in order; a section that the page does not have is absent."""
    sample: Mapping[str, str] | None = None
    """Types of the fields of the sample body, by name."""
    statuses: tuple[str, ...] | None = None
    """Statuses of the errors that the page lists."""
    operations: tuple[tuple[str, str], ...] | None = None
    """On a page about a resource: the methods and paths of its operations."""


def digest(wording: str) -> str:
    """Return what is kept of a vendor's sentence: enough to see that it changed, and nothing of its words."""
    plain = " ".join(wording.replace("`", "").split()).casefold()
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()[:12]
