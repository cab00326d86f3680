"""Random calls that the specs allow: whatever they say, each request and each answer is as the closed specs have it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC
from functools import cache, partial
from typing import Final, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from generator.nodes import JSONValue
from tests.fakes.calls import call, carry_out, request_for
from tests.fakes.closed_specs import Schema, operations
from tests.fakes.inspection import InspectedCoperniq, InspectedTruto
from tests.specs.documents import Place

RandomCall: TypeAlias = tuple[str, Schema, JSONValue]

KEYS: Final = st.text("abxyz_", min_size=1, max_size=3)
"""Keys of free-form objects that a query can hold too."""

FREE: Final[SearchStrategy[JSONValue]] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(-1e6, 1e6) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=5,
)
TEXTS: Final[Mapping[JSONValue, SearchStrategy[JSONValue]]] = {
    "date-time": st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.isoformat().replace("+00:00", "Z")),
    "email": KEYS.map(lambda name: f"{name}@example.com"),
}
"""Texts by format."""


def values(schema: Place) -> SearchStrategy[JSONValue]:
    """Return the strategy for the values of a schema."""
    if choices := schema.at("enum").items:
        return st.sampled_from([choice.value for choice in choices])
    if parts := schema.at("anyOf").items:
        return st.one_of([values(part) for part in parts])
    if schema.types:
        return st.one_of([values_of(kind, schema) for kind in sorted(schema.types)])
    return FREE


def values_of(kind: str, schema: Place) -> SearchStrategy[JSONValue]:
    """Return the strategy for the values of a schema that are of one type."""
    if kind == "object" and "properties" in schema.fields:
        entries = {name: values(entry) for name, entry in schema.at("properties").fields.items()}
        return objects(entries, schema.at("required").texts)
    if kind == "array":
        least, most = (schema.at(key).value for key in ("minItems", "maxItems"))
        few = most if isinstance(most, int) else 3
        return st.lists(values(schema.at("items")), min_size=least if isinstance(least, int) else 0, max_size=few).map(
            list
        )
    if kind == "integer":
        least, most = (schema.at(key).value for key in ("minimum", "maximum"))
        return st.integers(least if isinstance(least, int) else None, most if isinstance(most, int) else None)
    simple: Mapping[str, SearchStrategy[JSONValue]] = {
        "object": st.dictionaries(KEYS, FREE, max_size=3).map(dict),
        "string": TEXTS.get(schema.at("format").value, st.text(max_size=10)),
        "boolean": st.booleans(),
        "null": st.none(),
    }
    return simple[kind]


def objects(entries: Mapping[str, SearchStrategy[JSONValue]], required: Collection[str]) -> SearchStrategy[Schema]:
    """Return the strategy for objects with some of the entries."""
    return st.fixed_dictionaries(
        {name: entry for name, entry in entries.items() if name in required},
        optional={name: entry for name, entry in entries.items() if name not in required},
    )


@cache
def calls(client: str) -> SearchStrategy[list[RandomCall]]:
    """Return the strategy for a few calls of a client."""
    strategies: list[SearchStrategy[RandomCall]] = []
    for operation in operations(client):
        options = {option.name: values(option.schema) for option in operation.query if option.is_free}
        required = [option.name for option in operation.query if option.is_required]
        body = st.none() if operation.body.value is None else values(operation.body)
        strategies.append(st.tuples(st.just(operation.name), objects(options, required), body))
    return st.lists(st.one_of(strategies), min_size=1, max_size=5)


@pytest.mark.parametrize("service", [InspectedTruto, InspectedCoperniq])
@settings(max_examples=60)
@given(data=st.data(), is_async=st.booleans())
def test_random_calls(service: type[InspectedTruto | InspectedCoperniq], data: st.DataObject, is_async: bool) -> None:
    fake = service()
    client = fake.async_client() if is_async else fake.client()
    named = {operation.name: operation for operation in operations(fake.inspection.client)}
    carry_out(
        partial(call, client, named[name], request_for(fake, named[name], query, body))
        for name, query, body in data.draw(calls(fake.inspection.client))
    )
    assert fake.inspection.violations == []
