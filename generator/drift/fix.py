"""Mends specs where a page adds something, or changes what integrations support; the rest is left to a person.

Each edit is tried: it stays if the difference is gone and no other one came, and is taken back otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from attrs import field, frozen

from generator.nodes import Location, Node, SpecError

from .differences import Cause, Difference
from .edits import EditError, SpecText, array, mapping, scalar
from .forms import MAP, Mark, Row

Key: TypeAlias = tuple[str, str, str, str]
"""File of the page, kind and path of a difference, and what the page has instead."""


@frozen
class Outcome:
    """What became of one difference."""

    page: str
    """The file that shows it."""
    difference: Difference
    reason: str = ""
    """Why it is left to a person; empty where the spec was mended."""
    files: Sequence[Path] = field(factory=tuple[Path, ...])


def mend(
    differences: Callable[[], Sequence[tuple[str, Difference]]],
) -> Sequence[Outcome]:
    """Mend the specs one difference after another.

    Args:
        differences: Reads pages and specs and returns all drift, each difference with the page it is from.

    Raises:
        SpecError: The specs cannot be read to begin with.
    """
    outcomes: dict[Key, Outcome] = {}
    while True:
        current = differences()
        waiting = [each for each in current if key_of(*each) not in outcomes]
        if not waiting:
            return list(outcomes.values())
        page, difference = waiting[0]
        outcomes[key_of(page, difference)] = _try(page, difference, {key_of(*each) for each in current}, differences)


def key_of(page: str, difference: Difference) -> Key:
    """Return what a difference is known by, whatever becomes of the lines around it."""
    return page, difference.kind, difference.path, difference.shown


def _try(
    page: str,
    difference: Difference,
    before: set[Key],
    differences: Callable[[], Sequence[tuple[str, Difference]]],
) -> Outcome:
    try:
        edited = edit(difference)
    except EditError as error:
        return Outcome(page, difference, str(error))
    old = SpecText.read(edited.file)
    edited.write()
    try:
        after = {key_of(*each) for each in differences()}
        reason = "" if after < before and key_of(page, difference) not in after else "another page or place would drift"
    except SpecError as error:
        reason = f"the spec would not be valid: {error}"
    if reason:
        old.write()
    return Outcome(page, difference, reason, () if reason else (edited.file,))


def edit(difference: Difference) -> SpecText:
    """Return the text of the spec that a difference leads to.

    Raises:
        EditError: It is for a person to decide, or the place has a form that is not edited.
    """
    if difference.level not in ("additive", "support"):
        raise EditError(f"a {difference.level} difference is for a person to decide")
    cause = difference.cause
    if cause is None:
        raise EditError("it is for a person to decide")
    if not cause.is_certain:
        raise EditError("the page does not show where it belongs")
    match difference.kind:
        case "new field":
            return _new_field(cause)
        case "new value":
            return _new_value(cause)
        case "required":
            return _required(cause)
        case "null":
            return _null(cause)
        case "format":
            return _format(cause)
        case "default":
            return _default(cause)
        case "integrations" | "mark":
            return _support(cause, difference.kind)
        case _:
            raise EditError("it is for a person to decide")


def _open(location: Location) -> SpecText:
    return SpecText.read(Path(location.file))


def _new_field(cause: Cause) -> SpecText:
    seen, holder = cause.seen, cause.holder
    if seen is None or holder is None or not seen.row.name:
        raise EditError("the spec has no place for it")
    if seen.fields:
        raise EditError("it holds fields of its own, which need a name and a description")
    row = seen.row
    text = _open(holder.location)
    description = f"description: What the page calls {row.name}."
    support = _fact_lines(cause, row.mark) if row.mark else []
    if cause.place == "query":
        if row.type not in ("string", "integer", "number", "boolean"):
            raise EditError("the page does not show how such a query option is written")
        schema = ["schema:", *("  " + line for line in _schema_lines(row, is_nullable=False))]
        lines = [f"name: {scalar(row.name or '')}", "in: query", description, *schema, *_listed_fact(support)]
        keys = holder.location.keys
        if text.has([*keys, "parameters"]):
            return text.add_item([*keys, "parameters"], lines)
        return text.add_key(
            keys, ["parameters:", "  - " + lines[0], *("    " + line for line in lines[1:])], after="externalDocs"
        )
    nullable = row.nullable or _takes_null(holder)
    lines = [f"{scalar(row.name or '')}:", "  " + description]
    lines += ["  " + line for line in [*_schema_lines(row, is_nullable=nullable), *_listed_fact(support)]]
    return text.add_key([*holder.location.keys, "properties"], lines)


def _takes_null(holder: Node) -> bool:
    """Return whether the fields of an object take null as a rule, where pages do not show it."""
    properties = holder.get("properties")
    entries = list(properties.fields.values()) if properties else []
    types = [node.find("type") for node in entries]
    known = [type_.plain() for type_ in types if type_]
    return sum(isinstance(type_, list) and "null" in type_ for type_ in known) * 2 > len(known)


def _schema_lines(row: Row, *, is_nullable: bool) -> list[str]:
    type_ = row.type
    if type_ is None:
        return []
    kind = "array" if type_.startswith("array") else "object" if type_ in (MAP, "object") else type_
    if kind not in ("string", "integer", "number", "boolean", "array", "object"):
        raise EditError(f"the type {type_} is not one of OpenAPI")
    lines = [f'type: [{kind}, "null"]' if is_nullable else f"type: {kind}"]
    if row.format:
        lines.append(f"format: {scalar(row.format)}")
    if kind == "array":
        item = type_[6:-1]
        is_open = item in ("", "object")
        lines += ["items: {}"] if not item else ["items:", f"  type: {item}"]
        lines += ["  additionalProperties: true"] if item and is_open else []
    if kind == "object":
        lines.append("additionalProperties: true")
    if row.values:
        null = ", null]" if is_nullable else "]"
        lines.append(f"enum: {array(row.values)[:-1]}{null}")
    return lines


def _new_value(cause: Cause) -> SpecText:
    contract = cause.contract
    if contract is None or not contract.shape.enums:
        raise EditError("the spec lists no values there")
    location = contract.shape.enums[0].location
    return _open(location).add_value([*location.keys, "enum"], cause.value)


def _required(cause: Cause) -> SpecText:
    contract, seen = cause.contract, cause.seen
    if contract is None or seen is None or contract.required_in is None:
        raise EditError("the spec has no place for it")
    location = contract.required_in.location
    text, keys = _open(location), [*location.keys, "required"]
    if cause.place in ("path", "query"):
        return text.remove(keys)
    holder = contract.required_in.get("required")
    names = [name.text for name in holder.items] if holder else []
    if seen.row.required:
        return (
            text.add_value(keys, contract.name)
            if names
            else text.add_key(location.keys, [f"required: {array([contract.name])}"], after="type")
        )
    rest = [name for name in names if name != contract.name]
    return text.set_value(keys, rest) if rest else text.remove(keys)


def _null(cause: Cause) -> SpecText:
    contract, seen = cause.contract, cause.seen
    if contract is None or seen is None:
        raise EditError("the spec has no place for it")
    type_ = contract.schema.get("type")
    if type_ is None:
        raise EditError("the type stands elsewhere")
    names = [name for name in _names(type_) if name != "null"]
    if len(names) != 1:
        raise EditError("the field has several types")
    value = f'[{names[0]}, "null"]' if seen.row.nullable else names[0]
    return _open(type_.location).set_value(type_.location.keys, value)


def _names(type_: Node) -> Sequence[str]:
    value = type_.plain()
    return [str(entry) for entry in value] if isinstance(value, list) else [str(value)]


def _format(cause: Cause) -> SpecText:
    contract = cause.contract
    if contract is None or contract.schema.get("type") is None:
        raise EditError("the type stands elsewhere")
    location = contract.schema.location
    text, keys = _open(location), [*location.keys, "format"]
    if not cause.value:
        return text.remove(keys)
    if contract.schema.get("format"):
        return text.set_value(keys, scalar(cause.value))
    return text.add_key(location.keys, [f"format: {scalar(cause.value)}"], after="type")


def _default(cause: Cause) -> SpecText:
    contract = cause.contract
    if contract is None or contract.schema.get("type") is None:
        raise EditError("the type stands elsewhere")
    is_text = contract.shape.types == {"string"}
    value = scalar(cause.value) if is_text else cause.value
    return _open(contract.schema.location).add_key(contract.schema.location.keys, [f"default: {value}"])


def _support(cause: Cause, kind: str) -> SpecText:
    mark, fact = cause.mark, cause.fact
    if fact is None:
        holder = cause.contract.node if cause.contract else cause.operation.route.node
        return _add_fact(holder.location, _fact_lines(cause, mark or Mark()))
    keys = fact.location.keys
    text = _open(fact.location)
    if mark is None:
        return text.remove(keys)
    if kind == "mark" and mark.supported is None and (fact.get("supported") or fact.get("required")):
        raise EditError("the page counts integrations, and the spec names them")
    for key, value in _entries(mark, kind).items():
        if text.has([*keys, key]):
            text = text.set_value([*keys, key], value)
        elif value:
            text = text.add_key(keys, mapping({key: value}))
    return text


def _entries(mark: Mark, kind: str) -> Mapping[str, str | Sequence[str]]:
    entries: dict[str, str | Sequence[str]] = {}
    if kind == "integrations":
        return {"integrations": _sorted(mark.supported), "partial": _sorted(mark.required)}
    if mark.supported is not None:
        entries["supported"] = _sorted(mark.supported)
    if mark.required is not None:
        entries["required"] = _sorted(mark.required)
    if mark.count:
        entries["count"] = f"{{supported: {mark.count[0]}, required: {mark.count[1]}}}"
    return entries


def _sorted(names: frozenset[str] | None) -> Sequence[str]:
    return sorted(names or (), key=str.casefold)


def _fact_lines(cause: Cause, mark: Mark) -> list[str]:
    kind = "mark" if cause.place else "integrations"
    head = {"operation": cause.operation.route.name, "in": cause.place or "operation", "page": scalar(cause.page)}
    entries = {key: value for key, value in _entries(mark, kind).items() if value or kind == "mark"}
    return mapping({**head, **entries})


def _listed_fact(lines: Sequence[str]) -> list[str]:
    return ["x-support:", "  - " + lines[0], *("    " + line for line in lines[1:])] if lines else []


def _add_fact(location: Location, lines: Sequence[str]) -> SpecText:
    text, keys = _open(location), [*location.keys, "x-support"]
    if text.has(keys):
        return text.add_item(keys, lines)
    after = "externalDocs" if text.has([*location.keys, "externalDocs"]) else ""
    return text.add_key(location.keys, _listed_fact(lines), after=after)
