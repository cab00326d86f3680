"""openapi-python-client as the parser: the only module that knows its Python API, which is no stable one.

Structure, types, class names and enumerations come from the parser. It forgets the order of enumerations, which the
document has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from attrs import frozen
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.parser.openapi import Endpoint, GeneratorData
from openapi_python_client.parser.properties import (
    AnyProperty,
    LiteralEnumProperty,
    ModelProperty,
)
from openapi_python_client.parser.properties.boolean import BooleanProperty
from openapi_python_client.parser.properties.const import ConstProperty
from openapi_python_client.parser.properties.date import DateProperty
from openapi_python_client.parser.properties.datetime import DateTimeProperty
from openapi_python_client.parser.properties.float import FloatProperty
from openapi_python_client.parser.properties.int import IntProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.none import NoneProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol
from openapi_python_client.parser.properties.string import StringProperty
from openapi_python_client.parser.properties.union import UnionProperty
from openapi_python_client.parser.properties.uuid import UuidProperty
from openapi_python_client.schema import Reference, Schema
from openapi_python_client.schema.untrusted_string import UntrustedString
from openapi_python_client.strings import ClassName, PythonIdentifier

from .documents import Document, Route
from .names import class_name
from .nodes import Location, Node, SpecError
from .shapes import (
    Anything,
    Choice,
    Fields,
    ListOf,
    MapOf,
    Object,
    OneOf,
    Property,
    Scalar,
    Shape,
    documented,
)
from .text import Text

_CONFIG: Final = Config.from_sources(
    ConfigFile(literal_enums=True), MetaType.NONE, Path("spec.yaml"), "utf-8", overwrite=False, output_path=None
)
_SCALARS: Final[Mapping[type[PropertyProtocol], str]] = {
    BooleanProperty: "bool",
    DateProperty: "date",
    DateTimeProperty: "datetime",
    FloatProperty: "float",
    IntProperty: "int",
    NoneProperty: "None",
    StringProperty: "str",
    UuidProperty: "str",
}


@frozen
class ParsedOperation:
    """Shapes of what goes into one operation and comes out of it."""

    parameters: Mapping[tuple[str, str], Shape]
    """By place (`path`, `query`, `header`) and name."""
    body: Shape | None
    answers: Mapping[str, Shape | None]
    """By success status; `None` for an answer without content."""


@frozen
class Parsed:
    """What the parser made of a document."""

    operations: Mapping[str, ParsedOperation]
    """By operationId."""
    objects: Mapping[str, Fields]
    """By the name that `Object` has."""


def parse(document: Document) -> Parsed:
    """Hand a document to the parser and return what it made of it.

    Raises:
        SpecError: The parser complained about anything, even where it would go on.
    """
    plain: Any = document.root.plain()
    for route in document.routes:
        # The runtime reads answers that are errors, and the parser would take most of its time for them.
        responses: dict[str, object] = plain["paths"][route.path][route.method]["responses"]
        for status in [status for status in responses if not status.startswith("2")]:
            del responses[status]
    try:
        data = GeneratorData.from_dict(plain, config=_CONFIG)
    except Exception as error:
        # The parser promises to return its errors, but documents that nobody meant as such make it raise others.
        raise document.root.refuse(f"openapi-python-client failed with {type(error).__name__}: {error}") from error
    if isinstance(data, GeneratorError):
        raise _complaint(document, data)
    collections = data.endpoint_collections_by_tag.values()
    for complaint in [*data.errors, *(error for collection in collections for error in collection.parse_errors)]:
        raise _complaint(document, complaint)
    endpoints = {endpoint.name: endpoint for collection in collections for endpoint in collection.endpoints}
    reader = _Reader(document, {model.class_info.name: model for model in data.models})
    operations = {
        route.name: reader.operation(endpoints[PythonIdentifier(route.name, _CONFIG.field_prefix)], route)
        for route in document.routes
    }
    return Parsed(operations, reader.objects)


class _Reader:
    """Reads the parser's properties as shapes."""

    def __init__(self, document: Document, models: Mapping[str, ModelProperty]) -> None:
        self.objects: dict[str, Fields] = {}
        self._models = models
        self._components = {
            ClassName(name, _CONFIG.field_prefix): node.location for name, node in document.schemas.fields.items()
        }
        self._orders = {frozenset(values): values for values in _enumerations(document.root)}
        self._names: dict[str, str] = {}

    def operation(self, endpoint: Endpoint, route: Route) -> ParsedOperation:
        """Return the shapes of one operation."""

        def read(property_: PropertyProtocol, part: str) -> Shape:
            return self._shape(property_, class_name(route.name, part), route.node.location)

        return ParsedOperation(
            parameters={
                (place.value, parameter.name.get_untrusted_value()): read(
                    parameter, parameter.name.get_untrusted_value()
                )
                for place, parameter in endpoint.iter_all_parameters()
            },
            body=read(endpoint.bodies[0].prop, "body") if endpoint.bodies else None,
            answers={
                response.status_code.pattern: None
                if response.source["attribute"] == "None"
                else read(response.prop, "answer")
                for response in endpoint.responses
                if response.status_code.pattern.startswith("2")
            },
        )

    def _shape(self, property_: PropertyProtocol, name: str, location: Location) -> Shape:
        """Return the shape of a property; objects in it that have no name get this one."""
        if (scalar := _SCALARS.get(type(property_))) is not None:
            return Scalar(scalar)
        match property_:
            case AnyProperty():
                return Anything()
            case ConstProperty():
                return Choice((_value(property_.value.raw_value),), None)
            case LiteralEnumProperty():
                values = self._orders[frozenset(property_.values)]
                own = property_.class_info.name if property_.class_info.name in self._components else None
                return Choice(tuple(map(_value, values)), own)
            case ListProperty():
                return ListOf(self._shape(property_.inner_property, f"{name}Item", location))
            case UnionProperty():
                return OneOf(tuple(self._shape(member, name, location) for member in property_.inner_properties))
            case ModelProperty():
                return self._model(property_, name, location)
            case _:
                raise SpecError(location, f"holds a {type(property_).__name__}, which is not supported")

    def _model(self, property_: ModelProperty, name: str, location: Location) -> Shape:
        class_ = property_.class_info.name
        # A property that refers to a schema may be a copy from before the schema's own properties were known.
        model = self._models[class_]
        if not (model.required_properties or model.optional_properties):
            additional = model.additional_properties
            if additional is None or isinstance(additional, AnyProperty):
                return MapOf(Anything())
            return MapOf(self._shape(additional, f"{name}Value", location))
        if class_ not in self._names:
            self._names[class_] = name = class_ if class_ in self._components else self._unused(name)
            self.objects[name] = Fields(Text(""), (), location)
            self.objects[name] = self._fields(model, name, self._components.get(class_, location))
        return Object(self._names[class_])

    def _unused(self, name: str) -> str:
        """Return the name, with a number if another object without a name has it."""
        taken = self._names.values()
        return next(n for n in (name, *(f"{name}{number}" for number in range(2, len(taken) + 3))) if n not in taken)

    def _fields(self, model: ModelProperty, name: str, location: Location) -> Fields:
        properties = {
            property_.name.get_untrusted_value(): property_
            for property_ in [*(model.required_properties or ()), *(model.optional_properties or ())]
        }
        uses = self._uses(model.data)
        for schema in (model.data, *(part for part in model.data.allOf if isinstance(part, Schema))):
            for wire in schema.required or ():
                if wire not in uses:
                    raise SpecError(
                        location, f"requires {wire.get_untrusted_value()!r}, which is not among its properties"
                    )
        return Fields(
            doc=documented(_raw(model.description)),
            properties=tuple(
                Property(
                    wire=wire,
                    shape=self._shape(properties[wire], class_name(name, wire), location.below("properties", wire)),
                    is_required=properties[wire].required,
                    doc=_doc(use, properties[wire]),
                )
                for wire, use in uses.items()
            ),
            location=location,
        )

    def _uses(self, schema: Schema) -> dict[str, Schema | Reference]:
        """Return what stands under each property of an object, in the order of the document, merged parts first."""
        uses: dict[str, Schema | Reference] = {}
        for part in schema.allOf:
            if isinstance(part, Reference):
                target = ClassName(part.ref.get_untrusted_value().rpartition("/")[2], _CONFIG.field_prefix)
                uses |= self._uses(self._models[target].data)
            else:
                uses |= self._uses(part)
        return uses | {wire.get_untrusted_value(): use for wire, use in (schema.properties or {}).items()}


def _doc(use: Schema | Reference, property_: PropertyProtocol) -> Text:
    """Return the text about a field: what stands beside a reference goes before what it refers to."""
    if isinstance(use, Schema):
        return documented(
            _raw(use.description or property_.description), default=use.default, deprecated=bool(use.deprecated)
        )
    beside = use.model_extra or {}
    return documented(
        str(beside.get("description") or _raw(property_.description)),
        default=beside.get("default"),
        deprecated=bool(beside.get("deprecated")),
    )


def _raw(text: UntrustedString | None) -> str:
    return "" if text is None else text.get_untrusted_value()


def _value(value: object) -> Text | int:
    return value if isinstance(value, int) else Text(str(value))


def _enumerations(node: Node) -> Iterator[tuple[str | int, ...]]:
    """Yield the values of each `enum` of a document, without null."""
    if isinstance(node.value, tuple):
        for entry in node.value:
            yield from _enumerations(entry)
    elif isinstance(node.value, Mapping):
        for key, entry in node.value.items():
            if key == "enum" and isinstance(entry.value, tuple):
                yield tuple(item.value for item in entry.value if isinstance(item.value, (str, int)))
            else:
                yield from _enumerations(entry)


_OPERATION: Final = re.compile(r"WARNING parsing ([A-Z]+) (\S+) within ")
_SCHEMA: Final = re.compile(r"schema (?:/components/schemas/)?(\w+)")


def _complaint(document: Document, error: GeneratorError) -> SpecError:
    """Return the parser's error with the place that it names, as well as that can be told."""
    node: Node | None = None
    if named := _OPERATION.search(error.header):
        node = document.root.find("paths", named[2], named[1].lower())
    elif named := _SCHEMA.search(error.header):
        node = document.schemas.get(named[1])
    # Of the parser's texts only the part in the middle says what is wrong.
    reason = " ".join((error.detail or error.header).split()).partition(" Failure to process schema ")[0]
    reason = re.sub(r"^[\w ]+: : ", "", reason)
    return (node or document.root).refuse(reason)
