"""What the vendor's pages say about integrations, as data, and the verdicts that follow from it.

A verdict is drawn from all that the pages say about one field, or about an operation itself:

- An integration that a page names is believed: it supports the field or requires it. Pages that give it different
  marks leave the matter unknown.
- One that is left out is `not_listed` only where a page names the integrations of that very field, or operation, and
  no other page contradicts it: none names or counts further ones, and none has the operation for an integration that
  this page does not know.
- Anything else is unknown: a page that only counts, a list of which only the beginning is known, a field without any.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import cached_property
from typing import Final, Literal, TypeAlias

from attrs import field, frozen

from .errors import ConfigurationError
from .request import Operation, Request

Verdict: TypeAlias = Literal["supported", "required", "not_listed", "unknown"]
"""What the pages say about an integration and a field, or an operation, which is never required."""

Place: TypeAlias = Literal["operation", "query", "body", "answer"]
"""What a fact is about: an operation itself, or a field in one of the three places where calls have fields."""

AnyOperation: TypeAlias = Callable[..., Request[object]] | Operation[object] | Request[object]
"""An operation, by the function that builds its request, by its constant, or by a request for it."""

_LIKENESS: Final = 0.7
"""How alike two names are, from 0 to 1, for one to be taken as a misspelling of the other."""


class SupportWarning(UserWarning):
    """A call, or the name of an integration, that the vendor's pages do not cover."""


@frozen
class Count:
    """The two numbers that a page prints beside a field."""

    supported: int
    """Integrations that support the field, those that require it included."""
    required: int
    """Integrations that require it."""


@frozen
class Fact:
    """What one page says about integrations, beside one field of an operation or about the operation itself."""

    place: Place
    """What it is about."""
    name: str = ""
    """Name of the field, such as `industry` or `sort_by.created_at`; empty for the operation and for a lost name."""
    page: str = field(kw_only=True)
    """Address of the page, or the name of one of those that the specs were written from."""
    generation: str = field(default="", kw_only=True)
    """Layout of the page, where known; one address shows several over time."""
    supported: tuple[str, ...] | None = field(default=None, kw_only=True)
    """Integrations that support the field without requiring it; `None` where the page prints no such list."""
    required: tuple[str, ...] | None = field(default=None, kw_only=True)
    """Integrations that require the field; `None` where the page prints no such list."""
    count: Count | None = field(default=None, kw_only=True)
    """The numbers that the page prints, if it prints any."""
    values: Mapping[str, tuple[str, ...]] = field(factory=dict[str, tuple[str, ...]], kw_only=True)
    """The values that single integrations take."""
    max_items: Mapping[str, int] = field(factory=dict[str, int], kw_only=True)
    """The longest list that single integrations take."""
    integrations: tuple[str, ...] | None = field(default=None, kw_only=True)
    """Integrations that have the operation; `None` in a fact about a field."""
    partial: tuple[str, ...] = field(default=(), kw_only=True)
    """Integrations whose lists hold fewer fields than `get` gives."""
    without: tuple[str, ...] = field(default=(), kw_only=True)
    """Integrations that the page covers and that do not have the operation."""
    is_complete: bool = field(default=True, kw_only=True)
    """Whether the whole of the page's list is known, and not its beginning alone."""
    position: str = field(default="", kw_only=True)
    """Where on the page the mark stands, for a field whose name is lost."""

    @property
    def named(self) -> tuple[str, ...]:
        """Integrations that have the operation, or support the field, by this fact."""
        return (*(self.integrations or ()), *(self.supported or ()), *(self.required or ()), *self.values)

    @property
    def mentioned(self) -> tuple[str, ...]:
        """Integrations that the fact names, for whatever reason."""
        return (*self.named, *self.without)


@frozen
class FieldSupport:
    """What the pages say about one integration and one field."""

    verdict: Verdict
    """What follows from the facts."""
    values: tuple[str, ...] | None
    """The only values that the integration takes; `None` where no page says so."""
    max_items: int | None
    """The longest list that the integration takes; `None` where no page says so."""
    facts: tuple[Fact, ...] = field(repr=False)
    """All that the pages say about the field, also where they disagree."""


@frozen
class OperationSupport:
    """What the pages say about one integration and one operation."""

    verdict: Verdict
    """Whether the integration has the operation."""
    is_partial: bool
    """Whether its lists hold fewer fields than `get` gives."""
    query: Mapping[str, FieldSupport]
    """Query options, such as the filters of a listing."""
    body: Mapping[str, FieldSupport]
    """Fields of the body."""
    answer: Mapping[str, FieldSupport]
    """Fields of the records in the answer."""
    facts: tuple[Fact, ...] = field(repr=False)
    """All that the pages say about the operation itself and about fields whose names are lost."""

    def fields(self, place: Place) -> Mapping[str, FieldSupport]:
        """Return the fields of one place."""
        return {"query": self.query, "body": self.body, "answer": self.answer}.get(place, {})


class OperationTable:
    """What the specs hold about one operation: its fields, and every fact about them or about itself."""

    def __init__(
        self,
        operation: Operation[object],
        builder: Callable[..., Request[object]],
        *,
        query: tuple[str, ...],
        body: tuple[str, ...],
        answer: tuple[str, ...],
        facts: tuple[Fact, ...],
    ) -> None:
        self.operation = operation
        self.builder = builder
        self.fields: Mapping[Place, tuple[str, ...]] = {"query": query, "body": body, "answer": answer}
        """The documented fields, by place."""
        self.facts = facts

    def support(self, integration: str, *, is_known: bool) -> OperationSupport:
        """Return what the facts say about an integration; where no page names it at all, everything is unknown."""
        key = _key(integration)
        query, body, answer = (
            {name: self._field(place, name, key, is_known=is_known) for name in names}
            for place, names in self.fields.items()
        )
        return OperationSupport(
            verdict=self._verdict(key) if is_known else "unknown",
            is_partial=any(key in map(_key, fact.partial) for fact in self.facts),
            query=query,
            body=body,
            answer=answer,
            facts=tuple(fact for fact in self.facts if not fact.name),
        )

    def _field(self, place: Place, name: str, integration: str, *, is_known: bool) -> FieldSupport:
        facts = tuple(fact for fact in self.facts if fact.place == place and fact.name == name)
        values = [given for fact in facts for known, given in fact.values.items() if _key(known) == integration]
        limits = [limit for fact in facts for known, limit in fact.max_items.items() if _key(known) == integration]
        return FieldSupport(
            verdict=self._field_verdict(facts, integration) if is_known else "unknown",
            values=values[0] if len(set(values)) == 1 else None,
            max_items=max(limits, default=None),
            facts=facts,
        )

    def _verdict(self, integration: str) -> Verdict:
        is_refused = any(integration in map(_key, fact.without) for fact in self.facts)
        if integration in self._having:
            return "unknown" if is_refused else "supported"
        is_left_out = any(
            fact.is_complete and fact.integrations and {*map(_key, fact.integrations)} >= self._having
            for fact in self.facts
        )
        return "not_listed" if is_refused or is_left_out else "unknown"

    def _field_verdict(self, facts: Sequence[Fact], integration: str) -> Verdict:
        marks: set[Verdict] = {mark for fact in facts if (mark := _mark(fact, integration))}
        if marks:
            return marks.pop() if len(marks) == 1 else "unknown"
        named = {_key(name) for fact in facts for name in fact.named}
        counts = [fact.count.supported for fact in facts if fact.count]
        for fact in facts:
            listed = {_key(name) for name in (*(fact.supported or ()), *(fact.required or ()))}
            is_whole = fact.is_complete and listed and listed >= named and all(len(listed) == count for count in counts)
            if is_whole and self._covers(fact, integration):
                return "not_listed"
        return "unknown"

    def _covers(self, fact: Fact, integration: str) -> bool:
        """Whether the page of a fact would name the integration, if there were something to say about it."""
        known = self._known_by[fact.page, fact.generation]
        if integration in self._having:
            return integration in known
        return known >= self._having or self._verdict(integration) == "not_listed"

    @cached_property
    def _having(self) -> frozenset[str]:
        """Integrations that have the operation, by any page."""
        return frozenset(_key(name) for fact in self.facts for name in fact.named)

    @cached_property
    def _known_by(self) -> Mapping[tuple[str, str], frozenset[str]]:
        """Integrations that have the operation, by page and layout: those it lists, or all that it names somewhere."""
        known: dict[tuple[str, str], frozenset[str]] = {}
        for fact in self.facts:
            page = fact.page, fact.generation
            known[page] = known.get(page, frozenset()) | {_key(name) for name in fact.named}
        return known


class Support:
    """What the pages say about one integration."""

    def __init__(self, integration: str, tables: SupportTables, *, is_known: bool) -> None:
        self.integration = integration
        """Name of the integration, in the spelling that most pages use."""
        self.is_known = is_known
        """Whether any page names it; where none does, everything is unknown."""
        self._tables = tables

    def __repr__(self) -> str:
        return f"Support({self.integration!r})"

    @cached_property
    def operations(self) -> Mapping[str, OperationSupport]:
        """What the pages say about each operation, by its name, such as `crm_accounts.update`."""
        return {
            name: table.support(self.integration, is_known=self.is_known)
            for name, table in self._tables.operations.items()
        }

    def of(self, operation: AnyOperation) -> OperationSupport:
        """Return what the pages say about one operation.

        Raises:
            ConfigurationError: No page names integrations of this operation.
        """
        return self.operations[self._tables.find(operation).operation.name]


class SupportTables:
    """Everything that the specs hold about integrations."""

    def __init__(self, *tables: OperationTable) -> None:
        self.operations: Mapping[str, OperationTable] = {table.operation.name: table for table in tables}
        """The tables by the names of their operations."""

    @cached_property
    def integrations(self) -> tuple[str, ...]:
        """Every integration that a page names, in the spelling that most pages use."""
        return tuple(sorted(self._spellings.values(), key=str.casefold))

    def find(self, operation: AnyOperation) -> OperationTable:
        """Return the table of an operation.

        Raises:
            ConfigurationError: There is none.
        """
        if callable(operation):
            name = getattr(operation, "__qualname__", repr(operation))
            table = next((table for table in self.operations.values() if table.builder is operation), None)
        else:
            name = operation.operation.name if isinstance(operation, Request) else operation.name
            table = self.operations.get(name)
        if table is None:
            raise ConfigurationError(f"the pages name no integrations of {name}, or it is no operation")
        return table

    def support(self, integration: str, *, stacklevel: int = 1) -> Support:
        """Return what the pages say about one integration, with a `SupportWarning` where none names it.

        Args:
            integration: Its name; case, spaces and punctuation do not matter.
            stacklevel: Calls between the user's code and this one, for the warning.
        """
        known = self.known(integration)
        if known is not None:
            return known
        likely = self.likely(integration)
        hint = f"; did you mean {likely!r}?" if likely else ""
        message = f"no page names the integration {integration!r}, so nothing is known about it{hint}"
        warnings.warn(message, SupportWarning, stacklevel=stacklevel + 1)
        return Support(integration, self, is_known=False)

    def known(self, integration: str) -> Support | None:
        """Return what the pages say about one integration; `None` where none names it."""
        return self._known.get(_key(integration))

    def likely(self, integration: str) -> str:
        """Return the integration that a misspelt name seems to mean; empty where none is like it."""
        found = get_close_matches(_key(integration), self._known, n=1, cutoff=_LIKENESS)
        return self._known[found[0]].integration if found else ""

    def integrations_for(
        self,
        operation: AnyOperation,
        *,
        fields: Iterable[str] = (),
        query: Iterable[str] = (),
        answer: Iterable[str] = (),
        include_unknown: bool = False,
    ) -> tuple[str, ...]:
        """Return the integrations that have an operation and support all that is named.

        Args:
            operation: Function that builds its request, such as `update_account`.
            fields: Fields of the body.
            query: Query options, such as filters of a listing.
            answer: Fields of the records in the answer.
            include_unknown: Also take those about which the pages leave something open.

        Raises:
            ConfigurationError: No page names integrations of the operation, or it has no field of a name.
        """
        table = self.find(operation)
        wanted: Mapping[Place, Iterable[str]] = {"body": fields, "query": query, "answer": answer}
        # A text is a series of texts as well, which nobody means.
        cells: list[tuple[Place, str]] = [
            (place, name) for place, names in wanted.items() for name in ([names] if isinstance(names, str) else names)
        ]
        for place, name in cells:
            if name not in table.fields[place]:
                known = ", ".join(table.fields[place]) or "none"
                raise ConfigurationError(
                    f"{table.operation.name} has no field {name!r} in the {place}; its fields there: {known}"
                )
        accepted: set[Verdict] = {"supported", "required"}
        if include_unknown:
            accepted.add("unknown")
        found: list[str] = []
        for integration in self.integrations:
            support = self._known[_key(integration)].operations[table.operation.name]
            verdicts = {support.verdict, *(support.fields(place)[name].verdict for place, name in cells)}
            if verdicts <= accepted:
                found.append(integration)
        return tuple(found)

    @cached_property
    def _known(self) -> Mapping[str, Support]:
        return {key: Support(name, self, is_known=True) for key, name in self._spellings.items()}

    @cached_property
    def _spellings(self) -> Mapping[str, str]:
        """The usual spelling of each name, by its key."""
        names = Counter(name for table in self.operations.values() for fact in table.facts for name in fact.mentioned)
        usual: dict[str, str] = {}
        for name, _ in names.most_common():
            usual.setdefault(_key(name), name)
        return usual


def same_name(one: str, other: str) -> bool:
    """Whether two texts are spellings of one name."""
    return _key(one) == _key(other)


def _key(name: str) -> str:
    """Return a name without what its spellings differ in."""
    return "".join(character for character in name.casefold() if character.isalnum())


def _mark(fact: Fact, integration: str) -> Verdict | None:
    """Return the mark that a fact gives an integration by name."""
    if integration in map(_key, fact.required or ()):
        return "required"
    return "supported" if integration in map(_key, fact.named) else None
