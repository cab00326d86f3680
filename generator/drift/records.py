"""The reviewed files beside this one: disagreements that are known, and digests of the vendors' wordings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from attrs import frozen

from generator.nodes import JSONValue, Location, SpecError
from generator.reading import read

from .forms import PLACES, Place

FOLDER: Final = Path(__file__).parent
KNOWN: Final = FOLDER / "known.yaml"
WORDINGS: Final = FOLDER / "wordings.yaml"

Wordings: TypeAlias = Mapping[str, Mapping[Place, Mapping[str, frozenset[str]]]]
"""Digests of descriptions, by page, place and path of the field."""


@frozen
class Known:
    """A disagreement between a page and its spec that a person has looked at."""

    page: str
    kind: str
    field: str
    """Place and path, such as `body.owner.id`; a star at the end stands for anything."""
    reason: str
    shown: str = ""
    """What the page has instead; where it is given, the page may not show anything else."""

    def covers(self, page: str, kind: str, path: str, shown: str) -> bool:
        """Return whether this is about a difference."""
        is_about = path.startswith(self.field[:-1]) if self.field.endswith("*") else path == self.field
        return (self.page, self.kind) == (page, kind) and is_about and self.shown in ("", shown)


def read_known(file: Path = KNOWN) -> Sequence[Known]:
    """Return the known disagreements.

    Raises:
        SpecError: The file has another form.
    """
    place = Location(file.name)
    found: list[Known] = []
    for page, entries in _mapping(read(file, file.name), place).items():
        for index, entry in enumerate(_sequence(entries, place.below(page))):
            at = place.below(page, str(index))
            texts = {key: _text(value, at.below(key)) for key, value in _mapping(entry, at).items()}
            if not {"kind", "field", "reason"} <= set(texts) <= {"kind", "field", "reason", "shown"}:
                raise SpecError(at, "must have kind, field and reason, and may have shown")
            found.append(Known(page, texts["kind"], texts["field"], texts["reason"], texts.get("shown", "")))
    return found


def read_wordings(file: Path = WORDINGS) -> Wordings:
    """Return the recorded wordings.

    Raises:
        SpecError: The file has another form.
    """
    root = Location(file.name)
    found: dict[str, dict[Place, dict[str, frozenset[str]]]] = {}
    for page, places in _mapping(read(file, file.name), root).items():
        at = root.below(page)
        sections = _mapping(places, at)
        found[page] = {
            place: {
                path: frozenset(_text(digests, at.below(place, path)).split())
                for path, digests in _mapping(sections[place], at.below(place)).items()
            }
            for place in PLACES
            if place in sections
        }
    return found


def write_wordings(wordings: Wordings, file: Path = WORDINGS) -> None:
    """Write the recorded wordings."""
    lines = [
        "# Digests of the descriptions on the vendors' pages, by page, place and field: they show that a sentence",
        "# changed, and hold none of its words. `python -m generator drift --record PAGE...` writes them anew.",
    ]
    for page, places in wordings.items():
        lines.append(f"{page}:")
        for place in PLACES:
            if digests := places.get(place):
                lines.append(f"  {place}:")
                lines += [f'    {path}: "{" ".join(sorted(each))}"' for path, each in digests.items()]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _mapping(value: JSONValue, place: Location) -> Mapping[str, JSONValue]:
    if not isinstance(value, dict):
        raise SpecError(place, "must be an object")
    return value


def _sequence(value: JSONValue, place: Location) -> Sequence[JSONValue]:
    if not isinstance(value, list):
        raise SpecError(place, "must be an array")
    return value


def _text(value: JSONValue, place: Location) -> str:
    if not isinstance(value, str):
        raise SpecError(place, "must be a string")
    return value
