"""A fake as an HTTP server on loopback."""

from __future__ import annotations

import socket
from collections.abc import Generator
from contextlib import contextmanager, suppress
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import BaseServer, ThreadingTCPServer
from threading import Event, Lock, Thread
from typing import Final

from accounts_client_runtime import Headers

from .inprocess import Handler

_HOST: Final = "127.0.0.1"


@contextmanager
def serving(handle: Handler, port: int) -> Generator[str]:
    """Serve until the block is left, and yield the origin; port 0 stands for any that is free."""
    connections = _Connections()
    with _Server((_HOST, port), partial(_RequestHandler, handle, connections)) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, name="accounts-client-fake")
        thread.start()
        try:
            yield f"http://{_HOST}:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
            connections.end()


class _Server(ThreadingTCPServer):
    """Has one thread for each connection, and waits for them when it is closed."""

    allow_reuse_address = True
    request_queue_size = 128


class _Connections:
    """The open connections of a server, so that it can end them."""

    def __init__(self) -> None:
        self.ending = Event()
        self._open: set[socket.socket] = set()
        self._lock = Lock()

    def register(self, connection: socket.socket) -> bool:
        """Take note of a new connection; whether it may go on."""
        with self._lock:
            self._open.add(connection)
            return not self.ending.is_set()

    def forget(self, connection: socket.socket) -> None:
        """Take note that a connection is done with."""
        with self._lock:
            self._open.discard(connection)

    def end(self) -> None:
        """Wake up the threads that wait for a further request or for a delay to pass."""
        with self._lock:
            self.ending.set()
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


class _RequestHandler(BaseHTTPRequestHandler):
    """Reads the requests of one connection and writes the answers."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def __init__(
        self, handle: Handler, connections: _Connections, request: socket.socket, address: object, server: BaseServer
    ) -> None:
        self._handle = handle
        self._connections = connections
        super().__init__(request, address, server)

    def handle(self) -> None:
        """Answer requests until one of the two sides ends the connection."""
        try:
            # The caller may go away at any time.
            with suppress(ConnectionError):
                if self._connections.register(self.connection):
                    super().handle()
        finally:
            self._connections.forget(self.connection)

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet: the requests are recorded."""

    def _answer(self) -> None:
        length = self.headers.get("content-length", "0")
        if "transfer-encoding" in self.headers or not length.isdecimal():
            self.send_error(HTTPStatus.LENGTH_REQUIRED)
            return
        body = self.rfile.read(int(length))
        answer = self._handle(self.command, self.path, Headers(self.headers.items()), body)
        self._connections.ending.wait(answer.delay)
        if answer.is_dropped:
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer
