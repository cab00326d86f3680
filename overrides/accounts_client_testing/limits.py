"""Rate limits: how many requests fit into a span of time."""

from __future__ import annotations

from collections import defaultdict, deque


class RateLimit:
    """So many requests within any span of so many seconds, for each key by itself."""

    def __init__(self, requests: int, seconds: float) -> None:
        if requests < 1 or seconds <= 0:
            raise ValueError(f"a limit of {requests} requests in {seconds} seconds lets nothing through")
        self.requests = requests
        self.seconds = seconds
        self._moments: defaultdict[str, deque[float]] = defaultdict(deque)

    def remaining(self, key: str, now: float) -> int:
        """Return how many requests there is room for."""
        moments = self._moments[key]
        while moments and moments[0] <= now - self.seconds:
            moments.popleft()
        return max(0, self.requests - len(moments))

    def wait(self, key: str, now: float) -> float:
        """Return the seconds until there is room for a request; 0 if there is."""
        return 0.0 if self.remaining(key, now) else self._moments[key][0] + self.seconds - now

    def count(self, key: str, now: float) -> None:
        """Count a request."""
        self._moments[key].append(now)
