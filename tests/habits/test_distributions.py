"""What is handed to users: the wheel holds the three packages, and the source distribution can build it again."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from accounts_client_runtime import VERSION

ROOT = Path(__file__).parents[2]
PACKAGES = {"accounts_client", "accounts_client_runtime", "accounts_client_testing"}
METADATA = f"accounts_client-{VERSION}.dist-info"


def build(kind: str, project: Path, folder: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "--target", kind, "--directory", str(folder)]
    subprocess.run(command, cwd=project, check=True, capture_output=True)


@pytest.fixture(scope="module")
def distributions(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that holds the wheel and the source distribution."""
    if given := pytestconfig.getoption("--distributions"):
        return Path(given)
    folder = tmp_path_factory.mktemp("distributions")
    build("sdist", ROOT, folder)
    build("wheel", ROOT, folder)
    return folder


@pytest.fixture
def wheel(distributions: Path) -> list[str]:
    (path,) = distributions.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        return sorted(archive.namelist())


def test_the_wheel_holds_the_shipped_packages_alone(wheel: list[str]) -> None:
    assert {name.partition("/")[0] for name in wheel} == {*PACKAGES, METADATA}


def test_every_shipped_package_says_that_it_is_typed(wheel: list[str]) -> None:
    assert {f"{package}/py.typed" for package in PACKAGES} <= set(wheel)


def test_the_wheel_holds_each_source_file_and_nothing_else(wheel: list[str]) -> None:
    files = [
        path.relative_to(root).as_posix()
        for root in (ROOT / "generated", ROOT / "overrides")
        for path in root.rglob("*")
        if path.suffix in (".py", ".css", ".html", ".js") or path.name == "py.typed"
    ]
    assert [name for name in wheel if not name.startswith(METADATA)] == sorted(files)


def test_the_wheel_carries_the_license(wheel: list[str]) -> None:
    assert f"{METADATA}/licenses/LICENSE" in wheel


def test_the_source_distribution_builds_the_same_wheel(distributions: Path, wheel: list[str], tmp_path: Path) -> None:
    (path,) = distributions.glob("*.tar.gz")
    # Not `extractall`: its `filter` is missing from the first releases of 3.11, and later ones warn without it.
    with tarfile.open(path) as archive:
        for member in archive:
            content = archive.extractfile(member)
            if content is not None:
                (tmp_path / member.name).parent.mkdir(parents=True, exist_ok=True)
                (tmp_path / member.name).write_bytes(content.read())
    build("wheel", tmp_path / path.name.removesuffix(".tar.gz"), tmp_path)
    (rebuilt,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(rebuilt) as archive:
        assert sorted(archive.namelist()) == wheel
