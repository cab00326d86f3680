"""Clients of any service that an OpenAPI document describes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar, Unpack

from .client import (
    AsyncClient,
    AsyncClientOptions,
    AsyncCredential,
    SyncClient,
    SyncClientOptions,
    SyncCredential,
    from_environment,
)
from .service import Service

C = TypeVar("C", bound=object)


class SyncAPIClient(SyncClient):
    """A client of a service with any security schemes."""

    def __init__(
        self, service: Service, credentials: Mapping[str, SyncCredential | None], **options: Unpack[SyncClientOptions]
    ) -> None:
        """Make a client; nothing is sent.

        Args:
            service: Where the service is and how it knows its callers.
            credentials: A token, key or login by the name of its scheme, or what returns a token; where it is `None`,
                what the environment variable of the scheme holds. Calls that need others are refused.
            options: See `SyncClientOptions`.

        Raises:
            ConfigurationError: A credential or an option cannot be used, or nothing says where the service is.
        """
        super().__init__(service, _with_environment(service, credentials), **options)


class AsyncAPIClient(AsyncClient):
    """The same as `SyncAPIClient`, for asyncio."""

    def __init__(
        self, service: Service, credentials: Mapping[str, AsyncCredential | None], **options: Unpack[AsyncClientOptions]
    ) -> None:
        """Make a client; nothing is sent.

        Args:
            service: Where the service is and how it knows its callers.
            credentials: A token, key or login by the name of its scheme, or what returns a token; where it is `None`,
                what the environment variable of the scheme holds. Calls that need others are refused.
            options: See `AsyncClientOptions`.

        Raises:
            ConfigurationError: A credential or an option cannot be used, or nothing says where the service is.
        """
        super().__init__(service, _with_environment(service, credentials), **options)


def _with_environment(service: Service, credentials: Mapping[str, C | None]) -> dict[str, C | str]:
    """Return the credentials that are given, and those that the environment holds."""
    found: dict[str, C | str] = {}
    for name in {**service.schemes, **credentials}:
        given = credentials.get(name)
        scheme = service.schemes.get(name)
        known = given if given is not None or scheme is None else from_environment(None, scheme.environment)
        if known is not None:
            found[name] = known
    return found
