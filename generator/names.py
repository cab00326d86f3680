"""Python names for what a spec names, and the names a module may not give twice."""

from __future__ import annotations

import keyword
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from openapi_python_client import strings

from .nodes import Location, SpecError

IMPORTS: Final[Mapping[str, tuple[str, ...]]] = {
    "__future__": ("annotations",),
    "collections.abc": ("Mapping", "Sequence"),
    "datetime": ("date", "datetime"),
    "typing": ("ClassVar", "Final", "Literal", "Required", "TypeAlias", "TypedDict", "Unpack"),
    "accounts_client_runtime": (
        "JSON",
        "AsyncPager",
        "AsyncResource",
        "CursorPage",
        "FreeJSON",
        "JSONInput",
        "Names",
        "Nothing",
        "NumberPage",
        "One",
        "Operation",
        "Page",
        "Pager",
        "QueryValue",
        "Request",
        "SyncResource",
        "Wrapped",
    ),
    "attrs": ("define", "field"),
}
"""What a generated module may import; of each module only what it uses is left in the end."""

EXPORTS: Final = (
    "JSON",
    "APIStatusError",
    "AccountsClientError",
    "Action",
    "AmbiguousWriteError",
    "AsyncPager",
    "AuthenticationError",
    "BadRequestError",
    "BudgetExhaustedError",
    "BudgetPolicy",
    "BudgetUse",
    "Checkpoint",
    "ConfigurationError",
    "ConflictError",
    "ConnectError",
    "CursorLoopError",
    "Debug",
    "DecodeError",
    "Deviation",
    "Failed",
    "Fault",
    "Headers",
    "InvalidRequestError",
    "JSONInput",
    "Limit",
    "LimitUse",
    "MethodNotAllowedError",
    "NotFoundError",
    "Outcome",
    "Page",
    "Pager",
    "PermissionDeniedError",
    "PreflightError",
    "QueryEncodingError",
    "QueryValue",
    "RateLimitError",
    "Rejected",
    "Request",
    "RequestTimeoutError",
    "Response",
    "RetryPolicy",
    "ServerError",
    "Succeeded",
    "UnprocessableError",
    "decode",
    "deviation_report",
    "to_json",
)
"""What the package hands on from the runtime."""

# Names that mean something inside the class of a model or of query options: types of the annotations, the functions of
# attrs, the first parameter. A field of the same name would take their place.
_TAKEN_IN_A_CLASS: Final = frozenset(
    {"bool", "date", "datetime", "define", "dict", "field", "float", "int", "list", "self", "str"}
)


def field_name(wire: str, location: Location, *, taken: Iterable[str] = ()) -> str:
    """Return the Python name of a field or an option that is called `wire` in the spec.

    Args:
        wire: Name in the spec.
        location: Where it stands, for the message.
        taken: Further names it may not have.

    Raises:
        SpecError: No name can be made of it.
    """
    name = unicodedata.normalize("NFKC", wire)
    if not name.isidentifier() or name != name.lower():
        name = strings.snake_case(name)
    name = name.lstrip("_")
    if name[:1].isdecimal():
        name = f"field_{name}"
    if not name.isidentifier():
        raise SpecError(location, f"no Python name can be made of {wire!r}")
    return f"{name}_" if keyword.iskeyword(name) or name in _TAKEN_IN_A_CLASS or name in taken else name


def class_name(*parts: str) -> str:
    """Return a name for a class made of the names that lead to it."""
    return "".join(strings.pascal_case(part) for part in parts)


def refuse_repeated(names: Sequence[str], location: Location) -> None:
    """Refuse names of which two are the same."""
    for name in names:
        if names.count(name) > 1:
            raise SpecError(location, f"two of its names would be {name} in Python")


class Namespace:
    """The names at the top of one module, each given once."""

    def __init__(self, reserved: Iterable[str]) -> None:
        self._owners: dict[str, Location | None] = dict.fromkeys(reserved)

    def __contains__(self, name: str) -> bool:
        return name in self._owners

    def give(self, name: str, location: Location) -> str:
        """Return the name, which from now on is taken.

        Raises:
            SpecError: It cannot be a name, or is taken.
        """
        if not name.isidentifier() or keyword.iskeyword(name):
            raise SpecError(location, f"would be called {name!r}, which is no Python name")
        if name in self._owners:
            owner = self._owners[name] or "the module itself"
            raise SpecError(location, f"would be called {name}, which is taken by {owner}")
        self._owners[name] = location
        return name
