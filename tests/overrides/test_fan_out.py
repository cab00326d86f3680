"""One request over many integrated accounts: an outcome for each, never more at once than asked for."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Iterator

import pytest

from accounts_client import AccountsClientError, Failed, NotFoundError, Outcome, Succeeded
from accounts_client.crm_users import User, get_user, list_users
from accounts_client.testing import FakeTruto
from accounts_client_runtime.fan_out import fan_out, fan_out_async

ACCOUNTS = [f"account-{number}" for number in range(12)]


@pytest.fixture
def fake() -> FakeTruto:
    """Return a fake in which each account has as many users as its number says; the last one does not exist."""
    fake = FakeTruto()
    for number, account in enumerate(ACCOUNTS[:-1]):
        fake.add_account(account).add_samples("crm_users", number)
    return fake


def counts(outcomes: list[Outcome[list[User]]]) -> dict[str, int]:
    return {entry.account: len(entry.value) for entry in outcomes if isinstance(entry, Succeeded)}


def errors(outcomes: list[Outcome[list[User]]]) -> dict[str, type[AccountsClientError]]:
    return {entry.account: type(entry.error) for entry in outcomes if isinstance(entry, Failed)}


def test_a_listing_is_followed_to_its_end_in_each_account(fake: FakeTruto) -> None:
    with fake.client() as truto:
        outcomes = list(truto.fan_out(ACCOUNTS, list_users(limit=2), concurrency=4))
    assert counts(outcomes) == {account: number for number, account in enumerate(ACCOUNTS[:-1])}
    assert errors(outcomes) == {ACCOUNTS[-1]: NotFoundError}


def test_async_a_listing_is_followed_to_its_end_in_each_account(fake: FakeTruto) -> None:
    async def run() -> list[Outcome[list[User]]]:
        async with fake.async_client() as truto:
            return [entry async for entry in truto.fan_out(ACCOUNTS, list_users(limit=2), concurrency=4)]

    outcomes = asyncio.run(run())
    assert counts(outcomes) == {account: number for number, account in enumerate(ACCOUNTS[:-1])}
    assert errors(outcomes) == {ACCOUNTS[-1]: NotFoundError}


def test_a_single_request_gives_its_value(fake: FakeTruto) -> None:
    stored = fake.account("account-3").records("crm_users")[0]
    with fake.client() as truto:
        outcomes = list(truto.fan_out(["account-3", "account-4"], get_user(str(stored["id"]))))
    found = {entry.account: entry.value.id for entry in outcomes if isinstance(entry, Succeeded)}
    assert found["account-3"] == stored["id"]


def test_async_a_single_request_gives_its_value(fake: FakeTruto) -> None:
    stored = fake.account("account-3").records("crm_users")[0]

    async def run() -> list[Outcome[User]]:
        async with fake.async_client() as truto:
            return [entry async for entry in truto.fan_out(["account-3"], get_user(str(stored["id"])))]

    assert [entry.value.id for entry in asyncio.run(run()) if isinstance(entry, Succeeded)] == [stored["id"]]


class Meter:
    """Counts the calls under way."""

    def __init__(self) -> None:
        self.under_way = self.most = self.started = 0
        self._lock = threading.Lock()

    def enter(self) -> None:
        with self._lock:
            self.started += 1
            self.under_way += 1
            self.most = max(self.most, self.under_way)

    def leave(self) -> None:
        with self._lock:
            self.under_way -= 1


def endless() -> Iterator[str]:
    number = 0
    while True:
        yield f"account-{number}"
        number += 1


def test_no_more_calls_are_under_way_than_asked_for() -> None:
    meter, barrier = Meter(), threading.Barrier(3)

    def call(account: str) -> str:
        meter.enter()
        # The first three only go on together, so that three really are under way at once.
        barrier.wait(timeout=10)
        meter.leave()
        return account

    outcomes = list(fan_out(ACCOUNTS, call, concurrency=3))
    assert sorted(entry.account for entry in outcomes) == sorted(ACCOUNTS)
    assert meter.most == 3


def test_leaving_early_starts_no_further_call_and_leaves_no_thread() -> None:
    meter, before = Meter(), threading.active_count()

    def call(account: str) -> str:
        meter.enter()
        meter.leave()
        return account

    outcomes = fan_out(endless(), call, concurrency=2)
    next(outcomes)
    outcomes.close()
    assert meter.started <= 4
    assert threading.active_count() == before


def test_async_leaving_early_cancels_the_calls_under_way() -> None:
    cancelled: list[str] = []

    async def call(account: str) -> str:
        if account != "account-0":
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled.append(account)
                raise
        return account

    async def run() -> set[str]:
        outcomes = fan_out_async(endless(), call, concurrency=4)
        assert await anext(outcomes) == Succeeded("account-0", "account-0")
        await outcomes.aclose()
        return {task.get_name() for task in asyncio.all_tasks() if task is not asyncio.current_task()}

    assert asyncio.run(run()) == set()
    assert sorted(cancelled) == ["account-1", "account-2", "account-3"]


def test_an_error_that_is_not_the_library_s_ends_the_fan_out() -> None:
    def call(account: str) -> str:
        raise ZeroDivisionError(account)

    with pytest.raises(ZeroDivisionError):
        list(fan_out(ACCOUNTS, call, concurrency=2))


@pytest.mark.parametrize("concurrency", [0, -1])
def test_there_is_at_least_one_call_at_once(fake: FakeTruto, concurrency: int) -> None:
    with fake.client() as truto, pytest.raises(AccountsClientError, match="concurrency"):
        list(truto.fan_out(ACCOUNTS, list_users(), concurrency=concurrency))


@pytest.mark.parametrize("concurrency", [0, -1])
def test_async_there_is_at_least_one_call_at_once(fake: FakeTruto, concurrency: int) -> None:
    async def run() -> None:
        async with fake.async_client() as truto:
            async for _ in truto.fan_out(ACCOUNTS, list_users(), concurrency=concurrency):
                pass

    with pytest.raises(AccountsClientError, match="concurrency"):
        asyncio.run(run())


def test_tasks_of_accounts_that_end_in_an_error_are_cancelled() -> None:
    cancelled: list[str] = []

    def accounts() -> Iterator[str]:
        yield "a"
        yield "b"
        raise LookupError("no more accounts")

    async def call(account: str) -> str:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(account)
            raise
        return account

    async def run() -> None:
        outcomes = fan_out_async(accounts(), call, concurrency=4)
        with pytest.raises(LookupError, match="no more accounts"):
            await anext(outcomes)
        # What was begun has not run yet, and never will.
        assert {task for task in asyncio.all_tasks() if task is not asyncio.current_task()} == set()

    asyncio.run(run())
    assert cancelled == []


def test_every_error_of_tasks_that_end_together_is_retrieved(caplog: pytest.LogCaptureFixture) -> None:
    async def call(account: str) -> str:
        raise LookupError(account)

    async def run() -> None:
        with pytest.raises(LookupError):
            await anext(fan_out_async(["a", "b", "c"], call, concurrency=3))

    asyncio.run(run())
    gc.collect()
    assert caplog.records == []
