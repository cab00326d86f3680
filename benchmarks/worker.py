"""The process that measures, in the environment of its subject: commands in, one JSON line each, answers out.

The parent decides whose turn it is; only the time inside the measured calls counts. Garbage is collected before each
round, so that nobody pays for what others left behind, and the collector stays on, as it is for users.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
import tracemalloc
from collections.abc import Awaitable, Callable
from importlib import import_module, metadata
from inspect import isawaitable
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

Call = Callable[[], object] | Callable[[], Awaitable[object]]

TASKS = ("decode", "get", "async_get", "listing", "async_listing", "body")
"""What subjects may define."""


class Worker:
    """The calls that were prepared, and the event loop for those that need one."""

    def __init__(self, runner: asyncio.Runner) -> None:
        self._runner = runner
        self._calls: dict[str, Call] = {}

    def prepare(self, name: str, subject: str, task: str, arguments: dict[str, Any]) -> object:
        """Make a call ready and return what it returns the first time, if that is a number."""
        if task not in TASKS:
            raise ValueError(f"{task} is no task")
        factory = getattr(import_module(f"benchmarks.subjects.{subject}"), task)
        # Clients of asyncio are made inside the loop that they will be used in.
        self._calls[name] = self._runner.run(_within(factory, arguments))
        first = self._once(self._calls[name])
        # Whatever is there by now stays: a large library should not make everything beside it slow to collect.
        gc.collect()
        gc.freeze()
        return first if isinstance(first, int) else None

    def measure(self, name: str, count: int, concurrent: int) -> dict[str, float]:
        """Return the processor time and the time that a call takes on average."""
        call = self._calls[name]
        run = self._runner.run
        gc.collect()
        wall, cpu = perf_counter(), process_time()
        if isawaitable(result := call()):
            run(_repeat(call, result, count, concurrent))
        else:
            for _ in range(count - 1):
                call()
        return {"cpu": (process_time() - cpu) / count, "wall": (perf_counter() - wall) / count}

    def hold(self, name: str, count: int) -> float:
        """Return the bytes that the result of one call holds, on average."""
        call = self._calls[name]
        gc.collect()
        tracemalloc.start()
        before, _ = tracemalloc.get_traced_memory()
        kept = [call() for _ in range(count)]
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return (after - before) / len(kept)

    def forget(self, name: str) -> None:
        """Give back what a call holds, such as its client."""
        del self._calls[name]
        gc.unfreeze()
        gc.collect()

    def peak(self) -> int:
        """Return the largest amount of memory that this process had so far, in bytes."""
        status = Path("/proc/self/status").read_text().split()
        return int(status[status.index("VmHWM:") + 1]) * 1024

    def versions(self) -> dict[str, str]:
        """Return the versions of everything that is installed beside this process."""
        return {entry.name.lower(): entry.version for entry in metadata.distributions()}

    def _once(self, call: Call) -> object:
        result = call()
        return self._runner.run(_finish(result)) if isawaitable(result) else result


async def _within(factory: Callable[..., Call], arguments: dict[str, Any]) -> Call:
    return factory(**arguments)


async def _finish(result: Awaitable[object]) -> object:
    return await result


async def _repeat(call: Callable[[], Any], first: Awaitable[object], count: int, concurrent: int) -> None:
    """Make `count` calls, so many at once; the first of them is already made."""

    async def some(share: int) -> None:
        for _ in range(share):
            await call()

    await first
    await asyncio.gather(*(some(share) for share in shares(count - 1, concurrent)))


def shares(count: int, parts: int) -> list[int]:
    """Divide a number of calls into parts of nearly the same size."""
    each, rest = divmod(count, parts)
    return [each + (place < rest) for place in range(parts)]


def main() -> None:
    """Carry out commands until the input ends."""
    with asyncio.Runner() as runner:
        worker = Worker(runner)
        for line in sys.stdin:
            command, arguments = json.loads(line)
            try:
                reply = {"value": getattr(worker, command)(**arguments)}
            except Exception as error:  # whatever a peer raises ends its row, not the run
                reply = {"error": f"{type(error).__name__}: {error}"}
            print(json.dumps(reply), flush=True)
        # Nothing is closed one by one: each library would have its say about connections that are still open.
        os._exit(0)


if __name__ == "__main__":
    main()
