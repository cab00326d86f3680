"""Listings: pages, the walk over them, and checkpoints to resume it.

One state machine, `_Walk`, decides what to fetch next and where a listing stands; `Pager` and `AsyncPager` drive it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterator, Mapping
from contextlib import aclosing, closing, contextmanager, suppress
from copy import copy
from itertools import islice
from threading import Event
from typing import Generic, Literal, Self, TypeAlias, TypeGuard, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from .decoding import decode_error
from .errors import AccountsClientError, CursorLoopError, InvalidRequestError, QueryEncodingError, printable
from .logs import logger
from .pages import Page, PagedResult, digest, make_checkpoint
from .records import Rejected
from .request import Request
from .types import Checkpoint, Value, is_mapping

T = TypeVar("T")

OnBadRecord: TypeAlias = Literal["raise", "skip"]
"""What an iteration does at a record that cannot be read."""

Progress: TypeAlias = Callable[[int, int], object]
"""Told after each page how many pages and how many records have come so far; what it returns is ignored."""


class Listing(Value, frozen=True, kw_only=True):
    """How a listing is walked."""

    tenant: str
    """The integrated account that is listed."""
    on_bad_record: OnBadRecord
    """What iterating does at a record that cannot be read."""
    prefetch: bool
    """Whether the next page travels while the one in hand is consumed."""
    progress: Progress | None
    """Told after each page how far the listing is."""
    timeout: float | None
    """Seconds that closing a sync listing may wait for a page that is fetched ahead; `None` for no limit."""


class _Resumable(Generic[T]):
    """What both kinds of pager have in common: a walk that begins anew, or from a checkpoint on."""

    def __init__(self, request: Request[Page[T]], listing: Listing) -> None:
        self._listing = listing
        self._walk = _Walk(_Place(request), listing)

    @property
    def checkpoint(self) -> Checkpoint:
        """Where the latest iteration stands; `resume` goes on behind the record, or the page, that it yielded last."""
        return self._walk.checkpoint

    def resume(self, checkpoint: Checkpoint) -> Self:
        """Return this listing from a checkpoint on.

        The page in hand is fetched again, and records that were handed over already are left out. Each record comes
        exactly once as long as the data stand still in between.

        Raises:
            InvalidRequestError: The checkpoint is of another tenant, operation or filter, or is not a checkpoint.
        """
        resumed = copy(self)
        resumed._walk = self._walk.resumed(checkpoint)
        return resumed

    def _begin(self) -> _Walk[T]:
        self._walk = self._walk.restart()
        return self._walk


class Pager(_Resumable[T]):
    """A listing that fetches its pages as they are needed.

    Iterating yields the records. Nothing is fetched before. Each iteration begins anew.
    """

    def __init__(
        self, send: Callable[[Request[Page[T]], Event | None], Page[T]], request: Request[Page[T]], listing: Listing
    ) -> None:
        super().__init__(request, listing)
        self._send = send

    def pages(self) -> Generator[Page[T]]:
        """Yield the pages.

        Raises:
            CursorLoopError: The service leads back to a page that it gave already.
            AccountsClientError: A page cannot be had; its `checkpoint` resumes the listing there.
        """
        return self._pages(prefetch=self._listing.prefetch)

    def __iter__(self) -> Generator[T]:
        walk = self._begin()
        with closing(self._fetch(walk, prefetch=self._listing.prefetch)) as pages:
            for page in pages:
                yield from walk.records(page)
                del page  # or else it would stay while the next one is fetched

    def _pages(self, *, prefetch: bool) -> Generator[Page[T]]:
        walk = self._begin()
        with closing(self._fetch(walk, prefetch=prefetch)) as pages:
            for page in pages:
                walk.hand_over(page)
                yield page
                del page

    def _fetch(self, walk: _Walk[T], *, prefetch: bool) -> Generator[Page[T]]:
        """Yield each page as it comes, without the records that were handed over before a checkpoint."""
        from concurrent.futures import Future, ThreadPoolExecutor, wait  # slow to import

        executor = ThreadPoolExecutor(1, "accounts-client-prefetch") if prefetch else None
        ahead: Future[Page[T]] | None = None
        is_discarded = Event()
        try:
            while walk.request is not None:
                with walk.errors_with_checkpoint():
                    page = walk.accept(self._send(walk.request, None) if ahead is None else ahead.result())
                following = walk.following(page)
                ahead = executor.submit(self._send, following, is_discarded) if executor and following else None
                yield page
                with walk.errors_with_checkpoint():
                    walk.advance(page)
                del page
        finally:
            if executor is not None:
                is_discarded.set()
                if ahead is not None and not ahead.cancel():
                    wait([ahead], self._listing.timeout)
                executor.shutdown(wait=ahead is None or ahead.done())

    def page(self) -> Page[T]:
        """Return the first page alone."""
        with closing(self._pages(prefetch=False)) as pages:
            return next(pages)

    def to_list(self, *, max_items: int | None = None) -> list[T]:
        """Return the records as a list, at most `max_items` of them."""
        with closing(iter(self)) as records:
            return list(islice(records, _checked_count(max_items)))


class AsyncPager(_Resumable[T]):
    """The same as `Pager`, for asyncio."""

    def __init__(
        self, send: Callable[[Request[Page[T]]], Awaitable[Page[T]]], request: Request[Page[T]], listing: Listing
    ) -> None:
        super().__init__(request, listing)
        self._send = send

    def pages(self) -> AsyncGenerator[Page[T]]:
        """Yield the pages.

        Raises:
            CursorLoopError: The service leads back to a page that it gave already.
            AccountsClientError: A page cannot be had; its `checkpoint` resumes the listing there.
        """
        return self._pages(prefetch=self._listing.prefetch)

    async def __aiter__(self) -> AsyncGenerator[T]:
        walk = self._begin()
        async with aclosing(self._fetch(walk, prefetch=self._listing.prefetch)) as pages:
            async for page in pages:
                for record in walk.records(page):
                    yield record
                del page  # or else it would stay while the next one is fetched

    async def _pages(self, *, prefetch: bool) -> AsyncGenerator[Page[T]]:
        walk = self._begin()
        async with aclosing(self._fetch(walk, prefetch=prefetch)) as pages:
            async for page in pages:
                walk.hand_over(page)
                yield page
                del page

    async def _fetch(self, walk: _Walk[T], *, prefetch: bool) -> AsyncGenerator[Page[T]]:
        """Yield each page as it comes, without the records that were handed over before a checkpoint."""
        import asyncio  # slow to import, and loaded already where a coroutine runs

        ahead: asyncio.Future[Page[T]] | None = None
        try:
            while walk.request is not None:
                with walk.errors_with_checkpoint():
                    page = walk.accept(await (self._send(walk.request) if ahead is None else ahead))
                following = walk.following(page)
                ahead = asyncio.ensure_future(self._send(following)) if prefetch and following else None
                yield page
                with walk.errors_with_checkpoint():
                    walk.advance(page)
                del page
        finally:
            if ahead is not None:
                ahead.cancel()
                await asyncio.gather(ahead, return_exceptions=True)

    async def page(self) -> Page[T]:
        """Return the first page alone."""
        async with aclosing(self._pages(prefetch=False)) as pages:
            return await anext(pages)

    async def to_list(self, *, max_items: int | None = None) -> list[T]:
        """Return the records as a list, at most `max_items` of them."""
        records: list[T] = []
        if _checked_count(max_items) == 0:
            return records
        async with aclosing(aiter(self)) as walk:
            async for record in walk:
                records.append(record)
                if len(records) == max_items:
                    break
        return records


def as_listing(request: Request[object]) -> Request[Page[object]] | None:
    """Return the request as that of a listing, if it is one."""
    return request if _is_listing(request) else None


def _is_listing(request: Request[object]) -> TypeGuard[Request[Page[object]]]:
    return isinstance(request.operation.result, PagedResult)


class _Place(Struct, Generic[T]):
    """A place in a listing: what a checkpoint holds of it."""

    request: Request[Page[T]]
    """What fetches the page in hand."""
    consumed: int = 0
    """How many of its records were handed over."""
    pages: int = 0
    """How many pages were fetched before it."""
    anchor: str = ""
    """Digest of a cursor that was followed."""


class _Walk(Generic[T]):
    """Where a listing stands: the page in hand, the request for the next one, and the cursors that were followed.

    A cursor that was followed before leads round for ever. One iteration keeps the digests of all its cursors, so that
    it stops before any record comes twice; with about 110 bytes a page, a million records in pages of 100 take 1.1 MB.
    A checkpoint has to stay small and takes one digest along, its anchor, as in Brent's search for cycles: that of page
    1, then of 2, 4, 8 and so on, counted from 0. However a listing of n different pages is resumed, the way round is
    found before 3 n pages have come.
    """

    def __init__(self, start: _Place[T], listing: Listing) -> None:
        result = start.request.operation.result
        if not isinstance(result, PagedResult):
            raise TypeError(f"{start.request.operation.name} is not a listing")
        result.check(start.request)
        self.request: Request[Page[T]] | None = start.request
        self._start = start
        self._result: PagedResult[T] = result
        self._listing = listing
        self._place = self._place_before = copy(start)
        self._fingerprint: int | None = None
        cursor = result.cursor_of(start.request)
        self._followed = {start.anchor} if cursor is None else {start.anchor, digest(cursor)}
        self._pages = self._records = 0

    def restart(self) -> _Walk[T]:
        """Return the same walk from its beginning."""
        return _Walk(self._start, self._listing)

    def resumed(self, checkpoint: Mapping[str, object]) -> _Walk[T]:
        """Return the walk from a checkpoint on; it may come from a file, so that its declared type says little."""
        if not is_mapping(checkpoint):
            raise InvalidRequestError("that is no checkpoint: expected an object, as `checkpoint` gave it")
        expected: Mapping[str, object] = make_checkpoint(self._start.request, self._result, self._listing.tenant, 0)
        for key in ("version", "tenant", "operation", "filters"):
            if checkpoint.get(key) != expected[key]:
                raise InvalidRequestError(
                    f"the checkpoint's {key} is {checkpoint.get(key)!r}, this listing's is {expected[key]!r}"
                )
        cursor, anchor = checkpoint.get("cursor"), checkpoint.get("anchor")
        consumed, pages = checkpoint.get("consumed"), checkpoint.get("pages")
        if not (
            isinstance(cursor, str | None) and isinstance(anchor, str) and _is_count(consumed) and _is_count(pages)
        ):
            raise InvalidRequestError(
                "the checkpoint is damaged: its cursor, its anchor or one of its counts is unreadable"
            )
        return _Walk(_Place(self._at(cursor), consumed, pages, anchor), self._listing)

    @property
    def checkpoint(self) -> Checkpoint:
        """The page in hand and how many of its records were handed over."""
        place = self._place
        return make_checkpoint(
            place.request,
            self._result,
            self._listing.tenant,
            place.consumed,
            pages=place.pages,
            anchor=place.anchor,
        )

    @contextmanager
    def errors_with_checkpoint(self) -> Generator[None]:
        """Put the checkpoint onto every error of the library that comes up inside."""
        try:
            yield
        except AccountsClientError as error:
            # Where the query options cannot be encoded, there is nothing to resume.
            with suppress(QueryEncodingError):
                error.checkpoint = self.checkpoint
            raise

    def accept(self, page: Page[T]) -> Page[T]:
        """Take the page that was asked for; without the records that were handed over before the checkpoint.

        A numbered page that equals the one before it, byte by byte, says that the service ignores the number. That
        finds neither a service that gives the same records in another order or between other bytes, nor one that
        repeats two pages in turn; and records that move down by just one page meanwhile look the same.

        Raises:
            CursorLoopError: The answer is the same as that of the page before.
        """
        if page.fingerprint is not None and page.fingerprint == self._fingerprint:
            request = self._place.request
            number = self._result.cursor_of(request) or ""
            # Resumed there, the listing goes on if only the records had moved.
            self._place = self._place_before
            raise _loop_error(request, number, f"page {number} is the same as the page before")
        self._fingerprint = page.fingerprint
        place = self._place
        checkpoint: Checkpoint = {**page.checkpoint, "pages": place.pages, "anchor": place.anchor}
        rejected = tuple(entry for entry in page.rejected if entry.index >= place.consumed)
        already = place.consumed - (len(page.rejected) - len(rejected))
        page = replace(page, items=page.items[already:], rejected=rejected, checkpoint=checkpoint)
        if self._listing.progress is not None:
            self._pages += 1
            self._records += len(page.items) + len(page.rejected)
            self._listing.progress(self._pages, self._records)
        return page

    def following(self, page: Page[T]) -> Request[Page[T]] | None:
        """Return the request for the next page, unless there is none or it was fetched before."""
        cursor = page.next_cursor
        return None if cursor is None or digest(cursor) in self._followed else self._at(cursor)

    def hand_over(self, page: Page[T]) -> None:
        """Count the whole page as handed over."""
        self._place.consumed = page.checkpoint["consumed"]

    def records(self, page: Page[T]) -> Iterator[T]:
        """Yield the records of the page in hand, and stop at one that cannot be read unless it is to be skipped."""
        if page.rejected and self._listing.on_bad_record == "skip":
            places = ", ".join(f"{entry.path} (expected {entry.error})" for entry in page.rejected[:5])
            name = self._place.request.operation.name
            logger().warning(
                "%s: %d records that cannot be read are skipped: %s", name, len(page.rejected), printable(places)
            )
        unreadable = {entry.index: entry for entry in page.rejected}
        for record in page.items:
            self._pass_unreadable(unreadable)
            self._place.consumed += 1
            yield record
        self._pass_unreadable(unreadable)

    def _pass_unreadable(self, unreadable: dict[int, Rejected]) -> None:
        """Go past the records that cannot be read and stand next."""
        while (entry := unreadable.get(self._place.consumed)) is not None:
            self._place.consumed += 1
            if self._listing.on_bad_record == "raise":
                error = decode_error(entry.path, entry.error, entry.raw)
                error.request, error.checkpoint = self._place.request, self.checkpoint
                raise error

    def advance(self, page: Page[T]) -> None:
        """Go on to the next page.

        Raises:
            CursorLoopError: It was fetched before.
        """
        self.hand_over(page)
        place, cursor = self._place, page.next_cursor
        if cursor is None:
            self.request = None
            return
        mark = digest(cursor)
        if mark in self._followed:
            # A resumed listing does not know the other marks, and has to stop here as well.
            place.anchor = mark
            raise _loop_error(place.request, cursor, f"the service handed out cursor {cursor!r} again")
        self._followed.add(mark)
        pages = place.pages + 1
        is_power_of_two = pages & (pages - 1) == 0
        self._place_before = place
        self._place = _Place(self._at(cursor), pages=pages, anchor=mark if is_power_of_two else place.anchor)
        self.request = self._place.request

    def _at(self, cursor: str | None) -> Request[Page[T]]:
        return self._result.request_at(self._start.request, cursor)


def _loop_error(request: Request[object], cursor: str, reason: str) -> CursorLoopError:
    error = CursorLoopError(f"{request.operation.name}: {reason}, and would not end", cursor=cursor)
    error.request = request
    return error


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _checked_count(max_items: int | None) -> int | None:
    if max_items is not None and max_items < 0:
        raise InvalidRequestError(f"max_items is {max_items}, expected 0 or more")
    return max_items
