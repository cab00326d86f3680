"""One call from request to value: every decision on the way, without doing any I/O.

The drivers in `client` send what `Exchange` prepares, tell it what came of it, and wait as long as it says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeVar

from msgspec.structs import replace

from .decoding import refuse_deviations
from .errors import (
    AccountsClientError,
    ConfigurationError,
    ConnectError,
    DecodeError,
    InvalidRequestError,
    QueryEncodingError,
    RequestTimeoutError,
    classify,
    printable,
)
from .logs import logger
from .options import IdempotencyKey, Options
from .pages import Page
from .paths import encode_path
from .query import encode_query, percent_encoded
from .request import AddressedReply, Deviation, Outgoing, Reply, Request
from .retry import ambiguous_write, is_ambiguous, retry_delay
from .schemes import Secret
from .service import Service
from .types import Headers, Value, is_list, is_mapping
from .version import VERSION

if TYPE_CHECKING:
    from .parameters import Written
    from .support import Support

T = TypeVar("T")

_LONGEST_ADDRESS: Final = 65_536  # characters; what httpx takes

_WITHOUT_BODY: Final = frozenset({"GET", "DELETE", "HEAD", "OPTIONS"})

_SHORTEST_TOLD: Final = 8
"""Characters of a secret that is told from other values of a query; a shorter one could stand in any of them."""

_QUERY_CHARACTERS: Final = "!$%&'()*+,/:;=?@"
"""What a query may hold besides letters, digits and `-._~`."""

_REDACTED: Final = "[redacted]"
_ENTITIES: Final = {"&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos"}


class Context(Value, frozen=True):
    """What the calls of one client or view have in common."""

    service: Service
    base_url: str
    tenant: str
    """The integrated account that every call is about; empty where there is none."""
    is_tenant_implied: bool
    """Whether the token itself stands for the integrated account."""
    options: Options
    clock: Callable[[], float]
    """Seconds of a clock that never goes back."""
    new_idempotency_key: Callable[[], str]
    credentials: frozenset[str] = frozenset()
    """Names of the schemes for which there is a token, key or login."""
    schemes: tuple[str, ...] | None = None
    """Those that calls use unless their operation says otherwise; `None` where the credentials do not suffice."""
    support: Support | None = None
    """What the pages say about the integration behind the account, where one is bound."""


def ready(request: Request[T], context: Context) -> Request[T]:
    """Return the request with the extras of a view, once its integration is found to support it.

    Raises:
        InvalidRequestError: An extra key says again what the request says.
        PreflightError: The integration does not support the request, and the view takes that for an error.
    """
    merged = _merge_extras(request, context.options)
    if context.support is not None and context.options.preflight != "off":
        # Whoever binds no integration should not wait for this.
        from .preflight import check

        check(merged, context.support, context.options.preflight)
    return merged


def _merge_extras(request: Request[T], options: Options) -> Request[T]:
    if not (options.extra_query or options.extra_body):
        return request
    query, body = request.query, request.body
    if options.extra_query:
        _check_extra("extra_query", options.extra_query, query, _renamed_options(request))
        query = {**query, **options.extra_query}
    if options.extra_body and request.operation.method not in _WITHOUT_BODY:
        names = request.operation.body_names
        if not is_mapping(body) and body is not None:
            raise InvalidRequestError("extra_body adds keys to a body, and the body of this request is no object")
        named = {} if body is None else {str(key): item for key, item in body.items()}
        _check_extra("extra_body", options.extra_body, named, names.renamed if names else {})
        body = {**named, **options.extra_body}
    return replace(request, query=query, body=body)


def _renamed_options(request: Request[object]) -> Mapping[str, str]:
    """Return the wire names of the options that have others, by Python name."""
    operation = request.operation
    if not operation.parameters:
        return operation.query_names
    styled = {name: parameter.name for name, parameter in operation.parameters.items() if name != parameter.name}
    return {**operation.query_names, **styled}


def _check_extra(
    option: str, extra: Mapping[str, object], given: Mapping[str, object], renamed: Mapping[str, str]
) -> None:
    for key in sorted(extra.keys() & renamed.keys()):
        raise InvalidRequestError(f"{option} takes wire names: {renamed[key]} instead of {key}")
    named = {*given, *(renamed.get(name, name) for name in given)}
    for key in sorted(named & {key.partition("[")[0] for key in extra}):
        raise InvalidRequestError(f"{option} sets {key}, which the call sets as well")


class Exchange:
    """The state of one call: what to send, how often it was tried, and what to do next."""

    def __init__(self, context: Context, request: Request[object], *, answer_format: str = "") -> None:
        """Prepare a call.

        Raises:
            ConfigurationError: No integrated account is given.
            InvalidRequestError: The request cannot be sent as it is.
        """
        self._context = context
        self._request = request
        with self.about_request():
            request.operation.result.check(request)
            known = context.schemes if request.operation.security is None else None
            self.schemes: tuple[str, ...] = _schemes(context, request) if known is None else known
            written: Written | None = None
            if request.operation.parameters or request.continuation is not None:
                written = _written(context, request, answer_format)
            query = encode_query(_wire_query(context, request, answer_format)) if written is None else written.query
            self._target = _target(context, request, query)
            self._headers = {
                "Accept": request.operation.result.accept,
                "User-Agent": f"accounts-client/{VERSION}",
                **context.options.headers,
            }
            self._cookies: tuple[str, ...] = ()
            if written is not None:
                self._headers |= _checked_headers(context, written.headers)
                self._cookies = written.cookies
            self._body: bytes | None = None
            if request.body is not None:
                content = request.operation.content
                self._body, self._headers["Content-Type"] = content.encode(request.body, request.operation.body_names)
            self._key = _idempotency_key(context, request)
        self._is_safe = self._key is not None or not request.operation.is_write
        self._may_have_arrived = False
        self._started = self._attempt_started = context.clock()
        self._attempt = 0
        self._secrets: Mapping[str, Secret] = {}
        self.refused: Mapping[str, Secret] = {}
        """The secrets that the service refused, by scheme, so that others should be asked for."""

    @contextmanager
    def about_request(self) -> Generator[None]:
        """Put the request onto every error of the library that comes up inside."""
        try:
            yield
        except AccountsClientError as error:
            self.attach_request(error)
            raise

    def attach_request(self, error: AccountsClientError) -> None:
        """Put the request onto an error of the library that carries none."""
        error.request = error.request or self._request

    @property
    def tenant(self) -> str:
        """The integrated account that the call is about."""
        return self._context.tenant

    def now(self) -> float:
        """Return the seconds of the client's clock."""
        return self._context.clock()

    def outgoing(self, secrets: Mapping[str, Secret]) -> Outgoing:
        """Return the HTTP request of the next try.

        Args:
            secrets: What goes out under each of the call's `schemes`, and perhaps under others.

        Raises:
            InvalidRequestError: Another write was sent under the same idempotency key meanwhile.
        """
        service = self._context.service
        if self._key is not None and not self._may_have_arrived:
            self._headers[service.idempotency_header] = self._key.take()
        self._attempt += 1
        self._attempt_started = self._context.clock()
        self._secrets = secrets
        headers, target, cookies = {**self._headers}, self._target, self._cookies
        for name in self.schemes:
            secret, scheme = secrets[name], service.schemes[name]
            if scheme.place == "header":
                headers[scheme.name] = secret.written
            elif scheme.place == "query":
                target = f"{target}{'&' if '?' in target else '?'}{secret.written}"
            else:
                cookies = (*cookies, secret.written)
        if cookies:
            _add_cookies(headers, cookies)
        return Outgoing(
            self._request.operation.method,
            target,
            headers,
            self._body,
            self._context.options.timeout,
            self._request.operation.path,
        )

    def after_failure(self, error: ConnectError | RequestTimeoutError) -> float:
        """Return the seconds to wait before the next try.

        Raises:
            ConnectError: The connection could not be made, or it broke, and there is no further try.
            RequestTimeoutError: No answer in time, and there is no further try.
            AmbiguousWriteError: A write without a key may or may not have been carried out.
        """
        self._log(type(error).__name__)
        error.request = self._request
        self._may_have_arrived |= error.sent
        if self._key is not None and not self._may_have_arrived:
            self._key.give_back()
        return self._delay_or_raise(error)

    def after_reply(self, reply: Reply, *, can_renew: bool = False) -> float | None:
        """Return the seconds to wait before the next try, or `None` if the answer reports success.

        Raises:
            APIStatusError: The service answered with an error status, and there is no further try.
            AmbiguousWriteError: A write without a key may or may not have been carried out.
        """
        self._log(str(reply.status))
        self._may_have_arrived = True
        if 200 <= reply.status < 300:
            return None
        reply = self._redacted(reply)
        error = classify(reply.status, reply.headers, reply.body, request=self._request)
        if error.status == 401 and error.fault == "caller" and can_renew and not self.refused:
            self.refused = self._secrets
            return 0.0
        return self._delay_or_raise(error)

    def read(self, request: Request[T], reply: Reply) -> tuple[T, tuple[Deviation, ...]]:
        """Return the value of a successful answer, and its deviations.

        Raises:
            DecodeError: The answer cannot be read as the documented value, or deviates while `strict` is on.
        """
        result = request.operation.result

        def read_typed(reply: Reply) -> tuple[T, tuple[Deviation, ...]]:
            if result.is_addressed:
                reply = self._addressed(reply)
            found = result.read(request, reply, tenant=self._context.tenant)
            if self._context.options.strict:
                refuse_deviations(found[1])
            return found

        value, deviations = self.understand(reply, read_typed)
        if _has_unreadable_records(value):
            # Iterating raises errors that hold these records.
            value, deviations = self.understand(self._redacted(reply), read_typed)
        if deviations:
            places = ", ".join(f"{entry.path or 'answer'} (expected {entry.expected})" for entry in deviations[:5])
            logger().warning(
                "%s: %d deviations: %s",
                request.operation.name,
                len(deviations),
                printable(self._without_secrets(places)),
            )
        return value, deviations

    def understand(self, reply: Reply, reader: Callable[[Reply], T]) -> T:
        """Return what the reader makes of an answer.

        Raises:
            DecodeError: The reader cannot make anything of it. The error shows no secret.
        """
        try:
            return reader(reply)
        except DecodeError:
            # The service may echo what it was sent, and the error would hold it: read again without the secrets.
            redacted = self._redacted(reply)
        with self.about_request():
            return reader(redacted)

    def _delay_or_raise(self, error: AccountsClientError) -> float:
        delay = retry_delay(
            self._context.options.retry_policy,
            error,
            attempt=self._attempt,
            elapsed=self._context.clock() - self._started,
            is_safe=self._is_safe,
        )
        if delay is None:
            if not self._is_safe and is_ambiguous(error):
                raise ambiguous_write(error) from error
            raise error
        logger().warning(
            "%s: try %d failed (%s), next in %.2f s",
            self._request.operation.name,
            self._attempt,
            type(error).__name__,
            delay,
        )
        return delay

    def _log(self, outcome: str) -> None:
        operation = self._request.operation
        seconds = self._context.clock() - self._attempt_started
        logger().info("%s %s %s %.3f s try %d", operation.method, operation.path, outcome, seconds, self._attempt)

    def _addressed(self, reply: Reply) -> AddressedReply:
        address = f"{self._context.base_url}{self._target.partition('?')[0]}"
        return AddressedReply(reply.status, reply.headers, reply.body, address, self._is_private)

    def _is_private(self, name: str, value: str) -> bool:
        service = self._context.service
        keys = {scheme.name for scheme in service.schemes.values() if scheme.place == "query"}
        is_secret = self._without_secrets(value, _SHORTEST_TOLD) != value
        return is_secret or name in keys | service.bound_options

    def _redacted(self, reply: Reply) -> Reply:
        """Return the answer without the secrets, in case the service echoes what it was sent."""
        headers = {name: self._without_secrets(value) for name, value in reply.headers.items()}
        # Latin-1 gives each byte a character of its own and back.
        body = self._without_secrets(reply.body.decode("latin-1")).encode("latin-1")
        return Reply(reply.status, Headers(headers), body)

    def _without_secrets(self, text: str, shortest: int = 1) -> str:
        secrets = (*self._secrets.values(), *self.refused.values())
        hidden = {text for secret in secrets for text in secret.hidden if len(text) >= shortest}
        forms = "|".join(map(_any_form, sorted(hidden, key=len, reverse=True)))
        return re.sub(forms, _REDACTED, text, flags=re.IGNORECASE) if forms else text


def _any_form(token: str) -> str:
    """Return a pattern for a token however it was escaped: for JSON, also twice, for HTML, or for an address."""
    return "".join(_any_form_of(character) for character in token)


def _any_form_of(character: str) -> str:
    data, units = character.encode(), memoryview(character.encode("utf-16-be"))
    # The bytes of a body are looked at one by one, each as a character of its own.
    plain = "|".join(re.escape(text) for text in dict.fromkeys((character, data.decode("latin-1"))))
    escaped = "".join(rf"\\+u{units[place : place + 2].hex()}" for place in range(0, len(units), 2))
    percent = "".join(rf"%(?:25)*{byte:02x}" for byte in data)
    entity = rf"#0*{ord(character)}|#x0*{ord(character):x}|{_ENTITIES.get(character, '#')}"
    return rf"(?:\\*(?:{plain})|{escaped}|{percent}|&(?:amp;)*(?:{entity});)"


def choose_schemes(alternatives: tuple[tuple[str, ...], ...], given: frozenset[str]) -> tuple[str, ...] | None:
    """Return the first set of schemes that all have credentials; `None` if there is none."""
    if not alternatives:
        return ()
    return next((schemes for schemes in alternatives if given.issuperset(schemes)), None)


def _schemes(context: Context, request: Request[object]) -> tuple[str, ...]:
    """Return the schemes that a call uses.

    Raises:
        ConfigurationError: The credentials do not suffice for any alternative.
    """
    own = request.operation.security
    alternatives = context.service.security if own is None else own
    schemes = choose_schemes(alternatives, context.credentials)
    if schemes is not None:
        return schemes
    ways = (" and ".join(_how_to_give(context.service, name) for name in needed) for needed in alternatives)
    raise ConfigurationError(f"{request.operation.name} needs credentials: {'; or '.join(ways)}")


def _how_to_give(service: Service, name: str) -> str:
    scheme = service.schemes.get(name)
    if scheme is None:
        raise ConfigurationError(f"{service.name} has no security scheme {name!r}")
    return f"pass {name}=" + (f" or set {scheme.environment}" if scheme.environment else "")


def _written(context: Context, request: Request[object], answer_format: str) -> Written:
    """Return the options of a call that has others than plain query options, or that fetches a later page."""
    from .parameters import write_options  # few services have such options

    operation = request.operation
    bound = encode_query(_bound_query(context, request, answer_format))
    for name in request.query:
        wire = operation.query_names.get(name, name)
        if wire in context.service.bound_options:
            raise _bound_error(wire)
    written = write_options(request.query, operation.parameters, operation.query_names)
    query = written.query if request.continuation is None else _continued(context.service, request.continuation)
    return replace(written, query="&".join(filter(None, (bound, query))))


def _continued(service: Service, query: str) -> str:
    """Return the query string of a later page without what only the client sets."""
    from urllib.parse import unquote_plus  # slow to import, and only later pages need it

    pairs = (pair for pair in query.split("&") if unquote_plus(pair.partition("=")[0]) not in service.bound_options)
    try:
        return percent_encoded("&".join(pairs), _QUERY_CHARACTERS)
    except UnicodeEncodeError:
        raise InvalidRequestError("the cursor holds a lone surrogate, which is no character") from None


def _checked_headers(context: Context, headers: Mapping[str, str]) -> Mapping[str, str]:
    """Refuse the headers of parameters that the client or a view sets as well."""
    secret, given = context.service.secret_headers, {name.lower() for name in context.options.headers}
    for name in headers:
        if name.lower() in secret or name.lower() == context.service.idempotency_header.lower():
            raise InvalidRequestError(f"header {name!r} is set by the client and cannot be passed per call")
        if name.lower() in given:
            raise InvalidRequestError(f"with_options(headers=) sets {name}, which the call sets as well")
    return headers


def _add_cookies(headers: dict[str, str], cookies: Sequence[str]) -> None:
    given = [name for name in headers if name.lower() == "cookie"]
    headers["Cookie"] = "; ".join((*(headers.pop(name) for name in given), *cookies))


def _target(context: Context, request: Request[object], query: str) -> str:
    operation = request.operation
    path = encode_path(operation.path, request.path, operation.path_integers, operation.parameters)
    target = f"{path}?{query}" if query else path
    length = len(context.base_url) + len(target)
    if length > _LONGEST_ADDRESS:
        raise InvalidRequestError(
            f"the address has {length} characters with its query options, at most {_LONGEST_ADDRESS} can be sent"
        )
    return target


def _idempotency_key(context: Context, request: Request[object]) -> IdempotencyKey | None:
    """Return the key of a write: the caller's, if no other write has used it up, or else a new one."""
    if not request.operation.is_write or not context.service.idempotency_header:
        return None
    key = context.options.idempotency_key or IdempotencyKey(context.new_idempotency_key())
    key.check()
    return key


def _has_unreadable_records(value: object) -> bool:
    return isinstance(value, Page) and bool(value.rejected)


def _wire_query(context: Context, request: Request[object], answer_format: str) -> dict[str, object]:
    """Return the query options by wire name, with those that only the client sets."""
    service = context.service
    query = _bound_query(context, request, answer_format)
    if request.query:
        names, bound = request.operation.query_names, service.bound_options
        for name, value in request.query.items():
            wire = names.get(name, name)
            if wire in bound:
                raise _bound_error(wire)
            query[wire] = value
    _check_exclusions(service, request.query.get(service.exclude_option))
    return query


def _bound_query(context: Context, request: Request[object], answer_format: str) -> dict[str, object]:
    """Return the query options that only the client sets."""
    service = context.service
    query: dict[str, object] = {}
    if service.tenant_option and request.operation.names_tenant and not context.is_tenant_implied:
        if not context.tenant:
            raise ConfigurationError(
                f"no integrated account: pass {service.tenant_option}=, set {service.tenant_environment}, "
                "or use client.account(...)"
            )
        query[service.tenant_option] = context.tenant
    if answer_format and service.format_option:
        query[service.format_option] = answer_format
    return query


def _bound_error(name: str) -> InvalidRequestError:
    return InvalidRequestError(f"{name} is set by the client and cannot be passed per call")


def _check_exclusions(service: Service, excluded: object) -> None:
    if isinstance(excluded, str):
        raise QueryEncodingError(service.exclude_option, "is a text, expected a list of field names")
    for index, name in enumerate(excluded if is_list(excluded) else ()):
        if name in service.never_excluded:
            raise QueryEncodingError(
                f"{service.exclude_option}[{index}]", f"a record without {name!r} cannot be read as its type"
            )
