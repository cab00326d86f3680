"""The mock server: canned answers over loopback, from a process of its own.

It does the least that HTTP/1.1 clients accept: it looks for the end of a request, never at its headers, and writes
bytes that were put together before. The first segment of a path names the dialect and how many pages its listing has,
such as `truto-100`; where the rest of the path is the listing's, a page is the answer, else one record.

`python -m benchmarks.server` prints its port and serves until its input ends.
"""

from __future__ import annotations

import asyncio
import re
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from functools import cache, lru_cache
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from time import perf_counter, process_time
from typing import Final
from urllib.parse import urlsplit
from urllib.request import urlopen

from .records import DIALECTS, PAGE_SIZE, encoded, record

CPU_PATH: Final = "/processor-seconds"
"""Answers with the processor time that the server took so far, in seconds."""

_END: Final = b"\r\n\r\n"
_CURSOR: Final = re.compile(rb"(?:cursor|offset)=(\d+)")


@contextmanager
def running() -> Generator[str]:
    """Start the server and yield its address."""
    command = [sys.executable, "-m", __name__]
    root = Path(__file__).parents[1]
    with subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        port = process.stdout.readline().strip() if process.stdout else ""
        if not port or process.stdin is None:
            raise RuntimeError("the mock server did not start")
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.stdin.close()


def probe(address: str, seconds: float, connections: int) -> tuple[float, float]:
    """Return how many answers a second the server gives to plain sockets, and its own processor seconds for each.

    The sockets ask for one record each and again as soon as they have it; nothing is parsed.
    """
    host, port = urlsplit(address).netloc.split(":")
    length = sum(map(len, respond(f"GET {urlsplit(address).path}/1 ".encode())))
    request = f"GET {urlsplit(address).path}/1 HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
    with DefaultSelector() as selector, ExitStack() as stack:
        for _ in range(connections):
            stream = stack.enter_context(socket.create_connection((host, int(port))))
            selector.register(stream, EVENT_READ, [stream, 0])
            stream.sendall(request)
        count, before, start = 0, _processor_seconds(address), perf_counter()
        while (now := perf_counter()) < start + seconds:
            for key, _ in selector.select(1.0):
                stream, received = key.data
                received += len(stream.recv(65_536))
                if received >= length:
                    received = 0
                    count += 1
                    stream.sendall(request)
                key.data[1] = received
        return count / (now - start), (_processor_seconds(address) - before) / max(count, 1)


def respond(request: bytes) -> list[bytes]:
    """Return the answer to the head of a request, in pieces."""
    target = request.split(b" ", 2)[1].decode()
    if target == CPU_PATH:
        return _pieces(str(process_time()).encode())
    path, _, query = target.partition("?")
    dialect, _, rest = path[1:].partition("-")
    pages, _, rest = rest.partition("/")
    if dialect not in DIALECTS:
        return [b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"]
    if f"/{rest}" != DIALECTS[dialect].list_path:
        return _single(dialect)
    found = _CURSOR.search(query.encode())
    following = (int(found[1]) if found else 0) + PAGE_SIZE
    return _page(dialect, str(following) if following < int(pages) * PAGE_SIZE else None)


class Protocol(asyncio.Protocol):
    """One connection: requests without a body in, answers out, for as long as the client likes."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection."""
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each whole request."""
        *requests, self._rest = (self._rest + data).split(_END)
        for request in requests:
            if self._transport is not None:
                self._transport.writelines(respond(request))


def _processor_seconds(address: str) -> float:
    origin = urlsplit(address)
    with urlopen(f"{origin.scheme}://{origin.netloc}{CPU_PATH}") as answer:
        return float(answer.read())


@cache
def _single(dialect: str) -> list[bytes]:
    return _pieces(encoded(DIALECTS[dialect].answer(record(dialect, "known", 1))))


@lru_cache(4_096)
def _page(dialect: str, following: str | None) -> list[bytes]:
    # All pages hold the same records, which are kept once.
    head, tail = encoded(DIALECTS[dialect].envelope(["@"], following)).split(b'["@"]')
    return _pieces(head, _records(dialect), tail)


@cache
def _records(dialect: str) -> bytes:
    return encoded([record(dialect, "known", number) for number in range(PAGE_SIZE)])


def _pieces(*body: bytes) -> list[bytes]:
    length = sum(map(len, body))
    return [b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % length, *body]


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Protocol, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    # Clients may keep their connections open; nobody waits for them.
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve())
