"""The specs and the vendors' pages, as the tests beside this file read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest
from attrs import frozen

from generator.nodes import JSONValue
from generator.reading import read

ROOT = Path(__file__).parents[2]
DOCS = ROOT.parent / "shared" / "docs"
CATEGORIES = ("crm_accounts", "crm_users", "ticketing_accounts", "coperniq_accounts")

needs_pages = pytest.mark.skipif(not DOCS.is_dir(), reason="the vendors' pages are not part of the repository")


def spec(category: str) -> Place:
    """Return the spec of a category."""
    return _document(ROOT / "specs" / f"{category}.yaml")


def page(name: str) -> str:
    """Return the text of a vendor's page."""
    return (DOCS / "pages" / f"{name}.txt").read_text(encoding="utf-8")


@frozen
class Place:
    """A value in a spec, and the file it stands in."""

    file: Path
    value: JSONValue

    @property
    def fields(self) -> Mapping[str, Place]:
        """Entries of an object, empty for anything else."""
        entries = self.value if isinstance(self.value, dict) else {}
        return {key: Place(self.file, entry) for key, entry in entries.items()}

    @property
    def items(self) -> list[Place]:
        """Entries of an array, empty for anything else."""
        entries = self.value if isinstance(self.value, list) else []
        return [Place(self.file, entry) for entry in entries]

    @property
    def text(self) -> str:
        """Value of a string."""
        assert isinstance(self.value, str)
        return self.value

    @property
    def texts(self) -> list[str]:
        """Strings of an array."""
        return [entry.text for entry in self.items]

    def at(self, *keys: str) -> Place:
        """Follow keys, and every `$ref` on the way; what is not there is null."""
        place = self.target
        for key in keys:
            place = place.fields.get(key, Place(place.file, None)).target
        return place

    @property
    def target(self) -> Place:
        """What a `$ref` refers to; the place itself if it is none."""
        if "$ref" not in self.fields:
            return self
        file, _, pointer = self.fields["$ref"].text.partition("#/")
        document = _document(self.file.parent / file) if file else _document(self.file)
        return document.at(*pointer.split("/"))

    @property
    def types(self) -> set[str]:
        """Types that a schema allows, through references and unions."""
        schema = self.target
        named = schema.at("type")
        types = {named.text} if isinstance(named.value, str) else set(named.texts)
        return types.union(*(part.types for part in schema.at("anyOf").items))

    def everywhere(self) -> Iterator[tuple[tuple[str, ...], Place]]:
        """Yield every value below this one with the keys that lead to it; references are not followed."""
        entries = {str(index): entry for index, entry in enumerate(self.items)} or self.fields
        for key, entry in entries.items():
            yield (key,), entry
            for keys, place in entry.everywhere():
                yield (key, *keys), place

    def operations(self) -> dict[str, Place]:
        """Return the operations of a spec by operationId, each with the parameters of its path added."""
        found: dict[str, Place] = {}
        for path in self.at("paths").fields.values():
            for operation in path.fields.values():
                if "operationId" in operation.fields:
                    parameters = [*path.at("parameters").items, *operation.at("parameters").items]
                    fields = {key: field.value for key, field in operation.fields.items()}
                    fields["parameters"] = [parameter.value for parameter in parameters]
                    found[operation.fields["operationId"].text] = Place(self.file, fields)
        return found


@cache
def _document(file: Path) -> Place:
    return Place(file, read(file, file.name))
