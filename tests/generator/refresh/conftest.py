"""The small project, made once and copied for each test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.generator.refresh.project import ROOT, Project, make_project


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template") / "project"
    make_project(folder)
    return folder


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def project(template: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    folder = tmp_path / "around" / "project"
    shutil.copytree(template, folder)
    monkeypatch.chdir(folder)
    # The small project has no generator of its own.
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    # All runs type-check much the same.
    monkeypatch.setenv("MYPY_CACHE_DIR", str(cache))
    return Project(folder)
