"""The plain way: `json` for bytes and httpx for calls; what every figure is compared with."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from importlib import import_module

from ..records import DIALECTS, Case, coperniq_body, page, truto_body

HEADERS = {"Authorization": "Bearer token"}
QUERY = "integrated_account_id=account&truto_response_format=unified"


def decode(dialect: str, case: Case) -> Callable[[], object]:
    """Parse a page."""
    data = page(dialect, case)
    return lambda: json.loads(data)


def get(address: str, dialect: str) -> Callable[[], object]:
    """Get one record."""
    url = f"{address}{DIALECTS[dialect].list_path}/1?{QUERY}"
    client = import_module("httpx").Client(headers=HEADERS)
    return lambda: client.get(url).json()


def async_get(address: str, dialect: str) -> Callable[[], Awaitable[object]]:
    """Get one record, for asyncio."""
    url = f"{address}{DIALECTS[dialect].list_path}/1?{QUERY}"
    client = import_module("httpx").AsyncClient(headers=HEADERS)

    async def call() -> object:
        return (await client.get(url)).json()

    return call


def listing(address: str, dialect: str) -> Callable[[], int]:
    """Follow a listing and return how many records it has."""
    kind = DIALECTS[dialect]
    url = f"{address}{kind.list_path}?{QUERY}&limit=100"
    client = import_module("httpx").Client(headers=HEADERS)

    def follow() -> int:
        count, target = 0, url
        while True:
            following = answer = client.get(target).json()
            for _ in answer[kind.items]:
                count += 1
            for key in kind.following:
                following = following[key]
            if following is None:
                return count
            target = f"{url}&{kind.cursor}={following}"

    return follow


def body(dialect: str) -> Callable[[], bytes]:
    """Write a ready dict."""
    ready = truto_body() if dialect == "truto" else coperniq_body()[1]
    return lambda: json.dumps(ready).encode()
