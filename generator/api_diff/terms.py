"""Types as users meet them: annotations with their aliases put in, and whether one fits where another is expected."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from attrs import evolve, frozen


@frozen(order=True)
class Named:
    """A class with its arguments, or a literal value, which is written as it stands in code."""

    name: str
    """Complete name, such as `datetime.datetime`; empty for a list of parameter types."""
    arguments: tuple[Term, ...] = ()
    """What stands in brackets."""
    literal: str = ""
    """The literal value as code; empty for a class."""

    def __str__(self) -> str:
        if self.literal:
            return f"{self.name}[{self.literal}]"
        inner = ", ".join(map(text_of, self.arguments))
        return f"{self.name}[{inner}]" if self.arguments or not self.name else self.name


Term: TypeAlias = frozenset[Named]
"""A union of one or more types."""

Resolve: TypeAlias = Callable[[str], "str | Term"]
"""Returns the complete name of a class, or the type that an alias stands for."""

NONE: Final = Named("None")
ANYTHING: Final = frozenset({Named("object"), Named("typing.Any")})
LITERAL: Final = "typing.Literal"
_MANY: Final = 4
"""From so many members on, those that a changed union keeps are counted and not named."""
_TRANSPARENT: Final = ("typing.Required", "typing.NotRequired", "typing.Final", "typing.ClassVar", "typing.Annotated")

_JSON: Final = frozenset({"JSON", "JSONInput", "QueryValue"})
_JSON_VALUES: Final = frozenset({"str", "int", "float", "bool", "None", "list", "dict", LITERAL})
_BROADER: Final = {
    "bool": ("int",),
    "int": ("float",),
    "datetime.datetime": ("datetime.date",),
    "list": ("collections.abc.Sequence",),
    "tuple": ("collections.abc.Sequence",),
    "dict": ("collections.abc.Mapping",),
}
"""What a value of a type may be given for, apart from its own type."""


def text_of(term: Term) -> str:
    """Return a type as code, with complete names."""
    parts = sorted(str(part) for part in term if part != NONE)
    return " | ".join([*parts, "None"] if NONE in term else parts)


def change_of(before: Term, after: Term) -> str:
    """Return how a type changed, in one line: inside which class, and of long unions what came and went."""
    gone, came, kept = before - after, after - before, before & after
    if len(gone) == len(came) == 1:
        (old,), (new,) = gone, came
        if old.name and old.name == new.name and len(old.arguments) == len(new.arguments) > 0:
            parts = zip(old.arguments, new.arguments, strict=True)
            return "; ".join(f"in {old.name}: {change_of(one, other)}" for one, other in parts if one != other)
    if len(kept) < _MANY:
        return f"{text_of(before)} became {text_of(after)}"
    texts = [f"{text_of(term)} {verb}" for term, verb in ((gone, "went"), (came, "came")) if term]
    return f"{' and '.join(texts)}, {len(kept)} others stay"


def parse(annotation: str, resolve: Resolve) -> Term:
    """Return the type that an annotation says."""
    return _term(ast.parse(annotation, mode="eval").body, resolve)


def names_in(term: Term) -> Iterator[str]:
    """Yield the names of the classes in a type, at every level."""
    for part in term:
        if part.name:
            yield part.name
        for argument in part.arguments:
            yield from names_in(argument)


def variables_replaced(term: Term, variables: frozenset[str], by: Named) -> Term:
    """Return a type with each of its type variables replaced by one class."""
    return frozenset(
        by
        if part.name in variables
        else evolve(part, arguments=tuple(variables_replaced(inner, variables, by) for inner in part.arguments))
        for part in term
    )


def fits(given: Term, wanted: Term, bases: Callable[[str], tuple[str, ...]]) -> bool:
    """Return whether every value of one type may stand where the other is expected.

    Args:
        given: The type of the value.
        wanted: The type that is expected.
        bases: Returns the complete names of the bases of a class.
    """
    return all(any(_fits(part, other, bases) for other in wanted) for part in given)


def _fits(given: Named, wanted: Named, bases: Callable[[str], tuple[str, ...]]) -> bool:
    if given == wanted or wanted in ANYTHING:
        return True
    if wanted.name.rpartition(".")[2] in _JSON:
        return given.name.rpartition(".")[2] in _JSON_VALUES | _JSON
    if given.literal:
        kind = type(ast.literal_eval(given.literal)).__name__
        return not wanted.literal and _fits(Named(kind), wanted, bases)
    if wanted.literal:
        return False
    if given.name == wanted.name and len(given.arguments) == len(wanted.arguments):
        return all(fits(inner, other, bases) for inner, other in zip(given.arguments, wanted.arguments, strict=True))
    return any(
        _fits(Named(broader, given.arguments), wanted, bases)
        for broader in (*_BROADER.get(given.name, ()), *bases(given.name))
    )


def _term(node: ast.expr, resolve: Resolve) -> Term:
    match node:
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _term(left, resolve) | _term(right, resolve)
        case ast.Constant(value=None):
            return frozenset({NONE})
        case ast.Constant(value=str(text)):
            return parse(text, resolve)
        case ast.Constant():
            return frozenset({Named(ast.unparse(node))})
        case ast.Subscript(value=value, slice=inner):
            return _subscript(_name(value, resolve), inner, resolve)
        case ast.List(elts=items):
            return frozenset({Named("", tuple(_term(item, resolve) for item in items))})
        case _:
            found = resolve(ast.unparse(node))
            return frozenset({Named(found)}) if isinstance(found, str) else found


def _subscript(name: str, inner: ast.expr, resolve: Resolve) -> Term:
    items = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    if name == LITERAL:
        return frozenset(Named(LITERAL, literal=ast.unparse(item)) for item in items)
    if name in _TRANSPARENT:
        return _term(items[0], resolve)
    if name == "typing.Union":
        return frozenset[Named]().union(*(_term(item, resolve) for item in items))
    if name == "typing.Optional":
        return _term(items[0], resolve) | {NONE}
    return frozenset({Named(name, tuple(_term(item, resolve) for item in items))})


def _name(node: ast.expr, resolve: Resolve) -> str:
    found = resolve(ast.unparse(node))
    return found if isinstance(found, str) else ast.unparse(node)
