"""Tokens stay out of sight: no repr, text, log line, pickle or checkpoint shows one, even if the service echoes it."""

from __future__ import annotations

import html
import json
import logging
import pickle
import re
import traceback
from collections.abc import Callable, Iterator
from typing import Final, TypeAlias, TypeVar
from urllib.parse import quote, unquote

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts_client_runtime import AccountsClientError, Page, Request
from tests.overrides.callers import BOTH_WAYS, TENANT, TOKEN, AsyncCaller, Caller, Recorder, SyncCaller
from tests.overrides.faulty_server import FaultyServer, close, response, send
from tests.overrides.models import create_person, create_site, get_person, get_site, list_people, list_sites

T = TypeVar("T")

Echo: TypeAlias = Callable[[str], bytes]
Call: TypeAlias = Callable[[Caller], object]


def fully_escaped(text: str) -> bytes:
    return "".join(f"\\u{ord(character):04x}" for character in text).encode()


# How a service may repeat what it was sent.
ECHOES: Final[dict[str, Echo]] = {
    "json": lambda token: json.dumps({"message": f"Bearer {token} is bad", "headers": {"x": token}}).encode(),
    "json with escaped slashes": lambda token: json.dumps({"message": token}).replace("/", "\\/").encode(),
    "json with escaped letters": lambda token: b'{"message": "' + fully_escaped(token) + b'"}',
    "json with some escapes": lambda token: (
        json.dumps({"message": token}).replace("+", "\\u002B").replace("&", "\\u0026").replace("<", "\\u003c").encode()
    ),
    "json in json": lambda token: json.dumps({"raw_response": json.dumps({"authorization": token})}).encode(),
    "json in json in json": lambda token: json.dumps({"message": json.dumps(json.dumps([token]))}).encode(),
    "a key": lambda token: json.dumps({token: 1, "id": None, "counts": {token: "x"}}).encode(),
    "html": lambda token: f"<html>{html.escape(token)}</html>".encode(),
    "html with numbers": lambda token: "".join(f"&#{ord(c)};" for c in token).encode(),
    "html with hexadecimal numbers": lambda token: "".join(f"&#x{ord(c):X};" for c in token).encode(),
    "percent-encoded": lambda token: f"authorization={quote(token, safe='')}".encode(),
    "lower percent-encoded": lambda token: re.sub("%..", lambda code: code[0].lower(), quote(token, safe="")).encode(),
    "percent-encoded twice": lambda token: quote(quote(token, safe="")).encode(),
    "plain": lambda token: token.encode(),
    "a page with a bad record": lambda token: json.dumps({"result": [{"id": "1"}, {"name": token}]}).encode(),
    "an array with a bad record": lambda token: json.dumps([{"id": 1}, {"title": token}]).encode(),
    "a page that deviates": lambda token: json.dumps({"result": [{"id": "1", "counts": {token: "1"}}]}).encode(),
    "a bad cursor": lambda token: json.dumps({"result": [], "next_cursor": [token]}).encode(),
    "a bad debug envelope": lambda token: json.dumps([token]).encode(),
    "a bad debug result": lambda token: json.dumps({"result": {"name": token}}).encode(),
}

CALLS: Final[dict[str, Call]] = {
    "read": lambda caller: caller.send(get_person()),
    "strict read": lambda caller: caller.view(strict=True).send(get_person()),
    "write": lambda caller: caller.send(create_person()),
    "listing": lambda caller: caller.paginate(list_people()).to_list(),
    "numbered listing": lambda caller: caller.paginate(list_sites()).to_list(),
    "raw": lambda caller: caller.raw(get_person()),
    "debug": lambda caller: caller.debug(get_person()),
    "debug listing": lambda caller: caller.debug(list_people()),
    "stream": lambda caller: caller.stream(get_person()),
}

SITE_CALLS: Final[dict[str, Call]] = {
    "read": lambda caller: caller.send(get_site()),
    "strict read": lambda caller: caller.view(strict=True).send(get_site()),
    "write of unknown outcome": lambda caller: caller.send(create_site()),
    "listing": lambda caller: caller.paginate(list_sites()).to_list(),
}

TOKENS: Final = st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=30).map(
    lambda text: f"s3cr3t{text}"
)


class Listener(logging.Handler):
    """Keeps every line that is logged."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def readings(text: str) -> set[str]:
    """Return a text as it is and as somebody who undoes its escapes reads it."""
    undone = {text, html.unescape(text), unquote(text), text.replace("\\", "")}
    return undone | {html.unescape(form) for form in undone}


def traces(error: BaseException) -> str:
    """Return all that an error and its causes say, in text and in pickles."""
    said = [repr(error), str(error), *traceback.format_exception(error)]
    if isinstance(error, AccountsClientError):
        said += [repr(error.__dict__), json.dumps(error.checkpoint)]
        said.append(pickle.dumps(error).decode("latin-1"))
    return "\n".join(said)


def everything_shown(caller: Caller, call: Call, listing: Request[Page[T]]) -> list[str]:
    """Return every text that comes of a call: reprs, what its error says, a checkpoint, and what is logged."""
    listener = Listener()
    loggers = [logging.getLogger("accounts_client"), logging.getLogger("httpx")]
    for logger in loggers:
        logger.addHandler(listener)
        logger.setLevel(logging.DEBUG)
    try:
        with caller:
            pager = caller.paginate(listing)
            shown = [repr(caller.client), repr(pager), repr(listing), json.dumps(pager.checkpoint)]
            try:
                call(caller)
            except AccountsClientError as error:
                shown.append(traces(error))
    finally:
        for logger in loggers:
            logger.removeHandler(listener)
            logger.setLevel(logging.NOTSET)
    assert listener.lines
    return [*shown, *listener.lines]


@pytest.mark.parametrize("echo", ECHOES)
@settings(max_examples=40)
@given(
    TOKENS,
    st.sampled_from([200, 201, 400, 401, 404, 429, 500, 302]),
    st.sampled_from(sorted(CALLS)),
    st.sampled_from([SyncCaller, AsyncCaller]),
    st.booleans(),
)
def test_no_token_shows_in_errors_logs_pickles_or_checkpoints(
    echo: str, token: str, status: int, call: str, way: type[Caller], in_headers: bool
) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        sent = request.headers["authorization"].removeprefix("Bearer ")
        headers = {"x-echo": request.headers["authorization"], "x-quoted": quote(sent, safe="")} if in_headers else {}
        return httpx.Response(status, headers=headers, content=ECHOES[echo](sent))

    truto = way.truto(handler, token=token, integrated_account_id=TENANT)
    for text in everything_shown(truto, CALLS[call], list_people()):
        for reading in readings(text):
            assert token not in reading


@pytest.mark.parametrize("echo", ECHOES)
@settings(max_examples=20)
@given(
    TOKENS,
    st.sampled_from([200, 400, 401, 429, 500, 502, 504]),
    st.sampled_from(sorted(SITE_CALLS)),
    st.sampled_from([SyncCaller, AsyncCaller]),
)
def test_no_key_of_coperniq_shows_either(echo: str, key: str, status: int, call: str, way: type[Caller]) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        sent = request.headers["x-api-key"]
        return httpx.Response(status, headers={"x-echo": sent}, content=ECHOES[echo](sent))

    coperniq = way.coperniq(handler, api_key=key, budget=None)
    for text in everything_shown(coperniq, SITE_CALLS[call], list_sites()):
        for reading in readings(text):
            assert key not in reading


@pytest.mark.parametrize("token", ["e", "a", "[", "redacted", "[redacted]", "HTTP", "0", "\\"])
@pytest.mark.parametrize("status", [200, 500])
@BOTH_WAYS
def test_short_and_odd_tokens_do_no_harm(way: type[Caller], status: int, token: str) -> None:
    handler = Recorder(httpx.Response(status, content=f'{{"message": "{token}"'))
    with way.truto(handler, token=token, integrated_account_id=TENANT) as truto, pytest.raises(AccountsClientError):
        truto.send(get_person())


@BOTH_WAYS
def test_what_is_echoed_in_a_readable_answer_is_the_caller_s(way: type[Caller]) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=json.dumps({"id": request.headers["authorization"]}))

    with way.truto(handler) as truto:
        assert truto.send(get_person()).id.startswith("Bearer ")


@BOTH_WAYS
def test_log_lines_say_what_was_called_without_values(way: type[Caller], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    handler = Recorder(
        httpx.Response(500, content=b"hidden"),
        httpx.Response(200, content=b'{"id": "hidden", "age": "5", "score": "hidden"}'),
    )
    with way.truto(handler) as truto:
        truto.send(create_person({"name": "hidden"}, remote_query={"a": "hidden"}))
    lines = [record.getMessage() for record in caplog.records if record.name == "accounts_client"]
    assert [re.sub(r"\d\.\d+", "n", line) for line in lines] == [
        "POST /people 500 n s try 1",
        "people.create: try 1 failed (ServerError), next in n s",
        "POST /people 200 n s try 2",
        "people.create: 2 deviations: age (expected integer), score (expected number)",
    ]
    assert "hidden" not in caplog.text
    assert TENANT not in caplog.text


def test_the_line_of_httpx_shows_the_path_template(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with SyncCaller.truto(Recorder(httpx.Response(200, content=b'{"id": "7"}'))) as truto:
        truto.send(get_person("hidden", a="hidden"))
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("httpx")]
    assert lines == ['HTTP Request: GET /people/{id} "HTTP/1.1 200 "']


@pytest.fixture
def every_line() -> Iterator[list[str]]:
    """Return the lines of all loggers, at every level."""
    listener, root = Listener(), logging.getLogger()
    level = root.level
    root.addHandler(listener)
    root.setLevel(logging.DEBUG)
    yield listener.lines
    root.setLevel(level)
    root.removeHandler(listener)


# Answers that repeat the token where the HTTP stack, not the service, would log or quote it.
ECHOES_BELOW: Final[dict[str, bytes]] = {
    "a header": response({"id": "7"}, headers=[f"X-Echo: Bearer {TOKEN}"]),
    "a header of an error": response({}, "400 Bad", [f"X-Echo: Bearer {TOKEN}"]),
    "a cookie": response({"id": "7"}, headers=[f"Set-Cookie: token={TOKEN}"]),
    "no status line": f"Bearer {TOKEN}\r\n\r\n".encode(),
    "no header": f"HTTP/1.1 200 OK\r\nBearer {TOKEN}\r\n\r\n".encode(),
    "no chunk": f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{TOKEN}\r\n".encode(),
    "a reason": response({"id": "7"}, f"200 {TOKEN}"),
    "a redirect to nowhere": response(b"", "302 Found", [f"Location: http://[{TOKEN}"]),
}


@pytest.mark.parametrize("echo", ECHOES_BELOW)
@pytest.mark.parametrize("call", ["read", "stream"])
@BOTH_WAYS
def test_no_token_shows_in_the_lines_and_errors_of_the_http_stack(
    way: type[Caller], call: str, echo: str, every_line: list[str]
) -> None:
    shown: list[str] = []
    with FaultyServer(close(ECHOES_BELOW[echo])) as server, way.truto(base_url=server.url, max_retries=0) as truto:
        try:
            CALLS[call](truto)
        except AccountsClientError as error:
            # An error's own fields are redacted too, but for what the caller asked for: the headers of the answer.
            shown += traces(error)
    assert every_line
    for text in [*shown, *every_line]:
        assert TOKEN not in text


def test_no_header_shows_in_the_lines_of_http_2(every_line: list[str]) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        # The library that packs the headers of HTTP/2 logs each of them.
        for name in ("hpack.hpack", "hpack.table"):
            logging.getLogger(name).debug("Encoding %s", request.headers["authorization"])
        return httpx.Response(200, content=b'{"id": "7"}')

    with SyncCaller.truto(handler) as truto:
        truto.send(get_person())
    assert every_line
    assert TOKEN not in "".join(every_line)


@BOTH_WAYS
def test_what_the_program_sends_by_itself_shows_in_the_lines_of_the_http_stack(
    way: type[Caller], every_line: list[str]
) -> None:
    answers = FaultyServer(send(response({"id": "7"}, headers=["X-Echo: shown"])))
    with answers as server, way.truto(base_url=server.url) as truto:
        truto.send(get_person())
        assert "shown" not in "".join(every_line)
        with httpx.Client(trust_env=False) as http_client:
            http_client.get(f"{server.url}/?a=shown-too")
        logging.getLogger("hpack.hpack").debug("shown-as-well")
    for text in ("'shown'", "a=shown-too", "shown-as-well"):
        assert any(text in line for line in every_line)


def test_what_the_program_sends_by_itself_is_logged_as_ever(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with SyncCaller.truto(Recorder(httpx.Response(200, content=b'{"id": "7"}'))) as truto:
        truto.send(get_person())
    transport = httpx.MockTransport(lambda request: httpx.Response(200))
    with httpx.Client(transport=transport, trust_env=False) as http_client:
        http_client.get("https://service.test/?a=shown")
    assert "a=shown" in caplog.text


def test_a_request_holds_no_secret() -> None:
    request: Request[object] = get_person("7", remote_query={"a": "hidden"})
    assert "hidden" not in repr(request)
    assert "hidden" not in repr(create_person({"name": "hidden"}))
