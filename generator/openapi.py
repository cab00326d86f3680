"""What any OpenAPI document may hold, 3.0 and 3.1: the keys that the generator uses, and those that only document.

What only narrows a type, such as `not` or `pattern`, is left to the service: a client that refused more than the
service does would be wrong. Extensions are left aside, but for `x-pagination`. Other keys that OpenAPI does not have
are refused, since a misspelt one would be dropped in silence; schemas may hold any, as JSON Schema says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from .nodes import Node
from .vocabulary import (
    ANY_VALUE,
    DOCUMENTATION,
    FLAG,
    METHODS,
    PATH_PARAMETER,
    TEXT,
    TEXTS,
    VALUE,
    WORDS,
    Grammar,
    Kind,
    Rule,
    is_true,
    many,
    named,
    one,
)

_TOLD: Final[Mapping[str, Rule]] = dict.fromkeys(("summary", "description"), WORDS)
_SHOWN: Final[Mapping[str, Rule]] = dict.fromkeys(("example", "examples"), DOCUMENTATION)

_KINDS: Final[Mapping[str, Kind]] = {
    "document": Kind(
        {
            "openapi": TEXT,
            "info": one("info"),
            "servers": many("server"),
            "paths": named("path item"),
            "components": one("components"),
            "security": ANY_VALUE,
            "tags": many("tag"),
            "externalDocs": one("link"),
            "webhooks": DOCUMENTATION,  # calls that the service makes
            "jsonSchemaDialect": DOCUMENTATION,
        },
        required=("openapi", "info", "paths"),
    ),
    "info": Kind(
        {
            **_TOLD,
            "title": TEXT,
            **dict.fromkeys(("version", "contact", "license", "termsOfService"), DOCUMENTATION),
        },
        required=("title",),
    ),
    "link": Kind({"url": TEXT, "description": DOCUMENTATION}, required=("url",)),
    "server": Kind({"url": TEXT, "description": WORDS, "variables": named("server variable"), "name": TEXT}, ("url",)),
    "server variable": Kind({"default": TEXT, "enum": TEXTS, "description": DOCUMENTATION}, required=("default",)),
    "security scheme": Kind(
        {
            **dict.fromkeys(("type", "name", "in", "scheme"), TEXT),
            "description": WORDS,
            **dict.fromkeys(("bearerFormat", "flows", "openIdConnectUrl", "oauth2MetadataUrl"), DOCUMENTATION),
        },
        required=("type",),
    ),
    "tag": Kind({**_TOLD, "name": TEXT, "externalDocs": one("link"), "parent": TEXT, "kind": TEXT}, required=("name",)),
    "components": Kind(
        {
            "schemas": named("schema"),
            "parameters": named("parameter"),
            "requestBodies": named("request body"),
            "responses": named("response"),
            "headers": named("header"),
            "securitySchemes": named("security scheme"),
            "pathItems": named("path item"),
            **dict.fromkeys(("examples", "links", "callbacks", "mediaTypes"), DOCUMENTATION),
        }
    ),
    "path item": Kind(
        {
            **_TOLD,
            **dict.fromkeys(METHODS, one("operation")),
            "parameters": many("parameter"),
            "servers": many("server"),
        },
    ),
    "operation": Kind(
        {
            **_TOLD,
            "operationId": TEXT,
            "deprecated": FLAG,
            "externalDocs": one("link"),
            "parameters": many("parameter"),
            "requestBody": one("request body"),
            "responses": named("response"),
            "tags": TEXTS,
            "security": ANY_VALUE,
            "servers": many("server"),
            "callbacks": DOCUMENTATION,  # calls that the service makes
            "x-pagination": one("pagination"),
        },
    ),
    "pagination": Kind(
        {
            "style": TEXT,
            **dict.fromkeys(("parameter", "size"), TEXT),
            **dict.fromkeys(("items", "next"), VALUE),
        },
        required=("style",),
    ),
    "parameter": Kind(
        {
            "name": TEXT,
            "in": TEXT,
            "description": WORDS,
            **dict.fromkeys(("required", "deprecated", "explode", "allowReserved"), FLAG),
            "style": TEXT,
            "schema": one("schema"),
            "content": named("media type"),
            "allowEmptyValue": DOCUMENTATION,  # the empty text is a value like any other
            **_SHOWN,
        },
        required=("name", "in"),
    ),
    "header": Kind(
        {
            "description": WORDS,
            **dict.fromkeys(("required", "deprecated", "explode", "allowReserved"), FLAG),
            "style": TEXT,
            "schema": one("schema"),
            "content": named("media type"),
            "allowEmptyValue": DOCUMENTATION,
            **_SHOWN,
        }
    ),
    "request body": Kind({"description": WORDS, "content": named("media type"), "required": FLAG}, ("content",)),
    "response": Kind(
        {**_TOLD, "headers": named("header"), "content": named("media type"), "links": DOCUMENTATION},
    ),
    "media type": Kind(
        {
            "schema": one("schema"),
            "encoding": named("encoding"),
            "itemSchema": DOCUMENTATION,
            **dict.fromkeys(("prefixEncoding", "itemEncoding"), DOCUMENTATION),
            **_SHOWN,
        }
    ),
    "encoding": Kind(
        {
            "contentType": TEXT,
            "style": TEXT,
            **dict.fromkeys(("explode", "allowReserved"), FLAG),
            "headers": DOCUMENTATION,
        }
    ),
    "discriminator": Kind(
        {"propertyName": TEXT, "mapping": Rule("schemas by name"), "defaultMapping": TEXT}, ("propertyName",)
    ),
    "schema": Kind(
        {
            "type": VALUE,
            **dict.fromkeys(("format", "contentMediaType", "contentEncoding"), TEXT),
            **dict.fromkeys(("description", "title"), WORDS),
            **dict.fromkeys(("enum", "const"), ANY_VALUE),
            "default": DOCUMENTATION,
            "maximum": DOCUMENTATION,  # how large a page may be
            **dict.fromkeys(("properties", "patternProperties"), named("schema")),
            "required": TEXTS,
            **dict.fromkeys(("additionalProperties", "items"), Rule("one or flag", "schema")),
            **dict.fromkeys(("prefixItems", "allOf", "anyOf", "oneOf"), many("schema")),
            "discriminator": one("discriminator"),
            **dict.fromkeys(("nullable", "readOnly", "writeOnly", "deprecated"), FLAG),
        },
        is_open=True,
    ),
}

_TYPES: Final = ("string", "integer", "number", "boolean", "object", "array", "null")
_STYLES: Final[Mapping[str, tuple[str, ...]]] = {
    "path": ("simple", "label", "matrix"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form", "cookie"),
}


def _check_document(node: Node) -> None:
    version = node["openapi"]
    if not re.fullmatch(r"3\.[01]\.[0-9]+\S*", version.text):
        raise version.refuse(f"OpenAPI {version.text} is not supported, only 3.0 and 3.1")


def _check_path(node: Node) -> None:
    names = PATH_PARAMETER.findall(node.text)
    fixed = PATH_PARAMETER.sub("", node.text)
    if not node.text.startswith("/") or "" in names or {*"{}?#"} & {*fixed}:
        raise node.refuse(f"{node.text!r} is not a path with its parameters in braces")
    if len({*names}) < len(names):
        raise node.refuse(f"{node.text!r} names a parameter twice")


def _check_parameter(node: Node) -> None:
    place = node["in"].text
    if place not in _STYLES:
        raise node["in"].refuse(f"{place!r} is no place of a parameter, only {', '.join(_STYLES)}")
    if place == "path" and not is_true(node, "required"):
        raise node.refuse("a path parameter must be required")
    if ("schema" in node.fields) == ("content" in node.fields):
        raise node.refuse("must have either `schema` or `content`")
    if (content := node.get("content")) and len(content.fields) != 1:
        raise content.refuse("must name exactly one media type")
    if (style := node.get("style")) and style.text not in _STYLES[place]:
        raise style.refuse(f"{style.text!r} is no style of {place} parameters")


def _check_operation(node: Node) -> None:
    for status, response in node.fields_at("responses").items():
        if not re.fullmatch(r"[1-5]([0-9][0-9]|XX)|default", status):
            raise response.refuse(f"{status!r} is no status code, no range of them such as 2XX, and not default")


def _check_schema(node: Node) -> None:
    if allowed := node.get("type"):
        names = allowed.items if isinstance(allowed.value, tuple) else (allowed,)
        for name in names:
            if name.value not in _TYPES:
                raise name.refuse(f"{name.value!r} is not a type of JSON Schema")
        if not names:
            raise allowed.refuse("must name one or several types")
    for key in ("anyOf", "oneOf", "allOf"):
        if (parts := node.get(key)) and not parts.items:
            raise parts.refuse("must not be empty")
    if (enum := node.get("enum")) and not (isinstance(enum.value, tuple) and enum.items):
        raise enum.refuse("must be an array that is not empty")


_CHECKS: Final[Mapping[str, Callable[[Node], None]]] = {
    "document": _check_document,
    "path": _check_path,
    "operation": _check_operation,
    "parameter": _check_parameter,
    "schema": _check_schema,
}


def _check(kind: str, node: Node) -> None:
    if kind in _CHECKS:
        _CHECKS[kind](node)


GRAMMAR: Final = Grammar(_KINDS, {"schema": frozenset(_KINDS["schema"].keys)}, _check, is_strict=False)
"""What any OpenAPI document may hold."""
