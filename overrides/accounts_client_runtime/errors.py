"""Every error of the library, and `classify`, which turns an answer that reports a failure into one of them.

AccountsClientError
├── ConfigurationError        the client lacks something it needs, or was given something it cannot use
├── InvalidRequestError       the request cannot be sent as it is
│   ├── QueryEncodingError    a query option would be lost or changed on the way
│   └── PreflightError        the integration does not support the request
├── ConnectError              the connection could not be made, or it broke
├── RequestTimeoutError       no answer in time
├── AmbiguousWriteError       a write was sent and nobody knows whether it was carried out
├── DecodeError               an answer cannot be read as the documented value
├── CursorLoopError           a listing came back to a page it had already handed over
└── APIStatusError            the service answered with an error status
    ├── BadRequestError       400
    ├── AuthenticationError   401
    ├── PermissionDeniedError 403
    ├── NotFoundError         404
    ├── MethodNotAllowedError 405, which is what a sandbox answers to any write
    ├── ConflictError         409
    ├── UnprocessableError    422
    ├── RateLimitError        429
    └── ServerError           500 and above
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import UTC
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from .parsing import parse_json
from .types import JSON, Checkpoint, Headers

if TYPE_CHECKING:
    from .preflight import Finding
    from .request import Request

Fault: TypeAlias = Literal["caller", "gateway", "provider", "end_user"]
"""Whose fault an error is: the calling program's, the service's, the system's behind it, or the connected person's."""

Action: TypeAlias = Literal["fix_request", "wait", "reconnect", "add_scopes", "contact_support", "retry"]
"""What helps against an error."""


class AccountsClientError(Exception):
    """Any error of this library."""

    request: Request[object] | None = None
    """The request the error is about, where there is one. It holds no secret."""
    checkpoint: Checkpoint | None = None
    """Where to resume the listing in which the error came up."""

    def __reduce__(self) -> tuple[object, ...]:
        # The default rebuilds an exception from its positional arguments alone and would lose or refuse the others.
        return _rebuild, (type(self), self.args, self.__dict__)


def printable(text: str) -> str:
    """Return the text with a mark for each character that a terminal or a log cannot show, or would obey."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def _rebuild(
    error_type: type[AccountsClientError], args: tuple[object, ...], state: dict[str, object]
) -> AccountsClientError:
    error = error_type.__new__(error_type, *args)
    error.__dict__.update(state)
    return error


class ConfigurationError(AccountsClientError, ValueError):
    """The client lacks something it needs, such as a token, or was given something it cannot use."""


class InvalidRequestError(AccountsClientError, ValueError):
    """The request cannot be sent as it is; nothing was sent."""


class QueryEncodingError(InvalidRequestError):
    """A query option would be lost or changed on its way to the service; nothing was sent."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        """The offending place in bracket form, such as `remote_query[filter][0]`."""
        self.reason = reason
        """Why it cannot be sent."""


class PreflightError(InvalidRequestError):
    """The integration is documented not to support the request; nothing was sent."""

    def __init__(self, message: str, *, integration: str, findings: tuple[Finding, ...]) -> None:
        super().__init__(message)
        self.integration = integration
        """The integration behind the account."""
        self.findings = findings
        """All that it will not do with the request."""


class BudgetExhaustedError(AccountsClientError):
    """The request would break a limit of the service that is too long to wait for; nothing was sent."""

    def __init__(self, message: str, *, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        """Seconds until it can be sent."""


class ConnectError(AccountsClientError):
    """The connection could not be made, or it broke before the whole answer was there."""

    def __init__(self, message: str, *, sent: bool) -> None:
        super().__init__(message)
        self.sent = sent
        """Whether the service may have received the request."""


class RequestTimeoutError(AccountsClientError):
    """The service did not answer within the timeout."""

    def __init__(self, message: str, *, sent: bool) -> None:
        super().__init__(message)
        self.sent = sent
        """Whether the service may have received the request."""


class AmbiguousWriteError(AccountsClientError):
    """A write was sent, but its outcome is unknown, and no idempotency key makes it safe to send it again.

    Look for the record by a natural key, such as its title, before you repeat `request`. `__cause__` is what happened.
    """


class DecodeError(AccountsClientError):
    """An answer, or one record of it, cannot be read as the documented value."""

    def __init__(self, message: str, *, path: str = "", expected: str = "", raw: object = None) -> None:
        super().__init__(message)
        self.path = path
        """Where, by wire names: `result[3].id`; empty for the whole answer."""
        self.expected = expected
        """The documented type."""
        self.raw = raw
        """What stood there: JSON, or the start of a body that is not JSON as text."""


class CursorLoopError(AccountsClientError):
    """A listing was about to fetch a page that it had already fetched, which would never end."""

    def __init__(self, message: str, *, cursor: str) -> None:
        super().__init__(message)
        self.cursor = cursor
        """The repeated cursor."""


class APIStatusError(AccountsClientError):
    """The service answered with an error status."""

    def __init__(
        self,
        message: str,
        *,
        status: int,
        headers: Headers,
        body: JSON,
        fault: Fault,
        action: Action,
        retry_after: float | None = None,
        raw_response: JSON = None,
        missing_fields: tuple[str, ...] = (),
        missing_query_parameters: tuple[str, ...] = (),
        missing_scopes: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        """HTTP status code."""
        self.headers = headers
        """Headers of the answer; for an error of the provider they are the provider's."""
        self.body = body
        """The body as JSON, or as text if it is none."""
        self.fault: Fault = fault
        """Whose fault it is."""
        self.action: Action = action
        """What helps."""
        self.retry_after = retry_after
        """Seconds to wait before another try, if the service says so."""
        self.raw_response = raw_response
        """The provider's own answer behind Truto's."""
        self.missing_fields = missing_fields
        """Body fields that the integration requires and the request lacks."""
        self.missing_query_parameters = missing_query_parameters
        """Query parameters that the integration requires and the request lacks."""
        self.missing_scopes = missing_scopes
        """Scopes that the connection lacks."""


class BadRequestError(APIStatusError):
    """400: the service rejected the input."""


class AuthenticationError(APIStatusError):
    """401: the token is not accepted, or the provider refuses the connection (`action` is then `reconnect`)."""


class PermissionDeniedError(APIStatusError):
    """403: not allowed, perhaps for lack of scopes."""


class NotFoundError(APIStatusError):
    """404: there is no such record, or the token may not see it."""


class MethodNotAllowedError(APIStatusError):
    """405: the method is not allowed; sandbox accounts answer so to every write."""


class ConflictError(APIStatusError):
    """409: the record conflicts with another one at the provider."""


class UnprocessableError(APIStatusError):
    """422: the provider's validation failed."""


class RateLimitError(APIStatusError):
    """429: too many requests."""


class ServerError(APIStatusError):
    """500 and above: the service or the provider failed."""


_CLASSES: Final[Mapping[int, type[APIStatusError]]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    405: MethodNotAllowedError,
    409: ConflictError,
    422: UnprocessableError,
    429: RateLimitError,
}

ADVICE: Final[Mapping[Action, str]] = {
    "fix_request": "Change the request before you send it again.",
    "wait": "Wait before you send it again.",
    "reconnect": "The end user has to connect the account again.",
    "add_scopes": "The connection needs more permissions.",
    "contact_support": "Sending it again will not help; ask the service's support.",
    "retry": "It may succeed if you send it again.",
}
"""The last sentence of a status error's message."""

_TEXT_LIMIT: Final = 300


def classify(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    request: Request[object] | None = None,
    now: float | None = None,
) -> APIStatusError:
    """Return the error that an answer with an error status stands for.

    Args:
        status: HTTP status code.
        headers: Headers of the answer.
        body: Body of the answer; anything, also HTML or nothing.
        request: The request that was answered.
        now: Seconds since the epoch, for a `Retry-After` that is a date; by default the answer's `Date` or the clock.
    """
    headers = headers if isinstance(headers, Headers) else Headers(headers)
    parsed = _parse_body(body)
    fields = parsed if isinstance(parsed, dict) else {}
    is_remote = fields.get("truto_is_remote_error") is True
    insight = fields.get("truto_error_insight")
    missing_scopes = _missing_scopes(insight)
    fault, action = _judge(status, is_remote=is_remote, lacks_scopes=bool(missing_scopes))
    missing_fields = _missing_names(insight, "missing_required_body_fields")
    missing_query_parameters = _missing_names(insight, "missing_required_query_parameters")
    parts = (
        f"HTTP {status}{f' to {request.operation.name}' if request else ''}: {_summary(parsed)}",
        f"Missing fields: {', '.join(missing_fields)}." if missing_fields else "",
        f"Missing query parameters: {', '.join(missing_query_parameters)}." if missing_query_parameters else "",
        f"Missing scopes: {', '.join(missing_scopes)}." if missing_scopes else "",
        ADVICE[action],
    )
    error = _CLASSES.get(status, ServerError if status >= 500 else APIStatusError)(
        printable(" ".join(filter(None, parts))),
        status=status,
        headers=headers,
        body=parsed,
        fault=fault,
        action=action,
        retry_after=parse_retry_after(headers, now=now),
        raw_response=fields.get("raw_response"),
        missing_fields=missing_fields,
        missing_query_parameters=missing_query_parameters,
        missing_scopes=missing_scopes,
    )
    error.request = request
    return error


def parse_retry_after(headers: Mapping[str, str], *, now: float | None = None) -> float | None:
    """Return the seconds that `Retry-After` asks to wait, never negative; `None` where it is absent or unreadable."""
    text = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        return float(text)
    moment = _parse_http_date(text)
    if moment is None:
        return None
    if now is None:
        now = _parse_http_date(headers.get("date", ""))
    return max(0.0, moment - (time.time() if now is None else now))


def _parse_http_date(text: str) -> float | None:
    from email.utils import parsedate_to_datetime  # slow to import, and few answers have a date to read

    try:
        moment = parsedate_to_datetime(text)
        # Dates in headers are in UTC, whether they say so or not.
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _parse_body(body: bytes) -> JSON:
    try:
        return parse_json(body)
    except ValueError:
        return body.decode("utf-8", "replace")


def _judge(status: int, *, is_remote: bool, lacks_scopes: bool) -> tuple[Fault, Action]:
    """Say whose fault a status is and what helps, by the vendors' status tables."""
    if lacks_scopes or (status == 403 and is_remote):
        return "end_user", "add_scopes"
    if status == 401 and is_remote:
        return "end_user", "reconnect"
    if status == 429:
        return ("provider" if is_remote else "caller"), "wait"
    if status in (408, 502, 504):
        return ("provider" if is_remote else "gateway"), "retry"
    if status == 503 or (status >= 500 and is_remote):
        return ("provider" if is_remote else "gateway"), "contact_support"
    if status >= 500:
        return "gateway", "retry"
    if status >= 400:
        return ("provider" if is_remote else "caller"), "fix_request"
    return "gateway", "contact_support"


def _summary(body: JSON) -> str:
    """Return one line that says what the body says."""
    text, field = _text(body), None
    if isinstance(body, dict):
        text = _text(_said(body) or "no message")
        field = body.get("field")
    line = " ".join(text.split()) or "empty body"
    line = line if len(line) <= _TEXT_LIMIT else f"{line[:_TEXT_LIMIT]}…"
    if isinstance(field, str) and field:
        line = f"{line.rstrip('.')} (field {field})"
    return line if line.endswith((".", "!", "?")) else f"{line}."


def _said(body: Mapping[str, JSON], *, is_inner: bool = False) -> JSON:
    """Return what a body says where services usually say it, such as the title and the detail of RFC 9457."""
    title = ": ".join(text for key in ("title", "detail") if isinstance(text := body.get(key), str) and text)
    said = body.get("message") or title or body.get("raw_response") or body.get("error_description")
    if said or is_inner:
        return said
    errors = body.get("errors")
    found = body.get("error") or (errors[0] if isinstance(errors, list) and errors else errors)
    return (_said(found, is_inner=True) or found) if isinstance(found, dict) else found


def _text(value: JSON) -> str:
    import json  # slow to import, and few answers need it

    try:
        return value if isinstance(value, str) else json.dumps(value)
    except RecursionError:
        return "a body that is nested too deeply to be shown"


def _insight(insight: JSON, key: str) -> JSON:
    entry = insight.get(key) if isinstance(insight, dict) else None
    return entry.get("value") if isinstance(entry, dict) else None


def _missing_names(insight: JSON, key: str) -> tuple[str, ...]:
    names = _insight(insight, key)
    return tuple(name for name in names if isinstance(name, str)) if isinstance(names, list) else ()


def _missing_scopes(insight: JSON) -> tuple[str, ...]:
    value = _insight(insight, "forbidden_error")
    scopes = value.get("missing_scopes") if isinstance(value, dict) else None
    return tuple(scope for scope in scopes if isinstance(scope, str)) if isinstance(scopes, list) else ()
