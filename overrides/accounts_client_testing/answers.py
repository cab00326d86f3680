"""A request on its way through a fake: what was received, what it is for, and what is answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final

import msgspec
from attrs import define, field, frozen

from accounts_client_runtime import JSON, Headers, Operation

JSON_TYPE: Final = "application/json"
DIGITS: Final = 20
"""A number of more digits is none that a service would take."""


def phrase_of(status: int) -> str:
    """Return the usual name of a status."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


class Refusal(Exception):
    """The service refuses a request."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        field: str = "",
        code: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.field = field
        """Field or option at fault, if it is one."""
        self.code = code
        """The kind of error, where the status does not say it."""
        self.headers: dict[str, str] = dict(headers or {})


class RemoteRefusal(Refusal):
    """The provider behind the service refuses a request."""

    def __init__(
        self,
        status: int,
        message: str,
        fields: Sequence[str],
        *,
        code: str,
        insight: Mapping[str, JSON] | None = None,
    ) -> None:
        super().__init__(status, message)
        self.raw_response: JSON = {
            "message": message,
            "errors": [{"field": field, "code": code, "message": message} for field in fields],
        }
        """What the provider said."""
        self.insight: dict[str, JSON] = {**(insight or {}), "remote_error": {"description": "The provider refused it."}}
        """What the service knows about the cause."""


@frozen(kw_only=True)
class ReceivedRequest:
    """A request as the fake received it."""

    method: str
    """HTTP method."""
    path: str
    """Path as it was sent, without the query string."""
    operation: str
    """Name of the operation, such as `crm_accounts.list`; empty where the path is unknown."""
    path_values: Mapping[str, str]
    """Decoded path values, by their names in the operation's path."""
    query: Mapping[str, JSON]
    """Query options by wire name, with brackets resolved; every scalar is text."""
    body: JSON
    """Parsed body; text where it is not JSON, `None` where there is none."""
    headers: Headers = field(repr=False)
    """Headers without the token."""
    account: str
    """Integrated account that the request is about; empty where there is none."""
    status: int | None
    """Status of the answer; `None` where the connection was dropped."""
    is_replay: bool
    """Whether the answer to an earlier request with the same idempotency key was given again."""


@frozen(kw_only=True)
class Route:
    """The operation that a request is for, and what its path says."""

    operation: Operation[object]
    resource: str
    """Module of the operation, such as `crm_accounts`."""
    values: Mapping[str, str]
    """Decoded path values."""


@define(kw_only=True)
class Call:
    """A request while the fake works on it."""

    method: str
    path: str
    headers: Headers
    raw_body: bytes
    body: JSON = None
    query: dict[str, JSON] = field(factory=dict[str, JSON])
    route: Route | None = None
    account: str = ""
    is_replay: bool = False
    unanswered: frozenset[str] = frozenset()
    """Fields that the answer of the account's integration does not have."""
    is_partial: bool = False
    """Whether lists of the account's integration hold less of a record than it has."""

    @property
    def operation(self) -> str:
        """Name of the operation; empty where the path is unknown."""
        return self.route.operation.name if self.route else ""

    def object_body(self) -> dict[str, JSON]:
        """Return the body.

        Raises:
            Refusal: It is not an object.
        """
        if not isinstance(self.body, dict):
            raise Refusal(400, "the body must be an object")
        return self.body

    def choice(self, option: str, choices: Sequence[str], default: str) -> str:
        """Return a query option that has a few values only.

        Raises:
            Refusal: It has another one.
        """
        value = self.query.get(option, default)
        if not isinstance(value, str) or value not in (*choices, default):
            raise Refusal(400, f"{option} must be one of {', '.join(choices)}", field=option)
        return value

    def is_on(self, option: str) -> bool:
        """Whether a query option is true.

        Raises:
            Refusal: It is neither true nor false.
        """
        return self.choice(option, ("true", "false"), "false") == "true"

    def number(self, option: str, default: int, largest: int | None = None) -> int:
        """Return a query option that is a whole number from 1.

        Raises:
            Refusal: It is not, or it is above the largest.
        """
        text = self.query.get(option, str(default))
        number = int(text) if isinstance(text, str) and text.isdecimal() and len(text) < DIGITS else 0
        if number < 1 or (largest is not None and number > largest):
            upper = "" if largest is None else f" to {largest}"
            raise Refusal(400, f"{option} must be a whole number from 1{upper}", field=option)
        return number


@frozen
class Answer:
    """What goes back to the caller."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    delay: float = 0.0
    """Seconds until it goes out."""
    is_dropped: bool = False
    """Whether the connection breaks instead."""


def json_answer(status: int, value: JSON, headers: Mapping[str, str] | None = None) -> Answer:
    """Return an answer that holds JSON."""
    return Answer(status, {"content-type": JSON_TYPE, **(headers or {})}, msgspec.json.encode(value))
