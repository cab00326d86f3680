"""The bodies of answers piece by piece, decompressed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing, closing
from typing import Final

from ..errors import ConnectError
from ..request import Outgoing
from ..types import Headers
from . import AsyncOpenReply, OpenReply
from .compression import Decompressor
from .sending import sending

_LEFT: Final = "The answer can no longer be read: its stream was left."


class Chunks(Iterator[bytes]):
    """A body that is read as it comes."""

    def __init__(
        self,
        parts: Iterator[bytes],
        close: Callable[[], None],
        decompressor: Decompressor | None,
        outgoing: Outgoing,
    ) -> None:
        self._parts = parts
        self._close = close
        self._decompressor = decompressor
        self._outgoing = outgoing
        self._is_left = False

    def __next__(self) -> bytes:
        if self._is_left:
            raise ConnectError(_LEFT, sent=True)
        while (part := self._part()) is not None:
            if chunk := self._decompressor.decompress(part) if self._decompressor else part:
                return chunk
        if self._decompressor:
            self._decompressor.finish()
        raise StopIteration

    def close(self) -> None:
        """Give the connection back."""
        self._is_left = True
        self._close()

    def _part(self) -> bytes | None:
        with sending(self._outgoing):
            return next(self._parts, None)


class AsyncChunks(AsyncIterator[bytes]):
    """The same as `Chunks`, for asyncio."""

    def __init__(
        self,
        parts: AsyncIterator[bytes],
        close: Callable[[], Awaitable[None]],
        decompressor: Decompressor | None,
        outgoing: Outgoing,
    ) -> None:
        self._parts = parts
        self._close = close
        self._decompressor = decompressor
        self._outgoing = outgoing
        self._is_left = False

    async def __anext__(self) -> bytes:
        if self._is_left:
            raise ConnectError(_LEFT, sent=True)
        while (part := await self._part()) is not None:
            if chunk := self._decompressor.decompress(part) if self._decompressor else part:
                return chunk
        if self._decompressor:
            self._decompressor.finish()
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Give the connection back."""
        self._is_left = True
        await self._close()

    async def _part(self) -> bytes | None:
        with sending(self._outgoing):
            return await anext(self._parts, None)


def leave_open(status: int, headers: Headers, chunks: Chunks) -> OpenReply:
    """Return an answer whose body is still to be read; only that of an error status is read at once."""
    body = b""
    if not 200 <= status < 300:
        with closing(chunks):
            body = b"".join(chunks)
    return OpenReply(status, headers, body, chunks, chunks.close)


async def leave_open_async(status: int, headers: Headers, chunks: AsyncChunks) -> AsyncOpenReply:
    """Return an answer whose body is still to be read; only that of an error status is read at once."""
    body = b""
    if not 200 <= status < 300:
        async with aclosing(chunks):
            body = b"".join([chunk async for chunk in chunks])
    return AsyncOpenReply(status, headers, body, chunks, chunks.aclose)
