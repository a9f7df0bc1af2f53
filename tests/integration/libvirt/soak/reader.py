"""The one who reads all the time, and knows what each read owes him."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, final

import hvinspect
from hvinspect import InstanceStats, Snapshot
from hvinspect.driver import CATALOGUE, Kind
from tests.integration.libvirt.soak.faults import MADE_ANEW, PLUGGED, Faults, Window
from tests.integration.libvirt.stopping import complete, has_the_daemons_part

PERIOD_S, TIMEOUT_S = 0.2, 2.0
#: What a busy machine may add to a deadline.
GRACE_S = 0.5
#: What a call may raise because of the daemon.
OF_THE_DAEMON = (hvinspect.ConnectionLost, hvinspect.ConnectFailed, hvinspect.DeadlineExceeded)
_COUNTERS: Final[dict[str, list[str]]] = {
    record: [one.name for one in CATALOGUE.values() if one.record == record and one.kind is Kind.COUNTER]
    for record in ("cpu", "memory", "vcpu", "disk", "nic")
}


@final
class Reader:
    """Reads one connection all the time, and sees to it that each read has what it owes."""

    def __init__(self, hv: hvinspect.Connection, faults: Faults, everyone: frozenset[str]) -> None:
        self.hv = hv
        self.snapshots = 0
        #: How many of them came at a time when no guest was excused.
        self.unexcused = 0
        self.errors: Counter[str] = Counter()
        self.slowest = 0.0
        self._faults, self._everyone = faults, everyone
        self._due = time.monotonic()
        #: Of each counter, in which incarnation it was seen last, and what it was.
        self._counted: dict[tuple[str, ...], tuple[str, int]] = {}
        #: Of each part of a guest, its incarnation when the guest had been made anew so many times.
        self._lives: dict[tuple[str, ...], tuple[str, int]] = {}
        self._host_ns = 0

    def read(self) -> set[str]:
        """Wait until it is time, read; the keys of those that were complete."""
        time.sleep(max(0.0, self._due - time.monotonic()))
        # What was missed while the daemon hung is made up for.
        self._due += PERIOD_S
        self.snapshots += 1
        began = time.monotonic()
        made_anew = self._faults.made_anew.copy()
        found: set[str] = set()
        try:
            snapshot = self.hv.snapshot(timeout=TIMEOUT_S)
        except OF_THE_DAEMON as error:
            self._forgive(error, began)
        else:
            self._check(snapshot, began, made_anew)
            found = complete(snapshot)
        self._in_time(began)
        if self.snapshots % 10 == 0:
            self._read_host()
        return found

    def _read_host(self) -> None:
        began = time.monotonic()
        try:
            host = self.hv.host(timeout=TIMEOUT_S)
        except OF_THE_DAEMON as error:
            self._forgive(error, began)
        else:
            assert host.user_ns is not None
            assert host.user_ns >= self._host_ns
            self._host_ns = host.user_ns
        self._in_time(began)

    def _in_time(self, began: float) -> None:
        took = time.monotonic() - began
        self.slowest = max(self.slowest, took)
        assert took < TIMEOUT_S + GRACE_S, self._lately(began)

    def _lately(self, began: float) -> list[Window]:
        """The faults that a read which began then can have felt."""
        now = time.monotonic()
        return [window for window in tuple(self._faults.windows) if window.touches(began, now)]

    def _forgive(self, error: hvinspect.Error, began: float) -> None:
        lately = self._lately(began)
        if not any(window.daemon for window in lately):
            raise AssertionError(f"nothing was wrong with the daemon: {lately}") from error
        self.errors[type(error).__name__] += 1

    def _hit(self, lately: Sequence[Window]) -> frozenset[str]:
        """The keys of those that a snapshot which can have felt these may be without."""
        if any(window.daemon for window in lately):
            return self._everyone
        return frozenset().union(*(window.guests for window in lately))

    def _check(self, snapshot: Snapshot, began: float, made_anew: Mapping[str, int]) -> None:
        lately = self._lately(began)
        hit = self._hit(lately)
        meanwhile = (window for window in lately if window.ended > began)
        being_made = frozenset[str]().union(*(window.guests for window in meanwhile if window.fault in MADE_ANEW))
        read = [stats.instance.key for stats in snapshot]
        failed = [failure.instance.key for failure in snapshot.failures]
        assert len({*read, *failed}) == len(read) + len(failed), "an instance is there twice"
        assert {*read, *failed} <= self._everyone
        assert self._everyone - hit <= set(read), snapshot.failures
        self.unexcused += not hit
        for stats in snapshot:
            key = stats.instance.key
            assert key in hit or has_the_daemons_part(stats), stats
            for part in _parts(stats):
                self._check_counters(key, part)
                if key not in being_made:
                    self._check_life(key, part, made_anew[key])

    def _check_counters(self, key: str, part: _Part) -> None:
        for name, value in part.counters.items():
            counter = (key, *part.id, name)
            before, last = self._counted.get(counter, (part.incarnation, 0))
            assert before != part.incarnation or value >= last, f"{name} of {key} {part.id} fell from {last} to {value}"
            self._counted[counter] = part.incarnation, value

    def _check_life(self, key: str, part: _Part, made_anew: int) -> None:
        """See that the part has another incarnation if its guest was made anew, and only then.

        Else a counter that fell might be told as another incarnation, and pass. It does not hold while a guest is made
        anew: one that ends may answer with its card's counters, and the tap that tells which card be gone by then.
        """
        if not part.counters or part.id == ("disk", PLUGGED.target):
            return
        before, times = self._lives.get((key, *part.id), (part.incarnation, made_anew))
        told = f"{part.id} of {key}: first {before}, then {part.incarnation}, made anew {made_anew - times} times"
        assert (before == part.incarnation) == (times == made_anew), told
        self._lives[key, *part.id] = part.incarnation, made_anew


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """An instance, or a device of one, as a snapshot has it."""

    id: tuple[str, str]
    incarnation: str
    counters: Mapping[str, int]


def _parts(stats: InstanceStats) -> Iterator[_Part]:
    records: list[tuple[str, str, Any, str]] = [
        ("cpu", "", stats.cpu, stats.incarnation),
        ("memory", "", stats.memory, stats.incarnation),
        *(("vcpu", str(one.index), one, one.incarnation) for one in stats.cpu.vcpus),
        *(("disk", one.name or one.key, one, one.incarnation) for one in stats.disks),
        *(("nic", one.key, one, one.incarnation) for one in stats.nics),
    ]
    for kind, name, record, incarnation in records:
        values = {name: getattr(record, name) for name in _COUNTERS[kind]}
        counters = {name: value for name, value in values.items() if value is not None}
        yield _Part(id=(kind, name), incarnation=incarnation, counters=counters)
