"""Every Python snippet of the README and the guides runs as it stands, against the fakes on loopback."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from accounts_client.testing import FakeCoperniq, FakeTruto

ROOT = Path(__file__).parents[2]
SNIPPETS = {
    f"{page.name}-{number}": snippet
    for page in (ROOT / "README.md", *sorted((ROOT / "docs" / "guides").glob("*.md")))
    if page.name != "new-category.md"  # is about packages that have to be generated: tests/generator/any_document
    for number, snippet in enumerate(re.findall(r"(?ms)^```python\n(.*?)^```", page.read_text(encoding="utf-8")))
}
TENANTS = ("62f44730-dd91-461e-bd6a-aedd9e0ad79d", "another-tenant")


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    """Serve both fakes, with a few records in each category, and say how clients find them."""
    truto, coperniq = FakeTruto(integrated_account_id=TENANTS[0]), FakeCoperniq()
    truto.add_account(TENANTS[1])
    for tenant in TENANTS:
        for resource in truto.resources:
            truto.account(tenant).add_samples(resource, 5)
    with truto.serve() as truto_url, coperniq.serve() as coperniq_url:
        addresses = {"TRUTO_BASE_URL": truto_url, "COPERNIQ_BASE_URL": coperniq_url}
        yield {**truto.environment, **coperniq.environment, **addresses}


def test_the_readme_has_snippets() -> None:
    assert sum(name.startswith("README") for name in SNIPPETS) >= 10


def test_the_guide_to_testing_begins_with_a_module_of_thirty_lines() -> None:
    module = SNIPPETS["testing.md-0"]
    assert len(module.splitlines()) <= 30
    assert module.count("\ndef test_") >= 2


@pytest.mark.parametrize("name", SNIPPETS)
def test_the_snippet_runs(name: str, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    if 'http_client="aiohttp"' in SNIPPETS[name]:
        pytest.importorskip("aiohttp")
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    namespace: dict[str, object] = {"__name__": "snippet"}
    exec(compile(SNIPPETS[name], name, "exec"), namespace)
    for member, test in namespace.items():
        if member.startswith("test_") and callable(test):
            test()
