"""Compares one section of a page with the fields that the spec has in that place."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from attrs import frozen

from generator.nodes import Node, printable

from .contracts import ANY, Contract, Fields, Operation, mark_of
from .differences import Cause, Difference, Kind, Level, counted, mark_changes
from .forms import MAP, Mark, Page, Place, Row, digest
from .settle import Seen, Settled, settle
from .values import split_values


def compare_section(
    page: Page, place: Place, operation: Operation, name: str, recorded: Mapping[str, frozenset[str]]
) -> Iterator[Difference]:
    """Yield what differs between a section of a page and the spec.

    Args:
        page: The page.
        place: Which section.
        operation: The operation that the page is about.
        name: The page, as facts about integrations call it.
        recorded: Digests of the descriptions of this section, by path of the field.
    """
    known = operation.fields[place]
    rows = page.rows.get(place, ())
    settled = settle(rows, known, recorded)
    view = _View(page, place, operation, name, recorded, rows[0].line if rows else page.line)
    if page.layout.shows("names"):
        yield from view.fields(settled.fields, known, (), _root(operation, place))
        return
    if place == "path":
        return
    if place == "body" and page.sample is not None:
        yield from view.sample(page.sample, known)
    if not recorded and settled.loose:
        text = "no wording of this section is recorded, and so its fields cannot be told apart"
        yield Difference("wording", "wording", place, view.line, operation.route.node.location, text)
        return
    yield from view.nameless(settled, known)


def _root(operation: Operation, place: Place) -> Node | None:
    """Return what holds the fields of a place: an object of the spec, or the operation for parameters."""
    if place in ("path", "query"):
        return operation.route.node
    shape = operation.body if place == "body" else operation.answer
    if shape is None or not operation.fields[place]:
        return None
    holders = [contract.required_in for contract in operation.fields[place].values()]
    return holders[0]


@frozen
class _View:
    """One section of a page, as it is compared."""

    page: Page
    place: Place
    operation: Operation
    name: str
    recorded: Mapping[str, frozenset[str]]
    line: int

    @property
    def is_answer(self) -> bool:
        """Whether users get what stands here, and do not give it."""
        return self.place == "answer"

    def fields(
        self, seen: Mapping[str, Seen], known: Fields, path: tuple[str, ...], holder: Node | None
    ) -> Iterator[Difference]:
        """Compare the fields of one object."""
        for name, each in seen.items():
            below = (*path, name)
            if contract := known.get(name):
                yield from self.field(each, contract, below)
                if self.page.layout.shows("nested fields"):
                    objects = contract.shape.objects
                    yield from self.fields(each.fields, contract.shape.fields, below, objects[0] if objects else None)
            else:
                yield self.new(each, below, holder)
        for name, contract in known.items():
            if name not in seen and (not path or self.page.layout.shows("nested fields")):
                yield self.gone(contract, (*path, name))

    def new(self, seen: Seen, path: tuple[str, ...], holder: Node | None) -> Difference:
        """Return that the page has a field more."""
        row = seen.row
        is_demand = row.required and not self.is_answer
        text = "must be given, and the spec does not have it" if is_demand else "is new"
        if not seen.is_certain:
            text += "; whether it stands at the top or inside the object before it, this layout does not show"
        cause = Cause(self.operation, self.place, None, seen, holder, is_certain=seen.is_certain, page=self.name)
        where = holder or self.operation.route.node
        return self._difference(
            "breaking" if is_demand else "additive", "new field", path, row.line, where, text, cause
        )

    def gone(self, contract: Contract, path: tuple[str, ...]) -> Difference:
        """Return that the spec has a field more."""
        return self._difference("breaking", "field gone", path, self.line, contract.node, "is not on the page")

    def field(self, seen: Seen, contract: Contract, path: tuple[str, ...]) -> Iterator[Difference]:
        """Compare one field that both have."""
        row = seen.row
        layout = self.page.layout
        yield from self.type(row, contract, path)
        if layout.shows("formats") and row.type in (None, "string"):
            yield from self.format(row, contract, path)
        if layout.shows("required answers" if self.is_answer else "required"):
            yield from self.required(row, contract, path)
        if layout.shows("null"):
            yield from self.null(row, contract, path, seen)
        if layout.shows("values") or row.values:
            yield from self.values(row, contract, path, seen)
        if layout.shows("defaults") and self.place == "query":
            yield from self.default(row, contract, path, seen)
        if layout.shows("marks"):
            yield from self.mark(row, contract, path)
        yield from self.wording(row, contract, path)

    def type(self, row: Row, contract: Contract, path: tuple[str, ...]) -> Iterator[Difference]:
        """Compare the types."""
        if row.type is None or row.type in contract.shape.types:
            return
        if row.type == MAP and "object" in contract.shape.types:
            return
        if row.type == "array" and any(type_.startswith("array<") for type_ in contract.shape.types):
            return
        text = f"is {row.type}; the spec has {' or '.join(sorted(contract.shape.types))}"
        yield self._difference("breaking", "type", path, row.line, contract.schema, text, shown=row.type)

    def format(self, row: Row, contract: Contract, path: tuple[str, ...]) -> Iterator[Difference]:
        """Compare the formats of texts; dates change what users get, other formats are notes."""
        shown = {row.format} if row.format else set[str]()
        if row.type is None or shown == contract.shape.formats:
            return
        is_date = "date-time" in shown | contract.shape.formats
        is_wider = not self.is_answer and "date-time" in shown
        level: Level = "additive" if is_wider or not is_date else "breaking"
        spec = " or ".join(sorted(contract.shape.formats)) or "none"
        cause = Cause(self.operation, self.place, contract, Seen(row), value=row.format or "", page=self.name)
        text = f"has the format {row.format or 'none'}; the spec has {spec}"
        yield self._difference(level, "format", path, row.line, contract.schema, text, cause, row.format or "none")

    def required(self, row: Row, contract: Contract, path: tuple[str, ...]) -> Iterator[Difference]:
        """Compare the marks of required fields."""
        if row.required == contract.required:
            return
        level: Level = "breaking" if row.required != self.is_answer else "additive"
        text = "is required, and in the spec it is not" if row.required else "is not required, and in the spec it is"
        cause = Cause(self.operation, self.place, contract, Seen(row), page=self.name)
        yield self._difference(level, "required", path, row.line, contract.node, text, cause)

    def null(self, row: Row, contract: Contract, path: tuple[str, ...], seen: Seen) -> Iterator[Difference]:
        """Compare whether null may stand there."""
        shape = contract.shape
        if row.nullable == shape.is_nullable or ANY in shape.types or self.place in ("path", "query"):
            return
        level: Level = "breaking" if row.nullable == self.is_answer else "additive"
        text = "may be null, and in the spec it may not" if row.nullable else "may not be null, and in the spec it may"
        cause = Cause(self.operation, self.place, contract, seen, page=self.name)
        yield self._difference(level, "null", path, row.line, contract.schema, text, cause)

    def values(self, row: Row, contract: Contract, path: tuple[str, ...], seen: Seen) -> Iterator[Difference]:
        """Compare the values that a field may have."""
        shape = contract.shape
        shown = row.values or split_values(row.joined, list(shape.values))
        new = [value for value in dict.fromkeys(shown) if value not in shape.values]
        for value in new:
            narrows = not shape.values and not self.is_answer
            level: Level = (
                "breaking" if narrows or (self.is_answer and shape.values and not shape.is_open) else "additive"
            )
            text = f"takes the value {value!r}, which the spec does not have"
            cause = Cause(self.operation, self.place, contract, seen, value=value, page=self.name)
            yield self._difference(level, "new value", path, row.line, contract.schema, text, cause, value)
        for value in shape.values:
            if value not in shown:
                level = "additive" if self.is_answer or shape.is_open else "breaking"
                text = f"the value {value!r} is not on the page"
                yield self._difference(level, "value gone", path, row.line, contract.schema, text, None, value)

    def default(self, row: Row, contract: Contract, path: tuple[str, ...], seen: Seen) -> Iterator[Difference]:
        """Compare the defaults of options."""
        if row.default == contract.shape.default:
            return
        level: Level = "additive" if contract.shape.default is None else "breaking"
        text = f"has the default {row.default or 'none'}; the spec has {contract.shape.default or 'none'}"
        cause = Cause(self.operation, self.place, contract, seen, value=row.default or "", page=self.name)
        yield self._difference(level, "default", path, row.line, contract.schema, text, cause, row.default or "none")

    def mark(self, row: Row, contract: Contract, path: tuple[str, ...]) -> Iterator[Difference]:
        """Compare what page and spec say of the integrations of a field."""
        facts = [fact for fact in self.operation.facts(contract.node, self.place) if fact["page"].text == self.name]
        fact = facts[0] if facts else None
        changes = list(mark_changes(mark_of(fact) if fact else None, row.mark))
        if changes:
            cause = Cause(self.operation, self.place, contract, Seen(row), mark=row.mark, fact=fact, page=self.name)
            where = fact or contract.node
            text = f"integrations: {', '.join(changes)}"
            yield self._difference("support", "mark", path, row.line, where, text, cause)

    def wording(self, row: Row, contract: Contract, path: tuple[str, ...]) -> Iterator[Difference]:
        """Compare the description with the recorded one."""
        recorded = self.recorded.get(".".join(path))
        if recorded is not None and digest(row.wording) not in recorded:
            text = f"is described in other words than those that were reviewed ({digest(row.wording)})"
            yield self._difference("wording", "wording", path, row.line, contract.node, text)

    def sample(self, sample: Mapping[str, str], known: Fields) -> Iterator[Difference]:
        """Compare the names of the body with those of the sample."""
        holder = _root(self.operation, self.place)
        for name, type_ in sample.items():
            if name not in known:
                seen = Seen(Row(self.line, name, type_), is_certain=False)
                cause = Cause(self.operation, self.place, None, seen, holder, is_certain=False, page=self.name)
                where = holder or self.operation.route.node
                yield self._difference(
                    "additive", "new field", (name,), self.line, where, "is new in the sample", cause
                )
            elif not _sample_fits(type_, known[name].shape.types):
                text = f"is {type_} in the sample; the spec has {' or '.join(sorted(known[name].shape.types))}"
                yield self._difference("breaking", "type", (name,), self.line, known[name].schema, text, shown=type_)
        for name, contract in known.items():
            if name not in sample:
                yield self._difference(
                    "breaking", "field gone", (name,), self.line, contract.node, "is not in the sample"
                )

    def nameless(self, settled: Settled, known: Fields) -> Iterator[Difference]:
        """Compare a section whose text lost the names of the fields, as far as recorded wordings tell them."""
        loose = [row.mark for row in settled.loose if row.mark and not row.wording]
        lines = [row.line for row in settled.loose if row.mark and not row.wording]
        for key, row in settled.named.items():
            path = tuple(key.split("."))
            contract = _find(known, path)
            if contract is None:
                continue
            has_fact = any(fact["page"].text == self.name for fact in self.operation.facts(contract.node, self.place))
            if row.mark and not has_fact:
                loose.append(row.mark)
                lines.append(row.line)
            elif self.page.layout.shows("marks"):
                yield from self.mark(row, contract, path)
            if row.joined or contract.shape.values:
                yield from self.values(row, contract, path, Seen(row))
            if self.place == "query":
                yield from self.default(row, contract, path, Seen(row))
        strange = [row for row in settled.loose if row.wording]
        missing = [key for key in self.recorded if key not in settled.named]
        for row, key in zip(strange, missing, strict=False):
            contract = _find(known, tuple(key.split(".")))
            text = (
                f"its description gave way to another one ({digest(row.wording)}): it was put into other words, "
                "or another field stands there; this layout does not show names"
            )
            where = contract.node if contract else self.operation.route.node
            yield self._difference("wording", "wording", (key,), row.line, where, text)
        for row in strange[len(missing) :]:
            text = f"a field without a name is new; its description is {digest(row.wording)}"
            cause = Cause(self.operation, self.place, None, Seen(row), is_certain=False, page=self.name)
            yield self._difference("additive", "new field", (), row.line, self.operation.route.node, text, cause)
        for key in missing[len(strange) :]:
            contract = _find(known, tuple(key.split(".")))
            where = contract.node if contract else self.operation.route.node
            text = "its description is not on the page any more"
            yield self._difference("breaking", "field gone", (key,), self.line, where, text)
        yield from self.loose_marks(settled, known, loose, lines)

    def loose_marks(
        self, settled: Settled, known: Fields, loose: Sequence[Mark], lines: Sequence[int]
    ) -> Iterator[Difference]:
        """Compare the counts that stand beside no description."""
        expected = [
            (".".join(path), fact)
            for path, contract in _walk(known, ())
            if ".".join(path) not in settled.named and ".".join(path) not in self.recorded
            for fact in self.operation.facts(contract.node, self.place)[:1]
            if fact["page"].text == self.name
        ]
        node = self.operation.route.node
        expected += [
            ("", fact)
            for fact in self.operation.facts(node, self.place)
            if fact["page"].text == self.name and fact.get("field")
        ]
        shown = list(zip(loose, lines, strict=True))
        for key, fact in list(expected):
            count = mark_of(fact).count
            match = next((each for each in shown if each[0].count == count), None)
            if match:
                shown.remove(match)
                expected.remove((key, fact))
        for (mark, line), (key, fact) in zip(shown, expected, strict=False):
            text = (
                f"integrations: {', '.join(mark_changes(mark_of(fact), mark))}, if the mark without a name is about it"
            )
            yield self._difference("support", "mark", (key,) if key else (), line, fact, text)
        for mark, line in shown[len(expected) :]:
            text = f"a mark without a name is new: {counted(mark)}"
            yield self._difference("support", "mark", (), line, node, text)
        for key, fact in expected[len(shown) :]:
            text = f"the mark without a name that counts {counted(mark_of(fact))} is gone"
            yield self._difference("support", "mark", (key,) if key else (), self.line, fact, text)

    def _difference(
        self,
        level: Level,
        kind: Kind,
        path: tuple[str, ...],
        line: int,
        where: Node,
        text: str,
        cause: Cause | None = None,
        shown: str = "",
    ) -> Difference:
        name = ".".join((self.place, *path)) + (f"[{shown}]" if kind in ("new value", "value gone") else "")
        return Difference(level, kind, printable(name), line, where.location, printable(text), shown, cause=cause)


def _sample_fits(type_: str, types: Collection[str]) -> bool:
    return (
        ANY in types
        or type_ in types
        or (type_ == "integer" and "number" in types)
        or (type_ == "array" and any(each.startswith("array<") for each in types))
        or type_ == "null"
    )


def _find(known: Fields, path: Sequence[str]) -> Contract | None:
    contract: Contract | None = None
    for name in path:
        contract = known.get(name)
        known = contract.shape.fields if contract else {}
    return contract


def _walk(known: Fields, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Contract]]:
    for name, contract in known.items():
        yield (*path, name), contract
        yield from _walk(contract.shape.fields, (*path, name))
