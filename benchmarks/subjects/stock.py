"""What openapi-python-client prints with its own templates from the same specs; `environments` has it written."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from importlib import import_module
from uuid import UUID

from ..records import Case, coperniq_body, page, truto_body

ACCOUNT = UUID(int=1)


def decode(dialect: str, case: Case) -> Callable[[], object]:
    """Parse a page and build its models."""
    data = page(dialect, case)
    if dialect == "truto":
        models = import_module("stock_crm_accounts.models")
        return lambda: models.ListAccountsResponse200.from_dict(json.loads(data))
    account = import_module("stock_coperniq_accounts.models").Account
    return lambda: [account.from_dict(record) for record in json.loads(data)]


def get(address: str, dialect: str) -> Callable[[], object]:
    """Get one record."""
    client = import_module("stock_crm_accounts").AuthenticatedClient(address, "token")
    operation = import_module("stock_crm_accounts.api.default.get_account")
    return lambda: operation.sync("1", client=client, integrated_account_id=ACCOUNT)


def async_get(address: str, dialect: str) -> Callable[[], Awaitable[object]]:
    """Get one record, for asyncio."""
    client = import_module("stock_crm_accounts").AuthenticatedClient(address, "token")
    operation = import_module("stock_crm_accounts.api.default.get_account")
    return lambda: operation.asyncio("1", client=client, integrated_account_id=ACCOUNT)


def listing(address: str, dialect: str) -> Callable[[], int]:
    """Follow a listing, which is left to the user, and return how many records it has."""
    client = import_module("stock_crm_accounts").AuthenticatedClient(address, "token")
    operation = import_module("stock_crm_accounts.api.default.list_accounts")
    unset = import_module("stock_crm_accounts.types").UNSET

    def follow() -> int:
        count, cursor = 0, unset
        while cursor is not None:
            answer = operation.sync(client=client, integrated_account_id=ACCOUNT, limit=100, next_cursor=cursor)
            for _ in answer.result:
                count += 1
            cursor = answer.next_cursor
        return count

    return follow


def body(dialect: str) -> Callable[[], bytes]:
    """Write the body of an update from a model that is ready."""
    module = "stock_crm_accounts.models" if dialect == "truto" else "stock_coperniq_accounts.models"
    ready = truto_body() if dialect == "truto" else coperniq_body()[1]
    model = import_module(module).AccountUpdate.from_dict(ready)
    return lambda: json.dumps(model.to_dict()).encode()
