"""The library's own values: they stay as they are, are equal by what they hold, travel, and do not say too much."""

from __future__ import annotations

import copy
import pickle
from typing import Final

import pytest

from accounts_client_runtime import (
    BudgetPolicy,
    ConfigurationError,
    CursorPage,
    Debug,
    Deviation,
    Headers,
    Limit,
    NumberPage,
    Operation,
    Page,
    Rejected,
    Reply,
    Request,
    Response,
    Succeeded,
)
from accounts_client_runtime.types import Value

from .models import Person

LISTING: Final = Operation("people.list", "GET", "/people", NumberPage(Person), docs="https://hidden.example")
REQUEST: Final = Request(LISTING, path={"id": 1}, query={"q": "hidden"}, body={"name": "hidden"})
DEVIATION: Final = Deviation("result[0].age", "int", "hidden")

SHOWN: Final[tuple[tuple[Value, str], ...]] = (
    (LISTING, "Operation(name='people.list', method='GET', path='/people')"),
    (REQUEST, f"Request(operation={LISTING!r}, path={{'id': 1}})"),
    (Reply(200, Headers({"a": "hidden"}), b"hidden"), "Reply(status=200)"),
    (DEVIATION, "Deviation(path='result[0].age', expected='int')"),
    (Rejected(0, "result[0]", "object", "hidden"), "Rejected(index=0, path='result[0]', error='object')"),
    (Response(1, 200, Headers({"a": "hidden"})), "Response(value=1, status=200, deviations=())"),
    (
        Debug(value=1, request_url="hidden", data="hidden"),
        "Debug(value=1, is_looping=None, is_empty_result=None, result_count=None)",
    ),
    (Succeeded("account", 1), "Succeeded(account='account', value=1)"),
    (Limit(5, 1.0), "Limit(requests=5, seconds=1.0, can_wait=True)"),
)


@pytest.mark.parametrize(("value", "shown"), SHOWN, ids=lambda value: type(value).__name__)
def test_a_value_shows_what_says_enough_and_not_too_much(value: Value, shown: str) -> None:
    assert repr(value) == shown


@pytest.mark.parametrize("value", [value for value, _ in SHOWN], ids=lambda value: type(value).__name__)
def test_a_value_travels_and_is_equal_where_it_arrives(value: Value) -> None:
    for arrived in (pickle.loads(pickle.dumps(value)), copy.copy(value), copy.deepcopy(value)):
        assert arrived == value
        assert repr(arrived) == repr(value)


def test_a_value_stays_as_it_is() -> None:
    name = "path"
    with pytest.raises(AttributeError):
        setattr(DEVIATION, name, "elsewhere")
    assert DEVIATION.path == "result[0].age"


def test_values_are_equal_by_their_class_and_fields() -> None:
    assert CursorPage(Person) == CursorPage(Person) != CursorPage(Person, cursor="after")
    pages: tuple[Value, Value] = CursorPage(Person), NumberPage(Person)
    assert pages[0] != pages[1]


def test_pages_are_equal_by_their_records_in_whatever_bytes_they_came() -> None:
    operation = Operation("people.list", "GET", "/people", NumberPage(Person, default_size=1))
    request: Request[Page[Person]] = Request(operation)
    bodies = (b'[{"id": "1"}]', b'[{"id":"1"}]', b'[{"id": "2"}]')
    page, same, other = (operation.result.read(request, Reply(200, Headers(), body), tenant="")[0] for body in bodies)
    assert page.fingerprint != same.fingerprint
    assert page == same != other


@pytest.mark.parametrize(
    ("requests", "seconds", "said"),
    [
        (0, 1.0, "requests is 0, expected 1 or more"),
        (1, 0.0, r"seconds is 0\.0, expected more than 0"),
        (1, float("nan"), "seconds is nan, expected more than 0"),
    ],
)
def test_limits_that_cannot_be_are_refused(requests: int, seconds: float, said: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{said}$"):
        Limit(requests, seconds)


@pytest.mark.parametrize("share", [0.0, -1.0, 1.1, float("nan")])
def test_impossible_shares_are_refused(share: float) -> None:
    with pytest.raises(ConfigurationError, match=rf"^share is {share}, expected more than 0 and at most 1$"):
        BudgetPolicy(share=share)
