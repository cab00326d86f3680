"""Pages: what the answer of a listing holds, in each of the forms that services give it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import GenericAlias
from typing import ClassVar, Final, Generic, TypeAlias, TypeVar

import msgspec
from msgspec.structs import replace

from .decoding import codec_for, decode_error, parse_answer
from .errors import InvalidRequestError
from .mirrors import REFUSALS
from .paths import encode_path
from .query import encode_query
from .records import Layout, Rejected, Unread, read_records
from .request import Deviation, Reply, Request, Result
from .types import JSON, Checkpoint, Value, is_mapping

T = TypeVar("T")

_CHECKPOINT_VERSION: Final = 1

_Content: TypeAlias = "JSON | list[Unread] | dict[str, Unread]"
"""What stands under a key of an envelope."""


class Page(Value, Generic[T], frozen=True, kw_only=True, weakref=True):
    """One page of a listing."""

    _unshown: ClassVar[tuple[str, ...]] = ("fingerprint",)

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
    fingerprint: int | None = None
    """Equal for equal answers within one process. Only full numbered pages have one, to tell a service that repeats."""

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        # The same records may have come in other bytes.
        names = [name for name in self.__struct_fields__ if name != "fingerprint"]
        return all(getattr(self, name) == getattr(other, name) for name in names)


class PagedResult(Result[Page[T]], frozen=True):
    """An answer that is a page of a listing."""

    @property
    def cursor_option(self) -> str:
        """Query option that carries the cursor or the page number; empty where none does."""
        raise NotImplementedError

    def cursor_of(self, request: Request[object]) -> str | None:
        """Return the cursor or number of the page that a request fetches; `None` for the first page."""
        cursor = request.query.get(self.cursor_option)
        return None if cursor is None else str(cursor)

    def request_at(self, first: Request[Page[T]], cursor: str | None) -> Request[Page[T]]:
        """Return the request of the page at a cursor, `None` for the first one.

        Args:
            first: A request of the same listing.
            cursor: What an earlier page gave as `next_cursor`.
        """
        query = {key: value for key, value in first.query.items() if key != self.cursor_option}
        if cursor is not None:
            query[self.cursor_option] = cursor
        return replace(first, query=query)


class CursorPage(PagedResult[T], frozen=True):
    """The answer is an envelope with a page of records and the cursor of the next page."""

    model: type[T]
    """Answer class of a record."""
    cursor: str = "next_cursor"
    """Query option that carries the cursor."""
    items: tuple[str, ...] = ("result", "results")
    """Keys under which the records may stand, the usual one first: in an array, or in an object keyed by some field."""
    next: str = "next_cursor"
    """Key of the next page's cursor."""
    partial: str = "is_partial_response"
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
        codec = codec_for(self.model)
        rejected: list[Rejected] = []
        deviations: list[Deviation] = []
        try:
            mirror = codec.mirror
            envelope = mirror.decoder(self, self._envelope).decode(reply.body)
            items = mirror.pour_list(envelope.items)
            cursor, partial = envelope.next, envelope.partial
        except REFUSALS:
            records, cursor, partial, deviations = self._open(self._in_pieces(reply.body))
            items, rejected = read_records(codec, records, self.items[0], deviations)
        found = tuple(deviations)
        page = Page(
            items=items,
            next_cursor=cursor or None,
            is_partial_response=partial is True,
            deviations=found,
            rejected=tuple(rejected),
            checkpoint=make_checkpoint(request, self, tenant, len(items) + len(rejected)),
        )
        return page, found

    def _envelope(self, record: object) -> type[msgspec.Struct]:
        """Return the type of an envelope with records of a type; keys it does not name are left aside."""
        return msgspec.defstruct(
            "Envelope",
            [("items", GenericAlias(list, (record,))), ("next", str | None, None), ("partial", bool | None, None)],
            rename={"items": self.items[0], "next": self.next, "partial": self.partial},
            gc=False,
        )

    def _in_pieces(self, body: bytes) -> Mapping[str, _Content]:
        """Return what the envelope holds, its records as they came; all of it is parsed where msgspec refuses that."""
        try:
            values = msgspec.structs.astuple(_pieces_decoder(self).decode(body))
        except REFUSALS:
            parsed = parse_answer(body)
            if not isinstance(parsed, dict):
                raise decode_error("", "object", parsed) from None
            return parsed
        keys = (self.next, self.partial, *self.items)
        return {key: value for key, value in zip(keys, values, strict=True) if value is not msgspec.UNSET}

    def _open(
        self, envelope: Mapping[str, _Content]
    ) -> tuple[Sequence[Unread], str | None, bool | None, list[Deviation]]:
        """Return the unread records, the next cursor, the partial mark and the deviations of the envelope."""
        records = next((envelope[key] for key in self.items if key in envelope), None)
        if isinstance(records, dict):
            records = [*records.values()]
        if not isinstance(records, list):
            raise decode_error(self.items[0], "array", records)
        deviations: list[Deviation] = []
        cursor = envelope.get(self.next)
        if isinstance(cursor, int) and not isinstance(cursor, bool):
            deviations.append(Deviation(self.next, "string", cursor))
            cursor = str(cursor)
        if not isinstance(cursor, str | None):
            # To go on without the cursor would lose the rest of the listing in silence.
            raise decode_error(self.next, "string", cursor)
        partial = envelope.get(self.partial)
        if not isinstance(partial, bool | None):
            deviations.append(Deviation(self.partial, "boolean", partial))
            partial = partial == "true"
        return records, cursor, partial, deviations


class NumberPage(PagedResult[T], frozen=True):
    """Pages are numbered, and the last one is short or empty."""

    model: type[T]
    """Answer class of a record."""
    page: str = "page"
    """Query option that carries the page number."""
    size: str = "page_size"
    """Query option that carries the number of records of a page; empty where there is none, and an empty page ends."""
    default_size: int = 20
    """Records of a page where the request does not say; 0 where nobody says, and an empty page ends."""
    largest_size: int | None = 100
    """A larger page size is refused, because the service might cap it and a full page would look like the last one."""
    items: tuple[str, ...] = ()
    """Keys that lead to the array of records; none where the answer is the array."""
    first: int = 1
    """Number of the first page."""

    @property
    def cursor_option(self) -> str:
        """Query option that carries the page number."""
        return self.page

    def check(self, request: Request[object]) -> None:
        """Refuse page numbers and sizes that would lose records.

        Raises:
            InvalidRequestError: The page number or the page size is out of range.
        """
        if self.size:
            check_number(request, self.size, 1, self.largest_size)
        check_number(request, self.page, self.first, None)

    def read(self, request: Request[object], reply: Reply, *, tenant: str) -> tuple[Page[T], tuple[Deviation, ...]]:
        """Return the page.

        Raises:
            DecodeError: The answer holds no array of records.
        """
        records = Layout(self.items).read(codec_for(self.model), reply.body)
        full = number_of(request, self.size, self.default_size) if self.size else 0
        is_last = records.count < max(full, 1)
        page = Page(
            items=records.items,
            next_cursor=None if is_last else str(number_of(request, self.page, self.first) + 1),
            deviations=records.deviations,
            rejected=records.rejected,
            checkpoint=make_checkpoint(request, self, tenant, records.count),
            fingerprint=None if is_last else hash(reply.body),
        )
        return page, records.deviations


def make_checkpoint(
    request: Request[object], result: PagedResult[T], tenant: str, consumed: int, *, pages: int = 0, anchor: str = ""
) -> Checkpoint:
    """Return where a listing stands: the page that the request asks for, and how many of its records are done.

    Args:
        request: What fetches the page in hand.
        result: What its answer holds.
        tenant: The integrated account that is listed.
        consumed: How many records of the page were handed over.
        pages: How many pages were fetched before it.
        anchor: Digest of an earlier cursor, to find out if the service leads back to it.
    """
    return Checkpoint(
        version=_CHECKPOINT_VERSION,
        tenant=tenant,
        operation=request.operation.name,
        filters=digest(_filters(request, result)),
        cursor=result.cursor_of(request),
        consumed=consumed,
        pages=pages,
        anchor=anchor,
    )


def _filters(request: Request[object], result: PagedResult[T]) -> str:
    """Return what the listing is narrowed by, as one text."""
    operation = request.operation
    options = _ordered({key: value for key, value in request.query.items() if key != result.cursor_option})
    if not operation.parameters:
        text = encode_query(options)
    else:
        from .parameters import write_options  # few services have such options

        written = write_options(options, operation.parameters, operation.query_names)
        text = repr((written.query, sorted(written.headers.items()), written.cookies))
    if request.path:
        text = f"{text} {encode_path(operation.path, request.path, operation.path_integers, operation.parameters)}"
    if request.body is not None:
        text = f"{text} {operation.content.encode(request.body, operation.body_names)[0]!r}"
    return text


def digest(text: str) -> str:
    """Return what stands for a text in a checkpoint, short and the same in every process."""
    import hashlib  # slow to import, and only listings need it

    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _ordered(options: Mapping[str, object]) -> dict[str, object]:
    """Return equal options with their keys in one order, at every level."""
    return {
        key: _ordered({str(name): inner for name, inner in value.items()}) if is_mapping(value) else value
        for key, value in sorted(options.items())
    }


@lru_cache
def _pieces_decoder(result: CursorPage[object]) -> msgspec.json.Decoder[msgspec.Struct]:
    """Return the decoder of an envelope that leaves its records as they are."""
    pieces = list[msgspec.Raw] | dict[str, msgspec.Raw]
    fields = [(result.next, object), (result.partial, object), *((key, pieces) for key in result.items)]
    struct = msgspec.defstruct(
        "Envelope",
        [(f"key_{place}", kind, msgspec.UNSET) for place, (_, kind) in enumerate(fields)],
        rename={f"key_{place}": key for place, (key, _) in enumerate(fields)},
        gc=False,
    )
    return msgspec.json.Decoder(struct)


def number_of(request: Request[object], option: str, default: int) -> int:
    """Return the whole number that an option holds, or its default."""
    return int(str(request.query.get(option, default)))


def check_number(request: Request[object], option: str, smallest: int, largest: int | None) -> None:
    """Refuse an option that is not a whole number from the smallest to the largest.

    Raises:
        InvalidRequestError: It is none.
    """
    value = request.query.get(option, smallest)
    number = value if isinstance(value, int) and not isinstance(value, bool) else -1
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value):
        number = int(value)
    if number < smallest or (largest is not None and number > largest):
        upper = "" if largest is None else f" to {largest}"
        raise InvalidRequestError(f"{option} is {value!r:.60}, expected a whole number from {smallest}{upper}")
