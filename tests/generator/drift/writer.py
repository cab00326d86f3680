"""Prints what a page says in each of the layouts: the other way round from the parsers, and written apart from them."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Mapping, Sequence

from attrs import evolve

from generator.drift.coperniq import COPERNIQ
from generator.drift.forms import MAP, Layout, Mark, Page, Place, Row
from generator.drift.markdown import MARKDOWN
from generator.drift.truto import COUNTED, JOINED, LISTED
from generator.nodes import JSONValue

TITLES: Mapping[Place, str] = {
    "path": "Path parameters",
    "query": "Query parameters",
    "body": "Request Body",
    "answer": "Response Body",
}
SAMPLES: Mapping[str, JSONValue] = {
    "string": "your_text",
    "integer": 0,
    "number": 0.5,
    "boolean": True,
    "object": {},
    MAP: {},
}


def write_listed(page: Page) -> str:
    lines = ["Skip to content", "", page.title, "", "Endpoint", "", "http", f"{page.method} {page.path}"]
    if page.integrations is not None:
        lines += ["Integrations supported", *bullets(page.integrations)]
    if page.partial:
        lines += ["Partial response integrations", *bullets(page.partial)]
    for place, rows in page.rows.items():
        lines += ["", TITLES[place], ""]
        lines += ["Refer Something in the guides", ""] if place in ("query", "body") else []
        for row in rows:
            lines.append(row.name or "")
            if row.type:
                lines.append(printed(row, {MAP: "object"}))
            lines += [f"REQUIRED\xa0·\xa0{row.wording}"] if row.required else [row.wording] if row.wording else []
            if row.values:
                lines += ["All possible enum values:", *bullets(row.values)]
            if row.type == "string":
                lines.append("Example: 23423523")
            if row.mark and row.mark.required:
                lines += ["Required in", *bullets(sorted(row.mark.required))]
            if row.mark and row.mark.supported:
                lines += ["Supported in", *bullets(sorted(row.mark.supported))]
    return "\n".join(lines)


def write_joined(page: Page) -> str:
    lines = ["Skip to content", f"{page.method} {page.path}"]
    for place, rows in page.rows.items():
        lines += ["", TITLES[place].title(), ""]
        for row in rows:
            lines.append((row.name or "") + (printed(row, {MAP: "Record<string, any>"}) if row.type else ""))
            lines += ["required·"] if row.required else []
            lines += ["", row.wording, ""] if row.wording else []
            if row.values:
                lines += ["Example: " + row.values[0], "Possible values:", "".join(row.values)]
            if row.children:
                lines.append(f"{row.children} propert{'y' if row.children == 1 else 'ies'}")
            lines += counts(row.mark)
            for name in sorted(row.mark.required or ()) if row.mark else ():
                lines += [name, "required"]
            for name in sorted(row.mark.supported or ()) if row.mark else ():
                lines += [name, "supported"]
    return "\n".join([*lines, *sample(page)])


def write_counted(page: Page) -> str:
    lines = [page.title, page.path or ""]
    for place, rows in page.rows.items():
        glue = "23423523" if place != next(iter(page.rows)) else ""
        lines += [glue + TITLES[place].title(), "Refer Something in the guides"]
        for row in rows:
            lines += [row.wording] if row.wording else []
            lines += ["".join(row.values)] if row.values else []
            lines += counts(row.mark)
    return "\n".join([*lines, *sample(page)])


def write_markdown(page: Page) -> str:
    lines = [f"# {page.title}", "", f"> Source: {page.source}", "", f"`{page.method} {page.path}`", ""]
    lines += ["Resource: **Tickets** · API: **Desk API**", ""]
    if page.integrations is not None:
        partial = [f"{name} (partial)" if name in page.partial else name for name in page.integrations]
        lines += ["## Supported integrations", "", ", ".join(partial), ""]
    for place, rows in page.rows.items():
        lines += [f"## {TITLES[place].capitalize()}", ""]
        for row in rows:
            indent = "  " * (row.depth or 0)
            type_ = "object" if row.type == MAP else row.type or ""
            words = [word for word in (type_, "required" * row.required) if word]
            lines.append(f"{indent}- **`{row.name}`**" + (f" _({', '.join(words)})_" if words else ""))
            lines += [f"{indent}  {row.wording}"] if row.wording else []
            lines += [f"{indent}  Allowed: {', '.join(f'`{value}`' for value in row.values)}"] if row.values else []
        lines.append("")
    return "\n".join(lines)


def write_coperniq(page: Page) -> str:
    titles = {"path": "Path parameters", "query": "Query parameters", "body": "Request", "answer": "Response"}
    types = {MAP: "map from strings to any", "array<string>": "list of strings", "array<object>": "list of objects"}
    lines = [page.title, "", "Something about the operation.", "", "Authentication", "", "x-api-keystring", "A key", ""]
    for place, rows in page.rows.items():
        lines += ["", titles[place], ""]
        lines += ["This endpoint expects an object."] if place == "body" else []
        for row in rows:
            if row.depth:
                continue
            text = f"{row.name}{types.get(row.type or '', row.type)}" + " or null" * row.nullable
            text += ("Required" if row.required else "Optional") if place != "answer" else ""
            text += f"Defaults to {row.default}" if row.default else ""
            lines += [text + (f'format: "{row.format}"' if row.format else ""), row.wording]
    if page.statuses is not None:
        lines += ["", "Errors", ""]
        for status in page.statuses:
            lines += [status, "Some Error"]
    return "\n".join(lines)


WRITERS: Mapping[str, Callable[[Page], str]] = {
    LISTED.name: write_listed,
    JOINED.name: write_joined,
    COUNTED.name: write_counted,
    MARKDOWN.name: write_markdown,
    COPERNIQ.name: write_coperniq,
}


def write_html(text: str) -> str:
    """Wrap a page in HTML as sites do: lists, headings, words split over inline tags, and things that are not shown."""
    lines: list[str] = [
        "<!DOCTYPE html>",
        "<html><head><title>Page</title><style>p { color: red }</style></head>",
        "<body>",
    ]
    for line in text.splitlines():
        escaped = html.escape(line.strip())
        start, rest = html.escape(line.strip()[:3]), html.escape(line.strip()[3:])
        if line.strip().startswith("• "):
            lines.append(f"<ul><li><a href='#'>{escaped[2:]}</a></li></ul>")
        elif line.strip() in (*TITLES.values(), "Request", "Response"):
            lines.append(f"<h2 id='x'>{escaped}</h2><script>if (1 < 2) {{ open('</p>') }}</script>")
        elif line.strip():
            lines.append(f"<div class='row'><span>{start}</span><!-- > --><b>{rest}</b></div>")
    return "\n".join([*lines, "</body></html>"])


def shown(page: Page, layout: Layout) -> Page:
    """Return what is left of a page in a layout: what a parser can find at best."""
    rows = {place: [_shown(row, place, layout) for row in section] for place, section in page.rows.items()}
    if layout is COPERNIQ:
        rows = {place: [row for row in section if not row.depth] for place, section in rows.items()}
    is_truto = layout is not COPERNIQ
    return evolve(
        page,
        layout=layout,
        method=page.method if is_truto else None,
        path=page.path if is_truto else None,
        title=page.title if layout in (COUNTED, MARKDOWN, COPERNIQ) else "",
        source=page.source if layout is MARKDOWN else "",
        integrations=page.integrations if layout in (LISTED, MARKDOWN) else None,
        partial=page.partial if layout in (LISTED, MARKDOWN) else (),
        rows=rows,
        sample=_sample_types(page) if layout is COUNTED else None,
        statuses=page.statuses if layout is COPERNIQ else None,
    )


def _shown(row: Row, place: Place, layout: Layout) -> Row:
    row = evolve(row, children=row.children if layout is JOINED else None)
    if layout not in (COPERNIQ,):
        row = evolve(row, nullable=False)
    if layout is LISTED:
        mark = row.mark and Mark(row.mark.supported or frozenset(), row.mark.required or frozenset())
        return evolve(row, type="object" if row.type == MAP else row.type, mark=mark, depth=None)
    if layout is JOINED:
        return evolve(row, values=(), joined="".join(row.values), depth=None)
    if layout is MARKDOWN:
        return evolve(row, type="object" if row.type == MAP else row.type, format=None, mark=None)
    if layout is COPERNIQ:
        return evolve(row, required=row.required and place != "answer", values=(), mark=None)
    mark = row.mark and Mark(count=row.mark.count)
    return Row(0, None, joined="".join(row.values), default=row.default, wording=row.wording, mark=mark)


def bullets(names: Sequence[str]) -> list[str]:
    return [f"  • {name}" for name in names]


def counts(mark: Mark | None) -> list[str]:
    if mark is None or mark.count is None:
        return []
    return [f"{mark.count[0]} supported" + (f"{mark.count[1]} required" if mark.count[1] else "")]


def printed(row: Row, words: Mapping[str, str]) -> str:
    """Return the type and the format of a field; lists as `string[]` but in Markdown."""
    type_ = words.get(row.type or "", row.type or "")
    item = type_[6:-1] if type_.startswith("array<") else ""
    return (f"{item}[]" if item else type_) + (f" · {row.format}" if row.format else "")


def sample(page: Page) -> list[str]:
    if "body" not in page.rows:
        return [f"curl -X {page.method} 'https://example.com{page.path}'"]
    body = {row.name: SAMPLES.get(row.type or "", []) for row in page.rows["body"] if not row.depth}
    return [
        f"curl -X {page.method} 'https://example.com{page.path}' \\",
        "-H 'Content-Type: application/json' \\",
        f"-d '{json.dumps(body, indent=2)}'const body = {{}};",
        "namestring",
    ]


def _sample_types(page: Page) -> Mapping[str, str] | None:
    types = {MAP: "object", "array<string>": "array", "array<object>": "array", None: "array"}
    rows = page.rows.get("body")
    return (
        None if rows is None else {row.name or "": types.get(row.type, row.type or "") for row in rows if not row.depth}
    )
