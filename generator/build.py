"""Makes the model of each module from its document and from what the parser made of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal

from attrs import evolve

from .annotations import Annotations, Use
from .documents import Document
from .drafts import Draft, Option, common_options, draft_of
from .grammar import is_true
from .model import Argument, Client, Dictionary, Field, Model, Module, Names, Operation, Result
from .names import EXPORTS, IMPORTS, Namespace, class_name, field_name, refuse_repeated
from .nodes import Node, SpecError
from .parser import Parsed, parse
from .shapes import Anything, Fields, MapOf, Object, Shape, parts
from .support import support_of
from .text import Text

ALL_OPTIONS: Final = "CallParams"
"""Class of the query options that all operations of a module have."""

BODY_OPTIONS: Final = "WriteParams"
"""Class of those that, besides, all operations with a body have."""

# Names of every module: what it imports, its constants, and the builtins that its annotations need.
_RESERVED: Final = (
    *(name for names in IMPORTS.values() for name in names),
    *("DOCS", "OPERATIONS"),
    *("bool", "dict", "float", "int", "list", "str"),
)


def build_module(document: Document) -> Module:
    """Return the model of the module that a document describes.

    Raises:
        SpecError: The document cannot become a module.
    """
    return _Builder(document, parse(document)).module()


def build_clients(documents: Sequence[Document], modules: Sequence[Module]) -> Sequence[Client]:
    """Return the clients of the package, each with its modules.

    Raises:
        SpecError: Two documents describe one client differently.
    """
    clients: dict[str, Client] = {}
    describers: dict[str, Document] = {}
    namespace = Namespace((*EXPORTS, "support", "testing"))
    for document, module in zip(documents, modules, strict=True):
        namespace.give(module.name, document.root.location)
        node = document.root["x-client"]
        describer = describers.setdefault(module.client, document)
        if describer is document:
            for name in (module.client, f"Async{module.client}"):
                namespace.give(name, node.location)
            clients[module.client] = Client(module.client, node["base"].text, Text(node["description"].text), ())
        for key in ("x-client", "servers"):
            if document.root[key].plain() != describer.root[key].plain():
                raise document.root[key].refuse(f"differs from {describer.root[key].location} for the same client")
        client = clients[module.client]
        if module.attribute in [sibling.attribute for sibling in client.modules]:
            raise document.root["x-resource"]["attribute"].refuse(f"{module.client} has {module.attribute} already")
        clients[module.client] = evolve(client, modules=(*client.modules, module))
    return list(clients.values())


class _Builder:
    """Builds one module."""

    def __init__(self, document: Document, parsed: Parsed) -> None:
        self._document = document
        self._objects = parsed.objects
        self._resource = document.root["x-resource"]
        page = document.root.find("externalDocs", "url")
        self._page = page.text if page else None
        self._namespace = Namespace(_RESERVED)
        self._drafts = [draft_of(route, parsed.operations[route.name], parsed.objects) for route in document.routes]
        self._answers = self._reached(Object(draft.result.model) for draft in self._drafts if draft.result.model)
        self._bodies = self._reached(draft.body for draft in self._drafts if draft.body)
        self._queries = self._reached(option.shape for draft in self._drafts for option in draft.options)
        for name in (ALL_OPTIONS, BODY_OPTIONS):
            self._namespace.give(name, document.root.location)
        self._annotations = Annotations(self._name_classes())
        self._annotations.name_choices(self._uses(), self._namespace)
        self._shared = common_options(self._drafts)
        with_body = [draft for draft in self._drafts if draft.body]
        self._shared_with_body = [option for option in common_options(with_body) if option not in self._shared]

    def module(self) -> Module:
        """Return the module."""
        root, info = self._document.root, self._document.root["info"]
        models = [self._model(name) for name in self._answers]
        bodies = [self._dictionary(name, "body") for name in self._bodies]
        queries = [self._dictionary(name, "query") for name in self._queries]
        for name, dictionary in zip(self._queries, queries, strict=True):
            if name in self._bodies and dictionary not in bodies:
                raise SpecError(self._objects[name].location, "is used in bodies and in queries and differs there")
        queries = [dictionary for dictionary in queries if dictionary not in bodies]
        if self._shared:
            queries.append(self._options(ALL_OPTIONS, "TypedDict", "every call in this module", self._shared))
        if self._shared_with_body:
            of = "every call in this module that sends a body"
            queries.append(self._options(BODY_OPTIONS, self._base(None) or "TypedDict", of, self._shared_with_body))
        operations = [self._operation(draft, queries) for draft in self._drafts]
        if custom := self._resource.get("custom_methods"):
            operations.append(self._custom_operation(custom))
        refuse_repeated([operation.method for operation in operations], self._resource.location)
        return Module(
            name=self._document.module,
            attribute=self._resource["attribute"].text,
            client=root["x-client"]["name"].text,
            resource=self._resource["class"].text,
            doc=Text(info.text_at("description") or info.text_at("summary") or f"{info['title'].text.rstrip('.')}."),
            page=Text(self._page) if self._page else None,
            aliases=self._annotations.aliases,
            models=models,
            bodies=bodies,
            queries=queries,
            operations=operations,
            support=support_of(self._document, self._drafts, self._objects),
        )

    def _reached(self, shapes: Iterable[Shape]) -> dict[str, None]:
        """Return the names of the objects that shapes lead to, each after those it needs."""
        reached: dict[str, None] = {}
        entered: set[str] = set()

        def visit(shape: Shape) -> None:
            for part in parts(shape):
                if isinstance(part, Object) and part.name not in entered:
                    entered.add(part.name)
                    for entry in self._objects[part.name].properties:
                        visit(entry.shape)
                    reached[part.name] = None

        for shape in shapes:
            visit(shape)
        return reached

    def _name_classes(self) -> Mapping[str, str]:
        """Take the names of all classes, and return those that objects have in bodies and queries."""
        resource = self._resource["class"]
        for name in (resource.text, f"Async{resource.text}"):
            self._namespace.give(name, resource.location)
        for name in self._answers:
            self._namespace.give(name, self._objects[name].location)
        inputs = {name: f"{name}Input" if name in self._answers else name for name in self._bodies | self._queries}
        for name, input_name in inputs.items():
            self._namespace.give(input_name, self._objects[name].location)
        return inputs

    def _uses(self) -> Iterator[Use]:
        """Yield every place of the module that has an annotation."""
        for name in self._answers | self._bodies | self._queries:
            fields = self._objects[name]
            for entry in fields.properties:
                yield Use(entry.shape, name, entry.wire, fields.location.below("properties", entry.wire))
        for draft in self._drafts:
            route = draft.route
            for name, shape in draft.path_parameters.values():
                yield Use(shape, route.name, name, route.node.location)
            for option in draft.options:
                yield Use(option.shape, route.name, option.name, route.node.location)

    def _model(self, name: str) -> Model:
        fields = self._fields(name, "answer", taken=("extra",))
        return Model(
            name, _class_doc(name, self._objects[name]), sorted(fields, key=lambda entry: not entry.is_required)
        )

    def _dictionary(self, name: str, position: Literal["body", "query"]) -> Dictionary:
        fields = self._fields(name, position)
        location = self._objects[name].location
        for entry in fields:
            if position == "query" and entry.is_renamed:
                place = location.below("properties", entry.wire.raw)
                raise SpecError(place, "has another name in Python, which is not supported inside a query option")
        return Dictionary(self._annotations.inputs[name], "TypedDict", _class_doc(name, self._objects[name]), fields)

    def _fields(
        self, name: str, position: Literal["answer", "body", "query"], *, taken: Sequence[str] = ()
    ) -> Sequence[Field]:
        fields = self._objects[name]
        found = [
            Field(
                name=field_name(entry.wire, fields.location.below("properties", entry.wire), taken=taken),
                wire=Text(entry.wire),
                annotation=self._annotations.of(
                    entry.shape, position, optional=position == "answer" and not entry.is_required
                ),
                is_required=entry.is_required,
                doc=entry.doc,
            )
            for entry in fields.properties
        ]
        refuse_repeated([entry.name for entry in found], fields.location)
        return found

    def _options(self, name: str, base: str, of: str, options: Iterable[Option]) -> Dictionary:
        fields = [
            Field(
                name=option.name,
                wire=Text(option.wire),
                annotation=self._annotations.of(option.shape, "query"),
                is_required=option.is_required,
                doc=option.doc,
            )
            for option in options
        ]
        return Dictionary(name, base, Text(f"Query options of {of}."), fields)

    def _operation(self, draft: Draft, queries: list[Dictionary]) -> Operation:
        route, node = draft.route, draft.route.node
        self._namespace.give(route.name, node["operationId"].location)
        self._namespace.give(route.name.upper(), node["operationId"].location)
        summary = node["summary"].text.strip()
        first = f"{summary.rstrip('.')}, fetching pages as they are needed." if draft.result.is_paged else summary
        docs = node["externalDocs"]["url"].text
        below = docs.removeprefix(self._page.rstrip("/")) if self._page else docs
        more = (node.text_at("description") or "", "Deprecated." if is_true(node, "deprecated") else "")
        return Operation(
            constant=route.name.upper(),
            builder=route.name,
            method=node["x-method"].text,
            http=route.method.upper(),
            path=Text(route.path),
            result=draft.result,
            docs=Text(docs),
            docs_below=None if below == docs else Text(below),
            summary=Text(summary),
            details=Text("\n\n".join(filter(None, (first, *more)))),
            path_arguments=[
                (Argument(name, self._annotations.of(shape, "path")), Text(wire))
                for wire, (name, shape) in draft.path_parameters.items()
            ],
            body=self._body_argument(draft),
            body_class=self._annotations.inputs[draft.body.name] if isinstance(draft.body, Object) else None,
            params=self._params(draft, queries),
            query_names=_renamed(draft.options),
            body_names=self._body_names(draft.body, ()) if draft.body else Names(),
        )

    def _body_argument(self, draft: Draft) -> Argument | None:
        if draft.body is None:
            return None
        is_required = is_true(draft.route.node["requestBody"], "required")
        annotation = self._annotations.of(draft.body, "body", optional=not is_required)
        return Argument("body", annotation, default=None if is_required else "None")

    def _params(self, draft: Draft, queries: list[Dictionary]) -> str | None:
        """Return the class of an operation's query options; one that it does not share is added to the others."""
        shared = [*self._shared, *(self._shared_with_body if draft.body else ())]
        own = [option for option in draft.options if option not in shared]
        if not own:
            return self._base(draft.body)
        records = [draft.result.model for draft in self._drafts if draft.result.model]
        noun = records[0] if records else self._resource["class"].text
        name = noun + class_name(draft.route.node["x-method"].text, "params")
        self._namespace.give(name, draft.route.node.location)
        queries.append(self._options(name, self._base(draft.body) or "TypedDict", f"`{draft.route.name}`", own))
        return name

    def _base(self, body: Shape | None) -> str | None:
        """Return the class of the query options that an operation shares with others."""
        if body and self._shared_with_body:
            return BODY_OPTIONS
        return ALL_OPTIONS if self._shared else None

    def _custom_operation(self, path: Node) -> Operation:
        """Return the operation for methods that the spec does not name."""
        self._namespace.give("call_method", path.location)
        self._namespace.give("CALL_METHOD", path.location)
        body = MapOf(Anything())
        summary = Text("Call a custom method that the vendor's pages do not list.")
        return Operation(
            constant="CALL_METHOD",
            builder="call_method",
            method="call",
            http="POST",
            path=Text(path.text),
            result=Result("json"),
            docs=Text(self._page or ""),
            docs_below=Text("") if self._page else None,
            summary=summary,
            details=summary,
            path_arguments=[(Argument("method", "str"), Text("method"))],
            body=Argument("body", self._annotations.of(body, "body", optional=True), default="None"),
            body_class=None,
            params=self._base(body),
            query_names=_renamed([*self._shared, *self._shared_with_body]),
            body_names=Names(),
        )

    def _body_names(self, shape: Shape, trail: tuple[str, ...]) -> Names:
        """Return the wire names of the keys of a body, those of the objects in it included."""
        held = [part for part in parts(shape) if isinstance(part, (Object, MapOf, Anything))]
        found = [self._object_names(part.name, trail) for part in held if isinstance(part, Object)]
        names = next(filter(None, found), Names())
        if names and len(held) > 1:
            owner = next(part.name for part in held if isinstance(part, Object))
            reason = "has keys with other names in Python and is one of several objects, which a body cannot have"
            raise SpecError(self._objects[owner].location, reason)
        return names

    def _object_names(self, name: str, trail: tuple[str, ...]) -> Names:
        fields = self._objects[name]
        entries = self._fields(name, "body")
        renamed = [(entry.name, entry.wire) for entry in entries if entry.is_renamed]
        if name in trail:
            if any(entry.is_renamed for looped in trail[trail.index(name) :] for entry in self._fields(looped, "body")):
                raise SpecError(
                    fields.location,
                    "holds itself and has keys with other names in Python, which is not supported in a body",
                )
            return Names()
        below = [self._body_names(entry.shape, (*trail, name)) for entry in fields.properties]
        nested = [(entry.name, names) for entry, names in zip(entries, below, strict=True) if names]
        return Names(renamed, nested)


def _renamed(options: Iterable[Option]) -> Sequence[tuple[str, Text]]:
    return [(option.name, Text(option.wire)) for option in options if option.name != option.wire]


def _class_doc(name: str, fields: Fields) -> Text:
    return fields.doc or Text(f"What the spec calls {name}.")
