"""Prints the package with the templates and formats it; its files depend on the specs alone."""

from __future__ import annotations

import ast
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from .model import Package
from .names import EXPORTS, FILE_EXPORTS, IMPORTS
from .text import comment, docstring, literal, markdown, name_literal, toml

PACKAGE: Final = "accounts_client"

# Whatever the user's own configuration says: no file of it is read. And wherever the scratch folder is: ruff passes
# over folders that git ignores, and over some by their names.
_RUFF: Final = (
    "--isolated",
    "--no-respect-gitignore",
    "--config=exclude = []",
    "--no-cache",
    "--quiet",
    "--target-version=py311",
    "--config=line-length = 120",
    "--config=format.skip-magic-trailing-comma = true",
    "--config=lint.select = ['F401', 'I001', 'RUF022']",
    "--config=lint.isort.known-first-party = ['accounts_client_runtime', 'accounts_client_testing']",
)


class FormatError(Exception):
    """The formatter failed; the message says what it said."""


def render(package: Package, name: str = PACKAGE) -> Mapping[str, str]:
    """Return the files of a package by name."""
    return {**formatted(printed(package, name)), "py.typed": ""}


def _version() -> str:
    """Return the version of the runtime beside this generator, which need not be installed."""
    text = Path(__file__).parents[1].joinpath("overrides", "accounts_client_runtime", "version.py").read_text()
    return text.partition('VERSION: Final = "')[2].partition('"')[0]


def render_project(package: Package, name: str) -> Mapping[str, str]:
    """Return the files around a package that make it installable, by name."""
    environment = _environment()
    values = {"name": name, "package": package, "client": package.clients[0], "version": _version()}
    return {
        file: environment.get_template(f"project/{file}.jinja").render(**values) + "\n"
        for file in ("pyproject.toml", "README.md")
    }


def printed(package: Package, package_name: str = PACKAGE) -> Mapping[str, str]:
    """Return the modules of a package by file name, as the templates print them."""
    environment = _environment()
    files: dict[str, str] = {}
    for module in package.modules:
        template = environment.get_template("module.py.jinja" if module.operations else "models.py.jinja")
        files[f"{module.name}.py"] = template.render(module=module, imports=IMPORTS)
    for name in (
        "__init__.py",
        "_clients.py",
        *(["__main__.py", "support.py"] if package.integrations else []),
        *(["testing.py"] if package.is_written_by_hand else []),
    ):
        template = environment.get_template(f"{name}.jinja")
        exports = EXPORTS if package.is_written_by_hand else (*EXPORTS, *FILE_EXPORTS)
        files[name] = template.render(name=package_name, package=package, exports=exports)
    for name, text in files.items():
        # A template that prints no Python is found here, where the file still has its name.
        ast.parse(text, name)
    return files


def formatted(files: Mapping[str, str]) -> Mapping[str, str]:
    """Return modules formatted, with their imports sorted and without those they do not use.

    Raises:
        FormatError: ruff failed, for instance because it is not installed.
    """
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            Path(folder, name).write_text(text, encoding="utf-8", newline="\n")
        for command in (("check", "--fix"), ("format",)):
            # -P: a file called ruff.py in the working folder is not the formatter.
            run = [sys.executable, "-P", "-m", "ruff", *command, *_RUFF, folder]
            done = subprocess.run(run, capture_output=True, check=False, text=True)
            if done.returncode:
                raise FormatError(f"ruff {command[0]} failed: {(done.stderr or done.stdout).strip()}")
        return {name: Path(folder, name).read_text(encoding="utf-8") for name in files}


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )
    environment.filters.update(
        comment=comment, docstring=docstring, literal=literal, markdown=markdown, name_literal=name_literal, toml=toml
    )
    return environment
