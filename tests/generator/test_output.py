"""The package folder: replaced whole or left alone, and compared both ways."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generator.__main__ import main

PACKAGE = Path("generated/accounts_client")


@pytest.fixture
def written(spec: dict[str, Any], run: Callable[..., str]) -> dict[str, Any]:
    """Specs whose package is written."""
    specs: dict[str, Any] = {"things.yaml": spec}
    run(specs)
    return specs


def contents() -> dict[str, bytes]:
    return {path.relative_to(PACKAGE).as_posix(): path.read_bytes() for path in PACKAGE.rglob("*") if path.is_file()}


@pytest.mark.usefixtures("written")
def test_a_run_writes_the_modules_the_clients_and_the_mark_of_types() -> None:
    assert sorted(contents()) == ["__init__.py", "_clients.py", "py.typed", "testing.py", "things.py"]


def test_a_second_run_changes_nothing(written: dict[str, Any], run: Callable[..., str]) -> None:
    before = contents()
    run(written)
    assert contents() == before
    assert run(written, "--check") == ""


def test_files_that_are_not_generated_any_more_vanish(written: dict[str, Any], run: Callable[..., str]) -> None:
    before = contents()
    (PACKAGE / "stale.py").write_text("")
    (PACKAGE / "more").mkdir()
    (PACKAGE / "more" / "stale.json").write_text("")
    run(written)
    assert contents() == before
    assert not (PACKAGE / "more").exists()


def test_nothing_is_left_beside_the_package(written: dict[str, Any], run: Callable[..., str]) -> None:
    run(written)
    assert [path.name for path in PACKAGE.parent.iterdir()] == ["accounts_client"]


def change_a_byte() -> None:
    path = PACKAGE / "things.py"
    path.write_bytes(path.read_bytes().replace(b"thing", b"think", 1))


def change_line_ends() -> None:
    path = PACKAGE / "things.py"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


@pytest.mark.parametrize(
    ("spoil", "line"),
    [
        (change_a_byte, "things.py: differs from what the specs give"),
        (change_line_ends, "things.py: differs from what the specs give"),
        (lambda: (PACKAGE / "things.py").unlink(), "things.py: is missing"),
        (lambda: (PACKAGE / "py.typed").unlink(), "py.typed: is missing"),
        (lambda: (PACKAGE / "old.py").write_text(""), "old.py: is not generated any more"),
        (lambda: (PACKAGE / ".hidden").write_text(""), ".hidden: is not generated any more"),
    ],
    ids=["changed", "line ends", "removed module", "removed mark", "stale module", "hidden file"],
)
def test_the_check_finds_every_difference_and_writes_nothing(
    written: dict[str, Any], run: Callable[..., str], spoil: Callable[[], object], line: str
) -> None:
    spoil()
    before = contents()
    said = run(written, "--check", status=1)
    assert said == f"generated/accounts_client/{line}\n`python -m generator` writes it anew.\n"
    assert contents() == before


def test_the_check_does_not_mind_what_python_leaves_behind(written: dict[str, Any], run: Callable[..., str]) -> None:
    (PACKAGE / "__pycache__").mkdir()
    (PACKAGE / "__pycache__" / "things.cpython-311.pyc").write_bytes(b"")
    assert run(written, "--check") == ""


def test_the_check_of_a_missing_package_names_every_file(spec: dict[str, Any], run: Callable[..., str]) -> None:
    assert run({"things.yaml": spec}, "--check", status=1).count("is missing") == 5
    assert not PACKAGE.exists()


def test_a_folder_that_the_generator_did_not_write_is_left_alone(spec: dict[str, Any], run: Callable[..., str]) -> None:
    PACKAGE.mkdir(parents=True)
    (PACKAGE / "__init__.py").write_text("# by hand")
    said = run({"things.yaml": spec}, status=1)
    assert said == "generated/accounts_client: was not written by the generator and is left alone\n"
    assert contents() == {"__init__.py": b"# by hand"}


def test_an_output_folder_that_is_a_file_is_an_error(spec: dict[str, Any], run: Callable[..., str]) -> None:
    Path("generated").write_text("")
    assert "cannot be written" in run({"things.yaml": spec}, status=1)


def test_the_folders_can_be_chosen(spec: dict[str, Any], run: Callable[..., str]) -> None:
    run({"things.yaml": spec})
    Path("specs").rename("elsewhere")
    assert main(["--specs", "elsewhere", "--output", "out/here"]) == 0
    names = sorted(path.name for path in Path("out/here/accounts_client").iterdir())
    assert names == sorted(path.name for path in PACKAGE.iterdir())
    assert Path("out/here/accounts_client/things.py").read_bytes() == (PACKAGE / "things.py").read_bytes()


def test_the_validator_knows_rules_that_the_generator_does_not_need(
    spec: dict[str, Any], run: Callable[..., str]
) -> None:
    pytest.importorskip("openapi_spec_validator")
    assert run({"things.yaml": spec}, "--validate") == ""
    spec["info"] = {"title": "Things", "version": "1", "termsOfService": 5}
    assert run({"things.yaml": spec}, "--validate", status=1) == (
        "specs/things.yaml: #/info/termsOfService: 5 is not of type 'string'\n"
    )
    assert not PACKAGE.exists()
