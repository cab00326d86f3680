"""Faults on demand: what a test asks a fake to do wrong reaches the client, and nothing else does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import pytest

from accounts_client import (
    AmbiguousWriteError,
    BadRequestError,
    ConnectError,
    Coperniq,
    DecodeError,
    RequestTimeoutError,
    ServerError,
    Truto,
    UnprocessableError,
)
from accounts_client.testing import FakeCoperniq, FakeTruto
from accounts_client_testing.faults import When


@pytest.fixture
def fake() -> FakeTruto:
    fake = FakeTruto()
    fake.add("crm_accounts", {"id": "a", "name": "Acme", "owner": {"id": "7"}})
    return fake


@pytest.fixture(params=["in process", "over HTTP"])
def truto(fake: FakeTruto, request: pytest.FixtureRequest) -> Iterator[Truto]:
    """A client that waits for the fake's clock only, and gives up after one try."""
    if request.param == "in process":
        yield fake.client(max_retries=0)
        return
    with (
        fake.serve() as url,
        Truto(
            fake.token,
            integrated_account_id=fake.integrated_account_id,
            base_url=url,
            max_retries=0,
            sleep=fake.clock.sleep,
        ) as client,
    ):
        yield client


def statuses(fake: FakeTruto | FakeCoperniq) -> list[int | None]:
    return [request.status for request in fake.requests]


def test_a_failure_is_in_the_services_own_form(truto: Truto, fake: FakeTruto) -> None:
    fake.fail_next(503)
    with pytest.raises(ServerError) as caught:
        truto.crm_accounts.get("a")
    assert caught.value.body == {
        "statusCode": 503,
        "error": "Service Unavailable",
        "message": "the test asked for this",
    }
    assert truto.crm_accounts.get("a").name == "Acme"


def test_a_failure_can_hold_what_the_test_wants(truto: Truto, fake: FakeTruto) -> None:
    fake.fail_next(
        422,
        {"message": "no", "truto_is_remote_error": True, "raw_response": {"errors": [1]}},
        headers={"X-Trace": "t"},
    )
    with pytest.raises(UnprocessableError) as caught:
        truto.crm_accounts.create({"name": "Other"})
    assert (caught.value.fault, caught.value.raw_response) == ("provider", {"errors": [1]})
    assert caught.value.headers["x-trace"] == "t"
    assert len(fake.records("crm_accounts")) == 1


def test_a_failure_can_be_any_text(truto: Truto, fake: FakeTruto) -> None:
    fake.fail_next(520, "<html>oops</html>", headers={"Content-Type": "text/html"})
    with pytest.raises(ServerError) as caught:
        truto.crm_accounts.get("a")
    assert (caught.value.status, caught.value.body) == (520, "<html>oops</html>")
    assert caught.value.headers["content-type"] == "text/html"


def test_a_coperniq_failure_has_its_envelope() -> None:
    fake = FakeCoperniq()
    fake.fail_next(400, {"field": "title"})
    with pytest.raises(BadRequestError) as caught:
        fake.client().accounts.get(1)
    assert caught.value.body == {"message": "the test asked for this", "code": "VALIDATION_ERROR", "field": "title"}


def test_a_failure_hits_as_often_as_it_should(fake: FakeTruto) -> None:
    fake.fail_next(502, times=2)
    assert fake.client().crm_accounts.get("a").name == "Acme"
    assert statuses(fake) == [502, 502, 200]


def test_failures_come_one_after_the_other(fake: FakeTruto) -> None:
    fake.fail_next(429, headers={"Retry-After": "7"})
    fake.fail_next(504)
    before = fake.clock()
    assert fake.client().crm_accounts.get("a").name == "Acme"
    assert statuses(fake) == [429, 504, 200]
    assert fake.clock() - before >= 7


def test_a_failure_can_wait_and_choose_its_operation(fake: FakeTruto) -> None:
    fake.fail_next(502, operation="crm_accounts.get", skip=1)
    truto = fake.client(max_retries=0)
    truto.crm_accounts.get("a")
    truto.crm_accounts.list().page()
    with pytest.raises(ServerError):
        truto.crm_accounts.get("a")
    truto.crm_accounts.get("a")


def test_a_lasting_fault_ends_when_it_is_cleared(fake: FakeTruto) -> None:
    fake.fail_next(500, times=None)
    truto = fake.client(max_retries=0)
    for _ in range(3):
        with pytest.raises(ServerError):
            truto.crm_accounts.get("a")
    fake.clear_faults()
    assert truto.crm_accounts.get("a").name == "Acme"


def test_an_unknown_operation_is_refused(fake: FakeTruto) -> None:
    with pytest.raises(ValueError, match=r"crm_accounts\.batch_delete, crm_accounts\.call"):
        fake.drop_next(operation="accounts.get")


def test_a_connection_breaks_before_the_write(truto: Truto, fake: FakeTruto) -> None:
    fake.drop_next()
    with pytest.raises(ConnectError) as caught:
        truto.crm_accounts.create({"name": "Other"})
    assert caught.value.sent
    assert len(fake.records("crm_accounts")) == 1
    assert truto.crm_accounts.get("a").name == "Acme"


def test_a_connection_breaks_after_the_write(truto: Truto, fake: FakeTruto) -> None:
    fake.drop_next(is_committed=True)
    with pytest.raises(ConnectError):
        truto.crm_accounts.create({"name": "Other"})
    assert [record["name"] for record in fake.records("crm_accounts")] == ["Acme", "Other"]
    assert statuses(fake) == [None]


def test_a_retry_after_a_committed_write_writes_once(fake: FakeTruto) -> None:
    fake.drop_next(is_committed=True)
    created = fake.client().crm_accounts.create({"name": "Other"})
    assert [record["id"] for record in fake.records("crm_accounts")] == ["a", created.id]
    assert [request.is_replay for request in fake.requests] == [False, True]


def test_without_a_key_a_broken_write_is_not_repeated() -> None:
    fake = FakeCoperniq()
    fake.drop_next(is_committed=True)
    with pytest.raises(AmbiguousWriteError):
        fake.client().accounts.create({"title": "Acme", "address": ["1"]})
    assert len(fake.requests) == len(fake.records("coperniq_accounts")) == 1


def test_a_late_answer_meets_the_timeout(truto: Truto, fake: FakeTruto) -> None:
    fake.delay_next(60)
    with pytest.raises(RequestTimeoutError) as caught:
        truto.with_options(timeout=0.2).crm_accounts.create({"name": "Other"})
    assert caught.value.sent
    assert len(fake.records("crm_accounts")) == 2


def test_a_delay_takes_no_real_time_in_process(fake: FakeTruto) -> None:
    before = fake.clock()
    fake.delay_next(20)
    assert fake.client().crm_accounts.get("a").name == "Acme"
    assert fake.clock() - before == pytest.approx(20)
    fake.delay_next(100_000)
    assert fake.client(timeout=None).crm_accounts.get("a").name == "Acme"
    assert fake.clock() - before == pytest.approx(100_020)


def test_async_clients_meet_the_same_faults(fake: FakeTruto) -> None:
    async def tour() -> None:
        truto = fake.async_client(max_retries=0)
        fake.delay_next(60)
        with pytest.raises(RequestTimeoutError):
            await truto.crm_accounts.get("a")
        fake.drop_next()
        with pytest.raises(ConnectError):
            await truto.crm_accounts.get("a")
        fake.fail_next(502, times=2)
        assert (await truto.with_options(max_retries=2).crm_accounts.get("a")).name == "Acme"

    asyncio.run(tour())


def test_half_an_answer_is_no_json(truto: Truto, fake: FakeTruto) -> None:
    fake.garble_next()
    with pytest.raises(DecodeError):
        truto.crm_accounts.get("a")
    assert truto.crm_accounts.get("a").name == "Acme"


def test_wrong_types_and_unknown_values_reach_the_client(truto: Truto, fake: FakeTruto) -> None:
    fake.alter_next(
        {
            "result[0].number_of_employees": "many",
            "result[0].owner.id": 7,
            "result[0].addresses": [{"type": "moon"}],
            "result[0].score": 5,
        }
    )
    page = truto.crm_accounts.list().page()
    (account,) = page.items
    assert (account.number_of_employees, account.extra) == (None, {"number_of_employees": "many", "score": 5})
    assert account.owner is not None
    assert account.owner.id == "7"
    assert account.addresses is not None
    assert account.addresses[0].type == "moon"
    assert sorted(deviation.path for deviation in page.deviations) == [
        "result[0].number_of_employees",
        "result[0].owner.id",
    ]
    assert fake.records("crm_accounts")[0]["owner"] == {"id": "7"}


def test_an_unknown_enum_value_reaches_the_client() -> None:
    fake = FakeCoperniq()
    fake.add("coperniq_accounts", {"accountType": "COMMERCIAL"})
    fake.alter_next({"[0].accountType": "GALACTIC"})
    assert fake.client().accounts.list().to_list()[0].account_type == "GALACTIC"


def test_parts_of_an_answer_can_be_missing(fake: FakeTruto) -> None:
    truto = fake.client()
    fake.alter_next(remove=["result[0].id"])
    page = truto.crm_accounts.list().page()
    assert (page.items, page.rejected[0].path) == ([], "result[0].id")
    fake.alter_next({"next_cursor": ""}, remove=["result[0]", "is_partial_response"])
    assert truto.crm_accounts.list().to_list() == []


@pytest.mark.parametrize("path", ["", "result[x]", ".id", "result..id", "result[0]id", "[]"])
def test_a_malformed_place_is_refused(fake: FakeTruto, path: str) -> None:
    with pytest.raises(ValueError, match="result"):
        fake.alter_next({path: 1})


@pytest.mark.parametrize("path", ["result[1].name", "result[0].owner.id.more", "result.name", "nothing.there"])
def test_a_place_that_is_not_there_is_an_error_of_the_test(fake: FakeTruto, path: str) -> None:
    fake.alter_next({path: 1})
    with pytest.raises(LookupError, match="no place"):
        fake.client().crm_accounts.list().page()


def test_faults_of_different_kinds_add_up(fake: FakeTruto) -> None:
    before = fake.clock()
    fake.fail_next(400, {"details": {}})
    fake.delay_next(5)
    fake.alter_next({"details.more": True})
    with pytest.raises(BadRequestError) as caught:
        fake.client().crm_accounts.get("a")
    assert isinstance(caught.value.body, dict)
    assert caught.value.body["details"] == {"more": True}
    assert fake.clock() - before == pytest.approx(5)


USERS = When(operation="crm_users.list")
FAULTS: list[Callable[[FakeTruto], None]] = [
    lambda fake: fake.fail_next(500, **USERS),
    lambda fake: fake.drop_next(**USERS),
    lambda fake: fake.delay_next(60, **USERS),
    lambda fake: fake.garble_next(**USERS),
    lambda fake: fake.alter_next({"name": 5}, **USERS),
    lambda fake: fake.empty_next_page(**USERS),
    lambda fake: fake.repeat_next_cursor(**USERS),
]


@pytest.mark.parametrize("ask", FAULTS)
def test_faults_for_one_operation_leave_others_alone(fake: FakeTruto, ask: Callable[[FakeTruto], None]) -> None:
    ask(fake)
    before = fake.clock()
    truto = fake.client(max_retries=0)
    assert truto.crm_accounts.get("a").name == "Acme"
    assert [account.name for account in truto.crm_accounts.list()] == ["Acme"]
    assert fake.clock() == before


def test_a_client_may_wait_in_real_time_for_a_served_fake(fake: FakeTruto) -> None:
    fake.delay_next(0.01)
    with (
        fake.serve() as url,
        Truto(fake.token, integrated_account_id=fake.integrated_account_id, base_url=url, timeout=None) as truto,
    ):
        assert truto.crm_accounts.get("a").name == "Acme"


def test_coperniq_over_http_meets_faults_too() -> None:
    fake = FakeCoperniq()
    fake.drop_next(times=2)
    with fake.serve() as url, Coperniq(fake.api_key, base_url=url, sleep=fake.clock.sleep) as coperniq:
        assert coperniq.accounts.list().to_list() == []
    assert statuses(fake) == [None, None, 200]
