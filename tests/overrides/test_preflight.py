"""Pre-flight: what an integration will not do with a request is said before it is sent, all of it, and where."""

from __future__ import annotations

import asyncio
import copy
import inspect
import logging
import pickle
import subprocess
import sys
import warnings
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final, Literal, Unpack

import pytest

from accounts_client import (
    JSON,
    ConfigurationError,
    InvalidRequestError,
    PreflightError,
    Request,
    Truto,
    coperniq_accounts,
    crm_accounts,
    crm_users,
)
from accounts_client.support import Explanation, Fact, Finding, FindingKind, SupportWarning, explain, support
from accounts_client.testing import FakeTruto
from accounts_client_runtime import FreeJSON, Names, Operation
from accounts_client_runtime.client import SyncClientOptions
from accounts_client_runtime.preflight import explain as explain_by
from accounts_client_runtime.support import OperationTable, SupportTables

SAVE: Final = Operation("things.save", "POST", "/things", FreeJSON())
RENAMED: Final = Operation(
    "things.save",
    "POST",
    "/things",
    FreeJSON(),
    query_names={"from_": "from"},
    body_names=Names({"type_": "type"}, {"parts": Names({"class_": "class"})}),
)


def save_thing() -> Request[JSON]:
    return Request(SAVE)


def found(
    *facts: Fact,
    operation: Operation[JSON] = SAVE,
    query: Mapping[str, object] | None = None,
    body: Mapping[str, object] | None = None,
) -> list[tuple[FindingKind, str, str]]:
    """Return what is found for the integration Aha, by the facts, in a request."""
    names = {
        place: tuple(dict.fromkeys(fact.name for fact in facts if fact.place == place and fact.name))
        for place in ("query", "body")
    }
    table = OperationTable(operation, save_thing, query=names["query"], body=names["body"], answer=(), facts=facts)
    known = SupportTables(table).support("Aha")
    explanation = explain_by(Request(operation, query=query or {}, body=body), known)
    assert all(finding.integration == "Aha" and finding.operation == "things.save" for finding in explanation.findings)
    return [(finding.kind, finding.place, finding.field) for finding in explanation.findings]


def only(
    place: Literal["query", "body"],
    name: str,
    *,
    supported: tuple[str, ...] = (),
    required: tuple[str, ...] = (),
    values: Mapping[str, tuple[str, ...]] | None = None,
    max_items: Mapping[str, int] | None = None,
) -> Fact:
    """Return what a page says about one field."""
    return Fact(
        place,
        name,
        page="page",
        supported=supported,
        required=required,
        values=values or {},
        max_items=max_items or {},
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"size": 1}, []),
        ({"size": None}, []),
        ({}, [("missing", "body", "size")]),
        (None, [("missing", "body", "size")]),
        ({"other": 1}, [("missing", "body", "size")]),
    ],
)
def test_what_an_integration_requires_is_missed(
    body: Mapping[str, object] | None, expected: list[tuple[str, str, str]]
) -> None:
    assert found(only("body", "size", required=("Aha",)), body=body) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"size": 1}, []),
        ({"size": False}, []),
        ({"size": ""}, []),
        ({"size": None}, [("missing", "query", "size")]),
        ({"size": {}}, [("missing", "query", "size")]),
    ],
)
def test_a_query_option_that_is_not_sent_is_missed(
    query: Mapping[str, object], expected: list[tuple[str, str, str]]
) -> None:
    assert found(only("query", "size", required=("Aha",)), query=query) == expected


def test_a_field_that_is_not_listed_is_found_where_it_is_given() -> None:
    fact = only("body", "size", supported=("Bitrix",))
    having = Fact("operation", page="page", integrations=("Aha", "Bitrix"))
    assert found(having, fact, body={"size": None}) == [("not_listed", "body", "size")]
    assert found(having, fact, body={"other": 1}) == []


@pytest.mark.parametrize(
    ("value", "is_found"),
    [
        ("a", False),
        ("c", True),
        (None, False),
        (1, True),
        ({"a": "asc", "b": "desc"}, False),
        ({"a": "asc", "c": "desc"}, True),
        ({}, False),
    ],
)
def test_other_values_than_the_integration_takes_are_found(value: object, is_found: bool) -> None:
    fact = only("query", "order", values={"Aha": ("a", "b")})
    assert found(fact, query={"order": value}) == ([("value", "query", "order")] if is_found else [])


@pytest.mark.parametrize(("value", "is_found"), [([], False), ([1, 2], False), ([1, 2, 3], True), ("abc", False)])
def test_longer_lists_than_the_integration_takes_are_found(value: object, is_found: bool) -> None:
    fact = only("body", "parts", supported=("Aha",), max_items={"Aha": 2})
    assert found(fact, body={"parts": value}) == ([("too_many", "body", "parts")] if is_found else [])


def test_fields_below_others_are_found_in_objects_and_lists() -> None:
    fact = only("body", "parts.kind", values={"Aha": ("a",)})
    assert found(fact, body={"parts": [{"kind": "a"}, {"kind": "b"}]}) == [("value", "body", "parts.kind")]
    assert found(fact, body={"parts": {"kind": "a"}}) == []
    assert found(fact, body={"parts": "kind"}) == []


def test_fields_are_known_by_their_wire_names() -> None:
    facts = (
        only("body", "type", required=("Aha",)),
        only("body", "parts.class", values={"Aha": ("a",)}),
        only("query", "from", required=("Aha",)),
    )
    given: Mapping[str, object] = {"type_": "x", "parts": [{"class_": "b"}]}
    assert found(*facts, operation=RENAMED, query={"from_": "x"}, body=given) == [("value", "body", "parts.class")]


def test_nothing_is_found_where_the_pages_leave_it_open() -> None:
    disagreeing = (only("body", "size", supported=("Aha",)), only("body", "size", required=("Aha",)))
    assert found(*disagreeing, body={"size": 1}) == found(*disagreeing, body={}) == []
    limits = only("body", "size", supported=("Aha",), values={"Aha": ("a",)}, max_items={"Aha": 1})
    assert found(limits, only("body", "size", required=("Aha",)), body={"size": ["b", "c"]}) == []
    order = only("query", "order", supported=("Aha",), values={"Aha": ("a",)})
    assert found(order, only("query", "order", required=("Aha",)), query={"order": "b"}) == []


def test_a_body_that_goes_to_the_provider_as_it_is_is_not_looked_at() -> None:
    fact = only("body", "size", required=("Aha",))
    for is_on in (True, "true"):
        assert found(fact, query={"truto_body_passthrough": is_on}, body={}) == []
    assert found(fact, query={"truto_body_passthrough": False}, body={}) == [("missing", "body", "size")]


def test_an_operation_that_is_not_there_and_partial_lists_are_found() -> None:
    without = Fact("operation", page="page", integrations=("Bitrix",), without=("Aha",))
    assert found(without) == [("no_operation", "operation", "")]
    partial = Fact("operation", page="page", integrations=("Aha",), partial=("Aha",))
    assert found(partial) == [("partial_list", "operation", "")]


@pytest.mark.parametrize(
    ("request_", "integration", "messages"),
    [
        (
            crm_users.update_user("7", {"name": "Ada", "email": "a@example.com"}),
            "Salesforce",
            [
                "Salesforce does not list name in the body",
                "Salesforce requires first_name in the body",
                "Salesforce requires last_name in the body",
            ],
        ),
        (
            crm_accounts.merge_accounts(
                {"master_record": {"id": "1"}, "duplicate_records": [{"id": "2"}, {"id": "3"}, {"id": "4"}]}
            ),
            "Zoho CRM",
            ["Zoho CRM takes 2 items at most for duplicate_records in the body"],
        ),
        (
            crm_users.list_users(sort_by={"name": "asc"}),
            "Planhat",
            ["Planhat takes for sort_by in the query only created_at, updated_at, email"],
        ),
        (crm_users.list_users(), "Highlevel", ["Highlevel requires workspace in the query"]),
        (crm_accounts.batch_delete_accounts({"id": ["1"]}), "Close", ["Close does not have crm_accounts.batch_delete"]),
        (
            crm_accounts.list_accounts(),
            "Pipedrive",
            ["lists of Pipedrive are partial: get() gives all fields of a record"],
        ),
    ],
)
def test_findings_say_in_a_sentence_what_is_wrong(
    request_: Request[object], integration: str, messages: list[str]
) -> None:
    assert [finding.message for finding in explain(request_, integration).findings][: len(messages)] == messages


def test_a_finding_holds_what_the_integration_takes_and_where_that_stands() -> None:
    cells = {
        "order": Fact("query", "order", page="orders", values={"Aha": ("a", "b")}),
        "parts": only("body", "parts", values={"Aha": ("a",)}, max_items={"Aha": 1}),
        "things": Fact("operation", page="things", integrations=("Bitrix",), without=("Aha",), partial=("Aha",)),
    }
    table = OperationTable(SAVE, save_thing, query=("order",), body=("parts",), answer=(), facts=(*cells.values(),))
    request: Request[JSON] = Request(SAVE, query={"order": "c"}, body={"parts": ["a", "b"]})
    findings = explain_by(request, SupportTables(table).support("Aha")).findings
    assert [(finding.kind, finding.values, finding.max_items, finding.pages) for finding in findings] == [
        ("partial_list", (), None, ("things",)),
        ("value", ("a", "b"), None, ("orders",)),
        ("value", ("a",), None, ("page",)),
        ("too_many", (), 1, ("page",)),
    ]


def test_an_explanation_holds_what_is_known_and_what_is_open() -> None:
    request = crm_users.list_users(name="Ada", created_at={"gte": "2026-01-01"}, sort_by={"name": "asc"})
    explanation = explain(request, support("Outreach"))
    assert (explanation.integration, explanation.operation, explanation.verdict) == (
        "Outreach",
        "crm_users.list",
        "supported",
    )
    assert [(finding.kind, finding.field, finding.values) for finding in explanation.findings] == [
        ("value", "sort_by", ("email", "created_at", "updated_at"))
    ]
    assert explanation.unknown == (("query", "name"),)
    (page,) = explanation.findings[0].pages
    assert page.endswith("/users/list")
    assert {page, "www.truto.one/docs/api-reference/unified-crm-api/integration-coverage.md"} <= {*explanation.pages}


def test_what_no_page_speaks_of_cannot_be_explained() -> None:
    with pytest.raises(ConfigurationError, match=r"no integrations of coperniq_accounts\.get"):
        explain(coperniq_accounts.get_account(1), "HubSpot")
    with pytest.warns(SupportWarning, match="did you mean 'HubSpot'") as caught:
        explanation = explain(crm_users.update_user("7", {"name": "Ada"}), "Hubspott")
    assert caught[0].filename == __file__
    assert (explanation.verdict, explanation.findings) == ("unknown", ())


def salesforce(**options: Unpack[SyncClientOptions]) -> tuple[FakeTruto, Truto]:
    """Return a fake with one user and a handle that is bound to Salesforce."""
    fake = FakeTruto()
    fake.add("crm_users", {"id": "7", "name": "Ada"})
    return fake, fake.client(**options).account(fake.integrated_account_id, integration="Salesforce")


INCOMPLETE: Final[crm_users.UserUpdate] = {"name": "Ada", "email": "ada@example.com"}
MESSAGE: Final = (
    "crm_users.update: Salesforce does not list name in the body; Salesforce requires first_name in the body; "
    "Salesforce requires last_name in the body"
)


def test_by_default_one_warning_and_one_log_line_tell_all_and_the_request_is_sent(
    caplog: pytest.LogCaptureFixture,
) -> None:
    fake, truto = salesforce()
    with caplog.at_level(logging.WARNING), pytest.warns(SupportWarning) as caught:
        truto.crm_users.update("7", INCOMPLETE)
    assert [str(warning.message) for warning in caught] == [MESSAGE]
    assert [record.getMessage() for record in caplog.records] == [MESSAGE]
    assert caplog.records[0].name == "accounts_client"
    assert len(fake.requests) == 1


def test_values_of_a_request_are_in_no_message() -> None:
    _, truto = salesforce()
    with pytest.raises(PreflightError) as caught:
        truto.with_options(preflight="error").crm_users.update("7", {"name": "secret-2f9c81"})
    assert "secret-2f9c81" not in str(caught.value)


def test_an_error_holds_the_findings_as_data_and_nothing_is_sent() -> None:
    fake, truto = salesforce(preflight="error")
    with pytest.raises(PreflightError) as caught:
        truto.crm_users.update("7", INCOMPLETE)
    error = caught.value
    assert isinstance(error, InvalidRequestError)
    assert (str(error), error.integration, fake.requests) == (MESSAGE, "Salesforce", ())
    assert error.request == crm_users.update_user("7", INCOMPLETE)
    assert [(finding.kind, finding.field, finding.pages) for finding in error.findings] == [
        ("not_listed", "name", ("crm-users-update",)),
        ("missing", "first_name", ("crm-users-update",)),
        ("missing", "last_name", ("crm-users-update",)),
    ]


def pickled(error: PreflightError) -> PreflightError:
    """Return the error as another process would get it."""
    twin: PreflightError = pickle.loads(pickle.dumps(error))
    return twin


@pytest.mark.parametrize("copied", [pickled, copy.deepcopy, copy.copy])
def test_an_error_and_its_findings_pickle_and_copy(copied: Callable[[PreflightError], PreflightError]) -> None:
    _, truto = salesforce(preflight="error")
    with pytest.raises(PreflightError) as caught:
        truto.crm_users.update("7", INCOMPLETE)
    twin = copied(caught.value)
    assert type(twin) is PreflightError
    assert (str(twin), twin.findings, twin.integration, twin.request) == (
        str(caught.value),
        caught.value.findings,
        "Salesforce",
        caught.value.request,
    )
    with pytest.raises(AttributeError):
        twin.findings[0].field = "other"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]


def test_switched_off_nothing_is_said() -> None:
    fake, truto = salesforce(preflight="off")
    truto.crm_users.update("7", INCOMPLETE)
    truto.with_options(preflight="warn").with_options(preflight="off").crm_users.update("7", INCOMPLETE)
    assert len(fake.requests) == 2


def test_a_view_says_what_comes_of_findings_and_its_original_stays() -> None:
    _, truto = salesforce(preflight="off")
    with pytest.raises(PreflightError):
        truto.with_options(preflight="error").crm_users.update("7", INCOMPLETE)
    truto.crm_users.update("7", INCOMPLETE)


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="preflight is 'loud', expected one of off, warn, error"):
        Truto("token", preflight="loud")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with pytest.raises(ConfigurationError, match="preflight is True"):
        Truto("token").with_options(preflight=True)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def test_a_request_without_findings_and_a_handle_without_integration_say_nothing() -> None:
    fake, truto = salesforce(preflight="error")
    truto.crm_users.update("7", {"first_name": "Ada", "last_name": "L", "email": "ada@example.com"})
    truto.account(fake.integrated_account_id).crm_users.update("7", INCOMPLETE)
    assert len(fake.requests) == 2


def test_operations_of_which_no_page_names_integrations_are_not_compared() -> None:
    fake, truto = salesforce(preflight="error")
    fake.add_method("crm_users", "archive", lambda body: {"is_archived": True})
    truto.crm_users.call("archive", {"name": "Ada"})
    truto.capabilities()
    assert [request.status for request in fake.requests] == [200, 200]


def test_extras_of_a_view_are_looked_at_as_well() -> None:
    fake, truto = salesforce(preflight="error")
    names = {"first_name": "Ada", "last_name": "L"}
    truto.with_options(extra_body=names).crm_users.update("7", {"email": "ada@example.com"})
    with pytest.raises(PreflightError, match="does not list name"):
        truto.with_options(extra_body={**names, "name": "Ada"}).crm_users.update("7", {"email": "ada@example.com"})
    assert len(fake.requests) == 1


def test_a_listing_is_looked_at_once_where_it_is_asked_for() -> None:
    fake = FakeTruto(page_size=1)
    fake.add_samples("crm_accounts", 3)
    truto = fake.client().account(fake.integrated_account_id, integration="Pipedrive")
    with pytest.warns(SupportWarning) as caught:
        companies, line = truto.crm_accounts.list(), here()
    assert [(warning.filename, warning.lineno) for warning in caught] == [(__file__, line)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(companies.to_list()) == 3
    with pytest.raises(PreflightError, match="get\\(\\) gives all fields"):
        truto.with_options(preflight="error").crm_accounts.list()


def here() -> int:
    """Return the number of the line that calls this."""
    frame = inspect.currentframe()
    assert frame is not None
    assert frame.f_back is not None
    return frame.f_back.f_lineno


def test_a_warning_names_the_line_of_the_user() -> None:
    _, truto = salesforce()
    request = crm_users.update_user("7", INCOMPLETE)
    calls: list[Callable[[], object]] = [
        lambda: (truto.crm_users.update("7", INCOMPLETE), here()),
        lambda: (truto.send(request), here()),
        lambda: (truto.send_with_response(request), here()),
        lambda: (truto.send_raw(request), here()),
        lambda: (truto.send_debug(request), here()),
        lambda: (truto.stream(request).__enter__(), here()),
    ]
    for call in calls:
        with pytest.warns(SupportWarning) as caught:
            result = call()
        assert isinstance(result, tuple)
        assert [(warning.filename, warning.lineno) for warning in caught] == [(__file__, result[1])]


def test_a_warning_names_the_line_of_the_user_with_asyncio() -> None:
    fake = FakeTruto()
    fake.add("crm_users", {"id": "7", "name": "Ada"})
    lines: list[int] = []

    async def direct() -> None:
        async with fake.async_client() as client:
            truto = client.account(fake.integrated_account_id, integration="Salesforce")
            lines.append(here() + 1)
            await truto.crm_users.update("7", INCOMPLETE)
            lines.append(here() + 1)
            await asyncio.wait_for(asyncio.shield(inner(truto.send(crm_users.update_user("7", INCOMPLETE)))), 5)

    async def inner(call: Awaitable[object]) -> None:
        lines[-1] = here() + 1
        await call

    with pytest.warns(SupportWarning) as caught:
        asyncio.run(direct())
    assert [(warning.filename, warning.lineno) for warning in caught] == [(__file__, line) for line in lines]


def test_a_task_of_the_library_alone_is_told_of_in_the_file_that_runs_the_loop() -> None:
    fake = FakeTruto()
    fake.add("crm_users", {"id": "7", "name": "Ada"})

    async def gathered() -> None:
        async with fake.async_client() as client:
            truto = client.account(fake.integrated_account_id, integration="Salesforce")
            await asyncio.gather(truto.crm_users.update("7", INCOMPLETE))

    with pytest.warns(SupportWarning) as caught:
        asyncio.run(gathered())
    assert [warning.filename for warning in caught] == [__file__]


def test_one_warning_a_line_is_shown_of_many_calls() -> None:
    fake, truto = salesforce()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for _ in range(3):
            truto.crm_users.update("7", INCOMPLETE)
    assert (len(caught), len(fake.requests)) == (1, 3)


def test_a_body_without_json_form_is_refused_as_ever() -> None:
    _, truto = salesforce()
    with pytest.raises(InvalidRequestError, match=r"body\.name is of type object"):
        truto.crm_users.update("7", {"name": object()})  # type: ignore[typeddict-item]  # pyright: ignore[reportArgumentType]


def test_neither_tables_nor_checks_are_loaded_by_calls_without_an_integration(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import sys\n"
        "from accounts_client import Truto\n"
        "truto = Truto('token', integrated_account_id='a', preflight='error', max_retries=0, base_url='http://[::1]:1')\n"
        "truto.crm_users.list()\n"
        "try:\n"
        "    truto.crm_users.update('7', {'name': 'Ada'})\n"
        "except Exception as error:\n"
        "    print(type(error).__name__)\n"
        "print(sorted(name for name in sys.modules if name.endswith(('.support', '.preflight', '.capabilities'))))\n"
    )
    run = subprocess.run([sys.executable, str(program)], capture_output=True, check=True, text=True)
    assert run.stdout.split("\n") == ["ConnectError", "[]", ""]


def test_findings_and_explanations_are_values() -> None:
    request = crm_users.update_user("7", INCOMPLETE)
    one, other = explain(request, "Salesforce"), explain(request, "salesforce")
    assert one == other
    assert isinstance(one, Explanation)
    assert isinstance(one.findings[0], Finding)
    assert pickle.loads(pickle.dumps(one)) == one
    assert "page" not in repr(one.findings[0])
