"""Tables in the terminal: with rich where it is installed, plain where it is not."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from textwrap import wrap
from typing import Final

from .tables import Row, Table

_STYLES: Final[Mapping[str, str]] = {
    "yes": "green",
    "required": "bold blue",
    "no": "red",
    "?": "dim",
    "partial": "yellow",
}
_GAP: Final = "  "
_NARROWEST: Final = 6
"""Characters that a column keeps, however narrow the terminal is."""


def write_tables(tables: Sequence[Table]) -> None:
    """Write tables to the standard output; where it is no terminal, without colors."""
    if find_spec("rich") is None:
        width = shutil.get_terminal_size().columns
        sys.stdout.writelines(f"{line}\n" for table in tables for line in (*plain(table, width), ""))
    else:
        _write_rich(tables)


def plain(table: Table, width: int) -> Iterator[str]:
    """Yield the lines of a table that fit into a width, as far as a few characters a column allow it."""
    columns = list(zip(table.headers, *table.rows, strict=True))
    widths = [max(map(len, column)) for column in columns]
    # Words are broken only where the terminal is too narrow even for them.
    words = [max(len(word) for cell in column for word in [*cell.split(), ""]) for column in columns]
    for floors in (words, [_NARROWEST] * len(words)):
        while sum(widths) + len(_GAP) * (len(widths) - 1) > width:
            _, widest = max(
                (size - floor, number) for number, (size, floor) in enumerate(zip(widths, floors, strict=True))
            )
            if widths[widest] <= floors[widest]:
                break
            widths[widest] -= 1
    yield table.title
    yield from _lines(table.headers, widths)
    yield _GAP.join("-" * size for size in widths)
    for row in table.rows:
        yield from _lines(row, widths)
    for note in table.notes:
        yield from wrap(note, max(width, _NARROWEST))


def _lines(row: Row, widths: Sequence[int]) -> Iterator[str]:
    cells = [wrap(cell, size) or [""] for cell, size in zip(row, widths, strict=True)]
    for number in range(max(map(len, cells))):
        parts = (cell[number] if number < len(cell) else "" for cell in cells)
        yield _GAP.join(part.ljust(size) for part, size in zip(parts, widths, strict=True)).rstrip()


def _write_rich(tables: Sequence[Table]) -> None:
    # An optional dependency, which nothing else needs.
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    console = Console(highlight=False)
    for table in tables:
        shown = RichTable(
            title=Text(table.title, style="bold"),
            title_justify="left",
            box=SIMPLE_HEAD,
            show_edge=False,
            padding=(0, 1, 0, 0),
        )
        for header in table.headers:
            shown.add_column(Text(header))
        for row in table.rows:
            shown.add_row(*(Text(cell, style=_STYLES.get(cell.partition(" ")[0], "")) for cell in row))
        console.print(shown)
        for note in table.notes:
            console.print(Text(note, style="dim"))
        console.print()
