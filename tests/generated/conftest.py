"""Each test that asks for `clients` runs twice: with the sync clients and with the async ones."""

from __future__ import annotations

import pytest

from tests.generated.wire import Clients


@pytest.fixture(params=[False, True], ids=["sync", "async"])
def clients(request: pytest.FixtureRequest) -> Clients:
    return Clients(is_async=request.param)
