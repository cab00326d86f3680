"""What all tests share: no credentials from outside, and examples of Hypothesis that are the same on every run."""

from __future__ import annotations

import os
from importlib.util import find_spec

import pytest
from hypothesis import Phase, settings

from tests.overrides.transports import TRANSPORTS, chosen

# Explaining a failure can take longer than all the tests, and more memory than the machine has.
PHASES = [phase for phase in Phase if phase is not Phase.explain]
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True, phases=PHASES)
settings.register_profile("explore", deadline=None, max_examples=5_000, print_blob=True)
settings.load_profile("ci")

# Sessions of their own have what these need: they run once, not on each Python.
APART = [
    *([] if find_spec("griffe") and find_spec("mypy") else ["generator/api_diff", "generator/refresh"]),
    *([] if find_spec("mypy") else ["generator/any_document"]),
]
collect_ignore = APART


def pytest_report_header() -> str:
    return f"left to sessions that have griffe or mypy: {', '.join(APART)}" if APART else ""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--documents", type=int, default=100, help="how many random OpenAPI documents to try")
    parser.addoption("--distributions", metavar="FOLDER", help="check the built distributions in this folder")
    parser.addoption(
        "--transport", choices=TRANSPORTS, default=TRANSPORTS[0], help="how the clients of the runtime call"
    )


def pytest_configure(config: pytest.Config) -> None:
    chosen[:] = [str(config.getoption("transport"))]


@pytest.fixture(autouse=True)
def _no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("TRUTO_", "COPERNIQ_")):
            monkeypatch.delenv(name)
