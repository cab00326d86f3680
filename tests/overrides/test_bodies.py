"""encode_body: what goes out, under which names, and what is refused because JSON cannot say it."""

from __future__ import annotations

import copy
import json
import math
from collections import OrderedDict, UserDict, deque
from collections.abc import ItemsView, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from types import MappingProxyType
from typing import Final
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts_client_runtime import InvalidRequestError, Names
from accounts_client_runtime.bodies import encode_body


class Status(StrEnum):
    OPEN = "open"


class Level(IntEnum):
    HIGH = 3


class Color(Enum):
    RED = "dark red"
    NONE = None


class Priority(int, Enum):
    """Has members that are numbers, with labels for values."""

    HIGH = 1, "high"

    def __new__(cls, number: int, label: str) -> Priority:
        member = int.__new__(cls, number)
        member._value_ = label
        return member

    def __repr__(self) -> str:
        return f"Priority.{self.name}"


@dataclass
class Point:
    x: int = 1


class Text(str):
    """As libraries for markup have."""


class Count(int):
    """As libraries for units have."""


class Price(float):
    """As libraries for numbers have."""


KEY: Final = UUID("62f44730-dd91-461e-bd6a-aedd9e0ad79d")
INDIA: Final = timezone(timedelta(hours=5, minutes=30))


VALUES: Final[tuple[tuple[object, str], ...]] = (
    (None, "null"),
    (True, "true"),
    (0, "0"),
    (10**30, str(10**30)),
    (1.5, "1.5"),
    (-0.0, "-0.0"),
    ("", '""'),
    ('é"\n', '"é\\"\\n"'),
    (list[int](), "[]"),
    (dict[str, int](), "{}"),
    ((1, (2,)), "[1,[2]]"),
    (range(2), "[0,1]"),
    (deque([1]), "[1]"),
    (OrderedDict([("b", 1), ("a", 2)]), '{"b":1,"a":2}'),
    (MappingProxyType({"a": None}), '{"a":null}'),
    (UserDict({"a": [1]}), '{"a":[1]}'),
    ([[[[[[{"a": 1}]]]]]], '[[[[[[{"a":1}]]]]]]'),
    (datetime(2024, 5, 1, 10, tzinfo=UTC), '"2024-05-01T10:00:00Z"'),
    (datetime(2024, 5, 1, 10, 0, 0, 5, tzinfo=INDIA), '"2024-05-01T04:30:00.000005Z"'),
    (date(2024, 5, 1), '"2024-05-01"'),
    (KEY, f'"{KEY}"'),
    (Status.OPEN, '"open"'),
    (Level.HIGH, "3"),
    (Priority.HIGH, "1"),
    (Color.RED, '"dark red"'),
    (Color.NONE, "null"),
    (Text("x"), '"x"'),
    (Count(3), "3"),
    (Price(1.5), "1.5"),
)


@pytest.mark.parametrize(("value", "sent"), VALUES, ids=repr)
def test_each_kind_of_value(value: object, sent: str) -> None:
    assert encode_body({"a": value}).decode() == f'{{"a":{sent}}}'
    assert encode_body({"a": [{"b": value}]}).decode() == f'{{"a":[{{"b":{sent}}}]}}'


def test_keys_go_out_under_their_wire_names_at_each_level() -> None:
    names = Names(
        {"account_type": "accountType"},
        {"contacts": Names({"first_name": "firstName"}, {"home": Names({"zip_code": "zipCode"})})},
    )
    body = {
        "account_type": "x",
        "contacts": [{"first_name": "Ann", "home": {"zip_code": "1"}, "account_type": 1}, 7],
        "custom": {"account_type": 1, "first_name": 2},
        Text("title"): "t",
        Status.OPEN: "o",
    }
    before = copy.deepcopy(body)
    assert json.loads(encode_body(body, names)) == {
        "accountType": "x",
        "contacts": [{"firstName": "Ann", "home": {"zipCode": "1"}, "account_type": 1}, 7],
        "custom": {"account_type": 1, "first_name": 2},
        "title": "t",
        "open": "o",
    }
    assert body == before


class Endless(dict[str, object]):
    """Holds itself."""

    def __init__(self) -> None:
        super().__init__()
        self["again"] = self


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (math.nan, "nan, which JSON cannot express"),
        (math.inf, "inf, which JSON cannot express"),
        (Price("-inf"), "-inf, which JSON cannot express"),
        (datetime(2024, 5, 1), "date-time without time zone"),
        (datetime.min.replace(tzinfo=INDIA), "date-time that UTC cannot express"),
        (Decimal("NaN"), "NaN"),
        (Decimal("1e400"), "more than 324 digits"),
        (b"x", "of type bytes"),
        ({"x"}, "of type set"),
        (frozenset[str](), "of type frozenset"),
        (..., "of type ellipsis"),
        (Point(), "of type Point"),
        (time(10), "of type time"),
        (timedelta(1), "of type timedelta"),
        ({1: "x"}, "the key 1, expected text"),
        ({1.5: "x"}, "the key 1.5, expected text"),
        ({None: "x"}, "the key None, expected text"),
        ("a\ud800", "lone surrogate"),
        ({"a\ud800": 1}, "lone surrogate"),
    ],
    ids=repr,
)
def test_what_json_cannot_say_is_refused_with_its_place(value: object, reason: str) -> None:
    with pytest.raises(InvalidRequestError, match=reason) as caught:
        encode_body({"a": [0, {"b": value}]})
    assert str(caught.value).startswith("body.a[1].b")
    assert str(caught.value).isprintable()


def test_numbers_that_python_does_not_write_are_refused() -> None:
    with pytest.raises(InvalidRequestError, match=r"^body\.a\[0\] has more digits than Python writes"):
        encode_body({"a": [10**5000]})


def test_endless_bodies_are_refused() -> None:
    with pytest.raises(InvalidRequestError, match="nested too deeply"):
        encode_body(Endless())


def test_two_keys_for_one_name_are_refused() -> None:
    names = Names({"account_type": "accountType"})
    with pytest.raises(InvalidRequestError, match=r"^body\.accountType is given twice"):
        encode_body({"account_type": 1, "accountType": 2}, names)
    with pytest.raises(InvalidRequestError, match=r"^body\.contacts\[1\]\.accountType is given twice"):
        encode_body({"contacts": [{}, {"account_type": 1, "accountType": 2}]}, Names(nested={"contacts": names}))


class Repeating(UserDict[str, int]):
    """Gives a key more than once, as the mappings of some web frameworks do."""

    def items(self) -> ItemsView[str, int]:
        return Pairs(self)


class Pairs(ItemsView[str, int]):
    def __iter__(self) -> Iterator[tuple[str, int]]:
        return iter([("b", 1), ("b", 2)])


def test_a_key_given_twice_by_a_mapping_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match=r"^body\.a\.b is given twice"):
        encode_body({"a": Repeating()})


PLAIN: Final[st.SearchStrategy[object]] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
KEYS: Final = st.sampled_from(["a", "b", "c", "A", Text("a"), Status.OPEN, "\ud800", 1]) | st.text(max_size=2)
ODD: Final[st.SearchStrategy[object]] = st.recursive(
    st.floats()
    | st.text()
    | st.integers()
    | st.binary()
    | st.datetimes(timezones=st.none() | st.just(INDIA))
    | st.decimals()
    | st.sampled_from([None, True, "\ud800", 10**30, KEY, Color.RED, Priority.HIGH, Status.OPEN, Count(2), Price(2)]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=2).map(tuple)
        | st.sets(st.integers(), max_size=2)
        | st.dictionaries(KEYS, inner, max_size=4)
        | st.dictionaries(KEYS, inner, max_size=4).map(lambda values: OrderedDict(values.items()))
        | st.dictionaries(KEYS, inner, max_size=4).map(MappingProxyType)
    ),
    max_leaves=10,
)
NAMES: Final = st.sampled_from(
    [None, Names({"a": "A", "c": "C"}, {"a": Names({"b": "a"}), "b": Names({"c": "b"}, {"b": Names({"a": "A"})})})]
)


@given(st.dictionaries(st.text(), PLAIN, max_size=4))
def test_json_arrives_as_it_was(body: dict[str, object]) -> None:
    assert json.loads(encode_body(body)) == body


@given(st.dictionaries(st.text(), ODD, max_size=4))
def test_anything_else_is_sent_or_refused_with_an_error_of_ours(body: dict[str, object]) -> None:
    try:
        sent = encode_body(body)
    except InvalidRequestError:
        return
    assert isinstance(json.loads(sent), dict)


class Unequal(dict[str, object]):
    """A body that is never taken for one of plain types, whatever it holds."""

    __hash__ = None

    def __eq__(self, other: object) -> bool:
        return False


def _outcome(body: Mapping[str, object], names: Names | None) -> bytes | str:
    try:
        return encode_body(body, names)
    except InvalidRequestError as error:
        return str(error)


@given(st.dictionaries(KEYS.filter(lambda key: isinstance(key, str)), PLAIN | ODD, max_size=4), NAMES)
def test_both_ways_write_the_same_bytes_or_say_the_same(body: dict[str, object], names: Names | None) -> None:
    before = repr(body)
    assert _outcome(body, names) == _outcome(Unequal(body), names)
    assert repr(body) == before
