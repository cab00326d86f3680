"""Media types: which of those that a document offers is used, and how."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from attrs import frozen

from .nodes import Node

MediaKind: TypeAlias = Literal["json", "form", "multipart", "text", "binary"]

_BODIES: Final[tuple[MediaKind, ...]] = ("json", "multipart", "form", "text", "binary")
_ANSWERS: Final[tuple[MediaKind, ...]] = ("json", "text", "binary")
"""What is taken first where a document offers several."""


@frozen
class Media:
    """In which form content goes over the wire."""

    type: str
    """Media type, without its parameters."""
    kind: MediaKind
    schema: Node | None
    encoding: Mapping[str, Node]
    """How single fields of a form are written, by name."""


def body_of(request_body: Node | None) -> Media | None:
    """Return the form of a body; where several are offered, JSON goes before forms, and these before anything else."""
    return _preferred(request_body, _BODIES)


def answer_of(response: Node) -> Media | None:
    """Return the form of an answer, or `None` for one without content."""
    return _preferred(response, _ANSWERS)


def _preferred(holder: Node | None, kinds: tuple[MediaKind, ...]) -> Media | None:
    content = holder.get("content") if holder else None
    offers = [_media(type_, node, kinds) for type_, node in content.fields.items()] if content else []
    return min(offers, key=lambda offer: kinds.index(offer.kind), default=None)


def _media(type_: str, node: Node, kinds: tuple[MediaKind, ...]) -> Media:
    plain = type_.partition(";")[0].strip().lower()
    kind = _kind(plain)
    return Media(plain, kind if kind in kinds else "binary", node.get("schema"), node.fields_at("encoding"))


def _kind(type_: str) -> MediaKind:
    if type_ in ("application/json", "*/*", "text/json") or type_.endswith("+json"):
        return "json"
    if type_ == "application/x-www-form-urlencoded":
        return "form"
    if type_ == "multipart/form-data":
        return "multipart"
    return "text" if type_.startswith("text/") else "binary"
