"""Lives: what begins to count anew gets another incarnation. No I/O here.

An incarnation is made, as far as that goes, of numbers that are never used twice: the boot of the host and the domain's
id (a hypervisor's process), libvirt's index of an image (a disk), the kernel's index of a tap (a NIC). What they do not
show is remembered here, for as long as the connection that asks lives; it is seen by these signs, and marked with
the time:

* a domain's id that is new and not higher than all before: a restarted daemon gives its ids again;
* the CPU time of a domain fell: another process, even if nothing else tells, and with it every device;
* any counter of an instance, a vCPU, a disk or a NIC fell;
* a vCPU, disk or NIC came back after a snapshot that did not have it, though nothing in its name changed;
* the guest's own report of its memory ceased, went back in time, or came unasked for from a balloon driver that is not
  polled: drivers report once when they are loaded, so the guest was booted again in place.

What cannot be seen: a guest rebooted in place whose polled balloon driver has, by the next snapshot, counted more than
it had before (its CPU, disks and NICs count on over a reboot, so those are right), or whose driver reports nothing at
all; a vCPU, or a disk or NIC without such a number, that was unplugged and plugged again between two snapshots
and has overtaken itself. A new connection knows no marks: its incarnations are those that the numbers give.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from itertools import zip_longest
from operator import attrgetter
from sys import intern
from typing import Any, NamedTuple, TypeVar, final

from hvinspect.driver import CATALOGUE, CpuStats, DiskStats, InstanceStats, Kind, NicStats, Reason, VcpuStats

__all__ = ["Lives"]

Numbers = tuple[int | None, ...]
Device = TypeVar("Device", VcpuStats, DiskStats, NicStats)

#: Parts of one instance that went away and are remembered in case they come back.
_MOST_GONE = 64


def _counters(*records: tuple[str, str]) -> Any:
    """A function that takes every counter out of a record: *records* are short names and where they are in it."""
    return attrgetter(
        *(
            f"{at}{field.name}"
            for name, at in records
            for field in CATALOGUE.values()
            if field.record == name and field.kind is Kind.COUNTER
        )
    )


_of_instance = _counters(("cpu", "cpu."), ("memory", "memory."), ("perf", "perf."))
_of_vcpu = _counters(("vcpu", ""))
_of_disk = _counters(("disk", ""))
_of_nic = _counters(("nic", ""))


class _Last(NamedTuple):
    """What a part of an instance, or the whole of it, counted when it was last seen, and the mark of its life."""

    incarnation: str
    numbers: Numbers
    mark: str
    gone: bool = False


class _Process(NamedTuple):
    """A domain from its start to its end."""

    life: str
    cpu_ns: int | None
    mark: str
    #: When the read ended that gave the CPU time.
    ended_ns: int


@final
class Lives:
    """Remembers each instance's counters, and gives a new incarnation to what cannot go on from them."""

    def __init__(self) -> None:
        self._last: dict[str, dict[str, _Last]] = {}
        self._reports: dict[str, int | None] = {}
        self._processes: dict[str, _Process] = {}
        #: When the read ended that was seen last.
        self._ended: dict[str, int] = {}
        self._numbers: Mapping[str, int] | None = None
        self._highest = -1
        #: Instances whose ids were another's, or their own in an earlier life -> mark.
        self._again: dict[str, str] = {}

    @property
    def size(self) -> int:
        """How many instances are remembered."""
        parts = (self._last, self._reports, self._processes, self._ended, self._again, self._numbers or {})
        return max(len(part) for part in parts)

    def listed(self, keys: Collection[str], numbers: Mapping[str, int], *, mark: str) -> None:
        """All domains there are, *numbers* being the ids of those that run. Drops what is known of any other."""
        before = self._numbers
        again = {key: old for key, old in self._again.items() if before is not None and numbers.get(key) == before[key]}
        if before is not None:
            for key, number in numbers.items():
                if number <= self._highest and before.get(key) != number:
                    again[key] = mark
        self._numbers, self._again = dict(numbers), again
        self._highest = max(self._highest, *numbers.values(), -1)
        for known in (self._last, self._reports, self._processes, self._ended):
            for key in known.keys() - keys:
                known.pop(key, None)

    def process(
        self,
        key: str,
        life: str,
        cpu_ns: int | None,
        *,
        mark: str,
        is_coarse: bool = False,
        began_ns: int = 0,
        ended_ns: int = 0,
    ) -> str:
        """*life* of the domain *key*, marked if it is not the one that it seems to be.

        *is_coarse* tells that its CPU time is had from where it may be behind what another connection has told;
        *began_ns* and *ended_ns* are when it was read, by the monotonic clock.
        """
        if again := self._again.get(key):
            life = f"{life}~{again}"
        last = self._processes.get(key)
        if last is None or last.life != life:
            last = _Process(life, None, mark, 0) if is_coarse else _Process(life, cpu_ns, "", ended_ns)
        elif cpu_ns is not None and not is_coarse and began_ns >= last.ended_ns:
            # Of reads that overlapped nothing tells which came first: as in settle().
            fell = last.cpu_ns is not None and cpu_ns < last.cpu_ns
            last = _Process(life, cpu_ns, mark if fell else last.mark, ended_ns)
        self._processes[key] = last
        return f"{life}~{last.mark}" if last.mark else life

    def settle(self, stats: InstanceStats, *, is_polled: bool) -> InstanceStats:
        """*stats*, with the incarnation changed of whatever cannot be subtracted from what was seen before.

        *is_polled* tells whether the guest's memory is asked for again and again.
        """
        before = self._last.get(stats.instance.key, {})
        now: dict[str, _Last] = {}
        if stats.taken.started_monotonic_ns < self._ended.get(stats.instance.key, 0):
            # Another read of it overlapped with this one. Which of the two saw the guest first, nothing tells; so
            # counters that are lower here have not fallen.
            return _marked(stats, before)
        self._ended[stats.instance.key] = stats.taken.started_monotonic_ns + stats.taken.duration_ns
        mark = f"{stats.taken.started_unix_ns:x}"
        rebooted = self._rebooted(stats, is_polled=is_polled)
        incarnation = _settled("", stats.incarnation, _short(_of_instance(stats)), before, now, mark, anew=rebooted)
        vcpus = _devices("v", stats.cpu.vcpus, _of_vcpu, before, now, mark)
        disks = _devices("d", stats.disks, _of_disk, before, now, mark)
        nics = _devices("n", stats.nics, _of_nic, before, now, mark)
        complete = "".join(
            letter
            for letter, why in (("v", stats.cpu.why("vcpus")), ("d", stats.why("disks")), ("n", stats.why("nics")))
            if why is None
        )
        self._last[stats.instance.key] = {**_not_there(before, now, complete), **now}
        if not any(one.mark for one in now.values()):
            return stats
        return _with(stats, incarnation, vcpus, disks, nics)

    def _rebooted(self, stats: InstanceStats, *, is_polled: bool) -> bool:
        """Does the guest's report of its memory show that the guest was booted again?"""
        key, memory = stats.instance.key, stats.memory
        reported, why = memory.guest_updated_unix_ns, memory.why("guest_updated_unix_ns")
        if why is not None and why.reason is not Reason.NEEDS_GUEST:
            return False  # it was not asked for, or could not be answered: that says nothing of the guest
        last = self._reports.get(key)
        self._reports[key] = reported
        if last is None:
            return False
        return reported is None or reported < last or (reported > last and not is_polled)


def _with(
    stats: InstanceStats,
    incarnation: str,
    vcpus: tuple[VcpuStats, ...],
    disks: tuple[DiskStats, ...],
    nics: tuple[NicStats, ...],
) -> InstanceStats:
    cpu: CpuStats = replace(stats.cpu, vcpus=vcpus)
    return replace(stats, incarnation=incarnation, cpu=cpu, disks=disks, nics=nics)


def _marked(stats: InstanceStats, before: Mapping[str, _Last]) -> InstanceStats:
    """*stats* with the marks that its parts have already."""
    if not any(one.mark for one in before.values()):
        return stats

    def of(part: str, incarnation: str) -> str:
        last = before.get(part)
        return f"{incarnation}~{last.mark}" if last and last.mark and last.incarnation == incarnation else incarnation

    def each(letter: str, devices: Iterable[Device]) -> tuple[Device, ...]:
        return tuple(replace(one, incarnation=of(_part(letter, one), one.incarnation)) for one in devices)

    return _with(
        stats, of("", stats.incarnation), each("v", stats.cpu.vcpus), each("d", stats.disks), each("n", stats.nics)
    )


def _short(numbers: Numbers) -> Numbers:
    """*numbers* without those at the end that are missing: it is kept for each guest, and few ask for perf."""
    end = len(numbers)
    while end and numbers[end - 1] is None:
        end -= 1
    return numbers[:end]


def _part(letter: str, device: VcpuStats | DiskStats | NicStats) -> str:
    return intern(f"{letter}{device.index if isinstance(device, VcpuStats) else device.key}")


def _devices(
    letter: str, devices: Iterable[Device], numbers_of: Any, before: dict[str, _Last], now: dict[str, _Last], mark: str
) -> tuple[Device, ...]:
    settled: list[Device] = []
    for device in devices:
        incarnation = _settled(_part(letter, device), device.incarnation, numbers_of(device), before, now, mark)
        settled.append(device if incarnation == device.incarnation else replace(device, incarnation=incarnation))
    return tuple(settled)


def _settled(
    part: str,
    incarnation: str,
    numbers: Numbers,
    before: dict[str, _Last],
    now: dict[str, _Last],
    mark: str,
    *,
    anew: bool = False,
) -> str:
    last = before.get(part)
    if last is None or last.incarnation != incarnation:
        last = _Last(incarnation, numbers, "")
    elif anew or last.gone or (kept := _carried(last.numbers, numbers)) is None:
        last = _Last(incarnation, numbers, mark)
    else:
        last = _Last(incarnation, kept, last.mark)
    now[part] = last
    return f"{incarnation}~{last.mark}" if last.mark else incarnation


def _carried(before: Numbers, now: Numbers) -> Numbers | None:
    """The counters *now*, one that is missing for once as it stood *before*; None if any fell."""
    if now == before:
        return before
    kept: list[int | None] = []
    for old, new in zip_longest(before, now):
        if new is not None and old is not None and new < old:
            return None
        kept.append(old if new is None else new)
    return tuple(kept)


def _not_there(before: dict[str, _Last], now: dict[str, _Last], complete: str) -> dict[str, _Last]:
    """What is kept of the parts that a snapshot did not have; one that is *complete* in a kind has all of that."""
    if before.keys() == now.keys():
        return {}
    kept = {
        part: last._replace(gone=True) if part[:1] and part[:1] in complete else last
        for part, last in before.items()
        if part not in now
    }
    gone = [part for part, last in kept.items() if last.gone]
    for part in gone[: max(0, len(gone) - _MOST_GONE)]:
        del kept[part]
    return kept
