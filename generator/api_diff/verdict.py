"""The verdict on two versions: what the annotations say, set right by the programs, and the version that it demands."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Literal, TypeAlias

from attrs import evolve, frozen

from .changes import Change, Level, compare
from .corpus import CorpusError, Program, failing, write_corpus
from .surface import PACKAGE, RUNTIME, SurfaceError, read_surface

Bump: TypeAlias = Literal["major", "minor", "patch"]

ROOTS: Final = ("generated", "overrides")
VERSION_FILE: Final = Path(ROOTS[1], RUNTIME, "version.py")
_VERSION: Final = re.compile(r'^VERSION: Final = "(\d+)\.(\d+)\.(\d+)"$', re.MULTILINE)

_HEADINGS: Final[Mapping[Level, str]] = {"breaking": "Changed", "additive": "Added"}

Version: TypeAlias = tuple[int, int, int]


@frozen
class Verdict:
    """What a new version of the package means for users of the old one."""

    changes: tuple[Change, ...]
    """What changed, each with the level that the programs prove."""
    disagreements: tuple[str, ...]
    """Where the programs said something else than the annotations."""
    left_out: int
    """How many programs do not pass under the old version, and so prove nothing."""
    old: Version
    new: Version

    @property
    def level(self) -> Level | None:
        """The level of the gravest change; `None` where users notice nothing."""
        levels = {change.level for change in self.changes}
        return "breaking" if "breaking" in levels else "additive" if levels else None

    @property
    def bump(self) -> Bump:
        """The part of the version that must rise; before 1.0.0 each stands one place further right."""
        if self.level is None:
            return "patch"
        if self.level == "breaking":
            return "major" if self.old[0] else "minor"
        return "minor" if self.old[0] else "patch"

    @property
    def demanded(self) -> Version:
        """The lowest version that the new one may have."""
        major, minor, patch = self.old
        return {"major": (major + 1, 0, 0), "minor": (major, minor + 1, 0), "patch": (major, minor, patch + 1)}[
            self.bump
        ]

    @property
    def is_bumped_enough(self) -> bool:
        """Whether the new version says what it changes."""
        return self.new >= self.demanded or (self.level is None and self.new == self.old)


def judge(old: Path, new: Path) -> Verdict:
    """Return the verdict on two versions of the project, each given by its folder.

    Raises:
        SurfaceError: A version cannot be read.
        CorpusError: The programs cannot be checked.
    """
    versions = _version(old), _version(new)
    old_roots, new_roots = [old / root for root in ROOTS], [new / root for root in ROOTS]
    before, after = read_surface(*old_roots), read_surface(*new_roots)
    corpus = write_corpus(before)
    # Most of what mypy reads is the same under both versions.
    with tempfile.TemporaryDirectory() as cache:
        (sick,) = failing(corpus, old_roots, cache=cache)
        (now_sick,) = failing(corpus, new_roots, cache=cache)
    if len(sick) == len(corpus.programs):
        raise CorpusError(f"{old}: no program passes, not even under its own version: {next(iter(sick.values()))}")
    broken = {program: text for program, text in now_sick.items() if program not in sick}
    changes, disagreements = settle(compare(before, after), broken)
    return Verdict(changes, disagreements, len(sick), *versions)


def settle(changes: Sequence[Change], broken: Mapping[Program, str]) -> tuple[tuple[Change, ...], tuple[str, ...]]:
    """Return the changes with the levels that the programs prove, and where the two disagreed."""
    settled: list[Change] = []
    disagreements: list[str] = []
    for change in changes:
        is_proven = any(program.uses & _places(change) for program in broken)
        if change.level == "breaking" and not is_proven:
            disagreements.append(f"{change}: looks breaking, and no program notices")
            settled.append(evolve(change, level="additive"))
        else:
            settled.append(change)
    covered = {place for change in settled if change.level == "breaking" for place in _places(change)}
    for program, message in broken.items():
        if not program.uses & covered:
            path = max(program.uses, key=len)
            disagreements.append(f"{path}: looks harmless, and a program does not pass any more: {message}")
            settled.append(Change("breaking", path, f"a use of it does not type-check any more: {message}"))
    return tuple(sorted(settled, key=lambda change: change.path)), tuple(disagreements)


def report(verdict: Verdict) -> str:
    """Return what a person needs to know."""
    lines = [*change_lines(verdict), *(f"disagreed {line}" for line in verdict.disagreements)]
    if verdict.left_out:
        lines.append(f"{verdict.left_out} programs do not pass under the old version and prove nothing")
    old, new, demanded = map(dotted, (verdict.old, verdict.new, verdict.demanded))
    state = "which is enough" if verdict.is_bumped_enough else f"at least {demanded} is demanded ({verdict.bump})"
    lines.append(f"version {old} -> {new}: {state}")
    return "\n".join(lines)


def change_lines(verdict: Verdict) -> list[str]:
    """Return one line for each change."""
    return [f"{change.level:<9} {change}" for change in verdict.changes] or ["Users notice nothing."]


def changelog(verdict: Verdict) -> str:
    """Return a draft of the changelog entry, to be put into words that users know."""
    lines: list[str] = []
    for heading, entries in changelog_entries(verdict).items():
        lines += [f"### {heading}", "", *entries, ""]
    return "\n".join(lines)


def changelog_entries(verdict: Verdict) -> dict[str, list[str]]:
    """Return the entries of the draft by their headings; one tells of all things that changed in the same way."""
    drafted: dict[str, list[str]] = {}
    for level, heading in _HEADINGS.items():
        paths: dict[str, list[str]] = {}
        for change in verdict.changes:
            if change.level == level:
                paths.setdefault(change.text, []).append(f"`{change.path}`")
        if paths:
            drafted[heading] = [f"- {', '.join(names)}: {text}." for text, names in paths.items()]
    return drafted


def write_version(folder: Path, version: Version) -> None:
    """Write the version of the project in a folder down where it stands.

    Raises:
        SurfaceError: The file of the version cannot be read.
    """
    old = _version(folder)
    file = folder / VERSION_FILE
    file.write_text(file.read_text().replace(f'"{dotted(old)}"', f'"{dotted(version)}"'))


def _places(change: Change) -> frozenset[str]:
    """Return what a program must use to notice a change: the thing itself or, for a new demand, its owner."""
    owner = re.sub(r"(\.\w+|\(\w+\)| ->)$", "", change.path)
    return frozenset({change.path, owner} if owner and "must be given" in change.text else {change.path})


def _version(folder: Path) -> Version:
    try:
        found = _VERSION.search((folder / VERSION_FILE).read_text())
    except OSError as error:
        raise SurfaceError(f"{folder / VERSION_FILE}: cannot be read ({error.strerror})") from None
    if found is None:
        raise SurfaceError(f"{folder / VERSION_FILE}: names no version of {PACKAGE}")
    return int(found[1]), int(found[2]), int(found[3])


def dotted(version: Version) -> str:
    """Return a version as it is written."""
    return ".".join(map(str, version))
