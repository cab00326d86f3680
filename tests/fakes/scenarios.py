"""What users do with the services and what goes wrong, for sync and async clients of inspected fakes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from accounts_client import JSONInput, Request, Truto, coperniq_accounts
from generator.nodes import JSONValue
from tests.fakes.calls import AnyCoperniq, AnyFake, AnyTruto, Calls, call, examples, queries, request_for
from tests.fakes.closed_specs import ClosedOperation, Schema, operations
from tests.fakes.inspection import InspectedTruto


def whole_calls(fake: AnyFake, client: AnyTruto | AnyCoperniq) -> Calls:
    """Call each operation with all fields of its body."""
    for operation in operations(fake.inspection.client):
        yield partial(call, client, operation, request_for(fake, operation))


def options_and_fields(fake: AnyFake, client: AnyTruto | AnyCoperniq) -> Calls:
    """Call each operation with each of its query options and each field of its body, all together and alone."""
    for operation in operations(fake.inspection.client):
        for query in queries(operation):
            yield partial(call, client, operation, request_for(fake, operation, query))
        for body in examples(operation.body):
            yield partial(call, client, operation, request_for(fake, operation, body=body))


def errors(
    fake: AnyFake,
    client: AnyTruto | AnyCoperniq,
    failing: Iterable[ClosedOperation],
    extras: Sequence[Mapping[str, JSONInput]] = ({},),
) -> Calls:
    """Let operations fail with each of their errors, which hold each of the extras."""
    for operation in failing:
        for status in (status for status in operation.answers if status >= 400):
            for extra in extras:
                fake.fail_next(status, extra)
                yield partial(call, client, operation, request_for(fake, operation))


def hidden_fields(fake: InspectedTruto, truto: AnyTruto) -> Calls:
    """Call each operation of Truto for answers without some of their fields."""
    for operation in operations("Truto"):
        (record,) = fake.add_samples(operation.category, 1)
        names: list[JSONValue] = [name for name in record if name != "id"]
        for query in ({"truto_exclude_fields[]": names}, {"truto_ignore_remote_data": True}):
            yield partial(call, truto, operation, request_for(fake, operation, query))


def listings(fake: InspectedTruto, truto: AnyTruto) -> Calls:
    """Follow each listing of Truto to its end, in every way that it can go."""
    for operation in operations("Truto"):
        if operation.method_name == "list":
            fake.add_samples(operation.category, 5)
            two: Schema = {"limit": 2}
            for query in (two, {**two, "truto_key_by": "id"}, {**two, "next_cursor": "of another listing"}):
                yield partial(call, truto, operation, request_for(fake, operation, query))
            fake.empty_next_page()
            yield partial(call, truto, operation, request_for(fake, operation, two))
            fake.repeat_next_cursor()
            yield partial(call, truto, operation, request_for(fake, operation, two))


def forms(fake: InspectedTruto, truto: AnyTruto) -> Calls:
    """Ask for the answer of each operation of Truto in each form."""
    for operation in operations("Truto"):
        for send in (truto.send_raw, truto.send_normalized, truto.send_debug, partial(_streamed, truto)):
            yield partial(send, request_for(fake, operation))


def matches(coperniq: AnyCoperniq) -> Calls:
    """Create accounts of Coperniq that are there already, in every way to find them and to deal with them."""
    body: coperniq_accounts.AccountCreate = {
        "title": "Acme",
        "address": ["1 Main St"],
        "primary_email": "ada@example.com",
        "primary_phone": "555",
        "custom": {"roof": "flat", "size": None},
    }
    yield partial(coperniq.accounts.create, body)
    yield partial(coperniq.accounts.create, body, match_by="title", match_found_strategy="skip")
    yield partial(coperniq.accounts.create, body, match_by="primaryEmail", match_found_strategy="replace")
    yield partial(coperniq.accounts.create, body, match_by="primaryPhone", match_found_strategy="enrich")
    yield partial(coperniq.accounts.create, {**body, "description": "Roofs"}, match_by="address")


async def _streamed(truto: AnyTruto, request: Request[object]) -> bytes:
    """Return an answer that comes in pieces."""
    if isinstance(truto, Truto):
        with truto.stream(request) as chunks:
            return b"".join(chunks)
    async with truto.stream(request) as async_chunks:
        return b"".join([chunk async for chunk in async_chunks])
