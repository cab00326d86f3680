"""Listings: each record once and in order, page after page, and nothing left behind; the same for sync and async."""

from __future__ import annotations

import asyncio
import copy
import gc
import json
import logging
import pickle
import threading
import time
from collections.abc import Callable, Generator
from typing import Unpack
from weakref import ReferenceType, ref

import httpx
import pytest
from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st

from accounts_client_runtime import (
    JSON,
    AsyncTrutoClient,
    BudgetPolicy,
    CursorPage,
    DecodeError,
    Deviation,
    InvalidRequestError,
    Limit,
    Operation,
    Page,
    QueryEncodingError,
    Request,
    SyncTrutoClient,
)
from accounts_client_runtime.client import ClientOptions
from accounts_client_runtime.request import Reply, Result
from tests.overrides.callers import (
    BOTH_WAYS,
    TENANT,
    TOKEN,
    AsyncCaller,
    Caller,
    Recorder,
    SyncCaller,
    answer,
)
from tests.overrides.listings import (
    PAGES,
    CursorService,
    NumberService,
    bad,
    ids,
    numbered,
    person,
    through_json,
)
from tests.overrides.models import Owner, Person, Site, list_people, list_sites
from tests.overrides.transports import Handler


@pytest.mark.parametrize("end", [None, "", "absent"])
@BOTH_WAYS
def test_a_listing_follows_cursors_through_empty_pages_to_its_end(way: type[Caller], end: str | None) -> None:
    service = CursorService([[person(1)], [], [], [person(2), person(3)], []], end=end)

    def handler(request: httpx.Request) -> httpx.Response:
        body: dict[str, JSON] = json.loads(service(request).content)
        return answer({key: value for key, value in body.items() if value != "absent"})

    with way.truto(handler) as truto:
        listing = truto.paginate(list_people(limit=2))
        assert ids(list(listing)) == ["1", "2", "3"]
        assert service.fetched == [None, "c1", "c2", "c3", "c4"]
        assert ids(list(listing)) == ["1", "2", "3"]
    assert len(service.fetched) == 10


@pytest.mark.parametrize("cursor", ["None", "null", "0", " ", "é&=#", "\n"])
@BOTH_WAYS
def test_a_cursor_may_be_any_text(way: type[Caller], cursor: str) -> None:
    handler = Recorder(answer({"result": [person(1)], "next_cursor": cursor}), answer({"result": [person(2)]}))
    with way.truto(handler) as truto:
        assert ids(truto.paginate(list_people()).to_list()) == ["1", "2"]
    assert handler.requests[1].url.params["next_cursor"] == cursor


@BOTH_WAYS
def test_filters_go_with_each_page(way: type[Caller]) -> None:
    handler = Recorder(answer({"result": [], "next_cursor": "c1"}), answer({"result": []}))
    with way.truto(handler) as truto:
        listing = truto.view(extra_query={"tier": "gold"}).paginate(list_people(limit=2, remote_query={"a": [1]}))
        assert listing.to_list() == []
    first, second = handler.requests
    parameters = [("integrated_account_id", TENANT), ("limit", "2"), ("remote_query[a][]", "1"), ("tier", "gold")]
    assert first.url.params.multi_items() == parameters
    assert sorted(second.url.params.multi_items()) == sorted([*parameters, ("next_cursor", "c1")])


@BOTH_WAYS
def test_nothing_is_fetched_before_it_is_needed_and_nothing_more(way: type[Caller]) -> None:
    service = CursorService([[person(1), person(2)], [person(3)]])
    with way.truto(service) as truto:
        listing = truto.paginate(list_people())
        pages = listing.pages()
        assert service.fetched == []
        assert ids(next(pages).items) == ["1", "2"]
        assert service.fetched == [None]
        assert listing.page().next_cursor == "c1"
        assert service.fetched == [None, None]
        assert ids(listing.to_list(max_items=2)) == ["1", "2"]
        assert service.fetched == [None, None, None]
        assert listing.to_list(max_items=0) == []
        assert service.fetched == [None, None, None]
        assert ids(listing.to_list(max_items=9)) == ["1", "2", "3"]
        with pytest.raises(InvalidRequestError, match="max_items"):
            listing.to_list(max_items=-1)


@BOTH_WAYS
def test_pages_show_what_the_service_said(way: type[Caller]) -> None:
    body = {
        "result": [{"id": "1", "age": "5"}, {"name": "x"}],
        "next_cursor": None,
        "is_partial_response": True,
        "prev_cursor": "p",
    }
    with way.truto(Recorder(answer(body))) as truto:
        (page,) = truto.paginate(list_people()).pages()
    assert page.items == [Person(id="1", age=5)]
    assert page.is_partial_response
    assert [(entry.path, entry.value) for entry in page.deviations] == [("result[0].age", "5")]
    assert [(entry.index, entry.path, entry.error, entry.raw) for entry in page.rejected] == [
        (1, "result[1].id", "string", {"name": "x"})
    ]
    assert page.checkpoint["consumed"] == 2
    assert pickle.loads(pickle.dumps(page)) == copy.deepcopy(page) == page


@pytest.mark.parametrize(
    ("body", "path", "expected", "raw"),
    [
        ([5], "", "object", [5]),
        ({}, "result", "array", None),
        ({"result": 5}, "result", "array", 5),
        ({"results": "x"}, "result", "array", "x"),
        ({"result": [], "next_cursor": {}}, "next_cursor", "string", {}),
        ({"result": [], "next_cursor": True}, "next_cursor", "string", True),
    ],
)
@BOTH_WAYS
def test_an_answer_that_is_no_page_says_where_and_what_was_expected(
    way: type[Caller], body: JSON, path: str, expected: str, raw: JSON
) -> None:
    with way.truto(Recorder(answer(body))) as truto, pytest.raises(DecodeError, match=f"expected {expected}") as caught:
        truto.paginate(list_people()).page()
    assert (caught.value.path, caught.value.expected, caught.value.raw) == (path, expected, raw)


@BOTH_WAYS
def test_a_partial_mark_of_another_type_is_a_deviation(way: type[Caller]) -> None:
    with way.truto(Recorder(answer({"result": [], "is_partial_response": "true"}))) as truto:
        page = truto.paginate(list_people()).page()
    assert page.is_partial_response
    assert page.deviations == (Deviation("is_partial_response", "boolean", "true"),)


@BOTH_WAYS
def test_a_numbered_page_shows_what_the_service_said(way: type[Caller]) -> None:
    with way.coperniq(Recorder(answer([{"id": 1, "title": 5}, {"title": "x"}]), answer({"a": 1}))) as coperniq:
        page = coperniq.paginate(list_sites(page_size=2)).page()
        with pytest.raises(DecodeError) as caught:
            coperniq.paginate(list_sites()).page()
    assert page.items == [Site(id=1, title="5")]
    assert page.deviations == (Deviation("[0].title", "string", 5),)
    assert [(entry.index, entry.path, entry.error) for entry in page.rejected] == [(1, "[1].id", "integer")]
    assert (page.next_cursor, page.is_partial_response) == ("2", False)
    assert (caught.value.path, caught.value.expected, caught.value.raw) == ("", "array", {"a": 1})


@BOTH_WAYS
def test_strict_refuses_a_page_that_deviates(way: type[Caller]) -> None:
    with way.truto(Recorder(answer({"result": [{"id": "1", "age": "5"}]}))) as truto:
        assert truto.paginate(list_people()).to_list() == [Person(id="1", age=5)]
        with pytest.raises(DecodeError, match=r"result\[0\]\.age") as caught:
            truto.view(strict=True).paginate(list_people()).to_list()
    assert caught.value.checkpoint is not None


@BOTH_WAYS
def test_progress_is_told_after_each_page(way: type[Caller]) -> None:
    told: list[tuple[int, int]] = []
    with way.truto(CursorService([[person(1), bad(2)], [], [person(3)]])) as truto:
        view = truto.view(progress=lambda pages, records: told.append((pages, records)), on_bad_record="skip")
        listing = view.paginate(list_people())
        listing.to_list()
        list(listing.pages())
    assert told == [(1, 2), (2, 2), (3, 3)] * 2


@BOTH_WAYS
def test_bad_records_can_be_skipped(way: type[Caller]) -> None:
    service = CursorService([[bad(0), person(1), bad(2)], [bad(5)], [person(6)]])
    with way.truto(service) as truto:
        listing = truto.view(on_bad_record="skip").paginate(list_people())
        assert ids(listing.to_list()) == ["1", "6"]
        assert [len(page.rejected) for page in listing.pages()] == [2, 1, 0]


@BOTH_WAYS
def test_skipped_records_are_logged_a_line_a_page_without_values(
    way: type[Caller], caplog: pytest.LogCaptureFixture
) -> None:
    service = CursorService([[bad(77), person(1), bad(78)], [person(2)], [bad(number) for number in range(6)]])
    with way.truto(service) as truto, caplog.at_level("WARNING"):
        listing = truto.paginate(list_people())
        list(listing.pages())
        with pytest.raises(DecodeError):
            listing.to_list()
        assert caplog.messages == []
        truto.view(on_bad_record="skip").paginate(list_people()).to_list()
    assert caplog.record_tuples == [
        ("accounts_client", logging.WARNING, f"people.list: {count} records that cannot be read are skipped: {places}")
        for count, places in (
            (2, "result[0].id (expected string), result[2].id (expected string)"),
            (6, ", ".join(f"result[{index}].id (expected string)" for index in range(5))),
        )
    ]


@define(kw_only=True)
class Place:
    """Has required values under keys that the service chooses."""

    owners: dict[str, Owner]
    extra: dict[str, JSON] = field(factory=dict[str, JSON])


@BOTH_WAYS
def test_a_key_cannot_forge_a_line_of_the_log(way: type[Caller], caplog: pytest.LogCaptureFixture) -> None:
    request = Request(Operation("places.list", "GET", "/places", CursorPage(Place)))
    owner: dict[str, JSON] = {}
    body = answer({"result": [{"owners": {"a\nb": owner}}]})
    with way.truto(Recorder(body)) as truto, caplog.at_level("WARNING"):
        assert truto.view(on_bad_record="skip").paginate(request).to_list() == []
    (message,) = caplog.messages
    assert "result[0].owners.a\ufffdb.id (expected string)" in message


@BOTH_WAYS
def test_a_listing_that_cannot_be_sent_raises_what_is_wrong_with_it(way: type[Caller]) -> None:
    handler = Recorder(answer({"result": []}))
    with way.truto(handler) as truto:
        with pytest.raises(QueryEncodingError, match=r"remote_query.*empty key") as caught:
            truto.paginate(list_people(remote_query={"": 1})).to_list()
        assert caught.value.request == list_people(remote_query={"": 1})
        with pytest.raises(InvalidRequestError, match="truto_response_format"):
            truto.paginate(list_people(truto_response_format="raw")).to_list()
    assert handler.requests == []


@given(PAGES, st.lists(st.booleans(), max_size=40))
@BOTH_WAYS
def test_interleaved_iterations_do_not_disturb_each_other(
    way: type[Caller], pages: list[list[bool]], turns: list[bool]
) -> None:
    with way.truto(CursorService(numbered(pages))) as truto:
        listing = truto.view(on_bad_record="skip").paginate(list_people())
        expected = ids(listing.to_list())
        iterators = (iter(listing), iter(listing))
        seen: tuple[list[str], list[str]] = ([], [])
        for turn in [*turns, *[True, False] * 30]:
            record = next(iterators[turn], None)
            if record is not None:
                seen[turn].append(record.id)
    assert seen == (expected, expected)


@pytest.mark.parametrize(
    ("count", "size", "numbers"),
    [
        (0, 5, [None]),
        (4, 5, [None]),
        (5, 5, [None, "2"]),
        (6, 5, [None, "2"]),
        (10, 5, [None, "2", "3"]),
        (19, None, [None]),
        (20, None, [None, "2"]),
        (100, 100, [None, "2"]),
        (3, 1, [None, "2", "3", "4"]),
    ],
)
@BOTH_WAYS
def test_numbered_pages_end_with_a_short_or_empty_one(
    way: type[Caller], count: int, size: int | None, numbers: list[str | None]
) -> None:
    service = NumberService(count)
    with way.coperniq(service) as coperniq:
        listing = coperniq.paginate(list_sites() if size is None else list_sites(page_size=size))
        assert [site.id for site in listing] == list(range(1, count + 1))
        pages = list(listing.pages())
    assert [page.next_cursor for page in pages] == [*numbers[1:], None]
    assert [page.fingerprint is None for page in pages] == [*[False] * len(numbers[1:]), True]
    assert service.fetched[: len(numbers)] == [(number, size and str(size)) for number in numbers]


@BOTH_WAYS
def test_a_numbered_listing_may_begin_in_the_middle(way: type[Caller]) -> None:
    service = NumberService(25)
    with way.coperniq(service) as coperniq:
        listing = coperniq.paginate(list_sites(page=2, page_size=10))
        assert [site.id for site in listing.to_list(max_items=12)] == list(range(11, 23))
        assert listing.checkpoint["cursor"] == "3"
        resumed = coperniq.paginate(list_sites(page=2, page_size=10)).resume(through_json(listing.checkpoint))
        assert [site.id for site in resumed] == [23, 24, 25]
    assert [number for number, _ in service.fetched] == ["2", "3", "3"]


@BOTH_WAYS
def test_bad_records_count_for_the_length_of_a_numbered_page(way: type[Caller]) -> None:
    handler = Recorder(answer([{"id": 1}, {"title": "x"}]), answer([{"id": 3}]))
    with way.coperniq(handler) as coperniq:
        listing = coperniq.view(on_bad_record="skip").paginate(list_sites(page_size=2))
        assert listing.to_list() == [Site(id=1), Site(id=3)]


@pytest.mark.parametrize("option", ["page", "page_size"])
@pytest.mark.parametrize("value", [0, -1, 1.5, "0", "", "x", "٣", True, None, [5], "9" * 6_000])
@BOTH_WAYS
def test_senseless_numbers_and_sizes_are_refused(way: type[Caller], option: str, value: object) -> None:
    service = NumberService(1)
    with way.coperniq(service) as coperniq:
        upper = " to 100" if option == "page_size" else ""
        with pytest.raises(InvalidRequestError, match=f"^{option} is .*, expected a whole number from 1{upper}$"):
            coperniq.paginate(list_sites(**{option: value}))
        with pytest.raises(InvalidRequestError, match=f"{option} is"):
            coperniq.send(list_sites(**{option: value}))
    assert service.fetched == []


@BOTH_WAYS
def test_a_page_size_that_the_service_may_cap_is_refused(way: type[Caller]) -> None:
    with way.coperniq(NumberService(1)) as coperniq:
        with pytest.raises(InvalidRequestError, match="page_size is 101, expected a whole number from 1 to 100"):
            coperniq.paginate(list_sites(page_size=101))
        with pytest.raises(InvalidRequestError, match="page_size"):
            coperniq.view(extra_query={"page_size": 500}).paginate(list_sites())
        assert coperniq.paginate(list_sites(page_size="100", page="1")).to_list() == [Site(id=1)]


def check_leftovers(threads: int) -> None:
    """Fail on any thread, and on any warning that the collector causes, which pytest turns into an error."""
    gc.collect()
    assert threading.active_count() == threads


@pytest.mark.parametrize("prefetch", [False, True])
@BOTH_WAYS
def test_breaking_out_leaves_nothing_behind(way: type[Caller], prefetch: bool) -> None:
    threads = threading.active_count()
    with way.truto(CursorService([[person(1), person(2)]] * 5)) as truto:
        listing = truto.view(prefetch=prefetch).paginate(list_people())
        for _ in listing:
            break
        for _ in listing.pages():
            break
        truto.view(prefetch=prefetch).paginate(list_people())
        listing.pages()
        listing.page()
        listing.to_list(max_items=1)
        with pytest.raises(ZeroDivisionError):
            [1 / 0 for _ in listing]
    check_leftovers(threads)


@pytest.mark.parametrize("prefetch", [False, True])
def test_breaking_out_of_an_async_iteration_leaves_no_task_behind(prefetch: bool) -> None:
    async def use() -> None:
        http_client = httpx.AsyncClient(
            transport=httpx.MockTransport(CursorService([[person(1), person(2)]] * 5)), trust_env=False
        )
        truto = AsyncTrutoClient(TOKEN, integrated_account_id=TENANT, http_client=http_client)
        pager = truto.with_options(prefetch=prefetch).paginate(list_people())
        async for _ in pager:
            break
        async for _ in pager.pages():
            break
        pager.pages()
        await pager.page()
        for _ in range(5):
            await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    threads = threading.active_count()
    asyncio.run(use())
    check_leftovers(threads)


@pytest.mark.parametrize("prefetch", [False, True])
def test_a_cancelled_iteration_can_be_resumed(prefetch: bool) -> None:
    service = CursorService([[person(1)], [person(2)], [person(3)]])

    class Slow(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if request.url.params.get("next_cursor") == "c1" and "c1" not in service.fetched:
                service.fetched.append("c1")
                await asyncio.Event().wait()
            return service(request)

    async def use() -> list[str]:
        truto = AsyncTrutoClient(
            TOKEN, integrated_account_id=TENANT, http_client=httpx.AsyncClient(transport=Slow(), trust_env=False)
        )
        pager = truto.with_options(prefetch=prefetch).paginate(list_people())
        seen: list[str] = []

        async def walk() -> None:
            async for record in pager:
                seen.append(record.id)

        with pytest.raises(TimeoutError):
            await asyncio.wait_for(walk(), 0.05)
        checkpoint = through_json(pager.checkpoint)
        return [*seen, *ids(await truto.paginate(list_people()).resume(checkpoint).to_list())]

    assert asyncio.run(use()) == ["1", "2", "3"]
    check_leftovers(threading.active_count())


@pytest.mark.parametrize("as_pages", [False, True])
def test_the_page_ahead_travels_while_the_page_in_hand_is_consumed(as_pages: bool) -> None:
    service = CursorService([[person(1)], [person(2)], [person(3)]])
    is_asked = threading.Event()

    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.params.get("next_cursor") == "c1":
            is_asked.set()
        return service(request)

    with SyncCaller.truto(handler) as truto:
        listing = truto.view(prefetch=True).paginate(list_people())
        steps = iter(listing.pages() if as_pages else listing)
        next(steps)
        assert is_asked.wait(5)
        assert len(list(steps)) == 2
    assert service.fetched == [None, "c1", "c2"]


@pytest.mark.parametrize("as_pages", [False, True])
def test_the_page_ahead_travels_while_an_async_program_does_something_else(as_pages: bool) -> None:
    service = CursorService([[person(1)], [person(2)], [person(3)]])

    async def use() -> None:
        http_client = httpx.AsyncClient(transport=httpx.MockTransport(service), trust_env=False)
        truto = AsyncTrutoClient(TOKEN, integrated_account_id=TENANT, http_client=http_client)
        pager = truto.with_options(prefetch=True).paginate(list_people())
        fetched = iter(([None, "c1"], [None, "c1", "c2"], [None, "c1", "c2"]))
        async for _ in pager.pages() if as_pages else pager:
            for _ in range(20):
                await asyncio.sleep(0)
            assert service.fetched == next(fetched)
        assert next(fetched, None) is None

    asyncio.run(use())


class Pages(Result[Page[Person]], frozen=True):
    """Says that it is a page, but not how to go on."""

    def read(
        self, request: Request[object], reply: Reply, *, tenant: str
    ) -> tuple[Page[Person], tuple[Deviation, ...]]:
        raise NotImplementedError


@BOTH_WAYS
def test_a_result_without_a_cursor_is_no_listing(way: type[Caller]) -> None:
    with way.truto(CursorService([[]])) as truto, pytest.raises(TypeError, match=r"people\.pages is not a listing"):
        truto.paginate(Request(Operation("people.pages", "GET", "/people", Pages())))


@pytest.mark.parametrize("prefetch", [False, True])
@BOTH_WAYS
def test_a_page_is_let_go_before_another_one_is_fetched(way: type[Caller], prefetch: bool) -> None:
    size, held = 3, 2 if prefetch else 1
    service = CursorService([[person(number) for number in range(size)] for _ in range(5)])
    records: list[ReferenceType[Person]] = []
    pages: list[ReferenceType[Page[Person]]] = []
    alive_records: list[int] = []
    alive_pages: list[int] = []

    def handler(request: httpx.Request) -> httpx.Response:
        fetched = int(request.url.params.get("next_cursor", "c0")[1:])
        # With `prefetch`, the page in hand is consumed meanwhile.
        done = max(0, fetched - held + 1)
        alive_records.append(sum(record() is not None for record in records[: done * size]))
        alive_pages.append(sum(page() is not None for page in pages[:done]))
        return service(request)

    with way.truto(handler) as truto:
        listing = truto.view(prefetch=prefetch).paginate(list_people())
        for record in listing:
            records.append(ref(record))
            del record
        records.clear()
        for page in listing.pages():
            pages.append(ref(page))
            del page
    # The async iteration still holds the one record that it yielded last.
    assert max(alive_records) <= (1 if way is AsyncCaller else 0)
    assert alive_pages == [0] * 10


@BOTH_WAYS
def test_one_page_alone_is_not_followed_by_another_one(way: type[Caller]) -> None:
    service = CursorService([[person(1)], [person(2)]])
    with way.truto(service) as truto:
        assert truto.view(prefetch=True).paginate(list_people()).page().next_cursor == "c1"
    assert service.fetched == [None]


def records_ahead(
    handler: Handler, *, sleep: Callable[[float], None] = time.sleep, **options: Unpack[ClientOptions]
) -> Generator[Person]:
    """Return the records of a sync listing that fetches ahead."""
    http_client = httpx.Client(transport=httpx.MockTransport(handler), trust_env=False)
    truto = SyncTrutoClient(TOKEN, integrated_account_id=TENANT, http_client=http_client, sleep=sleep, **options)
    return iter(truto.with_options(prefetch=True).paginate(list_people()))


def prefetching_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("accounts-client-prefetch")]


@pytest.mark.parametrize("can_start", [True, False])
def test_closing_ends_the_waits_of_the_page_ahead_without_another_try(can_start: bool) -> None:
    service = CursorService([[person(1)], [person(2)]])
    is_asked = threading.Event()

    def handler(request: httpx.Request) -> httpx.Response:
        if service.fetched:
            service.failures.append(answer({}, 429, {"Retry-After": "20"}))
            is_asked.set()
        return service(request)

    budget = None if can_start else BudgetPolicy(account_limits=(Limit(1, seconds=20),))
    records = records_ahead(handler, budget=budget)
    assert next(records).id == "1"
    assert not can_start or is_asked.wait(5)
    records.close()
    assert service.fetched == ([None, "c1"] if can_start else [None])
    assert prefetching_threads() == []


@pytest.mark.parametrize("where", ["answer", "sleep"])
def test_closing_waits_for_the_page_ahead_no_longer_than_the_timeout(where: str) -> None:
    service = CursorService([[person(1)], [person(2)]])
    is_stuck, go_on = threading.Event(), threading.Event()

    def hang() -> None:
        is_stuck.set()
        go_on.wait(10)

    def handler(request: httpx.Request) -> httpx.Response:
        if service.fetched:
            service.failures.append(answer({}, 502))
            if where == "answer":
                hang()
        return service(request)

    records = records_ahead(handler, budget=None, timeout=0.01, sleep=lambda seconds: hang())
    assert next(records).id == "1"
    assert is_stuck.wait(5)
    records.close()
    stuck = prefetching_threads()
    assert len(stuck) == 1
    go_on.set()
    stuck[0].join(5)
    assert prefetching_threads() == []
    assert service.fetched == [None, "c1"]


def test_closing_cancels_the_page_ahead() -> None:
    service = CursorService([[person(1)], [person(2)]])

    async def use() -> None:
        is_stuck, is_cancelled = asyncio.Event(), asyncio.Event()

        class Stuck(httpx.AsyncBaseTransport):
            async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
                if service.fetched:
                    is_stuck.set()
                    try:
                        await asyncio.Event().wait()
                    finally:
                        is_cancelled.set()
                return service(request)

        http_client = httpx.AsyncClient(transport=Stuck(), trust_env=False)
        truto = AsyncTrutoClient(TOKEN, integrated_account_id=TENANT, http_client=http_client)
        records = aiter(truto.with_options(prefetch=True).paginate(list_people()))
        assert (await anext(records)).id == "1"
        await asyncio.wait_for(is_stuck.wait(), 5)
        await records.aclose()
        assert is_cancelled.is_set()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(use())
    assert service.fetched == [None]
