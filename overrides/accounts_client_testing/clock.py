"""Time inside a fake: it stands still until something moves it, so that every run gives the same."""

from __future__ import annotations

import asyncio
import math
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_START: Final = datetime(2024, 1, 1, tzinfo=UTC)


class Clock:
    """Seconds since the epoch, counted and not measured: a write takes a millisecond, and sleeping takes no real time.

    The clients of a fake sleep on it, so that a test of retries or of rate limits is over at once.
    """

    def __init__(self, start: datetime = _START) -> None:
        self._milliseconds = (start - _EPOCH) // timedelta(milliseconds=1)
        self._lock = Lock()

    def __call__(self) -> float:
        """Return the present moment."""
        return self._milliseconds / 1000

    def sleep(self, seconds: float) -> None:
        """Let the time pass; however short, it is noticed."""
        with self._lock:
            self._milliseconds += math.ceil(seconds * 1000)

    async def async_sleep(self, seconds: float) -> None:
        """Let the time pass, and other tasks run."""
        self.sleep(seconds)
        await asyncio.sleep(0)

    def stamp(self) -> str:
        """Return the moment of one write as JSON text; the next one gets a later moment."""
        moment = _EPOCH + timedelta(milliseconds=self._milliseconds)
        self.sleep(0.001)
        return f"{moment.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"
