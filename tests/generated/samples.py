"""One complete answer a record, with every field that the pages document, and what it reads as."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from accounts_client import coperniq_accounts, crm_accounts, crm_users, ticketing_accounts

CRM_ACCOUNT_ANSWER: Final = """{
    "id": "23423523",
    "owner": {"id": "owner-9"},
    "name": "Müller & Söhne",
    "description": "Roofs",
    "industry": "Solar",
    "website": "https://mueller.test",
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
            "type": "billing"
        }
    ],
    "phone_numbers": [{"id": "phone-1", "number": "+49 228 1", "extension": "12", "type": "work"}],
    "urls": [{"url": "https://mueller.test/en", "type": "home"}],
    "tags": [{"id": "tag-1", "name": "vip"}],
    "custom_fields": {"tier": 1, "share": 0.5, "note": null, "colors": ["red", true]},
    "last_activity_at": "2024-03-04T05:06:07+02:00",
    "updated_at": "2024-02-03T04:05:06.789Z",
    "created_at": "2024-01-02T03:04:05Z",
    "remote_data": {"Id": "001", "IsDeleted": false, "Owner": {"Name": "Sales desk"}}
}"""

CRM_ACCOUNT: Final = crm_accounts.Account(
    id="23423523",
    owner=crm_accounts.Owner(id="owner-9"),
    name="Müller & Söhne",
    description="Roofs",
    industry="Solar",
    website="https://mueller.test",
    number_of_employees=120,
    addresses=[
        crm_accounts.Address(
            id="address-1",
            street_1="1 Main St",
            street_2="Floor 2",
            city="Bonn",
            state="NRW",
            postal_code="53111",
            country="DE",
            type="billing",
        )
    ],
    phone_numbers=[crm_accounts.PhoneNumber(id="phone-1", number="+49 228 1", extension="12", type="work")],
    urls=[crm_accounts.Url(url="https://mueller.test/en", type="home")],
    tags=[crm_accounts.Tag(id="tag-1", name="vip")],
    custom_fields={"tier": 1, "share": 0.5, "note": None, "colors": ["red", True]},
    last_activity_at=datetime(2024, 3, 4, 5, 6, 7, tzinfo=timezone(timedelta(hours=2))),
    updated_at=datetime(2024, 2, 3, 4, 5, 6, 789_000, tzinfo=UTC),
    created_at=datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC),
    remote_data={"Id": "001", "IsDeleted": False, "Owner": {"Name": "Sales desk"}},
)

CRM_USER_ANSWER: Final = """{
    "id": "u:7@example",
    "created_at": "2024-01-02T03:04:05Z",
    "email": "sales@example.test",
    "is_active": true,
    "name": "Sales desk",
    "remote_data": {"Id": "005"},
    "updated_at": "2024-02-03T04:05:06Z",
    "urls": [{"type": "profile", "url": "https://crm.test/u/7"}]
}"""

CRM_USER: Final = crm_users.User(
    id="u:7@example",
    created_at=datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC),
    email="sales@example.test",
    is_active=True,
    name="Sales desk",
    remote_data={"Id": "005"},
    updated_at=datetime(2024, 2, 3, 4, 5, 6, tzinfo=UTC),
    urls=[crm_users.Url(type="profile", url="https://crm.test/u/7")],
)

TICKETING_ACCOUNT_ANSWER: Final = """{
    "id": "acc_1",
    "created_at": "2024-01-02T03:04:05Z",
    "domains": ["acme.test", "acme.example"],
    "etag": "W/\\"7\\"",
    "name": "Acme",
    "remote_data": {"uuid": "acc_1"},
    "updated_at": "2024-02-03T04:05:06Z"
}"""

TICKETING_ACCOUNT: Final = ticketing_accounts.Account(
    id="acc_1",
    created_at=datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC),
    domains=["acme.test", "acme.example"],
    etag='W/"7"',
    name="Acme",
    remote_data={"uuid": "acc_1"},
    updated_at=datetime(2024, 2, 3, 4, 5, 6, tzinfo=UTC),
)

COPERNIQ_ACCOUNT_ANSWER: Final = """{
    "id": 42,
    "createdAt": "2024-01-02T03:04:05.678Z",
    "updatedAt": "2024-02-03T04:05:06Z",
    "title": "Acme",
    "description": "Roofs",
    "address": ["1 Main St, Bonn"],
    "isActive": true,
    "primaryEmail": "sales@example.test",
    "primaryPhone": "+49 228 1",
    "number": 1234,
    "custom": {"tier": 1, "is_active": null},
    "accountType": "RESIDENTIAL",
    "contacts": [{"id": 7, "emails": ["sales@example.test"], "phones": ["+49 228 1"]}],
    "createdBy": {
        "id": 5, "firstName": "Sales", "lastName": "Desk", "email": "sales@example.test", "avatarUrl": "https://a.test/5"
    },
    "updatedBy": {
        "id": 6, "firstName": "Field", "lastName": "Crew", "email": "crew@example.test", "avatarUrl": "https://a.test/6"
    }
}"""

COPERNIQ_ACCOUNT: Final = coperniq_accounts.Account(
    id=42,
    created_at=datetime(2024, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC),
    updated_at=datetime(2024, 2, 3, 4, 5, 6, tzinfo=UTC),
    title="Acme",
    description="Roofs",
    address=["1 Main St, Bonn"],
    is_active=True,
    primary_email="sales@example.test",
    primary_phone="+49 228 1",
    number=1234,
    custom={"tier": 1, "is_active": None},
    account_type="RESIDENTIAL",
    contacts=[coperniq_accounts.Contact(id=7, emails=["sales@example.test"], phones=["+49 228 1"])],
    created_by=coperniq_accounts.UserSummary(
        id=5, first_name="Sales", last_name="Desk", email="sales@example.test", avatar_url="https://a.test/5"
    ),
    updated_by=coperniq_accounts.UserSummary(
        id=6, first_name="Field", last_name="Crew", email="crew@example.test", avatar_url="https://a.test/6"
    ),
)
