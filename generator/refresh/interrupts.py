"""Signals that ask a run to end: they come as one exception, and not while something must not be left half done."""

from __future__ import annotations

import signal
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

_SIGNALS: Final = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})


@contextmanager
def interruptible() -> Generator[None]:
    """Let each of the signals raise `KeyboardInterrupt`, but for those that whoever started the run lets it ignore."""
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    heeded = {number: handler for number, handler in before.items() if handler is not signal.SIG_IGN}
    for number in heeded:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in heeded.items():
            signal.signal(number, handler)


@contextmanager
def undisturbed() -> Generator[None]:
    """Hold the signals back until the end of the block, from the programs that it starts as well."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def forget_held_back() -> None:
    """Forget the signals that came within `undisturbed`: what they were to stop is done."""
    while held_back := signal.sigpending() & _SIGNALS:
        signal.sigwait(held_back)
