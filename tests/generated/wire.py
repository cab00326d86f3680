"""What the wire tests share: a network that answers from a script, and one way to carry a call out on either client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable
from inspect import isawaitable
from typing import Final, TypeAlias, TypedDict, TypeVar

import httpx
from attrs import field, frozen

from accounts_client import AsyncCoperniq, AsyncTruto, Coperniq, Truto
from accounts_client_runtime.client import ClientOptions

T = TypeVar("T")

AnyTruto: TypeAlias = Truto | AsyncTruto
AnyCoperniq: TypeAlias = Coperniq | AsyncCoperniq

Call: TypeAlias = "Callable[[Clients, Wire], object]"
"""A call on either service, for tables that hold calls on both."""


class TrutoArguments(TypedDict, total=False):
    """What a Truto client is made with."""

    token: str
    integrated_account_id: str
    integrated_account_token: str


TENANT: Final = "62f44730-dd91-461e-bd6a-aedd9e0ad79d"
QUERY: Final = "integrated_account_id=62f44730-dd91-461e-bd6a-aedd9e0ad79d"
"""What every query for Truto begins with."""

WITH_TENANT: Final[TrutoArguments] = {"token": "secret", "integrated_account_id": TENANT}
"""What clients are made with unless a test says otherwise."""

# One try, no waiting for a turn, and a key that can be written down.
_OPTIONS: Final[ClientOptions] = {"max_retries": 0, "budget": None, "idempotency_key_factory": lambda: "key-1"}


@frozen
class Answer:
    """What the service answers with."""

    body: str = ""
    status: int = field(default=200, kw_only=True)
    content_type: str = field(default="application/json", kw_only=True)


class Wire:
    """A network that gives the answers of its script in turn and keeps what was sent; a text is a 200 of JSON."""

    def __init__(self, *answers: str | Answer) -> None:
        self.sent: list[httpx.Request] = []
        self._answers = iter(answers)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        self.sent.append(request)
        answer = next(self._answers, None)
        assert answer is not None, f"the script has no answer to {self.lines[-1]}"
        if isinstance(answer, str):
            answer = Answer(answer)
        headers = {"Content-Type": answer.content_type}
        return httpx.Response(answer.status, headers=headers, content=answer.body.encode())

    @property
    def lines(self) -> list[str]:
        """Method and address of each request, exactly as they went out."""
        return [
            f"{request.method} {request.url.scheme}://{request.url.netloc.decode()}{request.url.raw_path.decode()}"
            for request in self.sent
        ]

    @property
    def bodies(self) -> list[str]:
        """The body of each request, exactly as it went out; empty where there was none."""
        return [request.content.decode() for request in self.sent]


@frozen
class Clients:
    """The sync clients or the async ones: a call is written once and carried out on either."""

    is_async: bool

    def truto(
        self, wire: Wire, call: Callable[[AnyTruto], T | Awaitable[T]], arguments: TrutoArguments = WITH_TENANT
    ) -> T:
        """Return what a call on a Truto client returns; it is tried once."""

        def start(http_client: httpx.Client | httpx.AsyncClient) -> T | Awaitable[T]:
            if isinstance(http_client, httpx.AsyncClient):
                return call(AsyncTruto(**arguments, **_OPTIONS, http_client=http_client))
            return call(Truto(**arguments, **_OPTIONS, http_client=http_client))

        return self._carry_out(wire, start)

    def coperniq(self, wire: Wire, call: Callable[[AnyCoperniq], T | Awaitable[T]]) -> T:
        """Return what a call on a Coperniq client returns; it is tried once."""

        def start(http_client: httpx.Client | httpx.AsyncClient) -> T | Awaitable[T]:
            if isinstance(http_client, httpx.AsyncClient):
                return call(AsyncCoperniq("secret", **_OPTIONS, http_client=http_client))
            return call(Coperniq("secret", **_OPTIONS, http_client=http_client))

        return self._carry_out(wire, start)

    def _carry_out(self, wire: Wire, start: Callable[[httpx.Client | httpx.AsyncClient], T | Awaitable[T]]) -> T:
        transport = httpx.MockTransport(wire)
        if self.is_async:
            return asyncio.run(_carry_out_async(transport, start))
        with httpx.Client(transport=transport) as http_client:
            result = start(http_client)
            assert not isinstance(result, Awaitable)
            return result


def on_truto(call: Callable[[AnyTruto], object], arguments: TrutoArguments = WITH_TENANT) -> Call:
    """Return a call on Truto for a table."""
    return lambda clients, wire: clients.truto(wire, call, arguments)


def on_coperniq(call: Callable[[AnyCoperniq], object]) -> Call:
    """Return a call on Coperniq for a table."""
    return lambda clients, wire: clients.coperniq(wire, call)


def collect(values: Iterable[T] | AsyncIterable[T], into: list[T] | None = None) -> list[T] | Awaitable[list[T]]:
    """Return all that a listing yields; what came before an error stays in the list that is given."""
    collected: list[T] = [] if into is None else into
    if isinstance(values, AsyncIterable):
        return _collect_async(values, collected)
    collected.extend(values)
    return collected


async def _carry_out_async(transport: httpx.MockTransport, start: Callable[[httpx.AsyncClient], T | Awaitable[T]]) -> T:
    async with httpx.AsyncClient(transport=transport) as http_client:
        result = start(http_client)
        assert isawaitable(result)
        value: T = await result
        return value


async def _collect_async(values: AsyncIterable[T], collected: list[T]) -> list[T]:
    async for value in values:
        collected.append(value)
    return collected
