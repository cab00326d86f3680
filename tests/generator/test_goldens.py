"""Small specs, one feature each, and the modules expected from them, byte for byte.

`python -m pytest tests/generator --rewrite-goldens` writes the modules anew; read the difference before committing it.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from generator.__main__ import generate

GOLDENS = sorted(Path(__file__).with_name("goldens").iterdir())
WHOLE = "whole_package"


@pytest.mark.parametrize("golden", GOLDENS, ids=lambda golden: golden.name)
def test_a_spec_gives_the_expected_modules(golden: Path, pytestconfig: pytest.Config) -> None:
    files = {
        name: text
        for name, text in generate(golden).items()
        if golden.name == WHOLE or (golden / name).with_suffix(".yaml").exists()
    }
    expected = golden / "expected"
    if pytestconfig.getoption("--rewrite-goldens", default=False):
        expected.mkdir(exist_ok=True)
        for stale in expected.glob("*.py"):
            stale.unlink()
        for name, text in files.items():
            (expected / name).write_text(text, encoding="utf-8", newline="\n")
    assert files == {path.name: path.read_bytes().decode() for path in expected.iterdir() if path.is_file()}


@pytest.mark.parametrize(
    "module", sorted(Path(__file__).parent.glob("goldens/*/expected/spec.py")), ids=lambda module: module.parts[-3]
)
def test_an_expected_module_can_be_imported(module: Path) -> None:
    spec = importlib.util.spec_from_file_location("expected", module)
    assert spec is not None
    assert spec.loader is not None
    expected = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(expected)
    assert all(operation.name.startswith("spec.") for operation in expected.OPERATIONS)
