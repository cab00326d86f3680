"""Any change of a spec gives modules that are Python, or one clear message: never another exception."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.build import build_clients, build_modules
from generator.documents import load
from generator.model import Package
from generator.nodes import JSONValue, SpecError
from generator.reading import read
from generator.render import printed
from generator.text import Text

Way: TypeAlias = tuple[str | int, ...]

SPECS = [read(path, path.parent.name) for path in sorted(Path(__file__).parent.glob("goldens/*/spec.yaml"))]
RECORD: JSONValue = {"$ref": "#/components/schemas/Record"}
VALUES: list[JSONValue] = [
    None,
    True,
    5,
    -1.5,
    "",
    "x",
    "object",
    "array",
    "date-time",
    "path",
    [],
    {},
    ["string", "null"],
    RECORD,
    {"enum": ["a", None]},
    {"type": "integer", "enum": [1, 2]},
    {"allOf": [RECORD]},
    {"anyOf": [{"type": "string"}, {"type": "array", "items": RECORD}]},
    {"type": ["object", "null"], "properties": {"a": {}, "bC": RECORD}},
    {"type": "object", "additionalProperties": RECORD},
]
KEYS = ["type", "items", "properties", "required", "allOf", "anyOf", "enum", "const", "default", "format", "$ref"]


@given(data=st.data())
def test_any_change_gives_modules_or_one_clear_message(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    document = changed(data, SPECS, KEYS, VALUES)
    folder = tmp_path_factory.getbasetemp()
    (folder / "spec.yaml").write_text(json.dumps(document), encoding="utf-8")
    message = ""
    try:
        documents = load(folder)
        modules = [module for document in documents for module in build_modules(document)]
        assert "spec.py" in printed(Package(modules, build_clients(documents, modules), Text("specs/")))
    except SpecError as refusal:
        message = str(refusal)
        assert message
    assert message.isprintable()
    assert "failed with" not in message


def changed(
    data: st.DataObject, documents: Sequence[JSONValue], keys: Sequence[str], values: Sequence[JSONValue]
) -> JSONValue:
    """Return one of the documents with up to three of the values put into it, some of them under one of the keys."""
    document = data.draw(st.sampled_from(documents))
    for _ in range(data.draw(st.integers(1, 3))):
        way = data.draw(st.sampled_from(list(ways(document))))
        way = data.draw(st.sampled_from([way, *((*way, key) for key in keys)]))
        document = put(document, way, data.draw(st.sampled_from(values)))
    return document


def ways(value: JSONValue, way: Way = ()) -> Iterator[Way]:
    """Yield the way to each value of a document."""
    if isinstance(value, list):
        for index, entry in enumerate(value):
            yield from ((*way, index), *ways(entry, (*way, index)))
    elif isinstance(value, dict):
        for key, entry in value.items():
            yield from ((*way, key), *ways(entry, (*way, key)))


def put(document: JSONValue, way: Way, value: JSONValue) -> JSONValue:
    """Return the document with a value replaced, or added under a new key."""
    if not way:
        return value
    key, *rest = way
    if isinstance(document, list):
        return [put(entry, tuple(rest), value) if index == key else entry for index, entry in enumerate(document)]
    if isinstance(document, dict):
        return {**document, str(key): put(document.get(str(key)), tuple(rest), value)}
    return document
