"""Drafted entries find their place under "Unreleased", and nothing else of the changelog changes."""

from __future__ import annotations

import pytest

from generator.refresh.changelog import ChangelogError, with_entries

TEXT = """\
# Changelog

What this is.

## [Unreleased]

Becomes 1.2.0.

### Added

- A door.


### Fixed

- The roof.

## 1.1.0

Becomes 9.9.9.

### Added

- A wall.
"""


def test_entries_stand_below_their_heading() -> None:
    assert with_entries(TEXT, {"Added": ["- A bell.", "- A key."]}) == TEXT.replace(
        "- A door.\n\n\n", "- A door.\n- A bell.\n- A key.\n\n"
    )
    assert with_entries(TEXT, {"Fixed": ["- The door."]}) == TEXT.replace("- The roof.\n", "- The roof.\n- The door.\n")


def test_a_heading_that_is_not_there_comes_last() -> None:
    assert with_entries(TEXT, {"Changed": ["- The lock."]}) == TEXT.replace(
        "- The roof.\n", "- The roof.\n\n### Changed\n\n- The lock.\n"
    )


def test_entries_that_are_there_are_not_repeated() -> None:
    assert with_entries(TEXT, {"Added": ["- A door."], "Changed": []}) == TEXT
    once = with_entries(TEXT, {"Changed": ["- The lock."]}, "1.3.0")
    assert with_entries(once, {"Changed": ["- The lock."]}, "1.3.0") == once


def test_a_version_that_rose_is_named() -> None:
    assert with_entries(TEXT, {}, "1.3.0") == TEXT.replace("Becomes 1.2.0.", "Becomes 1.3.0.")
    assert with_entries(TEXT, {}) == TEXT


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("## [Unreleased]\n", "## [Unreleased]\n\n### Added\n\n- A bell.\n"),
        ("## Unreleased", "## Unreleased\n\n### Added\n\n- A bell.\n"),
        ("## [unreleased] - soon\n\n", "## [unreleased] - soon\n\n### Added\n\n- A bell.\n"),
        (
            "## [Unreleased]\n\n[Unreleased]: https://example.com\n",
            "## [Unreleased]\n\n### Added\n\n- A bell.\n\n[Unreleased]: https://example.com\n",
        ),
    ],
)
def test_an_empty_section_gets_its_first_entry(before: str, after: str) -> None:
    assert with_entries(before, {"Added": ["- A bell."]}) == after


@pytest.mark.parametrize("text", ["", "# Changelog\n\n## 1.0.0\n\n- A wall.\n", "Unreleased\n"])
def test_a_changelog_without_the_section_is_refused(text: str) -> None:
    with pytest.raises(ChangelogError, match="Unreleased"):
        with_entries(text, {"Added": ["- A bell."]})
