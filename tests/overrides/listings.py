"""Services with a listing, behind cursors or behind page numbers, and what tests of listings have in common."""

from __future__ import annotations

import json
from typing import Final

import httpx
from hypothesis import strategies as st

from accounts_client_runtime import JSON, Checkpoint
from tests.overrides.callers import answer
from tests.overrides.models import Person

_MOST_REQUESTS: Final = 1_000

PAGES: Final = st.lists(st.lists(st.booleans(), max_size=4), min_size=1, max_size=6)
"""Pages of records that can be read, or cannot."""


def person(number: int) -> JSON:
    """Return a record that can be read."""
    return {"id": str(number)}


def bad(number: int) -> JSON:
    """Return a record that cannot be read: it has no id."""
    return {"name": str(number)}


class CursorService:
    """A listing behind cursors: page `n` is fetched by `c<n>`, the first one by nothing."""

    def __init__(self, pages: list[list[JSON]], *, end: JSON = None) -> None:
        self._pages = pages
        self._end = end
        self.failures: list[httpx.Response | Exception] = []
        """What the next requests are answered with instead."""
        self.fetched: list[str | None] = []
        """The cursor of each request."""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        cursor = request.url.params.get("next_cursor")
        self.fetched.append(cursor)
        assert len(self.fetched) <= _MOST_REQUESTS, "the listing does not end"
        if self.failures:
            failure = self.failures.pop(0)
            if isinstance(failure, Exception):
                raise failure
            return failure
        number = int(cursor[1:]) if cursor else 0
        following = f"c{number + 1}" if number + 1 < len(self._pages) else self._end
        return answer({"result": self._pages[number], "next_cursor": following, "result_count": -1})


class NumberService:
    """A listing of numbered pages, 20 records each unless asked otherwise."""

    def __init__(self, records: int | list[JSON]) -> None:
        self._records = [{"id": number} for number in range(1, records + 1)] if isinstance(records, int) else records
        self.fetched: list[tuple[str | None, str | None]] = []
        """The number and the size of each request."""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        page, size = request.url.params.get("page"), request.url.params.get("page_size")
        self.fetched.append((page, size))
        length = int(size or 20)
        start = (int(page or 1) - 1) * length
        return answer(self._records[start : start + length])


def ids(records: list[Person]) -> list[str]:
    return [record.id for record in records]


def through_json(checkpoint: Checkpoint | None) -> Checkpoint:
    """Return a checkpoint as it comes back from a file."""
    assert checkpoint is not None
    restored: Checkpoint = json.loads(json.dumps(checkpoint))
    return restored


def altered(checkpoint: Checkpoint, key: str, value: JSON) -> Checkpoint:
    """Return a checkpoint with another value, as a file may hold it."""
    restored: Checkpoint = json.loads(json.dumps({**checkpoint, key: value}))
    return restored


def numbered(pages: list[list[bool]]) -> list[list[JSON]]:
    """Return pages of records with running numbers, good ones and bad ones."""
    numbers = iter(range(1_000))
    return [[person(next(numbers)) if is_good else bad(next(numbers)) for is_good in page] for page in pages]
