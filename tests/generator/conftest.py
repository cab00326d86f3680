"""What the tests of the generator share: a small spec to change, and a run of the command on a folder of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from generator.__main__ import main

Specs: TypeAlias = Mapping[str, Any]
"""Files of a specs folder by name: the text itself, or a document."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite-goldens", action="store_true", help="write the expected modules anew")


@pytest.fixture
def spec() -> dict[str, Any]:
    """A small spec of one operation, fresh for each test."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1"},
        "servers": [{"url": "https://api.example.com"}],
        "x-client": {"name": "Example", "base": "ExampleClient", "description": "An example service."},
        "x-resource": {"attribute": "things", "class": "Things"},
        "paths": {
            "/things/{id}": {
                "patch": {
                    "operationId": "update_thing",
                    "x-method": "update",
                    "summary": "Change one thing.",
                    "externalDocs": {"url": "https://example.com/docs"},
                    "parameters": [
                        {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
                        {"name": "limit", "in": "query", "schema": {"type": "integer"}},
                    ],
                    "requestBody": {
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Change"}}},
                    },
                    "responses": {
                        "200": {
                            "description": "The thing.",
                            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}},
                        }
                    },
                }
            }
        },
        "components": {
            "schemas": {
                "Thing": {
                    "type": "object",
                    "required": ["id"],
                    "properties": {"id": {"type": "string"}, "size": {"type": "integer"}},
                },
                "Change": {"type": "object", "properties": {"size": {"type": "integer"}}},
            }
        },
    }


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run the command on files put into `specs`, check its exit status, and return what it said."""
    monkeypatch.chdir(tmp_path)

    def run(specs: Specs, *options: str, status: int = 0) -> str:
        for name, content in specs.items():
            path = tmp_path / "specs" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        assert main(options) == status
        captured = capsys.readouterr()
        assert captured.out == ""
        return captured.err

    return run
