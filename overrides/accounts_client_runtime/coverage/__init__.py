"""The command `coverage`: which integrations support what, as tables in the terminal or as one HTML page."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ..support import Support, SupportTables
from .page import page
from .tables import Table, by_operation, details, overview
from .terminal import write_tables


def main(tables: SupportTables, *, program: str, arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status.

    Args:
        tables: What is shown.
        program: How the command was called, for its help.
        arguments: Command line without the program; by default that of the process.
    """
    parser = argparse.ArgumentParser(program)
    commands = parser.add_subparsers(required=True)
    coverage = commands.add_parser(
        "coverage",
        help="show which integrations support what, by the vendors' pages",
        description="Show which integrations support what, by the vendors' pages. Options can be repeated.",
    )
    coverage.add_argument("--integration", metavar="NAME", action="append", default=[], help="only this one")
    coverage.add_argument(
        "--operation", metavar="NAME", action="append", default=[], help="only this one, or those of a category"
    )
    coverage.add_argument("--html", metavar="FILE", type=Path, help="write one HTML page instead")
    options = parser.parse_args(arguments)
    wanted: list[str] = options.integration
    file: Path | None = options.html
    operations = _operations(coverage, tables, options.operation)
    integrations = [_integration(coverage, tables, name) for name in wanted]
    if file is None:
        write_tables(_chosen(tables, operations, integrations, is_every_operation=not options.operation))
        return 0
    columns = integrations or [tables.support(name) for name in tables.integrations]
    try:
        file.write_text(page(tables, operations, columns), encoding="utf-8")
    except OSError as error:
        sys.stderr.write(f"{file}: cannot be written ({error.strerror})\n")
        return 1
    sys.stdout.write(f"{file}: {len(columns)} integrations, {len(operations)} operations\n")
    return 0


def _chosen(
    tables: SupportTables, operations: Sequence[str], integrations: Sequence[Support], *, is_every_operation: bool
) -> list[Table]:
    if integrations:
        return details(operations, integrations)
    return overview(tables, operations) if is_every_operation else by_operation(tables, operations)


def _operations(parser: argparse.ArgumentParser, tables: SupportTables, names: Sequence[str]) -> list[str]:
    """Return the operations that are called so, or whose category is."""
    for name in names:
        if not any(name in (known, known.partition(".")[0]) for known in tables.operations):
            parser.error(f"there is no operation {name!r}; there are {', '.join(tables.operations)}")
    return [known for known in tables.operations if not names or {known, known.partition(".")[0]} & {*names}]


def _integration(parser: argparse.ArgumentParser, tables: SupportTables, name: str) -> Support:
    known = tables.known(name)
    if known is None:
        likely = tables.likely(name)
        parser.error(f"no page names the integration {name!r}{f'; did you mean {likely!r}?' if likely else ''}")
    return known
