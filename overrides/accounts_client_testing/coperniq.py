"""Coperniq's API in memory, for any category."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeVar, Unpack

from accounts_client_runtime import JSON, AsyncCoperniqClient, NumberPage, SyncCoperniqClient
from accounts_client_runtime.client import AsyncClientOptions, SyncClientOptions
from accounts_client_runtime.coperniq import COPERNIQ

from .answers import DIGITS, Answer, Call, Refusal, Route, json_answer, phrase_of
from .clock import Clock
from .comparing import compare, contains, read_moment
from .datasets import Collection, Dataset, merge_maps
from .engine import Fake
from .limits import RateLimit
from .resources import Record, is_number_page
from .routing import placeholders
from .search import CUSTOM, search

ClientT_co = TypeVar("ClientT_co", bound=SyncCoperniqClient, covariant=True)
AsyncClientT_co = TypeVar("AsyncClientT_co", bound=AsyncCoperniqClient, covariant=True)

_ACTIVE: Final = "isActive"
_CONTACTS: Final = "contacts"
_NUMBER: Final = "number"
_READ_ONLY: Final = frozenset({"id", "createdAt", "updatedAt", "createdBy", "updatedBy", _NUMBER})
_MATCHING: Final = ("title", "primaryEmail", "primaryPhone", "address")
_CODES: Final[Mapping[int, str]] = {400: "VALIDATION_ERROR", 429: "RATE_LIMIT_EXCEEDED"}
"""Codes that are not the name of the status."""
_DAY: Final = 24 * 60 * 60


class CoperniqFake(Fake[ClientT_co, AsyncClientT_co]):
    """Coperniq's API in memory."""

    service = COPERNIQ

    def __init__(self, *, api_key: str = "fake-coperniq-key", seed: int = 0, clock: Clock | None = None) -> None:
        """Make a service without records.

        Args:
            api_key: Key that it accepts.
            seed: Chooses the values of sample records.
            clock: Time of the service; by default it begins with the year 2024 and stands still between writes.
        """
        super().__init__(api_key, seed=seed, clock=clock)
        self._dataset = Dataset(self._ground)
        self._contacts: dict[int, Record] = {}
        self._second_limit: RateLimit | None = None
        self._day_limit = RateLimit(5000, _DAY)

    @property
    def api_key(self) -> str:
        """The key that the service accepts."""
        return self._token

    def client(self, **options: Unpack[SyncClientOptions]) -> ClientT_co:
        """Return a client in process; its pauses take no real time."""
        return self.client_class(self._token, **self._sync_options(options))

    def async_client(self, **options: Unpack[AsyncClientOptions]) -> AsyncClientT_co:
        """Return the same for asyncio."""
        return self.async_client_class(self._token, **self._async_options(options))

    def limit_rate(self, *, per_second: int = 100, per_day: int = 5000) -> None:
        """Answer 429 to more requests than this in the time of `clock`; the defaults are the documented limits."""
        with self._lock:
            self._second_limit = RateLimit(per_second, 1)
            self._day_limit = RateLimit(per_day, _DAY)

    @property
    def _data(self) -> Dataset:
        return self._dataset

    def _authenticate(self, call: Call) -> Mapping[str, str]:
        if call.headers.get("x-api-key") != self._token:
            raise Refusal(401, "the API key is missing or unknown")
        now = self.clock()
        wait = 0.0
        if self._second_limit is not None:
            wait = max(self._second_limit.wait(self._token, now), self._day_limit.wait(self._token, now))
            if not wait:
                self._second_limit.count(self._token, now)
        if not wait:
            self._day_limit.count(self._token, now)
        headers = {
            "x-ratelimit-limit": str(self._day_limit.requests),
            "x-ratelimit-remaining": str(self._day_limit.remaining(self._token, now)),
        }
        if wait:
            raise Refusal(429, "too many requests", headers=headers)
        return headers

    def _carry_out(self, call: Call, route: Route) -> Answer:
        operation, collection = route.operation, self._dataset.collection(route.resource)
        if is_number_page(operation.result):
            return json_answer(200, self._page(call, route, operation.result, collection))
        if operation.method == "GET":
            return json_answer(200, _presented(collection.records[_find(call, route, collection)], call))
        if operation.method == "DELETE":
            collection.remove(_find(call, route, collection))
            return Answer(200, {}, b"")
        call.is_on("allow_new_options")
        if operation.method == "POST":
            return self._create(call, collection)
        key = _find(call, route, collection)
        values = merge_maps(collection.records[key], self._values(call, collection), collection)
        return json_answer(200, collection.change(key, _cleared(values)))

    def _error_body(self, refusal: Refusal) -> dict[str, JSON]:
        name = phrase_of(refusal.status).upper().replace(" ", "_")
        code = refusal.code or _CODES.get(refusal.status, name)
        body: dict[str, JSON] = {"message": refusal.message, "code": code}
        if refusal.field:
            body["field"] = refusal.field
        return body

    def _page(self, call: Call, route: Route, result: NumberPage[object], collection: Collection) -> JSON:
        """Return one page of a listing or of a search."""
        size = call.number(result.size, result.default_size, result.largest_size)
        start = (call.number(result.page, 1) - 1) * size
        with_archived = call.is_on("include_archived")
        records = [record for record in collection.in_order() if with_archived or _is_active(record)]
        if route.operation.name.endswith(".search"):
            records = search(records, call, self._id_name(route.resource))
        else:
            records = _select(records, call, collection)
        if call.choice("order_by", ("asc", "desc"), "asc") == "desc":
            records.reverse()
        return [_presented(record, call) for record in records[start : start + size]]

    def _id_name(self, resource: str) -> str:
        """Return what paths call the id of a resource, such as `accountId`."""
        names = (
            name
            for operation in self.operations
            if operation.name.startswith(f"{resource}.")
            for name in placeholders(operation.path)
        )
        return next(names, "id")

    def _create(self, call: Call, collection: Collection) -> Answer:
        """Store a new record, or deal with the one that it matches."""
        match_by = call.choice("match_by", _MATCHING, "title")
        strategy = call.choice("match_found_strategy", ("skip", "replace", "enrich"), "skip")
        values = self._values(call, collection)
        wanted = values.get(match_by)
        matches = [record for record in collection.in_order() if _is_active(record) and record.get(match_by) == wanted]
        if wanted is not None and matches:
            record = matches[0]
            if strategy == "enrich":
                values = _enriching(record, values)
            if strategy != "skip":
                record = collection.change(str(record["id"]), _cleared(merge_maps(record, values, collection)))
            return json_answer(200, record)
        if values.get(_CONTACTS) is None and any(values.get(name) for name in ("primaryEmail", "primaryPhone")):
            values[_CONTACTS] = [self._primary_contact(values)]
        number = collection.next_id()
        given: Record = {"id": number, _NUMBER: number, _ACTIVE: True}
        given = {name: value for name, value in given.items() if name in collection.resource.fields}
        return json_answer(201, collection.create({**given, **_cleared(values)}))

    def _values(self, call: Call, collection: Collection) -> Record:
        """Return what a body stores.

        Raises:
            Refusal: The body is not of the documented type.
        """
        body = call.object_body()
        body_type = self._body_types.get(call.operation)
        misfit = body_type.misfit(body) if body_type else ""
        if misfit:
            raise Refusal(400, f"{misfit} is missing or not of the documented type", field=misfit)
        values = {name: value for name, value in body.items() if name not in _READ_ONLY}
        contacts = values.get(_CONTACTS)
        if isinstance(contacts, list):
            values[_CONTACTS] = [self._contact(contact) for contact in contacts]
        return values

    def _contact(self, contact: JSON) -> JSON:
        """Return the contact with the id that a body names, bare or in an object; without one it is a new contact.

        The fields of such an object are not documented, so that nothing else is taken from it.
        """
        number = contact.get("id") if isinstance(contact, dict) else contact
        if not isinstance(number, int) or isinstance(number, bool):
            number = self._next_contact()
        return self._contacts.setdefault(number, {"id": number, "emails": [], "phones": []})

    def _next_contact(self) -> int:
        return max(self._contacts, default=0) + 1

    def _primary_contact(self, values: Record) -> JSON:
        """Return the contact that has the primary email address or phone number; it is made if there is none."""
        email, phone = values.get("primaryEmail"), values.get("primaryPhone")
        for contact in self._contacts.values():
            if _has(contact, "emails", email) or _has(contact, "phones", phone):
                return contact
        number = self._next_contact()
        made: Record = {
            "id": number,
            "emails": [] if email is None else [email],
            "phones": [] if phone is None else [phone],
        }
        self._contacts[number] = made
        return made


def _find(call: Call, route: Route, collection: Collection) -> str:
    """Return the key of the record that a path names.

    Raises:
        Refusal: There is none, or it is archived and the call does not ask for such.
    """
    ((name, text),) = route.values.items()
    if not (text.isascii() and text.isdecimal() and len(text) < DIGITS):
        raise Refusal(400, f"{name} must be a whole number", field=name)
    key = str(int(text))
    record = collection.records.get(key)
    is_hidden = call.method == "GET" and not call.is_on("include_archived")
    if record is None or (is_hidden and not _is_active(record)):
        raise Refusal(404, f"there is no record with the id {key}")
    return key


def _is_active(record: Record) -> bool:
    """Whether a record is not archived."""
    return record.get(_ACTIVE) is not False


def _select(records: list[Record], call: Call, collection: Collection) -> list[Record]:
    """Return the records that pass the filters of a listing: texts within fields, and bounds of the last update."""
    for option, sign in (("updated_after", 1), ("updated_before", -1)):
        bound = call.query.get(option)
        if bound is None:
            continue
        if not isinstance(bound, str) or read_moment(bound) is None:
            raise Refusal(400, f"{option} must be a date and time", field=option)
        records = [record for record in records if compare(record.get("updatedAt"), bound) == sign]
    for name, text in call.query.items():
        if not isinstance(text, str):
            continue
        if name == "q":
            records = [record for record in records if any(contains(value, text) for value in record.values())]
        elif name in collection.resource.fields:
            records = [record for record in records if contains(record.get(name), text)]
    return records


def _presented(record: Record, call: Call) -> Record:
    """Return a record as reads show it: contacts only where they are asked for."""
    if call.is_on("include_contacts"):
        return record
    return {name: value for name, value in record.items() if name != _CONTACTS}


def _enriching(record: Record, values: Record) -> Record:
    """Return those of the values that fill what is empty in a record."""
    filling = {name: value for name, value in values.items() if record.get(name) in (None, "", [], {})}
    old, new = record.get(CUSTOM), values.get(CUSTOM)
    if isinstance(old, dict) and isinstance(new, dict):
        filling[CUSTOM] = {name: value for name, value in new.items() if old.get(name) is None}
    return filling


def _cleared(values: Record) -> Record:
    """Return the values without custom properties that are null."""
    custom = values.get(CUSTOM)
    if not isinstance(custom, dict):
        return values
    return {**values, CUSTOM: {name: value for name, value in custom.items() if value is not None}}


def _has(contact: Record, name: str, wanted: JSON) -> bool:
    listed = contact.get(name)
    return wanted is not None and isinstance(listed, list) and wanted in listed
