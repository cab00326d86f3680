"""Truto's pages in Markdown, the twins of its pages in HTML: of one operation, or of a resource."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from attrs import evolve

from .forms import Layout, Line, Page, PageError, Place, Row

MARKDOWN: Final = Layout(
    "Truto, Markdown",
    {
        "formats": "formats are not printed",
        "null": "no mark says whether a field takes null",
        "marks": "no list says which integrations support a field",
        "names of marks": "no list says which integrations support a field",
        "statuses": "no errors are listed",
    },
)

_TITLES: Final[Mapping[str, Place]] = {
    "path parameters": "path",
    "query parameters": "query",
    "request body": "body",
    "response": "answer",
    "response body": "answer",
    "properties": "answer",
}
_OPERATION: Final = re.compile(r"`(GET|POST|PUT|PATCH|DELETE) (/[^\s`]+)`")
_METHOD: Final = re.compile(r"- \[(GET|POST|PUT|PATCH|DELETE) (/[^\s\]]+)\]\(.*")
_ROW: Final = re.compile(r"- \*\*`([^`]{1,100})`\*\*(?: _\(([^()]{1,200})\)_)?")
_DEFAULT: Final = re.compile(r"\bDefaults to `([^`]{1,100})`")
_PARTIAL: Final = " (partial)"


def recognise(lines: Sequence[Line]) -> Layout | None:
    """Return the layout if a page is in Markdown of Truto's form."""
    return MARKDOWN if any(_ROW.fullmatch(line.text) or _METHOD.fullmatch(line.text) for line in lines) else None


def parse_markdown(lines: Sequence[Line], names: Collection[str]) -> Page:
    """Read a page in Markdown.

    Raises:
        PageError: A part of the page has another form.
    """
    sections = dict(_sections(lines))
    methods = sections.get("methods")
    operation = next(((line, found) for line in lines if (found := _OPERATION.fullmatch(line.text))), None)
    if operation is None and methods is None:
        raise PageError(lines[0].number, "layout not recognised: neither an operation nor a list of methods")
    rows: dict[Place, Sequence[Row]] = {
        _TITLES[title]: list(_rows(part)) for title, (_, part) in sections.items() if title in _TITLES
    }
    for title, (line, _) in sections.items():
        if title in _TITLES and not rows[_TITLES[title]]:
            raise PageError(line.number, f"layout not recognised: no field is found below {line.text!r}")
    integrations = list(_integrations(sections))
    line, found = operation if operation else (lines[0], None)
    return Page(
        MARKDOWN,
        line.number,
        found[1] if found else None,
        found[2] if found else None,
        title=lines[0].text.removeprefix("# "),
        source=next((line.text[10:] for line in lines if line.text.startswith("> Source: ")), ""),
        integrations=tuple(name.removesuffix(_PARTIAL) for name in integrations)
        if "supported integrations" in sections
        else None,
        partial=tuple(name.removesuffix(_PARTIAL) for name in integrations if name.endswith(_PARTIAL)),
        rows=rows,
        operations=tuple(_methods(methods[1])) if methods else None,
    )


def _sections(lines: Sequence[Line]) -> Iterator[tuple[str, tuple[Line, Sequence[Line]]]]:
    title: Line | None = None
    found: list[Line] = []
    seen: set[str] = set()
    for line in lines:
        if line.text.startswith("## "):
            if title:
                yield title.text[3:].casefold(), (title, found)
            title, found = line, []
            if line.text.casefold() in seen:
                raise PageError(line.number, f"layout not recognised: {line.text!r} stands there twice")
            seen.add(line.text.casefold())
        elif title:
            found.append(line)
    if title:
        yield title.text[3:].casefold(), (title, found)


def _integrations(sections: Mapping[str, tuple[Line, Sequence[Line]]]) -> Iterator[str]:
    for line in sections.get("supported integrations", (None, ()))[1]:
        yield from (name.strip() for name in line.text.removeprefix("- ").split(",") if name.strip())


def _methods(lines: Sequence[Line]) -> Iterator[tuple[str, str]]:
    for line in lines:
        found = _METHOD.fullmatch(line.text)
        if found is None:
            raise PageError(line.number, f"layout not recognised: {line.text[:60]!r} is no method")
        yield found[1], found[2]


def _rows(lines: Sequence[Line]) -> Iterator[Row]:
    current: Row | None = None
    indents: list[int] = []
    for line in lines:
        if line.text.startswith("- **"):
            if current:
                yield current
            indents = [indent for indent in indents if indent < line.indent]
            current = evolve(_row(line), depth=len(indents))
            indents.append(line.indent)
        elif current is None:
            if not line.text.startswith(("Refer ", "[")):
                raise PageError(line.number, f"layout not recognised: {line.text[:60]!r} stands before the first field")
        elif re.match(r"(Supported|Required)\b.{0,40}:", line.text):
            raise PageError(line.number, f"layout not recognised: {line.text[:60]!r} seems to list integrations")
        elif line.text.startswith("Allowed: "):
            current = evolve(current, values=tuple(re.findall(r"`([^`]+)`", line.text)))
        else:
            default = _DEFAULT.search(line.text)
            current = evolve(
                current,
                wording=f"{current.wording} {line.text}".strip(),
                default=default[1] if default else current.default,
            )
    if current:
        yield current


def _row(line: Line) -> Row:
    found = _ROW.fullmatch(line.text)
    if found is None:
        raise PageError(line.number, f"layout not recognised: {line.text[:60]!r} is no field")
    words = re.split(r", (?![^<]*>)", found[2]) if found[2] else []
    unknown = set(words[1:]) - {"required"} if words[:1] != ["required"] else set(words[1:])
    if unknown:
        raise PageError(line.number, f"layout not recognised: {min(unknown)!r} beside a type is not known")
    is_typed = bool(words) and words[0] != "required"
    return Row(line.number, found[1], words[0] if is_typed else None, required="required" in words)
