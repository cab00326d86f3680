"""User code that both checkers must accept, with the types that they must see."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never, assert_type

import httpx

from accounts_client import (
    JSON,
    AccountsClientError,
    APIStatusError,
    AsyncCoperniq,
    AsyncPager,
    AsyncTruto,
    Checkpoint,
    Coperniq,
    DecodeError,
    JSONInput,
    NotFoundError,
    Page,
    Pager,
    PreflightError,
    QueryEncodingError,
    QueryValue,
    RateLimitError,
    Request,
    Response,
    RetryPolicy,
    Truto,
    coperniq_accounts,
    crm_accounts,
    crm_users,
    decode,
    ticketing_accounts,
    to_json,
)
from accounts_client.support import (
    Capabilities,
    Explanation,
    FieldSupport,
    Finding,
    FindingKind,
    Integration,
    Support,
    Verdict,
    explain,
    from_capabilities,
    integrations_for,
    support,
)

TENANT = "62f44730-dd91-461e-bd6a-aedd9e0ad79d"


def read_models(truto: Truto, coperniq: Coperniq) -> None:
    """Read fields of the models, nested ones and unknown ones included."""
    account = truto.crm_accounts.get("7")
    assert_type(account, crm_accounts.Account)
    assert_type(account.id, str)
    assert_type(account.name, str | None)
    assert_type(account.number_of_employees, int | None)
    assert_type(account.created_at, datetime | None)
    assert_type(account.extra, dict[str, JSON])
    assert_type(account.remote_data, dict[str, JSON] | None)
    if account.owner is not None:
        assert_type(account.owner.id, str | None)
    for address in account.addresses or []:
        assert_type(address.postal_code, str | None)

    user = truto.crm_users.get("7")
    assert_type(user, crm_users.User)
    assert_type(user.is_active, bool | None)

    ticketing = truto.ticketing_accounts.get("7")
    assert_type(ticketing, ticketing_accounts.Account)
    assert_type(ticketing.domains, list[str] | None)

    record = coperniq.accounts.get(42, include_contacts=True)
    assert_type(record, coperniq_accounts.Account)
    assert_type(record.id, int)
    assert_type(record.created_at, datetime | None)
    assert_type(record.is_active, bool | None)
    assert_type(record.address, list[str] | None)


def read_pages(truto: Truto, coperniq: Coperniq) -> None:
    """Read listings by record, by page and at once."""
    pager = truto.crm_accounts.list(limit=100, remote_query={"expand": "owner", "filter": {"tags": ["a", "b"]}})
    assert_type(pager, Pager[crm_accounts.Account])
    for account in pager:
        assert_type(account, crm_accounts.Account)
    for page in pager.pages():
        assert_type(page, Page[crm_accounts.Account])
    page = pager.page()
    assert_type(page, Page[crm_accounts.Account])
    assert_type(page.items[0].name, str | None)
    assert_type(page.next_cursor, str | None)
    assert_type(page.is_partial_response, bool)
    assert_type(page.checkpoint, Checkpoint)
    assert_type(pager.to_list(max_items=10), list[crm_accounts.Account])
    for record in coperniq.accounts.list(page_size=50, order_by="desc"):
        assert_type(record, coperniq_accounts.Account)
    assert_type(coperniq.accounts.search(prop1="title", op1="contains", value1="a"), Pager[coperniq_accounts.Account])


async def read_asynchronously(truto: AsyncTruto, coperniq: AsyncCoperniq) -> None:
    """Do the same with the async clients."""
    assert_type(await truto.crm_accounts.get("7"), crm_accounts.Account)
    pager = truto.crm_users.list(limit=100)
    assert_type(pager, AsyncPager[crm_users.User])
    async for user in pager:
        assert_type(user, crm_users.User)
    async for page in pager.pages():
        assert_type(page, Page[crm_users.User])
    assert_type(await pager.page(), Page[crm_users.User])
    assert_type(await pager.to_list(max_items=10), list[crm_users.User])
    assert_type(await coperniq.accounts.update(42, {"title": "Acme"}), coperniq_accounts.Account)
    assert_type(await truto.send(crm_users.get_user("7")), crm_users.User)


def write(truto: Truto, coperniq: Coperniq, when: datetime) -> None:
    """Create, change and delete records."""
    body: crm_accounts.AccountCreate = {"name": "Acme", "created_at": when, "custom_fields": {"tier": 1}}
    assert_type(truto.crm_accounts.create(body), crm_accounts.Account)
    changes: crm_accounts.AccountUpdate = {"industry": "Solar", "description": None}
    changes["phone_numbers"] = [{"number": "555", "type": "work"}]
    assert_type(truto.crm_accounts.update("7", changes), crm_accounts.Account)
    assert_type(truto.crm_users.update("7", {"is_active": False}), crm_users.User)
    assert_type(truto.ticketing_accounts.create({"domains": ("acme.test",)}), ticketing_accounts.Account)
    assert_type(truto.crm_accounts.call("archive", {"ids": ["7"]}), JSON)
    assert_type(coperniq.accounts.create({"title": "Acme", "address": ["1 Main St"]}), coperniq_accounts.Account)
    coperniq.accounts.update(42, {"primary_email": None, "custom": {"tier": None}}, allow_new_options=True)
    truto.crm_accounts.delete("7")
    coperniq.accounts.delete(42)


def pass_variables(truto: Truto) -> None:
    """Hand over ordinary dicts, whose types are inferred, and values of the named types."""
    remote_query = {"expand": "owner", "depth": "2"}
    truto.crm_accounts.list(remote_query=remote_query)
    filters: dict[str, QueryValue] = {"stages": ["won", "lost"], "owner": {"active": True}}
    truto.crm_accounts.list(remote_query=filters)
    custom_fields = {"tier": 1}
    truto.crm_accounts.update("7", {"custom_fields": custom_fields})
    remote_data: dict[str, JSONInput] = {"Rating": None, "Phones": ["555"]}
    truto.crm_accounts.update("7", {"remote_data": remote_data})


def handle_requests_as_values(truto: Truto) -> None:
    """Build requests first and send them later."""
    request = crm_accounts.update_account("7", {"name": "Acme"})
    assert_type(request, Request[crm_accounts.Account])
    assert_type(crm_accounts.list_accounts(limit=1), Request[Page[crm_accounts.Account]])
    assert_type(crm_accounts.delete_account("7"), Request[None])
    assert_type(truto.send(request), crm_accounts.Account)
    response = truto.send_with_response(request)
    assert_type(response, Response[crm_accounts.Account])
    assert_type(response.value, crm_accounts.Account)
    assert_type(response.status, int)
    other = truto.account(TENANT)
    assert_type(other.crm_accounts.get("7"), crm_accounts.Account)
    patient = truto.with_options(timeout=60, retry_policy=RetryPolicy(attempts=5))
    assert_type(patient.crm_users.get("7"), crm_users.User)


def ask_what_integrations_support(truto: Truto, name: Integration) -> None:
    """Bind an account to its integration, and read what the pages say about it."""
    bound = truto.account(TENANT, integration="Salesforce")
    assert_type(bound, Truto)
    assert_type(bound.integration, str | None)
    truto.account(TENANT, integration="One that is new")
    known = support(name)
    assert_type(known, Support)
    field = known.of(crm_users.update_user).body["email"]
    assert_type(field, FieldSupport)
    assert_type(field.verdict, Verdict)
    assert_type(field.values, tuple[str, ...] | None)
    found = integrations_for(crm_accounts.update_account, fields=["industry", "owner"])
    assert_type(found, tuple[Integration, ...])


def look_before_calls(truto: Truto) -> None:
    """Learn what an integration will not do with a call, by the pages and by the service itself."""
    explanation = explain(crm_users.update_user("7", {"name": "Ada"}), "Salesforce")
    assert_type(explanation, Explanation)
    assert_type(explanation.findings, tuple[Finding, ...])
    assert_type(explanation.verdict, Verdict)
    for finding in explanation.findings:
        assert_type(finding.kind, FindingKind)
        assert_type(finding.pages, tuple[str, ...])
    strict = truto.account(TENANT, integration="Salesforce").with_options(preflight="error")
    try:
        strict.crm_users.update("7", {"name": "Ada"})
    except PreflightError as error:
        assert_type(error.findings, tuple[Finding, ...])
        assert_type(error.integration, str)
    assert_type(truto.capabilities(), Capabilities)
    live = from_capabilities(truto.capabilities(), is_whole=True)
    assert_type(live, Support)
    assert_type(truto.account(TENANT, integration=live), Truto)
    explain(crm_users.update_user("7", {"name": "Ada"}), live)


def keep_records(account: crm_accounts.Account) -> None:
    """Store a record as JSON and read it back."""
    stored = to_json(account)
    assert_type(decode(crm_accounts.Account, stored), crm_accounts.Account)


def handle_errors(error: AccountsClientError) -> str:
    """Tell errors apart by class, and by whose fault they are."""
    match error:
        case RateLimitError():
            assert_type(error.retry_after, float | None)
        case NotFoundError() | APIStatusError():
            assert_type(error.status, int)
            assert_type(error.body, JSON)
            assert_type(error.missing_fields, tuple[str, ...])
        case DecodeError():
            assert_type(error.checkpoint, Checkpoint | None)
        case QueryEncodingError():
            assert_type(error.path, str)
        case _:
            return str(error)
    return ""


def blame(error: APIStatusError) -> str:
    """Tell whose turn it is, with every case covered."""
    fault = error.fault
    match fault:
        case "caller":
            return "mend the call"
        case "gateway" | "provider":
            return "wait"
        case "end_user":
            return "ask the user to connect again"
        case _:
            assert_never(fault)


def make_clients(transport: httpx.Client, async_transport: httpx.AsyncClient) -> None:
    """Make clients in every documented way."""
    Truto("token", integrated_account_id=TENANT, base_url="http://127.0.0.1:8000", timeout=5, max_retries=1)
    Truto(http_client=transport)
    AsyncTruto(http_client=async_transport)
    AsyncTruto(http_client="aiohttp")
    Coperniq("key", timeout=5)
    with Truto() as truto, Coperniq() as coperniq:
        assert_type(truto, Truto)
        assert_type(coperniq, Coperniq)
