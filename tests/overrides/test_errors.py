"""classify: every failure becomes a typed error that says whose fault it is, what helps, and survives a pickle."""

from __future__ import annotations

import copy
import json
import pickle
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final, assert_never

import pytest
from hypothesis import given
from hypothesis import strategies as st

import accounts_client_runtime
from accounts_client_runtime import (
    JSON,
    AccountsClientError,
    Action,
    AmbiguousWriteError,
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    Checkpoint,
    ConfigurationError,
    ConflictError,
    ConnectError,
    CursorLoopError,
    DecodeError,
    Fault,
    Headers,
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
    decode,
)
from accounts_client_runtime.errors import BudgetExhaustedError
from tests.overrides.models import Person, get_person

NOW: Final = datetime(2024, 5, 1, 12, tzinfo=UTC).timestamp()
DATE: Final = "Wed, 01 May 2024 12:00:00 GMT"

# One row a line of Truto's status table: status, whether the provider failed, then what the error says.
TRUTO: Final[tuple[tuple[int, bool, type[APIStatusError], Fault, Action], ...]] = (
    (400, False, BadRequestError, "caller", "fix_request"),
    (400, True, BadRequestError, "provider", "fix_request"),
    (401, False, AuthenticationError, "caller", "fix_request"),
    (401, True, AuthenticationError, "end_user", "reconnect"),
    (403, False, PermissionDeniedError, "caller", "fix_request"),
    (403, True, PermissionDeniedError, "end_user", "add_scopes"),
    (404, False, NotFoundError, "caller", "fix_request"),
    (404, True, NotFoundError, "provider", "fix_request"),
    (405, False, MethodNotAllowedError, "caller", "fix_request"),
    (408, False, APIStatusError, "gateway", "retry"),
    (408, True, APIStatusError, "provider", "retry"),
    (409, True, ConflictError, "provider", "fix_request"),
    (422, True, UnprocessableError, "provider", "fix_request"),
    (429, False, RateLimitError, "caller", "wait"),
    (429, True, RateLimitError, "provider", "wait"),
    (500, False, ServerError, "gateway", "retry"),
    (500, True, ServerError, "provider", "contact_support"),
    (502, False, ServerError, "gateway", "retry"),
    (502, True, ServerError, "provider", "retry"),
    (503, False, ServerError, "gateway", "contact_support"),
    (503, True, ServerError, "provider", "contact_support"),
    (504, False, ServerError, "gateway", "retry"),
    (504, True, ServerError, "provider", "retry"),
)

# The same for Coperniq, whose bodies hold a message, a code and perhaps a field.
COPERNIQ: Final[tuple[tuple[int, dict[str, JSON], type[APIStatusError], Fault, Action], ...]] = (
    (400, {"message": "Bad", "code": "VALIDATION_ERROR", "field": "title"}, BadRequestError, "caller", "fix_request"),
    (400, {"message": "Bad", "code": "INVALID_JSON"}, BadRequestError, "caller", "fix_request"),
    (400, {"message": "Bad", "code": "PREPROCESSING_ERROR"}, BadRequestError, "caller", "fix_request"),
    (401, {"message": "Who?", "code": "UNAUTHORIZED"}, AuthenticationError, "caller", "fix_request"),
    (401, {"error": "Who?"}, AuthenticationError, "caller", "fix_request"),
    (403, {"message": "Forbidden"}, PermissionDeniedError, "caller", "fix_request"),
    (404, {"message": "Gone", "code": "NOT_FOUND"}, NotFoundError, "caller", "fix_request"),
    (429, {"message": "Too Many Requests"}, RateLimitError, "caller", "wait"),
    (429, {"message": "Slow", "code": "RATE_LIMIT_EXCEEDED"}, RateLimitError, "caller", "wait"),
    (500, {"message": "Oh", "code": "INTERNAL_SERVER_ERROR"}, ServerError, "gateway", "retry"),
    (502, {"message": "Oh", "code": "BAD_GATEWAY"}, ServerError, "gateway", "retry"),
)


def classify_json(body: JSON, status: int = 400) -> APIStatusError:
    """Return the error for a JSON body."""
    return classify(status, {}, json.dumps(body).encode())


@pytest.mark.parametrize(("status", "is_remote", "error_type", "fault", "action"), TRUTO)
def test_each_status_of_truto(
    status: int, is_remote: bool, error_type: type[APIStatusError], fault: Fault, action: Action
) -> None:
    body: dict[str, JSON] = {"statusCode": status, "error": "Name", "message": "Said so"}
    if is_remote:
        body |= {"truto_is_remote_error": True, "raw_response": {"errors": [{"code": "x"}]}}
    error = classify(status, {"X-Request": "1"}, json.dumps(body).encode(), request=get_person())
    assert type(error) is error_type
    assert (error.status, error.fault, error.action) == (status, fault, action)
    assert error.body == body
    assert error.raw_response == ({"errors": [{"code": "x"}]} if is_remote else None)
    assert error.headers["x-request"] == "1"
    assert error.request == get_person()
    assert str(error).startswith(f"HTTP {status} to people.get: Said so. ")


@pytest.mark.parametrize(("status", "body", "error_type", "fault", "action"), COPERNIQ)
def test_each_status_of_coperniq(
    status: int, body: dict[str, JSON], error_type: type[APIStatusError], fault: Fault, action: Action
) -> None:
    error = classify_json(body, status)
    assert type(error) is error_type
    assert (error.status, error.fault, error.action) == (status, fault, action)
    assert error.body == body
    assert str(error).startswith(f"HTTP {status}: {body.get('message', body.get('error'))}")


@pytest.mark.parametrize(
    ("message", "field", "said"),
    [
        ("Bad", "title", "Bad (field title)."),
        ("Bad.", "title", "Bad (field title)."),
        ("No X.", "title", "No X (field title)."),
        ("Bad", "", "Bad."),
        ("Bad", 5, "Bad."),
        ("Bad", None, "Bad."),
    ],
)
def test_the_field_at_fault_is_said(message: str, field: JSON, said: str) -> None:
    error = classify_json({"message": message, "code": "VALIDATION_ERROR", "field": field})
    assert str(error) == f"HTTP 400: {said} Change the request before you send it again."


@pytest.mark.parametrize(
    ("status", "error_type", "fault"),
    [
        (302, APIStatusError, "gateway"),
        (304, APIStatusError, "gateway"),
        (418, APIStatusError, "caller"),
        (402, APIStatusError, "caller"),
        (520, ServerError, "gateway"),
        (599, ServerError, "gateway"),
        (999, ServerError, "gateway"),
    ],
)
def test_statuses_that_no_table_has(status: int, error_type: type[APIStatusError], fault: Fault) -> None:
    error = classify(status, {}, b"")
    assert type(error) is error_type
    assert error.fault == fault
    assert error.action == ("contact_support" if status < 400 else "retry" if status >= 500 else "fix_request")


def test_the_insight_names_what_is_missing() -> None:
    error = classify_json(
        {
            "message": "Incomplete",
            "truto_error_insight": {
                "missing_required_body_fields": {"description": "d", "value": ["name", "email"]},
                "missing_required_query_parameters": {"description": "d", "value": ["workspace", "region"]},
                "conditionally_required_body_fields": {"description": "d", "value": {"city": "if country"}},
                "rate_limit_error": {"description": "d"},
            },
        }
    )
    assert error.missing_fields == ("name", "email")
    assert error.missing_query_parameters == ("workspace", "region")
    assert error.missing_scopes == ()
    assert error.fault == "caller"
    assert str(error) == (
        "HTTP 400: Incomplete. Missing fields: name, email. Missing query parameters: workspace, region. "
        "Change the request before you send it again."
    )


@pytest.mark.parametrize("is_remote", [True, False])
def test_missing_scopes_are_the_end_users_to_add(is_remote: bool) -> None:
    error = classify_json(
        {
            "message": "Forbidden",
            "truto_is_remote_error": is_remote,
            "truto_error_insight": {"forbidden_error": {"description": "d", "value": {"missing_scopes": ["a", "b"]}}},
        },
        403,
    )
    assert (error.fault, error.action, error.missing_scopes) == ("end_user", "add_scopes", ("a", "b"))
    assert str(error) == "HTTP 403: Forbidden. Missing scopes: a, b. The connection needs more permissions."


ODD_INSIGHTS: Final[tuple[JSON, ...]] = (
    None,
    [],
    "x",
    {"missing_required_body_fields": None, "forbidden_error": [], "missing_required_query_parameters": 1},
    {"missing_required_body_fields": {"value": "name"}, "forbidden_error": {"value": ["a"]}},
    {"missing_required_body_fields": {"value": [1, None, {}]}, "forbidden_error": {"value": {"missing_scopes": 1}}},
    {"missing_required_body_fields": {}, "forbidden_error": {"value": {"missing_scopes": [1]}}},
)


@pytest.mark.parametrize("insight", ODD_INSIGHTS)
def test_an_odd_insight_is_left_alone(insight: JSON) -> None:
    error = classify_json({"message": "Bad", "truto_error_insight": insight})
    assert (error.missing_fields, error.missing_query_parameters, error.missing_scopes) == ((), (), ())
    assert error.fault == "caller"
    assert error.body == {"message": "Bad", "truto_error_insight": insight}


@pytest.mark.parametrize("flag", ["true", 1, None, [True]])
def test_only_true_marks_an_error_of_the_provider(flag: JSON) -> None:
    assert classify_json({"truto_is_remote_error": flag}, 500).fault == "gateway"


# Body, what is kept of it, and what the message says of it.
BODIES: Final[tuple[tuple[bytes, JSON, str], ...]] = (
    (b"", "", "empty body."),
    (b" \n", " \n", "empty body."),
    (
        b"<html>\n <h1>Bad\tGateway</h1></html>",
        "<html>\n <h1>Bad\tGateway</h1></html>",
        "<html> <h1>Bad Gateway</h1></html>.",
    ),
    (b'{"message": "cut', '{"message": "cut', '{"message": "cut.'),
    (b"\xff\xfe", "\ufffd\ufffd", "\ufffd\ufffd."),
    (b"null", None, "null."),
    (b'"Too bad!"', "Too bad!", "Too bad!"),
    (b'"Too bad."', "Too bad.", "Too bad."),
    (b'"Too bad?"', "Too bad?", "Too bad?"),
    (b"[1, {}]", [1, {}], "[1, {}]."),
    (b"{}", {}, "no message."),
    (b'{"message": "", "error": "Bad Request"}', {"message": "", "error": "Bad Request"}, "Bad Request."),
    (b'{"message": {"a": 1}}', {"message": {"a": 1}}, '{"a": 1}.'),
    (b'\xef\xbb\xbf{"message": "Hi."}', {"message": "Hi."}, "Hi."),
    (b'{"message": "a\\u001b[31m\\r\\nb\\u0000c\\ud800"}', {"message": "a\x1b[31m\r\nb\0c\ud800"}, "a�[31m b�c�."),
)


@pytest.mark.parametrize(("body", "parsed", "said"), BODIES)
def test_any_body_is_kept_and_said_in_one_line(body: bytes, parsed: JSON, said: str) -> None:
    error = classify(500, {}, body)
    assert error.body == parsed
    assert str(error) == f"HTTP 500: {said} It may succeed if you send it again."
    assert str(error).encode()


@pytest.mark.parametrize(
    ("raw", "said"), [("Quota gone", "Quota gone."), ({"errors": ["x"]}, '{"errors": ["x"]}.'), (None, "Bad Gateway.")]
)
def test_a_remote_error_without_a_message_says_what_the_provider_said(raw: JSON, said: str) -> None:
    body: JSON = {"message": "", "error": "Bad Gateway", "truto_is_remote_error": True, "raw_response": raw}
    assert str(classify_json(body, 502)).startswith(f"HTTP 502: {said} ")


@pytest.mark.parametrize(
    ("length", "said"), [(300, f"{'x' * 300}."), (301, f"{'x' * 300}…."), (9_999, f"{'x' * 300}….")]
)
def test_a_long_body_is_cut_in_the_message_only(length: int, said: str) -> None:
    error = classify(500, {}, b"x" * length)
    assert str(error) == f"HTTP 500: {said} It may succeed if you send it again."
    assert error.body == "x" * length


@pytest.mark.parametrize("form", ["%s", '{"message": %s}', '{"raw_response": %s}', '{"truto_error_insight": %s}'])
def test_a_deeply_nested_body_is_no_trouble(form: str) -> None:
    for depth in (100, *range(850, 1_000), 5_000, 100_000):
        error = classify(500, {}, (form % ("[" * depth + "]" * depth)).encode())
        assert type(error) is ServerError
        said = str(error).removeprefix("HTTP 500: ").removesuffix(" It may succeed if you send it again.")
        assert said[0] in '[{"' or said in ("no message.", "a body that is nested too deeply to be shown.")


@pytest.mark.parametrize(
    ("status", "is_remote", "advice"),
    [
        (400, False, "Change the request before you send it again."),
        (429, False, "Wait before you send it again."),
        (401, True, "The end user has to connect the account again."),
        (403, True, "The connection needs more permissions."),
        (503, False, "Sending it again will not help; ask the service's support."),
        (500, False, "It may succeed if you send it again."),
    ],
)
def test_each_action_has_its_advice(status: int, is_remote: bool, advice: str) -> None:
    error = classify_json({"message": "Said so", "truto_is_remote_error": is_remote}, status)
    assert str(error) == f"HTTP {status}: Said so. {advice}"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("10", 10.0),
        (" 10 ", 10.0),
        ("0", 0.0),
        ("1.5", 1.5),
        ("007", 7.0),
        ("9" * 5_000, float("inf")),
        ("Wed, 01 May 2024 12:00:30 GMT", 30.0),
        ("Wed, 01 May 2024 11:00:00 GMT", 0.0),
        ("Wed, 01 May 2024 14:00:05 +0200", 5.0),
        ("Wed, 01 May 2024 12:00:05 -0000", 5.0),
        ("Wed, 01 May 2024 12:00:05", 5.0),
        ("Wednesday, 01-May-24 12:00:05 GMT", 5.0),
        ("Wed May  1 12:00:05 2024", 5.0),
        ("", None),
        ("-10", None),
        ("+10", None),
        ("1e3", None),
        ("10 s", None),
        ("10, 20", None),
        ("nan", None),
        ("inf", None),
        ("٣", None),
        ("1.", None),
        ("soon", None),
        ("Wed, 99 May 2024 12:00:00 GMT", None),
        ("Wed, 01 May 99999 12:00:00 GMT", None),
    ],
)
def test_retry_after_in_each_form(text: str, seconds: float | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    assert classify(429, {"Retry-After": text}, b"", now=NOW).retry_after == seconds
    # Without a given moment the answer's own date counts, so that a wrong clock does not.
    assert classify(429, {"retry-after": text, "date": DATE}, b"").retry_after == seconds


@pytest.fixture(autouse=True)
def _usual_time_zone() -> Iterator[None]:
    yield
    time.tzset()


def test_a_retry_after_date_is_measured_by_the_clock_if_there_is_no_date() -> None:
    for headers in ({}, {"date": "today"}):
        error = classify(429, {"retry-after": "Wed, 01 May 2024 12:00:00 GMT", **headers}, b"")
        assert error.retry_after == 0.0


def test_headers_ignore_the_case_of_names_and_join_repeated_ones() -> None:
    headers = Headers([("X-A", "1"), ("x-a", "2"), ("B", "3")])
    assert headers["X-a"] == "1, 2"
    assert "b" in headers
    assert object() not in headers
    assert dict(headers) == {"x-a": "1, 2", "b": "3"}
    assert len(headers) == 2
    assert headers == Headers({"x-A": "1, 2", "b": "3"})
    assert pickle.loads(pickle.dumps(headers)) == copy.deepcopy(headers) == headers
    assert repr(headers) == "Headers({'x-a': '1, 2', 'b': '3'})"


HEADER_NAMES: Final = st.sampled_from(["retry-after", "date", "x-ratelimit-remaining", "content-type"]) | st.text()
INSIGHTS: Final[st.SearchStrategy[object]] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["\ud800"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("message", "error", "field", "code", "raw_response", "value", "missing_scopes"),
                    *("truto_is_remote_error", "truto_error_insight", "forbidden_error"),
                    *("missing_required_body_fields", "missing_required_query_parameters"),
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=10,
)


@given(
    st.integers(100, 999),
    st.dictionaries(HEADER_NAMES, st.text(), max_size=3),
    st.binary() | INSIGHTS.map(lambda body: json.dumps(body).encode()),
)
def test_any_answer_gives_an_error_of_ours(status: int, headers: Mapping[str, str], body: bytes) -> None:
    error = classify(status, headers, body)
    assert isinstance(error, APIStatusError)
    assert error.status == status
    assert advise(error)
    assert error.retry_after is None or error.retry_after >= 0
    assert str(error).isprintable()
    assert str(error).encode()
    assert repr(pickle.loads(pickle.dumps(error)).__dict__) == repr(error.__dict__)


def advise(error: APIStatusError) -> str:
    """Say whose turn it is; the checkers prove that no case is missing."""
    fault, action = error.fault, error.action
    match fault:
        case "caller":
            turn = "mine"
        case "gateway":
            turn = "the service's"
        case "provider":
            turn = "the provider's"
        case "end_user":
            turn = "the user's"
        case _:
            assert_never(fault)
    match action:
        case "fix_request" | "wait" | "retry":
            return f"{turn}, by code"
        case "reconnect" | "add_scopes" | "contact_support":
            return f"{turn}, by hand"
        case _:
            assert_never(action)


CHECKPOINT: Final = Checkpoint(
    version=1, tenant="t", operation="people.list", filters="f", cursor="c", consumed=3, pages=0, anchor=""
)
INSTANCES: Final[tuple[AccountsClientError, ...]] = (
    AccountsClientError("said"),
    ConfigurationError("said"),
    InvalidRequestError("said"),
    QueryEncodingError("remote_query[a]", "is empty"),
    PreflightError("said", integration="HubSpot", findings=()),
    ConnectError("said", sent=True),
    RequestTimeoutError("said", sent=False),
    AmbiguousWriteError("said"),
    BudgetExhaustedError("said", retry_after=5.0),
    DecodeError("said", path="a.b", expected="string", raw={"a": 1}),
    CursorLoopError("said", cursor="c"),
    *(
        error_type(
            "said",
            status=499,
            headers=Headers({"a": "b"}),
            body={"a": [1]},
            fault="provider",
            action="wait",
            retry_after=1.5,
            raw_response="raw",
            missing_fields=("a",),
            missing_query_parameters=("b",),
            missing_scopes=("c",),
        )
        for error_type in (
            *(APIStatusError, BadRequestError, AuthenticationError, PermissionDeniedError, NotFoundError),
            *(MethodNotAllowedError, ConflictError, UnprocessableError, RateLimitError, ServerError),
        )
    ),
)


@pytest.mark.parametrize("error", INSTANCES, ids=lambda error: type(error).__name__)
def test_errors_pickle_and_copy_with_everything_on_them(error: AccountsClientError) -> None:
    said, error = error.args, copy.copy(error)
    error.request, error.checkpoint = get_person("7"), CHECKPOINT
    error.add_note("while syncing")
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(twin) is type(error)
        assert twin.args == error.args == said
        assert twin.__dict__ == error.__dict__
        assert twin.request == get_person("7")
        assert twin.checkpoint == CHECKPOINT
        assert str(twin) == str(error)
    other = copy.copy(error)
    other.checkpoint = None
    assert error.checkpoint == CHECKPOINT


def test_errors_show_what_they_were_made_with() -> None:
    budget = BudgetExhaustedError("spent", retry_after=5.0)
    assert (str(budget), budget.retry_after) == ("spent", 5.0)
    for sent in (True, False):
        broken, silent = ConnectError("broke", sent=sent), RequestTimeoutError("slow", sent=sent)
        assert (str(broken), broken.sent) == ("broke", sent)
        assert (str(silent), silent.sent) == ("slow", sent)
    decoding = DecodeError("odd", path="a.b", expected="string", raw={"a": 1})
    assert (str(decoding), decoding.path, decoding.expected, decoding.raw) == ("odd", "a.b", "string", {"a": 1})
    plain = DecodeError("odd")
    assert (plain.path, plain.expected, plain.raw) == ("", "", None)
    loop = CursorLoopError("round", cursor="c")
    assert (str(loop), loop.cursor) == ("round", "c")
    query = QueryEncodingError("a[b]", "is empty")
    assert (str(query), query.path, query.reason) == ("a[b]: is empty", "a[b]", "is empty")


def test_the_table_of_instances_has_every_error() -> None:
    pending: list[type[AccountsClientError]] = [AccountsClientError]
    every: set[type[AccountsClientError]] = set()
    while pending:
        error_type = pending.pop()
        every.add(error_type)
        pending += error_type.__subclasses__()
    assert {type(error) for error in INSTANCES} == every
    assert {error_type.__name__ for error_type in every} <= set(accounts_client_runtime.__all__)


def test_configuration_and_request_errors_are_value_errors() -> None:
    assert isinstance(ConfigurationError(""), ValueError)
    assert isinstance(QueryEncodingError("a", "b"), ValueError)


@pytest.mark.parametrize("place", ["\ud800", "\x1b[31m", "a\nb"])
def test_the_message_of_a_decode_error_can_be_printed_wherever_it_points(place: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(Person, {"id": "7", "counts": {place: "1"}}, strict=True)
    assert caught.value.path == f"counts.{place}"
    assert str(caught.value).isprintable()
