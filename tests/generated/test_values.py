"""Records, pages, requests, responses, outcomes, budgets and errors are values: they pickle and copy, as they are."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Final

import pytest

from accounts_client import (
    BudgetPolicy,
    Coperniq,
    Debug,
    Limit,
    NotFoundError,
    Request,
    RetryPolicy,
    Truto,
    coperniq_accounts,
    crm_accounts,
    crm_users,
    decode,
    ticketing_accounts,
)
from accounts_client.testing import FakeCoperniq, FakeTruto
from tests.generated import samples

TENANT: Final = FakeTruto().integrated_account_id

TRUTO: Final[dict[str, Callable[[Truto], object]]] = {
    "a page of accounts": lambda truto: truto.crm_accounts.list(limit=2).page(),
    "a page of users": lambda truto: truto.crm_users.list(limit=2).page(),
    "a page of ticketing accounts": lambda truto: truto.ticketing_accounts.list(limit=2).page(),
    "a checkpoint": lambda truto: truto.crm_accounts.list(limit=2).page().checkpoint,
    "a response": lambda truto: truto.send_with_response(crm_accounts.list_accounts(limit=2)),
    "a debug answer": lambda truto: truto.send_debug(crm_accounts.list_accounts(limit=2)),
    "outcomes": lambda truto: list(truto.fan_out([TENANT], crm_users.list_users(limit=2), concurrency=1)),
    "a budget": lambda truto: truto.budget(),
}
PLAIN: Final[dict[str, object]] = {
    "a listing": crm_accounts.list_accounts(limit=5, remote_query={"a": [1, {"b": None}]}),
    "a write": crm_accounts.create_account({"name": "Acme", "custom_fields": {"tier": 1}}),
    "a read of Coperniq": coperniq_accounts.get_account(42, include_contacts=True),
    "a read of a ticketing account": ticketing_accounts.get_account("7"),
    "a policy of retries": RetryPolicy(attempts=5),
    "a policy of budgets": BudgetPolicy(share=0.5, token_limits=(Limit(3, 1.0),)),
    "a debug value": Debug(value=1, data={"a": 1}),
    "an account with every field": decode(crm_accounts.Account, samples.CRM_ACCOUNT_ANSWER.encode()),
    "an account with fields of its own": decode(crm_accounts.Account, b'{"id": "7", "tier": {"a": [1]}}'),
}


def assert_a_value(value: object) -> None:
    """Check that pickles and copies of a value are equal to it, and of its type."""
    for twin in (pickle.loads(pickle.dumps(value)), copy.copy(value), copy.deepcopy(value)):
        assert type(twin) is type(value)
        assert twin == value
        assert repr(twin) == repr(value)


@pytest.mark.parametrize("call", TRUTO.values(), ids=list(TRUTO))
def test_what_a_client_returns_is_a_value(call: Callable[[Truto], object]) -> None:
    fake = FakeTruto()
    for category in ("crm_accounts", "crm_users", "ticketing_accounts"):
        fake.add_samples(category, 3)
    with fake.client() as truto:
        assert_a_value(call(truto))


def test_what_a_client_of_coperniq_returns_is_a_value() -> None:
    fake = FakeCoperniq()
    fake.add_samples("coperniq_accounts", 3)
    with fake.client() as coperniq:
        assert_a_value(coperniq.accounts.list(page_size=2).page())


@pytest.mark.parametrize("value", PLAIN.values(), ids=list(PLAIN))
def test_what_is_made_by_hand_is_a_value(value: object) -> None:
    assert_a_value(value)


def test_an_error_that_came_out_of_a_call_keeps_its_request() -> None:
    request: Request[crm_accounts.Account] = crm_accounts.get_account("nowhere")
    with FakeTruto().client() as truto, pytest.raises(NotFoundError) as caught:
        truto.send(request)
    for twin in (pickle.loads(pickle.dumps(caught.value)), copy.copy(caught.value), copy.deepcopy(caught.value)):
        assert type(twin) is NotFoundError
        assert twin.request == request
        assert (twin.args, twin.body, twin.headers) == (caught.value.args, caught.value.body, caught.value.headers)


@pytest.mark.parametrize("client", [Truto("token", integrated_account_id="a"), Coperniq("key")], ids=repr)
def test_a_client_refuses_and_says_why(client: Truto | Coperniq) -> None:
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="holds a token and connections; make a new client from the environment"):
            attempt(client)
