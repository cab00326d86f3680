"""The command: its report, its JSON, its status, and what it writes down."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from attrs import evolve

from generator.__main__ import main as generator
from generator.drift.command import main
from generator.drift.forms import Page
from generator.drift.markdown import MARKDOWN
from generator.drift.records import read_known, read_wordings
from generator.drift.truto import COUNTED, JOINED, LISTED
from tests.generator.drift.synthetic import TICKET_PAGE, change, write_specs
from tests.generator.drift.writer import WRITERS

RESOURCE = """\
# Tickets Object

> Source: https://docs.example.com/desk/tickets/

## Properties

- **`id`** _(string, required)_

## Methods

- [GET /unified/desk/tickets](/docs/list) — List Tickets
- [PATCH /unified/desk/tickets/{id}](/docs/update) — Update Tickets
"""


def save(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


def saved(folder: Path, name: str, page: Page) -> str:
    return save(folder, name, WRITERS[page.layout.name](page))


def test_statuses_of_several_pages(tmp_path: Path) -> None:
    write_specs(tmp_path)
    specs = ["--specs", str(tmp_path)]
    silent = saved(tmp_path, "silent.txt", TICKET_PAGE)
    drifted = saved(tmp_path, "drifted.txt", change("body", "effort", type="string")(TICKET_PAGE))
    unread = save(tmp_path, "unread.txt", "Something else.")
    assert main([silent, *specs]) == 0
    assert main([silent, drifted, *specs]) == 1
    assert main([silent, drifted, unread, *specs]) == 2


def test_the_generator_knows_the_command_by_its_word(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_specs(tmp_path)
    specs = ["--specs", str(tmp_path)]
    assert generator(["drift", saved(tmp_path, "silent.txt", TICKET_PAGE), *specs]) == 0
    assert capsys.readouterr().out.endswith("no drift in what these layouts show\n")
    assert generator(["drift", save(tmp_path, "unread.txt", "Something else."), *specs]) == 2


def test_the_report_for_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_specs(tmp_path)
    file = saved(tmp_path, "saved.txt", change("body", "effort", type="string")(TICKET_PAGE))
    main([file, "--specs", str(tmp_path)])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{file}: PATCH /unified/desk/tickets/{{id}}, layout 'Truto, listed'"
    assert lines[1].startswith("  breaking  line ")
    assert lines[1].endswith(": body.effort: is string; the spec has integer")
    assert lines[2].strip().endswith("desk_tickets.yaml: #/components/schemas/TicketUpdate/properties/effort")
    assert lines[-1] == "1 difference"


def test_the_report_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_specs(tmp_path)
    file = saved(tmp_path, "saved.txt", change("body", "effort", type="string")(TICKET_PAGE))
    unread = save(tmp_path, "unread.txt", "Something else.")
    assert main([file, unread, "--specs", str(tmp_path), "--json"]) == 2
    report = json.loads(capsys.readouterr().out)
    assert report["status"] == 2
    page, other = report["pages"]
    assert (page["operation"], page["layout"]) == ("desk_tickets.update_ticket", "Truto, listed")
    (difference,) = page["differences"]
    assert {key: difference[key] for key in ("level", "kind", "path", "known")} == {
        "level": "breaking",
        "kind": "type",
        "path": "body.effort",
        "known": None,
    }
    assert difference["spec"].endswith("desk_tickets.yaml: #/components/schemas/TicketUpdate/properties/effort")
    assert "null" in page["not_shown"]
    assert other["error"]["line"] == 1
    assert other["differences"] == []


def test_known_disagreements_are_shown_with_their_reason_and_are_no_drift(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_specs(tmp_path)
    known = save(
        tmp_path,
        "known.txt",
        "desk-tickets-update:\n  - {kind: type, field: body.effort, shown: string, reason: The page is wrong.}\n",
    )
    file = saved(tmp_path, "saved.txt", change("body", "effort", type="string")(TICKET_PAGE))
    other = saved(tmp_path, "other.txt", change("body", "effort", type="boolean")(TICKET_PAGE))
    assert main([file, "--specs", str(tmp_path), "--known", known]) == 0
    assert "stays: The page is wrong." in capsys.readouterr().out
    assert main([other, "--specs", str(tmp_path), "--known", known]) == 1


@pytest.mark.parametrize(
    "content", ["- a", "page: 1", "page:\n  - kind: type", "page:\n  - {kind: [], field: a, reason: b}"]
)
def test_a_wrong_file_of_known_disagreements_is_refused(
    content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_specs(tmp_path)
    file = saved(tmp_path, "saved.txt", TICKET_PAGE)
    assert main([file, "--specs", str(tmp_path), "--known", save(tmp_path, "known.txt", content)]) == 2
    assert "known.txt" in capsys.readouterr().err


def test_wordings_are_recorded_as_digests(tmp_path: Path) -> None:
    write_specs(tmp_path)
    wordings = save(tmp_path, "wordings.txt", "another-page:\n  body:\n    name: 0123456789ab\n")
    options = ["--specs", str(tmp_path), "--wordings", wordings]
    file = saved(tmp_path, "saved.txt", TICKET_PAGE)
    assert main([file, "--record", *options]) == 0
    recorded = read_wordings(Path(wordings))
    assert list(recorded) == ["another-page", "desk-tickets-update"]
    assert {"owner.id", "note"} <= set(recorded["desk-tickets-update"]["body"])
    assert "owner's" not in Path(wordings).read_text()
    other = saved(tmp_path, "saved.txt", change("body", "effort", wording="Otherwise.")(TICKET_PAGE))
    assert main([other, *options]) == 1
    assert main([other, "--record", *options]) == 0


def test_names_that_are_lost_are_not_recorded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_specs(tmp_path)
    wordings = save(tmp_path, "wordings.txt", "{}")
    file = saved(tmp_path, "saved.txt", evolve(TICKET_PAGE, layout=COUNTED))
    assert main([file, "--record", "--specs", str(tmp_path), "--wordings", wordings]) == 2
    assert "write the digests by hand" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("", "", []),
        ("- [PATCH /unified/desk/tickets/{id}](/docs/update) — Update Tickets\n", "", [("breaking", "operation gone")]),
        (
            "- [PATCH",
            "- [DELETE /unified/desk/tickets/{id}](/docs/delete) — Delete\n- [PATCH",
            [("additive", "new operation")],
        ),
    ],
)
def test_the_page_of_a_resource_shows_removed_operations(
    old: str, new: str, found: list[tuple[str, str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_specs(tmp_path)
    text = RESOURCE.replace(old, new) if old else RESOURCE
    status = main([save(tmp_path, "tickets.md", text), "--specs", str(tmp_path), "--json"])
    differences = json.loads(capsys.readouterr().out)["pages"][0]["differences"]
    assert [(each["level"], each["kind"]) for each in differences] == found
    assert status == bool(found)


def test_facts_of_a_page_are_found_by_file_primary_page_or_address(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_specs(tmp_path)
    expected = [
        (LISTED, "desk-tickets-update"),
        (JOINED, "desk-tickets-update"),
        (MARKDOWN, "docs.example.com/desk/tickets/update.md"),
    ]
    for layout, name in expected:
        file = saved(tmp_path, "saved.txt", evolve(TICKET_PAGE, layout=layout))
        main([file, "--specs", str(tmp_path), "--json"])
        assert json.loads(capsys.readouterr().out)["pages"][0]["page"] == name


def test_nothing_to_compare_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([])
    assert caught.value.code == 2
    assert "neither a page nor a file of deviations" in capsys.readouterr().err


def test_the_reviewed_files_can_be_read() -> None:
    assert read_known()
    assert read_wordings()
