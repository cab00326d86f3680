"""The runtime of generated API clients: requests, encoding, pages, retries, errors and decoding.

Users import the generated package, which hands these names on.
"""

from .budget import BudgetPolicy, BudgetUse, Limit, LimitUse
from .client import AsyncClient, AsyncResource, SyncClient, SyncResource
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
from .results import FreeJSON, Nothing, One, Wrapped
from .retry import RetryPolicy
from .service import Service
from .truto import AsyncTrutoClient, SyncTrutoClient
from .types import JSON, Checkpoint, Headers, JSONInput, Method, QueryValue
from .version import VERSION

__all__ = [
    "JSON",
    "VERSION",
    "APIStatusError",
    "AccountsClientError",
    "Action",
    "AmbiguousWriteError",
    "AsyncClient",
    "AsyncCoperniqClient",
    "AsyncPager",
    "AsyncResource",
    "AsyncTrutoClient",
    "AuthenticationError",
    "BadRequestError",
    "BudgetExhaustedError",
    "BudgetPolicy",
    "BudgetUse",
    "Checkpoint",
    "ConfigurationError",
    "ConflictError",
    "ConnectError",
    "CursorLoopError",
    "CursorPage",
    "Debug",
    "DecodeError",
    "Deviation",
    "Failed",
    "Fault",
    "FreeJSON",
    "Headers",
    "InvalidRequestError",
    "JSONInput",
    "Limit",
    "LimitUse",
    "Method",
    "MethodNotAllowedError",
    "Names",
    "NotFoundError",
    "Nothing",
    "NumberPage",
    "One",
    "Operation",
    "Outcome",
    "Page",
    "PagedResult",
    "Pager",
    "PermissionDeniedError",
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
    "SyncClient",
    "SyncCoperniqClient",
    "SyncResource",
    "SyncTrutoClient",
    "UnprocessableError",
    "Wrapped",
    "classify",
    "decode",
    "deviation_report",
    "encode_query",
    "to_json",
]
