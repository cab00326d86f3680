"""The records of one account, and how tests fill and read them."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from random import Random
from threading import RLock
from typing import Final

from attrs import frozen

from accounts_client_runtime import JSON, JSONInput
from accounts_client_runtime.bodies import encode_body
from accounts_client_runtime.parsing import parse_json

from .clock import Clock
from .resources import Record, Resource, is_map
from .samples import sample

CREATED: Final = frozenset({"created_at", "createdAt"})
UPDATED: Final = frozenset({"updated_at", "updatedAt"})
REMOTE: Final = "remote_data"
"""Field with the provider's own record; where a category documents it, it holds all that was ever written."""


@frozen
class Ground:
    """What all datasets of a fake stand on."""

    resources: Mapping[str, Resource]
    clock: Clock
    random: Random
    lock: RLock


class Collection:
    """The records of one resource, in the order of their creation."""

    def __init__(self, resource: Resource, clock: Clock) -> None:
        self.resource = resource
        self.records: dict[str, Record] = {}
        """The records by their ids as text."""
        self._clock = clock
        self._last_number = 0
        self._in_order: list[Record] | None = None

    def in_order(self) -> list[Record]:
        """Return the records; the caller must not change the list, which is kept until the next write."""
        if self._in_order is None:
            self._in_order = list(self.records.values())
        return self._in_order

    def create(self, values: Mapping[str, JSON]) -> Record:
        """Store a new record with all documented fields; id and times come by themselves unless they are given."""
        stamp = self._clock.stamp()
        record: Record = {name: stamp if name in CREATED | UPDATED else None for name in self.resource.fields}
        record.update(values)
        if record.get("id") is None:
            record["id"] = self.next_id()
        known = {name: value for name, value in record.items() if name in values or value is not None}
        return self._store(str(record["id"]), record, known)

    def change(self, key: str, values: Mapping[str, JSON]) -> Record:
        """Store other values in a record."""
        stamp = self._clock.stamp()
        changes = {name: stamp for name in self.resource.fields if name in UPDATED} | dict(values)
        return self._store(key, {**self.records[key], **changes}, changes)

    def _store(self, key: str, record: Record, changes: Mapping[str, JSON]) -> Record:
        added = _object(record.pop(REMOTE, None))
        if REMOTE in self.resource.fields:
            old = _object(self.records.get(key, {}).get(REMOTE))
            sent = {name: value for name, value in changes.items() if name != REMOTE}
            record[REMOTE] = old | sent | added
        self.records[key] = record
        self._in_order = None
        return record

    def remove(self, key: str) -> None:
        """Forget a record, if it is there."""
        self.records.pop(key, None)
        self._in_order = None

    def next_id(self) -> str | int:
        """Return an id that no record has or had."""
        self._last_number += 1
        while str(self._last_number) in self.records:
            self._last_number += 1
        return self._last_number if self.resource.has_numeric_ids else str(self._last_number)


class Dataset:
    """The records of one account. Tests put them in and look at them; the service works on them."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._collections = {name: Collection(resource, ground.clock) for name, resource in ground.resources.items()}

    def add(self, resource: str, record: Mapping[str, JSONInput]) -> Record:
        """Put a record there and return it as stored.

        Args:
            resource: Module of the category, such as `crm_accounts`.
            record: Fields by wire name, also undocumented ones; id and times come by themselves unless they are given.

        Raises:
            ValueError: The record's id is taken.
        """
        values = _object(parse_json(encode_body(record)))
        with self._ground.lock:
            collection = self.collection(resource)
            if str(values.get("id")) in collection.records:
                raise ValueError(f"{resource} has a record with the id {values['id']!r} already")
            return deepcopy(collection.create(values))

    def add_samples(self, resource: str, count: int) -> list[Record]:
        """Put records there whose documented fields are all filled, and return them as stored."""
        with self._ground.lock:
            collection = self.collection(resource)
            return [self._add_sample(collection) for _ in range(count)]

    def records(self, resource: str) -> list[Record]:
        """Return copies of the records, in the order of their creation."""
        with self._ground.lock:
            return deepcopy(self.collection(resource).in_order())

    def collection(self, resource: str) -> Collection:
        """Return the collection of a resource.

        Raises:
            KeyError: There is no such resource.
        """
        collection = self._collections.get(resource)
        if collection is None:
            raise KeyError(f"there is no resource {resource!r}; the resources are {', '.join(self._collections)}")
        return collection

    def _add_sample(self, collection: Collection) -> Record:
        key = collection.next_id()
        number, stamp = int(key), self._ground.clock.stamp()
        values: Record = {
            name: sample(hint, name, number, stamp, self._ground.random)
            for name, hint in collection.resource.fields.items()
        }
        return deepcopy(collection.create({**values, "id": key}))


def merge_maps(old: Record, values: Record, collection: Collection) -> Record:
    """Return the values to store: objects with arbitrary keys are laid over the old ones, others replace them."""
    fields = collection.resource.fields
    return {
        name: {**_object(old.get(name)), **value}
        if isinstance(value, dict) and is_map(fields.get(name)) and name != REMOTE
        else value
        for name, value in values.items()
    }


def _object(value: JSON) -> dict[str, JSON]:
    return value if isinstance(value, dict) else {}
