"""Wide traffic between the clients and the fakes: each request and each answer is as the closed specs have it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final
from uuid import UUID

import pytest

from accounts_client import AsyncCoperniq, AsyncTruto, Coperniq, JSONInput, Truto
from generator.nodes import JSONValue
from tests.fakes.calls import AnyCoperniq, AnyFake, AnyTruto, Calls, carry_out
from tests.fakes.closed_specs import operations
from tests.fakes.inspection import InspectedCoperniq, InspectedTruto
from tests.fakes.scenarios import errors, forms, hidden_fields, listings, matches, options_and_fields, whole_calls
from tests.specs.documents import Place

SANDBOX: Final = "62f44730-dd91-461e-bd6a-aedd9e0ad79d"
ABSENT: Final = "7f3a1c52-0d4e-4b8e-9a57-3f1f0f2f6c11"

OCCASIONAL: Final[tuple[Mapping[str, JSONInput], ...]] = (
    {"message": "", "truto_is_remote_error": True, "raw_response": "Bad Gateway"},
    {"truto_is_remote_error": True, "raw_response": {"errors": [{"field": "name", "code": "TAKEN"}]}},
    {"details": {"failures": [{"field": "name", "message": "is too long"}], "hint": "shorten it"}},
    {
        "truto_is_remote_error": True,
        "raw_response": {"message": "insufficient scope"},
        "truto_error_insight": {
            "missing_required_query_parameters": {"description": "They are missing.", "value": ["workspace"]},
            "missing_required_body_fields": {"description": "They are missing.", "value": ["name"]},
            "conditionally_required_query_parameters": {"description": "Sometimes.", "value": {"a": "if b"}},
            "conditionally_required_body_fields": {"description": "Sometimes.", "value": {"c": {"if": "d"}}},
            "rate_limit_error": {"description": "Too many requests."},
            "forbidden_error": {"description": "Scopes are missing.", "value": {"missing_scopes": ["crm.write"]}},
            "remote_error": {"description": "The provider failed."},
        },
    },
)
"""What some of Truto's errors hold beside the keys that all of them have."""


@pytest.fixture(params=[False, True], ids=["sync", "async"])
def is_async(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def truto_of(fake: InspectedTruto, is_async: bool) -> AnyTruto:
    return fake.async_client() if is_async else fake.client()


def coperniq_of(fake: InspectedCoperniq, is_async: bool) -> AnyCoperniq:
    return fake.async_client() if is_async else fake.client()


def test_all_that_can_be_sent_to_truto(is_async: bool) -> None:
    fake = InspectedTruto()
    truto = truto_of(fake, is_async)
    for calls in (
        options_and_fields(fake, truto),
        hidden_fields(fake, truto),
        listings(fake, truto),
        forms(fake, truto),
    ):
        carry_out(calls)
    assert fake.inspection.violations == []
    assert places_not_sent(fake) == set()


def test_all_that_can_be_sent_to_coperniq(is_async: bool) -> None:
    fake = InspectedCoperniq()
    coperniq = coperniq_of(fake, is_async)
    for calls in (options_and_fields(fake, coperniq), matches(coperniq)):
        carry_out(calls)
    assert fake.inspection.violations == []
    assert places_not_sent(fake) == set()


@pytest.mark.parametrize("service", [InspectedTruto, InspectedCoperniq])
def test_what_is_written_whole_is_read_whole(service: type[InspectedTruto | InspectedCoperniq], is_async: bool) -> None:
    fake = service(is_deep=True)
    client = fake.async_client() if is_async else fake.client()
    carry_out(whole_calls(fake, client))
    assert fake.inspection.violations == []


def test_every_documented_error_of_truto(is_async: bool) -> None:
    fake = InspectedTruto()
    truto = truto_of(fake, is_async).with_options(max_retries=0)
    carry_out(errors(fake, truto, operations("Truto")))
    carry_out(errors(fake, truto, operations("Truto")[:1], OCCASIONAL))
    assert fake.inspection.violations == []
    assert errors_not_met(fake) == set()


def test_every_documented_error_of_coperniq(is_async: bool) -> None:
    fake = InspectedCoperniq()
    coperniq = coperniq_of(fake, is_async).with_options(max_retries=0)
    carry_out(errors(fake, coperniq, operations("Coperniq"), [{}, {"field": "title"}]))
    assert fake.inspection.violations == []
    assert errors_not_met(fake) == set()


def test_what_truto_refuses_by_itself(is_async: bool) -> None:
    fake = InspectedTruto()
    fake.add_account(SANDBOX, is_sandbox=True).add_samples("crm_accounts", 1)
    truto = fake.async_client(max_retries=0, budget=None) if is_async else fake.client(max_retries=0, budget=None)
    sandbox = truto.account(SANDBOX)

    def calls() -> Calls:
        yield partial(truto.account(ABSENT).ticketing_accounts.list)
        yield partial(truto.crm_accounts.list, limit=0)
        yield partial(truto.crm_accounts.merge, {"master_record": {"id": "1"}, "duplicate_records": []})
        yield partial(truto.crm_accounts.get, "nobody")
        yield partial(truto.crm_users.call, "unknown")
        yield partial(sandbox.crm_accounts.create, {"name": "Acme"})
        yield partial(sandbox.crm_accounts.update, "1", {"name": "Acme"})
        yield partial(sandbox.crm_accounts.delete, "1")
        fake.limit_rate(per_account=1)
        yield partial(sandbox.crm_accounts.get, "1")
        yield partial(sandbox.crm_accounts.get, "1")

    carry_out(calls())
    assert statuses(fake) == [404, 400, 400, 404, 404, 405, 405, 405, 200, 429]
    assert fake.inspection.violations == []


def test_what_an_integration_refuses(is_async: bool) -> None:
    fake = InspectedTruto()
    truto = truto_of(fake, is_async).with_options(max_retries=0)
    for number, integration in enumerate(("Salesforce", "Highlevel", "Zoho CRM", "Accelo"), 1):
        fake.add_account(str(UUID(int=number)), integration=integration)
    salesforce, highlevel, zoho, accelo = (truto.account(str(UUID(int=number))) for number in range(1, 5))

    def calls() -> Calls:
        yield partial(salesforce.crm_users.update, "1", {"email": "ada@example.com"})
        yield partial(salesforce.ticketing_accounts.list)
        yield partial(highlevel.crm_users.list)
        yield partial(highlevel.crm_accounts.create, {"website": "https://acme.example"})
        yield partial(
            zoho.crm_accounts.merge,
            {"master_record": {"id": "1"}, "duplicate_records": [{"id": "2"}, {"id": "3"}, {"id": "4"}]},
        )
        yield partial(accelo.crm_accounts.delete, "1")

    carry_out(calls())
    assert statuses(fake) == [400, 400, 400, 400, 422, 400]
    assert fake.inspection.violations == []


@pytest.mark.parametrize(("token", "account", "status"), [("wrong", SANDBOX, 401), ("issued", SANDBOX, 403)])
def test_whom_truto_does_not_let_in(token: str, account: str, status: int, is_async: bool) -> None:
    fake = InspectedTruto()
    given = fake.issue_token() if token == "issued" else token
    truto: AnyTruto = (
        AsyncTruto(given, integrated_account_id=account, http_client=fake.async_http_client())
        if is_async
        else Truto(given, integrated_account_id=account, http_client=fake.http_client())
    )
    carry_out(iter([truto.crm_accounts.list]))
    assert statuses(fake) == [status]
    assert fake.inspection.violations == []


def test_what_coperniq_refuses_by_itself(is_async: bool) -> None:
    fake = InspectedCoperniq()
    fake.add("coperniq_accounts", {"title": "Acme", "isActive": False})
    coperniq = coperniq_of(fake, is_async).with_options(max_retries=0)
    stranger: AnyCoperniq = (
        AsyncCoperniq("wrong", http_client=fake.async_http_client())
        if is_async
        else Coperniq("wrong", http_client=fake.http_client())
    )

    def calls() -> Calls:
        yield partial(stranger.accounts.list)
        yield partial(coperniq.accounts.get, 1)
        yield partial(coperniq.accounts.get, 1, include_archived=True)
        yield partial(coperniq.accounts.delete, 9)
        yield partial(coperniq.accounts.search, prop1="title", op1="exists", value1="")
        yield partial(coperniq.accounts.search, prop1="title", op1="in", value1="two\nlines")
        fake.limit_rate(per_second=1)
        yield partial(coperniq.accounts.delete, 1)
        yield partial(coperniq.accounts.delete, 1)

    carry_out(calls())
    assert statuses(fake) == [401, 404, 200, 404, 400, 400, 200, 429]
    assert fake.inspection.violations == []


def test_a_write_whose_answer_was_lost_is_sent_and_answered_again(is_async: bool) -> None:
    fake = InspectedTruto()
    fake.drop_next(is_committed=True)
    truto = truto_of(fake, is_async)
    carry_out(iter([partial(truto.crm_users.create, {"name": "Ada", "email": "ada@example.com"})]))
    assert [request.is_replay for request in fake.requests] == [False, True]
    assert statuses(fake) == [201]
    assert fake.inspection.violations == []


def test_the_token_of_an_account_stands_for_its_option(is_async: bool) -> None:
    fake = InspectedTruto(is_tenant_implied=True)
    token = fake.issue_token()
    truto: AnyTruto = (
        AsyncTruto(integrated_account_token=token, http_client=fake.async_http_client())
        if is_async
        else Truto(integrated_account_token=token, http_client=fake.http_client())
    )

    def calls() -> Calls:
        yield truto.crm_accounts.list
        fake.clock.sleep(3600)
        yield truto.crm_accounts.list

    carry_out(calls())
    assert statuses(fake) == [200, 401]
    assert fake.inspection.violations == []


def statuses(fake: AnyFake) -> list[int]:
    return [exchange.status for exchange in fake.inspection.exchanges]


def errors_not_met(fake: AnyFake) -> set[tuple[str, int]]:
    """Return the documented errors, by operation, that no call ended in."""
    met = {(exchange.operation.name, exchange.status) for exchange in fake.inspection.exchanges}
    documented = operations(fake.inspection.client)
    return {(known.name, status) for known in documented for status in known.answers if status >= 400} - met


def places_not_sent(fake: AnyFake) -> set[str]:
    """Return the documented query options and body fields that no successful call had."""
    documented: set[str] = set()
    for operation in operations(fake.inspection.client):
        documented.update(places(operation.body, f"{operation.name} body"))
        for option in operation.query:
            documented.update(
                (f"{operation.name} {option.name}", *places(option.schema, f"{operation.name} {option.name}"))
            )
    sent: set[str] = set()
    for exchange in fake.inspection.exchanges:
        if exchange.status < 300:
            sent.update(given(exchange.body, f"{exchange.operation.name} body"))
            for name, value in exchange.query.items():
                sent.update((f"{exchange.operation.name} {name}", *given(value, f"{exchange.operation.name} {name}")))
    return documented - sent


def places(schema: Place, at: str) -> Iterator[str]:
    """Yield all properties that a schema names."""
    for name, entry in schema.at("properties").fields.items():
        yield f"{at}.{name}"
        yield from places(entry, f"{at}.{name}")
    for inner in (schema.at("items"), *schema.at("anyOf").items):
        if inner.value is not None:
            yield from places(inner, at)


def given(value: JSONValue, at: str) -> Iterator[str]:
    """Yield all keys that a value has."""
    for item in value if isinstance(value, list) else ():
        yield from given(item, at)
    for name, item in value.items() if isinstance(value, dict) else ():
        yield f"{at}.{name}"
        yield from given(item, f"{at}.{name}")
