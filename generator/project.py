"""A project of its own from any OpenAPI document: an installable package on the same runtime."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from attrs import frozen
from openapi_python_client import strings

from .build import modules_of
from .documents import Document, load_any
from .model import Client, Package
from .names import EXPORTS, RESERVED, Namespace
from .nodes import Location, SpecError
from .plan import Plan
from .render import render, render_project
from .security import service_of
from .text import Text

_PACKAGE: Final = re.compile(r"[a-z][a-z0-9_]*")
_TAKEN: Final = ("accounts_client", "accounts_client_runtime", "accounts_client_testing", "attrs", "httpx", "msgspec")


class UnsupportedError(Exception):
    """Operations of a document cannot be generated; the message says why, one reason a line."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("\n".join(reasons))


@frozen
class Project:
    """The files of a project, and what of the document is not in it."""

    files: Mapping[str, str]
    """By path below the folder of the project."""
    skipped: Sequence[str]
    """Operations that are left out, each with the reason."""


def project_of(file: Path, name: str, *, skip_unsupported: bool = False) -> Project:
    """Return the project that a document becomes; see `package_of`."""
    package, skipped = package_of(file, name, skip_unsupported=skip_unsupported)
    files = {f"{name}/{path}": text for path, text in render(package, name).items()}
    return Project({**files, **render_project(package, name)}, skipped)


def package_of(file: Path, name: str, *, skip_unsupported: bool = False) -> tuple[Package, Sequence[str]]:
    """Return the package that a document becomes, and the operations that are left out, each with the reason.

    Args:
        file: The document, YAML or JSON; what it refers to is below its folder.
        name: Name of the package.
        skip_unsupported: Leave out the operations that cannot be generated, instead of refusing the document.

    Raises:
        SpecError: The document cannot be read, or the package cannot have the name.
        UnsupportedError: Operations cannot be generated.
    """
    if not _PACKAGE.fullmatch(name) or keyword.iskeyword(name) or name in _TAKEN:
        raise SpecError(Location(name), "is no name for a package: a Python module in lower case that is not taken")
    document = load_any(file)
    client_name = _client_name(document, name)
    service = service_of(document, client_name)
    plan = Plan(document, service)
    reasons = _reasons(document, plan)
    if reasons and not skip_unsupported:
        raise UnsupportedError([*dict.fromkeys(reasons.values())])
    if not plan.sections:
        raise UnsupportedError([*dict.fromkeys(reasons.values()), f"{file}: holds no operation that can be generated"])
    modules = modules_of(plan, client_name)
    info = document.root["info"]
    about = info.text_at("summary") or info.text_at("description") or f"{info['title'].text.strip()}."
    categories = [module for module in modules if module.operations]
    client = Client(client_name, "APIClient", Text(about), categories, service)
    return Package(modules, [client], Text(file.name)), [f"{place}: {why}" for place, why in reasons.items()]


def _client_name(document: Document, package: str) -> str:
    """Return the name of the client: that of the package in the style of classes."""
    name = strings.pascal_case(package)
    namespace = Namespace((*RESERVED, *EXPORTS), is_strict=False)
    return namespace.give(name, document.root.location)


def _reasons(document: Document, plan: Plan) -> Mapping[str, str]:
    """Return why operations cannot be generated, by method and path."""
    found: dict[str, str] = {}
    for owner, errors in document.faults.items():
        if owner[:1] == ("paths",):
            _, path, *methods = owner
            place = " ".join((*map(str.upper, methods), path))
            found[place] = "; ".join(map(str, errors))
    names = {route.name: route for route in document.routes}
    for name, error in plan.faults.items():
        found[f"{names[name].method.upper()} {names[name].path}"] = str(error)
    return found
