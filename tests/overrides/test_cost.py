"""What a call costs, counted in calls of functions: it is the same on every machine, and a slow one fails nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Final

import accounts_client_runtime
from tests.overrides.callers import BOTH_WAYS, Caller
from tests.overrides.faulty_server import FaultyServer, response, send
from tests.overrides.models import get_person

LIBRARY: Final = str(Path(accounts_client_runtime.__file__).parent)
PERSON: Final = response({"id": "7", "name": "Ann"})


def calls_of(run: Callable[[], object]) -> int:
    """Return how many functions of the library are called; a coroutine counts each time that it goes on."""
    count = 0

    def see(frame: FrameType, event: str, _: object) -> None:
        nonlocal count
        count += event == "call" and frame.f_code.co_filename.startswith(LIBRARY)

    sys.setprofile(see)
    try:
        run()
    finally:
        sys.setprofile(None)
    return count


@BOTH_WAYS
def test_a_read_takes_few_calls(way: type[Caller]) -> None:
    with FaultyServer(send(PERSON, keeps=True)) as server, way.truto(base_url=server.url, budget=None) as truto:
        truto.send(get_person())  # what is made once: the connection, what decodes
        assert calls_of(lambda: truto.send(get_person("8", limit=1))) < 150
