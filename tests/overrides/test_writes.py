"""Retries and writes: a write happens once, under a key where the service knows keys, and says so if nobody knows."""

from __future__ import annotations

from itertools import count
from typing import Final

import httpx
import pytest

from accounts_client_runtime import (
    AccountsClientError,
    AmbiguousWriteError,
    BadRequestError,
    BudgetExhaustedError,
    BudgetPolicy,
    ConfigurationError,
    ConnectError,
    InvalidRequestError,
    Limit,
    RateLimitError,
    Request,
    RequestTimeoutError,
    RetryPolicy,
    ServerError,
)
from accounts_client_runtime.options import OptionChanges
from tests.overrides.callers import BOTH_WAYS, Caller, Recorder, answer
from tests.overrides.models import (
    create_person,
    create_site,
    delete_person,
    delete_site,
    get_person,
    get_site,
    list_people,
    update_person,
    update_site,
)

PERSON: Final = answer({"id": "7", "name": "Ann"})
SITE: Final = answer({"id": 42, "title": "Acme"})
BROKEN: Final = httpx.ReadError("broke")
OTHER: Final = "11111111-2222-3333-4444-555555555555"


@BOTH_WAYS
def test_each_write_has_a_key_of_its_own_and_keeps_it_on_each_retry(way: type[Caller]) -> None:
    handler = Recorder(PERSON, answer({}, 500), BROKEN, PERSON, PERSON)
    with way.truto(handler) as truto:
        truto.send(create_person())
        truto.send(update_person())
        truto.send(delete_person())
    first, *second, third = handler.keys
    assert len(second) == 3
    assert len(set(second)) == 1
    assert len({first, second[0], third}) == 3
    assert all(key and len(key) >= 32 for key in handler.keys)


@BOTH_WAYS
def test_reads_carry_no_key_and_use_none_up(way: type[Caller]) -> None:
    handler = Recorder(answer({"id": "7", "result": []}))
    with way.truto(handler) as truto:
        view = truto.view(idempotency_key="mine")
        view.send(get_person())
        view.paginate(list_people()).page()
        view.send(create_person())
    assert handler.keys == [None, None, "mine"]


@BOTH_WAYS
def test_a_chosen_key_serves_one_write_with_its_retries(way: type[Caller]) -> None:
    handler = Recorder(answer({}, 502), PERSON)
    with way.truto(handler) as truto:
        view = truto.view(idempotency_key="mine")
        view.send(create_person())
        for later in (view, view.view(timeout=1), view.account(OTHER)):
            with pytest.raises(InvalidRequestError, match="already served"):
                later.send(create_person())
        truto.view(idempotency_key="mine").send(create_person())
    assert handler.keys == ["mine"] * 3


@BOTH_WAYS
def test_a_write_that_cannot_be_sent_uses_no_key_up(way: type[Caller]) -> None:
    handler = Recorder(PERSON)
    with way.truto(handler) as truto:
        view = truto.view(idempotency_key="mine")
        with pytest.raises(InvalidRequestError):
            view.send(update_person("."))
        with pytest.raises(InvalidRequestError):
            view.send(create_person({"name": b"x"}))
        view.send(create_person())
    assert handler.keys == ["mine"]


@BOTH_WAYS
def test_a_write_whose_token_cannot_be_had_uses_no_key_up(way: type[Caller]) -> None:
    handler = Recorder(PERSON)
    tokens = iter(["", "token"])
    with way.truto(handler, token=lambda: next(tokens), integrated_account_id=OTHER) as truto:
        view = truto.view(idempotency_key="mine")
        with pytest.raises(ConfigurationError, match="token"):
            view.send(create_person())
        view.send(create_person())
    assert handler.keys == ["mine"]


@BOTH_WAYS
def test_a_write_that_never_left_uses_no_key_up(way: type[Caller]) -> None:
    refused = httpx.ConnectError("refused")
    handler = Recorder(refused, refused, refused, refused, BROKEN, refused, PERSON)
    with way.truto(handler) as truto:
        view = truto.view(idempotency_key="mine")
        with pytest.raises(ConnectError):
            view.send(create_person())
        with pytest.raises(ConnectError):
            view.send(create_person())
        with pytest.raises(InvalidRequestError, match="already served"):
            view.send(create_person())
    assert handler.keys == ["mine"] * 6


@BOTH_WAYS
def test_a_second_write_under_a_key_is_refused_before_it_waits_for_its_turn(way: type[Caller]) -> None:
    with way.truto(Recorder(PERSON), budget=BudgetPolicy(token_limits=(Limit(1, 10.0),))) as truto:
        view = truto.view(idempotency_key="mine")
        view.send(create_person())
        with pytest.raises(InvalidRequestError, match="already served"):
            view.send(create_person())
    assert truto.clock.naps == []


@BOTH_WAYS
def test_the_factory_of_keys_can_be_replaced(way: type[Caller]) -> None:
    handler = Recorder(PERSON)
    numbers = count(1)
    with way.truto(handler, idempotency_key_factory=lambda: f"key-{next(numbers)}") as truto:
        truto.send(create_person())
        truto.send(delete_person())
    assert handler.keys == ["key-1", "key-2"]


@pytest.mark.parametrize("key", ["", "é", "a\nb"])
@BOTH_WAYS
def test_a_factory_must_make_keys_that_a_header_can_carry(way: type[Caller], key: str) -> None:
    handler = Recorder(PERSON)
    with (
        way.truto(handler, idempotency_key_factory=lambda: key) as truto,
        pytest.raises(ConfigurationError, match="idempotency"),
    ):
        truto.send(create_person())
    assert handler.requests == []


@BOTH_WAYS
def test_coperniq_knows_no_keys(way: type[Caller]) -> None:
    handler = Recorder(SITE)
    with way.coperniq(handler) as coperniq:
        coperniq.send(create_site())
        with pytest.raises(ConfigurationError, match="documents no idempotency keys"):
            coperniq.view(idempotency_key="mine")
    assert handler.keys == [None]


@BOTH_WAYS
def test_a_read_is_tried_again_and_waits(way: type[Caller]) -> None:
    handler = Recorder(answer({}, 429, {"Retry-After": "7"}), BROKEN, PERSON)
    with way.truto(handler) as truto:
        assert truto.send(get_person()).id == "7"
    assert len(handler.requests) == 3
    assert truto.clock.naps[0] == 7.0
    assert 0 <= truto.clock.naps[1] <= 1.0


@BOTH_WAYS
def test_the_last_error_is_raised_when_the_tries_are_used_up(way: type[Caller]) -> None:
    handler = Recorder(BROKEN, httpx.ReadTimeout("slow"), answer({}, 500))
    with way.truto(handler) as truto, pytest.raises(ServerError):
        truto.send(get_person())
    assert len(handler.requests) == 3
    with way.truto(Recorder(answer({}, 500), BROKEN)) as truto, pytest.raises(ConnectError):
        truto.send(get_person())
    handler = Recorder(httpx.ReadTimeout("slow"))
    with way.truto(handler, timeout=3) as truto, pytest.raises(RequestTimeoutError, match="No answer within 3 s"):
        truto.send(get_person())


@pytest.mark.parametrize("failure", [answer({}, 500), answer({}, 429), BROKEN, httpx.ConnectError("refused")])
@BOTH_WAYS
def test_without_retries_there_is_one_try(way: type[Caller], failure: httpx.Response | Exception) -> None:
    handler = Recorder(failure)
    with way.truto(handler, max_retries=0) as truto:
        for request in (get_person(), create_person()):
            with pytest.raises(AccountsClientError):
                truto.send(request)
    assert len(handler.requests) == 2
    assert truto.clock.naps == []


@BOTH_WAYS
def test_the_number_of_tries_can_be_changed_in_each_way(way: type[Caller]) -> None:
    for arguments, tries in (
        (OptionChanges(max_retries=4), 5),
        (OptionChanges(retry_policy=RetryPolicy(attempts=2)), 2),
        (OptionChanges(retry_policy=RetryPolicy(attempts=2), max_retries=3), 4),
    ):
        handler = Recorder(answer({}, 500))
        with way.truto(handler) as truto, pytest.raises(ServerError):
            truto.view(**arguments).send(get_person())
        assert len(handler.requests) == tries


@BOTH_WAYS
def test_a_long_pause_is_not_waited_out(way: type[Caller]) -> None:
    handler = Recorder(answer({}, 429, {"Retry-After": "3600"}))
    with way.truto(handler) as truto, pytest.raises(RateLimitError) as caught:
        truto.send(get_person())
    assert caught.value.retry_after == 3600.0
    assert (len(handler.requests), truto.clock.naps) == (1, [])


@BOTH_WAYS
def test_the_pauses_end_within_the_budget(way: type[Caller]) -> None:
    handler = Recorder(answer({}, 429, {"Retry-After": "40"}))
    policy = RetryPolicy(attempts=10, budget=100)
    with way.truto(handler, retry_policy=policy) as truto, pytest.raises(RateLimitError):
        truto.send(get_person())
    assert (len(handler.requests), truto.clock.naps) == (3, [40.0, 40.0])


@BOTH_WAYS
def test_a_spent_day_of_coperniq_is_not_waited_out(way: type[Caller]) -> None:
    handler = Recorder(answer({}, 429, {"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "0"}))
    with way.coperniq(handler) as coperniq:
        with pytest.raises(RateLimitError):
            coperniq.send(get_site())
        with pytest.raises(BudgetExhaustedError) as caught:
            coperniq.send(get_site(43))
    assert caught.value.request == get_site(43)
    assert (len(handler.requests), coperniq.clock.naps) == (1, [])


@pytest.mark.parametrize(
    "failure",
    [BROKEN, httpx.ReadTimeout("slow"), httpx.WriteError("broke"), answer({}, 408), answer({}, 502), answer({}, 504)],
)
@pytest.mark.parametrize("request_", [create_site(), update_site(), delete_site()], ids=["create", "update", "delete"])
@BOTH_WAYS
def test_a_write_of_unknown_outcome_is_not_sent_again_without_a_key(
    way: type[Caller], request_: Request[object], failure: httpx.Response | Exception
) -> None:
    handler = Recorder(failure)
    with way.coperniq(handler) as coperniq, pytest.raises(AmbiguousWriteError) as caught:
        coperniq.send(request_)
    assert len(handler.requests) == 1
    assert caught.value.request == request_
    assert isinstance(caught.value.__cause__, AccountsClientError)
    assert request_.operation.name in str(caught.value)


@pytest.mark.parametrize(
    "failure", [httpx.ConnectError("refused"), httpx.ConnectTimeout("slow"), httpx.PoolTimeout("busy"), answer({}, 429)]
)
@BOTH_WAYS
def test_a_write_that_was_not_acted_on_is_sent_again_without_a_key(
    way: type[Caller], failure: httpx.Response | Exception
) -> None:
    handler = Recorder(failure, SITE)
    with way.coperniq(handler) as coperniq:
        assert coperniq.send(create_site()).id == 42
    assert len(handler.requests) == 2


@pytest.mark.parametrize(("status", "error_type"), [(500, ServerError), (503, ServerError), (400, BadRequestError)])
@BOTH_WAYS
def test_a_write_that_failed_says_so(way: type[Caller], status: int, error_type: type[Exception]) -> None:
    handler = Recorder(answer({"message": "No"}, status))
    with way.coperniq(handler) as coperniq, pytest.raises(error_type):
        coperniq.send(create_site())
    assert len(handler.requests) == 1


@pytest.mark.parametrize("failure", [BROKEN, httpx.ReadTimeout("slow"), answer({}, 502), answer({}, 500)])
@BOTH_WAYS
def test_a_write_with_a_key_is_sent_again(way: type[Caller], failure: httpx.Response | Exception) -> None:
    handler = Recorder(failure, failure, PERSON)
    with way.truto(handler) as truto:
        assert truto.send(create_person()).id == "7"
    assert len(handler.requests) == 3
    with way.truto(Recorder(failure)) as truto, pytest.raises((ConnectError, RequestTimeoutError, ServerError)):
        truto.send(create_person())
