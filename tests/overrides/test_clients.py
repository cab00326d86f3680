"""The clients: what goes out and comes back, the HTTP client below, closing, and what a client shows of itself."""

from __future__ import annotations

import asyncio
import copy
import json
import pickle
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import httpx
import pytest

from accounts_client_runtime import (
    VERSION,
    AccountsClientError,
    AsyncTrutoClient,
    BudgetPolicy,
    ConfigurationError,
    ConnectError,
    DecodeError,
    InvalidRequestError,
    Limit,
    NotFoundError,
    One,
    Operation,
    Page,
    Request,
    SyncCoperniqClient,
    SyncTrutoClient,
)
from tests.overrides.callers import BOTH_WAYS, TENANT, TOKEN, Caller, Recorder, SyncCaller, answer
from tests.overrides.models import (
    AsyncPeople,
    People,
    Person,
    Site,
    call_people,
    create_person,
    create_site,
    delete_person,
    get_person,
    list_people,
    list_sites,
    merge_people,
    update_person,
)

PERSON: Final = answer({"id": "7", "name": "Ann"})
SITE: Final = answer({"id": 42, "title": "Acme"})
BROKEN: Final = httpx.ReadError("broke")
OTHER: Final = "11111111-2222-3333-4444-555555555555"


@BOTH_WAYS
def test_a_read_goes_out_with_token_tenant_and_nothing_else(way: type[Caller]) -> None:
    handler = Recorder(PERSON)
    with way.truto(handler) as truto:
        assert truto.send(get_person("a/b", remote_query={"x": [1, 2]})) == Person(id="7", name="Ann")
    (request,) = handler.requests
    assert request.method == "GET"
    assert str(request.url) == (
        f"https://api.truto.one/people/a%2Fb?integrated_account_id={TENANT}&remote_query%5Bx%5D%5B%5D=1&remote_query%5Bx%5D%5B%5D=2"
    )
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.headers["user-agent"] == f"accounts-client/{VERSION}"
    assert request.headers["accept"] == "application/json"
    assert "content-type" not in request.headers
    assert "idempotency-key" not in request.headers
    assert request.content == b""


@BOTH_WAYS
def test_a_write_goes_out_with_its_body(way: type[Caller]) -> None:
    handler = Recorder(PERSON)
    with way.truto(handler) as truto:
        truto.send(update_person("7", {"name": None}))
        truto.send(call_people("archive"))
        truto.send(delete_person())
    update, call, delete = handler.requests
    assert (update.method, update.content, update.headers["content-type"]) == (
        "PATCH",
        b'{"name":null}',
        "application/json",
    )
    assert (call.method, call.content, "content-type" in call.headers) == ("POST", b"", False)
    assert (delete.method, delete.content) == ("DELETE", b"")


@BOTH_WAYS
def test_coperniq_is_called_with_its_key_by_wire_names(way: type[Caller]) -> None:
    handler = Recorder(SITE, answer([]))
    with way.coperniq(handler) as coperniq:
        site = coperniq.send(create_site({"site_type": "X", "contacts": [{"first_name": "Ann"}]}))
        coperniq.send(list_sites(primary_name="Ann", page_size=5))
    assert site == Site(id=42, title="Acme")
    create, listing = handler.requests
    assert str(create.url) == "https://api.coperniq.io/v1/sites"
    assert create.headers["x-api-key"] == TOKEN
    assert "authorization" not in create.headers
    assert json.loads(create.content) == {"siteType": "X", "contacts": [{"firstName": "Ann"}]}
    assert str(listing.url) == "https://api.coperniq.io/v1/sites?primaryName=Ann&page_size=5"


@BOTH_WAYS
def test_a_response_has_status_headers_and_deviations(way: type[Caller]) -> None:
    with way.truto(Recorder(answer({"id": 7, "age": "5"}, 201, {"X-Trace": "t"}))) as truto:
        response = truto.respond(create_person())
    assert response.value == Person(id="7", age=5)
    assert (response.status, response.headers["x-trace"]) == (201, "t")
    assert [(entry.path, entry.expected, entry.value) for entry in response.deviations] == [
        ("id", "string", 7),
        ("age", "integer", "5"),
    ]
    assert pickle.loads(pickle.dumps(response)) == copy.deepcopy(response) == response


@BOTH_WAYS
def test_strict_raises_at_the_first_deviation(way: type[Caller]) -> None:
    with way.truto(Recorder(answer({"id": "7", "age": "5"}))) as truto:
        assert truto.send(get_person()).age == 5
        with pytest.raises(DecodeError, match="age: expected integer") as caught:
            truto.view(strict=True).send(get_person())
    assert caught.value.request == get_person()


@BOTH_WAYS
def test_every_error_carries_the_request(way: type[Caller]) -> None:
    handler = Recorder(answer({"message": "No"}, 404), answer([]), BROKEN)
    with way.truto(handler, max_retries=0) as truto:
        for error_type in (NotFoundError, DecodeError, ConnectError):
            with pytest.raises(error_type) as caught:
                truto.send(get_person("9"))
            assert caught.value.request == get_person("9")
            assert pickle.loads(pickle.dumps(caught.value)).request == get_person("9")


def test_resources_send_through_their_client() -> None:
    handler = Recorder(PERSON, answer({"result": [{"id": "1"}]}))
    with SyncCaller.truto(handler) as truto:
        people = People(truto.client)
        assert people.get("7").id == "7"
        assert [person.id for person in people.list(limit=1)] == ["1"]


def test_async_resources_send_through_their_client() -> None:
    async def use(people: AsyncPeople) -> tuple[str, list[str]]:
        return (await people.get("7")).id, [person.id async for person in people.list(limit=1)]

    handler = Recorder(PERSON, answer({"result": [{"id": "1"}]}))
    client = AsyncTrutoClient(
        TOKEN,
        integrated_account_id=TENANT,
        http_client=httpx.AsyncClient(transport=httpx.MockTransport(handler), trust_env=False),
    )
    assert asyncio.run(use(AsyncPeople(client))) == ("7", ["1"])


@pytest.mark.parametrize("body", [{"id": "7", "name": "Ann"}, {"result": {"id": "7", "name": "Ann"}}])
@BOTH_WAYS
def test_custom_methods_and_merges_answer_in_both_forms(way: type[Caller], body: Mapping[str, object]) -> None:
    with way.truto(Recorder(answer(body))) as truto:
        assert truto.send(merge_people()) == Person(id="7", name="Ann")
        assert truto.send(call_people()) == body


@pytest.mark.parametrize("content", [b"", b"<html>", b'{"id": "7"}', b"\xff"])
@pytest.mark.parametrize("status", [200, 202, 204])
@BOTH_WAYS
def test_a_delete_returns_nothing_whatever_the_answer_holds(way: type[Caller], status: int, content: bytes) -> None:
    with way.truto(Recorder(httpx.Response(status, content=content))) as truto:
        response = truto.respond(delete_person())
    assert (response.value, response.status) == (None, status)


@BOTH_WAYS
def test_a_closed_client_sends_nothing(way: type[Caller]) -> None:
    handler = Recorder(PERSON)
    with way.truto(handler) as truto:
        view = truto.account(OTHER)
        truto.send(get_person())
        truto.close()
        for closed in (truto, view):
            with pytest.raises(ConfigurationError, match="the client is closed"):
                closed.send(get_person())
    assert len(handler.requests) == 1


def test_an_http_client_of_the_caller_stays_open() -> None:
    handler = Recorder(PERSON)
    with httpx.Client(transport=httpx.MockTransport(handler), trust_env=False) as http_client:
        with SyncTrutoClient(TOKEN, integrated_account_id=TENANT, http_client=http_client) as truto:
            truto.send(get_person())
        assert not http_client.is_closed
        with SyncTrutoClient(TOKEN, integrated_account_id=TENANT, http_client=http_client) as truto:
            truto.send(get_person())


def test_an_async_http_client_of_the_caller_stays_open() -> None:
    async def use() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(Recorder(PERSON)), trust_env=False) as http_client:
            async with AsyncTrutoClient(TOKEN, integrated_account_id=TENANT, http_client=http_client) as truto:
                await truto.send(get_person())
            assert not http_client.is_closed

    asyncio.run(use())


def test_cookies_of_the_caller_s_http_client_stay_there_but_for_those_in_its_headers() -> None:
    handler = Recorder(httpx.Response(200, headers={"Set-Cookie": "session=1"}, content=PERSON.content))
    for headers, cookies in (({}, [None, None]), ({"Cookie": "gateway=2"}, ["gateway=2"] * 2)):
        handler.requests.clear()
        with httpx.Client(transport=httpx.MockTransport(handler), headers=headers, trust_env=False) as http_client:
            truto = SyncTrutoClient(TOKEN, integrated_account_id=TENANT, http_client=http_client)
            truto.send(get_person())
            truto.account(OTHER).send(get_person())
        assert [request.headers.get("cookie") for request in handler.requests] == cookies


def test_a_closed_http_client_of_the_caller_is_a_clear_error() -> None:
    http_client = httpx.Client(transport=httpx.MockTransport(Recorder(PERSON)), trust_env=False)
    with SyncTrutoClient(TOKEN, integrated_account_id=TENANT, http_client=http_client) as truto:
        truto.send(get_person())
        http_client.close()
        with pytest.raises(ConfigurationError, match="http_client is closed") as caught:
            truto.send(get_person())
    assert caught.value.request == get_person()


def test_a_closed_async_http_client_of_the_caller_is_a_clear_error() -> None:
    async def use() -> None:
        http_client = httpx.AsyncClient(transport=httpx.MockTransport(Recorder(PERSON)), trust_env=False)
        async with AsyncTrutoClient(TOKEN, integrated_account_id=TENANT, http_client=http_client) as truto:
            await truto.send(get_person())
            await http_client.aclose()
            with pytest.raises(ConfigurationError, match="http_client is closed") as caught:
                await truto.send(get_person())
        assert caught.value.request == get_person()

    asyncio.run(use())


def test_a_client_that_is_closed_between_two_tries_makes_no_further_one() -> None:
    handler = Recorder(BROKEN, PERSON)
    with httpx.Client(transport=httpx.MockTransport(handler), trust_env=False) as http_client:
        truto = SyncTrutoClient(
            TOKEN, integrated_account_id=TENANT, http_client=http_client, sleep=lambda seconds: truto.close()
        )
        with pytest.raises(ConfigurationError, match="the client is closed") as caught:
            truto.send(get_person())
    assert caught.value.request == get_person()
    assert isinstance(caught.value.__cause__, ConnectError)
    assert len(handler.requests) == 1


def test_an_async_client_that_is_closed_between_two_tries_makes_no_further_one() -> None:
    handler = Recorder(BROKEN, PERSON)

    async def use() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(handler), trust_env=False) as http_client:
            truto = AsyncTrutoClient(
                TOKEN, integrated_account_id=TENANT, http_client=http_client, sleep=lambda seconds: truto.close()
            )
            with pytest.raises(ConfigurationError, match="the client is closed") as caught:
                await truto.send(get_person())
        assert caught.value.request == get_person()

    asyncio.run(use())
    assert len(handler.requests) == 1


def test_what_the_caller_s_http_client_does_by_default_does_not_change_a_call() -> None:
    handler = Recorder(httpx.Response(302, headers={"location": "https://elsewhere.test/"}), PERSON)
    http_client = httpx.Client(
        transport=httpx.MockTransport(handler),
        trust_env=False,
        auth=("user", "password"),
        headers={"Authorization": "Basic x", "X-Mine": "1", "Accept": "text/html"},
        base_url="https://elsewhere.test/",
        follow_redirects=True,
        timeout=99,
    )
    truto = SyncTrutoClient(TOKEN, integrated_account_id=TENANT, http_client=http_client)
    with pytest.raises(AccountsClientError, match="HTTP 302"):
        truto.send(get_person())
    (request,) = handler.requests
    assert request.url.host == "api.truto.one"
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.headers["accept"] == "application/json"
    assert request.headers["x-mine"] == "1"
    assert request.extensions["timeout"]["read"] == 30.0


@BOTH_WAYS
def test_query_parameters_of_the_caller_s_http_client_are_refused(way: type[Caller]) -> None:
    # httpx would send them instead of the query of the call, the integrated account included.
    handler = Recorder(PERSON)
    parameters = {"integrated_account_id": OTHER}
    transport = httpx.MockTransport(handler)
    if way is SyncCaller:
        with httpx.Client(transport=transport, params=parameters, trust_env=False) as http_client:
            truto = SyncTrutoClient(TOKEN, integrated_account_id=TENANT, http_client=http_client)
            with pytest.raises(ConfigurationError, match="params"):
                truto.send(get_person())
    else:

        async def use() -> None:
            async with httpx.AsyncClient(transport=transport, params=parameters, trust_env=False) as http_client:
                truto = AsyncTrutoClient(TOKEN, integrated_account_id=TENANT, http_client=http_client)
                with pytest.raises(ConfigurationError, match="params"):
                    await truto.send(get_person())

        asyncio.run(use())
    assert handler.requests == []


@BOTH_WAYS
def test_a_request_too_long_for_an_address_is_refused(way: type[Caller]) -> None:
    handler = Recorder(PERSON)
    with way.truto(handler) as truto:
        with pytest.raises(InvalidRequestError) as caught:
            truto.send(get_person(remote_query={"a": "x" * 100_000}))
        assert caught.value.request is not None
        assert len(str(caught.value)) < 300
        with pytest.raises(InvalidRequestError):
            truto.paginate(list_people(remote_query={"a": "x" * 100_000})).page()
    assert handler.requests == []


@pytest.mark.parametrize(
    "base_url",
    [
        *(
            "",
            "api.truto.one",
            "ftp://api.truto.one",
            "https://",
            "https://api.truto.one/?a=1",
            "https://api.truto.one#a",
        ),
        *("https://[api", "https://api.truto.one:99999", "https://api.truto.one:port", "https://api.tru\nto.one"),
        *("https://api truto.one", "https://api.truto.one?"),
    ],
)
@BOTH_WAYS
def test_addresses_that_cannot_be_called_are_refused(way: type[Caller], base_url: str) -> None:
    with pytest.raises(ConfigurationError, match="base_url"):
        way.truto(Recorder(PERSON), base_url=base_url)


@BOTH_WAYS
def test_an_address_that_no_name_server_could_know_is_refused(way: type[Caller]) -> None:
    handler = Recorder(PERSON)
    with way.truto(handler, base_url="https://ä..test") as truto, pytest.raises(ConfigurationError, match="base_url"):
        truto.send(get_person())
    assert handler.requests == []


@BOTH_WAYS
def test_the_budget_can_be_switched_off(way: type[Caller]) -> None:
    handler = Recorder(PERSON)
    with way.truto(handler, budget=None) as truto:
        for _ in range(60):
            truto.send(get_person())
        assert truto.client.budget() is None
    assert truto.clock.naps == []
    with way.truto(handler) as truto:
        truto.send(get_person())
        use = truto.client.budget()
    assert use is not None
    assert [limit.used for limit in (*use.token, *use.account)] == [1, 1]


@BOTH_WAYS
def test_a_base_url_must_hold_no_password(way: type[Caller]) -> None:
    for base_url in ("https://user:hidden@api.truto.one", "https://hidden@api.truto.one:99999/?a=1"):
        with pytest.raises(ConfigurationError, match="password") as caught:
            way.truto(Recorder(PERSON), base_url=base_url)
        assert "hidden" not in str(caught.value)


@BOTH_WAYS
def test_a_client_shows_no_secret_of_itself(way: type[Caller]) -> None:
    with way.truto(Recorder(PERSON)) as truto, way.coperniq(Recorder(SITE)) as coperniq:
        view = truto.view(headers={"X-A": "hidden"}, idempotency_key="hidden", extra_query={"a": "hidden"})
        for client in (truto.client, view.client, coperniq.client):
            assert TOKEN not in f"{client!r}{client}"
            assert "hidden" not in repr(client)
        assert TENANT in repr(truto.client)
        assert re.fullmatch(
            r"(Sync|Async)CoperniqClient\(base_url='https://api.coperniq.io/v1'\)", repr(coperniq.client)
        )


@BOTH_WAYS
def test_clients_refuse_to_be_pickled_or_copied(way: type[Caller]) -> None:
    with way.truto(Recorder(PERSON)) as truto:
        for client in (truto.client, truto.account(OTHER).client):
            for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
                with pytest.raises(TypeError, match="TrutoClient cannot be pickled or copied: it holds a token"):
                    attempt(client)
        with pytest.raises(TypeError, match="cannot be pickled"):
            pickle.dumps({"people": People(SyncCoperniqClient(TOKEN))})


REQUESTS: Final = (get_person("7", a={"b": [1]}), create_person(), list_people(limit=1), list_sites(), create_site())


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: request.operation.name)
def test_requests_are_values(request_: Request[object]) -> None:
    assert pickle.loads(pickle.dumps(request_)) == copy.deepcopy(request_) == request_
    assert request_ != get_person("8")
    assert request_.operation.name in repr(request_)
    assert "limit" not in repr(list_people(limit=1))
    assert "Ann" not in repr(create_person())


@BOTH_WAYS
def test_only_listings_can_be_paginated(way: type[Caller]) -> None:
    request = Request(Operation("people.odd", "GET", "/people", One(Page[Person])))
    with way.truto(Recorder(PERSON)) as truto, pytest.raises(TypeError, match=r"people\.odd is not a listing"):
        truto.paginate(request)


@dataclass
class Source:
    """A source of tokens that is compared by its fields, and so cannot be hashed."""

    token: str

    def __call__(self) -> str:
        return self.token


@BOTH_WAYS
def test_a_source_of_tokens_need_not_be_hashable(way: type[Caller]) -> None:
    handler = Recorder(PERSON)
    with way.truto(handler, token=Source(TOKEN), integrated_account_id=TENANT) as truto:
        truto.send(get_person())
    assert [request.headers["authorization"] for request in handler.requests] == [f"Bearer {TOKEN}"]


BUSY: Final = BudgetPolicy(account_limits=(Limit(1, 60.0),))


def test_a_call_that_waits_for_its_turn_is_not_sent_by_a_client_that_was_closed() -> None:
    handler = Recorder(PERSON)
    truto = SyncTrutoClient(
        TOKEN,
        integrated_account_id="waits",
        http_client=httpx.Client(transport=httpx.MockTransport(handler)),
        budget=BUSY,
        clock=lambda: 0.0,
        sleep=lambda seconds: truto.close(),
    )
    truto.send(get_person())
    with pytest.raises(ConfigurationError, match="the client is closed"):
        truto.send(get_person())
    assert len(handler.requests) == 1


def test_a_call_that_waits_for_its_turn_is_not_sent_by_an_async_client_that_was_closed() -> None:
    handler = Recorder(PERSON)

    async def run() -> None:
        async def close(seconds: float) -> None:
            await truto.close()

        truto = AsyncTrutoClient(
            TOKEN,
            integrated_account_id="waits",
            http_client=httpx.AsyncClient(transport=httpx.MockTransport(handler)),
            budget=BUSY,
            clock=lambda: 0.0,
            sleep=close,
        )
        await truto.send(get_person())
        with pytest.raises(ConfigurationError, match="the client is closed"):
            await truto.send(get_person())

    asyncio.run(run())
    assert len(handler.requests) == 1
