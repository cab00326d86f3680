"""The command: `python -m generator.drift PAGE...` tells where saved pages of the vendors and the specs differ."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from attrs import frozen

from generator.nodes import SpecError

from .answers import compare_answers
from .compare import compare
from .contracts import read_contracts
from .differences import Difference
from .fix import mend
from .forms import PageError
from .layouts import parse
from .lines import read_lines
from .records import KNOWN, WORDINGS, read_known, read_wordings, write_wordings
from .report import PageReport, json_of, outcomes_of, status, text_of
from .wordings import record


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command: 0 where nothing drifted, 1 where something did, 2 where a page was not understood."""
    parser = argparse.ArgumentParser(
        "python -m generator.drift", description="Tell where saved pages of the vendors and the specs differ."
    )
    parser.add_argument("pages", nargs="*", type=Path, metavar="PAGE", help="a page, saved as text, Markdown or HTML")
    parser.add_argument(
        "--answers", type=Path, action="append", default=[], help="a file of deviations that were seen in answers"
    )
    parser.add_argument("--specs", type=Path, default=Path("specs"), help="folder of the specs")
    parser.add_argument("--known", type=Path, default=KNOWN, help="file of the disagreements that stay")
    parser.add_argument("--wordings", type=Path, default=WORDINGS, help="file of the recorded wordings")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--fix", action="store_true", help="mend the specs where a page adds or changes support")
    mode.add_argument("--record", action="store_true", help="write down the wordings of the pages as reviewed")
    options = parser.parse_args(arguments)
    if not options.pages and not options.answers:
        parser.error("neither a page nor a file of deviations is given")
    run = _Run(options.pages, options.answers, options.specs, options.known, options.wordings)
    try:
        if options.record:
            write_wordings(record(options.pages, options.specs, read_wordings(options.wordings)), options.wordings)
        outcomes = mend(run.drift) if options.fix else ()
        reports = run.reports()
    except (SpecError, PageError) as error:
        print(error, file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps({**json_of(reports), "fixed": outcomes_of(outcomes)}, indent=2))
    else:
        print(text_of(reports, outcomes))
    return status(reports)


@frozen
class _Run:
    """What is compared with what."""

    pages: Sequence[Path]
    answers: Sequence[Path]
    specs: Path
    known: Path
    wordings: Path

    def reports(self) -> Sequence[PageReport]:
        """Read everything and return the reports."""
        contracts = read_contracts(self.specs)
        known, wordings = read_known(self.known), read_wordings(self.wordings)
        reports: list[PageReport] = []
        for file in self.pages:
            try:
                page = parse(read_lines(file), contracts.names)
                reports.append(PageReport(str(file), page, compare(page, file.stem, contracts, known, wordings)))
            except PageError as error:
                reports.append(PageReport(str(file), error=error))
        for file in self.answers:
            try:
                reports.append(PageReport(str(file), comparison=compare_answers(file, contracts, known)))
            except PageError as error:
                reports.append(PageReport(str(file), error=error))
        return reports

    def drift(self) -> Sequence[tuple[str, Difference]]:
        """Return all that drifted, with the file that shows it."""
        return [
            (report.file, difference)
            for report in self.reports()
            if report.comparison
            for difference in report.comparison.drift
        ]


if __name__ == "__main__":
    sys.exit(main())
