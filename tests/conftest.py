"""What all tests share: no credentials from outside, and examples of Hypothesis that are the same on every run."""

from __future__ import annotations

import os

import pytest
from hypothesis import Phase, settings

# Explaining a failure can take longer than all the tests, and more memory than the machine has.
PHASES = [phase for phase in Phase if phase is not Phase.explain]
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True, phases=PHASES)
settings.register_profile("explore", deadline=None, max_examples=5_000, print_blob=True)
settings.load_profile("ci")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--distributions", metavar="FOLDER", help="check the built distributions in this folder")


@pytest.fixture(autouse=True)
def _no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("TRUTO_", "COPERNIQ_")):
            monkeypatch.delenv(name)
