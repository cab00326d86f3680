"""The engine of the fakes: requests in, answers out, with everything on the way that the services have in common.

What a service does with a call, `TrutoFake` and `CoperniqFake` say.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from random import Random
from threading import RLock
from typing import Final, Generic, TypeVar
from urllib.parse import urlsplit

import httpx
from attrs import evolve

from accounts_client_runtime import JSON, AsyncClient, Headers, JSONInput, Names, Operation, Service, SyncClient
from accounts_client_runtime.client import AsyncClientOptions, SyncClientOptions
from accounts_client_runtime.parsing import parse_json

from .answers import Answer, Call, ReceivedRequest, Refusal, Route, json_answer
from .bodies import BodyType
from .clock import Clock
from .datasets import Dataset, Ground
from .faults import Alteration, Delay, Drop, Failure, FaultControl, Garbling, alter
from .inprocess import async_transport, sync_transport
from .queries import parse_query
from .resources import Record, resources_of
from .routing import Router
from .server import serving

ClientT_co = TypeVar("ClientT_co", bound=SyncClient, covariant=True)
AsyncClientT_co = TypeVar("AsyncClientT_co", bound=AsyncClient, covariant=True)

INVALID_JSON: Final = "INVALID_JSON"


class Fake(FaultControl, ABC, Generic[ClientT_co, AsyncClientT_co]):
    """A service in memory. Threads and tasks may share it.

    A subclass of a service's fake says what the specs know: the operations, the types of their bodies, the clients.
    """

    service: Service
    """Conventions of the service."""
    operations: tuple[Operation[object], ...] = ()
    """The operations of all categories."""
    further_operations: tuple[Operation[object], ...] = ()
    """Operations that belong to no category."""
    bodies: Mapping[str, type[object]] = {}
    """Types of the bodies, by the names of the operations that take one."""
    client_class: type[ClientT_co]
    """The service's client."""
    async_client_class: type[AsyncClientT_co]
    """The service's client for asyncio."""

    def __init__(self, token: str, *, seed: int, clock: Clock | None) -> None:
        known = (*self.operations, *self.further_operations)
        super().__init__([operation.name for operation in known])
        self.clock: Clock = clock or Clock()
        """The time of this fake."""
        self._token = token
        self._lock = RLock()
        self._ground = Ground(resources_of(self.operations), self.clock, Random(seed), self._lock)
        self._body_types = {
            operation.name: BodyType(self.bodies[operation.name], operation.body_names or Names())
            for operation in self.operations
            if operation.name in self.bodies
        }
        self._base_path = urlsplit(self.service.base_url).path
        self._router = Router(known, self._base_path)
        self._requests: list[ReceivedRequest] = []

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables that give clients access to this fake."""
        return {scheme.environment: self._token for scheme in self.service.schemes.values()}

    @property
    def resources(self) -> tuple[str, ...]:
        """Names of the categories' modules, such as `crm_accounts`."""
        return tuple(self._ground.resources)

    @property
    def requests(self) -> tuple[ReceivedRequest, ...]:
        """What was received so far, in order."""
        with self._lock:
            return tuple(self._requests)

    def add(self, resource: str, record: Mapping[str, JSONInput]) -> Record:
        """Put a record there and return it as stored.

        Args:
            resource: Module of the category, such as `crm_accounts`.
            record: Fields by wire name, also undocumented ones; id and times come by themselves unless they are given.

        Raises:
            KeyError: There is no such category.
            ValueError: The record's id is taken.
        """
        return self._data.add(resource, record)

    def add_samples(self, resource: str, count: int) -> list[Record]:
        """Put records there whose documented fields are all filled, and return them as stored."""
        return self._data.add_samples(resource, count)

    def records(self, resource: str) -> list[Record]:
        """Return copies of the records of a category, in the order of their creation."""
        return self._data.records(resource)

    def http_client(self) -> httpx.Client:
        """Return an httpx client whose requests all come here, for `http_client=` of a client of one's own."""
        return httpx.Client(transport=sync_transport(self.handle, self.clock), trust_env=False)

    def async_http_client(self) -> httpx.AsyncClient:
        """Return the same for asyncio."""
        return httpx.AsyncClient(transport=async_transport(self.handle, self.clock), trust_env=False)

    @contextmanager
    def serve(self, *, port: int = 0) -> Generator[str]:
        """Answer over HTTP on loopback until the block is left, and yield the base URL; port 0 takes a free one."""
        with serving(self.handle, port) as origin:
            yield f"{origin}{self._base_path}"

    def handle(self, method: str, target: str, headers: Headers, body: bytes) -> Answer:
        """Answer one HTTP request.

        Args:
            method: HTTP method.
            target: Path and query string as they were sent.
            headers: Headers of the request.
            body: Body of the request.
        """
        path, _, query = target.partition("?")
        call = Call(method=method, path=path, headers=headers, raw_body=body)
        with self._lock:
            answer = self._answer(call, self._read(call, query))
            self._requests.append(self._record(call, answer))
        return answer

    @property
    @abstractmethod
    def _data(self) -> Dataset:
        """What tests fill and look at."""

    @abstractmethod
    def _authenticate(self, call: Call) -> Mapping[str, str]:
        """Find out whose request it is, or refuse it; return headers for every answer to it."""

    @abstractmethod
    def _carry_out(self, call: Call, route: Route) -> Answer:
        """Do what a call asks for, or refuse it."""

    @abstractmethod
    def _error_body(self, refusal: Refusal) -> dict[str, JSON]:
        """Return the body with which the service refuses."""

    def _sync_options(self, options: SyncClientOptions) -> SyncClientOptions:
        """Return the options of a client in process; those given win."""
        return {"http_client": self.http_client(), "clock": self.clock, "sleep": self.clock.sleep, **options}

    def _async_options(self, options: AsyncClientOptions) -> AsyncClientOptions:
        """Return the options of an async client in process; those given win."""
        return {
            "http_client": self.async_http_client(),
            "clock": self.clock,
            "sleep": self.clock.async_sleep,
            **options,
        }

    def _read(self, call: Call, query: str) -> Route | Refusal:
        """Read path, query string and body into the call, and return what it is for or what is wrong with it."""
        refusal: Refusal | None = None
        try:
            call.body = parse_json(call.raw_body) if call.raw_body else None
        except ValueError:
            call.body = call.raw_body.decode("utf-8", "replace")
            refusal = Refusal(400, "the body is not JSON", code=INVALID_JSON)
        try:
            call.query = parse_query(query)
        except ValueError as error:
            refusal = Refusal(400, str(error))
        try:
            call.route = self._router.find(call.method, call.path)
        except Refusal as unknown:
            return unknown
        return refusal or call.route

    def _answer(self, call: Call, target: Route | Refusal) -> Answer:
        """Return the answer to a call, with what a test wants to go wrong."""
        drop = self._take_fault(Drop, call.operation)
        if drop is not None and not drop.is_committed:
            return Answer(0, {}, b"", is_dropped=True)
        failure = self._take_fault(Failure, call.operation)
        answer = self._work(call, target) if failure is None else self._fail(failure)
        body = answer.body
        if (alteration := self._take_fault(Alteration, call.operation)) is not None:
            body = alter(body, alteration)
        if self._take_fault(Garbling, call.operation):
            body = body[: len(body) // 2]
        delay = self._take_fault(Delay, call.operation)
        return evolve(answer, body=body, delay=delay.seconds if delay else 0.0, is_dropped=drop is not None)

    def _work(self, call: Call, target: Route | Refusal) -> Answer:
        """Return what the service answers to a call."""
        headers: Mapping[str, str] = {}
        try:
            headers = self._authenticate(call)
            if isinstance(target, Refusal):
                raise target
            answer = self._carry_out(call, target)
        except Refusal as refused:
            answer = json_answer(refused.status, self._error_body(refused), refused.headers)
        return evolve(answer, headers={**headers, **answer.headers})

    def _fail(self, failure: Failure) -> Answer:
        """Return the answer that a test asked for."""
        if isinstance(failure.body, str):
            return Answer(failure.status, {"content-type": "text/plain", **failure.headers}, failure.body.encode())
        body = self._error_body(Refusal(failure.status, "the test asked for this"))
        return json_answer(failure.status, {**body, **failure.body}, failure.headers)

    def _record(self, call: Call, answer: Answer) -> ReceivedRequest:
        secret = self.service.secret_headers
        return ReceivedRequest(
            method=call.method,
            path=call.path,
            operation=call.operation,
            path_values=call.route.values if call.route else {},
            query=call.query,
            body=call.body,
            headers=Headers({name: value for name, value in call.headers.items() if name not in secret}),
            account=call.account,
            status=None if answer.is_dropped else answer.status,
            is_replay=call.is_replay,
        )
