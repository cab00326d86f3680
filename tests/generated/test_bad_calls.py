"""Calls that no request can hold or that would address something else: each is quoted, or refused before sending."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import pytest

from accounts_client import QueryEncodingError
from accounts_client_runtime import InvalidRequestError
from tests.generated.wire import QUERY, AnyTruto, Call, Clients, Wire, on_coperniq, on_truto

ACCOUNTS: Final = "https://api.truto.one/unified/crm/accounts"

# One source has this form of the option; the checkers refuse it, but not in a dict of anything.
ONE_TEXT: Final[dict[str, Any]] = {"truto_exclude_fields": "name,id"}

EXCLUDING_ID: Final[Mapping[str, Call]] = {
    "list": on_truto(lambda truto: truto.crm_accounts.list(truto_exclude_fields=["name", "id"]).to_list()),
    "page": on_truto(lambda truto: truto.crm_users.list(truto_exclude_fields=["name", "id"]).page()),
    "get": on_truto(lambda truto: truto.ticketing_accounts.get("7", truto_exclude_fields=("name", "id"))),
    "update": on_truto(lambda truto: truto.crm_users.update("7", {}, truto_exclude_fields=["name", "id"])),
    "extra_query": on_truto(
        lambda truto: truto.with_options(extra_query={"truto_exclude_fields": ["name", "id"]}).crm_accounts.get("7")
    ),
}

# The checkers refuse it, but not in a dict of anything: as a path it would be that of the search.
TEXT_FOR_A_NUMBER: Final[dict[str, Any]] = {"account_id": "search"}

NAIVE: Final = datetime(2024, 5, 1)

UNSENDABLE: Final[Mapping[str, tuple[Call, str]]] = {
    "one text for a list of names": (
        on_truto(lambda truto: truto.crm_users.get("7", **ONE_TEXT)),
        "truto_exclude_fields: is a text, expected a list of field names",
    ),
    "text for a number in a get": (
        on_coperniq(lambda coperniq: coperniq.accounts.get(**TEXT_FOR_A_NUMBER)),
        "path value 'accountId' is 'search', expected an integer",
    ),
    "text for a number in an update": (
        on_coperniq(lambda coperniq: coperniq.accounts.update(body={}, **TEXT_FOR_A_NUMBER)),
        "path value 'accountId' is 'search', expected an integer",
    ),
    "text for a number in a delete": (
        on_coperniq(lambda coperniq: coperniq.accounts.delete(**TEXT_FOR_A_NUMBER)),
        "path value 'accountId' is 'search', expected an integer",
    ),
    "naive filter": (
        on_truto(lambda truto: truto.crm_accounts.list(created_at=NAIVE).to_list()),
        "created_at: is a datetime without time zone",
    ),
    "naive bound": (
        on_truto(lambda truto: truto.crm_users.list(updated_at={"lte": NAIVE}).page()),
        "updated_at[lte]: is a datetime without time zone",
    ),
    "naive filter of coperniq": (
        on_coperniq(lambda coperniq: coperniq.accounts.list(updated_after=NAIVE).to_list()),
        "updated_after: is a datetime without time zone",
    ),
    "naive date in a body": (
        on_truto(lambda truto: truto.crm_accounts.create({"created_at": NAIVE})),
        "body.created_at is a date-time without time zone",
    ),
    "naive date in a body of coperniq": (
        on_coperniq(lambda coperniq: coperniq.accounts.update(42, {"created_at": NAIVE})),
        "body.created_at is a date-time without time zone",
    ),
    "not a number": (
        on_truto(lambda truto: truto.ticketing_accounts.update("7", {"custom_fields": {"share": [float("nan")]}})),
        "body.custom_fields.share[0] is nan",
    ),
    "long list": (
        on_truto(lambda truto: truto.crm_accounts.get("7", remote_query={"ids": ["7"] * 21})),
        "remote_query[ids]: has 21 items",
    ),
    "deep object": (
        on_truto(
            lambda truto: truto.crm_accounts.delete("7", remote_query={"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}})
        ),
        "remote_query[a][b][c][d][e][f]: is nested too deep",
    ),
    "extra_query against an option": (
        on_coperniq(
            lambda coperniq: (
                coperniq.with_options(extra_query={"primaryEmail": "a"}).accounts.list(primary_email="b").page()
            )
        ),
        "extra_query sets primaryEmail, which the call sets as well",
    ),
    "extra_query against an option by its Python name": (
        on_coperniq(
            lambda coperniq: (
                coperniq.with_options(extra_query={"primary_email": "a"}).accounts.list(primary_email="b").page()
            )
        ),
        "extra_query takes wire names: primaryEmail instead of primary_email",
    ),
    "extra_body against a field": (
        on_coperniq(
            lambda coperniq: coperniq.with_options(extra_body={"accountType": "RESIDENTIAL"}).accounts.update(
                42, {"account_type": "COMMERCIAL"}
            )
        ),
        "extra_body sets accountType, which the call sets as well",
    ),
    "extra_body against a field by its Python name": (
        on_coperniq(
            lambda coperniq: coperniq.with_options(extra_body={"account_type": "RESIDENTIAL"}).accounts.update(
                42, {"account_type": "COMMERCIAL"}
            )
        ),
        "extra_body takes wire names: accountType instead of account_type",
    ),
}


@pytest.mark.parametrize(
    ("value", "segment"),
    [
        ("23423523", "23423523"),
        ("a-b_c.d~e", "a-b_c.d~e"),
        ("...", "..."),
        ("a/b", "a%2Fb"),
        ("/", "%2F"),
        ("../users/7", "..%2Fusers%2F7"),
        ("a\\b", "a%5Cb"),
        ("a b", "a%20b"),
        (" ", "%20"),
        ("a+b", "a%2Bb"),
        ("Zoë", "Zo%C3%AB"),
        ("日本", "%E6%97%A5%E6%9C%AC"),
        ("a?b=c&d", "a%3Fb%3Dc%26d"),
        ("a#b", "a%23b"),
        ("50%", "50%25"),
        ("a%2Fb", "a%252Fb"),
        ("%2e%2e", "%252e%252e"),
        ("u:7@example", "u%3A7%40example"),
        ("{id}", "%7Bid%7D"),
        ("a\r\nHost: b", "a%0D%0AHost%3A%20b"),
    ],
)
def test_any_id_is_one_segment_of_the_path(clients: Clients, value: str, segment: str) -> None:
    wire = Wire('{"id": "7"}', '{"id": "7"}', "", "{}")
    clients.truto(wire, lambda truto: truto.crm_accounts.get(value))
    clients.truto(wire, lambda truto: truto.crm_accounts.update(value, {}))
    clients.truto(wire, lambda truto: truto.crm_accounts.delete(value))
    clients.truto(wire, lambda truto: truto.crm_accounts.call(value))
    assert wire.lines == [f"{method} {ACCOUNTS}/{segment}?{QUERY}" for method in ("GET", "PATCH", "DELETE", "POST")]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("", "'id' is empty"),
        (".", "'id' is '.', which would address another path"),
        ("..", "'id' is '..', which would address another path"),
        ("a\ud800", "'id' holds a lone surrogate"),
    ],
)
def test_an_id_that_no_path_can_hold_is_refused(clients: Clients, value: str, message: str) -> None:
    calls: Sequence[Callable[[AnyTruto], object]] = (
        lambda truto: truto.crm_accounts.get(value),
        lambda truto: truto.crm_users.update(value, {}),
        lambda truto: truto.ticketing_accounts.delete(value),
    )
    wire = Wire()
    for call in calls:
        with pytest.raises(InvalidRequestError, match=message):
            clients.truto(wire, call)
    assert wire.sent == []


def test_a_custom_method_without_name_is_refused(clients: Clients) -> None:
    wire = Wire()
    with pytest.raises(InvalidRequestError, match="'method' is empty"):
        clients.truto(wire, lambda truto: truto.crm_users.call(""))
    assert wire.sent == []


@pytest.mark.parametrize("account_id", [1, 42, 9_007_199_254_740_993])
def test_an_id_of_coperniq_is_the_last_segment_of_the_path(clients: Clients, account_id: int) -> None:
    wire = Wire(f'{{"id": {account_id}}}', "{}", "")
    account = clients.coperniq(wire, lambda coperniq: coperniq.accounts.get(account_id))
    assert account.id == account_id
    changed = clients.coperniq(wire, lambda coperniq: coperniq.accounts.update(account_id, {}))
    assert changed.id == account_id
    clients.coperniq(wire, lambda coperniq: coperniq.accounts.delete(account_id))
    address = f"https://api.coperniq.io/v1/accounts/{account_id}"
    assert wire.lines == [f"GET {address}", f"PATCH {address}", f"DELETE {address}"]


@pytest.mark.parametrize("call", EXCLUDING_ID.values(), ids=EXCLUDING_ID)
def test_excluding_the_id_is_refused_before_anything_is_sent(clients: Clients, call: Call) -> None:
    wire = Wire()
    with pytest.raises(QueryEncodingError, match="without 'id'") as caught:
        call(clients, wire)
    assert caught.value.path == "truto_exclude_fields[1]"
    assert wire.sent == []


@pytest.mark.parametrize(("call", "message"), UNSENDABLE.values(), ids=UNSENDABLE)
def test_what_would_be_lost_or_changed_is_refused_before_anything_is_sent(
    clients: Clients, call: Call, message: str
) -> None:
    wire = Wire()
    with pytest.raises(InvalidRequestError, match=f"^{re.escape(message)}"):
        call(clients, wire)
    assert wire.sent == []
