"""Puts drafted entries into the changelog, under "Unreleased"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

_UNRELEASED: Final = re.compile(r"## \[?unreleased\]?\b.*", re.I)
_END: Final = re.compile(r"## .*|\[[^\]]+\]: .*")
_BECOMES: Final = re.compile(r"Becomes \d+\.\d+\.\d+\.")


class ChangelogError(Exception):
    """The changelog has no place for the entries."""


def with_entries(text: str, entries: Mapping[str, Sequence[str]], version: str = "") -> str:
    """Return the changelog with entries, by their headings, that it does not have yet.

    Args:
        text: The changelog.
        entries: Lines by heading, such as "Added".
        version: What "Unreleased" becomes, where that rose.

    Raises:
        ChangelogError: Nothing stands under "Unreleased", not even the heading.
    """
    lines = text.splitlines()
    start = next((index for index, line in enumerate(lines) if _UNRELEASED.fullmatch(line)), None)
    if start is None:
        raise ChangelogError('the changelog has no section "Unreleased"')
    end = next((index for index in range(start + 1, len(lines)) if _END.fullmatch(lines[index])), len(lines))
    section: Sequence[str] = lines[start:end]
    if version:
        section = [f"Becomes {version}." if _BECOMES.fullmatch(line) else line for line in section]
    for heading, drafted in entries.items():
        section = _with_part(section, f"### {heading}", [entry for entry in drafted if entry not in section])
    after = lines[end:]
    return "\n".join([*lines[:start], *_trimmed(section), *([""] if after else []), *after]) + "\n"


def _with_part(section: Sequence[str], heading: str, drafted: Sequence[str]) -> Sequence[str]:
    if not drafted:
        return section
    if heading not in section:
        return [*_trimmed(section), "", heading, "", *drafted]
    start = section.index(heading)
    end = next((index for index in range(start + 1, len(section)) if section[index].startswith("### ")), len(section))
    rest = section[end:]
    return [*section[:start], *_trimmed(section[start:end]), *drafted, *([""] if rest else []), *rest]


def _trimmed(lines: Sequence[str]) -> Sequence[str]:
    """Return the lines without the empty ones at their end."""
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    return lines[:end]
