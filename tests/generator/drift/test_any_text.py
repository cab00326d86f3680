"""Any text ends in a status and a message, soon: never in a traceback."""

from __future__ import annotations

import random
import re
import signal
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.drift.command import main
from generator.drift.compare import compare
from generator.drift.contracts import Contracts
from generator.drift.forms import Layout, PageError
from generator.drift.layouts import parse
from generator.drift.lines import MAXIMUM_BYTES, lines_of
from generator.drift.report import PageReport, json_of, text_of
from tests.generator.drift.synthetic import LAYOUTS, page_in, recorded, write_specs
from tests.generator.drift.writer import WRITERS, write_html

PIECES = [
    *(piece for layout in LAYOUTS for piece in WRITERS[layout.name](page_in(layout)).splitlines()),
    "<div>",
    "<li>",
    "</",
    "<!--",
    "<script>",
    "&#99999999;",
    "- **`",
    "-d '{",
    "9 supported9 required",
    "\x00",
    "\ud800",
    "\u2028",
]
SECONDS = 30


@contextmanager
def ending_soon(seconds: float = SECONDS) -> Generator[None]:
    """Fail a block that takes too long, even one that would never end."""

    def fail(*_: object) -> None:
        raise TimeoutError(f"takes more than {seconds} s")

    before = signal.signal(signal.SIGALRM, fail)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def status_of(text: str, contracts: Contracts) -> int:
    """Return the status of a page, having written its report in time."""
    with ending_soon():
        return _status_of(text, contracts)


def _status_of(text: str, contracts: Contracts) -> int:
    try:
        page = parse(lines_of(text), contracts.names)
    except PageError as error:
        report = PageReport("page", error=error)
        assert error.reason
    else:
        wordings = recorded(page_in(page.layout))
        report = PageReport("page", page, compare(page, "page", contracts, (), wordings))
    assert text_of([report]).isprintable() or "\n" in text_of([report])
    assert json_of([report])["status"] == report.status
    return report.status


@settings(max_examples=300)
@given(text=st.text())
def test_any_text(text: str, contracts: Contracts) -> None:
    assert status_of(text, contracts) == 2


@settings(max_examples=300)
@given(
    pieces=st.lists(st.sampled_from(PIECES) | st.text(max_size=20), max_size=60), glue=st.sampled_from(["\n", "", " "])
)
def test_any_pieces_of_pages(pieces: list[str], glue: str, contracts: Contracts) -> None:
    assert status_of(glue.join(pieces), contracts) in (0, 1, 2)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_mutated_pages(layout: Layout, seed: int, contracts: Contracts) -> None:
    chance = random.Random(seed)
    text = WRITERS[layout.name](page_in(layout))
    text = write_html(text) if seed % 4 == 0 else text
    for _ in range(chance.randrange(1, 12)):
        at, length = chance.randrange(len(text)), chance.randrange(1, 60)
        match chance.randrange(4):
            case 0:
                text = text[:at] + text[at + length :]
            case 1:
                text = text[:at] + chance.choice(PIECES) + text[at:]
            case 2:
                text = text[:at] + text[at : at + length] * 2 + text[at + length :]
            case _:
                text = text[:at] + "\n" + text[at:]
    assert status_of(text, contracts) in (0, 1, 2)


HUGE = {
    "one long line": "a" * 2_000_000,
    "one long word and its type": "PATCH /a/b\nRequest Body\n" + "a" * 1_000_000 + "string",
    "values in one word": "PATCH /a/b\nRequest Body\nidstring\nPossible values:\n" + "ab" * 500_000,
    "many fields": "PATCH /unified/desk/tickets/{id}\nRequest Body\n"
    + "".join(f"f{i}_xstring\n" for i in range(15_000)),
    "many new objects": "PATCH /unified/desk/tickets/{id}\nRequest Body\n"
    + "".join(f"f{i}_xobject[]\n" for i in range(3_000)),
    "many lines": "PATCH /unified/desk/tickets/{id}\nRequest Body\n" + "idstring\n" * 500_000,
    "many counts": "/unified/desk/tickets/{id}\nRequest Body\n" + "3 supported\n" * 15_000,
    "deep lists": "`GET /unified/desk/tickets`\n## Response\n"
    + "".join(f"{' ' * i}- **`f{i}`** _(object)_\n" for i in range(1_500)),
    "deep elements": "<html>" + "<div>" * 300_000 + "x" + "</div>" * 300_000,
    "open tags": "<html>" + "<a " * 500_000,
    "open comments": "<html>" + "<!--" * 500_000,
    "open scripts": "<html>" + "<script>" * 200_000 + "</script",
    "quotes": "<html>" + "<a href='" * 200_000 + ">",
    "blanks": " " * 2_000_000 + "\n" + "\u200b" * 500_000,
    "a deep sample": "/unified/desk/tickets\nRequest Body\nText\n1 supported\ncurl -X POST 'a' -d '{\"a\": "
    + "[" * 90_000,
    "canonical addresses": "<html>" + "rel=canonical " * 100_000,
}


@pytest.mark.parametrize("name", HUGE)
def test_huge_pages_end_soon(name: str, contracts: Contracts) -> None:
    assert status_of(HUGE[name], contracts) in (1, 2)


def test_the_guard_ends_what_would_not_end() -> None:
    with pytest.raises(TimeoutError), ending_soon(0.05):
        re.fullmatch("(a|aa)*b", "a" * 100)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read"),
        (b"", "is empty"),
        (b"\xff\xfe\x00", "is not UTF-8 text"),
        (b"x" * (MAXIMUM_BYTES + 1), "is larger than 5,000,000 bytes"),
        (b"Some prose.", "line 1: layout not recognised"),
    ],
)
def test_the_command_ends_with_2(
    content: bytes | None, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_specs(tmp_path)
    file = tmp_path / "page.txt"
    if content is not None:
        file.write_bytes(content)
    assert main([str(file), "--specs", str(tmp_path)]) == 2
    printed = capsys.readouterr()
    assert message in printed.out
    assert "1 of 1 pages not understood" in printed.out
    assert "no drift" not in printed.out
    assert printed.err == ""
