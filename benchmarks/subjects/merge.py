"""MergePythonClient, made by Fern."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from importlib import import_module

from ..records import Case, page


def decode(dialect: str, case: Case) -> Callable[[], object]:
    """Parse a page and build its models."""
    data = page(dialect, case)
    construct = import_module("merge.core.unchecked_base_model").construct_type
    model = import_module("merge.resources.crm.types.paginated_account_list").PaginatedAccountList
    return lambda: construct(type_=model, object_=json.loads(data))


def get(address: str, dialect: str) -> Callable[[], object]:
    """Get one record."""
    accounts = import_module("merge").Merge(base_url=address, api_key="token", account_token="account").crm.accounts
    return lambda: accounts.retrieve("1")


def async_get(address: str, dialect: str) -> Callable[[], Awaitable[object]]:
    """Get one record, for asyncio."""
    client = import_module("merge").AsyncMerge(base_url=address, api_key="token", account_token="account")
    return lambda: client.crm.accounts.retrieve("1")


def listing(address: str, dialect: str) -> Callable[[], int]:
    """Follow a listing, which is left to the user, and return how many records it has."""
    accounts = import_module("merge").Merge(base_url=address, api_key="token", account_token="account").crm.accounts

    def follow() -> int:
        count, cursor = 0, "0"
        while cursor is not None:
            answer = accounts.list(cursor=cursor, page_size=100)
            for _ in answer.results:
                count += 1
            cursor = answer.next
        return count

    return follow
