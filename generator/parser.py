"""openapi-python-client as the parser: the only module that knows its Python API, which is no stable one.

It is handed each document in canonical form, and the types come from it. What it does not tell is taken from the form:
the order of enumerations, formats that it reads as text, tags of unions, and all names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.parser.openapi import Endpoint, GeneratorData
from openapi_python_client.parser.properties import AnyProperty, LiteralEnumProperty, ModelProperty
from openapi_python_client.parser.properties.boolean import BooleanProperty
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

from .canonical import Canonicaliser, Component, Form, handles, leaves, property_name, same, visible
from .documents import Document, Route
from .media import Media, answer_of, body_of
from .names import class_name
from .nodes import Node, SpecError
from .shapes import Anything, Choice, Fields, ListOf, MapOf, Object, OneOf, Property, Scalar, Shape, Tag
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
    UuidProperty: "UUID",
}
_TEXTS: Final[Mapping[object, str]] = {"binary": "bytes", "decimal": "Decimal"}
_JSON: Final = "application/json"


@frozen
class ParsedAnswer:
    """What one status of an operation comes with."""

    media: Media | None
    """`None` for an answer without content."""
    shape: Shape | None
    """What its JSON holds."""


@frozen
class ParsedOperation:
    """Shapes of what goes into one operation and comes out of it."""

    parameters: Mapping[tuple[str, str], Shape]
    """By place (`path`, `query`, `header`, `cookie`) and name."""
    media: Media | None
    """In which form the body goes out."""
    body: Shape | None
    answers: Mapping[str, ParsedAnswer]
    """By success status."""


@frozen
class Parsed:
    """What the parser made of a document."""

    operations: Mapping[str, ParsedOperation]
    """By name of the operation."""
    objects: Mapping[str, Fields]
    """By the name that `Object` has."""
    faults: Mapping[str, SpecError] = field(factory=dict[str, SpecError])
    """Why an operation is not among them, by its name."""


@frozen
class _Forms:
    """The forms of one operation."""

    route: Route
    parameters: Mapping[tuple[str, str], Form]
    media: Media | None
    body: Form | None
    answers: Mapping[str, tuple[Media | None, Form | None]]

    def used(self) -> Sequence[Form]:
        bodies = [self.body, *(form for _, form in self.answers.values())]
        return [*self.parameters.values(), *(form for form in bodies if form is not None)]


def parse(document: Document) -> Parsed:
    """Hand a document to the parser and return what it made of it.

    Raises:
        SpecError: The document is strict and cannot be read whole, or the parser complained about anything.
    """
    canonicaliser = Canonicaliser(document)
    operations: list[_Forms] = []
    faults: dict[str, SpecError] = {}
    for route in document.routes:
        try:
            operations.append(_forms(route, canonicaliser))
        except SpecError as error:
            if document.is_strict:
                raise
            faults[route.name] = error
    components = _used(operations, canonicaliser.components)
    endpoints, models = _hand_over(document, operations, components)
    reader = _Reader(components, models)
    parsed = {forms.route.name: reader.operation(forms, endpoints[_path(i)]) for i, forms in enumerate(operations)}
    return Parsed(parsed, reader.objects, faults)


def _forms(route: Route, canonicaliser: Canonicaliser) -> _Forms:
    def form(node: Node | None, part: str) -> Form:
        return {} if node is None else canonicaliser.form(node, class_name(route.name, part))

    body = body_of(route.node.get("requestBody"))
    answers = {status: answer_of(response) for status, response in route.node.fields_at("responses").items()}
    return _Forms(
        route,
        parameters={(place, name): form(_schema_of(node), name) for (place, name), node in route.parameters.items()},
        media=body,
        body=form(body.schema, "body") if body else None,
        answers={
            status: (media, form(media.schema, "answer") if media and media.kind == "json" else None)
            for status, media in answers.items()
            if status.startswith("2") or (status == "default" and not any(other.startswith("2") for other in answers))
        },
    )


def _schema_of(parameter: Node) -> Node | None:
    """Return the schema of a parameter, wherever it stands."""
    if content := parameter.get("content"):
        return next(iter(content.fields.values())).get("schema")
    return parameter.get("schema")


def _used(operations: Sequence[_Forms], components: Mapping[str, Component]) -> Mapping[str, Component]:
    """Return the components that operations lead to."""
    used: dict[str, Component] = {}
    waiting = [form for forms in operations for form in forms.used()]
    while waiting:
        for handle in handles(waiting.pop(0)):
            if handle not in used:
                used[handle] = components[handle]
                waiting += components[handle].forms
    return used


def _path(number: int) -> str:
    return f"/{number}"


def _hand_over(
    document: Document, operations: Sequence[_Forms], components: Mapping[str, Component]
) -> tuple[Mapping[str, Endpoint], Mapping[str, ModelProperty]]:
    """Return the endpoints that the parser makes of the forms, by path, and its models by name."""
    plain: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": document.module, "version": "1"},
        "paths": {_path(number): {"post": _operation(forms)} for number, forms in enumerate(operations)},
        "components": {"schemas": {handle: component.plain for handle, component in components.items()}},
    }
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
    endpoints = {
        endpoint.path.get_untrusted_value(): endpoint for collection in collections for endpoint in collection.endpoints
    }
    return endpoints, {model.class_info.name: model for model in data.models}


def _operation(forms: _Forms) -> dict[str, Any]:
    """Return an operation that has no more to it than its forms; all parameters stand where each form may."""
    operation: dict[str, Any] = {
        "operationId": f"operation_{forms.route.name}",
        "parameters": [
            {"name": f"p{number}", "in": "query", "required": True, "schema": visible(form)}
            for number, form in enumerate(forms.parameters.values())
        ],
        "responses": {
            str(200 + number): {"description": "", "content": {_JSON: {"schema": visible(form)}}}
            for number, (_, form) in enumerate(forms.answers.values())
            if form is not None
        },
    }
    if forms.body is not None:
        operation["requestBody"] = {"content": {_JSON: {"schema": visible(forms.body)}}}
    return operation


class _Reader:
    """Reads the parser's properties as shapes."""

    def __init__(self, components: Mapping[str, Component], models: Mapping[str, ModelProperty]) -> None:
        self.objects: dict[str, Fields] = {}
        self._components = components
        self._models = models
        self._maps: list[str] = []

    def operation(self, forms: _Forms, endpoint: Endpoint) -> ParsedOperation:
        """Return the shapes of one operation."""
        answers = {response.status_code.pattern: response.prop for response in endpoint.responses}
        parameters = zip(forms.parameters.items(), endpoint.query_parameters, strict=True)
        return ParsedOperation(
            parameters={key: self._shape(property_, form) for (key, form), property_ in parameters},
            media=forms.media,
            body=None if forms.body is None else self._shape(endpoint.bodies[0].prop, forms.body),
            answers={
                status: ParsedAnswer(media, None if form is None else self._shape(answers[str(200 + number)], form))
                for number, (status, (media, form)) in enumerate(forms.answers.items())
            },
        )

    def _shape(self, property_: PropertyProtocol, form: Form) -> Shape:
        if "oneOf" in form and isinstance(property_, UnionProperty):
            kinds = dict.fromkeys(same(leaf) for leaf in leaves(form))
            return self._union(dict(zip(kinds, property_.inner_properties, strict=True)), form)
        match property_:
            case AnyProperty():
                return Anything()
            case LiteralEnumProperty():
                component = self._components[next(handles(form))]
                values = tuple(value if isinstance(value, int) else Text(value) for value in component.values)
                return Choice(values, component.name if component.is_own else None)
            case ListProperty():
                return ListOf(self._shape(property_.inner_property, _inner(form)))
            case ModelProperty():
                return self._model(property_, next(handles(form)))
            case BooleanProperty() if "x-value" in form:
                return Choice((bool(form["x-value"]),), None)
            case _:
                return Scalar(_TEXTS.get(form.get("x-format"), _SCALARS[type(property_)]))

    def _union(self, properties: Mapping[str, PropertyProtocol], form: Form) -> Shape:
        """Return the shape of a union; its members are told apart as the parser does."""
        members = form.get("oneOf")
        if not isinstance(members, list):
            return self._shape(properties[same(form)], form)
        shapes = tuple(self._union(properties, member) for member in members if isinstance(member, dict))
        return OneOf(shapes, self._tag(form["x-tag"]) if "x-tag" in form else None)

    def _tag(self, tag: Any) -> Tag:  # noqa: ANN401 - what `canonical` writes for itself
        classes: Mapping[str, str] = tag["classes"]
        return Tag(
            tag["name"],
            tag["property"],
            tuple((value, self._components[handle].name) for value, handle in classes.items()),
        )

    def _model(self, property_: ModelProperty, handle: str) -> Shape:
        component = self._components[handle]
        # A property that refers to a schema may be a copy from before the schema's own properties were known.
        model = self._models[property_.class_info.name]
        if component.kind == "map":
            additional = model.additional_properties
            if additional is None or handle in self._maps:
                # One that holds itself: a type without a name cannot say so, but any JSON is right.
                return MapOf(Anything())
            self._maps.append(handle)
            item = self._shape(additional, component.item)
            self._maps.pop()
            return MapOf(item)
        if component.name not in self.objects:
            self.objects[component.name] = Fields(Text(""), (), component.location)
            self.objects[component.name] = self._fields(model, component)
        return Object(component.name)

    def _fields(self, model: ModelProperty, component: Component) -> Fields:
        properties = {
            property_.name.get_untrusted_value(): property_
            for property_ in [*(model.required_properties or ()), *(model.optional_properties or ())]
        }
        return Fields(
            doc=component.doc,
            properties=tuple(
                Property(
                    member.wire,
                    self._shape(properties[property_name(number)], member.form),
                    member.is_required,
                    member.doc,
                    member.is_read_only,
                    member.is_write_only,
                )
                for number, member in enumerate(component.members)
            ),
            location=component.location,
            is_own=component.is_own,
        )


def _inner(form: Form) -> Form:
    items = form["items"]
    return items if isinstance(items, dict) else {}


def _complaint(document: Document, error: GeneratorError) -> SpecError:
    """Return the parser's error; the forms that it is about have no place in the document."""
    reason = re.sub(r"<\S+ object at 0x[0-9a-f]+>", "a name", error.detail or error.header)
    return document.root.refuse(" ".join(reason.split()))
