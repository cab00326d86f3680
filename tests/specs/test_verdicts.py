"""The verdicts about integrations are those of the pages, cell by cell: read from the pages, not from the specs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from types import FunctionType
from typing import get_args

import msgspec
import pytest

from accounts_client import Request, crm_accounts, crm_users, ticketing_accounts
from accounts_client.support import TABLES, Integration, integrations_for, support
from accounts_client_runtime.support import Fact, Place, Verdict
from tests.specs.documents import DOCS, needs_pages
from tests.specs.marks import collected, counts, everybody, marks, named, operation_list

Builder = Callable[..., Request[object]]
Marks = dict[str, Verdict]
Cell = tuple[Builder, Place, str, str, Verdict]
"""Operation, place, field, integration, and the verdict that the pages give."""

PLACES: tuple[Place, ...] = ("query", "body", "answer")
# An older page writes another name of the list in another way.
OLD_SPELLINGS = {"FreshSales": "Freshsales"}
EVERYBODY = sorted(everybody() - OLD_SPELLINGS.keys()) if DOCS.is_dir() else []
PAGES: Mapping[str, Builder] = {
    "crm-accounts-update": crm_accounts.update_account,
    "crm-users-update": crm_users.update_user,
    "ticketing-accounts-update": ticketing_accounts.update_account,
}


def cells(builder: Builder, place: Place, field: str, listed: Marks, unknown: Collection[str] = ()) -> Iterator[Cell]:
    """Yield a cell for every integration: marked, unknown, or else not listed."""
    for name in EVERYBODY:
        yield builder, place, field, name, listed.get(name, "unknown" if name in unknown else "not_listed")


def supported(*keys: str) -> Marks:
    return {OLD_SPELLINGS.get(name, name): "supported" for name in named(*keys)}


def required(*keys: str) -> Marks:
    return dict.fromkeys(named(*keys), "required")


def fields_of(page: str, key: str) -> list[str]:
    return list(msgspec.convert(collected("primary_pages", f"{page}.txt", key), dict[str, object]))


def cells_of_the_primary_pages() -> Iterator[Cell]:
    for page, builder in PAGES.items():
        # The page knows two integrations, and a newer one has the operation for 23.
        newer = set(named("crm_accounts", "update", "integrations")) if page == "crm-accounts-update" else set[str]()
        for (place, field), mark in marks(page).items():
            # The newer page counts 19 integrations for the addresses.
            unknown = (
                EVERYBODY if newer and (place, field) == ("body", "addresses") else newer - {*operation_list(page)}
            )
            yield from cells(builder, place, field, mark.names, unknown)
    for field in sorted({*fields_of("crm-accounts-create", "request_fields")} - {"name"}):
        yield from cells(crm_accounts.create_account, "body", field, {}, EVERYBODY)
    for field in fields_of("crm-accounts-create", "response_fields"):
        yield from cells(crm_accounts.create_account, "answer", field, {}, EVERYBODY)


def cells_of_the_other_pages() -> Iterator[Cell]:
    create = ("crm_accounts", "create", "generation_1b")
    names = supported(*create, "name", "supported") | required(*create, "name", "required")
    # The create page counts more integrations than are named anywhere.
    yield from cells(crm_accounts.create_account, "body", "name", names, EVERYBODY)
    # A page of which only the beginning is known has the operation for one that this page does not know, so that this
    # page may not know others either; but two of them do not have it, by that page.
    known = {*named(*create, "integrations"), "Accelo", "ActiveCampaign"}
    workspace = required(*create, "workspace (query, object, id required)", "required")
    yield from cells(crm_accounts.create_account, "query", "workspace", workspace, {*EVERYBODY} - known)

    names = supported("crm_accounts", "list", "older_generation", "name")
    yield from cells(crm_accounts.list_accounts, "query", "name", names, EVERYBODY)
    owners = supported("crm_accounts", "get", "older_generation", "owner")
    yield from cells(crm_accounts.get_account, "answer", "owner", owners, {*EVERYBODY} - {"Accelo"})
    for field in ("id", "addresses"):
        listed = supported("crm_accounts", "delete", f"response_{field}")
        unknown = {*EVERYBODY} - {*named("crm_accounts", "delete", "response_id"), "Accelo", "ActiveCampaign"}
        yield from cells(crm_accounts.delete_account, "answer", field, listed, unknown)
    for field in ("master_record", "duplicate_records"):
        listed = required("crm_accounts", "merge", "required", field)
        yield from cells(crm_accounts.merge_accounts, "body", field, listed)
    deleted = ("crm_accounts", "batch-delete")
    yield from cells(crm_accounts.batch_delete_accounts, "body", "id", required(*deleted, "required", "id"))
    yield from cells(crm_accounts.batch_delete_accounts, "answer", "id", supported(*deleted, "response", "id"))

    users = ("crm_users", "list", "params")
    for field in ("email", "created_at", "updated_at"):
        yield from cells(crm_users.list_users, "query", field, supported(*users, field, "supported"))
    workspace = required(*users, "workspace (object; id string required)", "required")
    yield from cells(crm_users.list_users, "query", "workspace", workspace)
    sorting: Marks = dict.fromkeys(sort_values(), "supported")
    yield from cells(crm_users.list_users, "query", "sort_by", sorting, EVERYBODY)
    for field in ("name", "is_active"):
        yield from cells(crm_users.list_users, "query", field, {}, EVERYBODY)


def sort_values() -> dict[str, list[str]]:
    keys = ("other_pages", "crm_users", "list", "params", "sort_by", "supported_values")
    return msgspec.convert(collected(*keys), dict[str, list[str]])


def operations() -> Iterator[tuple[Builder, str, Verdict]]:
    """Yield the verdict on every integration and operation."""
    accounts, users, tickets = ("crm_accounts", "crm_users", "ticketing_accounts")
    derived = "integrations_supported_derived"
    update_page = msgspec.convert(collected("primary_pages", "ticketing-accounts-update.txt", derived), list[str])
    create, delete = (accounts, "create", "generation_1b"), (accounts, "delete")
    # Everyone that a page names for an operation, and whether one of the pages names all of them.
    lists: list[tuple[Builder, list[str], bool]] = [
        (crm_accounts.list_accounts, named(accounts, "list", "integrations"), True),
        (crm_accounts.get_account, named(accounts, "get", "older_generation", "integrations"), False),
        (crm_accounts.create_account, named(*create, "integrations"), False),
        (crm_accounts.update_account, named(accounts, "update", "integrations"), True),
        (crm_accounts.delete_account, [*named(*delete, "response_id"), "Close"], False),
        (crm_accounts.merge_accounts, named(accounts, "merge", "integrations"), True),
        (crm_accounts.batch_delete_accounts, named(accounts, "batch-delete", "integrations"), True),
        (crm_users.list_users, named(users, "list", "integrations"), True),
        (crm_users.get_user, [], False),
        (crm_users.create_user, [], False),
        (crm_users.update_user, named(users, "update", "integrations"), True),
        (crm_users.delete_user, [], False),
        (ticketing_accounts.list_accounts, named(tickets, "list", "integrations"), True),
        (ticketing_accounts.get_account, [], False),
        (ticketing_accounts.create_account, named(tickets, "create", "integrations"), True),
        (ticketing_accounts.update_account, update_page, False),
        (ticketing_accounts.delete_account, [], False),
    ]
    for builder, names, is_whole in lists:
        listed = {OLD_SPELLINGS.get(name, name) for name in names}
        has, has_not = covered(builder)
        for name in EVERYBODY:
            verdict: Verdict = "not_listed" if is_whole or name in has_not else "unknown"
            yield builder, name, "supported" if name in listed | has else verdict


def covered(builder: Builder) -> tuple[set[str], set[str]]:
    """Return who has an operation and who has it not, by the coverage page."""
    module, method = builder.__module__.rpartition(".")[2], builder.__name__.partition("_")[0]
    api, resource = module.split("_")
    entries = msgspec.convert(
        collected("other_pages", "integration_coverage_md", api), dict[str, dict[str, list[str] | str]]
    )
    # The text of the page breaks off in the middle of the last integration.
    methods = {name: entry.get(resource.title()) for name, entry in entries.items()}
    listed = {name: found for name, found in methods.items() if isinstance(found, list)}
    has = {name for name, found in listed.items() if method in found}
    return has, (listed.keys() - has if method not in ("merge", "batch") else set())


PRIMARY = list(cells_of_the_primary_pages()) if DOCS.is_dir() else []
OTHER = list(cells_of_the_other_pages()) if DOCS.is_dir() else []
OPERATIONS = list(operations()) if DOCS.is_dir() else []


def label(value: object) -> str:
    return (
        f"{value.__module__.rpartition('.')[2]}.{value.__qualname__}" if isinstance(value, FunctionType) else str(value)
    )


@needs_pages
@pytest.mark.parametrize(("builder", "place", "field", "integration", "verdict"), PRIMARY + OTHER, ids=label)
def test_a_field_has_the_verdict_of_the_pages(
    builder: Builder, place: Place, field: str, integration: str, verdict: Verdict
) -> None:
    assert support(integration).of(builder).fields(place)[field].verdict == verdict


@needs_pages
@pytest.mark.parametrize(("builder", "integration", "verdict"), OPERATIONS, ids=label)
def test_an_operation_has_the_verdict_of_the_pages(builder: Builder, integration: str, verdict: Verdict) -> None:
    assert support(integration).of(builder).verdict == verdict


@needs_pages
def test_every_other_cell_is_unknown() -> None:
    told = {(label(builder), place, field) for builder, place, field, _, _ in PRIMARY + OTHER}
    others = {
        verdict.verdict
        for table in TABLES.operations.values()
        for integration in EVERYBODY
        for place in PLACES
        for field, verdict in support(integration).of(table.builder).fields(place).items()
        if (label(table.builder), place, field) not in told
    }
    assert others == {"unknown"}


@needs_pages
@pytest.mark.parametrize("page", PAGES)
def test_the_data_hold_the_counts_that_a_page_prints(page: str) -> None:
    """Counted over all integrations, not copied; the oldest page prints names alone."""
    for (place, field), mark in marks(page).items():
        verdicts = Counter(support(name).of(PAGES[page]).fields(place)[field].verdict for name in EVERYBODY)
        found = verdicts["supported"] + verdicts["required"], verdicts["required"]
        assert found == (mark.counts or (len(mark.names), 0)), field


@needs_pages
def test_the_data_hold_the_counts_of_the_page_that_prints_no_names() -> None:
    facts = facts_of("crm-accounts-create")
    assert sorted((fact.count.supported, fact.count.required) for fact in facts if fact.count) == sorted(
        counts("crm-accounts-create")
    )
    assert [fact for fact in facts if fact.named] == []
    for key, place in (("request_fields", "body"), ("response_fields", "answer")):
        printed = msgspec.convert(collected("primary_pages", "crm-accounts-create.txt", key), dict[str, dict[str, int]])
        for field, mark in printed.items():
            (fact,) = (fact for fact in facts if (fact.place, fact.name) == (place, field))
            assert fact.count is not None
            assert (fact.count.supported, fact.count.required) == (
                mark["count_supported"],
                mark.get("count_required", 0),
            )


@needs_pages
def test_facts_keep_their_page_and_generation_also_where_they_disagree() -> None:
    facts = support("Close").of(crm_accounts.create_account).body["name"].facts
    page = "truto.one/docs/api-reference/unified-crm-api/accounts/create"
    assert [(fact.page, fact.generation) for fact in facts] == [("crm-accounts-create", "2"), (page, "1b"), (page, "0")]
    assert ["Close" in fact.named for fact in facts] == [False, True, False]


@needs_pages
def test_the_values_of_a_filter_are_those_of_the_page() -> None:
    values = {name: support(name).of(crm_users.list_users).query["sort_by"].values for name in EVERYBODY}
    assert {name: list(given) for name, given in values.items() if given} == sort_values()


@needs_pages
def test_partial_lists_are_those_of_the_page() -> None:
    partial = {
        (table.operation.name, name)
        for table in TABLES.operations.values()
        for name in EVERYBODY
        if support(name).of(table.builder).is_partial
    }
    assert partial == {("crm_accounts.list", name) for name in named("crm_accounts", "list", "partial")}


@needs_pages
def test_only_one_integration_limits_a_list() -> None:
    limits = {
        name: support(name).of(crm_accounts.merge_accounts).body["duplicate_records"].max_items for name in EVERYBODY
    }
    assert {name: limit for name, limit in limits.items() if limit} == {"Zoho CRM": 2}
    assert collected("other_pages", "crm_accounts", "merge", "limit") == "Zoho takes at most two duplicate records"


@needs_pages
def test_the_integrations_are_those_that_the_pages_name() -> None:
    assert set(TABLES.integrations) == set(EVERYBODY)
    literal, _ = get_args(Integration)
    assert set(get_args(literal)) == everybody()


@needs_pages
@pytest.mark.parametrize(("old", "new"), OLD_SPELLINGS.items())
def test_an_old_spelling_is_the_same_integration(old: str, new: str) -> None:
    assert support(old) is support(new)
    assert support(old).integration == new


@needs_pages
@pytest.mark.parametrize(
    ("page", "sample"),
    [
        ("crm-users-update", {"name", "is_active", "email", "remote_data"}),
        ("ticketing-accounts-update", {"name", "type", "description", "domains", "remote_data"}),
    ],
)
def test_whoever_supports_the_sample_of_a_page_is_found_by_it(page: str, sample: set[str]) -> None:
    fields = [field for field in sample if ("body", field) in marks(page)]
    expected = [name for name in EVERYBODY if all(name in marks(page)["body", field].names for field in fields)]
    assert sorted(integrations_for(PAGES[page], fields=fields)) == expected


def facts_of(page: str) -> list[Fact]:
    return [fact for table in TABLES.operations.values() for fact in table.facts if fact.page == page]
