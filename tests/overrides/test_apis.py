"""Clients of any service over a real connection: parameters, bodies, results and security, both ways."""

from __future__ import annotations

import asyncio
import base64
import copy
import email
import email.message
import email.policy
import json
import pickle
from datetime import date
from decimal import Decimal
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit
from uuid import UUID

import pytest

from accounts_client_runtime import (
    AmbiguousWriteError,
    APIStatusError,
    AsyncAPIClient,
    AuthenticationError,
    ByStatus,
    ConfigurationError,
    DecodeError,
    File,
    InvalidRequestError,
    Login,
    Nothing,
    One,
    Operation,
    Parameter,
    Request,
    SyncAPIClient,
)
from tests.overrides.callers import BOTH_WAYS, Caller, SyncCaller
from tests.overrides.faulty_server import Arrival, FaultyServer, close, response, send
from tests.overrides.pets import (
    PETS,
    AsyncPets,
    Cat,
    Dog,
    Pets,
    Receipt,
    find_pets,
    get_pet,
    list_linked,
    look,
    put_pet,
    rename_all,
)
from tests.overrides.uploads import UPLOADS, fetch, log_in, send_bytes, send_parts, send_text

TOKEN: Final = "token-2f9c81"
LOGIN: Final[Login] = ("ann", "pass:wörd 123")

CAT: Final = {"petType": "cat", "name": "Tom", "price": "1.50"}
DOG: Final = {"petType": "puppy", "name": "Rex", "friends": [CAT]}


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PETS_TOKEN", "PETS_API_KEY", "PETS_QUERY_KEY", "PETS_SESSION", "PETS_LOGIN", "PETS_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def only(server: FaultyServer) -> Arrival:
    [arrival] = server.arrivals
    return arrival


@BOTH_WAYS
def test_parameters_of_every_place_and_style(way: type[Caller]) -> None:
    request = find_pets(
        "a b/c",
        {"R": 1, "G": "x;y"},
        tags=["a", "b&c"],
        ids=[1, 2],
        words=["x", "y"],
        sizes={"w": 1, "h": 2},
        where={"born_after": date(2024, 5, 1), "names": ["a"]},
        page_size=5,
        address="a/b?c=d&e#f",
        select={"a": [1, "ü"]},
        trace=["t", "u"],
        flags={"dry": True, "n": 1},
        theme="dark; x",
        born_on=date(2024, 1, 2),
        nothing=None,
    )
    with (
        FaultyServer(send(response([CAT, DOG]))) as server,
        way.api(PETS, {"token": TOKEN}, base_url=server.url) as api,
    ):
        pets = api.send(request)
    arrival = only(server)
    assert arrival.target == (
        "/owners/a%20b%2Fc/pets;R=1;G=x%3By?tags=a&tags=b%26c&ids=1,2&words=x%20y&sizes=w%7C1%7Ch%7C2"
        "&where%5BbornAfter%5D=2024-05-01&where%5Bnames%5D%5B%5D=a&page%5Bsize%5D=5&address=a/b?c=d%26e%23f"
        "&%24select=%7B%22a%22%3A%5B1%2C%22%C3%BC%22%5D%7D&bornOn=2024-01-02"
    )
    assert arrival.headers["x-trace"] == "t,u"
    assert arrival.headers["x-flags"] == "dry=true,n=1"
    assert arrival.headers["cookie"] == "theme=dark%3B%20x"
    assert arrival.headers["authorization"] == f"Bearer {TOKEN}"
    assert [type(pet) for pet in pets] == [Cat, Dog]
    assert isinstance(pets[0], Cat)
    assert pets[0].price == Decimal("1.50")


def test_resources_of_generated_code() -> None:
    with FaultyServer(send(response([CAT]))) as server:
        with SyncAPIClient(PETS, {"token": TOKEN}, base_url=server.url) as client:
            assert Pets(client).find("a", date(2024, 5, 1)) == [Cat(pet_type="cat", name="Tom", price=Decimal("1.50"))]

        async def find() -> object:
            async with AsyncAPIClient(PETS, {"token": TOKEN}, base_url=server.url) as client:
                return await AsyncPets(client).find("a", date(2024, 5, 1))

        assert asyncio.run(find()) == [Cat(pet_type="cat", name="Tom", price=Decimal("1.50"))]


@BOTH_WAYS
@pytest.mark.parametrize(
    ("status", "body", "value"),
    [
        ("200 OK", CAT, Cat(pet_type="cat", name="Tom", price=Decimal("1.50"))),
        (
            "202 Accepted",
            {"job": "62f44730-dd91-461e-bd6a-aedd9e0ad79d"},
            Receipt(job=UUID("62f44730-dd91-461e-bd6a-aedd9e0ad79d")),
        ),
        ("204 No Content", b"", None),
        ("207 Some", b"whatever", None),
    ],
)
def test_the_status_tells_what_an_answer_holds(way: type[Caller], status: str, body: object, value: object) -> None:
    with (
        FaultyServer(send(response(body, status))) as server,
        way.api(PETS, {"token": TOKEN}, base_url=server.url) as api,
    ):
        assert api.send(put_pet(UUID(int=1), {"pet_type": "cat"})) == value
    arrival = only(server)
    assert arrival.target == "/pets/00000000-0000-0000-0000-000000000001"
    assert json.loads(arrival.body) == {"petType": "cat"}
    assert arrival.headers["accept"] == "application/json"


@BOTH_WAYS
def test_bodies_that_are_no_objects(way: type[Caller]) -> None:
    with FaultyServer(send(response({"a": "b"}))) as server, way.api(PETS, {"token": "t"}, base_url=server.url) as api:
        assert api.send(rename_all(["a", "b"])) == {"a": "b"}
        with pytest.raises(InvalidRequestError, match="extra_body"):
            api.view(extra_body={"x": 1}).send(rename_all(["a"]))
    assert json.loads(only(server).body) == ["a", "b"]


@BOTH_WAYS
def test_head_requests_have_answers_without_body(way: type[Caller]) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\nContent-Encoding: gzip\r\n\r\n"
    with FaultyServer(send(head)) as server, way.api(PETS, {}, base_url=server.url) as api:
        assert api.respond(look(7)).status == 200
    arrival = only(server)
    assert (arrival.method, arrival.target) == ("HEAD", "/pets/7")
    assert "content-length" not in arrival.headers


@BOTH_WAYS
def test_reads_are_tried_again_and_writes_are_not(way: type[Caller]) -> None:
    answers = [close(), send(response(b"", "204 No Content"))]
    with FaultyServer(*answers) as server, way.api(PETS, {}, base_url=server.url) as api:
        api.send(look(7))
        assert len(server.arrivals) == 2
    with FaultyServer(*answers) as server, way.api(PETS, {"token": "t"}, base_url=server.url) as api:
        with pytest.raises(AmbiguousWriteError):
            api.send(put_pet(7, {}))
        assert len(server.arrivals) == 1


@BOTH_WAYS
def test_security_takes_the_first_alternative_with_credentials(way: type[Caller]) -> None:
    def sent(**credentials: str | Login | None) -> Arrival:
        with FaultyServer(send(response({"a": "b"}))) as server, way.api(PETS, credentials, base_url=server.url) as api:
            api.send(rename_all(["a"]))
        return only(server)

    assert sent(token="t", login=LOGIN).headers["authorization"] == "Bearer t"
    both = sent(api_key="k", session="s", login=LOGIN)
    assert (both.headers["x-key"], both.headers["cookie"]) == ("k", "sid=s")
    assert "authorization" not in both.headers
    encoded = sent(api_key="k", login=LOGIN).headers["authorization"].removeprefix("Basic ")
    assert base64.b64decode(encoded).decode() == "ann:pass:wörd 123"
    assert parse_qsl(urlsplit(sent(query_key="a&b c").target).query) == [("api key", "a&b c")]


@BOTH_WAYS
def test_security_of_an_operation_comes_before_that_of_the_service(way: type[Caller]) -> None:
    with (
        FaultyServer(send(response(CAT)), send(response(b"", "204 No Content"))) as server,
        way.api(PETS, {"token": TOKEN, "query_key": "q"}, base_url=server.url) as api,
    ):
        api.send(get_pet(7))
        api.send(look(7))
    first, second = server.arrivals
    assert "authorization" not in first.headers
    assert first.target == "/pets/7"
    assert second.target == "/pets/7?api%20key=q"


@BOTH_WAYS
def test_missing_credentials_are_asked_for_before_sending(way: type[Caller]) -> None:
    with (
        FaultyServer(send(response({}))) as server,
        way.api(PETS, {"api_key": "k"}, base_url=server.url) as api,
        pytest.raises(ConfigurationError) as caught,
    ):
        api.send(rename_all([]))
    assert server.arrivals == []
    assert str(caught.value) == (
        "pets.rename_all needs credentials: pass token= or set PETS_TOKEN; or pass api_key= or set PETS_API_KEY "
        "and pass session= or set PETS_SESSION; or pass login= or set PETS_LOGIN; or pass query_key= or set "
        "PETS_QUERY_KEY"
    )


@BOTH_WAYS
def test_credentials_come_from_the_environment(way: type[Caller], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PETS_LOGIN", "ann:secret:too")
    with FaultyServer(send(response({}))) as server:
        monkeypatch.setenv("PETS_BASE_URL", server.url)
        with way.api(PETS, {"login": None}) as api:
            api.send(rename_all([]))
    encoded = only(server).headers["authorization"].removeprefix("Basic ")
    assert base64.b64decode(encoded) == b"ann:secret:too"


def test_a_service_without_an_address_asks_for_one() -> None:
    with pytest.raises(ConfigurationError, match="pass base_url= or set PETS_BASE_URL"):
        SyncAPIClient(PETS, {})


@pytest.mark.parametrize(
    ("credentials", "reason"),
    [
        ({"token": ""}, "the token is empty"),
        ({"token": "a\nb"}, "the token is empty or holds characters"),
        ({"token": ("a", "b")}, "the token is empty or holds characters"),
        ({"session": "a;b"}, "cookie cannot carry"),
        ({"login": "ann"}, "without colon"),
        ({"login": ("a:b", "c")}, "holds a colon"),
        ({"login": ("", "")}, "empty"),
        ({"login": ("a", "b\n")}, "control characters"),
        ({"login": ("a", "\ud800")}, "lone surrogate"),
        ({"other": "x"}, "no security scheme 'other'"),
    ],
    ids=repr,
)
def test_credentials_that_cannot_be_sent_are_refused(credentials: dict[str, str | Login | None], reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason) as caught:
        SyncAPIClient(PETS, credentials, base_url="http://127.0.0.1:1")
    assert "\ud800" not in str(caught.value)


@BOTH_WAYS
def test_a_refused_key_is_asked_for_again_once(way: type[Caller]) -> None:
    keys = iter(["old", "new", "newer"])
    answers = [send(response({}, "401 Unauthorized"), keeps=True), send(response({"a": "b"}), keeps=True)]
    with (
        FaultyServer(*answers) as server,
        way.api(PETS, {"query_key": lambda: next(keys)}, base_url=server.url) as api,
    ):
        assert api.send(rename_all([])) == {"a": "b"}
        api.send(rename_all([]))
    assert [arrival.target.rpartition("=")[2] for arrival in server.arrivals] == ["old", "new", "new"]
    with (
        FaultyServer(send(response({}, "401 Unauthorized"), keeps=True)) as server,
        way.api(PETS, {"query_key": lambda: next(keys, "last")}, base_url=server.url) as api,
    ):
        with pytest.raises(AuthenticationError):
            api.send(rename_all([]))
        assert len(server.arrivals) == 2


def test_headers_with_secrets_cannot_be_set() -> None:
    client = SyncAPIClient(PETS, {}, base_url="http://127.0.0.1:1")
    for name in ("authorization", "x-key", "Cookie", "Content-Type"):
        with pytest.raises(ConfigurationError, match="set by the client"):
            client.with_options(headers={name: "x"})
    client.close()


@pytest.mark.parametrize(
    "request_", [find_pets("a", {"R": 1}, tags=["x"]), get_pet(1), put_pet(1, {"a": 1}), list_linked(q=["a"])], ids=repr
)
def test_requests_travel_and_do_not_say_too_much(request_: Request[object]) -> None:
    for arrived in (pickle.loads(pickle.dumps(request_)), copy.deepcopy(request_)):
        assert arrived == request_
    assert "query" not in repr(request_)


@BOTH_WAYS
def test_further_query_options_have_wire_names(way: type[Caller]) -> None:
    with FaultyServer(send(response([]))) as server, way.api(PETS, {"token": TOKEN}, base_url=server.url) as api:
        api.view(extra_query={"more": [1]}).send(find_pets("a", {"R": 1}, tags=["x"]))
        for extra, reason in (({"trace": "x"}, "X-Trace instead of trace"), ({"tags": ["y"]}, "sets tags")):
            with pytest.raises(InvalidRequestError, match=reason):
                api.view(extra_query=extra).send(find_pets("a", {"R": 1}, tags=["x"]))
    assert only(server).target == "/owners/a/pets;R=1?tags=x&more%5B%5D=1"


def test_a_header_is_not_sent_twice() -> None:
    with SyncCaller.api(PETS, {"token": TOKEN}, base_url="http://127.0.0.1:1") as api:
        with pytest.raises(InvalidRequestError, match="X-Trace, which the call sets as well"):
            api.view(headers={"x-trace": "a"}).send(find_pets("a", {"R": 1}, trace="b"))
        secret = Operation("x.y", "GET", "/", Nothing(), parameters={"k": Parameter("header", "x-key", "simple")})
        with pytest.raises(InvalidRequestError, match="set by the client"):
            api.send(Request(secret, query={"k": "v"}))


@BOTH_WAYS
def test_forms(way: type[Caller]) -> None:
    body = {
        "grant_type": "a b+c&d",
        "scopes": ["read", "write"],
        "client": {"first_name": "Ann", "tags": ["x", "y"]},
        "ids": [1, 2],
        "nothing": None,
    }
    with FaultyServer(send(response({}))) as server, way.api(UPLOADS, {}, base_url=server.url) as api:
        api.send(log_in(body))
    arrival = only(server)
    assert arrival.headers["content-type"] == "application/x-www-form-urlencoded"
    assert arrival.body == (
        b"grantType=a+b%2Bc%26d&scope=read+write&client%5BfirstName%5D=Ann&client%5Btags%5D%5B%5D=x"
        b"&client%5Btags%5D%5B%5D=y&ids=1&ids=2"
    )


def parts_of(arrival: Arrival) -> list[email.message.EmailMessage]:
    """Return the parts of a body, as the standard library reads them."""
    head = f"Content-Type: {arrival.headers['content-type']}\r\n\r\n".encode()
    message = email.message_from_bytes(head + arrival.body, policy=email.policy.HTTP)
    assert message.is_multipart()
    return [part for part in message.iter_parts() if isinstance(part, email.message.EmailMessage)]


@BOTH_WAYS
def test_parts(way: type[Caller]) -> None:
    body = {
        "photo": File(b"\x89PNG\r\n\x00", 'a"b\r\nü.png'),
        "raw": b"\x00\x01",
        "taken_on": date(2024, 5, 1),
        "tags": ["a", "ü"],
        "place": {"x": Decimal("1.50")},
        "odd": "text",
        "nothing": None,
    }
    with FaultyServer(send(response({}))) as server, way.api(UPLOADS, {}, base_url=server.url) as api:
        api.send(send_parts(body))
    read = [
        (
            part.get_param("name", header="content-disposition"),
            part.get_filename(),
            part.get_content_type(),
            part.get_payload(decode=True),
        )
        for part in parts_of(only(server))
    ]
    assert read == [
        ("photo", "a%22b%0D%0Aü.png", "image/png", b"\x89PNG\r\n\x00"),
        ("raw", "file", "application/octet-stream", b"\x00\x01"),
        ("takenOn", None, "text/plain", b"2024-05-01"),
        ("tags", None, "text/plain", b"a"),
        ("tags", None, "text/plain", "ü".encode()),
        ("place", None, "application/json", b'{"x":"1.50"}'),
        ("odd", None, "application/json", b'"text"'),
    ]


@BOTH_WAYS
def test_parts_are_the_same_in_each_try(way: type[Caller]) -> None:
    answers = [send(response({}, "429 Too Many", ["Retry-After: 0"]), keeps=True), send(response({}))]
    with FaultyServer(*answers) as server, way.api(UPLOADS, {}, base_url=server.url) as api:
        api.send(send_parts({"raw": b"\x00"}))
    first, second = server.arrivals
    assert first.body == second.body
    assert first.headers["content-type"] == second.headers["content-type"]


@BOTH_WAYS
def test_bytes_and_text(way: type[Caller]) -> None:
    text = response("grün".encode("latin-1"), headers=["Content-Type: text/plain; charset=latin-1"])
    with FaultyServer(send(text, keeps=True)) as server, way.api(UPLOADS, {}, base_url=server.url) as api:
        assert api.send(send_bytes("a.b", b"\x00")) == "grün"
        assert api.send(send_bytes("a.b", File(b"\x01", content_type="image/gif"))) == "grün"
        assert api.send(send_text("ü")) == "grün"
        assert api.send(fetch("ä")) == "grün".encode("latin-1")
        assert api.stream(fetch("ä")) == "grün".encode("latin-1")
    first, second, third, fourth, fifth = server.arrivals
    assert (first.headers["content-type"], first.body) == ("image/png", b"\x00")
    assert (second.headers["content-type"], second.body) == ("image/gif", b"\x01")
    assert (third.headers["content-type"], third.body) == ("text/plain; charset=utf-8", "ü".encode())
    assert third.headers["accept"] == "text/csv, */*;q=0.1"
    assert fourth.headers["accept"] == "image/png, */*;q=0.1"
    assert unquote(fourth.target) == unquote(fifth.target) == "/files/ä"


@BOTH_WAYS
def test_an_answer_of_an_undocumented_type_or_status_is_an_error(way: type[Caller]) -> None:
    operation = Operation("x.y", "GET", "/x", ByStatus[Cat]({"200": One(Cat)}))
    with (
        FaultyServer(send(response(b"\xff", "201 Created"), keeps=True)) as server,
        way.api(UPLOADS, {}, base_url=server.url) as api,
    ):
        with pytest.raises(DecodeError, match="the status 201 is not documented: expected one of the statuses 200"):
            api.send(Request(operation))
        with pytest.raises(DecodeError, match="text in utf-8"):
            api.send(send_text(""))


@BOTH_WAYS
@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"title": "Bad", "detail": "No name", "type": "x"}, "Bad: No name."),
        ({"title": 3, "detail": "No name"}, "No name."),
        ({"error": {"message": "No name"}}, "No name."),
        ({"error": {"error": {"message": "No name"}}}, '{"error": {"message": "No name"}}.'),
        ({"error": "invalid_client", "error_description": "Unknown client"}, "Unknown client."),
        ({"errors": [{"message": "No name"}, {}]}, "No name."),
        ({"errors": [{"title": "T", "detail": "D"}]}, "T: D."),
        ({"errors": ["No name"]}, "No name."),
        ({"error": "nope"}, "nope."),
        ({"errors": {"name": ["missing"]}}, '{"name": ["missing"]}.'),
        ({"other": 1}, "no message."),
        (["a"], '["a"].'),
    ],
    ids=repr,
)
def test_an_error_says_what_the_body_says(way: type[Caller], body: object, said: str) -> None:
    with (
        FaultyServer(send(response(body, "400 Bad"))) as server,
        way.api(PETS, {}, base_url=server.url) as api,
        pytest.raises(APIStatusError) as caught,
    ):
        api.send(get_pet(7))
    assert str(caught.value) == f"HTTP 400 to pets.get: {said} Change the request before you send it again."
    assert caught.value.fault == "caller"
