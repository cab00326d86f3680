"""Bodies in the media types that OpenAPI documents describe beside JSON: forms, parts, text, and plain bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final, TypeAlias

from .bodies import Content, encode_body
from .errors import InvalidRequestError, QueryEncodingError
from .headers import charset_of, is_header_value
from .parameters import Parameter, rename
from .query import bracket_pairs, is_container, scalar_text
from .types import Names, Value, is_list, is_mapping

_BYTES: Final = "application/octet-stream"
_JSON: Final = "application/json"


class File(Value, frozen=True):
    """A file to be sent."""

    _unshown: ClassVar[tuple[str, ...]] = ("content",)

    content: bytes
    """What it holds."""
    name: str = "file"
    """Its name for the receiver."""
    content_type: str = _BYTES
    """Its media type."""


FileInput: TypeAlias = bytes | File
"""Bytes, or a file with its name and media type."""


class FormContent(Content, frozen=True):
    """An object as a form, as pages in a browser send it: `name=value&name=value`."""

    content_type: ClassVar[str] = "application/x-www-form-urlencoded"

    fields: Mapping[str, Parameter] = {}
    """How to write properties, by Python name: by default a list repeats the name, and objects have brackets."""

    def encode(self, body: object, names: Names | None) -> tuple[bytes, str]:
        """Return the body as a form. `None` and empty lists are left out."""
        pairs: list[tuple[str, str]] = []
        owners: dict[str, str] = {}
        try:
            for key, wire, value in _properties(body, names):
                parameter = self.fields.get(key)
                written = _form_pairs(wire, value) if parameter is None else parameter.pairs(value)
                for name, _ in written:
                    if owners.setdefault(name, key) != key:
                        raise QueryEncodingError(key, f"is sent under the same name as {owners[name]}")
                pairs += written
        except QueryEncodingError as error:
            raise InvalidRequestError(f"body {error.path}: {error.reason}") from None
        return "&".join(f"{name}={text}" for name, text in pairs).replace("%20", "+").encode(), self.content_type


class MultipartContent(Content, frozen=True):
    """An object in parts: values as text, files as they are, objects as JSON; a list repeats its part."""

    types: Mapping[str, str] = {}
    """Media types of parts, by wire name."""
    boundary: str = ""
    """What stands between the parts; by default random. It is made longer where a part holds it."""

    def encode(self, body: object, names: Names | None) -> tuple[bytes, str]:
        """Return the body in parts. `None` is left out."""
        parts: list[bytes] = []
        for key, wire, value in _properties(body, names):
            for place, item in enumerate(value if is_list(value) else [value]):
                where = f"body.{key}[{place}]" if is_list(value) else f"body.{key}"
                parts.append(_part(wire, item, self.types.get(wire, ""), where))
        boundary = self.boundary or _random_boundary()
        while any(boundary.encode("ascii") in part for part in parts):
            boundary += _random_boundary()
        line = f"--{boundary}".encode("ascii")
        body_bytes = b"".join(line + b"\r\n" + part + b"\r\n" for part in parts) + line + b"--\r\n"
        return body_bytes, f"multipart/form-data; boundary={boundary}"


class TextContent(Content, frozen=True):
    """Plain text."""

    content_type: str = "text/plain"
    """Media type; its `charset` is kept to, and is UTF-8 where there is none."""

    def encode(self, body: object, names: Names | None) -> tuple[bytes, str]:
        """Return the text."""
        if not isinstance(body, str):
            raise InvalidRequestError(f"the body is of type {type(body).__name__}, expected text")
        charset = charset_of(self.content_type)
        content_type = self.content_type if charset else f"{self.content_type}; charset=utf-8"
        try:
            return body.encode(charset or "utf-8"), content_type
        except (UnicodeEncodeError, LookupError):
            raise InvalidRequestError(f"the body has characters that {charset or 'utf-8'} cannot express") from None


class BinaryContent(Content, frozen=True):
    """Bytes as they are."""

    content_type: str = _BYTES
    """Media type; that of a `File` goes before it."""

    def encode(self, body: object, names: Names | None) -> tuple[bytes, str]:
        """Return the bytes."""
        if isinstance(body, File):
            own = body.content_type
            return body.content, _checked_type(self.content_type if own == _BYTES else own, "the body")
        if not isinstance(body, bytes):
            raise InvalidRequestError(f"the body is of type {type(body).__name__}, expected bytes or a File")
        return body, self.content_type


def _properties(body: object, names: Names | None) -> list[tuple[str, str, object]]:
    """Return the Python name, the wire name and the value of each property that is not `None`."""
    if not is_mapping(body):
        raise InvalidRequestError(f"the body is of type {type(body).__name__}, expected an object")
    found: list[tuple[str, str, object]] = []
    seen: set[str] = set()
    for key, value in body.items():
        if not isinstance(key, str):
            raise InvalidRequestError(f"body has the key {key!r}, expected text")
        wire = names.renamed.get(key, key) if names else key
        if wire in seen:
            raise InvalidRequestError(f"body.{wire} is given twice")
        seen.add(wire)
        if value is not None:
            inner = names.nested.get(key) if names else None
            found.append((key, wire, rename(value, inner, f"body.{key}")))
    return found


def _form_pairs(name: str, value: object) -> list[tuple[str, str]]:
    if is_list(value) and not any(is_container(item) for item in value):
        return Parameter("query", name, explode=True).pairs(value)
    return [(pair.partition("=")[0], pair.partition("=")[2]) for pair in bracket_pairs(name, value)]


def _part(name: str, value: object, content_type: str, where: str) -> bytes:
    filename = ""
    if isinstance(value, File):
        content_type = content_type or value.content_type
        content, filename = value.content, f'; filename="{_parameter(value.name, where)}"'
    elif isinstance(value, bytes):
        content_type = content_type or _BYTES
        content, filename = value, '; filename="file"'
    elif is_container(value) or _is_json(content_type):
        content_type = content_type or _JSON
        content = encode_body(value, None, where)
    else:
        content = _scalar(value, content_type, where)
        if not content_type and not content.isascii():
            content_type = "text/plain; charset=utf-8"
    lines = [f'Content-Disposition: form-data; name="{_parameter(name, where)}"{filename}']
    if content_type:
        lines.append(f"Content-Type: {_checked_type(content_type, where)}")
    return "\r\n".join([*lines, "", ""]).encode() + content


def _scalar(value: object, content_type: str, where: str) -> bytes:
    charset = charset_of(content_type) or "utf-8"
    try:
        return scalar_text(value, (where,)).encode(charset)
    except QueryEncodingError as error:
        raise InvalidRequestError(f"{where} {error.reason}") from None
    except (UnicodeEncodeError, LookupError):
        raise InvalidRequestError(f"{where} has characters that {charset} cannot express") from None


def _parameter(text: str, where: str) -> str:
    """Return a name as browsers write it between quotes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidRequestError(f"{where} has a name with a lone surrogate, which is no character") from None
    quoted = text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    if any(character < " " or character == "\x7f" for character in quoted):
        raise InvalidRequestError(f"{where} has a name with a control character")
    return quoted


def _checked_type(content_type: str, where: str) -> str:
    if not is_header_value(content_type):
        raise InvalidRequestError(f"{where} has a content type that a header cannot carry")
    return content_type


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind == _JSON or kind.endswith("+json")


def _random_boundary() -> str:
    from secrets import token_hex  # slow to import, and few bodies have parts

    return token_hex(16)
