"""The rows of the report: what is measured, what should be reached, and what one may dream of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Goal:
    """One row."""

    row: str
    """Question and name, such as `decode.known`."""
    label: str
    """A few words for the plot."""
    what: str
    """What is measured, and in which unit."""
    reach: float | None = None
    dream: float | None = None
    is_higher_better: bool = False
    unit: str = "x"
    """`x` for a ratio, else a unit of memory."""

    @property
    def question(self) -> str:
        """The command that measures the row."""
        return self.row.partition(".")[0]

    def relative(self, value: float) -> float:
        """Return a value in relation to the reach: 1 meets it, less is better."""
        if not self.reach:
            raise ValueError(f"{self.row} has no reach")
        return self.reach / value if self.is_higher_better else value / self.reach


GOALS: Final = (
    Goal(
        "decode.known",
        "page of accounts, all keys known",
        "page of 100 accounts to typed objects, all keys known, x `json.loads`",
        0.75,
        0.6,
    ),
    Goal("decode.half", "page with half of the keys absent", "... half of the optional keys absent", 0.85, 0.65),
    Goal("decode.sparse", "page with half of all keys absent", "... half of those of the objects below absent as well"),
    Goal(
        "decode.unknown",
        "page with unknown keys, all kept",
        "... two unknown top-level keys and one nested in every record, all kept",
        1.3,
        1.0,
    ),
    Goal("decode.deviating", "page with a deviation", "... one record of the page with a number as text"),
    Goal("decode.remote_data", "page with remote_data of 1.5 KB", "... with a `remote_data` of 1.5 KB", 0.75, 0.6),
    Goal(
        "decode.coperniq",
        "Coperniq's camelCase page",
        "Coperniq's camelCase page of 100 to typed objects, x `json.loads`",
        0.85,
        0.65,
    ),
    Goal(
        "list.records",
        "10,000 records through list()",
        "10,000 records through `list()` over loopback, CPU x raw httpx loop with `.json()`",
        0.95,
        0.7,
    ),
    Goal("get.one", "one sync GET", "one sync GET, CPU x raw `httpx.Client.get().json()`", 1.0, 0.75),
    Goal(
        "async.one",
        "one async GET, plain",
        "one async GET, CPU x raw `httpx.AsyncClient` in an environment without sniffio",
        0.75,
        0.25,
    ),
    Goal("async.one-aiohttp", "one async GET, over aiohttp", "... over aiohttp", 0.45, 0.25),
    Goal("async.one-httpx2", "one async GET, over httpx2", "... over httpx2"),
    Goal(
        "async.concurrent",
        "50 concurrent GETs, plain",
        "50 concurrent async GETs, calls a CPU second x raw httpx, the same way",
        1.3,
        10,
        is_higher_better=True,
    ),
    Goal(
        "async.concurrent-aiohttp",
        "50 concurrent GETs, over aiohttp",
        "... over aiohttp",
        4.5,
        10,
        is_higher_better=True,
    ),
    Goal("async.concurrent-httpx2", "50 concurrent GETs, over httpx2", "... over httpx2", is_higher_better=True),
    Goal("bodies.truto", "body to bytes, Truto", "body to bytes, x `json.dumps` of a ready dict: Truto", 0.2, 0.1),
    Goal("bodies.coperniq", "body to bytes, Coperniq", "... Coperniq", 0.4, 0.1),
    Goal(
        "import.names",
        "import of the library",
        "`from accounts_client import Truto, RateLimitError`, x `import httpx`",
        0.6,
        0.4,
    ),
    Goal("import.client", "import and first resource", "... import, client and first resource, x `import httpx`"),
    Goal(
        "first-answer.process",
        "process to first answer",
        "a fresh process to its first decoded answer over loopback, CPU x the same with raw httpx",
        1.25,
        1.1,
    ),
    Goal("memory.record", "memory of a decoded record", "bytes held by a decoded record", 3_600, 3_300, unit="bytes"),
    Goal(
        "stream.peak",
        "growth over 100,000 records",
        "peak memory over a stream of 100,000 records, above the first page, MB",
        0.8,
        0.0,
        unit="MB",
    ),
    Goal(
        "mypy.consumer",
        "mypy over user code",
        "cold `mypy --strict` of a small consumer, CPU x the same on stock output",
        0.8,
        0.5,
    ),
    Goal(
        "generate.modules",
        "regenerating the modules",
        "regenerating all four modules, CPU x the stock generator on the same specs",
        1.0,
        0.5,
    ),
    Goal(
        "large.time",
        "a package of a large document",
        "a package of a document with 150 operations and 300 schemas, CPU x the stock generator on the same",
        1.0,
        0.5,
    ),
    Goal("large.lines", "its lines", "... lines of Python, x those of the stock generator", 0.33, 0.1),
    Goal(
        "budget.get",
        "sync GET with a budget",
        "one sync GET with a budget that does not bind, CPU x the same without",
    ),
    Goal(
        "budget.list",
        "list() with a budget",
        "10,000 records through `list()` with a budget that does not bind, CPU x the same without",
    ),
    Goal(
        "preflight.unbound",
        "sync GET without an integration",
        "one sync GET of a handle without an integration, CPU x the same with pre-flight switched off",
        1.0,
        1.0,
    ),
    Goal(
        "preflight.bound",
        "sync GET with an integration",
        "... of a handle with one, compared with what the pages say",
    ),
    Goal(
        "fake.list",
        "10,000 records from the fake",
        "10,000 records through `list()` from the fake in process, CPU x the same client on canned bytes",
        3.0,
        1.5,
    ),
)
QUESTIONS: Final = tuple(dict.fromkeys(goal.question for goal in GOALS))
