"""retry_delay: which failures are tried again, after how long, and where it ends. No clock, no sleep."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Mapping
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts_client_runtime import (
    AccountsClientError,
    AmbiguousWriteError,
    APIStatusError,
    ConfigurationError,
    ConnectError,
    CursorLoopError,
    DecodeError,
    RequestTimeoutError,
    RetryPolicy,
    classify,
)
from accounts_client_runtime.retry import ambiguous_write, is_ambiguous, retry_delay
from tests.overrides.models import create_site

POLICY: Final = RetryPolicy()
PATIENT: Final = RetryPolicy(attempts=10_000, budget=1e9)


def status_error(status: int, headers: Mapping[str, str] | None = None, *, is_remote: bool = False) -> APIStatusError:
    """Return the error for a status."""
    body = {"message": "Said so", "truto_is_remote_error": is_remote}
    return classify(status, headers or {}, json.dumps(body).encode(), request=create_site())


def is_tried_again(error: AccountsClientError, *, is_safe: bool) -> bool:
    """Whether there is a second try."""
    return retry_delay(POLICY, error, attempt=1, elapsed=0.0, is_safe=is_safe) is not None


# One row a line of Truto's status table, and for statuses that it does not have: whether a request that may be carried
# out twice, and one that must not, is tried again.
@pytest.mark.parametrize(
    ("status", "is_remote", "safe", "unsafe"),
    [
        (302, False, False, False),
        (400, False, False, False),
        (400, True, False, False),
        (401, False, False, False),
        (401, True, False, False),
        (403, False, False, False),
        (403, True, False, False),
        (404, False, False, False),
        (404, True, False, False),
        (405, False, False, False),
        (408, False, True, False),
        (408, True, True, False),
        (409, True, False, False),
        (422, True, False, False),
        (429, False, True, True),
        (429, True, True, True),
        (500, False, True, False),
        (500, True, False, False),
        (502, False, True, False),
        (502, True, True, False),
        (503, False, False, False),
        (503, True, False, False),
        (504, False, True, False),
        (504, True, True, False),
        (520, False, True, False),
        (520, True, False, False),
    ],
)
def test_each_status_of_truto(status: int, is_remote: bool, safe: bool, unsafe: bool) -> None:
    error = status_error(status, is_remote=is_remote)
    assert is_tried_again(error, is_safe=True) is safe
    assert is_tried_again(error, is_safe=False) is unsafe


# The same for Coperniq, which knows no keys: whether a read, and a write, is tried again.
@pytest.mark.parametrize(
    ("status", "code", "read", "write"),
    [
        (400, "VALIDATION_ERROR", False, False),
        (400, "INVALID_JSON", False, False),
        (400, "PREPROCESSING_ERROR", False, False),
        (401, "UNAUTHORIZED", False, False),
        (403, None, False, False),
        (404, "NOT_FOUND", False, False),
        (429, "RATE_LIMIT_EXCEEDED", True, True),
        (500, "INTERNAL_SERVER_ERROR", True, False),
        (502, "BAD_GATEWAY", True, False),
    ],
)
def test_each_status_of_coperniq(status: int, code: str | None, read: bool, write: bool) -> None:
    error = classify(status, {"X-RateLimit-Limit": "5000"}, json.dumps({"message": "Said so", "code": code}).encode())
    assert is_tried_again(error, is_safe=True) is read
    assert is_tried_again(error, is_safe=False) is write


@pytest.mark.parametrize(
    ("error", "safe", "unsafe"),
    [
        (ConnectError("refused", sent=False), True, True),
        (ConnectError("broke", sent=True), True, False),
        (RequestTimeoutError("no connection", sent=False), True, True),
        (RequestTimeoutError("no answer", sent=True), True, False),
        (DecodeError("odd"), False, False),
        (CursorLoopError("round", cursor="c"), False, False),
        (ConfigurationError("no token"), False, False),
        (AmbiguousWriteError("who knows"), False, False),
    ],
)
def test_each_failure_without_a_status(error: AccountsClientError, safe: bool, unsafe: bool) -> None:
    assert is_tried_again(error, is_safe=True) is safe
    assert is_tried_again(error, is_safe=False) is unsafe


@pytest.mark.parametrize(
    ("headers", "is_remote", "expected"),
    [
        ({"X-RateLimit-Remaining": "4321"}, False, True),
        ({"X-RateLimit-Remaining": "0"}, False, False),
        ({"X-RateLimit-Remaining": "0", "Retry-After": "5"}, False, True),
        ({"X-RateLimit-Remaining": "0", "Retry-After": "3600"}, False, False),
        ({"X-RateLimit-Remaining": "0"}, True, True),
    ],
)
def test_a_spent_day_is_not_waited_out_but_a_provider_s_short_window_is(
    headers: dict[str, str], is_remote: bool, expected: bool
) -> None:
    assert is_tried_again(status_error(429, headers, is_remote=is_remote), is_safe=True) is expected


@pytest.mark.parametrize(
    ("retry_after", "delay"), [("0", 0.0), ("1.5", 1.5), ("60", 60.0), ("61", None), ("9" * 400, None)]
)
def test_retry_after_is_waited_as_it_is_up_to_a_ceiling(retry_after: str, delay: float | None) -> None:
    for status in (429, 500, 502, 504):
        error = status_error(status, {"Retry-After": retry_after})
        assert retry_delay(POLICY, error, attempt=1, elapsed=0.0, is_safe=True) == delay


def test_the_ceiling_of_retry_after_can_be_changed() -> None:
    error = status_error(429, {"Retry-After": "90"})
    policy = RetryPolicy(max_retry_after=100)
    assert retry_delay(policy, error, attempt=1, elapsed=0.0, is_safe=True) == 90.0


@pytest.mark.parametrize("retry_after", ["-10", "soon", ""])
def test_an_unreadable_retry_after_leaves_the_usual_pause(retry_after: str) -> None:
    error = status_error(429, {"Retry-After": retry_after})
    delay = retry_delay(POLICY, error, attempt=1, elapsed=0.0, is_safe=True)
    assert delay is not None
    assert 0 <= delay <= POLICY.base_delay


@given(st.integers(1, 9_000), st.floats(0, 1e3), st.floats(0, 1e3))
def test_the_pause_is_drawn_below_a_bound_that_doubles_up_to_a_ceiling(attempt: int, base: float, most: float) -> None:
    policy = RetryPolicy(attempts=10_000, base_delay=base, max_delay=most, budget=1e9)
    delay = retry_delay(policy, status_error(500), attempt=attempt, elapsed=0.0, is_safe=True)
    assert delay is not None
    assert 0 <= delay <= most
    if attempt < 20:
        assert delay <= base * 2 ** (attempt - 1)


@pytest.mark.parametrize(("attempt", "bound"), [(1, 0.5), (2, 1.0), (3, 2.0), (5, 8.0), (6, 8.0), (2_000, 8.0)])
def test_the_pause_is_spread_over_the_whole_range(attempt: int, bound: float) -> None:
    drawn = [
        retry_delay(PATIENT, status_error(500), attempt=attempt, elapsed=0.0, is_safe=True) or 0.0 for _ in range(400)
    ]
    assert max(drawn) <= bound
    assert max(drawn) > bound * 0.9
    assert min(drawn) < bound * 0.1


@pytest.mark.parametrize(("attempts", "tries"), [(1, 1), (2, 2), (3, 3), (7, 7)])
def test_attempts_count_the_first_try(attempts: int, tries: int) -> None:
    policy = RetryPolicy(attempts=attempts)
    count = 1
    while retry_delay(policy, status_error(500), attempt=count, elapsed=0.0, is_safe=True) is not None:
        count += 1
    assert count == tries


@pytest.mark.parametrize(
    ("elapsed", "retry_after", "delay"),
    [(0.0, "20", 20.0), (100.0, "20", 20.0), (100.1, "20", None), (120.0, "0", 0.0), (121.0, "0", None)],
)
def test_no_pause_ends_behind_the_budget(elapsed: float, retry_after: str, delay: float | None) -> None:
    error = status_error(429, {"Retry-After": retry_after})
    assert retry_delay(POLICY, error, attempt=1, elapsed=elapsed, is_safe=True) == delay


def test_a_policy_without_pauses_tries_at_once() -> None:
    policy = RetryPolicy(base_delay=0)
    assert retry_delay(policy, status_error(500), attempt=1, elapsed=0.0, is_safe=True) == 0.0


@pytest.mark.parametrize(
    "arguments",
    [
        {"attempts": 0},
        {"base_delay": -1},
        {"max_delay": -0.1},
        {"max_retry_after": -0.1},
        {"max_retry_after": float("nan")},
        {"budget": -1},
    ],
)
def test_senseless_policies_are_refused(arguments: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=next(iter(arguments))):
        RetryPolicy(**arguments)


def test_a_policy_may_allow_no_time_at_all() -> None:
    policy = RetryPolicy(attempts=2, base_delay=0, max_delay=0, max_retry_after=0, budget=0)
    for headers, delay in (({}, 0.0), ({"Retry-After": "0"}, 0.0), ({"Retry-After": "0.1"}, None)):
        assert retry_delay(policy, status_error(429, headers), attempt=1, elapsed=0.0, is_safe=True) == delay


def test_policies_are_values() -> None:
    policy = RetryPolicy(attempts=5)
    assert policy == RetryPolicy(5) != POLICY
    assert pickle.loads(pickle.dumps(policy)) == copy.deepcopy(policy) == policy
    assert len({policy, RetryPolicy(attempts=5), POLICY}) == 2


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ConnectError("refused", sent=False), False),
        (ConnectError("broke", sent=True), True),
        (RequestTimeoutError("no connection", sent=False), False),
        (RequestTimeoutError("no answer", sent=True), True),
        (status_error(400), False),
        (status_error(429), False),
        (status_error(500), False),
        (status_error(502), True),
        (status_error(503), False),
        (status_error(504), True),
        (status_error(408), True),
        (status_error(519), False),
        (status_error(520), True),
        (status_error(524), True),
        (status_error(525), False),
        (DecodeError("odd"), False),
    ],
)
def test_what_leaves_the_outcome_open(error: AccountsClientError, expected: bool) -> None:
    assert is_ambiguous(error) is expected


def test_an_ambiguous_write_says_what_happened_and_what_to_do() -> None:
    cause = ConnectError("The connection broke.", sent=True)
    assert str(ambiguous_write(cause)) == (
        "the write was sent, but its outcome is unknown: The connection broke. "
        "Look for the record before you send it again."
    )
    cause.request = create_site()
    error = ambiguous_write(cause)
    assert error.request == create_site()
    assert str(error).startswith("sites.create was sent, but its outcome is unknown: The connection broke. Look")


@pytest.mark.parametrize("status", [408, 502, 504, 520])
def test_an_ambiguous_write_does_not_advise_to_send_it_again(status: int) -> None:
    assert str(ambiguous_write(status_error(status))) == (
        f"sites.create was sent, but its outcome is unknown: HTTP {status} to sites.create: Said so. "
        "Look for the record before you send it again."
    )
