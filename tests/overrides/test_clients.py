"""The clients: tokens, integrated accounts, views and their options, idempotency keys, and what a call ends with."""

from __future__ import annotations

import asyncio
import copy
import json
import pickle
import re
import threading
from collections.abc import Callable, Mapping
from itertools import count
from typing import Final, TypedDict

import httpx
import pytest

from accounts_client_runtime import (
    VERSION,
    AccountsClientError,
    AmbiguousWriteError,
    AsyncTrutoClient,
    AuthenticationError,
    BadRequestError,
    ConfigurationError,
    ConnectError,
    DecodeError,
    InvalidRequestError,
    NotFoundError,
    One,
    Operation,
    Page,
    QueryEncodingError,
    RateLimitError,
    Request,
    RequestTimeoutError,
    RetryPolicy,
    ServerError,
    SyncCoperniqClient,
    SyncTrutoClient,
)
from accounts_client_runtime.options import OptionChanges
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
    delete_site,
    get_person,
    get_site,
    list_people,
    list_sites,
    merge_people,
    update_person,
    update_site,
)

PERSON: Final = answer({"id": "7", "name": "Ann"})
SITE: Final = answer({"id": 42, "title": "Acme"})
BROKEN: Final = httpx.ReadError("broke")
OTHER: Final = "11111111-2222-3333-4444-555555555555"


# What goes out and what comes back


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


# Tokens


@BOTH_WAYS
def test_credentials_come_from_the_environment(way: type[Caller], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUTO_API_TOKEN", "from-the-environment")
    monkeypatch.setenv("TRUTO_INTEGRATED_ACCOUNT_ID", OTHER)
    monkeypatch.setenv("COPERNIQ_API_KEY", "key-from-the-environment")
    handler = Recorder(PERSON)
    with way.truto(handler, token=None) as truto:
        truto.send(get_person())
    with way.truto(handler, token="given", integrated_account_id=TENANT) as truto:
        truto.send(get_person())
    with way.truto(handler, integrated_account_token="short-lived") as truto:
        truto.send(get_person())
    assert handler.tokens == ["from-the-environment", "given", "short-lived"]
    assert [request.url.params.get("integrated_account_id") for request in handler.requests] == [OTHER, TENANT, None]
    handler = Recorder(SITE)
    with way.coperniq(handler, api_key=None) as coperniq:
        coperniq.send(get_site())
    assert handler.requests[0].headers["x-api-key"] == "key-from-the-environment"


@BOTH_WAYS
def test_addresses_come_from_the_environment(way: type[Caller], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUTO_BASE_URL", "http://127.0.0.1:1/truto")
    monkeypatch.setenv("COPERNIQ_BASE_URL", "http://127.0.0.1:1/coperniq")
    handler = Recorder(PERSON)
    with way.truto(handler) as truto:
        truto.send(get_person())
    with way.truto(handler, base_url="https://given.test/") as truto:
        truto.send(get_person())
    with way.coperniq(Recorder(SITE)) as coperniq:
        assert "http://127.0.0.1:1/coperniq" in repr(coperniq.client)
    assert [f"{request.url.host}{request.url.path}" for request in handler.requests] == [
        "127.0.0.1/truto/people/7",
        "given.test/people/7",
    ]


@pytest.mark.parametrize("token", [None, ""])
@BOTH_WAYS
def test_without_a_token_nothing_can_be_made(way: type[Caller], token: str | None) -> None:
    with pytest.raises(ConfigurationError, match=r"pass token= or set TRUTO_API_TOKEN"):
        way.truto(Recorder(PERSON), token=token)
    with pytest.raises(ConfigurationError, match=r"pass api_key= or set COPERNIQ_API_KEY"):
        way.coperniq(Recorder(SITE), api_key=token)


@pytest.mark.parametrize("token", ["secret\n", " secret", "sec\0ret", "sécret", "secret\x7f"])
@BOTH_WAYS
def test_a_token_that_no_header_can_carry_is_refused_without_being_shown(way: type[Caller], token: str) -> None:
    handler = Recorder(PERSON)
    with pytest.raises(ConfigurationError) as caught:
        way.truto(handler, token=token)
    assert "cret" not in str(caught.value)
    with way.truto(handler, token=lambda: token, integrated_account_id=TENANT) as truto:
        with pytest.raises(ConfigurationError) as caught:
            truto.send(get_person())
        assert "cret" not in str(caught.value)
    assert handler.requests == []


@BOTH_WAYS
def test_there_is_one_token(way: type[Caller]) -> None:
    with pytest.raises(ConfigurationError, match="takes one token"):
        way.truto(Recorder(PERSON), token="a", integrated_account_token="b")


def numbered_token() -> Callable[[], str]:
    """Return a callable that gives another token each time."""
    numbers = count(1)
    return lambda: f"token-{next(numbers)}"


@BOTH_WAYS
def test_a_callable_token_is_asked_for_once(way: type[Caller]) -> None:
    handler = Recorder(PERSON)
    with way.truto(handler, token=numbered_token(), integrated_account_id=TENANT) as truto:
        truto.send(get_person())
        truto.account(OTHER).send(get_person())
        truto.view(timeout=1).send(get_person())
    assert handler.tokens == ["token-1"] * 3


@BOTH_WAYS
def test_a_callable_token_is_asked_again_once_after_it_was_refused(way: type[Caller]) -> None:
    refusal = answer({"message": "Expired"}, 401)
    handler = Recorder(PERSON, refusal, PERSON, PERSON)
    with way.truto(handler, token=numbered_token(), integrated_account_id=TENANT, max_retries=0) as truto:
        for _ in range(3):
            truto.send(get_person())
    assert handler.tokens == ["token-1", "token-1", "token-2", "token-2"]
    handler = Recorder(refusal)
    with way.truto(handler, token=numbered_token(), integrated_account_id=TENANT) as truto:
        with pytest.raises(AuthenticationError):
            truto.send(get_person())
        assert handler.tokens == ["token-1", "token-2"]
        with pytest.raises(AuthenticationError):
            truto.send(get_person())
    assert handler.tokens == ["token-1", "token-2", "token-2", "token-3"]
    assert sum(truto.clock.naps) == 0


@BOTH_WAYS
def test_a_refused_write_is_sent_again_under_the_same_key(way: type[Caller]) -> None:
    handler = Recorder(answer({}, 401), PERSON)
    with way.truto(handler, token=numbered_token(), integrated_account_id=TENANT) as truto:
        truto.send(create_person())
    assert handler.tokens == ["token-1", "token-2"]
    assert handler.keys[0] == handler.keys[1]


@BOTH_WAYS
def test_a_token_is_not_asked_again_when_the_provider_refused_the_connection(way: type[Caller]) -> None:
    handler = Recorder(answer({"message": "Revoked", "truto_is_remote_error": True}, 401))
    with (
        way.truto(handler, token=numbered_token(), integrated_account_id=TENANT) as truto,
        pytest.raises(AuthenticationError) as caught,
    ):
        truto.send(get_person())
    assert caught.value.action == "reconnect"
    assert handler.tokens == ["token-1"]


@BOTH_WAYS
def test_a_fixed_token_is_not_sent_again(way: type[Caller]) -> None:
    handler = Recorder(answer({}, 401))
    with way.truto(handler) as truto, pytest.raises(AuthenticationError):
        truto.send(get_person())
    assert len(handler.requests) == 1


def test_an_async_token_is_awaited_once_for_all_tasks() -> None:
    asked: list[None] = []

    async def token() -> str:
        asked.append(None)
        await asyncio.sleep(0)
        return f"token-{len(asked)}"

    def handler(request: httpx.Request) -> httpx.Response:
        return answer({"id": "7"}, 401 if request.headers["authorization"] == "Bearer token-1" else 200)

    async def use() -> list[Person]:
        http_client = httpx.AsyncClient(transport=httpx.MockTransport(handler), trust_env=False)
        async with (
            http_client,
            AsyncTrutoClient(token, integrated_account_id=TENANT, http_client=http_client) as truto,
        ):
            return await asyncio.gather(*(truto.send(get_person()) for _ in range(5)))

    assert asyncio.run(use()) == [Person(id="7")] * 5
    assert len(asked) == 2


def test_a_token_is_asked_for_once_for_all_threads() -> None:
    asked: list[None] = []
    together = threading.Barrier(4)

    def token() -> str:
        asked.append(None)
        return "token"

    with SyncCaller.truto(Recorder(PERSON), token=token, integrated_account_id=TENANT) as truto:

        def send() -> None:
            together.wait()
            truto.send(get_person())

        threads = [threading.Thread(target=send) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(asked) == 1


class VaultError(Exception):
    """What a source of tokens may raise."""


@BOTH_WAYS
def test_the_error_of_a_token_s_source_is_the_caller_s(way: type[Caller]) -> None:
    def token() -> str:
        raise VaultError

    handler = Recorder(PERSON)
    with way.truto(handler, token=token, integrated_account_id=TENANT) as truto, pytest.raises(VaultError):
        truto.send(get_person())
    assert handler.requests == []


# Integrated accounts


@BOTH_WAYS
def test_a_handle_is_about_another_account_and_leaves_the_client_alone(way: type[Caller]) -> None:
    handler = Recorder(PERSON)
    with way.truto(handler) as truto:
        truto.account(OTHER).send(get_person())
        truto.send(get_person())
    assert [request.url.params.get_list("integrated_account_id") for request in handler.requests] == [[OTHER], [TENANT]]


@BOTH_WAYS
def test_a_call_without_an_account_raises_before_sending(way: type[Caller]) -> None:
    handler = Recorder(PERSON)
    with way.truto(handler, token=TOKEN) as truto:
        with pytest.raises(ConfigurationError, match=r"integrated_account_id=.*TRUTO_INTEGRATED_ACCOUNT_ID.*account\("):
            truto.send(get_person())
        with pytest.raises(ConfigurationError):
            truto.paginate(list_people()).to_list()
        assert handler.requests == []
        assert truto.account(OTHER).send(get_person()).id == "7"


@BOTH_WAYS
def test_an_integrated_account_token_implies_its_account(way: type[Caller]) -> None:
    handler = Recorder(PERSON)
    with way.truto(handler, integrated_account_token="short-lived") as truto:
        truto.send(get_person())
        with pytest.raises(ConfigurationError, match="opens no other"):
            truto.account(OTHER)
    assert "integrated_account_id" not in handler.requests[0].url.params
    with pytest.raises(ConfigurationError, match="stands for its own account"):
        way.truto(handler, integrated_account_token="short-lived", integrated_account_id=TENANT)


@BOTH_WAYS
def test_an_empty_account_is_refused(way: type[Caller]) -> None:
    with way.truto(Recorder(PERSON)) as truto, pytest.raises(ConfigurationError, match="is empty"):
        truto.account("")


@pytest.mark.parametrize("name", ["integrated_account_id", "truto_response_format"])
@BOTH_WAYS
def test_what_the_client_binds_cannot_be_passed_per_call(way: type[Caller], name: str) -> None:
    handler = Recorder(PERSON)
    with way.truto(handler) as truto:
        with pytest.raises(InvalidRequestError, match=name):
            truto.send(get_person(**{name: OTHER}))
        with pytest.raises(ConfigurationError, match=name):
            truto.view(extra_query={name: OTHER})
        with pytest.raises(ConfigurationError, match=name):
            truto.view(extra_query={f"{name}[x]": OTHER})
        truto.send(get_person(remote_query={name: OTHER}))
    (request,) = handler.requests
    assert request.url.params.get_list("integrated_account_id") == [TENANT]


# Views


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


# Extras


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


# Idempotency keys


@BOTH_WAYS
def test_each_write_has_a_key_of_its_own_and_keeps_it_on_each_retry(way: type[Caller]) -> None:
    handler = Recorder(PERSON, answer({}, 500), BROKEN, PERSON, PERSON)
    with way.truto(handler) as truto:
        truto.send(create_person())
        truto.send(update_person())
        truto.send(delete_person())
    first, *second, third = handler.keys
    assert len(second) == 3
    assert len(set(second)) == 1
    assert len({first, second[0], third}) == 3
    assert all(key and len(key) >= 32 for key in handler.keys)


@BOTH_WAYS
def test_reads_carry_no_key_and_use_none_up(way: type[Caller]) -> None:
    handler = Recorder(answer({"id": "7", "result": []}))
    with way.truto(handler) as truto:
        view = truto.view(idempotency_key="mine")
        view.send(get_person())
        view.paginate(list_people()).page()
        view.send(create_person())
    assert handler.keys == [None, None, "mine"]


@BOTH_WAYS
def test_a_chosen_key_serves_one_write_with_its_retries(way: type[Caller]) -> None:
    handler = Recorder(answer({}, 502), PERSON)
    with way.truto(handler) as truto:
        view = truto.view(idempotency_key="mine")
        view.send(create_person())
        for later in (view, view.view(timeout=1), view.account(OTHER)):
            with pytest.raises(InvalidRequestError, match="already served"):
                later.send(create_person())
        truto.view(idempotency_key="mine").send(create_person())
    assert handler.keys == ["mine"] * 3


@BOTH_WAYS
def test_a_write_that_cannot_be_sent_uses_no_key_up(way: type[Caller]) -> None:
    handler = Recorder(PERSON)
    with way.truto(handler) as truto:
        view = truto.view(idempotency_key="mine")
        with pytest.raises(InvalidRequestError):
            view.send(update_person("."))
        with pytest.raises(InvalidRequestError):
            view.send(create_person({"name": b"x"}))
        view.send(create_person())
    assert handler.keys == ["mine"]


@BOTH_WAYS
def test_the_factory_of_keys_can_be_replaced(way: type[Caller]) -> None:
    handler = Recorder(PERSON)
    numbers = count(1)
    with way.truto(handler, idempotency_key_factory=lambda: f"key-{next(numbers)}") as truto:
        truto.send(create_person())
        truto.send(delete_person())
    assert handler.keys == ["key-1", "key-2"]


@pytest.mark.parametrize("key", ["", "é", "a\nb"])
@BOTH_WAYS
def test_a_factory_must_make_keys_that_a_header_can_carry(way: type[Caller], key: str) -> None:
    handler = Recorder(PERSON)
    with (
        way.truto(handler, idempotency_key_factory=lambda: key) as truto,
        pytest.raises(ConfigurationError, match="idempotency"),
    ):
        truto.send(create_person())
    assert handler.requests == []


@BOTH_WAYS
def test_coperniq_knows_no_keys(way: type[Caller]) -> None:
    handler = Recorder(SITE)
    with way.coperniq(handler) as coperniq:
        coperniq.send(create_site())
        with pytest.raises(ConfigurationError, match="documents no idempotency keys"):
            coperniq.view(idempotency_key="mine")
    assert handler.keys == [None]


# Retries and writes


@BOTH_WAYS
def test_a_read_is_tried_again_and_waits(way: type[Caller]) -> None:
    handler = Recorder(answer({}, 429, {"Retry-After": "7"}), BROKEN, PERSON)
    with way.truto(handler) as truto:
        assert truto.send(get_person()).id == "7"
    assert len(handler.requests) == 3
    assert truto.clock.naps[0] == 7.0
    assert 0 <= truto.clock.naps[1] <= 1.0


@BOTH_WAYS
def test_the_last_error_is_raised_when_the_tries_are_used_up(way: type[Caller]) -> None:
    handler = Recorder(BROKEN, httpx.ReadTimeout("slow"), answer({}, 500))
    with way.truto(handler) as truto, pytest.raises(ServerError):
        truto.send(get_person())
    assert len(handler.requests) == 3
    with way.truto(Recorder(answer({}, 500), BROKEN)) as truto, pytest.raises(ConnectError):
        truto.send(get_person())
    handler = Recorder(httpx.ReadTimeout("slow"))
    with way.truto(handler, timeout=3) as truto, pytest.raises(RequestTimeoutError, match="No answer within 3 s"):
        truto.send(get_person())


@pytest.mark.parametrize("failure", [answer({}, 500), answer({}, 429), BROKEN, httpx.ConnectError("refused")])
@BOTH_WAYS
def test_without_retries_there_is_one_try(way: type[Caller], failure: httpx.Response | Exception) -> None:
    handler = Recorder(failure)
    with way.truto(handler, max_retries=0) as truto:
        for request in (get_person(), create_person()):
            with pytest.raises(AccountsClientError):
                truto.send(request)
    assert len(handler.requests) == 2
    assert truto.clock.naps == []


@BOTH_WAYS
def test_the_number_of_tries_can_be_changed_in_each_way(way: type[Caller]) -> None:
    for arguments, tries in (
        (OptionChanges(max_retries=4), 5),
        (OptionChanges(retry_policy=RetryPolicy(attempts=2)), 2),
        (OptionChanges(retry_policy=RetryPolicy(attempts=2), max_retries=3), 4),
    ):
        handler = Recorder(answer({}, 500))
        with way.truto(handler) as truto, pytest.raises(ServerError):
            truto.view(**arguments).send(get_person())
        assert len(handler.requests) == tries


@BOTH_WAYS
def test_a_long_pause_is_not_waited_out(way: type[Caller]) -> None:
    handler = Recorder(answer({}, 429, {"Retry-After": "3600"}))
    with way.truto(handler) as truto, pytest.raises(RateLimitError) as caught:
        truto.send(get_person())
    assert caught.value.retry_after == 3600.0
    assert (len(handler.requests), truto.clock.naps) == (1, [])


@BOTH_WAYS
def test_the_pauses_end_within_the_budget(way: type[Caller]) -> None:
    handler = Recorder(answer({}, 429, {"Retry-After": "40"}))
    policy = RetryPolicy(attempts=10, budget=100)
    with way.truto(handler, retry_policy=policy) as truto, pytest.raises(RateLimitError):
        truto.send(get_person())
    assert (len(handler.requests), truto.clock.naps) == (3, [40.0, 40.0])


@BOTH_WAYS
def test_a_spent_day_of_coperniq_is_not_waited_out(way: type[Caller]) -> None:
    handler = Recorder(answer({}, 429, {"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "0"}))
    with way.coperniq(handler) as coperniq, pytest.raises(RateLimitError):
        coperniq.send(get_site())
    assert (len(handler.requests), coperniq.clock.naps) == (1, [])


@pytest.mark.parametrize(
    "failure", [BROKEN, httpx.ReadTimeout("slow"), httpx.WriteError("broke"), answer({}, 502), answer({}, 504)]
)
@pytest.mark.parametrize("request_", [create_site(), update_site(), delete_site()], ids=["create", "update", "delete"])
@BOTH_WAYS
def test_a_write_of_unknown_outcome_is_not_sent_again_without_a_key(
    way: type[Caller], request_: Request[object], failure: httpx.Response | Exception
) -> None:
    handler = Recorder(failure)
    with way.coperniq(handler) as coperniq, pytest.raises(AmbiguousWriteError) as caught:
        coperniq.send(request_)
    assert len(handler.requests) == 1
    assert caught.value.request == request_
    assert isinstance(caught.value.__cause__, AccountsClientError)
    assert request_.operation.name in str(caught.value)


@pytest.mark.parametrize(
    "failure", [httpx.ConnectError("refused"), httpx.ConnectTimeout("slow"), httpx.PoolTimeout("busy"), answer({}, 429)]
)
@BOTH_WAYS
def test_a_write_that_was_not_acted_on_is_sent_again_without_a_key(
    way: type[Caller], failure: httpx.Response | Exception
) -> None:
    handler = Recorder(failure, SITE)
    with way.coperniq(handler) as coperniq:
        assert coperniq.send(create_site()).id == 42
    assert len(handler.requests) == 2


@pytest.mark.parametrize(("status", "error_type"), [(500, ServerError), (503, ServerError), (400, BadRequestError)])
@BOTH_WAYS
def test_a_write_that_failed_says_so(way: type[Caller], status: int, error_type: type[Exception]) -> None:
    handler = Recorder(answer({"message": "No"}, status))
    with way.coperniq(handler) as coperniq, pytest.raises(error_type):
        coperniq.send(create_site())
    assert len(handler.requests) == 1


@pytest.mark.parametrize("failure", [BROKEN, httpx.ReadTimeout("slow"), answer({}, 502), answer({}, 500)])
@BOTH_WAYS
def test_a_write_with_a_key_is_sent_again(way: type[Caller], failure: httpx.Response | Exception) -> None:
    handler = Recorder(failure, failure, PERSON)
    with way.truto(handler) as truto:
        assert truto.send(create_person()).id == "7"
    assert len(handler.requests) == 3
    with way.truto(Recorder(failure)) as truto, pytest.raises((ConnectError, RequestTimeoutError, ServerError)):
        truto.send(create_person())


# The HTTP client, closing, and what a client shows of itself


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
