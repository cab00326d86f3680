"""A large OpenAPI document of 150 operations and 300 schemas. `python -m benchmarks.large_document FILE` writes it.

It has what real documents have as far as the stock generator takes it, so that both generators do the same work:
records that refer to others and to themselves, merges, unions, enumerations, null, dates, files, pages and forms.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final, TypeAlias

JSON: TypeAlias = dict[str, Any]

TAGS: Final = 15
RESOURCES: Final = 30
"""Resources have five operations and ten schemas each."""


def document() -> JSON:
    """Return the document."""
    paths: JSON = {}
    schemas: JSON = {}
    for number in range(RESOURCES):
        paths |= _paths(number)
        schemas |= _schemas(number)
    return {
        "openapi": "3.0.3",
        "info": {"title": "Large", "version": "1"},
        "servers": [{"url": "https://api.example/v1"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }


def _reference(name: str) -> JSON:
    return {"$ref": f"#/components/schemas/{name}"}


def _content(schema: JSON, media_type: str = "application/json") -> JSON:
    return {"content": {media_type: {"schema": schema}}}


def _answer(schema: JSON, status: str = "200") -> JSON:
    return {status: {"description": "Done.", **_content(schema)}}


def _paths(number: int) -> JSON:
    noun, tags = f"Resource{number}", [f"topic {number % TAGS}"]
    identity = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
    options = [
        {"name": "cursor", "in": "query", "description": "Where to go on.", "schema": {"type": "string"}},
        {"name": "limit", "in": "query", "schema": {"type": "integer", "default": 20, "maximum": 100}},
        {"name": "state", "in": "query", "schema": _reference(f"{noun}State")},
        {"name": "labels", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}},
        {"name": "changedAfter", "in": "query", "schema": {"type": "string", "format": "date-time"}},
        {"name": "X-Trace", "in": "header", "schema": {"type": "string"}},
    ]
    return {
        f"/resources{number}": {
            "get": {
                "operationId": f"list{noun}",
                "tags": tags,
                "summary": f"List resources of kind {number}.",
                "parameters": options,
                "responses": _answer(_reference(f"{noun}Page")),
            },
            "post": {
                "operationId": f"create{noun}",
                "tags": tags,
                "summary": f"Create a resource of kind {number}.",
                "requestBody": {"required": True, **_content(_reference(f"{noun}Create"))},
                "responses": _answer(_reference(noun), "201") | {"204": {"description": "Later."}},
            },
        },
        f"/resources{number}/{{id}}": {
            "parameters": [identity],
            "get": {
                "operationId": f"get{noun}",
                "tags": tags,
                "responses": _answer(_reference(noun)) | _answer(_reference(f"{noun}Error"), "404"),
            },
            "patch": {
                "operationId": f"update{noun}",
                "tags": tags,
                "requestBody": _content(_reference(f"{noun}Update")),
                "responses": _answer(_reference(noun)),
            },
            "put": {
                "operationId": f"upload{noun}",
                "tags": tags,
                "requestBody": _content(_reference(f"{noun}Upload"), "multipart/form-data"),
                "responses": _answer({"type": "array", "items": _reference(f"{noun}Part")}),
            },
        },
    }


def _schemas(number: int) -> JSON:
    noun = f"Resource{number}"
    text, moment = {"type": "string", "description": "What is said."}, {"type": "string", "format": "date-time"}
    other = f"Resource{(number + 1) % RESOURCES}"
    fields: JSON = {
        "id": {"type": "string", "format": "uuid"},
        "title": text,
        "createdAt": moment,
        "dueOn": {"type": "string", "format": "date", "nullable": True},
        "amount": {"type": "number"},
        "isOpen": {"type": "boolean", "default": True},
        "state": _reference(f"{noun}State"),
        "parts": {"type": "array", "items": _reference(f"{noun}Part")},
        "parent": _reference(noun),
        "next": _reference(other),
        "anything": {"oneOf": [_reference(f"{noun}Part"), _reference(f"{noun}Note")]},
        "custom": {"type": "object", "additionalProperties": {"type": "string"}},
        "address": {"type": "object", "properties": {"street": text, "city": text, "postalCode": text}},
    }
    return {
        noun: {"type": "object", "required": ["id"], "description": f"Kind {number}.", "properties": fields},
        f"{noun}State": {"type": "string", "enum": [f"open{number}", "closed", "in progress"]},
        f"{noun}Part": {
            "type": "object",
            "required": ["name"],
            "properties": {"name": text, "size": {"type": "integer"}},
        },
        f"{noun}Note": {"type": "object", "properties": {"text": text, "writtenAt": moment}},
        f"{noun}Base": {"type": "object", "properties": {"title": text, "state": _reference(f"{noun}State")}},
        f"{noun}Create": {
            "allOf": [
                _reference(f"{noun}Base"),
                {"type": "object", "required": ["title"], "properties": {"note": text}},
            ]
        },
        f"{noun}Update": {
            "allOf": [_reference(f"{noun}Base"), {"type": "object", "properties": {"dueOn": fields["dueOn"]}}]
        },
        f"{noun}Upload": {
            "type": "object",
            "required": ["file"],
            "properties": {"file": {"type": "string", "format": "binary"}, "caption": text},
        },
        f"{noun}Page": {
            "type": "object",
            "properties": {
                "items": {"type": "array", "items": _reference(noun)},
                "nextCursor": {"type": "string", "nullable": True},
            },
        },
        f"{noun}Error": {"type": "object", "properties": {"message": text, "code": {"type": "integer"}}},
    }


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(document()))
