"""Checks over time: keys, incarnations, counters, rates, time stamps, and traffic."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from hvinspect import InstanceStats, Kind, NicStats, Snapshot, Span, rates
from hvinspect.driver import printable

from ._checks import check
from ._checks_values import reason_faults
from ._subject import ALL_GROUPS, Moved, Skipped, Subject, Way
from ._walk import Part, fields_of, named, parts_of_rates

_SECOND_NS = 1_000_000_000
#: No description is older while snapshots are taken.
_OLDEST_DESCRIPTION_NS = 60 * _SECOND_NS


@check(since="0.1")
def keys_are_unique(subject: Subject) -> Iterator[str]:
    """Each instance has a key of its own, each device one within its instance; the nil uuid is None."""
    snapshot = subject.everything
    everyone = [stats.instance for stats in snapshot] + [failure.instance for failure in snapshot.failures]
    yield from _twice("the target", "instance key", (instance.key for instance in everyone))
    for instance in everyone:
        if instance.uuid is not None and instance.uuid.int == 0:
            yield f"{named(instance)}: uuid is nil: expected None"
    for stats in snapshot:
        where = named(stats.instance)
        yield from _twice(where, "disk key", (disk.key for disk in stats.disks))
        yield from _twice(where, "nic key", (nic.key for nic in stats.nics))
        yield from _twice(where, "vcpu index", (vcpu.index for vcpu in stats.cpu.vcpus))
        yield from _twice(where, "iothread index", (iothread.index for iothread in stats.iothreads))


@check(since="0.1")
def counters_never_fall(subject: Subject) -> Iterator[str]:
    """While the incarnation of its own record is unchanged, a counter only grows."""
    before, after = subject.first, subject.second
    pairs = [(before, after), (subject.everything, subject.snapshot(groups=ALL_GROUPS))]
    for old_snapshot, new_snapshot in pairs:
        for old, new in _same(old_snapshot, new_snapshot):
            yield from _falls(old, new)


@check(since="0.1")
def incarnations_last(subject: Subject) -> Iterator[str]:
    """An incarnation is not empty, and the same in the next snapshot and over another connection."""
    with subject.connect() as another:
        elsewhere = another.snapshot(timeout=subject.timeout)
    first = _incarnations(subject.first)
    for where, incarnation in first.items():
        if not incarnation:
            yield f"{where}: incarnation is empty: expected a text that names this life of it"
    for what, later in (("the next snapshot", subject.second), ("another connection", elsewhere)):
        found = _incarnations(later)
        for where, incarnation in first.items():
            if where in found and found[where] != incarnation:
                yield (
                    f"{where}: incarnation is {printable(incarnation)!r}, and {printable(found[where])!r} in {what}: "
                    "expected the same while nothing happens to it"
                )


@check(since="0.1")
def rates_have_values_or_reasons(subject: Subject) -> Iterator[str]:
    """rates() of two snapshots gives each instance its rates, each there or explained."""
    for one in rates(subject.first, subject.second):
        for part in parts_of_rates(one):
            yield from reason_faults(part)
            for field in fields_of(part):
                value = getattr(part.record, field.name)
                if field.numeric and value is not None and value < 0:
                    yield f"{part.where}: {field.name} is {value}: expected nothing negative"


@check(since="0.1")
def times_are_of_the_call(subject: Subject) -> Iterator[str]:
    """What was read says when: within the call that read it; descriptions are less than a minute old."""
    snapshot = subject.snapshot()
    call = snapshot.taken
    if call.duration_ns < 0:
        yield f"snapshot: taken.duration_ns is {call.duration_ns}: expected at least 0"
    for stats in snapshot:
        where = named(stats.instance)
        yield from _time_faults(where, stats.taken, call)
        described = stats.instance.described_at
        if described is None:
            continue
        age = stats.taken.started_unix_ns + stats.taken.duration_ns - described
        if not -_SECOND_NS <= age <= _OLDEST_DESCRIPTION_NS + _SECOND_NS:
            yield f"{where}: described_at is {age / _SECOND_NS:.3f} s old: expected from 0 to 60 s"


@check(since="0.1")
def traffic_moves_its_own_counter(subject: Subject) -> Iterator[str]:
    """What a guest receives is rx, what it sends is tx."""
    if subject.traffic is None:
        raise Skipped("needs a traffic= that lets a guest receive and send")
    for name in ("rx_bytes", "rx_packets", "tx_bytes", "tx_packets"):
        absence = subject.capabilities[f"nic.{name}"].absence
        if absence is not None:
            raise Skipped(f"the target gives no nic.{name}: {absence}")
    for way in Way:
        before = subject.snapshot()
        moved = subject.traffic(way)
        yield from _traffic_faults(way, moved, before, subject.snapshot())


def _traffic_faults(way: Way, moved: Moved, before: Snapshot, after: Snapshot) -> Iterator[str]:
    old, new = _nic(before, moved), _nic(after, moved)
    where = f"instance {printable(moved.instance)}, nic {printable(moved.nic)}"
    if old is None or new is None:
        yield f"{where} is not there: expected the NIC that had the traffic"
        return
    if old.incarnation != new.incarnation:
        yield f"{where}: its incarnation changed during the traffic: expected the same"
        return
    what = way.name.lower()
    other = Way.SEND if way is Way.RECEIVE else Way.RECEIVE
    for name, least in ((f"{way.value}_bytes", moved.bytes), (f"{way.value}_packets", moved.packets)):
        grown = _growth(old, new, name)
        if grown is None or grown < least:
            yield f"{where}: {name} grew by {grown}: expected at least {least}, which the guest did {what}"
    grown = _growth(old, new, f"{other.value}_bytes")
    if grown is None or grown >= moved.bytes:
        yield f"{where}: {other.value}_bytes grew by {grown} on {what}: expected less than {moved.bytes}"


def _growth(old: NicStats, new: NicStats, name: str) -> int | None:
    before, after = getattr(old, name), getattr(new, name)
    return None if before is None or after is None else int(after - before)


def _nic(snapshot: Snapshot, moved: Moved) -> NicStats | None:
    return next((nic for nic in snapshot[moved.instance].nics if nic.key == moved.nic), None)


def _time_faults(where: str, taken: Span, call: Span) -> Iterator[str]:
    if taken.duration_ns < 0:
        yield f"{where}: taken.duration_ns is {taken.duration_ns}: expected at least 0"
    if taken.boot_id != call.boot_id:
        yield f"{where}: taken.boot_id is {printable(taken.boot_id)}: expected {call.boot_id}, this host's"
        return
    late = taken.started_monotonic_ns - call.started_monotonic_ns
    if not 0 <= late <= call.duration_ns:
        yield (
            f"{where}: taken.started_monotonic_ns is {late / _SECOND_NS:.3f} s after the call's start: "
            f"expected within its {call.duration_ns / _SECOND_NS:.3f} s"
        )
    # The wall clock may be set at any moment; a second's step is none of the driver's.
    if abs(taken.started_unix_ns - call.started_unix_ns - late) > _SECOND_NS:
        yield f"{where}: taken.started_unix_ns is {taken.started_unix_ns}: expected about {call.started_unix_ns}"


def _twice(where: str, what: str, values: Iterable[Any]) -> Iterator[str]:
    for value, times in Counter(values).items():
        if times > 1:
            yield f"{where}: {what} {printable(value)!r} is there {times} times: expected once"
        if value == "":
            yield f"{where}: a {what} is empty: expected a text"


def _same(before: Snapshot, after: Snapshot) -> Iterator[tuple[InstanceStats, InstanceStats]]:
    earlier = {stats.instance.key: stats for stats in before}
    for new in after:
        old = earlier.get(new.instance.key)
        if old is not None:
            yield old, new


def _devices(stats: InstanceStats) -> dict[tuple[str, object], Any]:
    """The records of an instance that have an incarnation of their own."""
    devices: dict[tuple[str, object], Any] = {("vcpu", vcpu.index): vcpu for vcpu in stats.cpu.vcpus}
    devices.update({("disk", disk.key): disk for disk in stats.disks})
    devices.update({("nic", nic.key): nic for nic in stats.nics})
    return devices


def _falls(old: InstanceStats, new: InstanceStats) -> Iterator[str]:
    where = named(new.instance)
    if old.incarnation == new.incarnation:
        for name in ("cpu", "memory", "perf"):
            yield from _fallen(getattr(old, name), Part(f"{where}, {name}", name, getattr(new, name)))
    earlier = _devices(old)
    for (name, key), device in _devices(new).items():
        before = earlier.get((name, key))
        if before is not None and before.incarnation == device.incarnation:
            yield from _fallen(before, Part(f"{where}, {name} {printable(key)}", name, device))


def _fallen(old: Any, part: Part) -> Iterator[str]:
    for field in fields_of(part):
        if field.kind is not Kind.COUNTER:
            continue
        before, after = getattr(old, field.name), getattr(part.record, field.name)
        if before is not None and after is not None and after < before:
            yield (
                f"{part.where}: {field.name} fell from {before} to {after} in one incarnation: "
                "expected it to grow, or the incarnation to change"
            )


def _incarnations(snapshot: Snapshot) -> dict[str, str]:
    found: dict[str, str] = {}
    for stats in snapshot:
        where = named(stats.instance)
        found[where] = stats.incarnation
        for (name, key), device in _devices(stats).items():
            found[f"{where}, {name} {printable(key)}"] = device.incarnation
    return found
