"""How a run ends: all changes stand in the tree, or a message says why not and the tree is as it was."""

from __future__ import annotations

import json
import os
import shlex
import sys
from pathlib import Path

import pytest
from attrs import evolve

from generator.__main__ import generate
from generator.api_diff.verdict import VERSION_FILE
from generator.drift.markdown import MARKDOWN
from generator.output import differences
from generator.render import PACKAGE
from tests.generator.drift.synthetic import DESK, TICKET_PAGE, add, change, row
from tests.generator.refresh.project import Project, commit, git

SAME = evolve(TICKET_PAGE, layout=MARKDOWN)
LONGER = add("body", row("priority", "integer"), "title")(add("answer", row("priority", "integer"), "title")(SAME))
RETYPED = change("body", "effort", type="string")(SAME)

ALL_CHANGED = {
    "CHANGELOG.md",
    f"generated/{PACKAGE}/desk_tickets.py",
    f"generated/{PACKAGE}/support.py",
    "specs/desk_tickets.yaml",
}


def check(code: str) -> str:
    """Return the option for a check that is a line of Python."""
    return f"--check={shlex.join([sys.executable, '-c', code])}"


def test_where_nothing_drifted_the_tree_stays(project: Project, capfd: pytest.CaptureFixture[str]) -> None:
    page, before = project.save("same.md", SAME), project.state()
    assert project.refresh(page, check("raise SystemExit('not needed')")) == 0
    assert project.state() == before
    assert capfd.readouterr().out.endswith("\nnothing drifted: the tree is as it was\n")


def test_additive_differences_end_in_a_tree_that_has_all_that_follows(
    project: Project, capfd: pytest.CaptureFixture[str]
) -> None:
    page = project.save("longer.md", LONGER)
    beside = sorted(project.around.iterdir())
    sees_the_changes = check(
        "from pathlib import Path; import accounts_client.desk_tickets as tickets\n"
        "assert 'priority' in tickets.TicketUpdate.__annotations__\n"
        "assert Path(tickets.__file__).is_relative_to(Path.cwd())\n"
        "Path('left.txt').write_text('what a check leaves behind')"
    )
    assert project.refresh(page, sees_the_changes) == 0
    assert project.changed() == ALL_CHANGED
    assert sorted(project.around.iterdir()) == beside
    assert "        priority:\n" in project.read("specs/desk_tickets.yaml")
    assert differences(project.folder / "generated" / PACKAGE, generate(project.folder / "specs")) == []
    assert project.read("CHANGELOG.md").splitlines()[6:12] == [
        "### Added",
        "",
        "- The desk.",
        "- `desk_tickets.Ticket.priority`: the field is new.",
        "- `desk_tickets.TicketUpdate.priority`: the key is new.",
        "",
    ]
    printed = capfd.readouterr().out
    assert "mended specs/desk_tickets.yaml: body.priority: is new" in printed
    assert "nothing is released yet: the version stays" in printed
    assert "Put the descriptions of new fields into your words" in printed


def test_a_version_that_rose_enough_since_the_last_release_stays(
    project: Project, capfd: pytest.CaptureFixture[str]
) -> None:
    git(project.folder, "tag", "v0.1.0")
    for file in ("CHANGELOG.md", str(VERSION_FILE)):
        (project.folder / file).write_text(project.read(file).replace("0.1.0", "0.1.1"))
    commit(project.folder)
    assert project.refresh(project.save("longer.md", LONGER)) == 0
    assert project.changed() == ALL_CHANGED
    assert "the version 0.1.1 says enough of what changed since v0.1.0" in capfd.readouterr().out


def test_what_integrations_support_is_for_users_as_well(project: Project) -> None:
    page = evolve(TICKET_PAGE, integrations=("Alpha", "Beta", "Gamma Desk", "Delta"))
    assert project.refresh(project.save("desk-tickets-update.txt", page)) == 0
    (entry,) = (line for line in project.read("CHANGELOG.md").splitlines() if line.startswith("- Support by "))
    assert entry.startswith("- Support by integrations: PATCH /unified/desk/tickets/{id}, operation: ")
    assert entry.endswith(": +Delta.")
    assert "Delta" in project.read(f"generated/{PACKAGE}/support.py")


def retyped_by_a_person(project: Project) -> str:
    """Commit a spec that follows the page, without the package, and return the page."""
    spec = project.folder / "specs/desk_tickets.yaml"
    old = "effort:\n          description: Hours of work.\n          type: [integer,"
    assert spec.read_text().count(old) == 2
    spec.write_text(spec.read_text().replace(old, old.replace("integer", "string")))
    commit(project.folder)
    return project.save("retyped.md", change("answer", "effort", type="string")(RETYPED))


def test_what_breaks_users_is_for_a_person(project: Project, capfd: pytest.CaptureFixture[str]) -> None:
    page = retyped_by_a_person(project)
    before = project.state()
    assert project.refresh(page) == 1
    assert project.state() == before
    printed = capfd.readouterr()
    assert "nothing drifted, but generated/ is not what the specs give" in printed.out
    assert "`--allow-breaking` allows it:\n  breaking  desk_tickets.Ticket.effort: int | None became str" in printed.err


def test_what_breaks_users_goes_through_if_a_person_allows_it(project: Project) -> None:
    git(project.folder, "tag", "v0.1.0")
    assert project.refresh(retyped_by_a_person(project), "--allow-breaking") == 0
    assert project.changed() == ALL_CHANGED - {f"generated/{PACKAGE}/support.py", "specs/desk_tickets.yaml"} | {
        str(VERSION_FILE)
    }
    assert 'VERSION: Final = "0.2.0"' in project.read(str(VERSION_FILE))
    assert "\nBecomes 0.2.0.\n" in project.read("CHANGELOG.md")
    assert (
        "\n### Changed\n\n- `desk_tickets.Ticket.effort`, `desk_tickets.TicketUpdate.effort`: int | None became"
        in project.read("CHANGELOG.md")
    )


def test_breaking_differences_stop_with_their_places(project: Project, capfd: pytest.CaptureFixture[str]) -> None:
    page = project.save("retyped.md", change("body", "effort", type="string")(LONGER))
    before = project.state()
    assert project.refresh(page) == 1
    assert project.state() == before
    line = 1 + Path(page).read_text().splitlines().index("- **`effort`** _(string)_")
    printed = capfd.readouterr().err
    assert f"  breaking  {page}, line {line}: body.effort: is string; the spec has integer\n" in printed
    assert "specs/desk_tickets.yaml: #/components/schemas/TicketUpdate/properties/effort\n" in printed
    assert "left because a breaking difference is for a person to decide\n" in printed
    assert "`nox -s drift -- --fix PAGE` makes the changes that need no decision." in printed
    assert "priority" not in printed
    assert printed.endswith("\nThis run changed nothing.\n")


def test_a_page_that_is_not_understood_stops_all(project: Project, capfd: pytest.CaptureFixture[str]) -> None:
    pages = [project.save("longer.md", LONGER), project.write("unread.txt", "Something else.")]
    before = project.state()
    assert project.refresh(*pages) == 2
    assert project.state() == before
    printed = capfd.readouterr()
    assert "unread.txt: line 1: layout not recognised" in printed.out
    assert "a page was not understood" in printed.err


def test_a_check_that_fails_leaves_nothing(project: Project, capfd: pytest.CaptureFixture[str]) -> None:
    page, before = project.save("longer.md", LONGER), project.state()
    failing = check("print('3 failed'); raise SystemExit(3)")
    assert project.refresh(page, check("print('first')"), failing, check("print('never')")) == 1
    assert project.state() == before
    printed = capfd.readouterr()
    assert "\nfirst\n" in printed.out
    assert "\n3 failed\n" in printed.out
    assert "\nnever\n" not in printed.out
    assert "fails with what the pages show (status 3)" in printed.err


def test_a_check_that_is_not_there_is_named(project: Project, capfd: pytest.CaptureFixture[str]) -> None:
    page, before = project.save("longer.md", LONGER), project.state()
    assert project.refresh(page, "--check=no-such-command --strict") == 1
    assert project.state() == before
    assert "`no-such-command --strict` cannot be run (No such file or directory)" in capfd.readouterr().err


def test_specs_that_cannot_be_generated_stop(project: Project, capfd: pytest.CaptureFixture[str]) -> None:
    (project.folder / "specs/desk_tickets.yaml").write_text(DESK)
    commit(project.folder)
    page, before = project.save("longer.md", LONGER), project.state()
    assert project.refresh(page) == 1
    assert project.state() == before
    assert "the package cannot be generated from the specs" in capfd.readouterr().err


def test_specs_that_cannot_be_read_stop(project: Project, capfd: pytest.CaptureFixture[str]) -> None:
    (project.folder / "specs/desk_tickets.yaml").write_text("openapi: [")
    commit(project.folder)
    page, before = project.save("longer.md", LONGER), project.state()
    assert project.refresh(page) == 2
    assert project.state() == before
    assert "stopped: specs/desk_tickets.yaml" in capfd.readouterr().err


def test_a_changelog_without_a_place_stops(project: Project, capfd: pytest.CaptureFixture[str]) -> None:
    (project.folder / "CHANGELOG.md").unlink()
    commit(project.folder)
    page, before = project.save("longer.md", LONGER), project.state()
    assert project.refresh(page) == 1
    assert project.state() == before
    printed = capfd.readouterr()
    assert "CHANGELOG.md cannot be read (No such file or directory)" in printed.err
    assert "== generate" not in printed.out


def test_deviations_of_answers_are_another_source(project: Project, capfd: pytest.CaptureFixture[str]) -> None:
    seen = {"operation": "desk_tickets.update", "path": "effort", "expected": "integer", "seen": "string", "count": 2}
    file, before = project.write("deviations.jsonl", json.dumps(seen)), project.state()
    assert project.refresh("--answers", file) == 1
    assert project.state() == before
    assert f"{file}, line 1: answer.effort of desk_tickets.update: came as string 2 times" in capfd.readouterr().err


@pytest.mark.parametrize("name", ["specs/desk_tickets.yaml", "notes.txt"])
def test_changes_that_are_not_committed_are_in_the_way(
    name: str, project: Project, capfd: pytest.CaptureFixture[str]
) -> None:
    (project.folder / name).write_text("Not committed.")
    page, before = project.save("longer.md", LONGER), project.state()
    assert project.refresh(page) == 2
    assert project.state() == before
    assert f"there are changes that are not committed; commit them, or put them away:\n  {name}\n" in (
        capfd.readouterr().err
    )


def test_a_page_saved_in_the_tree_is_not_in_the_way(project: Project) -> None:
    page = project.save("project/longer.md", LONGER)
    assert project.refresh(os.path.relpath(page)) == 0
    assert project.changed() == ALL_CHANGED | {"longer.md"}


def test_a_folder_without_a_repository_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert Project(tmp_path).refresh("page.txt") == 2
    assert "git rev-parse failed: " in capfd.readouterr().err


def test_what_a_person_changes_meanwhile_is_kept(project: Project, capfd: pytest.CaptureFixture[str]) -> None:
    page = project.save("longer.md", LONGER)
    file = project.folder / "specs/desk_tickets.yaml"
    assert project.refresh(page, check(f"open({str(file)!r}, 'a').write('# Mine.\\n')")) == 2
    assert project.changed() == {"specs/desk_tickets.yaml"}
    assert project.read("specs/desk_tickets.yaml").endswith("# Mine.\n")
    assert "the tree changed while the run was under way" in capfd.readouterr().err


def test_neither_page_nor_deviations_is_refused(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        project.refresh()
    assert caught.value.code == 2
    assert "neither a page nor a file of deviations" in capsys.readouterr().err
