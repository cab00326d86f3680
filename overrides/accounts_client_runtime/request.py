"""A call as data: what an operation is, and one request for it with its path values, query options and body."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, ClassVar, Final, Generic, TypeVar

from .bodies import Content, JSONContent
from .types import Headers, Method, Names, PathValue, Value

if TYPE_CHECKING:
    from .parameters import Parameter

T_co = TypeVar("T_co", covariant=True)

_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Outgoing(Value, frozen=True):
    """An HTTP request as it goes onto the wire."""

    _unshown: ClassVar[tuple[str, ...]] = ("target", "headers", "body")

    method: Method
    """HTTP method."""
    target: str
    """Path below the base URL, with the query."""
    headers: Mapping[str, str]
    """Headers, the token among them."""
    body: bytes | None
    """Encoded body."""
    timeout: float | None
    """Seconds for each step; `None` for no limit."""
    template: str
    """Path of the operation without its values, for logs."""


class Reply(Value, frozen=True):
    """An answer as it came from the wire."""

    _unshown: ClassVar[tuple[str, ...]] = ("headers", "body")

    status: int
    """HTTP status code."""
    headers: Headers
    """Headers of the answer."""
    body: bytes
    """Decompressed body."""


class AddressedReply(Reply, frozen=True):
    """An answer with the address that was called, for results that hold links."""

    _unshown: ClassVar[tuple[str, ...]] = (*Reply._unshown, "is_private")

    address: str
    """Address of the operation, without its query."""
    is_private: Callable[[str, str], bool]
    """Whether a query option, by name and value, is a secret or one that only the client sets."""


class Deviation(Value, frozen=True):
    """A place where an answer did not have the documented type."""

    _unshown: ClassVar[tuple[str, ...]] = ("value",)

    path: str
    """Where, by wire names: `result[3].owner.id`."""
    expected: str
    """The documented type, such as `int` or `object`."""
    value: object
    """What stood there."""


class Result(Value, Generic[T_co], frozen=True):
    """What a successful answer of an operation holds, and how it is read."""

    is_addressed: ClassVar[bool] = False
    """Whether it is read by the address that was called: from an `AddressedReply`."""

    @property
    def accept(self) -> str:
        """The header `Accept` of a request for it."""
        return "application/json"

    def check(self, request: Request[object]) -> None:
        """Refuse a request whose answers could not be read whole.

        Raises:
            InvalidRequestError: The request asks for something out of range.
        """

    def read(self, request: Request[object], reply: Reply, *, tenant: str) -> tuple[T_co, tuple[Deviation, ...]]:
        """Return the value of the answer and the places that deviate from the documented types.

        Raises:
            DecodeError: The answer cannot be read as the documented value.
        """
        raise NotImplementedError


class Operation(Value, Generic[T_co], frozen=True):
    """One operation of a service, as its specification describes it."""

    _unshown: ClassVar[tuple[str, ...]] = (
        "result",
        "docs",
        "path_integers",
        "query_names",
        "body_names",
        "parameters",
        "content",
        "security",
        "names_tenant",
    )

    name: str
    """Module and method, such as `crm_accounts.update`."""
    method: Method
    """HTTP method."""
    path: str
    """Path below the base URL; `{name}` stands for a path value."""
    result: Result[T_co]
    """What a successful answer holds."""
    docs: str = ""
    """The vendor's page."""
    query_names: Mapping[str, str] = {}
    """Wire names of renamed query options, by Python name."""
    path_integers: tuple[str, ...] = ()
    """Names of the path values that are whole numbers."""
    body_names: Names | None = None
    """Wire names of renamed body keys."""
    parameters: Mapping[str, Parameter] = {}
    """How to write what is no plain query option: options by Python name, path values by their name in the path."""
    content: Content = JSONContent()
    """How the body is written."""
    security: tuple[tuple[str, ...], ...] | None = None
    """Which schemes a call needs: alternatives, each of schemes needed together; `None` for the service's own."""
    names_tenant: bool = True
    """Whether a call names its integrated account among the query options, where the service has such accounts."""

    @property
    def is_write(self) -> bool:
        """Whether the service may change data when it carries this operation out."""
        return self.method not in _READS


class Request(Value, Generic[T_co], frozen=True):
    """One call, ready to be sent: a value without secrets that can be looked at, logged, pickled and sent again."""

    _unshown: ClassVar[tuple[str, ...]] = ("query", "body", "continuation")

    operation: Operation[T_co]
    """What is called."""
    path: Mapping[str, PathValue] = {}
    """Path values by their names in the operation's path."""
    query: Mapping[str, object] = {}
    """Options by Python name: of the query, and those that go into headers and cookies."""
    body: object = None
    """Body by Python names; `None` sends no body."""
    continuation: str | None = None
    """Query string of a later page, as the service gave it; it is sent instead of the options of the query."""


class Response(Value, Generic[T_co], frozen=True):
    """The typed value of an answer with what stood around it."""

    _unshown: ClassVar[tuple[str, ...]] = ("headers",)

    value: T_co
    """What the call returns by itself."""
    status: int
    """HTTP status code."""
    headers: Headers
    """Headers of the answer."""
    deviations: tuple[Deviation, ...] = ()
    """Places of the answer that did not have the documented type."""
