"""Clients of Truto's Unified API, without its categories: token, integrated account, and the forms of answers."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Iterable
from typing import TYPE_CHECKING, Final, Self, TypeVar, Unpack, overload

from msgspec.structs import replace

from .budget import Limit
from .client import (
    AsyncClient,
    AsyncClientOptions,
    AsyncToken,
    SyncClient,
    SyncClientOptions,
    SyncToken,
    choose_token,
    from_environment,
    send_async,
    send_sync,
)
from .debug import Debug, read_debug
from .errors import ConfigurationError
from .exchange import Context
from .fan_out import Outcome, fan_out, fan_out_async
from .pages import Page
from .pagination import as_listing
from .request import Request
from .results import read_free
from .schemes import BearerToken
from .service import Service
from .types import JSON

if TYPE_CHECKING:
    from .capabilities import Capabilities
    from .support import Support

T = TypeVar("T")
R = TypeVar("R")

TRUTO: Final = Service(
    name="Truto",
    base_url="https://api.truto.one",
    base_url_environment="TRUTO_BASE_URL",
    schemes={"token": BearerToken("TRUTO_API_TOKEN")},
    security=(("token",),),
    tenant_option="integrated_account_id",
    tenant_environment="TRUTO_INTEGRATED_ACCOUNT_ID",
    format_option="truto_response_format",
    idempotency_header="Idempotency-Key",
    exclude_option="truto_exclude_fields",
    never_excluded=frozenset({"id"}),
    token_limits=(Limit(500, 10.0),),
    account_limits=(Limit(50, 10.0),),
)


class SyncTrutoClient(SyncClient):
    """Truto's Unified API.

    https://truto.one/docs/api-reference/overview/introduction
    """

    def __init__(
        self,
        token: SyncToken | None = None,
        *,
        integrated_account_id: str | None = None,
        integrated_account_token: SyncToken | None = None,
        **options: Unpack[SyncClientOptions],
    ) -> None:
        """Make a client; nothing is sent.

        Args:
            token: API token, or what returns one; by default what `TRUTO_API_TOKEN` holds.
            integrated_account_id: The account that calls are about; by default `TRUTO_INTEGRATED_ACCOUNT_ID`.
            integrated_account_token: Instead of both, a token that stands for one account and lives 15 minutes.
            options: See `SyncClientOptions`.

        Raises:
            ConfigurationError: There is no token, or an argument cannot be used.
        """
        super().__init__(
            TRUTO,
            {"token": choose_token(TRUTO, token, integrated_account_token)},
            tenant=_choose_tenant(integrated_account_id, integrated_account_token is not None),
            is_tenant_implied=integrated_account_token is not None,
            **options,
        )

    @property
    def integration(self) -> str | None:
        """What the account of this handle is connected to, if the handle was told."""
        return self._context.support.integration if self._context.support else None

    def account(self, integrated_account_id: str) -> Self:
        """Return a handle for another integrated account; connections and token are shared.

        Raises:
            ConfigurationError: The id is empty, or the client's token stands for one account.
        """
        return self._account(integrated_account_id, None)

    def capabilities(self) -> Capabilities:
        """Return what the account of this handle can do by the service itself; `from_capabilities` makes use of it.

        Raises:
            ConfigurationError: No integrated account is given, or the token stands for one and may not ask.
        """
        return self.send(_capabilities(self._context))

    def _account(self, integrated_account_id: str, support: Support | None) -> Self:
        return self._with_context(_for_account(self._context, integrated_account_id, support))

    @overload
    def fan_out(
        self, accounts: Iterable[str], request: Request[Page[R]], *, concurrency: int = 8
    ) -> Generator[Outcome[list[R]]]: ...

    @overload
    def fan_out(
        self, accounts: Iterable[str], request: Request[T], *, concurrency: int = 8
    ) -> Generator[Outcome[T]]: ...

    def fan_out(
        self, accounts: Iterable[str], request: Request[T], *, concurrency: int = 8
    ) -> Generator[Outcome[object]]:
        """Carry out one request, or one whole listing, for many integrated accounts.

        Args:
            accounts: Ids of the integrated accounts; taken as they are needed.
            request: What to carry out; a listing is followed to its end and gives the list of its records.
            concurrency: Calls under way at once, each in a thread of its own.

        Yields:
            An outcome for each account, as they finish: `Succeeded` with the value, or `Failed` with the error.
        """
        return fan_out(accounts, lambda account: self.account(account)._send_whole(request), concurrency=concurrency)

    def _send_whole(self, request: Request[T]) -> object:
        listing = as_listing(request)
        return self.send(request) if listing is None else self.paginate(listing).to_list()

    def send_raw(self, request: Request[object]) -> JSON:
        """Carry out a request and return the provider's own answer."""
        return self._send_as("raw", request)

    def send_normalized(self, request: Request[object]) -> JSON:
        """Carry out a request and return the answer in Truto's normalized form, whose shape is not documented."""
        return self._send_as("normalized", request)

    def send_debug(self, request: Request[T]) -> Debug[T]:
        """Carry out a request and return its value with the fetch behind it."""
        exchange, merged = self._prepare(request, "debug")
        return read_debug(exchange, merged, self._core.carry_out(exchange, send_sync))

    def _send_as(self, answer_format: str, request: Request[object]) -> JSON:
        exchange, _ = self._prepare(request, answer_format)
        return exchange.understand(self._core.carry_out(exchange, send_sync), read_free)


class AsyncTrutoClient(AsyncClient):
    """The same as `SyncTrutoClient`, for asyncio."""

    def __init__(
        self,
        token: AsyncToken | None = None,
        *,
        integrated_account_id: str | None = None,
        integrated_account_token: AsyncToken | None = None,
        **options: Unpack[AsyncClientOptions],
    ) -> None:
        """Make a client; nothing is sent.

        Args:
            token: API token, or what returns one; by default what `TRUTO_API_TOKEN` holds.
            integrated_account_id: The account that calls are about; by default `TRUTO_INTEGRATED_ACCOUNT_ID`.
            integrated_account_token: Instead of both, a token that stands for one account and lives 15 minutes.
            options: See `AsyncClientOptions`.

        Raises:
            ConfigurationError: There is no token, or an argument cannot be used.
        """
        super().__init__(
            TRUTO,
            {"token": choose_token(TRUTO, token, integrated_account_token)},
            tenant=_choose_tenant(integrated_account_id, integrated_account_token is not None),
            is_tenant_implied=integrated_account_token is not None,
            **options,
        )

    @property
    def integration(self) -> str | None:
        """What the account of this handle is connected to, if the handle was told."""
        return self._context.support.integration if self._context.support else None

    def account(self, integrated_account_id: str) -> Self:
        """Return a handle for another integrated account; connections and token are shared.

        Raises:
            ConfigurationError: The id is empty, or the client's token stands for one account.
        """
        return self._account(integrated_account_id, None)

    async def capabilities(self) -> Capabilities:
        """Return what the account of this handle can do by the service itself; `from_capabilities` makes use of it.

        Raises:
            ConfigurationError: No integrated account is given, or the token stands for one and may not ask.
        """
        return await self.send(_capabilities(self._context))

    def _account(self, integrated_account_id: str, support: Support | None) -> Self:
        return self._with_context(_for_account(self._context, integrated_account_id, support))

    @overload
    def fan_out(
        self, accounts: Iterable[str], request: Request[Page[R]], *, concurrency: int = 32
    ) -> AsyncGenerator[Outcome[list[R]]]: ...

    @overload
    def fan_out(
        self, accounts: Iterable[str], request: Request[T], *, concurrency: int = 32
    ) -> AsyncGenerator[Outcome[T]]: ...

    def fan_out(
        self, accounts: Iterable[str], request: Request[T], *, concurrency: int = 32
    ) -> AsyncGenerator[Outcome[object]]:
        """Carry out one request, or one whole listing, for many integrated accounts.

        Args:
            accounts: Ids of the integrated accounts; taken as they are needed.
            request: What to carry out; a listing is followed to its end and gives the list of its records.
            concurrency: Calls under way at once, each in a task of its own.

        Yields:
            An outcome for each account, as they finish: `Succeeded` with the value, or `Failed` with the error.
        """
        return fan_out_async(
            accounts, lambda account: self.account(account)._send_whole(request), concurrency=concurrency
        )

    async def _send_whole(self, request: Request[T]) -> object:
        listing = as_listing(request)
        return await (self.send(request) if listing is None else self.paginate(listing).to_list())

    async def send_raw(self, request: Request[object]) -> JSON:
        """Carry out a request and return the provider's own answer."""
        return await self._send_as("raw", request)

    async def send_normalized(self, request: Request[object]) -> JSON:
        """Carry out a request and return the answer in Truto's normalized form, whose shape is not documented."""
        return await self._send_as("normalized", request)

    async def send_debug(self, request: Request[T]) -> Debug[T]:
        """Carry out a request and return its value with the fetch behind it."""
        exchange, merged = self._prepare(request, "debug")
        return read_debug(exchange, merged, await self._core.carry_out(exchange, send_async))

    async def _send_as(self, answer_format: str, request: Request[object]) -> JSON:
        exchange, _ = self._prepare(request, answer_format)
        return exchange.understand(await self._core.carry_out(exchange, send_async), read_free)


def _choose_tenant(integrated_account_id: str | None, is_implied: bool) -> str:
    """Return the integrated account that calls name."""
    if not is_implied:
        return from_environment(integrated_account_id, TRUTO.tenant_environment) or ""
    if integrated_account_id is not None:
        raise ConfigurationError("integrated_account_token stands for its own account: pass no integrated_account_id")
    return ""


def _capabilities(context: Context) -> Request[Capabilities]:
    if context.is_tenant_implied or not context.tenant:
        raise ConfigurationError("capabilities need an API token and the id of an integrated account")
    # Few programs ask, and the answer's classes take their time to make.
    from .capabilities import get_capabilities

    return get_capabilities(context.tenant)


def _for_account(context: Context, integrated_account_id: str, support: Support | None) -> Context:
    if context.is_tenant_implied:
        raise ConfigurationError("the client's integrated account token stands for one account and opens no other")
    if not integrated_account_id:
        raise ConfigurationError("integrated_account_id is empty")
    return replace(context, tenant=integrated_account_id, support=support)
