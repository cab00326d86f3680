"""A small service of our own to test the runtime with: answer classes, operations and request builders.

People are kept behind Truto's conventions, sites behind Coperniq's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from types import GenericAlias
from typing import ClassVar, Final, Literal
from uuid import UUID

from attrs import define, field

from accounts_client_runtime import (
    JSON,
    AsyncPager,
    AsyncResource,
    CursorPage,
    FreeJSON,
    Names,
    Nothing,
    NumberPage,
    One,
    Operation,
    Page,
    Pager,
    Request,
    SyncResource,
    Wrapped,
)


@define(kw_only=True)
class Owner:
    """Has a required field of its own."""

    id: str
    email: str | None = None
    extra: dict[str, JSON] = field(factory=dict[str, JSON])


@define(kw_only=True)
class Phone:
    """Has no required field."""

    number: str | None = None
    extra: dict[str, JSON] = field(factory=dict[str, JSON])


@define(kw_only=True)
class Link:
    """Is told from a phone by its keys alone."""

    url: str | None = None
    extra: dict[str, JSON] = field(factory=dict[str, JSON])


@define(kw_only=True)
class Card:
    """Holds a link or a phone."""

    reach: Link | Phone | None = None
    notes: dict[str, Note] | Note | None = None
    extra: dict[str, JSON] = field(factory=dict[str, JSON])


@define(kw_only=True)
class Call:
    """Is told from a note by its kind."""

    kind: Literal["call"]
    number: str | None = None
    extra: dict[str, JSON] = field(factory=dict[str, JSON])


@define(kw_only=True)
class Note:
    """Is told from a call by its kind."""

    kind: Literal["note"]
    text: str | None = None
    written_at: datetime | None = None
    extra: dict[str, JSON] = field(factory=dict[str, JSON])

    __wire_names__: ClassVar[Mapping[str, str]] = {"written_at": "writtenAt"}


@define(kw_only=True)
class Tags:
    """Holds a type that no answer has."""

    names: set[str] | None = None
    extra: dict[str, JSON] = field(factory=dict[str, JSON])


@define(kw_only=True)
class Team:
    """Holds people, who hold a team."""

    name: str | None = None
    lead: Person | None = None
    members: list[Person] | None = None
    extra: dict[str, JSON] = field(factory=dict[str, JSON])


@define(kw_only=True)
class Person:
    """Has a field of each kind."""

    id: str
    name: str | None = None
    age: int | None = None
    score: float | None = None
    is_active: bool | None = None
    created_at: datetime | None = None
    birthday: date | None = None
    key: UUID | None = None
    status: Literal["lead", "customer"] | str | None = None
    tier: Literal["gold", "silver", 3] | None = None
    owner: Owner | None = None
    phones: list[Phone] | None = None
    nicknames: list[str] | None = None
    phones_by_place: dict[str, Phone] | None = None
    labels: dict[str, str] | None = None
    counts: dict[str, int] | None = None
    manager: Person | None = None
    reports: list[Person] | None = None
    team: Team | None = None
    contact: int | Phone | None = None
    seen: datetime | int | None = None
    log: list[Note | Call] | None = None
    history: list[Note] | Note | None = None
    remote_data: dict[str, JSON] | None = None
    custom: JSON = None
    last_login: datetime | None = None
    extra_: str | None = None
    extra: dict[str, JSON] = field(factory=dict[str, JSON])

    __wire_names__: ClassVar[Mapping[str, str]] = {"last_login": "lastLogin", "extra_": "extra"}


@define(kw_only=True)
class Site:
    """A record with a number for an id."""

    id: int
    title: str | None = None
    created_at: datetime | None = None
    extra: dict[str, JSON] = field(factory=dict[str, JSON])

    __wire_names__: ClassVar[Mapping[str, str]] = {"created_at": "createdAt"}


def new_whole() -> type[object]:
    """Return a class with parts of another one, both made anew, so that no unknown key of theirs is known yet."""
    part = _new_class("Part", {"name": str | None})
    return _new_class(
        "Whole",
        {
            "id": str,
            "size": float | None,
            "part": part | None,
            "parts": GenericAlias(list, (part,)) | None,
            "parts_by_name": GenericAlias(dict, (str, part)) | None,
        },
    )


def _new_class(name: str, types: Mapping[str, object]) -> type[object]:
    optional: Mapping[str, object] = dict.fromkeys(types.keys() - {"id"})
    extra: object = field(factory=dict[str, object])
    annotations = {**types, "extra": dict[str, object]}
    return define(kw_only=True)(type(name, (), {"__annotations__": annotations, **optional, "extra": extra}))


LIST_PEOPLE: Final = Operation("people.list", "GET", "/people", CursorPage(Person))
GET_PERSON: Final = Operation("people.get", "GET", "/people/{id}", One(Person))
CREATE_PERSON: Final = Operation("people.create", "POST", "/people", One(Person))
UPDATE_PERSON: Final = Operation("people.update", "PATCH", "/people/{id}", One(Person, id="id"))
DELETE_PERSON: Final = Operation("people.delete", "DELETE", "/people/{id}", Nothing())
MERGE_PEOPLE: Final = Operation("people.merge", "POST", "/people/merge", Wrapped(Person))
CALL_PEOPLE: Final = Operation("people.call", "POST", "/people/{method}", FreeJSON())

LIST_SITES: Final = Operation(
    "sites.list", "GET", "/sites", NumberPage(Site), query_names={"primary_name": "primaryName"}
)
GET_SITE: Final = Operation("sites.get", "GET", "/sites/{siteId}", One(Site))
CREATE_SITE: Final = Operation(
    "sites.create",
    "POST",
    "/sites",
    One(Site),
    body_names=Names({"site_type": "siteType"}, {"contacts": Names({"first_name": "firstName"})}),
)
UPDATE_SITE: Final = Operation("sites.update", "PATCH", "/sites/{siteId}", One(Site, id="siteId"))
DELETE_SITE: Final = Operation("sites.delete", "DELETE", "/sites/{siteId}", Nothing())


def list_people(**query: object) -> Request[Page[Person]]:
    return Request(LIST_PEOPLE, query=query)


def get_person(person_id: str = "7", **query: object) -> Request[Person]:
    return Request(GET_PERSON, path={"id": person_id}, query=query)


def create_person(body: Mapping[str, object] | None = None, **query: object) -> Request[Person]:
    return Request(CREATE_PERSON, query=query, body={"name": "Ann"} if body is None else body)


def update_person(person_id: str = "7", body: Mapping[str, object] | None = None) -> Request[Person]:
    return Request(UPDATE_PERSON, path={"id": person_id}, body={"name": "Ann"} if body is None else body)


def delete_person(person_id: str = "7") -> Request[None]:
    return Request(DELETE_PERSON, path={"id": person_id})


def merge_people() -> Request[Person]:
    return Request(MERGE_PEOPLE, body={"master_record": {"id": "7"}})


def call_people(method: str = "archive", body: Mapping[str, object] | None = None) -> Request[JSON]:
    return Request(CALL_PEOPLE, path={"method": method}, body=body)


def list_sites(**query: object) -> Request[Page[Site]]:
    return Request(LIST_SITES, query=query)


def get_site(site_id: int = 42) -> Request[Site]:
    return Request(GET_SITE, path={"siteId": site_id})


def create_site(body: Mapping[str, object] | None = None) -> Request[Site]:
    return Request(CREATE_SITE, body={"title": "Acme"} if body is None else body)


def update_site(site_id: int = 42, body: Mapping[str, object] | None = None) -> Request[Site]:
    return Request(UPDATE_SITE, path={"siteId": site_id}, body={"title": "Acme"} if body is None else body)


def delete_site(site_id: int = 42) -> Request[None]:
    return Request(DELETE_SITE, path={"siteId": site_id})


class People(SyncResource):
    """The category as generated code offers it."""

    def list(self, **query: object) -> Pager[Person]:
        return self._pages(list_people(**query))

    def get(self, person_id: str) -> Person:
        return self._send(get_person(person_id))


class AsyncPeople(AsyncResource):
    """The same for asyncio."""

    def list(self, **query: object) -> AsyncPager[Person]:
        return self._pages(list_people(**query))

    async def get(self, person_id: str) -> Person:
        return await self._send(get_person(person_id))
