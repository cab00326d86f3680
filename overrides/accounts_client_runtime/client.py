"""The clients' common ground: connections, tokens, views, and the loop that carries out what `Exchange` decides."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator, Hashable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from threading import Event, Lock
from types import TracebackType
from typing import Final, NoReturn, Self, TypeAlias, TypedDict, TypeGuard, TypeVar, Unpack
from uuid import uuid4

from msgspec.structs import replace

from .budget import Budget, BudgetPolicy, BudgetUse, shared_budget
from .errors import AccountsClientError, ConfigurationError, ConnectError, RequestTimeoutError
from .exchange import Context, Exchange, choose_schemes, ready
from .options import OptionChanges, Options, Preflight
from .pages import Page
from .pagination import AsyncPager, Listing, Pager
from .request import Outgoing, Reply, Request, Response
from .retry import RetryPolicy
from .schemes import Login, Secret
from .service import Service
from .transport import (
    AsyncHTTPChoice,
    AsyncOpenReply,
    AsyncTransport,
    OpenReply,
    SyncHTTPClient,
    SyncTransport,
    async_transport,
    check_async_client,
    check_sync_client,
    sync_transport,
)
from .types import is_list

T = TypeVar("T")
R = TypeVar("R", bound=Reply)

SyncToken: TypeAlias = str | Callable[[], str]
"""A token, or what returns one; it is asked again once after the service refused the last one."""

AsyncToken: TypeAlias = str | Callable[[], str] | Callable[[], Awaitable[str]]
"""A token, or what returns one, also as a coroutine; it is asked again once after the service refused the last one."""

SyncCredential: TypeAlias = SyncToken | Login
"""What a scheme of a sync client takes: a token or key, what returns one, or a login."""

AsyncCredential: TypeAlias = AsyncToken | Login
"""What a scheme of an async client takes."""

DEFAULT_TIMEOUT: Final = 30.0
"""Seconds that connecting, sending, and each pause while receiving may take."""


def new_idempotency_key() -> str:
    """Return a key that no other write has."""
    return str(uuid4())


class ClientOptions(TypedDict, total=False):
    """What every client can be told when it is made; everything has a default."""

    base_url: str
    """Where the API is; by default what `TRUTO_BASE_URL` or `COPERNIQ_BASE_URL` holds, else the vendor's address."""
    timeout: float | None
    """Seconds that connecting, sending, and each pause while receiving may take: 30 by default, `None` for no limit."""
    max_retries: int
    """Tries after the first one; by default what the retry policy says."""
    retry_policy: RetryPolicy
    """How often and how fast a failed request is sent again."""
    idempotency_key_factory: Callable[[], str]
    """Makes the key of each write, for services that know such keys; by default a random UUID."""
    preflight: Preflight
    """Whether requests of handles with an integration are compared with what the pages say: see `with_options`."""
    budget: BudgetPolicy | None
    """Rate limits that the client keeps by itself, by default the documented ones; `None` for none. See `budget()`."""
    clock: Callable[[], float]
    """Seconds of a clock that never goes back."""


class SyncClientOptions(ClientOptions, total=False):
    """What sync clients can be told."""

    http_client: SyncHTTPClient
    """A client of httpx or httpx2 of your own, for proxies, TLS or limits; it stays open."""
    sleep: Callable[[float], None]
    """Waits the given seconds."""


class AsyncClientOptions(ClientOptions, total=False):
    """What async clients can be told."""

    http_client: AsyncHTTPChoice
    """A client of httpx or httpx2 of your own, for proxies, TLS or limits; it stays open. `"aiohttp"` for aiohttp."""
    sleep: Callable[[float], Awaitable[None]]
    """Waits the given seconds."""


def _context(
    service: Service, credentials: Mapping[str, object], tenant: str, is_tenant_implied: bool, options: ClientOptions
) -> Context:
    given = from_environment(options.get("base_url"), service.base_url_environment)
    base_url = service.base_url if given is None else given
    if not base_url:
        variable = f" or set {service.base_url_environment}" if service.base_url_environment else ""
        raise ConfigurationError(f"{service.name} has no address of its own: pass base_url={variable}")
    _check_base_url(base_url)
    changes: OptionChanges = {}
    if "max_retries" in options:
        changes["max_retries"] = options["max_retries"]
    if "preflight" in options:
        changes["preflight"] = options["preflight"]
    defaults = Options(
        timeout=options.get("timeout", DEFAULT_TIMEOUT), retry_policy=options.get("retry_policy", RetryPolicy())
    )
    return Context(
        service=service,
        base_url=base_url.rstrip("/"),
        tenant=tenant,
        is_tenant_implied=is_tenant_implied,
        options=defaults.changed(service, changes),
        clock=options.get("clock", time.monotonic),
        new_idempotency_key=options.get("idempotency_key_factory", new_idempotency_key),
        credentials=frozenset(credentials),
        schemes=choose_schemes(service.security, frozenset(credentials)),
    )


def _check_base_url(base_url: str) -> None:
    from urllib.parse import urlsplit  # slow to import, and only clients need it

    if "@" in base_url.partition("//")[2].partition("/")[0]:
        raise ConfigurationError("base_url holds a user name or password; pass the token to the client instead")
    try:
        address = urlsplit(base_url)
        is_usable = address.scheme in ("http", "https") and address.hostname and address.port != 0
    except ValueError:
        is_usable = False
    if not is_usable or not base_url.isprintable() or any(character in base_url for character in " ?#"):
        raise ConfigurationError(f"base_url is {base_url!r}, expected an http or https address without query")


def from_environment(value: str | None, variable: str) -> str | None:
    """Return the value, or else what the environment variable holds, if anything."""
    return value if value is not None else os.environ.get(variable) or None


def choose_token(service: Service, *candidates: T | None) -> T | str:
    """Return the one token of a service with one scheme: what is given, or else what the environment holds.

    Raises:
        ConfigurationError: There is no token, or more than one.
    """
    [(argument, scheme)] = service.schemes.items()
    given = [candidate for candidate in candidates if candidate is not None]
    if len(given) > 1:
        raise ConfigurationError(f"{service.name} takes one token, {len(given)} are given")
    token = given[0] if given else os.environ.get(scheme.environment)
    if not token:
        raise ConfigurationError(f"{service.name} needs a token: pass {argument}= or set {scheme.environment}")
    return token


def _budget(context: Context, credentials: Mapping[str, object], options: ClientOptions) -> Budget | None:
    """Return the budget that the client shares with others of the same token, address and clock."""
    service, policy = context.service, options.get("budget", BudgetPolicy())
    if policy is None:
        return None
    key = (service.name, context.base_url, context.clock)
    return shared_budget(key, _identity(credentials), policy, service.token_limits, service.account_limits)


def _identity(credentials: Mapping[str, object]) -> object:
    """Return what tells one caller from another: the credentials as one text, or what returns some of them."""
    sources = [_hashable(given) for given in credentials.values() if callable(given)]
    return tuple(sources) or repr(sorted(credentials.items()))


def _hashable(source: object) -> object:
    """Return what returns tokens, or what stands for it: it need not be hashable, and the client keeps it alive."""
    return source if isinstance(source, Hashable) else id(source)


def _known_secrets(service: Service, credentials: Mapping[str, object]) -> dict[str, Secret]:
    """Return what goes out for the credentials that are no functions, by scheme.

    Raises:
        ConfigurationError: One of them cannot be sent.
    """
    return {name: _secret(service, name, given) for name, given in credentials.items() if not callable(given)}


def _secret(service: Service, name: str, given: object) -> Secret:
    scheme = service.schemes.get(name)
    if scheme is None:
        raise ConfigurationError(f"{service.name} has no security scheme {name!r}")
    if isinstance(given, str):
        return scheme.secret(given)
    if _is_login(given):
        return scheme.secret(given)
    raise ConfigurationError(f"{name} is of type {type(given).__qualname__}, expected text or a login")


def _is_login(given: object) -> TypeGuard[Login]:
    return is_list(given) and isinstance(given, tuple) and [type(part) for part in given] == [str, str]


class Handle:
    """A client, or a view of one: shared connections, its own context."""

    def __init__(self, context: Context, budget: Budget | None) -> None:
        self._context = context
        self._budget = budget

    def __repr__(self) -> str:
        context = self._context
        tenant = f", {context.service.tenant_option}={context.tenant!r}" if context.tenant else ""
        integration = f", integration={context.support.integration!r}" if context.support else ""
        return f"{type(self).__name__}(base_url={context.base_url!r}{tenant}{integration})"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"{type(self).__name__} cannot be pickled or copied: it holds a token and connections; "
            "make a new client from the environment where you need it"
        )

    def _with_context(self, context: Context) -> Self:
        view = object.__new__(type(self))
        view.__dict__.update(self.__dict__)
        view._context = context
        return view

    def _prepare(self, request: Request[T], answer_format: str = "") -> tuple[Exchange, Request[T]]:
        """Return the exchange for a request, and the request with the extras of this view."""
        merged = ready(request, self._context)
        return Exchange(self._context, merged, answer_format=answer_format), merged

    def _listing(self) -> Listing:
        options = self._context.options
        return Listing(
            tenant=self._context.tenant,
            on_bad_record=options.on_bad_record,
            prefetch=options.prefetch,
            progress=options.progress,
            timeout=options.timeout,
        )

    def budget(self) -> BudgetUse | None:
        """Return how much of the rate limits this token and this view's account have used; `None` if switched off."""
        budget = self._budget
        return budget.use(self._context.tenant, self._context.clock()) if budget else None

    def with_options(self, **changes: Unpack[OptionChanges]) -> Self:
        """Return a view of this client with other options; the client itself stays as it is.

        Raises:
            ConfigurationError: A change is refused, such as a header that carries the token.
        """
        context = self._context
        return self._with_context(replace(context, options=context.options.changed(context.service, changes)))


class SyncCore:
    """What all handles of one client share: the credentials and the connections."""

    def __init__(
        self,
        service: Service,
        base_url: str,
        credentials: Mapping[str, SyncCredential],
        http_client: SyncHTTPClient | None,
        budget: Budget | None,
        sleep: Callable[[float], None],
    ) -> None:
        self._service = service
        self._base_url = base_url
        self._sources = {name: given for name, given in credentials.items() if callable(given)}
        self._secrets = _known_secrets(service, credentials)
        check_sync_client(http_client)
        self._http_client = http_client
        self._transport: SyncTransport | None = None
        self._is_closed = False
        self._lock = Lock()
        self._budget = budget
        self._sleep = sleep

    def carry_out(
        self,
        exchange: Exchange,
        send: Callable[[SyncTransport, Outgoing], R],
        is_discarded: Event | None = None,
    ) -> R:
        """Send what the exchange prepares until it is content, and return the answer.

        Raises:
            AccountsClientError: The exchange gave up.
            CancelledError: Nobody wants the answer any more.
        """
        failure: AccountsClientError | None = None
        try:
            while True:
                transport = self._open(failure)
                self._await_turn(exchange, is_discarded, failure)
                outgoing = exchange.outgoing(self._secrets_of(exchange) if self._sources else self._secrets)
                try:
                    reply = send(transport, outgoing)
                except (ConnectError, RequestTimeoutError) as error:
                    failure = error
                    pause = exchange.after_failure(error)
                else:
                    if self._budget is not None:
                        self._budget.learn(exchange.tenant, reply.status, reply.headers, exchange.now())
                    can_renew = not self._sources.keys().isdisjoint(exchange.schemes) if self._sources else False
                    after_reply = exchange.after_reply(reply, can_renew=can_renew)
                    if after_reply is None:
                        return reply
                    pause = after_reply
                self._pause(pause, is_discarded)
        except AccountsClientError as error:
            exchange.attach_request(error)
            raise

    def close(self) -> None:
        """Close the connections, for all handles."""
        with self._lock:
            self._is_closed = True
            if self._transport is not None:
                self._transport.close()

    def _await_turn(self, exchange: Exchange, is_discarded: Event | None, failure: AccountsClientError | None) -> None:
        if self._budget is not None:
            with self._budget.turn(exchange.tenant) as ticket:
                while wait := self._budget.delay(ticket, exchange.now()):
                    self._pause(wait, is_discarded)
                    # Another thread may have closed the client meanwhile.
                    self._open(failure)

    def _pause(self, seconds: float, is_discarded: Event | None) -> None:
        """Wait, unless nobody wants the answer any more."""
        if is_discarded is None or self._sleep is not time.sleep:
            self._sleep(seconds)
        else:
            is_discarded.wait(seconds)
        if is_discarded is not None and is_discarded.is_set():
            from concurrent.futures import CancelledError  # slow to import, and loaded by whoever fetches ahead

            raise CancelledError

    def _secrets_of(self, exchange: Exchange) -> dict[str, Secret]:
        return {name: self._secret(name, exchange) for name in exchange.schemes}

    def _secret(self, name: str, exchange: Exchange) -> Secret:
        source = self._sources.get(name)
        if source is None:
            return self._secrets[name]
        with self._lock:
            known = self._secrets.get(name)
            if known is None or known == exchange.refused.get(name):
                known = self._secrets[name] = _secret(self._service, name, source())
            return known

    def _open(self, failure: AccountsClientError | None) -> SyncTransport:
        with self._lock:
            if self._is_closed:
                raise ConfigurationError("the client is closed") from failure
            if self._transport is None:
                self._transport = sync_transport(self._base_url, self._http_client)
            return self._transport


class SyncClient(Handle):
    """A client whose calls return when they are done. Threads may share it."""

    def __init__(
        self,
        service: Service,
        credentials: Mapping[str, SyncCredential],
        *,
        tenant: str = "",
        is_tenant_implied: bool = False,
        **options: Unpack[SyncClientOptions],
    ) -> None:
        context = _context(service, credentials, tenant, is_tenant_implied, options)
        super().__init__(context, _budget(context, credentials, options))
        self._core = SyncCore(
            service,
            context.base_url,
            credentials,
            options.get("http_client"),
            self._budget,
            options.get("sleep", time.sleep),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections of this client and of all its views; an `http_client` of your own stays open."""
        self._core.close()

    def send(self, request: Request[T]) -> T:
        """Carry out a request and return its value.

        Raises:
            AccountsClientError: Any error of the library.
        """
        return self.send_with_response(request).value

    def send_with_response(self, request: Request[T]) -> Response[T]:
        """Carry out a request and return its value with the status, the headers and the deviations of the answer.

        Raises:
            AccountsClientError: Any error of the library.
        """
        return self._send_merged(ready(request, self._context))

    def paginate(self, request: Request[Page[T]]) -> Pager[T]:
        """Return the listing that begins with a request, such as `list_accounts()` builds. Nothing is fetched yet."""

        def send(request: Request[Page[T]], is_discarded: Event | None) -> Page[T]:
            return self._send_merged(request, is_discarded).value

        return Pager(send, ready(request, self._context), self._listing())

    @contextmanager
    def stream(self, request: Request[object]) -> Generator[Iterator[bytes]]:
        """Carry out a request and hand out the body piece by piece; nothing is kept, leaving the block closes it."""
        exchange, _ = self._prepare(request, "stream")
        reply = self._core.carry_out(exchange, _open_sync)
        try:
            with exchange.about_request():
                yield reply.chunks
        finally:
            reply.close()

    def _send_merged(self, request: Request[T], is_discarded: Event | None = None) -> Response[T]:
        exchange = Exchange(self._context, request)
        reply = self._core.carry_out(exchange, send_sync, is_discarded)
        value, deviations = exchange.read(request, reply)
        return Response(value, reply.status, reply.headers, deviations)


class AsyncCore:
    """The same as `SyncCore`, for asyncio."""

    def __init__(
        self,
        service: Service,
        base_url: str,
        credentials: Mapping[str, AsyncCredential],
        http_client: AsyncHTTPChoice | None,
        budget: Budget | None,
        sleep: Callable[[float], Awaitable[None]] | None,
    ) -> None:
        import asyncio  # slow to import, and no sync client needs it

        self._service = service
        self._base_url = base_url
        self._sources = {name: given for name, given in credentials.items() if callable(given)}
        self._secrets = _known_secrets(service, credentials)
        check_async_client(http_client)
        self._http_client: AsyncHTTPChoice | None = http_client
        self._transport: AsyncTransport | None = None
        self._is_closed = False
        self._lock = asyncio.Lock()
        self._budget = budget
        self._sleep = sleep or asyncio.sleep

    async def carry_out(self, exchange: Exchange, send: Callable[[AsyncTransport, Outgoing], Awaitable[R]]) -> R:
        """Send what the exchange prepares until it is content, and return the answer.

        Raises:
            AccountsClientError: The exchange gave up.
        """
        failure: AccountsClientError | None = None
        try:
            while True:
                transport = self._open(failure)
                await self._await_turn(exchange, failure)
                outgoing = exchange.outgoing(await self._secrets_of(exchange) if self._sources else self._secrets)
                try:
                    reply = await send(transport, outgoing)
                except (ConnectError, RequestTimeoutError) as error:
                    failure = error
                    pause = exchange.after_failure(error)
                else:
                    if self._budget is not None:
                        self._budget.learn(exchange.tenant, reply.status, reply.headers, exchange.now())
                    can_renew = not self._sources.keys().isdisjoint(exchange.schemes) if self._sources else False
                    after_reply = exchange.after_reply(reply, can_renew=can_renew)
                    if after_reply is None:
                        return reply
                    pause = after_reply
                await self._sleep(pause)
        except AccountsClientError as error:
            exchange.attach_request(error)
            raise

    async def close(self) -> None:
        """Close the connections, for all handles."""
        self._is_closed = True
        if self._transport is not None:
            await self._transport.close()

    async def _await_turn(self, exchange: Exchange, failure: AccountsClientError | None) -> None:
        if self._budget is not None:
            with self._budget.turn(exchange.tenant) as ticket:
                while wait := self._budget.delay(ticket, exchange.now()):
                    await self._sleep(wait)
                    # Another task may have closed the client meanwhile.
                    self._open(failure)

    async def _secrets_of(self, exchange: Exchange) -> dict[str, Secret]:
        return {name: await self._secret(name, exchange) for name in exchange.schemes}

    async def _secret(self, name: str, exchange: Exchange) -> Secret:
        source = self._sources.get(name)
        if source is None:
            return self._secrets[name]
        async with self._lock:
            known = self._secrets.get(name)
            if known is None or known == exchange.refused.get(name):
                answer = source()
                given = answer if isinstance(answer, str) else await answer
                known = self._secrets[name] = _secret(self._service, name, given)
            return known

    def _open(self, failure: AccountsClientError | None) -> AsyncTransport:
        if self._is_closed:
            raise ConfigurationError("the client is closed") from failure
        if self._transport is None:
            self._transport = async_transport(self._base_url, self._http_client)
        return self._transport


class AsyncClient(Handle):
    """The same as `SyncClient`, for asyncio. Tasks of one event loop may share it."""

    def __init__(
        self,
        service: Service,
        credentials: Mapping[str, AsyncCredential],
        *,
        tenant: str = "",
        is_tenant_implied: bool = False,
        **options: Unpack[AsyncClientOptions],
    ) -> None:
        context = _context(service, credentials, tenant, is_tenant_implied, options)
        super().__init__(context, _budget(context, credentials, options))
        self._core = AsyncCore(
            service,
            context.base_url,
            credentials,
            options.get("http_client"),
            self._budget,
            options.get("sleep"),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections of this client and of all its views; an `http_client` of your own stays open."""
        await self._core.close()

    async def send(self, request: Request[T]) -> T:
        """Carry out a request and return its value.

        Raises:
            AccountsClientError: Any error of the library.
        """
        return (await self.send_with_response(request)).value

    async def send_with_response(self, request: Request[T]) -> Response[T]:
        """Carry out a request and return its value with the status, the headers and the deviations of the answer.

        Raises:
            AccountsClientError: Any error of the library.
        """
        return await self._send_merged(ready(request, self._context))

    def paginate(self, request: Request[Page[T]]) -> AsyncPager[T]:
        """Return the listing that begins with a request, such as `list_accounts()` builds. Nothing is fetched yet."""

        async def send(request: Request[Page[T]]) -> Page[T]:
            return (await self._send_merged(request)).value

        return AsyncPager(send, ready(request, self._context), self._listing())

    @asynccontextmanager
    async def stream(self, request: Request[object]) -> AsyncGenerator[AsyncIterator[bytes]]:
        """Carry out a request and hand out the body piece by piece; nothing is kept, leaving the block closes it."""
        exchange, _ = self._prepare(request, "stream")
        reply = await self._core.carry_out(exchange, _open_async)
        try:
            with exchange.about_request():
                yield reply.chunks
        finally:
            await reply.close()

    async def _send_merged(self, request: Request[T]) -> Response[T]:
        exchange = Exchange(self._context, request)
        reply = await self._core.carry_out(exchange, send_async)
        value, deviations = exchange.read(request, reply)
        return Response(value, reply.status, reply.headers, deviations)


def send_sync(transport: SyncTransport, outgoing: Outgoing) -> Reply:
    """Send and return the whole answer."""
    return transport.send(outgoing)


async def send_async(transport: AsyncTransport, outgoing: Outgoing) -> Reply:
    """Send and return the whole answer."""
    return await transport.send(outgoing)


def _open_sync(transport: SyncTransport, outgoing: Outgoing) -> OpenReply:
    return transport.open(outgoing)


async def _open_async(transport: AsyncTransport, outgoing: Outgoing) -> AsyncOpenReply:
    return await transport.open(outgoing)


class SyncResource:
    """The operations of one category, on one client or view."""

    __slots__ = ("_client",)

    def __init__(self, client: SyncClient) -> None:
        self._client = client

    def _send(self, request: Request[T]) -> T:
        return self._client.send(request)

    def _pages(self, request: Request[Page[T]]) -> Pager[T]:
        return self._client.paginate(request)


class AsyncResource:
    """The same as `SyncResource`, for asyncio."""

    __slots__ = ("_client",)

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def _send(self, request: Request[T]) -> T:
        return await self._client.send(request)

    def _pages(self, request: Request[Page[T]]) -> AsyncPager[T]:
        return self._client.paginate(request)
