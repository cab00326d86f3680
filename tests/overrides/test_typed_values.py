"""Values of any annotated type: read honestly, alike both ways, and back; tags choose classes, decimals keep all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Final, Literal, TypeAlias
from uuid import UUID

import pytest
from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st

from accounts_client_runtime import JSON, DecodeError, Discriminator, One, Operation, Page, Typed, decode, to_json
from accounts_client_runtime.pages import NumberPage
from tests.overrides.models import Person, Phone
from tests.overrides.pets import Cat, Dog, Pet
from tests.overrides.reading import BOM, answer_to, read, told
from tests.overrides.test_decoding_properties import ANYTHING, MOMENTS, as_text, is_object, mutated, records


@define(kw_only=True)
class Circle:
    """Has no field for its tag."""

    radius: Decimal
    extra: dict[str, JSON] = field(factory=dict[str, JSON])


@define(kw_only=True)
class Group:
    """Holds shapes, groups among them."""

    kind: Literal["group"] | str | None = None
    members: list[Shape] | None = None
    extra: dict[str, JSON] = field(factory=dict[str, JSON])


Shape = Annotated[Circle | Group, Discriminator("kind", {"circle": Circle, "group": Group})]


@define(kw_only=True)
class Everything:
    """Has a field of each kind that only some documents need."""

    price: Decimal | None = None
    prices: list[Decimal] | None = None
    prices_by_name: dict[str, Decimal] | None = None
    pet: Pet | None = None
    pets: list[Pet] | None = None
    pets_by_name: dict[str, Pet | None] | None = None
    shape: Shape | None = None
    is_on: Literal[True] | None = None
    mixed: Literal["a", 1, True, False, -5] | None = None
    amount: Decimal | Phone | None = None
    lists: list[list[int]] | None = None
    texts_or_map: list[str] | dict[str, int] | None = None
    inside: Everything | None = None
    extra: dict[str, JSON] = field(factory=dict[str, JSON])

    __wire_names__: ClassVar[Mapping[str, str]] = {"is_on": "isOn"}


GenericLiteral: Final[Any] = Literal
"""For values that type checkers do not take in a literal type."""


def group(members: list[dict[str, object]]) -> dict[str, object]:
    return {"kind": "group", "members": members}


Objects: TypeAlias = st.SearchStrategy[dict[str, object]]

TEXTS: Final[st.SearchStrategy[str]] = st.text(max_size=3)
DECIMALS: Final[st.SearchStrategy[str]] = st.decimals(allow_nan=False, allow_infinity=False, places=2).map(str)
CATS: Final[Objects] = st.fixed_dictionaries(
    {"petType": st.just("cat"), "name": TEXTS}, optional={"lives": st.integers(0, 9), "price": DECIMALS}
)
DOGS: Final[Objects] = st.fixed_dictionaries(
    {"petType": st.sampled_from(["dog", "puppy"]), "name": TEXTS}, optional={"friends": st.lists(CATS, max_size=2)}
)
PETS: Final[Objects] = CATS | DOGS
CIRCLES: Final[Objects] = st.fixed_dictionaries({"kind": st.just("circle"), "radius": DECIMALS})
SHAPES: Final[Objects] = st.recursive(
    CIRCLES,
    lambda inner: st.lists(inner, max_size=2).map(group),
    max_leaves=3,
)
EVERYTHING: Final[Objects] = st.fixed_dictionaries(
    {},
    optional={
        "price": DECIMALS,
        "prices": st.lists(DECIMALS, max_size=2),
        "prices_by_name": st.dictionaries(TEXTS, DECIMALS, max_size=2),
        "pet": PETS,
        "pets": st.lists(PETS, max_size=2),
        "pets_by_name": st.dictionaries(TEXTS, st.none() | PETS, max_size=2),
        "shape": SHAPES,
        "isOn": st.just(True),
        "mixed": st.sampled_from(["a", 1, True, False, -5]),
        "amount": DECIMALS | st.fixed_dictionaries({"number": TEXTS}),
        "lists": st.lists(st.lists(st.integers(), max_size=2), max_size=2),
        "texts_or_map": st.lists(TEXTS, max_size=2) | st.dictionaries(TEXTS, st.integers(), max_size=2),
        "inside": st.fixed_dictionaries({}, optional={"price": DECIMALS, "pet": PETS}),
    },
)

KINDS: Final[dict[str, tuple[object, st.SearchStrategy[object]]]] = {
    "text": (str, TEXTS),
    "integer": (int, st.integers()),
    "truth value": (bool, st.booleans()),
    "decimal": (Decimal, DECIMALS),
    "moment": (datetime, MOMENTS),
    "day": (date, st.dates().map(date.isoformat)),
    "uuid": (UUID, st.uuids().map(str)),
    "null": (type(None), st.none()),
    "anything": (JSON, ANYTHING),
    "map of anything": (dict[str, JSON], st.dictionaries(TEXTS, ANYTHING, max_size=2)),
    "list of anything": (list[JSON], st.lists(ANYTHING, max_size=2)),
    "list of lists": (list[list[int] | None], st.lists(st.none() | st.lists(st.integers(), max_size=2), max_size=2)),
    "nullable": (int | None, st.none() | st.integers()),
    "closed": (Literal["a", 1, None, True], st.sampled_from(["a", 1, None, True])),
    "open": (Literal["a"] | str, TEXTS),
    "scalars": (int | str | None, st.none() | st.integers() | TEXTS),
    "list or map": (
        list[int] | dict[str, str],
        st.lists(st.integers(), max_size=2) | st.dictionaries(TEXTS, TEXTS, max_size=2),
    ),
    "model": (Everything, EVERYTHING),
    "models": (list[Person], st.lists(records(Person, 0), max_size=2)),
    "map of models": (dict[str, Cat], st.dictionaries(TEXTS, CATS, max_size=2)),
    "model or nothing": (Cat | None, st.none() | CATS),
    "untagged": (Cat | Dog, PETS),
    "tagged": (Pet, PETS),
    "tagged or nothing": (Annotated[Cat | Dog | None, Discriminator("petType", {"cat": Cat, "dog": Dog})], CATS),
    "list of tagged": (list[Pet], st.lists(PETS, max_size=2)),
    "map of tagged": (dict[str, Shape], st.dictionaries(TEXTS, SHAPES, max_size=2)),
}


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_documented_values_are_read_without_deviations_alike_both_ways(kind: str, data: st.DataObject) -> None:
    hint, values = KINDS[kind]
    body = as_text(data.draw(values))
    fast = read(Typed[object](hint), body)
    assert fast[1] == ()
    assert told(read(Typed[object](hint), BOM + body)) == told(fast)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_any_value_is_read_alike_both_ways_or_refused_by_both(kind: str, data: st.DataObject) -> None:
    hint, values = KINDS[kind]
    body = as_text(data.draw(mutated(values)))
    try:
        fast = read(Typed[object](hint), body)
    except DecodeError as error:
        with pytest.raises(DecodeError) as caught:
            read(Typed[object](hint), BOM + body)
        assert (caught.value.path, caught.value.expected) == (error.path, error.expected)
        return
    assert told(read(Typed[object](hint), BOM + body)) == told(fast)


@given(mutated(EVERYTHING))
def test_models_with_any_kind_of_field_come_back(raw: object) -> None:
    body = as_text(raw if is_object(raw) else {})
    model, deviations = read(One(Everything), body)
    assert told(read(One(Everything), BOM + body)) == told((model, deviations))
    assert told(decode(Everything, to_json(model))) == told(model)
    assert told(decode(Everything, as_text(to_json(model)))) == told(model)


def test_nothing_that_is_documented_is_taken_for_a_deviation() -> None:
    raw: JSON = {"price": "1.50", "pet": {"petType": "cat", "name": "Tom"}, "mixed": True, "isOn": True}
    model = decode(Everything, raw, strict=True)
    assert model == Everything(price=Decimal("1.50"), pet=Cat(pet_type="cat", name="Tom"), mixed=True, is_on=True)
    assert model.extra == {}
    assert to_json(model) == raw


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("1.50", Decimal("1.50")),
        ("-0", Decimal("-0")),
        ("1e3", Decimal("1E+3")),
        (".5", Decimal("0.5")),
        ("+5.", Decimal(5)),
        (10**40, Decimal(10**40)),
        (1.5, Decimal("1.5")),
        (0.1, Decimal("0.1")),
        (1e300, Decimal("1E+300")),
    ],
)
def test_decimals_are_read_without_loss(value: JSON, number: Decimal) -> None:
    assert repr(decode(Decimal, json.dumps(value))) == repr(number)


@pytest.mark.parametrize(
    "value", ["NaN", "Infinity", "1_0", " 1", "", "x", "1e9999999999", 0.1234567890123456, True, None, []]
)
def test_what_is_no_decimal_is_none(value: JSON) -> None:
    model = decode(Everything, {"price": value, "prices": [value]})
    assert model.price is None
    assert model.extra.get("price") == value
    assert model.extra["prices"] == [value]


@pytest.mark.parametrize(
    "pet", [{}, {"petType": "ca"}, {"petType": ""}, {"petType": None}, {"petType": 1}, {"petType": ["cat"]}, [], "cat"]
)
def test_an_unknown_tag_is_a_misfit_like_any_other(pet: JSON) -> None:
    model, deviations = read(One(Everything), json.dumps({"pet": pet}).encode())
    assert model.pet is None
    assert model.extra == {"pet": pet}
    [deviation] = deviations
    assert deviation.path == ("pet.petType" if isinstance(pet, dict) else "pet")
    with pytest.raises(DecodeError):
        decode(Everything, {"pet": pet}, strict=True)


@pytest.mark.parametrize("kind", ["cir", "", "circles", None, True])
def test_no_other_tag_is_taken_for_one(kind: JSON) -> None:
    model = decode(Everything, {"shape": {"kind": kind, "radius": "1"}})
    assert model.shape is None
    assert model.extra == {"shape": {"kind": kind, "radius": "1"}}


def test_a_tag_tells_classes_apart_that_hold_the_same() -> None:
    shape = decode(Everything, {"shape": {"kind": "circle", "radius": "1"}}).shape
    assert isinstance(shape, Circle)
    assert to_json(Everything(shape=Circle(radius=Decimal(1)))) == {"shape": {"kind": "circle", "radius": "1"}}
    group = decode(Everything, {"shape": {"kind": "group", "members": [{"kind": "circle", "radius": "2"}]}}).shape
    assert group == Group(kind="group", members=[Circle(radius=Decimal(2), extra={"kind": "circle"})])


def test_the_order_of_a_union_counts() -> None:
    body = b'{"name": "x"}'

    @define(kw_only=True)
    class First:
        name: str
        extra: dict[str, JSON] = field(factory=dict[str, JSON])

    @define(kw_only=True)
    class Second:
        name: str
        extra: dict[str, JSON] = field(factory=dict[str, JSON])

    assert type(read(Typed[object](First | Second), body)[0]) is First
    assert type(read(Typed[object](Second | First), body)[0]) is Second
    assert [type(item) for item in decode(list[Second | First], b"[" + body + b"]")] == [Second]


def test_equal_literals_of_other_types_are_told_apart() -> None:
    assert read(Typed[object](Literal[True]), b"true") == (True, ())
    assert read(Typed[object](Literal[1]), b"1") == (1, ())
    for kind, body in ((Literal[1], b"true"), (Literal[True], b"1")):
        with pytest.raises(DecodeError):
            read(Typed[object](kind), body)


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1])
def test_literals_beyond_what_msgspec_knows(value: int) -> None:
    kind: object = GenericLiteral[value]
    assert read(Typed[object](kind), str(value).encode()) == (value, ())
    with pytest.raises(DecodeError):
        read(Typed[object](kind), b"1")


def test_decode_takes_any_type_of_values() -> None:
    cats = decode(list[Cat], '[{"petType": "cat", "name": "Tom"}]')
    assert cats == [Cat(pet_type="cat", name="Tom")]
    assert decode(dict[str, int], {"a": 1}) == {"a": 1}
    with pytest.raises(DecodeError, match=r"\[0\]\.name: expected string"):
        decode(list[Cat], b'[{"petType": "cat"}]')


def test_an_empty_answer_is_null_where_that_is_a_value() -> None:
    assert read(Typed[int | None](int | None), b" ") == (None, ())
    assert read(Typed[object](JSON), b"") == (None, ())
    with pytest.raises(DecodeError, match="empty"):
        read(Typed[int](int), b"")


def test_listings_of_values_that_are_no_models() -> None:
    operation: Operation[Page[str]] = Operation("names.list", "GET", "/names", NumberPage(str))
    page, deviations = answer_to(operation, b'["a", 7, null]')
    assert page.items == ["a", "7"]
    assert [entry.path for entry in deviations] == ["[1]"]
    assert [entry.path for entry in page.rejected] == ["[2]"]


def test_a_type_that_no_answer_has_is_named() -> None:
    with pytest.raises(TypeError, match="cannot decode values of type"):
        read(Typed[object](set[str]), b"[]")
