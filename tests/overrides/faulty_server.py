"""A server on loopback, made of raw sockets, that fails in the ways that networks and services do."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Final, Self, TypeAlias

from attrs import field, frozen

Act: TypeAlias = Callable[[socket.socket], None]

_PATIENCE: Final = 5.0
"""Seconds after which a test that hangs fails instead."""


@frozen
class Arrival:
    """A request as it came in."""

    method: str
    target: str
    headers: Mapping[str, str]
    """By lower-case name."""
    body: bytes


@frozen
class Answer:
    """What the server does with a request."""

    act: Act
    """Sends what there is to send; the connection is closed behind it unless it is kept."""
    commits: bool = True
    """Whether a write is carried out first."""
    keeps: bool = field(default=False, kw_only=True)
    """Whether the connection stays open for another request."""


def response(
    body: object = None, status: str = "200 OK", headers: Sequence[str] = (), *, length: int | str | None = None
) -> bytes:
    """Return a whole answer; bytes are sent as they are, anything else as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(content) if length is None else length}", "", ""]
    return "\r\n".join(lines).encode() + content


def send(data: bytes, *, keeps: bool = False) -> Answer:
    """Send all there is; a whole answer says whether the connection is kept, or the next request might meet its end."""
    if not keeps:
        data = data.replace(b"\r\nContent-Length:", b"\r\nConnection: close\r\nContent-Length:", 1)
    return Answer(lambda connection: connection.sendall(data), keeps=keeps)


def close(data: bytes = b"", *, commits: bool = True) -> Answer:
    """Send the start of an answer and close the connection."""
    return Answer(lambda connection: connection.sendall(data), commits)


def reset(data: bytes = b"", *, commits: bool = True) -> Answer:
    """Send the start of an answer and tear the connection down."""

    def act(connection: socket.socket) -> None:
        connection.sendall(data)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return Answer(act, commits)


def stall(data: bytes = b"", *, commits: bool = True) -> Answer:
    """Send the start of an answer and then nothing, until the client gives up."""

    def act(connection: socket.socket) -> None:
        connection.sendall(data)
        connection.recv(1)

    return Answer(act, commits)


def dribble(data: bytes) -> Answer:
    """Send an answer byte by byte."""

    def act(connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for index in range(len(data)):
            connection.sendall(data[index : index + 1])

    return Answer(act)


class FaultyServer:
    """Answers requests from a script, the last answer for ever, and carries each write out once for each key."""

    def __init__(self, *script: Answer) -> None:
        self._script = list(script)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(_PATIENCE)
        self._is_closing = False
        self._thread = threading.Thread(target=self._serve)
        self._known_keys: set[str] = set()
        self._closed = threading.Semaphore(0)
        self.arrivals: list[Arrival] = []
        """The requests that came in whole."""
        self.records: list[bytes] = []
        """The bodies of the writes that were carried out."""
        self.connections = 0
        """How many connections were made."""

    @property
    def url(self) -> str:
        """Where the server is."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._is_closing = True
        with suppress(OSError), socket.create_connection(self._listener.getsockname()):
            pass
        self._thread.join()
        self._listener.close()

    def await_close(self) -> None:
        """Wait until the server has closed the next connection."""
        assert self._closed.acquire(timeout=_PATIENCE)

    def _serve(self) -> None:
        while not self._is_closing:
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            with connection:
                if self._is_closing:
                    return
                self.connections += 1
                connection.settimeout(_PATIENCE)
                # A client that goes away while it is answered is what some tests are about.
                with suppress(OSError):
                    while self._answer(connection):
                        pass
            self._closed.release()

    def _answer(self, connection: socket.socket) -> bool:
        """Answer one request, and say whether another may follow on the same connection."""
        arrival = _receive(connection)
        if arrival is None:
            return False
        self.arrivals.append(arrival)
        answer = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        if answer.commits and arrival.method != "GET":
            self._carry_out(arrival)
        answer.act(connection)
        return answer.keeps

    def _carry_out(self, arrival: Arrival) -> None:
        key = arrival.headers.get("idempotency-key")
        if key is None or key not in self._known_keys:
            self.records.append(arrival.body)
        if key is not None:
            self._known_keys.add(key)


def _receive(connection: socket.socket) -> Arrival | None:
    """Return the next request on a connection, or nothing if it ends before."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65_536)
        if not piece:
            return None
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", "0")):
        piece = connection.recv(65_536)
        if not piece:
            return None
        body += piece
    method, target, _ = first.split(" ")
    return Arrival(method, target, headers, body)
