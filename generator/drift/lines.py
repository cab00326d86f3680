"""Saved pages as lines: text and Markdown as they stand, HTML reduced to the text that a browser would save."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from .forms import Line, PageError

MAXIMUM_BYTES: Final = 5_000_000
MAXIMUM_LINES: Final = 20_000

_HTML: Final = re.compile(
    r"\s*(<!--[^>]{0,1000}-->\s*)?<(!doctype\s+html|html|head|body|main|article|section|div)\b", re.I
)
_TAG: Final = re.compile(r"(/?)([A-Za-z][A-Za-z0-9]*)")
_ADDRESS: Final = re.compile(r"""rel=["']?canonical\b[^>]*?href=["']?([^"'\s>]+)""", re.I)

_HIDDEN: Final = ("script", "style", "svg", "template", "noscript", "title")
_INLINE: Final = (
    "a",
    "abbr",
    "b",
    "code",
    "em",
    "i",
    "kbd",
    "mark",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "u",
    "wbr",
)


def read_lines(file: Path) -> Sequence[Line]:
    """Return the lines of a saved page that hold anything.

    Raises:
        PageError: The file cannot be read as text, or holds none.
    """
    try:
        with file.open("rb") as stream:
            content = stream.read(MAXIMUM_BYTES + 1)
    except OSError as error:
        raise PageError(0, f"cannot be read ({error.strerror})") from None
    if len(content) > MAXIMUM_BYTES:
        raise PageError(0, f"is larger than {MAXIMUM_BYTES:,} bytes")
    try:
        return lines_of(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise PageError(0, "is not UTF-8 text") from None


def lines_of(text: str) -> Sequence[Line]:
    """Return the lines of a page that hold anything.

    Raises:
        PageError: There are none.
    """
    raw = _reduce(text) if _HTML.match(text) else enumerate(re.split(r"\r\n|\r|\n", text), start=1)
    lines = [_line(number, line) for number, line in raw]
    found = [line for line in lines if line.text]
    if not found:
        raise PageError(1, "layout not recognised: the page is empty")
    if len(found) > MAXIMUM_LINES:
        raise PageError(1, f"layout not recognised: the page has more than {MAXIMUM_LINES:,} lines")
    return found


def _line(number: int, text: str) -> Line:
    text = text.replace("\u200b", "").replace("\xa0", " ").expandtabs(4)
    return Line(number, " ".join(text.split()), len(text) - len(text.lstrip()))


def _reduce(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines of a HTML page; each step goes forward, so that no page takes longer than its length."""
    if found := _ADDRESS.search(text[:20_000]):
        yield 1, f"> Source: {html.unescape(found[1])}"
    lowered = text.lower() if len(text.lower()) == len(text) else text
    line: list[str] = []
    number = started = 1
    position = 0
    while position < len(text):
        start = text.find("<", position)
        start = len(text) if start < 0 else start
        piece = text[position:start]
        if piece.strip():
            started = number if not "".join(line).strip() else started
            line.append(html.unescape(piece.replace("\n", " ")))
        elif piece and line:
            line.append(" ")
        number += piece.count("\n")
        end, name, closes = _tag(text, lowered, start)
        if name and name not in _INLINE:
            if line:
                yield started, "".join(line)
            line = ["  • "] if name == "li" and not closes else []
            started = number
        number += text.count("\n", start, end)
        position = end
    yield started, "".join(line)


def _tag(text: str, lowered: str, start: int) -> tuple[int, str, bool]:
    """Return where a tag ends, its name, and whether it closes an element; what is hidden ends with its closing tag."""
    if text.startswith("<!--", start):
        end = text.find("-->", start)
        return (len(text) if end < 0 else end + 3), "", False
    end = text.find(">", start)
    if end < 0:
        return len(text), "", False
    found = _TAG.match(text, start + 1)
    name = found[2].lower() if found else ""
    if name in _HIDDEN and found and not found[1]:
        close = lowered.find(f"</{name}", end)
        end = text.find(">", close) if close >= 0 else -1
        end = len(text) if end < 0 else end
    return min(end + 1, len(text)), name, bool(found and found[1])
