"""The report: the figures of all questions that were asked, as a Markdown table with the goals beside them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from .environments import PEERS
from .goals import GOALS, QUESTIONS, Goal
from .measure import Figure
from .plot import plot

_PLOT: Final = "plot.svg"


@dataclass(frozen=True)
class Result:
    """What one question gave."""

    figures: Mapping[str, Mapping[str, Figure]]
    """By row and subject."""
    machine: str
    versions: Mapping[str, str]
    """Versions of what was installed beside this library, by name."""
    skipped: Mapping[str, str] = field(default_factory=dict[str, str])
    notes: Sequence[str] = ()
    is_quick: bool = False


def save(folder: Path, question: str, result: Result) -> None:
    """Keep the result of a question, instead of an older one."""
    path = folder / "results" / f"{question}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(result), indent=2) + "\n")


def load(folder: Path) -> dict[str, Result]:
    """Return the results that are kept, by question."""
    found: dict[str, Result] = {}
    for question in QUESTIONS:
        path = folder / "results" / f"{question}.json"
        if path.exists():
            stored = json.loads(path.read_text())
            rows = stored.pop("figures")
            figures = {
                row: {subject: Figure(**values) for subject, values in subjects.items()}
                for row, subjects in rows.items()
            }
            found[question] = Result(figures=figures, **stored)
    return found


def write(folder: Path) -> Path:
    """Write the report and its plot from all kept results, and return the path of the report."""
    results = load(folder)
    figures = {row: subjects for result in results.values() for row, subjects in result.figures.items()}
    (folder / _PLOT).write_text(plot(GOALS, figures))
    path = folder / "report.md"
    path.write_text(render(results))
    return path


def render(results: Mapping[str, Result]) -> str:
    """Return the report."""
    figures = {row: subjects for result in results.values() for row, subjects in result.figures.items()}
    machines = sorted({result.machine for result in results.values()})
    versions = {name: version for result in results.values() for name, version in result.versions.items()}
    skipped = {name: reason for result in results.values() for name, reason in result.skipped.items()}
    lines = [
        "# Benchmarks",
        "",
        "Each figure is a ratio of medians of processor time, measured in turns in one process on the same bytes, "
        "unless the row says otherwise; behind it stands the middle half of the rounds. The other clients read the "
        "same story in the words of their own services, and are compared with the plain way to read those bytes.",
        "",
        *(f"Machine: {machine}." for machine in machines),
        "Versions: " + ", ".join(f"{name} {version}" for name, version in sorted(versions.items())) + ".",
        "",
    ]
    if any(result.is_quick for result in results.values()):
        lines += ["**Quick run: these figures show that the benchmarks work, and nothing else.**", ""]
    lines += [f"![How far each row is from its goal]({_PLOT})", "", *table(figures)]
    lines += ["", *(f"- {note}" for result in results.values() for note in result.notes)]
    lines += [f"- Skipped: {name} ({reason})" for name, reason in sorted(skipped.items())]
    return "\n".join(lines).rstrip() + "\n"


def table(figures: Mapping[str, Mapping[str, Figure]]) -> list[str]:
    """Return the lines of the table, for the rows that have figures."""
    columns = ["ours", *PEERS]
    lines = [
        "| what | " + " | ".join(["ours", "reach", "dream", "met", *(PEERS[name] for name in PEERS)]) + " |",
        "| --- |" + " ---: |" * (len(columns) + 3),
    ]
    for goal in GOALS:
        subjects = figures.get(goal.row)
        if subjects:
            cells = [_cell(goal, subjects.get(name)) for name in columns]
            goals = [_number(goal, goal.reach), _number(goal, goal.dream), verdict(goal, subjects.get("ours"))]
            plain = subjects.get("raw")
            what = goal.what if plain is None else f"{goal.what} (plain: {_number(goal, plain.value)})"
            lines.append("| " + " | ".join([what, cells[0], *goals, *cells[1:]]) + " |")
    return lines


def verdict(goal: Goal, found: Figure | None) -> str:
    """Say whether a figure meets its goal."""
    if goal.reach is None or goal.dream is None or found is None:
        return ""
    if (found.value >= goal.dream) if goal.is_higher_better else (found.value <= goal.dream):
        return "dream"
    return "reach" if goal.relative(found.value) <= 1 else "**no**"


def _cell(goal: Goal, found: Figure | None) -> str:
    if found is None:
        return ""
    return f"{_number(goal, found.value)} ({_number(goal, found.low)} to {_number(goal, found.high)})"


def _number(goal: Goal, value: float | None) -> str:
    if value is None:
        return ""
    if goal.unit == "bytes":
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
