"""The benchmarks' own arithmetic, records and report; what they measure is nobody's test."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import attrs
import pytest

from accounts_client import coperniq_accounts, crm_accounts, decode
from benchmarks import report, server
from benchmarks.goals import GOALS, QUESTIONS, Goal
from benchmarks.measure import Figure, Sample, figure, ratio, rounds
from benchmarks.plot import plot
from benchmarks.questions import QUESTIONS as ANSWERED
from benchmarks.records import CASES, DIALECTS, JSON, PAGE_SIZE, Case, coperniq_body, encoded, has_case, page, record
from benchmarks.worker import shares

CASES_BY_DIALECT = [(dialect, case) for dialect in DIALECTS for case in CASES if has_case(dialect, case)]


def keys(value: JSON) -> int:
    """Return how many keys the objects of a JSON value have, all levels together."""
    if isinstance(value, dict):
        return len(value) + sum(map(keys, value.values()))
    return sum(map(keys, value)) if isinstance(value, list) else 0


@pytest.mark.parametrize(("dialect", "case"), CASES_BY_DIALECT)
def test_a_page_has_the_same_bytes_each_time_and_records_that_differ(dialect: str, case: Case) -> None:
    body = page(dialect, case)
    assert body == page(dialect, case)
    assert len({encoded(record(dialect, case, number)) for number in range(PAGE_SIZE)}) == PAGE_SIZE


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_record_has_about_one_kilobyte(dialect: str) -> None:
    assert 900 < len(page(dialect, "known")) / PAGE_SIZE < 1_250


def test_the_copy_of_the_source_record_has_about_one_and_a_half_kilobytes() -> None:
    assert 1_400 < (len(page("truto", "remote_data")) - len(page("truto", "known"))) / PAGE_SIZE < 1_600


@pytest.mark.parametrize("case", ["half", "sparse"])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_optional_key_is_absent_in_half_of_the_records(dialect: str, case: Case) -> None:
    optional = record(dialect, "known", 0).keys() - DIALECTS[dialect].required
    records = [record(dialect, case, number) for number in range(PAGE_SIZE)]
    assert {key: sum(key in entry for entry in records) for key in optional} == dict.fromkeys(optional, PAGE_SIZE / 2)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_record_with_unknown_keys_has_two_at_the_top_and_one_below(dialect: str) -> None:
    plain, more = record(dialect, "known", 3), record(dialect, "unknown", 3)
    assert len(more) == len(plain) + 2
    assert keys(more) == keys(plain) + 3


@pytest.mark.parametrize(
    ("dialect", "model"), [("truto", crm_accounts.Account), ("coperniq", coperniq_accounts.Account)]
)
def test_our_records_name_every_documented_key_and_no_other(
    dialect: str, model: type[crm_accounts.Account] | type[coperniq_accounts.Account]
) -> None:
    decoded = decode(model, encoded(record(dialect, "known", 1)), strict=True)
    assert decoded.extra == {}
    assert {name for name, value in attrs.asdict(decoded).items() if value is None} <= {"remote_data"}


def test_the_bodies_of_coperniq_differ_in_their_names_alone() -> None:
    python, wire = coperniq_body()
    assert list(python.values()) == list(wire.values())
    assert wire["primaryEmail"] == python["primary_email"]


def test_a_ratio_is_that_of_the_medians() -> None:
    assert ratio([2.0, 3.0, 100.0], [4.0, 6.0, 8.0]).value == 0.5


def test_a_figure_names_the_middle_half() -> None:
    assert figure([5.0, 1.0, 4.0, 2.0, 3.0]) == Figure(3.0, 2.0, 4.0)


def test_one_round_is_a_figure_too() -> None:
    assert figure([7.0]) == Figure(7.0, 7.0, 7.0)


def test_the_ways_take_turns_and_another_begins_each_round() -> None:
    calls: list[str] = []

    def way(name: str) -> Sample:
        calls.append(name)
        return Sample(len(calls))

    samples = rounds({"a": lambda: way("a"), "b": lambda: way("b")}, 3)
    assert calls == ["a", "b", "b", "a", "a", "b"]
    assert [sample.cpu for sample in samples["a"]] == [1, 4, 5]


def test_calls_are_divided_without_loss() -> None:
    assert shares(11, 4) == [3, 3, 3, 2]


@pytest.mark.parametrize(
    ("goal", "value", "expected"),
    [
        (Goal("a.b", "", "", 1.0, 0.5), 0.5, "dream"),
        (Goal("a.b", "", "", 1.0, 0.5), 0.9, "reach"),
        (Goal("a.b", "", "", 1.0, 0.5), 1.1, "**no**"),
        (Goal("a.b", "", "", 4.0, 10, is_higher_better=True), 11.0, "dream"),
        (Goal("a.b", "", "", 4.0, 10, is_higher_better=True), 4.1, "reach"),
        (Goal("a.b", "", "", 4.0, 10, is_higher_better=True), 3.0, "**no**"),
        (Goal("a.b", "", ""), 3.0, ""),
    ],
)
def test_the_report_says_which_goal_is_met(goal: Goal, value: float, expected: str) -> None:
    assert report.verdict(goal, Figure(value, value, value)) == expected


def test_every_row_has_a_question_that_answers_it() -> None:
    assert set(QUESTIONS) == set(ANSWERED)


def test_a_result_survives_the_disk_and_stands_in_the_report(tmp_path: Path) -> None:
    result = report.Result(
        figures={"decode.known": {"ours": Figure(0.7, 0.65, 0.75), "stock": Figure(12.34, 12.0, 13.0)}},
        machine="a machine",
        versions={"httpx": "0.28.1"},
        skipped={"a peer": "needs another Python"},
        notes=["something to know"],
    )
    report.save(tmp_path, "decode", result)
    assert report.load(tmp_path) == {"decode": result}
    text = report.write(tmp_path).read_text()
    assert "| 0.70 (0.65 to 0.75) | 0.75 | 0.60 | reach | 12.3 (12.0 to 13.0) |" in text
    for fact in ("a machine", "httpx 0.28.1", "a peer (needs another Python)", "something to know", "plot.svg"):
        assert fact in text


def test_the_plot_is_a_picture_with_every_row_that_has_a_goal() -> None:
    figures = {goal.row: {"ours": Figure(2.0, 1.5, 2.5)} for goal in GOALS}
    picture = ElementTree.fromstring(plot(GOALS, figures))
    texts = [element.text or "" for element in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert all(goal.label in texts for goal in GOALS if goal.reach)


@pytest.mark.parametrize(
    ("cursor", "following"), [("", "100"), ("&next_cursor=100", "200"), ("&next_cursor=200", None)]
)
def test_the_server_hands_out_pages_until_there_are_no_more(cursor: str, following: str | None) -> None:
    head, *body = server.respond(f"GET /truto-3/unified/crm/accounts?limit=100{cursor} HTTP/1.1\r\nHost: a".encode())
    answer = json.loads(b"".join(body))
    assert int(head.split(b"Content-Length: ")[1]) == len(b"".join(body))
    assert (answer["next_cursor"], len(answer["result"])) == (following, PAGE_SIZE)


def test_the_server_has_one_record_at_any_other_path() -> None:
    assert json.loads(server.respond(b"GET /truto-3/unified/crm/accounts/1?a=b HTTP/1.1")[1]) == record(
        "truto", "known", 1
    )
