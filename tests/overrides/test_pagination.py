"""Listings: each record once, in order, across empty pages, failures and resumes; the same for sync and async."""

from __future__ import annotations

import asyncio
import copy
import gc
import json
import pickle
import threading
from collections.abc import Callable
from typing import Final

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from accounts_client_runtime import (
    JSON,
    AccountsClientError,
    AsyncTrutoClient,
    Checkpoint,
    ConnectError,
    CursorLoopError,
    DecodeError,
    InvalidRequestError,
    QueryEncodingError,
    RateLimitError,
    RequestTimeoutError,
    ServerError,
)
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
from tests.overrides.models import Person, Site, list_people, list_sites

OTHER: Final = "11111111-2222-3333-4444-555555555555"


def person(number: int) -> JSON:
    """Return a record that can be read."""
    return {"id": str(number)}


def bad(number: int) -> JSON:
    """Return a record that cannot be read: it has no id."""
    return {"name": str(number)}


class CursorService:
    """A listing behind cursors: page `n` is fetched by `c<n>`, the first one by nothing."""

    def __init__(self, pages: list[list[JSON]], *, end: JSON = None) -> None:
        self._pages = pages
        self._end = end
        self.failures: list[httpx.Response | Exception] = []
        """What the next requests are answered with instead."""
        self.fetched: list[str | None] = []
        """The cursor of each request."""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        cursor = request.url.params.get("next_cursor")
        self.fetched.append(cursor)
        if self.failures:
            failure = self.failures.pop(0)
            if isinstance(failure, Exception):
                raise failure
            return failure
        number = int(cursor[1:]) if cursor else 0
        following = f"c{number + 1}" if number + 1 < len(self._pages) else self._end
        return answer({"result": self._pages[number], "next_cursor": following, "result_count": -1})


class NumberService:
    """A listing of numbered pages, 20 records each unless asked otherwise."""

    def __init__(self, count: int) -> None:
        self._records = [{"id": number} for number in range(1, count + 1)]
        self.fetched: list[tuple[str | None, str | None]] = []
        """The number and the size of each request."""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        page, size = request.url.params.get("page"), request.url.params.get("page_size")
        self.fetched.append((page, size))
        length = int(size or 20)
        start = (int(page or 1) - 1) * length
        return answer(self._records[start : start + length])


def ids(records: list[Person]) -> list[str]:
    return [record.id for record in records]


def altered(checkpoint: Checkpoint, key: str, value: JSON) -> Checkpoint:
    """Return a checkpoint with another value, as a file may hold it."""
    restored: Checkpoint = json.loads(json.dumps({**checkpoint, key: value}))
    return restored


def through_json(checkpoint: Checkpoint | None) -> Checkpoint:
    """Return a checkpoint as it comes back from a file."""
    assert checkpoint is not None
    restored: Checkpoint = json.loads(json.dumps(checkpoint))
    return restored


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
def test_a_bad_record_raises_at_its_place_with_a_checkpoint_behind_it(way: type[Caller]) -> None:
    service = CursorService([[bad(0), person(1), bad(2), bad(3), person(4)], [bad(5)], [person(6)]])
    with way.truto(service) as truto:
        listing = truto.paginate(list_people())
        events: list[object] = []
        while True:
            try:
                events.extend(record.id for record in listing)
                break
            except DecodeError as error:
                assert (error.path[-2:], error.expected) == ("id", "string")
                events.append(error.raw)
                listing = truto.paginate(list_people()).resume(through_json(error.checkpoint))
        assert [page.rejected[0].raw for page in truto.paginate(list_people()).pages() if page.rejected] == [
            bad(0),
            bad(5),
        ]
    assert events == [bad(0), "1", bad(2), bad(3), "4", bad(5), "6"]


@BOTH_WAYS
def test_bad_records_can_be_skipped(way: type[Caller]) -> None:
    service = CursorService([[bad(0), person(1), bad(2)], [bad(5)], [person(6)]])
    with way.truto(service) as truto:
        listing = truto.view(on_bad_record="skip").paginate(list_people())
        assert ids(listing.to_list()) == ["1", "6"]
        assert [len(page.rejected) for page in listing.pages()] == [2, 1, 0]


@pytest.mark.parametrize("end", ["c0", "c1", "c2"])
@BOTH_WAYS
def test_a_cursor_that_comes_back_ends_in_an_error(way: type[Caller], end: str) -> None:
    # `c0` is another name of the first page, so that one round more is walked before it comes back.
    service = CursorService([[person(0)], [person(1)], [person(2)]], end=end)
    seen: list[str] = []
    with way.truto(service) as truto, pytest.raises(CursorLoopError, match=f"people.list.*{end}|c1") as caught:
        seen.extend(record.id for record in truto.paginate(list_people()))
    assert caught.value.cursor in ("c1", "c2")
    assert caught.value.request is not None
    assert caught.value.checkpoint is not None
    assert len(service.fetched) <= 4


@BOTH_WAYS
def test_the_records_before_a_repeated_cursor_are_yielded(way: type[Caller]) -> None:
    seen: list[str] = []
    with way.truto(CursorService([[person(0)], [person(1)]], end="c1")) as truto, pytest.raises(CursorLoopError):
        seen.extend(record.id for record in truto.paginate(list_people()))
    assert seen == ["0", "1"]


@BOTH_WAYS
def test_a_listing_may_begin_at_a_cursor(way: type[Caller]) -> None:
    service = CursorService([[person(0)], [person(1)], [person(2)]], end="c1")
    with way.truto(service) as truto, pytest.raises(CursorLoopError):
        truto.paginate(list_people(next_cursor="c1")).to_list()
    assert service.fetched == ["c1", "c2"]


@BOTH_WAYS
def test_a_checkpoint_is_small_plain_json_without_secrets(way: type[Caller]) -> None:
    with way.truto(CursorService([[person(1), person(2)]] * 2)) as truto:
        listing = truto.paginate(list_people(remote_query={"name": "hidden"}))
        assert listing.checkpoint["consumed"] == 0
        records = iter(listing)
        for _ in range(3):
            next(records)
        checkpoint = listing.checkpoint
    assert {**checkpoint, "filters": ""} == {
        "version": 1,
        "tenant": TENANT,
        "operation": "people.list",
        "filters": "",
        "cursor": "c1",
        "consumed": 1,
    }
    text = json.dumps(checkpoint)
    assert len(text) < 300
    assert "hidden" not in text
    assert TOKEN not in text
    assert through_json(checkpoint) == checkpoint


@BOTH_WAYS
def test_a_checkpoint_of_something_else_is_refused(way: type[Caller]) -> None:
    with way.truto(CursorService([[person(1)]])) as truto:
        request = list_people(limit=5, remote_query={"a": 1, "b": {"c": [1, 2], "d": 4}})
        checkpoint = truto.paginate(request).page().checkpoint
        assert truto.paginate(request).resume(checkpoint).to_list() == []
        reordered = list_people(remote_query={"b": {"d": 4, "c": [1, 2]}, "a": 1}, limit=5)
        assert truto.paginate(reordered).resume(checkpoint).to_list() == []
        for key, listing in (
            ("tenant", truto.account(OTHER).paginate(request)),
            ("filters", truto.paginate(list_people(limit=5, remote_query={"a": 1, "b": {"c": [2, 1], "d": 4}}))),
            ("filters", truto.paginate(list_people(limit=5))),
            ("filters", truto.view(extra_query={"b": 1}).paginate(request)),
        ):
            with pytest.raises(InvalidRequestError, match=f"the checkpoint's {key} is"):
                listing.resume(checkpoint)
    with way.coperniq(NumberService(1)) as coperniq:
        for changed, key in ((checkpoint, "tenant"), (altered(checkpoint, "tenant", ""), "operation")):
            with pytest.raises(InvalidRequestError, match=f"the checkpoint's {key} is"):
                coperniq.paginate(list_sites()).resume(changed)


DAMAGE: Final[tuple[tuple[str, JSON], ...]] = (
    ("version", 2),
    ("version", None),
    ("tenant", None),
    ("operation", ["people.list"]),
    ("filters", ""),
    ("cursor", 5),
    ("consumed", -1),
    ("consumed", "1"),
    ("consumed", None),
    ("consumed", 1.5),
)


@pytest.mark.parametrize(("key", "value"), DAMAGE)
@BOTH_WAYS
def test_a_damaged_checkpoint_is_refused(way: type[Caller], key: str, value: JSON) -> None:
    with way.truto(CursorService([[person(1)]])) as truto:
        listing = truto.paginate(list_people())
        with pytest.raises(InvalidRequestError, match="checkpoint"):
            listing.resume(altered(listing.page().checkpoint, key, value))


@pytest.mark.parametrize("checkpoint", ["null", "[]", '"x"', "5", "{}"])
@BOTH_WAYS
def test_what_is_no_checkpoint_is_refused(way: type[Caller], checkpoint: str) -> None:
    with way.truto(CursorService([[]])) as truto, pytest.raises(InvalidRequestError, match="checkpoint"):
        truto.paginate(list_people()).resume(json.loads(checkpoint))


@BOTH_WAYS
def test_resuming_leaves_the_listing_it_came_from_alone(way: type[Caller]) -> None:
    with way.truto(CursorService([[person(1), person(2)], [person(3)]])) as truto:
        listing = truto.paginate(list_people())
        next(iter(listing))
        resumed = listing.resume(listing.checkpoint)
        assert ids(list(resumed)) == ["2", "3"]
        assert ids(list(resumed)) == ["2", "3"]
        assert ids(resumed.page().items) == ["2"]
        assert ids(list(listing)) == ["1", "2", "3"]


@BOTH_WAYS
def test_a_page_s_checkpoint_resumes_behind_it(way: type[Caller]) -> None:
    with way.truto(CursorService([[person(1), bad(2)], [person(3)], []])) as truto:
        listing = truto.paginate(list_people())
        rests = [ids(listing.resume(through_json(page.checkpoint)).to_list()) for page in listing.pages()]
    assert rests == [["3"], [], []]


@BOTH_WAYS
def test_resuming_a_finished_listing_yields_nothing(way: type[Caller]) -> None:
    with way.truto(CursorService([[person(1)], [person(2)]])) as truto:
        listing = truto.paginate(list_people())
        listing.to_list()
        assert listing.resume(through_json(listing.checkpoint)).to_list() == []


@BOTH_WAYS
def test_a_page_that_shrank_in_between_is_no_trouble(way: type[Caller]) -> None:
    handler = Recorder(answer({"result": [person(1), person(2)]}), answer({"result": []}))
    with way.truto(handler) as truto:
        listing = truto.paginate(list_people())
        assert ids(listing.to_list()) == ["1", "2"]
        assert listing.resume(listing.checkpoint).to_list() == []


FAILURES: Final[tuple[tuple[Callable[[], httpx.Response | Exception], type[AccountsClientError]], ...]] = (
    (lambda: answer({"message": "Oh"}, 500), ServerError),
    (lambda: answer({}, 429, {"Retry-After": "1"}), RateLimitError),
    (lambda: httpx.ReadError("broke"), ConnectError),
    (lambda: httpx.ReadTimeout("slow"), RequestTimeoutError),
    (lambda: httpx.Response(200, content=b"<html>"), DecodeError),
    (lambda: httpx.Response(200, content=b'{"result": [{"id": "1"}'), DecodeError),
    (lambda: answer({"result": [], "next_cursor": {}}), DecodeError),
)


@pytest.mark.parametrize(("failure", "error_type"), FAILURES)
@BOTH_WAYS
def test_a_failing_page_raises_with_a_checkpoint_from_which_the_listing_goes_on(
    way: type[Caller], failure: Callable[[], httpx.Response | Exception], error_type: type[AccountsClientError]
) -> None:
    service = CursorService([[person(1)], [person(2)]])
    with way.truto(service, max_retries=0) as truto:
        listing = truto.paginate(list_people())
        records = iter(listing)
        assert next(records).id == "1"
        service.failures.append(failure())
        with pytest.raises(error_type) as caught:
            next(records)
        assert next(records, None) is None
        assert caught.value.request is not None
        assert caught.value.request.query == {"next_cursor": "c1"}
        assert caught.value.checkpoint == listing.checkpoint
        assert ids(truto.paginate(list_people()).resume(through_json(caught.value.checkpoint)).to_list()) == ["2"]


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


RECORDS: Final = st.booleans()
PAGES: Final = st.lists(st.lists(RECORDS, max_size=4), min_size=1, max_size=6)


def numbered(pages: list[list[bool]]) -> list[list[JSON]]:
    """Return pages of records with running numbers, good ones and bad ones."""
    numbers = iter(range(1_000))
    return [[person(next(numbers)) if is_good else bad(next(numbers)) for is_good in page] for page in pages]


class Walk:
    """One walk over a listing that is interrupted and resumed, and checks that each record comes once and in order."""

    def __init__(self, way: type[Caller], pages: list[list[JSON]], end: JSON, *, skip: bool, prefetch: bool) -> None:
        self.service = CursorService(pages, end=end)
        self._caller = way.truto(self.service, max_retries=0)
        self._view = self._caller.view(on_bad_record="skip" if skip else "raise", prefetch=prefetch)
        self._expected = [record for page in pages for record in page if not skip or record == person_of(record)]
        self._position = 0
        self.is_finished = False
        self.listing = self._view.paginate(list_people(limit=5))
        self._records = iter(self.listing)

    def take(self) -> str:
        """Go one step on and return what came."""
        try:
            record: JSON = person(int(next(self._records).id))
        except StopIteration:
            assert self._position == len(self._expected)
            self.is_finished = True
            return "end"
        except CursorLoopError:
            assert self._position == len(self._expected)
            self.is_finished = True
            return "loop"
        except AccountsClientError as error:
            if isinstance(error, DecodeError) and error.path.endswith(".id"):
                assert error.raw == self._expected[self._position]
                self._position += 1
            self.resume(error.checkpoint)
            return f"{type(error).__name__} at {self._position}"
        assert record == self._expected[self._position]
        self._position += 1
        return f"record {self._position}"

    def resume(self, checkpoint: Checkpoint | None = None) -> None:
        """Go on from a checkpoint in a new listing, as another process would."""
        restored = through_json(checkpoint or self.listing.checkpoint)
        self.listing = self._view.paginate(list_people(limit=5)).resume(restored)
        self._records = iter(self.listing)

    def close(self) -> None:
        del self._records
        with self._caller:
            pass


def person_of(record: JSON) -> JSON:
    """Return the readable record with the id of a record, which is nothing for a bad one."""
    return {"id": record["id"]} if isinstance(record, dict) and "id" in record else None


class Listings(RuleBasedStateMachine):
    """A sync and an async walk over the same pages, with the same failures and resumes, step by step."""

    prefetch = False

    @initialize(pages=PAGES, end=st.sampled_from([None, "", "c1", "c2"]), skip=st.booleans())
    def begin(self, pages: list[list[bool]], end: str | None, skip: bool) -> None:
        # A cursor can only come back where it was handed out before. A checkpoint does not hold the cursors that were
        # seen: a round may be walked once more behind it, so that nothing may stop a listing that comes back.
        end = end if not end or int(end[1:]) < len(pages) else None
        skip = skip or bool(end)
        self.walks = [
            Walk(way, numbered(pages), end, skip=skip, prefetch=self.prefetch) for way in (SyncCaller, AsyncCaller)
        ]
        self.comes_back = bool(end)

    @rule()
    def take(self) -> None:
        self.check_alike([walk.take() for walk in self.walks if not walk.is_finished])

    @rule(count=st.integers(2, 6))
    def take_some(self, count: int) -> None:
        for _ in range(count):
            self.take()

    @precondition(lambda self: not self.comes_back)
    @rule()
    def resume(self) -> None:
        for walk in self.walks:
            if not walk.is_finished:
                walk.resume()

    @precondition(lambda self: not self.comes_back)
    @rule(failure=st.sampled_from(FAILURES))
    def fail_once(self, failure: tuple[Callable[[], httpx.Response | Exception], type[AccountsClientError]]) -> None:
        for walk in self.walks:
            walk.service.failures.append(failure[0]())

    @invariant()
    def stand_at_the_same_place(self) -> None:
        if hasattr(self, "walks"):
            self.check_alike([walk.listing.checkpoint for walk in self.walks])

    def check_alike(self, found: list[str] | list[Checkpoint]) -> None:
        assert all(entry == found[0] for entry in found)

    def teardown(self) -> None:
        for walk in getattr(self, "walks", []):
            while not walk.is_finished:
                walk.take()
            walk.close()


class ListingsAhead(Listings):
    """The same with the next page fetched ahead; what is fetched and then thrown away need not be alike."""

    prefetch = True

    def check_alike(self, found: list[str] | list[Checkpoint]) -> None:
        pass


TestListings = Listings.TestCase
TestListings.settings = settings(max_examples=60, stateful_step_count=25)
TestListingsAhead = ListingsAhead.TestCase
TestListingsAhead.settings = settings(max_examples=25, stateful_step_count=20)


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
        assert [page.next_cursor for page in listing.pages()] == [*numbers[1:], None]
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
        with pytest.raises(InvalidRequestError, match=f"{option} is"):
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


@BOTH_WAYS
def test_a_checkpoint_with_a_senseless_number_is_refused(way: type[Caller]) -> None:
    with way.coperniq(NumberService(1)) as coperniq:
        listing = coperniq.paginate(list_sites())
        for cursor in ("0", "x", ""):
            with pytest.raises(InvalidRequestError, match="page is"):
                listing.resume(altered(listing.checkpoint, "cursor", cursor))


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


def test_the_page_ahead_travels_while_the_page_in_hand_is_consumed() -> None:
    service = CursorService([[person(1)], [person(2)], [person(3)]])
    is_asked = threading.Event()

    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.params.get("next_cursor") == "c1":
            is_asked.set()
        return service(request)

    with SyncCaller.truto(handler) as truto:
        records = iter(truto.view(prefetch=True).paginate(list_people()))
        assert next(records).id == "1"
        assert is_asked.wait(5)
        assert [record.id for record in records] == ["2", "3"]
    assert service.fetched == [None, "c1", "c2"]
