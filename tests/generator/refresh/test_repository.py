"""Copies are taken away again, and changes are put in place as a whole."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from generator.refresh.repository import Repository, RepositoryError
from tests.generator.refresh.project import commit, git


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    git(folder, "init", "--quiet")
    (folder / "kept.txt").write_text("kept\n")
    (folder / "old.txt").write_text("old\n")
    commit(folder)
    return folder


def contents(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text() for file in folder.iterdir() if file.is_file()}


def test_a_copy_stands_beside_and_is_taken_away(root: Path) -> None:
    with Repository.open(root, ()).copied() as copy:
        assert copy.folder.parent == root.parent
        assert contents(copy.folder) == contents(root)
        (copy.folder / "old.txt").write_text("new\n")
    assert [file.name for file in root.parent.iterdir()] == ["project"]
    assert contents(root)["old.txt"] == "old\n"


def test_a_copy_is_taken_away_when_the_run_fails(root: Path) -> None:
    with pytest.raises(KeyboardInterrupt), Repository.open(root, ()).copied():
        raise KeyboardInterrupt
    assert [file.name for file in root.parent.iterdir()] == ["project"]


def test_a_copy_holds_the_commit_that_the_run_began_with(root: Path) -> None:
    repository = Repository.open(root, ())
    (root / "old.txt").write_text("newer\n")
    commit(root)
    with repository.copied() as copy:
        assert contents(copy.folder)["old.txt"] == "old\n"


def test_a_worktree_is_a_repository_as_well(root: Path) -> None:
    git(root, "worktree", "add", "--quiet", "../other", "-b", "other")
    other = root.parent / "other"
    (other / "old.txt").write_text("other\n")
    commit(other)
    repository = Repository.open(other, ())
    with repository.copied() as copy:
        assert contents(copy.folder)["old.txt"] == "other\n"
        (copy.folder / "old.txt").write_text("new\n")
        copy.stage()
        patch = copy.patch
    repository.apply(patch)
    assert (contents(other)["old.txt"], contents(root)["old.txt"]) == ("new\n", "old\n")


def test_changes_of_every_kind_are_put_in_place(root: Path) -> None:
    repository = Repository.open(root, ())
    with repository.copied() as copy:
        (copy.folder / "old.txt").unlink()
        (copy.folder / "new.txt").write_bytes(b"\r\n trailing \t\n\xff\x00")
        (copy.folder / "not counted.txt").write_text("later\n")
        copy.stage("old.txt", "new.txt")
        assert list(copy.names) == ["new.txt", "old.txt"]
        patch = copy.patch
    repository.apply(patch)
    assert {file.name for file in root.iterdir()} == {".git", "kept.txt", "new.txt"}
    assert (root / "new.txt").read_bytes() == b"\r\n trailing \t\n\xff\x00"


def test_changes_do_not_depend_on_settings_of_the_user(root: Path) -> None:
    for setting, value in {"diff.noprefix": "true", "color.ui": "always", "apply.whitespace": "error"}.items():
        git(root, "config", setting, value)
    repository = Repository.open(root, ())
    with repository.copied() as copy:
        git(copy.folder, "config", "diff.noprefix", "true")
        git(copy.folder, "config", "color.ui", "always")
        (copy.folder / "old.txt").write_text("new  \n")
        copy.stage()
        patch = copy.patch
    repository.apply(patch)
    assert contents(root)["old.txt"] == "new  \n"


def test_changes_that_cannot_be_written_completely_are_undone(root: Path) -> None:
    repository = Repository.open(root, ())
    with repository.copied() as copy:
        (copy.folder / "a new file.txt").write_text("small\n")
        (copy.folder / "kept.txt").write_text("changed\n")
        (copy.folder / "old.txt").write_text("much\n" * 1_000)
        copy.stage()
        patch = copy.patch
    before = contents(root)
    # What Git writes is cut off in the middle, as on a full disk.
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, hard))
    try:
        with pytest.raises(RepositoryError, match="git apply failed"):
            repository.apply(patch)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert contents(root) == before
    assert git(root, "status", "--porcelain") == ""


def test_the_last_release_is_the_highest_version(root: Path) -> None:
    assert Repository.open(root, ()).latest_release() == ""
    for tag in ("v0.9.0", "v0.10.0", "another"):
        git(root, "tag", tag)
    (root / "old.txt").write_text("newer\n")
    commit(root)
    assert Repository.open(root, ()).latest_release() == "v0.10.0"


def test_a_hook_does_not_lead_to_another_repository(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", str(root.parent / "nowhere"))
    assert Repository.open(root, ()).root == root


def test_a_repository_without_git_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(root))
    with pytest.raises(RepositoryError, match=r"git cannot be started \(No such file or directory\)"):
        Repository.open(root, ())
