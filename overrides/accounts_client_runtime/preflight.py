"""What an integration will not do with a request, found before it is sent: by the vendor's pages, or a live answer.

Where these leave a matter unknown, nothing is found.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Mapping
from inspect import currentframe
from typing import ClassVar, Final, Literal, TypeAlias

from .bodies import encode_body
from .errors import PreflightError
from .options import Preflight
from .parsing import parse_json
from .request import Request
from .support import Fact, FieldSupport, OperationSupport, Place, Support, SupportWarning, Verdict
from .types import Value, is_list, is_mapping

FindingKind: TypeAlias = Literal["no_operation", "partial_list", "missing", "not_listed", "value", "too_many"]
"""What is wrong: the integration does not have the operation; its lists hold less than `get` gives; it requires a field
that is not given; it does not list a field that is; it takes other values, or fewer items."""

UNMAPPED_BODY: Final = "truto_body_passthrough"
"""Query option under which the body goes to the provider as it is, so that nothing about its fields applies."""

_LOGGER: Final = logging.getLogger("accounts_client")

_UNSENT: Final[tuple[object, ...]] = (None, [], {}, ())

_NO_USERS: Final = frozenset({"accounts_client", "accounts_client_runtime", "asyncio", "contextlib"})
"""Packages between the code that calls and this one."""


class Finding(Value, frozen=True, kw_only=True):
    """One thing that an integration will not do with a request, as far as the pages tell."""

    _unshown: ClassVar[tuple[str, ...]] = ("facts",)

    kind: FindingKind
    """What is wrong."""
    integration: str
    """The integration."""
    operation: str
    """Name of the operation, such as `crm_users.update`."""
    place: Place
    """Where the field stands in the request, or `operation`."""
    field: str = ""
    """Wire name of the field, such as `email` or `sort_by.created_at`; empty where it is about the operation."""
    values: tuple[str, ...] = ()
    """The values that the integration takes, for `value`."""
    max_items: int | None = None
    """How many items it takes, for `too_many`."""
    facts: tuple[Fact, ...] = ()
    """What the pages say about the matter."""

    @property
    def pages(self) -> tuple[str, ...]:
        """The pages that say so."""
        return tuple(dict.fromkeys(fact.page for fact in self.facts))

    @property
    def message(self) -> str:
        """One sentence that says what is wrong."""
        match self.kind:
            case "no_operation":
                return f"{self.integration} does not have {self.operation}"
            case "partial_list":
                return f"lists of {self.integration} are partial: get() gives all fields of a record"
            case "missing":
                return f"{self.integration} requires {self.field} in the {self.place}"
            case "not_listed":
                return f"{self.integration} does not list {self.field} in the {self.place}"
            case "value":
                return f"{self.integration} takes for {self.field} in the {self.place} only {', '.join(self.values)}"
            case "too_many":
                return f"{self.integration} takes {self.max_items} items at most for {self.field} in the {self.place}"


class Explanation(Value, frozen=True, kw_only=True):
    """What the pages say about one request and one integration."""

    integration: str
    """The integration."""
    operation: str
    """Name of the operation."""
    verdict: Verdict
    """Whether the integration has the operation."""
    findings: tuple[Finding, ...]
    """What it will not do with the request."""
    unknown: tuple[tuple[Place, str], ...]
    """Place and wire name of the fields in the request about which the pages leave the integration open."""
    pages: tuple[str, ...]
    """The pages that tell of the operation or of a field in the request."""


def explain(request: Request[object], support: Support) -> Explanation:
    """Return what is known about a request and an integration.

    Raises:
        ConfigurationError: No page names integrations of the operation.
        InvalidRequestError: The body has no JSON form.
    """
    known = support.of(request)
    cells = _cells(request, known, with_unknown=True)
    given: list[tuple[Place, str, FieldSupport]] = [cell[:3] for cell in cells if cell[3]]
    unknown: list[tuple[Place, str]] = [(place, name) for place, name, field in given if field.verdict == "unknown"]
    facts = [*known.facts, *(fact for _, _, field in given for fact in field.facts)]
    return Explanation(
        integration=support.integration,
        operation=request.operation.name,
        verdict=known.verdict,
        findings=tuple(_findings(request, support.integration, known)),
        unknown=tuple(unknown),
        pages=tuple(dict.fromkeys(fact.page for fact in facts)),
    )


def check(request: Request[object], support: Support, preflight: Preflight) -> None:
    """Report all that is found at once: by a warning and the log, or by an error.

    Raises:
        PreflightError: Something is found, and findings are errors.
        InvalidRequestError: The body has no JSON form.
    """
    known = support.operations.get(request.operation.name)
    if known is None:
        return
    findings = tuple(_findings(request, support.integration, known))
    if not findings:
        return
    message = f"{request.operation.name}: {'; '.join(finding.message for finding in findings)}"
    if preflight == "error":
        error = PreflightError(message, integration=support.integration, findings=findings)
        error.request = request
        raise error
    _LOGGER.warning("%s", message)
    warnings.warn(message, SupportWarning, stacklevel=_calls_up_to_the_user())


def _findings(request: Request[object], integration: str, known: OperationSupport) -> Iterator[Finding]:
    name = request.operation.name

    def finding(kind: FindingKind, place: Place, field: str, support: FieldSupport) -> Finding:
        return Finding(
            kind=kind,
            integration=integration,
            operation=name,
            place=place,
            field=field,
            values=(support.values or ()) if kind == "value" else (),
            max_items=support.max_items if kind == "too_many" else None,
            facts=support.facts,
        )

    whole: list[FindingKind] = []
    if known.verdict == "not_listed":
        whole.append("no_operation")
    if known.is_partial:
        whole.append("partial_list")
    for kind in whole:
        yield Finding(kind=kind, integration=integration, operation=name, place="operation", facts=known.facts)
    for place, field, support, values in _cells(request, known):
        if support.verdict == "not_listed":
            if values:
                yield finding("not_listed", place, field, support)
            continue
        if support.verdict == "required" and not values:
            yield finding("missing", place, field, support)
        if support.values is not None and any(not _is_among(value, support.values) for value in values):
            yield finding("value", place, field, support)
        if any(_is_longer(value, support.max_items) for value in values):
            yield finding("too_many", place, field, support)


def _cells(
    request: Request[object], known: OperationSupport, *, with_unknown: bool = False
) -> Iterator[tuple[Place, str, FieldSupport, list[object]]]:
    """Yield the fields of a call about which something is known, with the values that the request has for each."""
    names = request.operation.query_names
    query = {names.get(name, name): value for name, value in request.query.items()}
    for name, support in known.query.items():
        if with_unknown or support.verdict != "unknown":
            # `None` and what is empty do not get into a query string.
            yield "query", name, support, [value for value in _values(query, name) if value not in _UNSENT]
    fields = [(name, support) for name, support in known.body.items() if with_unknown or support.verdict != "unknown"]
    if fields and query.get(UNMAPPED_BODY) not in (True, "true"):
        body = parse_json(encode_body(request.body or {}, request.operation.body_names))
        for name, support in fields:
            yield "body", name, support, _values(body, name)


def _values(holder: object, name: str) -> list[object]:
    """Return the values at a place such as `addresses.city`; a list on the way has several."""
    first, _, rest = name.partition(".")
    if is_list(holder):
        return [value for item in holder for value in _values(item, name)]
    if not is_mapping(holder) or first not in holder:
        return []
    return _values(holder[first], rest) if rest else [holder[first]]


def _is_among(value: object, known: tuple[str, ...]) -> bool:
    """Whether an integration that takes certain values takes this one; those of an object are its keys."""
    if is_mapping(value):
        return all(key in known for key in value)
    return value is None or value in known


def _is_longer(value: object, limit: int | None) -> bool:
    return limit is not None and is_list(value) and len(value) > limit


def _calls_up_to_the_user() -> int:
    """Return the stack level, for a warning of the calling function, at which the user's code stands."""
    level, frame = 0, currentframe()
    while frame is not None and frame.f_back is not None and _package(frame.f_globals) in _NO_USERS:
        level, frame = level + 1, frame.f_back
    return level


def _package(names: Mapping[str, object]) -> str:
    return str(names.get("__name__", "")).partition(".")[0]
