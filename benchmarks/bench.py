"""The means of one run: the environments, a worker process in each, the mock server, and what could not be had."""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Self

from .environments import PEERS, PROJECT, Environment, Environments, UnavailableError
from .measure import Sample, rounds

_TOLD: Final = ("aiohttp", "attrs", "httpx", "httpx-aiohttp", "httpx2", "msgspec", "pydantic")
"""Packages whose versions stand in the report."""


_INDISPENSABLE: Final = ("ours", "raw")
"""Environments without which there is nothing to compare."""


class RefusedError(Exception):
    """A worker cannot do what it was asked for; the message says why."""


class Worker:
    """A worker process of one environment."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self._process = subprocess.Popen(
            [str(environment.python), "-m", "benchmarks.worker"],
            cwd=PROJECT,
            env=environment.variables(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._process:
            if self._process.stdin is not None:
                self._process.stdin.close()

    def ask(self, command: str, **arguments: object) -> Any:  # noqa: ANN401 - JSON of a known command
        """Return what a command of the worker gives.

        Raises:
            RefusedError: The worker cannot do it.
        """
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the worker has no pipes")
        print(json.dumps([command, arguments]), file=self._process.stdin, flush=True)
        reply = json.loads(self._process.stdout.readline() or '{"error": "the process ended"}')
        if "error" in reply:
            raise RefusedError(reply["error"])
        return reply["value"]


@dataclass(frozen=True)
class Way:
    """A prepared call in a worker."""

    worker: Worker
    name: str
    concurrent: int = 1
    """How many calls are under way at once."""

    def sample(self, count: int) -> Sample:
        """Measure so many calls."""
        return Sample(**self.worker.ask("measure", name=self.name, count=count, concurrent=self.concurrent))


@dataclass
class Bench:
    """One run."""

    environments: Environments
    address: str
    """Where the mock server is."""
    is_quick: bool
    """Whether the run only shows that everything works."""
    skipped: dict[str, str] = field(default_factory=dict[str, str])
    """What could not be measured, and why."""
    versions: dict[str, str] = field(default_factory=dict[str, str])
    """Versions of the packages that the figures depend on."""
    notes: list[str] = field(default_factory=list[str])
    """What a reader of the figures should know besides."""

    @contextmanager
    def workers(self, *names: str) -> Generator[dict[str, Worker]]:
        """Start a worker in each of the environments; a peer's that cannot be had is skipped by name.

        Raises:
            UnavailableError: Our own environment, or the plain one, cannot be made.
        """
        with ExitStack() as stack:
            started: dict[str, Worker] = {}
            for name in names:
                try:
                    started[name] = worker = stack.enter_context(Worker(self.environments.get(name)))
                    found = worker.ask("versions")
                    self.versions |= {package: found[package] for package in _TOLD if package in found}
                except UnavailableError as error:
                    if name in _INDISPENSABLE:
                        raise
                    self.skipped[PEERS.get(name, name)] = str(error)
            yield started

    def way(
        self,
        worker: Worker,
        subject: str,
        task: str,
        arguments: Mapping[str, object],
        *,
        expected: int | None = None,
    ) -> Way | None:
        """Prepare a call, or note why the subject cannot make it.

        Args:
            worker: Where it is made.
            subject: Module of `subjects`.
            task: One of `worker.TASKS`.
            arguments: What the subject is told.
            expected: How many records the call must count.

        Raises:
            RefusedError: It is our own subject or the plain one, in its own environment, that cannot make it.
        """
        name = f"{subject} {task} {json.dumps(arguments)}"
        try:
            result = worker.ask("prepare", name=name, subject=subject, task=task, arguments=dict(arguments))
        except RefusedError as error:
            if worker.environment.name in _INDISPENSABLE:
                raise
            self.skipped[f"{PEERS.get(subject, subject)}: {task}"] = str(error)
            return None
        if expected is not None and result != expected:
            self.skipped[f"{PEERS.get(subject, subject)}: {task}"] = f"{result} records instead of {expected}"
            return None
        return Way(worker, name)

    def compare(self, ways: Mapping[str, Way | None]) -> dict[str, list[Sample]]:
        """Measure ways in turns: short turns and many, because a machine has good and bad moments."""
        present = {name: way for name, way in ways.items() if way is not None}
        counts = {name: self._count(way) for name, way in present.items()}
        seconds = sum(counts[name] * way.sample(way.concurrent).wall for name, way in present.items())
        count = 3 if self.is_quick else max(7, min(61, round(8 / seconds)))
        return rounds({name: partial(way.sample, counts[name]) for name, way in present.items()}, count)

    def _count(self, way: Way) -> int:
        """Return how many calls make up a turn."""
        way.sample(way.concurrent)
        once = way.sample(way.concurrent).cpu
        return max(way.concurrent, round((0.005 if self.is_quick else 0.02) / max(once, 1e-7)))


def processor_seconds(run: Callable[[], object]) -> float:
    """Return the processor time of all processes that a function starts and waits for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def newest_python(versions: Sequence[str]) -> str:
    """Return the command of the first of some versions of Python that runs here, or else the running interpreter."""
    for version in versions:
        command = shutil.which(f"python{version}")
        # A version manager may have a command for a version that it has not switched on.
        if command and subprocess.run([command, "-c", ""], capture_output=True, check=False).returncode == 0:
            return command
    return sys.executable
