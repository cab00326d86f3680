"""Records of a page: where they stand in the answer, and how each is read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import GenericAlias
from typing import Any, ClassVar, Final, Generic, TypeAlias, TypeVar

import msgspec

from .decoding import Codec, decode_error, parse_answer
from .errors import DecodeError
from .mirrors import REFUSALS
from .request import Deviation
from .shapes import MIRRORED_KEY
from .types import JSON, Value

T = TypeVar("T")

Unread: TypeAlias = "JSON | msgspec.Raw"
"""A record that is not read yet: parsed JSON, or a piece of the answer."""

Keys: TypeAlias = tuple[str, ...]
"""Keys that lead from an answer to a value inside; none for the answer itself."""

_PIECES: Final = list[msgspec.Raw]


class Rejected(Value, frozen=True):
    """A record of a page that cannot be read: a required field is missing or of the wrong type."""

    _unshown: ClassVar[tuple[str, ...]] = ("raw",)

    index: int
    """Its place in the page, from 0."""
    path: str
    """Where it deviates, by wire names."""
    error: str
    """What was expected there."""
    raw: JSON
    """The record as it came."""


class Records(Value, Generic[T], frozen=True):
    """What an answer holds: records, and values beside them."""

    items: list[T]
    """The readable records."""
    rejected: tuple[Rejected, ...]
    """The others."""
    values: tuple[JSON, ...]
    """The values beside them; `None` for those that are not there."""
    deviations: tuple[Deviation, ...]
    """Places of the readable records that did not have the documented type."""

    @property
    def count(self) -> int:
        """How many records came."""
        return len(self.items) + len(self.rejected)


class Layout(Value, frozen=True):
    """Where an answer holds its records, and further values."""

    items: Keys
    """Where the array of records stands."""
    values: tuple[Keys, ...] = ()
    """Where the others stand; none of them within another one, or where the answer is the array."""

    def read(self, codec: Codec[T], body: bytes) -> Records[T]:
        """Return what an answer holds.

        Raises:
            DecodeError: There is no array where the records should be.
        """
        if not self._is_mirrored:
            found = self._parsed(body)
        else:
            try:
                mirror = codec.mirror
                found = self._found(mirror.decoder(self, self._type).decode(body))
                return Records(mirror.pour_list(found[0]), (), tuple(found[1:]), ())
            except REFUSALS:
                found = self._in_pieces(body)
        records: list[Unread] | JSON = found[0]
        if not isinstance(records, list):
            raise decode_error(".".join(self.items), "array", records)
        deviations: list[Deviation] = []
        items, rejected = read_records(codec, records, ".".join(self.items), deviations)
        return Records(items, tuple(rejected), tuple(found[1:]), tuple(deviations))

    @property
    def _is_mirrored(self) -> bool:
        """Whether msgspec can have fields for all keys."""
        return all(re.fullmatch(MIRRORED_KEY, key) for keys in (self.items, *self.values) for key in keys)

    def _type(self, record: object) -> object:
        """Return the type of an answer with records of a type; keys that it does not name are left aside."""
        return _answer_type(self, GenericAlias(list, (record,)))

    def _in_pieces(self, body: bytes) -> list[Any]:
        """Return the records as they came and the values; all of it is parsed where msgspec refuses that."""
        try:
            return self._found(_pieces_decoder(self).decode(body))
        except REFUSALS:
            return self._parsed(body)

    def _parsed(self, body: bytes) -> list[Any]:
        """Return the records and the values of a parsed answer."""
        parsed = parse_answer(body)
        beside = [_under(parsed, keys) for keys in self.values] if self.items else [None for _ in self.values]
        return [_under(parsed, self.items), *beside]

    def _found(self, answer: object) -> list[Any]:
        """Return the records and the values of a decoded answer."""
        if not self.items:
            return [answer, *(None for _ in self.values)]
        found: list[Any] = []
        for keys in (self.items, *self.values):
            value: Any = answer
            for key in keys:
                value = None if value is None else getattr(value, _attribute(key))
            found.append(value)
        return found


@lru_cache
def _pieces_decoder(layout: Layout) -> msgspec.json.Decoder[Any]:
    """Return the decoder of an answer that leaves its records as they are."""
    return msgspec.json.Decoder(_answer_type(layout, _PIECES))


def _answer_type(layout: Layout, records: object) -> object:
    if not layout.items:
        return records
    return _struct({layout.items: records} | dict.fromkeys(layout.values, object), layout.items)


def _struct(kinds: Mapping[Keys, Any], items: Keys) -> type[msgspec.Struct]:
    """Return the type of an object with values below keys; the way to the records is required, all else is not."""
    fields: list[tuple[str, Any] | tuple[str, Any, None]] = []
    heads = dict.fromkeys(keys[0] for keys in kinds)
    for head in heads:
        inner = {keys[1:]: kind for keys, kind in kinds.items() if keys[0] == head}
        is_required = items[:1] == (head,)
        kind: Any = inner[()] if () in inner else _struct(inner, items[1:] if is_required else ())
        fields.append((_attribute(head), kind) if is_required else (_attribute(head), kind | None, None))
    return msgspec.defstruct("Envelope", fields, rename={_attribute(head): head for head in heads}, gc=False)


def _attribute(key: str) -> str:
    """Return a name that a field may have, whatever the key holds."""
    return f"key_{key.encode('utf-8', 'surrogatepass').hex()}"


def _under(value: JSON, keys: Keys) -> JSON:
    for place, key in enumerate(keys):
        if not isinstance(value, dict | None):
            # To take it for nothing could end a listing in silence.
            raise decode_error(".".join(keys[:place]), "object", value)
        value = None if value is None else value.get(key)
    return value


def read_records(
    codec: Codec[T], records: Sequence[Unread], key: str, deviations: list[Deviation]
) -> tuple[list[T], list[Rejected]]:
    """Return the readable records and the others; add the deviations of the readable ones to the list."""
    items: list[T] = []
    rejected: list[Rejected] = []
    for index, record in enumerate(records):
        if isinstance(record, msgspec.Raw):
            try:
                items.append(codec.mirror.decode(record))
                continue
            except REFUSALS:
                record = parse_answer(bytes(record))
        try:
            item, found = codec.read(record, f"{key}[{index}]")
        except DecodeError as error:
            rejected.append(Rejected(index, error.path, error.expected, record))
        else:
            items.append(item)
            deviations += found
    return items, rejected
