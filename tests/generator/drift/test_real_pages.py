"""The vendors' own pages: read as far as their layouts go, and silent but for what a person has looked at."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.drift.command import main
from generator.drift.compare import Comparison, compare
from generator.drift.contracts import Contracts, read_contracts
from generator.drift.forms import Page
from generator.drift.layouts import parse
from generator.drift.lines import lines_of
from generator.drift.records import read_known, read_wordings
from tests.generator.drift.writer import write_html

ROOT = Path(__file__).parents[3]
PAGES = ROOT.parent / "shared" / "docs" / "pages"
NAMES = (
    "crm-accounts-update",
    "crm-accounts-create",
    "crm-users-update",
    "ticketing-accounts-update",
    "coperniq-accounts-update",
)
# How many fields a reader counts on each page, nested ones included; where names are lost, descriptions and lone marks.
COUNTS = {
    "crm-accounts-update": {"path": 1, "query": 5, "body": 22, "answer": 31},
    "crm-accounts-create": {"query": 6, "body": 30, "answer": 32},
    "crm-users-update": {"path": 1, "query": 5, "body": 7, "answer": 10},
    "ticketing-accounts-update": {"path": 1, "query": 5, "body": 7, "answer": 7},
    "coperniq-accounts-update": {"path": 1, "query": 1, "body": 13, "answer": 13},
}

needs_pages = pytest.mark.skipif(not PAGES.is_dir(), reason="the vendors' pages are not part of the repository")


@pytest.fixture(scope="module")
def real() -> Contracts:
    return read_contracts(ROOT / "specs")


def text_of(name: str) -> str:
    return (PAGES / f"{name}.txt").read_text(encoding="utf-8")


def read(text: str, real: Contracts) -> Page:
    return parse(lines_of(text), real.names)


def compared(name: str, text: str, real: Contracts) -> Comparison:
    return compare(read(text, real), name, real, read_known(), read_wordings())


@needs_pages
@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_read_completely(name: str, real: Contracts) -> None:
    assert {place: len(rows) for place, rows in read(text_of(name), real).rows.items()} == COUNTS[name]


@needs_pages
@pytest.mark.parametrize("name", NAMES)
def test_a_page_gives_no_drift(name: str, real: Contracts) -> None:
    comparison = compared(name, text_of(name), real)
    assert comparison.operation is not None
    assert [str(difference) for difference in comparison.drift] == []


@needs_pages
@pytest.mark.parametrize("name", NAMES)
def test_a_page_saved_under_another_name_or_as_html_is_the_same(name: str, real: Contracts) -> None:
    comparison = compared("saved", write_html(text_of(name)), real)
    assert comparison.name == compared(name, text_of(name), real).name
    assert [str(difference) for difference in comparison.drift] == []


@needs_pages
def test_every_known_disagreement_is_there() -> None:
    real = read_contracts(ROOT / "specs")
    found = [(each.name, each.differences) for each in (compared(name, text_of(name), real) for name in NAMES)]
    for known in read_known():
        assert any(
            known.covers(name, difference.kind, difference.path, difference.shown)
            for name, differences in found
            for difference in differences
        ), known


@needs_pages
@pytest.mark.parametrize(
    ("name", "old", "new", "found"),
    [
        ("crm-accounts-update", "industry\nstring", "branch\nstring", {"field gone", "new field"}),
        ("crm-accounts-update", "  • Close\n  • Salesforce\n\nPath", "  • Close\n\nPath", {"integrations"}),
        ("crm-accounts-create", "13 supported\nThe extension", "14 supported\nThe extension", {"mark"}),
        ("crm-accounts-create", "21 supported20 required", "22 supported20 required", {"mark"}),
        ("crm-accounts-create", "The account's industry\n8 supported\n", "", {"field gone"}),
        ("crm-accounts-create", '"industry": "your_industry"', '"branch": "your_branch"', {"field gone", "new field"}),
        ("crm-users-update", "is_activeboolean", "is_activestring", {"type"}),
        ("crm-users-update", "1 supported\nPlanhat\nsupported", "1 supported\nWix\nsupported", {"mark"}),
        ("ticketing-accounts-update", "normalizedstreamdebug", "normalizedstreamdebugtrace", {"new value"}),
        ("ticketing-accounts-update", "Defaults to unified.", "Defaults to raw.", {"default", "wording"}),
        ("coperniq-accounts-update", "titlestringOptional", "titlestringRequired", {"required"}),
        ("coperniq-accounts-update", "contactslist of objectsOptional", "contactslist of stringsOptional", {"type"}),
    ],
)
def test_an_edit_of_a_page_is_found(name: str, old: str, new: str, found: set[str], real: Contracts) -> None:
    text = text_of(name)
    assert old in text
    assert {each.kind for each in compared(name, text.replace(old, new, 1), real).drift} == found


@needs_pages
def test_the_command_says_that_nothing_drifted(capsys: pytest.CaptureFixture[str]) -> None:
    files = [str(PAGES / f"{name}.txt") for name in NAMES]
    assert main([*files, "--specs", str(ROOT / "specs")]) == 0
    printed = capsys.readouterr().out
    assert printed.endswith("\nno drift in what these layouts show\n")
    assert "not shown by this layout: names (" in printed
    assert "not shown by this layout: values (" in printed


def test_every_known_disagreement_has_a_reason() -> None:
    assert len(read_known()) > 10
    assert all(known.reason.endswith(".") for known in read_known())


def test_recorded_wordings_hold_no_words() -> None:
    for places in read_wordings().values():
        for digests in places.values():
            assert all(len(each) == 12 and int(each, 16) >= 0 for found in digests.values() for each in found)
