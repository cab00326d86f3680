"""Small documents of any service, one construct each: the modules expected from them, their types, and their listings.

`nox -s any-document -- --rewrite-goldens` writes the modules anew; read the difference before committing it.
"""

from __future__ import annotations

import importlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import httpx
import pytest

from generator.project import project_of

Handler: TypeAlias = Callable[[httpx.Request], httpx.Response]

GOLDENS = sorted(Path(__file__).with_name("goldens").iterdir())
SHOWN = ("__init__.py", "py.typed")
"""Files that are the same for each document but for a few names: one golden shows them."""


def files_of(golden: Path) -> dict[str, str]:
    """Return the files of the package of a document, by path below the folder of the project."""
    project = project_of(golden / "document.yaml", f"golden_{golden.name}")
    assert project.skipped == []
    return {name: text for name, text in project.files.items() if "/" in name}


@pytest.mark.parametrize("golden", GOLDENS, ids=lambda golden: golden.name)
def test_a_document_gives_the_expected_modules(golden: Path, pytestconfig: pytest.Config) -> None:
    files = {
        name.partition("/")[2]: text
        for name, text in files_of(golden).items()
        if not name.endswith(SHOWN) or golden.name == "security"
    }
    expected = golden / "expected"
    if pytestconfig.getoption("--rewrite-goldens", default=False):
        shutil.rmtree(expected, ignore_errors=True)
        expected.mkdir()
        for name, text in files.items():
            (expected / name).write_text(text, encoding="utf-8", newline="\n")
    assert files == {path.name: path.read_bytes().decode() for path in expected.iterdir() if path.is_file()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the packages of all documents are; it can be imported from."""
    folder = tmp_path_factory.mktemp("goldens")
    for golden in GOLDENS:
        for name, text in files_of(golden).items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))


@pytest.mark.parametrize("golden", GOLDENS, ids=lambda golden: golden.name)
def test_the_modules_can_be_imported(golden: Path, folder: Path) -> None:
    package = f"golden_{golden.name}"
    for path in (folder / package).glob("[!_]*.py"):
        module = importlib.import_module(f"{package}.{path.stem}")
        assert path.stem == "models" or all(operation.name for operation in module.OPERATIONS)


def test_the_packages_satisfy_mypy(folder: Path) -> None:
    packages = sorted(path.name for path in folder.glob("golden_*"))
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", f"--cache-dir={folder / 'cache'}"]
    done = subprocess.run([*command, *packages], cwd=folder, capture_output=True, text=True, check=False)
    assert done.stdout + done.stderr == ""


def test_the_packages_satisfy_pyright(folder: Path) -> None:
    pytest.importorskip("pyright", reason="pyright is not installed in this session")
    settings = {"typeCheckingMode": "strict", "pythonVersion": "3.11", "include": ["golden_*"]}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


RECORDS = [{"id": str(number)} for number in range(45)]


def by_cursor(request: httpx.Request) -> httpx.Response:
    start = int(request.url.params.get("cursor", "0"))
    following = str(start + 20) if start + 20 < len(RECORDS) else None
    return httpx.Response(200, json={"items": RECORDS[start : start + 20], "next_cursor": following})


def by_declared_cursor(request: httpx.Request) -> httpx.Response:
    start = int(request.url.params.get("from_mark", "0"))
    mark = {"mark": str(start + 20)} if start + 20 < len(RECORDS) else {}
    return httpx.Response(200, json={"payload": {"rows": RECORDS[start : start + 20], **mark}})


def by_link(request: httpx.Request) -> httpx.Response:
    start = int(request.url.params.get("after", "0"))
    headers = {"link": f'</items?after={start + 20}>; rel="next"'} if start + 20 < len(RECORDS) else {}
    return httpx.Response(200, json=RECORDS[start : start + 20], headers=headers)


def by_address(request: httpx.Request) -> httpx.Response:
    start = int(request.url.params.get("after", "0"))
    following = f"https://api.example.com/items?after={start + 20}" if start + 20 < len(RECORDS) else None
    return httpx.Response(200, json={"results": RECORDS[start : start + 20], "next": following})


def by_number(request: httpx.Request) -> httpx.Response:
    start = (int(request.url.params.get("page", "1")) - 1) * 20
    return httpx.Response(200, json=RECORDS[start : start + 20])


def by_offset(request: httpx.Request) -> httpx.Response:
    # Less than it is asked for, as services do.
    start = int(request.url.params.get("offset", "0"))
    return httpx.Response(200, json={"data": RECORDS[start : start + 7]})


@pytest.mark.parametrize(
    ("golden", "handler"),
    [
        ("page_cursor", by_cursor),
        ("page_extension", by_declared_cursor),
        ("page_link", by_link),
        ("page_next_url", by_address),
        ("page_number", by_number),
        ("page_offset", by_offset),
    ],
)
def test_a_listing_yields_each_record_once(golden: str, handler: Handler, folder: Path) -> None:
    package: Any = importlib.import_module(f"golden_{golden}")
    name = next(name for name in package.__all__ if name.startswith("Golden"))
    with (
        httpx.Client(transport=httpx.MockTransport(handler)) as http_client,
        getattr(package, name)(http_client=http_client) as client,
    ):
        assert [record.id for record in client.items.list()] == [record["id"] for record in RECORDS]
