"""What a row has to prove of the reads taken: the others complete, and nothing wrong reported as right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, Final, final

from hvinspect import Failure, InstanceStats, Reason, Snapshot, State
from hvinspect.driver import CATALOGUE, Kind, Record
from tests.integration.libvirt.faults.matrix import Look
from tests.integration.libvirt.faults.readers import Read

#: The reasons that a guest gives which does not answer.
STUCK: Final = frozenset({Reason.TIMED_OUT, Reason.BUSY})
_NIC_COUNTERS: Final = tuple(one.name for one in CATALOGUE.values() if one.record == "nic" and one.kind is Kind.COUNTER)
_DISK_COUNTERS: Final = tuple(
    one.name for one in CATALOGUE.values() if one.record == "disk" and one.kind is Kind.COUNTER
)
_MEMORY_OF_THE_GUEST: Final = tuple(
    one.name for one in CATALOGUE.values() if one.record == "memory" and one.name.startswith("guest_")
)


# -- what is there


def given(stats: InstanceStats) -> frozenset[str]:
    """The paths of all that has a value."""
    return frozenset(path for path, record, name in _walk(stats) if getattr(record, name) is not None)


def _walk(record: Any, at: str = "") -> Iterator[tuple[str, Any, str]]:
    """Each field that holds a value or None, of *record* and of all records in it."""
    for one in fields(record):
        value, path = getattr(record, one.name), f"{at}{one.name}"
        if one.name in ("absences", "taken"):
            continue
        if is_dataclass(value):
            yield from _walk(value, f"{path}.")
        elif isinstance(value, tuple) and value and is_dataclass(value[0]):
            for item in value:
                yield from _walk(item, f"{path}.{getattr(item, 'key', getattr(item, 'index', ''))}.")
        else:
            yield path, record, one.name


# -- looks at a guest that is hit


def complete(now: InstanceStats | None, failure: Failure | None, before: InstanceStats | None) -> None:
    """All is there that was there before."""
    assert now is not None, f"not read: {failure}"
    assert before is not None
    missing = given(before) - given(now)
    assert not missing, f"missing of {now.instance.name}: {_few(missing)}{_reasons(now, missing)}"


def complete_but(*parts: str, or_busy: bool = False) -> Look:
    """All is there but what begins with one of *parts*, which may be missing with its reason.

    *or_busy*: for a moment others may have had its monitor.
    """

    def look(now: InstanceStats | None, failure: Failure | None, before: InstanceStats | None) -> None:
        assert now is not None, f"not read: {failure}"
        assert before is not None
        if or_busy and _is_busy(now):
            return
        missing = {path for path in given(before) - given(now) if not path.startswith(parts)}
        assert not missing, f"missing of {now.instance.name}: {_few(missing)}{_reasons(now, missing)}"

    return look


def complete_or_busy(now: InstanceStats | None, failure: Failure | None, before: InstanceStats | None) -> None:
    """It is complete, or its monitor was in use and it says so, or it is not (yet, or any more) there."""
    if now is None or before is None or now.state not in (State.RUNNING, State.PAUSED):
        return
    if not _is_busy(now):
        complete(now, failure, before)


def _is_busy(now: InstanceStats) -> bool:
    """Does it say that its monitor was in use?"""
    said = [record.why(name) for _, record, name in _walk(now) if isinstance(record, Record)]
    said += [now.why("disks"), now.why("nics")]
    return any(why is not None and why.reason in STUCK for why in said)


def complete_or_gone(now: InstanceStats | None, failure: Failure | None, before: InstanceStats | None) -> None:
    """It is complete, or vanished, or not listed."""
    complete_or_busy(now, failure, before)
    if failure is not None:
        assert failure.reason is Reason.VANISHED, failure


def honest(now: InstanceStats | None, failure: Failure | None, before: InstanceStats | None) -> None:
    """Nothing beyond what holds for every record."""


def kept(now: InstanceStats | None, failure: Failure | None, before: InstanceStats | None) -> None:
    """What the host knows of a guest that does not answer is there; what only its monitor knows is not."""
    assert now is not None, f"not read: {failure}"
    assert before is not None
    assert now.state == before.state, f"{now.instance.name} is said to be {now.state}, not {before.state}"
    assert now.cpu.time_ns is not None, f"no CPU time: {now.cpu.why('time_ns')}"
    assert len(now.cpu.vcpus) == len(before.cpu.vcpus), f"vCPUs: {now.cpu.why('vcpus')}"
    for vcpu in now.cpu.vcpus:
        assert vcpu.time_ns is not None, f"no time of vCPU {vcpu.index}: {vcpu.why('time_ns')}"
    assert len(now.nics) == len(before.nics), f"NICs: {now.why('nics')}"
    for nic in now.nics:
        for name in _NIC_COUNTERS:
            assert getattr(nic, name) is not None, f"no {name} of {nic.name}: {nic.why(name)}"
    if not now.disks:
        _is_stuck(now, "disks")
    for disk, one in zip(now.disks, before.disks, strict=bool(now.disks)):
        for name in _DISK_COUNTERS:
            assert getattr(disk, name) is None, f"{name} of {disk.name} can't be known: {getattr(disk, name)}"
            if getattr(one, name) is not None:
                _is_stuck(disk, name)
    for name in _MEMORY_OF_THE_GUEST:
        assert getattr(now.memory, name) is None, f"memory.{name} can't be known: {getattr(now.memory, name)}"
        if getattr(before.memory, name) is not None:
            _is_stuck(now.memory, name)


def kept_or_gone(now: InstanceStats | None, failure: Failure | None, before: InstanceStats | None) -> None:
    """As kept() while it does not answer; it may vanish in the middle of that."""
    if now is not None and now.disks and all(disk.read_bytes is not None for disk in now.disks):
        complete(now, failure, before)
    elif now is not None:
        assert now.state is State.RUNNING, f"it is said to be {now.state}"
    elif failure is not None:
        assert failure.reason in {Reason.VANISHED, *STUCK}, failure


def _is_stuck(record: Record, name: str) -> None:
    why = record.why(name)
    assert why is not None, f"{name} is not said to be missing"
    assert why.reason in STUCK, f"{name} is missing because of {why}"


def _few(paths: Iterable[str]) -> str:
    ordered = sorted(paths)
    return ", ".join(ordered[:6]) + (f" and {len(ordered) - 6} more" if len(ordered) > 6 else "")


def _reasons(now: InstanceStats, missing: Iterable[str]) -> str:
    reasons = {
        str(record.why(name))
        for path, record, name in _walk(now)
        if path in set(missing) and isinstance(record, Record)
    }
    reasons |= {f"{part}: {now.why(part)}" for part in ("disks", "nics") if not getattr(now, part)}
    return f" ({'; '.join(sorted(reasons))})"


# -- all reads of a row


@final
class Judge:
    """Sees all reads of one row in their order; what it raises says what is wrong."""

    def __init__(self) -> None:
        self._before: dict[tuple[int, str], InstanceStats] = {}
        self._counted: dict[tuple[int, str, str, str, str], int] = {}

    def baseline(self, reads: Sequence[Read]) -> None:
        """What there is while nothing is broken."""
        for read in reads:
            assert read.snapshot is not None, f"reading failed before anything was broken: {read.error!r}"
            self.honest(read)
            self._before |= {(read.eye, stats.instance.key): stats for stats in read.snapshot}

    def others_complete(self, read: Read, hit: Mapping[str, Look]) -> None:
        """Every guest that is not hit is as complete as before."""
        if read.snapshot is None:
            return
        failed = {one.instance.key: one for one in read.snapshot.failures}
        for (eye, key), before in self._before.items():
            if eye == read.eye and key not in hit:
                complete(read.snapshot.get(key), failed.get(key), before)

    def hit_as_expected(self, read: Read, hit: Mapping[str, Look]) -> None:
        """Of the guests that are hit, what may be said is said, and no more."""
        if read.snapshot is None:
            return
        failed = {one.instance.key: one for one in read.snapshot.failures}
        for key, look in hit.items():
            look(read.snapshot.get(key), failed.get(key), self._before.get((read.eye, key)))

    def honest(self, read: Read) -> None:
        """No counter falls within an incarnation, nothing is missing without a reason, nobody is there twice."""
        if read.snapshot is None:
            return
        keys = [stats.instance.key for stats in read.snapshot]
        keys += [one.instance.key for one in read.snapshot.failures]
        assert len(keys) == len(set(keys)), "an instance is there twice"
        for stats in read.snapshot:
            for path, record, name in _walk(stats):
                if isinstance(record, Record) and getattr(record, name) is None:
                    why = record.why(name)
                    assert why is not None, f"{path} of {stats.instance.name} has no reason"
                    assert why.reason is not Reason.UNKNOWN, f"{path} of {stats.instance.name}: {why}"
            self._count(read.eye, stats)

    def _count(self, eye: int, stats: InstanceStats) -> None:
        parts: list[tuple[str, str, Any, str]] = [
            ("cpu", "", stats.cpu, stats.incarnation),
            ("memory", "", stats.memory, stats.incarnation),
            *(("vcpu", str(one.index), one, one.incarnation) for one in stats.cpu.vcpus),
            *(("disk", one.key, one, one.incarnation) for one in stats.disks),
            *(("nic", one.key, one, one.incarnation) for one in stats.nics),
        ]
        for record, _, part, incarnation in parts:
            for one in CATALOGUE.values():
                if one.record != record or one.kind is not Kind.COUNTER:
                    continue
                value = getattr(part, one.name)
                if value is None:
                    continue
                key = (eye, stats.instance.key, record, one.name, incarnation)
                last = self._counted.get(key, 0)
                assert value >= last, f"{one} of {stats.instance.name} fell from {last} to {value} in {incarnation}"
                self._counted[key] = value

    def missing(self, snapshots: Mapping[int, Snapshot], ended: frozenset[tuple[int, str]]) -> str:
        """What is not yet complete again; nothing if all is."""
        for (eye, key), before in self._before.items():
            snapshot = snapshots[eye]
            failed = {one.instance.key: one for one in snapshot.failures}
            if (eye, key) in ended:
                continue
            try:
                complete(snapshot.get(key), failed.get(key), before)
            except AssertionError as missing:
                return str(missing)
        return ""
