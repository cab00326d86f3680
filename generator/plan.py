"""What the modules of a document will hold: its operations by module, and the objects that each leads to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from attrs import evolve, frozen

from .annotations import Position, Use
from .documents import Document, Route
from .drafts import Draft, any_draft_of, draft_of
from .model import Service
from .names import EXPORTS, RESERVED, unused
from .nodes import SpecError
from .parser import Parsed, parse
from .sections import Section, sections_of
from .security import alternatives, check_server
from .shapes import Object, Property, Shape, parts
from .text import Text


@frozen
class Reach:
    """The objects that operations lead to, each after those it needs."""

    answers: dict[str, None]
    bodies: dict[str, None]
    queries: dict[str, None]

    @property
    def inputs(self) -> dict[str, None]:
        """What callers write."""
        return self.bodies | self.queries

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing."""
        return not (self.answers or self.bodies or self.queries)

    def without(self, other: Reach) -> Reach:
        """Return what is not in another one; a class for what is written serves bodies and queries."""
        return Reach(
            {name: None for name in self.answers if name not in other.answers},
            {name: None for name in self.bodies if name not in other.inputs},
            {name: None for name in self.queries if name not in other.inputs},
        )


class Plan:
    """What the modules of one document hold, and what they share."""

    def __init__(self, document: Document, service: Service | None = None) -> None:
        """Take a document, and what it says of its service unless that is written by hand."""
        self.document = document
        self.service = service
        parsed = parse(document)
        self.objects = parsed.objects
        self.faults: dict[str, SpecError] = {**parsed.faults}
        """Why an operation is left out, by its name; only documents that are not strict leave any out."""
        self._drafts: dict[str, Draft] = {}
        for route in document.routes:
            if route.name not in self.faults:
                self._draft(route, parsed)
        sections = [
            evolve(section, routes=[route for route in section.routes if route.name in self._drafts])
            for section in sections_of(document)
        ]
        self.sections = [section for section in sections if section.routes]
        reached = [self._reached_by(section) for section in self.sections]
        self.answers = dict.fromkeys(name for reach in reached for name in reach.answers)
        inputs = dict.fromkeys(name for reach in reached for name in reach.inputs)
        self.inputs = {name: f"{name}Input" if name in self.answers else name for name in inputs}
        if not document.is_strict:
            taken = [*RESERVED, *EXPORTS, *self.objects]
            for name, input_name in self.inputs.items():
                if input_name != name:
                    self.inputs[name] = unused(input_name, taken)
                    taken.append(self.inputs[name])
        self._reached = dict(zip((section.module for section in self.sections), reached, strict=True))
        counts = Counter(name for reach in reached for name in reach.answers)
        self.shared = Reach(
            {name: None for name in self.answers if counts[name] > 1},
            {name: None for name in inputs if sum(name in reach.bodies for reach in reached) > 1},
            {name: None for name in inputs if sum(name in reach.queries for reach in reached) > 1},
        )

    def drafts(self, section: Section) -> Sequence[Draft]:
        """Return the operations of a section."""
        return [self._drafts[route.name] for route in section.routes]

    def reach(self, section: Section) -> Reach:
        """Return the objects that the operations of a section lead to."""
        return self._reached[section.module]

    def uses(self, section: Section) -> Iterator[Use]:
        """Yield every place that has an annotation in what the operations of a section lead to."""
        for name in self.reach(section).answers | self.reach(section).inputs:
            yield from self.uses_in(name)
        for draft in self.drafts(section):
            yield from uses_of(draft)

    def uses_in(self, name: str) -> Iterator[Use]:
        """Yield the fields of an object."""
        fields = self.objects[name]
        for entry in fields.properties:
            yield Use(entry.shape, name, entry.wire, fields.location.below("properties", entry.wire))

    def fields(self, name: str, position: Position) -> Sequence[Property]:
        """Return the fields that an object has in a position."""
        entries = self.objects[name].properties
        if position == "answer":
            return [entry for entry in entries if not entry.is_write_only]
        return [entry for entry in entries if not entry.is_read_only]

    def _draft(self, route: Route, parsed: Parsed) -> None:
        make = draft_of if self.document.is_strict else any_draft_of
        try:
            draft = make(route, parsed.operations[route.name], self.objects)
            if not self.document.is_strict:
                check_server(route, self.document)
                draft = evolve(draft, security=self._security(route))
        except SpecError as error:
            if self.document.is_strict:
                raise
            self.faults[route.name] = error
        else:
            self._drafts[route.name] = draft

    def _security(self, route: Route) -> Sequence[Sequence[Text]] | None:
        """Return how callers sign in for one operation, unless that is as for the others."""
        said = route.node.get("security")
        if said is None or self.service is None:
            return None
        needed = alternatives(said, self.service.schemes)
        return None if needed == self.service.security else needed

    def _reached_by(self, section: Section) -> Reach:
        drafts = self.drafts(section)
        results = [result for draft in drafts for result in draft.result.results]
        shapes = [Object(result.model) if result.model else result.shape for result in results]
        return Reach(
            self._objects_in((shape for shape in shapes if shape), "answer"),
            self._objects_in((draft.body for draft in drafts if draft.body), "body"),
            self._objects_in((option.shape for draft in drafts for option in draft.options), "query"),
        )

    def _objects_in(self, shapes: Iterable[Shape], position: Position) -> dict[str, None]:
        """Return the names of the objects that shapes lead to, each after those it needs."""
        reached: dict[str, None] = {}
        entered: set[str] = set()

        def visit(shape: Shape) -> None:
            for part in parts(shape):
                if isinstance(part, Object) and part.name not in entered:
                    entered.add(part.name)
                    for entry in self.fields(part.name, position):
                        visit(entry.shape)
                    reached[part.name] = None

        for shape in shapes:
            visit(shape)
        return reached


def uses_of(draft: Draft) -> Iterator[Use]:
    """Yield the parameters of an operation, and what it gives where that has no class."""
    route = draft.route
    for name, shape in draft.path_parameters.values():
        yield Use(shape, route.name, name, route.node.location)
    for option in draft.options:
        yield Use(option.shape, route.name, option.name, route.node.location)
    for result in draft.result.results:
        if result.shape:
            yield Use(result.shape, route.name, "answer", route.node.location)
