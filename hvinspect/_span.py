"""A stopwatch that says when a call was made and how long it took, in the model's own record."""

from __future__ import annotations

import time
from typing import final

from ._host import this_boot
from ._model import Span

__all__ = ["Stopwatch"]


@final
class Stopwatch:
    """Started before a call, read after it."""

    __slots__ = ("_monotonic_ns", "_unix_ns")

    def __init__(self) -> None:
        self._unix_ns = time.time_ns()
        self._monotonic_ns = time.monotonic_ns()

    @property
    def started_unix_ns(self) -> int:
        """Wall clock at the start."""
        return self._unix_ns

    @property
    def elapsed_ns(self) -> int:
        """Time since the start."""
        return time.monotonic_ns() - self._monotonic_ns

    def span(self) -> Span:
        """From the start until now."""
        return Span(
            started_unix_ns=self._unix_ns,
            started_monotonic_ns=self._monotonic_ns,
            duration_ns=self.elapsed_ns,
            boot_id=this_boot(),
        )
