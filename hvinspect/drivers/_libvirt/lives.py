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

from array import array
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import zip_longest
from operator import attrgetter, le
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypeVar, final

from hvinspect.driver import (
    CATALOGUE,
    DiskStats,
    InstanceStats,
    Kind,
    NicStats,
    PerfStats,
    Reason,
    VcpuStats,
    blank,
)

from .absences import NOT_REQUESTED

__all__ = ["Counted", "Lives", "counted"]

Numbers = tuple[int | None, ...]
Device = TypeVar("Device", VcpuStats, DiskStats, NicStats)

#: Parts of one instance that went away and are remembered in case they come back.
_MOST_GONE = 64


def _counters(*records: tuple[str, str]) -> tuple[str, ...]:
    """Every counter of a record: *records* are short names and where they are in it."""
    return tuple(
        f"{at}{field.name}"
        for name, at in records
        for field in CATALOGUE.values()
        if field.record == name and field.kind is Kind.COUNTER
    )


#: First letter of a part's name -> its counters. The instance as a whole is the part without a name.
_COUNTERS: Final = {
    "v": _counters(("vcpu", "")),
    "d": _counters(("disk", "")),
    "n": _counters(("nic", "")),
    "": _counters(("cpu", "cpu."), ("memory", "memory."), ("perf", "perf.")),
}
_NUMBERS_OF: Final[dict[str, Any]] = {letter: attrgetter(*names) for letter, names in _COUNTERS.items()}
#: Those of an instance whose events were not asked for, as a rule: the missing ones at the end are left out.
_NO_PERF: Final = blank(PerfStats, NOT_REQUESTED)
_WITHOUT_PERF: Final[Any] = attrgetter(*(name for name in _COUNTERS[""] if not name.startswith("perf.")))
#: In the place of a counter that is missing. Lower than any.
_MISSING = -1


class Counted(NamedTuple):
    """A record, and what is remembered of it."""

    stats: InstanceStats
    #: Of its parts, itself being the last of them.
    names: tuple[str, ...]
    incarnations: tuple[str, ...]
    #: What they counted, one after the other, as far as anything is there.
    numbers: tuple[int, ...]


class _Part(NamedTuple):
    """What a part of an instance counted when it was last seen, and the mark of its life."""

    incarnation: str
    numbers: Numbers
    mark: str = ""
    gone: bool = False


_NONE: Final[Mapping[str, _Part]] = MappingProxyType({})


class _Seen(NamedTuple):
    """An instance as it was last seen. There may be ten thousand, so what they counted is packed."""

    #: When the read ended.
    ended_ns: int
    #: The guest's last report of its memory.
    reported_ns: int | None
    #: As in Counted.
    names: tuple[str, ...]
    incarnations: tuple[str, ...]
    numbers: array[int]
    #: Parts with a mark, and those that it had earlier: they are not among the above.
    others: Mapping[str, _Part]

    def goes_on_as(self, names: tuple[str, ...], incarnations: tuple[str, ...], numbers: tuple[int, ...]) -> bool:
        """Are these the same parts, none with a mark, of which nothing fell or is missing?"""
        return (
            self.names == names
            and self.incarnations == incarnations
            and not self.others
            and len(self.numbers) <= len(numbers)
            and all(map(le, self.numbers, numbers))
        )

    def parts(self) -> dict[str, _Part]:
        """Each by its name."""
        found, start = dict(self.others), 0
        for name, incarnation in zip(self.names, self.incarnations, strict=True):
            end = start + len(_COUNTERS[name[:1]])
            numbers = tuple(None if number == _MISSING else number for number in self.numbers[start:end])
            found[name] = _Part(incarnation, numbers)
            start = end
        return found


@final
@dataclass(slots=True)
class _Process:
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
        self._seen: dict[str, _Seen] = {}
        self._processes: dict[str, _Process] = {}
        self._numbers: Mapping[str, int] | None = None
        self._highest = -1
        #: Instances whose ids were another's, or their own in an earlier life -> mark.
        self._again: dict[str, str] = {}

    @property
    def size(self) -> int:
        """How many instances are remembered."""
        parts = (self._seen, self._processes, self._again, self._numbers or {})
        return max(len(part) for part in parts)

    def listed(self, keys: Collection[str], numbers: Mapping[str, int], *, at_ns: int) -> None:
        """All domains there are *at_ns*; *numbers* are the ids of those that run. Drops what is known of others."""
        before = self._numbers
        again = {key: old for key, old in self._again.items() if before is not None and numbers.get(key) == before[key]}
        if before is not None:
            for key, number in numbers.items():
                if number <= self._highest and before.get(key) != number:
                    again[key] = f"{at_ns:x}"
        self._numbers, self._again = dict(numbers), again
        self._highest = max(self._highest, *numbers.values(), -1)
        for known in (self._seen, self._processes):
            for key in known.keys() - keys:
                known.pop(key, None)

    def process(
        self,
        key: str,
        life: str,
        cpu_ns: int | None,
        *,
        at_ns: int,
        is_coarse: bool = False,
        began_ns: int = 0,
        ended_ns: int = 0,
    ) -> str:
        """*life* of the domain *key*, marked with *at_ns* if it is not the one that it seems to be.

        *is_coarse* tells that its CPU time is had from where it may be behind what another connection has told;
        *began_ns* and *ended_ns* are when it was read, by the monotonic clock.
        """
        if again := self._again.get(key):
            life = f"{life}~{again}"
        last = self._processes.get(key)
        if last is None or last.life != life:
            last = _Process(life, None, f"{at_ns:x}", 0) if is_coarse else _Process(life, cpu_ns, "", ended_ns)
            self._processes[key] = last
        elif cpu_ns is not None and not is_coarse and began_ns >= last.ended_ns:
            # Of reads that overlapped nothing tells which came first: as in settle().
            if last.cpu_ns is not None and cpu_ns < last.cpu_ns:
                last.mark = f"{at_ns:x}"
            last.cpu_ns, last.ended_ns = cpu_ns, ended_ns
        return f"{life}~{last.mark}" if last.mark else life

    def settle(self, counted: Counted, *, is_polled: bool) -> InstanceStats:
        """The record, with the incarnation changed of whatever cannot be subtracted from what was seen before.

        *is_polled* tells whether the guest's memory is asked for again and again.
        """
        stats, names, incarnations, numbers = counted
        key, taken = stats.instance.key, stats.taken
        last = self._seen.get(key)
        if last is not None and taken.started_monotonic_ns < last.ended_ns:
            # Another read of it overlapped with this one. Which of the two saw the guest first, nothing tells; so
            # counters that are lower here have not fallen.
            return _marked(stats, last.parts())
        reported_ns, rebooted = _report(stats, last.reported_ns if last is not None else None, is_polled=is_polled)
        ended_ns = taken.started_monotonic_ns + taken.duration_ns
        names = last.names if last is not None and last.names == names else _one(names)
        seen = _Seen(ended_ns, reported_ns, names, incarnations, array("q", numbers), _NONE)
        if last is not None and (rebooted or not last.goes_on_as(names, incarnations, numbers)):
            before = last.parts()
            now = _settled(seen.parts(), before, f"{taken.started_unix_ns:x}", rebooted=rebooted)
            seen = _remembered(ended_ns, reported_ns, now, _not_there(before, now, stats))
            stats = _marked(stats, now)
        self._seen[key] = seen
        return stats


def counted(stats: InstanceStats) -> Counted:
    """*stats*, and what is remembered of it."""
    names = [f"v{one.index}" for one in stats.cpu.vcpus]
    devices: list[VcpuStats | DiskStats | NicStats] = [*stats.cpu.vcpus, *stats.disks, *stats.nics]
    names += [f"d{one.key}" for one in stats.disks]
    names += [f"n{one.key}" for one in stats.nics]
    incarnations = [one.incarnation for one in devices]
    numbers: list[int | None] = []
    for name, device in zip(names, devices, strict=True):
        numbers += _NUMBERS_OF[name[0]](device)
    # The last, because what is missing at the end is left out, and few ask for its events.
    names.append("")
    incarnations.append(stats.incarnation)
    numbers += (_WITHOUT_PERF if stats.perf is _NO_PERF else _NUMBERS_OF[""])(stats)
    return Counted(stats, tuple(names), tuple(incarnations), _packed(numbers))


def _packed(numbers: list[int | None]) -> tuple[int, ...]:
    while numbers and numbers[-1] is None:
        del numbers[-1]
    return tuple(_MISSING if number is None else number for number in numbers)


def _remembered(ended_ns: int, reported_ns: int | None, now: Mapping[str, _Part], others: Mapping[str, _Part]) -> _Seen:
    """The parts that there are *now*, and the *others* that there were."""
    plain = {name: part for name, part in now.items() if not part.mark}
    numbers = _packed([number for part in plain.values() for number in part.numbers])
    return _Seen(
        ended_ns,
        reported_ns,
        _one(tuple(plain)),
        tuple(part.incarnation for part in plain.values()),
        array("q", numbers),
        {**others, **{name: part for name, part in now.items() if part.mark}},
    )


def _name(letter: str, device: VcpuStats | DiskStats | NicStats) -> str:
    return f"{letter}{device.index if isinstance(device, VcpuStats) else device.key}"


@lru_cache(maxsize=1024)
def _one(names: tuple[str, ...]) -> tuple[str, ...]:
    """*names*, the same object for all guests with the same: there are few kinds of them."""
    return names


def _report(stats: InstanceStats, last_ns: int | None, *, is_polled: bool) -> tuple[int | None, bool]:
    """The guest's last report of its memory, *last_ns* before; and does it show that the guest was booted again?"""
    reported_ns = stats.memory.guest_updated_unix_ns
    if reported_ns is None:
        why = stats.memory.why("guest_updated_unix_ns")
        if why is not None and why.reason is not Reason.NEEDS_GUEST:
            return last_ns, False  # it was not asked for, or could not be answered: that says nothing of the guest
    if last_ns is None:
        return reported_ns, False
    return reported_ns, reported_ns is None or reported_ns < last_ns or (reported_ns > last_ns and not is_polled)


def _marked(stats: InstanceStats, parts: Mapping[str, _Part]) -> InstanceStats:
    """*stats* with the marks that its *parts* have."""
    if not any(part.mark for part in parts.values()):
        return stats

    def of(name: str, incarnation: str) -> str:
        part = parts.get(name)
        return f"{incarnation}~{part.mark}" if part and part.mark and part.incarnation == incarnation else incarnation

    def each(letter: str, devices: Iterable[Device]) -> tuple[Device, ...]:
        return tuple(replace(one, incarnation=of(_name(letter, one), one.incarnation)) for one in devices)

    return replace(
        stats,
        incarnation=of("", stats.incarnation),
        cpu=replace(stats.cpu, vcpus=each("v", stats.cpu.vcpus)),
        disks=each("d", stats.disks),
        nics=each("n", stats.nics),
    )


def _settled(parts: Mapping[str, _Part], before: Mapping[str, _Part], mark: str, *, rebooted: bool) -> dict[str, _Part]:
    """What is remembered of *parts*, *mark* being that of those whose life begins now."""
    now: dict[str, _Part] = {}
    for name, (incarnation, numbers, *_) in parts.items():
        last = before.get(name)
        if last is None or last.incarnation != incarnation:
            now[name] = _Part(incarnation, numbers)
        elif last.gone or (rebooted and not name) or (kept := _carried(last.numbers, numbers)) is None:
            now[name] = _Part(incarnation, numbers, mark)
        else:
            now[name] = _Part(incarnation, kept, last.mark)
    return now


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


def _not_there(before: Mapping[str, _Part], now: Mapping[str, _Part], stats: InstanceStats) -> dict[str, _Part]:
    """What is kept of the parts that *stats* does not have; they are gone if it has all that there are of a kind."""
    unsure = {"v": stats.cpu.why("vcpus"), "d": stats.why("disks"), "n": stats.why("nics")}
    kept = {
        name: part if unsure[name[:1]] else part._replace(gone=True) for name, part in before.items() if name not in now
    }
    gone = [name for name, part in kept.items() if part.gone]
    for name in gone[: max(0, len(gone) - _MOST_GONE)]:
        del kept[name]
    return kept
