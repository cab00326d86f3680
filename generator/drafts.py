"""Operations as a spec has them: what goes in and comes out, with Python names and without annotations yet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from attrs import frozen

from .documents import Route
from .media import Media
from .model import Result, Written
from .names import distinct, field_name, refuse_repeated
from .nodes import Node
from .parser import ParsedOperation
from .results import any_result_of, result_of
from .shapes import Anything, Choice, Fields, ListOf, MapOf, Object, OneOf, Scalar, Shape, documented, parts
from .text import Text
from .vocabulary import PATH_PARAMETER, is_true

# Other parameters of a builder, whose names neither a path parameter nor a query option can have.
_TAKEN: Final = ("body", "params")

_OWN_HEADERS: Final = ("accept", "content-type", "authorization")
"""Headers that OpenAPI describes elsewhere, whatever a document says of them as parameters."""

_PLAIN_OPTION: Final = re.compile(r"(?![0-9]+$)[^\[\]]+")
_SCALARS_IN_PATHS: Final = ("str", "int", "float", "date", "datetime", "UUID", "Decimal")


@frozen
class Option:
    """A query option that callers set."""

    name: str
    wire: str
    shape: Shape
    is_required: bool
    doc: Text


@frozen
class Draft:
    """An operation whose shapes are known and whose annotations are not."""

    route: Route
    path_parameters: Mapping[str, tuple[str, Shape]]
    """Python name and shape, by name in the path."""
    options: Sequence[Option]
    body: Shape | None
    result: Result
    media: Media | None = None
    """In which form the body goes out."""
    security: Sequence[Sequence[Text]] | None = None
    """Schemes that are needed together, by alternatives; `None` for those of the client."""
    written: Sequence[Written] = ()
    """Parameters that are not written as the runtime writes those of which nothing is said."""


def any_draft_of(route: Route, parsed: ParsedOperation, objects: Mapping[str, Fields]) -> Draft:
    """Return the draft of an operation of any document.

    Raises:
        SpecError: It contradicts itself, or uses what is not supported.
    """
    wanted = _wanted(route)
    keys = [("path", wire) for wire in wanted]
    keys += [
        (place, wire)
        for place, wire in route.parameters
        if place != "path" and not (place == "header" and wire.lower() in _OWN_HEADERS)
    ]
    names = distinct(
        _argument_name(field_name(wire, route.node.location, taken=_TAKEN, default=f"{place}_parameter"), route)
        for place, wire in keys
    )
    named = dict(zip(keys, names, strict=True))
    shapes = parsed.parameters
    return Draft(
        route,
        {wire: (named["path", wire], shapes["path", wire]) for wire in wanted},
        [_any_option(route.parameters[key], name, shapes[key]) for key, name in named.items() if key[0] != "path"],
        _any_body(route, parsed),
        any_result_of(route, parsed, objects),
        parsed.media,
        written=[
            written
            for key, name in named.items()
            if (written := _written(route.parameters[key], key[1] if key[0] == "path" else name, shapes[key]))
        ],
    )


def draft_of(route: Route, parsed: ParsedOperation, objects: Mapping[str, Fields]) -> Draft:
    """Return the draft of an operation of a spec of this project.

    Raises:
        SpecError: It uses what is not supported.
    """
    parameters = {
        wire: _path_parameter(route.parameters["path", wire], wire, parsed.parameters["path", wire])
        for wire in _wanted(route)
    }
    options = [
        _option(node, wire, parsed.parameters[place, wire])
        for (place, wire), node in route.parameters.items()
        if place == "query" and not is_true(node, "x-bound")
    ]
    names = [name for name, _ in parameters.values()] + [option.name for option in options]
    refuse_repeated(names, route.node.location)
    if parsed.body is not None and not isinstance(parsed.body, (Object, MapOf)):
        raise route.node["requestBody"].refuse("is not an object, which is not supported")
    return Draft(route, parameters, options, parsed.body, result_of(route, parsed, objects))


def _wanted(route: Route) -> Sequence[str]:
    """Return the names of the parameters in the path, in their order."""
    names = PATH_PARAMETER.findall(route.path)
    for wire in names:
        if ("path", wire) not in route.parameters:
            raise route.node.refuse(f"the path has a parameter {wire}, which is not described")
    return names


def common_options(drafts: Sequence[Draft]) -> Sequence[Option]:
    """Return the options that all of several operations have."""
    if len(drafts) < 2:
        return ()
    return [option for option in drafts[0].options if all(option in draft.options for draft in drafts)]


def _path_parameter(node: Node, wire: str, shape: Shape) -> tuple[str, Shape]:
    if not isinstance(shape, Choice) and shape not in (Scalar("str"), Scalar("int")):
        raise node["schema"].refuse("a path parameter must be a string or an integer")
    return _python_name(node, wire), shape


def _option(node: Node, wire: str, shape: Shape) -> Option:
    plain = wire.removesuffix("[]")
    if "[" in plain or "]" in plain:
        raise node["name"].refuse(f"brackets inside the name {wire} are not supported")
    _check_style(node, shape, has_brackets=plain != wire)
    default = node["schema"].get("default")
    return Option(
        name=_python_name(node, plain),
        wire=plain,
        shape=shape,
        is_required=is_true(node, "required"),
        doc=documented(
            node.text_at("description") or node["schema"].text_at("description") or "",
            default=default.plain() if default else None,
            deprecated=is_true(node, "deprecated"),
        ),
    )


def _python_name(node: Node, wire: str) -> str:
    return field_name(node.text_at("x-python-name") or wire, node.location, taken=_TAKEN)


def _check_style(node: Node, shape: Shape, *, has_brackets: bool) -> None:
    """Refuse every style but the one in which the runtime writes a value of this shape."""
    style, explode = node.text_at("style") or "form", node.get("explode")
    is_exploded = explode is None or explode.value is True
    made_of = list(parts(shape))
    if any(isinstance(part, (Object, MapOf, Anything)) for part in made_of):
        if style != "deepObject" or not is_exploded:
            raise node.refuse("an object in a query is supported with style deepObject and explode true only")
    elif style == "deepObject":
        raise node["style"].refuse("is deepObject for a value that is never an object")
    elif any(isinstance(part, ListOf) for part in made_of) != has_brackets or not is_exploded:
        raise node.refuse("an array in a query is supported with a name that ends in [] and explode true only")


def _argument_name(name: str, route: Route) -> str:
    """Return a name for an argument, which would hide the function that a method calls if it had the same."""
    return f"{name.rstrip('_')}_value" if name == route.name else name


def _any_option(node: Node, name: str, shape: Shape) -> Option:
    schema = node.get("schema")
    default = schema.get("default") if schema else None
    return Option(
        name=name,
        wire=node["name"].text,
        shape=shape,
        is_required=is_true(node, "required"),
        doc=documented(
            node.text_at("description") or (schema.text_at("description") if schema else "") or "",
            default=default.plain() if default else None,
            deprecated=is_true(node, "deprecated"),
        ),
    )


def _any_body(route: Route, parsed: ParsedOperation) -> Shape | None:
    if parsed.media is None or parsed.body is None:
        return None
    match parsed.media.kind:
        case "text":
            return Scalar("str")
        case "binary":
            return Scalar("bytes")
        case "form" | "multipart" if not all(isinstance(part, (Object, MapOf, Anything)) for part in _top(parsed.body)):
            raise route.node["requestBody"].refuse(f"{parsed.media.type} without an object is not supported")
        case _:
            return parsed.body


def _top(shape: Shape) -> Iterable[Shape]:
    return shape.members if isinstance(shape, OneOf) else (shape,)


def _written(node: Node, key: str, shape: Shape) -> Written | None:
    """Return how a parameter is written, unless that is how the runtime writes what nothing is said of."""
    place, wire = node["in"].text, node["name"].text
    by_default = "simple" if place in ("path", "header") else "form"
    style = "json" if "content" in node.fields else (node.text_at("style") or by_default).replace("cookie", "form")
    explode = node.get("explode")
    is_exploded = explode.value is True if explode else style == "form"
    allow_reserved = is_true(node, "allowReserved")
    is_scalar = all(isinstance(part, (Scalar, Choice, OneOf)) for part in parts(shape))
    match place:
        case "path":
            is_plain = style == "simple" and _is_plain_in_path(shape)
        case "query":
            has_plain_name = _PLAIN_OPTION.fullmatch(wire)
            is_plain = bool(has_plain_name) and not allow_reserved and (style == "deepObject" or is_scalar)
        case _:
            is_plain = False
    return None if is_plain else Written(key, place, Text(wire), style, is_exploded, allow_reserved)


def _is_plain_in_path(shape: Shape) -> bool:
    return all(
        part.type in _SCALARS_IN_PATHS
        if isinstance(part, Scalar)
        else not isinstance(part, (ListOf, MapOf, Object, Anything))
        for part in parts(shape)
    ) and not any(
        isinstance(part, Choice) and any(isinstance(value, bool) for value in part.values) for part in parts(shape)
    )
