"""The verdict: levels set right by the programs, the version demanded, the report, and the command."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from attrs import evolve

from generator.api_diff.__main__ import main
from generator.api_diff.changes import Change
from generator.api_diff.corpus import Program
from generator.api_diff.verdict import Bump, Verdict, Version, changelog, report, settle

ROOT = Path(__file__).parents[3]

GONE = Change("breaking", "crm_users.User.name", "the field is gone")
NEW = Change("additive", "crm_users.User.nickname", "the field is new")
READS_NAME = Program("", frozenset({"crm_users.User", "crm_users.User.name"}))
READS_EMAIL = Program("", frozenset({"crm_users.User", "crm_users.User.email"}))


def verdict(old: Version, new: Version, *changes: Change) -> Verdict:
    return Verdict(changes, (), 0, old, new)


@pytest.mark.parametrize(
    ("old", "changes", "bump", "demanded"),
    [
        ((1, 2, 3), (GONE, NEW), "major", (2, 0, 0)),
        ((1, 2, 3), (NEW,), "minor", (1, 3, 0)),
        ((1, 2, 3), (), "patch", (1, 2, 4)),
        ((0, 2, 3), (GONE, NEW), "minor", (0, 3, 0)),
        ((0, 2, 3), (NEW,), "patch", (0, 2, 4)),
        ((0, 2, 3), (), "patch", (0, 2, 4)),
    ],
)
def test_the_gravest_change_demands_a_version(
    old: Version, changes: tuple[Change, ...], bump: Bump, demanded: Version
) -> None:
    found = verdict(old, demanded, *changes)
    assert (found.bump, found.demanded) == (bump, demanded)
    assert found.is_bumped_enough
    assert evolve(found, new=old).is_bumped_enough == (not changes)
    assert evolve(found, new=(9, 0, 0)).is_bumped_enough
    assert not evolve(found, new=(0, 0, 1)).is_bumped_enough


def test_programs_set_right_what_annotations_say() -> None:
    assert settle([GONE, NEW], {READS_NAME: "no such attribute"}) == ((GONE, NEW), ())

    changes, disagreements = settle([GONE, NEW], {})
    assert changes == (evolve(GONE, level="additive"), NEW)
    assert disagreements == ("crm_users.User.name: the field is gone: looks breaking, and no program notices",)

    changes, disagreements = settle([NEW], {READS_EMAIL: "no such attribute"})
    assert [(change.level, change.path) for change in changes] == [
        ("breaking", "crm_users.User.email"),
        ("additive", "crm_users.User.nickname"),
    ]
    assert disagreements == (
        "crm_users.User.email: looks harmless, and a program does not pass any more: no such attribute",
    )


def test_a_report_says_what_changed_and_what_is_demanded() -> None:
    found = verdict((0, 1, 0), (0, 1, 1), GONE, NEW)
    assert report(found).splitlines() == [
        "breaking  crm_users.User.name: the field is gone",
        "additive  crm_users.User.nickname: the field is new",
        "version 0.1.0 -> 0.1.1: at least 0.2.0 is demanded (minor)",
    ]
    assert changelog(found).splitlines() == [
        "### Changed",
        "",
        "- `crm_users.User.name`: the field is gone.",
        "",
        "### Added",
        "",
        "- `crm_users.User.nickname`: the field is new.",
    ]
    assert report(verdict((0, 1, 0), (0, 1, 0))).splitlines() == [
        "Users notice nothing.",
        "version 0.1.0 -> 0.1.0: which is enough",
    ]


def test_a_draft_says_once_what_holds_for_several_things() -> None:
    other = evolve(NEW, path="crm_users.UserCreate.nickname")
    assert "- `crm_users.User.nickname`, `crm_users.UserCreate.nickname`: the field is new." in changelog(
        verdict((0, 1, 0), (0, 1, 1), NEW, other)
    )


def copy_of_the_project(folder: Path) -> Path:
    for root in ("generated", "overrides"):
        shutil.copytree(ROOT / root, folder / root, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def test_the_command_compares_two_versions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changed = copy_of_the_project(tmp_path)
    module = changed / "generated/accounts_client/crm_users.py"
    module.write_text(module.read_text().replace("    email: str | None = None\n", "    mail: str | None = None\n"))
    assert main([str(ROOT), str(changed)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[:-1] == [
        "breaking  crm_users.User.email: the field is gone",
        "additive  crm_users.User.mail: the field is new",
    ]
    assert lines[-1].endswith("is demanded (minor)")


def test_a_version_that_cannot_be_read_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "nowhere"), str(ROOT)]) == 2
    assert "nowhere" in capsys.readouterr().err

    nameless = copy_of_the_project(tmp_path / "nameless")
    version = nameless / "overrides/accounts_client_runtime/version.py"
    version.write_text("")
    assert main([str(nameless), str(ROOT)]) == 2
    assert f"{version}: names no version of accounts_client" in capsys.readouterr().err
