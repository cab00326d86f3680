"""A service of files, as the generator writes it: forms, parts, text and bytes, both ways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from accounts_client_runtime import (
    JSON,
    Binary,
    BinaryContent,
    FileInput,
    FormContent,
    FreeJSON,
    MultipartContent,
    Names,
    Operation,
    Parameter,
    PlainText,
    Request,
    Service,
    TextContent,
)

UPLOADS: Final = Service(name="Uploads", base_url="https://uploads.test/v1")

LOG_IN: Final = Operation(
    "uploads.log_in",
    "POST",
    "/login",
    FreeJSON(),
    content=FormContent({"scopes": Parameter("query", "scope", "spaceDelimited")}),
    body_names=Names({"grant_type": "grantType"}, {"client": Names({"first_name": "firstName"})}),
)
SEND_PARTS: Final = Operation(
    "uploads.send_parts",
    "POST",
    "/parts",
    FreeJSON(),
    content=MultipartContent({"photo": "image/png", "odd": "application/json"}),
    body_names=Names({"taken_on": "takenOn"}),
)
SEND_BYTES: Final = Operation(
    "uploads.send_bytes", "PUT", "/files/{name}", PlainText(), content=BinaryContent("image/png")
)
SEND_TEXT: Final = Operation("uploads.send_text", "POST", "/notes", PlainText("text/csv"), content=TextContent())
FETCH: Final = Operation("uploads.fetch", "GET", "/files/{name}", Binary("image/png"))


def log_in(body: Mapping[str, object]) -> Request[JSON]:
    return Request(LOG_IN, body=body)


def send_parts(body: Mapping[str, object]) -> Request[JSON]:
    return Request(SEND_PARTS, body=body)


def send_bytes(name: str, body: FileInput) -> Request[str]:
    return Request(SEND_BYTES, path={"name": name}, body=body)


def send_text(body: str) -> Request[str]:
    return Request(SEND_TEXT, body=body)


def fetch(name: str) -> Request[bytes]:
    return Request(FETCH, path={"name": name})
