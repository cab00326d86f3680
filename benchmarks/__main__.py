"""The command: `python -m benchmarks decode` answers one question, without a name all; the report is written anew."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

from . import report, server
from .bench import Bench, RefusedError, newest_python
from .environments import PROJECT, Environments, UnavailableError, supported_pythons
from .questions import QUESTIONS


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser("python -m benchmarks", description="Measure this library and other clients.")
    parser.add_argument("questions", nargs="*", metavar="question", help=f"of {', '.join(QUESTIONS)}; all by default")
    parser.add_argument("--quick", action="store_true", help="only show that it all works; the figures mean nothing")
    parser.add_argument("--python", help="interpreter of the environments; by default the newest supported one")
    parser.add_argument("--cache", type=Path, default=PROJECT / ".nox" / "bench", help="folder of the environments")
    parser.add_argument("--report", type=Path, default=PROJECT / "build" / "benchmarks", help="folder of the report")
    options = parser.parse_args(arguments)
    if unknown := set(options.questions) - QUESTIONS.keys():
        parser.error(f"no such question: {', '.join(sorted(unknown))}")
    interpreter = options.python or newest_python(supported_pythons())
    environments = Environments(options.cache.resolve() / Path(interpreter).name, interpreter)
    failed = False
    with server.running() as address:
        for question in options.questions or QUESTIONS:
            bench = Bench(environments, address, options.quick)
            try:
                figures = QUESTIONS[question](bench)
            except (RefusedError, UnavailableError) as error:
                print(f"{question}: {error}", file=sys.stderr)
                failed = True
                continue
            result = report.Result(
                figures=figures,
                machine=machine(environments),
                versions=bench.versions,
                skipped=bench.skipped,
                notes=bench.notes,
                is_quick=options.quick,
            )
            report.save(options.report, question, result)
            print("\n".join(report.table(figures)), flush=True)
    print(report.write(options.report))
    return 1 if failed else 0


def machine(environments: Environments) -> str:
    """Return what the figures were measured on."""
    cpu = Path("/proc/cpuinfo")
    lines = cpu.read_text().splitlines() if cpu.exists() else []
    models = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    model = models[0] if models else platform.machine()
    python = environments.get("ours").run("-c", "import platform; print(platform.python_version())").strip()
    return f"{os.cpu_count()} cores of {model}, {platform.system()} {platform.release()}, Python {python}"


if __name__ == "__main__":
    sys.exit(main())
