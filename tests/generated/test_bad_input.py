"""Answers that are not as documented: each gives an honest value that says so, or a clear error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import pytest

from accounts_client import (
    AmbiguousWriteError,
    APIStatusError,
    BadRequestError,
    CursorLoopError,
    DecodeError,
    NotFoundError,
    ServerError,
    coperniq_accounts,
    crm_accounts,
    crm_users,
    ticketing_accounts,
)
from accounts_client_runtime import Deviation, Rejected
from tests.generated.wire import Answer, Call, Clients, Wire, collect, on_coperniq, on_truto

HTML: Final = "<!doctype html><title>Bad gateway</title>"
TRUNCATED: Final = '{"id": "7", "name": "Ac'

READS: Final[Mapping[str, Call]] = {
    "crm_accounts.get": on_truto(lambda truto: truto.crm_accounts.get("7")),
    "crm_users.get": on_truto(lambda truto: truto.crm_users.get("7")),
    "ticketing_accounts.get": on_truto(lambda truto: truto.ticketing_accounts.get("7")),
    "coperniq_accounts.get": on_coperniq(lambda coperniq: coperniq.accounts.get(7)),
}
CREATES_AND_UPDATES: Final[Mapping[str, Call]] = {
    "crm_accounts.create": on_truto(lambda truto: truto.crm_accounts.create({"name": "Acme"})),
    "crm_accounts.update": on_truto(lambda truto: truto.crm_accounts.update("7", {"name": "Acme"})),
    "crm_users.create": on_truto(lambda truto: truto.crm_users.create({"email": "a@example.test"})),
    "crm_users.update": on_truto(lambda truto: truto.crm_users.update("7", {"name": "A"})),
    "ticketing_accounts.create": on_truto(lambda truto: truto.ticketing_accounts.create({"name": "Acme"})),
    "ticketing_accounts.update": on_truto(lambda truto: truto.ticketing_accounts.update("7", {"name": "Acme"})),
    "coperniq_accounts.create": on_coperniq(
        lambda coperniq: coperniq.accounts.create({"title": "Acme", "address": ["1 Main St"]})
    ),
    "coperniq_accounts.update": on_coperniq(lambda coperniq: coperniq.accounts.update(7, {"title": "Acme"})),
}
METHODS: Final[Mapping[str, Call]] = {
    "crm_accounts.merge": on_truto(
        lambda truto: truto.crm_accounts.merge({"master_record": {"id": "7"}, "duplicate_records": [{"id": "8"}]})
    ),
    "crm_accounts.batch_delete": on_truto(lambda truto: truto.crm_accounts.batch_delete({"id": ["7"]})),
}
FREE_METHODS: Final[Mapping[str, Call]] = {
    "crm_accounts.call": on_truto(lambda truto: truto.crm_accounts.call("archive")),
    "crm_users.call": on_truto(lambda truto: truto.crm_users.call("invite", {})),
    "ticketing_accounts.call": on_truto(lambda truto: truto.ticketing_accounts.call("split", {"a": 1})),
}
TRUTO_LISTS: Final[Mapping[str, Call]] = {
    "crm_accounts.list": on_truto(lambda truto: truto.crm_accounts.list().to_list()),
    "crm_users.list": on_truto(lambda truto: truto.crm_users.list().page()),
    "ticketing_accounts.list": on_truto(lambda truto: collect(truto.ticketing_accounts.list().pages())),
}
COPERNIQ_LISTS: Final[Mapping[str, Call]] = {
    "coperniq_accounts.list": on_coperniq(lambda coperniq: coperniq.accounts.list().to_list()),
    "coperniq_accounts.search": on_coperniq(
        lambda coperniq: collect(coperniq.accounts.search(prop1="title", op1="eq", value1="Acme"))
    ),
}
DELETES: Final[Mapping[str, Call]] = {
    "crm_accounts.delete": on_truto(lambda truto: truto.crm_accounts.delete("7")),
    "crm_users.delete": on_truto(lambda truto: truto.crm_users.delete("7")),
    "ticketing_accounts.delete": on_truto(lambda truto: truto.ticketing_accounts.delete("7")),
    "coperniq_accounts.delete": on_coperniq(lambda coperniq: coperniq.accounts.delete(7)),
}
RECORDS: Final = {**READS, **CREATES_AND_UPDATES, **METHODS}
LISTS: Final = {**TRUTO_LISTS, **COPERNIQ_LISTS}


def each(calls: Mapping[str, Call]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("call", calls.values(), ids=calls)


@each({**READS, **LISTS, **METHODS, **FREE_METHODS})
@pytest.mark.parametrize(
    ("status", "error_class"),
    [(302, APIStatusError), (400, BadRequestError), (404, NotFoundError), (502, ServerError), (520, ServerError)],
)
def test_an_html_error_page_raises_the_class_of_its_status(
    clients: Clients, call: Call, status: int, error_class: type[APIStatusError]
) -> None:
    with pytest.raises(APIStatusError, match=str(status)) as caught:
        call(clients, Wire(Answer(HTML, status=status, content_type="text/html")))
    assert type(caught.value) is error_class
    assert (caught.value.status, caught.value.body) == (status, HTML)


@pytest.mark.parametrize(
    ("body", "parsed"),
    [
        ("", ""),
        (TRUNCATED, TRUNCATED),
        ("null", None),
        ('["no"]', ["no"]),
        ('{"message": null, "truto_error_insight": 5}', {"message": None, "truto_error_insight": 5}),
    ],
)
def test_an_error_keeps_whatever_body_it_has(clients: Clients, body: str, parsed: object) -> None:
    for call in (READS["crm_accounts.get"], READS["coperniq_accounts.get"]):
        with pytest.raises(ServerError) as caught:
            call(clients, Wire(Answer(body, status=520)))
        assert (caught.value.status, caught.value.body) == (520, parsed)


def test_a_write_without_a_key_that_a_gateway_failed_to_answer_is_ambiguous(clients: Clients) -> None:
    call = CREATES_AND_UPDATES["coperniq_accounts.create"]
    with pytest.raises(AmbiguousWriteError) as caught:
        call(clients, Wire(Answer(HTML, status=502, content_type="text/html")))
    assert isinstance(caught.value.__cause__, ServerError)
    assert caught.value.__cause__.body == HTML


@each({**RECORDS, **FREE_METHODS, **LISTS})
@pytest.mark.parametrize("body", [HTML, TRUNCATED], ids=["html", "truncated"])
def test_a_success_that_is_not_json_is_an_error_that_shows_its_start(clients: Clients, call: Call, body: str) -> None:
    with pytest.raises(DecodeError, match="not JSON") as caught:
        call(clients, Wire(body))
    assert (caught.value.path, caught.value.expected, caught.value.raw) == ("", "JSON", body)
    assert caught.value.request is not None


@each({**READS, **LISTS})
def test_an_empty_answer_to_a_read_is_an_error(clients: Clients, call: Call) -> None:
    with pytest.raises(DecodeError, match="empty"):
        call(clients, Wire(""))


@each(RECORDS)
@pytest.mark.parametrize(("body", "raw"), [('[{"id": "7"}]', [{"id": "7"}]), ('"7"', "7"), ("7", 7), ("null", None)])
def test_an_answer_that_is_no_object_is_an_error(clients: Clients, call: Call, body: str, raw: object) -> None:
    with pytest.raises(DecodeError, match="expected object") as caught:
        call(clients, Wire(body))
    assert (caught.value.path, caught.value.expected, caught.value.raw) == ("", "object", raw)


@each(TRUTO_LISTS)
@pytest.mark.parametrize(
    ("body", "path", "expected"),
    [
        ('[{"id": "7"}]', "", "object"),
        ('"7"', "", "object"),
        ("7", "", "object"),
        ("null", "", "object"),
        ("{}", "result", "array"),
        ('{"next_cursor": "c"}', "result", "array"),
        ('{"result": null}', "result", "array"),
        ('{"result": "7"}', "result", "array"),
        ('{"result": 7}', "result", "array"),
        ('{"result": [], "next_cursor": ["c"]}', "next_cursor", "string"),
        ('{"result": [], "next_cursor": true}', "next_cursor", "string"),
    ],
)
def test_an_answer_of_truto_that_is_no_list_is_an_error(
    clients: Clients, call: Call, body: str, path: str, expected: str
) -> None:
    with pytest.raises(DecodeError) as caught:
        call(clients, Wire(body))
    assert (caught.value.path, caught.value.expected) == (path, expected)


@each(COPERNIQ_LISTS)
@pytest.mark.parametrize("body", ['{"result": []}', "{}", '"7"', "7", "null"])
def test_an_answer_of_coperniq_that_is_no_list_is_an_error(clients: Clients, call: Call, body: str) -> None:
    with pytest.raises(DecodeError) as caught:
        call(clients, Wire(body))
    assert (caught.value.path, caught.value.expected) == ("", "array")


TRUTO_FIELDS: Final[Sequence[tuple[str, crm_accounts.Account, Deviation | None]]] = (
    # Null reads as an absent field does.
    (
        '"name": null, "owner": null, "addresses": null, "created_at": null, "custom_fields": null',
        crm_accounts.Account(id="7"),
        None,
    ),
    (
        '"addresses": [{"city": null, "state": "NRW"}], "tags": [], "owner": {}, "custom_fields": {}',
        crm_accounts.Account(
            id="7",
            addresses=[crm_accounts.Address(state="NRW")],
            tags=[],
            owner=crm_accounts.Owner(),
            custom_fields={},
        ),
        None,
    ),
    # Unknown keys are kept, on every level.
    (
        '"rating": 5, "owner": {"id": "9", "name": "A"}, "tags": [{"id": "1", "color": null}]',
        crm_accounts.Account(
            id="7",
            owner=crm_accounts.Owner(id="9", extra={"name": "A"}),
            tags=[crm_accounts.Tag(id="1", extra={"color": None})],
            extra={"rating": 5},
        ),
        None,
    ),
    (
        '"extra": {"a": 1}',
        crm_accounts.Account(id="7", extra={"extra": {"a": 1}}),
        None,
    ),
    # A value that no page lists.
    (
        '"phone_numbers": [{"type": "pager"}]',
        crm_accounts.Account(id="7", phone_numbers=[crm_accounts.PhoneNumber(type="pager")]),
        None,
    ),
    # JSON that some readers refuse or round.
    (
        '"name": "\\ud800", "custom_fields": {"serial": 123456789012345678901234567890}',
        crm_accounts.Account(id="7", name="\ud800", custom_fields={"serial": 123456789012345678901234567890}),
        None,
    ),
    # Another type that says the same.
    (
        '"name": 5',
        crm_accounts.Account(id="7", name="5"),
        Deviation("name", "string", 5),
    ),
    (
        '"number_of_employees": "120"',
        crm_accounts.Account(id="7", number_of_employees=120),
        Deviation("number_of_employees", "integer", "120"),
    ),
    # A type that cannot be read as the documented one.
    (
        '"name": {"en": "Acme"}, "industry": "Solar"',
        crm_accounts.Account(id="7", industry="Solar", extra={"name": {"en": "Acme"}}),
        Deviation("name", "string", {"en": "Acme"}),
    ),
    (
        '"name": true',
        crm_accounts.Account(id="7", extra={"name": True}),
        Deviation("name", "string", True),
    ),
    (
        '"number_of_employees": 120.0',
        crm_accounts.Account(id="7", number_of_employees=120),
        Deviation("number_of_employees", "integer", 120.0),
    ),
    (
        '"number_of_employees": 1.5',
        crm_accounts.Account(id="7", extra={"number_of_employees": 1.5}),
        Deviation("number_of_employees", "integer", 1.5),
    ),
    (
        '"number_of_employees": "11-50"',
        crm_accounts.Account(id="7", extra={"number_of_employees": "11-50"}),
        Deviation("number_of_employees", "integer", "11-50"),
    ),
    (
        '"owner": "9"',
        crm_accounts.Account(id="7", extra={"owner": "9"}),
        Deviation("owner", "object", "9"),
    ),
    (
        '"addresses": {"city": "Bonn"}',
        crm_accounts.Account(id="7", extra={"addresses": {"city": "Bonn"}}),
        Deviation("addresses", "array", {"city": "Bonn"}),
    ),
    (
        '"tags": ["vip"]',
        crm_accounts.Account(id="7", extra={"tags": ["vip"]}),
        Deviation("tags[0]", "object", "vip"),
    ),
    (
        '"custom_fields": [1]',
        crm_accounts.Account(id="7", extra={"custom_fields": [1]}),
        Deviation("custom_fields", "object", [1]),
    ),
    # Only the field that does not fit is lost, not what stands around it.
    (
        '"addresses": [{"city": ["Bonn"], "state": "NRW"}, {"city": "Jena"}]',
        crm_accounts.Account(
            id="7",
            addresses=[crm_accounts.Address(state="NRW", extra={"city": ["Bonn"]}), crm_accounts.Address(city="Jena")],
        ),
        Deviation("addresses[0].city", "string", ["Bonn"]),
    ),
    # Dates.
    (
        '"created_at": "yesterday"',
        crm_accounts.Account(id="7", extra={"created_at": "yesterday"}),
        Deviation("created_at", "date-time with offset", "yesterday"),
    ),
    (
        '"created_at": "2024-02-30T00:00:00Z"',
        crm_accounts.Account(id="7", extra={"created_at": "2024-02-30T00:00:00Z"}),
        Deviation("created_at", "date-time with offset", "2024-02-30T00:00:00Z"),
    ),
    (
        '"created_at": 1714521600',
        crm_accounts.Account(id="7", extra={"created_at": 1714521600}),
        Deviation("created_at", "date-time with offset", 1714521600),
    ),
    (
        '"created_at": "2024-05-01T12:30:00"',
        crm_accounts.Account(id="7", created_at=datetime(2024, 5, 1, 12, 30, tzinfo=UTC)),
        Deviation("created_at", "date-time with offset", "2024-05-01T12:30:00"),
    ),
    (
        '"created_at": "2024-05-01"',
        crm_accounts.Account(id="7", created_at=datetime(2024, 5, 1, tzinfo=UTC)),
        Deviation("created_at", "date-time with offset", "2024-05-01"),
    ),
)

COPERNIQ_FIELDS: Final[Sequence[tuple[str, coperniq_accounts.Account, Deviation | None]]] = (
    (
        '"title": null, "createdAt": null, "address": null, "isActive": null, "number": null, "createdBy": null',
        coperniq_accounts.Account(id=42),
        None,
    ),
    (
        '"accountType": "INDUSTRIAL"',
        coperniq_accounts.Account(id=42, account_type="INDUSTRIAL"),
        None,
    ),
    (
        '"companyId": 3, "is_active": true, "createdBy": {"id": 5, "role": "admin"}',
        coperniq_accounts.Account(
            id=42,
            created_by=coperniq_accounts.UserSummary(id=5, extra={"role": "admin"}),
            extra={"companyId": 3, "is_active": True},
        ),
        None,
    ),
    # Older pages have one text where the newer ones have a list.
    (
        '"address": "1 Main St"',
        coperniq_accounts.Account(id=42, address=["1 Main St"]),
        Deviation("address", "array", "1 Main St"),
    ),
    (
        '"isActive": "true"',
        coperniq_accounts.Account(id=42, is_active=True),
        Deviation("isActive", "boolean", "true"),
    ),
    (
        '"isActive": 1',
        coperniq_accounts.Account(id=42, extra={"isActive": 1}),
        Deviation("isActive", "boolean", 1),
    ),
    (
        '"number": "A-12"',
        coperniq_accounts.Account(id=42, extra={"number": "A-12"}),
        Deviation("number", "integer", "A-12"),
    ),
    (
        '"accountType": 5',
        coperniq_accounts.Account(id=42, account_type="5"),
        Deviation("accountType", "string", 5),
    ),
    (
        '"contacts": [7]',
        coperniq_accounts.Account(id=42, extra={"contacts": [7]}),
        Deviation("contacts[0]", "object", 7),
    ),
    (
        '"contacts": [{"id": 7, "emails": [null]}]',
        coperniq_accounts.Account(id=42, contacts=[coperniq_accounts.Contact(id=7, extra={"emails": [None]})]),
        Deviation("contacts[0].emails[0]", "string", None),
    ),
    (
        '"updatedAt": "05/01/2024"',
        coperniq_accounts.Account(id=42, extra={"updatedAt": "05/01/2024"}),
        Deviation("updatedAt", "date-time with offset", "05/01/2024"),
    ),
)


@pytest.mark.parametrize(("fields", "account", "deviation"), TRUTO_FIELDS)
def test_a_field_of_truto_that_is_not_as_documented(
    clients: Clients, fields: str, account: crm_accounts.Account, deviation: Deviation | None
) -> None:
    record = f'{{"id": "7", {fields}}}'
    response = clients.truto(Wire(record), lambda truto: truto.send_with_response(crm_accounts.get_account("7")))
    # The repr tells 120 from 120.0 and from True, which equality does not.
    assert repr(response.value) == repr(account)
    assert response.deviations == (() if deviation is None else (deviation,))
    page = clients.truto(Wire(f'{{"result": [{record}]}}'), lambda truto: truto.crm_accounts.list().page())
    assert repr(page.items) == repr([account])
    assert [entry.path for entry in page.deviations] == ([] if deviation is None else [f"result[0].{deviation.path}"])


@pytest.mark.parametrize(("fields", "account", "deviation"), COPERNIQ_FIELDS)
def test_a_field_of_coperniq_that_is_not_as_documented(
    clients: Clients, fields: str, account: coperniq_accounts.Account, deviation: Deviation | None
) -> None:
    record = f'{{"id": 42, {fields}}}'
    response = clients.coperniq(
        Wire(record), lambda coperniq: coperniq.send_with_response(coperniq_accounts.get_account(42))
    )
    # The repr tells 120 from 120.0 and from True, which equality does not.
    assert repr(response.value) == repr(account)
    assert response.deviations == (() if deviation is None else (deviation,))
    page = clients.coperniq(Wire(f"[{record}]"), lambda coperniq: coperniq.accounts.list().page())
    assert repr(page.items) == repr([account])
    assert [entry.path for entry in page.deviations] == ([] if deviation is None else [f"[0].{deviation.path}"])


def test_a_byte_order_mark_is_no_obstacle(clients: Clients) -> None:
    account = clients.truto(Wire('\ufeff{"id": "7"}'), lambda truto: truto.crm_accounts.get("7"))
    assert account == crm_accounts.Account(id="7")
    record = clients.coperniq(Wire('\ufeff[{"id": 42}]'), lambda coperniq: coperniq.accounts.list().to_list())
    assert record == [coperniq_accounts.Account(id=42)]


def test_an_answer_that_is_nested_without_end_is_an_error(clients: Clients) -> None:
    body = f'{{"id": "7", "remote_data": {"[" * 100_000}{"]" * 100_000}}}'
    with pytest.raises(DecodeError, match="nested too deeply"):
        clients.truto(Wire(body), lambda truto: truto.crm_accounts.get("7"))


def test_strict_refuses_what_is_tolerated_otherwise(clients: Clients) -> None:
    with pytest.raises(DecodeError) as caught:
        clients.truto(
            Wire('{"id": "7", "name": 5}'), lambda truto: truto.with_options(strict=True).crm_accounts.get("7")
        )
    assert (caught.value.path, caught.value.expected, caught.value.raw) == ("name", "string", 5)


@pytest.mark.parametrize(("record", "raw"), [("{}", None), ('{"id": null}', None), ('{"id": ["7"]}', ["7"])])
def test_a_record_without_id_cannot_be_read(clients: Clients, record: str, raw: object) -> None:
    for call, expected in (
        (READS["crm_accounts.get"], "string"),
        (READS["crm_users.get"], "string"),
        (READS["ticketing_accounts.get"], "string"),
        (READS["coperniq_accounts.get"], "integer"),
    ):
        with pytest.raises(DecodeError, match=f"^id: expected {expected}$") as caught:
            call(clients, Wire(record))
        assert (caught.value.path, caught.value.raw) == ("id", raw)


def test_an_id_of_another_type_is_read_where_nothing_is_lost(clients: Clients) -> None:
    account = clients.truto(Wire('{"id": 7}'), lambda truto: truto.crm_accounts.get("7"))
    assert account == crm_accounts.Account(id="7")
    record = clients.coperniq(Wire('{"id": "42"}'), lambda coperniq: coperniq.accounts.get(42))
    assert record == coperniq_accounts.Account(id=42)


def test_a_record_without_id_in_a_list_of_truto_stands_in_rejected(clients: Clients) -> None:
    body = '{"result": [{"id": "1"}, {"name": "Acme"}, {"id": "3"}], "next_cursor": null}'
    page = clients.truto(Wire(body), lambda truto: truto.crm_accounts.list().page())
    assert page.items == [crm_accounts.Account(id="1"), crm_accounts.Account(id="3")]
    assert page.rejected == (Rejected(1, "result[1].id", "string", {"name": "Acme"}),)


def test_a_record_without_id_in_a_list_of_coperniq_stands_in_rejected(clients: Clients) -> None:
    page = clients.coperniq(Wire('[{"id": 1}, 5, {"title": "Acme"}]'), lambda coperniq: coperniq.accounts.list().page())
    assert page.items == [coperniq_accounts.Account(id=1)]
    assert page.rejected == (
        Rejected(1, "[1]", "object", 5),
        Rejected(2, "[2].id", "integer", {"title": "Acme"}),
    )


def test_iterating_stops_at_a_record_without_id_and_can_go_on_behind_it(clients: Clients) -> None:
    body = '{"result": [{"id": "1"}, {"name": "Acme"}, {"id": "3"}], "next_cursor": null}'
    users: list[crm_users.User] = []
    with pytest.raises(DecodeError, match=r"^result\[1\]\.id: expected string$") as caught:
        clients.truto(Wire(body), lambda truto: collect(truto.crm_users.list(), users))
    assert users == [crm_users.User(id="1")]
    checkpoint = caught.value.checkpoint
    assert checkpoint is not None
    assert checkpoint["consumed"] == 2
    rest = clients.truto(Wire(body), lambda truto: truto.crm_users.list().resume(checkpoint).to_list())
    assert rest == [crm_users.User(id="3")]


def test_iterating_skips_a_record_without_id_when_told_to(clients: Clients) -> None:
    body = '{"result": [{"name": "Acme"}, {"id": "2"}, {}], "next_cursor": null}'
    accounts = clients.truto(
        Wire(body), lambda truto: truto.with_options(on_bad_record="skip").ticketing_accounts.list().to_list()
    )
    assert accounts == [ticketing_accounts.Account(id="2")]


@pytest.mark.parametrize("body", ["", " \n", "{}", '{"id": null}'])
def test_an_update_whose_answer_lacks_the_id_takes_it_from_the_path(clients: Clients, body: str) -> None:
    response = clients.truto(
        Wire(body), lambda truto: truto.send_with_response(crm_accounts.update_account("a/b", {"name": "Acme"}))
    )
    assert (response.value, response.deviations) == (crm_accounts.Account(id="a/b"), ())
    user = clients.truto(Wire(body), lambda truto: truto.crm_users.update("7", {"name": "A"}))
    assert user == crm_users.User(id="7")
    account = clients.truto(Wire(body), lambda truto: truto.ticketing_accounts.update("7", {"name": "Acme"}))
    assert account == ticketing_accounts.Account(id="7")
    record = clients.coperniq(Wire(body), lambda coperniq: coperniq.accounts.update(42, {"title": "Acme"}))
    assert record == coperniq_accounts.Account(id=42)


@pytest.mark.parametrize(
    ("body", "account"),
    [
        ("", crm_accounts.Account(id="")),
        ("{}", crm_accounts.Account(id="")),
        ('{"id": null, "name": "Acme"}', crm_accounts.Account(id="", name="Acme")),
    ],
)
def test_a_create_whose_answer_lacks_the_id_does_not_raise_but_says_so(
    clients: Clients, body: str, account: crm_accounts.Account
) -> None:
    response = clients.truto(
        Wire(body), lambda truto: truto.send_with_response(crm_accounts.create_account({"name": "Acme"}))
    )
    assert response.value == account
    assert response.deviations == (Deviation("id", "string", None),)


def test_a_create_of_coperniq_whose_answer_lacks_the_id_does_not_raise_but_says_so(clients: Clients) -> None:
    response = clients.coperniq(
        Wire('{"title": "Acme"}'),
        lambda coperniq: coperniq.send_with_response(
            coperniq_accounts.create_account({"title": "Acme", "address": ["1 Main St"]})
        ),
    )
    assert response.value == coperniq_accounts.Account(id=0, title="Acme")
    assert response.deviations == (Deviation("id", "integer", None),)


@pytest.mark.parametrize(
    ("body", "account", "deviations"),
    [
        ('{"result": {"id": "7", "name": "Acme"}}', crm_accounts.Account(id="7", name="Acme"), ()),
        ('{"id": "7", "name": "Acme"}', crm_accounts.Account(id="7", name="Acme"), ()),
        (
            '{"result": {"name": "Acme"}}',
            crm_accounts.Account(id="", name="Acme"),
            (Deviation("result.id", "string", None),),
        ),
        ('{"name": "Acme"}', crm_accounts.Account(id="", name="Acme"), (Deviation("id", "string", None),)),
        ("{}", crm_accounts.Account(id=""), (Deviation("id", "string", None),)),
        ("", crm_accounts.Account(id=""), (Deviation("id", "string", None),)),
        (" \n", crm_accounts.Account(id=""), (Deviation("id", "string", None),)),
    ],
)
def test_merge_and_batch_delete_take_a_wrapped_and_a_bare_answer(
    clients: Clients, body: str, account: crm_accounts.Account, deviations: tuple[Deviation, ...]
) -> None:
    merged = clients.truto(
        Wire(body),
        lambda truto: truto.send_with_response(
            crm_accounts.merge_accounts({"master_record": {"id": "7"}, "duplicate_records": [{"id": "8"}]})
        ),
    )
    assert (merged.value, merged.deviations) == (account, deviations)
    deleted = clients.truto(
        Wire(body), lambda truto: truto.send_with_response(crm_accounts.batch_delete_accounts({"id": ["7"]}))
    )
    assert (deleted.value, deleted.deviations) == (account, deviations)


@each(DELETES)
@pytest.mark.parametrize(
    "answer",
    [
        Answer(status=204),
        Answer(status=202),
        Answer('{"id": "7"}'),
        Answer('{"name": null}'),
        Answer("[5]"),
        Answer("null"),
        Answer(TRUNCATED),
        Answer(HTML, content_type="text/html"),
        Answer("\0\ufffd"),
    ],
    ids=str,
)
def test_a_delete_that_succeeds_returns_none_whatever_the_body(clients: Clients, call: Call, answer: Answer) -> None:
    assert call(clients, Wire(answer)) is None


@each(DELETES)
def test_a_delete_that_fails_raises(clients: Clients, call: Call) -> None:
    with pytest.raises(NotFoundError):
        call(clients, Wire(Answer('{"message": "gone"}', status=404)))


@each(FREE_METHODS)
@pytest.mark.parametrize(
    ("body", "value"), [("", None), ("null", None), ('"7"', "7"), ("[]", []), ('{"a": 1}', {"a": 1})]
)
def test_a_custom_method_returns_any_json(clients: Clients, call: Call, body: str, value: object) -> None:
    assert call(clients, Wire(body)) == value


@pytest.mark.parametrize(
    ("cursors", "ids", "repeated", "latest"),
    [
        (["a", "a"], ["1", "2"], "a", "a"),
        (["a", "b", "a"], ["1", "2", "3"], "a", "b"),
        (["a", "b", "b"], ["1", "2", "3"], "b", "b"),
    ],
)
def test_a_cursor_that_repeats_ends_in_an_error_and_no_record_comes_twice(
    clients: Clients, cursors: list[str], ids: list[str], repeated: str, latest: str
) -> None:
    wire = Wire(
        *(
            f'{{"result": [{{"id": "{number}"}}], "next_cursor": "{cursor}"}}'
            for number, cursor in enumerate(cursors, start=1)
        )
    )
    accounts: list[crm_accounts.Account] = []
    with pytest.raises(CursorLoopError, match=f"'{repeated}'") as caught:
        clients.truto(wire, lambda truto: collect(truto.crm_accounts.list(), accounts))
    assert [account.id for account in accounts] == ids
    assert caught.value.cursor == repeated
    assert caught.value.checkpoint is not None
    assert (caught.value.checkpoint["cursor"], caught.value.checkpoint["consumed"]) == (latest, 1)
    assert len(wire.sent) == len(ids)
