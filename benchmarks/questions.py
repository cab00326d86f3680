"""The questions, one function each: which ways are compared, and which figures of the report come of it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

from . import server
from .bench import Bench, Worker, processor_seconds
from .consumers import FIRST_ANSWERS, FIRST_RESOURCES, TYPED
from .environments import PEERS, PROJECT, Environment, UnavailableError, run_stock, write_stock_output
from .measure import Figure, Sample, figure, ratio, rounds
from .records import CASES, DIALECTS, PAGE_SIZE, has_case

Rows: TypeAlias = dict[str, dict[str, Figure]]
"""Figures by row and subject; `ours` is this library, the others are called as their environments are."""

TRANSPORTS: Final = {"ours-aiohttp": "aiohttp", "ours-httpx2": "httpx2:AsyncClient"}
CONCURRENT: Final = 50


def decode(bench: Bench) -> Rows:
    """Bytes of a page to typed objects."""
    rows: Rows = {}
    with bench.workers("ours", *PEERS) as workers:
        for name, worker in workers.items():
            if name == "truto":
                continue  # has no types: it hands out what `json` gives
            for row, dialect, case in _pages(name):
                ways = {
                    "raw": bench.way(worker, "raw", "decode", {"dialect": dialect, "case": case}),
                    name: bench.way(worker, name, "decode", {"dialect": dialect, "case": case}),
                }
                _add_ratios(rows, f"decode.{row}", bench.compare(ways))
    return rows


def list_(bench: Bench) -> Rows:
    """A whole listing over HTTP."""
    pages = 3 if bench.is_quick else 100
    rows: Rows = {}
    with bench.workers("ours", "raw", *PEERS) as workers:
        for name, worker in workers.items():
            if name == "raw":
                continue
            dialect = _dialect(name)
            place = {"address": f"{bench.address}/{dialect}-{pages}", "dialect": dialect}
            expected = pages * PAGE_SIZE
            # One peer has asyncio only, and no httpx beside it: the plain way runs in another environment, in turns.
            task, plain = ("async_listing", workers["raw"]) if name == "truto" else ("listing", worker)
            ways = {
                "raw": bench.way(plain, "raw", "listing", place, expected=expected),
                name: bench.way(worker, name, task, place, expected=expected),
            }
            _add_ratios(rows, "list.records", bench.compare(ways))
    return rows


def get(bench: Bench) -> Rows:
    """One record, the sync way."""
    rows: Rows = {}
    with bench.workers("ours", *PEERS) as workers:
        for name, worker in workers.items():
            if name == "truto":
                continue  # has no sync client
            place = _place(bench, name)
            ways = {
                "raw": bench.way(worker, "raw", "get", place),
                name: bench.way(worker, name, "get", place),
            }
            _add_ratios(rows, "get.one", bench.compare(ways))
    return rows


def async_(bench: Bench) -> Rows:
    """One record with asyncio, and 50 at once; the plain way in an environment without sniffio, in turns."""
    rows: Rows = {}
    fastest = 0.0
    with bench.workers("raw", "ours", *TRANSPORTS, *PEERS) as workers:
        plain = workers.pop("raw")
        if "sniffio" in plain.ask("versions"):
            raise UnavailableError("sniffio came with httpx, so that there is no environment without it")
        for name, worker in workers.items():
            subject, _, transport = name.partition("-")
            suffix = f"-{transport}" if transport else ""
            place = _place(bench, subject)
            options = {"transport": TRANSPORTS[name]} if transport else {}
            ways = {
                "raw": bench.way(plain, "raw", "async_get", place),
                subject: bench.way(worker, subject, "async_get", {**place, **options}),
            }
            for row, concurrent in (("one", 1), ("concurrent", CONCURRENT)):
                samples = bench.compare({key: way and replace(way, concurrent=concurrent) for key, way in ways.items()})
                _add_ratios(rows, f"async.{row}{suffix}", samples, are_rates=concurrent > 1)
                fastest = max([fastest, *(1 / sample.wall for taken in samples.values() for sample in taken)])
    rate, seconds = server.probe(f"{bench.address}/truto-1", 0.2 if bench.is_quick else 3.0, CONCURRENT)
    bench.notes.append(
        f"The mock server gave {rate:,.0f} answers a second to {CONCURRENT} plain sockets, with {seconds * 1e6:.0f} µs "
        f"of its own processor time each; the fastest client of this run asked for {fastest:,.0f} a second."
    )
    return rows


def bodies(bench: Bench) -> Rows:
    """Bodies to bytes."""
    rows: Rows = {}
    with bench.workers("ours", "stock") as workers:
        for name, worker in workers.items():
            for dialect in ("truto", "coperniq"):
                ways = {
                    "raw": bench.way(worker, "raw", "body", {"dialect": dialect}),
                    name: bench.way(worker, name, "body", {"dialect": dialect}),
                }
                _add_ratios(rows, f"bodies.{dialect}", bench.compare(ways))
    return rows


def import_(bench: Bench) -> Rows:
    """Imports in fresh processes, without the start of the interpreter."""
    rows: Rows = {}
    plain = _import(bench.environments.get("raw"), "import httpx")
    names = _import(bench.environments.get("ours"), "from accounts_client import Truto, RateLimitError")
    _add_ratios(rows, "import.names", _compare(bench, {"raw": plain, "ours": names}))
    for name, code in FIRST_RESOURCES.items():
        try:
            first = _import(bench.environments.get(name), code)
        except UnavailableError as error:
            bench.skipped[PEERS[name]] = str(error)
        else:
            _add_ratios(rows, "import.client", _compare(bench, {"raw": plain, name: first}))
    return rows


def first_answer(bench: Bench) -> Rows:
    """A fresh process to its first decoded answer, the start of the interpreter included."""
    rows: Rows = {}
    for name in ("ours", "stock"):
        try:
            environment = bench.environments.get(name)
        except UnavailableError as error:
            bench.skipped[PEERS.get(name, name)] = str(error)
            continue
        programs = {way: FIRST_ANSWERS[way].replace("ADDRESS", f"{bench.address}/truto-1") for way in ("raw", name)}
        ways = {way: _process(environment, "-P", "-c", program) for way, program in programs.items()}
        _add_ratios(rows, "first-answer.process", _compare(bench, ways))
    return rows


def memory(bench: Bench) -> Rows:
    """Bytes that decoded records hold."""
    rows: Rows = {"memory.record": {}}
    with bench.workers("ours", *PEERS) as workers:
        for name, worker in workers.items():
            if name == "truto":
                continue  # hands out what `json` gives
            for subject in ("raw", name) if name == "ours" else (name,):
                way = bench.way(worker, subject, "decode", {"dialect": _dialect(name), "case": "known"})
                if way is not None:
                    held: list[float] = [
                        worker.ask("hold", name=way.name, count=count) / PAGE_SIZE for count in (10, 20, 30)
                    ]
                    rows["memory.record"][subject] = figure(held)
    return rows


def stream(bench: Bench) -> Rows:
    """Peak memory over a long listing, above that of its first page."""
    pages = 10 if bench.is_quick else 1_000
    rows: Rows = {"stream.peak": {}}
    environments = {"raw": "ours", "ours": "ours", **{name: name for name in PEERS}}
    for subject, environment in environments.items():
        grown: list[float] = []
        for _ in range(1 if bench.is_quick or subject in PEERS else 3):
            with bench.workers(environment) as workers:
                for worker in workers.values():
                    grown += _growth(bench, worker, subject, pages)
        if grown:
            rows["stream.peak"][subject] = figure(grown)
    return rows


def mypy(bench: Bench) -> Rows:
    """The type checker over user code, nothing cached."""
    environment = bench.environments.get("types")

    def check(program: str) -> Sample:
        # A folder of its own: no settings of ours, no cache of the last round.
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "consumer.py")
            path.write_text(program)
            return _process(environment, "-m", "mypy", "--strict", path.name, folder=path.parent)()

    ways = {name: partial(check, program) for name, program in TYPED.items()}
    samples = rounds(ways, 1 if bench.is_quick else 5)
    return {"mypy.consumer": {"ours": ratio(_cpu(samples["ours"]), _cpu(samples["stock"]))}}


def generate(bench: Bench) -> Rows:
    """All four modules from the specs."""
    environment, specs = bench.environments.get("generate"), bench.environments.bundled_specs()

    def ours(folder: Path) -> None:
        environment.run("-m", "generator", "--output", str(folder))

    def stock(folder: Path) -> None:
        write_stock_output(environment, specs, folder)

    def sample(write: Callable[[Path], None]) -> Sample:
        with tempfile.TemporaryDirectory() as folder:
            return Sample(processor_seconds(lambda: write(Path(folder))))

    samples = rounds({"stock": partial(sample, stock), "ours": partial(sample, ours)}, 1 if bench.is_quick else 5)
    return {"generate.modules": {"ours": ratio(_cpu(samples["ours"]), _cpu(samples["stock"]))}}


def large(bench: Bench) -> Rows:
    """A package of a document with 150 operations and 300 schemas."""
    environment = bench.environments.get("generate")
    with tempfile.TemporaryDirectory() as folder:
        document, ours, stock = Path(folder, "large.json"), Path(folder, "ours"), Path(folder, "stock")
        environment.run("-m", "benchmarks.large_document", str(document))
        command = ("-m", "generator", "--spec", str(document), "--package", "large", "--output", str(ours))
        samples = _compare(
            bench,
            {
                "stock": lambda: Sample(processor_seconds(lambda: run_stock(environment, document, stock))),
                "ours": _process(environment, *command),
            },
        )
        return {
            "large.time": {"ours": ratio(_cpu(samples["ours"]), _cpu(samples["stock"]))},
            "large.lines": {"ours": ratio([_lines_in(ours / "large")], [_lines_in(stock)])},
        }


def budget(bench: Bench) -> Rows:
    """What keeping count of the rate limits costs while they do not bind."""
    pages = 3 if bench.is_quick else 100
    rows: Rows = {}
    with bench.workers("ours") as workers:
        worker = workers["ours"]
        for row, task, place in (
            ("get", "get", _place(bench, "ours")),
            ("list", "listing", {"address": f"{bench.address}/truto-{pages}", "dialect": "truto"}),
        ):
            ways = {
                "raw": bench.way(worker, "ours", task, place),
                "ours": bench.way(worker, "ours", task, {**place, "budget": True}),
            }
            _add_ratios(rows, f"budget.{row}", bench.compare(ways))
    return rows


def preflight(bench: Bench) -> Rows:
    """What comparing calls with the pages costs: nothing without an integration, and what it does with one."""
    rows: Rows = {}
    place = _place(bench, "ours")
    with bench.workers("ours") as workers:
        worker = workers["ours"]
        for row, options in (("unbound", {}), ("bound", {"integration": "HubSpot"})):
            ways = {
                "raw": bench.way(worker, "ours", "get", {**place, "preflight": "off"}),
                "ours": bench.way(worker, "ours", "get", {**place, **options}),
            }
            _add_ratios(rows, f"preflight.{row}", bench.compare(ways))
    return rows


def fake(bench: Bench) -> Rows:
    """What the test double takes besides the client's own work."""
    records = 300 if bench.is_quick else 10_000
    rows: Rows = {}
    with bench.workers("ours") as workers:
        ways = {
            name: bench.way(
                workers["ours"], "fake", "listing", {"records": records, "canned": canned}, expected=records
            )
            for name, canned in (("raw", True), ("ours", False))
        }
        _add_ratios(rows, "fake.list", bench.compare(ways))
    return rows


QUESTIONS: Final[Mapping[str, Callable[[Bench], Rows]]] = {
    "decode": decode,
    "list": list_,
    "get": get,
    "async": async_,
    "bodies": bodies,
    "import": import_,
    "first-answer": first_answer,
    "memory": memory,
    "stream": stream,
    "mypy": mypy,
    "generate": generate,
    "large": large,
    "budget": budget,
    "preflight": preflight,
    "fake": fake,
}


def _dialect(subject: str) -> str:
    """Return the dialect that a subject speaks."""
    return subject if subject in DIALECTS else "truto"


def _pages(subject: str) -> list[tuple[str, str, str]]:
    """Return the rows of decoding that a subject has, each with its dialect and case."""
    dialect = _dialect(subject)
    rows: list[tuple[str, str, str]] = [(case, dialect, case) for case in CASES if has_case(dialect, case)]
    return [*rows, ("coperniq", "coperniq", "known")] if dialect == "truto" else rows


def _place(bench: Bench, subject: str) -> dict[str, str]:
    """Return where the server speaks the dialect of a subject."""
    return {"address": f"{bench.address}/{_dialect(subject)}-1", "dialect": _dialect(subject)}


def _growth(bench: Bench, worker: Worker, subject: str, pages: int) -> list[float]:
    """Return the megabytes by which a worker's peak grows over a listing, or nothing if it cannot follow one."""
    task, dialect = "async_listing" if subject == "truto" else "listing", _dialect(subject)
    peaks: list[int] = []
    for count in (1, pages):
        place = {"address": f"{bench.address}/{dialect}-{count}", "dialect": dialect}
        # To prepare a call is to make it once.
        way = bench.way(worker, subject, task, place, expected=count * PAGE_SIZE)
        if way is None:
            return []
        peaks.append(worker.ask("peak"))
        worker.ask("forget", name=way.name)
    return [(peaks[1] - peaks[0]) / 1e6]


def _lines_in(folder: Path) -> float:
    """Return how many lines of Python stand below a folder."""
    return sum(len(path.read_text().splitlines()) for path in folder.rglob("*.py"))


def _import(environment: Environment, code: str) -> Callable[[], Sample]:
    timed = f"from time import process_time as now; start = now(); {code}; print(now() - start)"
    return lambda: Sample(float(environment.run("-P", "-c", timed)))


def _process(environment: Environment, *arguments: str, folder: Path = PROJECT) -> Callable[[], Sample]:
    return lambda: Sample(processor_seconds(lambda: environment.run(*arguments, folder=folder)))


def _compare(bench: Bench, ways: Mapping[str, Callable[[], Sample]]) -> dict[str, list[Sample]]:
    """Measure fresh processes in turns, after each was started once for the sake of the file caches."""
    rounds(ways, 1)
    return rounds(ways, 3 if bench.is_quick else 15)


def _add_ratios(rows: Rows, row: str, samples: Mapping[str, Sequence[Sample]], *, are_rates: bool = False) -> None:
    """Add the ratio of each subject to the plain way: of processor time, or of calls per processor second."""
    for subject, taken in samples.items():
        if subject != "raw" and "raw" in samples:
            ours, plain = _cpu(taken), _cpu(samples["raw"])
            rows.setdefault(row, {})[subject] = ratio(plain, ours) if are_rates else ratio(ours, plain)


def _cpu(samples: Sequence[Sample]) -> list[float]:
    return [sample.cpu for sample in samples]
