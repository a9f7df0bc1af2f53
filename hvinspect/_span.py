"""A stopwatch that says when a call was made and how long it took, in the model's own record."""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path
from typing import final

from ._model import Span

__all__ = ["Stopwatch"]


@cache
def _boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        # No such thing here: wall clock and monotonic clock together name the boot well enough to tell two apart.
        return f"boot-at-{(time.time_ns() - time.monotonic_ns()) // 60_000_000_000}"


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
            boot_id=_boot_id(),
        )
