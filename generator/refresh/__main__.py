"""The command: `python -m generator.refresh PAGE...` changes specs, package, changelog and version as pages demand."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from generator.drift.sources import Sources

from .interrupts import forget_held_back, interruptible, undisturbed
from .repository import Repository, RepositoryError
from .steps import Stop, Task, refresh

_UNTOUCHED = "This run changed nothing."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command: 0 where nothing drifted or all changes stand, else the tree is as it was.

    1 means that a person must do something first, 2 that a page was not understood or the run could not begin, and
    130 that it was interrupted.
    """
    parser = argparse.ArgumentParser(
        "python -m generator.refresh",
        description="Bring specs, package, changelog and version up to date with the vendors' pages: all, or nothing.",
    )
    parser.add_argument("pages", nargs="*", type=Path, metavar="PAGE", help="a page, saved as text, Markdown or HTML")
    parser.add_argument(
        "--answers", type=Path, action="append", default=[], help="a file of deviations that were seen in answers"
    )
    parser.add_argument(
        "--check", action="append", default=[], metavar="COMMAND", help="a command that must succeed with the changes"
    )
    parser.add_argument("--allow-breaking", action="store_true", help="go on where programs of users would break")
    options = parser.parse_args(arguments)
    if not options.pages and not options.answers:
        parser.error("neither a page nor a file of deviations is given")
    pages, answers = [_located(file) for file in options.pages], [_located(file) for file in options.answers]
    checks = [shlex.split(check) for check in options.check]
    task = Task(Sources(pages, answers), checks, may_break=options.allow_breaking)
    try:
        with interruptible():
            repository = Repository.open(Path(), [*pages, *answers])
            result = refresh(repository, task)
        with undisturbed():
            if result.patch:
                repository.apply(result.patch)
            print(f"\n{result.message}", flush=True)
            forget_held_back()
    except Stop as stop:
        print(f"\nstopped: {stop}\n{_UNTOUCHED}", file=sys.stderr)
        return stop.status
    except RepositoryError as error:
        print(f"\nstopped: {error}\n{_UNTOUCHED}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"\ninterrupted. {_UNTOUCHED}", file=sys.stderr)
        return 130
    return 0


def _located(file: Path) -> Path:
    """Return a path that holds in each folder; the name stays, for that of a page means something."""
    return file.parent.resolve() / file.name


if __name__ == "__main__":
    sys.exit(main())
