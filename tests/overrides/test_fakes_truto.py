"""FakeTruto behaves as Truto is documented to, in process and over HTTP, for sync and async clients."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import httpx
import pytest

from accounts_client import (
    JSON,
    AuthenticationError,
    BadRequestError,
    CursorLoopError,
    MethodNotAllowedError,
    NotFoundError,
    PermissionDeniedError,
    QueryValue,
    RateLimitError,
    RetryPolicy,
    Truto,
    crm_accounts,
    crm_users,
)
from accounts_client.testing import FakeTruto

OTHER = "62f44730-dd91-461e-bd6a-aedd9e0ad79d"
ACCOUNTS = "/unified/crm/accounts"


@pytest.fixture
def fake() -> FakeTruto:
    return FakeTruto()


@pytest.fixture(params=["in process", "over HTTP"])
def truto(fake: FakeTruto, request: pytest.FixtureRequest) -> Iterator[Truto]:
    if request.param == "in process":
        yield fake.client()
        return
    with (
        fake.serve() as url,
        Truto(fake.token, integrated_account_id=fake.integrated_account_id, base_url=url) as client,
    ):
        yield client


def ask(
    fake: FakeTruto,
    path: str = ACCOUNTS,
    *,
    method: str = "GET",
    query: str | None = None,
    content: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> httpx.Response:
    """Send what the client would not send."""
    query = f"integrated_account_id={fake.integrated_account_id}" if query is None else query
    return fake.http_client().request(
        method,
        f"https://api.truto.one{path}?{query}",
        content=content,
        headers={"authorization": f"Bearer {fake.token}", **(headers or {})},
    )


def names(fake: FakeTruto, resource: str = "crm_accounts", account: str | None = None) -> list[JSON]:
    return [record["name"] for record in fake.account(account).records(resource)]


def test_a_record_is_created_read_changed_and_deleted(truto: Truto, fake: FakeTruto) -> None:
    created = truto.crm_accounts.create({"name": "Acme", "industry": "Solar", "owner": {"id": "7"}})
    assert created.owner == crm_accounts.Owner(id="7")
    assert truto.crm_accounts.get(created.id) == created

    changed = truto.crm_accounts.update(created.id, {"industry": None, "website": "https://acme.example"})
    assert (changed.name, changed.industry, changed.website) == ("Acme", None, "https://acme.example")
    assert changed.created_at == created.created_at
    assert changed.updated_at != created.updated_at
    assert fake.records("crm_accounts")[0]["industry"] is None

    truto.crm_accounts.delete(created.id)
    assert fake.records("crm_accounts") == []
    with pytest.raises(NotFoundError) as caught:
        truto.crm_accounts.get(created.id)
    assert caught.value.body == {
        "statusCode": 404,
        "error": "Not Found",
        "message": f"there is no record with the id {created.id}",
    }


@pytest.mark.parametrize("resource", ["crm_accounts", "crm_users", "ticketing_accounts"])
def test_every_category_has_its_own_records(fake: FakeTruto, resource: str) -> None:
    fake.add_samples(resource, 2)
    assert [len(fake.records(name)) for name in fake.resources] == [
        2 if name == resource else 0 for name in fake.resources
    ]


def test_all_categories_decode_without_deviation(fake: FakeTruto) -> None:
    for resource in fake.resources:
        fake.add_samples(resource, 3)
    truto = fake.client().with_options(strict=True)
    assert len(truto.crm_accounts.list().to_list()) == 3
    assert len(truto.crm_users.list().to_list()) == 3
    assert len(truto.ticketing_accounts.list().to_list()) == 3


def test_sample_records_fill_every_documented_field(fake: FakeTruto) -> None:
    (record,) = fake.add_samples("crm_accounts", 1)
    assert [name for name, value in record.items() if value is None] == []


def test_equal_seeds_give_equal_samples() -> None:
    first, second, third = (FakeTruto(seed=seed).add_samples("crm_accounts", 5) for seed in (1, 1, 2))
    assert first == second
    assert first != third


def test_an_undocumented_field_of_a_record_arrives_as_extra(fake: FakeTruto) -> None:
    fake.add("crm_accounts", {"id": "a", "score": 5, "created_at": datetime(2023, 5, 1, tzinfo=UTC)})
    account = fake.client().crm_accounts.get("a")
    assert account.extra == {"score": 5}
    assert account.created_at == datetime(2023, 5, 1, tzinfo=UTC)


def test_a_record_with_a_taken_id_and_an_unknown_resource_are_refused(fake: FakeTruto) -> None:
    fake.add("crm_accounts", {"id": "a"})
    with pytest.raises(ValueError, match="'a'"):
        fake.add("crm_accounts", {"id": "a"})
    with pytest.raises(KeyError, match="crm_accounts, crm_users, ticketing_accounts"):
        fake.add("accounts", {})


def test_changing_a_copy_of_the_records_changes_nothing(fake: FakeTruto) -> None:
    fake.add("crm_accounts", {"name": "Acme", "tags": [{"id": "1"}]})
    fake.records("crm_accounts")[0].clear()
    fake.add("crm_accounts", {"name": "Other"}).clear()
    assert names(fake) == ["Acme", "Other"]


def test_custom_fields_are_merged_and_other_objects_replaced(fake: FakeTruto) -> None:
    truto = fake.client()
    account = truto.crm_accounts.create({"custom_fields": {"a": 1, "b": 2}, "addresses": [{"city": "Bern"}]})
    account = truto.crm_accounts.update(account.id, {"custom_fields": {"b": None}, "addresses": [{"country": "CH"}]})
    assert account.custom_fields == {"a": 1, "b": None}
    assert account.addresses == [crm_accounts.Address(country="CH")]


def test_ids_may_hold_any_characters(fake: FakeTruto) -> None:
    strange = "a/b?c=d&ä:@%2F"
    fake.add("crm_accounts", {"id": strange, "name": "Strange"})
    assert fake.client().crm_accounts.get(strange).name == "Strange"
    assert fake.requests[-1].path_values == {"id": strange}


def test_the_provider_gets_what_the_unified_form_does_not_have(fake: FakeTruto) -> None:
    truto = fake.client()
    user = truto.crm_users.create({"email": "a@example.com", "first_name": "A", "remote_data": {"Title": "Dr"}})
    assert user.extra == {}
    assert user.remote_data is not None
    assert (user.remote_data["first_name"], user.remote_data["Title"]) == ("A", "Dr")
    changed = truto.crm_users.update(user.id, {"email": "b@example.com"})
    assert changed.remote_data is not None
    assert (changed.remote_data["email"], changed.remote_data["Title"]) == ("b@example.com", "Dr")


def test_remote_data_and_fields_can_be_left_out(truto: Truto, fake: FakeTruto) -> None:
    fake.add("crm_accounts", {"name": "Acme", "industry": "Solar"})
    (account,) = truto.crm_accounts.list(truto_ignore_remote_data=True, truto_exclude_fields=["industry"])
    assert (account.name, account.industry, account.remote_data) == ("Acme", None, None)
    account = truto.crm_accounts.get(account.id, truto_exclude_fields=["name"])
    assert (account.name, account.industry, account.remote_data is None) == (None, "Solar", False)


def test_raw_answers_are_the_providers(fake: FakeTruto) -> None:
    fake.add("crm_accounts", {"id": "a", "name": "Acme", "remote_data": {"Name": "ACME"}})
    raw = fake.client().send_raw(crm_accounts.get_account("a"))
    assert isinstance(raw, dict)
    assert raw["Name"] == "ACME"
    listed = fake.client().send_raw(crm_accounts.list_accounts())
    assert listed == {"data": [raw], "next": None}


def test_debug_answers_hold_the_unified_one(truto: Truto, fake: FakeTruto) -> None:
    fake.add_samples("crm_accounts", 3)
    debug = truto.send_debug(crm_accounts.list_accounts(limit=2))
    assert [account.id for account in debug.value.items] == ["1", "2"]
    assert (debug.next_cursor, debug.is_empty_result, debug.result_count) == (debug.value.next_cursor, False, 2)
    assert debug.request_options == {"method": "GET", "headers": {}, "body": None}


def test_a_stream_is_bytes(truto: Truto, fake: FakeTruto) -> None:
    fake.add("crm_accounts", {"id": "a", "remote_data": {"Name": "ACME"}})
    with truto.stream(crm_accounts.get_account("a")) as chunks:
        assert b'"Name":"ACME"' in b"".join(chunks)


def test_normalized_answers_and_unknown_formats(fake: FakeTruto) -> None:
    fake.add("crm_accounts", {"id": "a", "name": "Acme"})
    normalized = fake.client().send_normalized(crm_accounts.get_account("a"))
    assert isinstance(normalized, dict)
    assert normalized["name"] == "Acme"
    query = f"integrated_account_id={fake.integrated_account_id}&truto_response_format=xml"
    assert ask(fake, query=query).json()["details"]["failures"][0]["field"] == "truto_response_format"


def test_records_can_be_keyed(fake: FakeTruto) -> None:
    fake.add("crm_accounts", {"id": "a", "name": "Acme"})
    fake.add("crm_accounts", {"id": "b", "name": "Other"})
    truto = fake.client()
    assert [account.id for account in truto.crm_accounts.list(truto_key_by="name")] == ["a", "b"]
    query = f"integrated_account_id={fake.integrated_account_id}&truto_key_by=name"
    assert {key: record["id"] for key, record in ask(fake, query=query).json()["result"].items()} == {
        "Acme": "a",
        "Other": "b",
    }


@pytest.mark.parametrize("limit", [1, 4, 5, 6, 100])
def test_pages_hold_every_record_once(truto: Truto, fake: FakeTruto, limit: int) -> None:
    fake.add_samples("crm_accounts", 10)
    pages = list(truto.crm_accounts.list(limit=limit).pages())
    assert [account.id for page in pages for account in page.items] == [str(number) for number in range(1, 11)]
    assert len(pages) == -(-10 // limit)


def test_the_page_size_is_the_fakes_unless_the_request_says(fake: FakeTruto) -> None:
    small = FakeTruto(page_size=2)
    small.add_samples("crm_users", 5)
    assert [len(page.items) for page in small.client().crm_users.list().pages()] == [2, 2, 1]
    assert len(small.client().crm_users.list(limit=2, truto_ignore_limit=True).page().items) == 5


def test_the_envelope_has_all_documented_keys(fake: FakeTruto) -> None:
    fake.add_samples("crm_accounts", 3)
    query = f"integrated_account_id={fake.integrated_account_id}&limit=2"
    first = ask(fake, query=query).json()
    assert (first["result_count"], first["is_partial_response"], first["prev_cursor"]) == (2, False, None)
    second = ask(fake, query=f"{query}&next_cursor={first['next_cursor']}").json()
    assert (second["result_count"], second["next_cursor"]) == (1, None)
    back = ask(fake, query=f"{query}&next_cursor={second['prev_cursor']}").json()
    assert back["result"] == first["result"]
    assert ask(fake, query=f"{query}&next_cursor=").json() == first


def test_a_cursor_serves_its_own_listing_only(fake: FakeTruto) -> None:
    fake.add_account(OTHER).add_samples("crm_accounts", 5)
    fake.add_samples("crm_accounts", 5)
    fake.add_samples("crm_users", 5)
    truto = fake.client()
    cursor = truto.crm_accounts.list(limit=2).page().next_cursor
    assert cursor is not None
    assert [account.id for account in truto.crm_accounts.list(limit=3, next_cursor=cursor)] == ["3", "4", "5"]
    for refused in (
        truto.crm_accounts.list(limit=2, next_cursor=cursor, name="name 1"),
        truto.crm_accounts.list(limit=2, next_cursor=cursor, sort_by={"name": "asc"}),
        truto.account(OTHER).crm_accounts.list(limit=2, next_cursor=cursor),
        truto.crm_accounts.list(limit=2, next_cursor="made up"),
    ):
        with pytest.raises(BadRequestError, match="next_cursor"):
            refused.page()
    with pytest.raises(BadRequestError, match="next_cursor"):
        truto.crm_users.list(limit=2, next_cursor=cursor).page()


def test_cursors_can_expire(fake: FakeTruto) -> None:
    fake.add_samples("crm_accounts", 5)
    pager = fake.client().crm_accounts.list(limit=2)
    pages = pager.pages()
    next(pages)
    fake.expire_cursors()
    with pytest.raises(BadRequestError, match="expired"):
        next(pages)
    assert len(pager.to_list()) == 5


def test_an_empty_page_in_between_loses_nothing(truto: Truto, fake: FakeTruto) -> None:
    fake.add_samples("crm_accounts", 5)
    fake.empty_next_page(skip=1)
    pages = list(truto.crm_accounts.list(limit=2).pages())
    assert [len(page.items) for page in pages] == [2, 0, 2, 1]


def test_a_repeated_cursor_is_noticed_by_the_client(truto: Truto, fake: FakeTruto) -> None:
    fake.add_samples("crm_accounts", 9)
    fake.repeat_next_cursor()
    with pytest.raises(CursorLoopError):
        truto.crm_accounts.list(limit=2).to_list()


@pytest.mark.parametrize("limit", ["0", "-1", "ten", "1.5", "9" * 5000])
def test_a_limit_that_is_no_number_is_refused(fake: FakeTruto, limit: str) -> None:
    answer = ask(fake, query=f"integrated_account_id={fake.integrated_account_id}&limit={limit}")
    assert answer.status_code == 400
    assert answer.json()["details"]["failures"][0]["field"] == "limit"


@pytest.fixture
def companies(fake: FakeTruto) -> FakeTruto:
    for month, (name, employees, owner) in enumerate([("Beta", 5, "x"), ("Alpha", 50, "y"), ("Gamma", None, "x")], 1):
        fake.add(
            "crm_accounts",
            {
                "name": name,
                "number_of_employees": employees,
                "owner": {"id": owner},
                "tags": [{"name": "all"}, {"name": name.lower()}],
                "created_at": f"2024-0{month}-01T00:00:00Z",
            },
        )
    return fake


def test_filters_select_records(companies: FakeTruto) -> None:
    truto = companies.client()
    moment = datetime(2024, 2, 1, tzinfo=UTC)

    def found(**params: object) -> list[str | None]:
        request = crm_accounts.list_accounts()
        return [account.name for account in truto.send(type(request)(request.operation, query=params)).items]

    assert found(name="Alpha") == ["Alpha"]
    assert found(name="alpha") == []
    assert found(created_at=moment) == ["Alpha"]
    assert found(created_at={"gt": moment}) == ["Gamma"]
    assert found(created_at={"gte": moment}) == ["Alpha", "Gamma"]
    assert found(created_at={"lt": moment}) == ["Beta"]
    assert found(created_at={"lte": moment}) == ["Beta", "Alpha"]
    assert found(created_at={"gte": moment, "lt": "2024-03-01"}) == ["Alpha"]
    assert found(number_of_employees={"gt": 5}) == ["Alpha"]
    assert found(name={"in": "Alpha,Beta"}, number_of_employees={"eq": 5}) == ["Beta"]
    assert found(owner={"id": "x"}) == ["Beta", "Gamma"]
    assert found(tags={"name": "gamma"}) == ["Gamma"]
    assert found(name=["Alpha", "Gamma"]) == ["Alpha", "Gamma"]
    assert found(workspace={"id": "w"}) == ["Beta", "Alpha", "Gamma"]


def test_users_are_found_by_email_name_and_state(fake: FakeTruto) -> None:
    fake.add("crm_users", {"name": "A", "email": "a@example.com", "is_active": True})
    fake.add("crm_users", {"name": "B", "email": "b@example.com", "is_active": False})
    users = fake.client().crm_users
    assert [user.name for user in users.list(email="b@example.com")] == ["B"]
    assert [user.name for user in users.list(name="A", is_active=True)] == ["A"]
    assert [user.name for user in users.list(name="A", is_active=False)] == []


def test_an_unknown_operator_is_refused(companies: FakeTruto) -> None:
    query = f"integrated_account_id={companies.integrated_account_id}&created_at[after]=2024-01-01"
    assert "created_at" in ask(companies, query=query).json()["message"]


def test_sorting_puts_missing_values_last(companies: FakeTruto) -> None:
    accounts = companies.client().crm_accounts
    assert [account.name for account in accounts.list(sort_by={"name": "asc"})] == ["Alpha", "Beta", "Gamma"]
    assert [account.name for account in accounts.list(sort_by={"created_at": "desc"})] == ["Gamma", "Alpha", "Beta"]
    ascending, descending = (
        accounts.list(sort_by={"number_of_employees": direction}, limit=1) for direction in ("asc", "desc")
    )
    assert [account.name for account in ascending] == ["Beta", "Alpha", "Gamma"]
    assert [account.name for account in descending] == ["Alpha", "Beta", "Gamma"]


def test_the_first_sort_field_is_the_main_one(fake: FakeTruto) -> None:
    for name, industry in (("b", "x"), ("a", "y"), ("c", "x")):
        fake.add("crm_accounts", {"name": name, "description": industry})
    found = fake.client().crm_accounts.list(sort_by={"description": "asc", "name": "desc"})
    assert [account.name for account in found] == ["c", "b", "a"]


def test_a_malformed_order_is_refused(companies: FakeTruto) -> None:
    for order in ("sort_by=name", "sort_by[name]=up"):
        answer = ask(companies, query=f"integrated_account_id={companies.integrated_account_id}&{order}")
        assert (answer.status_code, "sort_by" in answer.json()["message"]) == (400, True)


@pytest.mark.parametrize(
    "authorization", ["Bearer wrong", "Basic fake-truto-token", "fake-truto-token", "bearer fake-truto-token ", ""]
)
def test_a_wrong_token_is_refused(fake: FakeTruto, authorization: str) -> None:
    answer = ask(fake, headers={"authorization": authorization})
    assert answer.status_code == 401
    assert answer.json() == {
        "statusCode": 401,
        "error": "Unauthorized",
        "message": "the token is missing, unknown or expired",
    }


def test_the_client_meets_a_wrong_token(fake: FakeTruto) -> None:
    stranger = Truto("wrong", integrated_account_id=fake.integrated_account_id, http_client=fake.http_client())
    with pytest.raises(AuthenticationError):
        stranger.crm_accounts.get("1")


def test_accounts_have_separate_data(truto: Truto, fake: FakeTruto) -> None:
    fake.add_account(OTHER)
    mine = truto.crm_accounts.create({"name": "mine"})
    other = truto.account(OTHER)
    theirs = other.crm_accounts.create({"name": "theirs"})
    assert mine.id == theirs.id
    assert other.crm_accounts.get(mine.id).name == "theirs"
    other.crm_accounts.delete(theirs.id)
    assert names(fake) == ["mine"]
    assert names(fake, account=OTHER) == []


def test_a_tenant_must_be_named_and_known(fake: FakeTruto) -> None:
    assert ask(fake, query="").json()["statusCode"] == 400
    assert ask(fake, query="integrated_account_id=").status_code == 400
    assert ask(fake, query="integrated_account_id=a&integrated_account_id=b").status_code == 400
    assert ask(fake, query=f"integrated_account_id={OTHER}").status_code == 404
    with pytest.raises(KeyError, match=fake.integrated_account_id):
        fake.account(OTHER)
    with pytest.raises(ValueError, match="there already"):
        fake.add_account(fake.integrated_account_id)


def test_an_integrated_account_token_implies_its_tenant_and_expires(fake: FakeTruto) -> None:
    fake.add_account(OTHER).add("crm_accounts", {"id": "a", "name": "theirs"})
    token = fake.issue_token(OTHER)
    truto = Truto(integrated_account_token=token, http_client=fake.http_client())
    assert truto.crm_accounts.get("a").name == "theirs"
    assert (fake.requests[-1].account, fake.requests[-1].query) == (OTHER, {})
    headers = {"authorization": f"Bearer {token}"}
    assert ask(fake, headers=headers).status_code == 403
    fake.clock.sleep(15 * 60)
    assert ask(fake, headers=headers, query="").status_code == 401


def test_a_callable_token_is_renewed_when_it_expires(fake: FakeTruto) -> None:
    fake.add("crm_accounts", {"id": "a"})
    truto = Truto(integrated_account_token=fake.issue_token, http_client=fake.http_client())
    truto.crm_accounts.get("a")
    fake.clock.sleep(15 * 60)
    assert truto.crm_accounts.get("a").id == "a"
    assert [request.status for request in fake.requests] == [200, 401, 200]


def test_a_sandbox_refuses_every_write(truto: Truto, fake: FakeTruto) -> None:
    fake.add_account(OTHER, is_sandbox=True).add("crm_accounts", {"id": "a"})
    sandbox = truto.account(OTHER).crm_accounts
    assert sandbox.get("a").id == "a"
    with pytest.raises(MethodNotAllowedError):
        sandbox.create({"name": "Acme"})
    with pytest.raises(MethodNotAllowedError):
        sandbox.update("a", {"name": "Acme"})
    with pytest.raises(MethodNotAllowedError):
        sandbox.delete("a")
    with pytest.raises(MethodNotAllowedError):
        sandbox.merge({"master_record": {"id": "a"}, "duplicate_records": [{"id": "b"}]})
    assert len(fake.account(OTHER).records("crm_accounts")) == 1


def test_too_many_requests_of_one_account_are_refused_until_the_time_is_over(fake: FakeTruto) -> None:
    fake.add_account(OTHER)
    fake.limit_rate(per_account=3, seconds=10)
    assert [ask(fake).status_code for _ in range(3)] == [200, 200, 200]
    refused = ask(fake)
    assert refused.status_code == 429
    assert refused.json()["error"] == "Too Many Requests"
    assert refused.headers["retry-after"] == "10"
    assert (refused.headers["ratelimit-limit"], refused.headers["ratelimit-remaining"]) == ("3;w=10", "0")
    assert ask(fake, query=f"integrated_account_id={OTHER}").headers["ratelimit-remaining"] == "2"
    fake.clock.sleep(10)
    assert ask(fake).status_code == 200


def test_the_token_has_a_limit_of_its_own(fake: FakeTruto) -> None:
    fake.add_account(OTHER)
    fake.limit_rate(per_account=2, per_token=3, seconds=10)
    accounts = (fake.integrated_account_id, fake.integrated_account_id, OTHER, OTHER)
    assert [ask(fake, query=f"integrated_account_id={name}").status_code for name in accounts] == [200, 200, 200, 429]


def test_a_client_waits_out_the_limit_on_the_fakes_clock(fake: FakeTruto) -> None:
    fake.add_samples("crm_accounts", 4)
    fake.limit_rate(per_account=1, seconds=10)
    before = fake.clock()
    assert len(fake.client(budget=None).crm_accounts.list(limit=2).to_list()) == 4
    assert fake.clock() - before == pytest.approx(10)
    with pytest.raises(RateLimitError) as caught:
        fake.client(budget=None, retry_policy=RetryPolicy(attempts=1)).crm_accounts.get("1")
    assert caught.value.retry_after == 10


def test_a_repeated_idempotency_key_gets_the_stored_answer(truto: Truto, fake: FakeTruto) -> None:
    first = truto.with_options(idempotency_key="k").crm_accounts.create({"name": "first"})
    again = truto.with_options(idempotency_key="k").crm_accounts.create({"name": "second"})
    assert again == first
    assert names(fake) == ["first"]
    assert [request.is_replay for request in fake.requests] == [False, True]


def test_an_idempotency_key_counts_for_its_path_and_account(fake: FakeTruto) -> None:
    fake.add_account(OTHER)
    truto = fake.client()
    account = truto.with_options(idempotency_key="k").crm_accounts.create({"name": "a"})
    truto.with_options(idempotency_key="k").crm_accounts.update(account.id, {"name": "b"})
    truto.with_options(idempotency_key="k").crm_users.create({"name": "c"})
    truto.account(OTHER).with_options(idempotency_key="k").crm_accounts.create({"name": "d"})
    assert [request.is_replay for request in fake.requests] == [False] * 4


def test_a_refused_write_is_carried_out_when_it_is_repeated(fake: FakeTruto) -> None:
    truto = fake.client()
    with pytest.raises(NotFoundError):
        truto.with_options(idempotency_key="k").crm_accounts.update("a", {"name": "b"})
    fake.add("crm_accounts", {"id": "a"})
    assert truto.with_options(idempotency_key="k").crm_accounts.update("a", {"name": "b"}).name == "b"


def test_a_key_is_not_stored_across_reads(fake: FakeTruto) -> None:
    headers = {"idempotency-key": "k"}
    assert ask(fake, headers=headers).json()["result"] == []
    fake.add_samples("crm_accounts", 1)
    assert len(ask(fake, headers=headers).json()["result"]) == 1


def test_merge_removes_the_duplicates_and_returns_the_master(truto: Truto, fake: FakeTruto) -> None:
    fake.add_samples("crm_accounts", 3)
    merged = truto.crm_accounts.merge({"master_record": {"id": "2"}, "duplicate_records": [{"id": "1"}, {"id": "3"}]})
    assert merged.id == "2"
    assert [record["id"] for record in fake.records("crm_accounts")] == ["2"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ('{"duplicate_records": [{"id": "2"}]}', 400),
        ('{"master_record": {"id": "1"}}', 400),
        ('{"master_record": {"id": "1"}, "duplicate_records": []}', 400),
        ('{"master_record": {"id": "1"}, "duplicate_records": [{"id": "1"}]}', 400),
        ('{"master_record": {"id": "1"}, "duplicate_records": [{"id": "2"}, {"id": "9"}]}', 404),
    ],
)
def test_a_wrong_merge_changes_nothing(fake: FakeTruto, body: str, status: int) -> None:
    fake.add_samples("crm_accounts", 2)
    assert ask(fake, f"{ACCOUNTS}/merge", method="POST", content=body).status_code == status
    assert len(fake.records("crm_accounts")) == 2


def test_several_records_are_deleted_at_once_or_none(truto: Truto, fake: FakeTruto) -> None:
    fake.add_samples("crm_accounts", 3)
    with pytest.raises(NotFoundError):
        truto.crm_accounts.batch_delete({"id": ["1", "9"]})
    assert len(fake.records("crm_accounts")) == 3
    assert truto.crm_accounts.batch_delete({"id": ["1", "3"]}).id == "1"
    assert [record["id"] for record in fake.records("crm_accounts")] == ["2"]


def test_custom_methods_can_be_added(truto: Truto, fake: FakeTruto) -> None:
    with pytest.raises(NotFoundError, match="archive"):
        truto.crm_users.call("archive", {"id": "1"})
    fake.add_method("crm_users", "archive", lambda body: {"archived": True, "sent": body})
    assert truto.crm_users.call("archive", {"id": "1"}) == {"result": {"archived": True, "sent": {"id": "1"}}}
    assert fake.requests[-1].operation == "crm_users.call"


def test_requests_are_recorded_typed(truto: Truto, fake: FakeTruto) -> None:
    remote: dict[str, QueryValue] = {
        "filter": {"status": ["open", "closed"]},
        "rows": [{"a": 1, "b": True}, {"a": 2}],
        "q": "a b&c=d",
    }
    truto.crm_accounts.list(limit=5, remote_query=remote, truto_exclude_fields=["tags"]).page()
    truto.crm_accounts.create({"name": "Ä", "created_at": datetime(2024, 1, 1, tzinfo=UTC)})
    read, write = fake.requests
    assert (read.method, read.path, read.operation, read.status) == ("GET", ACCOUNTS, "crm_accounts.list", 200)
    assert read.query == {
        "integrated_account_id": fake.integrated_account_id,
        "limit": "5",
        "remote_query": {
            "filter": {"status": ["open", "closed"]},
            "rows": [{"a": "1", "b": "true"}, {"a": "2"}],
            "q": "a b&c=d",
        },
        "truto_exclude_fields": ["tags"],
    }
    assert (read.body, read.account) == (None, fake.integrated_account_id)
    assert write.body == {"name": "Ä", "created_at": "2024-01-01T00:00:00Z"}
    assert write.headers["content-type"] == "application/json"
    assert "idempotency-key" in write.headers
    assert "authorization" not in write.headers
    assert fake.token not in repr(fake.requests)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/", 404), ("GET", "/unified/crm/leads", 404), ("PUT", ACCOUNTS, 405), ("DELETE", ACCOUNTS, 405)],
)
def test_an_unknown_path_or_method_gets_the_envelope(fake: FakeTruto, method: str, path: str, status: int) -> None:
    answer = ask(fake, path, method=method)
    assert (answer.status_code, answer.json()["statusCode"]) == (status, status)
    assert fake.requests[-1].operation == ""


@pytest.mark.parametrize("content", ["{", "[]", '"text"', "", '{"remote_data": 5}'])
def test_a_body_that_is_no_object_is_refused(fake: FakeTruto, content: str) -> None:
    answer = ask(fake, method="POST", content=content)
    assert (answer.status_code, answer.json()["error"]) == (400, "Bad Request")
    assert fake.records("crm_accounts") == []


def test_a_write_with_an_option_that_cannot_be_read_is_not_carried_out(fake: FakeTruto) -> None:
    query = f"integrated_account_id={fake.integrated_account_id}&truto_ignore_remote_data=perhaps"
    assert ask(fake, method="POST", query=query, content="{}").status_code == 400
    assert fake.records("crm_accounts") == []


@pytest.mark.parametrize("query", ["a[b=1", "[a]=1", "a=1&a[b]=2", "a[b][c][d][e][f][g]=1"])
def test_a_query_string_that_cannot_be_read_is_refused(fake: FakeTruto, query: str) -> None:
    answer = ask(fake, query=f"integrated_account_id={fake.integrated_account_id}&{query}")
    assert answer.status_code == 400


def test_tasks_share_one_fake(fake: FakeTruto) -> None:
    async def create_all() -> list[str]:
        async with fake.async_client() as truto:
            users = await asyncio.gather(*(truto.crm_users.create({"name": f"{n}"}) for n in range(30)))
            listed = [user.id async for user in truto.crm_users.list(limit=7)]
            assert sorted(listed) == sorted(user.id for user in users)
            return listed

    assert len(set(asyncio.run(create_all()))) == 30


def test_async_clients_meet_the_same_service(fake: FakeTruto) -> None:
    async def tour() -> None:
        truto = fake.async_client()
        user = await truto.crm_users.create({"name": "A"})
        changed = await truto.crm_users.update(user.id, {"name": None})
        assert (changed.name, await truto.crm_users.get(user.id)) == (None, changed)
        await truto.crm_users.delete(user.id)
        with pytest.raises(NotFoundError):
            await truto.crm_users.get(user.id)
        assert await truto.send_raw(crm_users.list_users()) == {"data": [], "next": None}

    asyncio.run(tour())


def test_threads_share_one_fake(truto: Truto, fake: FakeTruto) -> None:
    def create(number: int) -> str:
        return truto.crm_users.create({"name": f"{number}"}).id

    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(create, range(40)))
    assert sorted(ids, key=int) == [str(number) for number in range(1, 41)]
    assert sorted(str(record["id"]) for record in fake.records("crm_users")) == sorted(ids)
    assert len(fake.requests) == 40


def test_the_account_of_a_client_must_be_there(fake: FakeTruto) -> None:
    fake.add_account(OTHER).add("crm_accounts", {"id": "a"})
    assert fake.client(OTHER).crm_accounts.get("a").id == "a"
    with pytest.raises(KeyError, match="unknown"):
        fake.client("unknown")
    with pytest.raises(PermissionDeniedError):
        Truto(fake.issue_token(), integrated_account_id=OTHER, http_client=fake.http_client()).crm_accounts.get("a")
