"""Recognizes listings in any document: by the extension `x-pagination`, or by names that say no less."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from attrs import evolve, frozen

from .documents import Route
from .model import Result
from .nodes import Node
from .shapes import Anything, Fields, ListOf, Object, OneOf, Scalar, Shape
from .text import Text

_CURSOR_OPTIONS: Final = frozenset(
    {
        *("cursor", "next_cursor", "page_cursor", "page_token", "next_page_token", "next_token", "continuation_token"),
        *("after", "starting_after", "start_cursor", "pagination_token", "continuation"),
    }
)
_NEXT_CURSORS: Final = frozenset(
    {
        *("next_cursor", "next_page_token", "next_page_cursor", "next_token", "continuation_token", "end_cursor"),
        *("next_page", "cursor", "after", "next", "continuation", "pagination_token", "next_starting_after"),
    }
)
_NEXT_ADDRESSES: Final = frozenset({"next", "next_url", "next_link", "next_page_url", "next_page_uri", "next_href"})
_NUMBERS: Final = frozenset({"page", "page_number", "page_num", "page_no"})
_OFFSETS: Final = frozenset({"offset", "skip", "start", "start_index", "start_at"})
_SIZES: Final = frozenset(
    {
        *("limit", "page_size", "per_page", "size", "count", "max_results", "page_limit", "results_per_page", "take"),
        *("max_items", "pagesize", "perpage"),
    }
)
_STYLES: Final = {
    "cursor": ("parameter", "next"),
    "page_number": ("parameter",),
    "offset": ("parameter",),
    "link": (),
    "next_url": ("next",),
}
_DEEPEST: Final = 3


@frozen
class _Records:
    """Where the records of a page stand."""

    way: tuple[str, ...]
    model: str


def page_of(route: Route, shape: Shape | None, response: Node, objects: Mapping[str, Fields]) -> Result | None:
    """Return the result of an operation whose answer is one page of a listing, or `None`.

    Raises:
        SpecError: `x-pagination` does not fit the operation.
    """
    if declared := route.node.get("x-pagination"):
        return _declared(declared, route, shape, objects)
    if route.method != "get":
        return None
    records = _only_records(shape, objects)
    if records is None:
        return None
    options = {_plain(wire): wire for place, wire in route.parameters if place == "query"}
    size = next((wire for name, wire in options.items() if name in _SIZES), "")
    cursor = next((wire for name, wire in options.items() if name in _CURSOR_OPTIONS), "")
    texts = [*_texts(shape, objects)]
    if cursor and (way := next((way for way in texts if _plain(way[-1]) in _NEXT_CURSORS), ())):
        return _cursor_page(records, cursor, way)
    for way in texts:
        # Such as `next_page.offset`, where `offset` is an option and no number.
        again = options.get(_plain(way[-1]), "") if any(_plain(name).startswith("next") for name in way[:-1]) else ""
        if again and not _is_number(route, again):
            return _cursor_page(records, again, way)
    if way := next((way for way in texts if _is_next_address(way)), ()):
        return Result("url", records.model, {}, _way(records.way), _way(way))
    headers = response.get("headers")
    if headers and any(name.lower() == "link" for name in headers.fields):
        return Result("link", records.model, {}, _way(records.way))
    offset = next((wire for name, wire in options.items() if name in _OFFSETS and _is_number(route, wire)), "")
    if offset and size:
        return _sized(Result("offset", records.model, {"parameter": Text(offset)}, _way(records.way)), size, route)
    number = next((wire for name, wire in options.items() if name in _NUMBERS and _is_number(route, wire)), "")
    if number:
        return _sized(Result("number", records.model, {"parameter": Text(number)}, _way(records.way)), size, route)
    return None


def _declared(declared: Node, route: Route, shape: Shape | None, objects: Mapping[str, Fields]) -> Result:
    style = declared["style"]
    if style.text not in _STYLES:
        raise style.refuse(f"{style.text!r} is not supported, only {', '.join(_STYLES)}")
    for key in _STYLES[style.text]:
        if key not in declared.fields:
            raise declared.refuse(f"`{key}` is missing")
    for key in ("parameter", "size"):
        if (name := declared.get(key)) and ("query", name.text) not in route.parameters:
            raise name.refuse(f"{name.text} is no query parameter of the operation")
    model = _record_at(shape, _texts_of(declared.get("items")), objects)
    if model is None:
        raise declared.refuse("names no array of objects in the answer")
    records = _Records(_texts_of(declared.get("items")), model)
    parameter = {"parameter": Text(declared["parameter"].text)} if "parameter" in declared.fields else {}
    size = declared.text_at("size") or ""
    match style.text:
        case "cursor":
            return _cursor_page(records, declared["parameter"].text, _texts_of(declared["next"]))
        case "next_url":
            return Result("url", model, {}, _way(records.way), _way(_texts_of(declared["next"])))
        case "link":
            return Result("link", model, {}, _way(records.way))
        case "offset":
            return _sized(Result("offset", model, parameter, _way(records.way)), size, route)
        case _:
            return _sized(Result("number", model, parameter, _way(records.way)), size, route)


def _cursor_page(records: _Records, cursor: str, way: tuple[str, ...]) -> Result:
    texts = {"parameter": Text(cursor)}
    if len(records.way) == len(way) == 1:
        return Result("cursor", records.model, {**texts, "next": Text(way[0])}, _way(records.way))
    return Result("nested cursor", records.model, texts, _way(records.way), _way(way))


def _sized(result: Result, size: str, route: Route) -> Result:
    """Return the result with the option for the size of a page, if the document says how large a page may be.

    Where it does not, a service may give less than it is asked for, and a short page would look like the last one.
    """
    schema = route.parameters["query", size].get("schema") if size else None
    largest = _whole_number(schema, "maximum")
    if largest is None or result.kind == "offset":
        return evolve(result, is_found=True)
    texts = {**result.texts, "size": Text(size)}
    return evolve(result, texts=texts, size=_whole_number(schema, "default") or 0, largest=largest, is_found=True)


def _whole_number(schema: Node | None, key: str) -> int | None:
    node = schema.get(key) if schema else None
    return node.value if node and type(node.value) is int and node.value > 0 else None


def _way(way: Sequence[str]) -> Sequence[Text]:
    return [Text(name) for name in way]


def _texts_of(node: Node | None) -> tuple[str, ...]:
    if node is None:
        return ()
    return tuple(entry.text for entry in node.items) if isinstance(node.value, tuple) else (node.text,)


def _plain(wire: str) -> str:
    """Return a name without its style: `pageToken`, `page-token` and `page[token]` are the same."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", wire.removeprefix("@odata.").removeprefix("$"))
    return re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")


def _members(shape: Shape | None) -> Sequence[Shape]:
    """Return the members of a shape that are not null."""
    members = shape.members if isinstance(shape, OneOf) else (shape,)
    return [member for member in members if member is not None and member != Scalar("None")]


def _only_records(shape: Shape | None, objects: Mapping[str, Fields]) -> _Records | None:
    """Return where the records are if there is one array of objects, right in the answer or below one of its fields."""
    members = _members(shape)
    if len(members) != 1:
        return None
    if isinstance(members[0], ListOf):
        item = members[0].item
        return _Records((), item.name) if isinstance(item, Object) else None
    found = [*_arrays(members[0], objects, (), ())]
    return found[0] if len(found) == 1 else None


def _arrays(
    shape: Shape, objects: Mapping[str, Fields], way: tuple[str, ...], trail: tuple[str, ...]
) -> Iterator[_Records]:
    """Yield the arrays of objects in an object, and in the objects in it that hold no more than arrays."""
    if not isinstance(shape, Object) or shape.name in trail or len(way) > 1:
        return
    for entry in objects[shape.name].properties:
        for member in _members(entry.shape):
            if isinstance(member, ListOf) and isinstance(member.item, Object):
                yield _Records((*way, entry.wire), member.item.name)
            elif entry.wire in ("data", "result", "response", "_embedded"):
                yield from _arrays(member, objects, (*way, entry.wire), (*trail, shape.name))


def _texts(shape: Shape | None, objects: Mapping[str, Fields]) -> Iterator[tuple[str, ...]]:
    """Yield the ways to the texts of an answer, the nearest first; they lead through no arrays."""
    waiting: list[tuple[Shape, tuple[str, ...]]] = [(member, ()) for member in _members(shape)]
    while waiting:
        current, way = waiting.pop(0)
        if isinstance(current, Scalar | Anything):
            if way and current in (Scalar("str"), Anything()):
                yield way
        elif isinstance(current, Object) and len(way) < _DEEPEST:
            for entry in objects[current.name].properties:
                waiting += [(member, (*way, entry.wire)) for member in _members(entry.shape)]


def _is_next_address(way: tuple[str, ...]) -> bool:
    name = _plain(way[-1])
    is_among_links = len(way) > 1 and _plain(way[-2]) in ("links", "_links", "link", "paging")
    return name in _NEXT_ADDRESSES and (name != "next" or len(way) == 1 or is_among_links)


def _is_number(route: Route, wire: str) -> bool:
    schema = route.parameters["query", wire].get("schema")
    return bool(schema) and schema.text_at("type") in ("integer", "number") if schema else False


def _record_at(shape: Shape | None, way: tuple[str, ...], objects: Mapping[str, Fields]) -> str | None:
    """Return the object of the array that a way leads to."""
    members = _members(shape)
    for name in way:
        entries = [objects[member.name].find(name) for member in members if isinstance(member, Object)]
        members = [inner for entry in entries if entry for inner in _members(entry.shape)]
    held = [member.item for member in members if isinstance(member, ListOf)]
    return held[0].name if held and isinstance(held[0], Object) else None
