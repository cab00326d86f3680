"""What calls to Truto's Unified API do to the records of one category, and the forms of their answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

import msgspec
from attrs import define, evolve, field, frozen

from accounts_client_runtime import JSON, CursorPage

from .answers import Answer, Call, Refusal, json_answer
from .cursors import Position, read_cursor, seal_of, write_cursor
from .datasets import REMOTE, Collection, merge_maps
from .faults import Fault
from .filters import select, sort
from .resources import Record, is_scalar

_FORMATS: Final = ("unified", "raw", "normalized", "stream", "debug")
_REGIONS: Final = ("apac", "wnam")
_NO_FILTERS: Final = frozenset({"integrated_account_id", "remote_query", "limit", "sort_by"})


@define(kw_only=True, eq=False)
class EmptyPage(Fault):
    """A page is empty, but has a cursor."""


@define(kw_only=True, eq=False)
class RepeatedCursor(Fault):
    """A page hands out the cursor that asked for it."""


@frozen
class Product:
    """What a call brought about."""

    unified: JSON
    """In the unified form."""
    raw: JSON
    """As the provider said it."""
    status: int = field(default=200, kw_only=True)
    debug: Mapping[str, JSON] = field(factory=dict[str, JSON], kw_only=True)
    """What the debug form tells of a listing."""


def checked_format(call: Call) -> str:
    """Return the form in which a call wants its answer; asked before anything is done.

    Raises:
        Refusal: There is no such form, or another option about the answer cannot be read.
    """
    call.is_on("truto_ignore_remote_data")
    return call.choice("truto_response_format", _FORMATS, "unified")


def in_format(product: Product, answer_format: str, call: Call) -> Answer:
    """Return the answer in one of the documented forms."""
    if answer_format == "raw":
        return json_answer(product.status, product.raw)
    if answer_format == "stream":
        body = msgspec.json.encode(product.raw)
        return Answer(product.status, {"content-type": "application/octet-stream"}, body)
    if answer_format == "debug":
        exchange: dict[str, JSON] = {
            "requestUrl": f"https://provider.example{call.path}",
            "requestOptions": {"method": call.method, "headers": {}, "body": call.body},
            "data": product.raw,
            "responseHeaders": {"content-type": "application/json"},
            **product.debug,
        }
        return json_answer(product.status, {"result": product.unified, "debug": exchange})
    # No page says how the normalized form differs from the unified one; here it does not.
    return json_answer(product.status, product.unified)


def list_records(
    call: Call,
    collection: Collection,
    result: CursorPage[object],
    *,
    page_size: int,
    cursor_generation: int,
    is_empty: bool,
    repeats_cursor: bool,
) -> Product:
    """Return one page of the records that the call selects."""
    query = call.query
    call.choice("truto_super_query", _REGIONS, "")
    filters: dict[str, JSON] = {
        name: value
        for name, value in query.items()
        if name not in _NO_FILTERS and name != result.cursor and not name.startswith("truto_")
    }
    order = query.get("sort_by")
    seal = seal_of(cursor_generation, call.account, call.path, filters, order)
    position = _position(query.get(result.cursor), seal, result.cursor)
    size = None if call.is_on("truto_ignore_limit") else call.number("limit", page_size)

    records = collection.in_order()
    if filters:
        records = select(records, filters, collection.resource)
    if order is not None:
        records = sort(records, order)

    start = position.start
    end = start if is_empty else len(records) if size is None else start + size
    page = records[start:end]
    if call.is_partial:
        page = [_partial(record, collection) for record in page]
    shown = [_presented(record, hidden) for record in page] if (hidden := _hidden(call)) else page
    next_cursor = write_cursor(Position(end, position.turn + 1), seal) if end < len(records) else None
    if repeats_cursor:
        next_cursor = str(query.get(result.cursor))
    before = Position(max(0, start - (size or start)), max(0, position.turn - 1))
    envelope: dict[str, JSON] = {
        result.items[0]: _keyed(page, shown, call),
        result.next: next_cursor,
        "prev_cursor": write_cursor(before, seal) if start else None,
        "result_count": len(page),
        # That the answer itself tells of a partial list is an inference.
        result.partial: call.is_partial,
    }
    return Product(
        envelope,
        {"data": [_raw(record) for record in page], "next": next_cursor},
        debug={
            "nextCursor": next_cursor,
            "isLooping": False,
            "isEmptyResult": not page,
            "resultCount": len(page),
        },
    )


def get_record(call: Call, collection: Collection, key: str) -> Product:
    """Return one record."""
    return _shown(find_record(collection, key), call)


def create_record(call: Call, collection: Collection, documented: frozenset[str]) -> Product:
    """Store a new record and return it."""
    return _shown(collection.create(_values(call, collection, documented)), call, status=201)


def update_record(call: Call, collection: Collection, key: str, documented: frozenset[str]) -> Product:
    """Store the given values in one record and return it."""
    old = find_record(collection, key)
    return _shown(collection.change(key, merge_maps(old, _values(call, collection, documented), collection)), call)


def delete_record(call: Call, collection: Collection, key: str) -> Product:
    """Remove one record."""
    record = find_record(collection, key)
    collection.remove(key)
    return Product(_presented({"id": record["id"]}, call.unanswered), {})


def merge_records(call: Call, collection: Collection) -> Product:
    """Remove the duplicates and return the master record."""
    body = call.object_body()
    master = _id_in(body.get("master_record"), "master_record")
    listed = body.get("duplicate_records")
    if not isinstance(listed, list) or not listed:
        raise Refusal(400, "duplicate_records must be a list with at least one record", field="duplicate_records")
    duplicates = [_id_in(duplicate, "duplicate_records") for duplicate in listed]
    if master in duplicates:
        raise Refusal(400, "the master record cannot be its own duplicate", field="duplicate_records")
    for key in (master, *duplicates):
        find_record(collection, key)
    for key in duplicates:
        collection.remove(key)
    return _wrapped(_shown(collection.change(master, {}), call))


def batch_delete_records(call: Call, collection: Collection) -> Product:
    """Remove several records, all or none, and return what is left of the first: its id."""
    listed = call.object_body().get("id")
    if not isinstance(listed, list) or not listed:
        raise Refusal(400, "id must be a list with at least one id", field="id")
    keys = [str(key) for key in listed]
    for key in keys:
        find_record(collection, key)
    for key in keys:
        collection.remove(key)
    left: Record = {**dict.fromkeys(collection.resource.fields), "id": keys[0]}
    return _wrapped(Product(_presented(left, _hidden(call)), {}))


def find_record(collection: Collection, key: str) -> Record:
    """Return one record.

    Raises:
        Refusal: There is none with this id.
    """
    record = collection.records.get(key)
    if record is None:
        raise Refusal(404, f"there is no record with the id {key}")
    return record


def _values(call: Call, collection: Collection, documented: frozenset[str]) -> Record:
    """Return what a body stores; a documented key that no answer holds goes to the provider alone."""
    body = call.object_body()
    remote = body.get(REMOTE) or {}
    if not isinstance(remote, dict):
        raise Refusal(400, f"{REMOTE} must be an object", field=REMOTE)
    unanswered = documented - collection.resource.fields.keys()
    values = {name: value for name, value in body.items() if name not in {"id", REMOTE, *unanswered}}
    values[REMOTE] = {name: value for name, value in body.items() if name in unanswered} | remote
    return values


def _shown(record: Record, call: Call, *, status: int = 200) -> Product:
    return Product(_presented(record, _hidden(call)), _raw(record), status=status)


def _wrapped(product: Product) -> Product:
    return evolve(product, unified={"result": product.unified})


def _hidden(call: Call) -> frozenset[str]:
    """Return the fields that the call does not want to see."""
    excluded = call.query.get("truto_exclude_fields", [])
    names = {str(name) for name in excluded} if isinstance(excluded, list) else {str(excluded)}
    if call.is_on("truto_ignore_remote_data"):
        names.add(REMOTE)
    return call.unanswered | names


def _keyed(page: list[Record], shown: list[Record], call: Call) -> JSON:
    """Return the records as they stand in the envelope: a list, or an object under `truto_key_by`."""
    name = call.query.get("truto_key_by")
    if name is None:
        return [*shown]
    keys = [record.get(str(name)) for record in page]
    # What a record without the field is keyed by is not documented; here it is `null`.
    return {key if isinstance(key, str) else json.dumps(key): record for key, record in zip(keys, shown, strict=True)}


def _presented(record: Record, hidden: frozenset[str]) -> Record:
    return {name: value for name, value in record.items() if name not in hidden} if hidden else record


def _partial(record: Record, collection: Collection) -> Record:
    """Return what a list holds of a record where it holds less than the record has.

    No page tells which fields are missing; here those are that hold objects or lists.
    """
    fields = collection.resource.fields
    nested = frozenset(name for name, hint in fields.items() if name != REMOTE and not is_scalar(hint))
    remote = record.get(REMOTE)
    partial = _presented(record, nested)
    return {**partial, REMOTE: _presented(remote, nested)} if isinstance(remote, dict) else partial


def _raw(record: Record) -> JSON:
    return record.get(REMOTE, record)


def _id_in(value: JSON, name: str) -> str:
    key = value.get("id") if isinstance(value, dict) else None
    if not isinstance(key, str):
        raise Refusal(400, f"{name} needs an id", field=name)
    return key


def _position(cursor: JSON, seal: str, option: str) -> Position:
    if cursor in (None, ""):
        return Position()
    position = read_cursor(cursor, seal) if isinstance(cursor, str) else None
    if position is None:
        raise Refusal(400, f"{option} is not of this listing, or it has expired", field=option)
    return position
