"""decode, to_json and the answers of operations: honest types, nothing lost, and only DecodeError in the way."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final, TypeAlias
from uuid import UUID

import pytest

from accounts_client_runtime import (
    JSON,
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
from tests.overrides.models import (
    CALL_PEOPLE,
    CREATE_PERSON,
    DELETE_PERSON,
    MERGE_PEOPLE,
    UPDATE_PERSON,
    UPDATE_SITE,
    Call,
    Card,
    Link,
    Note,
    Owner,
    Person,
    Phone,
    Tags,
    Team,
)
from tests.overrides.reading import BOM, answer_to, read

Path: TypeAlias = tuple[str | int, ...]


def read_person(record: Mapping[str, object]) -> tuple[Person, tuple[Deviation, ...]]:
    """Return the person of a record, with the deviations."""
    return read(One(Person), json.dumps(record).encode())


# What stands in the fields, by the wire name and the documented type.
EXACT: Final[tuple[tuple[str, JSON, str, object], ...]] = (
    ("name", "Ann", "name", "Ann"),
    ("name", "", "name", ""),
    ("name", None, "name", None),
    ("age", 5, "age", 5),
    ("age", 10**30, "age", 10**30),
    ("score", 1.5, "score", 1.5),
    ("score", 3, "score", 3.0),
    ("is_active", False, "is_active", False),
    ("created_at", "2024-05-01T10:00:00Z", "created_at", datetime(2024, 5, 1, 10, tzinfo=UTC)),
    ("created_at", "2024-05-01t10:00:00.5z", "created_at", datetime(2024, 5, 1, 10, 0, 0, 500_000, tzinfo=UTC)),
    (
        "created_at",
        "2024-05-01 10:00:00+05:30",
        "created_at",
        datetime(2024, 5, 1, 10, tzinfo=timezone(timedelta(hours=5, minutes=30))),
    ),
    ("birthday", "2024-05-01", "birthday", date(2024, 5, 1)),
    ("key", "62f44730-dd91-461e-bd6a-aedd9e0ad79d", "key", UUID("62f44730-dd91-461e-bd6a-aedd9e0ad79d")),
    ("status", "lead", "status", "lead"),
    ("status", "never heard of", "status", "never heard of"),
    ("tier", "gold", "tier", "gold"),
    ("tier", 3, "tier", 3),
    ("owner", {"id": "8", "color": "red"}, "owner", Owner(id="8", extra={"color": "red"})),
    ("phones", [{"number": "1"}, {}], "phones", [Phone(number="1"), Phone()]),
    ("nicknames", ["a", "b"], "nicknames", ["a", "b"]),
    ("phones_by_place", {"home": {"number": "1"}, "": {}}, "phones_by_place", {"home": Phone(number="1"), "": Phone()}),
    ("counts", {"a": 1}, "counts", {"a": 1}),
    ("manager", {"id": "8", "manager": {"id": "9"}}, "manager", Person(id="8", manager=Person(id="9"))),
    ("reports", [{"id": "8"}], "reports", [Person(id="8")]),
    ("team", {"lead": {"id": "8", "team": {"name": "B"}}}, "team", Team(lead=Person(id="8", team=Team(name="B")))),
    ("contact", 7, "contact", 7),
    ("contact", {"number": "1"}, "contact", Phone(number="1")),
    ("seen", 7, "seen", 7),
    ("seen", "2024-05-01T10:00:00Z", "seen", datetime(2024, 5, 1, 10, tzinfo=UTC)),
    ("log", [{"kind": "call"}, {"kind": "note"}], "log", [Call(kind="call"), Note(kind="note")]),
    ("history", {"kind": "note", "text": "x"}, "history", Note(kind="note", text="x")),
    ("history", [{"kind": "note"}], "history", [Note(kind="note")]),
    ("remote_data", {"a": [1, {"b": None}]}, "remote_data", {"a": [1, {"b": None}]}),
    ("custom", [1, "x"], "custom", [1, "x"]),
    ("lastLogin", "2024-05-01T10:00:00Z", "last_login", datetime(2024, 5, 1, 10, tzinfo=UTC)),
    ("extra", "x", "extra_", "x"),
)

# What can be read without loss, and is reported.
NEAR: Final[tuple[tuple[str, JSON, object], ...]] = (
    ("name", 5, "5"),
    ("name", -(10**30), str(-(10**30))),
    ("age", "5", 5),
    ("age", "-5", -5),
    ("age", 5.0, 5),
    ("score", "1.5", 1.5),
    ("is_active", "true", True),
    ("is_active", "false", False),
    ("created_at", "2024-05-01T10:00:00", datetime(2024, 5, 1, 10, tzinfo=UTC)),
    ("created_at", "2024-05-01", datetime(2024, 5, 1, tzinfo=UTC)),
    ("created_at", "2024-05-01T10:00", datetime(2024, 5, 1, 10, tzinfo=UTC)),
    ("created_at", "20240501T100000Z", datetime(2024, 5, 1, 10, tzinfo=UTC)),
    ("contact", "7", 7),
    ("nicknames", "a", ["a"]),
)

# What does not fit: the place of the deviation and what was expected there.
MISFITS: Final[tuple[tuple[str, JSON, str, str], ...]] = (
    ("name", True, "name", "string"),
    ("name", 1.5, "name", "string"),
    ("name", [], "name", "string"),
    ("age", True, "age", "integer"),
    ("age", 1.5, "age", "integer"),
    ("age", "", "age", "integer"),
    ("age", "5.0", "age", "integer"),
    ("age", "05", "age", "integer"),
    ("age", " 5", "age", "integer"),
    ("age", "٣", "age", "integer"),
    ("score", "many", "score", "number"),
    ("score", "nan", "score", "number"),
    ("score", "1e5", "score", "number"),
    ("score", False, "score", "number"),
    ("score", math.inf, "score", "number"),
    ("is_active", 1, "is_active", "boolean"),
    ("is_active", "True", "is_active", "boolean"),
    ("created_at", "yesterday", "created_at", "date-time with offset"),
    ("created_at", "", "created_at", "date-time with offset"),
    ("created_at", 1714550400, "created_at", "date-time with offset"),
    ("birthday", "2024-13-01", "birthday", "date"),
    ("key", "62f4", "key", "uuid"),
    ("status", {}, "status", "string"),
    ("tier", "bronze", "tier", "one of 'gold', 'silver', 3"),
    ("tier", "3", "tier", "one of 'gold', 'silver', 3"),
    ("tier", True, "tier", "one of 'gold', 'silver', 3"),
    ("owner", "8", "owner", "object"),
    ("owner", {"email": "a@b.test"}, "owner.id", "string"),
    ("phones", {"number": "1"}, "phones", "array"),
    ("phones", [{}, None], "phones[1]", "object"),
    ("nicknames", ["a", 1.5], "nicknames[1]", "string"),
    ("nicknames", [5, 1.5], "nicknames[1]", "string"),
    ("phones_by_place", [], "phones_by_place", "object"),
    ("phones_by_place", {"home": 1}, "phones_by_place.home", "object"),
    ("counts", {"a": None}, "counts.a", "integer"),
    ("manager", {"name": "x"}, "manager.id", "string"),
    ("contact", [], "contact", "one of the documented types"),
    ("log", [1], "log[0]", "one of the documented types"),
    ("remote_data", [1], "remote_data", "object"),
)


@pytest.mark.parametrize(("key", "value", "name", "expected"), EXACT)
def test_documented_values_are_read_without_deviations(key: str, value: object, name: str, expected: object) -> None:
    person, deviations = read_person({"id": "7", key: value})
    plain = Person(id="7")
    setattr(plain, name, expected)
    assert person == plain
    assert type(getattr(person, name)) is type(expected)
    assert deviations == ()


@pytest.mark.parametrize(("key", "value", "expected"), NEAR)
def test_values_of_another_type_are_read_if_nothing_is_lost_and_reported(
    key: str, value: object, expected: object
) -> None:
    person, deviations = read_person({"id": "7", key: value})
    assert getattr(person, key) == expected
    assert type(getattr(person, key)) is type(expected)
    assert person.extra == {}
    assert [(entry.path, entry.value) for entry in deviations] == [(key, value)]


@pytest.mark.parametrize(("key", "value", "path", "expected"), MISFITS)
def test_misfits_become_none_and_stay_available_and_are_reported(
    key: str, value: object, path: str, expected: str
) -> None:
    person, deviations = read_person({"id": "7", "name": "Ann", key: value})
    assert getattr(person, key) is None
    assert person.extra == {key: value}
    assert [(entry.path, entry.expected) for entry in deviations] == [(path, expected)]
    assert to_json(person) == ({"id": "7", key: value} if key == "name" else {"id": "7", "name": "Ann", key: value})


def test_unknown_keys_are_kept_at_each_level() -> None:
    record: JSON = {
        "id": "7",
        "created_by": 1,
        "owner": {"id": "8", "extra": {"a": 1}, "x": None},
        "phones": [{"x": [1]}],
        "last_login": "by its Python name",
    }
    person = decode(Person, record)
    assert person.extra == {"created_by": 1, "last_login": "by its Python name"}
    assert person.owner == Owner(id="8", extra={"extra": {"a": 1}, "x": None})
    assert person.phones == [Phone(extra={"x": [1]})]
    assert to_json(person) == record


def test_the_member_of_a_union_is_the_one_whose_keys_it_has() -> None:
    assert decode(Card, {"reach": {"number": "1"}}).reach == Phone(number="1")
    assert decode(Card, {"reach": {"url": "x", "number": {}}}).reach == Link(url="x", extra={"number": {}})
    assert decode(Card, {"reach": {}}).reach == Link()


@pytest.mark.parametrize("reach", [Link(), Phone(), Phone(extra={"x": None}), Link(extra={"number": "1"}), None])
def test_the_member_of_a_union_is_written_so_that_it_is_read_back(reach: Link | Phone | None) -> None:
    card = Card(reach=reach)
    assert decode(Card, to_json(card)) == card


def test_absent_fields_are_written_as_null_only_where_nothing_else_tells_the_type() -> None:
    assert to_json(Card(reach=Phone())) == {"reach": {"number": None}}
    assert to_json(Card(reach=Link())) == {"reach": {}}
    assert to_json(Card(reach=Phone(number="1"), notes=Note(kind="note"))) == {
        "reach": {"number": "1"},
        "notes": {"kind": "note"},
    }
    assert decode(Card, {"reach": {"number": None}}).reach == Phone()


def test_models_inside_a_union_are_written_by_wire_names() -> None:
    note: JSON = {"kind": "note", "writtenAt": "2024-05-01T10:00:00Z", "unknown": {"a": 1}}
    person = decode(Person, {"id": "7", "history": [note], "log": [note]})
    assert to_json(person) == {"id": "7", "history": [note], "log": [note]}
    assert to_json(decode(Card, {"notes": {"a": note}})) == {"notes": {"a": note}}


def test_a_wire_key_called_extra_does_not_collide_with_the_attribute() -> None:
    person, deviations = read_person({"id": "7", "extra": {"not": "text"}, "extra_": 1})
    assert person.extra_ is None
    assert person.extra == {"extra": {"not": "text"}, "extra_": 1}
    assert [entry.path for entry in deviations] == ["extra"]
    assert decode(Person, to_json(person)) == person


def test_a_typed_value_wins_over_what_extra_holds_under_its_name() -> None:
    person, _ = read_person({"id": "7", "age": "many"})
    person.age = 5
    assert to_json(person) == {"id": "7", "age": 5}


@pytest.mark.parametrize(
    ("body", "path", "expected", "raw"),
    [
        ("{}", "id", "string", None),
        ('{"id": null}', "id", "string", None),
        ('{"id": true}', "id", "string", True),
        ('{"id": ["7"]}', "id", "string", ["7"]),
        ("null", "", "object", None),
        ('["7"]', "", "object", ["7"]),
        ('"7"', "", "object", "7"),
        ("", "", "JSON", ""),
        (" \n", "", "JSON", ""),
        ('{"id": "7"', "", "JSON", '{"id": "7"'),
        ("<html><body>Bad</body></html>", "", "JSON", "<html><body>Bad</body></html>"),
        ('{"id": "7"} trailing', "", "JSON", '{"id": "7"} trailing'),
    ],
)
def test_what_cannot_be_read_at_all_is_an_error_that_says_where(
    body: str, path: str, expected: str, raw: object
) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(Person, body)
    assert (caught.value.path, caught.value.expected, caught.value.raw) == (path, expected, raw)
    assert expected in str(caught.value)
    assert (path or "the answer") in str(caught.value)


def test_the_raw_value_of_an_error_is_cut_where_it_is_no_json() -> None:
    with pytest.raises(DecodeError) as caught:
        decode(Person, b"<" + b"x" * 10_000)
    assert len(str(caught.value)) < 500
    assert len(str(caught.value.raw)) < 500


def test_strict_refuses_the_first_deviation() -> None:
    assert decode(Person, {"id": "7", "unknown": 1}, strict=True).extra == {"unknown": 1}
    with pytest.raises(DecodeError) as caught:
        decode(Person, {"id": "7", "age": "5", "score": {}}, strict=True)
    assert (caught.value.path, caught.value.expected, caught.value.raw) == ("age", "integer", "5")


@pytest.mark.parametrize("number", ["1e999", "-1e999", "NaN", "Infinity"])
def test_what_is_no_number_of_json_fits_no_field_and_stays_as_it_is_elsewhere(number: str) -> None:
    record = f'{{"id": "7", "score": {number}, "custom": [{number}], "age": {number}, "contact": {number}}}'
    person, deviations = read(One(Person), record.encode())
    assert (person.score, person.age, person.contact) == (None, None, None)
    kept = to_json(person)
    assert json.dumps(kept, sort_keys=True) == json.dumps(json.loads(record), sort_keys=True)
    assert [entry.path for entry in deviations] == ["age", "score", "contact"]
    page, _ = read(NumberPage(Person), f'[{{"id": "6", "score": 1}}, {record}]'.encode())
    assert [item.score for item in page.items] == [1.0, None]
    assert [entry.path for entry in page.deviations] == ["[1].age", "[1].score", "[1].contact"]


def test_numbers_of_any_length_are_no_trouble() -> None:
    huge = 10**5_000
    person = decode(Person, {"id": "7", "age": huge, "score": huge, "name": huge, "custom": huge})
    assert (person.score, person.name) == (None, None)
    # A failing comparison could not print these.
    assert bool(person.age == huge)
    assert bool(person.custom == huge)
    assert bool(person.extra == {"score": huge, "name": huge})
    assert bool(decode(Person, to_json(person)) == person)
    long = decode(Person, f'{{"id": "7", "age": {"9" * 400}, "score": {"9" * 400}, "name": {"9" * 400}}}')
    assert (long.age, long.score, long.name) == (int("9" * 400), None, "9" * 400)
    with pytest.raises(DecodeError):
        decode(Person, {"id": huge})
    with pytest.raises(DecodeError):
        decode(Person, f'{{"id": "7", "age": {"9" * 5_000}}}')


def test_a_byte_order_mark_and_lone_surrogates_are_read() -> None:
    assert decode(Person, BOM + b'{"id": "7"}') == Person(id="7")
    assert decode(Person, '\ufeff{"id": "7"}') == Person(id="7")
    person = decode(Person, b'{"id": "7", "name": "\\ud83d", "\\ude00": "\\ude00"}')
    assert (person.name, person.extra) == ("\ud83d", {"\ude00": "\ude00"})
    assert decode(Person, '{"id": "\ud83d"}').id == "\ud83d"
    assert decode(Person, json.dumps(to_json(person))) == person


def test_bytes_that_are_not_utf_8_are_an_error() -> None:
    for body in (b'{"id": "\xff"}', '{"id": "7"}'.encode("utf-16"), '{"id": "7"}'.encode("utf-32")):
        with pytest.raises(DecodeError):
            decode(Person, body)


@pytest.mark.parametrize("depth", [10, 200, 400, 900, 960, 980, 990, 1_000, 1_100, 5_000, 100_000])
@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ('{"id": "7", "custom": ' + "[" * 0, ""),
        ('{"id": "7", "unknown": ', ""),
        ("", ""),
    ],
    ids=["field", "unknown key", "whole answer"],
)
def test_deep_nesting_is_read_or_a_decode_error(opening: str, closing: str, depth: int) -> None:
    text = f"{opening}{'[' * depth}{']' * depth}{'}' if opening else ''}"
    for body in (text.encode(), BOM + text.encode()):
        try:
            person = decode(Person, body)
        except DecodeError:
            assert depth > 200 or not opening
        else:
            assert person.id == "7"


@pytest.mark.parametrize("depth", [10, 50, 100, 200, 300, 330, 350, 500, 1_000, 10_000])
@pytest.mark.parametrize("key", ["manager", "team", "reports", "contact"])
def test_deep_recursion_is_read_or_a_decode_error(key: str, depth: int) -> None:
    opening = {
        "manager": '{"id": "7", "manager": ',
        "team": '{"id": "7", "team": {"lead": ',
        "reports": '{"id": "7", "reports": [',
        "contact": '{"id": "7", "contact": {"x": ',
    }[key]
    closing = {"manager": "}", "team": "}}", "reports": "]}", "contact": "}}"}[key]
    text = f'{opening * depth}{{"id": "8"}}{closing * depth}'
    for body in (text.encode(), BOM + text.encode(), b"[" + text.encode() + b"]"):
        result: Result[object] = NumberPage(Person) if body.startswith(b"[") else One(Person)
        try:
            value, _ = read(result, body)
        except DecodeError:
            assert depth > 50
        else:
            assert isinstance(value, (Person, Page))


def test_repeated_keys_are_read_alike_both_ways() -> None:
    text = b'{"id": "7", "id": "8", "age": 1, "age": 2, "owner": {"id": "1"}, "owner": null}'
    assert decode(Person, text) == decode(Person, BOM + text) == Person(id="8", age=2)


def test_types_that_json_has_not_are_refused() -> None:
    with pytest.raises(TypeError, match=r"set\[str\]"):
        decode(Tags, {"names": ["a"]})


def test_models_of_other_libraries_are_refused() -> None:
    class Foreign:
        extra: dict[str, JSON]

    with pytest.raises(TypeError, match="Foreign"):
        decode(Foreign, {})


@pytest.mark.parametrize("body", [b"", b" \r\n", b"{}", b'{"id": null}', b'{"ok": true}'])
def test_a_missing_id_of_an_updated_record_comes_from_the_path(body: bytes) -> None:
    person, _ = answer_to(UPDATE_PERSON, body, id="7/8")
    assert person.id == "7/8"
    site, _ = answer_to(UPDATE_SITE, body, siteId=42)
    assert site.id == 42


@pytest.mark.parametrize(("path_value", "expected"), [(42, 42), ("42", 0)])
def test_an_unreadable_id_of_an_updated_record_is_a_deviation(path_value: str | int, expected: int) -> None:
    site, deviations = answer_to(UPDATE_SITE, b'{"id": {}}', siteId=path_value)
    assert (site.id, type(site.id)) == (expected, int)
    assert [entry.path for entry in deviations] == ["id"]


@pytest.mark.parametrize("body", [b"", b" \r\n", b"{}", b'{"id": null}', b'{"name": "Ann"}', b'{"id": {}}'])
def test_a_missing_id_of_a_new_record_is_a_deviation(body: bytes) -> None:
    person, deviations = answer_to(CREATE_PERSON, body)
    assert person.id == ""
    assert [(entry.path, entry.expected) for entry in deviations] == [("id", "string")]


@pytest.mark.parametrize("body", [b"[]", b'"ok"', b"null", b"ok", b"<html>"])
def test_an_answer_to_a_write_that_is_no_object_is_an_error(body: bytes) -> None:
    with pytest.raises(DecodeError):
        answer_to(CREATE_PERSON, body)


@pytest.mark.parametrize(
    "body",
    [
        {"id": "7", "name": "Ann"},
        {"result": {"id": "7", "name": "Ann"}},
        {"result": {"id": "7", "name": "Ann"}, "count": 1},
    ],
)
def test_a_wrapped_record_may_come_bare(body: JSON) -> None:
    assert answer_to(MERGE_PEOPLE, json.dumps(body).encode()) == (Person(id="7", name="Ann"), ())


@pytest.mark.parametrize(
    ("body", "path", "extra"),
    [
        (b"", "id", {}),
        (b"{}", "id", {}),
        (b'{"result": {}}', "result.id", {}),
        (b'{"result": null}', "id", {"result": None}),
        (b'{"result": [{"id": "7"}]}', "id", {"result": [{"id": "7"}]}),
    ],
)
def test_a_wrapped_record_without_an_id_is_a_deviation(body: bytes, path: str, extra: dict[str, JSON]) -> None:
    person, deviations = answer_to(MERGE_PEOPLE, body)
    assert person == Person(id="", extra=extra)
    assert [entry.path for entry in deviations] == [path]


def test_a_wrapped_record_that_is_neither_is_an_error() -> None:
    with pytest.raises(DecodeError):
        answer_to(MERGE_PEOPLE, b"[1]")


@pytest.mark.parametrize("body", [b"", b"{}", b"<html>", b'{"id": "7"}', b"\xff"])
def test_the_answer_to_a_delete_may_be_anything(body: bytes) -> None:
    assert answer_to(DELETE_PERSON, body) == (None, ())


@pytest.mark.parametrize(
    ("body", "value"), [(b"", None), (b" \n", None), (b"null", None), (b'{"a": [1]}', {"a": [1]}), (b'"x"', "x")]
)
def test_free_json_is_anything_or_nothing(body: bytes, value: JSON) -> None:
    assert answer_to(CALL_PEOPLE, body) == (value, ())


def test_free_json_must_be_json() -> None:
    with pytest.raises(DecodeError):
        answer_to(CALL_PEOPLE, b"<html>")


def test_records_keyed_by_a_field_are_read_as_a_list() -> None:
    page, deviations = read(CursorPage(Person), b'{"result": {"b": {"id": "2"}, "a": {"id": "1"}}, "next_cursor": "x"}')
    assert (page.items, page.next_cursor, deviations) == ([Person(id="2"), Person(id="1")], "x", ())


def test_records_under_the_other_key_are_read() -> None:
    page, deviations = read(CursorPage(Person), b'{"results": [{"id": "1"}]}')
    assert (page.items, page.next_cursor, deviations) == ([Person(id="1")], None, ())


@pytest.mark.parametrize("body", ["{}", '{"result": null}', '{"result": 1}', "[]", "null", "", "<html>"])
def test_an_envelope_without_records_is_an_error(body: str) -> None:
    with pytest.raises(DecodeError):
        read(CursorPage(Person), body.encode())


@pytest.mark.parametrize(
    ("mark", "is_partial", "is_reported"),
    [
        *(("true", True, False), ("false", False, False), ("null", False, False)),
        *(('"true"', True, True), ('"false"', False, True), ("1", False, True), ("{}", False, True)),
    ],
)
def test_the_mark_of_a_partial_page(mark: str, is_partial: bool, is_reported: bool) -> None:
    page, deviations = read(CursorPage(Person), f'{{"result": [], "is_partial_response": {mark}}}'.encode())
    assert page.is_partial_response is is_partial
    assert [entry.path for entry in deviations] == ["is_partial_response"] * is_reported


@pytest.mark.parametrize(("cursor", "expected"), [("5", "5"), ("0", "0"), ('"5"', "5"), ('""', None), ("null", None)])
def test_a_cursor_may_be_a_number(cursor: str, expected: str | None) -> None:
    page, deviations = read(CursorPage(Person), f'{{"result": [], "next_cursor": {cursor}}}'.encode())
    assert page.next_cursor == expected
    assert [entry.path for entry in deviations] == ["next_cursor"] * cursor.isdigit()


@pytest.mark.parametrize("cursor", ["true", "1.5", "{}", "[]"])
def test_a_cursor_that_cannot_be_followed_is_an_error(cursor: str) -> None:
    with pytest.raises(DecodeError) as caught:
        read(CursorPage(Person), f'{{"result": [], "next_cursor": {cursor}}}'.encode())
    assert caught.value.path == "next_cursor"


def test_a_union_that_deviates_within_a_page_is_reported() -> None:
    body = b'[{"id": "1", "contact": "7"}, {"id": "2", "contact": []}, {"id": "3", "manager": {}}]'
    for page, _ in (
        read(NumberPage(Person), body),
        read(CursorPage(Person), b'{"result": ' + body + b"}"),
    ):
        assert [item.contact for item in page.items] == [7, None, None]
        assert [entry.expected for entry in page.deviations] == ["integer", "one of the documented types", "string"]
