"""JSON to models and back.

There are two ways from bytes to models, and they give equal results. The fast way reads the bytes straight into a
private `msgspec.Struct` that mirrors the model, and pours that into the model. It refuses anything unexpected. The
tolerant way then reads the same bytes value by value: what can be read without loss is read and reported as a deviation
(`"5"` for 5, one text for a list of texts); a value that does not fit an optional field becomes `None`, stays in
`extra` under its wire name and is reported; a record whose required fields cannot be read is an error.

Dates and times: a text without an offset is taken as UTC, a date alone as its midnight in UTC; both are reported.
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import (
    Annotated,
    Any,
    Final,
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

import attrs
import msgspec
from attrs import frozen

from .errors import DecodeError, printable
from .parsing import parse_json
from .request import Deviation
from .types import JSON, is_list, is_mapping

T = TypeVar("T")

_EXCERPT: Final = 200
_INTEGER: Final = re.compile(r"-?(0|[1-9]\d{0,30})", re.ASCII)
_NUMBER: Final = re.compile(r"-?(0|[1-9]\d{0,15})(\.\d{1,15})?", re.ASCII)
_LONGEST_NUMBER: Final = 14_000  # bits; Python refuses to print numbers of more than 4,300 digits


def decode(model: type[T], data: bytes | str | JSON, *, strict: bool = False) -> T:
    """Return the model that the data holds: for webhooks, caches and queues.

    Args:
        model: A generated answer class, such as `Account`.
        data: JSON as text or bytes, or a JSON object already parsed.
        strict: Refuse any deviation from the documented types instead of tolerating it.

    Raises:
        DecodeError: The data is not JSON, or a required field is missing or of the wrong type.
    """
    if isinstance(data, str):
        # A lone surrogate must reach the parser, which takes it inside a JSON text.
        data = data.encode("utf-8", "surrogatepass")
    codec = codec_for(model)
    if isinstance(data, bytes):
        value, deviations = codec.decode(data)
    else:
        found: list[Deviation] = []
        value, deviations = codec.read(data, "", found), tuple(found)
    if strict:
        refuse_deviations(deviations)
    return value


def to_json(model: object) -> dict[str, JSON]:
    """Return the model as JSON by wire names, unknown keys included; `decode` reads it back as an equal model."""
    return codec_for(type(model)).write(model)


def to_builtins(value: object) -> JSON:
    """Return a value with its dates, UUIDs and the like as JSON text."""
    plain: JSON = msgspec.to_builtins(value)
    return plain


def refuse_deviations(deviations: tuple[Deviation, ...]) -> None:
    """Raise `DecodeError` for the first deviation, if there is one."""
    if deviations:
        first = deviations[0]
        raise decode_error(first.path, first.expected, first.value)


def decode_error(path: str, expected: str, value: object) -> DecodeError:
    """Return the error for a value that is not of the documented type."""
    place = printable(path) or "the answer"
    return DecodeError(f"{place}: expected {expected}", path=path, expected=expected, raw=value)


def parse_answer(body: bytes) -> JSON:
    """Return the body as parsed JSON.

    Raises:
        DecodeError: The body is empty or not JSON; the message shows its start.
    """
    if not body.strip():
        raise DecodeError("the answer is empty, expected JSON", expected="JSON", raw="")
    try:
        return parse_json(body)
    except ValueError as error:
        start = body[:_EXCERPT].decode("utf-8", "replace")
        raise DecodeError(f"the answer is not JSON ({error}): {start!r}", expected="JSON", raw=start) from None


class _Misfit(Exception):
    """A value does not fit its type; the nearest optional field above takes it."""

    def __init__(self, path: str, expected: str, value: object) -> None:
        self.path = path
        self.expected = expected
        self.value = value


class _Shape(Protocol):
    """How the values of one type are read and written."""

    @property
    def twin_type(self) -> object:
        """The type by which msgspec decodes such a value."""
        ...

    def pour_code(self, source: str, names: dict[str, object]) -> str:
        """Return the expression that turns a decoded value into the final one; `names` receives what it refers to."""
        ...

    def read(self, value: JSON, path: str, deviations: list[Deviation]) -> object:
        """Return the value, or raise `_Misfit`."""
        ...

    def write(self, value: object) -> JSON:
        """Return the JSON form of a value."""
        ...


@frozen
class _Free:
    """Arbitrary JSON."""

    twin_type: object = object

    def pour_code(self, source: str, names: dict[str, object]) -> str:
        return source

    def read(self, value: JSON, path: str, deviations: list[Deviation]) -> object:
        return value

    def write(self, value: object) -> JSON:
        return to_builtins(value)


@frozen
class _Leaf:
    """A scalar: text, number, truth value, date or date-time."""

    type: type[object]
    expected: str
    constraint: object = None

    @property
    def twin_type(self) -> object:
        return self.constraint or self.type

    def pour_code(self, source: str, names: dict[str, object]) -> str:
        return source

    def read(self, value: JSON, path: str, deviations: list[Deviation]) -> object:
        try:
            return msgspec.convert(value, self.twin_type)
        except (msgspec.ValidationError, ValueError, SystemError):
            # The latter two come up at lone surrogates and at numbers without end, depending on the version of msgspec.
            converted = _read_without_loss(self.type, value)
            if converted is None:
                raise _Misfit(path, self.expected, value) from None
            deviations.append(Deviation(path, self.expected, value))
            return converted

    def write(self, value: object) -> JSON:
        return to_builtins(value)


@frozen
class _Choice:
    """A closed set of literal values."""

    values: tuple[str | int | bool, ...]

    @property
    def twin_type(self) -> object:
        return Literal[self.values]

    def pour_code(self, source: str, names: dict[str, object]) -> str:
        return source

    def read(self, value: JSON, path: str, deviations: list[Deviation]) -> object:
        for choice in self.values:
            if type(choice) is type(value) and choice == value:
                return choice
        raise _Misfit(path, f"one of {', '.join(map(repr, self.values))}", value)

    def write(self, value: object) -> JSON:
        return to_builtins(value)


@frozen
class _Nullable:
    """A value or null."""

    inner: _Shape

    @property
    def twin_type(self) -> object:
        return self.inner.twin_type if self.inner.twin_type is object else Union[self.inner.twin_type, None]  # noqa: UP007

    def pour_code(self, source: str, names: dict[str, object]) -> str:
        code = self.inner.pour_code(source, names)
        return code if code == source else f"None if {source} is None else {code}"

    def read(self, value: JSON, path: str, deviations: list[Deviation]) -> object:
        return None if value is None else self.inner.read(value, path, deviations)

    def write(self, value: object) -> JSON:
        return None if value is None else self.inner.write(value)


@frozen
class _List:
    """An array."""

    item: _Shape

    @property
    def twin_type(self) -> object:
        return types.GenericAlias(list, (self.item.twin_type,))

    def pour_code(self, source: str, names: dict[str, object]) -> str:
        code = self.item.pour_code("item", names)
        return source if code == "item" else f"[{code} for item in {source}]"

    def read(self, value: JSON, path: str, deviations: list[Deviation]) -> object:
        if isinstance(value, str) and isinstance(self.item, _Leaf):
            # A single text where the pages say a list of texts: nothing is lost by taking it as the only item.
            deviations.append(Deviation(path, "array", value))
            value = [value]
        if not isinstance(value, list):
            raise _Misfit(path, "array", value)
        return [self.item.read(item, f"{path}[{index}]", deviations) for index, item in enumerate(value)]

    def write(self, value: object) -> JSON:
        return [self.item.write(item) for item in value] if is_list(value) else None


@frozen
class _Map:
    """An object with arbitrary keys and values of one type."""

    item: _Shape

    @property
    def twin_type(self) -> object:
        return types.GenericAlias(dict, (str, self.item.twin_type))

    def pour_code(self, source: str, names: dict[str, object]) -> str:
        code = self.item.pour_code("item", names)
        return source if code == "item" else f"{{key: {code} for key, item in {source}.items()}}"

    def read(self, value: JSON, path: str, deviations: list[Deviation]) -> object:
        if not isinstance(value, dict):
            raise _Misfit(path, "object", value)
        return {key: self.item.read(item, _join(path, key), deviations) for key, item in value.items()}

    def write(self, value: object) -> JSON:
        return {str(key): self.item.write(item) for key, item in value.items()} if is_mapping(value) else None


@frozen
class _Model:
    """An object that has a class of its own."""

    model: type[object]
    # A model inside itself has no mirror yet while its own is being built: it is read value by value.
    is_recursive: bool

    @property
    def twin_type(self) -> object:
        return object if self.is_recursive else codec_for(self.model).struct

    def pour_code(self, source: str, names: dict[str, object]) -> str:
        return _named_call(
            "pour", partial(_read_exactly, self) if self.is_recursive else codec_for(self.model).pour, source, names
        )

    def read(self, value: JSON, path: str, deviations: list[Deviation]) -> object:
        return codec_for(self.model).read_object(value, path, deviations, {})

    def write(self, value: object) -> JSON:
        return codec_for(self.model).write(value)


@frozen
class _OneOf:
    """A value of one of several types: the first of those that fit with the fewest deviations and unknown keys."""

    members: tuple[_Shape, ...]
    # msgspec cannot tell several objects apart, so the mirror holds plain JSON and the tolerant reading decides.
    twin_type: object = object

    def pour_code(self, source: str, names: dict[str, object]) -> str:
        return _named_call("choose", partial(_read_exactly, self), source, names)

    def read(self, value: JSON, path: str, deviations: list[Deviation]) -> object:
        best: tuple[tuple[int, int], object, list[Deviation]] | None = None
        for member in self.members:
            found: list[Deviation] = []
            try:
                result = member.read(value, path, found)
            except _Misfit:
                continue
            unfitness = len(found), len(getattr(result, EXTRA, ()))
            if best is None or unfitness < best[0]:
                best = unfitness, result, found
        if best is None:
            raise _Misfit(path, "one of the documented types", value)
        deviations.extend(best[2])
        return best[1]

    def write(self, value: object) -> JSON:
        if attrs.has(type(value)):
            return to_json(value)
        if is_list(value):
            return [self.write(item) for item in value]
        if is_mapping(value):
            return {str(key): self.write(item) for key, item in value.items()}
        return to_builtins(value)


@frozen
class Field:
    """One documented field of a model."""

    name: str
    """Python name."""
    wire: str
    """Key on the wire."""
    shape: _Shape
    is_required: bool


@frozen(eq=False)
class Codec(Generic[T]):
    """Both ways for one model."""

    model: type[T]
    fields: tuple[Field, ...]
    """The documented fields, in the order of the class."""
    struct: type[msgspec.Struct]
    """The mirror of the model that msgspec decodes into."""
    pour: Callable[[object], T]
    """Turns one decoded mirror into the model."""
    decoder: msgspec.json.Decoder[msgspec.Struct]
    wire_names: frozenset[str]

    def decode_exactly(self, body: bytes) -> T:
        """Return the model that the body holds, the fast way.

        Raises one of `REFUSALS` if anything is not as documented; the tolerant way decides then.
        """
        return self.pour(self.decoder.decode(body))

    def decode(self, body: bytes) -> tuple[T, tuple[Deviation, ...]]:
        """Return the model that the body holds, and its deviations.

        Raises:
            DecodeError: The body is not JSON, or a required field is missing or of the wrong type.
        """
        try:
            return self.decode_exactly(body), ()
        except REFUSALS:
            deviations: list[Deviation] = []
            return self.read(parse_answer(body), "", deviations), tuple(deviations)

    def read(
        self, value: JSON, path: str, deviations: list[Deviation], *, fill: Mapping[str, object] | None = None
    ) -> T:
        """Return the model that a parsed value holds, the tolerant way, and add its deviations to the list.

        Args:
            value: Parsed JSON.
            path: Where the value stands in the answer.
            deviations: Receives what did not have the documented type.
            fill: Values for required fields that are missing or unreadable, by Python name; each use is a deviation.

        Raises:
            DecodeError: A required field is missing or of the wrong type, or the value is not an object.
        """
        try:
            return self.read_object(value, path, deviations, fill or {})
        except _Misfit as misfit:
            raise decode_error(misfit.path, misfit.expected, misfit.value) from None
        except RecursionError:
            raise decode_error(path, "JSON that is nested less deeply", None) from None

    def read_object(self, value: JSON, path: str, deviations: list[Deviation], fill: Mapping[str, object]) -> T:
        """Do the work of `read`; a misfit goes to the nearest optional field above."""
        if not isinstance(value, dict):
            raise _Misfit(path, "object", value)
        values: dict[str, object] = {}
        extra = {key: item for key, item in value.items() if key not in self.wire_names}
        for entry in self.fields:
            raw = value.get(entry.wire)
            if raw is None and not entry.is_required:
                continue
            found: list[Deviation] = []
            try:
                values[entry.name] = entry.shape.read(raw, _join(path, entry.wire), found)
                deviations.extend(found)
            except _Misfit as misfit:
                if not entry.is_required:
                    extra[entry.wire] = raw
                elif entry.name in fill:
                    values[entry.name] = fill[entry.name]
                else:
                    raise
                deviations.append(Deviation(misfit.path, misfit.expected, misfit.value))
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


EXTRA: Final = "extra"
"""Name of the attribute that keeps what a model does not name."""

REFUSALS: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What the fast way raises when it leaves a body to the tolerant one."""

_CODECS: Final[dict[object, Any]] = {}


def codec_for(model: type[T]) -> Codec[T]:
    """Return the codec of a generated answer class; it is built at the first use."""
    codec: Codec[T] | None = _CODECS.get(model)
    if codec is None:
        codec = _CODECS[model] = _build(model)
    return codec


def _build(model: type[T]) -> Codec[T]:
    attributes: tuple[attrs.Attribute[object], ...] | None = getattr(model, "__attrs_attrs__", None)
    if attributes is None:
        raise TypeError(f"{model!r} is not an answer class of a generated module")
    hints = _hints(model)
    wire_names: Mapping[str, str] = getattr(model, "__wire_names__", {})
    fields = tuple(
        Field(
            name=attribute.name,
            wire=wire_names.get(attribute.name, attribute.name),
            shape=_shape(hints[attribute.name], model),
            is_required=attribute.default is attrs.NOTHING,
        )
        for attribute in attributes
        if attribute.name != EXTRA
    )
    struct = msgspec.defstruct(
        model.__name__,
        [
            (entry.name, entry.shape.twin_type) if entry.is_required else (entry.name, entry.shape.twin_type, None)
            for entry in fields
        ],
        rename={entry.name: entry.wire for entry in fields},
        forbid_unknown_fields=True,
        gc=False,
        kw_only=True,
    )
    return Codec(
        model=model,
        fields=fields,
        struct=struct,
        pour=_compile_pour(model, fields),
        decoder=msgspec.json.Decoder(struct),
        wire_names=frozenset(entry.wire for entry in fields),
    )


def _compile_pour(model: type[T], fields: tuple[Field, ...]) -> Callable[[object], T]:
    """Compile the function that moves a mirror's values into a new model: plain slot stores, the fastest there is.

    Only names of attrs fields, which are identifiers, become part of the code.
    """
    names: dict[str, Any] = {"new": object.__new__, "model": model}
    lines = ["def pour(twin):", "    made = new(model)"]
    for entry in fields:
        code = entry.shape.pour_code("value", names)
        if code == "value":
            lines.append(f"    made.{entry.name} = twin.{entry.name}")
        else:
            lines.append(f"    value = twin.{entry.name}")
            lines.append(f"    made.{entry.name} = {code}")
    lines += [f"    made.{EXTRA} = {{}}", "    return made"]
    exec("\n".join(lines), names)
    pour: Callable[[object], T] = names["pour"]
    return pour


def _hints(model: type[object]) -> dict[str, object]:
    # `JSON` is a recursive alias that only checkers can follow; to the reader of answers it means anything.
    return get_type_hints(model, localns={"JSON": object})


def _reaches(model: type[object], target: type[object]) -> bool:
    """Whether a model is the target or holds it, directly or through others."""
    seen: set[object] = set()
    pending: list[object] = [model]
    while pending:
        hint = pending.pop()
        if hint is target:
            return True
        if isinstance(hint, type) and attrs.has(hint) and hint not in seen:
            seen.add(hint)
            pending.extend(_hints(hint).values())
        pending.extend(get_args(hint))
    return False


def _shape(hint: object, owner: type[object]) -> _Shape:
    """Return how values of an annotated type are read when they stand in a field of the owner."""
    if hint is object:
        return _Free()
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Union or origin is types.UnionType:
        return _union_shape(arguments, owner)
    if origin is list:
        return _List(_shape(arguments[0], owner))
    if origin is dict:
        return _Map(_shape(arguments[1], owner))
    if origin is Literal:
        return _Choice(arguments)
    if hint in _LEAVES:
        return _LEAVES[hint]
    if isinstance(hint, type) and attrs.has(hint):
        return _Model(hint, is_recursive=_reaches(hint, owner))
    raise TypeError(f"the runtime cannot decode values of type {hint!r}")


def _union_shape(arguments: tuple[object, ...], owner: type[object]) -> _Shape:
    members = [argument for argument in arguments if argument is not type(None)]
    if str in members:
        # An open enumeration, `Literal[...] | str`, holds any text.
        members = [member for member in members if get_origin(member) is not Literal]
    shapes = tuple(_shape(member, owner) for member in members)
    shape = shapes[0] if len(shapes) == 1 else _OneOf(shapes)
    return _Nullable(shape) if type(None) in arguments else shape


def _named_call(
    verb: str, function: Callable[[JSON], object] | Callable[[object], object], source: str, names: dict[str, object]
) -> str:
    name = f"{verb}_{len(names)}"
    names[name] = function
    return f"{name}({source})"


def _read_exactly(shape: _Shape, value: JSON) -> object:
    """Read a value that the mirror holds as plain JSON; whatever deviates goes the tolerant way, as a whole."""
    deviations: list[Deviation] = []
    try:
        result = shape.read(value, "", deviations)
    except _Misfit as misfit:
        raise msgspec.ValidationError(misfit.expected) from None
    if deviations:
        raise msgspec.ValidationError(deviations[0].expected)
    return result


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
    if kind is int and _INTEGER.fullmatch(value):
        return int(value)
    if kind is float and _NUMBER.fullmatch(value):
        return float(value)
    if kind is bool and value in ("true", "false"):
        return value == "true"
    if kind is datetime:
        return _read_moment(value)
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


_LEAVES: Final[Mapping[object, _Leaf]] = {
    str: _Leaf(str, "string"),
    int: _Leaf(int, "integer"),
    float: _Leaf(float, "number"),
    bool: _Leaf(bool, "boolean"),
    datetime: _Leaf(datetime, "date-time with offset", Annotated[datetime, msgspec.Meta(tz=True)]),
    date: _Leaf(date, "date"),
    UUID: _Leaf(UUID, "uuid"),
}
