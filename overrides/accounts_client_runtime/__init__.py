"""The runtime of generated API clients: requests, encoding, pages, retries, errors and decoding.

Users import the generated package, which hands these names on. What only packages of other documents need is imported
when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

from .budget import BudgetPolicy, BudgetUse, Limit, LimitUse
from .client import (
    AsyncClient,
    AsyncClientOptions,
    AsyncResource,
    AsyncToken,
    SyncClient,
    SyncClientOptions,
    SyncResource,
    SyncToken,
)
from .contents import JSONContent
from .coperniq import AsyncCoperniqClient, SyncCoperniqClient
from .debug import Debug
from .decoding import decode, to_json
from .deviations import deviation_report
from .errors import (
    AccountsClientError,
    Action,
    AmbiguousWriteError,
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    BudgetExhaustedError,
    ConfigurationError,
    ConflictError,
    ConnectError,
    CursorLoopError,
    DecodeError,
    Fault,
    InvalidRequestError,
    MethodNotAllowedError,
    NotFoundError,
    PermissionDeniedError,
    PreflightError,
    QueryEncodingError,
    RateLimitError,
    RequestTimeoutError,
    ServerError,
    UnprocessableError,
    classify,
)
from .fan_out import Failed, Outcome, Succeeded
from .pages import CursorPage, NumberPage, Page, PagedResult, Rejected
from .pagination import AsyncPager, Pager
from .query import encode_query
from .request import Deviation, Names, Operation, Reply, Request, Response, Result
from .results import Binary, ByStatus, FreeJSON, Nothing, One, PlainText, Typed, Wrapped
from .retry import RetryPolicy
from .schemes import Login
from .service import Service
from .shapes import Discriminator
from .truto import AsyncTrutoClient, SyncTrutoClient
from .types import JSON, Checkpoint, Headers, JSONInput, Method, QueryValue
from .version import VERSION

if TYPE_CHECKING:
    from .apis import AsyncAPIClient, SyncAPIClient
    from .contents import BinaryContent, File, FileInput, FormContent, MultipartContent, TextContent
    from .link_pages import LinkPage, URLPage
    from .nested_pages import NestedCursorPage, OffsetPage
    from .parameters import Parameter
    from .schemes import APIKey, BasicLogin, BearerToken
else:
    _LATER: Final = {
        "AsyncAPIClient": "apis",
        "SyncAPIClient": "apis",
        "BinaryContent": "contents",
        "File": "contents",
        "FileInput": "contents",
        "FormContent": "contents",
        "MultipartContent": "contents",
        "TextContent": "contents",
        "LinkPage": "link_pages",
        "URLPage": "link_pages",
        "NestedCursorPage": "nested_pages",
        "OffsetPage": "nested_pages",
        "Parameter": "parameters",
        "APIKey": "schemes",
        "BasicLogin": "schemes",
        "BearerToken": "schemes",
    }

    def __getattr__(name: str) -> object:
        """Import a module when one of its names is first used."""
        if name not in _LATER:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f".{_LATER[name]}", __name__), name)

    def __dir__() -> list[str]:
        return sorted({*globals(), *_LATER})


__all__ = [
    "JSON",
    "VERSION",
    "APIKey",
    "APIStatusError",
    "AccountsClientError",
    "Action",
    "AmbiguousWriteError",
    "AsyncAPIClient",
    "AsyncClient",
    "AsyncClientOptions",
    "AsyncCoperniqClient",
    "AsyncPager",
    "AsyncResource",
    "AsyncToken",
    "AsyncTrutoClient",
    "AuthenticationError",
    "BadRequestError",
    "BasicLogin",
    "BearerToken",
    "Binary",
    "BinaryContent",
    "BudgetExhaustedError",
    "BudgetPolicy",
    "BudgetUse",
    "ByStatus",
    "Checkpoint",
    "ConfigurationError",
    "ConflictError",
    "ConnectError",
    "CursorLoopError",
    "CursorPage",
    "Debug",
    "DecodeError",
    "Deviation",
    "Discriminator",
    "Failed",
    "Fault",
    "File",
    "FileInput",
    "FormContent",
    "FreeJSON",
    "Headers",
    "InvalidRequestError",
    "JSONContent",
    "JSONInput",
    "Limit",
    "LimitUse",
    "LinkPage",
    "Login",
    "Method",
    "MethodNotAllowedError",
    "MultipartContent",
    "Names",
    "NestedCursorPage",
    "NotFoundError",
    "Nothing",
    "NumberPage",
    "OffsetPage",
    "One",
    "Operation",
    "Outcome",
    "Page",
    "PagedResult",
    "Pager",
    "Parameter",
    "PermissionDeniedError",
    "PlainText",
    "PreflightError",
    "QueryEncodingError",
    "QueryValue",
    "RateLimitError",
    "Rejected",
    "Reply",
    "Request",
    "RequestTimeoutError",
    "Response",
    "Result",
    "RetryPolicy",
    "ServerError",
    "Service",
    "Succeeded",
    "SyncAPIClient",
    "SyncClient",
    "SyncClientOptions",
    "SyncCoperniqClient",
    "SyncResource",
    "SyncToken",
    "SyncTrutoClient",
    "TextContent",
    "Typed",
    "URLPage",
    "UnprocessableError",
    "Wrapped",
    "classify",
    "decode",
    "deviation_report",
    "encode_query",
    "to_json",
]
