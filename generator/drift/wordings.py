"""Writes down the wordings of pages that a person has reviewed, as digests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from .compare import find_operation, page_name
from .contracts import read_contracts
from .forms import PageError, digest
from .layouts import parse
from .lines import read_lines
from .records import Wordings
from .settle import Seen, settle


def record(files: Sequence[Path], specs: Path, wordings: Wordings) -> Wordings:
    """Return the wordings with those of some pages anew.

    Raises:
        PageError: A page is not understood, is about no operation of the specs, or lost the names of its fields.
        SpecError: The specs cannot be read.
    """
    contracts = read_contracts(specs)
    found = dict(wordings)
    for file in files:
        page = parse(read_lines(file), contracts.names)
        operation = find_operation(page, contracts)
        if operation is None:
            raise PageError(page.line, f"{file}: no spec has the operation of this page")
        if not page.layout.shows("names"):
            raise PageError(page.line, f"{file}: this layout lost the names of the fields; write the digests by hand")
        found[page_name(page, file.stem, operation)] = {
            place: dict(_digests(settle(rows, operation.fields[place], {}).fields, ()))
            for place, rows in page.rows.items()
        }
    return found


def _digests(fields: Mapping[str, Seen], path: tuple[str, ...]) -> Iterator[tuple[str, frozenset[str]]]:
    for name, seen in fields.items():
        yield ".".join((*path, name)), frozenset({digest(seen.row.wording)})
        yield from _digests(seen.fields, (*path, name))
