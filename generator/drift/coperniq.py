"""Coperniq's pages as text: name, type and marks of a field are one word, and the values of enums are lost."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from attrs import evolve

from .forms import MAP, Layout, Line, Page, PageError, Place, Row

COPERNIQ: Final = Layout(
    "Coperniq",
    {
        "operation": "method and path are not in the text: the title tells which page it is",
        "required answers": "fields of answers have no mark of being required",
        "values": "the text lost the values of enums, unless they follow the words `Allowed values:`",
        "nested fields": "the fields inside objects are folded up",
        "end of objects": "the fields inside objects are folded up",
        "integrations": "there are none",
        "marks": "there are none",
        "names of marks": "there are none",
    },
)

_TITLES: Final[Mapping[str, Place]] = {
    "path parameters": "path",
    "query parameters": "query",
    "request": "body",
    "response": "answer",
}
_OTHERS: Final = ("authentication", "headers", "errors")
_OPERATION: Final = re.compile(r"(GET|POST|PUT|PATCH|DELETE) (?:https?://[^/\s]+(?:/v\d+)?)?(/\S+)")
_SCALAR: Final = "string|integer|long|double|number|boolean|datetime|date|uuid|enum|object|any"
_KIND: Final = rf"(?:map from strings to [a-z]+|list of [a-z]+|{_SCALAR})"
_ROW: Final = re.compile(
    rf"([A-Za-z_][A-Za-z0-9_]{{0,99}}?)({_KIND})( or null)?(Required|Optional)?(?:Read-only)?"
    r'(?:Defaults to ([^\s"]{1,100}?))?(?:format: "([^"]{1,100})")?'
)
_TOKEN: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_LISTS: Final = {
    "strings": "string",
    "integers": "integer",
    "objects": "object",
    "booleans": "boolean",
    "numbers": "number",
}
_CHROME: Final = ("This endpoint expects ", "Show ", "Hide ")


def recognise(lines: Sequence[Line]) -> Layout | None:
    """Return the layout if a page has Coperniq's."""
    titles = {line.text.casefold() for line in lines}
    if titles.isdisjoint({"request", "response"}) or not titles.isdisjoint({"request body", "response body"}):
        return None
    return COPERNIQ if any(_ROW.fullmatch(line.text) for line in lines) else None


def parse_coperniq(lines: Sequence[Line], names: Collection[str]) -> Page:
    """Read a page of Coperniq's.

    Raises:
        PageError: A part of the page has another form.
    """
    sections = dict(_sections(lines))
    rows: dict[Place, Sequence[Row]] = {}
    for title, (line, part) in sections.items():
        if place := _TITLES.get(title):
            rows[place] = list(_rows(part))
            if not rows[place]:
                raise PageError(line.number, f"layout not recognised: no field is found below {line.text!r}")
    operation = next(((line, found) for line in lines if (found := _OPERATION.fullmatch(line.text))), None)
    errors = sections.get("errors")
    return Page(
        COPERNIQ,
        operation[0].number if operation else lines[0].number,
        operation[1][1] if operation else None,
        operation[1][2] if operation else None,
        title=lines[0].text,
        source=next((line.text[10:] for line in lines if line.text.startswith("> Source: ")), ""),
        rows=rows,
        statuses=tuple(line.text for line in errors[1] if re.fullmatch(r"[45]\d\d", line.text)) if errors else None,
    )


def _sections(lines: Sequence[Line]) -> Iterator[tuple[str, tuple[Line, Sequence[Line]]]]:
    title: Line | None = None
    found: list[Line] = []
    seen: set[str] = set()
    for line in lines:
        key = line.text.casefold()
        if key in _TITLES or key in _OTHERS:
            if title:
                yield title.text.casefold(), (title, found)
            title, found = line, []
            if key in seen:
                raise PageError(line.number, f"layout not recognised: {line.text!r} stands there twice")
            seen.add(key)
        elif title:
            found.append(line)
    if title:
        yield title.text.casefold(), (title, found)


def _rows(lines: Sequence[Line]) -> Iterator[Row]:
    current: Row | None = None
    is_listing = False
    for line in lines:
        if found := _ROW.fullmatch(line.text):
            if current:
                yield current
            current = Row(
                line.number,
                found[1],
                _type(found[2]),
                _format(found),
                required=found[4] == "Required",
                nullable=bool(found[3]),
                default=found[5],
                depth=0,
            )
            is_listing = False
        elif current is None:
            continue
        elif line.text.startswith("Allowed values:"):
            values = re.split(r"[\s,]+", line.text.removeprefix("Allowed values:").strip())
            current = evolve(current, values=tuple(filter(None, values)))
            is_listing = True
        elif is_listing and _TOKEN.fullmatch(line.text):
            current = evolve(current, values=(*current.values, line.text))
        elif not line.text.startswith(_CHROME):
            current = evolve(current, wording=f"{current.wording} {line.text}".strip())
            is_listing = False
    if current:
        yield current


def _type(printed: str) -> str:
    """Return a type in the words of the specs."""
    if printed.startswith("list of "):
        item = printed.removeprefix("list of ")
        return f"array<{_LISTS.get(item, item)}>"
    if printed.startswith("map "):
        return MAP
    return {"enum": "string", "datetime": "string", "uuid": "string", "date": "string", "double": "number"}.get(
        printed, printed
    )


def _format(row: re.Match[str]) -> str | None:
    by_type = {"datetime": "date-time", "uuid": "uuid", "date": "date"}
    return row[6] or by_type.get(row[2])
