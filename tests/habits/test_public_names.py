"""The public names are a contract with users: one is added or removed here first, on purpose."""

from __future__ import annotations

import pytest

import accounts_client
import accounts_client.support
import accounts_client.testing

CLIENTS = ["Truto", "AsyncTruto", "Coperniq", "AsyncCoperniq"]
VALUES = [
    "Request",
    "Response",
    "Page",
    "Pager",
    "AsyncPager",
    "Checkpoint",
    "Debug",
    "JSON",
    "JSONInput",
    "QueryValue",
    "RetryPolicy",
    "decode",
    "to_json",
    "Deviation",
    "deviation_report",
    "Rejected",
    "Headers",
    "Fault",
    "Action",
    "Outcome",
    "Succeeded",
    "Failed",
    "BudgetPolicy",
    "BudgetUse",
    "Limit",
    "LimitUse",
]
ERRORS = [
    "AccountsClientError",
    "APIStatusError",
    "BadRequestError",
    "AuthenticationError",
    "PermissionDeniedError",
    "NotFoundError",
    "ConflictError",
    "UnprocessableError",
    "RateLimitError",
    "ServerError",
    "MethodNotAllowedError",
    "ConnectError",
    "RequestTimeoutError",
    "DecodeError",
    "QueryEncodingError",
    "CursorLoopError",
    "AmbiguousWriteError",
    "PreflightError",
    "ConfigurationError",
    "InvalidRequestError",
    "BudgetExhaustedError",
]
SUPPORT = [
    "Capabilities",
    "Count",
    "Explanation",
    "Fact",
    "FieldSupport",
    "Finding",
    "FindingKind",
    "Integration",
    "OperationSupport",
    "Support",
    "SupportWarning",
    "Verdict",
    "explain",
    "from_capabilities",
    "integrations_for",
    "support",
]
RECORDS = {
    "crm_accounts": "Account",
    "crm_users": "User",
    "ticketing_accounts": "Account",
    "coperniq_accounts": "Account",
}


def test_the_package_exports_the_contract() -> None:
    assert sorted(accounts_client.__all__) == sorted([*CLIENTS, *VALUES, *ERRORS, *RECORDS])


@pytest.mark.parametrize("name", [*CLIENTS, *VALUES, *ERRORS, *RECORDS])
def test_every_exported_name_is_there(name: str) -> None:
    assert hasattr(accounts_client, name)


def test_the_module_about_integrations_exports_the_contract() -> None:
    assert sorted(accounts_client.support.__all__) == SUPPORT


@pytest.mark.parametrize("name", ["FakeTruto", "FakeCoperniq"])
def test_the_test_doubles_are_there(name: str) -> None:
    assert hasattr(accounts_client.testing, name)


@pytest.mark.parametrize("error", ERRORS)
def test_every_error_is_an_accounts_client_error(error: str) -> None:
    assert issubclass(getattr(accounts_client, error), accounts_client.AccountsClientError)


@pytest.mark.parametrize(("module", "record"), RECORDS.items())
def test_every_module_has_its_models_and_builders(module: str, record: str) -> None:
    noun = record.lower()
    names = [record, f"{record}Create", f"{record}Update", f"{record}ListParams"]
    names += [f"list_{noun}s", *(f"{verb}_{noun}" for verb in ("get", "create", "update", "delete"))]
    category = getattr(accounts_client, module)
    assert [name for name in names if not hasattr(category, name)] == []
