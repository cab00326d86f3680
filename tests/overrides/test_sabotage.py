"""Breaking one behavior of the client at a time makes a check against the fakes fail: they notice what they must."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import pytest
from msgspec.structs import replace

from accounts_client import AccountsClientError
from accounts_client.testing import FakeCoperniq, FakeTruto
from accounts_client_runtime import Operation, Page, Request, exchange
from accounts_client_runtime.exchange import Context, Exchange
from accounts_client_runtime.query import encode_query
from accounts_client_runtime.request import Outgoing
from accounts_client_runtime.schemes import Secret

wire_query: Final = exchange._wire_query  # pyright: ignore[reportPrivateUsage]  # what the sabotages replace
outgoing: Final = Exchange.outgoing


def every_record_of_a_listing_comes_once() -> None:
    fake = FakeTruto()
    stored = fake.add_samples("crm_accounts", 7)
    with fake.client() as truto:
        assert [account.id for account in truto.crm_accounts.list(limit=3)] == [record["id"] for record in stored]


def pages_have_the_size_that_was_asked_for() -> None:
    fake = FakeTruto()
    fake.add_samples("crm_users", 7)
    with fake.client() as truto:
        assert [len(page.items) for page in truto.crm_users.list(limit=3).pages()] == [3, 3, 1]


def numbered_pages_go_on_to_the_end() -> None:
    fake = FakeCoperniq()
    fake.add_samples("coperniq_accounts", 5)
    with fake.client() as coperniq:
        assert len(coperniq.accounts.list(page_size=2).to_list()) == 5


def accounts_have_separate_data() -> None:
    fake = FakeTruto()
    fake.add_account("second")
    with fake.client("second") as truto:
        created = truto.crm_accounts.create({"name": "Acme"})
    assert [record["id"] for record in fake.account("second").records("crm_accounts")] == [created.id]
    assert fake.records("crm_accounts") == []


def the_provider_gets_its_query_as_it_was_given() -> None:
    fake = FakeTruto()
    with fake.client() as truto:
        truto.crm_accounts.list(remote_query={"filter": {"status": ["open"]}}).page()
    assert fake.requests[-1].query["remote_query"] == {"filter": {"status": ["open"]}}


def a_write_whose_answer_was_lost_happens_once() -> None:
    fake = FakeTruto()
    fake.drop_next(is_committed=True)
    with fake.client() as truto:
        truto.ticketing_accounts.create({"name": "Acme"})
    assert len(fake.records("ticketing_accounts")) == 1


CHECKS: Final[tuple[Callable[[], None], ...]] = (
    every_record_of_a_listing_comes_once,
    pages_have_the_size_that_was_asked_for,
    numbered_pages_go_on_to_the_end,
    accounts_have_separate_data,
    the_provider_gets_its_query_as_it_was_given,
    a_write_whose_answer_was_lost_happens_once,
)


def without(name: str) -> Callable[[Context, Request[object], str], dict[str, object]]:
    def build(context: Context, request: Request[object], answer_format: str) -> dict[str, object]:
        query = wire_query(context, request, answer_format)
        return {key: value for key, value in query.items() if key != name}

    return build


def without_brackets(options: Mapping[str, object]) -> str:
    return encode_query(options).replace("%5B%5D", "")


def with_another_key_on_each_try(self: Exchange, secrets: Mapping[str, Secret]) -> Outgoing:
    prepared = outgoing(self, secrets)
    headers = {**prepared.headers}
    if "Idempotency-Key" in headers:
        headers["Idempotency-Key"] += str(id(headers))
    return replace(prepared, headers=headers)


SABOTAGES: Final[Mapping[str, tuple[object, str, object]]] = {
    "the cursor is dropped": (exchange, "_wire_query", without("next_cursor")),
    "the page number is dropped": (exchange, "_wire_query", without("page")),
    "the tenant is dropped": (exchange, "_wire_query", without("integrated_account_id")),
    "the limit is dropped": (exchange, "_wire_query", without("limit")),
    "the brackets are dropped": (exchange, "encode_query", without_brackets),
    "each try has a key of its own": (Exchange, "outgoing", with_another_key_on_each_try),
    "writes count as reads": (Operation, "is_write", property(lambda operation: False)),
    "the first page is the last": (
        Page,
        "next_cursor",
        property(lambda page: None, lambda page, value: None),
    ),
}


def failures() -> list[str]:
    """Return the names of the checks that fail."""
    failed: list[str] = []
    for check in CHECKS:
        try:
            check()
        except (AssertionError, AccountsClientError):
            failed.append(check.__name__)
    return failed


def test_the_client_as_it_is_passes_every_check() -> None:
    assert failures() == []


@pytest.mark.parametrize("name", SABOTAGES)
def test_a_sabotaged_client_fails_a_check(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*SABOTAGES[name])
    assert failures()
