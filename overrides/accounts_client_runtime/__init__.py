"""The runtime of generated API clients: requests, encoding, pages, retries, errors and decoding.

Users import the generated package, which hands these names on.
"""

from typing import TYPE_CHECKING

from .bodies import Content, JSONContent
from .budget import BudgetPolicy, BudgetUse, Limit, LimitUse
from .client import (
    AsyncClient,
    AsyncClientOptions,
    AsyncCredential,
    AsyncResource,
    AsyncToken,
    SyncClient,
    SyncClientOptions,
    SyncCredential,
    SyncResource,
    SyncToken,
)
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
from .pages import CursorPage, NumberPage, Page, PagedResult
from .pagination import AsyncPager, Pager
from .query import encode_query
from .records import Rejected
from .request import Deviation, Operation, Reply, Request, Response, Result
from .results import Binary, ByStatus, FreeJSON, Nothing, One, PlainText, Typed, Wrapped
from .retry import RetryPolicy
from .schemes import APIKey, BasicLogin, BearerToken, Login, Scheme
from .service import Service
from .shapes import Discriminator
from .truto import AsyncTrutoClient, SyncTrutoClient
from .types import JSON, Checkpoint, Headers, JSONInput, Method, Names, PathValue, QueryValue
from .version import VERSION

if TYPE_CHECKING:
    from .apis import AsyncAPIClient, SyncAPIClient
    from .contents import BinaryContent, File, FileInput, FormContent, MultipartContent, TextContent
    from .link_pages import LinkPage, URLPage
    from .nested_pages import NestedCursorPage, OffsetPage
    from .parameters import Parameter, Place, Style
else:
    _LATER = {
        "AsyncAPIClient": "apis",
        "BinaryContent": "contents",
        "File": "contents",
        "FileInput": "contents",
        "FormContent": "contents",
        "LinkPage": "link_pages",
        "MultipartContent": "contents",
        "NestedCursorPage": "nested_pages",
        "OffsetPage": "nested_pages",
        "Parameter": "parameters",
        "Place": "parameters",
        "Style": "parameters",
        "SyncAPIClient": "apis",
        "TextContent": "contents",
        "URLPage": "link_pages",
    }

    def __getattr__(name):
        """Import what only some services need when it is first used: that takes its time."""
        from importlib import import_module

        if name not in _LATER:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f".{_LATER[name]}", __name__), name)

    def __dir__():
        return sorted({*globals(), *__all__})


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
    "AsyncCredential",
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
    "Content",
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
    "PathValue",
    "PermissionDeniedError",
    "Place",
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
    "Scheme",
    "ServerError",
    "Service",
    "Style",
    "Succeeded",
    "SyncAPIClient",
    "SyncClient",
    "SyncClientOptions",
    "SyncCoperniqClient",
    "SyncCredential",
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
