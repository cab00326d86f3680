"""The report on pages, for people and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from attrs import frozen

from generator.nodes import printable

from .compare import Comparison
from .fix import Outcome
from .forms import Aspect, Page, PageError

Entry: TypeAlias = "str | int | bool | list[Entry] | dict[str, Entry] | None"


@frozen
class PageReport:
    """What came of one page."""

    file: str
    page: Page | None = None
    comparison: Comparison | None = None
    error: PageError | None = None

    @property
    def status(self) -> int:
        """0 where nothing drifted, 1 where something did, 2 where the page was not understood."""
        if self.comparison is None:
            return 2
        return 1 if self.comparison.drift else 0


def status(reports: Sequence[PageReport]) -> int:
    """Return the exit status for several pages: the gravest one."""
    return max((report.status for report in reports), default=0)


def text_of(reports: Sequence[PageReport], outcomes: Sequence[Outcome] = ()) -> str:
    """Return what a person needs to know: first what was mended, then what differs now."""
    lines = [_outcome(outcome) for outcome in outcomes]
    lines += [""] if lines else []
    for report in reports:
        lines += [*_lines(report), ""]
    drifted = sum(len(report.comparison.drift) for report in reports if report.comparison)
    unread = sum(report.status == 2 for report in reports)
    summary = f"{drifted} difference{'s' * (drifted != 1)}" if drifted else "no drift"
    if not drifted and not unread and any(report.page and report.page.layout.hidden for report in reports):
        summary = "no drift in what these layouts show"
    if unread:
        summary = f"{unread} of {len(reports)} pages not understood" + (
            f", {summary} in the others" if len(reports) > unread else ""
        )
    return "\n".join([*lines, summary])


def _outcome(outcome: Outcome) -> str:
    if outcome.reason:
        return printable(f"left to a person: {outcome.difference} ({outcome.reason})")
    return printable(f"mended {', '.join(map(str, outcome.files))}: {outcome.difference}")


def outcomes_of(outcomes: Sequence[Outcome]) -> Entry:
    """Return what was mended, and what is left to a person, as plain JSON."""
    return [
        {"path": each.difference.path, "text": each.difference.text, "left_because": each.reason or None}
        for each in outcomes
    ]


def _lines(report: PageReport) -> Sequence[str]:
    if report.error:
        return [
            printable(
                f"{report.file}: {report.error}" if report.error.line else f"{report.file}: {report.error.reason}"
            )
        ]
    if report.comparison is None:
        return [f"{printable(report.file)}: was not understood"]
    layout = report.page.layout if report.page else None
    about = f"{report.comparison.operation.name}, " if report.comparison.operation else ""
    lines = [printable(f"{report.file}: {about}{f'layout {layout.name!r}' if layout else 'deviations of answers'}")]
    for difference in report.comparison.differences:
        label = "known" if difference.known else difference.level
        lines.append(f"  {label:<8}  line {difference.line}: {difference}")
        lines.append(f"            {difference.spec}")
        if difference.known:
            lines.append(f"            stays: {printable(difference.known)}")
    if not report.comparison.differences:
        lines.append("  nothing differs")
    for aspect, reason in layout.hidden.items() if layout else ():
        lines.append(f"  not shown by this layout: {aspect} ({reason})")
    return lines


def json_of(reports: Sequence[PageReport]) -> Mapping[str, Entry]:
    """Return the report as plain JSON."""
    return {"status": status(reports), "pages": [_entry(report) for report in reports]}


def _entry(report: PageReport) -> Entry:
    error = report.error
    comparison = report.comparison
    operation = comparison.operation if comparison else None
    differences: list[Entry] = [
        {
            "level": each.level,
            "kind": each.kind,
            "path": each.path,
            "line": each.line,
            "spec": str(each.spec),
            "text": each.text,
            "known": each.known or None,
        }
        for each in (comparison.differences if comparison else ())
    ]
    hidden: Mapping[Aspect, str] = report.page.layout.hidden if report.page else {}
    return {
        "file": report.file,
        "status": report.status,
        "error": {"line": error.line, "reason": error.reason} if error else None,
        "layout": report.page.layout.name if report.page else None,
        "page": comparison.name if comparison else None,
        "operation": f"{operation.module}.{operation.route.name}" if operation else None,
        "differences": differences,
        "not_shown": {str(aspect): reason for aspect, reason in hidden.items()},
    }
