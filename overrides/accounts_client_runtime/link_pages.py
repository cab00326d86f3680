"""Pages that say where the next one is, in a header or in the answer.

Of that address only the query string is followed, below the path of the call itself: it is the cursor. An address of
another origin or another path is refused, so that no answer can send a token elsewhere.
"""

from __future__ import annotations

import re
from typing import Final, TypeVar
from urllib.parse import SplitResult, unquote, unquote_plus, urljoin, urlsplit

from msgspec.structs import replace

from .decoding import codec_for, decode_error
from .pages import Page, PagedResult, make_checkpoint
from .records import Keys, Layout, Records
from .request import AddressedReply, Deviation, Reply, Request

T = TypeVar("T")

_EXPECTED: Final = "address of the next page below the same origin and path"

_PORTS: Final = {"http": 80, "https": 443}

_LINK: Final = re.compile(r'<([^>]*)>((?:[^<,"]|"(?:\\.|[^"\\])*")*)')
_PARAMETER: Final = re.compile(r';\s*([^\s=;"]+)\s*(?:=\s*(?:"((?:\\.|[^"\\])*)"|([^\s;"]*)))?')


class _LinkedPage(PagedResult[T], frozen=True):
    """A page that says where the next one is."""

    is_addressed = True

    @property
    def cursor_option(self) -> str:
        """No query option: the cursor is a whole query string."""
        return ""

    def cursor_of(self, request: Request[object]) -> str | None:
        """Return the query string of a later page; `None` for the first page."""
        return request.continuation

    def request_at(self, first: Request[Page[T]], cursor: str | None) -> Request[Page[T]]:
        """Return the request of the page at a query string, `None` for the first one."""
        return replace(first, continuation=cursor)

    def _page(
        self, request: Request[object], reply: Reply, tenant: str, records: Records[T], link: str | None, place: str
    ) -> tuple[Page[T], tuple[Deviation, ...]]:
        """Return the page whose next one is behind a link, which stood at a place."""
        page = Page(
            items=records.items,
            next_cursor=None if link is None else _cursor(link, reply, place),
            deviations=records.deviations,
            rejected=records.rejected,
            checkpoint=make_checkpoint(request, self, tenant, records.count),
        )
        return page, records.deviations


class LinkPage(_LinkedPage[T], frozen=True):
    """The header says where the next page is, as of RFC 8288: `Link: <https://example.com/pets?page=2>; rel="next"`."""

    model: type[T]
    """Answer class of a record."""
    items: Keys = ()
    """Keys that lead to the array of records; none where the answer is the array."""

    def read(self, request: Request[object], reply: Reply, *, tenant: str) -> tuple[Page[T], tuple[Deviation, ...]]:
        """Return the page.

        Raises:
            DecodeError: The answer holds no array of records, or the next page is elsewhere.
        """
        records = Layout(self.items).read(codec_for(self.model), reply.body)
        return self._page(request, reply, tenant, records, _next_link(reply.headers.get("link", "")), "Link")


class URLPage(_LinkedPage[T], frozen=True):
    """The answer says where the next page is."""

    model: type[T]
    """Answer class of a record."""
    next: Keys = ("next",)
    """Keys that lead to the address of the next page; the last page has none, null or an empty text there."""
    items: Keys = ("results",)
    """Keys that lead to the array of records."""

    def read(self, request: Request[object], reply: Reply, *, tenant: str) -> tuple[Page[T], tuple[Deviation, ...]]:
        """Return the page.

        Raises:
            DecodeError: The answer holds no array of records, or the next page is elsewhere.
        """
        records = Layout(self.items, (self.next,)).read(codec_for(self.model), reply.body)
        [link], place = records.values, ".".join(self.next)
        if not isinstance(link, str | None):
            # To go on without the address would lose the rest of the listing in silence.
            raise decode_error(place, "address of the next page", link)
        return self._page(request, reply, tenant, records, link or None, place)


def _next_link(header: str) -> str | None:
    """Return the first address in a `Link` header that is said to be the next one."""
    for link in _LINK.finditer(header):
        for name, quoted, plain in _PARAMETER.findall(link[2]):
            if name.lower() == "rel" and "next" in f"{quoted}{plain}".lower().split():
                return link[1]
    return None


def _cursor(link: str, reply: Reply, place: str) -> str:
    """Return the query string of a link, without secrets.

    Raises:
        DecodeError: It leads to another origin or another path than those of the call.
    """
    address = reply.address if isinstance(reply, AddressedReply) else ""
    try:
        called, following = urlsplit(address), urlsplit(urljoin(address, link.strip()))
        is_same = _origin(called) == _origin(following) and _path(called) == _path(following)
    except ValueError:
        raise decode_error(place, _EXPECTED, link) from None
    if not is_same:
        raise decode_error(place, _EXPECTED, link)
    is_private = reply.is_private if isinstance(reply, AddressedReply) else None
    pairs = filter(None, following.query.split("&"))
    if is_private is None:
        return "&".join(pairs)
    return "&".join(pair for pair in pairs if not is_private(*_plain(pair)))


def _origin(address: SplitResult) -> tuple[str, str, int | None]:
    if "@" in address.netloc:
        raise ValueError("a user is no part of an origin")
    return address.scheme, address.hostname or "", address.port or _PORTS.get(address.scheme)


def _path(address: SplitResult) -> str:
    return unquote(address.path).rstrip("/")


def _plain(pair: str) -> tuple[str, str]:
    name, _, value = pair.partition("=")
    return unquote_plus(name), unquote_plus(value)
