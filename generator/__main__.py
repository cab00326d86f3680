"""The command: `python -m generator` writes the package, `--check` compares it, `--validate` looks at specs only.

`python -m generator --spec any.yaml --package my_client --output DIR` makes a project of any OpenAPI document.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from .build import build_clients, build_modules
from .documents import load
from .drift.command import main as drift
from .model import Package
from .nodes import SpecError, printable
from .output import OutputError, add, differences, write
from .project import UnsupportedError, project_of
from .render import PACKAGE, FormatError, render
from .text import Text


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == ["drift"]:
        return drift(words[1:])
    parser = argparse.ArgumentParser(
        "python -m generator",
        description="Write the package accounts_client from specs.",
        epilog="`python -m generator drift PAGE...` tells where saved pages of the vendors and the specs differ.",
    )
    parser.add_argument("--specs", type=Path, default=Path("specs"), help="folder of the specs")
    parser.add_argument("--output", type=Path, default=Path("generated"), help="folder that the package is written to")
    parser.add_argument(
        "--spec", type=Path, metavar="FILE", help="any OpenAPI document, to make a project of its own of"
    )
    parser.add_argument("--package", metavar="NAME", help="name of the package in that project")
    parser.add_argument(
        "--skip-unsupported",
        action="store_true",
        help="leave out what of that document cannot be generated, and name it",
    )
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument(
        "--check", action="store_true", help="write nothing; fail if the package is not what the specs give"
    )
    mode.add_argument(
        "--validate", action="store_true", help="write nothing; fail if a spec is no valid OpenAPI document"
    )
    options = parser.parse_args(words)
    if (options.spec is None) != (options.package is None) or (options.skip_unsupported and options.spec is None):
        parser.error("--spec and --package go together, and --skip-unsupported with them")
    package = options.output / PACKAGE
    try:
        if options.spec is not None:
            return _make_project(options)
        if options.validate:
            return _validate(options.specs)
        files = generate(options.specs)
        if options.check:
            return _check(package, files)
        write(package, files)
    except (SpecError, FormatError, OutputError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _make_project(options: argparse.Namespace) -> int:
    try:
        project = project_of(options.spec, options.package, skip_unsupported=options.skip_unsupported)
    except UnsupportedError as error:
        print(f"{error}\n--skip-unsupported leaves out the operations that this is about.", file=sys.stderr)
        return 1
    folder = options.output
    package = {name.partition("/")[2]: text for name, text in project.files.items() if "/" in name}
    others = {name: text for name, text in project.files.items() if "/" not in name}
    if options.check:
        return _check(folder / options.package, package)
    write(folder / options.package, package)
    add(folder, others)
    for line in project.skipped:
        print(f"left out: {printable(line)}", file=sys.stderr)
    return 0


def generate(specs: Path) -> Mapping[str, str]:
    """Return the files of the package for a folder of specs.

    Raises:
        SpecError: A spec is invalid or not supported.
    """
    documents = load(specs)
    modules = [module for document in documents for module in build_modules(document)]
    return render(Package(modules, build_clients(documents, modules), Text("specs/")))


def _check(package: Path, files: Mapping[str, str]) -> int:
    lines = differences(package, files)
    for line in lines:
        print(line, file=sys.stderr)
    if lines:
        print("`python -m generator` writes it anew.", file=sys.stderr)
    return 1 if lines else 0


def _validate(specs: Path) -> int:
    # Only this mode needs the validator, which is slow to load and installed for development alone.
    from .validation import validate

    for document in load(specs):
        validate(document)
    return 0


if __name__ == "__main__":
    sys.exit(main())
