"""The output depends on the specs alone: not on the hash seed, the working folder, or the user's settings of ruff."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from generator.__main__ import generate

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).with_name("goldens") / "whole_package"


def run(folder: Path, seed: str, scratch: Path) -> dict[str, bytes]:
    folder.mkdir()
    scratch.mkdir(parents=True)
    # A configuration of the user's that would change everything, were it read.
    (folder / "ruff.toml").write_text('line-length = 40\n[format]\nquote-style = "single"\n')
    subprocess.run(
        [sys.executable, "-m", "generator", "--specs", str(GOLDEN), "--output", str(folder)],
        cwd=folder,
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "TMPDIR": str(scratch)},
        check=True,
    )
    return {path.name: path.read_bytes() for path in (folder / "accounts_client").iterdir()}


def test_two_hash_seeds_and_any_folders_give_the_same_bytes(tmp_path: Path) -> None:
    first = run(tmp_path / "a", "1", tmp_path / "scratch")
    # ruff passes over a folder that git ignores, as virtual environments are, unless it is told otherwise.
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("*\n")
    second = run(tmp_path / "b", "2", tmp_path / "ignored")
    assert first == second
    assert first == {name: text.encode() for name, text in generate(GOLDEN).items()}
