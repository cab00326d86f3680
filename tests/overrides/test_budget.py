"""Budgets against a server that enforces the limits, on a simulated clock: nothing waits for real."""

from __future__ import annotations

import asyncio
import heapq
import math
import re
import selectors
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count

import httpx
import pytest

from accounts_client import AsyncTruto, Coperniq, RateLimitError, Truto
from accounts_client_runtime import BudgetExhaustedError, BudgetPolicy, ConfigurationError, Headers, Limit
from accounts_client_runtime import budget as budget_module
from accounts_client_runtime.budget import Budget, shared_budget

TOKEN = Limit(500, 10.0)
ACCOUNT = Limit(50, 10.0)
NONE = Headers()


class Enforcer:
    """Counts requests as the service does, and says which it would have answered with 429."""

    def __init__(self) -> None:
        self.token: deque[float] = deque()
        self.accounts: dict[str, deque[float]] = {}
        self.served: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()

    def receive(self, account: str, now: float) -> None:
        windows = [(self.token, TOKEN), (self.accounts.setdefault(account, deque()), ACCOUNT)]
        for starts, limit in windows:
            while starts and starts[0] <= now - limit.seconds:
                starts.popleft()
        if any(len(starts) >= limit.requests for starts, limit in windows):
            self.refused[account] += 1
            return
        for starts, _ in windows:
            starts.append(now)
        self.served[account] += 1


def simulate(budget: Budget, workers: list[str], *, until: float, throttled: str = "") -> Enforcer:
    """Let each worker send one request after the other for its account; `throttled` is always answered with 429."""
    enforcer = Enforcer()
    now = 0.0

    def work(account: str) -> Iterator[float]:
        while True:
            with budget.turn(account) as ticket:
                while wait := budget.delay(ticket, now):
                    yield wait
            if account == throttled:
                budget.learn(account, 429, Headers({"retry-after": "10"}), now)
                enforcer.refused[account] += 1
            else:
                enforcer.receive(account, now)
                budget.learn(account, 200, NONE, now)
            yield 0.05

    order = count()
    agenda = [(0.0, next(order), work(account)) for account in workers]
    while agenda and agenda[0][0] < until:
        now, _, worker = heapq.heappop(agenda)
        heapq.heappush(agenda, (now + next(worker), next(order), worker))
    return enforcer


class VirtualTime(selectors.SelectSelector):
    """Lets the clock of an event loop jump to what is due next, instead of waiting for it."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            self.now += timeout or 0.0
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop in which pauses take no time."""

    def __init__(self) -> None:
        self._virtual = VirtualTime()
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.now


def test_clients_of_a_thousand_accounts_get_no_429_waste_nothing_and_starve_nobody() -> None:
    enforcer = Enforcer()
    accounts = [f"account-{number}" for number in range(1_000)]

    async def use() -> None:
        now = asyncio.get_running_loop().time

        async def serve(request: httpx.Request) -> httpx.Response:
            account = request.url.params["integrated_account_id"]
            if account == "throttled":
                return httpx.Response(429, headers={"Retry-After": "10"})
            enforcer.receive(account, now())
            assert not enforcer.refused
            await asyncio.sleep(0.05)
            return httpx.Response(204)

        async def work(truto: AsyncTruto) -> None:
            while True:
                with suppress(RateLimitError):
                    await truto.crm_accounts.delete("7")

        transport = httpx.MockTransport(serve)
        async with (
            httpx.AsyncClient(transport=transport, trust_env=False) as http_client,
            AsyncTruto("crowded", http_client=http_client, clock=now) as truto,
        ):
            handles = [truto.account(name) for name in ["throttled", *accounts]]
            workers = [asyncio.create_task(work(handle)) for handle in handles]
            failed, others = await asyncio.wait(workers, timeout=60.0, return_when=asyncio.FIRST_EXCEPTION)
            for worker in others:
                worker.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            await asyncio.gather(*failed)

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(use())
    assert enforcer.served.total() >= 0.95 * 6 * TOKEN.requests
    assert min(enforcer.served[account] for account in accounts) >= 2


def test_threads_share_a_budget() -> None:
    naps: list[float] = []
    together = threading.Barrier(8)

    def work() -> None:
        together.wait()
        for _ in range(5):
            truto.crm_accounts.delete("7")

    http_client = httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(204)), trust_env=False)
    limits = BudgetPolicy(account_limits=(Limit(41, 10.0),))
    with Truto(
        "threads",
        integrated_account_id="a",
        http_client=http_client,
        budget=limits,
        clock=lambda: 5.0,
        sleep=naps.append,
    ) as truto:
        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        use = truto.budget()
        assert use is not None
        assert use.account[0].used == 40
        assert naps == []
        assert use.account[0].available_in == 0.0
        truto.crm_accounts.delete("7")
        use = truto.budget()
        assert use is not None
        assert use.account[0].available_in == pytest.approx(10.1)


def test_one_busy_account_keeps_to_its_own_limit_and_leaves_the_rest_to_others() -> None:
    workers = ["busy"] * 200 + [f"quiet-{number}" for number in range(20)]
    enforcer = simulate(Budget((TOKEN,), (ACCOUNT,)), workers, until=60.0)
    assert not enforcer.refused
    assert 0.95 * 6 * ACCOUNT.requests <= enforcer.served["busy"] <= 6 * ACCOUNT.requests
    assert min(enforcer.served[f"quiet-{number}"] for number in range(20)) >= 100


def test_an_account_that_is_always_throttled_slows_no_other() -> None:
    others = [f"account-{number}" for number in range(9)]
    alone = simulate(Budget((TOKEN,), (ACCOUNT,)), others, until=60.0)
    beside = simulate(Budget((TOKEN,), (ACCOUNT,)), [*others, *["throttled"] * 20], until=60.0, throttled="throttled")
    assert beside.served == alone.served
    assert beside.refused["throttled"] <= 7


def test_requests_of_one_account_start_in_the_order_in_which_they_asked() -> None:
    budget = Budget((), (Limit(1, 10.0),))
    with budget.turn("a") as first, budget.turn("a") as second, budget.turn("a") as third:
        assert budget.delay(third, 0.0) > budget.delay(second, 0.0) > 0
        assert budget.delay(first, 0.0) == 0
        assert budget.delay(third, 10.2) > 0
        assert budget.delay(second, 10.2) == 0


def test_leaving_the_queue_frees_the_place() -> None:
    budget = Budget((), (Limit(1, 10.0),))
    with budget.turn("a") as ticket:
        with budget.turn("a"):
            pass
        assert budget.use("a", 0.0).waiting == 1
        assert budget.delay(ticket, 0.0) == 0
    assert budget.use("a", 0.0).waiting == 0


def test_headers_of_the_service_correct_the_count() -> None:
    budget = Budget((), (ACCOUNT,))
    budget.learn("a", 200, Headers({"ratelimit-remaining": "0", "ratelimit-reset": "7"}), 100.0)
    with budget.turn("a") as ticket:
        assert budget.delay(ticket, 100.0) == pytest.approx(7.0)
    with budget.turn("b") as ticket:
        assert budget.delay(ticket, 100.0) == 0


@pytest.mark.parametrize("value", ["", "-3", "soon", "9" * 400, "1.5"])
def test_odd_headers_are_left_aside(value: str) -> None:
    budget = Budget((), (ACCOUNT,))
    budget.learn("a", 200, Headers({"ratelimit-remaining": "0", "ratelimit-reset": value, "retry-after": value}), 0.0)
    with budget.turn("a") as ticket:
        assert budget.delay(ticket, 0.0) == 0


def test_a_long_pause_that_the_service_asks_for_raises_instead_of_sleeping() -> None:
    budget = Budget((), (ACCOUNT,))
    budget.learn("a", 429, Headers({"retry-after": "3600"}), 0.0)
    with budget.turn("a") as ticket, pytest.raises(BudgetExhaustedError) as caught:
        budget.delay(ticket, 0.0)
    assert caught.value.retry_after == pytest.approx(3600.0)


def test_an_absurd_pause_does_not_silence_an_account_for_good() -> None:
    budget = Budget((), (ACCOUNT,))
    budget.learn("a", 429, Headers({"retry-after": "9" * 400}), 0.0)
    with budget.turn("a") as ticket:
        assert budget.delay(ticket, 3_601.0) == 0


def test_a_spent_day_raises_instead_of_sleeping() -> None:
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json=[])

    day = BudgetPolicy(token_limits=(Limit(3, 86_400.0, can_wait=False),))
    with Coperniq("key", http_client=httpx.Client(transport=httpx.MockTransport(answer)), budget=day) as coperniq:
        for _ in range(3):
            coperniq.accounts.list().page()
        with pytest.raises(BudgetExhaustedError):
            coperniq.accounts.list().page()
        use = coperniq.budget()
        assert use is not None
        assert [entry.used for entry in use.token] == [3]
    assert len(sent) == 3


def test_the_service_may_know_of_requests_by_others() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=[], headers={"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "0"})

    client = httpx.Client(transport=httpx.MockTransport(answer))
    with Coperniq("another key", http_client=client) as coperniq:
        coperniq.accounts.list().page()
        with pytest.raises(BudgetExhaustedError):
            coperniq.accounts.list().page()


def spent_day(share: float, *answers: tuple[int, int]) -> int:
    """Return what is used of a day of 5,000 after one request, answered at noon with what was left, and by whom."""
    day = Limit(5_000, 86_400.0, can_wait=False).share(share)
    budget = Budget((day,), ())
    for remaining, moment in answers:
        with budget.turn("") as ticket:
            assert budget.delay(ticket, moment) == 0
        headers = Headers({"x-ratelimit-limit": "5000", "x-ratelimit-remaining": str(remaining)})
        budget.learn("", 200, headers, moment)
    return budget.use("", answers[-1][1]).token[0].used


def test_what_others_used_of_a_day_counts_for_each_worker_by_its_share() -> None:
    assert spent_day(1.0, (4_000, 0)) == 1_000
    assert spent_day(0.25, (4_000, 0)) == 250
    assert spent_day(0.25, (0, 0)) == 1_250


def test_the_count_of_the_service_replaces_what_it_said_before_but_not_what_was_sent() -> None:
    assert spent_day(1.0, (1_000, 0), (3_000, 60)) == 2_000
    assert spent_day(1.0, (5_000, 0), (5_000, 60)) == 2
    assert spent_day(1.0, (9_999, 0)) == 1


def test_a_day_that_others_spent_is_looked_at_again_within_the_hour() -> None:
    budget = Budget((Limit(3, 86_400.0, can_wait=False),), ())
    budget.learn("", 200, Headers({"x-ratelimit-limit": "3", "x-ratelimit-remaining": "0"}), 0.0)
    with budget.turn("") as ticket:
        with pytest.raises(BudgetExhaustedError, match=r"possible again in 3600 s") as caught:
            budget.delay(ticket, 0.0)
        assert caught.value.retry_after == 3_600.0
        assert budget.delay(ticket, 3_600.0) == 0
    assert budget.use("", 3_600.0).token[0].used == 1


def test_a_limit_of_nothing_is_left_aside() -> None:
    budget = Budget((Limit(3, 86_400.0, can_wait=False),), ())
    budget.learn("", 200, Headers({"x-ratelimit-limit": "0", "x-ratelimit-remaining": "0"}), 0.0)
    assert budget.use("", 0.0).token[0].used == 0


def test_accounts_are_forgotten_once_they_are_idle_and_there_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget_module, "_KEPT_ACCOUNTS", 2)
    budget = Budget((), (Limit(1, 10.0),))
    for account in ("a", "b"):
        with budget.turn(account) as ticket:
            assert budget.delay(ticket, 0.0) == 0
    with budget.turn("c") as first, budget.turn("d") as second:
        # To look at `c`, which stands before it, drops nobody who counts.
        assert budget.delay(second, 5.0) == 0
        assert budget.delay(first, 5.0) == 0
    for account in ("a", "b", "c", "d"):
        assert budget.use(account, 5.0).account[0].used == 1
    assert budget.use("e", 20.0).account[0].used == 0
    assert len(vars(budget)["_accounts"]) == 1


def test_handles_and_clients_of_one_token_share_a_budget_and_other_tokens_do_not() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(204)

    def used(truto: Truto) -> tuple[int, int]:
        use = truto.budget()
        assert use is not None
        return use.token[0].used, use.account[0].used

    http = httpx.Client(transport=httpx.MockTransport(answer))
    first = Truto("shared", integrated_account_id="a", http_client=http)
    second = Truto("shared", integrated_account_id="b", http_client=http)
    stranger = Truto("other", integrated_account_id="a", http_client=http)
    first.crm_accounts.delete("1")
    first.account("b").crm_accounts.delete("1")
    assert used(first) == (2, 1)
    assert used(second) == (2, 1)
    assert used(stranger) == (0, 0)
    assert Truto("shared", integrated_account_id="a", http_client=http, budget=None).budget() is None


def test_a_share_is_a_part_of_each_limit() -> None:
    budget = shared_budget(("share",), "token", BudgetPolicy(share=0.25), (TOKEN,), (ACCOUNT,))
    use = budget.use("a", 0.0)
    assert [entry.limit.requests for entry in (*use.token, *use.account)] == [125, 12]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Limit(0, 1.0), "requests is 0, expected 1 or more"),
        (lambda: Limit(1, 0.0), "seconds is 0.0, expected more than 0"),
        (lambda: Limit(1, math.nan), "seconds is nan, expected more than 0"),
        (lambda: BudgetPolicy(share=0), "share is 0, expected more than 0 and at most 1"),
        (lambda: BudgetPolicy(share=1.1), "share is 1.1, expected more than 0 and at most 1"),
    ],
)
def test_limits_that_let_nothing_through_are_refused(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(message)):
        make()


def test_the_token_itself_is_not_kept() -> None:
    budget = shared_budget(("secret",), "top-secret", BudgetPolicy(), (TOKEN,), ())

    assert "top-secret" not in repr(dict(vars(budget_module)["_BUDGETS"]))
    assert budget is shared_budget(("secret",), "top-secret", BudgetPolicy(), (TOKEN,), ())
