"""Listings of any service: nested cursors, offsets, links and numbers; each record comes once, resumes included."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias
from urllib.parse import parse_qsl, urlencode

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts_client_runtime import (
    JSON,
    CursorLoopError,
    DecodeError,
    Headers,
    InvalidRequestError,
    LinkPage,
    Names,
    NestedCursorPage,
    NumberPage,
    OffsetPage,
    Operation,
    Page,
    Parameter,
    Reply,
    Request,
    Result,
    URLPage,
)
from accounts_client_runtime.pages import make_checkpoint
from tests.overrides.callers import BOTH_WAYS, AsyncCaller, Caller, Recorder, SyncCaller, answer
from tests.overrides.faulty_server import FaultyServer, response, send
from tests.overrides.listings import altered, through_json
from tests.overrides.pets import BY_URL, LINKED, NESTED, NUMBERED, OFFSET, PETS, Cat, list_linked
from tests.overrides.reading import BOM, answer_to

ORIGIN: Final = "https://pets.test/api"

TOKEN: Final = "token-2f9c81"

Service: TypeAlias = Callable[[httpx.Request], httpx.Response]


def cat(number: int, *, is_good: bool = True) -> dict[str, JSON]:
    """Return a record that can be read, or one that has no name."""
    return {"petType": "cat", "name": str(number)} if is_good else {"petType": "cat", "lives": number}


def names(cats: Sequence[Cat]) -> list[str]:
    return [pet.name for pet in cats]


def options(request: httpx.Request) -> dict[str, str]:
    return dict(parse_qsl(request.url.query.decode()))


def nested(pages: Sequence[Sequence[JSON]]) -> Service:
    """Return a service whose cursors and records stand deep in the answer."""

    def handler(request: httpx.Request) -> httpx.Response:
        number = int(options(request).get("cursor", "c0")[1:])
        paging: JSON = {"next": {"after": f"c{number + 1}"}} if number + 1 < len(pages) else {"next": None}
        rows: JSON = [*pages[number]]
        return answer({"data": {"rows": rows, "total": 9}, "paging": paging, "other": 1})

    return handler


def linked(pages: Sequence[Sequence[JSON]]) -> Service:
    """Return a service whose next page stands in a header; it repeats the caller's own options, as services do."""

    def handler(request: httpx.Request) -> httpx.Response:
        given = options(request)
        number = int(given.get("page", "0"))
        following = urlencode({**given, "page": number + 1})
        link = [f'<{ORIGIN}/owners/ann/linked?page=0>; rel="first"']
        if number + 1 < len(pages):
            link.append(f'<{ORIGIN}/owners/ann/linked?{following}>; title="a, b"; rel="prefetch next"')
        return answer(pages[number], headers={"Link": ", ".join(link)})

    return handler


def by_url(pages: Sequence[Sequence[JSON]]) -> Service:
    """Return a service whose next page stands in the answer, as a relative address."""

    def handler(request: httpx.Request) -> httpx.Response:
        number = int(options(request).get("page", "0"))
        following = f"?page={number + 1}" if number + 1 < len(pages) else None
        return answer({"next": following, "results": pages[number]})

    return handler


def counted(records: Sequence[JSON], most: int) -> Service:
    """Return a service that leaves out a number of records and gives at most so many."""

    def handler(request: httpx.Request) -> httpx.Response:
        given = options(request)
        start, size = int(given.get("offset", "0")), int(given.get("limit", most))
        return answer({"data": records[start : start + size]})

    return handler


def numbered(pages: Sequence[Sequence[JSON]]) -> Service:
    """Return a service with numbered pages from 0 on."""

    def handler(request: httpx.Request) -> httpx.Response:
        number = int(options(request).get("page", "0"))
        return answer({"items": pages[number] if number < len(pages) else []})

    return handler


def start(operation: Operation[Page[Cat]]) -> Request[Page[Cat]]:
    return Request(operation, path={"owner": "ann"} if "{owner}" in operation.path else {})


LISTINGS: Final[Mapping[str, tuple[Operation[Page[Cat]], Callable[[Sequence[Sequence[JSON]]], Service]]]] = {
    "nested": (NESTED, nested),
    "linked": (LINKED, linked),
    "by url": (BY_URL, by_url),
    "numbered": (NUMBERED, numbered),
    "offset": (OFFSET, lambda pages: counted([record for page in pages for record in page], 2)),
}

SHAPES: Final = st.lists(st.lists(st.booleans(), max_size=3), min_size=1, max_size=5)
FULL_SHAPES: Final = st.lists(st.lists(st.booleans(), min_size=1, max_size=3), min_size=1, max_size=5)


@pytest.mark.parametrize("kind", LISTINGS)
@BOTH_WAYS
@given(data=st.data())
def test_each_record_comes_once_with_resumes_after_any_record(
    way: type[Caller], kind: str, data: st.DataObject
) -> None:
    # An empty page ends numbered listings, and cannot be told from the end.
    shape = data.draw(FULL_SHAPES if kind == "numbered" else SHAPES)
    numbers = iter(range(1_000))
    pages = [[cat(next(numbers), is_good=is_good) for is_good in page] for page in shape]
    expected = [str(record["name"]) for page in pages for record in page if "name" in record]
    operation, service = LISTINGS[kind]
    with way.api(PETS, {"token": TOKEN}, service(pages), base_url=ORIGIN) as api:
        listing = api.view(on_bad_record="skip").paginate(start(operation))
        assert names(listing.to_list()) == expected
        came: list[str] = []
        for _ in range(data.draw(st.integers(0, 3))):
            for record in listing:
                came.append(record.name)
                if data.draw(st.booleans()):
                    break
            else:
                break
            listing = listing.resume(through_json(listing.checkpoint))
        else:
            came += names(listing.to_list())
        assert came == expected


@pytest.mark.parametrize("kind", LISTINGS)
@given(data=st.data())
def test_each_page_comes_once_with_resumes_between_pages(kind: str, data: st.DataObject) -> None:
    shape = data.draw(FULL_SHAPES if kind == "numbered" else SHAPES)
    numbers = iter(range(1_000))
    pages = [[cat(next(numbers)) for _ in page] for page in shape]
    operation, service = LISTINGS[kind]
    with SyncCaller.api(PETS, {"token": TOKEN}, service(pages), base_url=ORIGIN) as api:
        listing = api.paginate(start(operation))
        first = listing.page()
        rest = listing.resume(through_json(first.checkpoint)).to_list()
    assert names(first.items) + names(rest) == [str(record["name"]) for page in pages for record in page]


@pytest.mark.parametrize("kind", ["linked", "by url"])
@BOTH_WAYS
def test_secrets_stay_out_of_cursors(way: type[Caller], kind: str) -> None:
    operation, _ = LISTINGS[kind]

    def handler(request: httpx.Request) -> httpx.Response:
        given = options(request)
        assert given["api key"] == "s3cr3t+key"
        # The service repeats the whole query, the key among it, also under another name.
        address = f"{request.url}&page=1&again={given['api key'].replace('+', '%2B')}" if "page" not in given else ""
        link = {"Link": f"<{address}>; rel=next"} if address else {}
        records: JSON = [cat(1)]
        return answer(records if kind == "linked" else {"results": records, "next": address}, headers=link)

    with way.api(PETS, {"query_key": "s3cr3t+key"}, handler, base_url=ORIGIN) as api:
        listing = api.paginate(start(operation))
        page = listing.page()
        assert page.next_cursor == "page=1"
        assert "s3cr3t" not in json.dumps(page.checkpoint)
        assert len(listing.to_list()) == 2
        assert "s3cr3t" not in json.dumps(listing.checkpoint)


ELSEWHERE: Final = (
    "https://evil.test/api/owners/ann/linked?page=1",
    "http://pets.test/api/owners/ann/linked?page=1",
    "https://pets.test:8443/api/owners/ann/linked?page=1",
    "https://pets.test@evil.test/api/owners/ann/linked?page=1",
    "https://user@pets.test/api/owners/ann/linked?page=1",
    "//evil.test/api/owners/ann/linked?page=1",
    "/api/owners/bob/linked?page=1",
    "/owners/ann/linked?page=1",
    "../bob/linked?page=1",
    "javascript:alert(1)",
    "https://[pets.test/api/owners/ann/linked?page=1",
    "https://pets.test:x/api/owners/ann/linked?page=1",
    "mailto:ann@pets.test",
)
HERE: Final = (
    "https://pets.test/api/owners/ann/linked?page=1",
    "https://PETS.test:443/api/owners/ann/linked?page=1#there",
    "//pets.test/api/owners/ann/linked/?page=1",
    "/api/owners/a%6En/linked?page=1",
    "linked?page=1",
    "?page=1",
    " ?page=1 ",
)


@pytest.mark.parametrize("link", ELSEWHERE)
@pytest.mark.parametrize("kind", ["linked", "by url"])
@BOTH_WAYS
def test_a_link_to_elsewhere_is_refused_and_not_followed(way: type[Caller], kind: str, link: str) -> None:
    operation = LINKED if kind == "linked" else Operation("pets.by", "GET", "/owners/{owner}/linked", BY_URL.result)
    body: JSON = [cat(1)] if kind == "linked" else {"results": [], "next": link}
    recorder = Recorder(answer(body, headers={"Link": f"<{link}>;rel=next"}))
    with way.api(PETS, {"token": TOKEN}, recorder, base_url=ORIGIN) as api:
        with pytest.raises(DecodeError, match="same origin and path") as caught:
            api.paginate(Request(operation, path={"owner": "ann"})).to_list()
        assert caught.value.checkpoint is not None
    assert {request.url.host for request in recorder.requests} == {"pets.test"}
    assert len(recorder.requests) == 1


@pytest.mark.parametrize("link", HERE)
@BOTH_WAYS
def test_a_link_to_the_same_place_is_followed_with_the_calls_own_path(way: type[Caller], link: str) -> None:
    recorder = Recorder(answer([cat(1)], headers={"Link": f'<{link}>; rel="NEXT"'}), answer([cat(2)]))
    with way.api(PETS, {"token": TOKEN}, recorder, base_url=ORIGIN) as api:
        assert names(api.paginate(list_linked(q=["a"])).to_list()) == ["1", "2"]
    assert [str(request.url) for request in recorder.requests] == [
        f"{ORIGIN}/owners/ann/linked?q=a",
        f"{ORIGIN}/owners/ann/linked?page=1",
    ]


@pytest.mark.parametrize(
    ("header", "cursor"),
    [
        ("", None),
        ("<?a=1>; rel=prev", None),
        ("<?a=1>", None),
        ('<?a=1>; title="; rel=next"', None),
        ('<?a=1>; title="rel=next, <?b=2>; rel=next"; rel=prev', None),
        ("<?a=1>; rel=next", "a=1"),
        ("<?a=1>;rel=next", "a=1"),
        ('<?a=1> ; REL = "prev next"', "a=1"),
        ('<?a=1,2>; rel="prev", <?a=3,4>; rel="next"', "a=3,4"),
        ('<?a=1>; rel="next", <?a=2>; rel="next"', "a=1"),
        ("</x>; rel=other, <?>; rel=next", ""),
        ('<?a=1>; title="\\"<x>\\""; rel=next', "a=1"),
        ("<?a=1; rel=next", None),
        ("rel=next", None),
        ("<?a=%20b+c&a=2>; rel=next", "a=%20b+c&a=2"),
    ],
)
def test_link_headers(header: str, cursor: str | None) -> None:
    result = LinkPage(Cat)
    page, _ = result.read(Request(LINKED, path={"owner": "a"}), Reply(200, Headers({"Link": header}), b"[]"), tenant="")
    assert page.next_cursor == cursor


@BOTH_WAYS
def test_a_listing_that_comes_back_ends(way: type[Caller]) -> None:
    recorder = Recorder(answer([cat(1)], headers={"Link": "<?page=1>; rel=next"}))
    with (
        way.api(PETS, {"token": TOKEN}, recorder, base_url=ORIGIN) as api,
        pytest.raises(CursorLoopError),
    ):
        api.paginate(list_linked()).to_list()


@BOTH_WAYS
@pytest.mark.parametrize("kind", ["offset", "numbered"])
def test_a_service_that_repeats_itself_is_noticed(way: type[Caller], kind: str) -> None:
    operation, _ = LISTINGS[kind]
    body = {"data": [cat(1)], "items": [cat(1)]}
    with (
        way.api(PETS, {"token": TOKEN}, Recorder(answer(body)), base_url=ORIGIN) as api,
        pytest.raises(CursorLoopError, match="same as the page before"),
    ):
        api.paginate(start(operation)).to_list()


@BOTH_WAYS
def test_an_offset_grows_by_the_records_that_came(way: type[Caller]) -> None:
    records = [cat(number) for number in range(5)]
    recorder = Recorder(counted(records, 2))
    with way.api(PETS, {"token": TOKEN}, recorder, base_url=ORIGIN) as api:
        assert len(api.paginate(Request(OFFSET)).to_list()) == 5
        assert [request.url.query for request in recorder.requests] == [b"", b"offset=2", b"offset=4", b"offset=5"]
        recorder.requests.clear()
        assert len(api.paginate(Request(OFFSET, query={"limit": 2, "offset": 1})).to_list()) == 4
        queries = [options(request) for request in recorder.requests]
        assert queries == [{"limit": "2", "offset": str(offset)} for offset in (1, 3, 5)]


@pytest.mark.parametrize(
    ("operation", "query"),
    [
        (OFFSET, {"offset": -1}),
        (OFFSET, {"offset": "x"}),
        (OFFSET, {"limit": 0}),
        (NUMBERED, {"page": -1}),
        (NUMBERED, {"page": True}),
    ],
)
def test_places_out_of_range_are_refused(operation: Operation[Page[Cat]], query: dict[str, object]) -> None:
    with (
        SyncCaller.api(PETS, {"token": TOKEN}, Recorder(answer([])), base_url=ORIGIN) as api,
        pytest.raises(InvalidRequestError, match="expected a whole number from"),
    ):
        api.paginate(Request(operation, query=query))


RESULTS: Final[Mapping[str, tuple[Result[Page[Cat]], JSON]]] = {
    "nested": (NESTED.result, {"data": {"rows": [cat(1)]}, "paging": {"next": {"after": "x"}}}),
    "array": (NestedCursorPage(Cat, items=()), [cat(1)]),
    "same object": (NestedCursorPage(Cat, items=("a", "b"), next=("a", "c")), {"a": {"b": [cat(1)], "c": "x"}}),
    "odd keys": (NestedCursorPage(Cat, items=('a"b', "ü\n"), next=("",)), {'a"b': {"ü\n": [cat(1)]}, "": "x"}),
    "number": (NumberPage(Cat, items=("a", "b"), largest_size=None), {"a": {"b": [cat(1)]}}),
    "offset": (OffsetPage(Cat, items=("a",)), {"a": [cat(1)]}),
    "url": (URLPage(Cat, next=("links", "next"), items=("a", "b")), {"links": {"next": None}, "a": {"b": [cat(1)]}}),
}


@pytest.mark.parametrize("kind", RESULTS)
@given(extra=st.dictionaries(st.text(max_size=2), st.integers(), max_size=2))
def test_both_ways_read_a_page_alike(kind: str, extra: dict[str, int]) -> None:
    result, body = RESULTS[kind]
    whole = {**extra, **body} if isinstance(body, dict) else body
    operation = Operation("x.list", "GET", "/x", result)
    text = json.dumps(whole).encode()
    fast, tolerant = answer_to(operation, text), answer_to(operation, BOM + text)
    assert fast == tolerant
    assert names(fast[0].items) == ["1"]


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ([], ""),
        ({}, "data.rows"),
        ({"data": []}, "data"),
        ({"data": {"rows": {}}}, "data.rows"),
        ({"data": {"rows": None}}, "data.rows"),
        ({"data": {"rows": []}, "paging": "x"}, "paging"),
        ({"data": {"rows": []}, "paging": {"next": []}}, "paging.next"),
        ({"data": {"rows": []}, "paging": {"next": {"after": {}}}}, "paging.next.after"),
        ({"data": {"rows": []}, "paging": {"next": {"after": True}}}, "paging.next.after"),
    ],
    ids=repr,
)
def test_an_answer_that_is_no_page_is_an_error_and_no_end(body: JSON, place: str) -> None:
    with pytest.raises(DecodeError) as caught:
        answer_to(NESTED, json.dumps(body).encode())
    assert caught.value.path == place


def test_a_cursor_that_is_a_number_is_taken_and_reported() -> None:
    page, deviations = answer_to(NESTED, b'{"data": {"rows": []}, "paging": {"next": {"after": 7}}}')
    assert page.next_cursor == "7"
    assert [entry.path for entry in deviations] == ["paging.next.after"]


@pytest.mark.parametrize(
    ("cursor", "sent"),
    [
        ("page=1&q=a%20b+c", "page=1&q=a%20b+c"),
        ("q=ü x#y", "q=%C3%BC%20x%23y"),
        ("a=1\r\nX-Evil: 1", "a=1%0D%0AX-Evil:%201"),
        ("a[b]=c/d?e", "a%5Bb%5D=c/d?e"),
    ],
)
@BOTH_WAYS
def test_a_cursor_from_a_file_stays_within_the_query(way: type[Caller], cursor: str, sent: str) -> None:
    with FaultyServer(send(response([]))) as server, way.api(PETS, {"token": TOKEN}, base_url=server.url) as api:
        listing = api.paginate(list_linked())
        listing.resume(altered(listing.checkpoint, "cursor", cursor)).to_list()
        with pytest.raises(InvalidRequestError, match="lone surrogate"):
            listing.resume(altered(listing.checkpoint, "cursor", "a=\ud800")).to_list()
    assert [arrival.target for arrival in server.arrivals] == [f"/owners/ann/linked?{sent}"]


def test_a_short_secret_takes_nothing_from_a_cursor() -> None:
    recorder = Recorder(answer([cat(1)], headers={"Link": "<?page=t1>; rel=next"}), answer([cat(2)]))
    with SyncCaller.api(PETS, {"token": "t"}, recorder, base_url=ORIGIN) as api:
        assert names(api.paginate(list_linked()).to_list()) == ["1", "2"]


def test_a_checkpoint_is_of_one_path_and_one_set_of_options() -> None:
    with SyncCaller.api(PETS, {"token": TOKEN}, linked([[cat(1)]]), base_url=ORIGIN) as api:
        listing = api.paginate(list_linked(q=["a", "b"]))
        listing.to_list()
        checkpoint = through_json(listing.checkpoint)
        assert api.paginate(list_linked(q=["a", "b"])).resume(checkpoint).to_list() == []
        for other in (list_linked(q=["a"]), list_linked("bob", q=["a", "b"])):
            with pytest.raises(InvalidRequestError, match="the checkpoint's filters"):
                api.paginate(other).resume(checkpoint)


def test_resume_keeps_to_the_event_loop_as_well() -> None:
    with AsyncCaller.api(PETS, {"token": TOKEN}, linked([[cat(1)], [cat(2)]]), base_url=ORIGIN) as api:
        page = api.paginate(list_linked()).page()
        assert names(api.paginate(list_linked()).resume(page.checkpoint).to_list()) == ["2"]


BOXES: Final = NumberPage(Cat, page="page", size="")
FILTERED: Final = Operation(
    "boxes.list",
    "POST",
    "/shelves/{shelf}/{row}/boxes",
    BOXES,
    path_integers=("row",),
    query_names={"sort_by": "sortBy"},
    parameters={
        "trace": Parameter("header", "X-Trace", "simple"),
        "session": Parameter("cookie", "session"),
        "shelf": Parameter("path", "shelf", "label"),
    },
    body_names=Names({"box_color": "boxColor"}),
)


def filters(path: dict[str, str | int] | None = None, body: object = None, **options: object) -> str:
    """Return what tells a listing from others in its checkpoints."""
    request = Request(FILTERED, path=path or {"shelf": "a", "row": 1}, query=options, body=body)
    return make_checkpoint(request, BOXES, "", 0)["filters"]


def test_a_checkpoint_tells_listings_apart_by_all_that_narrows_them() -> None:
    listings = [
        filters(),
        filters({"shelf": "b", "row": 1}),
        filters({"shelf": "a", "row": 2}),
        filters(trace="1"),
        filters(session="1"),
        filters(sort_by="1"),
        filters(body={"box_color": "red"}),
        filters(body={"box_color": "blue"}),
        filters(body=[]),
    ]
    assert len({*listings}) == len(listings)
    assert filters(trace="1", session="2", page=3) == filters(session="2", trace="1")
    assert filters(body={"box_color": "red"}) == filters(body={"boxColor": "red"})
    with pytest.raises(InvalidRequestError, match="'row' is 'x', expected an integer"):
        filters({"shelf": "a", "row": "x"})
