"""A snapshot as flat samples: what a bridge reads, one value at a time, each with its entry of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, final

from ._absence import UNEXPLAINED, Absence, Record
from ._fields import Field, record
from ._model import CATALOGUE, Instance, InstanceStats, Snapshot, Span

__all__ = ["Missing", "Sample", "absences", "samples"]


@final
@record
class Sample:
    """One value that is there."""

    field: Field
    value: Any
    instance: Instance
    #: Key of the disk or NIC, index of the vCPU or I/O thread; None for the instance's own.
    device: str | None
    taken: Span


@final
@record
class Missing:
    """One value that is not there, and why."""

    field: Field
    absence: Absence
    instance: Instance
    device: str | None


# Where the records of an instance are: (short name, its fields, how to reach the records with their device).
_BY_RECORD: dict[str, tuple[Field, ...]] = {}
for _field in CATALOGUE.values():
    _BY_RECORD[_field.record] = (*_BY_RECORD.get(_field.record, ()), _field)


def samples(snapshot: Snapshot) -> Iterator[Sample]:
    """Every value that is there; None is never a sample.

    Rates are not: ``rates()`` gives them in one shape, whether derived or supplied.
    """
    for stats in snapshot:
        for name, device, part in _parts(stats):
            for field in _BY_RECORD[name]:
                value = getattr(part, field.name)
                if value is not None and (value != () or part.why(field.name) is None):
                    yield Sample(field=field, value=value, instance=stats.instance, device=device, taken=stats.taken)


def absences(snapshot: Snapshot) -> Iterator[Missing]:
    """Every value that is not there, with its reason.

    Of a list of devices that could not be read, each field is missing once, with no device.
    """
    for stats in snapshot:
        for owner, attribute, name in _lists(stats):
            reason = owner.why(attribute)
            if reason is not None:
                for field in _BY_RECORD[name]:
                    yield Missing(field=field, absence=reason, instance=stats.instance, device=None)
        for name, device, part in _parts(stats):
            # As part.why() has it, which would look for each field's name in its class as well: twice the time.
            told = part.absences._by_field.get
            for field in _BY_RECORD[name]:
                absence = told(field.name)
                if absence is None and getattr(part, field.name) is None:
                    absence = UNEXPLAINED
                if absence is not None:
                    yield Missing(field=field, absence=absence, instance=stats.instance, device=device)


def _lists(stats: InstanceStats) -> tuple[tuple[Record, str, str], ...]:
    """Where the lists of an instance are: who has it, under which name, and of which records."""
    return (
        (stats.cpu, "vcpus", "vcpu"),
        (stats, "disks", "disk"),
        (stats, "nics", "nic"),
        (stats, "iothreads", "iothread"),
        (stats.dirty_rate, "vcpus", "vcpu_dirty_rate"),
        (stats.guest_agent, "filesystems", "guest_filesystem"),
    )


def _parts(stats: InstanceStats) -> Iterator[tuple[str, str | None, Any]]:
    yield "stats", None, stats
    yield "cpu", None, stats.cpu
    for vcpu in stats.cpu.vcpus:
        yield "vcpu", str(vcpu.index), vcpu
    yield "memory", None, stats.memory
    for disk in stats.disks:
        yield "disk", disk.key, disk
    for nic in stats.nics:
        yield "nic", nic.key, nic
    yield "perf", None, stats.perf
    for iothread in stats.iothreads:
        yield "iothread", str(iothread.index), iothread
    yield "process_io", None, stats.process_io
    yield "dirty_rate", None, stats.dirty_rate
    for dirty in stats.dirty_rate.vcpus:
        yield "vcpu_dirty_rate", str(dirty.index), dirty
    yield "job", None, stats.job
    yield "guest_agent", None, stats.guest_agent
    for filesystem in stats.guest_agent.filesystems:
        yield "guest_filesystem", filesystem.mountpoint, filesystem
