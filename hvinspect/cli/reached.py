"""An open connection for as long as a command needs it, within the time that the user gave."""

from __future__ import annotations

import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager, redirect_stdout
from typing import final

import hvinspect
from hvinspect import Connection, Secret

__all__ = ["Reach", "reached"]

#: How long a connection may take to close; a call that hangs is left behind then.
_CLOSING = 0.5


@final
class Reach:
    """An open connection, and what is left of the time that the user gave."""

    def __init__(self, connection: Connection, ends: float) -> None:
        self.connection: Connection = connection
        self._ends = ends

    @property
    def left(self) -> float:
        """Seconds; never none at all, for a call must be given some."""
        return max(0.001, self._ends - time.monotonic())


@contextmanager
def reached(target: str, timeout: float, options: Mapping[str, str | Secret]) -> Generator[Reach]:
    """Connect, and close at the end of the block."""
    ends = time.monotonic() + timeout
    with redirect_stdout(sys.stderr):  # a foreign driver may print when it is imported
        connection = hvinspect.connect(target, timeout=timeout, options=options)
    try:
        yield Reach(connection, ends)
    finally:
        connection.close(timeout=_CLOSING)
