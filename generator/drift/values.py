"""Parts values that a page prints in one word, with the help of those that the spec knows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

MAXIMUM: Final = 1_000


def split_values(joined: str, known: Sequence[str]) -> Sequence[str]:
    """Return the values of one word: the known ones that cover the most of it, and what is left between them."""
    text = joined[:MAXIMUM]
    # Of each beginning of the text: how few characters are not known, and the last known value or none.
    best: list[tuple[int, str]] = [(0, "")]
    for end in range(1, len(text) + 1):
        options = [(best[end - 1][0] + 1, "")]
        options += [(best[end - len(value)][0], value) for value in known if value and text[:end].endswith(value)]
        best.append(min(options, key=lambda option: (option[0], -len(option[1]))))
    found: list[str] = []
    end, rest = len(text), ""
    while end:
        value = best[end][1]
        if value:
            found += [rest, value] if rest else [value]
            rest, end = "", end - len(value)
        else:
            rest, end = text[end - 1] + rest, end - 1
    return list(reversed([*found, rest] if rest else found))
