"""rates(): from two readings of counters, or from a hypervisor that keeps only rates, to one shape. No I/O here."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any, TypeVar, final, overload
from uuid import UUID

from ._absence import Absence, Absences, Reason, Record
from ._errors import InstanceNotFound
from ._fields import Unit, gauge, info, record
from ._model import (
    CpuStats,
    DiskRates,
    DiskStats,
    HostStats,
    InstanceRates,
    InstanceStats,
    NicRates,
    NicStats,
    RateSource,
    Snapshot,
    Span,
    VcpuState,
    uuid_or_none,
)
from ._text import printable

__all__ = ["HostRates", "RateClock", "RatesSnapshot", "rates"]

#: Nearer samples give no rate: a hypervisor's CPU time may move in ticks of 10 ms.
_SHORTEST_NS = 10_000_000

_FIRST = Absence(Reason.FIRST_SAMPLE, "there is no earlier value")
_CHANGED = Absence(Reason.IDENTITY_CHANGED, "the earlier value belongs to another life of it")
_RESET = Absence(Reason.RESET, "the counter fell")
_NO_EVENTS = Absence(Reason.NO_EVENTS, "nothing was completed in between")
_NO_VCPUS = Absence(Reason.NO_EVENTS, "no vCPU is online")

Device = TypeVar("Device", DiskStats, NicStats)


class RateClock(str, Enum):
    """The clock that a window was measured with."""

    #: Both samples were taken in one boot of the reading host.
    MONOTONIC = "monotonic"
    #: They were not; the wall clock may have been set in between.
    WALL = "wall"
    UNKNOWN = "unknown"


@final
@record
class HostRates(Record):
    """What the host's CPUs did per second."""

    window_ns: int | None = gauge(Unit.NANOSECONDS, "The time that the rates are means over.", since="0.1")
    clock: RateClock = info("The clock of the window.", since="0.1", default=RateClock.UNKNOWN)
    user_cores: float | None = gauge(Unit.CORES, "CPU seconds per second in user mode.", since="0.1")
    system_cores: float | None = gauge(Unit.CORES, "CPU seconds per second in the kernel.", since="0.1")
    idle_cores: float | None = gauge(Unit.CORES, "CPU seconds per second idle.", since="0.1")
    iowait_cores: float | None = gauge(Unit.CORES, "CPU seconds per second waiting for I/O.", since="0.1")


@final
@record
class RatesSnapshot:
    """The rates of every instance of the later snapshot."""

    instances: tuple[InstanceRates, ...]
    clock: RateClock = info("The clock of the windows.", since="0.1", default=RateClock.UNKNOWN)

    def __iter__(self) -> Iterator[InstanceRates]:
        return iter(self.instances)

    def get(self, key: str | UUID) -> InstanceRates | None:
        """The rates of the instance of that key or uuid; None if it is not in the later snapshot."""
        uuid = uuid_or_none(key)
        wanted = str(key)
        for one in self.instances:
            if one.instance.key == wanted:
                return one
        found = [one for one in self.instances if uuid is not None and one.instance.uuid == uuid]
        if len(found) > 1:
            raise InstanceNotFound(f"uuid {uuid} is that of several instances: ask by key")
        return found[0] if found else None

    def __getitem__(self, key: str | UUID) -> InstanceRates:
        found = self.get(key)
        if found is None:
            raise InstanceNotFound(f"there are no rates of {printable(key)}")
        return found


@overload
def rates(before: Snapshot, after: Snapshot) -> RatesSnapshot: ...
@overload
def rates(before: HostStats, after: HostStats) -> HostRates: ...
def rates(before: Snapshot | HostStats, after: Snapshot | HostStats) -> RatesSnapshot | HostRates:
    """What happened per second between two readings of one target.

    A counter that fell gives RESET, never a negative or a clamped rate; one whose incarnation differs gives
    IDENTITY_CHANGED; samples less than 10 ms apart give TOO_CLOSE.

    Raises:
        ValueError: *after* was read before *before*, or the two are of different hosts.
    """
    if isinstance(before, HostStats) and isinstance(after, HostStats):
        return _host_rates(before, after)
    if isinstance(before, Snapshot) and isinstance(after, Snapshot):
        _same_host(before, after)
        earlier = {stats.instance.key: stats for stats in before}
        _, clock = _window(before.taken, after.taken)
        return RatesSnapshot(
            instances=tuple(_instance_rates(earlier.get(stats.instance.key), stats) for stats in after),
            clock=clock,
        )
    raise TypeError(
        f"rates() takes two Snapshots or two HostStats, not {type(before).__name__} and {type(after).__name__}"
    )


def _same_host(before: Snapshot, after: Snapshot) -> None:
    if before.host_id is not None and after.host_id is not None and before.host_id != after.host_id:
        raise ValueError(f"the snapshots are of two hosts, {before.host_id.value} and {after.host_id.value}")


def _window(before: Span, after: Span) -> tuple[int, RateClock]:
    if before.boot_id == after.boot_id:
        window, clock = after.started_monotonic_ns - before.started_monotonic_ns, RateClock.MONOTONIC
    else:
        window, clock = after.started_unix_ns - before.started_unix_ns, RateClock.WALL
    if window < 0 and clock is RateClock.MONOTONIC:
        raise ValueError("the second reading is older than the first")
    return window, clock


class _Ratio:
    """Collects the values of one rates record, and the reasons of those that are missing."""

    def __init__(self, window_ns: int, whole: Absence | None) -> None:
        self.window_ns = window_ns
        self._whole = whole
        self.values: dict[str, Any] = {}
        self.absent: dict[str, Absence] = {}

    def put(self, name: str, value: float | Absence) -> None:
        if isinstance(value, Absence):
            self.values[name] = None
            self.absent[name] = value
        else:
            self.values[name] = value

    def put_window(self, *, known: bool) -> None:
        """The window itself; it is missing if there is no earlier sample, or no clock to measure it with."""
        self.put("window_ns", self.window_ns if known and self.window_ns >= 0 else self._whole or _FIRST)

    def put_end(self, taken: Span) -> None:
        """The window's end, of a window that there is."""
        self.put("ended_unix_ns", self.absent.get("window_ns") or taken.started_unix_ns)

    def delta(self, before: Any, after: Any, field: str) -> int | Absence:
        """How much the counter *field* grew between two records, or why that cannot be said."""
        late = getattr(after, field)
        if late is None:
            return after.why(field) or _FIRST
        if self._whole is not None:
            return self._whole
        early = getattr(before, field)
        if early is None:
            return _FIRST
        return _RESET if late < early else int(late - early)

    def per_second(self, name: str, before: Any, after: Any, field: str) -> None:
        delta = self.delta(before, after, field)
        self.put(name, delta if isinstance(delta, Absence) else delta * 1e9 / self.window_ns)

    def mean(self, name: str, before: Any, after: Any, total: str, events: str) -> None:
        time, number = self.delta(before, after, total), self.delta(before, after, events)
        if isinstance(time, Absence):
            self.put(name, time)
        elif isinstance(number, Absence):
            self.put(name, number)
        else:
            self.put(name, time / number if number else _NO_EVENTS)


def _not_comparable(before: Any, after: Any, window_ns: int) -> Absence | None:
    if before is None:
        return _FIRST
    if before.incarnation != after.incarnation:
        return _CHANGED
    if window_ns < 0:
        return Absence(Reason.UNKNOWN, "the wall clock was set back between two boots")
    if window_ns < _SHORTEST_NS:
        return Absence(Reason.TOO_CLOSE, f"the samples are {window_ns} ns apart")
    return None


def _instance_rates(before: InstanceStats | None, after: InstanceStats) -> InstanceRates:
    if after.supplied_rates is not None:
        return after.supplied_rates
    window = _window(before.taken, after.taken)[0] if before is not None else 0
    whole = _not_comparable(before, after, window)
    ratio = _Ratio(window, whole)
    ratio.put_window(known=before is not None)
    ratio.put_end(after.taken)
    early = before.cpu if before is not None else None
    cpu = ratio.delta(early, after.cpu, "time_ns")
    cores = cpu if isinstance(cpu, Absence) else cpu / window
    ratio.put("cpu_cores", cores)
    ratio.put("cpu_fraction", _of_vcpus(cores, after.cpu))
    ratio.put("delay_fraction", _delay_fraction(early, after.cpu, ratio, window))
    lists = {name: reason for name in ("disks", "nics") if (reason := after.why(name)) is not None}
    return InstanceRates(
        instance=after.instance,
        source=RateSource.DERIVED,
        disks=tuple(
            _disk_rates(_of_key(before.disks, disk) if before else None, disk, window, whole) for disk in after.disks
        ),
        nics=tuple(_nic_rates(_of_key(before.nics, nic) if before else None, nic, window, whole) for nic in after.nics),
        absences=Absences({**ratio.absent, **lists}),
        **ratio.values,
    )


def _of_vcpus(cores: float | Absence, cpu: CpuStats) -> float | Absence:
    if isinstance(cores, Absence):
        return cores
    if cpu.vcpus_online is None:
        return cpu.why("vcpus_online") or _NO_VCPUS
    return cores / cpu.vcpus_online if cpu.vcpus_online > 0 else _NO_VCPUS


def _delay_fraction(before: CpuStats | None, after: CpuStats, ratio: _Ratio, window_ns: int) -> float | Absence:
    earlier = {vcpu.index: vcpu for vcpu in before.vcpus} if before is not None else {}
    total = 0
    online = [vcpu for vcpu in after.vcpus if vcpu.state is not VcpuState.OFFLINE]
    for vcpu in online:
        old = earlier.get(vcpu.index)
        if before is not None and old is None:
            return _FIRST
        if old is not None and old.incarnation != vcpu.incarnation:
            return _CHANGED
        delta = ratio.delta(old, vcpu, "delay_ns")
        if isinstance(delta, Absence):
            return delta
        total += delta
    if not online:
        return after.why("vcpus") or _NO_VCPUS
    return _of_vcpus(total / window_ns, after)


def _of_key(devices: tuple[Device, ...], wanted: Device) -> Device | None:
    return next((one for one in devices if one.key == wanted.key), None)


def _disk_rates(before: DiskStats | None, after: DiskStats, window_ns: int, whole: Absence | None) -> DiskRates:
    ratio = _Ratio(window_ns, whole or _not_comparable(before, after, window_ns))
    for way in ("read", "write"):
        ratio.per_second(f"{way}_bytes_per_s", before, after, f"{way}_bytes")
        ratio.per_second(f"{way}_requests_per_s", before, after, f"{way}_requests")
        ratio.mean(f"{way}_latency_ns", before, after, f"{way}_time_ns", f"{way}_requests")
    return DiskRates(key=after.key, absences=Absences(ratio.absent), **ratio.values)


def _nic_rates(before: NicStats | None, after: NicStats, window_ns: int, whole: Absence | None) -> NicRates:
    ratio = _Ratio(window_ns, whole or _not_comparable(before, after, window_ns))
    for way in ("rx", "tx"):
        ratio.per_second(f"{way}_bytes_per_s", before, after, f"{way}_bytes")
        ratio.per_second(f"{way}_packets_per_s", before, after, f"{way}_packets")
    return NicRates(key=after.key, absences=Absences(ratio.absent), **ratio.values)


def _host_rates(before: HostStats, after: HostStats) -> HostRates:
    window, clock = _window(before.taken, after.taken)
    ratio = _Ratio(window, _not_comparable(before, after, window))
    ratio.put_window(known=True)
    for name in ("user", "system", "idle", "iowait"):
        delta = ratio.delta(before, after, f"{name}_ns")
        ratio.put(f"{name}_cores", delta if isinstance(delta, Absence) else delta / window)
    return HostRates(clock=clock, absences=Absences(ratio.absent), **ratio.values)
