"""What the service says of one account narrows what the pages say of its integration."""

from __future__ import annotations

import asyncio
import json
import warnings

import pytest

from accounts_client import (
    JSON,
    AsyncTruto,
    ConfigurationError,
    DecodeError,
    NotFoundError,
    PermissionDeniedError,
    PreflightError,
    Truto,
    crm_accounts,
    crm_users,
)
from accounts_client.support import TABLES, Capabilities, Verdict, explain, from_capabilities, support
from accounts_client.testing import FakeTruto
from accounts_client_runtime import Operation
from accounts_client_runtime.capabilities import get_capabilities


def entry(resource: str, *methods: str, model: str = "crm", env_overridden: bool = False) -> JSON:
    """Return what an answer says of one resource."""
    return {
        "model": model,
        "model_label": "Unified CRM API",
        "resource": resource,
        "description": None,
        "docs_url": None,
        "methods": [*methods],
        "env_overridden": env_overridden,
    }


def answer(*unified: JSON, label: str = "Salesforce") -> dict[str, JSON]:
    """Return an answer about an account."""
    return {
        "integration": {"id": "i", "name": label.lower(), "label": label, "category": "crm"},
        "environment_id": "e",
        "proxy": [],
        "unified": [*unified],
        "auth": {"formats": ["oauth2"], "fields": []},
        "ai_readiness": {"proxy_methods": 0, "proxy_methods_with_descriptions": 0, "ai_ready_score": 0},
        "account": {"id": "a", "status": "active", "authentication_method": "oauth2", "is_blocked": False},
    }


USERS = entry("users", "get", "list", "update")


@pytest.mark.parametrize(
    ("operation", "verdict"),
    [
        (crm_users.UPDATE_USER, "supported"),
        (crm_users.GET_USER, "supported"),
        (crm_users.CREATE_USER, "not_listed"),
        (crm_users.DELETE_USER, "not_listed"),
    ],
)
def test_the_answer_decides_which_operations_there_are(operation: Operation[object], verdict: Verdict) -> None:
    known = from_capabilities(answer(USERS)).of(operation)
    assert known.verdict == verdict
    assert known.facts[-1].page == "integrated-account/{id}/capabilities"
    assert ("Salesforce" in known.facts[-1].named) == (verdict == "supported")
    assert known.facts[:-1] == support("Salesforce").of(operation).facts


def test_custom_methods_are_known_however_they_are_spelled() -> None:
    for spelling in ("batch-delete", "batch_delete"):
        known = from_capabilities(answer(entry("accounts", "merge", spelling)))
        assert known.of(crm_accounts.BATCH_DELETE_ACCOUNTS).verdict == "supported"
        assert known.of(crm_accounts.merge_accounts).verdict == "supported"
        assert known.of(crm_accounts.list_accounts).verdict == "not_listed"


def test_fields_stay_as_the_pages_have_them() -> None:
    live, pages = from_capabilities(answer(USERS)), support("Salesforce")
    assert live.of(crm_users.update_user).body == pages.of(crm_users.update_user).body
    assert live.integration == "Salesforce"
    assert live.is_known


def test_a_mapping_of_the_environment_leaves_all_fields_open() -> None:
    known = from_capabilities(answer(entry("users", "update", env_overridden=True))).of(crm_users.update_user)
    assert known.verdict == "supported"
    assert {cell.verdict for cell in known.body.values()} == {"unknown"}
    assert known.body["email"].facts == support("Salesforce").of(crm_users.update_user).body["email"].facts


def test_an_operation_that_the_pages_do_not_have_leaves_all_fields_open() -> None:
    pages = support("HubSpot").of(crm_users.update_user)
    live = from_capabilities(answer(USERS, label="HubSpot")).of(crm_users.update_user)
    assert (pages.verdict, live.verdict) == ("not_listed", "supported")
    assert {cell.verdict for cell in live.body.values()} == {"unknown"}


def test_a_resource_that_is_not_named_is_missing_only_from_a_whole_answer() -> None:
    part, whole = from_capabilities(answer(USERS)), from_capabilities(answer(USERS), is_whole=True)
    assert part.of(crm_accounts.update_account) == support("Salesforce").of(crm_accounts.update_account)
    assert whole.of(crm_accounts.update_account).verdict == "not_listed"
    # Another model has a resource of the same name.
    tickets = from_capabilities(answer(entry("accounts", "list", model="ticketing")))
    assert tickets.of(crm_accounts.list_accounts) == support("Salesforce").of(crm_accounts.list_accounts)
    assert tickets.operations["ticketing_accounts.list"].verdict == "supported"


def test_an_integration_that_no_page_names_is_known_by_its_answer_alone() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        live = from_capabilities(answer(USERS, label="Quickbase"))
    assert (live.integration, live.is_known) == ("Quickbase", False)
    assert live.of(crm_users.update_user).verdict == "supported"
    assert {cell.verdict for cell in live.of(crm_users.update_user).body.values()} == {"unknown"}


def test_the_name_for_addresses_is_enough() -> None:
    given = answer(USERS)
    given["integration"] = {"name": "zoho-crm"}
    assert from_capabilities(given).integration == "Zoho CRM"
    given["integration"] = None
    assert from_capabilities(given).integration == ""


def test_an_answer_is_read_as_text_bytes_or_json() -> None:
    text = json.dumps(answer(USERS))
    for form in (text, text.encode(), answer(USERS)):
        assert from_capabilities(form).of(crm_users.create_user).verdict == "not_listed"


@pytest.mark.parametrize("given", [b"<html>", "[]", [], None, 5])
def test_what_is_no_answer_is_refused(given: JSON | bytes) -> None:
    with pytest.raises(DecodeError):
        from_capabilities(given)


@pytest.mark.parametrize(
    "odd", [None, "x", [], [None], [{}], [{"methods": "list"}], [{"model": "crm", "methods": [1]}]]
)
def test_odd_values_in_an_answer_narrow_nothing(odd: JSON) -> None:
    given = answer()
    given["unified"] = odd
    live = from_capabilities(given)
    assert {name: known.verdict for name, known in live.operations.items()} == {
        name: known.verdict for name, known in support("Salesforce").operations.items()
    }


def test_a_handle_is_bound_to_what_its_account_can_do() -> None:
    fake = FakeTruto(integration="Salesforce")
    with fake.client() as truto:
        live = from_capabilities(truto.capabilities(), is_whole=True)
        bound = truto.account(fake.integrated_account_id, integration=live).with_options(preflight="error")
        assert bound.integration == "Salesforce"
        with pytest.raises(PreflightError) as caught:
            bound.ticketing_accounts.list()
    (finding,) = (finding for finding in caught.value.findings if finding.kind == "no_operation")
    assert "integrated-account/{id}/capabilities" in finding.pages
    assert explain(crm_users.update_user("7", {"email": "a@example.com"}), live).findings != ()


@pytest.mark.parametrize("integration", [None, "Salesforce", "Pipedrive"])
def test_the_fake_says_what_it_does(integration: str | None) -> None:
    fake = FakeTruto(integration=integration)
    with fake.client() as truto:
        capabilities = truto.capabilities()
    assert isinstance(capabilities, Capabilities)
    assert capabilities.integration is not None
    assert capabilities.integration.label == (integration or "Fake")
    assert capabilities.account is not None
    assert (capabilities.account.id, capabilities.account.is_blocked) == (fake.integrated_account_id, False)
    assert fake.requests[0].query["type"] == "unified"
    live = from_capabilities(capabilities, is_whole=True)
    for name, known in TABLES.support(integration).operations.items() if integration else ():
        assert (live.operations[name].verdict == "supported") == (known.verdict != "not_listed")


def test_the_fake_tells_of_methods_that_a_test_adds_and_narrows_by_resource_and_type() -> None:
    fake = FakeTruto()
    fake.add_method("crm_users", "archive", lambda body: None)
    with fake.client() as truto:
        unified = {entry.resource: entry.methods for entry in truto.capabilities().unified or ()}
        assert "archive" in (unified["users"] or [])
        narrow = truto.with_options(extra_query={"resource": "users"}).capabilities().unified or []
        assert [entry.resource for entry in narrow] == ["users"]


def test_async_clients_ask_as_well() -> None:
    fake = FakeTruto(integration="HubSpot")

    async def ask() -> str | None:
        async with fake.async_client() as truto:
            integration = (await truto.capabilities()).integration
            assert integration is not None
            return integration.label

    assert asyncio.run(ask()) == "HubSpot"


def test_capabilities_are_those_of_an_account_with_an_id_and_an_api_token() -> None:
    with pytest.raises(ConfigurationError, match="capabilities need an API token and the id"):
        Truto("token").capabilities()
    with pytest.raises(ConfigurationError, match="capabilities need an API token and the id"):
        Truto(integrated_account_token="token").capabilities()
    with pytest.raises(ConfigurationError, match="capabilities need an API token and the id"):
        asyncio.run(AsyncTruto("token").capabilities())
    fake = FakeTruto()
    with fake.client() as truto, pytest.raises(NotFoundError):
        truto.send(get_capabilities("another"))
    client = Truto(fake.issue_token(), integrated_account_id=fake.integrated_account_id, http_client=fake.http_client())
    with client, pytest.raises(PermissionDeniedError):
        client.capabilities()
