"""This library before its own test double."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from accounts_client.testing import FakeTruto


def listing(records: int, *, canned: bool = False) -> Callable[[], int]:
    """Follow a listing and return how many records it has.

    Args:
        records: How many the fake has.
        canned: Whether answers come from a first walk, so that the client alone has work to do.
    """
    fake = FakeTruto()
    fake.add_samples("crm_accounts", records)
    http_client = fake.http_client()
    if canned:
        http_client = httpx.Client(transport=httpx.MockTransport(_remembering(http_client)))
    client = fake.client(http_client=http_client, budget=None)

    def follow() -> int:
        count = 0
        for _ in client.crm_accounts.list(limit=100):
            count += 1
        return count

    return follow


def _remembering(http_client: httpx.Client) -> Callable[[httpx.Request], httpx.Response]:
    bodies: dict[bytes, bytes] = {}

    def respond(request: httpx.Request) -> httpx.Response:
        target = request.url.raw_path
        if target not in bodies:
            bodies[target] = http_client.send(request).content
        return httpx.Response(200, headers={"content-type": "application/json"}, content=bodies[target])

    return respond
