"""The library's logger."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import logging


@cache
def logger() -> logging.Logger:
    """Return the logger `accounts_client`."""
    import logging  # slow to import, and nothing is logged before the first call

    return logging.getLogger("accounts_client")
