"""Fakes beyond the single test: the HTTP server, the command line, the plugin for pytest, and a category of our own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import ClassVar

import httpx
import pytest
from attrs import define, field

from accounts_client import Coperniq, Truto
from accounts_client.testing import FakeCoperniq, FakeTruto
from accounts_client_runtime import (
    JSON,
    AsyncTrutoClient,
    CursorPage,
    Nothing,
    One,
    Operation,
    Request,
    SyncTrutoClient,
)
from accounts_client_testing.truto import TrutoFake


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


def test_a_served_fake_leaves_nothing_behind() -> None:
    fake = FakeTruto()
    before = set(threading.enumerate())
    with fake.serve() as url, httpx.Client(trust_env=False) as idle:
        for _ in range(3):
            assert idle.get(url).status_code == 401
        port = port_of(url)
    assert set(threading.enumerate()) == before
    with socket.socket() as stranger, pytest.raises(ConnectionRefusedError):
        stranger.connect(("127.0.0.1", port))


def test_a_fake_stops_while_an_answer_is_delayed() -> None:
    fake, before, received = FakeTruto(), set(threading.enumerate()), threading.Event()
    fake.add_method("crm_users", "wait", lambda body: received.set())
    fake.delay_next(3600)
    with socket.socket() as caller, fake.serve() as url:
        caller.connect(("127.0.0.1", port_of(url)))
        target = f"/unified/crm/users/wait?integrated_account_id={fake.integrated_account_id}"
        lines = (f"POST {target} HTTP/1.1", "Host: fake", f"Authorization: Bearer {fake.token}", "", "")
        caller.sendall("\r\n".join(lines).encode())
        assert received.wait(10)
    assert set(threading.enumerate()) == before


def test_one_connection_carries_many_requests() -> None:
    fake = FakeTruto()
    with fake.serve() as url, socket.create_connection(("127.0.0.1", port_of(url))) as connection:
        stream = connection.makefile("rb")
        for _ in range(3):
            connection.sendall(b"GET /nowhere HTTP/1.1\r\nHost: fake\r\n\r\n")
            head = b"".join(iter(stream.readline, b"\r\n")).decode()
            assert head.startswith("HTTP/1.1 401 ")
            length = int(head.lower().partition("content-length: ")[2].split()[0])
            assert b'"statusCode":401' in stream.read(length)
        stream.close()


@pytest.mark.parametrize("header", ["Transfer-Encoding: chunked", "Content-Length: many"])
def test_a_body_without_length_is_refused(header: str) -> None:
    with FakeTruto().serve() as url, socket.create_connection(("127.0.0.1", port_of(url))) as connection:
        connection.sendall(f"POST / HTTP/1.1\r\nHost: fake\r\n{header}\r\n\r\n".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 411 ")


def test_two_fakes_are_served_at_once_and_again() -> None:
    truto, coperniq = FakeTruto(), FakeCoperniq()
    truto.add_samples("crm_users", 1)
    for _ in range(2):
        with truto.serve() as truto_url, coperniq.serve() as coperniq_url:
            assert coperniq_url.endswith("/v1")
            with Truto(
                truto.token, integrated_account_id=truto.integrated_account_id, base_url=truto_url
            ) as truto_client:
                assert len(truto_client.crm_users.list().to_list()) == 1
            with Coperniq(coperniq.api_key, base_url=coperniq_url) as coperniq_client:
                assert coperniq_client.accounts.list().to_list() == []


def test_the_environment_leads_clients_to_the_fake(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeTruto()
    fake.add("crm_accounts", {"id": "a"})
    for name, value in fake.environment.items():
        monkeypatch.setenv(name, value)
    assert Truto(http_client=fake.http_client()).crm_accounts.get("a").id == "a"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_line_serves_until_a_signal(number: signal.Signals) -> None:
    command = [
        sys.executable,
        "-W",
        "error",
        "-m",
        "accounts_client.testing",
        "--truto",
        "--port",
        "0",
        "--samples",
        "3",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(3)]
            settings = dict(line.strip().split("=", 1) for line in lines)
            with Truto(
                settings["TRUTO_API_TOKEN"],
                integrated_account_id=settings["TRUTO_INTEGRATED_ACCOUNT_ID"],
                base_url=settings["TRUTO_BASE_URL"],
            ) as truto:
                assert [account.id for account in truto.crm_accounts.list()] == ["1", "2", "3"]
        finally:
            process.send_signal(number)
        output, errors = process.communicate(timeout=20)
    assert (process.returncode, output, errors) == (0, "", "")


def test_one_port_serves_one_service() -> None:
    command = [sys.executable, "-m", "accounts_client.testing", "--port", "4010"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, "choose" in done.stderr) == (2, True)


def test_the_plugin_offers_fixtures_and_imports_nothing_before_one_is_used(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        """
import asyncio
import sys


def test_nothing_is_imported():
    assert "accounts_client" not in sys.modules
    assert "accounts_client_runtime" not in sys.modules
    assert "httpx" not in sys.modules


def test_fixtures(fake_truto, fake_coperniq, async_truto_client, async_coperniq_client):
    fake_truto.add("crm_accounts", {"name": "Acme"})

    async def names():
        assert await async_coperniq_client.accounts.list().to_list() == []
        return [account.name async for account in async_truto_client.crm_accounts.list()]

    assert asyncio.run(names()) == ["Acme"]
    assert [account.name for account in fake_truto.client().crm_accounts.list()] == ["Acme"]


def test_every_test_has_its_own(fake_truto):
    assert fake_truto.requests == ()
"""
    )
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-W",
        "error",
        "--rootdir",
        str(tmp_path),
    ]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        [*command, "-p", "accounts_client_testing.pytest_plugin", str(tmp_path)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "3 passed" in done.stdout, done.stdout + done.stderr


def test_the_library_does_not_import_its_fakes() -> None:
    program = (
        "import sys, accounts_client; print([name for name in sys.modules if name.startswith('accounts_client_t')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@define(kw_only=True)
class Ticket:
    """A record of a category that no spec has."""

    __wire_names__: ClassVar[dict[str, str]] = {"opened_by": "openedBy"}

    id: str
    opened_by: str | None = None
    updated_at: str | None = None
    extra: dict[str, JSON] = field(factory=dict[str, JSON])


TICKETS = "/unified/ticketing/tickets"
LIST_TICKETS = Operation(
    "tickets.list", "GET", TICKETS, CursorPage(Ticket, cursor="after", items=("rows",), next="more")
)
CREATE_TICKET = Operation("tickets.create", "POST", TICKETS, One(Ticket))
CHANGE_TICKET = Operation("tickets.change", "PUT", TICKETS + "/{ticket}", One(Ticket, id="ticket"))
DROP_TICKET = Operation("tickets.drop", "DELETE", TICKETS + "/{ticket}", Nothing())


class FakeTickets(TrutoFake[SyncTrutoClient, AsyncTrutoClient]):
    """A service with that category alone."""

    operations = (LIST_TICKETS, CREATE_TICKET, CHANGE_TICKET, DROP_TICKET)
    client_class = SyncTrutoClient
    async_client_class = AsyncTrutoClient


def test_a_new_category_gets_its_fake_from_its_operations_alone() -> None:
    fake = FakeTickets()
    fake.add_samples("tickets", 3)
    client = fake.client()
    created = client.send(Request(CREATE_TICKET, body={"openedBy": "me"}))
    assert created == Ticket(id="4", opened_by="me", updated_at=created.updated_at)
    changed = client.send(Request(CHANGE_TICKET, path={"ticket": created.id}, body={"openedBy": None}))
    assert changed.opened_by is None
    client.send(Request(DROP_TICKET, path={"ticket": "1"}))
    pages = list(client.paginate(Request(LIST_TICKETS, query={"limit": 2})).pages())
    assert [[ticket.id for ticket in page.items] for page in pages] == [["2", "3"], ["4"]]
    assert [request.query.get("after") is None for request in fake.requests[-2:]] == [True, False]
    (mine,) = client.paginate(Request(LIST_TICKETS, query={"openedBy": "openedBy 2"})).page().items
    assert mine.id == "2"
