"""Every operation on the wire: what goes out, written down from the vendors' pages, and what its answer reads as."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

import pytest
from attrs import frozen

from accounts_client import coperniq_accounts, crm_accounts, crm_users, ticketing_accounts
from tests.generated.samples import (
    COPERNIQ_ACCOUNT,
    COPERNIQ_ACCOUNT_ANSWER,
    CRM_ACCOUNT,
    CRM_ACCOUNT_ANSWER,
    CRM_USER,
    CRM_USER_ANSWER,
    TICKETING_ACCOUNT,
    TICKETING_ACCOUNT_ANSWER,
)
from tests.generated.wire import QUERY, Answer, Call, Clients, Wire, on_coperniq, on_truto

TRUTO_READ: Final = {"accept": "application/json", "authorization": "Bearer secret"}
TRUTO_WRITE: Final = {**TRUTO_READ, "content-type": "application/json", "idempotency-key": "key-1"}
TRUTO_WRITE_WITHOUT_BODY: Final = {**TRUTO_READ, "idempotency-key": "key-1"}
COPERNIQ_BARE: Final = {"accept": "application/json", "x-api-key": "secret"}
COPERNIQ_WRITE: Final = {**COPERNIQ_BARE, "content-type": "application/json"}

# What every HTTP client adds; the version of the library stands in the user-agent.
TRANSPORT_HEADERS: Final = frozenset({"accept-encoding", "connection", "content-length", "host", "user-agent"})


@frozen(kw_only=True)
class Row:
    """One call: what it sends, what that is answered, and what the call returns."""

    operation: str
    call: Call
    sends: str
    headers: Mapping[str, str]
    body: str = ""
    answer: str | Answer
    result: object


def listed(record: str) -> str:
    """The envelope of a list, with one record and every documented key."""
    return (
        f'{{"result": [{record}], "next_cursor": null, "prev_cursor": null, "result_count": 1, '
        '"is_partial_response": false}'
    )


ROWS: Final[Sequence[Row]] = (
    Row(
        operation="crm_accounts.list",
        call=on_truto(lambda truto: truto.crm_accounts.list().to_list()),
        sends=f"GET https://api.truto.one/unified/crm/accounts?{QUERY}",
        headers=TRUTO_READ,
        answer=listed(CRM_ACCOUNT_ANSWER),
        result=[CRM_ACCOUNT],
    ),
    Row(
        operation="crm_accounts.get",
        call=on_truto(lambda truto: truto.crm_accounts.get("23423523")),
        sends=f"GET https://api.truto.one/unified/crm/accounts/23423523?{QUERY}",
        headers=TRUTO_READ,
        answer=CRM_ACCOUNT_ANSWER,
        result=CRM_ACCOUNT,
    ),
    Row(
        operation="crm_accounts.create",
        call=on_truto(
            lambda truto: truto.crm_accounts.create(
                {
                    "name": "Müller & Söhne",
                    "website": "https://mueller.test",
                    "description": "Roofs",
                    "custom_fields": {"tier": 1, "note": None, "colors": ["red", True]},
                    "industry": "Solar",
                    "number_of_employees": 120,
                    "addresses": [
                        {
                            "id": "address-1",
                            "street_1": "1 Main St",
                            "street_2": "Floor 2",
                            "city": "Bonn",
                            "state": "NRW",
                            "postal_code": "53111",
                            "country": "DE",
                            "type": "billing",
                        }
                    ],
                    "phone_numbers": [{"id": "phone-1", "number": "555", "extension": "12", "type": "work"}],
                    "tags": [{"id": "tag-1", "name": "vip"}],
                    "created_at": datetime(2024, 1, 2, 5, 4, 5, tzinfo=timezone(timedelta(hours=2))),
                    "owner": {"id": "owner-9"},
                    "urls": [{"url": "https://mueller.test/en", "type": "home"}],
                    "remote_data": {"OwnerId": "005"},
                }
            )
        ),
        sends=f"POST https://api.truto.one/unified/crm/accounts?{QUERY}",
        headers=TRUTO_WRITE,
        body=(
            '{"name":"Müller & Söhne","website":"https://mueller.test","description":"Roofs",'
            '"custom_fields":{"tier":1,"note":null,"colors":["red",true]},"industry":"Solar",'
            '"number_of_employees":120,"addresses":[{"id":"address-1","street_1":"1 Main St","street_2":"Floor 2",'
            '"city":"Bonn","state":"NRW","postal_code":"53111","country":"DE","type":"billing"}],'
            '"phone_numbers":[{"id":"phone-1","number":"555","extension":"12","type":"work"}],'
            '"tags":[{"id":"tag-1","name":"vip"}],"created_at":"2024-01-02T03:04:05Z","owner":{"id":"owner-9"},'
            '"urls":[{"url":"https://mueller.test/en","type":"home"}],"remote_data":{"OwnerId":"005"}}'
        ),
        answer=Answer(CRM_ACCOUNT_ANSWER, status=201),
        result=CRM_ACCOUNT,
    ),
    Row(
        operation="crm_accounts.update",
        call=on_truto(
            lambda truto: truto.crm_accounts.update(
                "23423523",
                {
                    "name": "Acme",
                    "description": None,
                    "owner": {"id": None},
                    "industry": "Solar",
                    "website": "https://acme.test",
                    "number_of_employees": 0,
                    "addresses": [],
                    "phone_numbers": [{"number": "555", "extension": None, "type": "pager"}],
                    "urls": [{"url": None}],
                    "tags": None,
                    "custom_fields": {},
                    "created_at": None,
                    "remote_data": None,
                },
            )
        ),
        sends=f"PATCH https://api.truto.one/unified/crm/accounts/23423523?{QUERY}",
        headers=TRUTO_WRITE,
        body=(
            '{"name":"Acme","description":null,"owner":{"id":null},"industry":"Solar","website":"https://acme.test",'
            '"number_of_employees":0,"addresses":[],'
            '"phone_numbers":[{"number":"555","extension":null,"type":"pager"}],"urls":[{"url":null}],"tags":null,'
            '"custom_fields":{},"created_at":null,"remote_data":null}'
        ),
        answer=CRM_ACCOUNT_ANSWER,
        result=CRM_ACCOUNT,
    ),
    Row(
        operation="crm_accounts.delete",
        call=on_truto(lambda truto: truto.crm_accounts.delete("23423523")),
        sends=f"DELETE https://api.truto.one/unified/crm/accounts/23423523?{QUERY}",
        headers=TRUTO_WRITE_WITHOUT_BODY,
        answer='{"id": "23423523"}',
        result=None,
    ),
    Row(
        operation="crm_accounts.merge",
        call=on_truto(
            lambda truto: truto.crm_accounts.merge(
                {
                    "master_record": {"id": "23423523"},
                    "duplicate_records": [
                        {"id": "7", "fields": [{"name": "photos", "value": [{"id": "file-1"}]}]},
                        {"id": "8"},
                    ],
                    "remote_data": {"force": True},
                }
            )
        ),
        sends=f"POST https://api.truto.one/unified/crm/accounts/merge?{QUERY}",
        headers=TRUTO_WRITE,
        body=(
            '{"master_record":{"id":"23423523"},"duplicate_records":[{"id":"7","fields":'
            '[{"name":"photos","value":[{"id":"file-1"}]}]},{"id":"8"}],"remote_data":{"force":true}}'
        ),
        answer=f'{{"result": {CRM_ACCOUNT_ANSWER}}}',
        result=CRM_ACCOUNT,
    ),
    Row(
        operation="crm_accounts.batch_delete",
        call=on_truto(
            lambda truto: truto.crm_accounts.batch_delete({"id": ["7", "8"], "remote_data": {"hard": False}})
        ),
        sends=f"POST https://api.truto.one/unified/crm/accounts/batch-delete?{QUERY}",
        headers=TRUTO_WRITE,
        body='{"id":["7","8"],"remote_data":{"hard":false}}',
        answer='{"result": {"id": "7"}}',
        result=crm_accounts.Account(id="7"),
    ),
    Row(
        operation="crm_accounts.call",
        call=on_truto(
            lambda truto: truto.crm_accounts.call("archive", {"ids": ["7"], "at": datetime(2024, 5, 1, tzinfo=UTC)})
        ),
        sends=f"POST https://api.truto.one/unified/crm/accounts/archive?{QUERY}",
        headers=TRUTO_WRITE,
        body='{"ids":["7"],"at":"2024-05-01T00:00:00Z"}',
        answer='{"result": {"archived": 1, "share": 1.0, "left": null}}',
        result={"result": {"archived": 1, "share": 1.0, "left": None}},
    ),
    Row(
        operation="crm_users.list",
        call=on_truto(lambda truto: truto.crm_users.list().to_list()),
        sends=f"GET https://api.truto.one/unified/crm/users?{QUERY}",
        headers=TRUTO_READ,
        answer=listed(CRM_USER_ANSWER),
        result=[CRM_USER],
    ),
    Row(
        operation="crm_users.get",
        call=on_truto(lambda truto: truto.crm_users.get("u:7@example")),
        sends=f"GET https://api.truto.one/unified/crm/users/u%3A7%40example?{QUERY}",
        headers=TRUTO_READ,
        answer=CRM_USER_ANSWER,
        result=CRM_USER,
    ),
    Row(
        operation="crm_users.create",
        call=on_truto(
            lambda truto: truto.crm_users.create(
                {
                    "name": "Sales desk",
                    "first_name": "Sales",
                    "last_name": "Desk",
                    "email": "sales@example.test",
                    "is_active": True,
                    "custom_fields": {"team": "north"},
                    "remote_data": {"ProfileId": "00e"},
                }
            )
        ),
        sends=f"POST https://api.truto.one/unified/crm/users?{QUERY}",
        headers=TRUTO_WRITE,
        body=(
            '{"name":"Sales desk","first_name":"Sales","last_name":"Desk","email":"sales@example.test",'
            '"is_active":true,"custom_fields":{"team":"north"},"remote_data":{"ProfileId":"00e"}}'
        ),
        answer=Answer(CRM_USER_ANSWER, status=201),
        result=CRM_USER,
    ),
    Row(
        operation="crm_users.update",
        call=on_truto(
            lambda truto: truto.crm_users.update(
                "7",
                {
                    "name": "Sales desk",
                    "first_name": None,
                    "last_name": "Desk",
                    "email": None,
                    "is_active": False,
                    "custom_fields": None,
                    "remote_data": {},
                },
            )
        ),
        sends=f"PATCH https://api.truto.one/unified/crm/users/7?{QUERY}",
        headers=TRUTO_WRITE,
        body=(
            '{"name":"Sales desk","first_name":null,"last_name":"Desk","email":null,"is_active":false,'
            '"custom_fields":null,"remote_data":{}}'
        ),
        answer=CRM_USER_ANSWER,
        result=CRM_USER,
    ),
    Row(
        operation="crm_users.delete",
        call=on_truto(lambda truto: truto.crm_users.delete("7")),
        sends=f"DELETE https://api.truto.one/unified/crm/users/7?{QUERY}",
        headers=TRUTO_WRITE_WITHOUT_BODY,
        answer=Answer(status=204),
        result=None,
    ),
    Row(
        operation="crm_users.call",
        call=on_truto(lambda truto: truto.crm_users.call("invite")),
        sends=f"POST https://api.truto.one/unified/crm/users/invite?{QUERY}",
        headers=TRUTO_WRITE_WITHOUT_BODY,
        answer="[1, null]",
        result=[1, None],
    ),
    Row(
        operation="ticketing_accounts.list",
        call=on_truto(lambda truto: truto.ticketing_accounts.list().to_list()),
        sends=f"GET https://api.truto.one/unified/ticketing/accounts?{QUERY}",
        headers=TRUTO_READ,
        answer=listed(TICKETING_ACCOUNT_ANSWER),
        result=[TICKETING_ACCOUNT],
    ),
    Row(
        operation="ticketing_accounts.get",
        call=on_truto(lambda truto: truto.ticketing_accounts.get("acc_1")),
        sends=f"GET https://api.truto.one/unified/ticketing/accounts/acc_1?{QUERY}",
        headers=TRUTO_READ,
        answer=TICKETING_ACCOUNT_ANSWER,
        result=TICKETING_ACCOUNT,
    ),
    Row(
        operation="ticketing_accounts.create",
        call=on_truto(
            lambda truto: truto.ticketing_accounts.create(
                {
                    "name": "Acme",
                    "type": "customer",
                    "description": "Roofs",
                    "domains": ["acme.test"],
                    "website": "https://acme.test",
                    "custom_fields": {"tier": "gold"},
                    "remote_data": {"ref": 5},
                }
            )
        ),
        sends=f"POST https://api.truto.one/unified/ticketing/accounts?{QUERY}",
        headers=TRUTO_WRITE,
        body=(
            '{"name":"Acme","type":"customer","description":"Roofs","domains":["acme.test"],'
            '"website":"https://acme.test","custom_fields":{"tier":"gold"},"remote_data":{"ref":5}}'
        ),
        answer=Answer(TICKETING_ACCOUNT_ANSWER, status=201),
        result=TICKETING_ACCOUNT,
    ),
    Row(
        operation="ticketing_accounts.update",
        call=on_truto(
            lambda truto: truto.ticketing_accounts.update(
                "acc_1",
                {
                    "name": "Acme",
                    "type": None,
                    "description": "",
                    "domains": [],
                    "website": None,
                    "custom_fields": {"tier": None},
                    "remote_data": {},
                },
            )
        ),
        sends=f"PATCH https://api.truto.one/unified/ticketing/accounts/acc_1?{QUERY}",
        headers=TRUTO_WRITE,
        body=(
            '{"name":"Acme","type":null,"description":"","domains":[],"website":null,"custom_fields":{"tier":null},'
            '"remote_data":{}}'
        ),
        answer=TICKETING_ACCOUNT_ANSWER,
        result=TICKETING_ACCOUNT,
    ),
    Row(
        operation="ticketing_accounts.delete",
        call=on_truto(lambda truto: truto.ticketing_accounts.delete("acc_1")),
        sends=f"DELETE https://api.truto.one/unified/ticketing/accounts/acc_1?{QUERY}",
        headers=TRUTO_WRITE_WITHOUT_BODY,
        answer=TICKETING_ACCOUNT_ANSWER,
        result=None,
    ),
    Row(
        operation="ticketing_accounts.call",
        call=on_truto(lambda truto: truto.ticketing_accounts.call("split", {})),
        sends=f"POST https://api.truto.one/unified/ticketing/accounts/split?{QUERY}",
        headers=TRUTO_WRITE,
        body="{}",
        answer=Answer(status=204),
        result=None,
    ),
    Row(
        operation="coperniq_accounts.list",
        call=on_coperniq(lambda coperniq: coperniq.accounts.list().to_list()),
        sends="GET https://api.coperniq.io/v1/accounts",
        headers=COPERNIQ_BARE,
        answer=f"[{COPERNIQ_ACCOUNT_ANSWER}]",
        result=[COPERNIQ_ACCOUNT],
    ),
    Row(
        operation="coperniq_accounts.search",
        call=on_coperniq(lambda coperniq: coperniq.accounts.search(prop1="title", op1="eq", value1="Acme").to_list()),
        sends="GET https://api.coperniq.io/v1/accounts/search?prop1=title&op1=eq&value1=Acme",
        headers=COPERNIQ_BARE,
        answer=f"[{COPERNIQ_ACCOUNT_ANSWER}]",
        result=[COPERNIQ_ACCOUNT],
    ),
    Row(
        operation="coperniq_accounts.create",
        call=on_coperniq(
            lambda coperniq: coperniq.accounts.create(
                {
                    "title": "Acme",
                    "address": ["1 Main St, Bonn"],
                    "description": "Roofs",
                    "account_type": "COMMERCIAL",
                    "primary_email": "sales@example.test",
                    "primary_phone": "555",
                    "contacts": [7, 8],
                    "custom": {"tier": 1, "is_active": False, "primary_email": {"account_type": None}},
                }
            )
        ),
        sends="POST https://api.coperniq.io/v1/accounts",
        headers=COPERNIQ_WRITE,
        # The keys inside of custom are the caller's own: they keep their names.
        body=(
            '{"title":"Acme","address":["1 Main St, Bonn"],"description":"Roofs","accountType":"COMMERCIAL",'
            '"primaryEmail":"sales@example.test","primaryPhone":"555","contacts":[7,8],'
            '"custom":{"tier":1,"is_active":false,"primary_email":{"account_type":null}}}'
        ),
        answer=Answer(COPERNIQ_ACCOUNT_ANSWER, status=201),
        result=COPERNIQ_ACCOUNT,
    ),
    Row(
        operation="coperniq_accounts.create",
        call=on_coperniq(
            lambda coperniq: coperniq.accounts.create(
                {"title": "Acme", "address": ["1 Main St"], "description": None, "contacts": None}
            )
        ),
        sends="POST https://api.coperniq.io/v1/accounts",
        headers=COPERNIQ_WRITE,
        body='{"title":"Acme","address":["1 Main St"],"description":null,"contacts":null}',
        answer=COPERNIQ_ACCOUNT_ANSWER,
        result=COPERNIQ_ACCOUNT,
    ),
    Row(
        operation="coperniq_accounts.get",
        call=on_coperniq(lambda coperniq: coperniq.accounts.get(42)),
        sends="GET https://api.coperniq.io/v1/accounts/42",
        headers=COPERNIQ_BARE,
        answer=COPERNIQ_ACCOUNT_ANSWER,
        result=COPERNIQ_ACCOUNT,
    ),
    Row(
        operation="coperniq_accounts.update",
        call=on_coperniq(
            lambda coperniq: coperniq.accounts.update(
                42,
                {
                    "id": 42,
                    "created_at": "2024-01-02T03:04:05.678Z",
                    "updated_at": datetime(2024, 2, 3, 4, 5, 6, tzinfo=UTC),
                    "title": "Acme",
                    "description": None,
                    "address": ["2 Main St, Bonn"],
                    "is_active": False,
                    "primary_email": None,
                    "primary_phone": None,
                    "number": 1234,
                    "custom": {"tier": None},
                    "account_type": None,
                    "contacts": [7, {"id": 8, "is_active": True}],
                },
            )
        ),
        sends="PATCH https://api.coperniq.io/v1/accounts/42",
        headers=COPERNIQ_WRITE,
        # A contact as an object is the older form, whose keys no page names: they keep their names.
        body=(
            '{"id":42,"createdAt":"2024-01-02T03:04:05.678Z","updatedAt":"2024-02-03T04:05:06Z","title":"Acme",'
            '"description":null,"address":["2 Main St, Bonn"],"isActive":false,"primaryEmail":null,"primaryPhone":null,'
            '"number":1234,"custom":{"tier":null},"accountType":null,"contacts":[7,{"id":8,"is_active":true}]}'
        ),
        answer=COPERNIQ_ACCOUNT_ANSWER,
        result=COPERNIQ_ACCOUNT,
    ),
    Row(
        operation="coperniq_accounts.update",
        call=on_coperniq(
            lambda coperniq: coperniq.accounts.update(42, {"account_type": "RESIDENTIAL", "contacts": None})
        ),
        sends="PATCH https://api.coperniq.io/v1/accounts/42",
        headers=COPERNIQ_WRITE,
        body='{"accountType":"RESIDENTIAL","contacts":null}',
        answer='{"id": 42}',
        result=coperniq_accounts.Account(id=42),
    ),
    # The page's text names value and size, which are in no schema: they go the way of every field of one's own.
    Row(
        operation="coperniq_accounts.update",
        call=on_coperniq(
            lambda coperniq: coperniq.with_options(extra_body={"value": 5, "size": None}).accounts.update(
                42, {"is_active": True}
            )
        ),
        sends="PATCH https://api.coperniq.io/v1/accounts/42",
        headers=COPERNIQ_WRITE,
        body='{"isActive":true,"value":5,"size":null}',
        answer='{"id": 42, "value": 5}',
        result=coperniq_accounts.Account(id=42, extra={"value": 5}),
    ),
    Row(
        operation="coperniq_accounts.delete",
        call=on_coperniq(lambda coperniq: coperniq.accounts.delete(42)),
        sends="DELETE https://api.coperniq.io/v1/accounts/42",
        headers=COPERNIQ_BARE,
        answer="",
        result=None,
    ),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.operation)
def test_a_call_sends_and_reads_what_the_pages_say(clients: Clients, row: Row) -> None:
    wire = Wire(row.answer)
    result = row.call(clients, wire)
    assert wire.lines == [row.sends]
    (sent,) = wire.sent
    assert {name: value for name, value in sent.headers.items() if name not in TRANSPORT_HEADERS} == row.headers
    assert sent.headers["user-agent"].startswith("accounts-client/")
    assert wire.bodies == [row.body]
    assert result == row.result
    # Equality does not tell 1 from 1.0 or from True.
    assert repr(result) == repr(row.result)


def test_no_operation_is_missing() -> None:
    modules = (crm_accounts, crm_users, ticketing_accounts, coperniq_accounts)
    operations = {operation.name for module in modules for operation in module.OPERATIONS}
    assert {row.operation for row in ROWS} == operations


@pytest.mark.parametrize("record", [CRM_ACCOUNT, CRM_USER, TICKETING_ACCOUNT, COPERNIQ_ACCOUNT])
def test_a_sample_holds_every_field(record: object) -> None:
    # The repr of a record shows its fields as name=value, those of the records inside too.
    assert "=None" not in repr(record)
