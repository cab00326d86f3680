"""What the specs of this project may hold, in OpenAPI 3.1: for each kind of object its keys, used or for readers.

A key that stands in no table is refused, so that nothing a spec says is dropped in silence. Specs written by hand say
everything in one way: what could be said in two is absent here. `openapi.py` has the tables for any other document.

These extensions say what OpenAPI has no words for:

- `x-client` (document): the client's class, its docstring, and its hand-written base without `Sync` or `Async`.
- `x-resource` (document): the client's attribute and the class of the operations; `custom_methods` is a path for
  methods that no page lists.
- `x-method` (operation): its name on that class; the operationId names the function that builds the request.
- `x-pagination` (operation): `cursor`, with its parameter and where records and next cursor stand in the answer, or
  `page_number`, with the parameters for the number and the size of a page.
- `x-unwrap` (operation): the answer may stand under this key, or bare.
- `x-bound` (parameter): the client sets it, and no caller does.
- `x-python-name` (parameter): its name in Python, where that is not made of its name on the wire.
- `x-support` (operation, parameter, schema): what the pages say about integrations, one entry a fact; the head of
  `specs/shared/truto.yaml` tells what its keys mean.
- `x-source`: for readers.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Mapping
from typing import Final

from .nodes import Node
from .vocabulary import (
    DOCUMENTATION,
    FLAG,
    TEXT,
    TEXTS,
    VALUE,
    VALUES_BY_NAME,
    Grammar,
    Kind,
    Rule,
    is_false,
    is_true,
    many,
    named,
    one,
    types_of,
)

_METHODS: Final = ("get", "post", "put", "patch", "delete")

_NOTES: Final[Mapping[str, Rule]] = {
    "x-source": DOCUMENTATION,  # which of several disagreeing sources a fact was taken from
}
_SUPPORT: Final[Mapping[str, Rule]] = {"x-support": many("support")}

_KINDS: Final[Mapping[str, Kind]] = {
    "document": Kind(
        {
            "openapi": TEXT,
            "info": one("info"),
            "externalDocs": one("link"),
            "servers": many("server"),
            "paths": named("path item"),
            "components": one("components"),
            "x-client": one("client"),
            "x-resource": one("resource"),
            "tags": DOCUMENTATION,  # modules come from files, not from tags
            "security": DOCUMENTATION,  # the hand-written client of a service knows how it signs in
            **_NOTES,
        },
        required=("openapi", "info", "servers", "paths", "x-client", "x-resource"),
    ),
    "info": Kind(
        {
            "title": TEXT,
            "summary": TEXT,
            "description": TEXT,
            "version": DOCUMENTATION,  # the output depends on what a spec says, not on its number
            "contact": DOCUMENTATION,  # about people
            "license": DOCUMENTATION,  # about the spec itself
            "termsOfService": DOCUMENTATION,  # about the service as a business
            **_NOTES,
        },
        required=("title", "version"),
    ),
    "link": Kind(
        {
            "url": TEXT,
            "description": DOCUMENTATION,  # the address is enough for a docstring
        },
        required=("url",),
    ),
    "server": Kind(
        {
            "url": TEXT,
            "description": DOCUMENTATION,  # says in words what the address is
        },
        required=("url",),
    ),
    "client": Kind({"name": TEXT, "base": TEXT, "description": TEXT}, required=("name", "base", "description")),
    "resource": Kind(
        {"attribute": TEXT, "class": TEXT, "description": TEXT, "custom_methods": TEXT},
        required=("attribute", "class"),
    ),
    "components": Kind(
        {
            "schemas": named("schema"),
            "parameters": named("parameter"),
            "requestBodies": named("request body"),
            "responses": named("response"),
            "headers": DOCUMENTATION,  # the runtime knows the headers it reads
            "examples": DOCUMENTATION,  # show values, say nothing about types
            "securitySchemes": DOCUMENTATION,  # the hand-written client of a service knows how it signs in
        }
    ),
    "path item": Kind(
        {
            **dict.fromkeys(_METHODS, one("operation")),
            "parameters": many("parameter"),
            "summary": DOCUMENTATION,  # each operation has its own
            "description": DOCUMENTATION,  # each operation has its own
            **_NOTES,
        }
    ),
    "operation": Kind(
        {
            "operationId": TEXT,
            "summary": TEXT,
            "description": TEXT,
            "deprecated": FLAG,
            "externalDocs": one("link"),
            "parameters": many("parameter"),
            "requestBody": one("request body"),
            "responses": named("response"),
            "x-method": TEXT,
            "x-pagination": one("pagination"),
            "x-unwrap": TEXT,
            "tags": DOCUMENTATION,  # modules come from files, not from tags
            "security": DOCUMENTATION,  # the hand-written client of a service knows how it signs in
            **_NOTES,
            **_SUPPORT,
        },
        required=("operationId", "summary", "externalDocs", "responses", "x-method"),
    ),
    "pagination": Kind(
        {
            "style": TEXT,
            "parameter": TEXT,
            "items": TEXTS,
            "next": TEXT,
            "partial": TEXT,
            "size": TEXT,
        },
        required=("style", "parameter"),
    ),
    "parameter": Kind(
        {
            "name": TEXT,
            "in": TEXT,
            "description": TEXT,
            "required": FLAG,
            "deprecated": FLAG,
            "schema": one("schema"),
            "style": TEXT,
            "explode": FLAG,
            "x-bound": FLAG,
            "x-python-name": TEXT,
            "example": DOCUMENTATION,  # shows a value, says nothing about types
            "examples": DOCUMENTATION,  # show values, say nothing about types
            **_NOTES,
            **_SUPPORT,
        },
        required=("name", "in", "schema"),
    ),
    "support": Kind(
        {
            **dict.fromkeys(("operation", "in", "page", "generation", "position"), TEXT),
            **dict.fromkeys(("supported", "required", "integrations", "partial", "without"), TEXTS),
            **dict.fromkeys(("values", "max_items"), VALUES_BY_NAME),
            "count": one("support count"),
            "complete": FLAG,
            "field": VALUE,
        },
        required=("operation", "in", "page"),
    ),
    "support count": Kind({"supported": VALUE, "required": VALUE}, required=("supported", "required")),
    "request body": Kind(
        {
            "content": named("media type"),
            "required": FLAG,
            "description": DOCUMENTATION,  # the schema has its own, which is what users see
            **_NOTES,
        },
        required=("content",),
    ),
    "response": Kind(
        {
            "content": named("media type"),
            "description": DOCUMENTATION,  # the schema has its own, which is what users see
            "headers": DOCUMENTATION,  # the runtime knows the headers it reads
            **_NOTES,
        },
        required=("description",),
    ),
    "media type": Kind(
        {
            "schema": one("schema"),
            "example": DOCUMENTATION,  # shows a value, says nothing about types
            "examples": DOCUMENTATION,  # show values, say nothing about types
        },
        required=("schema",),
    ),
    "schema": Kind(
        {
            "type": VALUE,
            "format": TEXT,
            "enum": VALUE,
            "const": VALUE,
            "default": VALUE,
            "properties": named("schema"),
            "required": TEXTS,
            "additionalProperties": Rule("one or flag", "schema"),
            "items": one("schema"),
            "allOf": many("schema"),
            "anyOf": many("schema"),
            "oneOf": many("schema"),
            "description": TEXT,
            "deprecated": FLAG,
            "title": DOCUMENTATION,  # classes are named after components and properties, which are unique
            "externalDocs": DOCUMENTATION,  # which page a fact was taken from
            "example": DOCUMENTATION,  # shows a value, says nothing about types
            "examples": DOCUMENTATION,  # show values, say nothing about types
            "$comment": DOCUMENTATION,  # for readers of the spec
            **dict.fromkeys(
                # Limits are the service's to enforce: a client that refused more than the service does would be wrong.
                (
                    "minimum",
                    "maximum",
                    "exclusiveMinimum",
                    "exclusiveMaximum",
                    "multipleOf",
                    "minLength",
                    "maxLength",
                    "pattern",
                    "minItems",
                    "maxItems",
                    "uniqueItems",
                    "minProperties",
                    "maxProperties",
                ),
                DOCUMENTATION,
            ),
            **_NOTES,
            **_SUPPORT,
        }
    ),
}

_BESIDE_REFERENCE: Final[Mapping[str, frozenset[str]]] = {
    # A schema may say more about the place that refers to another schema, but not change what it refers to.
    "schema": frozenset(
        {"description", "default", "deprecated", "title", "externalDocs", "example", "examples", "$comment"}
        | {*_NOTES, *_SUPPORT}
    ),
}

_METHOD_NAME: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_CLASS_NAME: Final = re.compile(r"[A-Z][A-Za-z0-9]*")
_PATH: Final = re.compile(r"(/([A-Za-z0-9._~!$&'()*+,;=:@%-]+|\{[A-Za-z0-9_-]+\}))+")
_STATUS: Final = re.compile(r"[1-5]([0-9][0-9]|XX)")
_PYTHON_TYPES: Final[Mapping[object, tuple[type, ...]]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (),
    "array": (),
    "null": (type(None),),
}
_OBJECT_KEYS: Final = ("properties", "required")
_TYPE_OF_KEY: Final = {**dict.fromkeys(_OBJECT_KEYS, "object"), "additionalProperties": "object", "items": "array"}
_UNIONS: Final = ("anyOf", "oneOf", "allOf")
_TIMES: Final = ("date", "date-time")
# Their values are no text in JSON, or no text that users write as it is.
_UNSUPPORTED_FORMATS: Final = ("binary", "byte", "time", "duration")


def _check_document(node: Node) -> None:
    version = node["openapi"]
    if not re.fullmatch(r"3\.1\.[0-9]+", version.text):
        raise version.refuse(f"OpenAPI {version.text} is not supported, only 3.1")
    if len(node["servers"].items) != 1:
        raise node["servers"].refuse("must name exactly one server")
    owners: dict[str, Node] = {}
    for path, item in node["paths"].fields.items():
        if not _PATH.fullmatch(path):
            raise item.refuse(f"{path!r} is not a path whose segments are either fixed or a parameter")
        for name in (operation["operationId"] for key, operation in item.fields.items() if key in _METHODS):
            if name.text in owners:
                raise name.refuse(f"is also that of {owners[name.text].location}")
            owners[name.text] = name
    if not owners:
        raise node["paths"].refuse("holds no operation")


def _check_client(node: Node) -> None:
    _refuse_class_name(node["name"])
    _refuse_class_name(node["base"])


def _check_resource(node: Node) -> None:
    _refuse_method_name(node["attribute"])
    _refuse_class_name(node["class"])
    custom = node.get("custom_methods")
    if custom and not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+/\{method\}", custom.text):
        raise custom.refuse("must be a path that ends in /{method}")


def _check_operation(node: Node) -> None:
    _refuse_method_name(node["operationId"])
    _refuse_method_name(node["x-method"])
    for status, response in node["responses"].fields.items():
        if not _STATUS.fullmatch(status):
            raise response.refuse(f"a response for {status!r} is not supported, only for status codes")
        if status.startswith("2") and "content" in response.fields:
            _check_content(response)


def _check_pagination(node: Node) -> None:
    keys = {"cursor": {"style", "parameter", "items", "next", "partial"}, "page_number": {"style", "parameter", "size"}}
    style = node["style"].text
    if style not in keys:
        raise node["style"].refuse(f"{style!r} is not supported, only {' and '.join(keys)}")
    for key in sorted(keys[style] - {"partial"} - set(node.fields)):
        raise node.refuse(f"`{key}` is missing")
    for key in sorted(set(node.fields) - keys[style]):
        raise node[key].refuse(f"has no meaning for the style {style}")


def _check_parameter(node: Node) -> None:
    place = node["in"].text
    if place not in ("path", "query", "header"):
        raise node["in"].refuse(f"{place} parameters are not supported")
    if place == "header" and not is_true(node, "x-bound"):
        raise node["in"].refuse("header parameters are not supported unless the client sets them (x-bound)")
    if place == "path" and not is_true(node, "required"):
        raise node.refuse("a path parameter must be required")
    if name := node.get("x-python-name"):
        _refuse_method_name(name)
    style = node.get("style")
    if style and style.text not in {"path": ("simple",), "query": ("form", "deepObject"), "header": ("simple",)}[place]:
        raise style.refuse(f"{style.text!r} is not supported for {place} parameters")


def _check_fact(node: Node) -> None:
    """Refuse a fact that says two things, or none."""
    place = node["in"]
    if place.text not in ("operation", "query", "body", "answer"):
        raise place.refuse(f"{place.text!r} is not supported, only operation, query, body and answer")
    of_operation = {"integrations", "partial", "without"}
    of_field = {"supported", "required", "count", "values", "max_items", "field", "position"}
    for key in sorted((of_field if place.text == "operation" else of_operation) & node.fields.keys()):
        raise node[key].refuse(f"has no meaning for a fact about the {place.text}")
    if place.text == "operation" and "integrations" not in node.fields:
        raise node.refuse("`integrations` is missing")
    if ("field" in node.fields) != ("position" in node.fields):
        raise node.refuse("`field` and `position` stand together")
    if (field := node.get("field")) and field.value is not None:
        raise field.refuse("must be null: a fact about a field that has a name stands beside it")
    named = [name for key in ("supported", "required", "integrations", "without") for name in _names(node.get(key))]
    for name in named:
        if [other.value for other in named].count(name.value) > 1:
            raise name.refuse(f"{name.text} is there twice")
    for name in _names(node.get("partial")):
        if name.value not in [other.value for other in node["integrations"].items]:
            raise name.refuse(f"{name.text} is not among the integrations")
    if count := node.get("count"):
        _check_count(node, count)


def _check_count(fact: Node, count: Node) -> None:
    numbers = [count["supported"].value, count["required"].value]
    supported, required = (number if type(number) is int else -1 for number in numbers)
    if not 0 <= required <= supported:
        raise count.refuse("must hold two whole numbers, of which supported includes required")
    if {"supported", "required"} <= fact.fields.keys() and not is_false(fact, "complete"):
        names = len(fact["supported"].items) + len(fact["required"].items), len(fact["required"].items)
        if names != (supported, required):
            raise count.refuse(f"counts {supported} and {required}, but {names[0]} and {names[1]} are named")


def _names(node: Node | None) -> tuple[Node, ...]:
    """Return the names of integrations in a list."""
    for name in node.items if node else ():
        if not name.text.strip():
            raise name.refuse("is no name")
    return node.items if node else ()


def _check_content(node: Node) -> None:
    for media_type, content in node["content"].fields.items():
        if media_type != "application/json":
            raise content.refuse(f"the media type {media_type} is not supported, only application/json")


def _check_schema(node: Node) -> None:
    if allowed := node.get("type"):
        _check_type(allowed)
    types = types_of(node)
    _check_structure(node, types)
    _check_values(node, types)
    if format_ := node.get("format"):
        if format_.text in _UNSUPPORTED_FORMATS:
            raise format_.refuse(f"the format {format_.text} is not supported")
        if format_.text in _TIMES and "string" not in types:
            raise format_.refuse("without the type string is not supported")
    if "array" in types and "items" not in node.fields:
        raise node.refuse("an array without `items` is not supported")
    _check_object(node)


def _check_structure(node: Node, types: tuple[str, ...]) -> None:
    """Refuse combinations of which openapi-python-client would keep one half."""
    unions = [key for key in ("anyOf", "oneOf", "allOf") if key in node.fields]
    if len(unions) > 1:
        raise node.refuse(f"{' beside '.join(unions)} is not supported")
    for key, type_ in _TYPE_OF_KEY.items():
        if key in node.fields and type_ not in types and not (key in _OBJECT_KEYS and not types):
            raise node.refuse(f"`{key}` without the type {type_} is not supported")
    for union in unions:
        if not node[union].items:
            raise node[union].refuse("must not be empty")
        _check_beside(node, union)


def _check_beside(node: Node, union: str) -> None:
    """Refuse what a union or a merge cannot have beside it."""
    allowed = ("type", *_OBJECT_KEYS) if union == "allOf" else ()
    for key in ("type", "enum", "const", "format", *_TYPE_OF_KEY):
        if key in node.fields and key not in allowed:
            raise node.refuse(f"`{key}` beside {union} is not supported")
    if union == "allOf":
        parts = node["allOf"].items
        for key in _OBJECT_KEYS:
            if key in node.fields and len(parts) == 1:
                raise node.refuse(f"`{key}` beside an allOf of one part is not supported: make it a second part")
        if types_of(node) not in ((), ("object",)):
            raise node["type"].refuse("beside allOf must be object")
        for part in parts:
            used = {"type", *_OBJECT_KEYS, *_TYPE_OF_KEY, "enum", "const", "format", *_UNIONS}.intersection(part.fields)
            plain = used <= {"type", *_OBJECT_KEYS} and types_of(part) in ((), ("object",)) and used - {"type"}
            if "$ref" not in part.fields and not plain:
                raise part.refuse("a part of allOf must be a $ref or an object with plain properties")


def _check_type(node: Node) -> None:
    names = node.items if isinstance(node.value, tuple) else (node,)
    for name in names:
        if name.value not in _PYTHON_TYPES:
            raise name.refuse(f"{name.value!r} is not a type of JSON Schema")
    if len({name.text for name in names}) != len(names) or not names:
        raise node.refuse("must name one or several different types")


def _check_values(node: Node, types: tuple[str, ...]) -> None:
    """Refuse values that the types or the enumeration do not hold."""
    enum, const, default = node.get("enum"), node.get("const"), node.get("default")
    if enum:
        values = [entry.value for entry in enum.items]
        kinds = {type(value) for value in values if value is not None}
        if len(kinds) != 1 or not kinds <= {str, int}:
            raise enum.refuse("must hold strings or integers, and not both")
        if len(set(values)) != len(values):
            raise enum.refuse("names a value twice")
        if types and {"string" if kind is str else "integer" for kind in kinds} != set(types) - {"null"}:
            raise enum.refuse("does not hold what `type` says")
        if types and ("null" in types) != (None in values):
            raise enum.refuse("and `type` disagree about null")
        if default and default.value not in values:
            raise default.refuse("is not in the enumeration")
    if const and (type(const.value) not in (str, int) or not _is_of(const.value, types)):
        raise const.refuse("must be a string or an integer, of the type that `type` names")
    if default and not isinstance(default.value, tuple) and not _is_of(default.value, types):
        raise default.refuse("is not of the type that `type` names")


def _is_of(value: object, types: tuple[str, ...]) -> bool:
    return not types or any(type(value) in _PYTHON_TYPES[name] for name in types)


def _check_object(node: Node) -> None:
    properties = node.get("properties")
    additional = node.get("additionalProperties")
    if properties and additional and not isinstance(additional.value, bool) and additional.fields:
        raise additional.refuse("typed additional properties beside `properties` are not supported")
    if additional and additional.value is False and not properties:
        raise additional.refuse("an object that holds nothing is not supported")


def _refuse_method_name(node: Node) -> None:
    if not _METHOD_NAME.fullmatch(node.text) or keyword.iskeyword(node.text):
        raise node.refuse(f"{node.text!r} is not a name in lower case that Python takes")


def _refuse_class_name(node: Node) -> None:
    if not _CLASS_NAME.fullmatch(node.text) or keyword.iskeyword(node.text):
        raise node.refuse(f"{node.text!r} is not a name for a Python class")


_CHECKS: Final[Mapping[str, Callable[[Node], None]]] = {
    "document": _check_document,
    "client": _check_client,
    "resource": _check_resource,
    "operation": _check_operation,
    "pagination": _check_pagination,
    "parameter": _check_parameter,
    "support": _check_fact,
    "request body": _check_content,
    "schema": _check_schema,
}


def _check(kind: str, node: Node) -> None:
    """Refuse what the keys alone do not tell: values that are invalid or not supported."""
    if kind in _CHECKS:
        _CHECKS[kind](node)


GRAMMAR: Final = Grammar(_KINDS, _BESIDE_REFERENCE, _check, is_strict=True)
"""What the specs of this project may hold."""
