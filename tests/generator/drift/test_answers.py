"""Deviations that programs met say where the specs are wrong; what is saved of them holds no values."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from accounts_client import Deviation, Headers, deviation_report
from accounts_client.crm_accounts import Account, list_accounts
from accounts_client_runtime import Reply
from generator.drift.answers import compare_answers
from generator.drift.command import main
from generator.drift.contracts import Contracts, read_contracts
from generator.drift.forms import PageError
from generator.drift.records import Known

ROOT = Path(__file__).parents[3]


def line(path: str, expected: str, seen: str, count: int = 1, operation: str = "desk_tickets.update") -> str:
    return json.dumps({"operation": operation, "path": path, "expected": expected, "seen": seen, "count": count})


def found(file: Path, contracts: Contracts, *lines: str) -> list[tuple[str, str, str]]:
    file.write_text("\n".join(lines), encoding="utf-8")
    return [(each.level, each.path, each.text) for each in compare_answers(file, contracts, ()).drift]


def test_a_report_counts_places_and_types_and_holds_no_values() -> None:
    deviations = [
        *(Deviation(f"result[{index}].owner.id", "string", 4_711 + index) for index in range(40)),
        Deviation("result[7].number_of_employees", "integer", "a secret"),
        Deviation("result[8].website", "string", None),
        Deviation("result[9].website", "string", ["secret"]),
    ]
    report = deviation_report("crm_accounts.list", deviations)
    assert "secret" not in report
    assert "47" not in report
    assert [tuple(json.loads(each).values()) for each in report.splitlines()] == [
        ("crm_accounts.list", "result[].owner.id", "string", "integer", 40),
        ("crm_accounts.list", "result[].number_of_employees", "integer", "string", 1),
        ("crm_accounts.list", "result[].website", "string", "null", 1),
        ("crm_accounts.list", "result[].website", "string", "array", 1),
    ]
    assert list(json.loads(report.splitlines()[0])) == ["operation", "path", "expected", "seen", "count"]
    assert deviation_report("crm_accounts.list", []) == ""


def test_what_a_real_answer_held_is_compared_with_the_specs(tmp_path: Path) -> None:
    request = list_accounts()
    body = {"result": [{"id": "1", "owner": {"id": 7}, "number_of_employees": "12"}], "next_cursor": 5}
    page, _ = request.operation.result.read(request, Reply(200, Headers(), json.dumps(body).encode()), tenant="")
    assert isinstance(page.items[0], Account)
    file = tmp_path / "deviations.jsonl"
    report = deviation_report(request.operation.name, page.deviations)
    assert found(file, read_contracts(ROOT / "specs"), report, report) == [
        (
            "breaking",
            "answer.next_cursor of crm_accounts.list",
            "came as integer 2 times; the spec has string",
        ),
        (
            "breaking",
            "answer.result[].owner.id of crm_accounts.list",
            "came as integer 2 times; the spec has string",
        ),
        (
            "breaking",
            "answer.result[].number_of_employees of crm_accounts.list",
            "came as string 2 times; the spec has integer",
        ),
    ]


def test_what_the_spec_allows_by_now_is_silent(tmp_path: Path, contracts: Contracts) -> None:
    lines = [line("title", "integer", "string"), line("title", "integer", "null"), line("effort", "string", "integer")]
    assert found(tmp_path / "file", contracts, *lines) == []


def test_counts_of_several_lines_are_added(tmp_path: Path, contracts: Contracts) -> None:
    ((level, path, text),) = found(
        tmp_path / "file", contracts, line("effort", "integer", "string", 30), line("effort", "integer", "string", 10)
    )
    assert (level, path) == ("breaking", "answer.effort of desk_tickets.update")
    assert text == "came as string 40 times; the spec has integer"


def test_a_text_that_is_no_date_is_told(tmp_path: Path, contracts: Contracts) -> None:
    ((_, _, text),) = found(tmp_path / "file", contracts, line("closed_at", "date-time with offset", "string"))
    assert text == "came as string 1 time; the spec has date-time or string"


def test_a_field_that_the_spec_does_not_have_is_told(tmp_path: Path, contracts: Contracts) -> None:
    ((level, path, _),) = found(tmp_path / "file", contracts, line("colour", "string", "integer"))
    assert (level, path) == ("wording", "answer.colour of desk_tickets.update")


def test_a_known_deviation_stays(tmp_path: Path, contracts: Contracts) -> None:
    file = tmp_path / "file"
    file.write_text(line("effort", "integer", "string"), encoding="utf-8")
    known = Known("answers", "answers seen", "answer.effort of desk_tickets.update", "One desk does so.", "string")
    comparison = compare_answers(file, contracts, [known])
    assert comparison.drift == []
    assert [each.known for each in comparison.differences] == ["One desk does so."]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("oops", "is no JSON"),
        ("[1]", "has another form"),
        ('{"operation": 1}', "has another form"),
        (line("a", "string", "integer").replace("1}", "true}"), "has another form"),
        (line("a", "string", "wild"), "has another form"),
        ("[" * 100_000, "is no JSON"),
        (line("a", "string", "integer", operation="desk.other"), "the specs have no operation 'desk.other'"),
    ],
)
def test_another_form_is_refused_with_its_line(content: str, reason: str, tmp_path: Path, contracts: Contracts) -> None:
    with pytest.raises(PageError, match=reason) as caught:
        found(tmp_path / "file", contracts, line("title", "string", "string"), content)
    assert caught.value.line == 2


def test_the_command_takes_deviations(tmp_path: Path, contracts: Contracts, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "deviations.jsonl"
    file.write_text(line("effort", "integer", "string"), encoding="utf-8")
    assert main(["--answers", str(file), "--specs", str(contracts.folder)]) == 1
    assert "line 1: answer.effort of desk_tickets.update: came as string 1 time" in capsys.readouterr().out
    assert main(["--answers", str(tmp_path / "missing"), "--specs", str(contracts.folder)]) == 2
