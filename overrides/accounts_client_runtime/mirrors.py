"""The fast way from bytes to models: msgspec reads into mirrors of the models, and compiled code pours those out.

The mirror of a model is a private `msgspec.Struct`, its twin. A twin refuses whatever is not as documented, but for the
unknown keys that its model has met before: those are fields of the twin, and are poured into what the model keeps.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Hashable, Mapping
from contextlib import contextmanager
from functools import cached_property
from threading import Lock
from typing import Any, Final, Generic, Protocol, TypeVar

import msgspec

from .types import Value

T = TypeVar("T")

REFUSALS: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What the fast way raises when it leaves a body to the tolerant one."""

_DEEPEST: Final = 10
_LONGEST: Final = 500
"""Levels and lines of a compiled function; what goes beyond becomes another one. Python allows 20 nested loops."""


class Shape(Hashable, Protocol):
    """How the values of one type are mirrored."""

    @property
    def is_plain(self) -> bool:
        """Whether the value that msgspec decodes is the final one."""
        ...

    def mirrored(self, mirror: Mirror[Any]) -> object:
        """Return the type by which msgspec decodes such a value; the mirror receives the twins of models inside."""
        ...

    def pour(self, code: Code, source: str) -> str:
        """Write what makes the final value of the decoded one in a variable; return the expression for it."""
        ...


_MAKING: Final = Lock()


class Twin(Value, frozen=True):
    """The mirror of one model."""

    struct: type[msgspec.Struct]
    names: Mapping[str, str]
    """Its attributes for documented keys, by key."""
    learned: Mapping[str, str]
    """Its attributes for unknown keys, by key: what the model had learned when the twin was made."""


class Mirror(Generic[T]):
    """The fast way to the values of one shape."""

    def __init__(self, shape: Shape) -> None:
        self.twins: dict[type[object], Twin] = {}
        """The twins of all models inside, made together."""
        self._shape = shape
        self._functions: dict[Shape, Callable[[Any], Any]] = {}
        self._decoders: dict[Hashable, msgspec.json.Decoder[Any]] = {}
        self._type = shape.mirrored(self)

    def decode(self, body: bytes | msgspec.Raw) -> T:
        """Return the value that the body holds, or raise one of `REFUSALS` if anything is not as documented."""
        return self._pour(self._decoder.decode(body))

    def decoder(self, owner: Hashable, frame: Callable[[object], object]) -> msgspec.json.Decoder[Any]:
        """Return the decoder of the type that a frame makes of the mirrored one; each owner has one frame."""
        decoder = self._decoders.get(owner)
        if decoder is None:
            decoder = self._decoders[owner] = _make_decoder(frame(self._type))
        return decoder

    @cached_property
    def pour_list(self) -> Callable[[list[object]], list[T]]:
        """Makes final values of a list of decoded ones, in place."""
        code = Code(self)
        return code.compile(code.pour_list(self._shape, code.parameter))

    def function(self, shape: Shape) -> Callable[[Any], Any]:
        """Return the compiled function that makes the final value of a decoded one."""
        function = self._functions.get(shape)
        if function is None:
            code = Code(self)
            function = self._functions[shape] = code.compile(shape.pour(code, code.parameter))
        return function

    @cached_property
    def _decoder(self) -> msgspec.json.Decoder[object]:
        return _make_decoder(self._type)

    @cached_property
    def _pour(self) -> Callable[[object], T]:
        return self.function(self._shape)


def _make_decoder(kind: object) -> msgspec.json.Decoder[Any]:
    # msgspec crashes where two threads are the first to make decoders of one struct.
    with _MAKING:
        return msgspec.json.Decoder(kind)


class Code:
    """A function of one parameter in the making. Its source holds no names but those of attributes and its own."""

    parameter: Final = "value"

    def __init__(self, mirror: Mirror[Any]) -> None:
        self.mirror: Final = mirror
        self._lines = [f"def pour({self.parameter}):"]
        self._globals: dict[str, Any] = {}
        self._depth = 1
        self._variables = 0

    def add(self, statement: str) -> None:
        """Write a statement."""
        self._lines.append("    " * self._depth + statement)

    @contextmanager
    def block(self, head: str) -> Generator[None]:
        """Write the head of a block; what is written within belongs to it."""
        self.add(f"{head}:")
        self._depth += 1
        yield
        self._depth -= 1

    def variable(self) -> str:
        """Return the name of a new variable."""
        self._variables += 1
        return f"value_{self._variables}"

    def refer(self, value: object) -> str:
        """Return a name for a value from outside."""
        name = f"given_{len(self._globals)}"
        self._globals[name] = value
        return name

    def pour(self, shape: Shape, source: str) -> str:
        """Write what a shape does with the decoded value in a variable; return the expression for the final one."""
        if shape.is_plain:
            return source
        if self._depth > _DEEPEST or len(self._lines) > _LONGEST:
            return f"{self.refer(self.mirror.function(shape))}({source})"
        return shape.pour(self, source)

    def pour_list(self, item: Shape, source: str) -> str:
        """Write the same for a list in a variable, in place: the memory of each decoded item is free for the next."""
        place, value = self.variable(), self.variable()
        self.add(f"{place} = 0")
        with self.block(f"for {value} in {source}"):
            self.add(f"{source}[{place}] = {self.pour(item, value)}")
            self.add(f"{place} += 1")
        return source

    def compile(self, result: str) -> Callable[[Any], Any]:
        """Return the function; it returns the result, which is an expression."""
        self.add(f"return {result}")
        exec("\n".join(self._lines), self._globals)
        function: Callable[[Any], Any] = self._globals["pour"]
        return function
