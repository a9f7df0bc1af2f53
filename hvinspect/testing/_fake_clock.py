"""The clock of a fake hypervisor: this host's, or one that moves on command."""

from __future__ import annotations

import time
from dataclasses import replace
from enum import Enum

from hvinspect.driver import Span, Stopwatch

__all__ = ["Clock", "FakeClock"]

_SECOND_NS = 1_000_000_000
#: A virtual clock starts an hour after the boot of its host, which was on 2025-01-01.
_BOOT_UNIX_NS = 1_735_689_600 * _SECOND_NS
_UPTIME_NS = 3600 * _SECOND_NS
#: How long one call takes on a virtual clock.
_CALL_NS = 1_000_000


class FakeClock(str, Enum):
    """What makes the counters of a fake hypervisor move."""

    #: The clock of this host.
    HOST = "host"
    #: Each list of the instances takes a second.
    READS = "reads"
    #: Nothing but advance().
    MANUAL = "manual"


class Clock:
    """Time on a fake host."""

    def __init__(self, kind: FakeClock, name: str) -> None:
        """*name* is that of the host's boots."""
        self.kind = kind
        self._name = name
        self._boots = 1
        self._ahead_ns = 0

    def advance(self, seconds: float) -> None:
        """Let *seconds* go by; this host's clock is then so much ahead."""
        if not seconds >= 0:
            raise ValueError(f"time does not go back: {seconds!r} seconds cannot go by")
        self._ahead_ns += round(seconds * _SECOND_NS)

    @property
    def boot(self) -> str:
        """The name of the host's present boot."""
        return f"{self._name}-{self._boots}"

    def reboot(self) -> None:
        """The host was booted again."""
        self._boots += 1

    @property
    def now_ns(self) -> int:
        """The monotonic clock."""
        return (time.monotonic_ns() if self.kind is FakeClock.HOST else _UPTIME_NS) + self._ahead_ns

    @property
    def unix_ns(self) -> int:
        """The wall clock."""
        return (time.time_ns() + self._ahead_ns) if self.kind is FakeClock.HOST else _BOOT_UNIX_NS + self.now_ns

    def span(self, watch: Stopwatch) -> Span:
        """When a call was made before which *watch* was started."""
        if self.kind is FakeClock.HOST:
            real = watch.span()
            return replace(
                real,
                started_unix_ns=real.started_unix_ns + self._ahead_ns,
                started_monotonic_ns=real.started_monotonic_ns + self._ahead_ns,
            )
        return Span(
            started_unix_ns=self.unix_ns,
            started_monotonic_ns=self.now_ns,
            duration_ns=_CALL_NS,
            boot_id=self.boot,
        )
