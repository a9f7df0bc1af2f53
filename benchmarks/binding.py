"""What can be put between libvirt-python and its C extension, ``libvirtmod``: every native call goes through there.

Also used by ceilometer's process, so it needs nothing of this project.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Generator
from typing import Any, final

import libvirt

__all__ = ["Meter", "installed"]

#: Answered inside the client's library. Metering costs more than they do, so they count as their caller's own.
_LOCAL = frozenset(
    {
        "virConnectClose",
        "virConnectIsAlive",
        "virDomainFree",
        "virDomainGetID",
        "virDomainGetName",
        "virDomainGetUUID",
        "virDomainGetUUIDString",
        "virGetLastError",
    }
)


@contextlib.contextmanager
def installed(instead: Any) -> Generator[None]:
    """Have libvirt-python call *instead* and not its C extension, while this lasts."""
    real = libvirt.libvirtmod
    libvirt.libvirtmod = instead
    try:
        yield
    finally:
        libvirt.libvirtmod = real


@final
class Meter:
    """Passes native calls on, and counts what they take; the binding's conversion of the answer is part of a call."""

    def __init__(self) -> None:
        self._real = libvirt.libvirtmod
        self._lock = threading.Lock()
        self._under_way = 0
        self._busy_since = 0.0
        self.reset()

    def reset(self) -> None:
        """Count from zero."""
        self.calls = 0
        self.seconds = 0.0
        #: Wall time while at least one was under way.
        self.busy_seconds = 0.0
        #: CPU time of the threads that called, while they were in the call.
        self.cpu_seconds = 0.0
        #: The most calls that were under way at once.
        self.most_under_way = 0

    def __getattr__(self, name: str) -> Any:
        """A function of the C extension."""
        function = getattr(self._real, name)
        if not callable(function):
            return function
        # Kept, or looking for it would take longer than many a call, and count as the caller's own.
        kept = function if name in _LOCAL else self._metered(function)
        setattr(self, name, kept)
        return kept

    def _metered(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            with self._lock:
                self._under_way += 1
                self.most_under_way = max(self.most_under_way, self._under_way)
                if self._under_way == 1:
                    self._busy_since = time.perf_counter()
            started, cpu_started = time.perf_counter(), time.thread_time()
            try:
                return function(*arguments)
            finally:
                cpu, seconds = time.thread_time() - cpu_started, time.perf_counter() - started
                with self._lock:
                    self._under_way -= 1
                    if not self._under_way:
                        self.busy_seconds += time.perf_counter() - self._busy_since
                    self.calls += 1
                    self.seconds += seconds
                    self.cpu_seconds += cpu

        return call
