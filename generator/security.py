"""What a document says of its service: where it is, and how callers sign in."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .documents import Document, Route
from .model import Scheme, Service
from .names import distinct, field_name
from .nodes import Node, SpecError
from .text import Text

_TAKEN = ("base_url", "timeout", "max_retries", "retry_policy", "http_client", "budget", "clock", "sleep", "options")


def service_of(document: Document, name: str) -> Service:
    """Return the service of a document whose client has a name.

    Raises:
        SpecError: It signs in in a way that is not supported.
    """
    root = document.root
    servers = _servers(document)
    addresses = [(_address(server), Text(server.text_at("description") or "")) for server in servers]
    environment = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper()
    entries = root["components"].fields_at("securitySchemes")
    names = distinct(
        field_name(wire, node.location, taken=_TAKEN, default="credential") for wire, node in entries.items()
    )
    usable = [
        scheme
        for argument, (wire, node) in zip(names, entries.items(), strict=True)
        if (scheme := _scheme(argument, wire, node, f"{environment}_{argument.upper()}"))
    ]
    security = root.get("security") or _common_security(document)
    return Service(
        title=Text(root["info"]["title"].text),
        address=addresses[0][0] if addresses else Text(""),
        environment=environment,
        others=addresses[1:],
        schemes=usable,
        security=alternatives(security, usable) if security else (),
    )


def _common_security(document: Document) -> Node | None:
    """Return what all operations say of how callers sign in, if they agree and the document says nothing for all."""
    said = [route.node.get("security") for route in document.routes]
    first = said[0] if said else None
    return first if first and all(node and node.plain() == first.plain() for node in said) else None


def check_server(route: Route, document: Document) -> None:
    """Refuse an operation that is reached elsewhere than the others.

    Raises:
        SpecError: It is, and so needs a client of its own.
    """
    own = [_address(server) for server in route.servers.items] if route.servers else []
    if own and own[0] not in [_address(server) for server in _servers(document)]:
        raise route.node.refuse(f"has a server of its own, {own[0].raw or 'without a host'}, which is not supported")


def _servers(document: Document) -> Sequence[Node]:
    """Return the servers of a document; where it names none, those of its first operation."""
    named = [document.root.get("servers"), *(route.servers for route in document.routes)]
    return next((servers.items for servers in named if servers and servers.items), ())


def alternatives(security: Node, schemes: Sequence[Scheme]) -> Sequence[Sequence[Text]]:
    """Return which schemes are needed together, by alternatives; those that cannot be used are left out.

    Raises:
        SpecError: A scheme is not described, or no alternative can be used.
    """
    known = {scheme.wire.raw: Text(scheme.name) for scheme in schemes}
    needed = [[*requirement.fields] for requirement in security.items]
    usable = [[known[wire] for wire in wires] for wires in needed if known.keys() >= {*wires}]
    if needed and not usable:
        missing = next(wire for wires in needed for wire in wires if wire not in known)
        raise security.refuse(f"the scheme {missing} is not described, or of a type that is not supported")
    return usable


def _address(server: Node) -> Text:
    """Return where a server is, with the defaults of its variables; empty where it has no host."""
    url = server["url"].text
    for name, variable in server.fields_at("variables").items():
        url = url.replace(f"{{{name}}}", variable["default"].text)
    is_whole = re.fullmatch(r"https?://[^\s/?#@{}]+(/[^\s?#{}]*)?", url)
    return Text(url.rstrip("/") if is_whole else "")


def _scheme(name: str, wire: str, node: Node, environment: str) -> Scheme | None:
    """Return how a scheme signs in; `None` for those that are no part of a request, such as certificates."""
    doc = Text(node.text_at("description") or "")
    kind, scheme = node["type"].text, (node.text_at("scheme") or "").lower()
    if kind == "apiKey":
        place, key = node.text_at("in") or "", node.text_at("name") or ""
        if place not in ("header", "query", "cookie") or not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z\[\]-]+", key):
            raise SpecError(node.location, "an API key needs a name, and a place that is header, query or cookie")
        return Scheme(name, Text(wire), "key", place, Text(key), environment, doc)
    if kind in ("oauth2", "openIdConnect") or (kind == "http" and scheme == "bearer"):
        return Scheme(name, Text(wire), "bearer", "header", Text("Authorization"), environment, doc)
    if kind == "http" and scheme == "basic":
        return Scheme(name, Text(wire), "basic", "header", Text("Authorization"), environment, doc)
    return None
