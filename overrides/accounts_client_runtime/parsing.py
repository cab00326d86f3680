"""Bytes to JSON values: one strict, fast parser, and a second one for what the first refuses."""

from __future__ import annotations

import msgspec

from .types import JSON


def parse_json(body: bytes) -> JSON:
    """Return the JSON value that the body holds.

    What msgspec refuses though other writers produce it (NaN, a byte order mark, lone surrogates, huge numbers) is read
    by the standard library.

    Raises:
        ValueError: The body is not JSON.
    """
    try:
        value: JSON = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        import json  # slow to import, and few answers need it

        try:
            # A text in another encoding is no JSON; `json` by itself would guess.
            value = json.loads(body.decode("utf-8-sig", "surrogatepass"))
        except RecursionError as error:
            raise ValueError("nested too deeply") from error
    return value
