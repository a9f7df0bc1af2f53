"""CPU time of other processes, in nanoseconds."""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Iterable

__all__ = ["CpuClock"]

_LIBC = ctypes.CDLL(None, use_errno=True)


class CpuClock:
    """The user and system time that some processes have used so far, all of their threads', ended ones included.

    The kernel's clock of a process, not utime and stime of /proc/PID/stat: those are the same time in ticks of 10 ms.
    """

    def __init__(self, pids: Iterable[int]) -> None:
        """Look at *pids*, which must live as long as this is asked."""
        self._clocks = [_clock_of(pid) for pid in pids]

    @property
    def seconds(self) -> float:
        """All of them together."""
        return sum(time.clock_gettime_ns(clock) for clock in self._clocks) / 1e9


def _clock_of(pid: int) -> int:
    clock = ctypes.c_int()
    failed = _LIBC.clock_getcpuclockid(pid, ctypes.byref(clock))
    if failed:
        raise OSError(failed, os.strerror(failed), f"process {pid}")
    return clock.value
