"""A call as data: what an operation is, and one request for it with its path values, query options and body."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Generic, TypeVar

from attrs import field, frozen

from .types import Headers, Method

T_co = TypeVar("T_co", covariant=True)


@frozen
class Outgoing:
    """An HTTP request as it goes onto the wire."""

    method: Method
    """HTTP method."""
    url: str = field(repr=False)
    """Complete address."""
    headers: Mapping[str, str] = field(repr=False)
    """Headers, the token among them."""
    body: bytes | None = field(repr=False)
    """Encoded body."""
    timeout: float | None
    """Seconds for each step; `None` for no limit."""


@frozen
class Reply:
    """An answer as it came from the wire."""

    status: int
    """HTTP status code."""
    headers: Headers = field(repr=False)
    """Headers of the answer."""
    body: bytes = field(repr=False)
    """Decompressed body."""


@frozen
class Deviation:
    """A place where an answer did not have the documented type."""

    path: str
    """Where, by wire names: `result[3].owner.id`."""
    expected: str
    """The documented type, such as `int` or `object`."""
    value: object = field(repr=False)
    """What stood there."""


class Result(ABC, Generic[T_co]):
    """What a successful answer of an operation holds, and how it is read."""

    def check(self, request: Request[object]) -> None:
        """Refuse a request whose answers could not be read whole.

        Raises:
            InvalidRequestError: The request asks for something out of range.
        """

    @abstractmethod
    def read(self, request: Request[object], reply: Reply, *, tenant: str) -> tuple[T_co, tuple[Deviation, ...]]:
        """Return the value of the answer and the places that deviate from the documented types.

        Raises:
            DecodeError: The answer cannot be read as the documented value.
        """


@frozen
class Names:
    """Wire names of the keys of a body, where they differ from the Python names."""

    renamed: Mapping[str, str] = field(factory=dict[str, str])
    """Python name to wire name, renamed keys only."""
    nested: Mapping[str, Names] = field(factory=lambda: dict[str, Names]())
    """The same for the objects below a key, by Python name; a list of objects counts as its items."""


@frozen
class Operation(Generic[T_co]):
    """One operation of a service, as its specification describes it."""

    name: str
    """Module and method, such as `crm_accounts.update`."""
    method: Method
    """HTTP method."""
    path: str
    """Path below the base URL; `{name}` stands for a path value."""
    result: Result[T_co] = field(repr=False)
    """What a successful answer holds."""
    docs: str = field(default="", kw_only=True, repr=False)
    """The vendor's page."""
    query_names: Mapping[str, str] = field(factory=dict[str, str], kw_only=True, repr=False)
    """Wire names of renamed query options, by Python name."""
    path_integers: tuple[str, ...] = field(default=(), kw_only=True, repr=False)
    """Names of the path values that are whole numbers."""
    body_names: Names | None = field(default=None, kw_only=True, repr=False)
    """Wire names of renamed body keys."""

    @property
    def is_write(self) -> bool:
        """Whether the service may change data when it carries this operation out."""
        return self.method != "GET"


@frozen(eq=True, unsafe_hash=False)
class Request(Generic[T_co]):
    """One call, ready to be sent: a value without secrets that can be looked at, logged, pickled and sent again."""

    operation: Operation[T_co]
    """What is called."""
    path: Mapping[str, str | int] = field(factory=dict[str, str | int], kw_only=True)
    """Path values by their names in the operation's path."""
    query: Mapping[str, object] = field(factory=dict[str, object], kw_only=True, repr=False)
    """Query options by Python name."""
    body: Mapping[str, object] | None = field(default=None, kw_only=True, repr=False)
    """Body by Python names; `None` sends no body."""


@frozen
class Response(Generic[T_co]):
    """The typed value of an answer with what stood around it."""

    value: T_co
    """What the call returns by itself."""
    status: int
    """HTTP status code."""
    headers: Headers = field(repr=False)
    """Headers of the answer."""
    deviations: tuple[Deviation, ...] = ()
    """Places of the answer that did not have the documented type."""
