"""Decoding under Hypothesis: whatever an answer holds is read honestly, alike both ways, and without loss."""

from __future__ import annotations

import copy
import json
import math
import pickle
import types
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final, Literal, TypeAlias, TypeGuard, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts_client_runtime import (
    CursorPage,
    DecodeError,
    Deviation,
    NumberPage,
    One,
    Page,
    Result,
    decode,
    to_json,
)
from tests.overrides.models import Card, Person, Site, new_whole
from tests.overrides.reading import BOM, read, told

Path: TypeAlias = tuple[str | int, ...]
Change: TypeAlias = Callable[[object], object]

REMOVED: Final = object()

SURROGATES: Final = st.sampled_from(["\ud800", "a\udfffb"])
LEAVES: Final = (
    st.none()
    | st.booleans()
    | st.integers(-3, 30)
    | st.sampled_from([10**30, -(2**63) - 1, 2**64, 5.0, -0.0, 1.5, 1e300, math.nan, math.inf, -math.inf])
    | st.sampled_from(["", "5", "-0", "5.0", "1e3", "true", "null", "2024-05-01", "2024-05-01T10:00:00", "2024-W01-1"])
    | st.sampled_from(["2024-05-01T10:00:00Z", "2024-05-01T24:00:00Z", "2024-05-01T10:00:00.123456789+05:30"])
    | st.sampled_from(["2024-05-01T10:00:00+05:30:15.5", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
    | st.sampled_from(["62f44730-dd91-461e-bd6a-aedd9e0ad79d", "62F44730DD91461EBD6AAEDD9E0AD79D", "gold", "note"])
    | SURROGATES
    | st.text(max_size=3)
)
KEYS: Final = (
    st.sampled_from(["id", "name", "extra", "extra_", "last_login", "lastLogin", "owner", "", "a.b", "__proto__"])
    | SURROGATES
    | st.text(max_size=2)
)
ANYTHING: Final[st.SearchStrategy[object]] = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=6
)
MOMENTS: Final = st.datetimes(
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30)), timezone(-timedelta(hours=11))])
).map(datetime.isoformat)


def is_object(value: object) -> TypeGuard[dict[str, object]]:
    return isinstance(value, dict)


def is_array(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)


def fields_of(model: type[object]) -> dict[str, tuple[str, object]]:
    """Return the name and the type of each documented field of an answer class by its wire name."""
    assert attrs.has(model)
    hints = get_type_hints(model, localns={"JSON": object})
    wire_names: Mapping[str, str] = getattr(model, "__wire_names__", {})
    return {wire_names.get(name, name): (name, hints[name]) for name in attrs.fields_dict(model) if name != "extra"}


def records(of: type[attrs.AttrsInstance], depth: int = 1) -> st.SearchStrategy[dict[str, object]]:
    """Return documented records of an answer class, nested so deep at most."""
    required: dict[str, st.SearchStrategy[object]] = {}
    optional: dict[str, st.SearchStrategy[object]] = {}
    for wire, (name, hint) in fields_of(of).items():
        if depth or not any(map(attrs.has, classes_in(hint))):
            is_required = attrs.fields_dict(of)[name].default is attrs.NOTHING
            (required if is_required else optional)[wire] = values(hint, depth - 1)
    return st.fixed_dictionaries(required, optional=optional)


def classes_in(hint: object) -> list[type[object]]:
    """Return the classes that a type is made of."""
    if isinstance(hint, type) and not get_args(hint):
        return [hint]
    return [part for argument in get_args(hint) for part in classes_in(argument)]


def values(hint: object, depth: int) -> st.SearchStrategy[object]:
    """Return documented JSON values of a type."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return st.one_of(*(values(argument, depth) for argument in arguments))
    if origin is list:
        return st.lists(values(arguments[0], depth), max_size=2)
    if origin is dict:
        return st.dictionaries(st.text(max_size=2), values(arguments[1], depth), max_size=2)
    if origin is Literal:
        return st.sampled_from(arguments)
    if isinstance(hint, type) and attrs.has(hint):
        return records(hint, depth)
    leaves: dict[object, st.SearchStrategy[object]] = {
        object: ANYTHING,
        str: st.text(max_size=3),
        int: st.integers(),
        float: st.floats(allow_nan=False, allow_infinity=False) | st.integers(-100, 100),
        bool: st.booleans(),
        datetime: MOMENTS,
        date: st.dates().map(date.isoformat),
        UUID: st.uuids().map(str),
        type(None): st.none(),
    }
    return leaves[hint]


def places(value: object, path: Path = ()) -> list[Path]:
    """Return the path of each value inside, the value itself first."""
    found = [path]
    if is_object(value):
        for key, item in value.items():
            found += places(item, (*path, key))
    elif is_array(value):
        for index, item in enumerate(value):
            found += places(item, (*path, index))
    return found


def replaced(value: object, path: Path, change: Change) -> object:
    """Return the value with another one at the path, or none there if the change gives nothing."""
    if not path:
        return change(value)
    step, *rest = path
    if is_object(value):
        entries = [(key, replaced(item, tuple(rest), change) if key == step else item) for key, item in value.items()]
        return {key: item for key, item in entries if item is not REMOVED}
    assert is_array(value)
    items = [replaced(item, tuple(rest), change) if index == step else item for index, item in enumerate(value)]
    return [item for item in items if item is not REMOVED]


@st.composite
def mutated(draw: st.DrawFn, valid: st.SearchStrategy[object]) -> object:
    """Draw a documented value and change it at up to three places: another value, no value, or an unknown key."""

    def add(here: object) -> object:
        return {**here, draw(KEYS): draw(ANYTHING)} if is_object(here) else draw(ANYTHING)

    changes: list[Change] = [add, lambda here: draw(ANYTHING), lambda here: REMOVED]
    value = draw(valid)
    for _ in range(draw(st.integers(0, 3))):
        value = replaced(value, draw(st.sampled_from(places(value))), draw(st.sampled_from(changes)))
        if value is REMOVED:
            return None
    return value


def conforms(value: object, hint: object) -> bool:
    """Whether a value has exactly the annotated type, at every level."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is object:
        return True
    if origin in (Union, types.UnionType):
        return any(conforms(value, argument) for argument in arguments)
    if origin is list:
        return is_array(value) and all(conforms(item, arguments[0]) for item in value)
    if origin is dict:
        return is_object(value) and all(type(key) is str and conforms(value[key], arguments[1]) for key in value)
    if origin is Literal:
        return any(type(value) is type(choice) and value == choice for choice in arguments)
    if isinstance(hint, type) and attrs.has(hint):
        fields = fields_of(hint).values()
        return type(value) is hint and all(conforms(getattr(value, name), inner) for name, inner in fields)
    if hint is datetime:
        return isinstance(value, datetime) and value.tzinfo is not None
    if hint is float:
        return isinstance(value, float) and math.isfinite(value)
    return type(value) is hint


def same(left: object, right: object) -> bool:
    """Whether two JSON values are the same, and of the same types; NaN is the same as NaN."""
    return json.dumps(left, sort_keys=True) == json.dumps(right, sort_keys=True)


def plain(text: str) -> str:
    """Return a date or a UUID in a form that all ways to write it have in common."""
    return text.lower().replace("-", "")


def is_kept(raw: object, value: object, hint: object, path: str, reported: Mapping[str, object]) -> bool:
    """Whether all that a raw value says is in the typed value, in `extra`, or reported at its place."""
    if hint is object:
        return same(raw, value)
    if raw is None:
        return value is None
    if get_origin(hint) in (Union, types.UnionType):
        members = [member for member in get_args(hint) if conforms(value, member)]
        return any(is_kept(raw, value, member, path, reported) for member in members)
    if path in reported:
        return same(reported[path], raw)
    if is_array(value):
        (inner,) = get_args(hint)
        return (
            is_array(raw)
            and len(raw) == len(value)
            and all(is_kept(raw[i], value[i], inner, f"{path}[{i}]", reported) for i in range(len(raw)))
        )
    if is_object(value):
        _, inner = get_args(hint)
        return (
            is_object(raw)
            and raw.keys() == value.keys()
            and all(is_kept(raw[key], value[key], inner, f"{path}.{key}", reported) for key in raw)
        )
    if attrs.has(type(value)):
        return is_object(raw) and is_record_kept(raw, value, path, reported)
    if isinstance(value, datetime):
        # More than six digits of a second are rounded.
        moment = datetime.fromisoformat(str(raw).upper())
        return isinstance(raw, str) and abs(moment - value) <= timedelta(microseconds=1)
    if isinstance(value, date | UUID):
        return isinstance(raw, str) and plain(raw) == plain(str(value))
    if isinstance(value, float) and type(raw) is int:
        return float(raw) == value
    return same(raw, value)


def is_record_kept(raw: Mapping[str, object], model: object, path: str, reported: Mapping[str, object]) -> bool:
    """Whether all that a raw record says is in the model or reported."""
    fields = fields_of(type(model))
    extra: Mapping[str, object] = getattr(model, "extra")  # noqa: B009 - the model may be of any class
    for key, item in raw.items():
        place = f"{path}.{key}" if path else key
        name, hint = fields.get(key, ("", None))
        value: object = getattr(model, name) if name else None
        if name and (item is None or value is not None):
            kept = is_kept(item, value, hint, place, reported)
        else:
            is_unknown_or_reported = not name or any(entry.startswith(place) for entry in reported)
            kept = is_unknown_or_reported and key in extra and same(extra[key], item)
        if not kept:
            return False
    return True


def has_an_id(record: object) -> TypeGuard[dict[str, object]]:
    """Whether a person can be read from a record."""
    return is_object(record) and type(record.get("id")) in (str, int)


def as_text(value: object) -> bytes:
    """Return JSON as services write it, surrogates and NaN included."""
    return json.dumps(value).encode()


def check_record(raw: Mapping[str, object], person: Person, path: str, deviations: tuple[Deviation, ...]) -> None:
    reported = {entry.path: entry.value for entry in deviations}
    assert conforms(person, Person)
    assert is_record_kept(raw, person, path, reported)
    written = to_json(person)
    assert told(decode(Person, written)) == told(person)
    assert told(decode(Person, as_text(written))) == told(person)


@given(mutated(records(Person)))
def test_any_record_is_read_honestly_or_refused_with_a_decode_error(raw: object) -> None:
    try:
        person, deviations = read(One(Person), as_text(raw))
    except DecodeError:
        assert not has_an_id(raw)
        with pytest.raises(DecodeError):
            read(One(Person), BOM + as_text(raw))
        return
    assert has_an_id(raw)
    check_record(raw, person, "", deviations)
    assert told(read(One(Person), BOM + as_text(raw))) == told((person, deviations))
    if deviations:
        with pytest.raises(DecodeError):
            decode(Person, as_text(raw), strict=True)
    else:
        assert told(decode(Person, as_text(raw), strict=True)) == told(person)


@given(records(Person, depth=2))
def test_documented_records_are_read_without_deviations(raw: dict[str, object]) -> None:
    person, deviations = read(One(Person), as_text(raw))
    assert deviations == ()
    check_record(raw, person, "", ())
    assert told(read(One(Person), BOM + as_text(raw))) == told((person, ()))
    assert told(pickle.loads(pickle.dumps(person))) == told(copy.deepcopy(person)) == told(person)


def check_page(raw: list[object], page: Page[Person], key: str) -> None:
    """Check that each raw record is among the items or the rejected ones, in order."""
    rejected = {entry.index: entry for entry in page.rejected}
    items = iter(page.items)
    for index, record in enumerate(raw):
        path = f"{key}[{index}]"
        if has_an_id(record):
            found = tuple(entry for entry in page.deviations if entry.path.startswith(path))
            check_record(record, next(items), path, found)
        else:
            entry = rejected.pop(index)
            assert same(entry.raw, record)
            assert entry.path.startswith(path)
            assert entry.error
    assert not rejected
    assert next(items, None) is None
    assert page.checkpoint["consumed"] == len(raw)


@given(mutated(st.lists(records(Person, 0), max_size=3)))
def test_any_array_of_records_is_read_honestly_or_refused_with_a_decode_error(raw: object) -> None:
    try:
        page, deviations = read(NumberPage(Person), as_text(raw))
    except DecodeError:
        assert not is_array(raw)
        return
    assert is_array(raw)
    assert page.deviations == deviations
    check_page(raw, page, "")
    assert told(read(NumberPage(Person), BOM + as_text(raw))) == told((page, deviations))


@given(
    mutated(
        st.fixed_dictionaries(
            {"result": st.lists(records(Person, 0), max_size=3), "next_cursor": st.none() | st.text(max_size=3)},
            optional={"is_partial_response": st.booleans() | st.none(), "result_count": st.integers()},
        )
    )
)
def test_any_envelope_is_read_honestly_or_refused_with_a_decode_error(raw: object) -> None:
    body = raw if is_object(raw) else {}
    found = body.get("result", body.get("results"))
    result = list(found.values()) if is_object(found) else found
    cursor, partial = body.get("next_cursor"), body.get("is_partial_response")
    is_readable = is_array(result) and type(cursor) in (str, int, type(None))
    try:
        page, deviations = read(CursorPage(Person), as_text(raw))
    except DecodeError:
        assert not is_readable
        return
    assert is_readable
    assert is_array(result)
    assert page.next_cursor == (None if cursor in (None, "") else str(cursor))
    assert page.is_partial_response is (partial is True or partial == "true")
    reported = {entry.path for entry in deviations}
    assert ("next_cursor" in reported) == (type(cursor) is int)
    assert ("is_partial_response" in reported) == (not isinstance(partial, bool | None))
    check_page(result, page, "result")
    assert told(read(CursorPage(Person), BOM + as_text(raw))) == told((page, deviations))


@given(mutated(records(Card)))
def test_values_of_several_types_are_read_alike_both_ways_and_back(raw: object) -> None:
    body = as_text(raw if is_object(raw) else {})
    card, deviations = read(One(Card), body)
    assert conforms(card, Card)
    assert told(read(One(Card), BOM + body)) == told((card, deviations))
    assert told(decode(Card, to_json(card))) == told(card)
    assert told(decode(Card, as_text(to_json(card)))) == told(card)


UNKNOWN: Final = st.dictionaries(
    st.sampled_from(["tier", "größe", "extra", "field_0", "unknown_0", "value", "None", "", "a.b"])
    | st.sampled_from(['"', "\\", "\0", "\ud800", "x" * 1_000]),
    ANYTHING,
    max_size=3,
)


def with_unknown_keys(known: st.SearchStrategy[dict[str, object]]) -> st.SearchStrategy[dict[str, object]]:
    return st.tuples(UNKNOWN, known).map(lambda pair: {**pair[0], **pair[1]})


PARTS: Final = with_unknown_keys(st.fixed_dictionaries({}, optional={"name": st.none() | st.text(max_size=2)}))
WHOLES: Final = with_unknown_keys(
    st.fixed_dictionaries(
        {"id": st.sampled_from(["7", "8", 7, None])},
        optional={
            "size": st.none() | st.floats() | st.integers(),
            "part": st.none() | PARTS,
            "parts": st.lists(PARTS, max_size=2),
            "parts_by_name": st.dictionaries(st.text(max_size=2), PARTS | st.integers(), max_size=2),
        },
    )
)


@given(st.lists(st.lists(WHOLES, max_size=3), min_size=1, max_size=5))
def test_learning_unknown_keys_changes_nothing(pages: list[list[dict[str, object]]]) -> None:
    # Classes that nothing was read into before, one of them for the tolerant way alone.
    learning, tolerant = new_whole(), new_whole()
    for raw in pages:
        array, envelope = as_text(raw), as_text({"result": raw})
        assert told(read(NumberPage(learning), array)) == told(read(NumberPage(tolerant), BOM + array))
        assert told(read(CursorPage(learning), envelope)) == told(read(CursorPage(tolerant), BOM + envelope))


@given(st.binary(max_size=40) | ANYTHING.map(as_text))
def test_any_bytes_are_read_or_refused_with_a_decode_error(body: bytes) -> None:
    results: list[Result[object]] = [One(Person), CursorPage(Person), NumberPage(Site)]
    for result in results:
        with suppress(DecodeError):
            read(result, body)
