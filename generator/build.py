"""Makes the model of each module from its document and from what the parser made of it."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, Literal

from attrs import evolve

from .annotations import Annotations, Use
from .documents import Document, Route
from .drafts import Draft, Option, common_options
from .model import (
    Argument,
    Client,
    Content,
    Dictionary,
    Field,
    Model,
    Module,
    Names,
    Operation,
    Result,
    Written,
)
from .names import EXPORTS, RESERVED, Namespace, class_name, distinct, field_name, refuse_repeated
from .nodes import Node, SpecError
from .plan import Plan, Reach, uses_of
from .sections import Section, method_names
from .shapes import Anything, Choice, Fields, MapOf, Object, OneOf, Shape, parts
from .support import support_of
from .text import Text
from .vocabulary import is_true

ALL_OPTIONS: Final = "CallParams"
"""Class of the query options that all operations of a module have."""

BODY_OPTIONS: Final = "WriteParams"
"""Class of those that, besides, all operations with a body have."""


def build_modules(document: Document) -> Sequence[Module]:
    """Return the models of the modules that a document describes.

    Raises:
        SpecError: The document cannot become modules.
    """
    return modules_of(Plan(document), document.root["x-client"]["name"].text)


def modules_of(plan: Plan, client: str) -> Sequence[Module]:
    """Return the models of planned modules for a client; what several of them share comes first, as a module."""
    if plan.shared.is_empty:
        return [_Builder(plan, client, section, plan.reach(section)).module() for section in plan.sections]
    common = Section("models", "", "", Text("Models that several modules use."), None, ())
    shared = _Builder(plan, client, common, plan.shared)
    shared.name_what_sections_share()
    sections = [
        _Builder(plan, client, section, plan.reach(section).without(plan.shared), shared) for section in plan.sections
    ]
    return [builder.module() for builder in (shared, *sections)]


def build_clients(documents: Sequence[Document], modules: Sequence[Module]) -> Sequence[Client]:
    """Return the clients of the package of this project, each with its modules.

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

    def __init__(self, plan: Plan, client: str, section: Section, own: Reach, common: _Builder | None = None) -> None:
        """Take what the module has to itself, and the builder of the module with what others have as well."""
        self._plan = plan
        self._client = client
        self._section = section
        self._is_strict = plan.document.is_strict
        self._objects = plan.objects
        self._own = own
        self._shared_names = common.names if common else ()
        classes = () if self._is_strict else (*plan.objects, *plan.inputs.values())
        self._namespace = Namespace((*RESERVED, *self._shared_names, *classes), is_strict=self._is_strict)
        self._drafts = plan.drafts(section)
        location = plan.document.root.location
        for name in (ALL_OPTIONS, BODY_OPTIONS):
            self._namespace.give(name, location)
        self._resource = self._name_classes()
        self.annotations: Annotations = Annotations(
            plan.inputs, self._namespace, location, common.annotations if common else None
        )
        self.annotations.name_choices(self._uses())
        self._shared = common_options(self._drafts)
        with_body = [draft for draft in self._drafts if draft.body]
        self._shared_with_body = [option for option in common_options(with_body) if option not in self._shared]

    def module(self) -> Module:
        """Return the module."""
        section, document = self._section, self._plan.document
        models = [self._model(name) for name in self._own.answers]
        bodies = [self._dictionary(name, "body") for name in self._own.bodies]
        queries = [self._dictionary(name, "query") for name in self._own.queries]
        for name, dictionary in zip(self._own.queries, queries, strict=True):
            if self._is_strict and name in self._own.bodies and dictionary not in bodies:
                raise SpecError(self._objects[name].location, "is used in bodies and in queries and differs there")
        queries = [
            dictionary
            for name, dictionary in zip(self._own.queries, queries, strict=True)
            if name not in self._own.bodies
        ]
        if self._shared:
            queries.append(self._options(ALL_OPTIONS, "TypedDict", "every call in this module", self._shared))
        if self._shared_with_body:
            of = "every call in this module that sends a body"
            queries.append(self._options(BODY_OPTIONS, self._base(None) or "TypedDict", of, self._shared_with_body))
        names = [self._namespace.give(draft.route.name, draft.route.node.location) for draft in self._drafts]
        methods = [self._method(draft) for draft in self._drafts] if self._is_strict else method_names(section, names)
        operations = [
            self._operation(draft, name, method, queries)
            for draft, name, method in zip(self._drafts, names, methods, strict=True)
        ]
        root = document.root
        if self._is_strict:
            if custom := root["x-resource"].get("custom_methods"):
                operations.append(self._custom_operation(custom))
            refuse_repeated([operation.method for operation in operations], root["x-resource"].location)
        return Module(
            name=section.module,
            attribute=section.attribute,
            client=self._client,
            resource=self._resource,
            doc=section.doc,
            page=Text(section.page) if section.page else None,
            source=Text(f"specs/{document.module}.yaml" if self._is_strict else Path(root.location.file).name),
            shared=self._shared_names,
            aliases=self.annotations.aliases,
            unions=self.annotations.unions,
            models=models,
            bodies=bodies,
            queries=queries,
            operations=operations,
            support=support_of(document, self._drafts, self._objects) if self._is_strict else (),
        )

    def name_what_sections_share(self) -> None:
        """Name the enumerations and unions that several sections use, so that there is one of each."""
        users: dict[Shape, set[str]] = {}
        uses: dict[Shape, Use] = {}
        for section in self._plan.sections:
            for use in self._plan.uses(section):
                for part in parts(use.shape):
                    if (isinstance(part, Choice) and part.name) or (isinstance(part, OneOf) and part.tag):
                        users.setdefault(part, set()).add(section.module)
                        uses.setdefault(part, evolve(use, shape=part))
        common = [shape for shape, modules in users.items() if len(modules) > 1]
        self.annotations.name_choices([uses[shape] for shape in common if isinstance(shape, Choice)])
        for shape in common:
            objects = {part.name for part in parts(shape) if isinstance(part, Object)}
            if isinstance(shape, OneOf) and objects <= self._own.answers.keys():
                self.annotations.of(shape, "answer")

    @property
    def names(self) -> Sequence[str]:
        """What other modules import from this one."""
        aliases = [*self.annotations.aliases, *self.annotations.unions]
        inputs = [self._plan.inputs[name] for name in self._own.bodies | self._own.queries]
        return [*(alias.name for alias in aliases), *self._own.answers, *inputs]

    def _method(self, draft: Draft) -> str:
        return draft.route.node["x-method"].text

    def _name_classes(self) -> str:
        """Take the names of all classes, and return that of the class of the operations."""
        location = self._plan.document.root.location
        if self._is_strict:
            location = self._plan.document.root["x-resource"]["class"].location
        resource = self._section.resource
        if self._is_strict:
            for name in (resource, f"Async{resource}"):
                self._namespace.give(name, location)
            for name in self._own.answers:
                self._namespace.give(name, self._objects[name].location)
            for name in self._own.bodies | self._own.queries:
                self._namespace.give(self._plan.inputs[name], self._objects[name].location)
            return resource
        if not self._section.routes:
            return ""
        while resource in self._namespace or f"Async{resource}" in self._namespace:
            resource += "Resource"
        self._namespace.give(f"Async{resource}", location)
        return self._namespace.give(resource, location)

    def _uses(self) -> Iterator[Use]:
        """Yield every place of the module that has an annotation."""
        for name in self._own.answers | self._own.bodies | self._own.queries:
            yield from self._plan.uses_in(name)
        for draft in self._drafts:
            yield from uses_of(draft)

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
        is_functional = any(not entry.name.isidentifier() or keyword.iskeyword(entry.name) for entry in fields)
        doc = _class_doc(name, self._objects[name])
        return Dictionary(self.annotations.inputs[name], "TypedDict", doc, fields, is_functional)

    def _fields(
        self, name: str, position: Literal["answer", "body", "query"], *, taken: Sequence[str] = ()
    ) -> Sequence[Field]:
        location = self._objects[name].location
        entries = self._plan.fields(name, position)
        if self._is_strict:
            names = [field_name(e.wire, location.below("properties", e.wire), taken=taken) for e in entries]
            refuse_repeated(names, location)
        elif position == "answer":
            names = distinct(field_name(entry.wire, location, taken=taken, default="field") for entry in entries)
        else:
            # What is sent has the names of the service: no key has to be renamed, however its object is used.
            names = [entry.wire for entry in entries]
        return [
            Field(
                name=python_name,
                wire=Text(entry.wire),
                annotation=self.annotations.of(
                    entry.shape, position, optional=position == "answer" and not entry.is_required
                ),
                is_required=entry.is_required,
                doc=entry.doc,
            )
            for python_name, entry in zip(names, entries, strict=True)
        ]

    def _options(self, name: str, base: str, of: str, options: Iterable[Option]) -> Dictionary:
        fields = [
            Field(
                name=option.name,
                wire=Text(option.wire),
                annotation=self.annotations.of(option.shape, "query"),
                is_required=option.is_required,
                doc=option.doc,
            )
            for option in options
        ]
        return Dictionary(name, base, Text(f"Query options of {of}."), fields)

    def _operation(self, draft: Draft, name: str, method: str, queries: list[Dictionary]) -> Operation:
        route, node = draft.route, draft.route.node
        summary = _summary(route)
        first = f"{summary.rstrip('.')}, fetching pages as they are needed." if draft.result.is_paged else summary
        page = self._section.page
        own_page = node.find("externalDocs", "url")
        docs = own_page.text if own_page else ""
        below = docs.removeprefix(page.rstrip("/")) if page else docs
        told = node.text_at("description") or ""
        more = ("" if told.strip() == summary else told, "Deprecated." if is_true(node, "deprecated") else "")
        constant = self._namespace.give(name.upper(), node.location)
        return Operation(
            constant=constant,
            builder=name,
            method=method,
            http=route.method.upper(),
            path=Text(route.path),
            result=self._annotated(draft.result),
            docs=Text(docs),
            docs_below=None if below == docs else Text(below),
            summary=Text(summary),
            details=Text("\n\n".join(filter(None, (first, *more)))),
            path_arguments=[
                (Argument(name, self.annotations.of(shape, "path")), Text(wire))
                for wire, (name, shape) in draft.path_parameters.items()
            ],
            body=self._body_argument(draft),
            body_class=self.annotations.inputs[draft.body.name] if isinstance(draft.body, Object) else None,
            params=self._params(draft, queries),
            query_names=_renamed(draft.options, draft.written),
            body_names=self._body_names(draft.body, ()) if draft.body and self._is_strict else Names(),
            written=draft.written,
            content=_content(draft),
            security=draft.security,
        )

    def _annotated(self, result: Result) -> Result:
        """Return a result with the annotations of what it holds."""
        if result.cases:
            return evolve(result, cases=[(status, self._annotated(case)) for status, case in result.cases])
        return evolve(result, annotation=self.annotations.of(result.shape, "answer")) if result.shape else result

    def _body_argument(self, draft: Draft) -> Argument | None:
        if draft.body is None:
            return None
        is_required = is_true(draft.route.node["requestBody"], "required")
        annotation = self.annotations.of(draft.body, "body", optional=not is_required)
        return Argument("body", annotation, default=None if is_required else "None")

    def _params(self, draft: Draft, queries: list[Dictionary]) -> str | None:
        """Return the class of an operation's query options; one that it does not share is added to the others."""
        shared = [*self._shared, *(self._shared_with_body if draft.body else ())]
        own = [option for option in draft.options if option not in shared]
        if not own:
            return self._base(draft.body)
        records = [draft.result.model for draft in self._drafts if draft.result.model]
        noun = records[0] if records else self._resource
        wanted = (
            noun + class_name(draft.route.node["x-method"].text, "params")
            if self._is_strict
            else class_name(draft.route.name, "params")
        )
        name = self._namespace.give(wanted, draft.route.node.location)
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
            docs=Text(self._section.page or ""),
            docs_below=Text("") if self._section.page else None,
            summary=summary,
            details=summary,
            path_arguments=[(Argument("method", "str"), Text("method"))],
            body=Argument("body", self.annotations.of(body, "body", optional=True), default="None"),
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


def _renamed(options: Iterable[Option], written: Iterable[Written] = ()) -> Sequence[tuple[str, Text]]:
    apart = {entry.key for entry in written}
    return [(o.name, Text(o.wire)) for o in options if o.name != o.wire and o.name not in apart]


def _content(draft: Draft) -> Content | None:
    """Return in which form a body goes out, unless it is JSON of the usual media type."""
    media = draft.media
    if media is None or (media.kind == "json" and media.type in ("application/json", "*/*")):
        return None
    encodings = [(wire, node) for wire, node in media.encoding.items()]
    types = [(Text(wire), Text(node["contentType"].text)) for wire, node in encodings if "contentType" in node.fields]
    written = [
        Written(
            wire,
            "query",
            Text(wire),
            style,
            explode.value is True if (explode := node.get("explode")) else style == "form",
            is_true(node, "allowReserved"),
        )
        for wire, node in encodings
        if (style := node.text_at("style") or "form") and node.fields.keys() & {"style", "explode", "allowReserved"}
    ]
    is_form = media.kind == "form"
    return Content(media.kind, Text(media.type), () if is_form else types, written if is_form else ())


def _summary(route: Route) -> str:
    """Return what an operation does, in a line."""
    node = route.node
    said = (
        node.text_at("summary")
        or _first_sentence(node.text_at("description"))
        or f"{route.method.upper()} {route.path}"
    )
    said = said.strip()
    return said if said.endswith((".", "!", "?")) else f"{said}."


def _first_sentence(text: str | None) -> str:
    first = (text or "").strip().partition("\n\n")[0].partition(". ")[0].strip()
    return f"{first.rstrip('.')}." if first and len(first) < 100 else ""


def _class_doc(name: str, fields: Fields) -> Text:
    return fields.doc or Text(
        f"What the spec calls {name}." if fields.is_own else "An object that has no name in the spec."
    )
