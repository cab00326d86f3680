"""Commands that are run in a copy of the project: they import the copy's packages, and end when the run ends."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from generator.api_diff.verdict import ROOTS

_GRACE: Final = 0.5
"""Seconds that a command has to end by itself."""


def run(command: Sequence[str], folder: Path) -> int:
    """Run a command in a copy of the project and return its status.

    Raises:
        OSError: It cannot be started.
    """
    paths = [*(str(folder / root) for root in ROOTS), str(folder), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    # With a session of its own, what the command starts can be ended with it.
    process = subprocess.Popen(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        return process.wait()
    except BaseException:
        _end(process)
        raise


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        time.sleep(_GRACE)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
