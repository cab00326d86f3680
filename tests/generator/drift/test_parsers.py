"""Parsers give back what a writer printed, and what is printed by hand below."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.drift.coperniq import COPERNIQ
from generator.drift.forms import MAP, PLACES, Layout, Mark, Page, PageError, Place, Row
from generator.drift.layouts import parse
from generator.drift.lines import lines_of
from generator.drift.markdown import MARKDOWN
from generator.drift.truto import COUNTED, JOINED, LISTED
from generator.drift.values import split_values
from tests.generator.drift.synthetic import LAYOUTS
from tests.generator.drift.writer import WRITERS, shown, write_html

# Names that do not end like a type, since a name and its type are one word in some layouts.
NAMES = st.from_regex(r"[a-z]{1,8}_[a-z]{1,8}x", fullmatch=True)
WORDS = st.from_regex(r"[A-Z][a-z]{1,8}( [a-z]{1,8}){1,4}", fullmatch=True)
VALUES = st.lists(st.from_regex(r"[a-z]{2,8}", fullmatch=True), max_size=4, unique=True).map(tuple)
INTEGRATIONS = st.lists(st.from_regex(r"[A-Z][a-z]{1,8}( [A-Z][a-z]{1,8})?", fullmatch=True), max_size=4, unique=True)
TYPES = st.sampled_from(["string", "integer", "boolean", "object", MAP, "array<string>", "array<object>"])


@st.composite
def marks(draw: st.DrawFn) -> Mark:
    found = draw(INTEGRATIONS.filter(bool))
    cut = draw(st.integers(0, len(found)))
    return Mark(frozenset(found[cut:]), frozenset(found[:cut]), (len(found), cut))


@st.composite
def rows(draw: st.DrawFn, layout: Layout, place: Place) -> list[Row]:
    found: list[Row] = []
    for name in draw(st.lists(NAMES, min_size=1, max_size=5, unique=True)):
        type_ = draw(TYPES)
        is_text = type_ == "string"
        default = draw(st.none() | st.from_regex(r"[a-z]{1,6}", fullmatch=True)) if is_text else None
        wording = draw(WORDS)
        if default and layout is not COPERNIQ:
            wording += f" Defaults to `{default}`."
        found.append(
            Row(
                0,
                name,
                type_,
                draw(st.none() | st.sampled_from(["date-time", "uuid"])) if is_text else None,
                required=draw(st.booleans()),
                nullable=draw(st.booleans()),
                values=draw(VALUES) if is_text else (),
                default=default,
                wording=wording,
                mark=draw(st.none() | marks()),
                depth=draw(st.integers(0, found[-1].depth or 0) if found else st.just(0)),
            )
        )
        if found[-1].type in ("object", "array<object>") and draw(st.booleans()):
            found.append(Row(0, name + "_below_x", "string", wording=draw(WORDS), depth=(found[-1].depth or 0) + 1))
    return found


@st.composite
def pages(draw: st.DrawFn, layout: Layout) -> Page:
    places: list[Place] = [place for place in PLACES if place == "answer" or draw(st.booleans())]
    sections: dict[Place, list[Row]] = {place: draw(rows(layout, place)) for place in places}
    integrations = draw(st.none() | INTEGRATIONS.filter(bool).map(tuple))
    return Page(
        layout,
        0,
        draw(st.sampled_from(["GET", "POST", "PATCH", "DELETE"])),
        "/unified/desk/" + draw(st.from_regex(r"[a-z]{1,8}(/\{id\})?", fullmatch=True)),
        title=draw(WORDS),
        source="https://docs.example.com/" + draw(st.from_regex(r"[a-z]{1,8}", fullmatch=True)),
        integrations=integrations,
        partial=draw(st.sampled_from([(), (integrations or ())[:1]])),
        rows=sections,
        statuses=draw(st.lists(st.sampled_from(["400", "401", "404", "429"]), unique=True).map(tuple)),
    )


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
@settings(max_examples=40)
@given(data=st.data())
def test_a_parser_gives_back_what_was_printed(layout: Layout, data: st.DataObject) -> None:
    page = data.draw(pages(layout))
    # Counts are how the page without names is told from a page that says nothing.
    if layout is COUNTED:
        first = page.rows["answer"][0]
        page = evolve(
            page, rows={**page.rows, "answer": [evolve(first, mark=Mark(count=(3, 1))), *page.rows["answer"][1:]]}
        )
    text = WRITERS[layout.name](page)
    assert parse(lines_of(text)) == shown(page, layout)
    if layout is not MARKDOWN:
        assert parse(lines_of(write_html(text))) == shown(page, layout)


JOINED_SAMPLE = """\
Skip to content
POST /unified/desk/notes

Query Parameters

Refer the guide

sorting
2 supported1 required2 notes
Alpha
required

Only for boards.

Beta
supported
Show Truto-specific parameters
tenantstring · uuid
required·

Whose notes.

Request Body

placesobject[]
1 supported
Alpha
supported
2 properties
citystring
tagsstring[]
metaRecord<string, any>
weightdecimal
curl -X POST 'https://example.com'
idstring
"""


def test_the_joined_layout_by_hand() -> None:
    page = parse(lines_of(JOINED_SAMPLE), {"weight"})
    assert (page.layout, page.method, page.path) == (JOINED, "POST", "/unified/desk/notes")
    sorting = Mark(frozenset({"Beta"}), frozenset({"Alpha"}), (2, 1))
    assert page.rows == {
        "query": [
            Row(0, "sorting", None, mark=sorting),
            Row(0, "tenant", "string", "uuid", required=True, wording="Whose notes."),
        ],
        "body": [
            Row(0, "places", "array<object>", mark=Mark(frozenset({"Alpha"}), frozenset(), (1, 0)), children=2),
            Row(0, "city", "string"),
            Row(0, "tags", "array<string>"),
            Row(0, "meta", MAP),
            Row(0, "weight", "decimal"),
        ],
    }
    assert [each.line for each in page.rows["body"]] == [25, 30, 31, 32, 33]


LISTED_SAMPLE = """\
Create Notes

Endpoint
POST /unified/desk/notesIntegrations supported
- Alpha
- Beta Desk
Query parameters
tenant
string · uuid
REQUIRED ·
Whose notes.
Example:
62f44730
sorting
string
All possible enum values:
- up
- down
Defaults to `up`.
Integration specific notes
- AlphaOnly for boards.
Required in
- Alpha
Supported in
- Beta Desk
Response Body
id
string
REQUIRED · The id.
"""


def test_the_listed_layout_by_hand() -> None:
    page = parse(lines_of(LISTED_SAMPLE))
    assert (page.layout, page.method, page.path) == (LISTED, "POST", "/unified/desk/notes")
    assert page.integrations == ("Alpha", "Beta Desk")
    tenant, sorting = page.rows["query"]
    assert tenant == Row(0, "tenant", "string", "uuid", required=True, wording="Whose notes.")
    assert (sorting.values, sorting.default) == (("up", "down"), "up")
    assert sorting.mark == Mark(frozenset({"Beta Desk"}), frozenset({"Alpha"}))
    assert page.rows["answer"] == [Row(0, "id", "string", required=True, wording="The id.")]


COUNTED_SAMPLE = """\
Create Notes
/unified/desk/notes
Query Parameters
1 supported1 required
The tenant of the call.
62f44730-dd91-461e-bd6a-aedd9e0ad79dThe order of all.
Defaults to up.
upupdown
a=b&c=dRequest Body
The text of the note
{
"a": "An example"
}
12 supported3 required
curl -X POST 'https://example.com' \\
-d '{
"text": "your_text",
"pages": 0
}'const
"""


def test_the_counted_layout_by_hand() -> None:
    page = parse(lines_of(COUNTED_SAMPLE))
    assert (page.layout, page.method, page.path) == (COUNTED, "POST", "/unified/desk/notes")
    assert page.sample == {"text": "string", "pages": "integer"}
    assert page.rows == {
        "query": [
            Row(0, None, mark=Mark(count=(1, 1))),
            Row(0, None, wording="The tenant of the call."),
            Row(0, None, wording="The order of all. Defaults to up.", default="up", joined="upupdown"),
        ],
        "body": [Row(0, None, wording="The text of the note", mark=Mark(count=(12, 3)))],
    }


MARKDOWN_SAMPLE = """\
# List Notes

> Source: https://example.com/docs/notes/list/

`GET /unified/desk/notes`

## Supported integrations

Alpha, Beta Desk (partial)

## Query parameters

- **`sorting`** _(array<string>, required)_
  In which order. Defaults to `up`.
  Allowed: `up`, `down`

## Response body

- **`owner`** _(object)_
  - **`id`**
    The id.
- **`name`** _(string)_
"""


def test_the_markdown_layout_by_hand() -> None:
    page = parse(lines_of(MARKDOWN_SAMPLE))
    assert (page.layout, page.method, page.path) == (MARKDOWN, "GET", "/unified/desk/notes")
    assert (page.integrations, page.partial) == (("Alpha", "Beta Desk"), ("Beta Desk",))
    assert page.source == "https://example.com/docs/notes/list/"
    (sorting,) = page.rows["query"]
    assert (sorting.type, sorting.required, sorting.values) == ("array<string>", True, ("up", "down"))
    assert [(each.name, each.type, each.depth) for each in page.rows["answer"]] == [
        ("owner", "object", 0),
        ("id", None, 1),
        ("name", "string", 0),
    ]


COPERNIQ_SAMPLE = """\
Create Note

Query parameters

allow_ofbooleanOptionalDefaults to false
Whether.

Request

This endpoint expects an object.
madeAtdatetimeRequired
When.
kindenum or nullOptional
Allowed values:PLAINRICH
pageslist of integersOptional

Response

idinteger
colorenum
Allowed values:
RED
GREEN
extramap from strings to any

Errors

401
Unauthorized Error
"""


def test_the_layout_of_coperniq_by_hand() -> None:
    page = parse(lines_of(COPERNIQ_SAMPLE))
    assert (page.layout, page.title, page.statuses) == (COPERNIQ, "Create Note", ("401",))
    assert page.rows == {
        "query": [Row(0, "allow_of", "boolean", default="false", wording="Whether.", depth=0)],
        "body": [
            Row(0, "madeAt", "string", "date-time", required=True, wording="When.", depth=0),
            Row(0, "kind", "string", nullable=True, values=("PLAINRICH",), depth=0),
            Row(0, "pages", "array<integer>", depth=0),
        ],
        "answer": [
            Row(0, "id", "integer", depth=0),
            Row(0, "color", "string", values=("RED", "GREEN"), depth=0),
            Row(0, "extra", MAP, depth=0),
        ],
    }


REFUSED: Mapping[str, tuple[str, int]] = {
    "nothing": ("\n\n", 1),
    "prose": ("\nSome words about something.\nAnd more.", 2),
    "a section without fields": ("PATCH /a/b\nid\nstring\nRequest Body\nSome words.\nResponse Body\nid\nstring", 5),
    "no operation": ("Request Body\nid\nstring", 1),
    "a section twice": ("PATCH /a/b\nRequest Body\nid\nstring\nRequest Body\nid\nstring", 5),
    "counts that do not fit": ("PATCH /a/b\nRequest Body\nidstring\n3 supported\nAlpha\nsupported\nnamestring", 4),
    "an empty list": ("PATCH /a/b\nRequest Body\nid\nstring\nSupported in\nname\nstring", 5),
    "a sample that is no JSON": (
        "/unified/desk/notes\nRequest Body\nThe text\n1 supported\ncurl -X POST -d '{oops'",
        5,
    ),
    "an unknown mark in Markdown": ("`GET /a/b`\n## Response\n- **`a`** _(string, frozen)_", 3),
    "a list of integrations in Markdown": ("`GET /a/b`\n## Response\n- **`a`** _(string)_\n  Supported in: Alpha", 4),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_known_is_refused_with_its_line(name: str) -> None:
    text, line = REFUSED[name]
    with pytest.raises(PageError, match="layout not recognised") as caught:
        parse(lines_of(text))
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("joined", "known", "found"),
    [
        ("", ["a"], []),
        ("updown", ["up", "down"], ["up", "down"]),
        ("upsidedownup", ["up", "down"], ["up", "side", "down", "up"]),
        ("newest", [], ["newest"]),
        ("openreopened", ["open", "reopened"], ["open", "reopened"]),
        ("openreopened", ["open"], ["open", "re", "open", "ed"]),
    ],
)
def test_joined_values_are_parted_by_the_known_ones(joined: str, known: list[str], found: list[str]) -> None:
    assert split_values(joined, known) == found
