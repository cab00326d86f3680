"""Reads what a spec says about integrations: one fact after another, each with the operation and field it is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from .documents import Document, Route
from .drafts import Draft
from .model import Fact, OperationSupport
from .nodes import Location, Node
from .shapes import Fields, Object
from .text import Text
from .vocabulary import is_false, is_true

Place: TypeAlias = tuple[str, Location]
"""`query`, `body` or `answer`, and where in the specs the field or parameter stands."""


def support_of(
    document: Document, drafts: Sequence[Draft], objects: Mapping[str, Fields]
) -> Sequence[OperationSupport]:
    """Return the facts of a document by operation; nothing if it holds none.

    Raises:
        SpecError: A fact stands where it is about nothing, or about several things.
    """
    found = list(_facts(document.root))
    if not found:
        return ()
    paths = _paths(document)
    operations = {route.name: route.node.location for route in document.routes}
    facts: dict[str, list[Fact]] = {name: [] for name in operations}
    for holder, node in found:
        operation = node["operation"].text
        if operation not in operations:
            raise node["operation"].refuse(f"{operation!r} is no operation of this spec")
        facts[operation].append(_fact(node, _field(node, holder, operations[operation], paths)))
    return [_operation(draft, facts[draft.route.name], objects) for draft in drafts]


def _operation(draft: Draft, facts: Sequence[Fact], objects: Mapping[str, Fields]) -> OperationSupport:
    body = draft.body.name if isinstance(draft.body, Object) else ""
    return OperationSupport(
        builder=draft.route.name,
        query=_fields([option.wire for option in draft.options], "query", facts),
        body=_fields(_wires(objects, body), "body", facts),
        answer=_fields(_wires(objects, draft.result.model), "answer", facts),
        facts=facts,
    )


def _facts(node: Node) -> Iterator[tuple[Node, Node]]:
    """Yield every fact below a node with the node that it stands beside."""
    if isinstance(node.value, tuple):
        for item in node.value:
            yield from _facts(item)
    elif isinstance(node.value, Mapping):
        for key, entry in node.value.items():
            if key == "x-support":
                yield from ((node, fact) for fact in entry.items)
            else:
                yield from _facts(entry)


def _field(fact: Node, holder: Node, operation: Location, paths: Mapping[Place, set[str]]) -> str:
    """Return the name of the field that a fact is about; it is empty for the operation itself and for a lost name."""
    place = fact["in"].text
    if place == "operation" or "field" in fact.fields:
        if holder.location != operation:
            raise fact.refuse(f"does not stand beside {fact['operation'].text}")
        return ""
    names = paths.get((place, holder.location), set[str]())
    if len(names) != 1:
        what = "no field" if not names else f"several fields ({', '.join(sorted(names))})"
        raise fact.refuse(f"stands beside {what} that calls have in the {place}")
    return next(iter(names))


def _fact(node: Node, field: str) -> Fact:
    count = node.get("count")
    return Fact(
        place=node["in"].text,
        field=Text(field),
        page=Text(node["page"].text),
        generation=Text(node.text_at("generation") or ""),
        supported=_names(node.get("supported")),
        required=_names(node.get("required")),
        count=(_number(count["supported"]), _number(count["required"])) if count else None,
        values=[(Text(name), [Text(value.text) for value in entry.items]) for name, entry in _entries(node, "values")],
        max_items=[(Text(name), _number(entry)) for name, entry in _entries(node, "max_items")],
        integrations=_names(node.get("integrations")),
        partial=_names(node.get("partial")) or (),
        without=_names(node.get("without")) or (),
        is_complete=not is_false(node, "complete"),
        position=Text(node.text_at("position") or ""),
    )


def _names(node: Node | None) -> Sequence[Text] | None:
    return [Text(name.text) for name in node.items] if node else None


def _entries(node: Node, key: str) -> Iterable[tuple[str, Node]]:
    return node.fields_at(key).items()


def _number(node: Node) -> int:
    if type(node.value) is not int or node.value < 0:
        raise node.refuse("must be a whole number")
    return node.value


def _fields(documented: Iterable[str], place: str, facts: Iterable[Fact]) -> Sequence[Text]:
    """Return the documented fields of an operation, and those that only its facts name: nested ones as a rule."""
    named = [fact.field.raw for fact in facts if fact.place == place and fact.field]
    return [Text(name) for name in dict.fromkeys([*documented, *named])]


def _wires(objects: Mapping[str, Fields], name: str | None) -> Sequence[str]:
    return [entry.wire for entry in objects[name].properties] if name else ()


def _paths(document: Document) -> Mapping[Place, set[str]]:
    """Return the names of all that calls send and get: `sort_by.created_at` for a field inside another one."""
    found: dict[Place, set[str]] = {}
    for route in document.routes:
        for place, path, node in _places(route, document.schemas):
            if path:
                found.setdefault((place, node.location), set()).add(".".join(path))
    return found


def _places(route: Route, schemas: Node) -> Iterator[tuple[str, tuple[str, ...], Node]]:
    for (kind, wire), parameter in route.parameters.items():
        if kind == "query" and not is_true(parameter, "x-bound"):
            name = wire.removesuffix("[]")
            yield "query", (name,), parameter
            for path, node in _below(parameter["schema"], schemas, (name,), ()):
                yield "query", path, node
    if schema := _schema(route.node.get("requestBody")):
        for path, node in _below(schema, schemas, (), ()):
            yield "body", path, node
    envelope = _envelope(route.node)
    for status, response in route.node["responses"].fields.items():
        if status.startswith("2") and (schema := _schema(response)):
            for path, node in _below(schema, schemas, (), ()):
                yield "answer", path[1:] if path[0] in envelope else path, node


def _schema(holder: Node | None) -> Node | None:
    return holder.find("content", "application/json", "schema") if holder else None


def _envelope(operation: Node) -> Sequence[str]:
    """Return the keys under which the records of an answer may stand."""
    if pagination := operation.get("x-pagination"):
        items = pagination.get("items")
        return [item.text for item in items.items] if items else ()
    unwrap = operation.text_at("x-unwrap")
    return [unwrap] if unwrap else ()


def _below(
    schema: Node, schemas: Node, path: tuple[str, ...], trail: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Node]]:
    """Yield the fields below a schema; lists and unions add nothing to their names."""
    if reference := schema.get("$ref"):
        name = reference.text.rpartition("/")[2]
        if name not in trail:
            yield from _below(schemas[name], schemas, path, (*trail, name))
    for name, entry in schema.fields_at("properties").items():
        yield (*path, name), entry
        yield from _below(entry, schemas, (*path, name), trail)
    for key in ("anyOf", "oneOf", "allOf"):
        for member in schema.items_at(key):
            yield from _below(member, schemas, path, trail)
    for key in ("items", "additionalProperties"):
        if (inner := schema.get(key)) and isinstance(inner.value, Mapping):
            yield from _below(inner, schemas, path, trail)
