"""What a guest's counters said the last time that somebody asked, for meters that tell what came since."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import final

import hvinspect
from hvinspect import InstanceRates, InstanceStats, NicStats, Snapshot, Span

from .host import Reading

__all__ = ["Earlier", "grown"]


@final
class Earlier:
    """One asker's memory of each guest. Thread-safe; forgets the guests that the host no longer has."""

    def __init__(self) -> None:
        """No guest is known."""
        self._lock = threading.Lock()
        self._pruned: Span | None = None
        #: By the guest's key, as snapshots of it alone.
        self._seen: dict[str, Snapshot] = {}

    def rates(self, reading: Reading, stats: InstanceStats) -> InstanceRates:
        """What the guest did per second since it was last asked for."""
        before, now = self._turn(reading, stats)
        return hvinspect.rates(before, now).instances[0]

    def before(self, reading: Reading, stats: InstanceStats) -> InstanceStats | None:
        """The guest as it was when it was last asked for."""
        before, _ = self._turn(reading, stats)
        return before.instances[0] if before.instances else None

    def _turn(self, reading: Reading, stats: InstanceStats) -> tuple[Snapshot, Snapshot]:
        assert reading.snapshot is not None
        # Its own time: a guest that was slow was read later than the others.
        now = replace(reading.snapshot, instances=(stats,), failures=(), taken=stats.taken)
        key = stats.instance.key
        with self._lock:
            self._prune(reading.snapshot)
            before = self._seen.get(key)
            if before is not None and _is_later(before, now):
                # Another interval's cycle began after this one, and was faster.
                before = None
            else:
                self._seen[key] = now
        return before or replace(now, instances=()), now

    def _prune(self, snapshot: Snapshot) -> None:
        """Once for each snapshot."""
        if self._pruned != snapshot.taken:
            self._pruned = snapshot.taken
            there = {stats.instance.key for stats in snapshot}
            there.update(failure.instance.key for failure in snapshot.failures)
            self._seen = {key: one for key, one in self._seen.items() if key in there}


def _is_later(one: Snapshot, other: Snapshot) -> bool:
    return one.taken.started_monotonic_ns > other.taken.started_monotonic_ns


def grown(before: InstanceStats | None, nic: NicStats, field: str) -> int | None:
    """How much a counter of a NIC has grown; None if it is another NIC by now, or counts anew."""
    for old in before.nics if before is not None else ():
        if old.key == nic.key and old.incarnation == nic.incarnation:
            early, late = getattr(old, field), getattr(nic, field)
            return late - early if early is not None and late is not None and late >= early else None
    return None
