"""This library."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import TYPE_CHECKING

from accounts_client import AsyncTruto, Truto, coperniq_accounts, crm_accounts
from accounts_client_runtime import BudgetPolicy, Headers, Limit, Reply, Request
from accounts_client_runtime.bodies import encode_body

from ..records import Case, coperniq_body, page, truto_body

if TYPE_CHECKING:
    from accounts_client_runtime.client import AsyncClientOptions
    from accounts_client_runtime.options import Preflight

PLENTY = BudgetPolicy(token_limits=(Limit(10_000_000, 10.0),), account_limits=(Limit(10_000_000, 10.0),))
"""A budget that keeps count and never binds."""


def decode(dialect: str, case: Case) -> Callable[[], object]:
    """Read a page as the client does."""
    operation = crm_accounts.LIST_ACCOUNTS if dialect == "truto" else coperniq_accounts.LIST_ACCOUNTS
    request: Request[object] = Request(operation)
    reply = Reply(200, Headers(), page(dialect, case))
    return lambda: operation.result.read(request, reply, tenant="account")


def get(
    address: str, dialect: str, *, budget: bool = False, preflight: Preflight = "warn", integration: str | None = None
) -> Callable[[], object]:
    """Get one record."""
    client = _client(address, budget=budget).with_options(preflight=preflight)
    account = client.account("account", integration=integration)
    return lambda: account.crm_accounts.get("1")


def async_get(
    address: str, dialect: str, *, budget: bool = False, transport: str = ""
) -> Callable[[], Awaitable[object]]:
    """Get one record, for asyncio."""
    options: AsyncClientOptions = {"base_url": address, "budget": PLENTY if budget else None}
    if transport == "aiohttp":
        options["http_client"] = "aiohttp"
    elif transport:
        module, _, name = transport.partition(":")
        options["http_client"] = getattr(import_module(module), name)()
    client = AsyncTruto("token", integrated_account_id="account", **options)
    return lambda: client.crm_accounts.get("1")


def listing(address: str, dialect: str, *, budget: bool = False) -> Callable[[], int]:
    """Follow a listing and return how many records it has."""
    client = _client(address, budget=budget)

    def follow() -> int:
        count = 0
        for _ in client.crm_accounts.list(limit=100):
            count += 1
        return count

    return follow


def body(dialect: str) -> Callable[[], bytes]:
    """Write the body of an update."""
    operation = crm_accounts.UPDATE_ACCOUNT if dialect == "truto" else coperniq_accounts.UPDATE_ACCOUNT
    ready = truto_body() if dialect == "truto" else coperniq_body()[0]
    return lambda: encode_body(ready, operation.body_names)


def _client(address: str, *, budget: bool) -> Truto:
    return Truto("token", integrated_account_id="account", base_url=address, budget=PLENTY if budget else None)
