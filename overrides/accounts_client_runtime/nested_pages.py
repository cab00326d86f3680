"""Pages whose records and cursors stand deeper in the answer, and pages that are counted by records."""

from __future__ import annotations

from typing import TypeVar

from .decoding import codec_for, decode_error
from .pages import Page, PagedResult, check_number, make_checkpoint, number_of
from .records import Layout
from .request import Deviation, Reply, Request

T = TypeVar("T")


class NestedCursorPage(PagedResult[T], frozen=True):
    """The answer holds records and the cursor of the next page, each below some keys."""

    model: type[T]
    """Answer class of a record."""
    cursor: str = "cursor"
    """Query option that carries the cursor."""
    items: tuple[str, ...] = ("data",)
    """Keys that lead to the array of records; none where the answer is the array."""
    next: tuple[str, ...] = ("next",)
    """Keys that lead to the next page's cursor; the last page has none, null or an empty text there."""

    @property
    def cursor_option(self) -> str:
        """Query option that carries the cursor."""
        return self.cursor

    def read(self, request: Request[object], reply: Reply, *, tenant: str) -> tuple[Page[T], tuple[Deviation, ...]]:
        """Return the page.

        Raises:
            DecodeError: The answer holds no array of records, or a cursor that is none.
        """
        records = Layout(self.items, (self.next,)).read(codec_for(self.model), reply.body)
        [cursor], deviations = records.values, records.deviations
        if isinstance(cursor, int) and not isinstance(cursor, bool):
            deviations = (Deviation(".".join(self.next), "string", cursor), *deviations)
            cursor = str(cursor)
        if not isinstance(cursor, str | None):
            # To go on without the cursor would lose the rest of the listing in silence.
            raise decode_error(".".join(self.next), "string", cursor)
        page = Page(
            items=records.items,
            next_cursor=cursor or None,
            deviations=deviations,
            rejected=records.rejected,
            checkpoint=make_checkpoint(request, self, tenant, records.count),
        )
        return page, deviations


class OffsetPage(PagedResult[T], frozen=True):
    """Pages begin after a number of records; the last one is short or empty."""

    model: type[T]
    """Answer class of a record."""
    offset: str = "offset"
    """Query option that carries the number of records to leave out."""
    size: str = "limit"
    """Query option that carries the number of records of a page; empty where there is none, and an empty page ends."""
    items: tuple[str, ...] = ()
    """Keys that lead to the array of records; none where the answer is the array."""
    default_size: int = 0
    """Records of a page where the request does not say; 0 where nobody says, and an empty page ends."""

    @property
    def cursor_option(self) -> str:
        """Query option that carries the offset."""
        return self.offset

    def check(self, request: Request[object]) -> None:
        """Refuse offsets and sizes that would lose records.

        Raises:
            InvalidRequestError: The offset or the page size is out of range.
        """
        if self.size:
            check_number(request, self.size, 1, None)
        check_number(request, self.offset, 0, None)

    def read(self, request: Request[object], reply: Reply, *, tenant: str) -> tuple[Page[T], tuple[Deviation, ...]]:
        """Return the page.

        Raises:
            DecodeError: The answer holds no array of records.
        """
        records = Layout(self.items).read(codec_for(self.model), reply.body)
        full = number_of(request, self.size, self.default_size) if self.size else self.default_size
        is_last = records.count < max(full, 1)
        page = Page(
            items=records.items,
            next_cursor=None if is_last else str(number_of(request, self.offset, 0) + records.count),
            deviations=records.deviations,
            rejected=records.rejected,
            checkpoint=make_checkpoint(request, self, tenant, records.count),
            fingerprint=None if is_last else hash(reply.body),
        )
        return page, records.deviations
