"""Strings of a spec never become code: wherever one is put, the output is that of a harmless string but for texts."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from generator.build import build_clients, build_modules
from generator.documents import load
from generator.model import Package
from generator.nodes import JSONValue, SpecError
from generator.render import formatted, printed
from generator.text import Text

HOSTILE = [
    '"',
    "\\",
    '\\"""',
    '"""\nimport os\nos.abort()\n"""',
    "'''\nimport os\nos.abort()\n'''",
    '")\nimport os; os.abort()  # ',
    "a\r\nimport os\x0cimport os\x85import os",
    "a\u2028import os\u2029import os",
    "{{ 7 * 7 }}{% raw %}{# note #}",
    "{name}{0.__class__}%s%(name)s",
    "__import__('os').abort()",
    "# type: ignore",
    "\u202ereversed\u2066\x00\x1b[2J",
    "\\N{LATIN SMALL LETTER A}\\u0041",
    "é€ " * 50,
]
# A string as long as the hostile one, because a long one is printed in another place.
HARMLESS = ("x-", "x-" * 50)

Way = tuple[str | int, ...]
KEY = "(key)"


def test_no_hostile_string_becomes_code(document: dict[str, Any], tmp_path: Path) -> None:
    accepted = 0
    for way in strings_of(document):
        # Another name gives other names in the code, but no other code.
        names = way[-1] not in (KEY, "name")
        twins = [code_of(generate(tmp_path, put(document, way, text)), names=names) for text in HARMLESS]
        for text in HOSTILE:
            code = code_of(generate(tmp_path, put(document, way, text)), names=names)
            assert code in (None, twins[len(text) > 100]), (way, text)
            accepted += code is not None
    assert accepted > 10 * len(HOSTILE)


def test_formatting_keeps_hostile_strings_harmless(document: dict[str, Any], tmp_path: Path) -> None:
    hostile: JSONValue = document
    for way in strings_of(document):
        if way[-1] == "description":
            hostile = put(hostile, way, "\n\n".join(HOSTILE))
    files, harmless = generate(tmp_path, hostile), generate(tmp_path, document)
    assert files is not None
    assert harmless is not None
    assert code_of(dict(formatted(files))) == code_of(dict(formatted(harmless)))


@pytest.fixture
def document(spec: dict[str, Any]) -> dict[str, Any]:
    """A document that has a string in each place where a document can have one."""
    words = "any words"
    fact = {"operation": "update_thing", "page": words}
    spec["info"] = {"title": words, "summary": words, "description": words, "version": words}
    spec["externalDocs"] = {"url": words}
    spec["components"] = {
        "schemas": {
            "Thing": {
                "description": words,
                "type": "object",
                "required": ["id"],
                "properties": {
                    "id": {"description": words, "type": "string"},
                    "kind": {"type": "string", "enum": ["a", "b"]},
                    "same": {"const": "always"},
                },
            },
            "Change": {
                "type": "object",
                "properties": {
                    "note": {
                        "type": "string",
                        "default": words,
                        "format": words,
                        "title": words,
                        "x-support": [
                            {
                                **fact,
                                "in": "body",
                                "generation": words,
                                "values": {"e": ["f"]},
                                "max_items": {"g": 2},
                            }
                        ],
                    }
                },
            },
        }
    }
    option = {"name": "mode", "in": "query", "description": words, "schema": {"type": "string", "enum": ["a", "b"]}}
    operation = spec["paths"]["/things/{id}"]["patch"]
    operation["description"] = words
    operation["x-support"] = [
        {**fact, "in": "operation", "integrations": ["a", "b"], "partial": ["b"], "without": ["c"]},
        {**fact, "in": "body", "field": None, "position": words, "supported": ["a"], "required": ["d"]},
    ]
    operation["parameters"][1] = option
    return spec


def strings_of(value: JSONValue, way: Way = ()) -> Iterator[Way]:
    """Yield the way to each string of a document, and to each key."""
    if isinstance(value, str):
        yield way
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from strings_of(entry, (*way, index))
    elif isinstance(value, dict):
        for key, entry in value.items():
            yield (*way, key, KEY)
            yield from strings_of(entry, (*way, key))


def put(document: JSONValue, way: Way, value: JSONValue) -> JSONValue:
    """Return the document with a value, or a key, replaced or added."""
    if not way:
        return value
    key, *rest = way
    if isinstance(document, list):
        return [put(entry, tuple(rest), value) if index == key else entry for index, entry in enumerate(document)]
    assert isinstance(document, dict)
    if rest == [KEY]:
        return {str(value) if name == key else name: entry for name, entry in document.items()}
    return {**document, str(key): put(document.get(str(key)), tuple(rest), value)}


def generate(folder: Path, document: JSONValue) -> dict[str, str] | None:
    """Return the modules of a document, or nothing if it is refused in one printable line."""
    (folder / "things.yaml").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    try:
        documents = load(folder)
        modules = [module for document in documents for module in build_modules(document)]
        return dict(printed(Package(modules, build_clients(documents, modules), Text("specs/"))))
    except SpecError as refusal:
        message = str(refusal)
    assert message.isprintable()
    return None


def code_of(files: dict[str, str] | None, *, names: bool = True) -> dict[str, str] | None:
    """Return the structure of modules without the values of their strings, and without names if so wanted."""
    if files is None:
        return None
    trees = {name: ast.parse(text) for name, text in files.items()}
    for node in (node for tree in trees.values() for node in ast.walk(tree)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
        for kind in () if names else ("id", "attr", "name", "arg"):
            if hasattr(node, kind):
                setattr(node, kind, "")
    return {name: ast.dump(tree) for name, tree in trees.items()}
