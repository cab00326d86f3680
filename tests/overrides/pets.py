"""A service behind an OpenAPI document, as the generator writes it: every place and style, several ways to log in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar, Final, Literal, TypeAlias
from uuid import UUID

from attrs import define, field

from accounts_client_runtime import (
    JSON,
    APIKey,
    AsyncResource,
    BasicLogin,
    BearerToken,
    ByStatus,
    Discriminator,
    LinkPage,
    Names,
    NestedCursorPage,
    Nothing,
    NumberPage,
    OffsetPage,
    One,
    Operation,
    Page,
    Parameter,
    Request,
    Service,
    SyncResource,
    Typed,
    URLPage,
)
from accounts_client_runtime.types import PathValue


@define(kw_only=True)
class Cat:
    """Is told from a dog by its type."""

    pet_type: Literal["cat"]
    name: str
    lives: int | None = None
    price: Decimal | None = None
    parent: Pet | None = None
    extra: dict[str, JSON] = field(factory=dict[str, JSON])

    __wire_names__: ClassVar[Mapping[str, str]] = {"pet_type": "petType"}


@define(kw_only=True)
class Dog:
    """Is told from a cat by its type."""

    pet_type: Literal["dog", "puppy"]
    name: str
    tricks: list[str] | None = None
    friends: list[Pet] | None = None
    extra: dict[str, JSON] = field(factory=dict[str, JSON])

    __wire_names__: ClassVar[Mapping[str, str]] = {"pet_type": "petType"}


Pet: TypeAlias = Annotated[Cat | Dog, Discriminator("petType", {"cat": Cat, "dog": Dog, "puppy": Dog})]


@define(kw_only=True)
class Receipt:
    """Answers a write that is carried out later."""

    job: UUID
    extra: dict[str, JSON] = field(factory=dict[str, JSON])


PETS: Final = Service(
    name="Pets",
    base_url="",
    base_url_environment="PETS_BASE_URL",
    schemes={
        "token": BearerToken("PETS_TOKEN"),
        "api_key": APIKey("header", "X-Key", "PETS_API_KEY"),
        "query_key": APIKey("query", "api key", "PETS_QUERY_KEY"),
        "session": APIKey("cookie", "sid", "PETS_SESSION"),
        "login": BasicLogin("PETS_LOGIN"),
    },
    security=(("token",), ("api_key", "session"), ("login",), ("query_key",)),
)

FIND_PETS: Final = Operation(
    "pets.find",
    "GET",
    "/owners/{owner}/pets{shape}",
    Typed[list[Cat | Dog]](list[Pet]),
    parameters={
        "owner": Parameter("path", "owner", "simple"),
        "shape": Parameter("path", "shape", "matrix", explode=True),
        "tags": Parameter("query", "tags", "form", explode=True),
        "ids": Parameter("query", "ids"),
        "words": Parameter("query", "words", "spaceDelimited"),
        "sizes": Parameter("query", "sizes", "pipeDelimited"),
        "where": Parameter("query", "where", "deepObject", explode=True, names=Names({"born_after": "bornAfter"})),
        "page_size": Parameter("query", "page[size]"),
        "address": Parameter("query", "address", allow_reserved=True),
        "select": Parameter("query", "$select", "json"),
        "trace": Parameter("header", "X-Trace", "simple"),
        "flags": Parameter("header", "X-Flags", "simple", explode=True),
        "theme": Parameter("cookie", "theme"),
    },
    query_names={"born_on": "bornOn"},
)
GET_PET: Final = Operation("pets.get", "GET", "/pets/{id}", Typed[Cat | Dog](Pet), security=((),))
LOOK: Final = Operation("pets.look", "HEAD", "/pets/{id}", Nothing(), security=(("query_key",), ()))
PUT_PET: Final = Operation(
    "pets.put",
    "PUT",
    "/pets/{id}",
    ByStatus[Cat | Receipt | None]({"200": One(Cat), "202": One(Receipt), "2XX": Nothing()}),
    body_names=Names({"pet_type": "petType"}),
)
RENAME_ALL: Final = Operation("pets.rename_all", "POST", "/pets/names", Typed[dict[str, str]](dict[str, str]))

NESTED: Final = Operation(
    "pets.nested", "GET", "/nested", NestedCursorPage(Cat, items=("data", "rows"), next=("paging", "next", "after"))
)
OFFSET: Final = Operation("pets.offset", "GET", "/offset", OffsetPage(Cat, items=("data",)))
LINKED: Final = Operation(
    "pets.linked",
    "GET",
    "/owners/{owner}/linked",
    LinkPage(Cat),
    parameters={"q": Parameter("query", "q", explode=True)},
)
BY_URL: Final = Operation("pets.by_url", "GET", "/by-url", URLPage(Cat))
NUMBERED: Final = Operation("pets.numbered", "GET", "/numbered", NumberPage(Cat, size="", items=("items",), first=0))


def find_pets(owner: str, shape: Mapping[str, object], **options: object) -> Request[list[Cat | Dog]]:
    return Request(FIND_PETS, path={"owner": owner, "shape": shape}, query=options)


def get_pet(pet_id: PathValue) -> Request[Cat | Dog]:
    return Request(GET_PET, path={"id": pet_id})


def look(pet_id: PathValue) -> Request[None]:
    return Request(LOOK, path={"id": pet_id})


def put_pet(pet_id: PathValue, body: Mapping[str, object]) -> Request[Cat | Receipt | None]:
    return Request(PUT_PET, path={"id": pet_id}, body=body)


def rename_all(names: Sequence[str]) -> Request[dict[str, str]]:
    return Request(RENAME_ALL, body=names)


def list_linked(owner: str = "ann", **options: object) -> Request[Page[Cat]]:
    return Request(LINKED, path={"owner": owner}, query=options)


class Pets(SyncResource):
    """The operations as generated code offers them."""

    def find(self, owner: str, born_on: date) -> list[Cat | Dog]:
        return self._send(find_pets(owner, {"R": 1}, born_on=born_on))


class AsyncPets(AsyncResource):
    """The same for asyncio."""

    async def find(self, owner: str, born_on: date) -> list[Cat | Dog]:
        return await self._send(find_pets(owner, {"R": 1}, born_on=born_on))
