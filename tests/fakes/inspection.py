"""Fakes that hold every request and every answer on the wire against the closed copies of the specs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final
from urllib.parse import unquote

from attrs import define, field, frozen
from openapi_schema_validator import OAS31Validator, oas31_format_checker

from accounts_client.testing import FakeCoperniq, FakeTruto
from accounts_client_runtime import JSON, Headers
from accounts_client_runtime.parsing import parse_json
from accounts_client_testing.answers import Answer
from generator.nodes import JSONValue
from tests.fakes.closed_specs import JSON_TYPE, ClosedOperation, QueryParameter, Schema, closed, operations
from tests.overrides import qs_twin
from tests.specs.documents import Place, spec

CUSTOM_METHOD: Final = "archive"
"""A custom method that every category of an inspected fake has."""

_OCCASIONAL: Final = frozenset({"details", "truto_is_remote_error", "raw_response", "truto_error_insight", "field"})
"""Keys that only some errors have; the others all have to be there."""
_LISTING_ONLY: Final = frozenset({"nextCursor", "isLooping", "isEmptyResult", "resultCount"})
"""Keys of the debug form that lists alone have."""

# What is not sure enough to stand in a spec, and so in a type: the fakes answer to a delete what one source says.
_DELETED: Final[Schema] = {
    "type": "object",
    "properties": {"id": {"type": "string"}},
    "required": ["id"],
    "additionalProperties": False,
}

_HEADERS: Final = frozenset({"accept", "accept-encoding", "connection", "content-length", "host", "user-agent"})
"""Headers that every HTTP client may send."""

_CREDENTIALS: Final = {"Truto": ("authorization", "Bearer "), "Coperniq": ("x-api-key", "")}
"""Header of the credentials, and what stands before them, by client."""

_PLACEHOLDER: Final = re.compile(r"\{\w+\}")
_INTEGER: Final = re.compile(r"-?\d+")
_TRUTHS: Final = {"true": True, "false": False}


@frozen(kw_only=True)
class Exchange:
    """A request of an operation, and how it ended."""

    operation: ClosedOperation
    query: Mapping[str, JSON]
    body: JSON
    status: int


@frozen(kw_only=True)
class Form:
    """What the query says about the answer."""

    name: str = "unified"
    hidden: frozenset[str] = frozenset()
    """Documented fields that records must not have."""
    is_keyed: bool = False
    """Whether records are keyed, and not listed."""
    is_deep: bool = False
    """Whether the objects inside of records must be complete too."""


@define
class Inspection:
    """What crossed the wire so far."""

    client: str
    is_deep: bool
    """Whether what was written is complete down to the last object, so that what is read has to be so too."""
    is_tenant_implied: bool
    """Whether tokens imply the integrated account, which no page says, so that its option is absent."""
    violations: list[str] = field(factory=list[str])
    exchanges: list[Exchange] = field(factory=list[Exchange])

    def note(self, method: str, target: str, headers: Headers, body: bytes, answer: Answer) -> None:
        """Inspect one request and its answer."""
        path, _, text = target.partition("?")
        found = _find(operations(self.client), method, path)
        if found is None:
            self.violations.append(f"{method} {path} is no operation")
            return
        operation, values = found
        query = _read_query(text, operation.query)
        said = [
            *_path_violations(operation, values),
            *self._query_violations(operation, query),
            *_header_violations(self.client, operation, headers),
            *_body_violations(operation, headers, body),
        ]
        if not answer.is_dropped:
            said += _answer_violations(operation, answer, self._form(operation, query))
            exchange = Exchange(
                operation=operation, query=query, body=parse_json(body) if body else None, status=answer.status
            )
            self.exchanges.append(exchange)
        self.violations += [f"{operation.name}: {violation}" for violation in said]

    def _query_violations(self, operation: ClosedOperation, query: Mapping[str, JSON]) -> Iterator[str]:
        required = [parameter.name for parameter in operation.query if parameter.is_required]
        schema: Schema = {
            "properties": {parameter.name: parameter.schema.value for parameter in operation.query},
            "required": [name for name in required if not (self.is_tenant_implied and name == "integrated_account_id")],
            "additionalProperties": False,
        }
        yield from _misfits("the query", schema, {**query})

    def _form(self, operation: ClosedOperation, query: Mapping[str, JSON]) -> Form:
        hidden: set[str] = set()
        if self.client == "Coperniq" and operation.method == "GET" and query.get("include_contacts") is not True:
            hidden.add("contacts")
        if query.get("truto_ignore_remote_data") is True:
            hidden.add("remote_data")
        excluded = query.get("truto_exclude_fields[]", [])
        return Form(
            name=str(query.get("truto_response_format", "unified")),
            hidden=frozenset(hidden.union(map(str, excluded if isinstance(excluded, list) else []))),
            is_keyed="truto_key_by" in query,
            is_deep=self.is_deep,
        )


class InspectedTruto(FakeTruto):
    """Truto's fake under inspection."""

    def __init__(self, *, is_deep: bool = False, is_tenant_implied: bool = False) -> None:
        super().__init__()
        for resource in self.resources:
            self.add_method(resource, CUSTOM_METHOD, lambda body: {"is_done": True})
        self.inspection = Inspection("Truto", is_deep, is_tenant_implied)

    def handle(self, method: str, target: str, headers: Headers, body: bytes) -> Answer:
        answer = super().handle(method, target, headers, body)
        self.inspection.note(method, target, headers, body, answer)
        return answer


class InspectedCoperniq(FakeCoperniq):
    """Coperniq's fake under inspection."""

    def __init__(self, *, is_deep: bool = False) -> None:
        super().__init__()
        self.inspection = Inspection("Coperniq", is_deep, False)

    def handle(self, method: str, target: str, headers: Headers, body: bytes) -> Answer:
        answer = super().handle(method, target, headers, body)
        self.inspection.note(method, target, headers, body, answer)
        return answer


def _read_query(text: str, parameters: tuple[QueryParameter, ...]) -> dict[str, JSON]:
    """Return the options of a query string, each read in its declared style; those that nobody declared are texts."""
    pairs = [(unquote(pair.partition("=")[0]), pair) for pair in text.split("&") if pair]
    options: dict[str, JSON] = {}
    for parameter in parameters:
        name = parameter.name
        own = [pair for key, pair in pairs if key == name or (parameter.is_deep and key.startswith(f"{name}["))]
        pairs = [(key, pair) for key, pair in pairs if pair not in own]
        if parameter.is_deep and own:
            options[name] = _typed(qs_twin.parse("&".join(own))[name], parameter.schema)
        elif own:
            texts = [unquote(pair.partition("=")[2]) for pair in own]
            is_list = "array" in parameter.schema.types or len(texts) > 1
            options[name] = _typed([*texts] if is_list else texts[0], parameter.schema)
    return options | {key: unquote(pair.partition("=")[2]) for key, pair in pairs}


def _typed(value: qs_twin.Read, schema: Place) -> JSON:
    """Return a value of the query as what its schema says the text stands for."""
    if isinstance(value, list):
        return [_typed(item, schema.at("items")) for item in value]
    if isinstance(value, dict):
        alternatives = [schema, *schema.at("anyOf").items]
        properties = {name: entry for part in alternatives for name, entry in part.at("properties").fields.items()}
        return {key: _typed(item, properties.get(key, Place(schema.file, None))) for key, item in value.items()}
    if "integer" in schema.types and _INTEGER.fullmatch(value):
        return int(value)
    return _TRUTHS.get(value, value) if "boolean" in schema.types else value


def _find(
    candidates: tuple[ClosedOperation, ...], method: str, path: str
) -> tuple[ClosedOperation, dict[str, JSON]] | None:
    """Return the operation that a path as it was sent stands for, and its path values."""
    for operation in candidates:
        pattern = "([^/]+)".join(map(re.escape, _PLACEHOLDER.split(operation.path)))
        match = re.fullmatch(pattern, path)
        if match is not None and operation.method == method:
            names = operation.path_values
            return operation, {
                name: _typed(unquote(text), schema)
                for (name, schema), text in zip(names.items(), match.groups(), strict=True)
            }
    return None


def _path_violations(operation: ClosedOperation, values: Mapping[str, JSON]) -> Iterator[str]:
    for name, schema in operation.path_values.items():
        yield from _misfits(f"the path's {name}", schema.value, values[name])


def _header_violations(client: str, operation: ClosedOperation, headers: Headers) -> Iterator[str]:
    name, prefix = _CREDENTIALS[client]
    if not headers.get(name, "").startswith(prefix):
        yield f"{name} is {headers.get(name)!r}"
    known = {*_HEADERS, name}
    if operation.body.value is not None:
        known.add("content-type")
    if client == "Truto" and operation.method != "GET":
        known.add("idempotency-key")
    yield from (f"the header {unknown} is not documented" for unknown in sorted({*headers} - known))


def _body_violations(operation: ClosedOperation, headers: Headers, body: bytes) -> Iterator[str]:
    if not body:
        if operation.is_body_required:
            yield "the body is missing"
    elif operation.body.value is None:
        yield "there is a body"
    else:
        if headers.get("content-type") != JSON_TYPE:
            yield f"the body is of type {headers.get('content-type')}"
        yield from _misfits("the body", operation.body.value, parse_json(body))


def _answer_violations(operation: ClosedOperation, answer: Answer, form: Form) -> Iterator[str]:
    status, media_type = answer.status, answer.headers.get("content-type")
    if status not in operation.answers:
        yield f"the status {status} is not documented"
    elif status < 400 and form.name == "stream":
        return
    elif answer.body or operation.answers[status].value is not None:
        if media_type != JSON_TYPE:
            yield f"the answer {status} is of type {media_type}"
        try:
            value = parse_json(answer.body)
        except ValueError:
            yield f"the answer {status} is no JSON"
        else:
            yield from _misfits(f"the answer {status}", _answer_schema(operation, status, form), value)


@cache
def _answer_schema(operation: ClosedOperation, status: int, form: Form) -> JSONValue:
    described = operation.answers[status]
    if status >= 400:
        required = [name for name in described.at("properties").fields if name not in _OCCASIONAL]
        return described.value is not None and {**_values(described), "required": [*required]}
    if form.name == "raw":
        return True
    unified = _unified_schema(operation, described, form)
    if form.name != "debug":
        return unified
    told = Form(hidden=frozenset() if operation.method_name == "list" else _LISTING_ONLY)
    envelope = spec("shared/truto").at("components", "schemas", "DebugEnvelope")
    envelope = Place(envelope.file, _complete(Place(envelope.file, closed(envelope)), 2, told))
    return {**_values(envelope), "properties": {**_values(envelope.at("properties")), "result": unified}}


def _unified_schema(operation: ClosedOperation, described: Place, form: Form) -> JSONValue:
    if described.value is None:
        return operation.path.startswith("/unified/") and _DELETED
    if choices := described.at("properties", "result", "anyOf").items:
        properties = {**_values(described.at("properties")), "result": choices[form.is_keyed].value}
        described = Place(described.file, {**_values(described), "properties": properties})
    return _complete(described, operation.record_level, form)


def _complete(schema: Place, level: int, form: Form) -> JSONValue:
    """Return a schema whose objects must have all their properties, down to the records and maybe below.

    Args:
        schema: The schema to copy.
        level: 1 for a record, more above, less below.
        form: What else the query says about records.
    """
    if not schema.fields:
        return schema.value
    copy = _values(schema)
    for key in ("items", "additionalProperties"):
        if key in copy:
            copy[key] = _complete(schema.at(key), level, form)
    if "anyOf" in copy:
        copy["anyOf"] = [_complete(part, level, form) for part in schema.at("anyOf").items]
    if "properties" in copy:
        hidden = form.hidden if level == 1 else frozenset[str]()
        shown = {name: entry for name, entry in schema.at("properties").fields.items() if name not in hidden}
        copy["properties"] = {name: _complete(entry, level - 1, form) for name, entry in shown.items()}
        if level >= 1 or form.is_deep:
            copy["required"] = [*shown]
    return copy


def _values(place: Place) -> Schema:
    return {key: entry.value for key, entry in place.fields.items()}


def _misfits(what: str, schema: JSONValue, value: JSON) -> Iterator[str]:
    """Yield what a schema has against a value; of alternatives, that against the one that fits the furthest."""
    for error in OAS31Validator(schema, format_checker=oas31_format_checker).iter_errors(value):
        while error.context:
            error = max(error.context, key=lambda inner: len(inner.absolute_path))
        yield f"{what}: {error.json_path}: {error.message}"
