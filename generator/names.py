"""Python names for what a spec names, and the names a module may not give twice."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from openapi_python_client import strings

from .nodes import Location, SpecError
from .vocabulary import PATH_PARAMETER

IMPORTS: Final[Mapping[str, tuple[str, ...]]] = {
    "__future__": ("annotations",),
    "collections.abc": ("Mapping", "Sequence"),
    "datetime": ("date", "datetime"),
    "decimal": ("Decimal",),
    "typing": (
        "Annotated",
        "ClassVar",
        "Final",
        "Literal",
        "Required",
        "TypeAlias",
        "TypedDict",
        "Unpack",
    ),
    "uuid": ("UUID",),
    "accounts_client_runtime": (
        "JSON",
        "AsyncPager",
        "AsyncResource",
        "Binary",
        "BinaryContent",
        "ByStatus",
        "CursorPage",
        "Discriminator",
        "FileInput",
        "FormContent",
        "FreeJSON",
        "JSONContent",
        "JSONInput",
        "LinkPage",
        "MultipartContent",
        "Names",
        "NestedCursorPage",
        "Nothing",
        "NumberPage",
        "OffsetPage",
        "One",
        "Operation",
        "Page",
        "Pager",
        "Parameter",
        "PlainText",
        "QueryValue",
        "Request",
        "SyncResource",
        "TextContent",
        "Typed",
        "URLPage",
        "Wrapped",
    ),
    "attrs": ("define", "field"),
}
"""What a generated module may import; of each module only what it uses is left in the end."""

RESERVED: Final = (
    *(name for names in IMPORTS.values() for name in names),
    *("DOCS", "OPERATIONS", "builtins"),
    *("bool", "bytes", "dict", "float", "int", "list", "str", "tuple"),
)
"""Names of every module: what it imports, its constants, and the builtins that its annotations need."""

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

FILE_EXPORTS: Final = ("File", "FileInput")
"""What a package of any document hands on besides."""

# Names that mean something inside the class of a model or of query options: types of the annotations, the functions of
# attrs, the first parameter. A field of the same name would take their place.
_TAKEN_IN_A_CLASS: Final = frozenset(
    {"bool", "date", "datetime", "define", "dict", "field", "float", "int", "list", "self", "str"}
)


def unused(name: str, taken: Iterable[str]) -> str:
    """Return the name, with a number behind it if it is taken."""
    names = {*taken}
    number = 1
    fresh = name
    while fresh in names:
        number += 1
        fresh = f"{name}_{number}" if name.islower() else f"{name}{number}"
    return fresh


def operation_name(operation_id: str | None, method: str, path: str) -> str:
    """Return the name of the function that builds an operation's request: of its id, else of its method and path."""
    for given in (
        operation_id or "",
        f"{method} {PATH_PARAMETER.sub(_by, path)}".replace("/", " "),
        f"{method}_operation",
    ):
        name = strings.snake_case(unicodedata.normalize("NFKC", given)).strip("_")
        if name.isidentifier():
            break
    return f"{name}_" if keyword.iskeyword(name) else name


def _by(match: re.Match[str]) -> str:
    return f" by {match[1]} "


def field_name(wire: str, location: Location, *, taken: Iterable[str] = (), default: str = "") -> str:
    """Return the Python name of a field or an option that is called `wire` in the spec.

    Args:
        wire: Name in the spec.
        location: Where it stands, for the message.
        taken: Further names it may not have.
        default: What it is called where no name can be made of it.

    Raises:
        SpecError: No name can be made of it, and there is no default.
    """
    name = unicodedata.normalize("NFKC", wire)
    if not name.isidentifier() or name != name.lower():
        name = strings.snake_case(re.sub(r"[^\w. -]+", " ", name))
    name = name.lstrip("_")
    if name[:1].isdecimal():
        name = f"field_{name}"
    if not name.isidentifier():
        name = default
    if not name:
        raise SpecError(location, f"no Python name can be made of {wire!r}")
    return f"{name}_" if keyword.iskeyword(name) or name in _TAKEN_IN_A_CLASS or name in taken else name


def class_name(*parts: str) -> str:
    """Return a name for a class made of the names that lead to it."""
    name = unicodedata.normalize("NFKC", "".join(strings.pascal_case(part) for part in parts))
    return name if name.isidentifier() and not keyword.iskeyword(name) else f"Model{name}"


def refuse_repeated(names: Sequence[str], location: Location) -> None:
    """Refuse names of which two are the same."""
    for name in names:
        if names.count(name) > 1:
            raise SpecError(location, f"two of its names would be {name} in Python")


def distinct(names: Iterable[str]) -> list[str]:
    """Return the names, those that stood before with a number behind them."""
    found: list[str] = []
    for name in names:
        found.append(unused(name, found))
    return found


class Namespace:
    """The names at the top of one module, each given once."""

    def __init__(self, reserved: Iterable[str], *, is_strict: bool = True) -> None:
        """Take the names that nothing may have; unless it is strict, what wants a taken one gets another."""
        self._owners: dict[str, Location | None] = dict.fromkeys(reserved)
        self._is_strict = is_strict

    def __contains__(self, name: str) -> bool:
        return name in self._owners

    def give(self, name: str, location: Location) -> str:
        """Return the name, which from now on is taken.

        Raises:
            SpecError: It cannot be a name, or is taken.
        """
        if not self._is_strict:
            name = unused(f"{name}_" if keyword.iskeyword(name) else name, self._owners)
        if not name.isidentifier() or keyword.iskeyword(name):
            raise SpecError(location, f"would be called {name!r}, which is no Python name")
        if name in self._owners:
            owner = self._owners[name] or "the module itself"
            raise SpecError(location, f"would be called {name}, which is taken by {owner}")
        self._owners[name] = location
        return name
