"""`--fix` mends what is safe, leaves every other byte as it was, and says what it leaves to a person."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import evolve

from generator.drift.command import main
from generator.drift.coperniq import COPERNIQ
from generator.drift.forms import Layout, Mark, Page
from generator.drift.markdown import MARKDOWN
from generator.drift.records import write_wordings
from generator.drift.truto import COUNTED, JOINED, LISTED
from tests.generator.drift.synthetic import (
    CASES,
    DESK,
    TICKET_PAGE,
    add,
    change,
    drop,
    names,
    page_in,
    recorded,
    row,
    write_specs,
)
from tests.generator.drift.writer import WRITERS

GAMMA = Mark(names("Alpha", "Beta", "Delta"), names("Gamma Desk"), (4, 1))


def fixed(folder: Path, layout: Layout, edit: Callable[[Page], Page]) -> tuple[int, list[str]]:
    """Run the command on an edited page and return its status and the lines that changed in the spec."""
    write_specs(folder)
    write_wordings(recorded(page_in(layout)), folder / "wordings.txt")
    (folder / "known.txt").write_text("{}\n")
    page = folder / "saved.txt"
    page.write_text(WRITERS[layout.name](edit(page_in(layout))), encoding="utf-8")
    options = ["--specs", str(folder), "--known", str(folder / "known.txt"), "--wordings", str(folder / "wordings.txt")]
    status = main([str(page), "--fix", *options])
    changed: list[str] = []
    for name, before in (("desk_tickets.yaml", DESK), ("office_cases.yaml", CASES)):
        after = (folder / name).read_bytes().decode("utf-8")
        lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
        changed += [line for line in lines if line[0] in "+-" and not line.startswith(("+++", "---"))]
    return status, changed


MENDED: list[tuple[str, Layout, Callable[[Page], Page], list[str]]] = [
    (
        "a new field",
        LISTED,
        add("body", row("priority", "integer", wording="How urgent."), "title"),
        [
            "+        priority:",
            "+          description: What the page calls priority.",
            '+          type: [integer, "null"]',
        ],
    ),
    (
        "a new field with a mark",
        JOINED,
        add("answer", row("seen_at", format="date-time", mark=Mark(names("Beta"), names("Alpha"), (2, 1))), "id"),
        [
            "+        seen_at:",
            "+          description: What the page calls seen_at.",
            '+          type: [string, "null"]',
            "+          format: date-time",
            "+          x-support:",
            "+            - operation: update_ticket",
            "+              in: answer",
            "+              page: desk-tickets-update",
            "+              supported: [Beta]",
            "+              required: [Alpha]",
            "+              count: {supported: 2, required: 1}",
        ],
    ),
    (
        "a new field inside an object",
        MARKDOWN,
        add("body", row("owner.email"), "owner.id"),
        ["+        email:", "+          description: What the page calls email.", "+          type: string"],
    ),
    (
        "a new list with values",
        MARKDOWN,
        add("body", row("tones", values=("calm", "on"), wording="The tone."), "title"),
        [
            "+        tones:",
            "+          description: What the page calls tones.",
            '+          type: [string, "null"]',
            '+          enum: [calm, "on", null]',
        ],
    ),
    (
        "a new option",
        LISTED,
        add("query", row("dry_run", "boolean", wording="Only try."), "order"),
        [
            "+        - name: dry_run",
            "+          in: query",
            "+          description: What the page calls dry_run.",
            "+          schema:",
            "+            type: boolean",
        ],
    ),
    (
        "a new value",
        JOINED,
        change("query", "order", values=("newest", "oldest", "random")),
        ["-            enum: [newest, oldest]", "+            enum: [newest, oldest, random]"],
    ),
    (
        "a new value where null is one",
        MARKDOWN,
        change("answer", "severity", values=("low", "high", "no: 1")),
        ["-              enum: [low, high]", '+              enum: [low, high, "no: 1"]'],
    ),
    ("required off", LISTED, change("body", "state", required=False), ["-      required: [state]"]),
    (
        "required off, in the query",
        LISTED,
        change("query", "tenant", required=False),
        ["-          required: true"],
    ),
    (
        "required in the answer",
        LISTED,
        change("answer", "title", required=True),
        ["-      required: [id]", "+      required: [id, title]"],
    ),
    (
        "a format more",
        LISTED,
        change("body", "title", format="date-time"),
        ["+          format: date-time"],
    ),
    (
        "null more",
        COPERNIQ,
        change("body", "title", nullable=True),
        ["-                  type: string", '+                  type: [string, "null"]'],
    ),
    (
        "null less, in the answer",
        COPERNIQ,
        change("answer", "title", nullable=False),
        ['-                    type: [string, "null"]', "+                    type: string"],
    ),
    (
        "an integration more",
        LISTED,
        lambda page: evolve(page, integrations=("Alpha", "Beta", "Gamma Desk", "Delta")),
        [
            "-          integrations: [Alpha, Beta, Gamma Desk]",
            "+          integrations: [Alpha, Beta, Delta, Gamma Desk]",
        ],
    ),
    (
        "many integrations",
        LISTED,
        lambda page: evolve(page, integrations=("Beta", *(f"Number {number:02}" for number in range(11)))),
        [
            "-          integrations: [Alpha, Beta, Gamma Desk]",
            "+          integrations:",
            "+            [Beta, Number 00, Number 01, Number 02, Number 03, Number 04, Number 05, Number 06, "
            "Number 07, Number 08,",
            "+             Number 09, Number 10]",
        ],
    ),
    (
        "another mark",
        JOINED,
        change("body", "title", mark=GAMMA),
        [
            "-              supported: [Alpha, Beta]",
            "+              supported: [Alpha, Beta, Delta]",
            "-              count: {supported: 3, required: 1}",
            "+              count: {supported: 4, required: 1}",
        ],
    ),
    (
        "another mark on one line",
        LISTED,
        change("body", "owner", mark=Mark(names(), names("Beta"))),
        [
            "-            - {operation: update_ticket, in: body, page: desk-tickets-update, "
            "supported: [Alpha], required: []}",
            "+            - {operation: update_ticket, in: body, page: desk-tickets-update, "
            "supported: [], required: [Beta]}",
        ],
    ),
    (
        "no mark any more",
        LISTED,
        change("answer", "title", mark=None),
        [
            "-          x-support:",
            "-            - operation: update_ticket",
            "-              in: answer",
            "-              page: desk-tickets-update",
            "-              supported: [Alpha]",
            "-              required: []",
            "-              count: {supported: 1, required: 0}",
        ],
    ),
]


@pytest.mark.parametrize(
    ("name", "layout", "edit", "lines"), MENDED, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_safe_difference_is_mended(
    name: str,
    layout: Layout,
    edit: Callable[[Page], Page],
    lines: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    status, changed = fixed(tmp_path, layout, edit)
    printed = capsys.readouterr().out
    assert sorted(changed) == sorted(lines)
    assert status == 0, printed
    assert "mended " in printed
    assert printed.endswith("no drift in what these layouts show\n")


LEFT: list[tuple[str, Layout, Callable[[Page], Page], str]] = [
    ("a retype", LISTED, change("body", "effort", type="string"), "a breaking difference is for a person"),
    ("a field less", LISTED, drop("body", "effort"), "a breaking difference is for a person"),
    ("other words", LISTED, change("body", "effort", wording="Otherwise."), "a wording difference is for a person"),
    (
        "a field that may be inside or not",
        LISTED,
        add("body", row("owner.email"), "owner.team"),
        "the page does not show where it belongs",
    ),
    (
        "a new object",
        MARKDOWN,
        lambda page: add("body", row("place.city"), "place")(add("body", row("place", "object"), "title")(page)),
        "it holds fields of its own",
    ),
    (
        "a list as an option",
        LISTED,
        add("query", row("ids", "array<string>"), "order"),
        "how such a query option is written",
    ),
    ("counts for names", COUNTED, change("body", "title", mark=Mark(count=(5, 1))), "the page counts integrations"),
    ("a status", COPERNIQ, lambda page: evolve(page, statuses=("400", "404", "409")), "it is for a person to decide"),
    ("another operation", JOINED, lambda page: evolve(page, method="PUT"), "it is for a person to decide"),
    (
        "an unheard-of type",
        MARKDOWN,
        add("body", row("size", "decimal"), "title"),
        "the type decimal is not one of OpenAPI",
    ),
]


@pytest.mark.parametrize(
    ("name", "layout", "edit", "reason"), LEFT, ids=lambda value: value if isinstance(value, str) else ""
)
def test_the_rest_is_left_to_a_person(
    name: str,
    layout: Layout,
    edit: Callable[[Page], Page],
    reason: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    status, changed = fixed(tmp_path, layout, edit)
    printed = capsys.readouterr().out
    assert changed == []
    assert status == 1
    assert "left to a person: " in printed
    assert reason in printed


def test_an_edit_that_makes_another_place_drift_is_taken_back(tmp_path: Path) -> None:
    write_specs(tmp_path)
    spec = tmp_path / "desk_tickets.yaml"
    # Body and answer share one schema; the page adds a field to one of them.
    text = DESK.replace('$ref: "#/components/schemas/TicketUpdate"', '$ref: "#/components/schemas/Ticket"')
    spec.write_text(text, encoding="utf-8")
    page = evolve(TICKET_PAGE, rows={**TICKET_PAGE.rows, "body": TICKET_PAGE.rows["answer"]})
    page = add("answer", row("seen_at"), "id")(page)
    (tmp_path / "saved.md").write_text(WRITERS[MARKDOWN.name](page), encoding="utf-8")
    assert main([str(tmp_path / "saved.md"), "--specs", str(tmp_path), "--fix"]) == 1
    assert spec.read_text(encoding="utf-8") == text


def test_mended_and_left_stand_in_the_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_specs(tmp_path)
    page = add("body", row("priority", "integer"), "title")(change("body", "effort", type="string")(TICKET_PAGE))
    (tmp_path / "saved.md").write_text(WRITERS[MARKDOWN.name](page), encoding="utf-8")
    assert main([str(tmp_path / "saved.md"), "--specs", str(tmp_path), "--fix", "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    fixed = {entry["path"]: entry["left_because"] for entry in report["fixed"]}
    assert fixed["body.priority"] is None
    assert fixed["body.effort"] == "a breaking difference is for a person to decide"
    assert [each["path"] for each in report["pages"][0]["differences"]] == ["body.effort"]
