"""What the answer of an operation holds, other than pages: one record, a wrapped record, nothing, or free JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeVar

from .decoding import Codec, codec_for, codec_of_kind, decode_error, parse_answer
from .errors import DecodeError
from .headers import charset_of
from .mirrors import REFUSALS
from .request import Deviation, Reply, Request, Result
from .types import JSON

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

_ID: Final = "id"
_EXCERPT: Final = 200


class One(Result[T], frozen=True):
    """The answer is the record itself."""

    model: type[T]
    """Answer class."""
    id: str = ""
    """Path value that is the record's id, if there is one."""

    def read(self, request: Request[object], reply: Reply, *, tenant: str) -> tuple[T, tuple[Deviation, ...]]:
        """Return the record. If the answer to a write lacks its id, it is taken from the path, or left empty."""
        codec = codec_for(self.model)
        if not request.operation.is_write:
            return codec.decode(reply.body)
        body = _body_of_write(reply)
        try:
            return codec.mirror.decode(body), ()
        except REFUSALS:
            record = parse_answer(body)
            given, empty_id = request.path[self.id] if self.id else None, codec.placeholder(_ID)
            known_id = given if isinstance(given, str | int | None) else str(given)
            if isinstance(record, dict) and record.get(_ID) is None and known_id is not None:
                record = {**record, _ID: known_id}
            fill = {_ID: known_id if type(known_id) is type(empty_id) else empty_id}
            return codec.read(record, fill=fill)


class Wrapped(Result[T], frozen=True):
    """The answer holds the record under a key, or is the bare record."""

    model: type[T]
    """Answer class."""
    key: str = "result"
    """Key of the wrapper."""

    def read(self, request: Request[object], reply: Reply, *, tenant: str) -> tuple[T, tuple[Deviation, ...]]:
        """Return the record, wherever it stands; it may lack its id, since it answers a write."""
        codec = codec_for(self.model)
        body = parse_answer(_body_of_write(reply))
        path = ""
        if isinstance(body, dict) and isinstance(body.get(self.key), dict):
            body, path = body[self.key], self.key
        return codec.read(body, path, fill={_ID: codec.placeholder(_ID)})


def _body_of_write(reply: Reply) -> bytes:
    """Return the body; that of an empty answer, which says that the write succeeded, is an empty record."""
    return reply.body if reply.body.strip() else b"{}"


class Typed(Result[T], frozen=True):
    """The answer is any JSON value of an annotated type: a list, a map, a scalar, one of several classes."""

    kind: object
    """The type, such as `list[Account]`."""

    def read(self, request: Request[object], reply: Reply, *, tenant: str) -> tuple[T, tuple[Deviation, ...]]:
        """Return the value; an empty answer is null where the type allows that."""
        codec: Codec[T] = codec_of_kind(self.kind)
        return codec.decode(reply.body if reply.body.strip() or not codec.takes_null else b"null")


class Binary(Result[bytes], frozen=True):
    """The answer is bytes."""

    content_type: str = "application/octet-stream"
    """Media type that is asked for."""

    @property
    def accept(self) -> str:
        """The media type, or else anything."""
        return f"{self.content_type}, */*;q=0.1"

    def read(self, request: Request[object], reply: Reply, *, tenant: str) -> tuple[bytes, tuple[Deviation, ...]]:
        """Return the body."""
        return reply.body, ()


class PlainText(Result[str], frozen=True):
    """The answer is text."""

    content_type: str = "text/plain"
    """Media type that is asked for."""

    @property
    def accept(self) -> str:
        """The media type, or else anything."""
        return f"{self.content_type}, */*;q=0.1"

    def read(self, request: Request[object], reply: Reply, *, tenant: str) -> tuple[str, tuple[Deviation, ...]]:
        """Return the text, read by the answer's own `charset`, or as UTF-8.

        Raises:
            DecodeError: The body is no text in it.
        """
        charset = charset_of(reply.headers.get("content-type", "")) or "utf-8"
        try:
            return reply.body.decode(charset), ()
        except (LookupError, ValueError):
            start = reply.body[:_EXCERPT].decode("utf-8", "replace")
            raise decode_error("", f"text in {charset}", start) from None


class ByStatus(Result[T_co], frozen=True):
    """What the answer holds depends on its status."""

    results: Mapping[str, Result[T_co]]
    """By status, such as `201`, or by range, such as `2XX`."""

    @property
    def accept(self) -> str:
        """What any of the results asks for."""
        wanted = [entry for result in self.results.values() for entry in result.accept.split(", ")]
        return ", ".join(dict.fromkeys(wanted))

    def check(self, request: Request[object]) -> None:
        """Refuse what any of the results refuses."""
        for result in self.results.values():
            result.check(request)

    def read(self, request: Request[object], reply: Reply, *, tenant: str) -> tuple[T_co, tuple[Deviation, ...]]:
        """Return what the result of the answer's status reads.

        Raises:
            DecodeError: No result is documented for the status, or the answer cannot be read.
        """
        result = self.results.get(str(reply.status)) or self.results.get(f"{reply.status // 100}XX")
        if result is None and all(isinstance(entry, Nothing) for entry in self.results.values()):
            result = next(iter(self.results.values()), None)
        if result is None:
            expected = f"one of the statuses {', '.join(self.results)}"
            raise DecodeError(f"the status {reply.status} is not documented: expected {expected}", expected=expected)
        return result.read(request, reply, tenant=tenant)


class Nothing(Result[None], frozen=True):
    """The answer, whatever it holds, says no more than that the call succeeded."""

    def read(self, request: Request[object], reply: Reply, *, tenant: str) -> tuple[None, tuple[Deviation, ...]]:
        """Return nothing."""
        return None, ()


class FreeJSON(Result[JSON], frozen=True):
    """The answer is any JSON, or nothing, which reads as `None`."""

    def read(self, request: Request[object], reply: Reply, *, tenant: str) -> tuple[JSON, tuple[Deviation, ...]]:
        """Return the parsed body."""
        return read_free(reply), ()


def read_free(reply: Reply) -> JSON:
    """Return any JSON body, or `None` where there is no body.

    Raises:
        DecodeError: The body is not JSON.
    """
    return parse_answer(reply.body) if reply.body.strip() else None
