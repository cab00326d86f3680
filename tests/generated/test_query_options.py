"""Query options on the wire: each as the vendor's rules for query strings say, and none that was not given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

import pytest

from accounts_client import crm_accounts
from tests.generated.wire import QUERY, AnyCoperniq, AnyTruto, Clients, Wire

MOMENT: Final = datetime(2024, 5, 1, 14, 30, tzinfo=timezone(timedelta(hours=2)))
LATER: Final = datetime(2024, 5, 1, 12, 30, 0, 250_000, tzinfo=UTC)

TRUTO_LISTS: Final[Sequence[tuple[Callable[[AnyTruto], object], str]]] = (
    # The examples of the pages.
    (
        lambda truto: truto.crm_accounts.list(remote_query={"foo": "bar"}).page(),
        "remote_query%5Bfoo%5D=bar",
    ),
    (
        lambda truto: truto.crm_accounts.list(truto_exclude_fields=["industry", "name"]).page(),
        "truto_exclude_fields%5B%5D=industry&truto_exclude_fields%5B%5D=name",
    ),
    (
        lambda truto: truto.crm_users.list(truto_exclude_fields=("email",)).page(),
        "truto_exclude_fields%5B%5D=email",
    ),
    # Objects, lists of scalars, and lists that hold an object, which need indices.
    (
        lambda truto: truto.crm_accounts.list(remote_query={"foo": {"bar": "baz", "bar1": {"bar2": "baz2"}}}).page(),
        "remote_query%5Bfoo%5D%5Bbar%5D=baz&remote_query%5Bfoo%5D%5Bbar1%5D%5Bbar2%5D=baz2",
    ),
    (
        lambda truto: truto.crm_users.list(remote_query={"filter": {"status": ["open", "closed"]}}).page(),
        "remote_query%5Bfilter%5D%5Bstatus%5D%5B%5D=open&remote_query%5Bfilter%5D%5Bstatus%5D%5B%5D=closed",
    ),
    (
        lambda truto: truto.ticketing_accounts.list(remote_query={"foo": ["bar", {"bar1": "baz1"}]}).page(),
        "remote_query%5Bfoo%5D%5B0%5D=bar&remote_query%5Bfoo%5D%5B1%5D%5Bbar1%5D=baz1",
    ),
    (
        lambda truto: truto.crm_accounts.list(remote_query={"a": [{"b": 1, "c": 2}, {"b": 3, "c": 4}]}).page(),
        "remote_query%5Ba%5D%5B0%5D%5Bb%5D=1&remote_query%5Ba%5D%5B0%5D%5Bc%5D=2"
        "&remote_query%5Ba%5D%5B1%5D%5Bb%5D=3&remote_query%5Ba%5D%5B1%5D%5Bc%5D=4",
    ),
    # Scalars of every kind; what is absent is left out.
    (
        lambda truto: truto.crm_accounts.list(
            remote_query={"a": True, "b": 10, "c": 0.5, "d": None, "e": [], "f": {}, "g": "", "h": MOMENT}
        ).page(),
        "remote_query%5Ba%5D=true&remote_query%5Bb%5D=10&remote_query%5Bc%5D=0.5&remote_query%5Bg%5D="
        "&remote_query%5Bh%5D=2024-05-01T12%3A30%3A00Z",
    ),
    # What belongs to one value stays in it.
    (
        lambda truto: truto.crm_accounts.list(name="Acme & Co + 100%").page(),
        "name=Acme%20%26%20Co%20%2B%20100%25",
    ),
    (
        lambda truto: truto.crm_users.list(name="Zoë=#;?/", email="a+b@example.test").page(),
        "name=Zo%C3%AB%3D%23%3B%3F%2F&email=a%2Bb%40example.test",
    ),
    # Dates: equal to a time, or bounds, in UTC.
    (
        lambda truto: truto.crm_accounts.list(created_at=MOMENT).page(),
        "created_at=2024-05-01T12%3A30%3A00Z",
    ),
    (
        lambda truto: truto.crm_accounts.list(created_at={"gte": MOMENT, "lt": LATER}).page(),
        "created_at%5Bgte%5D=2024-05-01T12%3A30%3A00Z&created_at%5Blt%5D=2024-05-01T12%3A30%3A00.250000Z",
    ),
    (
        lambda truto: truto.crm_users.list(
            created_at={"gt": "2024-05-01T00:00:00.000Z"}, updated_at={"lte": "2024-06-01T00:00:00.000Z"}
        ).page(),
        "created_at%5Bgt%5D=2024-05-01T00%3A00%3A00.000Z&updated_at%5Blte%5D=2024-06-01T00%3A00%3A00.000Z",
    ),
    # The other filters.
    (
        lambda truto: truto.crm_accounts.list(
            description="Roofs",
            website="https://acme.test",
            updated_at="2024-05-01",
            last_activity_at=MOMENT,
            owner={"id": "owner 9"},
            tags={"id": "7", "name": "vip"},
            addresses={"id": "1", "city": "Köln", "state": "NRW", "postal_code": "50667", "country": "DE"},
            sort_by={"created_at": "desc", "name": "asc"},
        ).page(),
        "description=Roofs&website=https%3A%2F%2Facme.test&updated_at=2024-05-01&last_activity_at=2024-05-01T12%3A30%3A00Z"
        "&owner%5Bid%5D=owner%209&tags%5Bid%5D=7&tags%5Bname%5D=vip"
        "&addresses%5Bid%5D=1&addresses%5Bcity%5D=K%C3%B6ln&addresses%5Bstate%5D=NRW"
        "&addresses%5Bpostal_code%5D=50667&addresses%5Bcountry%5D=DE"
        "&sort_by%5Bcreated_at%5D=desc&sort_by%5Bname%5D=asc",
    ),
    (
        lambda truto: truto.crm_accounts.list(
            sort_by={
                "description": "asc",
                "email_addresses": "asc",
                "last_activity_at": "desc",
                "number_of_employees": "desc",
                "updated_at": "asc",
            }
        ).page(),
        "sort_by%5Bdescription%5D=asc&sort_by%5Bemail_addresses%5D=asc&sort_by%5Blast_activity_at%5D=desc"
        "&sort_by%5Bnumber_of_employees%5D=desc&sort_by%5Bupdated_at%5D=asc",
    ),
    (
        lambda truto: truto.crm_users.list(
            is_active=False,
            workspace={"id": "w1"},
            sort_by={"created_at": "asc", "email": "asc", "name": "desc", "updated_at": "desc"},
        ).page(),
        "is_active=false&workspace%5Bid%5D=w1&sort_by%5Bcreated_at%5D=asc&sort_by%5Bemail%5D=asc"
        "&sort_by%5Bname%5D=desc&sort_by%5Bupdated_at%5D=desc",
    ),
    # What every list takes.
    (
        lambda truto: truto.crm_accounts.list(
            limit=10,
            next_cursor="a/b+c==",
            truto_key_by="id",
            truto_ignore_limit=True,
            truto_super_query="apac",
            truto_ignore_remote_data=True,
        ).page(),
        "limit=10&next_cursor=a%2Fb%2Bc%3D%3D&truto_key_by=id&truto_ignore_limit=true&truto_super_query=apac"
        "&truto_ignore_remote_data=true",
    ),
    (
        lambda truto: truto.crm_users.list(limit=0, truto_super_query="wnam", truto_ignore_remote_data=False).page(),
        "limit=0&truto_super_query=wnam&truto_ignore_remote_data=false",
    ),
    (
        lambda truto: truto.ticketing_accounts.list(
            limit=5, next_cursor="c", truto_key_by="name", truto_ignore_limit=False, truto_super_query="apac"
        ).page(),
        "limit=5&next_cursor=c&truto_key_by=name&truto_ignore_limit=false&truto_super_query=apac",
    ),
)

# The same block of options goes with every call on one record and with every custom method.
TRUTO_CALLS: Final[Sequence[tuple[Callable[[AnyTruto], object], str]]] = (
    (
        lambda truto: truto.crm_accounts.get("7", truto_ignore_remote_data=True, remote_query={"expand": "owner"}),
        "truto_ignore_remote_data=true&remote_query%5Bexpand%5D=owner",
    ),
    (
        lambda truto: truto.crm_users.get("7", truto_exclude_fields=["email"]),
        "truto_exclude_fields%5B%5D=email",
    ),
    (
        lambda truto: truto.ticketing_accounts.get("7", truto_exclude_fields=["remote_data", "etag"]),
        "truto_exclude_fields%5B%5D=remote_data&truto_exclude_fields%5B%5D=etag",
    ),
    (
        lambda truto: truto.crm_accounts.create({"name": "Acme"}, workspace={"id": "w/1"}, truto_body_passthrough=True),
        "workspace%5Bid%5D=w%2F1&truto_body_passthrough=true",
    ),
    (
        lambda truto: truto.crm_users.create({"name": "A"}, truto_body_passthrough=False, remote_query={"a": "b"}),
        "truto_body_passthrough=false&remote_query%5Ba%5D=b",
    ),
    (
        lambda truto: truto.ticketing_accounts.create({"name": "Acme"}, truto_body_passthrough=True),
        "truto_body_passthrough=true",
    ),
    (
        lambda truto: truto.crm_accounts.update("7", {}, truto_body_passthrough=True, truto_exclude_fields=["tags"]),
        "truto_body_passthrough=true&truto_exclude_fields%5B%5D=tags",
    ),
    (
        lambda truto: truto.crm_users.update("7", {}, remote_query={"notify": False}),
        "remote_query%5Bnotify%5D=false",
    ),
    (
        lambda truto: truto.ticketing_accounts.update("7", {}, truto_ignore_remote_data=True),
        "truto_ignore_remote_data=true",
    ),
    (
        lambda truto: truto.crm_accounts.delete("7", remote_query={"cascade": True}),
        "remote_query%5Bcascade%5D=true",
    ),
    (
        lambda truto: truto.crm_users.delete("7", remote_query={"heir": "8"}),
        "remote_query%5Bheir%5D=8",
    ),
    (
        lambda truto: truto.ticketing_accounts.delete("7", truto_ignore_remote_data=True),
        "truto_ignore_remote_data=true",
    ),
    (
        lambda truto: truto.crm_accounts.merge(
            {"master_record": {"id": "7"}, "duplicate_records": []}, truto_body_passthrough=True
        ),
        "truto_body_passthrough=true",
    ),
    (
        lambda truto: truto.crm_accounts.batch_delete({"id": ["7"]}, remote_query={"id": ["7", "8"]}),
        "remote_query%5Bid%5D%5B%5D=7&remote_query%5Bid%5D%5B%5D=8",
    ),
    (
        lambda truto: truto.crm_accounts.call("archive", remote_query={"dry": True}),
        "remote_query%5Bdry%5D=true",
    ),
    (
        lambda truto: truto.crm_users.call("invite", {}, truto_ignore_remote_data=True),
        "truto_ignore_remote_data=true",
    ),
    (
        lambda truto: truto.ticketing_accounts.call("split", truto_exclude_fields=["etag"]),
        "truto_exclude_fields%5B%5D=etag",
    ),
)

COPERNIQ_LISTS: Final[Sequence[tuple[Callable[[AnyCoperniq], object], str]]] = (
    (
        lambda coperniq: coperniq.accounts.list(
            page_size=100,
            page=3,
            updated_after=MOMENT,
            updated_before="2024-06-01T00:00:00.000Z",
            order_by="desc",
            include_virtual_properties=True,
            include_contacts=True,
            include_archived=False,
            q="roof & tiles",
        ).page(),
        "GET https://api.coperniq.io/v1/accounts?page_size=100&page=3&updated_after=2024-05-01T12%3A30%3A00Z"
        "&updated_before=2024-06-01T00%3A00%3A00.000Z&order_by=desc&include_virtual_properties=true"
        "&include_contacts=true&include_archived=false&q=roof%20%26%20tiles",
    ),
    (
        lambda coperniq: coperniq.accounts.list(
            title="Acme",
            address="1 Main St, Bonn",
            primary_name="Sales",
            primary_phone="+49 228 1",
            primary_email="a+b@example.test",
        ).page(),
        "GET https://api.coperniq.io/v1/accounts?title=Acme&address=1%20Main%20St%2C%20Bonn&primaryName=Sales&primaryPhone=%2B49%20228%201"
        "&primaryEmail=a%2Bb%40example.test",
    ),
    (
        lambda coperniq: coperniq.accounts.search(
            prop1="title",
            op1="in",
            value1='"Last, First",Other',
            logic="or",
            prop2="createdAt",
            op2="between",
            value2="2024-01-01,2024-02-01",
            page_size=1,
            page=1,
            order_by="asc",
            include_archived=True,
        ).page(),
        "GET https://api.coperniq.io/v1/accounts/search?prop1=title&op1=in&value1=%22Last%2C%20First%22%2COther&logic=or&prop2=createdAt"
        "&op2=between&value2=2024-01-01%2C2024-02-01&page_size=1&page=1&order_by=asc&include_archived=true",
    ),
    # An operator that older pages know.
    (
        lambda coperniq: coperniq.accounts.search(prop1="accountId", op1="exists", value1="", logic="and").page(),
        "GET https://api.coperniq.io/v1/accounts/search?prop1=accountId&op1=exists&value1=&logic=and",
    ),
)

COPERNIQ_CALLS: Final[Sequence[tuple[Callable[[AnyCoperniq], object], str]]] = (
    (
        lambda coperniq: coperniq.accounts.get(
            42, include_archived=True, include_contacts=False, include_virtual_properties=True
        ),
        "GET https://api.coperniq.io/v1/accounts/42?include_archived=true&include_contacts=false&include_virtual_properties=true",
    ),
    (
        lambda coperniq: coperniq.accounts.create(
            {"title": "Acme", "address": ["1 Main St"]},
            allow_new_options=True,
            match_by="primaryEmail",
            match_found_strategy="enrich",
        ),
        "POST https://api.coperniq.io/v1/accounts?allow_new_options=true&match_by=primaryEmail&match_found_strategy=enrich",
    ),
    (
        lambda coperniq: coperniq.accounts.create(
            {"title": "Acme", "address": ["1 Main St"]}, match_by="title", match_found_strategy="skip"
        ),
        "POST https://api.coperniq.io/v1/accounts?match_by=title&match_found_strategy=skip",
    ),
    (
        lambda coperniq: coperniq.accounts.create(
            {"title": "Acme", "address": ["1 Main St"]}, match_by="primaryPhone", match_found_strategy="replace"
        ),
        "POST https://api.coperniq.io/v1/accounts?match_by=primaryPhone&match_found_strategy=replace",
    ),
    (
        lambda coperniq: coperniq.accounts.create({"title": "Acme", "address": ["1 Main St"]}, match_by="address"),
        "POST https://api.coperniq.io/v1/accounts?match_by=address",
    ),
    (
        lambda coperniq: coperniq.accounts.update(42, {"title": "Acme"}, allow_new_options=False),
        "PATCH https://api.coperniq.io/v1/accounts/42?allow_new_options=false",
    ),
)


@pytest.mark.parametrize(("call", "options"), TRUTO_LISTS)
def test_options_of_a_list_of_truto(clients: Clients, call: Callable[[AnyTruto], object], options: str) -> None:
    wire = Wire('{"result": [], "next_cursor": null}')
    clients.truto(wire, call)
    assert [request.url.query.decode() for request in wire.sent] == [f"{QUERY}&{options}"]


@pytest.mark.parametrize(("call", "options"), TRUTO_CALLS)
def test_options_of_another_call_on_truto(clients: Clients, call: Callable[[AnyTruto], object], options: str) -> None:
    wire = Wire('{"id": "7"}')
    clients.truto(wire, call)
    assert [request.url.query.decode() for request in wire.sent] == [f"{QUERY}&{options}"]


@pytest.mark.parametrize(("call", "line"), COPERNIQ_LISTS)
def test_options_of_a_list_of_coperniq(clients: Clients, call: Callable[[AnyCoperniq], object], line: str) -> None:
    wire = Wire("[]")
    clients.coperniq(wire, call)
    assert wire.lines == [line]


@pytest.mark.parametrize(("call", "line"), COPERNIQ_CALLS)
def test_options_of_another_call_on_coperniq(
    clients: Clients, call: Callable[[AnyCoperniq], object], line: str
) -> None:
    wire = Wire('{"id": 42}')
    clients.coperniq(wire, call)
    assert wire.lines == [line]


@pytest.mark.parametrize("operator", ["eq", "neq", "gt", "gte", "lt", "lte", "contains", "in", "nin", "between"])
def test_every_search_operator_goes_out_as_it_is(clients: Clients, operator: str) -> None:
    wire = Wire("[]")
    clients.coperniq(wire, lambda coperniq: coperniq.accounts.search(prop1="a", op1=operator, value1="b").page())
    assert wire.lines == [f"GET https://api.coperniq.io/v1/accounts/search?prop1=a&op1={operator}&value1=b"]


def test_a_list_that_is_keyed_by_a_field_yields_its_records(clients: Clients) -> None:
    wire = Wire(
        '{"result": {"Acme": {"id": "1", "name": "Acme"}, "Bee": {"id": "2", "name": "Bee"}}, "next_cursor": "c"}',
        '{"result": {}, "next_cursor": null}',
    )
    accounts = clients.truto(wire, lambda truto: truto.crm_accounts.list(truto_key_by="name").to_list())
    assert accounts == [crm_accounts.Account(id="1", name="Acme"), crm_accounts.Account(id="2", name="Bee")]
    line = f"GET https://api.truto.one/unified/crm/accounts?{QUERY}&truto_key_by=name"
    assert wire.lines == [line, f"{line}&next_cursor=c"]
