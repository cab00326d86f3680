"""The fast way to models: it learns unknown keys, leaves single records to the tolerant way, and shows in nothing."""

from __future__ import annotations

import copy
import json
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from threading import Barrier
from typing import Any, ClassVar, Final, Literal, TypeVar

import attrs
import pytest
from attrs import define, field

from accounts_client_runtime import JSON, CursorPage, DecodeError, NumberPage, One, Page, Result, decode, to_json
from tests.overrides.models import Owner, Person, Phone, Site, new_whole
from tests.overrides.reading import BOM, read, told

T = TypeVar("T")


@define(kw_only=True)
class Odd:
    """Has a key that msgspec cannot hold."""

    quoted: str | None = None
    extra: dict[str, JSON] = field(factory=dict[str, JSON])

    __wire_names__: ClassVar[Mapping[str, str]] = {"quoted": 'quo"ted\\'}


@define(kw_only=True)
class Box:
    """Holds odd things, in lists of lists too."""

    id: str
    level: Literal[3, "high"] | None = None
    flag: Literal[True] | None = None
    odd: Odd | None = None
    grid: list[list[Odd | None]] | None = None
    people: dict[str, list[Person]] | None = None
    owners: list[dict[str, Owner]] | None = None
    extra: dict[str, JSON] = field(factory=dict[str, JSON])


@define(kw_only=True)
class Villa(Site):
    """Is a site with more fields."""

    pool: Phone | None = None


def fast(model: type[T], record: Mapping[str, object]) -> T:
    """Return the model of a record that is as documented."""
    return decode(model, json.dumps(record).encode(), strict=True)


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Have threads take turns as often as possible."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def test_extra_is_a_dict_of_its_own_that_stays() -> None:
    person, other = fast(Person, {"id": "7"}), fast(Person, {"id": "7"})
    assert person.extra == {}
    assert person.extra is person.extra
    assert person.extra is not other.extra
    person.extra["tier"] = "gold"
    assert (person.extra, other.extra) == ({"tier": "gold"}, {})
    assert to_json(person) == {"id": "7", "tier": "gold"}
    other.extra = {"tier": "gold"}
    assert person == other


def evolved(person: Person) -> Person:
    return attrs.evolve(person, name=person.name)


def pickled(person: Person) -> Person:
    copied: Person = pickle.loads(pickle.dumps(person))
    return copied


@pytest.mark.parametrize("same", [copy.copy, copy.deepcopy, evolved, pickled])
def test_copies_of_a_read_model_are_equal_to_one_that_was_made(same: Callable[[Person], Person]) -> None:
    record = {"id": "7", "name": "Ann", "owner": {"id": "8"}, "phones": [{"number": "1"}]}
    made = Person(id="7", name="Ann", owner=Owner(id="8"), phones=[Phone(number="1")])
    assert fast(Person, record) == made
    assert same(fast(Person, record)) == made
    assert repr(same(fast(Person, record))) == repr(fast(Person, record)) == repr(made)
    assert attrs.asdict(same(fast(Person, record))) == attrs.asdict(made)


def test_a_pickled_model_is_whole_where_nothing_was_read_before() -> None:
    program = "import pickle, sys; print(pickle.load(sys.stdin.buffer))"
    person = fast(Person, {"id": "7", "owner": {"id": "8"}})
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=pickle.dumps(person),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode().strip() == repr(person)


def test_a_model_has_no_other_attributes_than_its_own() -> None:
    with pytest.raises(AttributeError, match="surname"):
        getattr(fast(Person, {"id": "7"}), "surname")  # noqa: B009 - checkers know that there is none


def test_a_model_may_extend_another() -> None:
    villa = fast(Villa, {"id": 1, "title": "A", "pool": {"number": "1"}})
    assert villa == Villa(id=1, title="A", pool=Phone(number="1"))
    assert fast(Site, {"id": 1, "title": "A"}) == Site(id=1, title="A")
    assert decode(Villa, b'{"id": 1, "x": 2}').extra == {"x": 2}


@pytest.mark.usefixtures("hasty_threads")
def test_threads_that_ask_at_once_receive_the_same_dict() -> None:
    threads = 4
    barrier = Barrier(threads)
    people = [fast(Person, {"id": "7"}) for _ in range(2_000)]

    def ask() -> list[dict[str, JSON]]:
        barrier.wait()
        return [person.extra for person in people]

    with ThreadPoolExecutor(threads) as pool:
        answers = [future.result() for future in [pool.submit(ask) for _ in range(threads)]]
    for extras in zip(*answers, strict=True):
        assert all(extra is extras[0] for extra in extras)


def test_unknown_keys_are_kept_before_and_after_they_are_learned() -> None:
    model = new_whole()
    record = {"id": "7", "tier": "gold", "part": {"name": "a", "color": "red"}, "parts": [{"x": None}, {}]}
    body = json.dumps([record, {"id": "8"}, {**record, "more": [1]}]).encode()
    expected = told(read(NumberPage(model), BOM + body))
    for _ in range(5):
        assert told(read(NumberPage(model), body)) == expected
    items = read(NumberPage(model), body)[0].items
    assert [to_json(item) for item in items] == json.loads(body)


@pytest.mark.usefixtures("hasty_threads")
def test_threads_may_learn_at_once() -> None:
    learning, tolerant = new_whole(), new_whole()
    bodies = [
        json.dumps([{"id": "7", f"key_{n}": n, "part": {f"key_{n % 7}": n}, "size": "x" * (n % 2)}] * 3).encode()
        for n in range(30)
    ]
    expected = [told(read(NumberPage(tolerant), BOM + body)) for body in bodies]

    def follow(start: int) -> list[str]:
        order = islice(cycle(range(len(bodies))), start, start + 3 * len(bodies))
        return [told(read(NumberPage(learning), bodies[n])) for n in order]

    with ThreadPoolExecutor(4) as pool:
        for start, answers in zip((0, 10, 20, 25), pool.map(follow, (0, 10, 20, 25)), strict=True):
            assert answers == [*islice(cycle(expected), start, start + 3 * len(bodies))]


def test_keys_without_end_are_all_kept() -> None:
    model = new_whole()
    for start in range(0, 2_000, 100):
        records = [{"id": "7", f"key {number}": number} for number in range(start, start + 100)]
        page, _ = read(NumberPage(model), json.dumps(records).encode())
        assert [to_json(item) for item in page.items] == records


MIXED: Final[list[JSON]] = [
    {"id": "1", "age": "5"},
    {"id": {}},
    [],
    {"id": "2", "x": [1]},
    {"id": "3", "owner": {}},
]


@pytest.mark.parametrize(
    ("result", "answer"),
    [
        (NumberPage(Person), MIXED),
        (CursorPage(Person), {"result": MIXED}),
        (CursorPage(Person), {"results": dict(zip("abcde", MIXED, strict=True)), "next_cursor": 5}),
    ],
    ids=["array", "envelope", "envelope of another form"],
)
def test_what_one_record_holds_is_no_matter_to_the_others(result: Result[Page[Person]], answer: JSON) -> None:
    body = json.dumps(answer).encode()
    page, deviations = read(result, body)
    people = [Person(id="1", age=5), Person(id="2", extra={"x": [1]}), Person(id="3", extra={"owner": {}})]
    assert page.items == people
    assert [(entry.index, entry.raw) for entry in page.rejected] == [(1, {"id": {}}), (2, [])]
    assert told((page, deviations)) == told(read(result, BOM + body))


@pytest.mark.parametrize(
    "names", [{}, {"cursor": "after", "items": ("rows", "more"), "next": "after", "partial": "is_partial"}]
)
def test_an_envelope_is_read_alike_both_ways(names: dict[str, Any]) -> None:
    # No decoder is at hand yet for a class that is new.
    result = CursorPage(new_whole(), **names)
    body = json.dumps({result.items[0]: [{"id": "7"}], result.next: "x", result.partial: True}).encode()
    page, deviations = read(result, body)
    assert (page.next_cursor, page.is_partial_response, len(page.items)) == ("x", True, 1)
    assert told((page, deviations)) == told(read(result, BOM + body))


@pytest.mark.parametrize("text", [b'{"id": "2", "name": "\xff"}', b'{"id": "2", "\xff": 1}'])
def test_text_that_is_not_utf_8_makes_no_answer_at_all(text: bytes) -> None:
    with pytest.raises(DecodeError, match="not JSON"):
        read(NumberPage(Person), b'[{"id": "1"}, ' + text + b"]")
    with pytest.raises(DecodeError, match="not JSON"):
        read(CursorPage(Person), b'{"result": [{"id": "1"}, ' + text + b"]}")


def test_keys_that_msgspec_cannot_hold_are_read() -> None:
    odd: dict[str, object] = {'quo"ted\\': "x", "unknown": 1}
    record = {"id": "7", "level": 3, "flag": True, "odd": odd, "grid": [[odd, None], []]}
    box = fast(Box, record)
    assert box.odd == Odd(quoted="x", extra={"unknown": 1})
    assert box.grid == [[box.odd, None], []]
    assert (box.level, box.flag) == (3, True)
    assert to_json(box) == record
    assert fast(Odd, odd) == box.odd
    body = json.dumps({"id": "7", "odd": {'quo"ted\\': {}}, "level": "low", "flag": 1}).encode()
    box, deviations = read(One(Box), body)
    assert box == Box(id="7", odd=Odd(extra={'quo"ted\\': {}}), extra={"level": "low", "flag": 1})
    assert [entry.path for entry in deviations] == ["level", "flag", 'odd.quo"ted\\']
    assert told(read(One(Box), BOM + body)) == told((box, deviations))


def test_models_are_read_in_lists_and_maps_of_any_depth() -> None:
    record: dict[str, object] = {
        "id": "7",
        "people": {"a": [{"id": "1", "manager": {"id": "2", "phones": [{}]}}], "b": []},
        "owners": [{"x": {"id": "3"}, "y": {"id": "4", "color": "red"}}, {}],
    }
    for _ in range(2):
        box = decode(Box, json.dumps(record).encode())
        assert box.people == {"a": [Person(id="1", manager=Person(id="2", phones=[Phone()]))], "b": []}
        assert box.owners == [{"x": Owner(id="3"), "y": Owner(id="4", extra={"color": "red"})}, {}]
        assert to_json(box) == record
