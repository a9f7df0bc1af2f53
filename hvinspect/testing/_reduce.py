"""Records with some of their values taken out, each with its reason. No I/O here."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from functools import cache
from typing import Any, TypeVar

from hvinspect.driver import (
    CATALOGUE,
    Absence,
    Absences,
    CpuStats,
    DirtyRate,
    DiskRates,
    DiskStats,
    Group,
    GuestAgent,
    HostStats,
    InstanceRates,
    InstanceStats,
    Job,
    Kind,
    MemoryStats,
    NicRates,
    NicStats,
    PerfStats,
    ProcessIoStats,
    Reason,
    VcpuStats,
    blank,
)

__all__ = ["except_for", "only_groups", "without", "without_counters"]

T = TypeVar("T")

NOT_REQUESTED = Absence(Reason.NOT_REQUESTED, "its group was not asked for")


def except_for(absences: Absences, name: str) -> Absences:
    """*absences* without the one of the field *name*."""
    return Absences({field: absence for field, absence in absences.items() if field != name})


def without(record: T, names: Collection[str], absence: Absence) -> T:
    """*record* with the fields *names* taken out for the reason *absence*; a tuple becomes an empty one."""
    found: Any = record
    values: dict[str, Any] = {name: () if isinstance(getattr(found, name), tuple) else None for name in names}
    values["absences"] = found.absences | dict.fromkeys(names, absence)
    return dataclasses.replace(found, **values)  # type: ignore[no-any-return]


def only_groups(stats: InstanceStats, groups: frozenset[Group], absence: Absence = NOT_REQUESTED) -> InstanceStats:
    """*stats* with what belongs to no group of *groups* taken out for the reason *absence*."""
    values: dict[str, Any] = {}
    absent: list[str] = []
    if Group.STATE not in groups:
        absent += ["state", "native_state", "state_reason"]
    records: tuple[tuple[Group, str, type[Any]], ...] = (
        (Group.CPU, "cpu", CpuStats),
        (Group.MEMORY, "memory", MemoryStats),
        (Group.PERF, "perf", PerfStats),
        (Group.PROCESS_IO, "process_io", ProcessIoStats),
        (Group.DIRTY_RATE, "dirty_rate", DirtyRate),
        (Group.JOB, "job", Job),
        (Group.GUEST_AGENT, "guest_agent", GuestAgent),
    )
    values.update({name: blank(cls, absence) for group, name, cls in records if group not in groups})
    if Group.NIC not in groups:
        absent.append("nics")
    if Group.IOTHREAD not in groups:
        absent.append("iothreads")
    if not groups & {Group.DISK, Group.BLOCK_DETAIL}:
        absent.append("disks")
    else:
        for group in (Group.DISK, Group.BLOCK_DETAIL):
            if group not in groups:
                disks = values.get("disks", stats.disks)
                values["disks"] = tuple(without(disk, _disk_numbers(group), absence) for disk in disks)
    if stats.supplied_rates is not None:
        values["supplied_rates"] = _rates_of_groups(stats.supplied_rates, groups, absence)
    return without(dataclasses.replace(stats, **values), absent, absence)


def _rates_of_groups(rates: InstanceRates, groups: frozenset[Group], absence: Absence) -> InstanceRates:
    absent: list[str] = []
    if Group.CPU not in groups:
        absent += ["cpu_cores", "cpu_fraction", "delay_fraction"]
    if Group.DISK not in groups:
        absent.append("disks")
    if Group.NIC not in groups:
        absent.append("nics")
    return without(rates, absent, absence)


@cache
def _disk_numbers(group: Group) -> tuple[str, ...]:
    return tuple(
        field.name
        for field in CATALOGUE.values()
        if field.record == "disk" and field.group is group and field.kind is not Kind.INFO
    )


_SHORT_NAMES: dict[type[Any], str] = {
    CpuStats: "cpu",
    VcpuStats: "vcpu",
    MemoryStats: "memory",
    DiskStats: "disk",
    NicStats: "nic",
    PerfStats: "perf",
    ProcessIoStats: "process_io",
    HostStats: "host",
    DiskRates: "disk_rates",
    NicRates: "nic_rates",
}


@cache
def _counters(record_name: str) -> tuple[str, ...]:
    return tuple(
        field.name for field in CATALOGUE.values() if field.record == record_name and field.kind is Kind.COUNTER
    )


def without_counters(stats: InstanceStats, absence: Absence) -> InstanceStats:
    """*stats* with every counter taken out for the reason *absence*; one not there keeps its own reason."""

    def emptied(record: T) -> T:
        present: Any = record
        names = [name for name in _counters(_SHORT_NAMES[type(record)]) if getattr(present, name) is not None]
        return without(record, names, absence)

    cpu = emptied(stats.cpu)
    return dataclasses.replace(
        stats,
        cpu=dataclasses.replace(cpu, vcpus=tuple(emptied(vcpu) for vcpu in cpu.vcpus)),
        memory=emptied(stats.memory),
        disks=tuple(emptied(disk) for disk in stats.disks),
        nics=tuple(emptied(nic) for nic in stats.nics),
        perf=emptied(stats.perf),
        process_io=emptied(stats.process_io),
    )
