"""Mutation runs: the runtime is changed in one place at a time, and every change that no test notices is reported.

`nox -s mutation` runs it, for the modules that its arguments name. mutmut makes the changes in a copy of the tree, in
which both source roots are one folder, as it expects; the work tree is never touched. It leaves constants of a module
and decorated functions as they are.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from attrs import frozen

PROJECT: Final = Path(__file__).parents[1]
PACKAGE: Final = "accounts_client_runtime"
MOST_SURVIVORS: Final = 0.10
"""Share of a module's mutants that may survive."""

TESTS: Final[Mapping[str, tuple[str, ...]]] = {
    "query": ("tests/overrides/test_query.py", "tests/overrides/test_parameters.py"),
    "pagination": (
        "tests/overrides/test_pagination.py",
        "tests/overrides/test_pagination_resume.py",
        "tests/overrides/test_fan_out.py",
    ),
    "pages": (
        "tests/overrides/test_api_pages.py",
        "tests/overrides/test_pagination.py",
        "tests/overrides/test_pagination_resume.py",
        "tests/overrides/test_decoding.py",
        # Whether a page is read the fast way shows in what it costs alone.
        "tests/overrides/test_decoding_costs.py::test_a_documented_page_costs_no_call_a_record",
        "tests/overrides/test_mirrors.py",
        "tests/generated/test_pages.py",
        "tests/generated/test_bad_input.py",
    ),
    "retry": ("tests/overrides/test_retry.py", "tests/overrides/test_writes.py"),
    "errors": (
        "tests/overrides/test_apis.py",
        "tests/overrides/test_errors.py",
        "tests/overrides/test_preflight.py",
    ),
}
"""The modules that are mutated unless others are named, and the tests that are about each."""

UNFIT: Final = ("tests/overrides/test_pagination.py::test_a_page_is_let_go_before_another_one_is_fetched",)
"""Tests that are left out: what mutmut puts around each function holds the values that pass through it."""

EQUIVALENT: Final[Mapping[str, str]] = {
    "_append(pairs, None, (), options)": "the name counts below the first level only",
    '_append(pairs, "XXXX", (), options)': "the name counts below the first level only",
    'return quote(text, safe="XXXX")': "letters are never quoted",
    'def percent_encoded(text: str, safe: str = "XXXX") -> str:': "letters are never quoted",
    'step.encode("UTF-8", "backslashreplace").decode() if isinstance(step, str) and step else repr(step)': (
        "names of encodings ignore case"
    ),
    'is_day_spent = error.fault == "caller" and error.headers.get("X-RATELIMIT-REMAINING") == "0"': (
        "names of headers ignore case"
    ),
    "headers = headers if (isinstance(headers, Headers)) and False else Headers(headers)": "a copy is equal",
    'text = headers.get("RETRY-AFTER", "").strip()': "names of headers ignore case",
    'text = headers.get("retry-after", "XXXX").strip()': "that is no date either",
    'now = _parse_http_date(headers.get("DATE", ""))': "names of headers ignore case",
    'now = _parse_http_date(headers.get("date", None))': "that is no date either",
    'now = _parse_http_date(headers.get("date", ))': "that is no date either",
    'now = _parse_http_date(headers.get("date", "XXXX"))': "that is no date either",
    'return body.decode("UTF-8", "replace")': "names of encodings ignore case",
    'executor = ThreadPoolExecutor(None, "accounts-client-prefetch") if prefetch else None': (
        "one page at a time is all it has to fetch"
    ),
    'executor = ThreadPoolExecutor(2, "accounts-client-prefetch") if prefetch else None': (
        "one page at a time is all it has to fetch"
    ),
    "with closing(self._pages(prefetch=None)) as pages:": "as false as before",
    "async with aclosing(self._pages(prefetch=None)) as pages:": "as false as before",
    "async with aclosing(self._pages(prefetch=True)) as pages:": "the page ahead is cancelled before its task begins",
    'self._fingerprint: int | None = ""': "no fingerprint equals it either",
    "expected: Mapping[str, object] = make_checkpoint(self._start.request, self._result, self._listing.tenant, None)": (
        "the count is not looked at"
    ),
    "expected: Mapping[str, object] = make_checkpoint(self._start.request, self._result, self._listing.tenant, 1)": (
        "the count is not looked at"
    ),
    'return hashlib.sha256(text.encode("UTF-8", "surrogatepass")).hexdigest()[:16]': "names of encodings ignore case",
    "value = request.query.get(option, 2)": "a number in range like the other",
    '"XXEnvelopeXX",': "nobody sees the name of that class",
    '"envelope",': "nobody sees the name of that class",
    '"ENVELOPE",': "nobody sees the name of that class",
    "gc=None,": "only the garbage collector has more to do",
    "gc=True,": "only the garbage collector has more to do",
    "full = number_of(request, self.size, self.default_size) if self.size else 1": "an empty page ends it either way",
    "number = value if isinstance(value, int) and not isinstance(value, bool) else -2": "less than any limit as well",
    "return {key: value for key, value in zip(keys, values, strict=False) if value is not msgspec.UNSET}": (
        "the decoder has a field for each key"
    ),
    "return {key: value for key, value in zip(keys, values, strict=None) if value is not msgspec.UNSET}": (
        "the decoder has a field for each key"
    ),
    "return {key: value for key, value in zip(keys, values, ) if value is not msgspec.UNSET}": (
        "the decoder has a field for each key"
    ),
}
"""Changes that change nothing, by the line they put in, and why no test could notice them."""


@frozen
class Survivor:
    """A change that no test noticed."""

    name: str
    """As mutmut numbers it."""
    diff: str
    """The lines taken away and put in, each behind a `-` or `+`."""

    @property
    def reason(self) -> str:
        """Why no test could notice it; empty where a test is missing."""
        added = [line[1:].strip() for line in self.diff.splitlines() if line.startswith("+")]
        return EQUIVALENT.get("\n".join(added), "")

    def __str__(self) -> str:
        return f"{self.name}\n{self.diff}\n{f'equivalent: {self.reason}' if self.reason else 'a test is missing'}"


@frozen
class Report:
    """What came of the mutants of one module."""

    module: str
    mutants: int
    survivors: tuple[Survivor, ...]

    @property
    def share(self) -> float:
        """Share of the mutants that survived."""
        return len(self.survivors) / max(self.mutants, 1)

    def __str__(self) -> str:
        survived = len(self.survivors)
        equivalent = sum(bool(survivor.reason) for survivor in self.survivors)
        return (
            f"{self.module}: {self.mutants} mutants, {self.mutants - survived} killed, "
            f"{survived} survived ({self.share:.1%}), {equivalent} of them equivalent"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 1 where more mutants survive than may."""
    parser = argparse.ArgumentParser("python -m tests.mutation", description="Say which changes no test notices.")
    parser.add_argument("modules", nargs="*", metavar="module", help=f"of the runtime; by default {', '.join(TESTS)}")
    modules: list[str] = parser.parse_args(arguments).modules or list(TESTS)
    for module in modules:
        if not (PROJECT / "overrides" / PACKAGE / f"{module}.py").is_file():
            parser.error(f"{PACKAGE} has no module {module}")
    reports: list[Report] = []
    for module in modules:
        with tempfile.TemporaryDirectory() as folder:
            report = mutate(module, Path(folder))
        print(*report.survivors, report, sep="\n\n", flush=True)
        reports.append(report)
    print("", *reports, sep="\n")
    return int(any(report.share > MOST_SURVIVORS for report in reports))


def mutate(module: str, folder: Path) -> Report:
    """Return what came of the mutants of a module, made in a folder."""
    for root in ("generated", "overrides"):
        shutil.copytree(PROJECT / root, folder / "src", dirs_exist_ok=True)
    shutil.copytree(PROJECT / "tests", folder / "tests", ignore=shutil.ignore_patterns("node_modules"))
    shutil.copy(PROJECT / "pyproject.toml", folder)
    settings = {
        "source_paths": ["src"],
        "only_mutate": [f"src/{PACKAGE}/{module}.py"],
        "pytest_add_cli_args": [f"--deselect={test}" for test in UNFIT],
        "pytest_add_cli_args_test_selection": TESTS.get(module, [f"tests/overrides/test_{module}.py"]),
    }
    lines = ["[mutmut]", *("\n    ".join([f"{key} =", *values]) for key, values in settings.items())]
    (folder / "setup.cfg").write_text("\n".join(lines))
    ask_mutmut(folder, "run", "--max-children", "1")
    outcomes = dict(line.strip().split(": ", 1) for line in ask_mutmut(folder, "results", "--all", "true").splitlines())
    survivors = [name for name, outcome in outcomes.items() if outcome not in ("killed", "timeout")]
    return Report(module, len(outcomes), tuple(Survivor(name, changed_lines(folder, name)) for name in survivors))


def changed_lines(folder: Path, name: str) -> str:
    """Return the lines that a mutant takes away and puts in."""
    lines = ask_mutmut(folder, "show", name).splitlines()
    return "\n".join(line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---"))


def ask_mutmut(folder: Path, *arguments: str) -> str:
    """Run mutmut in a folder and return what it prints."""
    command = [str(Path(sys.executable).with_name("mutmut")), *arguments]
    process = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    # A line that shows how far it is is drawn anew all the time; the last state is enough.
    printed = "\n".join(line.rpartition("\r")[2] for line in process.stdout.decode().split("\n"))
    if process.returncode:
        sys.exit(printed)
    return printed


if __name__ == "__main__":
    sys.exit(main())
