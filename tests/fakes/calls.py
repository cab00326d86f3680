"""Calls made from the specs, and carried out through the public methods of sync and async clients."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from inspect import isawaitable
from typing import Final, TypeAlias, TypeGuard
from uuid import UUID

from accounts_client import AccountsClientError, AsyncCoperniq, AsyncPager, AsyncTruto, Coperniq, Pager, Request, Truto
from accounts_client_runtime import Names
from accounts_client_testing.routing import placeholders
from generator.nodes import JSONValue
from tests.fakes.closed_specs import ClosedOperation, Schema
from tests.fakes.inspection import CUSTOM_METHOD, InspectedCoperniq, InspectedTruto
from tests.specs.documents import Place

AnyFake: TypeAlias = InspectedTruto | InspectedCoperniq
AnyTruto: TypeAlias = Truto | AsyncTruto
AnyCoperniq: TypeAlias = Coperniq | AsyncCoperniq

Call: TypeAlias = Callable[[], object]
Calls: TypeAlias = Iterator[Call]
"""Calls to carry out one after the other."""

_RECORDS: Final = 6
"""At least as many as a body has ids."""

_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\S+Z")

_TEXTS: Final[Mapping[JSONValue, str]] = {
    "date-time": "2024-03-04T05:06:07Z",
    "email": "ada@example.com",
    "uuid": str(UUID(int=7)),
}
"""Texts by format."""


def carry_out(calls: Calls) -> list[object]:
    """Carry out calls and return what each came to: all records of a listing, another value, or an error."""
    return asyncio.run(_carry_out(calls))


def request_for(
    fake: AnyFake,
    operation: ClosedOperation,
    query: Mapping[str, JSONValue] | None = None,
    body: JSONValue = None,
) -> Request[object]:
    """Return a request about a record that is there.

    Args:
        fake: Where the record is; some are made if there are few.
        operation: What is asked.
        query: Options by wire names; by default those that are required.
        body: Body by wire names; by default one with all documented fields, whose ids are those of records.
    """
    known = next(known for known in fake.operations if known.name == operation.name)
    options = least_query(operation) if query is None else query
    ids = _ids(fake, operation)
    if body is None:
        body = _with_ids(next(iter(examples(operation.body)), None), iter(ids))
    return Request(
        known,
        path=dict.fromkeys(placeholders(known.path), CUSTOM_METHOD if operation.method_name == "call" else ids[0]),
        query=_named({name.removesuffix("[]"): value for name, value in options.items()}, Names(known.query_names)),
        body=_named(body, known.body_names or Names()) if isinstance(body, dict) else None,
    )


def call(client: AnyTruto | AnyCoperniq, operation: ClosedOperation, request: Request[object]) -> object:
    """Make the call of a request as users do, with the method of the client."""
    positional = [*request.path.values(), *([] if request.body is None else [request.body])]
    returned: object = getattr(getattr(client, operation.attribute), operation.method_name)(
        *positional, **request.query
    )
    return returned


def queries(operation: ClosedOperation) -> list[Schema]:
    """Return queries for an operation: with all its options, and with each value of each of them."""
    values = {option.name: examples(option.schema, option.name) for option in operation.query if option.is_free}
    least = least_query(operation)
    alone = [{**least, name: choice} for name, choices in values.items() for choice in choices]
    return [{name: choices[0] for name, choices in values.items()}, *alone]


def least_query(operation: ClosedOperation) -> Schema:
    """Return a query with the required options alone."""
    required = [option for option in operation.query if option.is_required and option.is_free]
    return {option.name: examples(option.schema, option.name)[0] for option in required}


def examples(schema: Place, name: str = "") -> list[JSONValue]:
    """Return values that cover a schema, none for no schema; the first of an object has all its properties."""
    if choices := schema.at("enum").items:
        return [choice.value for choice in choices]
    if parts := schema.at("anyOf").items:
        return [value for part in parts for value in examples(part, name)]
    if properties := schema.at("properties").fields:
        inner = {key: examples(entry, key) for key, entry in properties.items()}
        required = {key: inner[key][0] for key in schema.at("required").texts}
        alone: list[JSONValue] = [{**required, key: value} for key, values in inner.items() for value in values]
        return [{key: values[0] for key, values in inner.items()}, *alone]
    types = schema.types
    found: list[JSONValue] = []
    if "array" in types:
        found = [[value] for value in examples(schema.at("items"), name)]
    elif "object" in types:
        found = [{"key": "text", "inner": {"list": ["a", "b"]}}]
    elif "string" in types or (not types and schema.value is not None):
        found = [_TEXTS.get(schema.at("format").value, f"{name} 1")]
    elif "boolean" in types:
        found = [True, False]
    elif "integer" in types:
        limits = [schema.at(key).value for key in ("minimum", "maximum")]
        found = [limit for limit in limits if limit is not None] or [7]
    return [*found, None] if "null" in types else found


def _ids(fake: AnyFake, operation: ClosedOperation) -> list[str | int]:
    """Return the ids of some records, which are made if there are too few."""
    records = fake.records(operation.category)
    if len(records) < _RECORDS:
        records = fake.add_samples(operation.category, _RECORDS)
    return [key for record in records if isinstance(key := record["id"], str | int)]


def _with_ids(value: JSONValue, ids: Iterator[str | int], name: str = "") -> JSONValue:
    """Return a body in which each text that is an id is another one of those given."""
    if isinstance(value, list):
        return [_with_ids(item, ids, name) for item in value]
    if isinstance(value, dict):
        return {key: _with_ids(item, ids, key) for key, item in value.items()}
    return next(ids) if isinstance(value, str) and name == "id" else value


def _named(values: Mapping[str, JSONValue], names: Names) -> dict[str, object]:
    """Return values by Python names, with moments in place of their texts."""
    python_names = {wire: name for name, wire in names.renamed.items()}
    named = [(python_names.get(key, key), value) for key, value in values.items()]
    return {key: _in_python(value, names.nested.get(key, Names())) for key, value in named}


def _in_python(value: JSONValue, names: Names) -> object:
    if isinstance(value, list):
        return [_in_python(item, names) for item in value]
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        return datetime.fromisoformat(value)
    return _named(value, names) if isinstance(value, dict) else value


async def _carry_out(calls: Calls) -> list[object]:
    outcomes: list[object] = []
    for call in calls:
        try:
            outcomes.append(await _finished(call()))
        except AccountsClientError as error:
            outcomes.append(error)
    return outcomes


async def _finished(value: object) -> object:
    if isawaitable(value):
        return await value
    if _is_async_pager(value):
        return await value.to_list()
    return value.to_list() if _is_pager(value) else value


def _is_pager(value: object) -> TypeGuard[Pager[object]]:
    return isinstance(value, Pager)


def _is_async_pager(value: object) -> TypeGuard[AsyncPager[object]]:
    return isinstance(value, AsyncPager)
