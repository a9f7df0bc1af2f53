"""CPU time that never falls when its source changes. No I/O here.

While a guest's hypervisor process does not answer, its CPU time is had from info(), which libvirt reads from /proc
in ticks of 10 ms and without the threads that the kernel runs for the guest (vhost); else from the process's cgroup.
So the second goes on from where the first was: by what it surely grew, and never beyond what the first will say.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import final

__all__ = ["CpuTimes"]

#: info() adds two numbers of which each lacks less than a tick: what it grew, the time has grown less this at least.
_UNSURE_NS = 20_000_000


@final
@dataclass(slots=True)
class _Time:
    life: str
    #: What was handed out last.
    given_ns: int
    #: While info() is the source: what it said first, and what was handed out then.
    coarse_ns: int | None = None
    began_ns: int = 0


@final
class CpuTimes:
    """Remembers each domain's CPU time. *life* tells one start of a domain from another."""

    def __init__(self) -> None:
        self._last: dict[str, _Time] = {}

    def keep(self, keys: Collection[str]) -> None:
        """Forget all but *keys*."""
        for key in self._last.keys() - keys:
            self._last.pop(key, None)

    def exact(self, key: str, life: str, time_ns: int) -> int:
        """The CPU time to hand out, *time_ns* being the cgroup's."""
        last = self._of(key, life, time_ns)
        last.given_ns, last.coarse_ns = max(time_ns, last.given_ns), None
        return last.given_ns

    def coarse(self, key: str, life: str, time_ns: int) -> int:
        """The CPU time to hand out, *time_ns* being info()'s."""
        last = self._of(key, life, time_ns)
        if last.coarse_ns is None:
            last.coarse_ns, last.began_ns = time_ns, last.given_ns
        # Only what it grew: it may be ahead of the cgroup's from the start, by what was used before it was in there.
        grown_ns = time_ns - last.coarse_ns - _UNSURE_NS
        last.given_ns = max(last.given_ns, last.began_ns + grown_ns)
        return last.given_ns

    def _of(self, key: str, life: str, time_ns: int) -> _Time:
        last = self._last.get(key)
        if last is None or last.life != life:
            last = self._last[key] = _Time(life, time_ns)
        return last
