"""The other forms of Truto's answers: raw, normalized, debug and stream, each with its honest type."""

from __future__ import annotations

import copy
import logging
import pickle
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import Final

import httpx
import pytest

from accounts_client_runtime import (
    JSON,
    AccountsClientError,
    ConnectError,
    Debug,
    DecodeError,
    InvalidRequestError,
    NotFoundError,
    Page,
    Request,
    RequestTimeoutError,
    ServerError,
)
from tests.overrides.callers import BOTH_WAYS, TENANT, TOKEN, Caller, Recorder, answer
from tests.overrides.models import (
    Person,
    create_person,
    delete_person,
    get_person,
    list_people,
    merge_people,
    update_person,
)

FORMATS: Final = ["raw", "normalized"]


def send_as(caller: Caller, answer_format: str, request: Request[object]) -> JSON:
    """Send for the untyped answer of a format."""
    return caller.raw(request) if answer_format == "raw" else caller.normalized(request)


@pytest.mark.parametrize("answer_format", FORMATS)
@BOTH_WAYS
def test_untyped_formats_are_asked_for_by_name(way: type[Caller], answer_format: str) -> None:
    handler = Recorder(answer({"Id": 7}))
    with way.truto(handler) as truto:
        assert send_as(truto, answer_format, get_person(remote_query={"a": 1})) == {"Id": 7}
        truto.send(delete_person())
    (request, typed) = handler.requests
    assert request.url.params["truto_response_format"] == answer_format
    assert request.url.params["integrated_account_id"] == TENANT
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert "truto_response_format" not in typed.url.params


@pytest.mark.parametrize("answer_format", FORMATS)
@pytest.mark.parametrize(
    ("body", "value"), [(b"", None), (b" ", None), (b"[1, null]", [1, None]), (b'"x"', "x"), (b"NaN1", "error")]
)
@BOTH_WAYS
def test_untyped_answers_are_any_json_or_nothing(
    way: type[Caller], answer_format: str, body: bytes, value: JSON
) -> None:
    with way.truto(Recorder(httpx.Response(200, content=body))) as truto:
        if value == "error":
            with pytest.raises(DecodeError, match="not JSON") as caught:
                send_as(truto, answer_format, get_person())
            assert caught.value.request == get_person()
        else:
            assert send_as(truto, answer_format, get_person()) == value


@pytest.mark.parametrize("answer_format", FORMATS)
@BOTH_WAYS
def test_untyped_calls_retry_fail_and_carry_keys_like_typed_ones(way: type[Caller], answer_format: str) -> None:
    handler = Recorder(answer({}, 502), answer({"ok": True}), answer({"message": "Gone"}, 404))
    with way.truto(handler) as truto:
        view = truto.view(idempotency_key="mine", extra_body={"a": 1})
        assert send_as(view, answer_format, create_person({})) == {"ok": True}
        with pytest.raises(InvalidRequestError, match="already served"):
            send_as(view, answer_format, create_person())
        with pytest.raises(NotFoundError) as caught:
            send_as(truto, answer_format, get_person())
    assert handler.keys == ["mine", "mine", None]
    assert handler.requests[0].content == b'{"a":1}'
    assert caught.value.request == get_person()


FETCH: Final[dict[str, JSON]] = {
    "requestUrl": "https://provider.test/people?key=hidden",
    "requestOptions": {"headers": {"Authorization": "Bearer hidden"}},
    "data": {"Id": 7, "note": "hidden"},
    "responseHeaders": {"set-cookie": "hidden"},
    "nextCursor": "hidden",
    "isLooping": False,
    "isEmptyResult": None,
    "resultCount": 1,
    "somethingNew": 1,
}


@BOTH_WAYS
def test_a_debug_answer_is_the_value_with_the_fetch_behind_it(
    way: type[Caller], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    handler = Recorder(answer({"result": {"id": "7", "name": "Ann"}, "debug": FETCH}))
    with way.truto(handler) as truto:
        debug = truto.debug(get_person())
    assert debug == Debug(
        value=Person(id="7", name="Ann"),
        request_url=FETCH["requestUrl"],
        request_options=FETCH["requestOptions"],
        data=FETCH["data"],
        response_headers=FETCH["responseHeaders"],
        next_cursor="hidden",
        is_looping=False,
        result_count=1,
    )
    assert "hidden" not in repr(debug)
    assert "GET /people/{id} 200" in caplog.text
    assert "hidden" not in caplog.text
    assert pickle.loads(pickle.dumps(debug)) == copy.deepcopy(debug) == debug
    assert handler.requests[0].url.params["truto_response_format"] == "debug"


@pytest.mark.parametrize("debug", [None, [], "x"])
@BOTH_WAYS
def test_the_fetch_may_be_missing(way: type[Caller], debug: JSON) -> None:
    with way.truto(Recorder(answer({"result": {"id": "7"}, "debug": debug}), answer({"result": {"id": "7"}}))) as truto:
        assert truto.debug(get_person()) == truto.debug(get_person()) == Debug(value=Person(id="7"))


@pytest.mark.parametrize(
    "result", [[{"id": "1"}], {"result": [{"id": "1"}]}, {"result": {"a": {"id": "1"}}}, {"results": [{"id": "1"}]}]
)
@BOTH_WAYS
def test_a_debug_listing_may_be_the_array_or_the_envelope(way: type[Caller], result: JSON) -> None:
    with way.truto(Recorder(answer({"result": result, "debug": FETCH}))) as truto:
        page: Page[Person] = truto.debug(list_people()).value
    assert page.items == [Person(id="1")]


@BOTH_WAYS
def test_debug_works_for_each_kind_of_result(way: type[Caller]) -> None:
    with way.truto(Recorder(answer({"result": {"result": {"id": "8"}}}))) as truto:
        assert truto.debug(merge_people()).value == Person(id="8")
        assert truto.debug(delete_person()).value is None
    with way.truto(Recorder(answer({"result": {}}))) as truto:
        assert truto.debug(update_person("7")).value == Person(id="7")


@BOTH_WAYS
def test_odd_values_survive_the_debug_envelope(way: type[Caller]) -> None:
    body = b'{"result": {"id": "\\ud800", "age": 1000000000000000000000000000000, "custom": [NaN, 1.0, 1e999]}}'
    with way.truto(Recorder(httpx.Response(200, content=body))) as truto:
        person = truto.debug(get_person()).value
    assert (person.id, person.age) == ("\ud800", 10**30)
    assert repr(person.custom) == "[nan, 1.0, inf]"


@pytest.mark.parametrize(
    ("content", "path"),
    [
        (b"", ""),
        (b"<html>", ""),
        (b"[]", ""),
        (b"{}", ""),
        (b'{"debug": {}}', ""),
        (b'{"result": null}', ""),
        (b'{"result": {"name": "Ann"}}', "id"),
        (b'{"result": ' + b'{"id": "7", "custom": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}", ""),
    ],
)
@BOTH_WAYS
def test_an_odd_debug_answer_is_a_decode_error_with_its_request(way: type[Caller], content: bytes, path: str) -> None:
    with way.truto(Recorder(httpx.Response(200, content=content))) as truto, pytest.raises(DecodeError) as caught:
        truto.debug(get_person())
    assert caught.value.path == path
    assert caught.value.request == get_person()


@BOTH_WAYS
def test_deep_debug_answers_are_read_or_decode_errors(way: type[Caller]) -> None:
    depths = range(850, 1_000)
    bodies = (b'{"result": {"id": "7", "custom": ' + b"[" * depth + b"]" * depth + b"}}" for depth in depths)
    with way.truto(Recorder(*(httpx.Response(200, content=body) for body in bodies))) as truto:
        for _ in depths:
            with suppress(DecodeError):
                assert truto.debug(get_person()).value.id == "7"
    # A listing that is an array is put into an envelope, which is one level more to write than was read.
    bodies = (b'{"result": ' + b"[" * depth + b"]" * depth + b"}" for depth in depths)
    with way.truto(Recorder(*(httpx.Response(200, content=body) for body in bodies))) as truto:
        for _ in depths:
            with suppress(DecodeError):
                assert len(truto.debug(list_people()).value.rejected) == 1


@BOTH_WAYS
def test_strict_counts_for_debug_answers_too(way: type[Caller]) -> None:
    with way.truto(Recorder(answer({"result": {"id": 7}}))) as truto:
        assert truto.debug(get_person()).value.id == "7"
        with pytest.raises(DecodeError):
            truto.view(strict=True).debug(get_person())


class Chunks(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body in pieces that knows how many were taken and whether it was closed; an exception breaks it."""

    def __init__(self, *pieces: bytes | Exception) -> None:
        self._pieces = pieces
        self.taken = 0
        self.is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            if isinstance(piece, Exception):
                raise piece
            self.taken += 1
            yield piece

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece

    def close(self) -> None:
        self.is_closed = True

    async def aclose(self) -> None:
        self.is_closed = True


@BOTH_WAYS
def test_a_stream_hands_out_the_body_and_is_closed_behind_it(way: type[Caller]) -> None:
    chunks = Chunks(b"one ", b"\xff\0", b"three")
    handler = Recorder(lambda request: httpx.Response(200, stream=chunks))
    with way.truto(handler) as truto:
        assert truto.stream(get_person()) == b"one \xff\0three"
    assert chunks.is_closed
    assert handler.requests[0].url.params["truto_response_format"] == "stream"


@BOTH_WAYS
def test_a_stream_that_is_left_early_is_closed_and_read_no_further(way: type[Caller]) -> None:
    chunks = Chunks(b"one", b"two", b"three")
    with way.truto(Recorder(lambda request: httpx.Response(200, stream=chunks))) as truto:
        assert truto.stream(get_person(), pieces=1) == b"one"
    assert (chunks.taken, chunks.is_closed) == (1, True)


@pytest.mark.parametrize(
    ("failure", "error_type"),
    [(httpx.ReadError("broke"), ConnectError), (httpx.ReadTimeout("slow"), RequestTimeoutError)],
)
@BOTH_WAYS
def test_a_stream_that_breaks_raises_and_is_closed(
    way: type[Caller], failure: Exception, error_type: type[AccountsClientError]
) -> None:
    chunks = Chunks(b"one", failure)
    handler = Recorder(lambda request: httpx.Response(200, stream=chunks))
    with way.truto(handler) as truto, pytest.raises(error_type) as caught:
        truto.stream(get_person())
    assert caught.value.request == get_person()
    assert (chunks.taken, chunks.is_closed) == (1, True)


@BOTH_WAYS
def test_a_stream_is_tried_again_until_it_begins(way: type[Caller]) -> None:
    failed, chunks = Chunks(b"{}"), Chunks(b"one")
    handler = Recorder(
        lambda request: httpx.Response(502, stream=failed),
        lambda request: httpx.Response(500, stream=Chunks(httpx.ReadError("broke"))),
        lambda request: httpx.Response(200, stream=chunks),
    )
    with way.truto(handler) as truto:
        assert truto.stream(create_person()) == b"one"
    assert failed.is_closed
    assert len(set(handler.keys)) == 1
    assert len(handler.requests) == 3


@BOTH_WAYS
def test_a_failing_stream_gives_a_typed_error(way: type[Caller]) -> None:
    chunks = Chunks(b'{"message": ', b'"Oh"}')
    handler = Recorder(lambda request: httpx.Response(503, stream=chunks))
    with way.truto(handler) as truto, pytest.raises(ServerError, match="Oh") as caught:
        truto.stream(get_person())
    assert caught.value.body == {"message": "Oh"}
    assert caught.value.request == get_person()
    assert chunks.is_closed
