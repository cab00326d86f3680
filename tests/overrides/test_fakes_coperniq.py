"""FakeCoperniq behaves as Coperniq is documented to, in process and over HTTP, for sync and async clients."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator

import httpx
import pytest

from accounts_client import (
    AuthenticationError,
    BadRequestError,
    Coperniq,
    NotFoundError,
    RateLimitError,
    RetryPolicy,
    coperniq_accounts,
)
from accounts_client.testing import FakeCoperniq

RESOURCE = "coperniq_accounts"


@pytest.fixture
def fake() -> FakeCoperniq:
    return FakeCoperniq()


@pytest.fixture(params=["in process", "over HTTP"])
def coperniq(fake: FakeCoperniq, request: pytest.FixtureRequest) -> Iterator[Coperniq]:
    if request.param == "in process":
        yield fake.client()
        return
    with fake.serve() as url, Coperniq(fake.api_key, base_url=url) as client:
        yield client


def ask(
    fake: FakeCoperniq,
    path: str = "accounts",
    *,
    method: str = "GET",
    content: str | None = None,
    key: str | None = None,
) -> httpx.Response:
    """Send what the client would not send."""
    headers = {"x-api-key": fake.api_key if key is None else key}
    return fake.http_client().request(method, f"https://api.coperniq.io/v1/{path}", headers=headers, content=content)


def titles(accounts: Iterable[coperniq_accounts.Account]) -> list[str | None]:
    return [account.title for account in accounts]


def test_a_record_is_created_read_changed_and_deleted(coperniq: Coperniq, fake: FakeCoperniq) -> None:
    created = coperniq.accounts.create({"title": "Acme", "address": ["1 Main St"], "account_type": "COMMERCIAL"})
    assert (created.id, created.number, created.is_active, created.account_type) == (1, 1, True, "COMMERCIAL")
    assert fake.requests[-1].status == 201
    assert coperniq.accounts.get(created.id) == created

    changed = coperniq.accounts.update(created.id, {"description": "Roofs", "account_type": None})
    assert (changed.title, changed.description, changed.account_type) == ("Acme", "Roofs", None)
    assert changed.updated_at != created.updated_at

    coperniq.accounts.delete(created.id)
    assert fake.records(RESOURCE) == []
    with pytest.raises(NotFoundError) as caught:
        coperniq.accounts.get(created.id)
    assert caught.value.body == {"message": "there is no record with the id 1", "code": "NOT_FOUND"}


def test_samples_decode_without_deviation(fake: FakeCoperniq) -> None:
    fake.add_samples(RESOURCE, 3)
    accounts = fake.client().with_options(strict=True).accounts.list(include_contacts=True).to_list()
    assert [account.id for account in accounts] == [1, 2, 3]
    assert [account.contacts and account.contacts[0].phones for account in accounts] == [
        [f"phones {n}"] for n in (1, 2, 3)
    ]


def test_null_clears_fields_and_custom_properties(coperniq: Coperniq, fake: FakeCoperniq) -> None:
    account = coperniq.accounts.create(
        {"title": "Acme", "address": ["1"], "primary_email": "a@example.com", "custom": {"roof": "flat", "size": 5}}
    )
    changed = coperniq.accounts.update(
        account.id, {"primary_email": None, "description": None, "custom": {"roof": None, "color": "red"}}
    )
    assert (changed.primary_email, changed.custom) == (None, {"size": 5, "color": "red"})
    assert fake.records(RESOURCE)[0]["custom"] == {"size": 5, "color": "red"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ('{"description": "new", "title": null}', "title"),
        ('{"description": "new", "isActive": "yes"}', "isActive"),
        ('{"description": "new", "accountType": "PRIVATE"}', "accountType"),
        ('{"description": "new", "address": "1 Main St"}', "address"),
        ('{"description": "new", "custom": []}', "custom"),
        ('{"description": "new", "contacts": ["7"]}', "contacts"),
    ],
)
def test_an_update_changes_all_fields_or_none(fake: FakeCoperniq, body: str, field: str) -> None:
    before = fake.add(RESOURCE, {"title": "Acme", "description": "old"})
    answer = ask(fake, "accounts/1", method="PATCH", content=body)
    assert answer.status_code == 400
    assert answer.json() == {
        "message": f"{field} is missing or not of the documented type",
        "code": "VALIDATION_ERROR",
        "field": field,
    }
    assert fake.records(RESOURCE) == [before]


def test_read_only_fields_are_left_alone(fake: FakeCoperniq) -> None:
    before = fake.add(RESOURCE, {"title": "Acme"})
    changed = fake.client().accounts.update(
        1, {"id": 9, "number": 9, "created_at": "1999-01-01T00:00:00Z", "title": "B"}
    )
    assert (changed.id, changed.number, changed.title) == (1, None, "B")
    assert fake.records(RESOURCE)[0]["createdAt"] == before["createdAt"]


@pytest.mark.parametrize(("body", "field"), [('{"address": ["1"]}', "title"), ('{"title": "Acme"}', "address")])
def test_required_fields_are_missed_on_create(fake: FakeCoperniq, body: str, field: str) -> None:
    answer = ask(fake, method="POST", content=body)
    assert (answer.status_code, answer.json()["field"]) == (400, field)


def test_a_body_that_is_not_json_is_refused(fake: FakeCoperniq) -> None:
    assert ask(fake, method="POST", content="{").json()["code"] == "INVALID_JSON"
    assert ask(fake, method="POST", content="[]").json()["code"] == "VALIDATION_ERROR"


def test_an_object_for_a_contact_counts_by_its_id(fake: FakeCoperniq) -> None:
    fake.add(RESOURCE, {"title": "Acme"})
    changed = fake.client().accounts.update(1, {"contacts": [7, {"id": 7, "name": "Ada"}, {"name": "Bob"}]})
    assert changed.contacts == [coperniq_accounts.Contact(id=number, emails=[], phones=[]) for number in (7, 7, 8)]
    assert fake.client().with_options(strict=True).accounts.get(1, include_contacts=True) == changed


def test_contacts_are_shown_on_demand(fake: FakeCoperniq) -> None:
    accounts = fake.client().accounts
    created = accounts.create({"title": "Acme", "address": ["1"], "contacts": [7]})
    expected = [coperniq_accounts.Contact(id=7, emails=[], phones=[])]
    assert created.contacts == expected
    assert accounts.get(created.id).contacts is None
    assert accounts.get(created.id, include_contacts=True).contacts == expected
    assert [account.contacts for account in accounts.list()] == [None]
    assert [account.contacts for account in accounts.list(include_contacts=True)] == [expected]


def test_a_primary_contact_is_made_once(fake: FakeCoperniq) -> None:
    accounts = fake.client().accounts
    first = accounts.create({"title": "a", "address": ["1"], "primary_email": "a@example.com", "primary_phone": "5"})
    second = accounts.create({"title": "b", "address": ["1"], "primary_email": "a@example.com"})
    third = accounts.create({"title": "c", "address": ["1"], "primary_phone": "6"})
    assert (
        first.contacts == second.contacts == [coperniq_accounts.Contact(id=1, emails=["a@example.com"], phones=["5"])]
    )
    assert third.contacts == [coperniq_accounts.Contact(id=2, emails=[], phones=["6"])]


def test_an_account_with_the_title_is_returned_as_it_is(coperniq: Coperniq, fake: FakeCoperniq) -> None:
    first = coperniq.accounts.create({"title": "Acme", "address": ["1"], "description": "old"})
    again = coperniq.accounts.create({"title": "Acme", "address": ["2"], "description": "new"})
    assert (again.id, again.description, again.address) == (first.id, "old", ["1"])
    assert fake.requests[-1].status == 200
    assert len(fake.records(RESOURCE)) == 1


def test_a_match_can_be_replaced_or_enriched(fake: FakeCoperniq) -> None:
    accounts = fake.client().accounts
    first = accounts.create({"title": "Acme", "address": ["1"], "description": "old", "custom": {"a": 1}})
    enriched = accounts.create(
        {"title": "Acme", "address": ["2"], "primary_phone": "5", "description": "new", "custom": {"a": 2, "b": 2}},
        match_found_strategy="enrich",
    )
    assert (enriched.id, enriched.address, enriched.primary_phone) == (first.id, ["1"], "5")
    assert (enriched.description, enriched.custom) == ("old", {"a": 1, "b": 2})
    replaced = accounts.create(
        {"title": "Acme", "address": ["2"], "description": "new", "custom": {"a": 3}}, match_found_strategy="replace"
    )
    assert (replaced.id, replaced.address, replaced.description, replaced.primary_phone) == (
        first.id,
        ["2"],
        "new",
        "5",
    )
    assert len(fake.records(RESOURCE)) == 1


def test_matching_looks_at_the_field_it_is_told(fake: FakeCoperniq) -> None:
    accounts = fake.client().accounts
    first = accounts.create({"title": "a", "address": ["1"], "primary_email": "a@example.com"})
    by_email = accounts.create(
        {"title": "b", "address": ["2"], "primary_email": "a@example.com"}, match_by="primaryEmail"
    )
    by_address = accounts.create({"title": "c", "address": ["1"]}, match_by="address")
    other = accounts.create({"title": "a", "address": ["3"]}, match_by="primaryEmail")
    assert (by_email.id, by_address.id, other.id) == (first.id, first.id, 2)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("match_by=description", "match_by"),
        ("match_found_strategy=merge", "match_found_strategy"),
        ("allow_new_options=1", "allow_new_options"),
    ],
)
def test_unknown_values_of_options_are_refused(fake: FakeCoperniq, query: str, field: str) -> None:
    answer = ask(fake, f"accounts?{query}", method="POST", content='{"title": "a", "address": ["1"]}')
    assert (answer.status_code, answer.json()["field"]) == (400, field)


def test_archived_accounts_are_hidden(fake: FakeCoperniq) -> None:
    fake.add(RESOURCE, {"title": "open"})
    fake.add(RESOURCE, {"title": "archived", "isActive": False})
    accounts = fake.client().accounts
    assert [account.title for account in accounts.list()] == ["open"]
    assert [account.title for account in accounts.list(include_archived=True)] == ["open", "archived"]
    assert accounts.search(prop1="title", op1="eq", value1="archived").to_list() == []
    with pytest.raises(NotFoundError):
        accounts.get(2)
    assert accounts.get(2, include_archived=True).title == "archived"
    assert accounts.update(2, {"is_active": True}).is_active is True
    assert accounts.get(2).title == "archived"


@pytest.mark.parametrize("size", [1, 4, 5, 10, 100])
def test_pages_hold_every_record_once(coperniq: Coperniq, fake: FakeCoperniq, size: int) -> None:
    fake.add_samples(RESOURCE, 10)
    assert [account.id for account in coperniq.accounts.list(page_size=size)] == list(range(1, 11))
    assert len(fake.requests) == 10 // size + 1


def test_a_page_holds_twenty_records_by_default(fake: FakeCoperniq) -> None:
    fake.add_samples(RESOURCE, 45)
    assert [len(page.items) for page in fake.client().accounts.list().pages()] == [20, 20, 5]
    assert fake.client().accounts.list(order_by="desc", page=3).page().items[-1].id == 1


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("page_size=0", "page_size"),
        ("page_size=101", "page_size"),
        ("page_size=ten", "page_size"),
        ("page=0", "page"),
        ("order_by=up", "order_by"),
        ("updated_after=yesterday", "updated_after"),
        ("include_archived=yes", "include_archived"),
    ],
)
def test_options_out_of_range_are_refused(fake: FakeCoperniq, query: str, field: str) -> None:
    answer = ask(fake, f"accounts?{query}")
    assert answer.status_code == 400
    assert (answer.json()["code"], answer.json()["field"]) == ("VALIDATION_ERROR", field)


def test_listings_filter_by_text_and_time(fake: FakeCoperniq) -> None:
    fake.add(RESOURCE, {"title": "Acme", "address": ["1 Main St"], "updatedAt": "2024-01-01T00:00:00Z"})
    fake.add(RESOURCE, {"title": "Other", "primaryEmail": "main@example.com", "updatedAt": "2024-02-01T00:00:00Z"})
    accounts = fake.client().accounts
    assert titles(accounts.list(title="ACM")) == ["Acme"]
    assert titles(accounts.list(address="main")) == ["Acme"]
    assert titles(accounts.list(primary_email="main@")) == ["Other"]
    assert titles(accounts.list(q="main")) == ["Acme", "Other"]
    assert titles(accounts.list(updated_after="2024-01-01T00:00:00Z")) == ["Other"]
    assert titles(accounts.list(updated_before="2024-01-15")) == ["Acme"]


@pytest.fixture
def catalog(fake: FakeCoperniq) -> FakeCoperniq:
    for title, kind, size, moment in (
        ("Last, First", "RESIDENTIAL", 5, "2024-01-01T00:00:00Z"),
        ("Other", "COMMERCIAL", "40", "2024-02-01T00:00:00Z"),
        ('Say "hi"', "COMMERCIAL", None, "2024-03-01T00:00:00Z"),
    ):
        fake.add(
            RESOURCE,
            {
                "title": title,
                "accountType": kind,
                "address": [f"{title} St"],
                "custom": {"size": size},
                "createdAt": moment,
            },
        )
    return fake


@pytest.mark.parametrize(
    ("prop", "operator", "value", "expected"),
    [
        ("title", "eq", "Other", [2]),
        ("title", "eq", "other", []),
        ("title", "neq", "Other", [1, 3]),
        ("title", "contains", "OTHER", [2]),
        ("address", "contains", "first st", [1]),
        ("title", "in", "Other,Nobody", [2]),
        ("title", "in", '"Last, First",Other', [1, 2]),
        ("title", "in", 'Other, "Last, First"', [1, 2]),
        ("title", "in", '["Last, First", "Say \\"hi\\""]', [1, 3]),
        ("title", "nin", '["Last, First","Other"]', [3]),
        ("accountId", "eq", "2", [2]),
        ("id", "gt", "1", [2, 3]),
        ("id", "in", "[1,3]", [1, 3]),
        ("createdAt", "gte", "2024-02-01", [2, 3]),
        ("createdAt", "lt", "2024-02-01T01:00:00+01:00", [1]),
        ("createdAt", "between", "2024-01-15,2024-02-15", [2]),
        ("createdAt", "lte", "2024-02-01", [1, 2]),
        ("isActive", "eq", "true", []),
        ("size", "eq", "5", [1]),
        ("size", "eq", "40.0", [2]),
        ("size", "eq", "40", [2]),
        ("size", "gt", "5", [2]),
        ("size", "between", "4,41", [1, 2]),
        ("size", "in", "5,40", [1, 2]),
        ("size", "neq", "5", [2, 3]),
        ("color", "eq", "red", []),
        ("color", "neq", "red", [1, 2, 3]),
    ],
)
def test_search_operators(catalog: FakeCoperniq, prop: str, operator: str, value: str, expected: list[int]) -> None:
    found = catalog.client().accounts.search(prop1=prop, op1=operator, value1=value)
    assert [account.id for account in found] == expected


def test_two_conditions_are_joined(coperniq: Coperniq, catalog: FakeCoperniq) -> None:
    def found(**logic: str) -> list[int]:
        search = coperniq.with_options(extra_query=logic).accounts.search(
            prop1="accountType", op1="eq", value1="COMMERCIAL", prop2="title", op2="contains", value2="other"
        )
        return [account.id for account in search]

    assert found() == found(logic="and") == [2]
    assert found(logic="or") == [2, 3]


def test_search_has_pages_and_an_order(catalog: FakeCoperniq) -> None:
    search = catalog.client().accounts.search(prop1="id", op1="gt", value1="0", page_size=2, order_by="desc")
    assert [[account.id for account in page.items] for page in search.pages()] == [[3, 2], [1]]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("op1=eq&value1=a", "prop1"),
        ("prop1=title&value1=a", "op1"),
        ("prop1=title&op1=eq", "value1"),
        ("prop1=title&op1=like&value1=a", "op1"),
        ("prop1=title&op1=in&value1=[a", "value1"),
        ("prop1=title&op1=between&value1=a", "value1"),
        ("prop1=title&op1=eq&value1=a&prop2=title", "op2"),
        ("prop1=title&op1=eq&value1=a&prop2=title&op2=eq&value2=b&logic=xor", "logic"),
    ],
)
def test_a_search_that_cannot_be_read_is_refused(catalog: FakeCoperniq, query: str, field: str) -> None:
    answer = ask(catalog, f"accounts/search?{query}")
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (400, "VALIDATION_ERROR", field)


def test_a_wrong_key_is_refused(fake: FakeCoperniq) -> None:
    answer = ask(fake, key="wrong")
    assert answer.json() == {"message": "the API key is missing or unknown", "code": "UNAUTHORIZED"}
    assert "x-ratelimit-limit" not in answer.headers
    with pytest.raises(AuthenticationError):
        Coperniq("wrong", http_client=fake.http_client()).accounts.get(1)
    assert "x-api-key" not in fake.requests[-1].headers


def test_every_answer_tells_the_limit_of_the_day(fake: FakeCoperniq) -> None:
    answers = [ask(fake), ask(fake, "accounts/9"), ask(fake, "nowhere"), ask(fake, method="POST", content="{")]
    assert [answer.status_code for answer in answers] == [200, 404, 404, 400]
    assert [answer.headers["x-ratelimit-limit"] for answer in answers] == ["5000"] * 4
    assert [answer.headers["x-ratelimit-remaining"] for answer in answers] == ["4999", "4998", "4997", "4996"]


def test_too_many_requests_are_refused_until_the_time_is_over(fake: FakeCoperniq) -> None:
    fake.limit_rate(per_second=2, per_day=4)
    assert [ask(fake).status_code for _ in range(3)] == [200, 200, 429]
    fake.clock.sleep(1)
    assert [ask(fake).status_code for _ in range(2)] == [200, 200]
    fake.clock.sleep(60)
    refused = ask(fake)
    assert (refused.status_code, refused.headers["x-ratelimit-remaining"]) == (429, "0")
    assert refused.json()["code"] == "RATE_LIMIT_EXCEEDED"
    with pytest.raises(RateLimitError):
        fake.client(budget=None, retry_policy=RetryPolicy(attempts=1)).accounts.get(1)
    fake.clock.sleep(24 * 60 * 60)
    assert ask(fake).status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [("accounts/one", 400), ("accounts/1.5", 400), (f"accounts/{'9' * 5000}", 400), ("nothing", 404)],
)
def test_unknown_paths_are_refused(fake: FakeCoperniq, path: str, status: int) -> None:
    assert ask(fake, path).status_code == status


def test_the_client_shows_the_field_at_fault(fake: FakeCoperniq) -> None:
    fake.add(RESOURCE, {"title": "Acme"})
    with pytest.raises(BadRequestError, match="field title"):
        fake.client().with_options(extra_body={"title": None}).accounts.update(1, {})


def test_async_clients_meet_the_same_service(fake: FakeCoperniq) -> None:
    async def tour() -> None:
        async with fake.async_client() as coperniq:
            created = await asyncio.gather(
                *(coperniq.accounts.create({"title": f"Roof {n}", "address": ["1"]}) for n in range(25))
            )
            assert sorted(account.id for account in created) == list(range(1, 26))
            assert len(await coperniq.accounts.list(page_size=10).to_list()) == 25
            found = coperniq.accounts.search(prop1="title", op1="contains", value1="roof 2")
            assert [account.title async for account in found] == ["Roof 2", *(f"Roof {n}" for n in range(20, 25))]
            await coperniq.accounts.delete(1)

    asyncio.run(tour())
    assert len(fake.records(RESOURCE)) == 24
