"""The steps of a run, made in a copy of the project: each one goes on, or stops the run with a message for a person."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping, Sequence
from contextlib import chdir
from typing import Final

from attrs import frozen

from generator.api_diff.corpus import CorpusError
from generator.api_diff.surface import SurfaceError
from generator.api_diff.verdict import (
    VERSION_FILE,
    Verdict,
    change_lines,
    changelog_entries,
    dotted,
    judge,
    report,
    write_version,
)
from generator.drift.differences import Difference
from generator.drift.fix import Outcome, key_of, mend
from generator.drift.report import status, text_of
from generator.drift.sources import Sources
from generator.nodes import SpecError, printable

from .changelog import ChangelogError, with_entries
from .commands import run
from .repository import Copy, Repository

CHANGELOG: Final = "CHANGELOG.md"

_HOW_TO_DECIDE: Final = (
    "Where a page is right, change the spec; where it is wrong, list that in generator/drift/known.yaml; where other",
    "words mean the same, write them down with `nox -s drift -- --record PAGE`. Commit that and run this again.",
)
_HOW_TO_MEND_THE_REST: Final = "`nox -s drift -- --fix PAGE` makes the changes that need no decision."


class Stop(Exception):
    """A run goes no further; the message says what a person has to do."""

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.status = status


@frozen
class Task:
    """What a run is to do."""

    sources: Sources
    """What drift is looked for in; paths that hold in every folder, but for the specs."""
    checks: Sequence[Sequence[str]]
    """Commands that must succeed with the changes."""
    may_break: bool
    """Whether the changes may break programs of users."""


@frozen
class Result:
    """What a run came to."""

    patch: bytes
    """The changes; nothing where nothing drifted."""
    message: str


def refresh(repository: Repository, task: Task) -> Result:
    """Find out what follows from pages, for the specs and all that depends on them.

    Raises:
        Stop: A person has to do something first.
        RepositoryError: The repository cannot be copied.
    """
    with repository.copied() as copy:
        _write_changelog(copy, {})
        outcomes = _mend(copy, task.sources)
        _say("generate")
        if run((sys.executable, "-m", "generator"), copy.folder):
            raise Stop("the package cannot be generated from the specs")
        copy.stage()
        if not copy.names:
            return Result(b"", "nothing drifted: the tree is as it was")
        if not outcomes:
            print("nothing drifted, but generated/ is not what the specs give", flush=True)
        for check in task.checks:
            _say(shlex.join(check))
            _check(check, copy)
        _say("API diff")
        try:
            _record(repository, copy, outcomes, may_break=task.may_break)
        except (SurfaceError, CorpusError) as error:
            raise Stop(str(error)) from None
        return Result(copy.patch, _summary(copy, outcomes))


def _say(step: str) -> None:
    print(f"\n== {step}", flush=True)


def _mend(copy: Copy, sources: Sources) -> Sequence[Outcome]:
    """Mend the specs of the copy where that needs no person."""
    _say("drift")
    with chdir(copy.folder):
        try:
            is_understood = status(sources.reports()) < 2
            outcomes = mend(sources.drift) if is_understood else ()
            reports, drift = sources.reports(), sources.drift()
        except SpecError as error:
            raise Stop(str(error), status=2) from None
    print(text_of(reports, outcomes), flush=True)
    if not is_understood:
        raise Stop("a page was not understood: see above", status=2)
    if drift:
        raise Stop("\n".join(_open_questions(drift, outcomes)))
    return outcomes


def _open_questions(drift: Sequence[tuple[str, Difference]], outcomes: Sequence[Outcome]) -> Sequence[str]:
    reasons = {key_of(outcome.page, outcome.difference): outcome.reason for outcome in outcomes}
    lines = ["a person must decide about what the pages show:"]
    for page, difference in drift:
        lines.append(printable(f"  {difference.level:<8}  {page}, line {difference.line}: {difference}"))
        lines.append(printable(f"            {difference.spec}"))
        lines.append(printable(f"            left because {reasons[key_of(page, difference)]}"))
    lines += _HOW_TO_DECIDE
    return [*lines, _HOW_TO_MEND_THE_REST] if not all(reasons.values()) else lines


def _check(command: Sequence[str], copy: Copy) -> None:
    try:
        code = run(command, copy.folder)
    except OSError as error:
        raise Stop(f"`{shlex.join(command)}` cannot be run ({error.strerror})") from None
    if code:
        raise Stop(f"`{shlex.join(command)}` fails with what the pages show (status {code}): see above")


def _record(repository: Repository, copy: Copy, outcomes: Sequence[Outcome], *, may_break: bool) -> None:
    """Write down what the changes mean for users: the version that they demand, and the draft of the changelog."""
    verdict = judge(repository.root, copy.folder)
    print("\n".join(change_lines(verdict)), flush=True)
    if verdict.level == "breaking" and not may_break:
        lines = [line for line in change_lines(verdict) if line.startswith("breaking")]
        raise Stop("\n  ".join(["the package would break programs of users; `--allow-breaking` allows it:", *lines]))
    version = _raise_version(repository, copy)
    _write_changelog(copy, _entries(verdict, outcomes), version)
    copy.stage(CHANGELOG, str(VERSION_FILE))


def _write_changelog(copy: Copy, entries: Mapping[str, Sequence[str]], version: str = "") -> None:
    file = copy.folder / CHANGELOG
    try:
        text = with_entries(file.read_text(encoding="utf-8"), entries, version)
    except OSError as error:
        raise Stop(f"{CHANGELOG} cannot be read ({error.strerror})") from None
    except ChangelogError as error:
        raise Stop(str(error)) from None
    file.write_text(text, encoding="utf-8")


def _raise_version(repository: Repository, copy: Copy) -> str:
    """Raise the version if the last release demands it, and return the new one."""
    release = repository.latest_release()
    if not release:
        print("nothing is released yet: the version stays", flush=True)
        return ""
    with repository.copied(release) as released:
        verdict = judge(released.folder, copy.folder)
    if verdict.is_bumped_enough:
        print(f"the version {dotted(verdict.new)} says enough of what changed since {release}", flush=True)
        return ""
    print(f"since {release}: {report(verdict).splitlines()[-1]}", flush=True)
    write_version(copy.folder, verdict.demanded)
    return dotted(verdict.demanded)


def _entries(verdict: Verdict, outcomes: Sequence[Outcome]) -> Mapping[str, Sequence[str]]:
    """Return the draft of the changelog; what integrations support shows in no type, and users notice it."""
    entries = changelog_entries(verdict)
    for outcome in outcomes:
        cause = outcome.difference.cause
        if outcome.difference.level == "support" and cause:
            entries.setdefault("Changed", []).append(
                f"- Support by integrations: {cause.operation.name}, {outcome.difference}."
            )
    return entries


def _summary(copy: Copy, outcomes: Sequence[Outcome]) -> str:
    lines = ["All changes stand in the tree, not committed:", *(f"  {name}" for name in copy.names)]
    lines.append(f'Put what is new in {CHANGELOG} under "Unreleased" into words that users know.')
    new = [outcome for outcome in outcomes if outcome.difference.kind == "new field" and outcome.files]
    if new:
        lines.append("Put the descriptions of new fields into your words, and run `nox -s generate`:")
        lines += [f"  {outcome.files[0]}: {outcome.difference.path}" for outcome in new]
    return "\n".join(lines)
