"""encode_query: what goes out, what is refused, and that `qs` reads back what was put in."""

from __future__ import annotations

import json
import math
import re
import shutil
import subprocess
from array import array
from collections import OrderedDict, UserString, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal, localcontext
from enum import Enum, IntEnum, StrEnum
from fractions import Fraction
from pathlib import Path
from time import tzset
from types import MappingProxyType
from typing import Final, TypeAlias
from uuid import UUID

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from accounts_client_runtime.errors import QueryEncodingError
from accounts_client_runtime.query import encode_query
from accounts_client_runtime.types import QueryValue
from tests.overrides import qs_twin
from tests.overrides.qs_twin import Read

Reader: TypeAlias = Callable[[str], dict[str, Read]]

QS: Final = Path(__file__).parent / "qs"
NODE: Final = shutil.which("node")
NEEDS_QS: Final = pytest.mark.skipif(
    NODE is None or not (QS / "node_modules" / "qs").is_dir(),
    reason="needs node and the package of tests/overrides/qs: npm install --no-package-lock",
)
EXAMPLES: Final = settings(max_examples=300, deadline=None)


class Status(StrEnum):
    OPEN = "open"


class Color(Enum):
    RED = "dark red"


class Level(IntEnum):
    HIGH = 3


class Box(Enum):
    FULL = (1, 2)


class Price(float):
    """A number whose `repr` is not its digits, like those of numpy."""

    def __add__(self, other: float) -> Price:
        return Price(float(self) + other)

    def __repr__(self) -> str:
        return f"Price({float(self)})"


class Repeats(Mapping[str, str]):
    """A multidict: it yields the same key twice."""

    def __getitem__(self, key: str) -> str:
        return "x"

    def __iter__(self) -> Iterator[str]:
        return iter(("a", "a"))

    def __len__(self) -> int:
        return 2


# ``QueryValue`` scalars that are neither str, bool nor int, with the text a reader gets.
TEXTS: Final[Mapping[QueryValue, str]] = {
    0.5: "0.5",
    -12.25: "-12.25",
    1e16: "10000000000000000",
    Decimal("1.50"): "1.50",
    Decimal("-2E+3"): "-2000",
    date(2024, 5, 1): "2024-05-01",
    datetime(2024, 5, 1, 12, 30, tzinfo=UTC): "2024-05-01T12:30:00Z",
    UUID("62f44730-dd91-461e-bd6a-aedd9e0ad79d"): "62f44730-dd91-461e-bd6a-aedd9e0ad79d",
}


def wire(text: str) -> str:
    """Return what goes over the wire for a query string that is written with plain brackets."""
    return text.replace("[", "%5B").replace("]", "%5D")


SENT: Final[Sequence[tuple[Mapping[str, object], str]]] = [
    ({}, ""),
    ({"name": "foo", "limit": 10, "is_active": True}, "name=foo&limit=10&is_active=true"),
    ({"is_active": False}, "is_active=false"),
    ({"name": "Acme & Co + 100%"}, "name=Acme%20%26%20Co%20%2B%20100%25"),
    ({"a": "A-Za-z0-9-_.~"}, "a=A-Za-z0-9-_.~"),
    ({"a": "!*'();:@,/?#[]="}, "a=%21%2A%27%28%29%3B%3A%40%2C%2F%3F%23%5B%5D%3D"),
    ({"a": "é✓😀\x00\n"}, "a=%C3%A9%E2%9C%93%F0%9F%98%80%00%0A"),
    ({"a": ""}, "a="),
    ({"a b.c&d=é": 1}, "a%20b.c%26d%3D%C3%A9=1"),
    ({"foo": {"bar": "baz", "bar1": {"bar2": "baz2"}}}, wire("foo[bar]=baz&foo[bar1][bar2]=baz2")),
    ({"created_at": {"gt": "2024-01-01T00:00:00.000Z"}}, wire("created_at[gt]=2024-01-01T00%3A00%3A00.000Z")),
    ({"truto_exclude_fields": ["id", "name"]}, wire("truto_exclude_fields[]=id&truto_exclude_fields[]=name")),
    ({"a": ("x", "y")}, wire("a[]=x&a[]=y")),
    ({"a": ["x"]}, wire("a[]=x")),
    ({"a": [""]}, wire("a[]=")),
    ({"a": "id,name"}, "a=id%2Cname"),
    ({"foo": ["bar", {"bar1": "baz1"}]}, wire("foo[0]=bar&foo[1][bar1]=baz1")),
    ({"foo": [{"a": 1}, {"a": 2}]}, wire("foo[0][a]=1&foo[1][a]=2")),
    (
        {"foo": [{"a": 1, "b": 2}, {"a": 3, "b": 4}]},
        wire("foo[0][a]=1&foo[0][b]=2&foo[1][a]=3&foo[1][b]=4"),
    ),
    ({"foo": [["a", "b"], ["c"]]}, wire("foo[0][]=a&foo[0][]=b&foo[1][]=c")),
    (
        {"remote_query": {"foo": "bar", "filter": {"status": ["open", "closed"]}}},
        wire("remote_query[foo]=bar&remote_query[filter][status][]=open&remote_query[filter][status][]=closed"),
    ),
    ({"a": None, "b": [], "c": {}, "d": (), "e": "x"}, "e=x"),
    ({"a": {"b": None, "c": {"d": []}}}, ""),
    ({"a": {"b": None, "c": 1}}, wire("a[c]=1")),
    ({"a": list(range(20))}, "&".join(wire(f"a[]={number}") for number in range(20))),
    ({"a": [{"b": number} for number in range(20)]}, "&".join(wire(f"a[{n}][b]={n}") for n in range(20))),
    ({"r": {"a": {"b": {"c": {"d": {"e": "x"}}}}}}, wire("r[a][b][c][d][e]=x")),
    ({"r": {"a": {"b": {"c": {"d": ["x"]}}}}}, wire("r[a][b][c][d][]=x")),
    ({"r": {"a": {"b": {"c": {"d": {"e": {"f": {}, "g": [], "h": None}}}}}}}, ""),
    (MappingProxyType({"a": OrderedDict({"b": deque(["x"])})}), wire("a[b][]=x")),
    ({"a": range(2), "b": array("i", [7])}, wire("a[]=0&a[]=1&b[]=7")),
    ({"length": {"push": 1}, "utf8": "✓"}, wire("length[push]=1&utf8=%E2%9C%93")),
    ({"a": {"-1": 2, "1.0": 3, "٣": 4}}, wire("a[-1]=2&a[1.0]=3&a[%D9%A3]=4")),
]


@pytest.mark.parametrize(("options", "expected"), SENT)
def test_it_writes_brackets(options: Mapping[str, object], expected: str) -> None:
    assert encode_query(options) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *TEXTS.items(),
        (0, "0"),
        (-7, "-7"),
        (10**30, "1000000000000000000000000000000"),
        (1.0, "1"),
        (-0.0, "0"),
        (100.0, "100"),
        (0.1, "0.1"),
        (1e23, "100000000000000000000000"),
        (1e-7, "0.0000001"),
        (5e-324, f"0.{'0' * 323}5"),
        (10**324, f"1{'0' * 324}"),
        (Price(2.5), "2.5"),
        (Decimal(3), "3"),
        (Decimal("3.0"), "3.0"),
        (Decimal("3.00"), "3.00"),
        (Decimal("0.1234567890123456789012345678901234567890"), "0.1234567890123456789012345678901234567890"),
        (Decimal("1E-9"), "0.000000001"),
        (Status.OPEN, "open"),
        (Color.RED, "dark%20red"),
        (Level.HIGH, "3"),
        (datetime(2021, 1, 1, tzinfo=UTC), "2021-01-01T00%3A00%3A00Z"),
        (datetime(2021, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=2))), "2020-12-31T22%3A30%3A00Z"),
        (datetime(2021, 1, 1, 1, 2, 3, 4500, tzinfo=UTC), "2021-01-01T01%3A02%3A03.004500Z"),
        (datetime(12, 1, 1, tzinfo=UTC), "0012-01-01T00%3A00%3A00Z"),
    ],
)
def test_it_writes_scalars(value: object, expected: str) -> None:
    assert encode_query({"a": value}) == f"a={expected.replace(':', '%3A')}"


def test_numbers_do_not_depend_on_the_decimal_context() -> None:
    with localcontext() as context:
        context.prec = 3
        assert (
            encode_query({"a": 1234.5678, "b": Decimal("1234.5678"), "c": 12345}) == "a=1234.5678&b=1234.5678&c=12345"
        )


@pytest.fixture
def _in_new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "America/New_York")
    tzset()
    yield
    monkeypatch.undo()
    tzset()


@pytest.mark.usefixtures("_in_new_york")
def test_datetimes_do_not_depend_on_the_machine_s_time_zone() -> None:
    assert encode_query({"a": datetime(2024, 5, 1, 12, tzinfo=UTC)}) == "a=2024-05-01T12%3A00%3A00Z"


def test_it_leaves_the_options_alone() -> None:
    options = {"a": [{"b": None, "c": ("x",)}], "d": None}
    encode_query(options)
    assert options == {"a": [{"b": None, "c": ("x",)}], "d": None}


def cycle() -> dict[str, object]:
    value: dict[str, object] = {}
    value["again"] = [value]
    return value


def shared(levels: int) -> object:
    """Return a value that is small in memory, but gives 20 to the power of `levels` pairs."""
    return "x" if levels == 0 else [shared(levels - 1)] * 20


# What a reader would change, with the path and a piece of the reason: a careless writer shows below that it does.
LOST: Final[Sequence[tuple[Mapping[str, QueryValue], str, str]]] = [
    ({"r": {"a": {"b": {"c": {"d": {"e": {"f": "x"}}}}}}}, "r[a][b][c][d][e][f]", "at most 5 brackets"),
    ({"r": {"a": {"b": {"c": {"d": {"e": ["x"]}}}}}}, "r[a][b][c][d][e][0]", "at most 5 brackets"),
    ({"r": [[[[[["x"]]]]]]}, "r[0][0][0][0][0][0]", "at most 5 brackets"),
    ({"a": list(range(21))}, "a", "has 21 items"),
    ({"r": {"a": [{"b": number} for number in range(21)]}}, "r[a]", "has 21 items"),
    ({f"k{number}": "x" for number in range(1001)}, "k1000", "at most 1000"),
    ({"r": {f"k{number}": "x" for number in range(1001)}}, "r[k1000]", "at most 1000"),
    ({"": "x"}, "''", "empty key"),
    ({"r": {"": "x"}}, "r['']", "empty key"),
    ({"r": {"0": "x"}}, "r[0]", "key of digits"),
    ({"r": {"19": "x"}}, "r[19]", "key of digits"),
    ({"a[b]": "x"}, "a[b]", "bracket"),
    ({"r": {"[": "x"}}, "r[[]", "bracket"),
    ({"r": {"a]": "x"}}, "r[a]]", "bracket"),
    *(
        ({"r": {name: "x"}}, f"r[{name}]", "every JavaScript object")
        for name in [
            "__proto__",
            "__defineGetter__",
            "__defineSetter__",
            "__lookupGetter__",
            "__lookupSetter__",
            "constructor",
            "hasOwnProperty",
            "isPrototypeOf",
            "propertyIsEnumerable",
            "toLocaleString",
            "toString",
            "valueOf",
        ]
    ),
    ({"toString": "x"}, "toString", "every JavaScript object"),
]


REFUSED: Final[Sequence[tuple[Mapping[str, object], str, str]]] = [
    *LOST,
    ({"7": "x"}, "7", "key of digits"),
    ({"r": {"007": "x"}}, "r[007]", "key of digits"),
    ({"a]": "x"}, "a]", "bracket"),
    ({"remote_query": {"filter": [{"[name]": "x"}]}}, "remote_query[filter][0][[name]]", "bracket"),
    ({"toString": None}, "toString", "every JavaScript object"),
    ({"r": {"a": [None]}}, "r[a][0]", "None or empty"),
    ({"r": [["x"], []]}, "r[1]", "None or empty"),
    ({"r": [{"a": "x"}, {}]}, "r[1]", "None or empty"),
    ({"r": [{"a": None}, {"b": "x"}]}, "r[0]", "None or empty"),
    ({"r": [[{"a": None}]]}, "r[0][0]", "None or empty"),
    ({"at": datetime(2024, 1, 1)}, "at", "without time zone"),
    ({"at": [datetime(2024, 1, 1)]}, "at[0]", "without time zone"),
    ({"at": datetime.min.replace(tzinfo=timezone(timedelta(hours=14)))}, "at", "UTC cannot express"),
    ({"r": {"n": math.nan}}, "r[n]", "NaN"),
    ({"n": math.inf}, "n", "Infinity"),
    ({"n": [1, -math.inf]}, "n[1]", "-Infinity"),
    ({"n": Decimal("NaN")}, "n", "NaN"),
    ({"n": Decimal("sNaN")}, "n", "NaN"),
    ({"n": Decimal("-Infinity")}, "n", "-Infinity"),
    ({"n": 10**325}, "n", "324 digits"),
    ({"n": -(10**5000)}, "n", "324 digits"),
    ({"n": Decimal("1E-325")}, "n", "324 digits"),
    ({"n": Decimal("1E+999999999")}, "n", "324 digits"),
    ({"n": Decimal("0E-999999999")}, "n", "324 digits"),
    ({"a": "x\ud800"}, "a", "surrogate"),
    ({"a": "\ud83d\ude00"}, "a", "surrogate"),
    ({"r": {"k\udc00": "x"}}, r"r[k\udc00]", "surrogate"),
    ({"a": b"x"}, "a", "of type bytes"),
    ({"a": b""}, "a", "of type bytes"),
    ({"a": bytearray(b"x")}, "a", "of type bytearray"),
    ({"a": memoryview(b"x")}, "a", "of type memoryview"),
    ({"a": UserString("")}, "a", "of type UserString"),
    ({"a": {"x"}}, "a", "of type set"),
    ({"a": frozenset[str]()}, "a", "of type frozenset"),
    ({"a": ["x", {"x"}]}, "a[1]", "of type set"),
    ({"a": iter(["x"])}, "a", "of type list_iterator"),
    ({"a": {"b": "x"}.values()}, "a", "of type dict_values"),
    ({"a": {"b": object()}}, "a[b]", "of type object"),
    ({"a": Status}, "a", "of type EnumType"),
    ({"a": Box.FULL}, "a", "of type Box"),
    ({"a": Fraction(1, 2)}, "a", "of type Fraction"),
    ({"a": 1j}, "a", "of type complex"),
    ({"a": time(12)}, "a", "of type time"),
    ({"a": timedelta(1)}, "a", "of type timedelta"),
    ({"r": {1: "x"}}, "r[1]", "key of type int"),
    ({"r": {None: "x"}}, "r[None]", "key of type NoneType"),
    ({"r": {b"k": "x"}}, "r[b'k']", "key of type bytes"),
    ({"r": {Color.RED: "x"}}, "r[<Color.RED: 'dark red'>]", "key of type Color"),
    ({"r": Repeats()}, "r[a]", "given twice"),
    ({"r": cycle()}, "r[again][0][again][0][again][0]", "at most 5 brackets"),
    ({"r": shared(5)}, "r[0][0][2][10][0]", "at most 1000"),
]


@pytest.mark.parametrize(("options", "path", "reason"), REFUSED)
def test_it_refuses_what_would_be_lost_or_changed(options: Mapping[str, object], path: str, reason: str) -> None:
    with pytest.raises(QueryEncodingError) as caught:
        encode_query(options)
    assert caught.value.path == path
    assert reason in caught.value.reason
    assert str(caught.value) == f"{path}: {caught.value.reason}"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"r": [[[[[["x"]]]]]]},
            "r[0][0][0][0][0][0]: is nested too deep: at most 5 brackets after the first name are read",
        ),
        ({f"k{number}": 1 for number in range(1001)}, "k1000: is one pair too many: at most 1000 are read"),
        ({"a": [1] * 21}, "a: has 21 items; a list of more than 20 is read as an object"),
        ({"r": Repeats()}, "r[a]: is given twice, which would be read as a list"),
        ({"r": ["x", None]}, "r[1]: is None or empty, which a list cannot hold: later items would move up"),
        ({1: "x"}, "1: is a key of type int; keys are strings"),
        ({"": "x"}, "'': is an empty key, which is dropped or read as the mark of a list"),
        ({"r": {"0": "x"}}, "r[0]: is a key of digits, which can be read as the index of a list"),
        ({"a]": "x"}, "a]: is a key with a bracket, which can be read as a nested key"),
        ({"valueOf": "x"}, "valueOf: is a key that every JavaScript object has, which is dropped"),
        ({"a": b"x"}, "a: is of type bytes, which a query string cannot hold"),
        ({"n": math.nan}, "n: is NaN, which no query string can hold"),
        ({"n": 10**325}, "n: is a number of more than 324 digits before or after the point"),
        ({"at": datetime(2024, 1, 1)}, "at: is a datetime without time zone, which could mean any of them"),
        (
            {"at": datetime.min.replace(tzinfo=timezone(timedelta(hours=14)))},
            "at: is a datetime that UTC cannot express",
        ),
        ({"a": "\ud800"}, "a: holds a lone surrogate, which is no character"),
    ],
)
def test_a_refusal_says_where_and_why(options: Mapping[str, object], message: str) -> None:
    with pytest.raises(QueryEncodingError) as caught:
        encode_query(options)
    assert str(caught.value) == message


def test_a_refusal_does_not_tell_the_value() -> None:
    with pytest.raises(QueryEncodingError) as caught:
        encode_query({"a": [b"secret", "secret\ud800"]})
    assert "secret" not in str(caught.value)


@pytest.fixture(scope="module")
def qs() -> Iterator[Reader]:
    """Ask the npm package, in one process for all questions; it ends with its input."""
    assert NODE is not None
    with subprocess.Popen(
        [NODE, "read.mjs"], cwd=QS, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        question, answer = process.stdin, process.stdout
        assert question is not None
        assert answer is not None

        def read(query: str) -> dict[str, Read]:
            question.write(f"{query}\n")
            question.flush()
            parsed: dict[str, Read] = json.loads(answer.readline())
            return parsed

        yield read
    assert process.returncode == 0


@pytest.fixture(scope="module", params=[pytest.param("qs", marks=NEEDS_QS), "twin"])
def reader(request: pytest.FixtureRequest) -> Reader:
    if request.param == "twin":
        return qs_twin.parse
    package: Reader = request.getfixturevalue("qs")
    return package


def expected(value: QueryValue) -> Read | None:
    """Return what a reader should get: texts; `None` for nothing; `{}`, which no reader gives, for that in a list."""
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case str() | int():
            return str(value)
        case Mapping():
            members = {key: read for key, member in value.items() if (read := expected(member)) is not None}
            return members or None
        case list() | tuple():
            return [{} if (read := expected(item)) is None else read for item in value] or None
        case _:
            return TEXTS[value]


LOST_NAMES: Final = ["", "0", "1", "20", "[", "]", "[]", "a]", "a[b]", "a[0]", "__proto__", "toString", "constructor"]
ODD_NAMES: Final = [
    *("integrated_account_id", "remote_query", "length", "utf8", "prototype", "null", "undefined"),
    *("-1", "1.0", " 1", "٣", "0x1", "1e3", "NaN", "a.b", ".", "a,b", "a=b", "=", "+", "a b", "?", "#", ";", "✓"),
    *("%", "%5B", "%5B0%5D", "%5b%5d", "%2E", "%zz", "&", "&integrated_account_id=other", "]=", "][a", "a]=b", "01"),
]
SURROGATES: Final = st.text(st.characters(categories=["Cs", "Ll"]), min_size=1, max_size=5)
PRINTABLE_NAMES: Final = st.one_of(
    st.sampled_from(["a", "b", "c"]),
    st.sampled_from(LOST_NAMES),
    st.sampled_from(ODD_NAMES),
    st.text(min_size=1, max_size=5),
)
NAMES: Final = PRINTABLE_NAMES | SURROGATES
SENDABLE_NAMES: Final = PRINTABLE_NAMES.filter(
    lambda name: name not in qs_twin.PROTOTYPE and not re.fullmatch(r"[0-9]*|.*[\[\]].*", name, re.DOTALL)
)
SCALARS: Final[st.SearchStrategy[QueryValue]] = st.one_of(
    st.text(max_size=8),
    st.sampled_from(LOST_NAMES + ODD_NAMES),
    st.integers(),
    st.booleans(),
    st.sampled_from(list(TEXTS)),
)
NOTHING_OR_REFUSED: Final[Sequence[QueryValue]] = [None, (), {}, math.nan, math.inf, datetime(2024, 1, 1), b"x"]

STEPS: Final = st.lists(st.sampled_from(["a", "b", None]), max_size=7)


def nested(value: QueryValue, steps: Sequence[str | None]) -> QueryValue:
    """Return the value inside an object for each name and a list for each `None`."""
    for step in steps:
        value = [value] if step is None else {step: value}
    return value


def repeated(item: QueryValue, times: int) -> QueryValue:
    return [item] * times


def containers(
    items: st.SearchStrategy[QueryValue], names: st.SearchStrategy[str] = NAMES
) -> st.SearchStrategy[QueryValue]:
    long: st.SearchStrategy[QueryValue] = st.builds(repeated, items, st.integers(19, 22))
    deep: st.SearchStrategy[QueryValue] = st.builds(nested, items, STEPS)
    lists: st.SearchStrategy[QueryValue] = st.lists(items, max_size=4) | st.lists(items, max_size=4).map(tuple)
    return st.one_of(lists, st.dictionaries(names, items, max_size=4), long, deep)


def sendable(levels: int, names: st.SearchStrategy[str]) -> st.SearchStrategy[QueryValue]:
    """Return values with as many levels of containers, at most, that only a name can make unsendable."""
    if levels == 0:
        return SCALARS
    items = sendable(levels - 1, names)
    long: st.SearchStrategy[QueryValue] = st.lists(SCALARS, min_size=20, max_size=20)
    lists: st.SearchStrategy[QueryValue] = st.lists(items, min_size=1, max_size=3)
    return st.one_of(SCALARS, lists, st.dictionaries(names, items, min_size=1, max_size=3), long)


VALUES: Final[st.SearchStrategy[QueryValue]] = st.one_of(
    st.recursive(SCALARS | SURROGATES | st.sampled_from(NOTHING_OR_REFUSED), containers, max_leaves=12),
    st.builds(nested, SCALARS, STEPS),
    sendable(4, NAMES),
    sendable(3, SENDABLE_NAMES),
)


@EXAMPLES
@given(options=st.dictionaries(NAMES, VALUES, max_size=3))
def test_what_is_not_refused_is_read_back(reader: Reader, options: dict[str, QueryValue]) -> None:
    try:
        query = encode_query(options)
    except QueryEncodingError as error:
        str(error).encode()
        return
    assert re.fullmatch(r"[A-Za-z0-9\-_.~%&=]*", query)
    assert reader(query) == (expected(options) or {})


@EXAMPLES
@given(options=st.dictionaries(SENDABLE_NAMES, sendable(5, SENDABLE_NAMES), max_size=3))
def test_what_can_be_read_back_is_not_refused(reader: Reader, options: dict[str, QueryValue]) -> None:
    assert reader(encode_query(options)) == (expected(options) or {})


@EXAMPLES
@given(value=VALUES)
def test_remote_query_cannot_name_another_tenant(reader: Reader, value: QueryValue) -> None:
    try:
        query = encode_query({"remote_query": value, "integrated_account_id": "bound"})
    except QueryEncodingError:
        return
    assert [pair for pair in query.split("&") if pair.startswith("integrated_account_id")] == [
        "integrated_account_id=bound"
    ]
    read = reader(query)
    assert read.keys() <= {"remote_query", "integrated_account_id"}
    assert read["integrated_account_id"] == "bound"


@EXAMPLES
@given(value=st.floats(allow_nan=False, allow_infinity=False))
def test_floats_lose_nothing_and_have_no_exponent(value: float) -> None:
    text = encode_query({"a": value}).removeprefix("a=")
    assert re.fullmatch(r"-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?", text)
    assert float(text) == value


@EXAMPLES
@given(
    value=st.datetimes(
        datetime(2, 1, 1),
        datetime(9998, 1, 1),
        timezones=st.integers(-1439, 1439).map(lambda n: timezone(timedelta(minutes=n))),
    )
)
def test_datetimes_stay_the_same_moment(value: datetime) -> None:
    text = encode_query({"a": value}).removeprefix("a=").replace("%3A", ":")
    assert text.endswith("Z")
    assert datetime.fromisoformat(text) == value


def careless(name: str, value: QueryValue, *, indexed: bool | None = None) -> Iterator[str]:
    """Yield what a writer without refusals makes, with indices always, never, or (`None`) where `encode_query` does."""
    if isinstance(value, Mapping):
        for key, member in value.items():
            yield from careless(f"{name}%5B{escaped(key)}%5D" if name else escaped(key), member, indexed=indexed)
    elif isinstance(value, list | tuple):
        nests = any(isinstance(item, Mapping | list | tuple) for item in value)
        for index, item in enumerate(value):
            shown = index if (nests if indexed is None else indexed) else ""
            yield from careless(f"{name}%5B{shown}%5D", item, indexed=indexed)
    else:
        yield f"{name}={escaped(str(value))}"


def escaped(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


@pytest.mark.parametrize("options", [options for options, _, _ in LOST])
def test_the_reader_changes_what_is_refused(reader: Reader, options: Mapping[str, QueryValue]) -> None:
    assert reader("&".join(careless("", options))) != expected(options)


@pytest.mark.parametrize(
    "options",
    [
        {f"k{number}": "x" for number in range(1000)},
        {"r": {f"k{number}": "x" for number in range(1000)}},
        {"r": ["x"] * 20},
        {"r": [{"a": "x", "b": "y"}] * 20},
        {"r": [["x", "y"]] * 20},
        {"r": [[[["x", ""]] * 20]] * 20},
        {"r": {"a": {"b": {"c": {"d": {"e": "x"}}}}}},
        {"r": {"a": {"b": {"c": {"d": ["x", "y"]}}}}},
        {"r": [[[[["x"], ["y"]], [["z"]]]]]},
    ],
)
def test_the_reader_keeps_what_is_within_the_limits(reader: Reader, options: Mapping[str, QueryValue]) -> None:
    assert reader(encode_query(options)) == expected(options)


@NEEDS_QS
@EXAMPLES
@given(
    options=st.dictionaries(
        PRINTABLE_NAMES,
        st.recursive(st.sampled_from(["", "x"]), lambda items: containers(items, PRINTABLE_NAMES), max_leaves=12),
        max_size=4,
    ),
    indexed=st.sampled_from([True, False, None]),
)
def test_the_twin_reads_what_qs_reads(qs: Reader, options: dict[str, QueryValue], indexed: bool | None) -> None:
    query = "&".join(careless("", options, indexed=indexed))
    try:
        read = qs_twin.parse(query)
    except NotImplementedError:
        assume(False)
        return
    assert qs(query) == read


@NEEDS_QS
@pytest.mark.parametrize(
    "query",
    [
        *(
            "a",
            "a=",
            "=a",
            "&",
            "a&b=&=c",
            "a=b=c",
            "a+b=c+d",
            "a=%zz&%ff=x",
            "a;b=c",
            "a=1,2",
            "[a]=x",
            "[]=x",
            "[0]=x",
        ),
        *("a[b", "a[b]c=x", "a]=x", "a[]]=x", "a[b]]=x", "a[2]=x&a[5]=y", "a[20]=x", "a[1]=x&a[0]=y", "a[0]=x&a[b]=y"),
        *("foo[]=bar&foo[][bar1]=baz1", "foo[][a]=1&foo[][b]=2&foo[][a]=3&foo[][b]=4", "foo[][]=a&foo[][]=b&foo[][]=c"),
        *(
            "a%5Bb%5d=x",
            "a%255Bb%255D=x",
            "a[%5Bb]=x",
            "x=y%5d=z",
            "%5b%zz=x",
            "utf8=%E2%9C%93&a=%C3%B8",
            "a=x&a=y",
            "a[a]=x&a[a]=y",
        ),
        *("&".join(f"a[{n}]=x" for n in range(length)) for length in (20, 21)),
        *("&".join(["a[]=x"] * length) for length in (20, 21, 22)),
        "&".join([*(f"a[{n}]=x" for n in range(20)), "a[]=x"]),
        *("&".join(f"k{n}=x" for n in range(length)) for length in (1000, 1001)),
    ],
)
def test_the_twin_reads_known_queries_like_qs(qs: Reader, query: str) -> None:
    assert qs_twin.parse(query) == qs(query)
