"""What an import loads, and what waits until it is used: each of these takes longer than the library itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
CATEGORIES = ("coperniq_accounts", "crm_accounts", "crm_users", "ticketing_accounts")


def run(program: str) -> list[str]:
    """Return the words that a program prints in a fresh process."""
    path = os.pathsep.join(str(PROJECT / root) for root in ("generated", "overrides"))
    command = [sys.executable, "-W", "error", "-c", program]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def loaded_by(code: str) -> set[str]:
    """Return the modules that some code loads, beyond those that every program of this Python has."""
    program = "import sys; before = {*sys.modules}; " + code + "; print(*{*sys.modules} - before)"
    return set(run(program))


@pytest.mark.parametrize(
    "module",
    ["asyncio", "attr", "concurrent.futures", "email", "hashlib", "httpx", "json", "logging", "random", "urllib"],
)
def test_importing_the_clients_loads_nothing_that_only_calls_need(module: str) -> None:
    assert module not in loaded_by("from accounts_client import AsyncTruto, RateLimitError, Truto")


def test_importing_the_clients_compiles_no_pattern() -> None:
    note = "import msgspec, re; compiled = []; re.compile = lambda pattern, flags=0: compiled.append(pattern)"
    assert run(f"{note}; from accounts_client import AsyncTruto, RateLimitError, Truto; print(*compiled)") == []


def test_a_category_is_loaded_when_it_is_used() -> None:
    client = "from accounts_client import Truto; truto = Truto('token', integrated_account_id='1')"
    names = {f"accounts_client.{category}" for category in CATEGORIES}
    assert not names & loaded_by(client)
    assert names & loaded_by(f"{client}; truto.crm_users") == {"accounts_client.crm_users"}


@pytest.mark.parametrize("module", ["apis", "link_pages", "nested_pages"])
def test_what_only_other_services_need_is_loaded_when_it_is_used(module: str) -> None:
    names = loaded_by("from accounts_client import Truto; import accounts_client_runtime")
    assert f"accounts_client_runtime.{module}" not in names
    assert f"accounts_client_runtime.{module}" in loaded_by("from accounts_client_runtime import *")


def test_all_names_of_the_runtime_are_there() -> None:
    library = "import accounts_client_runtime as library"
    assert run(f"{library}; print(*[name for name in library.__all__ if not hasattr(library, name)])") == []
    assert run(f"{library}; print(*sorted({{*library.__all__}} - {{*dir(library)}}))") == []
    assert run(f"{library}; print(hasattr(library, 'LinkPages'))") == ["False"]


@pytest.mark.parametrize(
    "code",
    [
        "import accounts_client; print(accounts_client.crm_users.User.__name__)",
        "from accounts_client import crm_users; print(crm_users.User.__name__)",
        "from accounts_client import *; print(crm_users.User.__name__)",
        "import accounts_client.crm_users; print(accounts_client.crm_users.User.__name__)",
        "from accounts_client.crm_users import User; print(User.__name__)",
    ],
)
def test_a_category_can_be_had_in_every_way(code: str) -> None:
    assert run(code) == ["User"]


def test_all_names_can_be_looked_up_before_they_are_used() -> None:
    assert run("import accounts_client as library; print(*sorted({*library.__all__} - {*dir(library)}))") == []


def test_other_names_are_not_there() -> None:
    code = "import accounts_client; print(hasattr(accounts_client, 'Trutoo'), hasattr(accounts_client, 'os'))"
    assert run(code) == ["False", "False"]
