"""Reads YAML and JSON files as plain JSON, within limits that no honest spec meets.

Keys and plain scalars follow YAML's core schema, as OpenAPI asks: `no` and `12:30` are strings, `200:` is a string key.
"""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Final, NoReturn

import yaml
from attrs import define
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from .nodes import JSONValue, Location, SpecError

MAXIMUM_BYTES: Final = 30_000_000
MAXIMUM_DEPTH: Final = 100
MAXIMUM_VALUES: Final = 1_000_000

_CONSTANTS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER: Final = re.compile(r"[-+]?[0-9]{1,400}")
_BASED_INTEGER: Final = re.compile(r"0o[0-7]{1,100}|0x[0-9a-fA-F]{1,100}")
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_JSON: Final = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")

# libyaml is many times faster; PyYAML is built without it on some machines.
_LOADER: Final = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


def read(path: Path, shown: str) -> JSONValue:
    """Return the content of a YAML or JSON file.

    Args:
        path: The file.
        shown: Its name in messages.

    Raises:
        SpecError: It cannot be read, is not YAML, or goes beyond a limit.
    """
    location = Location(shown)
    try:
        with path.open("rb") as file:
            content = file.read(MAXIMUM_BYTES + 1)
    except OSError as error:
        raise SpecError(location, f"cannot be read ({error.strerror})") from None
    if len(content) > MAXIMUM_BYTES:
        raise SpecError(location, f"is larger than {MAXIMUM_BYTES:,} bytes")
    if path.suffix == ".json":
        return _read_json(content, location)
    builder = _Builder(location)
    try:
        for event in yaml.parse(content.decode("utf-8-sig"), Loader=_LOADER):
            builder.take(event)
    except UnicodeDecodeError:
        raise SpecError(location, "is not UTF-8 text") from None
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise SpecError(location, f"is not YAML ({line}{error.problem})") from None
    except yaml.YAMLError as error:
        raise SpecError(location, f"is not YAML ({str(error).partition(' in ')[0].strip()})") from None
    return builder.document


def _read_json(content: bytes, location: Location) -> JSONValue:
    """Return the content of a JSON file; YAML does not know all escapes of JSON."""

    def an_object(pairs: list[tuple[str, JSONValue]]) -> dict[str, JSONValue]:
        read = dict(pairs)
        if len(read) < len(pairs):
            names = [name for name, _ in pairs]
            raise SpecError(
                location, f"has {next(name for name in names if names.count(name) > 1)!r} twice in one object"
            )
        return read

    def no_number(text: str) -> NoReturn:
        raise SpecError(location, f"{text} is not a JSON number")

    try:
        value: JSONValue = json.loads(content, object_pairs_hook=an_object, parse_constant=no_number)
    except ValueError as error:
        raise SpecError(location, f"is not JSON ({error})") from None
    except RecursionError:
        raise SpecError(location, f"is nested deeper than {MAXIMUM_DEPTH} levels") from None
    return value


@define
class _Container:
    """An object or array whose entries are still being read."""

    value: dict[str, JSONValue] | list[JSONValue]
    anchor: str | None
    values_before: int
    key: str | None = None


class _Builder:
    """Builds the document from YAML's events, one after another: no recursion, so that depth costs nothing."""

    def __init__(self, location: Location) -> None:
        self.document: JSONValue = None
        self._file = location
        self._documents = 0
        self._open: list[_Container] = []
        self._anchors: dict[str, tuple[JSONValue, int]] = {}
        self._values = 0

    def take(self, event: Event) -> None:
        match event:
            case DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    raise SpecError(self._file, "holds several YAML documents")
            case MappingStartEvent():
                self._start({}, event)
            case SequenceStartEvent():
                self._start([], event)
            case MappingEndEvent() | SequenceEndEvent():
                container = self._open.pop()
                self._add(container.value, container.anchor, self._values - container.values_before)
            case ScalarEvent():
                self._refuse_tag(event)
                if not self._take_key(event):
                    self._count(1)
                    self._add(self._scalar(event), event.anchor, 1)
            case AliasEvent():
                self._add_alias(event)
            case _:
                pass

    @property
    def _here(self) -> Location:
        keys = (str(len(open_.value)) if isinstance(open_.value, list) else open_.key for open_ in self._open)
        return self._file.below(*(key for key in keys if key is not None))

    def _start(
        self, value: dict[str, JSONValue] | list[JSONValue], event: MappingStartEvent | SequenceStartEvent
    ) -> None:
        self._refuse_tag(event)
        self._refuse_key()
        if len(self._open) >= MAXIMUM_DEPTH:
            raise SpecError(self._file, f"is nested deeper than {MAXIMUM_DEPTH} levels")
        self._open.append(_Container(value, event.anchor, self._values))
        self._count(1)

    def _take_key(self, event: ScalarEvent) -> bool:
        """Take a scalar as the key of the innermost object if a key is due there."""
        container = self._open[-1] if self._open else None
        if container is None or isinstance(container.value, list) or container.key is not None:
            return False
        if event.value in container.value:
            raise SpecError(self._here.below(event.value), "is a duplicate key")
        if event.value == "<<" and event.implicit[0]:
            raise SpecError(self._here, "uses a YAML merge key, which is not supported: use $ref")
        container.key = event.value
        return True

    def _refuse_key(self) -> None:
        if self._open and isinstance(self._open[-1].value, dict) and self._open[-1].key is None:
            raise SpecError(self._here, "has a key that is not a string")

    def _add(self, value: JSONValue, anchor: str | None, count: int) -> None:
        """Put a finished value into the innermost open container."""
        if anchor is not None:
            self._anchors[anchor] = value, count
        if not self._open:
            self.document = value
            return
        container = self._open[-1]
        if isinstance(container.value, list):
            container.value.append(value)
        elif container.key is not None:
            container.value[container.key] = value
            container.key = None

    def _add_alias(self, event: AliasEvent) -> None:
        self._refuse_key()
        if event.anchor not in self._anchors:
            raise SpecError(self._here, f"uses the anchor {event.anchor!r} where it is not defined yet")
        value, count = self._anchors[event.anchor]
        self._count(count)
        self._add(value, None, count)

    def _count(self, values: int) -> None:
        self._values += values
        if self._values > MAXIMUM_VALUES:
            raise SpecError(self._file, f"holds more than {MAXIMUM_VALUES:,} values")

    def _refuse_tag(self, event: ScalarEvent | MappingStartEvent | SequenceStartEvent) -> None:
        if event.tag not in (None, "!"):
            raise SpecError(self._here, f"has the YAML tag {event.tag!r}; tags are not supported")

    def _scalar(self, event: ScalarEvent) -> JSONValue:
        text = event.value
        if not event.implicit[0]:
            return text
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if _INTEGER.fullmatch(text):
            return int(text)
        if _BASED_INTEGER.fullmatch(text):
            return int(text, 0)
        if _NOT_JSON.fullmatch(text):
            raise SpecError(self._here, f"{text} is not a JSON number")
        if _FLOAT.fullmatch(text):
            number = float(text)
            if math.isinf(number):
                raise SpecError(self._here, "is too large a number")
            return number
        return text
