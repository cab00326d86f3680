"""The fakes from the command line, for programs in other processes."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack

from accounts_client_runtime import AsyncClient, SyncClient

from .engine import Fake


def main(*fakes: Fake[SyncClient, AsyncClient], arguments: Sequence[str] | None = None) -> None:
    """Serve fakes until the process is interrupted or terminated.

    Printed are the environment variables that lead clients to the fakes, their addresses among them.

    Args:
        fakes: What can be served; options choose among them.
        arguments: Command line without the program; by default that of the process.
    """
    chosen, port, samples = _read(fakes, arguments)
    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.default_int_handler)
        with ExitStack() as stack:
            for fake in chosen:
                for resource in fake.resources:
                    fake.add_samples(resource, samples)
                url = stack.enter_context(fake.serve(port=port))
                variables = {fake.service.base_url_environment: url, **fake.environment}
                sys.stdout.writelines(f"{name}={value}\n" for name, value in variables.items())
            sys.stdout.flush()
            while True:
                time.sleep(3600)
    except KeyboardInterrupt:
        return


def _read(
    fakes: Sequence[Fake[SyncClient, AsyncClient]], arguments: Sequence[str] | None
) -> tuple[list[Fake[SyncClient, AsyncClient]], int, int]:
    """Return the chosen fakes, the port and the number of sample records."""
    parser = argparse.ArgumentParser(description="Serve test doubles over HTTP on loopback, until interrupted.")
    for fake in fakes:
        parser.add_argument(f"--{fake.service.name.lower()}", action="store_true", help=f"serve {fake.service.name}")
    parser.add_argument("--port", type=int, default=0, help="port; by default any that is free")
    parser.add_argument("--samples", type=int, default=0, help="sample records of each category, by default none")
    options = vars(parser.parse_args(arguments))
    chosen = [fake for fake in fakes if options[fake.service.name.lower()]] or list(fakes)
    port: int = options["port"]
    samples: int = options["samples"]
    if port and len(chosen) > 1:
        parser.error("one port serves one service: choose it")
    return chosen, port, samples
