"""What reading costs, in calls of functions and in bytes: alike on every machine, so that a lost fast way shows."""

from __future__ import annotations

import gc
import json
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import pytest
from attrs import define, field

from accounts_client_runtime import JSON, CursorPage, decode, to_json
from tests.overrides.counting import calls
from tests.overrides.models import new_whole
from tests.overrides.reading import BOM, read

SIZE: Final = 400


@define(kw_only=True)
class Left:
    """Is told from the right by its keys."""

    left: str | None = None
    below: Left | Right | None = None
    extra: dict[str, JSON] = field(factory=dict[str, JSON])


@define(kw_only=True)
class Right:
    """Is told from the left by its keys."""

    right: str | None = None
    below: Left | Right | None = None
    extra: dict[str, JSON] = field(factory=dict[str, JSON])


def held(function: Callable[[], object]) -> int:
    """Return the bytes that are held after a function, its result aside."""
    gc.collect()
    tracemalloc.start()
    try:
        function()
        gc.collect()
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


def page(**more: object) -> list[dict[str, object]]:
    """Return the records of a page."""
    record = {"size": 1, "part": {"name": "a"}, "parts": [{"name": "b"}, {"name": None}], "parts_by_name": None, **more}
    return [{"id": str(number), **record} for number in range(SIZE)]


def body(records: Sequence[Mapping[str, object]]) -> bytes:
    return json.dumps({"result": records, "next_cursor": "x", "is_partial_response": False}).encode()


def cost(text: bytes) -> int:
    """Return the calls that a page costs whose like was read before."""
    result = CursorPage(new_whole())
    for _ in range(3):
        read(result, text)
    return calls(lambda: read(result, text))


def test_a_documented_page_costs_no_call_a_record() -> None:
    assert cost(body(page())) < SIZE
    assert cost(BOM + body(page())) > 20 * SIZE


def test_unknown_keys_cost_no_call_a_record_once_they_are_known() -> None:
    assert cost(body(page(tier="gold", region=None, parts=[{"name": "b", "color": "red"}]))) < SIZE


def test_a_record_that_deviates_leaves_the_others_to_the_fast_way() -> None:
    records = page()
    records[50]["size"] = "5"
    assert cost(body(records)) < 15 * SIZE


def test_unknown_keys_without_end_cost_little_more_than_the_tolerant_way() -> None:
    result = CursorPage(new_whole())
    bodies = [body([{**record, f"{turn} {record['id']}": 1} for record in page()]) for turn in range(20)]
    tolerant = calls(lambda: [read(result, BOM + text) for text in bodies])
    assert calls(lambda: [read(result, text) for text in bodies]) < 2 * tolerant


@pytest.mark.parametrize(("keys", "length", "turns"), [(1, 50, 2_500), (1, 5_000, 300), (6_000, 50, 3)])
def test_unknown_keys_without_end_hold_no_memory(keys: int, length: int, turns: int) -> None:
    result = CursorPage(new_whole())

    def follow(start: int) -> None:
        for turn in range(start, start + turns):
            read(result, body([{"id": "7", **{f"{turn} {number} {'x' * length}": 1 for number in range(keys)}}]))

    follow(0)
    # What grows only now and then, such as the interpreter's own table of names, grows at most in one of two rounds.
    assert min(held(lambda: follow(turns)), held(lambda: follow(2 * turns))) < 150_000


def test_objects_without_unknown_keys_hold_no_dict() -> None:
    result = CursorPage(new_whole())
    read(result, body(page()))
    items = read(result, body(page()))[0].items
    assert held(lambda: {len(getattr(item, "extra")) for item in items}) > 40 * SIZE  # noqa: B009


def test_types_that_hold_each_other_cost_no_more_with_depth() -> None:
    def follow(depth: int) -> int:
        record: JSON = {"right": "x"}
        for _ in range(depth):
            record = {"left": "x", "below": record}
        text = json.dumps(record).encode()
        return calls(lambda: to_json(decode(Left, text)))

    follow(1)
    assert follow(12) < 10 * follow(6)
