"""The support tables in the specs say what the vendor's pages say, no more and no less."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Literal

import msgspec
import pytest

from tests.specs.documents import CATEGORIES, DOCS, needs_pages, spec

# Page of the vendor, the spec that holds its facts, and the operation it describes.
PRIMARY_PAGES = [
    ("crm-accounts-update", "crm_accounts", "update_account"),
    ("crm-accounts-create", "crm_accounts", "create_account"),
    ("crm-users-update", "crm_users", "update_user"),
    ("ticketing-accounts-update", "ticketing_accounts", "update_account"),
]
OTHER_PAGES = ("crm_accounts", "crm_users", "ticketing_accounts")


class Count(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The two numbers that a page prints."""

    supported: int
    required: int


class Fact(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of an x-support, as the head of specs/shared/truto.yaml describes it."""

    operation: str
    page: str
    side: Literal["operation", "query", "body", "answer"] = msgspec.field(name="in")
    generation: str | None = None
    supported: list[str] | None = None
    required: list[str] | None = None
    count: Count | None = None
    values: dict[str, list[str]] | None = None
    max_items: dict[str, int] | None = None
    integrations: list[str] | None = None
    partial: list[str] | None = None
    without: list[str] | None = None
    complete: bool = True
    nameless: msgspec.UnsetType | None = msgspec.field(name="field", default=msgspec.UNSET)
    position: str | None = None

    @property
    def named(self) -> list[str]:
        """Integrations that the fact names with their part in it."""
        return [*(self.supported or []), *(self.required or [])]


class Mark(msgspec.Struct, frozen=True):
    """What the collected facts hold about one field of a page."""

    supported: list[str] | None = None
    required: list[str] | None = None
    count_supported: int | None = None
    count_required: int = 0
    identified_as: str = ""


class Page(msgspec.Struct, frozen=True):
    """What the collected facts hold about one page."""

    integrations_supported: list[str] | None = None
    integrations_supported_derived: list[str] | None = None
    query_params: dict[str, Mark] = {}
    request_fields: dict[str, Mark] = {}
    request_fields_unnamed: list[Mark] = []
    response_fields: dict[str, Mark] = {}


class Collected(msgspec.Struct, frozen=True):
    """The collected facts."""

    primary_pages: dict[str, Page]
    other_pages: dict[str, dict[str, msgspec.Raw]]


def facts(category: str) -> Iterator[tuple[tuple[str, ...], Fact]]:
    """Yield the facts of a spec, each with the keys that lead to its x-support."""
    for keys, place in spec(category).everywhere():
        if keys[-1] == "x-support":
            for fact in msgspec.convert(place.value, list[Fact]):
                yield keys, fact


def field_of(category: str, keys: tuple[str, ...], fact: Fact) -> str | None:
    """Return the name of the field or parameter that a fact stands beside."""
    if "parameters" not in keys:
        return keys[-2] if "properties" in keys else None
    place = spec(category)
    for key in keys[:-1]:
        place = place.items[int(key)] if place.items else place.fields[key]
    return place.at("name").text


def collected() -> Collected:
    return msgspec.json.decode((DOCS / "facts" / "support.json").read_bytes(), type=Collected)


@pytest.mark.parametrize("category", CATEGORIES)
def test_no_two_facts_are_about_the_same(category: str) -> None:
    about = Counter(
        (*keys, fact.operation, fact.side, fact.page, fact.generation, fact.position) for keys, fact in facts(category)
    )
    assert [place for place, count in about.items() if count > 1] == []


@pytest.mark.parametrize("category", OTHER_PAGES)
def test_every_fact_stands_beside_what_it_is_about(category: str) -> None:
    operations = spec(category).operations()
    for keys, fact in facts(category):
        assert fact.operation in operations, keys
        beside_operation = keys[0] == "paths" and "parameters" not in keys
        assert beside_operation == (fact.side == "operation" or fact.nameless is None), (keys, fact)
        assert (fact.nameless is None) == (fact.position is not None), (keys, fact)
        assert (fact.integrations is not None) == (fact.side == "operation"), (keys, fact)
        if beside_operation:
            assert spec(category).at(*keys[:-1]).at("operationId").text == fact.operation, (keys, fact)


@pytest.mark.parametrize("category", OTHER_PAGES)
def test_lists_and_counts_of_a_fact_agree(category: str) -> None:
    for keys, fact in facts(category):
        assert len(set(fact.named)) == len(fact.named), (keys, fact)
        assert not set(fact.integrations or []).intersection(fact.without or []), (keys, fact)
        if fact.count is not None:
            assert 0 <= fact.count.required <= fact.count.supported, (keys, fact)
            if fact.supported is not None and fact.required is not None:
                assert fact.count == Count(len(fact.named), len(fact.required)), (keys, fact)


@needs_pages
@pytest.mark.parametrize(("page", "category", "operation"), PRIMARY_PAGES)
def test_fields_of_a_primary_page_have_its_marks_and_no_others(page: str, category: str, operation: str) -> None:
    found = {
        (fact.side, field_of(category, keys, fact)): (fact.operation, fact.supported, fact.required, fact.count)
        for keys, fact in facts(category)
        if fact.page == page and fact.side != "operation" and fact.nameless is msgspec.UNSET
    }
    printed = collected().primary_pages[f"{page}.txt"]
    sides = {"query": printed.query_params, "body": printed.request_fields, "answer": printed.response_fields}
    assert found == {
        (side, mark.identified_as.partition(" ")[0] or name): (operation, mark.supported, mark.required, count(mark))
        for side, marks in sides.items()
        for name, mark in marks.items()
        if mark.supported is not None or mark.count_supported is not None
    }


@needs_pages
@pytest.mark.parametrize(("page", "category", "operation"), PRIMARY_PAGES)
def test_marks_without_a_name_stand_at_the_operation(page: str, category: str, operation: str) -> None:
    found = [
        (fact.operation, fact.side, fact.count)
        for _, fact in facts(category)
        if fact.page == page and fact.nameless is None
    ]
    unnamed = collected().primary_pages[f"{page}.txt"].request_fields_unnamed
    assert found == [(operation, "body", count(mark)) for mark in unnamed]


@needs_pages
@pytest.mark.parametrize(("page", "category", "operation"), PRIMARY_PAGES)
def test_integrations_of_a_primary_page(page: str, category: str, operation: str) -> None:
    about = [fact for _, fact in facts(category) if fact.page == page]
    found = [(fact.operation, fact.integrations) for fact in about if fact.side == "operation"]
    printed = collected().primary_pages[f"{page}.txt"]
    if printed.integrations_supported is not None:
        assert found == [(operation, printed.integrations_supported)]
    else:
        assert found == []
    if printed.integrations_supported_derived is not None:
        assert sorted({name for fact in about for name in fact.named}) == printed.integrations_supported_derived


@needs_pages
@pytest.mark.parametrize("category", OTHER_PAGES)
def test_lists_of_the_other_pages_are_there(category: str) -> None:
    there = [
        (fact.operation.partition("_")[0], sorted(names))
        for _, fact in facts(category)
        for names in (fact.supported, fact.required, fact.integrations, fact.partial, *(fact.values or {}).values())
        if names
    ]
    for method, raw in collected().other_pages[category].items():
        for names in lists_of_names(msgspec.json.decode(raw)):
            assert (method.partition("-")[0], sorted(names)) in there


def count(mark: Mark) -> Count | None:
    """Return the numbers that a page prints, if it prints any."""
    return None if mark.count_supported is None else Count(mark.count_supported, mark.count_required)


def lists_of_names(value: object) -> Iterator[list[str]]:
    """Yield the lists of names inside a JSON value, but not those of values to sort by."""
    if isinstance(value, dict):
        for key, entry in msgspec.convert(value, dict[str, object]).items():
            if key != "all_values":
                yield from lists_of_names(entry)
    elif isinstance(value, list):
        try:
            yield msgspec.convert(value, list[str])
        except msgspec.ValidationError:
            return
