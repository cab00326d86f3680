"""encode_path: each value becomes exactly one segment, and arrives as it was."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from accounts_client_runtime import InvalidRequestError, Operation, Request
from accounts_client_runtime.paths import encode_path
from accounts_client_runtime.results import Nothing
from tests.overrides.callers import BOTH_WAYS, Caller, Recorder, answer


@pytest.mark.parametrize(
    ("value", "segment"),
    [
        ("23423523", "23423523"),
        (42, "42"),
        (-1, "-1"),
        ("a/b", "a%2Fb"),
        ("a/../b", "a%2F..%2Fb"),
        ("../x", "..%2Fx"),
        ("...", "..."),
        ("a b+c", "a%20b%2Bc"),
        ("a?b#c&d=e;f", "a%3Fb%23c%26d%3De%3Bf"),
        ("a:b@c", "a%3Ab%40c"),
        ("%2e%2e", "%252e%252e"),
        ("é\U0001f600", "%C3%A9%F0%9F%98%80"),
        ("{id}", "%7Bid%7D"),
        ("{other}", "%7Bother%7D"),
        (" ", "%20"),
        ("\0\n", "%00%0A"),
    ],
)
def test_a_value_becomes_one_segment(value: str | int, segment: str) -> None:
    assert encode_path("/people/{id}/of/{other}", {"id": value, "other": "x"}) == f"/people/{segment}/of/x"
    assert encode_path("/people/{id}/of/{other}", {"other": value, "id": "x"}) == f"/people/x/of/{segment}"


def test_a_path_without_values_is_left_alone() -> None:
    assert encode_path("/people", {}) == "/people"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("", "is empty"),
        (".", "would address another path"),
        ("..", "would address another path"),
        ("a\ud800", "lone surrogate"),
        (True, "expected an id"),
    ],
)
def test_values_that_cannot_be_a_segment_are_refused(value: str | int, reason: str) -> None:
    with pytest.raises(InvalidRequestError, match=f"'id'.*{reason}"):
        encode_path("/people/{id}", {"id": value})


@pytest.mark.parametrize("value", ["search", "42", "", "1/../2"])
def test_a_text_for_a_number_is_refused(value: str) -> None:
    with pytest.raises(InvalidRequestError, match=r"'id' is '.*', expected an integer"):
        encode_path("/sites/{id}", {"id": value}, ("id",))
    assert encode_path("/sites/{id}", {"id": 42}, ("id",)) == "/sites/42"


@BOTH_WAYS
def test_a_value_that_is_missing_is_refused_before_anything_is_sent(way: type[Caller]) -> None:
    handler = Recorder(answer({}))
    request = Request(Operation("people.delete", "DELETE", "/people/{id}", Nothing()), path={"ID": "7"})
    with way.truto(handler) as truto, pytest.raises(InvalidRequestError, match="'id' is missing"):
        truto.send(request)
    assert handler.requests == []


SEGMENTS: Final = st.text(min_size=1).filter(lambda text: text not in (".", ".."))


@given(SEGMENTS)
@example("%2F")
@example("..%2f..")
@example("a/.././b")
def test_any_id_reaches_the_service_as_it_was(person_id: str) -> None:
    request = httpx.Request("GET", f"http://service.test/v1{encode_path('/people/{id}', {'id': person_id})}")
    start, _, segment = request.url.raw_path.decode("ascii").rpartition("/")
    assert (start, unquote(segment, errors="strict")) == ("/v1/people", person_id)
