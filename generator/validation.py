"""Validates bundled documents with openapi-spec-validator, which knows rules that the generator does not need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openapi_spec_validator import OpenAPIV31SpecValidator

from .documents import Document
from .nodes import Node


def validate(document: Document) -> None:
    """Check that a document, with its references put in, is valid OpenAPI 3.1.

    Raises:
        SpecError: It is not; the message is about the first fault.
    """
    plain: Any = document.root.plain()
    error = next(OpenAPIV31SpecValidator(plain).iter_errors(), None)
    if error is not None:
        raise _nearest(document.root, list(error.absolute_path)).refuse(" ".join(error.message.split()))


def _nearest(node: Node, keys: list[str | int]) -> Node:
    """Return the node that the keys lead to, or the last one on the way that exists."""
    for key in keys:
        below = node.value
        if isinstance(below, tuple):
            below = {str(index): entry for index, entry in enumerate(below)}
        if isinstance(below, Mapping) and str(key) in below:
            node = below[str(key)]
    return node
