"""One test for both clients: callers that use a sync or an async one through the same methods, on their own clock."""

from __future__ import annotations

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from types import TracebackType
from typing import Final, Generic, Self, TypeVar, Unpack

import httpx
import pytest

from accounts_client_runtime import (
    JSON,
    AsyncAPIClient,
    AsyncClient,
    AsyncCoperniqClient,
    AsyncPager,
    AsyncTrutoClient,
    Checkpoint,
    Debug,
    Page,
    Pager,
    Request,
    Response,
    Service,
    SyncAPIClient,
    SyncClient,
    SyncCoperniqClient,
    SyncCredential,
    SyncTrutoClient,
)
from accounts_client_runtime.client import ClientOptions
from accounts_client_runtime.options import OptionChanges
from accounts_client_runtime.transport import AsyncHTTPChoice, SyncHTTPClient
from tests.overrides.transports import Handler, async_http_client, sync_http_client

T = TypeVar("T")

TOKEN: Final = "token-2f9c81"
TENANT: Final = "62f44730-dd91-461e-bd6a-aedd9e0ad79d"


class Clock:
    """A clock that moves only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.naps: list[float] = []
        """The pauses that were asked for, in seconds."""

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += seconds

    async def sleep_async(self, seconds: float) -> None:
        self.sleep(seconds)


class TrutoArguments(ClientOptions, total=False):
    """Arguments that both Truto clients take."""

    token: str | Callable[[], str] | None
    integrated_account_id: str | None
    integrated_account_token: str | Callable[[], str] | None


class CoperniqArguments(ClientOptions, total=False):
    """Arguments that both Coperniq clients take."""

    api_key: str | Callable[[], str] | None


class Listing(ABC, Generic[T]):
    """A pager of either kind."""

    @property
    @abstractmethod
    def checkpoint(self) -> Checkpoint: ...

    @abstractmethod
    def __iter__(self) -> Iterator[T]: ...

    @abstractmethod
    def pages(self) -> Iterator[Page[T]]: ...

    @abstractmethod
    def page(self) -> Page[T]: ...

    @abstractmethod
    def to_list(self, max_items: int | None = None) -> list[T]: ...

    @abstractmethod
    def resume(self, checkpoint: Checkpoint) -> Listing[T]: ...


class Caller(ABC):
    """A client of either kind; leaving the block closes it."""

    clock: Clock

    @classmethod
    @abstractmethod
    def truto(cls, handler: Handler | None = None, **arguments: Unpack[TrutoArguments]) -> Caller: ...

    @classmethod
    @abstractmethod
    def coperniq(cls, handler: Handler | None = None, **arguments: Unpack[CoperniqArguments]) -> Caller: ...

    @classmethod
    @abstractmethod
    def api(
        cls,
        service: Service,
        credentials: Mapping[str, SyncCredential | None],
        handler: Handler | None = None,
        **options: Unpack[ClientOptions],
    ) -> Caller: ...

    @property
    @abstractmethod
    def client(self) -> SyncClient | AsyncClient: ...

    @abstractmethod
    def send(self, request: Request[T]) -> T: ...

    @abstractmethod
    def respond(self, request: Request[T]) -> Response[T]: ...

    @abstractmethod
    def paginate(self, request: Request[Page[T]]) -> Listing[T]: ...

    @abstractmethod
    def view(self, **changes: Unpack[OptionChanges]) -> Self: ...

    @abstractmethod
    def account(self, integrated_account_id: str) -> Self: ...

    @abstractmethod
    def raw(self, request: Request[object]) -> JSON: ...

    @abstractmethod
    def normalized(self, request: Request[object]) -> JSON: ...

    @abstractmethod
    def debug(self, request: Request[T]) -> Debug[T]: ...

    @abstractmethod
    def stream(self, request: Request[object], *, pieces: int | None = None) -> bytes: ...

    @abstractmethod
    def read_after_leaving(self, request: Request[object]) -> bytes: ...

    @abstractmethod
    def close(self) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class SyncListing(Listing[T]):
    def __init__(self, pager: Pager[T]) -> None:
        self._pager = pager

    @property
    def checkpoint(self) -> Checkpoint:
        return self._pager.checkpoint

    def __iter__(self) -> Iterator[T]:
        return iter(self._pager)

    def pages(self) -> Iterator[Page[T]]:
        return self._pager.pages()

    def page(self) -> Page[T]:
        return self._pager.page()

    def to_list(self, max_items: int | None = None) -> list[T]:
        return self._pager.to_list(max_items=max_items)

    def resume(self, checkpoint: Checkpoint) -> SyncListing[T]:
        return SyncListing(self._pager.resume(checkpoint))


class SyncCaller(Caller):
    def __init__(self, client: SyncClient, clock: Clock, http_client: SyncHTTPClient | None = None) -> None:
        self._client = client
        self.clock = clock
        self._http_client = http_client

    @classmethod
    def truto(cls, handler: Handler | None = None, **arguments: Unpack[TrutoArguments]) -> SyncCaller:
        clock = Clock()
        given: TrutoArguments = {"clock": clock, **_with_credentials(arguments)}
        http_client = sync_http_client(handler)
        if http_client is None:
            return cls(SyncTrutoClient(sleep=clock.sleep, **given), clock)
        return cls(SyncTrutoClient(sleep=clock.sleep, http_client=http_client, **given), clock, http_client)

    @classmethod
    def coperniq(cls, handler: Handler | None = None, **arguments: Unpack[CoperniqArguments]) -> SyncCaller:
        clock = Clock()
        given: CoperniqArguments = {"clock": clock, "api_key": TOKEN, **arguments}
        http_client = sync_http_client(handler)
        if http_client is None:
            return cls(SyncCoperniqClient(sleep=clock.sleep, **given), clock)
        return cls(SyncCoperniqClient(sleep=clock.sleep, http_client=http_client, **given), clock, http_client)

    @classmethod
    def api(
        cls,
        service: Service,
        credentials: Mapping[str, SyncCredential | None],
        handler: Handler | None = None,
        **options: Unpack[ClientOptions],
    ) -> SyncCaller:
        clock = Clock()
        given: ClientOptions = {"clock": clock, **options}
        http_client = sync_http_client(handler)
        if http_client is None:
            return cls(SyncAPIClient(service, credentials, sleep=clock.sleep, **given), clock)
        client = SyncAPIClient(service, credentials, sleep=clock.sleep, http_client=http_client, **given)
        return cls(client, clock, http_client)

    @property
    def client(self) -> SyncClient:
        return self._client

    def send(self, request: Request[T]) -> T:
        return self._client.send(request)

    def respond(self, request: Request[T]) -> Response[T]:
        return self._client.send_with_response(request)

    def paginate(self, request: Request[Page[T]]) -> SyncListing[T]:
        return SyncListing(self._client.paginate(request))

    def view(self, **changes: Unpack[OptionChanges]) -> Self:
        return type(self)(self._client.with_options(**changes), self.clock)

    def account(self, integrated_account_id: str) -> Self:
        return type(self)(self._truto.account(integrated_account_id), self.clock)

    def raw(self, request: Request[object]) -> JSON:
        return self._truto.send_raw(request)

    def normalized(self, request: Request[object]) -> JSON:
        return self._truto.send_normalized(request)

    def debug(self, request: Request[T]) -> Debug[T]:
        return self._truto.send_debug(request)

    def stream(self, request: Request[object], *, pieces: int | None = None) -> bytes:
        taken: list[bytes] = []
        with self._client.stream(request) as chunks:
            for chunk in chunks:
                taken.append(chunk)
                if len(taken) == pieces:
                    break
        return b"".join(taken)

    def read_after_leaving(self, request: Request[object]) -> bytes:
        with self._client.stream(request) as chunks:
            pass
        return b"".join(chunks)

    def close(self) -> None:
        self._client.close()
        if self._http_client is not None:
            self._http_client.close()

    @property
    def _truto(self) -> SyncTrutoClient:
        assert isinstance(self._client, SyncTrutoClient)
        return self._client


class Loop:
    """An event loop that runs a step at a time."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._is_open = True

    def run(self, awaitable: Awaitable[T]) -> T:
        async def result() -> T:
            return await awaitable

        return self._runner.run(result())

    def finish(self, generator: AsyncGenerator[object]) -> None:
        """Close a generator, unless the loop has closed it."""
        if self._is_open:
            self.run(generator.aclose())

    def close(self) -> None:
        self._is_open = False
        self._runner.close()


class AsyncListing(Listing[T]):
    def __init__(self, pager: AsyncPager[T], loop: Loop) -> None:
        self._pager = pager
        self._loop = loop

    @property
    def checkpoint(self) -> Checkpoint:
        return self._pager.checkpoint

    def __iter__(self) -> Iterator[T]:
        records = aiter(self._pager)
        try:
            while True:
                try:
                    record = self._loop.run(anext(records))
                except StopAsyncIteration:
                    return
                yield record
        finally:
            self._loop.finish(records)

    def pages(self) -> Iterator[Page[T]]:
        pages = self._pager.pages()
        try:
            while True:
                try:
                    page = self._loop.run(anext(pages))
                except StopAsyncIteration:
                    return
                yield page
                del page
        finally:
            self._loop.finish(pages)

    def page(self) -> Page[T]:
        return self._loop.run(self._pager.page())

    def to_list(self, max_items: int | None = None) -> list[T]:
        return self._loop.run(self._pager.to_list(max_items=max_items))

    def resume(self, checkpoint: Checkpoint) -> AsyncListing[T]:
        return AsyncListing(self._pager.resume(checkpoint), self._loop)


class AsyncCaller(Caller):
    def __init__(
        self, client: AsyncClient, clock: Clock, loop: Loop, http_client: AsyncHTTPChoice | None = None
    ) -> None:
        self._client = client
        self.clock = clock
        self._loop = loop
        self._http_client = http_client

    @classmethod
    def truto(cls, handler: Handler | None = None, **arguments: Unpack[TrutoArguments]) -> AsyncCaller:
        clock = Clock()
        given: TrutoArguments = {"clock": clock, **_with_credentials(arguments)}
        http_client = async_http_client(handler)
        if http_client is None:
            return cls(AsyncTrutoClient(sleep=clock.sleep_async, **given), clock, Loop())
        client = AsyncTrutoClient(sleep=clock.sleep_async, http_client=http_client, **given)
        return cls(client, clock, Loop(), http_client)

    @classmethod
    def coperniq(cls, handler: Handler | None = None, **arguments: Unpack[CoperniqArguments]) -> AsyncCaller:
        clock = Clock()
        given: CoperniqArguments = {"clock": clock, "api_key": TOKEN, **arguments}
        http_client = async_http_client(handler)
        if http_client is None:
            return cls(AsyncCoperniqClient(sleep=clock.sleep_async, **given), clock, Loop())
        client = AsyncCoperniqClient(sleep=clock.sleep_async, http_client=http_client, **given)
        return cls(client, clock, Loop(), http_client)

    @classmethod
    def api(
        cls,
        service: Service,
        credentials: Mapping[str, SyncCredential | None],
        handler: Handler | None = None,
        **options: Unpack[ClientOptions],
    ) -> AsyncCaller:
        clock = Clock()
        given: ClientOptions = {"clock": clock, **options}
        http_client = async_http_client(handler)
        if http_client is None:
            return cls(AsyncAPIClient(service, credentials, sleep=clock.sleep_async, **given), clock, Loop())
        client = AsyncAPIClient(service, credentials, sleep=clock.sleep_async, http_client=http_client, **given)
        return cls(client, clock, Loop(), http_client)

    @property
    def client(self) -> AsyncClient:
        return self._client

    def send(self, request: Request[T]) -> T:
        return self._loop.run(self._client.send(request))

    def respond(self, request: Request[T]) -> Response[T]:
        return self._loop.run(self._client.send_with_response(request))

    def paginate(self, request: Request[Page[T]]) -> AsyncListing[T]:
        return AsyncListing(self._client.paginate(request), self._loop)

    def view(self, **changes: Unpack[OptionChanges]) -> Self:
        return type(self)(self._client.with_options(**changes), self.clock, self._loop)

    def account(self, integrated_account_id: str) -> Self:
        return type(self)(self._truto.account(integrated_account_id), self.clock, self._loop)

    def raw(self, request: Request[object]) -> JSON:
        return self._loop.run(self._truto.send_raw(request))

    def normalized(self, request: Request[object]) -> JSON:
        return self._loop.run(self._truto.send_normalized(request))

    def debug(self, request: Request[T]) -> Debug[T]:
        return self._loop.run(self._truto.send_debug(request))

    def stream(self, request: Request[object], *, pieces: int | None = None) -> bytes:
        async def collect() -> bytes:
            taken: list[bytes] = []
            async with self._client.stream(request) as chunks:
                async for chunk in chunks:
                    taken.append(chunk)
                    if len(taken) == pieces:
                        break
            return b"".join(taken)

        return self._loop.run(collect())

    def read_after_leaving(self, request: Request[object]) -> bytes:
        async def read() -> bytes:
            async with self._client.stream(request) as chunks:
                pass
            return b"".join([chunk async for chunk in chunks])

        return self._loop.run(read())

    def close(self) -> None:
        self._loop.run(self._client.close())
        if not isinstance(self._http_client, str | None):
            self._loop.run(self._http_client.aclose())

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
        self._loop.close()

    @property
    def _truto(self) -> AsyncTrutoClient:
        assert isinstance(self._client, AsyncTrutoClient)
        return self._client


BOTH_WAYS: Final = pytest.mark.parametrize("way", [SyncCaller, AsyncCaller], ids=["sync", "async"])


class Recorder:
    """A handler that answers from a script, the last answer for ever, and keeps what it was sent."""

    def __init__(self, *answers: httpx.Response | Exception | Handler) -> None:
        self._answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        if not isinstance(answer, httpx.Response):
            return answer(request)
        # A response can be read once; each request gets its own.
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    @property
    def keys(self) -> list[str | None]:
        """The idempotency key of each request."""
        return [request.headers.get("idempotency-key") for request in self.requests]

    @property
    def tokens(self) -> list[str]:
        """The bearer token of each request."""
        return [request.headers["authorization"].removeprefix("Bearer ") for request in self.requests]


def answer(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> httpx.Response:
    """Return an answer with a JSON body."""
    return httpx.Response(status, headers=headers, content=json.dumps(body).encode())


def _with_credentials(arguments: TrutoArguments) -> TrutoArguments:
    """Put in the usual token and account, unless the test says something about them."""
    if "token" in arguments or "integrated_account_id" in arguments or "integrated_account_token" in arguments:
        return arguments
    return {"token": TOKEN, "integrated_account_id": TENANT, **arguments}
