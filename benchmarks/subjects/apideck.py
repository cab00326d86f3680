"""apideck-unify, made by Speakeasy."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib import import_module

from ..records import Case, page


def decode(dialect: str, case: Case) -> Callable[[], object]:
    """Parse a page and build its models."""
    text = page(dialect, case).decode()
    read = import_module("apideck_unify.utils.serializers").unmarshal_json
    model = import_module("apideck_unify.models").GetCompaniesResponse1
    return lambda: read(text, model)


def get(address: str, dialect: str) -> Callable[[], object]:
    """Get one record."""
    companies = import_module("apideck_unify").Apideck("token", "consumer", "app", server_url=address).crm.companies
    return lambda: companies.get(id="1")


def async_get(address: str, dialect: str) -> Callable[[], Awaitable[object]]:
    """Get one record, for asyncio."""
    companies = import_module("apideck_unify").Apideck("token", "consumer", "app", server_url=address).crm.companies
    return lambda: companies.get_async(id="1")


def listing(address: str, dialect: str) -> Callable[[], int]:
    """Follow a listing and return how many records it has."""
    companies = import_module("apideck_unify").Apideck("token", "consumer", "app", server_url=address).crm.companies

    def follow() -> int:
        count, answer = 0, companies.list(limit=100)
        while answer is not None:
            for _ in answer.get_companies_response1.data:
                count += 1
            answer = answer.next()
        return count

    return follow
