"""Clients of Coperniq's API, without its categories."""

from __future__ import annotations

from typing import Final, Unpack

from .budget import Limit
from .client import (
    AsyncClient,
    AsyncClientOptions,
    AsyncToken,
    SyncClient,
    SyncClientOptions,
    SyncToken,
    choose_token,
)
from .schemes import APIKey
from .service import Service

COPERNIQ: Final = Service(
    name="Coperniq",
    base_url="https://api.coperniq.io/v1",
    base_url_environment="COPERNIQ_BASE_URL",
    schemes={"api_key": APIKey("header", "x-api-key", "COPERNIQ_API_KEY")},
    security=(("api_key",),),
    token_limits=(Limit(100, 1.0), Limit(5_000, 86_400.0, can_wait=False)),
)


class SyncCoperniqClient(SyncClient):
    """Coperniq's API.

    https://docs.coperniq.io/coperniq-api/authentication
    """

    def __init__(self, api_key: SyncToken | None = None, **options: Unpack[SyncClientOptions]) -> None:
        """Make a client; nothing is sent.

        Args:
            api_key: API key, or what returns one; by default what `COPERNIQ_API_KEY` holds.
            options: See `SyncClientOptions`.

        Raises:
            ConfigurationError: There is no key, or an argument cannot be used.
        """
        super().__init__(COPERNIQ, {"api_key": choose_token(COPERNIQ, api_key)}, **options)


class AsyncCoperniqClient(AsyncClient):
    """The same as `SyncCoperniqClient`, for asyncio."""

    def __init__(self, api_key: AsyncToken | None = None, **options: Unpack[AsyncClientOptions]) -> None:
        """Make a client; nothing is sent.

        Args:
            api_key: API key, or what returns one; by default what `COPERNIQ_API_KEY` holds.
            options: See `AsyncClientOptions`.

        Raises:
            ConfigurationError: There is no key, or an argument cannot be used.
        """
        super().__init__(COPERNIQ, {"api_key": choose_token(COPERNIQ, api_key)}, **options)
