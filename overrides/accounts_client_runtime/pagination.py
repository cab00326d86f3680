"""Listings: pages, the walk over them, and checkpoints to resume it.

One state machine, `_Walk`, decides what to fetch next and where a listing stands; `Pager` and `AsyncPager` drive it.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from abc import abstractmethod
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import aclosing, contextmanager, nullcontext, suppress
from copy import copy
from functools import lru_cache
from itertools import islice
from typing import Any, Final, Generic, Literal, Self, TypeAlias, TypeGuard, TypeVar

import msgspec
from attrs import define, evolve, field, frozen

from .decoding import REFUSALS, codec_for, decode_error, parse_answer
from .errors import AccountsClientError, CursorLoopError, DecodeError, InvalidRequestError, QueryEncodingError
from .query import encode_query
from .request import Deviation, Reply, Request, Result
from .types import JSON, Checkpoint, is_mapping

T = TypeVar("T")

OnBadRecord: TypeAlias = Literal["raise", "skip"]
"""What an iteration does at a record that cannot be read."""

Progress: TypeAlias = Callable[[int, int], None]
"""Told after each page how many pages and how many records have come so far."""

_CHECKPOINT_VERSION: Final = 1

_WHOLE_NUMBER: Final = re.compile(r"\d{1,9}", re.ASCII)


@frozen(kw_only=True)
class Listing:
    """How a listing is walked."""

    tenant: str = ""
    """The integrated account that is listed."""
    on_bad_record: OnBadRecord = "raise"
    """What iterating does at a record that cannot be read."""
    prefetch: bool = False
    """Whether the next page travels while the one in hand is consumed."""
    progress: Progress | None = None
    """Told after each page how far the listing is."""


@frozen
class Rejected:
    """A record of a page that cannot be read: a required field is missing or of the wrong type."""

    index: int
    """Its place in the page, from 0."""
    path: str
    """Where it deviates, by wire names."""
    error: str
    """What was expected there."""
    raw: JSON = field(repr=False)
    """The record as it came."""


@define(kw_only=True)
class Page(Generic[T]):
    """One page of a listing."""

    items: list[T]
    """The readable records."""
    next_cursor: str | None = None
    """What fetches the next page; `None` on the last one. For numbered pages it is the number as text."""
    is_partial_response: bool = False
    """Whether the provider gave incomplete data."""
    deviations: tuple[Deviation, ...] = ()
    """Places of the answer that did not have the documented type."""
    rejected: tuple[Rejected, ...] = ()
    """Records that cannot be read."""
    checkpoint: Checkpoint
    """Resumes the listing behind this page."""


class PagedResult(Result[Page[T]]):
    """An answer that is a page of a listing."""

    @property
    @abstractmethod
    def cursor_option(self) -> str:
        """Query option that carries the cursor or the page number."""


@frozen
class CursorPage(PagedResult[T]):
    """The answer is an envelope with a page of records and the cursor of the next page."""

    model: type[T]
    """Answer class of a record."""
    cursor: str = field(default="next_cursor", kw_only=True)
    """Query option that carries the cursor."""
    items: tuple[str, ...] = field(default=("result", "results"), kw_only=True)
    """Keys under which the records may stand, the usual one first: in an array, or in an object keyed by some field."""
    next: str = field(default="next_cursor", kw_only=True)
    """Key of the next page's cursor."""
    partial: str = field(default="is_partial_response", kw_only=True)
    """Key that says whether the provider gave incomplete data."""

    @property
    def cursor_option(self) -> str:
        """Query option that carries the cursor."""
        return self.cursor

    def read(self, request: Request[object], reply: Reply, *, tenant: str) -> tuple[Page[T], tuple[Deviation, ...]]:
        """Return the page.

        Raises:
            DecodeError: The answer is not an envelope with records.
        """
        pour = codec_for(self.model).pour
        rejected: list[Rejected] = []
        deviations: list[Deviation] = []
        try:
            envelope = _envelope_decoder(self).decode(reply.body)
            items = [pour(twin) for twin in envelope.items]
            cursor, partial = envelope.next, envelope.partial
        except REFUSALS:
            records, cursor, partial, deviations = self._read_envelope(parse_answer(reply.body))
            items, rejected = _read_records(self.model, records, self.items[0], deviations)
        found = tuple(deviations)
        page = Page(
            items=items,
            next_cursor=cursor or None,
            is_partial_response=partial is True,
            deviations=found,
            rejected=tuple(rejected),
            checkpoint=_checkpoint(request, self, tenant, len(items) + len(rejected)),
        )
        return page, found

    def _read_envelope(self, body: JSON) -> tuple[list[JSON], str | None, bool | None, list[Deviation]]:
        """Return the raw records, the next cursor, the partial mark and the deviations of the envelope."""
        if not isinstance(body, dict):
            raise decode_error("", "object", body)
        records = next((body[key] for key in self.items if key in body), None)
        if isinstance(records, dict):
            records = list(records.values())
        if not isinstance(records, list):
            raise decode_error(self.items[0], "array", records)
        deviations: list[Deviation] = []
        cursor = body.get(self.next)
        if isinstance(cursor, int) and not isinstance(cursor, bool):
            deviations.append(Deviation(self.next, "string", cursor))
            cursor = str(cursor)
        if not isinstance(cursor, str | None):
            # To go on without the cursor would lose the rest of the listing in silence.
            raise decode_error(self.next, "string", cursor)
        partial = body.get(self.partial)
        if not isinstance(partial, bool | None):
            deviations.append(Deviation(self.partial, "boolean", partial))
            partial = partial == "true"
        return records, cursor, partial, deviations


@frozen
class NumberPage(PagedResult[T]):
    """The answer is an array of records; pages are numbered, and the last one is short or empty."""

    model: type[T]
    """Answer class of a record."""
    page: str = field(default="page", kw_only=True)
    """Query option that carries the page number, from 1."""
    size: str = field(default="page_size", kw_only=True)
    """Query option that carries the number of records of a page."""
    default_size: int = field(default=20, kw_only=True)
    """Records of a page where the request does not say."""
    largest_size: int = field(default=100, kw_only=True)
    """A larger page size is refused, because the service might cap it and a full page would look like the last one."""

    @property
    def cursor_option(self) -> str:
        """Query option that carries the page number."""
        return self.page

    def check(self, request: Request[object]) -> None:
        """Refuse page numbers and sizes that would lose records.

        Raises:
            InvalidRequestError: The page number or the page size is out of range.
        """
        _check_number(request, self.size, self.largest_size)
        _check_number(request, self.page, None)

    def read(self, request: Request[object], reply: Reply, *, tenant: str) -> tuple[Page[T], tuple[Deviation, ...]]:
        """Return the page.

        Raises:
            DecodeError: The answer is not an array.
        """
        pour = codec_for(self.model).pour
        rejected: list[Rejected] = []
        deviations: list[Deviation] = []
        try:
            items = [pour(twin) for twin in _array_decoder(self).decode(reply.body)]
        except REFUSALS:
            records = parse_answer(reply.body)
            if not isinstance(records, list):
                raise decode_error("", "array", records) from None
            items, rejected = _read_records(self.model, records, "", deviations)
        count = len(items) + len(rejected)
        is_last = count < _number(request, self.size, self.default_size)
        found = tuple(deviations)
        page = Page(
            items=items,
            next_cursor=None if is_last else str(_number(request, self.page, 1) + 1),
            deviations=found,
            rejected=tuple(rejected),
            checkpoint=_checkpoint(request, self, tenant, count),
        )
        return page, found


class _Resumable(Generic[T]):
    """What both kinds of pager have in common: a walk that begins anew, or from a checkpoint on."""

    def __init__(self, request: Request[Page[T]], listing: Listing) -> None:
        self._listing = listing
        self._walk = _Walk(request, listing)

    @property
    def checkpoint(self) -> Checkpoint:
        """Where the latest iteration stands; `resume` goes on behind the record that it yielded last."""
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
        self, send: Callable[[Request[Page[T]]], Page[T]], request: Request[Page[T]], listing: Listing
    ) -> None:
        super().__init__(request, listing)
        self._send = send

    def pages(self) -> Iterator[Page[T]]:
        """Yield the pages.

        Raises:
            CursorLoopError: The service hands out a cursor that was already followed.
            AccountsClientError: A page cannot be had; its `checkpoint` resumes the listing there.
        """
        return self._fetch(self._begin())

    def __iter__(self) -> Iterator[T]:
        walk = self._begin()
        for page in self._fetch(walk):
            yield from walk.records(page)

    def _fetch(self, walk: _Walk[T]) -> Iterator[Page[T]]:
        # Leaving the block waits for a page that is still on its way, at most as long as its timeout.
        with ThreadPoolExecutor(1, "accounts-client-prefetch") if self._listing.prefetch else nullcontext() as executor:
            ahead: Future[Page[T]] | None = None
            while walk.request is not None:
                with walk.errors_with_checkpoint():
                    page = walk.accept(self._send(walk.request) if ahead is None else ahead.result())
                following = walk.following(page)
                ahead = executor.submit(self._send, following) if executor and following else None
                yield page
                with walk.errors_with_checkpoint():
                    walk.advance(page)

    def page(self) -> Page[T]:
        """Return the first page alone."""
        return next(self.pages())

    def to_list(self, *, max_items: int | None = None) -> list[T]:
        """Return the records as a list, at most `max_items` of them."""
        return list(islice(self, _checked_count(max_items)))


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
            CursorLoopError: The service hands out a cursor that was already followed.
            AccountsClientError: A page cannot be had; its `checkpoint` resumes the listing there.
        """
        return self._fetch(self._begin())

    async def __aiter__(self) -> AsyncGenerator[T]:
        walk = self._begin()
        async with aclosing(self._fetch(walk)) as pages:
            async for page in pages:
                for record in walk.records(page):
                    yield record

    async def _fetch(self, walk: _Walk[T]) -> AsyncGenerator[Page[T]]:
        ahead: asyncio.Future[Page[T]] | None = None
        try:
            while walk.request is not None:
                with walk.errors_with_checkpoint():
                    page = walk.accept(await (self._send(walk.request) if ahead is None else ahead))
                following = walk.following(page)
                ahead = asyncio.ensure_future(self._send(following)) if self._listing.prefetch and following else None
                yield page
                with walk.errors_with_checkpoint():
                    walk.advance(page)
        finally:
            if ahead is not None:
                ahead.cancel()
                await asyncio.gather(ahead, return_exceptions=True)

    async def page(self) -> Page[T]:
        """Return the first page alone."""
        async with aclosing(self.pages()) as pages:
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


class _Walk(Generic[T]):
    """Where a listing stands: the request for the next page, the cursors seen, and the records handed over."""

    def __init__(
        self,
        first: Request[Page[T]],
        listing: Listing,
        *,
        consumed: int = 0,
    ) -> None:
        result = first.operation.result
        if not isinstance(result, PagedResult):
            raise TypeError(f"{first.operation.name} is not a listing")
        result.check(first)
        self.request: Request[Page[T]] | None = first
        self._first = first
        self._result: PagedResult[T] = result
        self._listing = listing
        self._first_consumed = consumed
        self._in_hand = first
        self._consumed = consumed
        self._seen: set[object] = set()
        self._pages = self._records = 0

    def restart(self) -> _Walk[T]:
        """Return the same walk from its beginning."""
        return _Walk(self._first, self._listing, consumed=self._first_consumed)

    def resumed(self, checkpoint: Mapping[str, object]) -> _Walk[T]:
        """Return the walk from a checkpoint on; it may come from a file, so that its declared type says little."""
        if not is_mapping(checkpoint):
            raise InvalidRequestError("that is no checkpoint: expected an object, as `checkpoint` gave it")
        expected: Mapping[str, object] = _checkpoint(self._first, self._result, self._listing.tenant, 0)
        for key in ("version", "tenant", "operation", "filters"):
            if checkpoint.get(key) != expected[key]:
                raise InvalidRequestError(
                    f"the checkpoint's {key} is {checkpoint.get(key)!r}, this listing's is {expected[key]!r}"
                )
        cursor, consumed = checkpoint.get("cursor"), checkpoint.get("consumed")
        if not isinstance(cursor, str | None) or not isinstance(consumed, int) or consumed < 0:
            raise InvalidRequestError("the checkpoint is damaged: its cursor or its count of records is unreadable")
        return _Walk(self._at(cursor), self._listing, consumed=consumed)

    @property
    def checkpoint(self) -> Checkpoint:
        """The page in hand and how many of its records were handed over."""
        return _checkpoint(self._in_hand, self._result, self._listing.tenant, self._consumed)

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
        """Take the page that was asked for; without the records that were handed over before the checkpoint."""
        self._seen.add(self._in_hand.query.get(self._result.cursor_option))
        if self._consumed:
            rejected = tuple(entry for entry in page.rejected if entry.index >= self._consumed)
            already = self._consumed - (len(page.rejected) - len(rejected))
            page = evolve(page, items=page.items[already:], rejected=rejected)
        if self._listing.progress is not None:
            self._pages += 1
            self._records += len(page.items) + len(page.rejected)
            self._listing.progress(self._pages, self._records)
        return page

    def following(self, page: Page[T]) -> Request[Page[T]] | None:
        """Return the request for the next page, unless there is none or it was fetched before."""
        return None if page.next_cursor is None or page.next_cursor in self._seen else self._at(page.next_cursor)

    def records(self, page: Page[T]) -> Iterator[T]:
        """Yield the records of the page in hand, and stop at one that cannot be read unless it is to be skipped."""
        unreadable = {entry.index: entry for entry in page.rejected}
        for record in page.items:
            self._pass_unreadable(unreadable)
            self._consumed += 1
            yield record
        self._pass_unreadable(unreadable)

    def _pass_unreadable(self, unreadable: dict[int, Rejected]) -> None:
        """Go past the records that cannot be read and stand next."""
        while (entry := unreadable.get(self._consumed)) is not None:
            self._consumed += 1
            if self._listing.on_bad_record == "raise":
                error = decode_error(entry.path, entry.error, entry.raw)
                error.request, error.checkpoint = self._in_hand, self.checkpoint
                raise error

    def advance(self, page: Page[T]) -> None:
        """Go on to the next page."""
        cursor = page.next_cursor
        if cursor is None:
            self._consumed = page.checkpoint["consumed"]
            self.request = None
            return
        if cursor in self._seen:
            self._consumed = page.checkpoint["consumed"]
            error = CursorLoopError(
                f"{self._first.operation.name}: the service handed out cursor {cursor!r} again, and would not end",
                cursor=cursor,
            )
            error.request = self._in_hand
            raise error
        self.request = self._in_hand = self._at(cursor)
        self._consumed = 0

    def _at(self, cursor: str | None) -> Request[Page[T]]:
        query = {key: value for key, value in self._first.query.items() if key != self._result.cursor_option}
        if cursor is not None:
            query[self._result.cursor_option] = cursor
        return evolve(self._first, query=query)


def _checkpoint(request: Request[object], result: PagedResult[T], tenant: str, consumed: int) -> Checkpoint:
    cursor = request.query.get(result.cursor_option)
    filters = {key: value for key, value in request.query.items() if key != result.cursor_option}
    digest = hashlib.sha256(encode_query(_ordered(filters)).encode()).hexdigest()
    return Checkpoint(
        version=_CHECKPOINT_VERSION,
        tenant=tenant,
        operation=request.operation.name,
        filters=digest[:16],
        cursor=None if cursor is None else str(cursor),
        consumed=consumed,
    )


def _ordered(options: Mapping[str, object]) -> dict[str, object]:
    """Return equal options with their keys in one order, at every level."""
    return {
        key: _ordered({str(name): inner for name, inner in value.items()}) if is_mapping(value) else value
        for key, value in sorted(options.items())
    }


def _read_records(
    model: type[T], records: list[JSON], key: str, deviations: list[Deviation]
) -> tuple[list[T], list[Rejected]]:
    """Return the readable records and the others; add the deviations of the readable ones to the list."""
    codec = codec_for(model)
    items: list[T] = []
    rejected: list[Rejected] = []
    for index, record in enumerate(records):
        found: list[Deviation] = []
        try:
            items.append(codec.read(record, f"{key}[{index}]", found))
            deviations.extend(found)
        except DecodeError as error:
            rejected.append(Rejected(index, error.path, error.expected, record))
    return items, rejected


def _checked_count(max_items: int | None) -> int | None:
    if max_items is not None and max_items < 0:
        raise InvalidRequestError(f"max_items is {max_items}, expected 0 or more")
    return max_items


def _number(request: Request[object], option: str, default: int) -> int:
    return int(str(request.query.get(option, default)))


def _check_number(request: Request[object], option: str, largest: int | None) -> None:
    """Refuse an option that is not a whole number from 1 to the largest."""
    value = request.query.get(option, 1)
    number = value if isinstance(value, int) and not isinstance(value, bool) else 0
    if isinstance(value, str) and _WHOLE_NUMBER.fullmatch(value):
        number = int(value)
    if number < 1 or (largest is not None and number > largest):
        upper = "" if largest is None else f" to {largest}"
        raise InvalidRequestError(f"{option} is {value!r:.60}, expected a whole number from 1{upper}")


@lru_cache
def _envelope_decoder(result: CursorPage[object]) -> msgspec.json.Decoder[Any]:
    """Return the fast decoder of an envelope; keys it does not name are left aside."""
    struct = msgspec.defstruct(
        "Envelope",
        [
            ("items", list[codec_for(result.model).struct]),  # type: ignore[misc]  # the struct is made at run time
            ("next", str | None, None),
            ("partial", bool | None, None),
        ],
        rename={"items": result.items[0], "next": result.next, "partial": result.partial},
        gc=False,
    )
    return msgspec.json.Decoder(struct)


@lru_cache
def _array_decoder(result: NumberPage[object]) -> msgspec.json.Decoder[Any]:
    """Return the fast decoder of an array of records."""
    return msgspec.json.Decoder(list[codec_for(result.model).struct])  # type: ignore[misc]  # made at run time
