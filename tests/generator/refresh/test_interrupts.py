"""A run that is interrupted leaves nothing: no change, no copy, no process."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from generator.refresh.interrupts import forget_held_back, interruptible, undisturbed
from tests.generator.refresh.project import Project
from tests.generator.refresh.test_endings import ALL_CHANGED, LONGER

PATIENCE = 30.0
"""Seconds after which a test fails."""

# Whoever runs the tests may have let them ignore the signal.
START = """\
import signal, sys
from generator.refresh.__main__ import main
signal.signal(signal.{name}, signal.SIG_DFL)
sys.exit(main())
"""

# A check that starts a process of its own, tells both, and takes long; it would rather not end.
STUBBORN = """\
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
with open({file!r}, "w") as stream:
    stream.write(f"{{os.getpid()}} {{child.pid}}\\n")
time.sleep(60)
"""


def wait_for(file: Path) -> str:
    end = time.monotonic() + PATIENCE
    while not (file.exists() and file.read_text().endswith("\n")):
        assert time.monotonic() < end, "the check does not start"
        time.sleep(0.01)
    return file.read_text()


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up in /proc")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_an_interrupted_run_leaves_nothing(name: str, project: Project) -> None:
    page, before = project.save("longer.md", LONGER), project.state()
    marks = project.folder / ".git" / "marks"
    check = shlex.join([sys.executable, "-c", STUBBORN.format(file=str(marks))])
    command = [sys.executable, "-c", START.format(name=name), page, f"--check={check}"]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        processes = [int(number) for number in wait_for(marks).split()]
        assert all(map(is_running, processes))
        run.send_signal(getattr(signal, name))
        printed, _ = run.communicate(timeout=PATIENCE)
    finally:
        run.kill()
    assert run.returncode == 130
    assert printed.endswith("\ninterrupted. This run changed nothing.\n")
    assert not any(map(is_running, processes))
    assert project.state() == before


def test_an_interrupt_while_changes_are_put_in_place_comes_too_late(project: Project) -> None:
    page = project.save("longer.md", LONGER)
    tools = project.around / "tools"
    tools.mkdir()
    script = f'#!/bin/sh\ncase " $* " in *" apply "*) kill -INT "$PPID";; esac\nexec {shutil.which("git")} "$@"\n'
    (tools / "git").write_text(script)
    (tools / "git").chmod(0o755)
    environment = {**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
    command = [sys.executable, "-c", START.format(name="SIGINT"), page]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE * 4, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "All changes stand in the tree" in done.stdout
    assert project.changed() == ALL_CHANGED


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interruptible():
            os.kill(os.getpid(), signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def interrupted_within(number: signal.Signals, steps: list[str]) -> None:
    with interruptible(), undisturbed():
        steps.append("begun")
        os.kill(os.getpid(), number)
        steps.append("done")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_wait_for_what_must_not_be_left_half_done(number: signal.Signals) -> None:
    before = signal.signal(number, signal.SIG_DFL)
    steps: list[str] = []
    try:
        with pytest.raises(KeyboardInterrupt):
            interrupted_within(number, steps)
        assert steps == ["begun", "done"]
        assert signal.getsignal(number) is signal.SIG_DFL
    finally:
        signal.signal(number, before)


def test_signals_that_came_too_late_are_forgotten() -> None:
    with interruptible():
        with undisturbed():
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGTERM)
            forget_held_back()
        assert not signal.sigpending()
