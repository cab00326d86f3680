"""For every integration, operation and documented field, FakeTruto behaves as the verdict of the data says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import httpx
import pytest
from attrs import frozen

from accounts_client import JSON, BadRequestError, Request, Truto
from accounts_client.support import TABLES, OperationSupport, Verdict
from accounts_client.testing import FakeTruto
from accounts_client_runtime.parsing import parse_json
from accounts_client_runtime.support import OperationTable, Place
from accounts_client_testing.truto import TrutoAccount

WRITES = ("create", "update")
# Bodies that name records, and not values of fields.
MERGE: Mapping[str, JSON] = {"master_record": {"id": "1"}, "duplicate_records": [{"id": "2"}]}
DELETE: Mapping[str, JSON] = {"id": ["1"]}
# A value that no sample record has, for each filter; records have no workspace to be filtered by.
FILTERS: Mapping[str, JSON] = {
    **dict.fromkeys(("name", "description", "website", "email"), "nobody"),
    **dict.fromkeys(("created_at", "updated_at", "last_activity_at"), "1999-01-01T00:00:00Z"),
    "owner": {"id": "nobody"},
    "tags": {"id": "nobody"},
    "addresses": {"id": "nobody"},
    "is_active": False,
}
OPERATIONS = list(TABLES.operations)


@frozen
class Trial:
    """One operation of an integration, on an account with two sample records."""

    table: OperationTable
    support: OperationSupport
    account: TrutoAccount
    truto: Truto
    answers: list[httpx.Response]

    @property
    def resource(self) -> str:
        return self.table.operation.name.partition(".")[0]

    @property
    def method(self) -> str:
        return self.table.operation.name.partition(".")[2]

    @property
    def query(self) -> dict[str, JSON]:
        """All that the integration requires in the query."""
        return {name: {"id": "1"} for name in self.marked("query", "required")}

    @property
    def body(self) -> dict[str, JSON]:
        """Everything that the pages document for the body."""
        named = {"merge": MERGE, "batch_delete": DELETE}.get(self.method)
        values = {name: f"new {name}" for name in self.table.fields["body"] if name != "remote_data"}
        return dict(values if named is None else named)

    def marked(self, place: Place, verdict: Verdict) -> set[str]:
        """Return the fields with a verdict."""
        return {name for name, field in self.support.fields(place).items() if field.verdict == verdict}

    def send(self, query: Mapping[str, JSON], body: Mapping[str, JSON]) -> dict[str, JSON]:
        """Carry out the operation with a real client, and return what the answer held."""
        path = dict.fromkeys(re.findall(r"{(\w+)}", self.table.operation.path), "1")
        sent = body if self.table.fields["body"] else None
        self.truto.send(Request(self.table.operation, path=path, query=query, body=sent))
        return as_object(parse_json(self.answers.pop().content))

    def missing(self, query: Mapping[str, JSON], body: Mapping[str, JSON]) -> tuple[set[str], set[str]]:
        """Return which query options and fields of the body the integration misses in a call."""
        try:
            self.send(query, body)
        except BadRequestError as error:
            return set(error.missing_query_parameters), set(error.missing_fields)
        return set(), set()


def trials(name: str) -> Iterator[Trial]:
    """Yield an operation of every integration, and of the default personality, as a trial of its own."""
    table = TABLES.operations[name]
    fake, answers = FakeTruto(), list[httpx.Response]()
    http = fake.http_client()
    http.event_hooks = {"response": [answers.append]}
    with fake.client(http_client=http, budget=None) as truto:
        for integration in (None, *TABLES.integrations):
            account = fake.add_account(integration or "default", integration=integration)
            account.add_samples(name.partition(".")[0], 2)
            support = table.support(account.id, is_known=integration is not None)
            yield Trial(table, support, account, truto.account(account.id), answers)


def working(name: str) -> Iterator[Trial]:
    """Yield the trials whose integration has the operation, as far as the pages know."""
    return (trial for trial in trials(name) if trial.support.verdict != "not_listed")


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_is_refused_where_it_is_not_listed(name: str) -> None:
    for trial in trials(name):
        if trial.support.verdict == "not_listed":
            with pytest.raises(BadRequestError, match=f"does not have {name}"):
                trial.send(trial.query, trial.body)
        else:
            trial.send(trial.query, trial.body)


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_field_is_demanded_where_it_is_required(name: str) -> None:
    for trial in working(name):
        parameters, fields = trial.marked("query", "required"), trial.marked("body", "required")
        assert trial.missing({}, {}) == (parameters, fields), trial
        for field in fields:
            others = {key: value for key, value in trial.body.items() if key != field}
            assert trial.missing(trial.query, others) == (set(), {field}), trial


@pytest.mark.parametrize("name", [name for name in OPERATIONS if name.endswith(WRITES)])
def test_a_field_is_dropped_from_a_body_where_it_is_not_listed(name: str) -> None:
    for trial in working(name):
        trial.send(trial.query, trial.body)
        remote = as_object(trial.account.records(trial.resource)[0 if trial.method == "update" else -1]["remote_data"])
        kept = {field for field, value in trial.body.items() if remote.get(field) == value}
        assert kept == set(trial.body) - trial.marked("body", "not_listed"), trial


@pytest.mark.parametrize("name", [name for name in OPERATIONS if not name.endswith(".list")])
def test_a_field_is_missing_from_an_answer_where_it_is_not_listed(name: str) -> None:
    for trial in working(name):
        answer = trial.send(trial.query, trial.body)
        record = as_object(answer["result"]) if trial.method in ("merge", "batch_delete") else answer
        documented = {"id"} if trial.method == "delete" else set(trial.table.fields["answer"])
        assert set(record) - {"remote_data"} == documented - {"remote_data"} - trial.marked("answer", "not_listed")


@pytest.mark.parametrize("name", [name for name in OPERATIONS if name.endswith(".list")])
def test_a_filter_has_no_effect_where_it_is_not_listed(name: str) -> None:
    for trial in working(name):
        for field in FILTERS.keys() & trial.support.query.keys():
            answer = trial.send({**trial.query, field: FILTERS[field]}, {})
            is_dropped = field in trial.marked("query", "not_listed")
            assert answer["result_count"] == (2 if is_dropped else 0), (trial, field)


@pytest.mark.parametrize("name", [name for name in OPERATIONS if name.endswith(".list")])
def test_a_list_holds_less_where_it_is_partial(name: str) -> None:
    for trial in working(name):
        answer = trial.send(trial.query, {})
        documented = set(trial.table.fields["answer"])
        assert answer["is_partial_response"] == trial.support.is_partial
        assert [set(record) < documented for record in records_in(answer)] == [trial.support.is_partial] * 2, trial


def test_records_are_sorted_by_the_values_that_an_integration_takes() -> None:
    for trial in working("crm_users.list"):
        values = trial.support.query["sort_by"].values
        for field in ("name", "email"):
            answer = trial.send({**trial.query, "sort_by": {field: "desc"}}, {})
            first, _ = records_in(answer)
            assert first["id"] == ("2" if values is None or field in values else "1"), (trial, field)


def records_in(answer: Mapping[str, JSON]) -> list[dict[str, JSON]]:
    records = answer["result"]
    assert isinstance(records, list)
    return [as_object(record) for record in records]


def as_object(value: JSON) -> dict[str, JSON]:
    assert isinstance(value, dict)
    return value
