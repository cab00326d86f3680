"""A virtual environment for everybody who is measured, under a cache folder: made at the first use, and kept."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

PROJECT: Final = Path(__file__).parents[1]
MODULES: Final = ("crm_accounts", "crm_users", "ticketing_accounts", "coperniq_accounts")

# `.` stands for this project, `@group` for one of its dependency groups.
REQUIREMENTS: Final = {
    "raw": ("httpx",),
    "ours": (".",),
    "ours-aiohttp": (".", ".[aiohttp]"),
    "ours-httpx2": (".", "httpx2"),
    "generate": ("@generate",),
    "types": (".", "mypy>=2.4"),
    "stock": ("httpx", "attrs"),
    "truto": ("truto-python-sdk==0.1.6",),
    "merge": ("MergePythonClient==4.2.1",),
    "apideck": ("apideck-unify==0.52.0",),
    "finch": ("finch-api==2.9.1",),
}
PEERS: Final = {
    "stock": "stock openapi-python-client 0.29.1",
    "truto": "truto-python-sdk 0.1.6",
    "merge": "MergePythonClient 4.2.1 (Fern)",
    "apideck": "apideck-unify 0.52.0 (Speakeasy)",
    "finch": "finch-api 2.9.1 (Stainless)",
}
"""The other clients, by the names of their environments and subjects."""

_WITH_STOCK_OUTPUT: Final = ("stock", "types")


class UnavailableError(Exception):
    """An environment cannot be made; the message says why."""


@dataclass(frozen=True)
class Environment:
    """A virtual environment that is ready."""

    name: str
    folder: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    def run(self, *arguments: str, folder: Path = PROJECT, **variables: str) -> str:
        """Run its interpreter and return what that prints.

        Raises:
            UnavailableError: It fails.
        """
        return _run([str(self.python), *arguments], folder, self.variables(**variables))

    def variables(self, **more: str) -> dict[str, str]:
        """Return the environment variables of its processes: no Python settings but these."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
        return {**kept, "PATH": f"{self.python.parent}{os.pathsep}{kept.get('PATH', '')}", **more}


@dataclass
class Environments:
    """The environments of one Python, below one folder."""

    cache: Path
    interpreter: str
    _ready: dict[str, Environment] = field(default_factory=dict[str, Environment])

    def get(self, name: str) -> Environment:
        """Return an environment, made or brought up to date if it must be.

        Raises:
            UnavailableError: It cannot be made, as its packages do not install on this Python.
        """
        if name not in self._ready:
            self._ready[name] = self._make(name)
        return self._ready[name]

    def _make(self, name: str) -> Environment:
        environment = Environment(name, self.cache / name)
        requirements = [entry for given in REQUIREMENTS[name] for entry in _expanded(given)]
        mark = environment.folder / "requirements.json"
        dependencies: list[str] = _project()["project"]["dependencies"] if "." in requirements else []
        wanted = json.dumps([self.interpreter, *requirements, *dependencies])
        if not mark.exists() or mark.read_text() != wanted:
            shutil.rmtree(environment.folder, ignore_errors=True)
            _run([self.interpreter, "-m", "venv", str(environment.folder)], PROJECT, environment.variables())
            lock = () if name in PEERS else ("--constraint", "requirements/dev.txt")
            _install(environment, *lock, *requirements)
            mark.write_text(wanted)
        if "." in requirements:
            # The tree may have changed since.
            _install(environment, "--force-reinstall", "--no-deps", ".")
        if name in _WITH_STOCK_OUTPUT:
            packages = next(environment.folder.glob("lib/python*/site-packages"))
            (packages / "stock_output.pth").write_text(f"{self._stock_output()}\n")
        return environment

    def _stock_output(self) -> Path:
        """Return the folder of what the stock generator prints from our specs, written anew."""
        output = self.cache / "stock-output"
        shutil.rmtree(output, ignore_errors=True)
        write_stock_output(self.get("generate"), self.bundled_specs(), output)
        return output

    def bundled_specs(self) -> Path:
        """Return the folder of the bundled specs, written anew."""
        folder = self.cache / "bundled-specs"
        folder.mkdir(parents=True, exist_ok=True)
        self.get("generate").run("-m", "benchmarks.bundle", str(folder))
        return folder


def write_stock_output(generate: Environment, specs: Path, output: Path) -> None:
    """Run the stock generator for each bundled spec, with its own templates and settings."""
    for module in MODULES:
        run_stock(generate, specs / f"{module}.json", output / f"stock_{module}")
        (output / f"stock_{module}" / "py.typed").touch()


def run_stock(generate: Environment, document: Path, output: Path) -> None:
    """Run the stock generator for a document, with its own templates and settings."""
    generate.run(
        *("-m", "openapi_python_client", "generate", "--meta", "none", "--overwrite"),
        *("--path", str(document), "--output-path", str(output)),
    )


def supported_pythons() -> list[str]:
    """Return the versions of Python that the project supports, newest first."""
    head = "Programming Language :: Python :: "
    versions = [entry.removeprefix(head) for entry in _project()["project"]["classifiers"] if entry.startswith(head)]
    return sorted(
        (entry for entry in versions if "." in entry), key=lambda entry: int(entry.split(".")[1]), reverse=True
    )


def _expanded(requirement: str) -> list[str]:
    """Return the requirements of a dependency group, or the requirement itself."""
    if not requirement.startswith("@"):
        return [requirement]
    found: list[str] = []
    for entry in _project()["dependency-groups"][requirement[1:]]:
        found += [entry] if isinstance(entry, str) else _expanded(f"@{entry['include-group']}")
    return found


def _install(environment: Environment, *arguments: str) -> None:
    environment.run("-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments)


def _run(command: list[str], folder: Path, variables: dict[str, str]) -> str:
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line for line in (done.stderr + done.stdout).splitlines() if line.strip()]
        raise UnavailableError(lines[-1] if lines else f"exit status {done.returncode}")
    return done.stdout


def _project() -> dict[str, Any]:
    return tomllib.loads((PROJECT / "pyproject.toml").read_text())
