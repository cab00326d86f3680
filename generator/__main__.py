"""The command: `python -m generator` writes the package, `--check` compares it, `--validate` looks at specs only."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from .build import build_clients, build_module
from .documents import load
from .drift.command import main as drift
from .model import Package
from .nodes import SpecError
from .output import OutputError, differences, write
from .render import PACKAGE, FormatError, render


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
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument(
        "--check", action="store_true", help="write nothing; fail if the package is not what the specs give"
    )
    mode.add_argument(
        "--validate", action="store_true", help="write nothing; fail if a spec is no valid OpenAPI document"
    )
    options = parser.parse_args(words)
    package = options.output / PACKAGE
    try:
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


def generate(specs: Path) -> Mapping[str, str]:
    """Return the files of the package for a folder of specs.

    Raises:
        SpecError: A spec is invalid or not supported.
    """
    documents = load(specs)
    modules = [build_module(document) for document in documents]
    return render(Package(modules, build_clients(documents, modules)))


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
