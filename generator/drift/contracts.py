"""What the specs say, in a form that pages can be compared with: fields by place, each with where it is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from attrs import define, field, frozen

from generator.documents import Document, Route, load
from generator.nodes import Node
from generator.vocabulary import is_true

from .forms import PLACES, Mark, Place

STANDARD: Final = "application/json"
ANY: Final = "any"

Fields: TypeAlias = "Mapping[str, Contract]"


@define
class Shape:
    """What a schema allows, through references and unions."""

    types: set[str] = field(factory=set[str])
    """Such as `string`, `array<object>` or `any`; null stands apart."""
    is_nullable: bool = False
    formats: set[str] = field(factory=set[str])
    values: dict[str, None] = field(factory=dict[str, None])
    is_open: bool = False
    """Whether other values than the listed ones are allowed."""
    default: str | None = None
    fields: dict[str, Contract] = field(factory=lambda: dict[str, Contract]())
    """The fields of the objects, those inside arrays included."""
    objects: list[Node] = field(factory=list[Node])
    """The schemas that hold these fields."""
    enums: list[Node] = field(factory=list[Node])
    """The schemas that hold the values."""


@frozen
class Contract:
    """One field or parameter of a spec."""

    name: str
    node: Node
    """Where it is written; facts about integrations stand here."""
    schema: Node
    shape: Shape
    required: bool
    required_in: Node | None = None
    """The schema that says which of its fields are required."""


@frozen
class Operation:
    """One operation of the specs."""

    module: str
    route: Route
    fields: Mapping[Place, Fields]
    body: Shape | None
    answer: Shape | None
    statuses: frozenset[str]
    """Statuses of the errors."""

    @property
    def name(self) -> str:
        """Method and path."""
        return f"{self.route.method.upper()} {self.route.path}"

    @property
    def docs(self) -> str:
        """Address of the vendor's page."""
        return self.route.node["externalDocs"]["url"].text

    def facts(self, holder: Node, place: str) -> Sequence[Node]:
        """Return the facts beside a node that are about this operation, in a place."""
        entries = holder.get("x-support")
        return [
            fact
            for fact in (entries.items if entries else ())
            if fact["operation"].text == self.route.name and fact["in"].text == place
        ]


@frozen
class Contracts:
    """All operations of a folder of specs."""

    folder: Path
    documents: Sequence[Document]
    operations: Sequence[Operation]

    @property
    def names(self) -> frozenset[str]:
        """Names of all fields."""
        found: set[str] = set()
        waiting = [fields for operation in self.operations for fields in operation.fields.values()]
        while waiting:
            for name, contract in waiting.pop().items():
                found.add(name)
                waiting.append(contract.shape.fields)
        return frozenset(found)


def read_contracts(folder: Path) -> Contracts:
    """Return what the specs of a folder say.

    Raises:
        SpecError: A spec is invalid or not supported.
    """
    documents = load(folder)
    operations = [_operation(document, route) for document in documents for route in document.routes]
    return Contracts(folder, documents, operations)


def mark_of(fact: Node) -> Mark:
    """Return the mark that a fact holds."""
    count = fact.get("count")
    numbers = [count[key].value for key in ("supported", "required")] if count else []
    whole = [number for number in numbers if isinstance(number, int)]
    counts = (whole[0], whole[1]) if len(whole) == 2 else None
    return Mark(names_of(fact, "supported"), names_of(fact, "required"), counts)


def names_of(fact: Node, key: str) -> frozenset[str] | None:
    """Return the integrations that a fact lists under a key."""
    names = fact.get(key)
    return frozenset(name.text for name in names.items) if names else None


def _operation(document: Document, route: Route) -> Operation:
    fields: dict[Place, Fields] = {place: {} for place in PLACES}
    for place in ("path", "query"):
        fields[place] = {
            wire.removesuffix("[]"): _contract(wire.removesuffix("[]"), node, node["schema"], document, node)
            for (kind, wire), node in route.parameters.items()
            if kind == place
        }
    body = _content(route.node.get("requestBody"), document)
    success = [node for status, node in route.node["responses"].fields.items() if status.startswith("2")]
    answer = next(filter(None, (_content(node, document) for node in success)), None)
    fields["body"] = body.fields if body else {}
    fields["answer"] = _records(answer.fields, route) if answer else {}
    statuses = [status for status in route.node["responses"].fields if not status.startswith("2")]
    return Operation(document.module, route, fields, body, answer, frozenset(statuses))


def _contract(name: str, node: Node, schema: Node, document: Document, holder: Node) -> Contract:
    shape = _shape(schema, document.schemas, ())
    return Contract(name, node, schema, shape, is_true(holder, "required"), holder)


def _content(holder: Node | None, document: Document) -> Shape | None:
    schema = holder.find("content", STANDARD, "schema") if holder else None
    return _shape(schema, document.schemas, ()) if schema else None


def _records(fields: Fields, route: Route) -> Fields:
    """Return the fields of the records of an answer, which are what pages describe."""
    if pagination := route.node.get("x-pagination"):
        keys = [item.text for item in items.items] if (items := pagination.get("items")) else []
        found = [fields[key].shape.fields for key in keys if key in fields]
        return found[0] if found else fields
    unwrap = route.node.text_at("x-unwrap")
    if unwrap and unwrap in fields:
        return {**fields[unwrap].shape.fields, **{name: each for name, each in fields.items() if name != unwrap}}
    return fields


def _shape(schema: Node, schemas: Node, trail: tuple[str, ...]) -> Shape:
    shape = Shape()
    if reference := schema.get("$ref"):
        name = reference.text.rpartition("/")[2]
        shape = Shape({"object"}) if name in trail else _shape(schemas[name], schemas, (*trail, name))
    printed = schema.get("type")
    types = _texts(printed)
    shape.is_nullable |= "null" in types
    shape.types |= {type_ for type_ in types if type_ not in ("null", "array")}
    if "array" in types:
        items = schema.get("items")
        inner = _shape(items, schemas, trail) if items else Shape({ANY})
        shape.types |= {f"array<{type_}>" for type_ in inner.types}
        _take(shape, inner)
    if form := schema.text_at("format"):
        shape.formats.add(form)
    if enum := schema.get("enum"):
        shape.values |= dict.fromkeys(_texts(enum))
        shape.enums.append(schema)
    if default := schema.get("default"):
        shape.default = _printed(default)
    _add_properties(shape, schema, schemas, trail)
    members = [part for key in ("anyOf", "oneOf", "allOf") for part in _items(schema, key)]
    for part in members:
        inner = _shape(part, schemas, trail)
        shape.types |= inner.types
        shape.is_nullable |= inner.is_nullable
        shape.formats |= inner.formats
        shape.is_open |= inner.is_open
        shape.default = shape.default or inner.default
        _take(shape, inner)
    with_values = [part for part in members if _shape(part, schemas, trail).values]
    plain = [part for part in members if "string" in (found := _shape(part, schemas, trail)).types and not found.values]
    shape.is_open |= bool(with_values and plain)
    if not shape.types and not shape.is_nullable:
        shape.types.add(ANY)
    return shape


def _take(shape: Shape, inner: Shape) -> None:
    shape.fields |= inner.fields
    shape.objects += inner.objects
    shape.values |= inner.values
    shape.enums += inner.enums


def _add_properties(shape: Shape, schema: Node, schemas: Node, trail: tuple[str, ...]) -> None:
    properties = schema.get("properties")
    if properties is None:
        return
    shape.objects.append(schema)
    required = set(_texts(schema.get("required")))
    for name, node in properties.fields.items():
        inner = _shape(node, schemas, trail)
        shape.fields[name] = Contract(name, node, node, inner, name in required, schema)


def _items(schema: Node, key: str) -> Iterable[Node]:
    members = schema.get(key)
    return members.items if members else ()


def _texts(node: Node | None) -> Sequence[str]:
    if node is None:
        return ()
    nodes = node.value if isinstance(node.value, tuple) else (node,)
    return [_printed(entry) for entry in nodes if entry.value is not None]


def _printed(node: Node) -> str:
    return str(node.value).lower() if isinstance(node.value, bool) else str(node.value)
