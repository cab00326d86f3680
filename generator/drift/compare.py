"""Compares a page with the operation of the specs that it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from attrs import evolve, frozen

from generator.nodes import Location

from .contracts import Contracts, Operation, names_of
from .differences import Cause, Difference, name_changes
from .forms import PLACES, Mark, Page
from .markdown import MARKDOWN
from .records import Known, Wordings
from .sections import compare_section

PAGE_SCHEMES: Final = re.compile(r"^(?:https?://)?(?:www\.|preview\.)?")


@frozen
class Comparison:
    """A page beside the specs."""

    name: str
    """The page, as facts about integrations call it."""
    operation: Operation | None
    differences: Sequence[Difference]

    @property
    def drift(self) -> Sequence[Difference]:
        """The differences that nobody has looked at."""
        return [difference for difference in self.differences if not difference.known]


def compare(page: Page, stem: str, contracts: Contracts, known: Sequence[Known], wordings: Wordings) -> Comparison:
    """Compare a page with the operation that it is about.

    Args:
        page: What the page says.
        stem: Name of its file, without the ending.
        contracts: What the specs say.
        known: Disagreements that stay.
        wordings: The recorded wordings.
    """
    if page.operations is not None:
        found = list(_resource(page, contracts))
        return Comparison(page_address(page.source) or stem, None, look_up(found, stem, known))
    operation = find_operation(page, contracts)
    if operation is None:
        return Comparison(stem, None, look_up([_unknown_operation(page, stem, contracts)], stem, known))
    name = page_name(page, stem, operation)
    recorded = wordings.get(name, {})
    found = [*_operation(page, operation, name)]
    for place in PLACES:
        found += compare_section(page, place, operation, name, recorded.get(place, {}))
    return Comparison(name, operation, look_up(found, name, known))


def find_operation(page: Page, contracts: Contracts) -> Operation | None:
    """Return the operation that a page is about."""
    for operation in contracts.operations:
        is_meant = (
            (page.method or operation.route.method.upper(), page.path)
            == (operation.route.method.upper(), operation.route.path)
            if page.path
            else operation.docs.rpartition("/")[2] == "-".join(page.title.casefold().split())
        )
        if is_meant:
            return operation
    return None


def page_address(address: str) -> str:
    """Return an address in the form in which addresses are compared."""
    return PAGE_SCHEMES.sub("", address).rstrip("/").removesuffix(".md").rstrip("/")


def page_name(page: Page, stem: str, operation: Operation) -> str:
    """Return the name under which the specs hold facts of a page: its file's name, the primary page, or its address."""
    names = list(_pages(operation))
    if stem in names:
        return stem
    ending = ".md" if page.layout is MARKDOWN else ""
    primary = next((name for name in names if "/" not in name), "")
    if primary and not ending:
        return primary
    address = page_address(page.source or operation.docs)
    same = [name for name in names if page_address(name) == address and name.endswith(".md") == bool(ending)]
    return same[0] if same else address + ending


def _pages(operation: Operation) -> Iterator[str]:
    """Yield the names of the pages that the facts about an operation are from."""
    for place in ("operation", "body", "query"):
        for fact in operation.facts(operation.route.node, place):
            yield fact["page"].text
    for place in PLACES:
        waiting = list(operation.fields[place].values())
        while waiting:
            contract = waiting.pop()
            waiting += contract.shape.fields.values()
            for fact in operation.facts(contract.node, place):
                yield fact["page"].text


def look_up(differences: Sequence[Difference], page: str, known: Sequence[Known]) -> Sequence[Difference]:
    """Return the differences, each known one with its reason, breaking ones first."""
    found = [
        evolve(
            each, known=next((one.reason for one in known if one.covers(page, each.kind, each.path, each.shown)), "")
        )
        for each in differences
    ]
    levels = ("breaking", "additive", "support", "wording")
    return sorted(found, key=lambda each: (bool(each.known), levels.index(each.level), each.line, each.path))


def _unknown_operation(page: Page, stem: str, contracts: Contracts) -> Difference:
    shown = f"{page.method or ''} {page.path or page.title}".strip()
    for operation in contracts.operations:
        address = page_address(page.source)
        if stem in _pages(operation) or (address and address == page_address(operation.docs)):
            text = f"the page is about {shown} now; the spec has {operation.name}"
            return Difference("breaking", "operation", "operation", page.line, operation.route.node.location, text)
    place = Location(contracts.folder.as_posix())
    return Difference("additive", "new operation", "operation", page.line, place, f"no spec has {shown}")


def _resource(page: Page, contracts: Contracts) -> Iterator[Difference]:
    """Compare the list of operations on the page of a resource."""
    shown = set(page.operations or ())
    bases = {re.sub(r"/\{[^}]*\}.*", "", path) for _, path in shown}
    for operation in contracts.operations:
        key = operation.route.method.upper(), operation.route.path
        path = re.sub(r"/\{[^}]*\}.*", "", operation.route.path)
        if key not in shown and (path in bases or path.rpartition("/")[0] in bases):
            text = f"{operation.name} is not on the page any more"
            yield Difference(
                "breaking", "operation gone", operation.name, page.line, operation.route.node.location, text
            )
    known = {(operation.route.method.upper(), operation.route.path) for operation in contracts.operations}
    for method, path in sorted(shown - known):
        place = Location(contracts.folder.as_posix())
        yield Difference(
            "additive", "new operation", f"{method} {path}", page.line, place, "no spec has this operation"
        )


def _operation(page: Page, operation: Operation, name: str) -> Iterator[Difference]:
    node = operation.route.node
    if page.layout.shows("integrations"):
        yield from _integrations(page, operation, name)
    if page.statuses is not None and page.layout.shows("statuses"):
        for status in sorted(set(page.statuses) ^ operation.statuses):
            text = (
                f"the page lists status {status}"
                if status in page.statuses
                else f"status {status} is not listed any more"
            )
            yield Difference("additive", "status", f"errors.{status}", page.line, node["responses"].location, text)


def _integrations(page: Page, operation: Operation, name: str) -> Iterator[Difference]:
    facts = [fact for fact in operation.facts(operation.route.node, "operation") if fact["page"].text == name]
    listed = [fact for fact in facts if fact.get("integrations")]
    shown = None if page.integrations is None else frozenset(page.integrations)
    fact = listed[0] if listed else None
    if shown is None and fact is None:
        return
    before = (names_of(fact, "integrations") if fact else None) or frozenset[str]()
    partial = (names_of(fact, "partial") if fact else None) or frozenset[str]()
    changes = [
        *name_changes(before, shown or frozenset()),
        *name_changes(partial, frozenset(page.partial), " (partial)"),
    ]
    if changes:
        where = fact or operation.route.node
        cause = Cause(operation, fact=fact, mark=Mark(supported=shown, required=frozenset(page.partial)), page=name)
        text = f"integrations that have the operation: {', '.join(changes)}"
        yield Difference("support", "integrations", "operation", page.line, where.location, text, cause=cause)
