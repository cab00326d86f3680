"""Types of answers: how the values of each are read with tolerance, mirrored for the fast way, and written."""

from __future__ import annotations

import math
import re
import sys
import types
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import islice
from threading import Lock
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Final,
    ForwardRef,
    Generic,
    Literal,
    Protocol,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)
from uuid import UUID

import msgspec

from . import mirrors
from .mirrors import Code, Mirror, Twin
from .request import Deviation
from .types import JSON, Value, is_list, is_mapping

if TYPE_CHECKING:
    import attrs

T = TypeVar("T")

EXTRA: Final = "extra"
"""Name of the attribute that keeps what a model does not name."""

_INTEGER: Final = r"-?(0|[1-9][0-9]{0,30})"
_NUMBER: Final = r"-?(0|[1-9][0-9]{0,15})(\.[0-9]{1,15})?"
_DECIMAL: Final = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,9})?"
_LONGEST_NUMBER: Final = 14_000  # bits; Python refuses to print numbers of more than 4,300 digits

MIRRORED_KEY: Final = r'[^"\\\x00-\x1f\ud800-\udfff]*'
"""The keys that a field of a `msgspec.Struct` may have."""

_MOST_LEARNED: Final = 100
_LONGEST_LEARNED: Final = 100
"""How many unknown keys of a model are learned, and of how many characters: each costs memory, and time a record."""


class Discriminator(Value, frozen=True):
    """Which key of an object tells its class: `Annotated[Cat | Dog, Discriminator("petType", {"cat": Cat})]`."""

    property: str
    """The key, by wire name."""
    classes: Mapping[str, type[object]]
    """The classes by the values of the key."""

    def __hash__(self) -> int:
        return hash((self.property, *self.classes))


class Misfit(Exception):
    """A value does not fit its type; the nearest optional field above takes it."""

    def __init__(self, path: str, expected: str, value: object) -> None:
        self.path = path
        self.expected = expected
        self.value = value


class Findings:
    """What a tolerant reading came across."""

    def __init__(self, choices: dict[tuple[int, int, str], _Choice | None] | None = None) -> None:
        self.deviations: list[Deviation] = []
        """Places that did not have the documented type."""
        self.unknown: list[tuple[Record[Any], tuple[str, ...]]] = []
        """The undocumented keys of each object that had some."""
        self.choices: Final = {} if choices is None else choices
        """What was chosen for values of several types, by shape, value and place: each type around asks for it anew."""


class _Readable(Protocol):
    """How the values of one type are read and written."""

    def read(self, value: JSON, path: str, findings: Findings) -> object:
        """Return the value, or raise `Misfit`."""
        ...

    def write(self, value: object) -> JSON:
        """Return the JSON form of a value."""
        ...


class Shape(mirrors.Shape, _Readable, Protocol):
    """How the values of one type are read, mirrored and written."""


class Field(Value, frozen=True):
    """One documented field of a model."""

    name: str
    """Python name."""
    wire: str
    """Key on the wire."""
    shape: Shape
    is_required: bool


class Record(Generic[T]):
    """What is known of one model: its documented fields, and the other keys that came with it."""

    def __init__(self, model: type[T], fields: tuple[Field, ...]) -> None:
        self.model = model
        self.fields = fields
        """In the order of the class."""
        self.learned: dict[str, str] = {}
        """Undocumented keys that the mirror of the model should know, with their attributes there."""
        self.shape: Shape = _model_shape(model)
        """How the objects that the model stands for are read."""
        self._documented = frozenset(entry.wire for entry in fields)

    def read(self, value: JSON, path: str, findings: Findings, fill: Mapping[str, object]) -> T:
        """Return the model that a parsed value holds, or raise `Misfit`.

        Args:
            value: Parsed JSON.
            path: Where the value stands in the answer.
            findings: Receives what is not as documented.
            fill: Values for required fields that are missing or unreadable, by Python name; each use is a deviation.
        """
        if not isinstance(value, dict):
            raise Misfit(path, "object", value)
        values: dict[str, object] = {}
        extra = {key: item for key, item in value.items() if key not in self._documented}
        if extra:
            findings.unknown.append((self, tuple(extra)))
        for entry in self.fields:
            raw = value.get(entry.wire)
            if raw is None and not entry.is_required:
                continue
            count = len(findings.deviations)
            try:
                values[entry.name] = entry.shape.read(raw, _join(path, entry.wire), findings)
            except Misfit as misfit:
                # What was read of it does not count.
                del findings.deviations[count:]
                if not entry.is_required:
                    extra[entry.wire] = raw
                elif entry.name in fill:
                    values[entry.name] = fill[entry.name]
                else:
                    raise
                findings.deviations.append(Deviation(misfit.path, misfit.expected, misfit.value))
        values[EXTRA] = extra
        return self.model(**values)

    def write(self, model: object) -> dict[str, JSON]:
        """Return the model as JSON; absent fields are left out, unless `extra` holds what did not fit them."""
        extra: dict[str, JSON] = getattr(model, EXTRA)
        written = {
            entry.wire: entry.shape.write(value)
            for entry in self.fields
            if (value := getattr(model, entry.name)) is not None
        }
        return written | {key: item for key, item in extra.items() if key not in written}

    def placeholder(self, name: str) -> object:
        """Return an empty value of a field's type, such as the empty text: what stands in for an id that is missing."""
        shapes = {entry.name: entry.shape for entry in self.fields}
        shape = shapes.get(name)
        return shape.type() if isinstance(shape, _Leaf) and shape.type in (str, int) else None

    def learn(self, keys: Iterable[str]) -> None:
        """Keep undocumented keys in mind, within bounds: what goes beyond them pushes all others out."""
        known = self.learned
        new = [*islice((key for key in keys if key not in known and _is_learned(key)), _MOST_LEARNED)]
        if new:
            kept = [*known, *new] if len(known) + len(new) <= _MOST_LEARNED else new
            # A new mapping at each change: other threads may be reading the old one.
            self.learned = {key: f"unknown_{place}" for place, key in enumerate(kept)}

    def twin(self, mirror: Mirror[Any]) -> Twin:
        """Return the twin of the model in a mirror."""
        twin = mirror.twins.get(self.model)
        if twin is None:
            twin = mirror.twins[self.model] = self._twin(mirror)
        return twin

    def _twin(self, mirror: Mirror[Any]) -> Twin:
        learned = self.learned
        names = {entry.wire: f"field_{place}" for place, entry in enumerate(self.fields)}
        members: list[tuple[str, Any] | tuple[str, Any, object]] = []
        for entry in self.fields:
            kind = entry.shape.mirrored(mirror)
            members.append((names[entry.wire], kind) if entry.is_required else (names[entry.wire], kind, None))
        members += [(name, object, msgspec.UNSET) for name in learned.values()]
        struct = msgspec.defstruct(
            self.model.__name__,
            members,
            rename={name: key for key, name in (names | learned).items()},
            forbid_unknown_fields=True,
            gc=False,
            kw_only=True,
        )
        return Twin(struct, names, learned)

    def pour(self, code: Code, source: str) -> str:
        """Write what makes the model of the twin in a variable: plain slot stores, the fastest there is."""
        twin = self.twin(code.mirror)
        made = code.variable()
        code.add(f"{made} = {code.refer(partial(object.__new__, self.model))}()")
        for entry in self.fields:
            value = f"{source}.{twin.names[entry.wire]}"
            if not entry.shape.is_plain:
                variable = code.variable()
                code.add(f"{variable} = {value}")
                value = code.pour(entry.shape, variable)
            code.add(f"{made}.{entry.name} = {value}")
        if twin.learned:
            extra, value, unset = code.variable(), code.variable(), code.refer(msgspec.UNSET)
            code.add(f"{extra} = {{}}")
            for key, name in twin.learned.items():
                code.add(f"{value} = {source}.{name}")
                with code.block(f"if {value} is not {unset}"):
                    code.add(f"{extra}[{code.refer(key)}] = {value}")
            with code.block(f"if {extra}"):
                code.add(f"{made}.{EXTRA} = {extra}")
        return made


_RECORDS: Final[dict[object, Record[Any]]] = {}
_HINTS: Final[dict[object, dict[str, object]]] = {}
_EXTRA_LOCK: Final = Lock()


def record_of(model: type[T]) -> Record[T]:
    """Return what is known of a generated answer class; it is looked at once."""
    record: Record[T] | None = _RECORDS.get(model)
    return record or _RECORDS.setdefault(model, _examine(model))


def to_builtins(value: object) -> JSON:
    """Return a value with its dates, UUIDs and the like as JSON text."""
    plain: JSON = msgspec.to_builtins(value)
    return plain


class _Plain:
    """What msgspec decodes is the final value."""

    __slots__ = ()

    @property
    def is_plain(self) -> bool:
        return True

    def pour(self, code: Code, source: str) -> str:
        return source

    def write(self, value: object) -> JSON:
        return to_builtins(value)


class _Free(_Plain, Value, frozen=True):
    """Arbitrary JSON."""

    def mirrored(self, mirror: Mirror[Any]) -> object:
        return object

    def read(self, value: JSON, path: str, findings: Findings) -> object:
        return value


class _Leaf(_Plain, Value, frozen=True):
    """A scalar: text, number, truth value, date or date-time."""

    type: type[object]
    expected: str
    constraint: object = None

    def mirrored(self, mirror: Mirror[Any]) -> object:
        return self.constraint or self.type

    def read(self, value: JSON, path: str, findings: Findings) -> object:
        if type(value) is self.type and self.constraint is None:
            return value
        try:
            return msgspec.convert(value, self.constraint or self.type)
        except (msgspec.ValidationError, ValueError, SystemError):
            # The latter two come up at lone surrogates and at numbers without end, depending on the version of msgspec.
            converted = _read_without_loss(self.type, value)
            if converted is None:
                raise Misfit(path, self.expected, value) from None
            findings.deviations.append(Deviation(path, self.expected, value))
            return converted


class _Literal(_Plain, Value, frozen=True):
    """A closed set of literal values."""

    values: tuple[str | int | bool | None, ...]

    @property
    def is_mirrored(self) -> bool:
        """Whether msgspec can tell the values."""
        return all(
            isinstance(value, str | None) or (type(value) is int and -(2**63) <= value < 2**63) for value in self.values
        )

    def mirrored(self, mirror: Mirror[Any]) -> object:
        return Literal[self.values]

    def read(self, value: JSON, path: str, findings: Findings) -> object:
        for choice in self.values:
            if type(choice) is type(value) and choice == value:
                return choice
        raise Misfit(path, f"one of {', '.join(map(repr, self.values))}", value)


class _Decimal(Value, frozen=True):
    """A decimal number as text; a number is taken where nothing is lost by it."""

    def read(self, value: JSON, path: str, findings: Findings) -> object:
        number = _read_decimal(value)
        if number is None:
            raise Misfit(path, "decimal number as text", value)
        if not isinstance(value, str):
            findings.deviations.append(Deviation(path, "decimal number as text", value))
        return number

    def write(self, value: object) -> JSON:
        return str(value)


class _Nullable(Value, frozen=True):
    """A value or null."""

    inner: Shape

    @property
    def is_plain(self) -> bool:
        return self.inner.is_plain

    def mirrored(self, mirror: Mirror[Any]) -> object:
        inner: Any = self.inner.mirrored(mirror)
        return inner if inner is object else inner | None

    def pour(self, code: Code, source: str) -> str:
        with code.block(f"if {source} is not None"):
            code.add(f"{source} = {code.pour(self.inner, source)}")
        return source

    def read(self, value: JSON, path: str, findings: Findings) -> object:
        return None if value is None else self.inner.read(value, path, findings)

    def write(self, value: object) -> JSON:
        return None if value is None else self.inner.write(value)


class _List(Value, frozen=True):
    """An array."""

    item: Shape

    @property
    def is_plain(self) -> bool:
        return self.item.is_plain

    def mirrored(self, mirror: Mirror[Any]) -> object:
        return types.GenericAlias(list, (self.item.mirrored(mirror),))

    def pour(self, code: Code, source: str) -> str:
        # The decoder's list has room to grow; a copy has not.
        code.add(f"{source} = [*{source}]")
        return code.pour_list(self.item, source)

    def read(self, value: JSON, path: str, findings: Findings) -> object:
        if isinstance(value, str) and isinstance(self.item, _Leaf):
            # A single text where the pages say a list of texts: nothing is lost by taking it as the only item.
            findings.deviations.append(Deviation(path, "array", value))
            value = [value]
        if not isinstance(value, list):
            raise Misfit(path, "array", value)
        return [self.item.read(item, f"{path}[{index}]", findings) for index, item in enumerate(value)]

    def write(self, value: object) -> JSON:
        return [self.item.write(item) for item in value] if is_list(value) else None


class _Map(Value, frozen=True):
    """An object with arbitrary keys and values of one type."""

    item: Shape

    @property
    def is_plain(self) -> bool:
        return self.item.is_plain

    def mirrored(self, mirror: Mirror[Any]) -> object:
        return types.GenericAlias(dict, (str, self.item.mirrored(mirror)))

    def pour(self, code: Code, source: str) -> str:
        key, value = code.variable(), code.variable()
        with code.block(f"for {key}, {value} in {source}.items()"):
            code.add(f"{source}[{key}] = {code.pour(self.item, value)}")
        return source

    def read(self, value: JSON, path: str, findings: Findings) -> object:
        if not isinstance(value, dict):
            raise Misfit(path, "object", value)
        return {key: self.item.read(item, _join(path, key), findings) for key, item in value.items()}

    def write(self, value: object) -> JSON:
        return {str(key): self.item.write(item) for key, item in value.items()} if is_mapping(value) else None


class _Model(Value, frozen=True):
    """An object that has a class of its own."""

    model: type[object]

    @property
    def is_plain(self) -> bool:
        return False

    def mirrored(self, mirror: Mirror[Any]) -> object:
        return record_of(self.model).twin(mirror).struct

    def pour(self, code: Code, source: str) -> str:
        return record_of(self.model).pour(code, source)

    def read(self, value: JSON, path: str, findings: Findings) -> object:
        return record_of(self.model).read(value, path, findings, {})

    def write(self, value: object) -> JSON:
        return record_of(self.model).write(value)


class _Choice(Value, frozen=True):
    """What was made of a value that may be of several types."""

    value: object
    findings: Findings

    @property
    def unfitness(self) -> tuple[int, int]:
        """How many deviations there were, and how many keys that are unknown or did not fit."""
        return len(self.findings.deviations), len(getattr(self.value, EXTRA, ()))


class _OneOf(Value, frozen=True):
    """A value of one of several types: the first of those that fit with the fewest deviations and unknown keys."""

    members: tuple[Shape, ...]

    def read(self, value: JSON, path: str, findings: Findings) -> object:
        place = id(self), id(value), path
        if place not in findings.choices:
            tried = [self._try(member, value, path, findings) for member in self.members]
            fitting = [choice for choice in tried if choice is not None]
            findings.choices[place] = min(fitting, key=lambda choice: choice.unfitness, default=None)
        choice = findings.choices[place]
        if choice is None:
            raise Misfit(path, "one of the documented types", value)
        findings.deviations += choice.findings.deviations
        return choice.value

    def write(self, value: object) -> JSON:
        """Return the JSON form; absent fields stand in it as null if nothing else tells the type."""
        written = self._write(value)
        try:
            is_clear = self.read(written, "", Findings()) == value
        except Misfit:
            is_clear = False
        return written if is_clear else _with_nulls(value, written)

    def _try(self, member: Shape, value: JSON, path: str, findings: Findings) -> _Choice | None:
        found = Findings(findings.choices)
        try:
            return _Choice(member.read(value, path, found), found)
        except Misfit:
            return None

    def _write(self, value: object) -> JSON:
        if _attributes(type(value)):
            return record_of(type(value)).write(value)
        if is_list(value):
            return [self._write(item) for item in value]
        if is_mapping(value):
            return {str(key): self._write(item) for key, item in value.items()}
        return to_builtins(value)


def _with_nulls(value: object, written: JSON) -> JSON:
    """Return the JSON form of a model, or of models in a list or a mapping, with its absent fields."""
    if isinstance(written, list) and is_list(value):
        return [_with_nulls(item, form) for item, form in zip(value, written, strict=True)]
    if isinstance(written, dict) and is_mapping(value):
        return {str(key): _with_nulls(item, written[str(key)]) for key, item in value.items()}
    if isinstance(written, dict) and _attributes(type(value)):
        return dict.fromkeys(_wire_names(type(value)).values()) | written
    return written


class _Tagged(Value, frozen=True):
    """An object of one of several classes, told by the value of a key."""

    tag: str
    classes: tuple[tuple[str, type[object]], ...]

    def read(self, value: JSON, path: str, findings: Findings) -> object:
        if not isinstance(value, dict):
            raise Misfit(path, "object", value)
        told = value.get(self.tag)
        for name, model in self.classes:
            if name == told:
                return record_of(model).read(value, path, findings, {})
        expected = f"one of {', '.join(repr(name) for name, _ in self.classes)}"
        raise Misfit(_join(path, self.tag), expected, told)

    def write(self, value: object) -> JSON:
        written = record_of(type(value)).write(value)
        names = [name for name, model in self.classes if model is type(value)]
        return {self.tag: names[0], **written} if len(names) == 1 else written


class _ByValue(Value, frozen=True):
    """What msgspec cannot tell by itself: the mirror holds plain JSON, and the tolerant reading decides."""

    inner: _Readable

    @property
    def is_plain(self) -> bool:
        return False

    def mirrored(self, mirror: Mirror[Any]) -> object:
        return object

    def pour(self, code: Code, source: str) -> str:
        return f"{code.refer(self._read_exactly)}({source})"

    def read(self, value: JSON, path: str, findings: Findings) -> object:
        return self.inner.read(value, path, findings)

    def write(self, value: object) -> JSON:
        return self.inner.write(value)

    def _read_exactly(self, value: JSON) -> object:
        findings = Findings()
        try:
            result = self.inner.read(value, "", findings)
        except Misfit as misfit:
            raise msgspec.ValidationError(misfit.expected) from None
        if findings.deviations:
            raise msgspec.ValidationError(findings.deviations[0].expected)
        return result


def _examine(model: type[object]) -> Record[Any]:
    slot = getattr(model, EXTRA, None)
    if not _attributes(model) or not isinstance(slot, types.MemberDescriptorType | property):
        raise TypeError(f"{model!r} is not an answer class of a generated module")
    if isinstance(slot, types.MemberDescriptorType):
        setattr(slot.__objclass__, EXTRA, _late(slot))
    from attrs import NOTHING  # loaded by the model; programs without one do not wait for it

    hints, wire_names = _hints(model), _wire_names(model)
    return Record(
        model,
        tuple(
            Field(
                name=attribute.name,
                wire=wire_names[attribute.name],
                shape=_shape(hints[attribute.name], model),
                is_required=attribute.default is NOTHING,
            )
            for attribute in _attributes(model)
            if attribute.name != EXTRA
        ),
    )


def _late(slot: types.MemberDescriptorType) -> property:
    """Return what stands for a slot and puts a dict into it when it is empty and somebody asks.

    Most objects of an answer have no unknown keys, and nobody asks most of them: a dict each would cost a lot of both,
    time and memory.
    """

    def read(model: object) -> object:
        try:
            return slot.__get__(model)
        except AttributeError:
            with _EXTRA_LOCK:
                try:
                    # Two threads must not receive two dicts.
                    return slot.__get__(model)
                except AttributeError:
                    slot.__set__(model, {})
                    return slot.__get__(model)

    return property(read, slot.__set__, slot.__delete__)


def _hints(model: type[object]) -> dict[str, object]:
    hints = _HINTS.get(model)
    if hints is None:
        # `JSON` is a recursive alias that only checkers can follow; to the reader of answers it means anything.
        hints = _HINTS[model] = get_type_hints(model, localns={"JSON": object}, include_extras=True)
    return hints


def is_model(kind: object) -> bool:
    """Whether a type is a class of attrs."""
    return isinstance(kind, type) and bool(_attributes(kind))


def read_shape(shape: Shape, value: JSON, path: str, findings: Findings) -> Any:  # noqa: ANN401
    """Return the value that a shape reads, whose type only the shape's maker knows; or raise `Misfit`."""
    return shape.read(value, path, findings)


def _attributes(model: type[object]) -> tuple[attrs.Attribute[object], ...]:
    """Return what attrs knows of a class, nothing if it is none of attrs."""
    return getattr(model, "__attrs_attrs__", ())


def _wire_names(model: type[object]) -> dict[str, str]:
    """Return the key on the wire of each field, by Python name."""
    renamed: Mapping[str, str] = getattr(model, "__wire_names__", {})
    return {entry.name: renamed.get(entry.name, entry.name) for entry in _attributes(model) if entry.name != EXTRA}


def _reaches(model: type[object], target: type[object]) -> bool:
    """Whether a model is the target or holds it, directly or through others."""
    seen: set[object] = set()
    pending: list[object] = [model]
    while pending:
        hint = pending.pop()
        if hint is target:
            return True
        if isinstance(hint, type) and _attributes(hint) and hint not in seen:
            seen.add(hint)
            pending.extend(_hints(hint).values())
        pending.extend(get_args(hint))
    return False


def shape_of(kind: object) -> Shape:
    """Return how values of an annotated type are read.

    Raises:
        TypeError: The runtime cannot decode values of that type.
    """
    return _shape(kind, None)


def _shape(hint: object, owner: type[object] | None) -> Shape:
    """Return how values of an annotated type are read, when they stand in a field of the owner if there is one."""
    if hint in (object, JSON, _JSON_REFERENCE):
        return _Free()
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Union or origin is types.UnionType:
        return _union_shape(arguments, owner)
    if origin is list:
        return _List(_shape(arguments[0], owner))
    if origin is dict:
        return _Map(_shape(arguments[1], owner))
    if origin is Literal:
        literal = _Literal(arguments)
        return literal if literal.is_mirrored else _ByValue(literal)
    if origin is Annotated:
        return _annotated_shape(arguments[0], arguments[1:], owner)
    if hint is None or hint is type(None):
        return _Literal((None,))
    if hint in _LEAVES:
        return _LEAVES[hint]
    if isinstance(hint, type) and _attributes(hint):
        # The twin of a model cannot hold itself.
        return _ByValue(_Model(hint)) if owner and _reaches(hint, owner) else _model_shape(hint)
    raise TypeError(f"the runtime cannot decode values of type {hint!r}")


def _is_learned(key: str) -> bool:
    """Whether an undocumented key may become a field of a twin."""
    return len(key) <= _LONGEST_LEARNED and re.fullmatch(MIRRORED_KEY, key) is not None


def _model_shape(model: type[object]) -> Shape:
    can_be_mirrored = all(re.fullmatch(MIRRORED_KEY, wire) for wire in _wire_names(model).values())
    return _Model(model) if can_be_mirrored else _ByValue(_Model(model))


def _annotated_shape(hint: object, marks: tuple[object, ...], owner: type[object] | None) -> Shape:
    for mark in marks:
        if isinstance(mark, Discriminator):
            shape = _ByValue(_Tagged(mark.property, tuple(mark.classes.items())))
            return _Nullable(shape) if type(None) in get_args(hint) else shape
    return _shape(hint, owner)


def _union_shape(arguments: tuple[object, ...], owner: type[object] | None) -> Shape:
    members = [argument for argument in arguments if argument is not type(None)]
    if str in members:
        # An open enumeration, `Literal[...] | str`, holds any text.
        members = [member for member in members if get_origin(member) is not Literal]
    shapes = tuple(_shape(member, owner) for member in members)
    shape = shapes[0] if len(shapes) == 1 else _ByValue(_OneOf(shapes))
    return _Nullable(shape) if type(None) in arguments else shape


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _read_without_loss(kind: type[object], value: JSON) -> object:
    """Return a value of another JSON type as the documented one if nothing is lost by it, else `None`."""
    if kind is str and isinstance(value, int) and not isinstance(value, bool):
        return str(value) if value.bit_length() <= _LONGEST_NUMBER else None
    if kind is int and isinstance(value, float) and value.is_integer():
        return int(value)
    if not isinstance(value, str):
        return None
    if kind is int and re.fullmatch(_INTEGER, value):
        return int(value)
    if kind is float and re.fullmatch(_NUMBER, value):
        return float(value)
    if kind is bool and value in ("true", "false"):
        return value == "true"
    if kind is datetime:
        return _read_moment(value)
    return None


def _read_decimal(value: JSON) -> Decimal | None:
    """Return a decimal that a text or a number holds without loss."""
    if isinstance(value, str) and re.fullmatch(_DECIMAL, value):
        return Decimal(value)
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() <= _LONGEST_NUMBER:
        return Decimal(value)
    if isinstance(value, float) and math.isfinite(value):
        # A number of at most 15 digits comes back from a float as it was written.
        number = Decimal(repr(value))
        return number if len(number.as_tuple().digits) <= sys.float_info.dig else None
    return None


def _read_moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        offset = moment.utcoffset()
        if offset is None:
            return moment.replace(tzinfo=UTC)
        # Offsets are written in whole minutes.
        return moment.astimezone(UTC) if offset % timedelta(minutes=1) else moment
    except (ValueError, OverflowError):
        return None


_JSON_REFERENCE: Final = ForwardRef(str(JSON))
"""What `JSON`, a text to the interpreter, becomes within some types."""

_LEAVES: Final[Mapping[object, Shape]] = {
    str: _Leaf(str, "string"),
    int: _Leaf(int, "integer"),
    # What other parsers read as infinite or as not a number is no number of JSON.
    float: _Leaf(float, "number", Annotated[float, msgspec.Meta(ge=-sys.float_info.max, le=sys.float_info.max)]),
    bool: _Leaf(bool, "boolean"),
    datetime: _Leaf(datetime, "date-time with offset", Annotated[datetime, msgspec.Meta(tz=True)]),
    date: _Leaf(date, "date"),
    UUID: _Leaf(UUID, "uuid"),
    Decimal: _ByValue(_Decimal()),
}
