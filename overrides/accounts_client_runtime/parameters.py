"""Parameters by the styles of OpenAPI: paths, queries, headers and cookies, and what a style would lose is refused.

Texts are percent-encoded item by item, so that a delimiter within an item is told from one between items. Where a style
gives no such way (spaces and pipes, which are encoded themselves, dots, and headers, where nothing is encoded), an item
with the delimiter in it is refused.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Final, Literal, TypeAlias

from .bodies import encode_body
from .errors import ConfigurationError, InvalidRequestError, QueryEncodingError
from .headers import TRANSPORT_HEADERS, is_header_name, is_header_value
from .query import bracket_pairs, encode_query, is_container, percent_encoded, scalar_text
from .types import Names, Value, is_list, is_mapping

Place: TypeAlias = Literal["path", "query", "header", "cookie"]
Style: TypeAlias = Literal["simple", "label", "matrix", "form", "spaceDelimited", "pipeDelimited", "deepObject", "json"]

_STYLES: Final[Mapping[Place, frozenset[Style]]] = {
    "path": frozenset({"simple", "label", "matrix", "json"}),
    "query": frozenset({"form", "spaceDelimited", "pipeDelimited", "deepObject", "json"}),
    "header": frozenset({"simple", "json"}),
    "cookie": frozenset({"form", "json"}),
}
_OWN_HEADERS: Final = TRANSPORT_HEADERS | {"authorization", "cookie"}

_DELIMITERS: Final[Mapping[Style, tuple[str, str]]] = {"spaceDelimited": (" ", "%20"), "pipeDelimited": ("|", "%7C")}
"""What stands between the items of a list, plain and encoded."""

# Those of RFC 3986 without what would end a pair or the query, or be read as a space.
_KEPT_RESERVED: Final = re.compile("%(" + "|".join(f"{ord(character):02X}" for character in ":/?@!$'()*,;=") + ")")

_Parts: TypeAlias = str | list[str] | dict[str, str]
"""A value as texts that are not encoded yet: a scalar, a list, or an object."""


class Parameter(Value, frozen=True):
    """How the values of one parameter are written."""

    place: Place
    """Where it goes."""
    name: str
    """Name on the wire."""
    style: Style = "form"
    """Style of OpenAPI; `json` is the value as JSON text, for parameters with `content`."""
    explode: bool = False
    """Whether the items of a list, or the keys of an object, stand apart."""
    names: Names | None = None
    """Wire names of the keys of an object."""
    allow_reserved: bool = False
    """Whether a query option keeps reserved characters as they are, but for `#`, `&`, `+` and brackets."""

    def __post_init__(self) -> None:
        if self.style not in _STYLES[self.place]:
            raise ConfigurationError(f"{self.place} parameter {self.name!r} has the style {self.style}, which is none")
        if self.place == "header" and self.name.lower() in _OWN_HEADERS:
            raise ConfigurationError(f"header parameter {self.name!r} is set by the client")
        if self.place in ("header", "cookie") and not is_header_name(self.name):
            raise ConfigurationError(f"{self.place} parameter {self.name!r} has a name that no {self.place} can have")

    def path_text(self, value: object) -> str:
        """Return what a value gives for a path, percent-encoded.

        Raises:
            InvalidRequestError: The style cannot carry the value.
        """
        with self._refusals():
            parts = self._parts(value)
            if self.style == "json" and isinstance(parts, str):
                return self._quoted(parts)
            if not parts and not (parts == "" and self.style == "matrix"):
                raise self._refusal((), "is empty, which a path cannot hold")
            if self.style == "matrix":
                return self._matrix(parts)
            dot = self.style == "label"
            if isinstance(parts, dict):
                joint = "=" if self.explode else ","
                parts = [f"{key}{joint}{text}" for key, text in self._items(parts, "." if dot and self.explode else "")]
            elif isinstance(parts, list):
                parts = self._list(parts, "." if dot and self.explode else "")
            else:
                parts = [self._quoted(parts)]
            return f".{('.' if self.explode else ',').join(parts)}" if dot else ",".join(parts)

    def pairs(self, value: object) -> list[tuple[str, str]]:
        """Return the pairs that a value gives for a query, percent-encoded; none for `None` and what is empty.

        Raises:
            QueryEncodingError: The style cannot carry the value.
        """
        if self.style == "deepObject":
            renamed = rename(value, self.names, self.name)
            written = [pair.partition("=") for pair in bracket_pairs(self.name, renamed)]
            return [(name, self._reserved(text)) for name, _, text in written]
        parts = self._parts(value)
        name = self._quoted(self.name)
        if isinstance(parts, str):
            return [(name, self._reserved(self._quoted(parts)))]
        if not parts:
            return []
        if self.explode and isinstance(parts, dict):
            return [(self._quoted(key), self._reserved(self._quoted(text))) for key, text in parts.items()]
        if self.explode:
            return [(name, self._reserved(self._quoted(item))) for item in parts]
        plain, encoded = _DELIMITERS.get(self.style, ("", ","))
        if isinstance(parts, dict):
            items = [item for pair in self._items(parts, plain) for item in pair]
        else:
            items = self._list(parts, plain)
        kept = [self._reserved(item).replace(",", "%2C") for item in items]
        return [(name, encoded.join(kept))]

    def header_text(self, value: object) -> str | None:
        """Return the value of the header, or `None` for a header to be left out.

        Raises:
            InvalidRequestError: A header cannot carry the value.
        """
        with self._refusals():
            parts = self._parts(value)
            if self.style == "json" and isinstance(parts, str):
                # JSON has another way to write what a header cannot carry.
                text = "".join(_escaped(character) for character in parts)
            elif isinstance(parts, str):
                text = parts
            elif not parts:
                return None
            elif isinstance(parts, list):
                text = ",".join(self._checked(item, ",", place) for place, item in enumerate(parts))
            else:
                joint, delimiters = ("=", ",=") if self.explode else (",", ",")
                text = ",".join(
                    f"{self._checked(key, delimiters, key)}{joint}{self._checked(item, ',', key)}"
                    for key, item in parts.items()
                )
            if text and not is_header_value(text):
                raise self._refusal((), "holds characters that a header cannot carry")
            return text

    def cookies(self, value: object) -> list[str]:
        """Return the pairs of name and value for the header `Cookie`.

        Raises:
            InvalidRequestError: A cookie cannot carry the value.
        """
        with self._refusals():
            pairs = self.pairs(value)
            names = [name for name, _ in pairs]
            if len({*names}) < len(names):
                raise self._refusal((), "would be several cookies of one name, of which one is read")
            return [f"{name}={text}" for name, text in pairs]

    def _parts(self, value: object) -> _Parts:
        if self.style == "json":
            return encode_body(value, self.names, f"{self.place} parameter {self.name}").decode()
        value = rename(value, self.names, self.name)
        if not is_container(value):
            return scalar_text(value, (self.name,))
        if is_mapping(value):
            given: dict[str, str] = {}
            for key, item in value.items():
                if item is None:
                    continue
                if not isinstance(key, str) or not key:
                    raise self._refusal((key,), "is no name; keys are strings that are not empty")
                if key in given:
                    raise self._refusal((key,), "is given twice")
                given[key] = self._item(item, key)
            return given
        return [self._item(item, place) for place, item in enumerate(value)]

    def _item(self, value: object, step: object) -> str:
        if value is None:
            raise self._refusal((step,), "is None, which a list cannot hold")
        if is_container(value):
            raise self._refusal((step,), f"is nested, which the style {self.style} cannot carry")
        return scalar_text(value, (self.name, step))

    def _matrix(self, parts: _Parts) -> str:
        name = self._quoted(self.name)
        if isinstance(parts, str):
            return f";{name}={self._quoted(parts)}" if parts else f";{name}"
        if isinstance(parts, list):
            items = self._list(parts, "")
            return "".join(f";{name}={item}" for item in items) if self.explode else f";{name}={','.join(items)}"
        pairs = self._items(parts, "")
        if self.explode:
            return "".join(f";{key}={text}" for key, text in pairs)
        return f";{name}={','.join(item for pair in pairs for item in pair)}"

    def _list(self, items: list[str], delimiter: str) -> list[str]:
        return [self._quoted(self._checked(item, delimiter, place)) for place, item in enumerate(items)]

    def _items(self, items: dict[str, str], delimiter: str) -> list[tuple[str, str]]:
        return [
            (self._quoted(self._checked(key, delimiter, key)), self._quoted(self._checked(item, delimiter, key)))
            for key, item in items.items()
        ]

    def _checked(self, text: str, delimiters: str, step: object) -> str:
        if not text:
            raise self._refusal((step,), f"is empty, which the style {self.style} cannot tell from nothing")
        for delimiter in delimiters:
            if delimiter in text:
                raise self._refusal((step,), f"holds {delimiter!r}, which would be read as the end of the item")
        if self.place == "header" and text != text.strip():
            raise self._refusal((step,), "begins or ends with a space, which is not read")
        return text

    def _quoted(self, text: str) -> str:
        try:
            return percent_encoded(text)
        except UnicodeEncodeError:
            raise self._refusal((), "holds a lone surrogate, which is no character") from None

    def _reserved(self, text: str) -> str:
        return _KEPT_RESERVED.sub(lambda code: chr(int(code[1], 16)), text) if self.allow_reserved else text

    def _refusal(self, steps: tuple[object, ...], reason: str) -> QueryEncodingError:
        path = f"{self.name}{''.join(f'[{step}]' for step in steps)}"
        return QueryEncodingError(path.encode("utf-8", "backslashreplace").decode(), reason)

    @contextmanager
    def _refusals(self) -> Generator[None]:
        """Say of a refusal inside that it is not about the query."""
        try:
            yield
        except QueryEncodingError as error:
            raise InvalidRequestError(f"{self.place} parameter {error.path}: {error.reason}") from None


class Written(Value, frozen=True):
    """The options of a call as they go onto the wire."""

    query: str
    """Query string, percent-encoded."""
    headers: Mapping[str, str]
    cookies: tuple[str, ...]
    """Pairs of name and value."""


def write_options(
    options: Mapping[str, object], parameters: Mapping[str, Parameter], names: Mapping[str, str]
) -> Written:
    """Return the options of a call as they go onto the wire, in their order.

    Args:
        options: The values by Python name; `None` is left out.
        parameters: How to write those that are no plain query options, by Python name.
        names: Wire names of the plain ones, where they differ.

    Raises:
        InvalidRequestError: A value cannot be carried, or two options would be read as one.
    """
    queries: list[str] = []
    headers: dict[str, str] = {}
    cookies: list[str] = []
    owners: dict[str, str] = {}
    for option, value in options.items():
        if value is None:
            continue
        parameter = parameters.get(option)
        if parameter is None:
            wire = names.get(option, option)
            if plain := encode_query({wire: value}):
                queries.append(plain)
                _own(owners, percent_encoded(wire), option)
        elif parameter.place == "header":
            text = parameter.header_text(value)
            if text is not None:
                headers[parameter.name] = text
        elif parameter.place == "cookie":
            cookies += parameter.cookies(value)
        else:
            for name, text in parameter.pairs(value):
                queries.append(f"{name}={text}")
                _own(owners, name, option)
    return Written("&".join(queries), headers, tuple(cookies))


def _own(owners: dict[str, str], name: str, option: str) -> None:
    if owners.setdefault(name, option) != option:
        raise QueryEncodingError(
            option, f"is sent under the same name as {owners[name]}, and one of them would be lost"
        )


def rename(value: object, names: Names | None, path: str) -> object:
    """Return a value with the keys of its object, or of its list of objects, under their wire names.

    Raises:
        InvalidRequestError: A key is given twice, by both names.
    """
    if names is None:
        return value
    if is_mapping(value):
        renamed: dict[object, object] = {}
        for key, item in value.items():
            wire = names.renamed.get(key, key) if isinstance(key, str) else key
            if wire in renamed:
                raise InvalidRequestError(f"{path}.{wire} is given twice, by its wire name and by its Python name")
            inner = names.nested.get(key) if isinstance(key, str) else None
            renamed[wire] = rename(item, inner, f"{path}.{key}")
        return renamed
    if is_list(value):
        return [rename(item, names, f"{path}[{place}]") for place, item in enumerate(value)]
    return value


def _escaped(character: str) -> str:
    if character.isascii():
        return character
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[place]:02x}{units[place + 1]:02x}" for place in range(0, len(units), 2))
