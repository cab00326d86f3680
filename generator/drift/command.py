"""The command: `python -m generator drift PAGE...` tells where saved pages of the vendors and the specs differ."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from generator.nodes import SpecError

from .fix import mend
from .forms import PageError
from .records import KNOWN, WORDINGS, read_wordings, write_wordings
from .report import json_of, outcomes_of, status, text_of
from .sources import Sources
from .wordings import record


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command: 0 where nothing drifted, 1 where something did, 2 where a page was not understood."""
    parser = argparse.ArgumentParser(
        "python -m generator drift", description="Tell where saved pages of the vendors and the specs differ."
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
    sources = Sources(options.pages, options.answers, options.specs, options.known, options.wordings)
    try:
        if options.record:
            write_wordings(record(options.pages, options.specs, read_wordings(options.wordings)), options.wordings)
        outcomes = mend(sources.drift) if options.fix else ()
        reports = sources.reports()
    except (SpecError, PageError) as error:
        print(error, file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps({**json_of(reports), "fixed": outcomes_of(outcomes)}, indent=2))
    else:
        print(text_of(reports, outcomes))
    return status(reports)
