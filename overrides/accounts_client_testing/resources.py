"""What the operations and answer classes of a category tell about its records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import UnionType
from typing import TypeAlias, TypeGuard, Union, get_args, get_origin, get_type_hints

import attrs
from attrs import frozen

from accounts_client_runtime import JSON, CursorPage, NumberPage, Operation
from accounts_client_runtime.shapes import record_of

Record: TypeAlias = dict[str, JSON]
"""A record by wire names. One that is stored is never changed, only replaced: answers hand it out as it is."""


@frozen(kw_only=True)
class Resource:
    """The records of one category."""

    name: str
    """Module of the category, such as `crm_accounts`."""
    fields: Mapping[str, object]
    """Annotated types of the documented fields, by wire name."""

    @property
    def has_numeric_ids(self) -> bool:
        """Whether ids are numbers, and not text."""
        return self.fields["id"] is int


def resources_of(operations: Iterable[Operation[object]]) -> dict[str, Resource]:
    """Return the resources that the operations are about, by name."""
    resources: dict[str, Resource] = {}
    for operation in operations:
        name = operation.name.rpartition(".")[0]
        model: type[object] | None = getattr(operation.result, "model", None)
        if name not in resources and model is not None:
            resources[name] = Resource(name=name, fields=wire_fields(model))
    return resources


def wire_fields(model: type[object]) -> dict[str, object]:
    """Return the annotated types of an answer class, by wire name."""
    # `JSON` is a recursive alias that only checkers can follow.
    hints = get_type_hints(model, localns={"JSON": object})
    return {field.wire: hints[field.name] for field in record_of(model).fields}


def is_cursor_page(result: object) -> TypeGuard[CursorPage[object]]:
    """Whether an operation answers with pages that have cursors."""
    return isinstance(result, CursorPage)


def is_number_page(result: object) -> TypeGuard[NumberPage[object]]:
    """Whether an operation answers with pages that have numbers."""
    return isinstance(result, NumberPage)


def members(hint: object) -> tuple[object, ...]:
    """Return the types that a value may have besides null."""
    if get_origin(hint) in (Union, UnionType):
        return tuple(member for member in get_args(hint) if member is not type(None))
    return (hint,)


def is_map(hint: object) -> bool:
    """Whether values of a type are objects with arbitrary keys."""
    return any(get_origin(member) is dict for member in members(hint))


def is_scalar(hint: object) -> bool:
    """Whether values of a type hold no others."""
    return not any(
        get_origin(member) in (dict, list) or (isinstance(member, type) and attrs.has(member))
        for member in members(hint)
    )
