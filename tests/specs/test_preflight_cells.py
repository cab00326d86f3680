"""Pre-flight finds what the pages say, cell by cell, no more and no less; and FakeTruto refuses nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts_client import APIStatusError, PreflightError, Request
from accounts_client.support import TABLES, FindingKind, Support, Verdict, explain, support
from accounts_client.testing import FakeTruto
from accounts_client_runtime.support import OperationTable, Place
from accounts_client_runtime.types import is_list
from tests.specs.documents import needs_pages, page
from tests.specs.marks import marks
from tests.specs.test_verdicts import EVERYBODY, OPERATIONS, OTHER, PAGES, PRIMARY, Builder, label

REQUESTED: Final = [cell for cell in PRIMARY + OTHER if cell[1] != "answer"]
FULL: Final[Mapping[str, Mapping[str, object]]] = {
    "crm_accounts.merge": {"master_record": {"id": "1"}, "duplicate_records": [{"id": "2"}, {"id": "3"}, {"id": "4"}]},
    "crm_accounts.batch_delete": {"id": ["1"]},
}
"""Bodies whose fields have to be of a certain form."""
FOUND: Final[Mapping[Verdict, tuple[tuple[FindingKind, ...], tuple[FindingKind, ...]]]] = {
    "supported": ((), ()),
    "unknown": ((), ()),
    "required": ((), ("missing",)),
    "not_listed": (("not_listed",), ()),
}
"""What is to be found about a field by its verdict, where it is given and where it is not."""


@cache
def known(integration: str) -> Support:
    return support(integration)


def found(
    table: OperationTable, integration: str, given: Mapping[tuple[Place, str], object]
) -> list[tuple[Place, str, FindingKind]]:
    """Return what is found about an integration in a request that has these fields."""
    query, body = (
        {name: given[place, name] for place, name in given if place == wanted} for wanted in ("query", "body")
    )
    request = Request(table.operation, query=query, body=body)
    findings = explain(request, known(integration)).findings
    return [(finding.place, finding.field, finding.kind) for finding in findings]


def value_of(integration: str, table: OperationTable, place: Place, field: str) -> object:
    """Return a value that the integration takes, if it takes the field."""
    values = known(integration).of(table.operation).fields(place)[field].values
    return {values[0]: "asc"} if values else FULL.get(table.operation.name, {}).get(field, "text")


@needs_pages
@pytest.mark.parametrize(("builder", "place", "field", "integration", "verdict"), REQUESTED, ids=label)
def test_a_field_is_found_by_the_verdict_of_the_pages(
    builder: Builder, place: Place, field: str, integration: str, verdict: Verdict
) -> None:
    table = TABLES.find(builder)
    value = value_of(integration, table, place, field)
    if field == "duplicate_records":
        value = [{"id": "2"}]
    for is_given, kinds in zip((True, False), FOUND[verdict], strict=True):
        findings = found(table, integration, {(place, field): value} if is_given else {})
        assert [kind for at, name, kind in findings if (at, name) == (place, field)] == list(kinds)


@needs_pages
@pytest.mark.parametrize(("builder", "integration", "verdict"), OPERATIONS, ids=label)
def test_an_operation_is_found_by_the_verdict_of_the_pages(
    builder: Builder, integration: str, verdict: Verdict
) -> None:
    findings = found(TABLES.find(builder), integration, {})
    assert (("operation", "", "no_operation") in findings) == (verdict == "not_listed")


@needs_pages
@pytest.mark.parametrize("integration", EVERYBODY)
def test_no_field_that_no_page_speaks_of_is_found(integration: str) -> None:
    told = {(label(builder), place, field) for builder, place, field, _, _ in REQUESTED}
    for table in TABLES.operations.values():
        cells: list[tuple[Place, str]] = [
            (place, name) for place in ("query", "body") for name in table.fields[place] if "." not in name
        ]
        findings = found(table, integration, dict.fromkeys(cells, "text"))
        assert {
            (place, name) for place, name, _ in findings if name and (label(table.builder), place, name) not in told
        } == set()


def sample_of(name: str) -> dict[str, object]:
    """Return the body in the page's own example of a call."""
    text = page(name).partition("\ncurl ")[2].partition("-d '")[2]
    sample, _ = json.JSONDecoder().raw_decode(text)
    return msgspec.convert(sample, dict[str, object])


@needs_pages
@pytest.mark.parametrize("name", ["crm-users-update", "ticketing-accounts-update"])
def test_the_sample_of_a_page_raises_no_alarm_for_those_that_support_it(name: str) -> None:
    table, sample = TABLES.find(PAGES[name]), sample_of(name)
    listed = {field: mark.names for (place, field), mark in marks(name).items() if place == "body"}
    assert {*sample} - {*listed} == {"remote_data"}
    clear: list[str] = []
    for integration in sorted({integration for names in listed.values() for integration in names}):
        supported = {field for field, names in listed.items() if integration in names}
        required = {field for field in supported if listed[field][integration] == "required"}
        # What the page marks for the integration, of the sample: all of it for some, a part for the others.
        part: dict[tuple[Place, str], object] = {
            ("body", field): value for field, value in sample.items() if field in supported or field == "remote_data"
        }
        findings = found(table, integration, part)
        assert [finding for finding in findings if finding[2] != "missing"] == []
        assert {field for _, field, _ in findings} == required - {*sample}
        whole = found(table, integration, {("body", field): value for field, value in sample.items()})
        assert {field for _, field, kind in whole if kind == "not_listed"} == {*sample} - supported - {"remote_data"}
        clear += [integration] * (whole == [])
    assert clear == {"crm-users-update": ["Pipedrive", "Planhat", "Wix"], "ticketing-accounts-update": []}[name]


@needs_pages
@pytest.mark.parametrize("integration", EVERYBODY)
def test_the_sample_of_the_page_that_names_nobody_raises_no_alarm(integration: str) -> None:
    table = TABLES.operations["crm_accounts.create"]
    sample: dict[tuple[Place, str], object] = {
        ("body", field): value for field, value in sample_of("crm-accounts-create").items()
    }
    findings = found(table, integration, sample)
    # The coverage page and another generation of this one say so.
    expected: dict[str, list[tuple[Place, str, FindingKind]]] = {
        "Highlevel": [("query", "workspace", "missing")],
        "Accelo": [("operation", "", "no_operation")],
        "ActiveCampaign": [("operation", "", "no_operation")],
    }
    assert findings == expected.get(integration, [])


WRITES: Final = [
    table for table in TABLES.operations.values() if table.operation.is_write and table.operation.method != "DELETE"
]


@given(
    integration=st.sampled_from(TABLES.integrations),
    table=st.sampled_from(WRITES),
    data=st.data(),
)
def test_findings_are_the_verdicts_and_the_fake_refuses_a_write_only_where_something_is_found(
    integration: str, table: OperationTable, data: st.DataObject
) -> None:
    body: Mapping[str, object] = FULL.get(table.operation.name, {})
    if not body:
        # Those of a certain form the service itself refuses where they lack a field; any other may lack all.
        remote: Mapping[str, str] = {}
        names = data.draw(st.lists(st.sampled_from(table.fields["body"]), unique=True))
        body = {name: remote if name == "remote_data" else "text" for name in names}
    spaces: list[Mapping[str, object]] = [{}, {"workspace": {"id": "1"}}]
    query = data.draw(st.sampled_from(spaces if "workspace" in table.fields["query"] else spaces[:1]))
    cells = known(integration).of(table.operation)
    expected: list[tuple[Place, str, FindingKind]] = []
    if cells.verdict == "not_listed":
        expected.append(("operation", "", "no_operation"))
    places: Mapping[Place, Mapping[str, object]] = {"query": query, "body": body}
    for place, fields in places.items():
        for name, cell in cells.fields(place).items():
            expected.extend((place, name, kind) for kind in FOUND[cell.verdict][name not in fields])
            value = fields.get(name)
            if cell.verdict in ("supported", "required") and cell.max_items and is_list(value):
                too_many: list[tuple[Place, str, FindingKind]] = [(place, name, "too_many")]
                expected.extend(too_many * (len(value) > cell.max_items))

    fake = FakeTruto(integration=integration)
    fake.add_samples(table.operation.name.partition(".")[0], 4)
    path: dict[str, str | int] = {"id": "1"} if "{id}" in table.operation.path else {}
    request = Request(table.operation, path=path, query=query, body=body)
    with fake.client() as client:
        truto = client.account(fake.integrated_account_id, integration=integration).with_options(preflight="error")
        findings: list[tuple[Place, str, FindingKind]] = []
        is_refused = False
        try:
            try:
                truto.send(request)
            except PreflightError as error:
                findings = [(finding.place, finding.field, finding.kind) for finding in error.findings]
                truto.with_options(preflight="off").send(request)
        except APIStatusError:
            is_refused = True
    assert findings == expected
    assert is_refused == any(kind in ("no_operation", "missing", "too_many") for _, _, kind in findings)
