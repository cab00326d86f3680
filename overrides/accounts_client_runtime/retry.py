"""When to send a request again, and after how long: pure decisions, without clock and without sleep."""

from __future__ import annotations

from typing import Final

from .errors import (
    ADVICE,
    AccountsClientError,
    AmbiguousWriteError,
    APIStatusError,
    ConfigurationError,
    ConnectError,
    RequestTimeoutError,
)
from .types import Value

_UNKNOWN_OUTCOME: Final = frozenset({408, 502, 504, *range(520, 525)})
"""Statuses of gateways that lost the service on the way; those from 520 are Cloudflare's.

408 should mean that the request never came in whole (RFC 9110, 15.5.9), but gateways also send it when the service
behind them took too long.
"""

_MOST_DOUBLINGS: Final = 60  # beyond any ceiling, and well within what a float can hold


class RetryPolicy(Value, frozen=True):
    """How often and how fast a failed request is sent again. All times are seconds."""

    attempts: int = 3
    """Tries in all, the first one included."""
    base_delay: float = 0.5
    """Upper bound of the first pause; it doubles with each try. The pause is drawn evenly between 0 and the bound."""
    max_delay: float = 8.0
    """Ceiling of that bound."""
    max_retry_after: float = 60.0
    """A longer `Retry-After` is not waited out; the error is raised at once."""
    budget: float = 120.0
    """No pause begins that would end later than this after the first try."""

    def __post_init__(self) -> None:
        if not self.attempts >= 1:
            raise ConfigurationError(f"attempts is {self.attempts}, expected 1 or more")
        for name in ("base_delay", "max_delay", "max_retry_after", "budget"):
            if not getattr(self, name) >= 0:
                raise ConfigurationError(f"{name} is {getattr(self, name)}, expected 0 or more")


def retry_delay(
    policy: RetryPolicy, error: AccountsClientError, *, attempt: int, elapsed: float, is_safe: bool
) -> float | None:
    """Return the seconds to wait before the next try, or `None` where there should be none.

    Args:
        policy: The caller's limits.
        error: What the try ended with.
        attempt: Number of the try, from 1.
        elapsed: Seconds since the first try began.
        is_safe: Whether the request may be carried out twice: a read, or a write with an idempotency key.
    """
    if attempt >= policy.attempts or not _is_temporary(error, is_safe=is_safe):
        return None
    retry_after = error.retry_after if isinstance(error, APIStatusError) else None
    if retry_after is None:
        from random import random  # slow to import, and few requests are sent again

        delay = random() * min(policy.max_delay, policy.base_delay * 2.0 ** min(attempt - 1, _MOST_DOUBLINGS))
    elif retry_after > policy.max_retry_after:
        return None
    else:
        delay = retry_after
    return delay if elapsed + delay <= policy.budget else None


def is_ambiguous(error: AccountsClientError) -> bool:
    """Whether the error leaves open if the service carried the request out."""
    if isinstance(error, ConnectError | RequestTimeoutError):
        return error.sent
    return isinstance(error, APIStatusError) and error.status in _UNKNOWN_OUTCOME


def ambiguous_write(error: AccountsClientError) -> AmbiguousWriteError:
    """Return the error for a write that must not be repeated although its outcome is unknown."""
    name = error.request.operation.name if error.request else "the write"
    # The advice at the end of a status error's message does not hold here.
    reason = str(error).removesuffix(ADVICE["retry"]).rstrip()
    wrapped = AmbiguousWriteError(
        f"{name} was sent, but its outcome is unknown: {reason} Look for the record before you send it again."
    )
    wrapped.request = error.request
    return wrapped


def _is_temporary(error: AccountsClientError, *, is_safe: bool) -> bool:
    if isinstance(error, ConnectError | RequestTimeoutError):
        return is_safe or not error.sent
    if not isinstance(error, APIStatusError):
        return False
    if error.status == 429:
        # A spent day is not waited out. A provider behind Truto counts in shorter stretches.
        is_day_spent = error.fault == "caller" and error.headers.get("x-ratelimit-remaining") == "0"
        return error.retry_after is not None or not is_day_spent
    return error.action == "retry" and is_safe
