"""The picture of the report, as SVG: one line a row, every value in relation to the row's goal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from math import log
from typing import Final

from .environments import PEERS
from .goals import Goal
from .measure import Figure

_LABELS: Final = 300
_SCALE: Final = 640
_WIDTH: Final = _LABELS + _SCALE + 170
_LINE: Final = 27
_TOP: Final = 96
_TICKS: Final = (0.25, 0.5, 1, 2, 4, 8, 16, 32, 64)
_COLORS: Final = {"stock": "#b58900", "truto": "#2aa198", "merge": "#6c71c4", "apideck": "#cb4b16", "finch": "#859900"}
_OURS: Final = "#1f6feb"
_GRAY: Final = "#57606a"


def plot(goals: Sequence[Goal], figures: Mapping[str, Mapping[str, Figure]]) -> str:
    """Return the picture of the rows that have a goal and figures."""
    rows = [goal for goal in goals if goal.reach and figures.get(goal.row)]
    height = _TOP + _LINE * len(rows) + 40
    middles = [_TOP + _LINE * (place + 0.5) for place in range(len(rows))]
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" '
        'font-family="Helvetica, Arial, sans-serif" font-size="13">',
        '<rect width="100%" height="100%" fill="white"/>',
        *(_band(middle) for middle in middles[::2]),
        _text(12, 26, "Cost in relation to the goal of each row: 1x meets it, further left is better", size=17),
        *_legend(),
        *_axis(height),
    ]
    for goal, middle in zip(rows, middles, strict=True):
        lines += _row(goal, figures[goal.row], middle)
    return "\n".join([*lines, "</svg>"]) + "\n"


def _legend() -> Iterator[str]:
    left = 18.0
    yield _dot(left, 51, _OURS, 6)
    yield _text(left + 11, 55, "accounts-client")
    left += 124
    for name, color in _COLORS.items():
        label = PEERS[name].split(" (")[0]
        yield _dot(left, 51, color, 4.5)
        yield _text(left + 11, 55, label)
        left += 28 + 6.6 * len(label)
    yield _diamond(left, 51)
    yield _text(left + 11, 55, "dream")


def _axis(height: float) -> Iterator[str]:
    for tick in _TICKS:
        left = _left(tick)
        color, width = ("#d1242f", 2) if tick == 1 else ("#d0d7de", 1)
        yield f'<path d="M{left:.1f} {_TOP - 6} V{height - 34}" stroke="{color}" stroke-width="{width}"/>'
        for top in (_TOP - 13, height - 16):
            yield _text(left, top, f"{tick:g}x", anchor="middle", color=_GRAY)
    yield _text(_LABELS + _SCALE + 20, _TOP - 13, "value (goal)", color=_GRAY)


def _row(goal: Goal, subjects: Mapping[str, Figure], middle: float) -> Iterator[str]:
    yield _text(_LABELS - 16, middle + 4.5, goal.label, anchor="end")
    if goal.dream:
        yield _diamond(_left(goal.relative(goal.dream)), middle)
    for name, color in _COLORS.items():
        if name in subjects:
            yield _dot(_left(_relative(goal, subjects[name])), middle, color, 4.5)
    if "ours" in subjects:
        found = subjects["ours"]
        yield _dot(_left(_relative(goal, found)), middle, _OURS, 6)
        unit = "" if goal.unit == "x" else f" {goal.unit}"
        value = f"{found.value:,.0f}" if found.value >= 100 else f"{found.value:.2f}"
        yield _text(_LABELS + _SCALE + 20, middle + 4.5, f"{value}{unit} ({goal.reach:,g})", color=_OURS)


def _relative(goal: Goal, found: Figure) -> float:
    # Memory may not grow at all.
    return goal.relative(max(found.value, 1e-9))


def _left(value: float) -> float:
    """Return where a value stands; what is beyond the scale stands at its end."""
    least, most = _TICKS[0], _TICKS[-1]
    return _LABELS + _SCALE * log(min(max(value, least), most) / least) / log(most / least)


def _band(middle: float) -> str:
    return f'<rect y="{middle - _LINE / 2}" width="{_WIDTH}" height="{_LINE}" fill="#f4f6f8"/>'


def _text(left: float, top: float, text: str, *, anchor: str = "start", color: str = "#1f2328", size: int = 13) -> str:
    return (
        f'<text x="{left:.1f}" y="{top:.1f}" text-anchor="{anchor}" fill="{color}" font-size="{size}">'
        f"{escape(text)}</text>"
    )


def _dot(left: float, top: float, color: str, radius: float) -> str:
    return f'<circle cx="{left:.1f}" cy="{top:.1f}" r="{radius}" fill="{color}" fill-opacity="0.85"/>'


def _diamond(left: float, top: float) -> str:
    return f'<path d="M{left:.1f} {top - 5:.1f} l5 5 l-5 5 l-5 -5 z" fill="none" stroke="{_GRAY}" stroke-width="1.3"/>'
