"""The synthetic specs, read once."""

from __future__ import annotations

import pytest

from generator.drift.contracts import Contracts
from tests.generator.drift.synthetic import write_specs


@pytest.fixture(scope="session")
def contracts(tmp_path_factory: pytest.TempPathFactory) -> Contracts:
    return write_specs(tmp_path_factory.mktemp("specs"))
