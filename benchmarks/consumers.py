"""Small programs of users: what the type checker reads, and what a fresh process runs."""

from __future__ import annotations

from typing import Final

TYPED: Final = {
    "ours": """
from datetime import datetime

from accounts_client import NotFoundError, Truto


def newest(token: str, account_id: str) -> datetime | None:
    with Truto(token, integrated_account_id=account_id) as truto:
        dates = [account.updated_at for account in truto.crm_accounts.list(limit=100)]
        try:
            first = truto.crm_accounts.get("1")
        except NotFoundError:
            return None
        truto.crm_accounts.update(first.id, {"name": "Acme", "owner": {"id": "7"}})
    return max((date for date in dates if date), default=None)
""",
    "stock": """
from datetime import datetime
from uuid import UUID

from stock_crm_accounts import AuthenticatedClient
from stock_crm_accounts.api.default import get_account, list_accounts, update_account
from stock_crm_accounts.models import Account, AccountUpdate, ListAccountsResponse200, Owner


def newest(token: str, account_id: UUID) -> datetime | None:
    dates: list[datetime] = []
    with AuthenticatedClient(base_url="https://api.truto.one", token=token) as client:
        page = list_accounts.sync(client=client, integrated_account_id=account_id, limit=100)
        if isinstance(page, ListAccountsResponse200) and isinstance(page.result, list):
            dates = [account.updated_at for account in page.result if isinstance(account.updated_at, datetime)]
        first = get_account.sync("1", client=client, integrated_account_id=account_id)
        if not isinstance(first, Account):
            return None
        body = AccountUpdate(name="Acme", owner=Owner(id="7"))
        update_account.sync(first.id, client=client, body=body, integrated_account_id=account_id)
    return max(dates, default=None)
""",
}
"""The same small program for the type checker, once for each library."""

FIRST_RESOURCES: Final = {
    "ours": "from accounts_client import Truto; Truto('token', integrated_account_id='1').crm_accounts",
    "stock": (
        "from stock_crm_accounts import AuthenticatedClient; from stock_crm_accounts.api.default import list_accounts; "
        "AuthenticatedClient('http://localhost', 'token').get_httpx_client()"
    ),
    "truto": "from truto_python_sdk import TrutoApi; TrutoApi('token').unified_api",
    "merge": "from merge import Merge; Merge(api_key='token', account_token='1').crm.accounts",
    "apideck": "from apideck_unify import Apideck; Apideck('token', 'consumer', 'app').crm.companies",
    "finch": "from finch import Finch; Finch(access_token='token').hris.company",
}
"""What a program does before its first call."""

FIRST_ANSWERS: Final = {
    "raw": """
import httpx

with httpx.Client(headers={"Authorization": "Bearer token"}) as client:
    print(client.get("ADDRESS/unified/crm/accounts/1?integrated_account_id=1").json()["name"])
""",
    "ours": """
from accounts_client import Truto

with Truto("token", integrated_account_id="1", base_url="ADDRESS", budget=None) as truto:
    print(truto.crm_accounts.get("1").name)
""",
    "stock": """
from uuid import UUID
from stock_crm_accounts import AuthenticatedClient
from stock_crm_accounts.api.default import get_account

with AuthenticatedClient("ADDRESS", "token") as client:
    print(get_account.sync("1", client=client, integrated_account_id=UUID(int=1)).name)
""",
}
"""Whole programs that print a field of one record; `ADDRESS` stands for the server's."""
