"""finch-api, made by Stainless. Its listings hold small records, so its own pages are used with its largest model."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from importlib import import_module

from ..records import DIALECTS, Case, page

OPTIONS = {"security": {"bearer_auth": True}}


def decode(dialect: str, case: Case) -> Callable[[], object]:
    """Parse a page and build its models."""
    data = page(dialect, case)
    construct = import_module("finch._models").construct_type
    company = import_module("finch.types.hris").Company
    model = import_module("finch.pagination").SyncPage[company]
    return lambda: construct(type_=model, value=json.loads(data))


def get(address: str, dialect: str) -> Callable[[], object]:
    """Get one record."""
    company = import_module("finch").Finch(access_token="token", base_url=address).hris.company
    return lambda: company.retrieve()


def async_get(address: str, dialect: str) -> Callable[[], Awaitable[object]]:
    """Get one record, for asyncio."""
    company = import_module("finch").AsyncFinch(access_token="token", base_url=address).hris.company
    return lambda: company.retrieve()


def listing(address: str, dialect: str) -> Callable[[], int]:
    """Follow a listing and return how many records it has."""
    client = import_module("finch").Finch(access_token="token", base_url=address)
    company = import_module("finch.types.hris").Company
    model = import_module("finch.pagination").SyncPage[company]

    def follow() -> int:
        count = 0
        for _ in client.get_api_list(DIALECTS[dialect].list_path, model=company, page=model, options=OPTIONS):
            count += 1
        return count

    return follow
