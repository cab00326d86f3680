"""Annotations for shapes: what a value of a shape is called in an answer, a body, a query or a path."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal, TypeAlias

from attrs import frozen

from .model import Alias
from .names import Namespace, class_name
from .nodes import Location
from .shapes import Anything, Choice, ListOf, MapOf, Object, OneOf, Scalar, Shape, Tag, parts
from .text import Text, literal

Position: TypeAlias = Literal["answer", "body", "query", "path"]

_LONGEST_LITERAL: Final = 60
_WRITTEN_AS_TEXT: Final = ("date", "datetime", "Decimal", "UUID")
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

    def __init__(
        self,
        inputs: Mapping[str, str],
        namespace: Namespace,
        location: Location,
        shared: Annotations | None = None,
    ) -> None:
        """Take the class names that objects have in bodies and queries; in answers they have their own.

        Args:
            inputs: Those names, by the names of the objects.
            namespace: Names of the module.
            location: Where the document is, for messages.
            shared: Annotations of the module that this one imports from.
        """
        self.inputs = inputs
        self._namespace = namespace
        self._location = location
        self._aliases: dict[str, Alias] = {}
        self._unions: dict[str, Alias] = {}
        self._imported: Mapping[str, Alias] = {**shared._aliases, **shared._unions} if shared else {}

    @property
    def aliases(self) -> Sequence[Alias]:
        """The enumerations that have a name."""
        return list(self._aliases.values())

    @property
    def unions(self) -> Sequence[Alias]:
        """The unions whose members a tag tells apart."""
        return list(self._unions.values())

    def name_choices(self, uses: Iterable[Use]) -> None:
        """Give a name to each enumeration that the spec names, that is long, or that stands in several places."""
        found = [(part, use) for use in uses for part in parts(use.shape) if isinstance(part, Choice)]
        counts = Counter(_literal(choice) for choice, _ in found)
        for choice, use in found:
            code = _literal(choice)
            is_repeated = counts[code] > 1 and len(choice.values) > 1
            if (
                code not in self._aliases
                and code not in self._imported
                and (choice.name or is_repeated or len(code) > _LONGEST_LITERAL)
            ):
                name = choice.name or class_name(use.name)
                if name in self._namespace and not choice.name:
                    name = class_name(use.owner, use.name)
                self._aliases[code] = Alias(self._namespace.give(name, use.location), code)

    def of(self, shape: Shape, position: Position, *, optional: bool = False) -> str:
        """Return the annotation of a shape, with `None` if the value may be absent."""
        members = dict.fromkeys(self._members(shape, position))
        if position != "path" and _ANYTHING[position] in members:
            return _ANYTHING[position]
        is_nullable = members.pop("None", "") is None or optional
        return " | ".join([*members, "None"] if is_nullable or not members else members)

    def _members(self, shape: Shape, position: Position) -> Iterator[str]:
        is_answer = position == "answer"
        match shape:
            case Scalar("bytes"):
                yield "FileInput" if position == "body" else "str"
            case Scalar(type_):
                yield type_
                if type_ in _WRITTEN_AS_TEXT and not is_answer:
                    yield "str"
            case Anything():
                yield _ANYTHING[position]
            case Choice(values):
                code = _literal(shape)
                alias = self._aliases.get(code) or self._imported.get(code)
                yield alias.name if alias else code
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
            case OneOf(members, tag) if tag is not None and is_answer:
                yield self._tagged(members, tag)
            case OneOf(members):
                for member in members:
                    yield from self._members(member, position)
            case Object(name):
                yield name if is_answer else self.inputs[name]

    def _tagged(self, members: Sequence[Shape], tag: Tag) -> str:
        """Return the name of a union whose members a tag tells apart; its annotation says so to the runtime."""
        classes = ", ".join(f"{literal(Text(value))}: {name}" for value, name in tag.objects)
        union = self.of(OneOf(tuple(members)), "answer")
        code = f"Annotated[{union}, Discriminator({literal(Text(tag.wire))}, {{{classes}}})]"
        if code in self._imported:
            return self._imported[code].name
        if code not in self._unions:
            self._unions[code] = Alias(self._namespace.give(tag.name, self._location), code)
        return self._unions[code].name


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
