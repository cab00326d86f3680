"""What the answer of an operation holds, other than pages: one record, a wrapped record, nothing, or free JSON."""

from __future__ import annotations

from typing import Final, TypeVar

from .decoding import codec_for, parse_answer
from .mirrors import REFUSALS
from .request import Deviation, Reply, Request, Result
from .types import JSON

T = TypeVar("T")

_ID: Final = "id"


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
            known_id, empty_id = request.path[self.id] if self.id else None, codec.placeholder(_ID)
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
