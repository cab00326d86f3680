"""The command: `python -m generator.api_diff OLD [NEW]` compares two versions of the project, each a folder."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from attrs import asdict

from .corpus import CorpusError
from .surface import SurfaceError
from .verdict import changelog, judge, report


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command: 0 where the version is bumped enough, 1 where it is not, 2 where a version cannot be read."""
    parser = argparse.ArgumentParser(
        "python -m generator.api_diff", description="Tell what a new version of the package means for its users."
    )
    parser.add_argument("old", type=Path, help="folder of the project in the old version")
    parser.add_argument("new", type=Path, nargs="?", default=Path(), help="folder of the new version; by default here")
    parser.add_argument("--json", action="store_true", help="print the changes as JSON")
    parser.add_argument("--changelog", action="store_true", help="print a draft of the changelog entry as well")
    options = parser.parse_args(arguments)
    try:
        verdict = judge(options.old, options.new)
    except (SurfaceError, CorpusError) as error:
        print(error, file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps({**asdict(verdict), "level": verdict.level, "bump": verdict.bump}, indent=2))
    else:
        print(report(verdict))
    if options.changelog:
        print(f"\n{changelog(verdict)}")
    return 0 if verdict.is_bumped_enough else 1


if __name__ == "__main__":
    sys.exit(main())
