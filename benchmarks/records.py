"""The bytes that everybody reads: records of about 1.1 KB, in the dialect of each service, alone and in pages.

Every dialect tells the same story with its own keys: a company with an owner, addresses, phone numbers, tags and dates.
Records of a page differ in their values, and building them twice gives the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

JSON: TypeAlias = "dict[str, JSON] | list[JSON] | str | int | float | bool | None"
Record: TypeAlias = dict[str, JSON]

Case: TypeAlias = Literal["known", "half", "sparse", "unknown", "deviating", "remote_data"]
"""What a page holds: all documented keys; half of the optional ones absent, in the records or also in the objects below
them; keys that nobody knows; one record with a number as text; a copy of the source record.
"""

CASES: Final[tuple[Case, ...]] = get_args(Case)
PAGE_SIZE: Final = 100


@dataclass(frozen=True)
class Dialect:
    """How one service writes its records and pages."""

    record: Callable[[int], Record]
    """Builds the record of a number, with every documented key but the copy of the source record."""
    nested: str
    """Key of the object, or the list of objects, that gets an unknown key of its own."""
    required: frozenset[str] = frozenset({"id"})
    """Keys that no record or nested object lacks."""
    number_key: str = ""
    """Key of a number that comes as text in one record; empty where nobody reads such a page."""
    source_key: str = ""
    """Key of the copy of the source record; empty where the service has none."""
    list_path: str = ""
    """Path of the listing, below the base address."""
    cursor: str = ""
    """Query option that asks for another page."""
    envelope: Callable[[list[JSON], str | None], JSON] = lambda records, following: records
    """Puts records and the next cursor into a page."""
    items: str = ""
    """Key of the records in a page."""
    following: tuple[str, ...] = ()
    """Keys that lead to the next cursor in a page."""
    answer: Callable[[Record], JSON] = lambda record: record
    """Puts one record into the answer of a read."""


def record(dialect: str, case: Case, number: int) -> Record:
    """Return one record."""
    kind = DIALECTS[dialect]
    built = kind.record(number)
    if case in ("half", "sparse"):
        return _halved(built, kind.required, number, whole=case == "sparse")
    if case == "unknown":
        nested = built[kind.nested]
        first = nested[0] if isinstance(nested, list) else nested
        if not isinstance(first, dict):
            raise TypeError(f"{dialect} has no object under {kind.nested!r}")
        first["sales_region"] = f"region {number % 7}"
        return {**built, "loyalty_tier": "gold", "renewal_score": number % 100}
    if case == "deviating" and number == PAGE_SIZE // 2:
        return {**built, kind.number_key: str(built[kind.number_key])}
    if case == "remote_data":
        source = _source(number)
        return {**built, kind.source_key: source if dialect != "merge" else [{"path": "/companies", "data": source}]}
    return built


def page(dialect: str, case: Case, following: str | None = None) -> bytes:
    """Return the bytes of a page of 100 records, with the cursor of the next page if there is one."""
    records: list[JSON] = [record(dialect, case, number) for number in range(PAGE_SIZE)]
    return encoded(DIALECTS[dialect].envelope(records, following))


def encoded(value: JSON) -> bytes:
    """Return JSON as services write it, without spaces."""
    return json.dumps(value, separators=(",", ":")).encode()


def has_case(dialect: str, case: Case) -> bool:
    """Whether the service has records of this kind."""
    needed = {"deviating": DIALECTS[dialect].number_key, "remote_data": DIALECTS[dialect].source_key}
    return needed.get(case) != ""


def truto_body() -> Record:
    """Return the body of an update as a ready dict, every key of it given."""
    body = _truto(7)
    return {key: value for key, value in body.items() if key not in ("id", "updated_at", "last_activity_at")}


def coperniq_body() -> tuple[Record, Record]:
    """Return the body of an update by Python names, and by wire names."""
    values: Record = {
        "title": "Bright Roofs of Springfield",
        "description": "Family of four, wants panels on the south side and a battery in the garage. " * 2,
        "address": ["221 Baker Street, Springfield, IL 62701"],
        "is_active": True,
        "primary_email": "marge@bright-roofs.example",
        "primary_phone": "+1 555 0123",
        "account_type": "RESIDENTIAL",
        "contacts": [4711, 4712, 4713],
        "custom": {"roof_angle": 32, "shade": "none", "systems": ["solar", "battery"], "permit": {"state": "filed"}},
    }
    return values, {_camel_case(key): value for key, value in values.items()}


def _halved(value: Record, required: frozenset[str], turn: int, *, whole: bool) -> Record:
    """Return an object without every second optional key; they take turns, so that each is missing half the time."""
    kept: Record = {}
    for place, (key, item) in enumerate(value.items()):
        if key in required or (place + turn) % 2:
            kept[key] = _halved_items(item, required, turn + place) if whole else item
    return kept


def _halved_items(item: JSON, required: frozenset[str], turn: int) -> JSON:
    if isinstance(item, dict):
        return _halved(item, required, turn, whole=True)
    if isinstance(item, list):
        return [_halved_items(entry, required, turn + place) for place, entry in enumerate(item)]
    return item


def _source(number: int) -> Record:
    """Return 1.5 KB of what a provider's own record may look like."""
    return {
        "objectId": f"{9_000_000 + number}",
        "archived": False,
        "properties": {
            f"hs_property_{name}_{place}": {"value": f"{name} {number} {place}", "timestamp": 1_700_000_000_000 + place}
            for name in ("lifecycle", "analytics", "ownership", "revenue")
            for place in range(4)
        },
        "associations": [{"type": "contact", "id": 400 + place, "primary": place == 0} for place in range(3)],
    }


def _truto(number: int) -> Record:
    return {
        "id": f"{70_000_000 + number}",
        "name": f"Acme Manufacturing {number} Incorporated",
        "description": f"Company {number} builds belts and sorting machines.",
        "owner": {"id": f"owner-{number % 9}"},
        "industry": "Machinery",
        "website": f"https://www.acme-{number}.example/",
        "number_of_employees": 50 + number,
        "addresses": [
            {
                "id": f"address-{number}-{place}",
                "street_1": f"{number} Industrial Avenue",
                "street_2": f"Unit {place}",
                "city": "Springfield",
                "state": "Illinois",
                "postal_code": f"{62_700 + number}",
                "country": "US",
                "type": kind,
            }
            for place, kind in enumerate(("billing", "shipping"))
        ],
        "phone_numbers": [
            {"id": f"phone-{number}-{place}", "number": f"+1555010{number:03}", "extension": f"{place}", "type": kind}
            for place, kind in enumerate(("work", "fax"))
        ],
        "urls": [{"url": f"https://{kind}.acme-{number}.example", "type": kind} for kind in ("blog", "shop")],
        "tags": [{"id": f"{place}", "name": name} for place, name in enumerate(("vip", "west", "renewal"))],
        "custom_fields": {"segment": "enterprise", "score": number % 100, "partner": None},
        "created_at": f"2023-03-{number % 28 + 1:02}T08:15:30.000Z",
        "updated_at": f"2024-05-{number % 28 + 1:02}T14:45:00.000Z",
        "last_activity_at": f"2024-06-{number % 28 + 1:02}T09:00:01.000Z",
    }


def _coperniq(number: int) -> Record:
    return {
        "id": 40_000 + number,
        "createdAt": f"2023-03-{number % 28 + 1:02}T08:15:30.000Z",
        "updatedAt": f"2024-05-{number % 28 + 1:02}T14:45:00.000Z",
        "title": f"Bright Roofs {number}",
        "description": f"Household {number}: panels on the south side, a battery in the garage, a car charger outside.",
        "address": [f"{number} Evergreen Terrace, Springfield, IL 62701"],
        "isActive": True,
        "primaryEmail": f"customer-{number}@bright-roofs.example",
        "primaryPhone": f"+1555020{number:03}",
        "number": 1_000 + number,
        "custom": {"roof_angle": 32, "shade": "none", "systems": ["solar", "battery"], "permit": {"state": "filed"}},
        "accountType": "RESIDENTIAL",
        "contacts": [
            {"id": number * 10 + place, "emails": [f"person-{place}@home-{number}.example"], "phones": ["+15550300"]}
            for place in range(2)
        ],
        **{
            key: {
                "id": person,
                "firstName": first,
                "lastName": "Miller",
                "email": f"{first.lower()}@installer.example",
                "avatarUrl": f"https://images.installer.example/{person}.png",
            }
            for key, person, first in (("createdBy", 11, "Robin"), ("updatedBy", 12, "Sascha"))
        },
    }


def _merge(number: int) -> Record:
    return {
        "id": f"00000000-0000-4000-8000-{number:012}",
        "remote_id": f"{70_000_000 + number}",
        "created_at": f"2023-03-{number % 28 + 1:02}T08:15:30Z",
        "modified_at": f"2024-05-{number % 28 + 1:02}T14:45:00Z",
        "owner": f"00000000-0000-4000-8000-{number % 9:012}",
        "name": f"Acme Manufacturing {number} Incorporated",
        "description": f"Company {number} builds belts and sorting machines.",
        "industry": "Machinery",
        "website": f"https://www.acme-{number}.example/",
        "number_of_employees": 50 + number,
        "addresses": [
            {
                "street_1": f"{number} Industrial Avenue",
                "street_2": f"Unit {place}",
                "city": "Springfield",
                "state": "Illinois",
                "postal_code": f"{62_700 + number}",
                "country": "US",
                "address_type": kind,
            }
            for place, kind in enumerate(("BILLING", "SHIPPING"))
        ],
        "phone_numbers": [
            {"phone_number": f"+1555010{number:03}", "phone_number_type": kind} for kind in ("Work", "Fax")
        ],
        "last_activity_at": f"2024-06-{number % 28 + 1:02}T09:00:01Z",
        "remote_updated_at": f"2024-05-{number % 28 + 1:02}T14:45:00Z",
        "remote_created_at": f"2023-03-{number % 28 + 1:02}T08:15:30Z",
        "remote_was_deleted": False,
        "field_mappings": {
            "organization_defined_targets": {"segment": "enterprise"},
            "linked_account_defined_targets": {},
        },
        "remote_fields": [],
    }


def _apideck(number: int) -> Record:
    return {
        "id": f"{70_000_000 + number}",
        "name": f"Acme Manufacturing {number} Incorporated",
        "owner_id": f"owner-{number % 9}",
        "description": f"Company {number} builds belts and sorting machines.",
        "number_of_employees": f"{50 + number}",
        "industry": "Machinery",
        "websites": [{"id": f"website-{number}", "url": f"https://www.acme-{number}.example/", "type": "primary"}],
        "addresses": [
            {
                "id": f"address-{number}-{place}",
                "type": kind,
                "line1": f"{number} Industrial Avenue",
                "line2": f"Building {place}",
                "city": "Springfield",
                "state": "Illinois",
                "postal_code": f"{62_700 + number}",
                "country": "US",
            }
            for place, kind in enumerate(("billing", "shipping"))
        ],
        "phone_numbers": [
            {"id": f"phone-{number}-{place}", "number": f"+1555010{number:03}", "extension": f"{place}", "type": kind}
            for place, kind in enumerate(("work", "fax"))
        ],
        "custom_fields": [{"id": "segment", "name": "Segment", "value": "enterprise"}],
        "tags": ["vip", "west", "renewal"],
        "last_activity_at": f"2024-06-{number % 28 + 1:02}T09:00:01.000Z",
        "updated_at": f"2024-05-{number % 28 + 1:02}T14:45:00.000Z",
        "created_at": f"2023-03-{number % 28 + 1:02}T08:15:30.000Z",
    }


def _finch(number: int) -> Record:
    return {
        "id": f"00000000-0000-4000-8000-{number:012}",
        "legal_name": f"Acme Manufacturing {number} Incorporated",
        "entity": {"type": "corporation", "subtype": "c_corporation"},
        "ein": f"{10_000_000 + number}",
        "primary_email": f"office@acme-{number}.example",
        "primary_phone_number": f"+1555010{number:03}",
        "departments": [
            {"name": name, "parent": {"name": "Operations"}} for name in ("Assembly", "Spare parts", "Logistics")
        ],
        "locations": [
            {
                "name": f"Building {place}",
                "line1": f"{number} Industrial Avenue",
                "line2": f"Floor {place}",
                "city": "Springfield",
                "state": "IL",
                "postal_code": f"{62_700 + number}",
                "country": "US",
                "source_id": f"location-{number}-{place}",
            }
            for place in range(2)
        ],
        "accounts": [
            {
                "institution_name": f"First Bank of Springfield {place}",
                "account_name": "Payroll",
                "account_type": "checking",
                "account_number": f"{1_000_000_000 + number}",
                "routing_number": "123456789",
            }
            for place in range(2)
        ],
    }


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def _truto_page(records: list[JSON], following: str | None) -> JSON:
    return {"next_cursor": following, "prev_cursor": None, "result_count": PAGE_SIZE, "result": records}


def _merge_page(records: list[JSON], following: str | None) -> JSON:
    return {"next": following, "previous": None, "results": records}


def _apideck_answer(data: JSON) -> Record:
    status: Record = {"status_code": 200, "status": "OK", "service": "crm", "resource": "companies", "operation": "all"}
    return {**status, "data": data}


def _apideck_page(records: list[JSON], following: str | None) -> JSON:
    return {**_apideck_answer(records), "meta": {"items_on_page": PAGE_SIZE, "cursors": {"next": following}}}


def _finch_page(records: list[JSON], following: str | None) -> JSON:
    # This service counts records: there are more of them while a page is to follow. The cursor is for the plain way.
    offset = 0 if following is None else int(following) - PAGE_SIZE
    count = offset + PAGE_SIZE + (following is not None)
    return {"paging": {"offset": offset, "count": count, "next": following}, "data": records}


DIALECTS: Final[Mapping[str, Dialect]] = {
    "truto": Dialect(
        _truto,
        nested="owner",
        number_key="number_of_employees",
        source_key="remote_data",
        list_path="/unified/crm/accounts",
        cursor="next_cursor",
        envelope=_truto_page,
        items="result",
        following=("next_cursor",),
    ),
    "coperniq": Dialect(_coperniq, nested="createdBy", list_path="/accounts", cursor="page"),
    "merge": Dialect(
        _merge,
        nested="addresses",
        source_key="remote_data",
        list_path="/crm/v1/accounts",
        cursor="cursor",
        envelope=_merge_page,
        items="results",
        following=("next",),
    ),
    "apideck": Dialect(
        _apideck,
        nested="addresses",
        required=frozenset({"id", "name", "url", "number"}),
        source_key="custom_mappings",
        list_path="/crm/companies",
        cursor="cursor",
        envelope=_apideck_page,
        items="data",
        following=("meta", "cursors", "next"),
        answer=_apideck_answer,
    ),
    "finch": Dialect(
        _finch,
        nested="locations",
        list_path="/companies",
        cursor="offset",
        envelope=_finch_page,
        items="data",
        following=("paging", "next"),
    ),
}
