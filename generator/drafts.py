"""Operations as a spec has them: what goes in and comes out, with Python names and without annotations yet."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from attrs import frozen

from .documents import Route
from .grammar import is_true
from .model import Result
from .names import field_name, refuse_repeated
from .nodes import Node
from .parser import ParsedOperation
from .results import result_of
from .shapes import Anything, Choice, Fields, ListOf, MapOf, Object, Scalar, Shape, documented, parts
from .text import Text

# Other parameters of a builder, whose names neither a path parameter nor a query option can have.
_TAKEN: Final = ("body", "params")


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


def draft_of(route: Route, parsed: ParsedOperation, objects: Mapping[str, Fields]) -> Draft:
    """Return the draft of an operation.

    Raises:
        SpecError: It uses what is not supported.
    """
    parameters = {
        wire: _path_parameter(route.parameters["path", wire], wire, parsed.parameters["path", wire])
        for wire in re.findall(r"\{(.+?)\}", route.path)
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
