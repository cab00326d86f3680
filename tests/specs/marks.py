"""The marks of integrations on the vendors' pages, read from the text of the pages and not from the specs."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec
from attrs import define, field

from accounts_client_runtime.support import Place, Verdict
from tests.specs.documents import DOCS, page

TITLES: Mapping[str, Place] = {
    "Query Parameters": "query",
    "Query parameters": "query",
    "Request Body": "body",
    "Response Body": "answer",
}
MARKS: Mapping[str, Verdict] = {"supported": "supported", "required": "required"}
FIELD = re.compile(
    r"([a-z][a-z0-9_]*?)(?:string|boolean|object|Record<string, any>)(?:\[\])?(?: · \S+)?|([a-z][a-z0-9_]*)"
)
COUNTS = re.compile(r"(\d+) supported(?:(\d+) required)?")


@define
class Mark:
    """What a page prints beside one field."""

    counts: tuple[int, int] | None = None
    """How many integrations support the field, and how many of them require it."""
    names: dict[str, Verdict] = field(factory=dict[str, Verdict])
    """`supported` or `required`, by integration."""


def marks(name: str) -> Mapping[tuple[Place, str], Mark]:
    """Return the marks of a page that names integrations, by place and field."""
    found: dict[tuple[Place, str], Mark] = {}
    read = _read_bullets if name == "crm-accounts-update" else _read_rows
    lines = [line for line in page(name).partition("\ncurl ")[0].splitlines() if line]
    read(lines, found)
    return found


def counts(name: str) -> list[tuple[int, int]]:
    """Return the counts of a page that lost the names of its fields, in order."""
    return [(int(found[1]), int(found[2] or 0)) for found in COUNTS.finditer(page(name))]


def operation_list(name: str) -> list[str]:
    """Return the integrations that a page lists at its top."""
    listed = re.search(r"\nIntegrations supported\n((?:  • .+\n)+)", page(name))
    return re.findall(r"  • (.+)", listed[1]) if listed else []


def _read_bullets(lines: list[str], found: dict[tuple[Place, str], Mark]) -> None:
    """Read the layout in which a list called `Supported in` ends a field."""
    place: Place = "operation"
    name, is_list = "", False
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        place = TITLES.get(line, place)
        if line.startswith("  • "):
            if is_list:
                found[place, name].names[line.removeprefix("  • ")] = "supported"
            continue
        is_list = line == "Supported in"
        if is_list:
            found[place, name] = Mark()
        elif re.fullmatch(r"[a-z][a-z0-9_]*", line) and re.match("string|object|integer|array|Supported in", after):
            name = line


def _read_rows(lines: list[str], found: dict[tuple[Place, str], Mark]) -> None:
    """Read the layout in which counts and names stand below a field whose name and type are one word."""
    place: Place = "operation"
    name = ""
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        place = TITLES.get(line, place)
        if printed := COUNTS.fullmatch(line):
            found[place, name] = Mark((int(printed[1]), int(printed[2] or 0)))
        elif after in MARKS:
            found[place, name].names[line] = MARKS[after]
        elif (printed := FIELD.fullmatch(line)) and line not in MARKS:
            name = printed[1] or printed[2]


def named(*keys: str) -> list[str]:
    """Return a list of integrations among the collected facts about the other pages."""
    return texts(collected("other_pages", *keys))


def collected(*keys: str) -> object:
    """Return what the collected facts hold under some keys."""
    value: object = msgspec.json.decode((DOCS / "facts" / "support.json").read_bytes())
    for key in keys:
        value = msgspec.convert(value, dict[str, object])[key]
    return value


def texts(value: object) -> list[str]:
    """Return a list of strings, in order."""
    return msgspec.convert(value, list[str])


def everybody() -> set[str]:
    """Return every integration that the collected facts name, in all spellings."""
    categories = ("crm_accounts", "crm_users", "ticketing_accounts")
    coverage = (collected("other_pages", "integration_coverage_md", category) for category in ("crm", "ticketing"))
    return {
        *_names_in(collected("primary_pages")),
        *(name for category in categories for name in _names_in(collected("other_pages", category))),
        *(name for entries in coverage for name in msgspec.convert(entries, dict[str, object])),
    }


def _names_in(value: object) -> set[str]:
    """Return the strings in the lists of a value, but not those that are no integrations."""
    if isinstance(value, list):
        names = msgspec.convert(value, list[object])
        return {name for name in names if isinstance(name, str)}
    if not isinstance(value, dict):
        return set()
    entries = msgspec.convert(value, dict[str, object])
    others = ("notes", "all_values", "supported_values", "request_counts_in_page_order")
    return {name for key, entry in entries.items() if key not in others for name in _names_in(entry)}
