"""Integrated accounts that behave as the pages say of their integration: what they drop, require or do not have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from attrs import evolve

from accounts_client_runtime import JSON, Operation
from accounts_client_runtime.preflight import UNMAPPED_BODY
from accounts_client_runtime.support import FieldSupport, Support

from .answers import Call, Refusal, RemoteRefusal

_MISSING_PARAMETERS: Final = "missing_required_query_parameters"
_MISSING_FIELDS: Final = "missing_required_body_fields"


class Personality:
    """What an integration makes of calls; it supports what the pages leave unknown."""

    def __init__(self, support: Support) -> None:
        self.integration: str = support.integration
        """Name of the integration."""
        self._operations = support.operations

    def has(self, operation: Operation[object]) -> bool:
        """Whether the integration has an operation."""
        support = self._operations.get(operation.name)
        return support is None or support.verdict != "not_listed"

    def mapped(self, call: Call, operation: Operation[object]) -> Call:
        """Return a call as it gets to the provider, with what the answer will lack.

        Raises:
            Refusal: The integration does not have the operation, or the provider refuses the call.
        """
        support = self._operations.get(operation.name)
        if support is None:
            return call
        if not self.has(operation):
            # No page tells how the service answers to this.
            raise Refusal(400, f"{self.integration} does not have {operation.name}")
        body = call.body
        fields = dict[str, FieldSupport]() if call.is_on(UNMAPPED_BODY) else support.body
        _refuse_missing(_missing(call.query, support.query), _missing(body, fields))
        _refuse_long(body, fields)
        return evolve(
            call,
            query=_mapped(call.query, support.query),
            body=_mapped(body, fields) if isinstance(body, dict) else body,
            unanswered=frozenset(name for name, field in support.answer.items() if field.verdict == "not_listed"),
            is_partial=support.is_partial,
        )


def _missing(given: JSON, fields: Mapping[str, FieldSupport]) -> Sequence[str]:
    """Return the required fields that an object lacks; what is no object is refused elsewhere."""
    if not isinstance(given, dict):
        return ()
    return [name for name, field in fields.items() if field.verdict == "required" and name not in given]


def _refuse_missing(parameters: Sequence[str], fields: Sequence[str]) -> None:
    names = [*parameters, *fields]
    insight: dict[str, JSON] = {
        key: {"description": "The integration requires them.", "value": [*missing]}
        for key, missing in ((_MISSING_PARAMETERS, parameters), (_MISSING_FIELDS, fields))
        if missing
    }
    if names:
        raise RemoteRefusal(400, f"required: {', '.join(names)}", names, code="required", insight=insight)


def _refuse_long(body: JSON, fields: Mapping[str, FieldSupport]) -> None:
    for name, value in body.items() if isinstance(body, dict) else ():
        limit = fields[name].max_items if name in fields else None
        if limit is not None and isinstance(value, list) and len(value) > limit:
            raise RemoteRefusal(422, f"{name} takes {limit} at most", [name], code="too_many")


def _mapped(given: Mapping[str, JSON], fields: Mapping[str, FieldSupport]) -> dict[str, JSON]:
    """Return what the integration has a place for."""
    kept: dict[str, JSON] = {}
    for name, value in given.items():
        field = fields.get(name)
        if field is not None and field.verdict == "not_listed":
            continue
        if field is None or field.values is None:
            kept[name] = value
        elif (known := _known(value, field.values)) is not None:
            kept[name] = known
    return kept


def _known(value: JSON, known: Sequence[str]) -> JSON:
    """Return what is left of a value if an integration takes certain ones; those of an object are its keys."""
    if isinstance(value, dict):
        return {key: inner for key, inner in value.items() if key in known}
    return value if value in known else None
