"""truto-python-sdk: asyncio only, untyped."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib import import_module


def async_get(address: str, dialect: str) -> Callable[[], Awaitable[object]]:
    """Get one record."""
    api = import_module("truto_python_sdk").TrutoApi("token", address).unified_api
    return lambda: api.get("crm", "accounts", "1", {"integrated_account_id": "account"})


def async_listing(address: str, dialect: str) -> Callable[[], Awaitable[int]]:
    """Follow a listing and return how many records it has."""
    api = import_module("truto_python_sdk").TrutoApi("token", address).unified_api

    async def follow() -> int:
        count = 0
        async for _ in api.list("crm", "accounts", {"integrated_account_id": "account", "limit": 100}):
            count += 1
        return count

    return follow
