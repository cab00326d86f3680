"""Divides the operations of a document into modules: one of a spec of this project, one a tag of any other."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen
from openapi_python_client import strings

from .documents import Document, Route
from .names import class_name, field_name, unused
from .text import Text

_UNTAGGED = "api"
_OWN_MODULES = ("models", "testing", "support")


@frozen
class Section:
    """The operations of one module."""

    module: str
    attribute: str
    """Name on the client."""
    resource: str
    """Name of the class of the operations."""
    doc: Text
    page: str | None
    """The vendor's page."""
    routes: Sequence[Route]


def sections_of(document: Document) -> Sequence[Section]:
    """Return what becomes the modules of a document."""
    if document.is_strict:
        return [_only_section(document)]
    described = {node["name"].text: node for node in document.root.items_at("tags")}
    routes: dict[str, list[Route]] = {}
    for route in document.routes:
        tag = next((given.text for given in route.node.items_at("tags")), "")
        routes.setdefault(tag, []).append(route)
    title = document.root["info"]["title"].text
    found: list[Section] = []
    for tag, members in routes.items():
        name = unused(
            field_name(tag or _UNTAGGED, document.root.location, taken=_OWN_MODULES, default="tagged"),
            [section.module for section in found],
        )
        node = described.get(tag)
        told = node.text_at("description") or node.text_at("summary") if node else None
        page = node.find("externalDocs", "url") if node else None
        found.append(
            Section(
                module=name,
                attribute=name,
                resource=class_name(name),
                doc=Text(told or _sentence(tag or title)),
                page=page.text if page else None,
                routes=members,
            )
        )
    return found


def method_names(section: Section, names: Sequence[str]) -> Sequence[str]:
    """Return what operations are called on the class of their section: without the words of its name, where it helps.

    Args:
        section: The section.
        names: Names of its operations in the module.
    """
    topic = section.module.split("_")
    short = [_without(name.split("_"), topic) for name in names]
    return [
        candidate if candidate and short.count(candidate) == 1 and candidate not in names else name
        for candidate, name in zip(short, names, strict=True)
    ]


def _without(words: Sequence[str], topic: Sequence[str]) -> str:
    """Return a name without the words of a topic, in singular or plural, if they begin it or follow its first word."""
    singular = [word.removesuffix("s") for word in topic]
    for start in (0, 1):
        if [word.removesuffix("s") for word in words[start : start + len(topic)]] == singular:
            name = "_".join([*words[:start], *words[start + len(topic) :]])
            return name if name.isidentifier() and strings.fix_reserved_words(name) in (name, "list_") else ""
    return ""


def _sentence(words: str) -> str:
    words = words.strip().rstrip(".")
    return f"{words[:1].upper()}{words[1:]}."


def _only_section(document: Document) -> Section:
    root, resource = document.root, document.root["x-resource"]
    info = root["info"]
    page = root.find("externalDocs", "url")
    return Section(
        module=document.module,
        attribute=resource["attribute"].text,
        resource=resource["class"].text,
        doc=Text(info.text_at("description") or info.text_at("summary") or f"{info['title'].text.rstrip('.')}."),
        page=page.text if page else None,
        routes=document.routes,
    )
