"""Truto's Unified API in memory, for any category."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final, TypeVar, Unpack

from attrs import evolve

from accounts_client_runtime import (
    JSON,
    AsyncTrutoClient,
    FreeJSON,
    JSONInput,
    Operation,
    SyncTrutoClient,
    Wrapped,
)
from accounts_client_runtime.bodies import encode_body
from accounts_client_runtime.capabilities import GET_CAPABILITIES
from accounts_client_runtime.client import AsyncClientOptions, SyncClientOptions
from accounts_client_runtime.parsing import parse_json
from accounts_client_runtime.support import SupportTables
from accounts_client_runtime.truto import TRUTO

from .answers import Answer, Call, Refusal, RemoteRefusal, Route, json_answer, phrase_of
from .capabilities import capabilities_of
from .clock import Clock
from .datasets import Collection, Dataset, Ground
from .engine import Fake
from .faults import When
from .limits import RateLimit
from .personality import Personality
from .resources import is_cursor_page
from .unified import (
    EmptyPage,
    Product,
    RepeatedCursor,
    batch_delete_records,
    checked_format,
    create_record,
    delete_record,
    get_record,
    in_format,
    list_records,
    merge_records,
    update_record,
)

ClientT_co = TypeVar("ClientT_co", bound=SyncTrutoClient, covariant=True)
AsyncClientT_co = TypeVar("AsyncClientT_co", bound=AsyncTrutoClient, covariant=True)

_TOKEN_SECONDS: Final = 15 * 60


class TrutoAccount(Dataset):
    """An integrated account: what a customer connected, with its records."""

    def __init__(self, account_id: str, ground: Ground, *, is_sandbox: bool, personality: Personality | None) -> None:
        super().__init__(ground)
        self.id = account_id
        """The `integrated_account_id` of calls about it."""
        self.is_sandbox = is_sandbox
        """Whether every write is answered with 405."""
        self.personality = personality
        """What its integration makes of calls; one without supports everything."""
        self.answers: dict[tuple[str, str], Answer] = {}
        """Answers to writes, by path and idempotency key."""


class TrutoFake(Fake[ClientT_co, AsyncClientT_co]):
    """Truto's Unified API in memory. One integrated account is there from the start."""

    service = TRUTO
    further_operations: tuple[Operation[object], ...] = (GET_CAPABILITIES,)
    support: SupportTables = SupportTables()
    """What the pages say about integrations."""

    def __init__(
        self,
        *,
        token: str = "fake-truto-token",
        integrated_account_id: str = "00000000-0000-4000-8000-000000000001",
        integration: str | None = None,
        page_size: int = 25,
        seed: int = 0,
        clock: Clock | None = None,
    ) -> None:
        """Make a service without records.

        Args:
            token: API token that it accepts.
            integrated_account_id: The account that is there from the start.
            integration: What that account is connected to, such as `"Salesforce"`; by default it supports everything.
            page_size: Records of a page where the request has no `limit`.
            seed: Chooses the values of sample records.
            clock: Time of the service; by default it begins with the year 2024 and stands still between writes.
        """
        super().__init__(token, seed=seed, clock=clock)
        self.integrated_account_id = integrated_account_id
        """The account that is there from the start."""
        self._page_size = page_size
        self._accounts: dict[str, TrutoAccount] = {}
        self._issued_tokens: dict[str, tuple[str, float]] = {}
        self._methods: dict[tuple[str, str], Callable[[JSON], JSONInput]] = {}
        self._token_limit: RateLimit | None = None
        self._account_limit: RateLimit | None = None
        self._cursor_generation = 0
        self._connect(integrated_account_id, is_sandbox=False, personality=self._personality(integration))

    @property
    def token(self) -> str:
        """The API token that the service accepts."""
        return self._token

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables that give clients access to this fake and its first account."""
        return {**super().environment, TRUTO.tenant_environment: self.integrated_account_id}

    def client(self, integrated_account_id: str | None = None, **options: Unpack[SyncClientOptions]) -> ClientT_co:
        """Return a client in process, by default for the first account; its pauses take no real time."""
        account = self.account(integrated_account_id)
        return self.client_class(self._token, integrated_account_id=account.id, **self._sync_options(options))

    def async_client(
        self, integrated_account_id: str | None = None, **options: Unpack[AsyncClientOptions]
    ) -> AsyncClientT_co:
        """Return the same for asyncio."""
        account = self.account(integrated_account_id)
        return self.async_client_class(self._token, integrated_account_id=account.id, **self._async_options(options))

    def add_account(
        self, integrated_account_id: str, *, integration: str | None = None, is_sandbox: bool = False
    ) -> TrutoAccount:
        """Connect another account, without records.

        Args:
            integrated_account_id: Its id.
            integration: What it is connected to, such as `"Salesforce"`; by default it supports everything.
            is_sandbox: Whether every write to it is answered with 405.

        Raises:
            ValueError: It is there already.
        """
        personality = self._personality(integration)
        return self._connect(integrated_account_id, is_sandbox=is_sandbox, personality=personality)

    def account(self, integrated_account_id: str | None = None) -> TrutoAccount:
        """Return an account, by default the first one, to fill it or to look at its records.

        Raises:
            KeyError: There is no such account.
        """
        account = self._accounts.get(integrated_account_id or self.integrated_account_id)
        if account is None:
            known = ", ".join(self._accounts)
            raise KeyError(f"there is no integrated account {integrated_account_id!r}; the accounts are {known}")
        return account

    def add_method(self, resource: str, name: str, method: Callable[[JSON], JSONInput]) -> None:
        """Let a category have a custom method.

        Args:
            resource: Module of the category, such as `crm_accounts`.
            name: Last part of the path.
            method: Takes the body and returns what stands under `result` in the answer.
        """
        with self._lock:
            self._methods[resource, name] = method

    def issue_token(self, integrated_account_id: str | None = None) -> str:
        """Return a new token that stands for one account, by default the first one, and expires after 15 minutes."""
        account = self.account(integrated_account_id)
        with self._lock:
            token = f"fake-integrated-account-token-{len(self._issued_tokens) + 1}"
            self._issued_tokens[token] = account.id, self.clock() + _TOKEN_SECONDS
            return token

    def limit_rate(self, *, per_account: int = 50, per_token: int = 500, seconds: float = 10.0) -> None:
        """Answer 429 to more requests than this in so much time of `clock`; the defaults are the documented limits."""
        with self._lock:
            self._token_limit = RateLimit(per_token, seconds)
            self._account_limit = RateLimit(per_account, seconds)

    def expire_cursors(self) -> None:
        """Refuse all cursors that were handed out so far."""
        with self._lock:
            self._cursor_generation += 1

    def empty_next_page(self, **when: Unpack[When]) -> None:
        """Let the next page of a listing be empty, with a cursor behind which the records come."""
        self._add_fault(EmptyPage(**when))

    def repeat_next_cursor(self, **when: Unpack[When]) -> None:
        """Let the next page that is asked for with a cursor hand out that same cursor."""
        self._add_fault(RepeatedCursor(**when))

    @property
    def _data(self) -> Dataset:
        return self.account()

    def _connect(
        self, integrated_account_id: str, *, is_sandbox: bool, personality: Personality | None
    ) -> TrutoAccount:
        with self._lock:
            if integrated_account_id in self._accounts:
                raise ValueError(f"the integrated account {integrated_account_id!r} is there already")
            account = TrutoAccount(integrated_account_id, self._ground, is_sandbox=is_sandbox, personality=personality)
            self._accounts[integrated_account_id] = account
            return account

    def _personality(self, integration: str | None) -> Personality | None:
        return None if integration is None else Personality(self.support.support(integration, stacklevel=3))

    def _authenticate(self, call: Call) -> Mapping[str, str]:
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        named = call.query.get(TRUTO.tenant_option)
        call.account = named if isinstance(named, str) else ""
        if scheme == "Bearer" and token == self._token:
            return {}
        account, expiry = self._issued_tokens.get(token, ("", 0.0))
        if scheme != "Bearer" or self.clock() >= expiry:
            raise Refusal(401, "the token is missing, unknown or expired")
        if named not in (None, account):
            raise Refusal(403, "the token stands for another integrated account")
        call.account = account
        return {}

    def _carry_out(self, call: Call, route: Route) -> Answer:
        is_about_account = route.operation is GET_CAPABILITIES
        if is_about_account:
            if call.headers["authorization"].partition(" ")[2] in self._issued_tokens:
                raise Refusal(403, "the token stands for an integrated account and may not ask this")
            call.account = route.values["id"]
        if not call.account:
            raise Refusal(400, f"{TRUTO.tenant_option} is missing", field=TRUTO.tenant_option)
        account = self._accounts.get(call.account)
        if account is None:
            raise Refusal(404, f"there is no integrated account {call.account}")
        headers = self._check_rate(call)
        if is_about_account:
            methods: dict[str, list[str]] = {}
            for resource, name in self._methods:
                methods.setdefault(resource, []).append(name)
            found = capabilities_of(call, account.id, account.personality, self.operations, methods)
            return json_answer(200, found, headers)
        answer_format = checked_format(call)
        if not route.operation.is_write:
            return _with_headers(self._answer_of(call, route, account, answer_format), headers)
        if account.is_sandbox:
            raise Refusal(405, "sandbox accounts cannot be written to", headers=headers)
        key = call.path, call.headers.get(TRUTO.idempotency_header, "")
        answer = account.answers.get(key)
        call.is_replay = answer is not None
        if answer is None:
            answer = self._answer_of(call, route, account, answer_format)
            if key[1]:
                account.answers[key] = answer
        return _with_headers(answer, headers)

    def _error_body(self, refusal: Refusal) -> dict[str, JSON]:
        body: dict[str, JSON] = {
            "statusCode": refusal.status,
            "error": phrase_of(refusal.status),
            "message": refusal.message,
        }
        if isinstance(refusal, RemoteRefusal):
            body["truto_is_remote_error"] = True
            body["raw_response"] = refusal.raw_response
            body["truto_error_insight"] = refusal.insight
        if refusal.field:
            body["details"] = {"failures": [{"field": refusal.field, "message": refusal.message}]}
        return body

    def _check_rate(self, call: Call) -> Mapping[str, str]:
        """Count a call, or refuse it; return the headers that tell of the account's limit."""
        if self._token_limit is None or self._account_limit is None:
            return {}
        now, token = self.clock(), call.headers["authorization"]
        wait = max(self._account_limit.wait(call.account, now), self._token_limit.wait(token, now))
        if not wait:
            self._account_limit.count(call.account, now)
            self._token_limit.count(token, now)
        headers = {
            "ratelimit-limit": f"{self._account_limit.requests};w={self._account_limit.seconds:g}",
            "ratelimit-remaining": str(self._account_limit.remaining(call.account, now)),
            "ratelimit-reset": f"{math.ceil(self._account_limit.seconds)}",
        }
        if wait:
            raise Refusal(429, "too many requests", headers={**headers, "retry-after": str(math.ceil(wait))})
        return headers

    def _answer_of(self, call: Call, route: Route, account: TrutoAccount, answer_format: str) -> Answer:
        """Do what a call asks for as far as the account's integration lets it through."""
        if account.personality is not None:
            call = account.personality.mapped(call, route.operation)
        return in_format(self._perform(call, route, account), answer_format, call)

    def _perform(self, call: Call, route: Route, account: TrutoAccount) -> Product:
        """Do what an operation does, by the form of its answer and its method."""
        operation, collection = route.operation, account.collection(route.resource)
        body_type = self._body_types.get(operation.name)
        documented = body_type.keys if body_type else frozenset[str]()
        key = next(iter(route.values.values()), "")
        if is_cursor_page(operation.result):
            return list_records(
                call,
                collection,
                operation.result,
                page_size=self._page_size,
                cursor_generation=self._cursor_generation,
                is_empty=self._take_fault(EmptyPage, operation.name) is not None,
                repeats_cursor=bool(call.query.get(operation.result.cursor))
                and self._take_fault(RepeatedCursor, operation.name) is not None,
            )
        if isinstance(operation.result, Wrapped | FreeJSON):
            return self._call_method(call, route, collection)
        match operation.method:
            case "POST":
                return create_record(call, collection, documented)
            case "GET":
                return get_record(call, collection, key)
            case "DELETE":
                return delete_record(call, collection, key)
            case _:
                return update_record(call, collection, key, documented)

    def _call_method(self, call: Call, route: Route, collection: Collection) -> Product:
        """Do what a custom method does: one that a test has added, or one that the specs know."""
        name = route.values.get("method") or call.path.rpartition("/")[2]
        method = self._methods.get((route.resource, name))
        if method is not None:
            answer = parse_json(encode_body({"result": method(call.body)}))
            return Product(answer, answer)
        if isinstance(route.operation.result, Wrapped) and name == "merge":
            return merge_records(call, collection)
        if isinstance(route.operation.result, Wrapped) and name == "batch-delete":
            return batch_delete_records(call, collection)
        raise Refusal(404, f"{route.resource} has no method {name}")


def _with_headers(answer: Answer, headers: Mapping[str, str]) -> Answer:
    return evolve(answer, headers={**answer.headers, **headers}) if headers else answer
