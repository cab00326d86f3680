"""Tells the layout of a page and reads it; a layout that is not known is said, never guessed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final, TypeAlias

from . import coperniq, markdown, truto
from .forms import Layout, Line, Page, PageError

Parser: TypeAlias = Callable[[Sequence[Line], Collection[str]], Page]

# The reviewed table of layouts: `hidden` of each says what it cannot show.
PARSERS: Final[Mapping[str, tuple[Layout, Parser]]] = {
    layout.name: (layout, parser)
    for layout, parser in (
        (truto.LISTED, truto.parse_listed),
        (truto.JOINED, truto.parse_joined),
        (truto.COUNTED, truto.parse_counted),
        (markdown.MARKDOWN, markdown.parse_markdown),
        (coperniq.COPERNIQ, coperniq.parse_coperniq),
    )
}


def parse(lines: Sequence[Line], names: Collection[str] = ()) -> Page:
    """Return what a page says.

    Args:
        lines: The page.
        names: Names of fields that the specs know: where a name and its type are one word, they tell where it ends.

    Raises:
        PageError: The page has a layout that is not known, or a part that its layout does not have.
    """
    layout = markdown.recognise(lines) or coperniq.recognise(lines) or truto.recognise(lines)
    if layout is None:
        raise PageError(lines[0].number, f"layout not recognised: {lines[0].text[:60]!r} begins none that is known")
    return PARSERS[layout.name][1](lines, names)
