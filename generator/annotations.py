"""Annotations for shapes: what a value of a shape is called in an answer, a body, a query or a path."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal, TypeAlias

from attrs import frozen

from .model import Alias
from .names import Namespace, class_name
from .nodes import Location
from .shapes import Anything, Choice, ListOf, MapOf, Object, OneOf, Scalar, Shape, parts
from .text import Text, literal

Position: TypeAlias = Literal["answer", "body", "query", "path"]

_LONGEST_LITERAL: Final = 60
_ANYTHING: Final[Mapping[Position, str]] = {"answer": "JSON", "body": "JSONInput", "query": "QueryValue", "path": "str"}


@frozen
class Use:
    """A place that has an annotation: a field or a parameter."""

    shape: Shape
    owner: str
    """Name of the class or operation that has it."""
    name: str
    """Its own name."""
    location: Location


class Annotations:
    """Annotations in one module.

    Enumerations are closed on the way in and open on the way out, because pages miss values and services add them.
    Times may be given as text.
    """

    def __init__(self, inputs: Mapping[str, str]) -> None:
        """Take the class names that objects have in bodies and queries; in answers they have their own."""
        self.inputs = inputs
        self._aliases: dict[str, Alias] = {}

    @property
    def aliases(self) -> Sequence[Alias]:
        """The enumerations that have a name."""
        return list(self._aliases.values())

    def name_choices(self, uses: Iterable[Use], namespace: Namespace) -> None:
        """Give a name to each enumeration that the spec names, that is long, or that stands in several places."""
        found = [(part, use) for use in uses for part in parts(use.shape) if isinstance(part, Choice)]
        counts = Counter(_literal(choice) for choice, _ in found)
        for choice, use in found:
            code = _literal(choice)
            if code not in self._aliases and (choice.name or counts[code] > 1 or len(code) > _LONGEST_LITERAL):
                name = choice.name or class_name(use.name)
                if name in namespace and not choice.name:
                    name = class_name(use.owner, use.name)
                self._aliases[code] = Alias(namespace.give(name, use.location), code)

    def of(self, shape: Shape, position: Position, *, optional: bool = False) -> str:
        """Return the annotation of a shape, with `None` if the value may be absent."""
        members = dict.fromkeys(self._members(shape, position))
        if _ANYTHING[position] in members:
            return _ANYTHING[position]
        is_nullable = members.pop("None", "") is None or optional
        return " | ".join([*members, "None"] if is_nullable or not members else members)

    def _members(self, shape: Shape, position: Position) -> Iterator[str]:
        is_answer = position == "answer"
        match shape:
            case Scalar(type_):
                yield type_
                if type_ in ("date", "datetime") and not is_answer:
                    yield "str"
            case Anything():
                yield _ANYTHING[position]
            case Choice(values):
                code = _literal(shape)
                yield self._aliases[code].name if code in self._aliases else code
                if is_answer:
                    yield from ("str" if isinstance(value, Text) else type(value).__name__ for value in values)
            case ListOf(item) if not is_answer and _is_text(item):
                # To a type checker a text is itself a sequence of texts, and would pass for a list of them.
                annotation = self.of(item, position)
                yield from (f"list[{annotation}]", f"tuple[{annotation}, ...]")
            case ListOf(item):
                yield f"{'list' if is_answer else 'Sequence'}[{self.of(item, position)}]"
            case MapOf(item):
                yield f"{'dict' if is_answer else 'Mapping'}[str, {self.of(item, position)}]"
            case OneOf(members):
                for member in members:
                    yield from self._members(member, position)
            case Object(name):
                yield name if is_answer else self.inputs[name]


def _is_text(shape: Shape) -> bool:
    match shape:
        case Scalar(type_):
            return type_ == "str"
        case Choice(values):
            return any(isinstance(value, Text) for value in values)
        case _:
            return False


def _literal(choice: Choice) -> str:
    return f"Literal[{', '.join(map(literal, choice.values))}]"
