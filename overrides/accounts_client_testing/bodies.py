"""The documented bodies of operations, read from their types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import UnionType
from typing import Final, Literal, Required, Union, get_args, get_origin, get_type_hints, is_typeddict

from accounts_client_runtime import JSON, Names

_SCALARS: Final[Mapping[object, tuple[type[object], ...]]] = {
    str: (str,),
    bool: (bool,),
    int: (int,),
    float: (int, float),
    datetime: (str,),
    type(None): (type(None),),
}


class BodyType:
    """The body of one operation, by wire names."""

    def __init__(self, kind: object, names: Names) -> None:
        hints = get_type_hints(kind, localns={"JSONInput": object}, include_extras=True)
        self._fields = {
            names.renamed.get(name, name): (hint, names.nested.get(name, Names())) for name, hint in hints.items()
        }

    @property
    def keys(self) -> frozenset[str]:
        """The documented keys."""
        return frozenset(self._fields)

    def misfit(self, body: Mapping[str, JSON]) -> str:
        """Return the first key that is missing or whose value is not of the documented type; empty if all is well."""
        for key, (hint, names) in self._fields.items():
            if key not in body:
                if get_origin(hint) is Required:
                    return key
            elif not _fits(body[key], hint, names):
                return key
        return ""


def _fits(value: JSON, hint: object, names: Names) -> bool:
    """Whether a value is of an annotated type."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is object:
        return True
    if hint in _SCALARS:
        return isinstance(value, _SCALARS[hint]) and (hint is bool or not isinstance(value, bool))
    if origin is Required:
        return _fits(value, arguments[0], names)
    if origin is Literal:
        return value in arguments
    if origin in (Sequence, list, tuple):
        return isinstance(value, list) and all(_fits(item, arguments[0], names) for item in value)
    if origin is Mapping:
        return isinstance(value, dict) and all(_fits(item, arguments[1], names) for item in value.values())
    if is_typeddict(hint):
        return isinstance(value, dict) and not BodyType(hint, names).misfit(value)
    # Of a type that is not known here, nothing is demanded.
    return origin not in (Union, UnionType) or any(_fits(value, member, names) for member in arguments)
