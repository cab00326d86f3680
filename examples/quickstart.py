"""A tour of the library over real HTTP: all four categories, sync and async.

    python examples/quickstart.py                        against test doubles on loopback; touches nothing else
    python examples/quickstart.py --live                 against the real services, with your credentials; only reads
    python examples/quickstart.py --live --allow-writes  also changes one account, after it has named it and asked

Credentials come from TRUTO_API_TOKEN, TRUTO_INTEGRATED_ACCOUNT_ID and COPERNIQ_API_KEY.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from accounts_client import AccountsClientError, AsyncCoperniq, AsyncTruto, Coperniq, NotFoundError, Page, Truto
from accounts_client.testing import FakeCoperniq, FakeTruto

T = TypeVar("T")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the tour that the arguments ask for."""
    parser = argparse.ArgumentParser(description="A tour of accounts-client.")
    parser.add_argument("--live", action="store_true", help="use the real services and your credentials; only reads")
    parser.add_argument("--allow-writes", action="store_true", help="with --live: change one account, after asking")
    options = parser.parse_args(arguments)
    if options.allow_writes and not options.live:
        parser.error("--allow-writes goes with --live")
    if options.live:
        return live_tour(may_write=options.allow_writes)
    fake_truto, fake_coperniq = FakeTruto(), FakeCoperniq()
    with fake_truto.serve() as truto_url, fake_coperniq.serve() as coperniq_url:
        print(f"Test doubles listen on {truto_url} and {coperniq_url}.")
        account = fake_truto.integrated_account_id
        with (
            Truto(fake_truto.token, integrated_account_id=account, base_url=truto_url) as truto,
            Coperniq(fake_coperniq.api_key, base_url=coperniq_url) as coperniq,
        ):
            crm_accounts(truto)
            crm_users(truto)
            ticketing_accounts(truto)
            coperniq_accounts(coperniq)
        async_truto = AsyncTruto(fake_truto.token, integrated_account_id=account, base_url=truto_url)
        asyncio.run(async_tour(async_truto, AsyncCoperniq(fake_coperniq.api_key, base_url=coperniq_url)))
    print("\nDone: every call was typed, sent over HTTP and answered.")
    return 0


def crm_accounts(truto: Truto) -> None:
    """Create, list over several pages, update, clear and miss an account."""
    title("CRM accounts (Truto)")
    for number in range(1, 6):
        truto.crm_accounts.create({"name": f"Solar {number}", "description": "to be described"})
    pages = list(truto.crm_accounts.list(limit=2, remote_query={"expand": "owner"}).pages())
    say("listed", sizes(pages), ", ".join(account.name or "?" for page in pages for account in page.items))
    first = pages[0].items[0]
    updated = truto.crm_accounts.update(first.id, {"industry": "Energy", "description": None})
    say("updated", updated.name, f"industry is {updated.industry!r}, description is {updated.description!r}")
    try:
        truto.crm_accounts.get("no-such-account")
    except NotFoundError as error:
        say("missed", f"status {error.status}", f"fault: {error.fault}, action: {error.action}")


def crm_users(truto: Truto) -> None:
    """Create, list over several pages, update and miss a user."""
    title("CRM users (Truto)")
    for name in ("Ada", "Grace", "Katherine"):
        truto.crm_users.create({"name": name, "email": f"{name.lower()}@example.com", "is_active": True})
    pages = list(truto.crm_users.list(limit=2).pages())
    say("listed", sizes(pages), ", ".join(user.name or "?" for page in pages for user in page.items))
    updated = truto.crm_users.update(pages[0].items[0].id, {"is_active": False, "email": None})
    say("updated", updated.name, f"is_active is {updated.is_active}, email is {updated.email!r}")
    try:
        truto.crm_users.get("no-such-user")
    except NotFoundError as error:
        say("missed", f"status {error.status}", f"fault: {error.fault}, action: {error.action}")


def ticketing_accounts(truto: Truto) -> None:
    """Create, list over several pages, update and miss an account of a ticketing system."""
    title("Ticketing accounts (Truto)")
    for number in range(1, 4):
        truto.ticketing_accounts.create({"name": f"Support {number}", "domains": [f"support-{number}.example"]})
    pages = list(truto.ticketing_accounts.list(limit=2).pages())
    say("listed", sizes(pages), ", ".join(account.name or "?" for page in pages for account in page.items))
    updated = truto.ticketing_accounts.update(pages[0].items[0].id, {"name": "Help desk", "domains": None})
    say("updated", updated.name, f"domains is {updated.domains!r}")
    try:
        truto.ticketing_accounts.get("no-such-account")
    except NotFoundError as error:
        say("missed", f"status {error.status}", f"fault: {error.fault}, action: {error.action}")


def coperniq_accounts(coperniq: Coperniq) -> None:
    """Create, list over several pages, search, update, clear and miss an account of Coperniq."""
    title("Accounts (Coperniq)")
    for number in range(1, 6):
        coperniq.accounts.create(
            {"title": f"Roof {number}", "address": [f"{number} Sun Street"], "description": "to be described"}
        )
    pages = list(coperniq.accounts.list(page_size=2).pages())
    say("listed", sizes(pages), ", ".join(account.title or "?" for page in pages for account in page.items))
    found = coperniq.accounts.search(prop1="title", op1="contains", value1="roof 3").to_list()
    say("found", f"{len(found)} record", ", ".join(account.title or "?" for account in found))
    updated = coperniq.accounts.update(found[0].id, {"account_type": "RESIDENTIAL", "description": None})
    say("updated", updated.title, f"account_type is {updated.account_type!r}, description is {updated.description!r}")
    try:
        coperniq.accounts.get(404_404)
    except NotFoundError as error:
        say("missed", f"status {error.status}", f"fault: {error.fault}, action: {error.action}")


async def async_tour(truto: AsyncTruto, coperniq: AsyncCoperniq) -> None:
    """Do the same with the async clients, all four categories at once."""
    title("All four, async and at once")
    async with truto, coperniq:
        counts = await asyncio.gather(
            async_crm_accounts(truto),
            async_crm_users(truto),
            async_ticketing_accounts(truto),
            async_coperniq_accounts(coperniq),
        )
    names = ("crm_accounts", "crm_users", "ticketing_accounts", "accounts")
    for name, count in zip(names, counts, strict=True):
        say("listed", f"{count} records", f"of {name}; one updated, one cleared field, one 404")


async def async_crm_accounts(truto: AsyncTruto) -> int:
    """List, update, clear and miss CRM accounts; return how many there are."""
    accounts = [account async for account in truto.crm_accounts.list(limit=2)]
    updated = await truto.crm_accounts.update(accounts[1].id, {"industry": "Storage", "description": None})
    assert (updated.industry, updated.description) == ("Storage", None)
    await expect_not_found(truto.crm_accounts.get("no-such-account"))
    return len(accounts)


async def async_crm_users(truto: AsyncTruto) -> int:
    """List, update, clear and miss CRM users; return how many there are."""
    users = [user async for user in truto.crm_users.list(limit=2)]
    updated = await truto.crm_users.update(users[1].id, {"is_active": False, "email": None})
    assert (updated.is_active, updated.email) == (False, None)
    await expect_not_found(truto.crm_users.get("no-such-user"))
    return len(users)


async def async_ticketing_accounts(truto: AsyncTruto) -> int:
    """List, update, clear and miss ticketing accounts; return how many there are."""
    accounts = [account async for account in truto.ticketing_accounts.list(limit=2)]
    updated = await truto.ticketing_accounts.update(accounts[1].id, {"name": "Desk", "domains": None})
    assert (updated.name, updated.domains) == ("Desk", None)
    await expect_not_found(truto.ticketing_accounts.get("no-such-account"))
    return len(accounts)


async def async_coperniq_accounts(coperniq: AsyncCoperniq) -> int:
    """List, update, clear and miss Coperniq's accounts; return how many there are."""
    accounts = [account async for account in coperniq.accounts.list(page_size=2)]
    updated = await coperniq.accounts.update(accounts[1].id, {"title": "Hall", "description": None})
    assert (updated.title, updated.description) == ("Hall", None)
    await expect_not_found(coperniq.accounts.get(404_404))
    return len(accounts)


async def expect_not_found(call: Awaitable[object]) -> None:
    """Await a call that has to end with a 404."""
    try:
        await call
    except NotFoundError:
        return
    raise AssertionError("the record should not exist")


def live_tour(*, may_write: bool) -> int:
    """Read a few records of each category from the real services; with permission, change one account."""
    failures = 0
    if os.environ.get("TRUTO_API_TOKEN"):
        with Truto() as truto:
            failures += not show(
                "CRM accounts", lambda: [entry.name for entry in truto.crm_accounts.list(limit=5).page().items]
            )
            failures += not show(
                "CRM users", lambda: [entry.name for entry in truto.crm_users.list(limit=5).page().items]
            )
            failures += not show(
                "Ticketing accounts",
                lambda: [entry.name for entry in truto.ticketing_accounts.list(limit=5).page().items],
            )
            if may_write:
                failures += not show("Change one CRM account", lambda: [change_one(truto)])
    else:
        print("TRUTO_API_TOKEN is not set: Truto is left out.")
    if os.environ.get("COPERNIQ_API_KEY"):
        with Coperniq() as coperniq:
            failures += not show(
                "Accounts (Coperniq)",
                lambda: [entry.title for entry in coperniq.accounts.list(page_size=5).page().items],
            )
    else:
        print("COPERNIQ_API_KEY is not set: Coperniq is left out.")
    return 1 if failures else 0


def show(heading: str, read: Callable[[], Sequence[str | None]]) -> bool:
    """Print what a step gives, or why it gives nothing; return whether it went well."""
    title(heading)
    try:
        values = read()
    except AccountsClientError as error:
        say("failed", type(error).__name__, str(error))
        return False
    say("read", f"{len(values)} records", ", ".join(value or "?" for value in values))
    return True


def change_one(truto: Truto) -> str:
    """Name the first account, ask, and write the description that it has already."""
    first = next(iter(truto.crm_accounts.list(limit=1)), None)
    if first is None:
        return "there is no account to change"
    question = f"  Write the description of {first.name!r} (id {first.id}) anew, as it stands now? Type yes: "
    if input(question).strip().lower() != "yes":
        return "left alone"
    return truto.crm_accounts.update(first.id, {"description": first.description}).name or "changed"


def sizes(pages: Sequence[Page[T]]) -> str:
    """Return how many records came on how many pages."""
    return f"{sum(len(page.items) for page in pages)} records on {len(pages)} pages"


def title(text: str) -> None:
    """Print a heading."""
    print(f"\n{text}")


def say(verb: str, what: str | None, more: str) -> None:
    """Print one line of the account."""
    print(f"  {verb:<8} {what or '?':<22} {more}")


if __name__ == "__main__":
    sys.exit(main())
