"""Specs that are invalid or use what is not supported: one clear message, exit status 1, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generator.nodes import JSONValue

REMOVE = "(removed)"
OPERATION = "/paths/~1things~1{id}/patch"
ANSWERS = f"{OPERATION}/responses"
BODY = f"{OPERATION}/requestBody"
SCHEMA = f"{BODY}/content/application~1json/schema"
PAGINATION = f"{OPERATION}/x-pagination"
PARAMETER = f"{OPERATION}/parameters/1"
THING = "/components/schemas/Thing"
SIZE = f"{THING}/properties/size"
CHANGED = "/components/schemas/Change/properties"
CHANGE = {"$ref": "#/components/schemas/Change"}
OBJECT = {"type": "object", "properties": {"a": {"type": "string"}}}

# What is put where, the place in the message (`.` is where it was put, `..` what holds it), and the reason in it.
CASES: list[tuple[str, Any, str, str]] = [
    # The document.
    ("/openapi", "3.0.3", ".", "OpenAPI 3.0.3 is not supported, only 3.1"),
    ("/openapi", 3.1, ".", "must be a string"),
    ("/info", REMOVE, "..", "`info` is missing"),
    ("/info/version", REMOVE, "..", "`version` is missing"),
    ("/webhooks", {}, "..", "`webhooks` is not supported"),
    ("/x-owner", "me", "..", "`x-owner` is not supported"),
    ("/servers/1", {"url": "https://b"}, "..", "must name exactly one server"),
    ("/paths", {}, ".", "holds no operation"),
    ("/paths/things", {}, ".", "'things' is not a path whose segments are either fixed or a parameter"),
    ("/paths/~1a%20{b}c", {}, ".", "'/a%20{b}c' is not a path whose segments are either fixed or a parameter"),
    ("/paths/~1things~1{id}/trace", {}, "..", "`trace` is not supported"),
    ("/components/pathItems", {}, "..", "`pathItems` is not supported"),
    ("/components/schemas/a b", OBJECT, ".", "a schema is named with letters, digits, points, dashes and underscores"),
    # Extensions.
    ("/x-client/name", "an example", ".", "'an example' is not a name for a Python class"),
    ("/x-resource/class", "None", ".", "'None' is not a name for a Python class"),
    ("/x-resource/attribute", "Things", ".", "'Things' is not a name in lower case that Python takes"),
    ("/x-resource/custom_methods", "/things/{id}", ".", "must be a path that ends in /{method}"),
    # Operations.
    (f"{OPERATION}/operationId", REMOVE, "..", "`operationId` is missing"),
    (f"{OPERATION}/operationId", "updateThing", ".", "'updateThing' is not a name in lower case that Python takes"),
    (f"{OPERATION}/x-method", "import", ".", "'import' is not a name in lower case that Python takes"),
    (f"{OPERATION}/externalDocs", REMOVE, "..", "`externalDocs` is missing"),
    (f"{OPERATION}/summary", 5, ".", "must be a string"),
    (f"{OPERATION}/callbacks", {}, "..", "`callbacks` is not supported"),
    (f"{OPERATION}/servers", [], "..", "`servers` is not supported"),
    # Answers.
    (ANSWERS, {}, ".", "holds no success"),
    (
        f"{ANSWERS}/default",
        {"description": "No."},
        ".",
        "a response for 'default' is not supported, only for status codes",
    ),
    (f"{ANSWERS}/404", {"description": "No.", "links": {}}, ".", "`links` is not supported"),
    (
        f"{ANSWERS}/201",
        {"description": "Nothing."},
        ".",
        "holds something else than the other successes, which is not supported",
    ),
    (
        f"{ANSWERS}/200/content/text~1csv",
        {"schema": {}},
        ".",
        "the media type text/csv is not supported, only application/json",
    ),
    (
        f"{ANSWERS}/200/content/application~1json/schema",
        {"type": "string"},
        f"{ANSWERS}/200",
        "is neither an object with fields, nor free JSON, nor a page, which is not supported",
    ),
    # Pages.
    (
        PAGINATION,
        {"style": "offset", "parameter": "limit"},
        f"{PAGINATION}/style",
        "'offset' is not supported, only cursor and page_number",
    ),
    (PAGINATION, {"style": "cursor", "parameter": "limit"}, ".", "`items` is missing"),
    (
        PAGINATION,
        {"style": "page_number", "parameter": "limit", "size": "limit", "next": "a"},
        f"{PAGINATION}/next",
        "has no meaning for the style page_number",
    ),
    (
        PAGINATION,
        {"style": "page_number", "parameter": "page", "size": "limit"},
        f"{PAGINATION}/parameter",
        "page is no query parameter of the operation",
    ),
    (
        PAGINATION,
        {"style": "page_number", "parameter": "limit", "size": "limit"},
        f"{ANSWERS}/200",
        "is not an array of objects, which a numbered page must be",
    ),
    (
        PAGINATION,
        {"style": "cursor", "parameter": "limit", "items": ["result"], "next": "size"},
        f"{PAGINATION}/items",
        "names no array of objects in the answer",
    ),
    (
        f"{OPERATION}/x-unwrap",
        "result",
        f"{ANSWERS}/200",
        "is neither an object with result, nor one with and the same without it",
    ),
    # Bodies.
    (SCHEMA, {"type": "array", "items": {}}, BODY, "is not an object, which is not supported"),
    (f"{BODY}/content/application~1json/encoding", {}, "..", "`encoding` is not supported"),
    (
        f"{BODY}/content/multipart~1form-data",
        {"schema": {}},
        ".",
        "the media type multipart/form-data is not supported, only application/json",
    ),
    (
        f"{CHANGED}/nameParts",
        {"anyOf": [{"type": "object", "properties": {"firstName": {}}}, {"type": "object"}]},
        f"{CHANGED}/nameParts/anyOf/0",
        "has keys with other names in Python and is one of several objects, which a body cannot have",
    ),
    (
        f"{CHANGED}/nextOne",
        CHANGE,
        CHANGED.removesuffix("/properties"),
        "holds itself and has keys with other names in Python, which is not supported in a body",
    ),
    # Parameters.
    (f"{PARAMETER}/in", "cookie", ".", "cookie parameters are not supported"),
    (f"{PARAMETER}/in", "header", ".", "header parameters are not supported unless the client sets them (x-bound)"),
    (f"{PARAMETER}/content", {}, "..", "`content` is not supported"),
    (f"{PARAMETER}/allowReserved", True, "..", "`allowReserved` is not supported"),
    (f"{PARAMETER}/style", "pipeDelimited", ".", "'pipeDelimited' is not supported for query parameters"),
    (f"{PARAMETER}/style", "deepObject", ".", "is deepObject for a value that is never an object"),
    (f"{PARAMETER}/explode", "yes", ".", "must be true or false"),
    (
        f"{PARAMETER}/schema",
        {"type": "object"},
        "..",
        "an object in a query is supported with style deepObject and explode true only",
    ),
    (
        f"{PARAMETER}/schema",
        {"type": "array", "items": {}},
        "..",
        "an object in a query is supported with style deepObject and explode true only",
    ),
    (
        f"{PARAMETER}/schema",
        {"type": "array", "items": {"type": "string"}},
        "..",
        "an array in a query is supported with a name that ends in [] and explode true only",
    ),
    (
        f"{PARAMETER}/name",
        "limit[]",
        "..",
        "an array in a query is supported with a name that ends in [] and explode true only",
    ),
    (f"{PARAMETER}/name", "a[b]", ".", "brackets inside the name a[b] are not supported"),
    (
        PARAMETER,
        {"name": "a", "in": "query", "style": "deepObject", "schema": {"type": "object", "properties": {"aB": {}}}},
        f"{PARAMETER}/schema/properties/aB",
        "has another name in Python, which is not supported inside a query option",
    ),
    (f"{PARAMETER}/name", "§", "..", "no Python name can be made of '§'"),
    (f"{PARAMETER}/name", "id", OPERATION, "two of its names would be id in Python"),
    (f"{PARAMETER}/x-python-name", "Limit", ".", "'Limit' is not a name in lower case that Python takes"),
    (
        f"{OPERATION}/parameters/2",
        {"name": "limit", "in": "query", "schema": {}},
        ".",
        "the query parameter limit is there twice",
    ),
    (f"{OPERATION}/parameters/0/required", False, "..", "a path parameter must be required"),
    (f"{OPERATION}/parameters/0/schema", {"type": "number"}, ".", "a path parameter must be a string or an integer"),
    (
        f"{OPERATION}/parameters/0/name",
        "key",
        OPERATION,
        "the path has a parameter id, which is not described",
    ),
    # Schemas.
    (f"{THING}/not", {}, "..", "`not` is not supported"),
    (f"{THING}/if", {}, "..", "`if` is not supported"),
    (f"{THING}/discriminator", {}, "..", "`discriminator` is not supported"),
    (f"{THING}/type", "objekt", ".", "'objekt' is not a type of JSON Schema"),
    (f"{THING}/type", [], ".", "must name one or several different types"),
    (f"{THING}/type", "string", "..", "`properties` without the type object is not supported"),
    (f"{THING}/required", ["id", "name"], "..", "requires 'name', which is not among its properties"),
    (f"{THING}/properties/SIZE", {"type": "string"}, THING, "two of its names would be size in Python"),
    (f"{THING}/properties/€", {"type": "string"}, ".", "no Python name can be made of '€'"),
    (SIZE, "integer", ".", "must be an object"),
    (SIZE, {"type": "array"}, ".", "an array without `items` is not supported"),
    (SIZE, {"items": {}}, ".", "`items` without the type array is not supported"),
    (SIZE, {"additionalProperties": {}}, ".", "`additionalProperties` without the type object is not supported"),
    (SIZE, {"type": "string", "format": "binary"}, f"{SIZE}/format", "the format binary is not supported"),
    (SIZE, {"format": "date-time"}, f"{SIZE}/format", "without the type string is not supported"),
    (SIZE, {"type": "string", "enum": [1, 2]}, f"{SIZE}/enum", "does not hold what `type` says"),
    (SIZE, {"enum": ["a", 1]}, f"{SIZE}/enum", "must hold strings or integers, and not both"),
    (SIZE, {"enum": []}, f"{SIZE}/enum", "must hold strings or integers, and not both"),
    (SIZE, {"enum": ["a", "a"]}, f"{SIZE}/enum", "names a value twice"),
    (SIZE, {"type": ["string", "null"], "enum": ["a"]}, f"{SIZE}/enum", "and `type` disagree about null"),
    (SIZE, {"enum": ["a"], "default": "b"}, f"{SIZE}/default", "is not in the enumeration"),
    (SIZE, {"const": True}, f"{SIZE}/const", "must be a string or an integer, of the type that `type` names"),
    (SIZE, {"type": "integer", "default": "many"}, f"{SIZE}/default", "is not of the type that `type` names"),
    (SIZE, {"type": "object", "default": {}}, f"{SIZE}/default", "must not be an object"),
    (SIZE, {"anyOf": []}, f"{SIZE}/anyOf", "must not be empty"),
    (SIZE, {"type": "string", "anyOf": [{}]}, ".", "`type` beside anyOf is not supported"),
    (SIZE, {"anyOf": [{}], "oneOf": [{}]}, ".", "anyOf beside oneOf is not supported"),
    (
        SIZE,
        {"allOf": [CHANGE], "properties": {}},
        ".",
        "`properties` beside an allOf of one part is not supported: make it a second part",
    ),
    (
        SIZE,
        {"allOf": [CHANGE, {"anyOf": [{}]}]},
        f"{SIZE}/allOf/1",
        "a part of allOf must be a $ref or an object with plain properties",
    ),
    (
        SIZE,
        {"allOf": [{"type": "string"}]},
        f"{SIZE}/allOf/0",
        "a part of allOf must be a $ref or an object with plain properties",
    ),
    (SIZE, {"allOf": [CHANGE, OBJECT], "type": "array"}, f"{SIZE}/type", "beside allOf must be object"),
    (SIZE, {"allOf": [CHANGE, {"required": ["b"]}]}, ".", "requires 'b', which is not among its properties"),
    (
        SIZE,
        {"type": "object", "additionalProperties": False},
        f"{SIZE}/additionalProperties",
        "an object that holds nothing is not supported",
    ),
    (
        SIZE,
        {**OBJECT, "additionalProperties": {"type": "string"}},
        f"{SIZE}/additionalProperties",
        "typed additional properties beside `properties` are not supported",
    ),
    # References.
    (SIZE, {"$ref": "#/components/schemas/Nothing"}, ".", "'#/components/schemas/Nothing' refers to nothing"),
    (SIZE, {"$ref": "#Change"}, ".", "'#Change' does not end in a JSON pointer"),
    (SIZE, {"$ref": 5}, f"{SIZE}/$ref", "must be a string"),
    (SIZE, {**CHANGE, "type": "object"}, ".", "`type` beside $ref is not supported"),
    (SIZE, {"$ref": "missing.yaml"}, ".", "'missing.yaml' does not exist"),
    (SIZE, {"$ref": "a\0.yaml"}, ".", "'a\\x00.yaml' is not a reference"),
    (SIZE, {"$ref": "//[.yaml"}, ".", "'//[.yaml' is not a reference"),
    (SIZE, {"$ref": "../outside.yaml"}, ".", "'../outside.yaml' is outside the specs folder"),
    (SIZE, {"$ref": "/etc/passwd"}, ".", "'/etc/passwd' is outside the specs folder"),
    (
        SIZE,
        {"$ref": "https://example.com/a.yaml"},
        ".",
        "'https://example.com/a.yaml' is not a file: references to the network are not followed",
    ),
    (
        SIZE,
        {"$ref": "file:///etc/passwd"},
        ".",
        "'file:///etc/passwd' is not a file: references to the network are not followed",
    ),
    (SIZE, {"$ref": "#/components/schemas/Thing/properties/size"}, ".", "refers to itself"),
    ("/components/schemas/Loop", {"$ref": "#/components/schemas/Loop"}, ".", "refers to itself"),
    (
        "/components/schemas/Alias",
        {**CHANGE, "description": "No."},
        ".",
        "a named schema that is a $ref cannot say more",
    ),
    # Names that are taken.
    ("/components/schemas/thing", OBJECT, ".", "would be called Thing, which another schema is called"),
    (
        "/x-resource/class",
        "Thing",
        THING,
        "would be called Thing, which is taken by specs/things.yaml: #/x-resource/class",
    ),
    ("/x-resource/class", "Request", ".", "would be called Request, which is taken by the module itself"),
    ("/x-client/name", "Page", "..", "would be called Page, which is taken by the module itself"),
]


@pytest.mark.parametrize(
    ("pointer", "value", "place", "reason"), CASES, ids=[f"{case[0]}: {case[3]}" for case in CASES]
)
def test_a_bad_spec_is_refused_by_file_place_and_reason(
    spec: dict[str, Any], run: Callable[..., str], pointer: str, value: JSONValue, place: str, reason: str
) -> None:
    marker = Path("generated/accounts_client/__init__.py")
    marker.parent.mkdir(parents=True)
    marker.write_text("# Code generated by generator/ from specs/.")

    change(spec, pointer, value)

    place = {".": pointer, "..": pointer.rpartition("/")[0]}.get(place, place)
    where = f"specs/things.yaml: #{place}" if place else "specs/things.yaml"
    assert run({"things.yaml": spec}, status=1) == f"{where}: {reason}\n"
    assert [path for path in Path("generated").rglob("*") if path.is_file()] == [marker]
    assert marker.read_text() == "# Code generated by generator/ from specs/."


def test_the_spec_that_the_cases_change_is_accepted(spec: dict[str, Any], run: Callable[..., str]) -> None:
    assert run({"things.yaml": spec}) == ""


def change(document: JSONValue, pointer: str, value: JSONValue) -> None:
    """Put a value at a place of a document, or take away what is there."""
    *way, last = [key.replace("~1", "/") for key in pointer.split("/")[1:]]
    for key in way:
        document = document[int(key)] if isinstance(document, list) else fields(document)[key]
    if isinstance(document, list):
        document[int(last) :] = [value]
    elif value is REMOVE:
        del fields(document)[last]
    else:
        fields(document)[last] = value


def fields(value: JSONValue) -> dict[str, JSONValue]:
    assert isinstance(value, dict)
    return value
