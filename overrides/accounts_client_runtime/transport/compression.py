"""Compressed answers: read piece by piece, and with an eye on whether the end has come."""

from __future__ import annotations

import zlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Final

from ..errors import ConnectError
from ..types import Headers

_GZIP: Final = zlib.MAX_WBITS | 16
_ZLIB: Final = zlib.MAX_WBITS
_PLAIN_DEFLATE: Final = -zlib.MAX_WBITS

_GZIP_MAGIC: Final = b"\x1f"
_ZLIB_HEADER: Final = 2  # bytes


class Decompressor(ABC):
    """Reads the pieces of one answer."""

    coding: str

    def decompress(self, data: bytes) -> bytes:
        """Return what a piece stands for, as far as that is known by now.

        Raises:
            ConnectError: The data are broken.
        """
        try:
            return self._read(data)
        except zlib.error as error:
            raise ConnectError(f"The answer's {self.coding} data are broken ({error}).", sent=True) from error

    def decompress_whole(self, data: bytes) -> bytes:
        """Return what a whole body stands for.

        Raises:
            ConnectError: The data are broken, or the end is missing.
        """
        body = self.decompress(data)
        self.finish()
        return body

    def finish(self) -> None:
        """Check that everything has come.

        Raises:
            ConnectError: The end is missing.
        """
        if not self._is_whole():
            raise ConnectError(f"The answer's {self.coding} data end early.", sent=True)

    @abstractmethod
    def _read(self, data: bytes) -> bytes: ...

    @abstractmethod
    def _is_whole(self) -> bool: ...


class _Gzip(Decompressor):
    """Reads gzip: one member after the other; what follows them and is none is left alone, as everybody does."""

    coding = "gzip"

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP)
        self._is_empty = True
        self._is_over = False

    def _read(self, data: bytes) -> bytes:
        pieces: list[bytes] = []
        while data and not self._is_over:
            self._is_empty = False
            if self._member.eof:
                if not data.startswith(_GZIP_MAGIC):
                    self._is_over = True
                    break
                self._member = zlib.decompressobj(_GZIP)
            pieces.append(self._member.decompress(data))
            data = self._member.unused_data
        return b"".join(pieces)

    def _is_whole(self) -> bool:
        return self._is_empty or self._member.eof


class _Deflate(Decompressor):
    """Reads deflate: in the form of zlib, as it should be, or plain, as some send it."""

    coding = "deflate"

    def __init__(self) -> None:
        self._start = b""
        self._stream = zlib.decompressobj(_ZLIB)
        self._has_started = False

    def _read(self, data: bytes) -> bytes:
        if self._has_started:
            return self._stream.decompress(data)
        self._start += data
        if len(self._start) < _ZLIB_HEADER:
            return b""
        self._has_started = True
        if not _is_zlib_header(self._start):
            self._stream = zlib.decompressobj(_PLAIN_DEFLATE)
        return self._stream.decompress(self._start)

    def _is_whole(self) -> bool:
        return not self._start or self._stream.eof


def _is_zlib_header(data: bytes) -> bool:
    """Whether data begin as RFC 1950 says: method 8, and a check that makes the two bytes a multiple of 31."""
    return data[0] & 0x0F == 8 and int.from_bytes(data[:_ZLIB_HEADER]) % 31 == 0


_KINDS: Final[Mapping[str, type[Decompressor]]] = {"gzip": _Gzip, "x-gzip": _Gzip, "deflate": _Deflate}


def decompressor(headers: Headers) -> Decompressor | None:
    """Return what reads the body of an answer; `None` for one that is not compressed, or in a way not known here."""
    kind = _KINDS.get(headers.get("content-encoding", "").strip().lower())
    return kind() if kind else None
