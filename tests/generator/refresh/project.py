"""A small project in a Git repository: two synthetic specs, the package that they give, the runtime, a changelog."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from attrs import frozen

from generator.__main__ import generate
from generator.drift.forms import Page
from generator.output import write
from generator.refresh.__main__ import main
from generator.render import PACKAGE
from tests.generator.drift.synthetic import CASES, DESK
from tests.generator.drift.writer import WRITERS

ROOT: Final = Path(__file__).parents[3]
CHANGELOG: Final = """\
# Changelog

## [Unreleased]

Becomes 0.1.0.

### Added

- The desk.

### Removed

- The bell.
"""

_LIST: Final = DESK.index("  /unified/desk/tickets:\n"), DESK.index("  /unified/desk/tickets/{id}:\n")
GENERATED_DESK: Final = DESK[: _LIST[0]] + DESK[_LIST[1] :]
"""The spec of the desk without the operation whose answer is a bare array, which the generator refuses."""

_SETTINGS: Final = ("user.name=tests", "user.email=tests@example.com", "commit.gpgsign=false", "tag.gpgsign=false")


def git(folder: Path, *arguments: str) -> str:
    settings = [part for setting in _SETTINGS for part in ("-c", setting)]
    command = ["git", "-C", str(folder), *settings, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def make_project(folder: Path) -> None:
    """Write the project and commit it."""
    (folder / "specs").mkdir(parents=True)
    (folder / "specs/desk_tickets.yaml").write_text(GENERATED_DESK, encoding="utf-8")
    (folder / "specs/office_cases.yaml").write_text(CASES, encoding="utf-8")
    (folder / "generated").mkdir()
    write(folder / "generated" / PACKAGE, generate(folder / "specs"))
    shutil.copytree(ROOT / "overrides", folder / "overrides", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "CHANGELOG.md").write_text(CHANGELOG, encoding="utf-8")
    (folder / ".gitignore").write_text("__pycache__/\n", encoding="utf-8")
    git(folder, "init", "--quiet")
    commit(folder)


def commit(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=A change")


@frozen
class Project:
    """The project, and the folder around it that saved pages are in."""

    folder: Path

    @property
    def around(self) -> Path:
        """The folder that it stands in."""
        return self.folder.parent

    def save(self, name: str, page: Page) -> str:
        """Save a page beside the project, in its layout, and return the path."""
        return self.write(name, WRITERS[page.layout.name](page))

    def write(self, name: str, text: str) -> str:
        """Write a file beside the project and return the path."""
        (self.around / name).write_text(text, encoding="utf-8")
        return str(self.around / name)

    def read(self, name: str) -> str:
        """Return the text of a file of the project."""
        return (self.folder / name).read_text(encoding="utf-8")

    def changed(self) -> set[str]:
        """Return the files that are not as they were committed."""
        return {line[3:] for line in git(self.folder, "status", "--porcelain", "--untracked-files=all").splitlines()}

    def state(self) -> Mapping[str, object]:
        """Return all that a run could change: files here and beside, commits, tags, branches, worktrees."""
        files = (file for file in self.folder.rglob("*") if file.is_file() and ".git" not in file.parts)
        return {
            "files": {str(file): file.read_bytes() for file in files if "__pycache__" not in file.parts},
            "beside": sorted(self.around.iterdir()),
            "references": git(self.folder, "for-each-ref"),
            "worktrees": git(self.folder, "worktree", "list"),
            "status": git(self.folder, "status", "--porcelain"),
        }

    def refresh(self, *arguments: str) -> int:
        """Run the command and return its status; the tests are in the folder of the project."""
        return main(arguments)
