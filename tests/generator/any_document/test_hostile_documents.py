"""Hostile documents: no string becomes code, nothing leads out of the folder or to the network, and nothing hangs."""

from __future__ import annotations

import ast
import json
import signal
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from generator.nodes import SpecError
from generator.project import UnsupportedError, package_of
from generator.render import printed, render_project
from tests.generator.test_hostile_strings import HARMLESS, HOSTILE, KEY, put, strings_of

PATIENCE = 20
"""Seconds after which a document that makes the generator hang fails the test."""

WORDS = "any words"
NAMING = ("name", "operationId", "title", "tags", "$ref", "propertyName", "required", "mapping")
"""Keys whose strings names in the code are made of, or that say which names belong together."""


@pytest.fixture(autouse=True)
def _no_hanging() -> Iterator[None]:
    def end(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"the generator was still at work after {PATIENCE} s")

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(PATIENCE * 6)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def document() -> dict[str, Any]:
    """Return a document that has a string in each place where a document can have one."""
    json_of = {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}, "example": WORDS}}
    return {
        "openapi": "3.1.0",
        "info": {"title": WORDS, "summary": WORDS, "description": WORDS, "version": WORDS, "x-note": WORDS},
        "servers": [
            {"url": "https://a.example", "description": WORDS},
            {
                "url": "https://b.example/{v}",
                "variables": {"v": {"default": "v1", "enum": ["v1"], "description": WORDS}},
            },
        ],
        "tags": [{"name": "pets", "description": WORDS, "externalDocs": {"url": WORDS}}],
        "security": [{"key": []}],
        "paths": {
            "/pets/{id}": {
                "summary": WORDS,
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "post": {
                    "operationId": "changePet",
                    "tags": ["pets"],
                    "summary": WORDS,
                    "description": WORDS,
                    "externalDocs": {"url": WORDS},
                    "parameters": [
                        {
                            "name": "mode",
                            "in": "query",
                            "description": WORDS,
                            "style": "pipeDelimited",
                            "schema": {"type": "array", "items": {"enum": ["a", WORDS]}, "default": WORDS},
                        },
                        {"name": "X-Trace", "in": "header", "schema": {"type": "string", "default": WORDS}},
                    ],
                    "requestBody": {"description": WORDS, "content": json_of},
                    "responses": {
                        "200": {"description": WORDS, "content": json_of},
                        "202": {"description": WORDS, "content": {"text/plain": {}}},
                    },
                },
                "put": {
                    "operationId": "uploadPet",
                    "requestBody": {
                        "content": {
                            "multipart/form-data": {
                                "schema": {
                                    "type": "object",
                                    "properties": {"photo": {"type": "string", "format": "binary"}},
                                },
                                "encoding": {"photo": {"contentType": "image/png"}},
                            }
                        }
                    },
                    "responses": {"204": {"description": WORDS}},
                },
            }
        },
        "components": {
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key", "description": WORDS}},
            "schemas": {
                "Pet": {
                    "description": WORDS,
                    "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
                    "discriminator": {"propertyName": "kind", "mapping": {"cat": "Cat", "dog": "Dog"}},
                },
                "Cat": {
                    "type": "object",
                    "description": WORDS,
                    "title": WORDS,
                    "required": ["kind"],
                    "properties": {
                        "kind": {"const": "cat", "description": WORDS},
                        "mood": {
                            "type": "string",
                            "enum": ["calm", WORDS],
                            "default": WORDS,
                            "examples": [WORDS],
                            "pattern": WORDS,
                            "format": WORDS,
                        },
                    },
                },
                "Dog": {
                    "type": "object",
                    "required": ["kind"],
                    "x-note": WORDS,
                    "properties": {
                        "kind": {"type": "string"},
                        "tricks": {
                            "type": "array",
                            "items": {"type": "object", "properties": {"name": {"type": "string", "$comment": WORDS}}},
                        },
                    },
                },
            },
        },
    }


def files_of(folder: Path, content: object) -> dict[str, str] | None:
    """Return the files of a document's project, or nothing if it is refused in printable lines."""
    (folder / "any.json").write_text(json.dumps(content), encoding="utf-8")
    try:
        package, _ = package_of(folder / "any.json", "pets")
        return {**printed(package, "pets"), **render_project(package, "pets")}
    except (SpecError, UnsupportedError) as refusal:
        message = str(refusal)
    assert message
    assert all(line.isprintable() for line in message.split("\n"))
    return None


def code_of(files: dict[str, str] | None, *, names: bool) -> dict[str, str] | None:
    """Return the structure of the modules without the values of strings, and without names if so wanted."""
    if files is None:
        return None
    trees = {name: ast.parse(text) for name, text in files.items() if name.endswith(".py")}
    for node in (node for tree in trees.values() for node in ast.walk(tree)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
        if not names:
            for kind in ("id", "attr", "name", "arg", "module", "asname"):
                if hasattr(node, kind):
                    setattr(node, kind, "")
    return (
        {name: ast.dump(tree) for name, tree in trees.items()}
        if names
        else {"": repr(sorted(map(ast.dump, trees.values())))}
    )


def test_no_hostile_string_becomes_code(tmp_path: Path) -> None:
    content, accepted = document(), 0
    for way in strings_of(content):
        # Another name gives other names in the code, in another order, but no other code.
        names = way[-1] != KEY and not {*NAMING} & {*way}
        twins = [code_of(files_of(tmp_path, put(content, way, text)), names=names) for text in HARMLESS]
        for text in HOSTILE[::2]:
            files = files_of(tmp_path, put(content, way, text))
            code = code_of(files, names=names)
            if names:
                assert code in (None, *twins), (way, text)
            if files is not None:
                accepted += 1
                assert set(tomllib.loads(files["pyproject.toml"])) == {"build-system", "project", "tool"}
                assert files["README.md"].count("```") == 4, (way, text)
    assert accepted > 30 * len(HOSTILE[::2])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["any.json"]


@pytest.mark.parametrize(
    "target",
    [
        "/etc/passwd",
        "../outside.yaml",
        "file:///etc/passwd",
        "https://example.com/a.yaml",
        "//example.com/a",
    ],
)
def test_references_lead_nowhere_else(tmp_path: Path, target: str) -> None:
    (tmp_path / "outside.yaml").write_text("type: string")
    folder = tmp_path / "folder"
    folder.mkdir()
    content = document()
    content["components"]["schemas"]["Dog"]["properties"]["out"] = {"$ref": target}
    assert files_of(folder, content) is None


def loops() -> Iterator[dict[str, Any]]:
    yield {"$ref": "#/components/schemas/Dog"}
    yield {"allOf": [{"$ref": "#/components/schemas/Dog"}, {"properties": {"more": {"type": "string"}}}]}
    yield {"$ref": "#/components/schemas/Dog/properties/out"}
    yield {"type": "array", "items": {"$ref": "#/components/schemas/Dog/properties/out"}}
    yield {"oneOf": [{"$ref": "#/components/schemas/Dog/properties/out"}, {"type": "string"}]}
    yield {"allOf": [{"$ref": "#/components/schemas/Dog/properties/out"}, {"type": "string"}]}
    yield {"additionalProperties": {"$ref": "#/components/schemas/Dog/properties/out"}}
    yield {"anyOf": [{"anyOf": [{"type": "string"}] * 30, "properties": {"a": {}}}] * 30, "properties": {"b": {}}}
    yield {"enum": [f"value {number}" for number in range(5_000)]}
    yield {"properties": {"x" * 10_000: {"type": "string"}}}


@pytest.mark.parametrize("schema", list(loops()), ids=lambda schema: json.dumps(schema)[:60])
def test_loops_and_large_things_end(tmp_path: Path, schema: dict[str, Any]) -> None:
    content = document()
    content["components"]["schemas"]["Dog"]["properties"]["out"] = schema
    files_of(tmp_path, content)


@pytest.mark.parametrize("depth", [50, 200, 5_000])
def test_deep_nesting_ends(tmp_path: Path, depth: int) -> None:
    (tmp_path / "any.yaml").write_text(
        "openapi: 3.1.0\ninfo: {title: t}\npaths: {/a: {get: {responses: {'200': {description: d, content: "
        "{application/json: {schema: " + "{type: array, items: " * depth + "{}" + "}" * depth + "}}}}}}}"
    )
    try:
        package_of(tmp_path / "any.yaml", "pets")
    except (SpecError, UnsupportedError) as refusal:
        assert "deeper than" in str(refusal)


def test_a_bomb_of_aliases_is_refused(tmp_path: Path) -> None:
    lines = ["a0: &a0 {type: string}"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    (tmp_path / "any.yaml").write_text("\n".join(lines))
    with pytest.raises(SpecError, match="holds more than"):
        package_of(tmp_path / "any.yaml", "pets")


@pytest.mark.parametrize("name", ["../pets", "a/b", "", "Pets", "class", "accounts_client", "pe-ts", "p\nets", "é"])
def test_a_package_has_a_name_of_its_own(tmp_path: Path, name: str) -> None:
    (tmp_path / "any.json").write_text(json.dumps(document()))
    with pytest.raises(SpecError, match="is no name for a package"):
        package_of(tmp_path / "any.json", name)
