"""Views of a client: what `with_options` changes, what it refuses, and that the original stays as it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final, TypedDict

import httpx
import pytest

from accounts_client_runtime import (
    ConfigurationError,
    InvalidRequestError,
    QueryEncodingError,
)
from accounts_client_runtime.options import OptionChanges
from tests.overrides.callers import BOTH_WAYS, TENANT, TOKEN, Caller, Recorder, answer
from tests.overrides.models import (
    call_people,
    create_person,
    create_site,
    delete_person,
    get_person,
    list_people,
    list_sites,
)

PERSON: Final = answer({"id": "7", "name": "Ann"})
SITE: Final = answer({"id": 42, "title": "Acme"})
OTHER: Final = "11111111-2222-3333-4444-555555555555"


class Change(TypedDict):
    """An option and something to see its effect by."""

    changes: OptionChanges
    seen: Callable[[httpx.Request], object]


CHANGES: Final[tuple[Change, ...]] = (
    {"changes": {"timeout": 1.5}, "seen": lambda request: request.extensions["timeout"]["read"]},
    {"changes": {"headers": {"X-A": "1"}}, "seen": lambda request: request.headers.get("x-a")},
    {"changes": {"extra_query": {"a": "1"}}, "seen": lambda request: request.url.params.get("a")},
    {"changes": {"extra_body": {"a": 1}}, "seen": lambda request: json.loads(request.content).get("a")},
    {"changes": {"idempotency_key": "mine"}, "seen": lambda request: request.headers["idempotency-key"] == "mine"},
)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change["changes"])))
@BOTH_WAYS
def test_a_view_differs_and_its_original_stays(way: type[Caller], change: Change) -> None:
    handler = Recorder(PERSON)
    with way.truto(handler) as truto:
        truto.send(create_person())
        view = truto.view(**change["changes"])
        truto.send(create_person())
        view.send(create_person())
        truto.send(create_person())
        view.view(max_retries=1).account(OTHER)
    first, second, viewed, last = map(change["seen"], handler.requests)
    assert first == second == last != viewed


@BOTH_WAYS
def test_views_add_up(way: type[Caller]) -> None:
    handler = Recorder(PERSON)
    with way.truto(handler) as truto:
        truto.view(headers={"X-A": "1"}).account(OTHER).view(timeout=2).view(extra_query={"b": 2}).send(get_person())
    (request,) = handler.requests
    assert request.headers["x-a"] == "1"
    assert request.url.params["integrated_account_id"] == OTHER
    assert request.url.params["b"] == "2"
    assert request.extensions["timeout"] == {"connect": 2, "read": 2, "write": 2, "pool": 2}


@BOTH_WAYS
def test_a_view_does_not_follow_what_happens_to_the_caller_s_own_dicts(way: type[Caller]) -> None:
    handler = Recorder(PERSON)
    headers, extra_query, extra_body = {"X-A": "1"}, {"a": "1"}, {"a": "1"}
    with way.truto(handler) as truto:
        view = truto.view(headers=headers, extra_query=extra_query, extra_body=extra_body)
        headers["Authorization"] = "Bearer other"
        extra_query["integrated_account_id"] = OTHER
        extra_body["name"] = "Bob"
        view.send(create_person())
    (request,) = handler.requests
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.url.params.get_list("integrated_account_id") == [TENANT]
    assert json.loads(request.content) == {"name": "Ann", "a": "1"}


@pytest.mark.parametrize(
    "name",
    [
        *("Authorization", "authorization", "Idempotency-Key", "IDEMPOTENCY-KEY", "Content-Type", "Content-Length"),
        *("Host", "Accept", "User-Agent", "Transfer-Encoding", "Connection"),
    ],
)
@BOTH_WAYS
def test_headers_of_the_client_cannot_be_set(way: type[Caller], name: str) -> None:
    with way.truto(Recorder(PERSON)) as truto, pytest.raises(ConfigurationError, match=name):
        truto.view(headers={name: "x"})


@BOTH_WAYS
def test_the_key_of_coperniq_cannot_be_set_as_a_header(way: type[Caller]) -> None:
    with way.coperniq(Recorder(SITE)) as coperniq, pytest.raises(ConfigurationError, match="X-API-Key"):
        coperniq.view(headers={"X-API-Key": "x"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("", "x"),
        ("X A", "x"),
        ("X-A:", "x"),
        ("X-é", "x"),
        ("X-A\r\nX-B", "x"),
        ("X-A", "a\r\nX-B: b"),
        ("X-A", "é"),
        ("X-A", "\0"),
        ("X-A", " x"),
    ],
)
@BOTH_WAYS
def test_headers_that_cannot_be_sent_are_refused(way: type[Caller], name: str, value: str) -> None:
    with way.truto(Recorder(PERSON)) as truto, pytest.raises(ConfigurationError, match="header"):
        truto.view(headers={name: value})


@BOTH_WAYS
def test_a_header_may_be_empty(way: type[Caller]) -> None:
    handler = Recorder(PERSON)
    with way.truto(handler) as truto:
        truto.view(headers={"X-A": ""}).send(get_person())
    assert handler.requests[0].headers["x-a"] == ""


REFUSED: Final[tuple[tuple[OptionChanges, str], ...]] = (
    ({"timeout": 0}, "timeout"),
    ({"timeout": -1}, "timeout"),
    ({"timeout": float("nan")}, "timeout"),
    ({"timeout": float("inf")}, "timeout"),
    ({"max_retries": -1}, "max_retries"),
    ({"idempotency_key": ""}, "idempotency_key"),
    ({"idempotency_key": " "}, "idempotency_key"),
    ({"idempotency_key": "é"}, "idempotency_key"),
    ({"idempotency_key": "a\r\nX-A: b"}, "idempotency_key"),
)


@pytest.mark.parametrize(("changes", "name"), REFUSED)
@BOTH_WAYS
def test_senseless_options_are_refused(way: type[Caller], changes: OptionChanges, name: str) -> None:
    with way.truto(Recorder(PERSON)) as truto, pytest.raises(ConfigurationError, match=name):
        truto.view(**changes)


@BOTH_WAYS
def test_clients_refuse_senseless_options_too(way: type[Caller]) -> None:
    with pytest.raises(ConfigurationError, match="timeout"):
        way.truto(Recorder(PERSON), timeout=0)
    with pytest.raises(ConfigurationError, match="max_retries"):
        way.truto(Recorder(PERSON), max_retries=-1)


@BOTH_WAYS
def test_extras_go_where_they_belong(way: type[Caller]) -> None:
    handler = Recorder(answer({"id": "7", "result": []}))
    with way.truto(handler) as truto:
        view = truto.view(extra_query={"tier": "gold"}, extra_body={"favorite": True})
        view.send(get_person())
        view.send(create_person())
        view.send(call_people())
        view.send(delete_person())
        view.paginate(list_people()).page()
    assert [request.url.params["tier"] for request in handler.requests] == ["gold"] * 5
    assert [request.content for request in handler.requests] == [
        b"",
        b'{"name":"Ann","favorite":true}',
        b'{"favorite":true}',
        b"",
        b"",
    ]


@BOTH_WAYS
def test_an_extra_must_not_say_again_what_the_call_says(way: type[Caller]) -> None:
    handler = Recorder(SITE)
    with way.coperniq(handler) as coperniq:
        with pytest.raises(InvalidRequestError, match="extra_query sets primaryName"):
            coperniq.view(extra_query={"primaryName": "x"}).paginate(list_sites(primary_name="y"))
        with pytest.raises(InvalidRequestError, match="extra_body sets siteType"):
            coperniq.view(extra_body={"siteType": "x"}).send(create_site({"site_type": "y"}))
        with pytest.raises(InvalidRequestError, match="extra_query sets q"):
            coperniq.view(extra_query={"q": "x"}).paginate(list_sites(q="y"))
    assert handler.requests == []


@BOTH_WAYS
def test_extras_have_wire_names(way: type[Caller]) -> None:
    handler = Recorder(SITE)
    with way.coperniq(handler) as coperniq:
        with pytest.raises(InvalidRequestError, match="primaryName instead of primary_name"):
            coperniq.view(extra_query={"primary_name": "x"}).paginate(list_sites())
        with pytest.raises(InvalidRequestError, match="siteType instead of site_type"):
            coperniq.view(extra_body={"site_type": "x"}).send(create_site({}))
    assert handler.requests == []


@BOTH_WAYS
def test_the_request_of_the_caller_is_not_changed_by_extras(way: type[Caller]) -> None:
    request, query, body = create_person({"name": "Ann"}, tag="x"), {"tag": "x"}, {"name": "Ann"}
    with way.truto(Recorder(PERSON)) as truto:
        truto.view(extra_query={"a": 1}, extra_body={"b": 2}).send(request)
    assert (request.query, request.body) == (query, body)


@pytest.mark.parametrize("excluded", [["name", "id"], ("id",), "id", "name,id"])
@BOTH_WAYS
def test_the_id_cannot_be_excluded(way: type[Caller], excluded: object) -> None:
    handler = Recorder(PERSON)
    with way.truto(handler) as truto:
        with pytest.raises(QueryEncodingError, match="truto_exclude_fields"):
            truto.send(get_person(truto_exclude_fields=excluded))
        truto.send(get_person(truto_exclude_fields=["name"]))
    assert len(handler.requests) == 1
