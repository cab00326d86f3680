"""Checkpoints: each record once, in order, across failures and resumes, or an error where there is no end."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import chain, islice, product, repeat
from typing import Final

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from accounts_client_runtime import (
    JSON,
    AccountsClientError,
    Checkpoint,
    ConfigurationError,
    ConnectError,
    CursorLoopError,
    DecodeError,
    InvalidRequestError,
    Page,
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
    Listing,
    Recorder,
    SyncCaller,
    answer,
)
from tests.overrides.listings import (
    PAGES,
    CursorService,
    NumberService,
    altered,
    bad,
    ids,
    numbered,
    person,
    through_json,
)
from tests.overrides.models import Person, Site, list_people, list_sites

OTHER: Final = "11111111-2222-3333-4444-555555555555"


def resumed_behind_bad_records(listing: Listing[Person] | Listing[Site]) -> Iterator[object]:
    """Yield the ids of the records, and instead of those that cannot be read what came, and go on behind them."""
    while True:
        try:
            yield from (record.id for record in listing)
        except DecodeError as error:
            assert error.path.endswith(".id")
            yield error.raw
            listing = listing.resume(through_json(error.checkpoint))
        else:
            return


def resumed_behind_pages(listing: Listing[Person]) -> Iterator[Page[Person]]:
    """Yield the pages of a listing without end, each from a listing of its own."""
    page = listing.page()
    while True:
        yield page
        _, page = islice(listing.resume(through_json(page.checkpoint)).pages(), 2)


@BOTH_WAYS
def test_a_bad_record_raises_at_its_place_with_a_checkpoint_behind_it(way: type[Caller]) -> None:
    service = CursorService([[bad(0), person(1), bad(2), bad(3), person(4)], [bad(5)], [person(6)]])
    with way.truto(service) as truto:
        listing = truto.paginate(list_people())
        events = list(resumed_behind_bad_records(listing))
        with pytest.raises(DecodeError) as caught:
            listing.to_list()
        assert [page.rejected[0].raw for page in listing.pages() if page.rejected] == [bad(0), bad(5)]
    assert events == [bad(0), "1", bad(2), bad(3), "4", bad(5), "6"]
    assert (caught.value.path, caught.value.expected, caught.value.raw) == ("result[0].id", "string", bad(0))
    assert caught.value.request == list_people()


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
def test_a_way_round_is_found_even_if_the_listing_is_resumed_behind_each_page(way: type[Caller]) -> None:
    for first, length in product(range(1, 7), repeat=2):
        count = first + length
        service = CursorService([[person(number)] for number in range(count)], end=f"c{first}")
        with way.truto(service) as truto, pytest.raises(CursorLoopError):
            list(islice(resumed_behind_pages(truto.paginate(list_people())), 3 * count))


@BOTH_WAYS
def test_the_anchor_of_a_checkpoint_moves_at_each_power_of_two(way: type[Caller]) -> None:
    with way.truto(CursorService([[]] * 20)) as truto:
        anchors = [page.checkpoint["anchor"] for page in truto.paginate(list_people()).pages()]
    assert [number for number in range(1, 20) if anchors[number] != anchors[number - 1]] == [1, 2, 4, 8, 16]


@BOTH_WAYS
def test_unreadable_records_on_a_way_round_come_to_an_end(way: type[Caller]) -> None:
    service = CursorService([[bad(0)], [bad(1), person(1)], [bad(2)]], end="c1")
    with way.truto(service) as truto, pytest.raises(CursorLoopError):
        list(islice(resumed_behind_bad_records(truto.paginate(list_people())), 12))


@BOTH_WAYS
def test_a_listing_that_led_round_stops_at_once_when_it_is_resumed(way: type[Caller]) -> None:
    service = CursorService([[person(number)] for number in range(5)], end="c3")
    with way.truto(service) as truto:
        with pytest.raises(CursorLoopError) as first:
            truto.paginate(list_people()).to_list()
        with pytest.raises(CursorLoopError) as second:
            truto.paginate(list_people()).resume(through_json(first.value.checkpoint)).to_list()
    assert (second.value.cursor, second.value.checkpoint) == ("c3", first.value.checkpoint)
    assert service.fetched == [None, "c1", "c2", "c3", "c4", "c4"]


@BOTH_WAYS
def test_a_listing_goes_on_when_the_service_does_not_lead_round_any_more(way: type[Caller]) -> None:
    service = CursorService([[person(0)], [person(1)]], end="c1")
    mended = CursorService([[person(0)], [person(1)], [person(2)]])
    with way.truto(service) as truto, pytest.raises(CursorLoopError) as caught:
        truto.paginate(list_people()).to_list()
    with way.truto(mended) as truto:
        rest = truto.paginate(list_people()).resume(through_json(caught.value.checkpoint)).to_list()
    assert ids(rest) == ["2"]


@pytest.mark.parametrize("prefetch", [False, True])
@BOTH_WAYS
def test_a_numbered_page_that_comes_again_ends_in_an_error(way: type[Caller], prefetch: bool) -> None:
    with way.coperniq(Recorder(answer([{"id": 1}, {"title": "x"}]))) as coperniq:
        listing = coperniq.view(prefetch=prefetch, on_bad_record="skip").paginate(list_sites(page_size=2))
        seen: list[int] = []
        with pytest.raises(CursorLoopError, match=r"sites\.list: page 2 is the same as the page before") as caught:
            seen.extend(site.id for site in listing)
        checkpoint = through_json(caught.value.checkpoint)
        assert seen == [1]
        assert caught.value.cursor == "2"
        assert caught.value.request == list_sites(page_size=2, page="2")
        assert checkpoint == listing.checkpoint
        assert (checkpoint["cursor"], checkpoint["consumed"], checkpoint["pages"]) == (None, 2, 0)
        resumed = listing.resume(checkpoint).pages()
        assert next(resumed).items == []
        with pytest.raises(CursorLoopError):
            next(resumed)


@BOTH_WAYS
def test_a_later_numbered_page_that_comes_again_resumes_behind_the_one_before(way: type[Caller]) -> None:
    service = Recorder(answer([{"id": 1}]), answer([{"id": 2}]))
    with way.coperniq(service) as coperniq, pytest.raises(CursorLoopError) as caught:
        coperniq.paginate(list_sites(page_size=1)).to_list()
    checkpoint = through_json(caught.value.checkpoint)
    assert caught.value.cursor == "3"
    assert (checkpoint["cursor"], checkpoint["consumed"], checkpoint["pages"]) == ("2", 1, 1)


@BOTH_WAYS
def test_unreadable_records_on_numbered_pages_that_come_again_come_to_an_end(way: type[Caller]) -> None:
    events: list[object] = []
    service = Recorder(answer([{"id": 1}, {"title": "x"}]))
    with way.coperniq(service) as coperniq, pytest.raises(CursorLoopError):
        events.extend(islice(resumed_behind_bad_records(coperniq.paginate(list_sites(page_size=2))), 9))
    assert events == [1, {"title": "x"}]


@BOTH_WAYS
def test_a_numbered_listing_goes_on_behind_records_that_had_moved_by_a_page(way: type[Caller]) -> None:
    before, moved = answer([{"id": 2}]), answer([{"id": 1}])
    with way.coperniq(Recorder(before, before, moved, before, answer([{"id": 3}]), answer([]))) as coperniq:
        listing = coperniq.paginate(list_sites(page_size=1))
        with pytest.raises(CursorLoopError) as caught:
            listing.to_list()
        rest = listing.resume(through_json(caught.value.checkpoint)).to_list()
    assert rest == [Site(id=2), Site(id=3)]


@BOTH_WAYS
def test_a_checkpoint_is_small_plain_json_without_secrets(way: type[Caller]) -> None:
    with way.truto(CursorService([[person(1), person(2)]] * 500)) as truto:
        listing = truto.paginate(list_people(remote_query={"name": "hidden"}))
        assert (listing.checkpoint["consumed"], listing.checkpoint["anchor"]) == (0, "")
        listing.to_list(max_items=2 * 499 + 1)
        checkpoint = listing.checkpoint
    assert {**checkpoint, "filters": "", "anchor": ""} == {
        "version": 1,
        "tenant": TENANT,
        "operation": "people.list",
        "filters": "",
        "cursor": "c499",
        "consumed": 1,
        "pages": 499,
        "anchor": "",
    }
    assert (len(checkpoint["filters"]), len(checkpoint["anchor"])) == (16, 16)
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
            refused = f"^the checkpoint's {key} is {dict(checkpoint.items())[key]!r}, this listing's is '"
            with pytest.raises(InvalidRequestError, match=refused):
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
    ("consumed", True),
    ("pages", -1),
    ("pages", None),
    ("anchor", None),
    ("anchor", 5),
)


@pytest.mark.parametrize(("key", "value"), DAMAGE)
@BOTH_WAYS
def test_a_damaged_checkpoint_is_refused(way: type[Caller], key: str, value: JSON) -> None:
    with way.truto(CursorService([[person(1)]])) as truto:
        listing = truto.paginate(list_people())
        with pytest.raises(InvalidRequestError, match=r"^the checkpoint's|^the checkpoint is damaged"):
            listing.resume(altered(listing.page().checkpoint, key, value))


@pytest.mark.parametrize("checkpoint", ["null", "[]", '"x"', "5", "{}"])
@BOTH_WAYS
def test_what_is_no_checkpoint_is_refused(way: type[Caller], checkpoint: str) -> None:
    with (
        way.truto(CursorService([[]])) as truto,
        pytest.raises(InvalidRequestError, match=r"^that is no checkpoint|^the checkpoint's"),
    ):
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
def test_a_listing_that_yields_pages_stands_behind_the_page_that_it_yielded(way: type[Caller]) -> None:
    with way.truto(CursorService([[person(1), bad(2), person(3)], [person(4)]])) as truto:
        listing = truto.paginate(list_people())
        first = next(listing.pages())
        assert listing.checkpoint == first.checkpoint
        rest = list(listing.resume(through_json(listing.checkpoint)).pages())
        assert [(ids(page.items), page.rejected) for page in rest] == [([], ()), (["4"], ())]
        assert listing.page().checkpoint == listing.checkpoint


@BOTH_WAYS
def test_a_checkpoint_of_the_beginning_goes_before_the_cursor_that_a_listing_begins_at(way: type[Caller]) -> None:
    with way.truto(CursorService([[person(1)], [person(2)]])) as truto:
        beginning = truto.paginate(list_people()).checkpoint
        listing = truto.paginate(list_people(next_cursor="c1"))
        assert ids(listing.to_list()) == ["2"]
        assert ids(listing.resume(through_json(beginning)).to_list()) == ["1", "2"]


@BOTH_WAYS
def test_a_listing_keyed_by_a_field_is_resumed_inside_a_page(way: type[Caller]) -> None:
    handler = Recorder(answer({"result": {"a": person(1), "b": bad(2), "c": person(3)}, "next_cursor": None}))
    with way.truto(handler) as truto:
        listing = truto.paginate(list_people(truto_key_by="name"))
        with pytest.raises(DecodeError) as caught:
            listing.to_list()
        assert caught.value.raw == bad(2)
        assert ids(listing.resume(through_json(caught.value.checkpoint)).to_list()) == ["3"]


@BOTH_WAYS
def test_a_page_that_was_fetched_by_itself_can_be_followed_by_the_others(way: type[Caller]) -> None:
    with way.truto(CursorService([[person(1)], [person(2)]])) as truto:
        people = truto.send(list_people())
        assert people.checkpoint == truto.paginate(list_people()).page().checkpoint
        assert ids(truto.paginate(list_people()).resume(people.checkpoint).to_list()) == ["2"]
    with way.coperniq(NumberService(3)) as coperniq:
        sites = coperniq.send(list_sites(page_size=2))
        rest = coperniq.paginate(list_sites(page_size=2)).resume(through_json(sites.checkpoint))
        assert rest.to_list() == [Site(id=3)]


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
        resumed = listing.resume(listing.checkpoint)
        assert resumed.to_list() == []
    assert (listing.checkpoint["consumed"], resumed.checkpoint["consumed"]) == (2, 0)


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
def test_a_client_that_was_closed_in_between_raises_with_a_checkpoint(way: type[Caller]) -> None:
    with way.truto(CursorService([[person(1)], [person(2)]])) as truto:
        listing = truto.paginate(list_people())
        records = iter(listing)
        next(records)
        truto.close()
        with pytest.raises(ConfigurationError, match="closed") as caught:
            next(records)
    assert caught.value.checkpoint == listing.checkpoint
    assert (listing.checkpoint["cursor"], listing.checkpoint["consumed"]) == ("c1", 0)


@BOTH_WAYS
def test_a_cursor_that_cannot_be_sent_raises_with_a_checkpoint(way: type[Caller]) -> None:
    with way.truto(Recorder(answer({"result": [person(1)], "next_cursor": "\ud800"}))) as truto:
        records = iter(truto.paginate(list_people()))
        assert next(records).id == "1"
        with pytest.raises(QueryEncodingError, match="next_cursor") as caught:
            next(records)
    assert through_json(caught.value.checkpoint)["cursor"] == "\ud800"


@pytest.mark.parametrize("prefetch", [False, True])
@BOTH_WAYS
def test_a_callback_that_raises_loses_no_record(way: type[Caller], prefetch: bool) -> None:
    def interrupt(pages: int, records: int) -> None:
        if pages == 2:
            raise RuntimeError(f"{records} records")

    seen: list[str] = []
    with way.truto(CursorService([[person(1)], [person(2), person(3)], [person(4)]])) as truto:
        listing = truto.view(prefetch=prefetch, progress=interrupt).paginate(list_people())
        with pytest.raises(RuntimeError, match="3 records"):
            seen.extend(record.id for record in listing)
        rest = truto.paginate(list_people()).resume(through_json(listing.checkpoint)).to_list()
    assert (seen, ids(rest)) == (["1"], ["2", "3", "4"])


@pytest.mark.parametrize("prefetch", [False, True])
def test_an_interrupt_while_a_page_is_fetched_loses_no_record(prefetch: bool) -> None:
    interrupts = [KeyboardInterrupt()]
    service = CursorService([[person(1)], [person(2)], [person(3)]])
    seen: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.params.get("next_cursor") == "c1" and interrupts:
            raise interrupts.pop()
        return service(request)

    with SyncCaller.truto(handler) as truto:
        listing = truto.view(prefetch=prefetch).paginate(list_people())
        with pytest.raises(KeyboardInterrupt):
            seen.extend(record.id for record in listing)
        rest = truto.paginate(list_people()).resume(through_json(listing.checkpoint)).to_list()
    assert [*seen, *ids(rest)] == ["1", "2", "3"]


@pytest.mark.parametrize("prefetch", [False, True])
@BOTH_WAYS
def test_a_consumer_that_fails_goes_on_behind_the_record_it_failed_at(way: type[Caller], prefetch: bool) -> None:
    def use(record: Person) -> str:
        if record.id == "3":
            raise KeyboardInterrupt
        return record.id

    with way.truto(CursorService([[person(1), person(2)], [person(3), person(4)]])) as truto:
        listing = truto.view(prefetch=prefetch).paginate(list_people())
        with pytest.raises(KeyboardInterrupt):
            list(map(use, listing))
        assert ids(truto.paginate(list_people()).resume(through_json(listing.checkpoint)).to_list()) == ["4"]


class Walk:
    """One walk over a listing that is interrupted and resumed, and checks that each record comes once and in order.

    Where the service leads round, records may come again after a resume, until the way round is found.
    """

    def __init__(
        self, way: type[Caller], pages: list[list[JSON]], end: str | None, *, skip: bool, prefetch: bool
    ) -> None:
        self.service = CursorService(pages, end=end)
        self._caller = way.truto(self.service, max_retries=0)
        self._view = self._caller.view(on_bad_record="skip" if skip else "raise", prefetch=prefetch)
        expected = [[record for record in page if not skip or record == person_of(record)] for page in pages]
        self._way = list(chain(*expected))
        self._way_round = list(chain(*expected[int(end[1:]) :])) if end else []
        self._most_pages = 3 * len(pages)
        self._position = 0
        self._is_resumed = False
        self.is_finished = False
        self.listing = self._view.paginate(list_people(limit=5))
        self._records = iter(self.listing)

    def take(self) -> str:
        """Go one step on and return what came."""
        try:
            record: JSON = person(int(next(self._records).id))
        except StopIteration:
            assert self._position == len(self._way)
            self.is_finished = True
            return "end"
        except CursorLoopError:
            assert self._position == len(self._way) or self._is_resumed
            self.is_finished = True
            return "loop"
        except AccountsClientError as error:
            if isinstance(error, DecodeError) and error.path.endswith(".id"):
                self.check(error.raw)
            self.resume(error.checkpoint)
            return f"{type(error).__name__} at {self._position}"
        self.check(record)
        return f"record {self._position}"

    def check(self, record: object) -> None:
        """Expect a record that stands next on the way, or on the way round once the way is done."""
        beyond = self._position - len(self._way)
        assert record == (self._way[self._position] if beyond < 0 else self._way_round[beyond % len(self._way_round)])
        assert self.listing.checkpoint["pages"] < self._most_pages
        self._position += 1

    def resume(self, checkpoint: Checkpoint | None = None) -> None:
        """Go on from a checkpoint in a new listing, as another process would."""
        self._is_resumed = True
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
        # A cursor can only come back where it was handed out before.
        end = end if not end or int(end[1:]) < len(pages) else None
        self.walks = [
            Walk(way, numbered(pages), end, skip=skip, prefetch=self.prefetch) for way in (SyncCaller, AsyncCaller)
        ]

    @rule()
    def take(self) -> None:
        self.check_alike([walk.take() for walk in self.walks if not walk.is_finished])

    @rule(count=st.integers(2, 6))
    def take_some(self, count: int) -> None:
        for _ in range(count):
            self.take()

    @rule()
    def resume(self) -> None:
        for walk in self.walks:
            if not walk.is_finished:
                walk.resume()

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


def taken(listing: Listing[Site], count: int | None) -> tuple[list[object], Checkpoint, bool]:
    """Return what so many steps give, where the listing stands then, and whether it is at its end."""
    records: list[object] = []
    try:
        records.extend({"id": site.id} for site in islice(listing, count))
    except DecodeError as error:
        assert error.checkpoint == listing.checkpoint
        return [*records, error.raw], listing.checkpoint, False
    return records, listing.checkpoint, count is None


@settings(max_examples=40)
@given(st.lists(st.booleans(), max_size=12), st.integers(1, 4), st.lists(st.integers(0, 5), max_size=5))
@BOTH_WAYS
def test_a_numbered_listing_gives_each_record_once_however_it_is_resumed(
    way: type[Caller], records: list[bool], size: int, stops: list[int]
) -> None:
    expected: list[JSON] = [
        {"id": number} if is_good else {"title": str(number)} for number, is_good in enumerate(records)
    ]
    found: list[object] = []
    counts: Iterator[int | None] = chain(stops, repeat(None))
    with way.coperniq(NumberService(expected)) as coperniq:
        listing = coperniq.paginate(list_sites(page_size=size))
        is_at_end = False
        while not is_at_end:
            part, checkpoint, is_at_end = taken(listing, next(counts))
            found += part
            listing = coperniq.paginate(list_sites(page_size=size)).resume(through_json(checkpoint))
    assert found == expected


@BOTH_WAYS
def test_a_checkpoint_with_a_senseless_number_is_refused(way: type[Caller]) -> None:
    with way.coperniq(NumberService(1)) as coperniq:
        listing = coperniq.paginate(list_sites())
        for cursor in ("0", "x", ""):
            with pytest.raises(InvalidRequestError, match="page is"):
                listing.resume(altered(listing.checkpoint, "cursor", cursor))
