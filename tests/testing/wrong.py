"""Drivers that are wrong, each in one way that one check of the conformance suite must find."""

from __future__ import annotations

import dataclasses
import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

import hvinspect
from hvinspect import Connection, Group, RatesSnapshot, Snapshot
from hvinspect._selection import Selection
from hvinspect.driver import (
    Absence,
    Absences,
    Failure,
    HostRequest,
    HostStats,
    Instance,
    InstanceStats,
    InventoryRequest,
    OpenRequest,
    Origin,
    OriginRequest,
    ProvidesRequest,
    ReadRequest,
    Reason,
    State,
)
from hvinspect.testing import FakeDriver
from hvinspect.testing._subject import ALL_GROUPS

NEVER = Absence(Reason.UNSUPPORTED, "not here")


def change(function: Callable[[InstanceStats], InstanceStats]) -> type[FakeDriver]:
    """A driver that reads something else than there is."""

    class Wrong(FakeDriver):
        def read(self, request: ReadRequest) -> Iterator[InstanceStats | Failure]:
            for one in super().read(request):
                yield function(one) if isinstance(one, InstanceStats) and one.nics else one

    return Wrong


def change_nic(**values: Any) -> type[FakeDriver]:
    """A driver that says something else of the first NIC."""

    def changed(stats: InstanceStats) -> InstanceStats:
        nic = dataclasses.replace(stats.nics[0], **values)
        return dataclasses.replace(stats, nics=(nic, *stats.nics[1:]))

    return change(changed)


def change_cpu(**values: Any) -> type[FakeDriver]:
    """A driver that says something else of the CPU."""
    return change(lambda stats: dataclasses.replace(stats, cpu=dataclasses.replace(stats.cpu, **values)))


def change_memory(**values: Any) -> type[FakeDriver]:
    """A driver that says something else of the memory."""
    return change(lambda stats: dataclasses.replace(stats, memory=dataclasses.replace(stats.memory, **values)))


class Idle(FakeDriver):
    """Nothing runs."""

    def read(self, request: ReadRequest) -> Iterator[InstanceStats | Failure]:
        for one in super().read(request):
            assert isinstance(one, InstanceStats)
            yield dataclasses.replace(one, state=State.SHUT_OFF)


class Reluctant(FakeDriver):
    """Gives up an instance, and does not know why."""

    def read(self, request: ReadRequest) -> Iterator[InstanceStats | Failure]:
        first, *others = super().read(request)
        yield Failure(instance=first.instance, reason=Reason.UNKNOWN)
        yield from others


class Silent(FakeDriver):
    """Says that it gives nothing."""

    def provides(self, request: ProvidesRequest) -> Mapping[str, Absence | None]:
        return {}


class Greedy(FakeDriver):
    """Reads all groups, whatever it is asked for."""

    def read(self, request: ReadRequest) -> Iterator[InstanceStats | Failure]:
        return super().read(dataclasses.replace(request, groups=ALL_GROUPS))


class Double(FakeDriver):
    """Lists an instance twice."""

    def inventory(self, request: InventoryRequest) -> Sequence[Instance]:
        found = super().inventory(request)
        return [*found, found[0]]


class Nil(FakeDriver):
    """Takes the nil uuid for one."""

    def inventory(self, request: InventoryRequest) -> Sequence[Instance]:
        first, *others = super().inventory(request)
        nil = dataclasses.replace(first, uuid=type(first.uuid)(int=0) if first.uuid else None)
        return [nil, *others]


def falling(part: str) -> type[FakeDriver]:
    """A driver whose counters fall."""
    left = itertools.count(10**9, -1)

    def changed(stats: InstanceStats) -> InstanceStats:
        if part == "cpu":
            return dataclasses.replace(stats, cpu=dataclasses.replace(stats.cpu, time_ns=next(left)))
        devices = getattr(stats, part)
        if not devices:
            return stats
        name = "read_bytes" if part == "disks" else "tx_bytes"
        fallen: Any = (dataclasses.replace(devices[0], **{name: next(left)}), *devices[1:])
        return dataclasses.replace(stats, **{part: fallen})

    return change(changed)


def renewed() -> type[FakeDriver]:
    """A driver with a new incarnation at each call."""
    lives = itertools.count()
    return change(lambda stats: dataclasses.replace(stats, incarnation=str(next(lives))))


class PerConnection(FakeDriver):
    """Its incarnations are those of the connection."""

    _opened: ClassVar[Iterator[int]] = itertools.count()

    @classmethod
    def open(cls, request: OpenRequest) -> PerConnection:
        driver = super().open(request)
        driver.life = str(next(cls._opened))
        return driver

    life = ""

    def read(self, request: ReadRequest) -> Iterator[InstanceStats | Failure]:
        for one in super().read(request):
            assert isinstance(one, InstanceStats)
            yield dataclasses.replace(one, incarnation=self.life)


def changed_rates() -> type[FakeDriver]:
    """A driver that supplies rates without a value or a reason."""

    def changed(stats: InstanceStats) -> InstanceStats:
        assert stats.supplied_rates is not None
        rates = dataclasses.replace(stats.supplied_rates, cpu_cores=None)
        return dataclasses.replace(stats, supplied_rates=rates)

    return change(changed)


def retimed(**by: int) -> type[FakeDriver]:
    """A driver whose times are off by so much."""

    def changed(stats: InstanceStats) -> InstanceStats:
        values = {name: getattr(stats.taken, name) + more for name, more in by.items()}
        return dataclasses.replace(stats, taken=dataclasses.replace(stats.taken, **values))

    return change(changed)


class Outdated(FakeDriver):
    """Describes instances as they were two minutes ago."""

    def inventory(self, request: InventoryRequest) -> Sequence[Instance]:
        ago = time.time_ns() - 120 * 10**9
        return [dataclasses.replace(one, described_at=ago) for one in super().inventory(request)]


class Impatient(FakeDriver):
    """Fails in its own words when its time is over."""

    def inventory(self, request: InventoryRequest) -> Sequence[Instance]:
        if request.deadline.passed:
            raise RuntimeError("virConnectListAllDomains: operation timed out")
        return super().inventory(request)


class OnlyAll(FakeDriver):
    """Reads all or nothing."""

    def read(self, request: ReadRequest) -> Iterator[InstanceStats | Failure]:
        for one in super().read(request):
            yield one if len(request.instances) > 1 else Failure(instance=one.instance, reason=Reason.UNSUPPORTED)


class Forgetful(FakeDriver):
    """Lists the last instance every other time."""

    _asked: ClassVar[Iterator[int]] = itertools.count()

    def inventory(self, request: InventoryRequest) -> Sequence[Instance]:
        found = super().inventory(request)
        return found[: len(found) - next(self._asked) % 2]


class Anonymous(FakeDriver):
    """Does not say where its numbers come from."""

    def origin(self, request: OriginRequest) -> Origin:
        return Origin()


class Homeless(FakeDriver):
    """Falls over the host's numbers."""

    def host(self, request: HostRequest) -> HostStats:
        raise KeyError("MemTotal")


class EmptyHost(FakeDriver):
    """Has a host that knows nothing."""

    def host(self, request: HostRequest) -> HostStats:
        names = [name for name in HostStats.__dataclass_fields__ if name not in ("absences", "incarnation", "taken")]
        return HostStats(
            incarnation="1", taken=super().host(request).taken, absences=Absences(dict.fromkeys(names, NEVER))
        )


class Unsafe(FakeDriver):
    """Loses an instance when two threads call it at once."""

    _within: ClassVar[list[int]] = []

    def inventory(self, request: InventoryRequest) -> Sequence[Instance]:
        found = super().inventory(request)
        self._within.append(1)
        time.sleep(0.02)
        crowded = len(self._within) > 1
        time.sleep(0.02)
        self._within.pop()
        return found[:-1] if crowded else found


def swapped() -> type[FakeDriver]:
    """A driver that counts from the host's side of the NIC."""

    def changed(stats: InstanceStats) -> InstanceStats:
        nic = stats.nics[0]
        names = ("bytes", "packets", "errors", "drops")
        turned = {f"rx_{name}": getattr(nic, f"tx_{name}") for name in names}
        turned |= {f"tx_{name}": getattr(nic, f"rx_{name}") for name in names}
        return dataclasses.replace(stats, nics=(dataclasses.replace(nic, **turned), *stats.nics[1:]))

    return change(changed)


def all_for_any(self: Selection, known: Sequence[Instance]) -> tuple[tuple[Instance, ...], list[Failure]]:
    """Selection.apply() of a core that reads all instances whatever is selected."""
    return tuple(known), []


_snapshot = Connection.snapshot


def overlapping(self: Connection, *arguments: Any, **named: Any) -> Snapshot:
    """Connection.snapshot() of a core that calls a failure what it has read."""
    snapshot = _snapshot(self, *arguments, **named)
    twice = tuple(Failure(instance=one.instance, reason=Reason.FAILED) for one in snapshot.instances[:1])
    return dataclasses.replace(snapshot, failures=(*snapshot.failures, *twice))


def not_closing(self: Connection, timeout: float = 2.0) -> None:
    """Connection.close() of a core that leaves the connection open."""
    left_open.append(self)


#: What not_closing() did not close; the test does it when the core is whole again.
left_open: list[Connection] = []


def with_reason(stats: InstanceStats, name: str, absence: Absence) -> InstanceStats:
    """*stats* with a reason at one of its own fields."""
    return dataclasses.replace(stats, absences=stats.absences | {name: absence})


def explained(name: str, reason: Reason) -> Absences:
    """A reason for one field."""
    return Absences({name: Absence(reason, "made up")})


def renewed_nic() -> type[FakeDriver]:
    """A driver whose NICs have a new incarnation at each call."""
    lives = itertools.count()

    def changed(stats: InstanceStats) -> InstanceStats:
        nic = dataclasses.replace(stats.nics[0], incarnation=str(next(lives)))
        return dataclasses.replace(stats, nics=(nic, *stats.nics[1:]))

    return change(changed)


without_nics = change(lambda stats: dataclasses.replace(stats, nics=()))


class Emptying(FakeDriver):
    """Says nothing of I/O threads when it is not asked for them."""

    def read(self, request: ReadRequest) -> Iterator[InstanceStats | Failure]:
        for one in super().read(request):
            assert isinstance(one, InstanceStats)
            reasons = {name: absence for name, absence in one.absences.items() if name != "iothreads"}
            yield dataclasses.replace(one, absences=Absences(reasons))


class Shattered(FakeDriver):
    """Lists one instance less after a call whose time was over."""

    _broken: ClassVar[list[int]] = []

    def inventory(self, request: InventoryRequest) -> Sequence[Instance]:
        if request.deadline.passed:
            self._broken.append(1)
        return super().inventory(request)[len(self._broken) :]


class TextForUuid(FakeDriver):
    """Has text where a UUID is declared."""

    def inventory(self, request: InventoryRequest) -> Sequence[Instance]:
        wrong: Any = [(one, str(one.uuid)) for one in super().inventory(request)]
        return [dataclasses.replace(one, uuid=uuid) for one, uuid in wrong]


class Protesting(FakeDriver):
    """Fails when two threads call it at once."""

    _within: ClassVar[list[int]] = []

    def inventory(self, request: InventoryRequest) -> Sequence[Instance]:
        self._within.append(1)
        try:
            time.sleep(0.02)
            if len(self._within) > 1:
                raise RuntimeError("called by two threads at once")
            return super().inventory(request)
        finally:
            time.sleep(0.02)
            self._within.pop()


_rates = hvinspect.rates


def negative_rates(before: Snapshot, after: Snapshot) -> RatesSnapshot:
    """rates() of a core that takes a counter that fell for a negative rate."""
    found = _rates(before, after)
    return dataclasses.replace(found, instances=tuple(dataclasses.replace(one, cpu_cores=-1.0) for one in found))


def backwards(self: Connection, *arguments: Any, **named: Any) -> Snapshot:
    """Connection.snapshot() of a core that measures with a clock that goes back."""
    snapshot = _snapshot(self, *arguments, **named)
    return dataclasses.replace(snapshot, taken=dataclasses.replace(snapshot.taken, duration_ns=-1))


def late(self: Connection, *arguments: Any, **named: Any) -> Snapshot:
    """Connection.snapshot() of a core that takes its time."""
    time.sleep(0.02)
    return _snapshot(self, *arguments, **named)


def with_another_source(self: Connection, *arguments: Any, **named: Any) -> Snapshot:
    """Connection.snapshot() of a core that names a source that nobody asked for."""
    snapshot = _snapshot(self, *arguments, **named)
    return dataclasses.replace(snapshot, sources=(*snapshot.sources, (Group.PERF, "made up")))


def any_instance(self: Snapshot, key: object) -> InstanceStats:
    """Snapshot[...] of a core that always finds something."""
    with hvinspect.connect("fake:") as hv:
        return hv.snapshot().instances[0]


def never_supported(self: Connection, timeout: float = 10.0) -> HostStats:
    """Connection.host() of a core that never has it."""
    raise hvinspect.NotSupported("not here")
