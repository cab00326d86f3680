"""How a client sends its calls: what `with_options` changes."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from threading import Lock
from typing import Final, Literal, TypeAlias, TypedDict, get_args

from msgspec.structs import replace

from .errors import ConfigurationError, InvalidRequestError
from .pagination import OnBadRecord, Progress
from .retry import RetryPolicy
from .service import Service
from .types import JSONInput, QueryValue, Value

Preflight: TypeAlias = Literal["off", "warn", "error"]
"""What comes of a request that the integration behind a handle is documented not to support."""

_TRANSPORT_HEADERS: Final = frozenset(
    {
        "accept",
        "accept-encoding",
        "connection",
        "content-length",
        "content-type",
        "host",
        "transfer-encoding",
        "user-agent",
    }
)

_HEADER_NAME: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"


class OptionChanges(TypedDict, total=False):
    """What `with_options` can change; a key left out stays as it is."""

    timeout: float | None
    """Seconds that connecting, sending, and each pause while receiving may take; `None` waits for ever."""
    max_retries: int
    """Tries after the first one; 0 for none."""
    retry_policy: RetryPolicy
    """How often and how fast a failed request is sent again; `max_retries` counts within it."""
    headers: Mapping[str, str]
    """Further headers; those that carry the token or describe the body are refused."""
    extra_body: Mapping[str, JSONInput]
    """Further top-level keys of the body, by wire name, such as fields that a customer added to the unified model."""
    extra_query: Mapping[str, QueryValue]
    """Further query options, by wire name."""
    on_bad_record: OnBadRecord
    """What iterating does at a record that cannot be read: `"raise"` (the default) or `"skip"`."""
    prefetch: bool
    """Whether a listing fetches the next page while the one in hand is consumed."""
    progress: Progress | None
    """Told after each page of a listing how many pages and records have come so far: `progress(pages, records)`."""
    preflight: Preflight
    """Whether requests of a handle with an integration are compared with what the pages say of it: `"warn"` (the
    default) with a `SupportWarning` and a log line, `"error"` with a `PreflightError`, `"off"` not at all."""
    strict: bool
    """Whether the first deviation from a documented type raises `DecodeError`."""
    idempotency_key: str
    """Key of one write and its retries; a second write through the same view raises."""


def is_header_value(text: str) -> bool:
    """Whether a header can carry a text, and as it is."""
    return bool(text) and text.isascii() and text.isprintable() and text == text.strip()


class IdempotencyKey:
    """A key for one write: the service would answer a second write under it from memory."""

    def __init__(self, key: str) -> None:
        if not is_header_value(key):
            raise ConfigurationError("an idempotency_key is empty or holds characters that a header cannot carry")
        self._key = key
        self._lock = Lock()
        self._is_used = False

    def check(self) -> None:
        """Refuse another write.

        Raises:
            InvalidRequestError: A write was sent under the key before.
        """
        if self._is_used:
            raise InvalidRequestError("this idempotency_key already served a write; make another view for the next one")

    def take(self) -> str:
        """Return the key, for one write.

        Raises:
            InvalidRequestError: A write was sent under it before.
        """
        with self._lock:
            self.check()
            self._is_used = True
        return self._key

    def give_back(self) -> None:
        """Let another write have the key, since nothing was sent under it."""
        self._is_used = False


class Options(Value, frozen=True, kw_only=True):
    """Everything that `OptionChanges` can change, with its present values."""

    timeout: float | None
    retry_policy: RetryPolicy
    headers: Mapping[str, str] = {}
    extra_body: Mapping[str, JSONInput] = {}
    extra_query: Mapping[str, QueryValue] = {}
    on_bad_record: OnBadRecord = "raise"
    prefetch: bool = False
    progress: Progress | None = None
    preflight: Preflight = "warn"
    strict: bool = False
    idempotency_key: IdempotencyKey | None = None

    def changed(self, service: Service, changes: OptionChanges) -> Options:
        """Return these options with the changes.

        Raises:
            ConfigurationError: A change is refused.
        """
        policy = changes.get("retry_policy", self.retry_policy)
        if "max_retries" in changes:
            if changes["max_retries"] < 0:
                raise ConfigurationError(f"max_retries is {changes['max_retries']}, expected 0 or more")
            policy = replace(policy, attempts=changes["max_retries"] + 1)
        headers = dict(changes.get("headers", self.headers))
        _check_headers(service, headers)
        extra_query = dict(changes.get("extra_query", self.extra_query))
        for name in service.bound_options & {key.partition("[")[0] for key in extra_query}:
            raise ConfigurationError(f"extra_query sets {name}, which only the client sets")
        key = self.idempotency_key
        if "idempotency_key" in changes:
            if not service.idempotency_header:
                raise ConfigurationError(f"{service.name} documents no idempotency keys")
            key = IdempotencyKey(changes["idempotency_key"])
        timeout = changes.get("timeout", self.timeout)
        if timeout is not None and not 0 < timeout < math.inf:
            raise ConfigurationError(f"timeout is {timeout!r}, expected a positive number of seconds or None")
        preflight = changes.get("preflight", self.preflight)
        if preflight not in get_args(Preflight):
            raise ConfigurationError(f"preflight is {preflight!r}, expected one of {', '.join(get_args(Preflight))}")
        return replace(
            self,
            timeout=timeout,
            retry_policy=policy,
            headers=headers,
            extra_body=dict(changes.get("extra_body", self.extra_body)),
            extra_query=extra_query,
            on_bad_record=changes.get("on_bad_record", self.on_bad_record),
            prefetch=changes.get("prefetch", self.prefetch),
            progress=changes.get("progress", self.progress),
            preflight=preflight,
            strict=changes.get("strict", self.strict),
            idempotency_key=key,
        )


def _check_headers(service: Service, headers: Mapping[str, str]) -> None:
    own = _TRANSPORT_HEADERS | {service.token_header.lower(), service.idempotency_header.lower()}
    for name, value in headers.items():
        if name.lower() in own:
            raise ConfigurationError(f"header {name!r} is set by the client and cannot be changed")
        if not re.fullmatch(_HEADER_NAME, name) or not (value == "" or is_header_value(value)):
            raise ConfigurationError(f"header {name!r} holds characters that a header cannot carry")
