"""One request over many integrated accounts: outcomes as they finish, never more at once than asked for."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterable
from itertools import islice
from typing import Generic, TypeAlias, TypeVar

from .errors import AccountsClientError, ConfigurationError
from .types import Value

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Succeeded(Value, Generic[T_co], frozen=True):
    """What an account answered."""

    account: str
    """The integrated account."""
    value: T_co
    """The value of the call."""


class Failed(Value, frozen=True):
    """Why an account gave no answer."""

    account: str
    """The integrated account."""
    error: AccountsClientError
    """What its call ended with."""


Outcome: TypeAlias = Succeeded[T_co] | Failed
"""What came of one account; tell the two apart with `isinstance` or `match`."""


def fan_out(accounts: Iterable[str], call: Callable[[str], T], *, concurrency: int) -> Generator[Outcome[T]]:
    """Yield an outcome for each account, as they finish.

    Closing the generator early waits for the calls that are under way and makes no others.
    """
    from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait  # slow to import

    _check_concurrency(concurrency)

    def attempt(account: str) -> Outcome[T]:
        try:
            return Succeeded(account, call(account))
        except AccountsClientError as error:
            return Failed(account, error)

    remaining = iter(accounts)
    with ThreadPoolExecutor(concurrency, "accounts-client-fan-out") as executor:
        under_way: set[Future[Outcome[T]]] = set()
        while True:
            under_way |= {executor.submit(attempt, name) for name in islice(remaining, concurrency - len(under_way))}
            if not under_way:
                return
            done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()


async def fan_out_async(
    accounts: Iterable[str], call: Callable[[str], Awaitable[T]], *, concurrency: int
) -> AsyncGenerator[Outcome[T]]:
    """Yield an outcome for each account, as they finish; closing the generator early cancels the calls under way."""
    import asyncio  # slow to import, and loaded already where a coroutine runs

    _check_concurrency(concurrency)

    async def attempt(account: str) -> Outcome[T]:
        try:
            return Succeeded(account, await call(account))
        except AccountsClientError as error:
            return Failed(account, error)

    remaining = iter(accounts)
    done: set[asyncio.Task[Outcome[T]]] = set()
    under_way: set[asyncio.Task[Outcome[T]]] = set()
    try:
        while True:
            # One at a time: where the accounts come from may fail in between.
            for name in islice(remaining, concurrency - len(under_way)):
                under_way.add(asyncio.create_task(attempt(name)))
            if not under_way:
                return
            done, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                yield task.result()
    finally:
        for task in under_way:
            task.cancel()
        await asyncio.gather(*done, *under_way, return_exceptions=True)


def _check_concurrency(concurrency: int) -> None:
    if concurrency < 1:
        raise ConfigurationError(f"concurrency is {concurrency}, expected 1 or more")
