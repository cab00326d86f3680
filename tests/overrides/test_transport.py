"""Over real sockets: what breaks gives a typed error, is tried again where that is safe, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import gc
import gzip
import json
import pickle
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts_client_runtime import (
    AccountsClientError,
    AmbiguousWriteError,
    APIStatusError,
    AsyncTrutoClient,
    ConnectError,
    DecodeError,
    RateLimitError,
    Request,
    RequestTimeoutError,
    SyncTrutoClient,
)
from tests.overrides.callers import BOTH_WAYS, TENANT, TOKEN, AsyncCaller, Caller, SyncCaller
from tests.overrides.faulty_server import Answer, FaultyServer, close, dribble, reset, response, send, stall
from tests.overrides.models import (
    Person,
    Site,
    call_people,
    create_person,
    create_site,
    delete_person,
    delete_site,
    get_person,
    list_people,
    list_sites,
    merge_people,
    update_person,
    update_site,
)

PERSON: Final = response({"id": "7", "name": "Ann"})
SITE: Final = response({"id": 42})
TIMEOUT: Final = 0.25
"""Seconds after which a client gives a silent server up."""

# Each breaks the connection after the request was read, so that a write may have been carried out.
BREAKS: Final[dict[str, Answer]] = {
    "before the answer": close(),
    "reset before the answer": reset(),
    "in the status line": close(PERSON[:7]),
    "in the headers": close(PERSON[:30]),
    "before the body": close(PERSON[: PERSON.index(b"{")]),
    "in the body": close(PERSON[:-5]),
    "reset in the body": reset(PERSON[:-5]),
    "silence": stall(),
    "silence in the headers": stall(PERSON[:30]),
    "silence in the body": stall(PERSON[:-5]),
    "no HTTP": close(b"220 mail.test ESMTP\r\n\r\n"),
}
SILENT: Final = {"silence", "silence in the headers", "silence in the body"}


def patience(fault: str) -> float:
    """Return the timeout for a fault: short where it is waited out."""
    return TIMEOUT if fault in SILENT else 5.0


@pytest.fixture(autouse=True)
def _plain_loopback(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep proxies out, and certificates, which nothing here needs and which take long to load."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))


@pytest.fixture(autouse=True)
def _no_thread_is_left_behind() -> Iterator[None]:
    before = threading.active_count()
    yield
    assert threading.active_count() == before


@pytest.fixture
def _no_socket_is_left_behind() -> Iterator[None]:
    """Let the collector find sockets and tasks that were left open: warnings, which pytest turns into errors."""
    yield
    gc.collect()


@pytest.mark.parametrize("fault", BREAKS)
@BOTH_WAYS
def test_a_read_is_tried_again_when_the_connection_breaks(way: type[Caller], fault: str) -> None:
    with FaultyServer(BREAKS[fault], send(PERSON)) as server:
        with way.truto(base_url=server.url, timeout=patience(fault)) as truto:
            assert truto.send(get_person()) == Person(id="7", name="Ann")
        assert len(server.arrivals) == 2
        assert len(truto.clock.naps) == 1


@pytest.mark.usefixtures("_no_socket_is_left_behind")
@pytest.mark.parametrize("fault", BREAKS)
@BOTH_WAYS
def test_a_read_that_breaks_each_time_is_a_typed_error(way: type[Caller], fault: str) -> None:
    error_type = RequestTimeoutError if fault in SILENT else ConnectError
    with FaultyServer(BREAKS[fault]) as server:
        with (
            way.truto(base_url=server.url, timeout=patience(fault), max_retries=1) as truto,
            pytest.raises(error_type) as caught,
        ):
            truto.send(get_person())
        assert len(server.arrivals) == 2
    assert caught.value.request == get_person()
    assert (f"{TIMEOUT} s" in str(caught.value)) == (fault in SILENT)


@pytest.mark.parametrize(
    ("request_", "fault"),
    [
        *((create_person(), fault) for fault in BREAKS),
        (update_person(), "before the answer"),
        (delete_person(), "before the answer"),
    ],
)
@BOTH_WAYS
def test_with_a_key_a_write_is_carried_out_once_though_it_is_sent_twice(
    way: type[Caller], request_: Request[object], fault: str
) -> None:
    with FaultyServer(BREAKS[fault], send(PERSON)) as server:
        with way.truto(base_url=server.url, timeout=patience(fault)) as truto:
            truto.send(request_)
        assert len(server.arrivals) == 2
        assert len(server.records) == 1
        first, second = server.arrivals
        assert first.body == second.body
        assert first.headers["idempotency-key"] == second.headers["idempotency-key"]


@pytest.mark.parametrize(
    ("request_", "fault"),
    [
        *((create_site(), fault) for fault in BREAKS),
        (update_site(), "before the answer"),
        (delete_site(), "before the answer"),
    ],
)
@BOTH_WAYS
def test_without_a_key_a_write_is_sent_once_and_its_outcome_is_said_to_be_unknown(
    way: type[Caller], request_: Request[object], fault: str
) -> None:
    with FaultyServer(BREAKS[fault], send(SITE)) as server:
        with (
            way.coperniq(base_url=server.url, timeout=patience(fault)) as coperniq,
            pytest.raises(AmbiguousWriteError) as caught,
        ):
            coperniq.send(request_)
        assert len(server.arrivals) == 1
        assert len(server.records) == 1
    assert caught.value.request == request_
    assert isinstance(caught.value.__cause__, RequestTimeoutError if fault in SILENT else ConnectError)


@pytest.mark.parametrize("fault", [close(commits=False), reset(commits=False)], ids=["close", "reset"])
@BOTH_WAYS
def test_a_write_that_was_lost_before_it_was_carried_out_is_not_lost_with_a_key(
    way: type[Caller], fault: Answer
) -> None:
    with FaultyServer(fault, send(PERSON)) as server:
        with way.truto(base_url=server.url) as truto:
            truto.send(create_person())
        assert (len(server.arrivals), len(server.records)) == (2, 1)
    with FaultyServer(fault, send(SITE)) as server:
        with way.coperniq(base_url=server.url) as coperniq, pytest.raises(AmbiguousWriteError):
            coperniq.send(create_site())
        assert (len(server.arrivals), len(server.records)) == (1, 0)


@BOTH_WAYS
def test_a_connection_that_cannot_be_made_is_tried_again_for_any_call(way: type[Caller]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with way.coperniq(base_url=url) as coperniq, pytest.raises(ConnectError, match="could not be made") as caught:
        coperniq.send(create_site())
    assert not caught.value.sent
    assert len(coperniq.clock.naps) == 2


@BOTH_WAYS
def test_a_connection_that_the_server_closed_meanwhile_is_replaced(way: type[Caller]) -> None:
    with FaultyServer(send(SITE)) as server:
        with way.coperniq(base_url=server.url) as coperniq:
            for _ in range(3):
                assert coperniq.send(create_site()) == Site(id=42)
                server.await_close()
        assert len(server.arrivals) == server.connections == 3


@pytest.mark.usefixtures("_no_socket_is_left_behind")
@BOTH_WAYS
def test_connections_are_used_again_and_closed_with_the_client(way: type[Caller]) -> None:
    with FaultyServer(send(PERSON, keeps=True)) as server:
        with way.truto(base_url=server.url) as truto:
            for _ in range(3):
                truto.account(TENANT).send(get_person())
        assert (len(server.arrivals), server.connections) == (3, 1)


@BOTH_WAYS
def test_an_answer_may_come_byte_by_byte(way: type[Caller]) -> None:
    chunked = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"id"\r\n6\r\n: "7"}\r\n0\r\n\r\n'
    with FaultyServer(dribble(PERSON), dribble(chunked), dribble(b'HTTP/1.1 200 OK\r\n\r\n{"id": "7"}')) as server:
        with way.truto(base_url=server.url) as truto:
            assert [truto.send(get_person()).id for _ in range(3)] == ["7"] * 3
        assert len(server.arrivals) == 3


def date(offset: float) -> str:
    """Return the time so many seconds from the answer's own date."""
    return time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(1_000_000_000 + offset))


@pytest.mark.parametrize(
    ("retry_after", "naps"),
    [
        ("7", [7.0]),
        ("0", [0.0]),
        ("1.5", [1.5]),
        (date(20), [20.0]),
        (date(-20), [0.0]),
        ("86400", None),
        (date(86_400), None),
        ("9" * 400, None),
    ],
)
@BOTH_WAYS
def test_each_kind_of_retry_after_is_honored(way: type[Caller], retry_after: str, naps: list[float] | None) -> None:
    # The server says that it closes the connection: the next try would race with the end of an open one.
    headers = [f"Retry-After: {retry_after}", f"Date: {date(0)}", "Connection: close"]
    refusal = response({}, "429 Too Many Requests", headers)
    with FaultyServer(send(refusal), send(PERSON)) as server, way.truto(base_url=server.url) as truto:
        if naps is None:
            with pytest.raises(RateLimitError):
                truto.send(create_person())
        else:
            truto.send(create_person())
        assert sum(truto.clock.naps) == sum(naps or [])
        assert len(server.records) == 1


@pytest.mark.parametrize("retry_after", ["-5", "soon", ""])
@BOTH_WAYS
def test_an_unreadable_retry_after_is_a_short_pause(way: type[Caller], retry_after: str) -> None:
    refusal = response({}, "429 Too Many Requests", [f"Retry-After: {retry_after}", "Connection: close"])
    with FaultyServer(send(refusal), send(PERSON)) as server, way.truto(base_url=server.url) as truto:
        truto.send(get_person())
        assert len(server.arrivals) == 2
    assert sum(truto.clock.naps) <= 0.5


TEXT: Final = b'{"id": "7", "name": "Ann"}'
ZIPPED: Final = gzip.compress(TEXT, mtime=0)
CODED: Final = {"gzip": ZIPPED, "x-gzip": ZIPPED, "deflate": zlib.compress(TEXT)}
"""An answer in each content coding."""


def coded(coding: str, content: bytes) -> bytes:
    """Return an answer of a whole length in a content coding."""
    return response(content, headers=[f"Content-Encoding: {coding}"])


@pytest.mark.parametrize("coding", CODED)
@BOTH_WAYS
def test_compressed_answers_are_read(way: type[Caller], coding: str) -> None:
    with FaultyServer(send(coded(coding, CODED[coding]))) as server, way.truto(base_url=server.url) as truto:
        assert truto.send(get_person()).name == "Ann"
        assert truto.stream(get_person()) == TEXT


@pytest.mark.parametrize("coding", CODED)
@BOTH_WAYS
def test_a_compressed_answer_that_ends_early_is_a_broken_connection(way: type[Caller], coding: str) -> None:
    cut = send(coded(coding, CODED[coding][:-5]))
    with FaultyServer(cut, send(PERSON), cut) as server:
        with way.truto(base_url=server.url) as truto:
            assert truto.send(get_person()).name == "Ann"
            with pytest.raises(ConnectError, match="end early") as caught:
                truto.stream(get_person())
        assert len(server.arrivals) == 3
    assert caught.value.sent
    assert caught.value.request == get_person()


@BOTH_WAYS
def test_the_outcome_of_a_write_whose_compressed_answer_ends_early_is_unknown(way: type[Caller]) -> None:
    with FaultyServer(send(coded("gzip", ZIPPED[:-5]))) as server:
        with way.coperniq(base_url=server.url) as coperniq, pytest.raises(AmbiguousWriteError):
            coperniq.send(create_site())
        assert len(server.arrivals) == 1


@BOTH_WAYS
def test_a_compressed_answer_without_anything_in_it_is_whole(way: type[Caller]) -> None:
    with FaultyServer(send(coded("gzip", b""))) as server:
        with way.truto(base_url=server.url) as truto:
            truto.send(delete_person())
            assert truto.stream(get_person()) == b""
        assert len(server.arrivals) == 2


@pytest.mark.parametrize("content", [ZIPPED[:20], ZIPPED[:5], b"", b"{}", b"\0" * 50], ids=repr)
@BOTH_WAYS
def test_a_zipped_answer_that_is_cut_or_broken_is_a_typed_error(way: type[Caller], content: bytes) -> None:
    zipped = send(coded("gzip", content))
    with (
        FaultyServer(zipped) as server,
        way.truto(base_url=server.url) as truto,
        pytest.raises(ConnectError if content else DecodeError),
    ):
        truto.send(get_person())


@pytest.mark.parametrize("length", [len(PERSON) + 100, "-1", "abc", "26, 27", "9" * 30])
@BOTH_WAYS
def test_an_answer_longer_than_it_is_gives_a_typed_error(way: type[Caller], length: int | str) -> None:
    with FaultyServer(send(response({"id": "7"}, length=length))) as server:
        with way.truto(base_url=server.url) as truto, pytest.raises(ConnectError):
            truto.send(get_person())
        assert len(server.arrivals) == 3


@BOTH_WAYS
def test_an_answer_shorter_than_it_is_gives_a_typed_error_and_spoils_no_other_call(way: type[Caller]) -> None:
    with FaultyServer(send(response({"id": "7"}, length=5), keeps=True), send(PERSON)) as server:
        with way.truto(base_url=server.url) as truto:
            with pytest.raises((DecodeError, ConnectError)):
                truto.view(max_retries=0).send(get_person())
            assert truto.send(get_person()).name == "Ann"
        assert len(server.arrivals) <= 3


@BOTH_WAYS
def test_unusual_but_complete_answers_are_read(way: type[Caller]) -> None:
    with (
        FaultyServer(
            send(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + PERSON),
            send(PERSON.replace(b"200 OK", b"200 ")),
            send(PERSON.replace(b"HTTP/1.1", b"HTTP/1.0")),
            send(PERSON.replace(b"200 OK", b"299 Odd")),
            send(PERSON.replace(b"\r\n\r\n", b"\r\nX-\xe9: \xff\xfe\r\n\r\n", 1)),
        ) as server,
        way.truto(base_url=server.url, max_retries=0) as truto,
    ):
        for _ in range(4):
            assert truto.send(get_person()).name == "Ann"
            # The client would take the connection for alive until the server has closed it.
            server.await_close()
        try:
            truto.send(get_person())
        except ConnectError as error:
            assert error.request == get_person()


@pytest.mark.parametrize(
    "status", ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"]
)
@BOTH_WAYS
def test_a_redirect_is_not_followed_so_that_the_token_stays_here(way: type[Caller], status: str) -> None:
    with FaultyServer(send(PERSON)) as other:
        away = response(b"", status, [f"Location: {other.url}/people/7", "Set-Cookie: a=b"])
        with FaultyServer(send(away)) as server:
            with way.truto(base_url=server.url) as truto:
                for request in (get_person(), create_person()):
                    with pytest.raises(APIStatusError) as caught:
                        truto.send(request)
                    assert caught.value.status == int(status[:3])
                    assert caught.value.headers["location"].startswith(other.url)
                with pytest.raises(APIStatusError):
                    truto.stream(get_person())
            assert len(server.arrivals) == 3
        assert other.connections == 0


def test_a_redirect_is_not_followed_even_if_the_caller_s_http_client_would() -> None:
    with FaultyServer(send(PERSON)) as other:
        away = response(b"", "302 Found", [f"Location: {other.url}/people/7"])
        with (
            FaultyServer(send(away)) as server,
            httpx.Client(follow_redirects=True, trust_env=False) as http_client,
            SyncTrutoClient(TOKEN, integrated_account_id=TENANT, base_url=server.url, http_client=http_client) as truto,
            pytest.raises(APIStatusError),
        ):
            truto.send(get_person())
        assert other.connections == 0


@pytest.mark.parametrize(
    "location", ["http://[", "http://a:99999/", "//", "\\", "mailto:x", "http://", "", "http://\x7f"]
)
@BOTH_WAYS
def test_a_redirect_to_nowhere_is_a_typed_error(way: type[Caller], location: str) -> None:
    away = send(response(b"", "302 Found", [f"Location: {location}"]))
    with (
        FaultyServer(away) as server,
        way.truto(base_url=server.url, max_retries=0) as truto,
        pytest.raises((APIStatusError, ConnectError)),
    ):
        truto.send(get_person())


@given(st.text())
def test_a_redirect_to_anywhere_is_a_typed_error(location: str) -> None:
    away = httpx.Response(302, headers=[(b"location", location.encode("utf-8", "replace"))])
    with (
        SyncCaller.truto(lambda request: away, max_retries=0) as truto,
        pytest.raises((APIStatusError, ConnectError)),
    ):
        truto.send(get_person())


@BOTH_WAYS
def test_cookies_are_not_kept(way: type[Caller]) -> None:
    with FaultyServer(send(response({"id": "7"}, headers=["Set-Cookie: session=1; Path=/"]))) as server:
        with way.truto(base_url=server.url) as truto:
            truto.send(get_person())
            truto.send(get_person())
        assert [arrival.headers.get("cookie") for arrival in server.arrivals] == [None, None]


@pytest.mark.usefixtures("_no_socket_is_left_behind")
@BOTH_WAYS
def test_a_stream_that_breaks_is_a_typed_error(way: type[Caller]) -> None:
    with FaultyServer(close(PERSON[:-5]), stall(PERSON[:-5])) as server:
        with way.truto(base_url=server.url, timeout=TIMEOUT) as truto:
            with pytest.raises(ConnectError) as broken:
                truto.stream(get_person())
            with pytest.raises(RequestTimeoutError) as silent:
                truto.stream(get_person())
        assert len(server.arrivals) == 2
    assert broken.value.request == silent.value.request == get_person()


@pytest.mark.usefixtures("_no_socket_is_left_behind")
@BOTH_WAYS
def test_a_stream_that_is_left_early_gives_its_connection_back(way: type[Caller]) -> None:
    with FaultyServer(stall(PERSON[:-5]), send(PERSON)) as server:
        with way.truto(base_url=server.url) as truto:
            assert truto.stream(get_person(), pieces=1)
            assert truto.send(get_person()).id == "7"
        assert server.connections == 2


@BOTH_WAYS
def test_a_stream_that_was_left_cannot_be_read_on(way: type[Caller]) -> None:
    with FaultyServer(send(PERSON, keeps=True)) as server, way.truto(base_url=server.url) as truto:
        with pytest.raises(ConnectError, match="stream was left"):
            truto.read_after_leaving(get_person())
        assert truto.send(get_person()).id == "7"


@pytest.mark.usefixtures("_no_socket_is_left_behind")
@pytest.mark.parametrize("prefetch", [False, True])
@BOTH_WAYS
def test_breaking_out_of_a_listing_leaves_no_connection(way: type[Caller], prefetch: bool) -> None:
    pages = [response({"result": [{"id": "1"}, {"id": "2"}], "next_cursor": f"c{number}"}) for number in range(9)]
    with FaultyServer(*(send(page, keeps=True) for page in pages)) as server:
        with way.truto(base_url=server.url) as truto:
            for _ in truto.view(prefetch=prefetch).paginate(list_people()):
                break
        assert server.connections <= 2


@pytest.mark.usefixtures("_no_socket_is_left_behind")
def test_a_cancelled_call_gives_its_connection_back() -> None:
    async def use(url: str) -> Person:
        async with AsyncTrutoClient(TOKEN, integrated_account_id=TENANT, base_url=url) as truto:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(truto.send(get_person()), TIMEOUT)
            return await truto.send(get_person())

    with FaultyServer(stall(), send(PERSON)) as server:
        assert asyncio.run(use(server.url)).id == "7"


STATUSES: Final = [b"200 OK", b"204 No", b"302 Away", b"304 Not Modified", b"500 Oh", b"999 ?", b"20 x", b"100 On"]
NAMES: Final = [b"Content-Length", b"Content-Encoding", b"Transfer-Encoding", b"Location", b"Retry-After", b"\xe9"]
VALUES: Final = [b"5", b"-1", b"gzip", b"deflate", b"br", b"chunked", b"http://[", b"\xff"]
BODIES: Final = [b'{"id": "7"}', b"5\r\nhello\r\n0\r\n\r\n", ZIPPED]


@st.composite
def odd_answers(draw: st.DrawFn) -> bytes:
    """Draw an answer with something odd in its head, and perhaps only its beginning."""
    header = draw(st.sampled_from(NAMES)) + b": " + draw(st.sampled_from(VALUES) | st.binary(max_size=5))
    body = draw(st.sampled_from(BODIES) | st.binary(max_size=20))
    whole = b"HTTP/1.1 " + draw(st.sampled_from(STATUSES)) + b"\r\n" + header + b"\r\n\r\n" + body
    return whole[: draw(st.integers(0, len(whole)))]


@settings(max_examples=150)
@given(st.binary(max_size=60) | odd_answers())
def test_any_bytes_give_a_value_or_an_error_of_ours(data: bytes) -> None:
    with FaultyServer(close(data)) as server, SyncCaller.truto(base_url=server.url, max_retries=0, timeout=1) as truto:
        for call in (truto.send, truto.raw, truto.debug, truto.stream):
            try:
                call(get_person())
            except AccountsClientError as error:
                carried = error.request
            else:
                carried = get_person()
            assert carried == get_person()


ODD_JSON: Final[st.SearchStrategy[object]] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("\ud800"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "result", "next_cursor", "message", "debug", "name"]), inner)
    ),
    max_leaves=8,
)
CALLS: Final[tuple[Callable[[Caller], object], ...]] = (
    lambda truto: truto.send(get_person()),
    lambda truto: truto.view(strict=True).send(get_person()),
    lambda truto: truto.send(create_person()),
    lambda truto: truto.send(update_person()),
    lambda truto: truto.send(delete_person()),
    lambda truto: truto.send(merge_people()),
    lambda truto: truto.send(call_people()),
    lambda truto: truto.paginate(list_people()).to_list(max_items=5),
    lambda truto: truto.paginate(list_sites()).to_list(max_items=5),
    lambda truto: truto.raw(get_person()),
    lambda truto: truto.debug(get_person()),
    lambda truto: truto.debug(list_people()),
    lambda truto: truto.stream(get_person()),
)


@given(
    st.sampled_from([200, 201, 204, 299, 302, 304, 401, 404, 429, 500, 503]) | st.integers(100, 999),
    st.dictionaries(st.sampled_from(["content-encoding", "location", "retry-after", "date"]), st.text(max_size=5)),
    st.binary(max_size=20) | ODD_JSON.map(lambda body: json.dumps(body).encode()),
    st.sampled_from([SyncCaller, AsyncCaller]),
)
def test_any_answer_gives_a_value_or_an_error_of_ours(
    status: int, headers: dict[str, str], body: bytes, way: type[Caller]
) -> None:
    encoded = [(name.encode(), value.encode("utf-8", "replace")) for name, value in headers.items()]

    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, headers=encoded, stream=httpx.ByteStream(body))

    with way.truto(handler, max_retries=0) as truto:
        for call in CALLS:
            try:
                call(truto)
            except AccountsClientError as error:
                assert_carries(error)


def assert_carries(error: AccountsClientError) -> None:
    """Check that an error has its request and survives a pickle."""
    assert error.request is not None
    assert pickle.loads(pickle.dumps(error)).args == error.args
