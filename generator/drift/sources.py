"""What one run compares with the specs: saved pages, and deviations that programs met in answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from attrs import frozen

from .answers import compare_answers
from .compare import compare
from .contracts import read_contracts
from .differences import Difference
from .forms import PageError
from .layouts import parse
from .lines import read_lines
from .records import KNOWN, WORDINGS, read_known, read_wordings
from .report import PageReport


@frozen
class Sources:
    """The files of a run."""

    pages: Sequence[Path]
    answers: Sequence[Path] = ()
    """Files of deviations."""
    specs: Path = Path("specs")
    known: Path = KNOWN
    wordings: Path = WORDINGS

    def reports(self) -> Sequence[PageReport]:
        """Read everything and return one report a page, and one a file of deviations.

        Raises:
            SpecError: The specs or the reviewed files cannot be read.
        """
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
        """Return all that drifted, with the file that shows it.

        Raises:
            SpecError: The specs or the reviewed files cannot be read.
        """
        return [
            (report.file, difference)
            for report in self.reports()
            if report.comparison
            for difference in report.comparison.drift
        ]
