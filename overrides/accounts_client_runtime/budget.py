"""Client-side budgets: the service's rate limits, kept before it has to enforce them.

A budget is shared by all clients of one token in this process, threads and tasks alike. It never sleeps: callers ask
when they may start, wait that long, and ask again. Requests of one account start in the order in which they asked;
where the token's limit binds, so do those of different accounts. An account that is throttled holds up nobody else.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from contextlib import contextmanager
from threading import Lock
from typing import Final
from weakref import WeakValueDictionary

from .errors import BudgetExhaustedError, ConfigurationError, parse_retry_after
from .types import Headers, Value

_MARGIN: Final = 1.01
"""Stretches are taken a little longer than the service's, since requests do not all travel equally long."""

_LONGEST_BLOCK: Final = 60.0
"""Seconds; a request that the service told to wait longer raises instead."""

_LONGEST_MEMORY: Final = 3_600.0
"""Seconds; what an answer said must not silence an account for good, as it would be silent and never hear another."""

_KEPT_ACCOUNTS: Final = 1_000
"""Accounts beyond this number are forgotten once they are idle."""


class Limit(Value, frozen=True):
    """At most so many requests in any stretch of so many seconds."""

    requests: int
    seconds: float
    can_wait: bool = True
    """Whether a request waits for its turn; if not, it raises, since the turn may be hours away."""

    def __post_init__(self) -> None:
        if not self.requests >= 1:
            raise ConfigurationError(f"requests is {self.requests}, expected 1 or more")
        if not self.seconds > 0:
            raise ConfigurationError(f"seconds is {self.seconds}, expected more than 0")

    def share(self, share: float) -> Limit:
        """Return the part of this limit that is left to one of several workers."""
        return Limit(max(1, int(self.requests * share)), self.seconds, self.can_wait)


class BudgetPolicy(Value, frozen=True, kw_only=True):
    """Which limits a client keeps."""

    share: float = 1.0
    """Part of the limits that this process may use: 0.25 for one of four workers with one token."""
    token_limits: tuple[Limit, ...] | None = None
    """Limits for all requests of a token, instead of the documented ones."""
    account_limits: tuple[Limit, ...] | None = None
    """Limits for the requests of one integrated account, instead of the documented ones."""

    def __post_init__(self) -> None:
        if not 0 < self.share <= 1:
            raise ConfigurationError(f"share is {self.share}, expected more than 0 and at most 1")


class LimitUse(Value, frozen=True):
    """How much of one limit is used."""

    limit: Limit
    used: int
    """Requests in the latest stretch; for a day also those of others that the service told of."""
    available_in: float
    """Seconds until another request may start; 0 for at once."""


class BudgetUse(Value, frozen=True, kw_only=True):
    """How much of a budget is used."""

    token: tuple[LimitUse, ...]
    """The limits of the token."""
    account: tuple[LimitUse, ...]
    """The limits of the integrated account."""
    blocked_for: float
    """Seconds for which the service asked this account to pause; 0 for none."""
    waiting: int
    """Requests that wait for their turn, of all accounts."""


class Ticket:
    """A request's place in the queue of its budget."""

    __slots__ = ("account",)

    account: str
    """The integrated account that the request is about."""

    def __init__(self, account: str) -> None:
        self.account = account


class Budget:
    """The limits of one token and of its integrated accounts."""

    def __init__(self, token_limits: tuple[Limit, ...], account_limits: tuple[Limit, ...]) -> None:
        self._account_limits = account_limits
        self._token = _Meter(token_limits)
        self._unused = _Meter(account_limits)
        self._accounts: dict[str, _Meter] = {}
        self._queue: dict[Ticket, None] = {}
        self._lock = Lock()

    @contextmanager
    def turn(self, account: str) -> Generator[Ticket]:
        """Stand in the queue for a request; ask `delay` until it says 0."""
        ticket = Ticket(account)
        with self._lock:
            self._queue[ticket] = None
        try:
            yield ticket
        finally:
            with self._lock:
                self._queue.pop(ticket, None)

    def delay(self, ticket: Ticket, now: float) -> float:
        """Return the seconds after which the request should ask again; 0 lets it start, and counts it.

        Raises:
            BudgetExhaustedError: A limit that is not waited for is used up, or the service asked for a long pause.
        """
        with self._lock:
            meter = self._meter(ticket.account, now)
            if (pause := meter.blocked_until - now) > _LONGEST_BLOCK:
                raise _exhausted("the service asked this account to pause", pause)
            same_account, ready = self._ahead(ticket, now)
            wait = max(meter.earliest(same_account, now), self._token.earliest(ready, now)) - now
            if wait <= 0:
                for charged in (meter, self._token):
                    charged.start(now)
                self._queue.pop(ticket, None)
                return 0.0
            for charged in (meter, self._token):
                charged.refuse_long_waits(now)
            return wait

    def learn(self, account: str, status: int, headers: Headers, now: float) -> None:
        """Correct the budget by what an answer says about the service's own count."""
        with self._lock:
            meter = self._meter(account, now)
            if status == 429 and (retry_after := parse_retry_after(headers)) is not None:
                meter.block(now, retry_after)
            if (
                _whole(headers, "ratelimit-remaining") == 0
                and (reset := _whole(headers, "ratelimit-reset")) is not None
            ):
                meter.block(now, reset)
            total, remaining = _whole(headers, "x-ratelimit-limit"), _whole(headers, "x-ratelimit-remaining")
            if total and remaining is not None:
                self._token.hear(total, remaining, now)

    def use(self, account: str, now: float) -> BudgetUse:
        """Return how much is used."""
        with self._lock:
            meter = self._meter(account, now)
            return BudgetUse(
                token=self._token.use(now),
                account=meter.use(now),
                blocked_for=max(0.0, meter.blocked_until - now),
                waiting=len(self._queue),
            )

    def _meter(self, account: str, now: float) -> _Meter:
        meter = self._accounts.get(account)
        if meter is None:
            if len(self._accounts) >= _KEPT_ACCOUNTS:
                self._accounts = {name: kept for name, kept in self._accounts.items() if not kept.is_idle(now)}
            meter = self._accounts[account] = _Meter(self._account_limits)
        return meter

    def _ahead(self, ticket: Ticket, now: float) -> tuple[int, int]:
        """Return how many stand before a request: those of its account, and those of any that only lack the token."""
        counts: dict[str, int] = {}
        ready = 0
        for other in self._queue:
            if other is ticket:
                break
            ahead = counts.get(other.account, 0)
            counts[other.account] = ahead + 1
            if self._accounts.get(other.account, self._unused).earliest(ahead, now) <= now:
                ready += 1
        return counts.get(ticket.account, 0), ready


class _Meter:
    """Counts the requests that some limits are about."""

    def __init__(self, limits: tuple[Limit, ...]) -> None:
        self._windows = [_Window(limit) for limit in limits]
        self.blocked_until = float("-inf")

    def earliest(self, ahead: int, now: float) -> float:
        return max([now, self.blocked_until, *(window.earliest(ahead, now) for window in self._windows)])

    def start(self, now: float) -> None:
        for window in self._windows:
            window.start(now)

    def block(self, now: float, seconds: float) -> None:
        self.blocked_until = max(self.blocked_until, now + min(seconds, _LONGEST_MEMORY))

    def refuse_long_waits(self, now: float) -> None:
        for window in self._windows:
            if not window.limit.can_wait and (wait := window.earliest(0, now) - now) > 0:
                raise _exhausted(f"{window.limit.requests} requests in {window.limit.seconds:g} s are used up", wait)

    def hear(self, total: int, remaining: int, now: float) -> None:
        for window in self._windows:
            if not window.limit.can_wait:
                window.hear(total, remaining, now)

    def use(self, now: float) -> tuple[LimitUse, ...]:
        return tuple(
            LimitUse(window.limit, window.used(now), max(0.0, window.earliest(0, now) - now))
            for window in self._windows
        )

    def is_idle(self, now: float) -> bool:
        return self.blocked_until <= now and not any(window.used(now) for window in self._windows)


class _Window:
    """The starts of the requests in the latest stretch of one limit, and what the service said of those of others."""

    def __init__(self, limit: Limit) -> None:
        self.limit = limit
        self._seconds = limit.seconds * _MARGIN
        self._starts: deque[float] = deque()
        self._others = 0
        self._others_until = float("-inf")

    def used(self, now: float) -> int:
        self._forget(now)
        return len(self._starts) + self._others

    def earliest(self, ahead: int, now: float) -> float:
        """Return when a request may start that has so many ahead of it, which will start as early as they may."""
        self._forget(now)
        room = self.limit.requests - self._others
        if not room:
            return self._others_until
        rounds, place = divmod(len(self._starts) + ahead, room)
        if not rounds:
            return now
        free = (self._starts[place] if place < len(self._starts) else now) + rounds * self._seconds
        return min(free, self._others_until) if self._others else free

    def start(self, now: float) -> None:
        self._starts.append(now)

    def hear(self, total: int, remaining: int, now: float) -> None:
        """Take over the service's count of all requests of the token, of which a share of the limit gets a share."""
        self._forget(now)
        share = (total - remaining) * self.limit.requests // total
        self._others = max(0, share - len(self._starts))
        self._others_until = now + _LONGEST_MEMORY

    def _forget(self, now: float) -> None:
        horizon = now - self._seconds
        while self._starts and self._starts[0] <= horizon:
            self._starts.popleft()
        if self._others_until <= now:
            self._others = 0


_BUDGETS: Final[WeakValueDictionary[tuple[object, ...], Budget]] = WeakValueDictionary()
_BUDGETS_LOCK: Final = Lock()


def shared_budget(
    key: tuple[object, ...],
    token: object,
    policy: BudgetPolicy,
    token_limits: tuple[Limit, ...],
    account_limits: tuple[Limit, ...],
) -> Budget:
    """Return the budget of a token in this process; it lives as long as a client uses it.

    Args:
        key: What else tells budgets apart, such as the address of the service.
        token: The token, which is kept as a digest only, or what returns it.
        policy: What the client asked for.
        token_limits: The documented limits of a token.
        account_limits: The documented limits of an integrated account.
    """
    import hashlib  # slow to import, and only clients need it

    identity = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest() if isinstance(token, str) else token
    with _BUDGETS_LOCK:
        budget = _BUDGETS.get((*key, identity, policy))
        if budget is None:
            budget = _BUDGETS[(*key, identity, policy)] = Budget(
                tuple(limit.share(policy.share) for limit in policy.token_limits or token_limits),
                tuple(limit.share(policy.share) for limit in policy.account_limits or account_limits),
            )
        return budget


def _exhausted(reason: str, wait: float) -> BudgetExhaustedError:
    return BudgetExhaustedError(f"Not sent: {reason}; possible again in {wait:.0f} s.", retry_after=wait)


def _whole(headers: Headers, name: str) -> int | None:
    text = headers.get(name, "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
