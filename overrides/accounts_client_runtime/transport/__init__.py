"""HTTP: what carries requests. Only the modules of this package know HTTP libraries, each its own.

They are imported at the first call, by name alone: the libraries are slow to import for a program that never calls, and
slow to read for the type checkers of users.
"""

from __future__ import annotations

import os
import sys
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from importlib import import_module
from types import ModuleType
from typing import ClassVar, Final, Literal, Never, Protocol, TypeAlias, runtime_checkable

from ..errors import ConfigurationError
from ..request import Outgoing, Reply

_PROXIES: Final = ("http_proxy", "https_proxy", "all_proxy")


@runtime_checkable
class SyncHTTPClient(Protocol):
    """What `http_client=` of a sync client takes: a client of httpx or httpx2."""

    @property
    def is_closed(self) -> bool:
        """Whether it was closed."""
        ...

    def build_request(
        self, method: str, url: str, *, content: bytes, headers: Mapping[str, str], timeout: float | None
    ) -> object:
        """Return a request with what the client adds to it."""
        ...

    def send(self, request: Never, *, stream: bool, auth: None, follow_redirects: bool) -> object:
        """Send a request that the client built, and return the answer."""
        ...

    def close(self) -> None:
        """Close the connections."""
        ...


@runtime_checkable
class AsyncHTTPClient(Protocol):
    """What `http_client=` of an async client takes: an async client of httpx, httpx2 or httpx-aiohttp."""

    @property
    def is_closed(self) -> bool:
        """Whether it was closed."""
        ...

    def build_request(
        self, method: str, url: str, *, content: bytes, headers: Mapping[str, str], timeout: float | None
    ) -> object:
        """Return a request with what the client adds to it."""
        ...

    async def send(self, request: Never, *, stream: bool, auth: None, follow_redirects: bool) -> object:
        """Send a request that the client built, and return the answer."""
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...


AsyncHTTPChoice: TypeAlias = AsyncHTTPClient | Literal["aiohttp"]
"""What `http_client=` of an async client takes."""


class OpenReply(Reply, frozen=True):
    """An answer whose body is still on the wire; it must be closed."""

    _unshown: ClassVar[tuple[str, ...]] = (*Reply._unshown, "chunks", "close")

    chunks: Iterator[bytes]
    """The decompressed body, piece by piece."""
    close: Callable[[], None]
    """Gives the connection back."""


class AsyncOpenReply(Reply, frozen=True):
    """The same as `OpenReply`, for asyncio."""

    _unshown: ClassVar[tuple[str, ...]] = (*Reply._unshown, "chunks", "close")

    chunks: AsyncIterator[bytes]
    """The decompressed body, piece by piece."""
    close: Callable[[], Awaitable[None]]
    """Gives the connection back."""


class SyncTransport(ABC):
    """Carries requests to one address."""

    @abstractmethod
    def send(self, outgoing: Outgoing) -> Reply:
        """Return the whole answer.

        Raises:
            ConfigurationError: The caller has closed the HTTP client, or the address cannot be called.
            ConnectError: The connection could not be made, or it broke.
            RequestTimeoutError: No answer in time.
        """

    @abstractmethod
    def open(self, outgoing: Outgoing) -> OpenReply:
        """Return the answer with its body still to be read; only that of an error status is read at once.

        Raises:
            ConfigurationError: The caller has closed the HTTP client, or the address cannot be called.
            ConnectError: The connection could not be made, or it broke.
            RequestTimeoutError: No answer in time.
        """

    @abstractmethod
    def close(self) -> None:
        """Close the connections, unless they are the caller's."""


class AsyncTransport(ABC):
    """The same as `SyncTransport`, for asyncio."""

    @abstractmethod
    async def send(self, outgoing: Outgoing) -> Reply:
        """Return the whole answer.

        Raises:
            ConfigurationError: The caller has closed the HTTP client, or the address cannot be called.
            ConnectError: The connection could not be made, or it broke.
            RequestTimeoutError: No answer in time.
        """

    @abstractmethod
    async def open(self, outgoing: Outgoing) -> AsyncOpenReply:
        """Return the answer with its body still to be read; only that of an error status is read at once.

        Raises:
            ConfigurationError: The caller has closed the HTTP client, or the address cannot be called.
            ConnectError: The connection could not be made, or it broke.
            RequestTimeoutError: No answer in time.
        """

    @abstractmethod
    async def close(self) -> None:
        """Close the connections, unless they are the caller's."""


def check_sync_client(http_client: object) -> None:
    """Refuse what cannot carry requests.

    Raises:
        ConfigurationError: It is no client of a library that is known here, or one for asyncio.
    """
    if not isinstance(http_client, SyncHTTPClient | None):
        raise ConfigurationError(
            f"http_client is of type {type(http_client).__qualname__}, expected a client of httpx or httpx2"
        )


def check_async_client(http_client: object) -> None:
    """Refuse what cannot carry requests for asyncio.

    Raises:
        ConfigurationError: It is no client of a library that is known here, or one that is not for asyncio.
    """
    if http_client != "aiohttp" and not isinstance(http_client, AsyncHTTPClient | None):
        raise ConfigurationError(
            f"http_client is of type {type(http_client).__qualname__}, expected an async client of httpx or httpx2, "
            'or "aiohttp"'
        )


def sync_transport(base_url: str, http_client: SyncHTTPClient | None) -> SyncTransport:
    """Return what carries requests: the caller's HTTP client, or else connections of our own."""
    transport: SyncTransport
    if http_client is not None or _needs_httpx(base_url):
        transport = _module("client").ClientTransport(base_url, http_client)
    else:
        transport = _module("pool").PoolTransport(base_url)
    return transport


def async_transport(base_url: str, http_client: AsyncHTTPChoice | None) -> AsyncTransport:
    """Return what carries requests for asyncio: the caller's HTTP client, or else connections of our own."""
    transport: AsyncTransport
    if http_client == "aiohttp":
        try:
            transport = _module("session").SessionTransport(base_url)
        except ModuleNotFoundError as error:
            raise ConfigurationError(
                'http_client="aiohttp" needs the extra of that name: python -m pip install "accounts-client[aiohttp]"'
            ) from error
    elif http_client is not None or _needs_httpx(base_url):
        transport = _module("client").AsyncClientTransport(base_url, http_client)
    else:
        transport = _module("pool").AsyncPoolTransport(base_url)
    return transport


def _needs_httpx(base_url: str) -> bool:
    """Whether only httpx can find the way: through a proxy that the system names, or to a name beyond ASCII."""
    if not base_url.isascii():
        return True
    if sys.platform in ("darwin", "win32"):
        # Here proxies may stand in the settings of the system, too.
        from urllib.request import getproxies

        return any(name in getproxies() for name in ("http", "https", "all"))
    return any(value for name, value in os.environ.items() if name.lower() in _PROXIES)


def _module(name: str) -> ModuleType:
    return import_module(f"{__name__}.{name}")
