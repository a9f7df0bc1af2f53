"""Lives: what begins to count anew gets another incarnation. No I/O here.

An incarnation is made by the driver of numbers that are never used twice. What they do not show is remembered here, for
as long as the connection that asks lives, and marked with the time: a counter that fell, and a device that came back
after a snapshot which had all devices but that one.

What cannot be seen: something that began anew and has overtaken itself between two snapshots.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from operator import attrgetter, lt
from typing import Any, NamedTuple, TypeVar, final

from ._fields import Kind
from ._model import CATALOGUE, DiskStats, InstanceStats, NicStats, VcpuStats

__all__ = ["Lives"]

Device = TypeVar("Device", VcpuStats, DiskStats, NicStats)
#: Devices of one instance that went away and are remembered in case they come back.
_MOST_GONE = 64


def _counters(*records: tuple[str, str]) -> Any:
    return attrgetter(
        *(
            f"{at}{field.name}"
            for name, at in records
            for field in CATALOGUE.values()
            if field.record == name and field.kind is Kind.COUNTER
        )
    )


_of_instance = _counters(("cpu", "cpu."), ("memory", "memory."), ("perf", "perf."), ("process_io", "process_io."))
_of_vcpu, _of_disk, _of_nic = (_counters((name, "")) for name in ("vcpu", "disk", "nic"))
#: One that was not read is -1: most are, and so all can be compared without looking at each.
Numbers = tuple[int, ...]


class _Last(NamedTuple):
    """What a part of an instance counted when it was last seen, and the mark of its life."""

    incarnation: str
    numbers: Numbers
    mark: str = ""
    gone: bool = False


class _Seen(NamedTuple):
    """An instance as it was last seen: when that read ended, and its parts; itself is the one without a name."""

    ended_ns: int
    parts: Mapping[str, _Last]


@final
class Lives:
    """Remembers each instance's counters, and gives a new incarnation to what cannot go on from them."""

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}

    @property
    def size(self) -> int:
        """How many instances are remembered."""
        return len(self._seen)

    def keep(self, keys: Collection[str]) -> None:
        """Forget all but *keys*."""
        for key in self._seen.keys() - keys:
            self._seen.pop(key, None)

    def settle(self, stats: InstanceStats) -> InstanceStats:
        """*stats*, with the incarnation changed of whatever cannot be subtracted from what was seen before."""
        taken = stats.taken
        last = self._seen.get(stats.instance.key)
        now = {name: _Last(incarnation, numbers) for name, incarnation, numbers in _parts(stats)}
        if last is None:
            self._seen[stats.instance.key] = _Seen(taken.started_monotonic_ns + taken.duration_ns, now)
            return stats
        if taken.started_monotonic_ns < last.ended_ns:
            # Another read of it overlapped with this one. Which of the two saw it first, nothing tells; so counters
            # that are lower here have not fallen.
            return _marked(stats, last.parts)
        mark = f"{taken.started_unix_ns:x}"
        parts = {name: _goes_on(last.parts.get(name), part, mark) for name, part in now.items()}
        parts |= _not_there(last.parts, parts, stats)
        self._seen[stats.instance.key] = _Seen(taken.started_monotonic_ns + taken.duration_ns, parts)
        return _marked(stats, parts)


def _parts(stats: InstanceStats) -> list[tuple[str, str, Numbers]]:
    """The name of each part, its incarnation and its counters."""
    return [
        ("", stats.incarnation, _numbers(_of_instance(stats))),
        *[(f"v{one.index}", one.incarnation, _numbers(_of_vcpu(one))) for one in stats.cpu.vcpus],
        *[(f"d{one.key}", one.incarnation, _numbers(_of_disk(one))) for one in stats.disks],
        *[(f"n{one.key}", one.incarnation, _numbers(_of_nic(one))) for one in stats.nics],
    ]


def _numbers(read: tuple[int | None, ...]) -> Numbers:
    return tuple([-1 if one is None else one for one in read])


def _name(letter: str, device: VcpuStats | DiskStats | NicStats) -> str:
    return f"{letter}{device.index if isinstance(device, VcpuStats) else device.key}"


def _goes_on(last: _Last | None, now: _Last, mark: str) -> _Last:
    if last is None or last.incarnation != now.incarnation:
        return now
    if last.gone:
        return now._replace(mark=mark)
    if last.numbers == now.numbers:
        return last
    kept = now.numbers
    if -1 in kept:  # one that was not read this time is as it was
        kept = tuple([old if new < 0 else new for old, new in zip(last.numbers, kept, strict=True)])
    if any(map(lt, kept, last.numbers)):
        return now._replace(mark=mark)
    return _Last(now.incarnation, kept, last.mark)


def _not_there(before: Mapping[str, _Last], now: Mapping[str, _Last], stats: InstanceStats) -> dict[str, _Last]:
    """What is kept of the parts that *stats* does not have; they are gone if it has all that there are of a kind."""
    missing = [name for name in before if name not in now]
    if not missing:
        return {}
    unsure = {"v": stats.cpu.why("vcpus"), "d": stats.why("disks"), "n": stats.why("nics")}
    kept = {name: before[name] if unsure[name[0]] else before[name]._replace(gone=True) for name in missing}
    for name in [name for name, part in kept.items() if part.gone][:-_MOST_GONE]:
        del kept[name]
    return kept


def _marked(stats: InstanceStats, parts: Mapping[str, _Last]) -> InstanceStats:
    """*stats* with the marks that its *parts* have."""
    if not any(part.mark for part in parts.values()):
        return stats

    def of(name: str, incarnation: str) -> str:
        part = parts.get(name)
        return f"{incarnation}~{part.mark}" if part and part.mark and part.incarnation == incarnation else incarnation

    def each(letter: str, devices: tuple[Device, ...]) -> tuple[Device, ...]:
        return tuple(replace(one, incarnation=of(_name(letter, one), one.incarnation)) for one in devices)

    return replace(
        stats,
        incarnation=of("", stats.incarnation),
        cpu=replace(stats.cpu, vcpus=each("v", stats.cpu.vcpus)),
        disks=each("d", stats.disks),
        nics=each("n", stats.nics),
    )
