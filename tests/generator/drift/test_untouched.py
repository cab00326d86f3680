"""Pages that say what the specs say are silent, however they are sorted and spaced."""

from __future__ import annotations

import random

import pytest
from attrs import evolve

from generator.drift.contracts import Contracts
from generator.drift.forms import Layout, Page, Row
from tests.generator.drift.synthetic import LAYOUTS, compared, drift_of, page_in, recorded
from tests.generator.drift.writer import WRITERS, write_html


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_an_untouched_page_is_silent(layout: Layout, contracts: Contracts) -> None:
    assert drift_of(page_in(layout), layout, contracts) == set()


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_an_untouched_page_in_html_is_silent(layout: Layout, contracts: Contracts) -> None:
    if layout.name == "Truto, Markdown":
        pytest.skip("Markdown is not saved as HTML")
    text = write_html(WRITERS[layout.name](page_in(layout)))
    assert compared(text, contracts, recorded(page_in(layout))).drift == []


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_a_shuffled_page_is_silent(layout: Layout, seed: int, contracts: Contracts) -> None:
    assert drift_of(shuffled(page_in(layout), random.Random(seed)), layout, contracts) == set()


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_white_space_is_silent(layout: Layout, seed: int, contracts: Contracts) -> None:
    chance = random.Random(seed)
    text = WRITERS[layout.name](page_in(layout))
    lines: list[str] = []
    for line in text.splitlines():
        lines += [line.replace(" ", chance.choice([" ", "\xa0"])) if not line.startswith(" ") else line]
        lines[-1] += chance.choice(["", "  ", "\t", "\u200b"])
        lines += [""] * chance.randrange(3)
    spaced = chance.choice(["\n", "\r\n"]).join(lines)
    assert compared(spaced, contracts, recorded(page_in(layout))).drift == []


def shuffled(page: Page, chance: random.Random) -> Page:
    """Return a page with its fields, and the fields inside objects, in another order."""
    rows: dict[str, list[Row]] = {}
    for place, section in page.rows.items():
        blocks: list[list[Row]] = []
        for each in section:
            if each.depth:
                blocks[-1].append(each)
            else:
                blocks.append([each])
        chance.shuffle(blocks)
        for block in blocks:
            inner = block[1:]
            chance.shuffle(inner)
            block[1:] = inner
        rows[place] = [each for block in blocks for each in block]
    places = list(page.rows)
    return evolve(
        page,
        rows={place: rows[place] for place in places},
        integrations=page.integrations and tuple(chance.sample(page.integrations, len(page.integrations))),
    )
