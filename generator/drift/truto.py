"""Truto's pages as text, in the three layouts that were seen: listed, joined and counted."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise, takewhile
from typing import Final

from attrs import define, evolve, field

from generator.nodes import JSONValue

from .forms import MAP, Layout, Line, Mark, Page, PageError, Place, Row

LISTED: Final = Layout(
    "Truto, listed",
    {
        "null": "no mark says whether a field takes null",
        "end of objects": "fields inside objects stand in one list with the others",
        "statuses": "no errors are listed",
    },
)
JOINED: Final = Layout(
    "Truto, joined",
    {
        "null": "no mark says whether a field takes null",
        "end of objects": "fields inside objects stand in one list with the others",
        "integrations": "no list says which integrations have the operation",
        "statuses": "no errors are listed",
    },
)
COUNTED: Final = Layout(
    "Truto, counted",
    {
        "names": "the text lost the names of fields: the sample has those of the body, recorded wordings tell others",
        "types": "the text lost the types of the fields: the sample tells roughly those of the body",
        "formats": "the text lost the formats",
        "required": "the text lost the marks of required fields",
        "required answers": "the text lost the marks of required fields",
        "null": "no mark says whether a field takes null",
        "nested fields": "the text lost what stands inside objects, but for descriptions that are recorded",
        "end of objects": "fields inside objects stand in one list with the others",
        "integrations": "no list says which integrations have the operation",
        "names of marks": "marks are counts alone",
        "statuses": "no errors are listed",
    },
)

TITLES: Final[Mapping[str, Place]] = {
    "path parameters": "path",
    "query parameters": "query",
    "request body": "body",
    "response body": "answer",
}
_TITLE: Final = re.compile(r"(\S*?)(path parameters|query parameters|request body|response body)", re.I)
_OPERATION: Final = re.compile(r"(GET|POST|PUT|PATCH|DELETE) (/\S+?)(?:Integrations supported)?")
_PATH: Final = re.compile(r"/[a-z]\S*/\S+")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,99}")
_KIND: Final = r"(?:string|integer|number|boolean|object|array)(?:\[\])?|Record<string, ?\w+>"
# Types that no page has shown yet; a name with one of them is known only where the specs have the name.
_FURTHER: Final = r"(?:float|double|decimal|int|date|datetime|enum|any|null|binary|file|uuid)(?:\[\])?"
_TYPE: Final = re.compile(rf"({_KIND}|{_FURTHER})(?: · (\S+))?")
_JOINED: Final = re.compile(rf"([A-Za-z_][A-Za-z0-9_.]{{0,99}}?)({_KIND})(?: · (\S+))?")
_JOINED_FURTHER: Final = re.compile(rf"({_FURTHER})(?: · (\S+))?")
_COUNT: Final = re.compile(r"(\d{1,6}) supported(?:(\d{1,6}) required)?(?:\d{1,6} notes?)?")
_CHILDREN: Final = re.compile(r"(\d{1,4}) propert(?:y|ies)")
_DEFAULT: Final = re.compile(r"\bDefaults to `?([^\s`]{1,100}?)`?(?:\.(?=\s|$)|(?=\s|$))")
_EXAMPLE: Final = re.compile(r"[^\sA-Z]{1,200}(?=[A-Z][a-z]* [a-z])")
_VALUES: Final = re.compile(r"[A-Za-z0-9_-]{1,1000}")
_SAMPLE: Final = re.compile(r"curl -X ([A-Z]{3,6}) '")
_BULLET: Final = re.compile(r"[•*-] (.+)")
_CHROME: Final = ("Refer ", "Show Truto-specific parameters", "Skip to content")
_MARKS: Final = ("Supported in", "Required in")
_ASIDES: Final = ("Integration specific notes", "Enum support by integration")


def recognise(lines: Sequence[Line]) -> Layout | None:
    """Return the layout of a page of Truto's, or `None` where it is none that is known."""
    texts = [line.text for line in takewhile(lambda line: not line.text.startswith("curl "), lines)]
    if not any(_TITLE.fullmatch(text) for text in texts):
        return None
    listed = sum(bool(_NAME.fullmatch(text) and _TYPE.fullmatch(after)) for text, after in pairwise(texts))
    joined = sum(bool(_JOINED.fullmatch(text)) for text in texts)
    if listed or joined:
        return LISTED if listed >= joined else JOINED
    counts = any(_COUNT.fullmatch(text) for text in texts)
    return COUNTED if counts and any(_PATH.fullmatch(text) for text in texts) else None


def parse_listed(lines: Sequence[Line], names: Collection[str]) -> Page:
    """Read the layout in which name, type and description stand on lines of their own.

    Raises:
        PageError: A part of the page has another form.
    """
    page = _page(LISTED, lines)
    sections: dict[Place, Sequence[Row]] = {
        place: [row.row for row in _listed(part)] for place, part in _sections(lines)
    }
    head = list(_head(lines))
    return evolve(
        page,
        rows=_filled(sections, lines),
        integrations=_bullets_below(head, "Integrations supported"),
        partial=_bullets_below(head, "Partial response integrations") or (),
    )


def parse_joined(lines: Sequence[Line], names: Collection[str]) -> Page:
    """Read the layout in which name and type are one word, with counts and names of integrations below.

    Raises:
        PageError: A part of the page has another form.
    """
    page = _page(JOINED, lines)
    sections: dict[Place, Sequence[Row]] = {
        place: [row.row for row in _joined(part, names)] for place, part in _sections(lines)
    }
    return evolve(page, rows=_filled(sections, lines))


def parse_counted(lines: Sequence[Line], names: Collection[str]) -> Page:
    """Read the layout whose text lost the names: descriptions, counts, and a sample with the names of the body.

    Raises:
        PageError: A part of the page has another form.
    """
    place = next((index for index, line in enumerate(lines) if _PATH.fullmatch(line.text)), None)
    if place is None:
        raise PageError(lines[0].number, "layout not recognised: no line is the path of an operation")
    text = "\n".join(line.text for line in lines)
    method = _SAMPLE.search(text)
    sections: dict[Place, Sequence[Row]] = {
        place: [row.row for row in _counted(part)] for place, part in _sections(lines)
    }
    return Page(
        COUNTED,
        lines[place].number,
        method[1] if method else None,
        lines[place].text,
        title=lines[place - 1].text if place else "",
        source=_source(lines),
        rows=_filled(sections, lines),
        sample=_sample(text),
    )


def _page(layout: Layout, lines: Sequence[Line]) -> Page:
    for line in lines:
        if found := _OPERATION.fullmatch(line.text):
            return Page(layout, line.number, found[1], found[2], source=_source(lines))
    raise PageError(lines[0].number, "layout not recognised: no line is the method and path of an operation")


def _source(lines: Sequence[Line]) -> str:
    return next((line.text[10:] for line in lines if line.text.startswith("> Source: ")), "")


def _head(lines: Sequence[Line]) -> Iterator[Line]:
    for line in lines:
        if _TITLE.fullmatch(line.text):
            return
        glued = line.text.endswith("Integrations supported") and line.text != "Integrations supported"
        yield evolve(line, text="Integrations supported") if glued else line


def _bullets_below(lines: Sequence[Line], title: str) -> tuple[str, ...] | None:
    found: list[str] | None = None
    for line in lines:
        if line.text == title:
            found = []
        elif found is not None and (bullet := _BULLET.fullmatch(line.text)):
            found.append(bullet[1])
        elif found:
            break
    return None if found is None else tuple(found)


def _sections(lines: Sequence[Line]) -> Iterator[tuple[Place, Sequence[Line]]]:
    """Yield the parts of a page that hold fields; the samples end the last of them."""
    place: Place | None = None
    found: list[Line] = []
    seen: set[Place] = set()
    for line in lines:
        if line.text.startswith("curl "):
            break
        if title := _TITLE.fullmatch(line.text):
            if place:
                yield place, found
            place, found = TITLES[title[2].lower()], []
            if place in seen:
                raise PageError(line.number, f"layout not recognised: {title[2]!r} stands there twice")
            seen.add(place)
        elif not line.text.startswith(_CHROME):
            found.append(line)
    if place:
        yield place, found


def _filled(sections: Mapping[Place, Sequence[Row]], lines: Sequence[Line]) -> Mapping[Place, Sequence[Row]]:
    """Return the sections; one without a field means that the layout is another one."""
    for line in lines:
        title = _TITLE.fullmatch(line.text)
        if title and not sections[TITLES[title[2].lower()]]:
            raise PageError(line.number, f"layout not recognised: no field is found below {title[2]!r}")
    return sections


@define
class _Open:
    """A field that is still being read."""

    row: Row
    words: list[str] = field(factory=list[str])

    def say(self, text: str) -> None:
        """Add a line of the description, with the default that it may tell."""
        self.words.append(text)
        default = _DEFAULT.search(text)
        self.row = evolve(self.row, wording=" ".join(self.words), default=default[1] if default else self.row.default)


def _listed(lines: Sequence[Line]) -> Iterator[_Open]:
    index = 0
    current: _Open | None = None
    while index < len(lines):
        line, index = lines[index], index + 1
        after = lines[index].text if index < len(lines) else ""
        if _NAME.fullmatch(line.text) and (type_ := _TYPE.fullmatch(after)):
            if current:
                yield current
            current = _Open(Row(line.number, line.text, _type(type_[1]), type_[2]))
            index += 1
        elif re.fullmatch(r"[a-z_][a-z0-9_.]*", line.text) and (after in _MARKS or after in _ASIDES):
            if current:
                yield current
            current = _Open(Row(line.number, line.text))
        elif current is None:
            raise PageError(line.number, f"layout not recognised: {line.text[:60]!r} stands before the first field")
        elif line.text in _MARKS or line.text == "All possible enum values:":
            names: list[str] = []
            while index < len(lines) and (bullet := _BULLET.fullmatch(lines[index].text)):
                names.append(bullet[1])
                index += 1
            if not names:
                raise PageError(line.number, f"layout not recognised: nothing is listed below {line.text!r}")
            if line.text in _MARKS:
                mark = current.row.mark or Mark(frozenset(), frozenset())
                is_required = line.text == "Required in"
                mark = (
                    evolve(mark, required=frozenset(names)) if is_required else evolve(mark, supported=frozenset(names))
                )
                current.row = evolve(current.row, mark=mark)
            else:
                current.row = evolve(current.row, values=tuple(names))
        elif line.text.startswith("Example:"):
            index += line.text == "Example:" and index < len(lines)
        elif line.text.startswith("REQUIRED ·"):
            current.row = evolve(current.row, required=True)
            if rest := line.text.removeprefix("REQUIRED ·").strip():
                current.say(rest)
        else:
            current.say(line.text)
    if current:
        yield current


def _joined(lines: Sequence[Line], names: Collection[str]) -> Iterator[_Open]:
    index = 0
    current: _Open | None = None
    while index < len(lines):
        line, index = lines[index], index + 1
        after = lines[index].text if index < len(lines) else ""
        if row := _joined_row(line, after, names):
            if current:
                yield current
            current = _Open(row)
        elif current is None:
            raise PageError(line.number, f"layout not recognised: {line.text[:60]!r} stands before the first field")
        elif count := _COUNT.fullmatch(line.text):
            marked = {"supported": list[str](), "required": list[str]()}
            total = int(count[1])
            while sum(map(len, marked.values())) < total and index < len(lines):
                after = lines[index + 1].text if index + 1 < len(lines) else ""
                if after in marked:
                    marked[after].append(lines[index].text)
                    index += 1
                elif _COUNT.fullmatch(after) or _joined_row(lines[index], after, names):
                    break
                index += 1
            _check_counts(line, total, int(count[2] or 0), marked)
            mark = Mark(count=(total, int(count[2] or 0)))
            if any(marked.values()):
                mark = evolve(mark, supported=frozenset(marked["supported"]), required=frozenset(marked["required"]))
            current.row = evolve(current.row, mark=mark)
        elif children := _CHILDREN.fullmatch(line.text):
            current.row = evolve(current.row, children=int(children[1]))
        elif line.text.replace(" ", "") == "required·":
            current.row = evolve(current.row, required=True)
        elif line.text == "Possible values:" and after:
            current.row = evolve(current.row, joined=after)
            index += 1
        elif not line.text.startswith("Example:"):
            current.say(line.text)
    if current:
        yield current


def _joined_row(line: Line, after: str, names: Collection[str]) -> Row | None:
    if _NAME.fullmatch(line.text) and _COUNT.fullmatch(after) and line.text in names:
        return Row(line.number, line.text)
    if found := _JOINED.fullmatch(line.text):
        return Row(line.number, found[1], _type(found[2]), found[3])
    if _NAME.fullmatch(line.text) and _COUNT.fullmatch(after):
        return Row(line.number, line.text)
    word = line.text.partition(" · ")[0]
    for length in range(1, min(len(word), 100)):
        if word[:length] in names and (found := _JOINED_FURTHER.fullmatch(line.text[length:])):
            return Row(line.number, word[:length], _type(found[1]), found[2])
    return None


def _check_counts(line: Line, total: int, required: int, marked: Mapping[str, Sequence[str]]) -> None:
    """Refuse a list of names that its own counts do not fit; without any names the list is folded up."""
    if not any(marked.values()):
        return
    found = len(marked["supported"]) + len(marked["required"]), len(marked["required"])
    if found != (total, required):
        raise PageError(
            line.number,
            f"layout not recognised: the line counts {total} and {required}, the list below {found[0]} and {found[1]}",
        )


def _counted(lines: Sequence[Line]) -> Iterator[_Open]:
    current: _Open | None = None
    in_example = False
    for line in lines:
        text = line.text
        if in_example or text == "{":
            in_example = text != "}"
        elif count := _COUNT.fullmatch(text):
            mark = Mark(count=(int(count[1]), int(count[2] or 0)))
            if current and current.row.mark is None:
                current.row = evolve(current.row, mark=mark)
            else:
                if current:
                    yield current
                current = _Open(Row(line.number, None, mark=mark))
        elif current and (children := _CHILDREN.fullmatch(text)):
            current.row = evolve(current.row, children=int(children[1]))
        elif current and _VALUES.fullmatch(text):
            current.row = evolve(current.row, joined=text)
        elif current and (text.startswith("Defaults to ") or text[:1].islower()) and not _EXAMPLE.match(text):
            current.say(text)
        else:
            if current:
                yield current
            current = _Open(Row(line.number, None))
            current.say(_EXAMPLE.sub("", text, count=1) if _EXAMPLE.match(text) else text)
    if current:
        yield current


def _sample(text: str) -> Mapping[str, str] | None:
    """Return the types of the sample body of a page, as far as the samples tell them."""
    start = text.find("-d '{")
    if start < 0:
        return None
    try:
        sample: tuple[dict[str, JSONValue], int] = json.JSONDecoder().raw_decode(text[start + 4 : start + 100_000])
    except (ValueError, RecursionError):
        raise PageError(text.count("\n", 0, start) + 1, "layout not recognised: the sample body is no JSON") from None
    kinds: Mapping[type, str] = {
        str: "string",
        bool: "boolean",
        int: "integer",
        float: "number",
        list: "array",
        dict: "object",
    }
    return {name: kinds.get(type(value), "null") for name, value in sample[0].items()}


def _type(printed: str) -> str:
    """Return a type in the words of the specs."""
    if printed.startswith("Record<"):
        return MAP
    return f"array<{printed[:-2]}>" if printed.endswith("[]") else printed
