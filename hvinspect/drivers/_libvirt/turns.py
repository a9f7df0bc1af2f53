"""One thread after another makes records of many answers.

Python runs one thread at a time, and threads that all want to run take it from each other every few milliseconds, which
costs CPU time. So whoever has many answers waits for its turn, unless the one whose turn it is gets nowhere: a guest
may hold it up.
"""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import final

from .places import MOMENT_S

__all__ = ["Turns"]


@final
class Turns:
    """Whose turn it is, of the threads of one driver. Thread-safe."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        #: Grows with each record that is made, whoever makes it.
        self.made = 0

    @contextmanager
    def one(self) -> Generator[None]:
        """Have the turn; or go on without it if whoever has it has made nothing for a moment."""
        has_turn = self._wait()
        try:
            yield
        finally:
            if has_turn:
                self._turn.release()

    def _wait(self) -> bool:
        made = -1
        while made != self.made:
            made = self.made
            if self._turn.acquire(timeout=MOMENT_S):
                return True
        return False
