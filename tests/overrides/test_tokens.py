"""Tokens and integrated accounts: where they come from, when a token is asked for again, and whom a call is about."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from itertools import count
from typing import Final

import httpx
import pytest

from accounts_client_runtime import (
    AsyncTrutoClient,
    AuthenticationError,
    ConfigurationError,
    InvalidRequestError,
)
from tests.overrides.callers import BOTH_WAYS, TENANT, TOKEN, Caller, Recorder, SyncCaller, answer
from tests.overrides.models import (
    Person,
    create_person,
    get_person,
    get_site,
    list_people,
)

PERSON: Final = answer({"id": "7", "name": "Ann"})
SITE: Final = answer({"id": 42, "title": "Acme"})
OTHER: Final = "11111111-2222-3333-4444-555555555555"


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
