"""A closed copy of each spec: what a spec does not name is forbidden, where the spec itself leaves room for more.

References are put in, and an object takes its documented properties alone, unless the spec declares it free-form.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from attrs import frozen

from generator.nodes import JSONValue
from tests.specs.documents import CATEGORIES, Place, spec

Schema: TypeAlias = dict[str, JSONValue]

JSON_TYPE: Final = "application/json"

_METHODS: Final = ("get", "post", "put", "patch", "delete")
_STATUSES: Final = {
    **{status.phrase.replace(" ", ""): str(status.value) for status in HTTPStatus if status >= 400},
    "UnprocessableContent": "422",  # before Python 3.13 the phrase is another one
}
"""Statuses, by the names that the shared files give to the answers with them."""

# Custom methods have no page, and so no place in a spec; what is known of one is what one source says of them all.
_CUSTOM_METHOD: Final[Schema] = {
    "operationId": "call_method",
    "x-method": "call",
    "x-unwrap": "result",
    "parameters": [{"name": "truto_body_passthrough", "in": "query", "schema": {"type": "boolean"}}],
    "requestBody": {"content": {JSON_TYPE: {"schema": {"type": "object"}}}},
}
_CUSTOM_ANSWER: Final[Schema] = {
    "description": "What the method returns.",
    "content": {JSON_TYPE: {"schema": {"type": "object", "properties": {"result": {}}, "additionalProperties": False}}},
}


@frozen(kw_only=True)
class QueryParameter:
    """A query option."""

    name: str
    """As it is sent, with the brackets of a list."""
    schema: Place
    is_deep: bool
    """Whether it is sent as an object, the keys in brackets behind the name."""
    is_required: bool
    is_free: bool
    """Whether callers choose the value, and not the client or the page before."""


@frozen(kw_only=True, eq=False)
class ClosedOperation:
    """An operation of a closed copy."""

    category: str
    attribute: str
    """The client's attribute that has the method."""
    method_name: str
    """Name of the method in Python."""
    method: str
    """HTTP method."""
    path: str
    """With the path of the server, and with placeholders."""
    path_values: Mapping[str, Place]
    """Schemas by placeholder."""
    query: tuple[QueryParameter, ...]
    body: Place
    """Schema of the body; null where there is none."""
    is_body_required: bool
    answers: Mapping[int, Place]
    """Schemas by status; null where no body is described."""
    record_level: int
    """At which level of a good answer a record stands: 1 at the top, 2 inside an envelope."""

    @property
    def name(self) -> str:
        """The name that the operation has in the library."""
        return f"{self.category}.{self.method_name}"


@cache
def operations(client: str) -> tuple[ClosedOperation, ...]:
    """Return the operations behind a client, such as `Truto`; fixed paths come before those with placeholders."""
    documents = {category: closed_document(category) for category in CATEGORIES}
    found = [
        _operation(category, document, path, method)
        for category, document in documents.items()
        if document.at("x-client", "name").text == client
        for path, item in document.at("paths").fields.items()
        for method in item.fields
        if method in _METHODS
    ]
    return tuple(sorted(found, key=lambda operation: operation.path.count("{")))


@cache
def closed_document(category: str) -> Place:
    """Return the closed copy of a spec, an OpenAPI document.

    An operation has the errors that its page lists, and those that its service may answer any call with.
    """
    source = spec(category)
    shared = spec(f"shared/{source.at('x-client').file.stem}")
    errors = {
        _STATUSES[name]: closed(response)
        for name, response in shared.at("components", "responses").fields.items()
        if name in _STATUSES
    }
    paths = {path: _path_item(item, errors) for path, item in source.at("paths").fields.items()}
    if "custom_methods" in source.at("x-resource").fields:
        # The placeholder for a method has the name of that for a record, since both stand in the same place.
        collection = source.at("x-resource", "custom_methods").text.rpartition("/")[0]
        (item,) = (item for path, item in paths.items() if path.startswith(f"{collection}/{{"))
        item["post"] = {**_CUSTOM_METHOD, "responses": {**errors, "200": _CUSTOM_ANSWER}}
    components: Schema = {"securitySchemes": closed(source.at("components", "securitySchemes"))}
    return Place(source.file, {**_entries(source), "paths": {**paths}, "components": components})


def closed(place: Place) -> JSONValue:
    """Return a copy without references, in which objects with properties have no others."""
    target = place.target
    if isinstance(target.value, list):
        return [closed(entry) for entry in target.items]
    if not isinstance(target.value, dict):
        return target.value
    entries: Schema = _entries(target)
    if members := Place(target.file, entries).at("allOf").items:
        schemas = [(name, schema) for member in members for name, schema in member.at("properties").fields.items()]
        properties: Schema = {name: schema.value for name, schema in schemas}
        entries = {"type": "object", "properties": properties}
    return {"additionalProperties": False, **entries} if "properties" in entries else entries


def _path_item(item: Place, errors: Schema) -> Schema:
    copy: Schema = {"parameters": closed(item.at("parameters"))}
    for method, operation in item.fields.items():
        if method in _METHODS:
            copy[method] = {**_entries(operation), "responses": {**errors, **_entries(operation.at("responses"))}}
    return copy


def _entries(place: Place) -> Schema:
    return {key: closed(entry) for key, entry in place.target.fields.items() if key != "x-support"}


def _operation(category: str, document: Place, path: str, method: str) -> ClosedOperation:
    item = document.at("paths", path)
    operation = item.at(method)
    parameters = [*item.at("parameters").items, *operation.at("parameters").items]
    pages = operation.at("x-pagination")
    cursor = pages.at("parameter").value if pages.at("style").value == "cursor" else None
    return ClosedOperation(
        category=category,
        attribute=document.at("x-resource", "attribute").text,
        method_name=operation.at("x-method").text,
        method=method.upper(),
        path=urlsplit(document.at("servers").items[0].at("url").text).path + path,
        path_values={
            parameter.at("name").text: parameter.at("schema")
            for parameter in parameters
            if parameter.at("in").text == "path"
        },
        query=tuple(
            QueryParameter(
                name=parameter.at("name").text,
                schema=parameter.at("schema"),
                is_deep=parameter.at("style").value == "deepObject",
                is_required=parameter.at("required").value is True,
                is_free=parameter.at("x-bound").value is not True and parameter.at("name").text != cursor,
            )
            for parameter in parameters
            if parameter.at("in").text == "query"
        ),
        body=operation.at("requestBody", "content", JSON_TYPE, "schema"),
        is_body_required=operation.at("requestBody", "required").value is True,
        answers={
            int(status): response.at("content", JSON_TYPE, "schema")
            for status, response in operation.at("responses").fields.items()
        },
        record_level=2 if cursor or "x-unwrap" in operation.fields else 1,
    )
