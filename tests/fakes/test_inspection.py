"""The inspection finds what it is there to find, and says where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pytest

from accounts_client import JSONInput
from tests.fakes.inspection import InspectedCoperniq, InspectedTruto

ACCOUNTS: Final = "/unified/crm/accounts"
JSON_HEADERS: Final = {"content-type": "application/json"}


def ask_truto(
    fake: InspectedTruto,
    path: str = ACCOUNTS,
    query: str = "",
    *,
    method: str = "GET",
    content: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> list[str]:
    """Send what the client would not send, and return what the inspection found."""
    fake.http_client().request(
        method,
        f"https://api.truto.one{path}?integrated_account_id={fake.integrated_account_id}{query}",
        content=content,
        headers={"authorization": f"Bearer {fake.token}", **(headers or {})},
    )
    return fake.inspection.violations


def ask_coperniq(fake: InspectedCoperniq, path: str, **headers: str) -> list[str]:
    fake.http_client().get(f"https://api.coperniq.io/v1{path}", headers={"x-api-key": fake.api_key, **headers})
    return fake.inspection.violations


@pytest.mark.parametrize(
    ("values", "removed", "violation"),
    [
        # Undocumented fields, which the open specs allow everywhere.
        ({"result[0].score": 5}, [], "$.result[0]: Additional properties are not allowed ('score' was unexpected)"),
        ({"result[0].owner.x": 5}, [], "$.result[0].owner: Additional properties are not allowed ('x' was unexpected)"),
        ({"total": 1}, [], "$: Additional properties are not allowed ('total' was unexpected)"),
        # Missing documented fields, of which the open specs require the id alone.
        ({}, ["result[0].website"], "$.result[0]: 'website' is a required property"),
        ({}, ["result_count"], "$: 'result_count' is a required property"),
        # Wrong types, formats and forms.
        ({"result[0].website": 5}, [], "$.result[0].website: 5 is not of type 'string', 'null'"),
        ({"result[0].owner.id": 5}, [], "$.result[0].owner.id: 5 is not of type 'string', 'null'"),
        ({"result[0].id": None}, [], "$.result[0].id: None is not of type 'string'"),
        ({"result[0].created_at": "yesterday"}, [], "$.result[0].created_at: 'yesterday' is not a 'date-time'"),
        ({"result": {}}, [], "$.result: {} is not of type 'array'"),
    ],
)
def test_an_answer_with_other_values_is_found(
    values: Mapping[str, JSONInput], removed: Sequence[str], violation: str
) -> None:
    fake = InspectedTruto()
    fake.add_samples("crm_accounts", 1)
    fake.alter_next(values, remove=removed)
    assert ask_truto(fake) == [f"crm_accounts.list: the answer 200: {violation}"]


def test_a_field_that_is_missing_inside_a_record_is_found_where_records_are_whole() -> None:
    for is_deep, violations in (
        (False, []),
        (True, ["crm_accounts.list: the answer 200: $.result[0].tags[0]: 'name' is a required property"]),
    ):
        fake = InspectedTruto(is_deep=is_deep)
        fake.add_samples("crm_accounts", 1)
        fake.alter_next(remove=["result[0].tags[0].name"])
        assert ask_truto(fake) == violations


def test_a_field_that_was_not_to_be_shown_is_found() -> None:
    fake = InspectedTruto()
    fake.add_samples("crm_accounts", 1)
    fake.alter_next({"result[0].name": "Acme"})
    (violation,) = ask_truto(fake, query="&truto_exclude_fields%5B%5D=name")
    assert violation.endswith("$.result[0]: Additional properties are not allowed ('name' was unexpected)")


@pytest.mark.parametrize(
    ("form", "removed", "violation"),
    [
        ("debug", "debug.requestUrl", "$.debug: 'requestUrl' is a required property"),
        ("debug", "debug.isLooping", "$.debug: 'isLooping' is a required property"),
        ("debug", "result.result_count", "$.result: 'result_count' is a required property"),
        ("normalized", "result_count", "$: 'result_count' is a required property"),
    ],
)
def test_an_answer_in_another_form_is_held_against_its_own_description(form: str, removed: str, violation: str) -> None:
    fake = InspectedTruto()
    fake.alter_next(remove=[removed])
    assert ask_truto(fake, query=f"&truto_response_format={form}") == [
        f"crm_accounts.list: the answer 200: {violation}"
    ]


@pytest.mark.parametrize(
    ("status", "body", "violation"),
    [
        (418, {}, "the status 418 is not documented"),
        (204, {}, "the status 204 is not documented"),
        (404, {"code": 5}, "the answer 404: $: Additional properties are not allowed ('code' was unexpected)"),
        (404, {"statusCode": "404"}, "the answer 404: $.statusCode: '404' is not of type 'number'"),
        (
            403,
            {"truto_error_insight": {"forbidden_error": {"value": ["crm.write"]}}},
            "the answer 403: $.truto_error_insight.forbidden_error.value: ['crm.write'] is not of type 'object'",
        ),
    ],
)
def test_an_error_that_is_not_documented_is_found(status: int, body: Mapping[str, JSONInput], violation: str) -> None:
    fake = InspectedTruto()
    fake.fail_next(status, body)
    assert ask_truto(fake) == [f"crm_accounts.list: {violation}"]


def test_an_error_without_its_usual_keys_is_found() -> None:
    fake = InspectedTruto()
    fake.fail_next(404)
    fake.alter_next(remove=["message"])
    assert ask_truto(fake) == ["crm_accounts.list: the answer 404: $: 'message' is a required property"]
    other = InspectedCoperniq()
    other.fail_next(404)
    other.alter_next(remove=["code"])
    assert ask_coperniq(other, "/accounts/1") == [
        "coperniq_accounts.get: the answer 404: $: 'code' is a required property"
    ]


def test_a_body_that_is_not_json_is_found() -> None:
    fake = InspectedTruto()
    fake.fail_next(502, "<html>")
    assert ask_truto(fake) == [
        "crm_accounts.list: the answer 502 is of type text/plain",
        "crm_accounts.list: the answer 502 is no JSON",
    ]


def test_contacts_that_nobody_asked_for_are_found() -> None:
    fake = InspectedCoperniq()
    fake.add_samples("coperniq_accounts", 1)
    fake.alter_next({"[0].contacts": []})
    (violation,) = ask_coperniq(fake, "/accounts")
    assert violation.endswith("$[0]: Additional properties are not allowed ('contacts' was unexpected)")


@pytest.mark.parametrize(
    ("query", "violation"),
    [
        ("&color=red", "$: Additional properties are not allowed ('color' was unexpected)"),
        ("&limit=many", "$.limit: 'many' is not of type 'integer'"),
        ("&truto_ignore_limit=yes", "$.truto_ignore_limit: 'yes' is not of type 'boolean'"),
        ("&limit=1&limit=2", "$.limit: ['1', '2'] is not of type 'integer'"),
        (
            "&truto_exclude_fields=name",
            "$: Additional properties are not allowed ('truto_exclude_fields' was unexpected)",
        ),
        ("&truto_super_query=moon", "$.truto_super_query: 'moon' is not one of ['apac', 'wnam']"),
        ("&sort_by=name", "$.sort_by: 'name' is not of type 'object'"),
        ("&sort_by[name]=up", "$.sort_by.name: 'up' is not one of ['asc', 'desc']"),
        ("&sort_by[color]=asc", "$.sort_by: Additional properties are not allowed ('color' was unexpected)"),
        ("&created_at[gt]=2024", "$.created_at.gt: '2024' is not a 'date-time'"),
        ("&owner[id][eq]=7", "$.owner.id: {'eq': '7'} is not of type 'string'"),
    ],
)
def test_a_query_that_is_not_documented_is_found(query: str, violation: str) -> None:
    assert ask_truto(InspectedTruto(), query=query)[0] == f"crm_accounts.list: the query: {violation}"


def test_a_query_without_the_integrated_account_is_found() -> None:
    fake = InspectedTruto()
    fake.http_client().get(f"https://api.truto.one{ACCOUNTS}", headers={"authorization": f"Bearer {fake.token}"})
    violation = "crm_accounts.list: the query: $: 'integrated_account_id' is a required property"
    assert fake.inspection.violations == [violation]


@pytest.mark.parametrize(
    ("content", "violation"),
    [
        ('{"name": 5}', "the body: $.name: 5 is not of type 'string'"),
        ('{"name": null}', "the body: $.name: None is not of type 'string'"),
        ('{"score": 5}', "the body: $: Additional properties are not allowed ('score' was unexpected)"),
        (
            '{"owner": {"name": "x"}}',
            "the body: $.owner: Additional properties are not allowed ('name' was unexpected)",
        ),
        ('{"created_at": "2024-01-01"}', "the body: $.created_at: '2024-01-01' is not a 'date-time'"),
        (None, "the body is missing"),
    ],
)
def test_a_body_that_is_not_documented_is_found(content: str | None, violation: str) -> None:
    violations = ask_truto(InspectedTruto(), method="POST", content=content, headers=JSON_HEADERS if content else None)
    assert violations[0] == f"crm_accounts.create: {violation}"


@pytest.mark.parametrize(
    ("method", "headers", "violation"),
    [
        ("POST", {"content-type": "text/plain"}, "crm_accounts.create: the body is of type text/plain"),
        ("POST", {**JSON_HEADERS, "authorization": "x"}, "crm_accounts.create: authorization is 'x'"),
        ("POST", {**JSON_HEADERS, "x-tenant": "1"}, "crm_accounts.create: the header x-tenant is not documented"),
        ("GET", {"idempotency-key": "1"}, "crm_accounts.list: the header idempotency-key is not documented"),
        ("PUT", {}, "PUT /unified/crm/accounts is no operation"),
    ],
)
def test_a_header_or_method_that_is_not_documented_is_found(
    method: str, headers: Mapping[str, str], violation: str
) -> None:
    content = '{"name": "Acme"}' if method == "POST" else None
    assert violation in ask_truto(InspectedTruto(), method=method, content=content, headers=headers)


def test_a_body_of_a_read_is_found() -> None:
    violations = ask_truto(InspectedTruto(), content="{}")
    assert violations == ["crm_accounts.list: there is a body"]


def test_a_path_that_is_not_documented_is_found() -> None:
    assert ask_coperniq(InspectedCoperniq(), "/accounts/seven")[0] == (
        "coperniq_accounts.get: the path's accountId: $: 'seven' is not of type 'integer'"
    )
    assert ask_coperniq(InspectedCoperniq(), "/clients") == ["GET /v1/clients is no operation"]
