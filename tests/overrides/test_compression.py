"""Compressed answers, in whatever pieces they come: what goes in comes out, and a missing end is noticed."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from itertools import pairwise
from typing import Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from accounts_client_runtime import ConnectError, Headers
from accounts_client_runtime.transport.compression import decompressor


def plain_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(data) + compressor.flush()


def in_members(data: bytes) -> bytes:
    return gzip.compress(data[: len(data) // 2]) + gzip.compress(data[len(data) // 2 :])


# Ways to write each coding.
WRITERS: Final[tuple[tuple[str, Callable[[bytes], bytes]], ...]] = (
    ("gzip", gzip.compress),
    ("gzip", in_members),
    ("x-gzip", gzip.compress),
    ("deflate", zlib.compress),
    ("deflate", plain_deflate),
)


def read(coding: str, pieces: list[bytes]) -> bytes:
    """Return what the pieces of an answer stand for."""
    reader = decompressor(Headers({"Content-Encoding": coding}))
    assert reader is not None
    data = b"".join(map(reader.decompress, pieces))
    reader.finish()
    return data


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """Return the data in pieces, cut at the places."""
    ends = sorted({place % (len(data) + 1) for place in places} | {0, len(data)})
    return [data[start:end] for start, end in pairwise(ends)]


CODINGS: Final = sorted({coding for coding, _ in WRITERS})
PLACES: Final = st.lists(st.integers(0, 10_000), max_size=8)


@given(st.sampled_from(WRITERS), st.binary(), PLACES)
@example(WRITERS[1], b"abcd", [1, 2, 25])
@example(WRITERS[4], b"abcd", [1])
def test_what_was_compressed_is_read_in_any_pieces(
    writer: tuple[str, Callable[[bytes], bytes]], data: bytes, places: list[int]
) -> None:
    coding, compress = writer
    assert read(coding, cut(compress(data), places)) == data


@given(st.sampled_from(WRITERS), st.binary(), PLACES, st.integers(1, 10_000))
@example(WRITERS[0], b"abcd", [], 1)
def test_a_missing_end_is_noticed(
    writer: tuple[str, Callable[[bytes], bytes]], data: bytes, places: list[int], length: int
) -> None:
    coding, compress = writer
    whole = compress(data)
    start = whole[: length % len(whole) or 1]
    if compress is in_members and start == gzip.compress(data[: len(data) // 2]):
        return  # is whole as it is: nothing tells that another member was to follow
    with pytest.raises(ConnectError, match=r"data (end early|are broken)") as caught:
        read(coding, cut(start, places))
    assert caught.value.sent


@pytest.mark.parametrize("coding", CODINGS)
def test_nothing_at_all_is_whole(coding: str) -> None:
    assert read(coding, []) == read(coding, [b""]) == b""


@pytest.mark.parametrize("coding", CODINGS)
@given(st.binary(), PLACES)
def test_any_bytes_are_read_or_a_typed_error(coding: str, data: bytes, places: list[int]) -> None:
    try:
        read(coding, cut(data, places))
    except ConnectError as error:
        assert error.sent


@pytest.mark.parametrize("coding", ["", "identity", "br", "zstd", "gzip, gzip", "nonsense"])
def test_other_codings_are_left_alone(coding: str) -> None:
    assert decompressor(Headers({"Content-Encoding": coding})) is None


def test_what_follows_gzip_data_and_is_none_is_left_alone() -> None:
    assert read("gzip", [gzip.compress(b"abc") + b"\0\0", b"\0", gzip.compress(b"def")]) == b"abc"
