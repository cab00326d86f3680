"""Fixtures for pytest: new fakes for each test, and their async clients; a sync one is `fake_truto.client()` away."""

from importlib import import_module

import pytest


def _fixture(name: str, method: str, fake: str = "") -> object:
    def make(request: pytest.FixtureRequest) -> object:
        # By name and only now: hand-written code imports no generated code, and tests without fakes pay nothing.
        return getattr(request.getfixturevalue(fake) if fake else import_module("accounts_client.testing"), method)()

    return pytest.fixture(make, name=name)


fake_truto: object = _fixture("fake_truto", "FakeTruto")
fake_coperniq: object = _fixture("fake_coperniq", "FakeCoperniq")
async_truto_client: object = _fixture("async_truto_client", "async_client", "fake_truto")
async_coperniq_client: object = _fixture("async_coperniq_client", "async_client", "fake_coperniq")
