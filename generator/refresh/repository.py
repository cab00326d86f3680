"""A Git repository whose working tree gets all changes of a run at once, or none: they are made in a copy of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Collection, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

from .interrupts import undisturbed


class RepositoryError(Exception):
    """A run cannot begin, or its changes cannot be put in place; the message says why, and nothing was changed."""


@frozen
class Copy:
    """A copy of a commit, in a folder of its own."""

    folder: Path
    commit: str

    def stage(self, *names: str) -> None:
        """Count the changed files among the changes; by default all of them."""
        _git(self.folder, "add", "--all", *names)

    @property
    def names(self) -> Sequence[str]:
        """The files that are counted among the changes."""
        return _names(_git(self.folder, "diff-index", "--cached", "--name-only", "-z", self.commit))

    @property
    def patch(self) -> bytes:
        """The changes, for `Repository.apply`."""
        return _git(self.folder, "diff-index", "--cached", "--binary", "--full-index", "--patch", self.commit)


@frozen
class Repository:
    """A repository, and the commit that a run begins with."""

    root: Path
    commit: str
    bystanders: Collection[Path] = ()
    """Files that may be changed or new: the run reads them, and they are no part of the project."""

    @classmethod
    def open(cls, folder: Path, bystanders: Collection[Path]) -> Repository:
        """Return the repository that a folder is in.

        Raises:
            RepositoryError: It is in none, or there are changes that are not committed.
        """
        root = Path(os.fsdecode(_git(folder, "rev-parse", "--show-toplevel")).removesuffix("\n"))
        found = cls(root, _commit(root), bystanders)
        if changed := found._changed():
            names = "".join(f"\n  {name}" for name in changed)
            raise RepositoryError(f"there are changes that are not committed; commit them, or put them away:{names}")
        return found

    @contextmanager
    def copied(self, revision: str = "") -> Generator[Copy]:
        """Give a copy of a revision, by default of the commit, and take it away in the end.

        It stands beside the repository, so that what tests look for there is there as well.
        """
        folder = Path(tempfile.mkdtemp(prefix=f"{self.root.name}-refresh-", dir=self.root.parent))
        try:
            _git(folder, "clone", "--quiet", "--no-checkout", str(self.root), ".")
            _git(folder, "checkout", "--quiet", "--detach", revision or self.commit)
            yield Copy(folder, _commit(folder))
        finally:
            with undisturbed():
                shutil.rmtree(folder)

    def latest_release(self) -> str:
        """Return the tag of the last release, or nothing where none was made."""
        tags = _git(self.root, "tag", "--merged", self.commit, "--list", "v*", "--sort=-version:refname")
        return next(iter(tags.decode().splitlines()), "")

    def apply(self, patch: bytes) -> None:
        """Put the changes of a copy into the working tree.

        Raises:
            RepositoryError: The tree is not any more what the copy was made of, or cannot be written.
        """
        if self._changed() or _commit(self.root) != self.commit:
            raise RepositoryError("the tree changed while the run was under way; run it again")
        try:
            _git(self.root, "apply", "--whitespace=nowarn", given=patch)
        except RepositoryError:
            self._restore()
            raise

    def _restore(self) -> None:
        """Undo what was written, say until the disk was full; nothing but that can be changed."""
        changed = self._changed()
        tracked = set(_names(_git(self.root, "ls-files", "-z")))
        for name in changed:
            if name in tracked:
                _git(self.root, "checkout-index", "--force", "--", name)
            else:
                (self.root / name).unlink()

    def _changed(self) -> Sequence[str]:
        """Return the files that are changed or new, but for the bystanders."""
        options = ("--porcelain", "--untracked-files=all", "--no-renames", "-z")
        names = [entry[3:] for entry in _names(_git(self.root, "--no-optional-locks", "status", *options))]
        bystanders = {file.resolve() for file in self.bystanders}
        return [name for name in names if (self.root / name).resolve() not in bystanders]


def _names(output: bytes) -> Sequence[str]:
    return [os.fsdecode(name) for name in output.split(b"\0") if name]


def _commit(folder: Path) -> str:
    return _git(folder, "rev-parse", "--verify", "HEAD").decode().strip()


def _git(folder: Path, *arguments: str, given: bytes = b"") -> bytes:
    # Within a hook, variables of Git lead to the repository of the hook.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ("git", "-C", str(folder), *arguments)
    try:
        done = subprocess.run(command, input=given, env=environment, capture_output=True, check=False)
    except OSError as error:
        raise RepositoryError(f"git cannot be started ({error.strerror})") from None
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        raise RepositoryError(f"git {arguments[0]} failed: {lines[-1] if lines else f'status {done.returncode}'}")
    return done.stdout
