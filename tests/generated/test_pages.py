"""Listings over several pages: which pages are fetched, where they end, what each holds, and how to go on later."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Final

import pytest

from accounts_client import (
    AccountsClientError,
    AsyncPager,
    Checkpoint,
    DecodeError,
    Pager,
    ServerError,
    coperniq_accounts,
    crm_accounts,
    crm_users,
    ticketing_accounts,
)
from accounts_client_runtime import Deviation, InvalidRequestError
from tests.generated.wire import QUERY, TENANT, Answer, AnyTruto, Clients, Wire, collect, on_coperniq

ACCOUNTS: Final = "https://api.truto.one/unified/crm/accounts"
COPERNIQ: Final = "https://api.coperniq.io/v1/accounts"


def page(*ids: str, cursor: str | None = None) -> str:
    """An answer of Truto."""
    return json.dumps({"result": [{"id": account_id} for account_id in ids], "next_cursor": cursor})


def array(ids: Iterable[int]) -> str:
    """An answer of Coperniq."""
    return json.dumps([{"id": account_id} for account_id in ids])


def accounts(*ids: str) -> list[crm_accounts.Account]:
    return [crm_accounts.Account(id=account_id) for account_id in ids]


def numbered(ids: Iterable[int]) -> list[coperniq_accounts.Account]:
    return [coperniq_accounts.Account(id=account_id) for account_id in ids]


def stored(checkpoint: Checkpoint) -> Checkpoint:
    """The checkpoint as it comes back from a file."""
    loaded: Checkpoint = json.loads(json.dumps(checkpoint))
    return loaded


def test_iterating_fetches_page_after_page_with_the_same_options(clients: Clients) -> None:
    wire = Wire(page("1", "2", cursor="c/1"), page("3", cursor="c+2"), page("4"))
    records = clients.truto(
        wire, lambda truto: collect(truto.crm_accounts.list(limit=2, remote_query={"expand": "owner"}))
    )
    assert records == accounts("1", "2", "3", "4")
    line = f"GET {ACCOUNTS}?{QUERY}&limit=2&remote_query%5Bexpand%5D=owner"
    assert wire.lines == [line, f"{line}&next_cursor=c%2F1", f"{line}&next_cursor=c%2B2"]


def test_an_empty_page_with_a_cursor_is_not_the_end(clients: Clients) -> None:
    wire = Wire(page("1", cursor="a"), page(cursor="b"), page(cursor="c"), page("2"))
    users = clients.truto(wire, lambda truto: truto.crm_users.list().to_list())
    assert users == [crm_users.User(id="1"), crm_users.User(id="2")]
    assert len(wire.sent) == 4


@pytest.mark.parametrize("end", ['"next_cursor": null', '"next_cursor": ""', '"result_count": 1'])
def test_a_listing_ends_without_a_cursor(clients: Clients, end: str) -> None:
    wire = Wire(page("1", cursor="a"), f'{{"result": [{{"id": "2"}}], {end}}}')
    records = clients.truto(wire, lambda truto: truto.ticketing_accounts.list().to_list())
    assert records == [ticketing_accounts.Account(id="1"), ticketing_accounts.Account(id="2")]
    assert len(wire.sent) == 2


def test_the_records_may_stand_under_results(clients: Clients) -> None:
    wire = Wire('{"results": [{"id": "1"}], "next_cursor": "a"}', '{"results": [], "next_cursor": null}')
    assert clients.truto(wire, lambda truto: truto.crm_accounts.list().to_list()) == accounts("1")


def test_a_cursor_that_is_a_number_is_followed_and_reported(clients: Clients) -> None:
    wire = Wire('{"result": [{"id": "1"}], "next_cursor": 17}', page("2"))
    pages = clients.truto(wire, lambda truto: collect(truto.crm_accounts.list().pages()))
    assert [entry.items for entry in pages] == [accounts("1"), accounts("2")]
    assert [entry.deviations for entry in pages] == [(Deviation("next_cursor", "string", 17),), ()]
    assert wire.lines[1] == f"GET {ACCOUNTS}?{QUERY}&next_cursor=17"


def test_the_pages_of_a_listing(clients: Clients) -> None:
    wire = Wire(
        '{"result": [{"id": "1"}, {"id": "2"}], "next_cursor": "a", "prev_cursor": null, "result_count": 2, '
        '"is_partial_response": true}',
        page("3"),
    )
    first, second = clients.truto(wire, lambda truto: collect(truto.crm_accounts.list().pages()))
    assert (first.items, first.next_cursor, first.is_partial_response) == (accounts("1", "2"), "a", True)
    assert (second.items, second.next_cursor, second.is_partial_response) == (accounts("3"), None, False)
    assert (first.deviations, first.rejected, second.deviations, second.rejected) == ((), (), (), ())
    assert {key: value for key, value in first.checkpoint.items() if key != "filters"} == {
        "version": 1,
        "tenant": TENANT,
        "operation": "crm_accounts.list",
        "cursor": None,
        "consumed": 2,
        "pages": 0,
        "anchor": "",
    }
    assert (second.checkpoint["cursor"], second.checkpoint["consumed"]) == ("a", 1)


def test_one_page_alone(clients: Clients) -> None:
    wire = Wire(page("1", cursor="a"), page("2", cursor="b"))
    first = clients.truto(wire, lambda truto: truto.crm_accounts.list(limit=1).page())
    assert (first.items, first.next_cursor) == (accounts("1"), "a")
    cursor = first.next_cursor or ""
    second = clients.truto(wire, lambda truto: truto.crm_accounts.list(limit=1, next_cursor=cursor).page())
    assert (second.items, second.next_cursor) == (accounts("2"), "b")
    assert wire.lines == [f"GET {ACCOUNTS}?{QUERY}&limit=1", f"GET {ACCOUNTS}?{QUERY}&limit=1&next_cursor=a"]


def test_a_listing_goes_on_from_the_cursor_that_it_was_given(clients: Clients) -> None:
    wire = Wire(page("2", cursor="b"), page("3"))
    records = clients.truto(wire, lambda truto: truto.crm_accounts.list(next_cursor="a").to_list())
    assert records == accounts("2", "3")
    assert wire.lines == [f"GET {ACCOUNTS}?{QUERY}&next_cursor=a", f"GET {ACCOUNTS}?{QUERY}&next_cursor=b"]


@pytest.mark.parametrize(
    ("max_items", "ids", "requests"),
    [
        (None, ["1", "2", "3"], 2),
        (9, ["1", "2", "3"], 2),
        (3, ["1", "2", "3"], 2),
        (2, ["1", "2"], 1),
        (1, ["1"], 1),
        (0, [], 0),
    ],
)
def test_to_list_fetches_no_more_pages_than_it_needs(
    clients: Clients, max_items: int | None, ids: list[str], requests: int
) -> None:
    wire = Wire(page("1", "2", cursor="a"), page("3"))
    records = clients.truto(wire, lambda truto: truto.crm_accounts.list().to_list(max_items=max_items))
    assert records == accounts(*ids)
    assert len(wire.sent) == requests


def test_making_a_listing_fetches_nothing(clients: Clients) -> None:
    wire = Wire()

    def make(truto: AnyTruto) -> list[crm_accounts.Account] | Awaitable[list[crm_accounts.Account]]:
        pager = truto.crm_accounts.list()
        pager.pages()
        return pager.to_list(max_items=0)

    assert clients.truto(wire, make) == []
    assert wire.sent == []


def test_numbered_pages_end_with_a_short_one(clients: Clients) -> None:
    wire = Wire(array([1, 2]), array([3, 4]), array([5]))
    records = clients.coperniq(wire, lambda coperniq: collect(coperniq.accounts.list(page_size=2, q="a")))
    assert records == numbered([1, 2, 3, 4, 5])
    line = f"GET {COPERNIQ}?page_size=2&q=a"
    assert wire.lines == [line, f"{line}&page=2", f"{line}&page=3"]


def test_numbered_pages_end_with_an_empty_one(clients: Clients) -> None:
    wire = Wire(array([1, 2]), array([]))
    pages = clients.coperniq(
        wire,
        lambda coperniq: collect(coperniq.accounts.search(prop1="title", op1="eq", value1="Acme", page_size=2).pages()),
    )
    assert [(entry.items, entry.next_cursor) for entry in pages] == [(numbered([1, 2]), "2"), ([], None)]
    line = f"GET {COPERNIQ}/search?prop1=title&op1=eq&value1=Acme&page_size=2"
    assert wire.lines == [line, f"{line}&page=2"]


def test_numbered_pages_hold_twenty_records_unless_the_call_says_otherwise(clients: Clients) -> None:
    wire = Wire(array(range(20)), array(range(20, 39)))
    records = clients.coperniq(wire, lambda coperniq: coperniq.accounts.list().to_list())
    assert records == numbered(range(39))
    assert wire.lines == [f"GET {COPERNIQ}", f"GET {COPERNIQ}?page=2"]


@pytest.mark.parametrize("size", [1, 100])
def test_a_page_size_up_to_a_hundred_is_sent(clients: Clients, size: int) -> None:
    wire = Wire(array(range(size)), "[]")
    records = clients.coperniq(wire, lambda coperniq: coperniq.accounts.list(page_size=size).to_list())
    assert records == numbered(range(size))
    assert wire.lines == [f"GET {COPERNIQ}?page_size={size}", f"GET {COPERNIQ}?page_size={size}&page=2"]


def test_numbered_pages_go_on_from_the_number_that_was_given(clients: Clients) -> None:
    wire = Wire(array([7]), "[]")
    first = clients.coperniq(wire, lambda coperniq: coperniq.accounts.list(page=3, page_size=1).page())
    assert (first.items, first.next_cursor) == (numbered([7]), "4")
    rest = clients.coperniq(wire, lambda coperniq: coperniq.accounts.list(page=4, page_size=1).to_list())
    assert rest == []
    assert wire.lines == [f"GET {COPERNIQ}?page=3&page_size=1", f"GET {COPERNIQ}?page=4&page_size=1"]


def test_records_that_cannot_be_read_do_not_make_a_page_short(clients: Clients) -> None:
    wire = Wire('[{"id": 1}, {"title": "Acme"}]', array([3]))
    records = clients.coperniq(
        wire, lambda coperniq: coperniq.with_options(on_bad_record="skip").accounts.list(page_size=2).to_list()
    )
    assert records == numbered([1, 3])


# Some are not even of the declared type; as a dict of anything they get past the checkers.
OUT_OF_RANGE: Final[list[dict[str, Any]]] = [
    {"page_size": 0},
    {"page_size": -1},
    {"page_size": 101},
    {"page_size": "x"},
    {"page_size": "101"},
    {"page_size": 2.5},
    {"page_size": True},
    {"page_size": None},
    {"page": 0},
    {"page": -1},
    {"page": "x"},
]


@pytest.mark.parametrize("options", OUT_OF_RANGE, ids=str)
def test_page_numbers_and_sizes_out_of_range_are_refused_before_anything_is_sent(
    clients: Clients, options: dict[str, Any]
) -> None:
    ((name, value),) = options.items()
    calls = (
        on_coperniq(lambda coperniq: coperniq.accounts.list(**options).to_list()),
        on_coperniq(lambda coperniq: coperniq.accounts.search(prop1="a", op1="eq", value1="b", **options).to_list()),
        on_coperniq(lambda coperniq: coperniq.with_options(extra_query=options).accounts.list().to_list()),
    )
    wire = Wire()
    for call in calls:
        with pytest.raises(InvalidRequestError, match=f"^{name} is {re.escape(repr(value))}, expected a whole number"):
            call(clients, wire)
    assert wire.sent == []


def test_an_error_on_a_later_page_carries_a_checkpoint_that_resumes_there(clients: Clients) -> None:
    records: list[crm_accounts.Account] = []
    with pytest.raises(ServerError) as caught:
        clients.truto(
            Wire(page("1", "2", cursor="a"), page("3", cursor="b"), Answer("", status=500)),
            lambda truto: collect(truto.crm_accounts.list(limit=2), records),
        )
    assert records == accounts("1", "2", "3")
    assert caught.value.checkpoint is not None
    checkpoint = stored(caught.value.checkpoint)
    assert (checkpoint["cursor"], checkpoint["consumed"]) == ("b", 0)

    wire = Wire(page("4", cursor="c"), page("5"))
    rest = clients.truto(wire, lambda truto: truto.crm_accounts.list(limit=2).resume(checkpoint).to_list())
    assert rest == accounts("4", "5")
    line = f"GET {ACCOUNTS}?{QUERY}&limit=2"
    assert wire.lines == [f"{line}&next_cursor=b", f"{line}&next_cursor=c"]


def test_the_checkpoint_of_a_page_resumes_behind_it(clients: Clients) -> None:
    first = clients.truto(Wire(page("1", "2", cursor="a")), lambda truto: truto.crm_users.list().page())
    checkpoint = stored(first.checkpoint)
    wire = Wire(page("1", "2", cursor="a"), page("3"))
    rest = clients.truto(wire, lambda truto: collect(truto.crm_users.list().resume(checkpoint)))
    assert rest == [crm_users.User(id="3")]
    address = "https://api.truto.one/unified/crm/users"
    assert wire.lines == [f"GET {address}?{QUERY}", f"GET {address}?{QUERY}&next_cursor=a"]


def test_a_listing_that_stopped_inside_a_page_resumes_behind_its_last_record(clients: Clients) -> None:
    pagers: list[Pager[crm_accounts.Account] | AsyncPager[crm_accounts.Account]] = []

    def take_three(truto: AnyTruto) -> list[crm_accounts.Account] | Awaitable[list[crm_accounts.Account]]:
        pagers.append(truto.crm_accounts.list(name="Acme"))
        return pagers[0].to_list(max_items=3)

    taken = clients.truto(Wire(page("1", "2", cursor="a"), page("3", "4", cursor="b")), take_three)
    checkpoint = stored(pagers[0].checkpoint)
    assert (checkpoint["cursor"], checkpoint["consumed"]) == ("a", 1)

    wire = Wire(page("3", "4", cursor="b"), page("5"))
    rest = clients.truto(wire, lambda truto: truto.crm_accounts.list(name="Acme").resume(checkpoint).to_list())
    assert taken + rest == accounts("1", "2", "3", "4", "5")
    line = f"GET {ACCOUNTS}?{QUERY}&name=Acme"
    assert wire.lines == [f"{line}&next_cursor=a", f"{line}&next_cursor=b"]


def test_pages_after_a_checkpoint_hold_only_what_is_left(clients: Clients) -> None:
    with pytest.raises(DecodeError) as caught:
        clients.coperniq(
            Wire('[{"id": 1}, {"title": "Acme"}, {"id": 3}]'),
            lambda coperniq: coperniq.accounts.list(page_size=3).to_list(),
        )
    assert caught.value.checkpoint is not None
    checkpoint = stored(caught.value.checkpoint)
    assert (checkpoint["tenant"], checkpoint["cursor"], checkpoint["consumed"]) == ("", None, 2)

    wire = Wire('[{"id": 1}, {"title": "Acme"}, {"id": 3}]', array([4]))
    pages = clients.coperniq(
        wire, lambda coperniq: collect(coperniq.accounts.list(page_size=3).resume(checkpoint).pages())
    )
    assert [(entry.items, entry.rejected) for entry in pages] == [(numbered([3]), ()), (numbered([4]), ())]
    assert wire.lines == [f"GET {COPERNIQ}?page_size=3", f"GET {COPERNIQ}?page_size=3&page=2"]


def test_numbered_pages_resume_at_the_number_of_the_checkpoint(clients: Clients) -> None:
    with pytest.raises(ServerError) as caught:
        clients.coperniq(
            Wire(array([1, 2]), Answer("", status=500)),
            lambda coperniq: coperniq.accounts.list(page_size=2).to_list(),
        )
    assert caught.value.checkpoint is not None
    checkpoint = stored(caught.value.checkpoint)
    wire = Wire(array([3, 4]), array([]))
    rest = clients.coperniq(wire, lambda coperniq: coperniq.accounts.list(page_size=2).resume(checkpoint).to_list())
    assert rest == numbered([3, 4])
    assert wire.lines == [f"GET {COPERNIQ}?page_size=2&page=2", f"GET {COPERNIQ}?page_size=2&page=3"]


RESUMING_ELSEWHERE: Final[Mapping[str, Callable[[AnyTruto, Checkpoint], object]]] = {
    "tenant": lambda truto, checkpoint: truto.account("b").crm_accounts.list(name="Acme").resume(checkpoint),
    "operation": lambda truto, checkpoint: truto.ticketing_accounts.list().resume(checkpoint),
    "filters": lambda truto, checkpoint: truto.crm_accounts.list(name="Bee").resume(checkpoint),
    "version": lambda truto, checkpoint: truto.crm_accounts.list(name="Acme").resume({**checkpoint, "version": 2}),
}


@pytest.mark.parametrize(("difference", "resume"), RESUMING_ELSEWHERE.items(), ids=RESUMING_ELSEWHERE)
def test_a_checkpoint_of_another_listing_is_refused(
    clients: Clients, difference: str, resume: Callable[[AnyTruto, Checkpoint], object]
) -> None:
    first = clients.truto(Wire(page("1", cursor="a")), lambda truto: truto.crm_accounts.list(name="Acme").page())
    checkpoint = stored(first.checkpoint)
    wire = Wire()
    with pytest.raises(InvalidRequestError, match=f"the checkpoint's {difference} is"):
        clients.truto(wire, lambda truto: resume(truto, checkpoint))
    assert wire.sent == []


@pytest.mark.parametrize("damage", [{"cursor": 5}, {"consumed": "2"}, {"consumed": -1}, {"consumed": None}], ids=str)
def test_a_damaged_checkpoint_is_refused(clients: Clients, damage: dict[str, object]) -> None:
    first = clients.truto(Wire(page("1", cursor="a")), lambda truto: truto.crm_accounts.list().page())
    damaged: Checkpoint = json.loads(json.dumps({**first.checkpoint, **damage}))
    wire = Wire()
    with pytest.raises(AccountsClientError, match="the checkpoint is damaged"):
        clients.truto(wire, lambda truto: truto.crm_accounts.list().resume(damaged).to_list())
    assert wire.sent == []


def test_a_negative_number_of_items_is_refused_before_anything_is_sent(clients: Clients) -> None:
    wire = Wire()
    with pytest.raises(InvalidRequestError, match="max_items is -1"):
        clients.truto(wire, lambda truto: truto.crm_accounts.list().to_list(max_items=-1))
    assert wire.sent == []


def test_a_partial_mark_that_came_as_text_still_marks_the_page(clients: Clients) -> None:
    wire = Wire('{"result": [], "next_cursor": null, "is_partial_response": "true"}')
    page = clients.truto(wire, lambda truto: truto.crm_accounts.list().page())
    assert page.is_partial_response
    assert [deviation.path for deviation in page.deviations] == ["is_partial_response"]
