"""JSON to models and back.

There are two ways from bytes to models, and they give equal results. The fast way, of `mirrors`, reads the bytes
straight into private twins of the models and refuses anything unexpected. The tolerant way, of `shapes`, then reads the
same bytes value by value: what can be read without loss is read and reported as a deviation (`"5"` for 5, one text for
a list of texts); a value that does not fit an optional field becomes `None`, stays in `extra` under its wire name and
is reported; a record whose required fields cannot be read is an error. Unknown keys stay in `extra`; the fast way
refuses them the first time, and learns them.

Dates and times: a text without an offset is taken as UTC, a date alone as its midnight in UTC; both are reported.
Numbers: what is infinite or no number at all, such as `1e999` and `NaN`, fits no field.

Where a field may hold one of several types, it holds the first of those that a value fits with the fewest deviations
and unknown keys. `to_json` writes its absent fields as null where nothing else says which type it is, so that it is
read back as it was. Classes with the same keys cannot be told apart by that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Generic, TypeVar, get_args, get_origin

from .errors import DecodeError, printable
from .mirrors import REFUSALS, Mirror
from .parsing import parse_json
from .request import Deviation
from .shapes import Findings, Misfit, Record, Shape, is_model, read_shape, record_of, shape_of
from .types import JSON

T = TypeVar("T")

_EXCERPT: Final = 200
_MOST_PATIENCE: Final = 256
"""Records that are read the tolerant way, at most, before new keys are taken up."""


def decode(model: type[T], data: bytes | str | JSON, *, strict: bool = False) -> T:
    """Return the model that the data holds: for webhooks, caches and queues.

    Args:
        model: A generated answer class, such as `Account`, or another type of values, such as `list[Account]`.
        data: JSON as text or bytes, or a JSON object already parsed.
        strict: Refuse any deviation from the documented types instead of tolerating it.

    Raises:
        DecodeError: The data is not JSON, or a required field is missing or of the wrong type.
    """
    if isinstance(data, str):
        # A lone surrogate must reach the parser, which takes it inside a JSON text.
        data = data.encode("utf-8", "surrogatepass")
    codec = codec_for(model)
    value, deviations = codec.decode(data) if isinstance(data, bytes) else codec.read(data)
    if strict:
        refuse_deviations(deviations)
    return value


def to_json(model: object) -> dict[str, JSON]:
    """Return the model as JSON by wire names, unknown keys included; `decode` reads it back as an equal model."""
    return record_of(type(model)).write(model)


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


class Codec(Generic[T]):
    """Both ways for one type; the fast way learns from the tolerant one."""

    def __init__(self, shape: Shape, record: Record[T] | None = None) -> None:
        self._shape = shape
        self._record = record
        self._mirror: Mirror[T] | None = None
        self._missed = 0
        self._patience = 1

    @property
    def mirror(self) -> Mirror[T]:
        """The fast way, as it is now."""
        mirror = self._mirror
        if mirror is None:
            mirror = self._mirror = Mirror(self._shape)
        return mirror

    def decode(self, body: bytes) -> tuple[T, tuple[Deviation, ...]]:
        """Return the model that the body holds, and its deviations.

        Raises:
            DecodeError: The body is not JSON, or a required field is missing or of the wrong type.
        """
        try:
            return self.mirror.decode(body), ()
        except REFUSALS:
            return self.read(parse_answer(body))

    def read(
        self, value: JSON, path: str = "", *, fill: Mapping[str, object] | None = None
    ) -> tuple[T, tuple[Deviation, ...]]:
        """Return the model that a parsed value holds, the tolerant way, and its deviations.

        Args:
            value: Parsed JSON.
            path: Where the value stands in the answer.
            fill: Values for required fields that are missing or unreadable, by Python name; each use is a deviation.

        Raises:
            DecodeError: A required field is missing or of the wrong type, or the value is not an object.
        """
        findings = Findings()
        try:
            model = self._read(value, path, findings, fill or {})
        except Misfit as misfit:
            raise decode_error(misfit.path, misfit.expected, misfit.value) from None
        except RecursionError:
            raise decode_error(path, "JSON that is nested less deeply", None) from None
        self._learn(findings)
        return model, tuple(findings.deviations)

    @property
    def takes_null(self) -> bool:
        """Whether null is a value of the type."""
        try:
            self._shape.read(None, "", Findings())
        except Misfit:
            return False
        return True

    def placeholder(self, name: str) -> object:
        """Return an empty value of a field's type, such as the empty text: what stands in for an id that is missing."""
        return self._record.placeholder(name) if self._record else None

    def _read(self, value: JSON, path: str, findings: Findings, fill: Mapping[str, object]) -> T:
        if self._record is not None:
            return self._record.read(value, path, findings, fill)
        read: T = read_shape(self._shape, value, path, findings)
        return read

    def _learn(self, findings: Findings) -> None:
        """Have the mirror made anew if it refuses keys that were learned since, but each time later than the last.

        Nothing depends on it but speed. Whoever sends other keys all the time is read the tolerant way.
        """
        for record, keys in findings.unknown:
            record.learn(keys)
        mirror = self._mirror
        if mirror is None or all(twin.learned is record_of(model).learned for model, twin in mirror.twins.items()):
            return
        self._missed += 1
        if self._missed >= self._patience:
            self._mirror, self._missed, self._patience = None, 0, min(self._patience * 2, _MOST_PATIENCE)


_CODECS: Final[dict[object, Codec[Any]]] = {}


def codec_for(model: type[T]) -> Codec[T]:
    """Return the codec of a generated answer class, or of another type of values; it is built at the first use."""
    codec: Codec[T] | None = _CODECS.get(model)
    if codec is not None:
        return codec
    if not is_model(model):
        return codec_of_kind(model)
    record = record_of(model)
    return _CODECS.setdefault(model, Codec(record.shape, record))


def codec_of_kind(kind: object) -> Codec[Any]:
    """Return the codec of any annotated type; it is built at the first use."""
    if isinstance(kind, type) and is_model(kind):
        return codec_for(kind)
    # Types of the same members in another order are equal, but are not read alike.
    key = _identity(kind)
    codec = _CODECS.get(key)
    return codec or _CODECS.setdefault(key, Codec(shape_of(kind)))


def _identity(kind: object) -> object:
    arguments = get_args(kind)
    return (get_origin(kind), *map(_identity, arguments)) if arguments else (type(kind), kind)
