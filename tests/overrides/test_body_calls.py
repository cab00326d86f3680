"""encode_body walks no plain body in Python, however much it holds. Calls are counted, nothing is timed."""

from __future__ import annotations

import pytest

from accounts_client_runtime import Names
from accounts_client_runtime.bodies import encode_body
from tests.overrides.counting import calls

NAMES = Names({"account_type": "accountType"})


def body_of(count: int) -> dict[str, object]:
    return {
        "account_type": "RESIDENTIAL",
        "tags": [{"id": str(number), "name": None, "is_active": True} for number in range(count)],
        "custom": {f"field {number}": [number, {"text": "é"}] for number in range(count)},
    }


def calls_to_encode(body: dict[str, object], names: Names | None) -> int:
    """Return how many calls, of Python and of C functions, the second time takes: the first one prepares."""
    encode_body(body, names)
    return calls(lambda: encode_body(body, names))


@pytest.mark.parametrize("names", [None, NAMES], ids=["as they are", "renamed"])
def test_calls_do_not_grow_with_what_a_plain_body_holds(names: Names | None) -> None:
    small, large = calls_to_encode(body_of(1), names), calls_to_encode(body_of(500), names)
    assert large == small < 20


def test_the_count_sees_a_walk() -> None:
    """A tuple sends a body the exact way, so that the count above would show if plain bodies went it as well."""
    assert calls_to_encode({**body_of(500), "address": ("Main Street",)}, None) > 1000


def test_plain_texts_cost_few_calls_on_the_exact_way() -> None:
    tags = [{"id": str(number), "name": "x", "note": "y"} for number in range(500)]
    assert calls_to_encode({"address": ("Main Street",), "tags": tags}, None) < 500 * 30
