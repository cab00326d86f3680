"""What goes over the wire, whatever library carries it: addresses, headers, bodies, proxies, and each request once."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from accounts_client_runtime import (
    VERSION,
    AmbiguousWriteError,
    AsyncCoperniqClient,
    AsyncTrutoClient,
    ConfigurationError,
    ConnectError,
    Request,
    RequestTimeoutError,
    SyncTrutoClient,
)
from tests.overrides.callers import BOTH_WAYS, TENANT, TOKEN, AsyncCaller, Caller, SyncCaller
from tests.overrides.faulty_server import Arrival, FaultyServer, close, response, send
from tests.overrides.models import (
    call_people,
    create_person,
    create_site,
    delete_person,
    delete_site,
    get_person,
    get_site,
    update_site,
)
from tests.overrides.transports import chosen

PERSON: Final = response({"id": "7", "name": "Ann"})
SITE: Final = response({"id": 42})


@pytest.fixture(autouse=True)
def _no_certificates(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep out certificates, which nothing here needs and which take long to load."""
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@BOTH_WAYS
def test_each_kind_of_request_arrives_as_it_should(way: type[Caller]) -> None:
    query = f"?integrated_account_id={TENANT}"
    with FaultyServer(send(PERSON, keeps=True)) as server:
        with way.truto(base_url=f"{server.url}/base/v1%20;x/") as truto:
            truto.send(get_person("a/b"))
            truto.view(headers={"X-Mine": "1"}).send(create_person({"name": "Zoë"}))
            truto.send(call_people("archive"))
            truto.send(delete_person())
        read, write, call, delete = server.arrivals
        host = server.url.removeprefix("http://")
    assert [(arrival.method, arrival.target) for arrival in server.arrivals] == [
        ("GET", f"/base/v1%20;x/people/a%2Fb{query}"),
        ("POST", f"/base/v1%20;x/people{query}"),
        ("POST", f"/base/v1%20;x/people/archive{query}"),
        ("DELETE", f"/base/v1%20;x/people/7{query}"),
    ]
    for arrival in server.arrivals:
        assert arrival.headers["host"] == host
        assert arrival.headers["authorization"] == f"Bearer {TOKEN}"
        assert arrival.headers["accept"] == "application/json"
        assert arrival.headers["user-agent"] == f"accounts-client/{VERSION}"
        assert "gzip" in arrival.headers["accept-encoding"]
        assert "transfer-encoding" not in arrival.headers
    assert json.loads(write.body) == {"name": "Zoë"}
    assert (write.headers["content-type"], write.headers["content-length"]) == (
        "application/json",
        str(len(write.body)),
    )
    assert write.headers["x-mine"] == "1"
    assert call.headers["content-length"] == "0"
    for arrival in (read, call, delete):
        assert "content-type" not in arrival.headers
        assert arrival.body == b""


TEXTS: Final = st.text(min_size=1).filter(lambda text: text not in (".", ".."))


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=5), st.sampled_from([SyncCaller, AsyncCaller]))
@example([("%2F", "%20"), ("a b+c", "a b+c"), ("{id}", "~!*'()")], AsyncCaller)
def test_any_text_arrives_as_it_was(texts: list[tuple[str, str]], way: type[Caller]) -> None:
    with FaultyServer(send(PERSON, keeps=True)) as server:
        with way.truto(base_url=server.url, budget=None) as truto:
            for person_id, value in texts:
                truto.send(get_person(person_id, a=value))
        assert [meant(arrival) for arrival in server.arrivals] == texts


def meant(arrival: Arrival) -> tuple[str, str]:
    """Return the id and the option that a request to `/people/{id}?a=` holds."""
    address = urlsplit(arrival.target)
    _, _, segment = address.path.rpartition("/")
    return unquote(segment, errors="strict"), dict(parse_qsl(address.query, errors="strict"))["a"]


@BOTH_WAYS
def test_names_and_paths_beyond_ascii_are_called(way: type[Caller], monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    look_up = socket.getaddrinfo

    def look_up_here(host: bytes | str, port: int, *place: int, **named_place: int) -> object:
        asked.append(host)
        return look_up("127.0.0.1", port, *place, **named_place)

    monkeypatch.setattr(socket, "getaddrinfo", look_up_here)
    with FaultyServer(send(PERSON)) as server:
        port = urlsplit(server.url).port
        with way.truto(base_url=f"http://bücher.test:{port}/ä") as truto:
            truto.send(get_person())
        assert server.arrivals[0].target.startswith("/%C3%A4/people/7?")
        assert server.arrivals[0].headers["host"] == f"xn--bcher-kva.test:{port}"
    assert asked[0] in ("xn--bcher-kva.test", b"xn--bcher-kva.test")


@pytest.fixture
def _connections_are_ours() -> None:
    """Leave out the clients of callers, which have proxies of their own."""
    if chosen[0] in ("httpx", "httpx2"):
        pytest.skip("the HTTP client is the caller's")


@pytest.mark.usefixtures("_connections_are_ours")
@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
@BOTH_WAYS
def test_a_proxy_that_the_environment_names_is_used(
    way: type[Caller], variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FaultyServer(send(PERSON, keeps=True)) as proxy:
        monkeypatch.setenv(variable, proxy.url)
        with way.truto(base_url="http://service.test/v1") as truto:
            assert truto.send(get_person()).name == "Ann"
        assert [arrival.target for arrival in proxy.arrivals] == [
            f"http://service.test/v1/people/7?integrated_account_id={TENANT}"
        ]


@BOTH_WAYS
def test_a_proxy_is_left_aside_where_the_environment_says_so(
    way: type[Caller], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with FaultyServer(send(PERSON)) as server, way.truto(base_url=server.url) as truto:
        assert truto.send(get_person()).name == "Ann"


@pytest.mark.usefixtures("_connections_are_ours")
@BOTH_WAYS
def test_a_proxy_that_does_not_answer_is_a_connection_that_could_not_be_made(
    way: type[Caller], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{listener.getsockname()[1]}")
    with way.truto(base_url="http://service.test", max_retries=0) as truto, pytest.raises(ConnectError) as caught:
        truto.send(create_person())
    assert not caught.value.sent


@BOTH_WAYS
def test_a_server_that_does_not_speak_tls_is_a_connection_that_could_not_be_made(way: type[Caller]) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        way.coperniq(base_url=f"https://127.0.0.1:{listener.getsockname()[1]}", max_retries=0, timeout=0.2) as coperniq,
        pytest.raises(RequestTimeoutError, match=r"No connection within 0\.2 s") as caught,
    ):
        coperniq.send(create_site())
    assert not caught.value.sent


@BOTH_WAYS
def test_a_server_that_does_not_read_is_given_up(way: type[Caller]) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    # The server ends before the client is closed, which lets go of what is still to be sent.
    with way.coperniq(base_url=url, timeout=0.2) as coperniq, listener, pytest.raises(AmbiguousWriteError) as caught:
        coperniq.send(create_site({"title": "x" * 20_000_000}))
    assert isinstance(caught.value.__cause__, RequestTimeoutError)
    assert "within 0.2 s" in str(caught.value)


@pytest.mark.parametrize("request_", [create_site(), update_site(), delete_site()], ids=["POST", "PATCH", "DELETE"])
@BOTH_WAYS
def test_a_write_is_sent_once_on_a_connection_that_was_kept_and_breaks(
    way: type[Caller], request_: Request[object]
) -> None:
    with FaultyServer(send(SITE, keeps=True), close(), send(SITE)) as server:
        with way.coperniq(base_url=server.url) as coperniq:
            coperniq.send(get_site())
            with pytest.raises(AmbiguousWriteError):
                coperniq.send(request_)
        assert len(server.arrivals) == 2


def test_aiohttp_that_is_not_installed_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    async def use() -> None:
        async with AsyncTrutoClient(TOKEN, integrated_account_id=TENANT, http_client="aiohttp") as truto:
            await truto.send(get_person())

    monkeypatch.setitem(sys.modules, "aiohttp", None)
    monkeypatch.delitem(sys.modules, "accounts_client_runtime.transport.session", raising=False)
    with pytest.raises(ConfigurationError, match=r"accounts-client\[aiohttp\]"):
        asyncio.run(use())


def test_httpx_over_aiohttp_repeats_no_write_whose_outcome_is_unknown() -> None:
    # It reports a connection that broke as one that could not be made.
    httpx_aiohttp = pytest.importorskip("httpx_aiohttp")

    async def use(url: str) -> None:
        async with httpx_aiohttp.HttpxAiohttpClient(trust_env=False) as http_client:
            coperniq = AsyncCoperniqClient(TOKEN, base_url=url, http_client=http_client)
            with pytest.raises(AmbiguousWriteError):
                await coperniq.send(create_site())

    with FaultyServer(close()) as server:
        asyncio.run(use(server.url))
        assert len(server.arrivals) == 1


# None of them can carry requests, or not the way that the client calls.
NONSENSE: Final[tuple[Any, ...]] = ("https://api.truto.one", 3, object(), httpx, urlsplit)


def type_of(value: object) -> str:
    return type(value).__name__


@pytest.mark.parametrize("http_client", [*NONSENSE, "aiohttp", httpx.AsyncClient()], ids=type_of)
def test_what_cannot_carry_requests_is_refused(http_client: Any) -> None:  # noqa: ANN401 - wrong on purpose
    with pytest.raises(ConfigurationError, match=r"http_client is of type .*, expected a client of httpx"):
        SyncTrutoClient(TOKEN, integrated_account_id=TENANT, http_client=http_client)


@pytest.mark.parametrize("http_client", [*NONSENSE, httpx.Client()], ids=type_of)
def test_what_cannot_carry_requests_for_asyncio_is_refused(http_client: Any) -> None:  # noqa: ANN401 - wrong on purpose
    with pytest.raises(ConfigurationError, match=r"http_client is of type .*, expected an async client of httpx"):
        AsyncTrutoClient(TOKEN, integrated_account_id=TENANT, http_client=http_client)
