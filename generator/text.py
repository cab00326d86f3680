"""Strings of a spec on their way into code: as a docstring or as a literal, and in no other way.

A `Text` refuses to be printed as it is, so a template that forgets to say which of the two it means fails at once.
"""

from __future__ import annotations

import re
import textwrap
import unicodedata
from typing import Final, NoReturn

from attrs import frozen

WIDTH: Final = 120

# Characters without a picture of their own: controls, direction marks, surrogates, unassigned ones, odd line ends.
_INVISIBLE: Final = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
_LIST_ITEM: Final = re.compile(r"[-*] ")
_SENTENCE: Final = re.compile(r"(.+?[.!?])\s+(?=\S)", re.DOTALL)


@frozen
class Text:
    """A string of a spec."""

    raw: str

    def __str__(self) -> NoReturn:
        raise TypeError("a text of a spec must be printed by `docstring` or `literal`")

    def __bool__(self) -> bool:
        return bool(self.raw)


def literal(value: Text | int) -> str:
    """Return the Python literal of a value, in double quotes if it is a string."""
    if not isinstance(value, Text):
        return repr(value)
    return '"' + "".join(map(_escape, value.raw)) + '"'


def comment(text: Text) -> str:
    """Return a text for a comment: one line, and nothing that cannot be seen."""
    return " ".join(_visible(text.raw).split())


def toml(text: Text) -> str:
    """Return a text as a string of TOML, on one line."""
    return '"' + comment(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def markdown(text: Text) -> str:
    """Return a text for one line of Markdown that is nothing but text."""
    return re.sub(r"([\\`*_{}\[\]<>()#+!|~-])", r"\\\1", comment(text))


def name_literal(name: str) -> str:
    """Return the Python literal of a name that was made for Python."""
    return literal(Text(name))


def _escape(char: str) -> str:
    if char in ('"', "\\"):
        return "\\" + char
    return char if char.isprintable() else ascii(char)[1:-1]


def docstring(text: Text, indent: int = 4, *, summary: bool = False) -> str:
    """Return a docstring, quotes included, wrapped for a place that is indented by so many columns.

    Args:
        text: Paragraphs, split by empty lines; a line that starts with a dash is an item of a list.
        indent: Columns before the docstring.
        summary: Give the first sentence a paragraph of its own where the whole does not fit one line.
    """
    paragraphs = [_clean(paragraph) for paragraph in re.split(r"\n\s*\n", text.raw)]
    paragraphs = [paragraph for paragraph in paragraphs if paragraph]
    width = WIDTH - indent
    only = _escape_quotes(paragraphs[0]) if len(paragraphs) == 1 else ""
    if only and "\n" not in only and len(only) + 6 <= width:
        return f'"""{only}"""'
    if summary and paragraphs and (sentence := _SENTENCE.match(paragraphs[0])):
        paragraphs[:1] = [sentence[1], paragraphs[0][sentence.end() :]]
    filled = [_fill(_escape_quotes(paragraph), width, first=not i) for i, paragraph in enumerate(paragraphs)]
    margin = " " * indent
    lines = "\n\n".join(filled).split("\n")
    return '"""' + "\n".join([lines[0], *(margin + line if line else "" for line in lines[1:]), margin + '"""'])


def _clean(paragraph: str) -> str:
    """Return a paragraph with one space between words and line ends only before the items of a list."""
    lines = [" ".join(_visible(line).split()) for line in paragraph.split("\n")]
    joined = ""
    for line in filter(None, lines):
        joined += ("\n" if _LIST_ITEM.match(line) else " ") + line
    return joined.strip()


def _visible(text: str) -> str:
    return "".join(" " if unicodedata.category(char) in _INVISIBLE else char for char in text)


def _escape_quotes(text: str) -> str:
    text = text.replace("\\", "\\\\")
    return text.replace('"', '\\"') if '"""' in text or text.endswith('"') else text


def _fill(paragraph: str, width: int, *, first: bool) -> str:
    filled = [
        textwrap.fill(
            line,
            width,
            initial_indent='"""' if first and not number else "",
            subsequent_indent="  " if _LIST_ITEM.match(line) else "",
            break_long_words=False,
            break_on_hyphens=False,
        )
        for number, line in enumerate(paragraph.split("\n"))
    ]
    return "\n".join(filled).removeprefix('"""' if first else "")
