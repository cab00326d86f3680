"""Which integrated account a call is about: the bound one, whatever goes with the call; without one nothing is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

import pytest

from accounts_client import AccountsClientError, crm_accounts, crm_users
from tests.generated.wire import QUERY, TENANT, AnyTruto, Call, Clients, TrutoArguments, Wire, collect, on_truto

ACCOUNTS: Final = "https://api.truto.one/unified/crm/accounts"

NO_TENANT: Final[TrutoArguments] = {"token": "secret"}

WITHOUT_TENANT: Final[Mapping[str, Call]] = {
    "list": on_truto(lambda truto: truto.crm_accounts.list().to_list(), NO_TENANT),
    "page": on_truto(lambda truto: truto.crm_users.list().page(), NO_TENANT),
    "pages": on_truto(lambda truto: collect(truto.ticketing_accounts.list().pages()), NO_TENANT),
    "get": on_truto(lambda truto: truto.ticketing_accounts.get("7"), NO_TENANT),
    "create": on_truto(lambda truto: truto.crm_users.create({}), NO_TENANT),
    "update": on_truto(lambda truto: truto.crm_users.update("7", {}), NO_TENANT),
    "delete": on_truto(lambda truto: truto.crm_users.delete("7"), NO_TENANT),
    "batch_delete": on_truto(lambda truto: truto.crm_accounts.batch_delete({"id": ["7"]}), NO_TENANT),
    "call": on_truto(lambda truto: truto.crm_accounts.call("archive"), NO_TENANT),
    "empty": on_truto(lambda truto: truto.crm_accounts.get("7"), {"token": "secret", "integrated_account_id": ""}),
}

# The checkers refuse these options where they see their names (tests/consumers/wrong_calls.py); here they do not.
OTHER_TENANT: Final[dict[str, Any]] = {"integrated_account_id": "b"}
SAME_TENANT: Final[dict[str, Any]] = {"integrated_account_id": TENANT}
OTHER_FORMAT: Final[dict[str, Any]] = {"truto_response_format": "raw"}

PER_CALL: Final[Mapping[str, Call]] = {
    "list": on_truto(lambda truto: truto.crm_accounts.list(**OTHER_TENANT).to_list()),
    "get": on_truto(lambda truto: truto.crm_users.get("7", **OTHER_TENANT)),
    "create": on_truto(lambda truto: truto.ticketing_accounts.create({}, **OTHER_TENANT)),
    "update": on_truto(lambda truto: truto.crm_users.update("7", {}, **OTHER_TENANT)),
    "delete": on_truto(lambda truto: truto.ticketing_accounts.delete("7", **OTHER_TENANT)),
    "batch_delete": on_truto(lambda truto: truto.crm_accounts.batch_delete({"id": ["7"]}, **OTHER_TENANT)),
    "call": on_truto(lambda truto: truto.crm_accounts.call("archive", **OTHER_TENANT)),
    "builder": on_truto(lambda truto: truto.send(crm_accounts.get_account("7", **OTHER_TENANT))),
    "the bound one": on_truto(lambda truto: truto.crm_users.get("7", **SAME_TENANT)),
    "response format": on_truto(lambda truto: truto.crm_users.get("7", **OTHER_FORMAT)),
    "extra_query": on_truto(
        lambda truto: truto.with_options(extra_query={"integrated_account_id": "b"}).crm_accounts.get("7")
    ),
    "extra_query as a list": on_truto(
        lambda truto: truto.with_options(extra_query={"integrated_account_id[]": "b"}).crm_accounts.list().page()
    ),
    "extra_query as an object": on_truto(
        lambda truto: truto.with_options(extra_query={"integrated_account_id": {"eq": "b"}}).crm_accounts.list().page()
    ),
    "extra_query with a bracket": on_truto(
        lambda truto: truto.with_options(extra_query={"a[b]&integrated_account_id": "b"}).crm_accounts.get("7")
    ),
    "remote_query with a bracket": on_truto(
        lambda truto: truto.crm_accounts.list(remote_query={"a]&integrated_account_id": "b"}).page()
    ),
}

# What is sent, and does not leave the value that it stands in.
INSIDE_A_VALUE: Final[Mapping[str, tuple[Callable[[AnyTruto], object], str]]] = {
    "remote_query": (
        lambda truto: truto.crm_accounts.list(remote_query={"integrated_account_id": "b", "limit": 1}).page(),
        f"GET {ACCOUNTS}?{QUERY}&remote_query%5Bintegrated_account_id%5D=b&remote_query%5Blimit%5D=1",
    ),
    "key of remote_query": (
        lambda truto: truto.crm_accounts.get("7", remote_query={"&integrated_account_id=b&x": "1"}),
        f"GET {ACCOUNTS}/7?{QUERY}&remote_query%5B%26integrated_account_id%3Db%26x%5D=1",
    ),
    "value of remote_query": (
        lambda truto: truto.crm_accounts.delete("7", remote_query={"a": ["1&integrated_account_id=b"]}),
        f"DELETE {ACCOUNTS}/7?{QUERY}&remote_query%5Ba%5D%5B%5D=1%26integrated_account_id%3Db",
    ),
    "filter": (
        lambda truto: truto.crm_accounts.list(name="a&integrated_account_id=b").page(),
        f"GET {ACCOUNTS}?{QUERY}&name=a%26integrated_account_id%3Db",
    ),
    "excluded field": (
        lambda truto: truto.crm_accounts.get("7", truto_exclude_fields=["a&integrated_account_id=b"]),
        f"GET {ACCOUNTS}/7?{QUERY}&truto_exclude_fields%5B%5D=a%26integrated_account_id%3Db",
    ),
    "cursor": (
        lambda truto: truto.crm_accounts.list(next_cursor="c&integrated_account_id=b").page(),
        f"GET {ACCOUNTS}?{QUERY}&next_cursor=c%26integrated_account_id%3Db",
    ),
    "id": (
        lambda truto: truto.crm_accounts.get("7?integrated_account_id=b#"),
        f"GET {ACCOUNTS}/7%3Fintegrated_account_id%3Db%23?{QUERY}",
    ),
    "name of a method": (
        lambda truto: truto.crm_accounts.call("archive?integrated_account_id=b&x="),
        f"POST {ACCOUNTS}/archive%3Fintegrated_account_id%3Db%26x%3D?{QUERY}",
    ),
    "extra_query": (
        lambda truto: truto.with_options(extra_query={"stage": "a&integrated_account_id=b"}).crm_accounts.get("7"),
        f"GET {ACCOUNTS}/7?{QUERY}&stage=a%26integrated_account_id%3Db",
    ),
    "body": (
        lambda truto: truto.with_options(extra_body={"integrated_account_id": "b"}).crm_accounts.update("7", {}),
        f"PATCH {ACCOUNTS}/7?{QUERY}",
    ),
}


@pytest.mark.parametrize("call", WITHOUT_TENANT.values(), ids=WITHOUT_TENANT)
def test_without_an_integrated_account_nothing_is_sent(clients: Clients, call: Call) -> None:
    wire = Wire()
    with pytest.raises(AccountsClientError, match="no integrated account: pass integrated_account_id="):
        call(clients, wire)
    assert wire.sent == []


@pytest.mark.parametrize("call", PER_CALL.values(), ids=PER_CALL)
def test_what_is_bound_cannot_be_passed_with_a_call(clients: Clients, call: Call) -> None:
    wire = Wire()
    with pytest.raises(AccountsClientError, match=r"integrated_account_id|truto_response_format"):
        call(clients, wire)
    assert wire.sent == []


@pytest.mark.parametrize(("call", "line"), INSIDE_A_VALUE.values(), ids=INSIDE_A_VALUE)
def test_no_value_of_a_call_redirects_it(clients: Clients, call: Callable[[AnyTruto], object], line: str) -> None:
    wire = Wire('{"id": "7", "result": []}')
    clients.truto(wire, call)
    assert wire.lines == [line]
    pairs = parse_qsl(wire.sent[0].url.query.decode(), keep_blank_values=True)
    assert [value for name, value in pairs if name == "integrated_account_id"] == [TENANT]


def test_a_cursor_of_the_service_does_not_redirect_the_next_call(clients: Clients) -> None:
    wire = Wire('{"result": [], "next_cursor": "c&integrated_account_id=b"}', '{"result": []}')
    clients.truto(wire, lambda truto: truto.crm_accounts.list().to_list())
    assert wire.lines == [
        f"GET {ACCOUNTS}?{QUERY}",
        f"GET {ACCOUNTS}?{QUERY}&next_cursor=c%26integrated_account_id%3Db",
    ]


def test_a_handle_is_about_its_own_account(clients: Clients) -> None:
    wire = Wire('{"id": "7"}', '{"result": [{"id": "8"}]}')
    user = clients.truto(wire, lambda truto: truto.account("b/2").crm_users.get("7"))
    users = clients.truto(wire, lambda truto: truto.account("b/2").crm_users.list().to_list(), NO_TENANT)
    assert (user, users) == (crm_users.User(id="7"), [crm_users.User(id="8")])
    address = "https://api.truto.one/unified/crm/users"
    assert wire.lines == [
        f"GET {address}/7?integrated_account_id=b%2F2",
        f"GET {address}?integrated_account_id=b%2F2",
    ]


def test_the_token_of_an_integrated_account_implies_it(clients: Clients) -> None:
    wire = Wire('{"id": "7"}', '{"result": [], "next_cursor": "c"}', '{"result": []}')
    arguments: TrutoArguments = {"integrated_account_token": "short-lived"}
    clients.truto(wire, lambda truto: truto.crm_accounts.get("7"), arguments)
    clients.truto(wire, lambda truto: truto.crm_accounts.list(limit=1).to_list(), arguments)
    assert wire.lines == [
        f"GET {ACCOUNTS}/7",
        f"GET {ACCOUNTS}?limit=1",
        f"GET {ACCOUNTS}?limit=1&next_cursor=c",
    ]
    assert {request.headers["authorization"] for request in wire.sent} == {"Bearer short-lived"}


def test_the_token_of_an_integrated_account_opens_no_other_one(clients: Clients) -> None:
    wire = Wire()
    with pytest.raises(AccountsClientError, match="opens no other"):
        clients.truto(
            wire, lambda truto: truto.account("b").crm_users.get("7"), {"integrated_account_token": "short-lived"}
        )
    assert wire.sent == []


def test_the_token_of_an_integrated_account_and_an_id_exclude_each_other(clients: Clients) -> None:
    arguments: TrutoArguments = {"integrated_account_token": "short-lived", "integrated_account_id": "b"}
    with pytest.raises(AccountsClientError, match="pass no integrated_account_id"):
        clients.truto(Wire(), lambda truto: truto.crm_users.get("7"), arguments)
