"""CPU time that never falls when its source changes. No I/O here.

While a guest's hypervisor process does not answer, its CPU time is had from info(), which libvirt reads from /proc
in ticks of 10 ms and without the threads that the kernel runs for the guest (vhost); else from the process's cgroup.
So the second goes on from where the first was: by what it grew, never below.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple, final

__all__ = ["CpuTimes"]


class _Time(NamedTuple):
    life: str
    #: What was handed out last.
    given_ns: int
    #: What info() said last, while it is the source.
    coarse_ns: int | None


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
        last = self._last.get(key)
        if last is not None and last.life == life and last.coarse_ns is not None:
            time_ns = max(time_ns, last.given_ns)
        self._last[key] = _Time(life, time_ns, None)
        return time_ns

    def coarse(self, key: str, life: str, time_ns: int) -> int:
        """The CPU time to hand out, *time_ns* being info()'s."""
        last = self._last.get(key)
        given = time_ns
        if last is not None and last.life == life:
            if last.coarse_ns is None:
                given = max(last.given_ns, time_ns)
            else:
                given = last.given_ns + max(0, time_ns - last.coarse_ns)
        self._last[key] = _Time(life, given, time_ns)
        return given
