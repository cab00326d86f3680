"""What the templates print: modules and clients, with every name and annotation settled.

A `str` here is code, made of checked names; what a spec says in its own words is a `Text`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

from attrs import field, frozen

from .media import MediaKind
from .shapes import Shape
from .text import Text

ResultKind: TypeAlias = Literal[
    "cursor",
    "nested cursor",
    "number",
    "offset",
    "link",
    "url",
    "wrapped",
    "one",
    "typed",
    "json",
    "text",
    "binary",
    "nothing",
    "by status",
]
PAGED: Final = ("cursor", "nested cursor", "number", "offset", "link", "url")


@frozen
class Alias:
    """A literal type with a name."""

    name: str
    annotation: str


@frozen
class Field:
    """A field of a model or a typed dictionary."""

    name: str
    wire: Text
    annotation: str
    is_required: bool
    doc: Text

    @property
    def declared(self) -> str:
        """The annotation in a typed dictionary."""
        return f"Required[{self.annotation}]" if self.is_required else self.annotation

    @property
    def is_renamed(self) -> bool:
        """Whether the spec knows it by another name."""
        return self.name != self.wire.raw


@frozen
class Model:
    """A class for answers."""

    name: str
    doc: Text
    fields: Sequence[Field]
    """Required ones first."""

    @property
    def renamed(self) -> Sequence[Field]:
        """The fields that the spec knows by another name."""
        return [entry for entry in self.fields if entry.is_renamed]


@frozen
class Dictionary:
    """A typed dictionary for bodies or query options."""

    name: str
    base: str
    doc: Text
    fields: Sequence[Field]
    is_functional: bool = False
    """Whether a key is no name that a class can have."""


@frozen
class Names:
    """Wire names of the keys of a body, where they differ."""

    renamed: Sequence[tuple[str, Text]] = ()
    nested: Sequence[tuple[str, Names]] = ()

    def __bool__(self) -> bool:
        return bool(self.renamed or self.nested)


@frozen
class Argument:
    """A parameter of a builder."""

    name: str
    annotation: str
    default: str | None = None

    @property
    def declaration(self) -> str:
        """The parameter as it stands in the signature."""
        return f"{self.name}: {self.annotation}" + (f" = {self.default}" if self.default else "")


@frozen
class Result:
    """What a successful answer holds, and how it is read."""

    kind: ResultKind
    model: str = ""
    """Name of the answer class."""
    texts: dict[str, Text] = field(factory=dict[str, Text])
    """Names in the answer and the query that the kind needs."""
    items: Sequence[Text] = ()
    """Names under which the records of a page may stand, or the way to them."""
    next: Sequence[Text] = ()
    """The way to what leads to the next page."""
    size: int | None = None
    """Records of a page where the request does not say; 0 where the document does not say either."""
    largest: int | None = None
    """Records that a page may have."""
    shape: Shape | None = None
    """What the answer holds, for kinds without a class."""
    annotation: str = ""
    """The same as an annotation."""
    cases: Sequence[tuple[str, Result]] = ()
    """Results by status."""
    is_found: bool = False
    """Whether it comes from a document that is not one of this project."""

    @property
    def is_paged(self) -> bool:
        """Whether the answer is one page of a listing."""
        return self.kind in PAGED

    @property
    def value(self) -> str:
        """Annotation of the value of one answer."""
        match self.kind:
            case "typed":
                return self.annotation
            case "by status":
                values = dict.fromkeys(result.value for _, result in self.cases)
                last = ["None"] if values.pop("None", "") is None else []
                # JSON may be null already, and a text; a class and bytes are no JSON.
                if "JSON" in values:
                    last = []
                    values.pop("str", None)
                return " | ".join([*values, *last])
            case _:
                known = {"json": "JSON", "nothing": "None", "text": "str", "binary": "bytes"}
                return known.get(self.kind) or (f"Page[{self.model}]" if self.is_paged else self.model)

    @property
    def results(self) -> Sequence[Result]:
        """The result, or those by status."""
        return [result for _, result in self.cases] or [self]


@frozen
class Written:
    """How a parameter goes onto the wire."""

    key: str
    """Its Python name, or its name in the path."""
    place: str
    wire: Text
    style: str
    is_exploded: bool
    allow_reserved: bool


@frozen
class Content:
    """In which form a body goes out."""

    kind: MediaKind
    type: Text
    types: Sequence[tuple[Text, Text]] = ()
    """Media types of single parts, by name."""
    written: Sequence[Written] = ()
    """Fields of a form that are written in another way than the usual one."""


@frozen
class Scheme:
    """One way to sign in."""

    name: str
    """Name of the client's argument."""
    wire: Text
    """Name in the document."""
    kind: Literal["key", "bearer", "basic"]
    place: str
    key: Text
    """Name of the header, option or cookie that carries a key."""
    environment: str
    """Environment variable that is read where the argument is not given."""
    doc: Text


@frozen
class Operation:
    """One operation: its constant, its builder and its methods."""

    constant: str
    builder: str
    method: str
    """Name on the resource class."""
    http: str
    path: Text
    result: Result
    docs: Text
    """The vendor's page."""
    docs_below: Text | None
    """The same from where the module's page ends, if it is below that."""
    summary: Text
    details: Text
    """What a method says of itself: summary and description."""
    path_arguments: Sequence[tuple[Argument, Text]]
    """With their names in the path."""
    body: Argument | None
    body_class: str | None
    """Class of the body, if it has one."""
    params: str | None
    """Class of the query options."""
    query_names: Sequence[tuple[str, Text]]
    body_names: Names
    written: Sequence[Written] = ()
    content: Content | None = None
    """In which form the body goes out, unless it is JSON."""
    security: Sequence[Sequence[Text]] | None = None
    """Schemes that are needed together, by alternatives; `None` for those of the client."""

    @property
    def path_integers(self) -> Sequence[Text]:
        """Names in the path of the arguments that are whole numbers."""
        return [wire for argument, wire in self.path_arguments if argument.annotation == "int"]

    @property
    def signature(self) -> str:
        """Parameters of the builder."""
        arguments = [argument.declaration for argument, _ in self.path_arguments]
        if self.body:
            arguments.append(self.body.declaration)
        if self.params:
            arguments.append(f"**params: Unpack[{self.params}]")
        return ", ".join(arguments)

    @property
    def forwarded(self) -> str:
        """Arguments with which a method calls the builder."""
        names = [argument.name for argument, _ in self.path_arguments]
        return ", ".join([*names, *(["body"] if self.body else []), *(["**params"] if self.params else [])])


@frozen
class Fact:
    """What one page says about integrations, beside one field of an operation or about the operation itself."""

    place: str
    """`operation`, `query`, `body` or `answer`."""
    field: Text
    """Name of the field; empty for the operation itself and for a field whose name the page's text lost."""
    page: Text
    generation: Text
    supported: Sequence[Text] | None
    required: Sequence[Text] | None
    count: tuple[int, int] | None
    """How many support it, how many of them require it."""
    values: Sequence[tuple[Text, Sequence[Text]]]
    max_items: Sequence[tuple[Text, int]]
    integrations: Sequence[Text] | None
    partial: Sequence[Text]
    without: Sequence[Text]
    is_complete: bool
    position: Text

    @property
    def lists(self) -> Sequence[tuple[str, Sequence[Text]]]:
        """The lists of integrations that the page prints, by what they are called here."""
        printed = (("supported", self.supported), ("required", self.required), ("integrations", self.integrations))
        return [
            *((name, names) for name, names in printed if names is not None),
            *((name, names) for name, names in (("partial", self.partial), ("without", self.without)) if names),
        ]

    @property
    def names(self) -> set[str]:
        """Every integration that it names."""
        return {
            *(name.raw for _, names in self.lists for name in names),
            *(name.raw for name, _ in self.values),
            *(name.raw for name, _ in self.max_items),
        }


@frozen
class OperationSupport:
    """What the pages say about integrations and one operation."""

    builder: str
    """Name of the function that builds its request."""
    query: Sequence[Text]
    """Names of what callers may send or get in each place, as the pages have them."""
    body: Sequence[Text]
    answer: Sequence[Text]
    facts: Sequence[Fact]

    @property
    def constant(self) -> str:
        """Name of the operation's constant."""
        return self.builder.upper()


@frozen
class Module:
    """One module of the package: what one spec describes."""

    name: str
    attribute: str
    """Name on the client."""
    client: str
    """Name of the client's class."""
    resource: str
    """Name of the class of its operations."""
    doc: Text
    page: Text | None
    """The vendor's page."""
    source: Text
    """Where the document is, for the mark."""
    shared: Sequence[str]
    """Names that it takes from the module `models`."""
    aliases: Sequence[Alias]
    unions: Sequence[Alias]
    """Unions whose members a tag tells apart."""
    models: Sequence[Model]
    bodies: Sequence[Dictionary]
    queries: Sequence[Dictionary]
    operations: Sequence[Operation]
    support: Sequence[OperationSupport]
    """What the pages say about integrations; empty where they say nothing."""

    @property
    def has_pages_below(self) -> bool:
        """Whether a page of an operation is below the module's page."""
        return any(operation.docs_below is not None for operation in self.operations)

    def requires(self, operation: Operation) -> bool:
        """Whether a call of an operation needs one of its options."""
        options = [entry for entry in self.queries if entry.name == operation.params]
        return any(entry.is_required for dictionary in options for entry in dictionary.fields)

    def inside(self, annotation: str) -> str:
        """Return an annotation for the class of the operations, where a method may hide the type `list`."""
        hides_list = any(operation.method == "list" for operation in self.operations)
        return re.sub(r"\blist\[", "builtins.list[", annotation) if hides_list else annotation

    @property
    def about(self) -> Text:
        """Text about the module: what it is for, and the vendor's page."""
        return Text("\n\n".join([self.doc.raw, *([self.page.raw] if self.page else [])]))

    @property
    def about_resource(self) -> Text:
        """Text about the class of its operations."""
        return self._about(self.client)

    @property
    def about_async_resource(self) -> Text:
        """Text about the class of its operations for asyncio."""
        return self._about(f"Async{self.client}")

    def _about(self, client: str) -> Text:
        doc = self.doc.raw.strip()
        is_short = "\n" not in doc and len(doc) < 100
        where = f"`{client}.{self.attribute}`."
        return Text(f"{doc.rstrip('.')}: {where}" if is_short else f"{doc}\n\n{where}")


@frozen
class Service:
    """Where a service is, and how it knows its callers."""

    title: Text
    address: Text
    """Where the paths begin; empty where the document does not say."""
    environment: str
    """Beginning of the names of environment variables."""
    others: Sequence[tuple[Text, Text]]
    """Further addresses with what is said of them."""
    schemes: Sequence[Scheme]
    security: Sequence[Sequence[Text]]
    """Schemes that are needed together, by alternatives."""


@frozen
class Client:
    """The client of one service."""

    name: str
    base: str
    """Name of the hand-written classes, without `Sync` and `Async`."""
    doc: Text
    modules: Sequence[Module]
    service: Service | None = None
    """What the document says of the service; `None` for one that is written by hand."""

    @property
    def has_support(self) -> bool:
        """Whether a page names integrations."""
        return any(fact.names for module in self.modules for operation in module.support for fact in operation.facts)

    @property
    def fake(self) -> str:
        """Name of the service in the names of what is written by hand for it, such as `TrutoClient` and `TrutoFake`."""
        return self.base.removesuffix("Client")


@frozen
class Package:
    """The whole package."""

    modules: Sequence[Module]
    clients: Sequence[Client]
    source: Text
    """Where the document is, for the mark."""

    @property
    def categories(self) -> Sequence[Module]:
        """The modules that hold operations."""
        return [module for module in self.modules if module.operations]

    @property
    def is_written_by_hand(self) -> bool:
        """Whether there is more to the services than documents say: test doubles, and what integrations support."""
        return all(client.service is None for client in self.clients)

    @property
    def integrations(self) -> Sequence[Text]:
        """Every integration that a page names, in each of its spellings."""
        facts = [fact for module in self.modules for operation in module.support for fact in operation.facts]
        names = {name for fact in facts for name in fact.names}
        return [Text(name) for name in sorted(names, key=lambda name: (name.casefold(), name))]

    @property
    def example(self) -> tuple[Client, Module, Operation] | None:
        """A listing that needs no argument, of the client with the most modules: an example for the reader."""
        listings = [
            (client, module, operation)
            for client in sorted(self.clients, key=lambda client: -len(client.modules))
            for module in client.modules
            for operation in module.operations
            if operation.result.is_paged and not operation.path_arguments and not module.requires(operation)
        ]
        return listings[0] if listings else None
