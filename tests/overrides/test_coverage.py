"""The command `coverage`: its tables fit the terminal and its page holds every cell, safely and in one file."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

import msgspec
import pytest

from accounts_client.support import TABLES, Fact, Verdict
from accounts_client_runtime import FreeJSON, Operation, Request
from accounts_client_runtime.coverage import main
from accounts_client_runtime.coverage.page import page
from accounts_client_runtime.coverage.tables import PLACES
from accounts_client_runtime.support import OperationTable, SupportTables

PROGRAM: Final = "python -m accounts_client"
EVERYTHING: Final = [TABLES.support(name) for name in TABLES.integrations]
CHROMIUM: Final = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
VOID: Final = {"meta", "input", "col"}


@pytest.fixture(params=["rich", "plain"])
def printer(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Print with rich, or as if it were not installed."""
    if request.param == "plain":
        monkeypatch.setitem(sys.modules, "rich", None)
    else:
        pytest.importorskip("rich")
    for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    return str(request.param)


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    """Run the command and return what it prints, without trailing spaces."""
    assert main(TABLES, program=PROGRAM, arguments=["coverage", *arguments]) == 0
    return [line.rstrip() for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize("width", [60, 80, 200])
@pytest.mark.parametrize(
    "arguments", [(), ("--integration", "Zoho CRM", "--integration", "Salesforce"), ("--operation", "crm_accounts")]
)
def test_tables_fit_the_terminal_and_have_no_colors_where_it_is_none(
    printer: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    width: int,
    arguments: tuple[str, ...],
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    lines = printed(capsys, *arguments)
    assert max(map(len, lines)) <= width
    assert not any("\x1b" in line for line in lines)


def test_the_overview_says_who_has_which_operations(
    printer: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    lines = printed(capsys)
    titles = [line for line in lines if line in ("crm_accounts", "crm_users", "ticketing_accounts")]
    assert titles == ["crm_accounts", "crm_users", "ticketing_accounts"]
    words = [line.split() for line in lines]
    assert ["Pipedrive", "partial", "yes", "yes", "yes", "yes", "yes", "no"] in words
    assert ["Salesforce", "yes", "yes", "yes", "yes", "?", "yes", "no"] in words
    assert ["Front", "yes", "yes", "?", "yes", "?"] in words
    assert any(line.startswith("no page has any of them for Airtable, ") for line in lines)


def test_an_integration_is_shown_field_by_field(
    printer: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    lines = printed(capsys, "--integration", "sales force", "--operation", "crm_users.update")
    words = [line.split() for line in lines]
    assert words[0] == ["crm_users.update"]
    assert ["place", "field", "Salesforce"] in words
    assert ["operation", "yes"] in words
    assert ["body", "email", "required"] in words
    assert ["body", "is_active", "no"] in words
    assert any("crm-users-update" in line for line in lines)
    lines = printed(capsys, "--integration", "Planhat", "--operation", "crm_users.list")
    assert any("yes (only created_at, updated_at, email)" in line for line in lines)
    lines = printed(capsys, "--integration", "Zoho CRM", "--operation", "crm_accounts.merge")
    assert any("required (2 items at most)" in line for line in lines)


def test_operations_of_which_nothing_is_known_are_left_out(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "rich", None)
    lines = printed(capsys, "--integration", "Salesforce", "--operation", "crm_users")
    assert [line for line in lines if line.startswith("crm_users.")] == ["crm_users.list", "crm_users.update"]


def test_an_operation_is_shown_with_those_who_support_it(
    printer: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    lines = printed(capsys, "--operation", "crm_users.update", "--operation", "crm_accounts.list")
    text = [re.sub(" {2,}", " | ", line.strip()) for line in lines]
    assert "body | email | Salesforce | OnePageCRM, Outreach, Pipedrive, Planhat, Wix | 35" in text
    assert "query | website | 24 integrations, without names | 0" in text


def test_words_are_broken_only_where_the_terminal_is_too_narrow_for_them(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "rich", None)
    monkeypatch.setenv("COLUMNS", "60")
    assert any(" last_activity_at " in line for line in printed(capsys, "--operation", "crm_accounts.list"))
    monkeypatch.setenv("COLUMNS", "24")
    lines = printed(capsys, "--operation", "crm_accounts.merge", "--integration", "HubSpot")
    assert max(map(len, lines)) <= 24


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--integration", "Salesfroce"], "no page names the integration 'Salesfroce'; did you mean 'Salesforce'?"),
        (["--integration", "Quickbase"], "no page names the integration 'Quickbase'\n"),
        (["--operation", "crm_user"], "there is no operation 'crm_user'; there are crm_accounts.list, "),
    ],
)
def test_unknown_names_are_refused(capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    with pytest.raises(SystemExit) as caught:
        main(TABLES, program=PROGRAM, arguments=["coverage", *arguments])
    assert caught.value.code == 2
    error = capsys.readouterr().err
    assert error.startswith(f"usage: {PROGRAM} coverage")
    assert message in error


def test_a_page_holds_what_is_chosen(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    chosen = ["--integration", "zoho crm", "--integration", "HubSpot", "--operation", "crm_users"]
    assert printed(capsys, *chosen, "--html", str(file)) == [f"{file}: 2 integrations, 5 operations"]
    reader = read(file.read_text(encoding="utf-8"))
    assert [text for _, _, text in reader.rows[0]] == ["Field", "Zoho CRM", "HubSpot"]
    assert reader.groups == [name for name in TABLES.operations if name.startswith("crm_users.")]


def test_a_page_that_cannot_be_written_is_told_of(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "missing" / "page.html"
    assert main(TABLES, program=PROGRAM, arguments=["coverage", "--html", str(file)]) == 1
    assert capsys.readouterr().err == f"{file}: cannot be written (No such file or directory)\n"


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
@pytest.mark.parametrize("force", ["", "1"])
def test_the_module_is_a_command(encoding: str, force: str) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "COLUMNS": "80"}
    environment |= {"FORCE_COLOR": force} if force else {}
    command = [sys.executable, "-m", "accounts_client", "coverage", "--integration", "HubSpot"]
    run = subprocess.run(command, capture_output=True, check=True, env=environment)
    assert b"crm_accounts.batch_delete" in run.stdout
    assert run.stderr == b""
    assert (b"\x1b[" in run.stdout) == bool(force)


class Reader(HTMLParser):
    """The elements of a page: that they are nested rightly, the rows, texts and attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[list[tuple[str, str, str]]] = []
        self.groups: list[str] = []
        self.texts: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.attributes.append((tag, values))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tbody":
            self.groups.append(values["data-operation"] or "")
        if tag == "tr":
            self.rows.append([])
        if tag in ("th", "td"):
            self.rows[-1].append((tag, values.get("class") or "", ""))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "th" in self.open or "td" in self.open:
            tag, kind, text = self.rows[-1][-1]
            self.rows[-1][-1] = (tag, kind, text + data)
        if self.open:
            self.texts[self.open[-1]] = self.texts.get(self.open[-1], "") + data


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader


@pytest.fixture(scope="module")
def whole() -> str:
    return page(TABLES, list(TABLES.operations), EVERYTHING)


def test_the_page_has_a_cell_for_every_verdict(whole: str) -> None:
    letters: Mapping[Verdict, set[str]] = {
        "required": {"r"},
        "supported": {"s", "l"},
        "not_listed": {"n", "o"},
        "unknown": {"u"},
    }
    reader = read(whole)
    head, *rows = reader.rows
    assert [text for _, _, text in head] == ["Field", *TABLES.integrations]
    assert reader.groups == list(TABLES.operations)
    expected: list[tuple[str, Sequence[Verdict]]] = []
    for name, table in TABLES.operations.items():
        known = [support.operations[name] for support in EVERYTHING]
        expected.append((name, [operation.verdict for operation in known]))
        for place in PLACES:
            for field in table.fields[place]:
                verdicts: list[Verdict] = [operation.fields(place)[field].verdict for operation in known]
                expected.append((f"{place} {field}", verdicts))
    assert [row[0][2] for row in rows] == [title for title, _ in expected]
    for row, (title, told) in zip(rows, expected, strict=True):
        assert [tag for tag, _, _ in row] == ["th", *(["td"] * len(EVERYTHING))]
        assert all(kind in letters[verdict] for (_, kind, _), verdict in zip(row[1:], told, strict=True)), title
        assert all(text for _, _, text in row)


def test_limits_and_missing_operations_have_signs_of_their_own(whole: str) -> None:
    reader = read(whole)
    column = {name: number + 1 for number, name in enumerate(TABLES.integrations)}
    rows = iter(reader.rows[1:])
    found: dict[tuple[str, str], list[str]] = {}
    operation = ""
    for row in rows:
        title = row[0][2]
        operation = title if title in TABLES.operations else operation
        found[operation, title] = [kind for _, kind, _ in row]
    assert found["crm_accounts.list", "crm_accounts.list"][column["Pipedrive"]] == "l"
    assert found["crm_users.list", "query sort_by"][column["Planhat"]] == "l"
    assert found["crm_users.update", "body email"][column["HubSpot"]] == "o"
    assert found["crm_users.update", "body name"][column["Salesforce"]] == "n"


def test_the_facts_of_each_row_are_in_the_page(whole: str) -> None:
    reader = read(whole)
    data = json.loads(reader.texts["script"].partition('\n"use strict"')[0].partition("\n//")[0])
    assert data["integrations"] == list(TABLES.integrations)
    assert len(data["facts"]) == len(reader.rows) - 1
    number = [row[0][2] for row in reader.rows[1:]].index("crm_users.update")
    (email,) = data["facts"][number:][[row[0][2] for row in reader.rows[1 + number :]].index("body email")]
    assert email == {
        "page": "crm-users-update",
        "generation": "2",
        "supported": ["OnePageCRM", "Outreach", "Pipedrive", "Planhat", "Wix"],
        "required": ["Salesforce"],
        "count": [6, 1],
    }


def test_the_page_loads_nothing_and_may_not(whole: str) -> None:
    reader = read(whole)
    assert {tag for tag, values in reader.attributes if {"src", "href", "srcset", "action"} & values.keys()} == set()
    assert {tag for tag, _ in reader.attributes} & {"link", "img", "iframe", "object", "base"} == set()
    assert not re.search(r"url\(|@import|://|fetch\(|XMLHttpRequest|import\(|innerHTML", whole)
    (policy,) = (values["content"] for _, values in reader.attributes if "http-equiv" in values)
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
    assert "prefers-color-scheme: dark" in whole


def test_every_control_has_a_label(whole: str) -> None:
    labeled = re.findall(r"<label[^>]*>\w*[^<]*<(?:input|select) ", whole)
    assert len(labeled) == len(re.findall(r"<(?:input|select) ", whole)) == 6


HOSTILE: Final = """</script><script>alert('x')</script><!--&amp;"$style\u2028"""


def hostile() -> str:
    operation: Operation[object] = Operation("things.save", "POST", "/things", FreeJSON())
    fact = Fact("body", HOSTILE, page=HOSTILE, supported=(HOSTILE,), position=HOSTILE)

    def save_thing() -> Request[object]:
        return Request(operation)

    table = OperationTable(operation, save_thing, query=(), body=(HOSTILE,), answer=(), facts=(fact,))
    tables = SupportTables(table)
    return page(tables, ["things.save"], [tables.support(HOSTILE)])


def test_names_cannot_become_markup_or_code() -> None:
    reader, plain = read(hostile()), read(page(TABLES, ["crm_users.list"], EVERYTHING[:1]))
    assert [text for _, _, text in reader.rows[0]] == ["Field", HOSTILE]
    assert reader.rows[2][0][2] == f"body {HOSTILE}"
    tags = [tag for tag, _ in reader.attributes]
    assert tags.count("script") == [tag for tag, _ in plain.attributes].count("script") == 2
    (attribute,) = (values["data-field"] for _, values in reader.attributes if "data-field" in values)
    assert attribute == HOSTILE


@pytest.fixture(scope="module")
def browse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browse]:
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine")
    with tempfile.TemporaryDirectory() as profile:
        yield Browse(CHROMIUM, tmp_path_factory.mktemp("pages") / "page.html", profile)


class Browse:
    """A browser that runs a script in a page and says what it gives."""

    def __init__(self, program: str, file: Path, profile: str) -> None:
        self._file = file
        self._command = [
            program,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            f"--user-data-dir={profile}",
            "--virtual-time-budget=5000",
            "--dump-dom",
        ]

    def __call__(self, text: str, script: str) -> object:
        """Return what a script returns that runs at the end of the page."""
        report = "const report = document.createElement('pre'); report.id = 'report';"
        run = f"try {{ report.textContent = JSON.stringify((() => {{ {script} }})()); }}"
        failed = "catch (error) { report.textContent = JSON.stringify(String(error)); }"
        end = f"<script>{{ {report} {run} {failed} document.body.append(report); }}</script></body>"
        self._file.write_text(text.replace("</body>", end), encoding="utf-8")
        done = subprocess.run(
            [*self._command, self._file.as_uri()], capture_output=True, check=True, text=True, timeout=120
        )
        found = re.search(r'<pre id="report">(.*?)</pre>', done.stdout, re.DOTALL)
        assert found, done.stdout[-500:]
        value: object = json.loads(found[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
        return value


SHOWN: Final = """
const shown = () => ({
  fields: rows.filter((row) => !row.hidden && row.dataset.field).map((row) => row.dataset.field),
  integrations: data.integrations.filter((_, number) => getComputedStyle(heads[number]).display !== "none"),
  text: control("shown").textContent,
  entries: table.querySelectorAll("td[tabindex]").length,
});
const set = (name, value) => {
  const element = control(name);
  if (element.type === "checkbox") element.checked = value; else element.value = value;
  element.dispatchEvent(new Event("input", { bubbles: true }));
};
"""


def test_in_a_browser_the_matrix_is_filtered(browse: Browse, whole: str) -> None:
    script = f"""{SHOWN}
    const start = shown();
    set("integration", "salesf");
    set("operation", "crm_users.update");
    set("place", "body");
    set("kind", "r");
    const narrow = shown();
    set("field", "no such field");
    const nothing = [shown(), table.hidden, document.getElementById("nothing").hidden];
    for (const name of ["integration", "operation", "place", "kind", "field"]) set(name, "");
    set("known", false);
    return [start, narrow, nothing, shown()];
    """
    start, narrow, nothing, everything = as_list(browse(whole, script))
    fields = sum(len(names) for table in TABLES.operations.values() for names in table.fields.values())
    assert as_map(start)["integrations"] == list(TABLES.integrations)
    assert as_map(start)["entries"] == 1
    assert as_map(narrow) == {
        "fields": ["first_name", "last_name", "email"],
        "integrations": ["Salesforce"],
        "text": "3 fields, 1 integration",
        "entries": 1,
    }
    assert as_list(nothing)[1:] == [True, False]
    assert as_map(everything)["text"] == f"{fields} fields, {len(TABLES.integrations)} integrations"


def test_in_a_browser_cells_are_reached_by_keys_and_tell_their_facts(browse: Browse, whole: str) -> None:
    script = f"""{SHOWN}
    set("operation", "crm_users.update");
    set("integration", "planhat salesforce");
    const press = (key) => document.activeElement.dispatchEvent(
      new KeyboardEvent("keydown", {{ key, bubbles: true, cancelable: true }}));
    const told = () => [details.querySelector("h2").textContent, details.textContent.includes("crm-users-update")];
    table.querySelector("td[tabindex]").focus();
    const seen = [told()];
    for (const keys of ["ArrowDown End", "ArrowDown", "ArrowLeft", "PageDown PageDown", "Home ArrowLeft"]) {{
      keys.split(" ").forEach(press);
      seen.push(told());
    }}
    const pointed = table.querySelectorAll(".pointed").length;
    return [seen, pointed, shown().entries];
    """
    seen, pointed, entries = as_list(browse(whole, script))
    assert [as_list(entry)[0] for entry in as_list(seen)] == [
        "✓Planhat has crm_users.update",
        "✗Salesforce does not list name in the body of crm_users.update",
        "●Salesforce requires first_name in the body of crm_users.update",
        "✗Planhat does not list first_name in the body of crm_users.update",
        "✓Planhat supports updated_at in the answer of crm_users.update",
        "✓Planhat supports updated_at in the answer of crm_users.update",
    ]
    assert (pointed, entries) == (1, 1)


def test_in_a_browser_hostile_names_stay_text(browse: Browse) -> None:
    script = f"""{SHOWN}
    point(rows[1].cells[1]);
    const isPlain = details.querySelector("script") === null;
    return [document.scripts.length, data.integrations[0], isPlain, details.textContent];
    """
    count, name, is_plain, text = as_list(browse(hostile(), script))
    assert (count, name, is_plain) == (3, HOSTILE, True)
    assert HOSTILE in str(text)


def as_list(value: object) -> list[object]:
    return msgspec.convert(value, list[object])


def as_map(value: object) -> dict[str, object]:
    return msgspec.convert(value, dict[str, object])
