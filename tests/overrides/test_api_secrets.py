"""Keys and logins stay out of sight, wherever they travel: also in the address, which the service may echo."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, quote

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts_client_runtime import (
    JSON,
    AccountsClientError,
    APIKey,
    BasicLogin,
    BearerToken,
    File,
    Login,
    One,
    Operation,
    Parameter,
    Request,
    Service,
    URLPage,
)
from tests.overrides.callers import BOTH_WAYS, AsyncCaller, Caller, Recorder, SyncCaller
from tests.overrides.faulty_server import FaultyServer, close, response, send
from tests.overrides.models import Person
from tests.overrides.test_secrets import ECHOES, ECHOES_BELOW, TOKENS, every_line, everything_shown, readings, traces

__all__ = ["every_line"]

ORIGIN: Final = "https://pets.test/api"

SERVICE: Final = Service(
    name="Pets",
    base_url=ORIGIN,
    schemes={
        "token": BearerToken(),
        "header": APIKey("header", "X-Key"),
        "query": APIKey("query", "key"),
        "cookie": APIKey("cookie", "sid"),
        "login": BasicLogin(),
    },
    security=(("token",), ("header",), ("query",), ("cookie",), ("login",)),
)
GET: Final = Operation("pets.get", "GET", "/pets", One(Person))
PUT: Final = Operation("pets.put", "PUT", "/pets", One(Person))
LIST: Final = Operation("pets.list", "GET", "/pets", URLPage(Person, items=("result",), next=("next_cursor",)))

KEYS: Final = TOKENS.map(lambda text: text.replace(";", "+"))
PASSWORDS: Final = st.text(
    st.characters(min_codepoint=32, exclude_categories=["Cs", "Cc"]), min_size=8, max_size=20
).map(lambda text: f"s3cr3t{text}")


def credential(place: str, secret: str) -> Login | str:
    return ("ann", secret) if place == "login" else secret


def hidden_of(place: str, secret: str) -> list[str]:
    """Return what must not show."""
    if place != "login":
        return [secret]
    return [secret, base64.b64encode(f"ann:{secret}".encode()).decode()]


def sent_by(request: httpx.Request, place: str) -> str:
    """Return the secret that a request carries, as the service reads it."""
    if place == "query":
        return dict(parse_qsl(request.url.query.decode(), keep_blank_values=True))["key"]
    if place == "cookie":
        return request.headers["cookie"].removeprefix("sid=")
    if place == "header":
        return request.headers["x-key"]
    return request.headers["authorization"].partition(" ")[2]


def call(caller: Caller, name: str) -> object:
    match name:
        case "read":
            return caller.send(Request(GET))
        case "strict read":
            return caller.view(strict=True).send(Request(GET))
        case "write":
            return caller.send(Request(PUT, body={"a": 1}))
        case "stream":
            return caller.stream(Request(GET))
        case _:
            return caller.paginate(Request(LIST)).to_list()


@pytest.mark.parametrize("echo", ECHOES)
@pytest.mark.parametrize("place", ["header", "query", "cookie", "login"])
@settings(max_examples=15)
@given(
    st.data(),
    st.sampled_from([200, 201, 400, 401, 429, 500, 502, 302]),
    st.sampled_from(["read", "strict read", "write", "listing", "stream"]),
    st.sampled_from([SyncCaller, AsyncCaller]),
)
def test_no_secret_shows_wherever_it_travels(
    place: str, echo: str, data: st.DataObject, status: int, name: str, way: type[Caller]
) -> None:
    secret = data.draw(PASSWORDS if place == "login" else KEYS)

    def handler(request: httpx.Request) -> httpx.Response:
        sent = sent_by(request, place)
        told = secret if place == "login" and data.draw(st.booleans()) else sent
        headers = {"x-echo": sent, "x-quoted": quote(told, safe=""), "x-url": str(request.url)}
        return httpx.Response(status, headers=headers, content=ECHOES[echo](told))

    caller = way.api(SERVICE, {place: credential(place, secret)}, handler)
    for text in everything_shown(caller, lambda api: call(api, name), Request(LIST)):
        for reading in readings(text):
            for hidden in hidden_of(place, secret):
                assert hidden not in reading


@pytest.mark.parametrize(
    ("login", "hidden", "shown"),
    [
        (("ann@example.com", "long-password"), ["long-password"], ["ann@example.com"]),
        (("sk_live_0123456789", ""), ["sk_live_0123456789"], []),
        (("0123456789abcdef01", "api_token"), ["0123456789abcdef01", "api_token"], []),
        (("key-of-x", "X"), ["key-of-x"], ["X"]),
    ],
)
@BOTH_WAYS
def test_which_part_of_a_login_is_a_secret(
    way: type[Caller], login: Login, hidden: list[str], shown: list[str]
) -> None:
    said = " and ".join(login)
    handler = Recorder(httpx.Response(400, json={"message": said}))
    with way.api(SERVICE, {"login": login}, handler) as api, pytest.raises(AccountsClientError) as caught:
        api.send(Request(GET))
    text = traces(caught.value)
    assert [part for part in hidden if part in text] == []
    assert [part for part in shown if part not in text] == []


@pytest.mark.parametrize("place", ["query", "cookie", "header", "login"])
@pytest.mark.parametrize("echo", [*ECHOES_BELOW, "nothing", "the address"])
@BOTH_WAYS
def test_no_secret_shows_in_the_lines_and_errors_of_the_http_stack(
    way: type[Caller], echo: str, place: str, every_line: list[str]
) -> None:
    secret = "s3cr3t-2f9c81"
    answers: Mapping[str, bytes] = {
        **{name: text.replace(b"token-2f9c81", secret.encode()) for name, text in ECHOES_BELOW.items()},
        "nothing": b"",
        "the address": response({}, "302 Found", [f"Location: /pets?key={secret}"]),
    }
    shown: list[str] = []
    credentials = {place: credential(place, secret)}
    with (
        FaultyServer(close(answers[echo])) as server,
        way.api(SERVICE, credentials, base_url=server.url, max_retries=1) as api,
    ):
        shown.append(repr(api.client))
        try:
            api.send(Request(GET))
        except AccountsClientError as error:
            shown += traces(error)
    assert every_line
    for text in [*shown, *every_line]:
        for hidden in hidden_of(place, secret):
            assert hidden not in text


def test_values_with_secrets_do_not_show_them() -> None:
    secret = BasicLogin().secret(("ann", "s3cr3t-password"))
    assert repr(secret) == "Secret()"
    assert "s3cr3t" not in repr(APIKey("query", "key").secret("s3cr3t"))
    assert "s3cr3t" not in repr(File(b"s3cr3t"))
    assert "s3cr3t" not in repr(Request(GET, query={"a": "s3cr3t"}, body="s3cr3t", continuation="a=s3cr3t"))


@BOTH_WAYS
def test_retries_and_renewed_keys_show_no_older_key(way: type[Caller]) -> None:
    keys = iter(["s3cr3t-old", "s3cr3t-new"])
    body: JSON = {"message": "s3cr3t-new", "before": "s3cr3t-old"}
    handler = Recorder(httpx.Response(401), httpx.Response(400, content=json.dumps(body).encode()))
    with way.api(SERVICE, {"query": lambda: next(keys)}, handler) as api, pytest.raises(AccountsClientError) as caught:
        api.send(Request(GET))
    assert "s3cr3t" not in traces(caught.value)


@BOTH_WAYS
def test_cookies_of_parameters_views_and_keys_travel_together(way: type[Caller]) -> None:
    service = Service(name="Pets", base_url=ORIGIN, schemes={"header": APIKey("header", "X-Key")})
    operation = Operation("pets.get", "GET", "/pets", One(Person), parameters={"theme": Parameter("cookie", "theme")})
    with FaultyServer(send(response({"id": "1"}))) as server:
        with way.api(SERVICE, {"cookie": "k"}, base_url=server.url) as api:
            api.send(Request(operation, query={"theme": "dark"}))
        with way.api(service, {}, base_url=server.url) as api:
            api.view(headers={"cookie": "a=b"}).send(Request(operation, query={"theme": "dark"}))
            api.view(headers={"cookie": "a=b"}).send(Request(GET))
    assert [arrival.headers["cookie"] for arrival in server.arrivals] == ["theme=dark; sid=k", "a=b; theme=dark", "a=b"]
