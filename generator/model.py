"""What the templates print: modules and clients, with every name and annotation settled.

A `str` here is code, made of checked names; what a spec says in its own words is a `Text`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from attrs import field, frozen

from .text import Text

ResultKind: TypeAlias = Literal["cursor", "number", "wrapped", "one", "json", "nothing"]


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
    """Names under which the records of a page may stand."""

    @property
    def is_paged(self) -> bool:
        """Whether the answer is one page of a listing."""
        return self.kind in ("cursor", "number")

    @property
    def value(self) -> str:
        """Annotation of the value of one answer."""
        return {"json": "JSON", "nothing": "None"}.get(self.kind) or (
            f"Page[{self.model}]" if self.is_paged else self.model
        )


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
    aliases: Sequence[Alias]
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

    @property
    def about(self) -> Text:
        """Text about the module: what it is for, and the vendor's page."""
        return Text("\n\n".join([self.doc.raw, *([self.page.raw] if self.page else [])]))

    @property
    def about_resource(self) -> Text:
        """Text about the class of its operations."""
        return Text(f"{self.doc.raw.rstrip('.')}: `{self.client}.{self.attribute}`.")

    @property
    def about_async_resource(self) -> Text:
        """Text about the class of its operations for asyncio."""
        return Text(f"{self.doc.raw.rstrip('.')}: `Async{self.client}.{self.attribute}`.")


@frozen
class Client:
    """The client of one service."""

    name: str
    base: str
    """Name of the hand-written classes, without `Sync` and `Async`."""
    doc: Text
    modules: Sequence[Module]

    @property
    def has_support(self) -> bool:
        """Whether a page names integrations."""
        return any(fact.names for module in self.modules for operation in module.support for fact in operation.facts)

    @property
    def service(self) -> str:
        """Name of the service in the names of what is written by hand for it, such as `TrutoClient` and `TrutoFake`."""
        return self.base.removesuffix("Client")


@frozen
class Package:
    """The whole package."""

    modules: Sequence[Module]
    clients: Sequence[Client]

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
            if operation.result.is_paged and not operation.path_arguments
        ]
        return listings[0] if listings else None
