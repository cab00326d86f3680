"""Calls that both checkers must refuse: where one of them accepts, its ignore is unused, and that is an error."""

from __future__ import annotations

import httpx

from accounts_client import AsyncTruto, Coperniq, Page, Truto, coperniq_accounts, crm_accounts, crm_users, decode
from accounts_client.support import explain, from_capabilities, integrations_for, support


def misspell(truto: Truto, account: crm_accounts.Account) -> None:
    """Misspell a category, a method, a query option, a field of a body and a field of a record."""
    truto.crm_acounts  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    truto.crm_accounts.remove  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    truto.crm_accounts.list(limti=5)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    truto.crm_accounts.update("7", {"nmae": "Acme"})  # type: ignore[typeddict-unknown-key]  # pyright: ignore[reportArgumentType]
    account.nmae  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]


def use_what_another_category_has(truto: Truto, coperniq: Coperniq) -> None:
    """Give one category what only another one knows."""
    truto.crm_users.update("7", {"industry": "Solar"})  # type: ignore[typeddict-unknown-key]  # pyright: ignore[reportArgumentType]
    truto.crm_users.merge  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    coperniq.accounts.list(remote_query={"expand": "owner"})  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    coperniq.crm_accounts  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    truto.account("b").accounts  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]


def redirect(truto: Truto) -> None:
    """Hand what is bound to the client to a single call."""
    truto.crm_accounts.list(integrated_account_id="b")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    truto.crm_accounts.get("7", integrated_account_id="b")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    truto.crm_accounts.delete("7", integrated_account_id="b")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    truto.crm_users.get("7", truto_response_format="raw")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    crm_users.get_user("7", integrated_account_id="b")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def call_through_what_cannot(http_client: httpx.Client, async_http_client: httpx.AsyncClient) -> None:
    """Hand over what cannot carry requests, or not the way that the client calls."""
    Truto(http_client="https://api.truto.one")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Truto(http_client=httpx)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Truto(http_client=httpx.Client)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Truto(http_client=async_http_client)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Truto(http_client="aiohttp")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    AsyncTruto(http_client=http_client)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    AsyncTruto(http_client="httpx2")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def mistype(truto: Truto, coperniq: Coperniq, account: crm_accounts.Account) -> None:
    """Give values of the wrong type."""
    truto.crm_accounts.get(7)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    coperniq.accounts.get("42")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    truto.crm_accounts.list(limit="5")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    coperniq.accounts.list(order_by="upwards")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    truto.crm_accounts.update("7", {"name": 5})  # type: ignore[typeddict-item]  # pyright: ignore[reportArgumentType]
    truto.crm_accounts.update("7", {"owner": "9"})  # type: ignore[typeddict-item]  # pyright: ignore[reportArgumentType]
    truto.crm_accounts.update("7", account)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    truto.send(account)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    account.id = 7  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]


def send_bad_bodies(truto: Truto, coperniq: Coperniq) -> None:
    """Leave out what a body needs, and send null or wire names where the body does not take them."""
    truto.crm_accounts.update("7")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    truto.crm_accounts.create({"name": None})  # type: ignore[typeddict-item]  # pyright: ignore[reportArgumentType]
    coperniq.accounts.create({"title": "Acme"})  # type: ignore[typeddict-item]  # pyright: ignore[reportArgumentType]
    coperniq.accounts.update(42, {"title": None})  # type: ignore[typeddict-item]  # pyright: ignore[reportArgumentType]
    coperniq.accounts.update(42, {"isActive": True})  # type: ignore[typeddict-unknown-key]  # pyright: ignore[reportArgumentType]


def ask_wrongly(truto: Truto, coperniq: Coperniq) -> None:
    """Ask about integrations what cannot be asked."""
    truto.account("b", integration=5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    coperniq.account  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    truto.with_options(preflight="loud")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    explain(crm_users.update_user, "Salesforce")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    from_capabilities(truto)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    integrations_for("crm_accounts.update")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    support("Salesforce").of(truto.crm_users)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def misread(truto: Truto, account: crm_accounts.Account) -> None:
    """Take what a call returns for something else."""
    account.name.upper()  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess]
    account.owner.id  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess]
    truto.crm_accounts.list()[0]  # type: ignore[index]  # pyright: ignore[reportIndexIssue]
    user: crm_users.User = truto.crm_accounts.get("7")  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    page: Page[crm_users.User] = truto.crm_accounts.list().page()  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    record: coperniq_accounts.Account = decode(crm_accounts.Account, b"{}")  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    print(user, page, record)


async def mix_sync_and_async(truto: AsyncTruto) -> None:
    """Use the async client as if it were the sync one."""
    truto.crm_accounts.get("7").name  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    for user in truto.crm_users.list():  # type: ignore[attr-defined]  # pyright: ignore[reportGeneralTypeIssues, reportUnknownVariableType]
        print(user)  # pyright: ignore[reportUnknownArgumentType]
    await truto.crm_users.list()  # type: ignore[misc]  # pyright: ignore[reportGeneralTypeIssues]
    with truto:  # type: ignore[attr-defined]  # pyright: ignore[reportGeneralTypeIssues]
        pass
