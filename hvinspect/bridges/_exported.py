"""What of the catalogue an exporting bridge gives: each field with the form of its value. No names, no I/O here."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from enum import Enum
from types import NoneType
from typing import Any, TypeAlias, final, get_args, get_type_hints

from hvinspect import (
    CATALOGUE,
    CpuStats,
    DirtyRate,
    DiskRates,
    DiskStats,
    Field,
    GuestAgent,
    GuestFilesystem,
    Instance,
    InstanceRates,
    InstanceStats,
    IothreadStats,
    Job,
    MemoryStats,
    NicRates,
    NicStats,
    PerfStats,
    ProcessIoStats,
    Snapshot,
    VcpuDirtyRate,
    VcpuStats,
)
from hvinspect.samples import samples

__all__ = ["EXPORTED", "PARTS", "Exported", "Form", "Part", "Value", "values"]


class Form(Enum):
    """What the values of a field are."""

    NUMBER = "number"
    #: True or false.
    FLAG = "flag"
    #: One of a few words.
    CHOICE = "choice"
    TEXT = "text"


@final
@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """A record of the catalogue that belongs to an instance."""

    record: type[Any]
    #: What several of one instance are told apart by: the device's kind, and the field that has its key.
    device: str | None = None
    key: str | None = None
    #: May the same key come twice? A guest tells what it likes.
    key_repeats: bool = False


#: By the record's short name. What is not here describes who an instance is, the host, or the reading itself.
PARTS: dict[str, Part] = {
    "stats": Part(InstanceStats),
    "cpu": Part(CpuStats),
    "vcpu": Part(VcpuStats, "vcpu", "index"),
    "memory": Part(MemoryStats),
    "disk": Part(DiskStats, "disk", "key"),
    "nic": Part(NicStats, "nic", "key"),
    "perf": Part(PerfStats),
    "iothread": Part(IothreadStats, "iothread", "index"),
    "process_io": Part(ProcessIoStats),
    "dirty_rate": Part(DirtyRate),
    "vcpu_dirty_rate": Part(VcpuDirtyRate, "vcpu", "index"),
    "job": Part(Job),
    "guest_agent": Part(GuestAgent),
    "guest_filesystem": Part(GuestFilesystem, "mountpoint", "mountpoint", key_repeats=True),
    "rates": Part(InstanceRates),
    "disk_rates": Part(DiskRates, "disk", "key"),
    "nic_rates": Part(NicRates, "nic", "key"),
}


@final
@dataclasses.dataclass(frozen=True, slots=True)
class Exported:
    """One field, and what its values are."""

    field: Field
    form: Form
    device: str | None
    key_repeats: bool


#: A field, its value, whose it is, and the key of the disk or NIC, the index of the vCPU, ...
Value: TypeAlias = tuple[Exported, Any, Instance, str | None]


def _form(hint: Any) -> Form | None:
    """Of ``int | None`` that of int; of a tuple none."""
    kind = next((one for one in get_args(hint) if one is not NoneType), hint) if NoneType in get_args(hint) else hint
    if not isinstance(kind, type):
        return None
    # bool before int, which it is a kind of; an enum of words before str.
    forms = ((bool, Form.FLAG), (Enum, Form.CHOICE), (int, Form.NUMBER), (float, Form.NUMBER), (str, Form.TEXT))
    return next((form for wanted, form in forms if issubclass(kind, wanted)), None)


def _exported() -> Iterator[tuple[str, Exported]]:
    for name, part in PARTS.items():
        hints = get_type_hints(part.record)
        for field in CATALOGUE.values():
            # The incarnation is for whoever subtracts counters; these stores find resets by themselves.
            if field.record != name or field.name in (part.key, "incarnation"):
                continue
            if (form := _form(hints[field.name])) is not None:
                yield field.path, Exported(field, form, part.device, part.key_repeats)


#: By path. Lists of names have no form and are left out.
EXPORTED: dict[str, Exported] = dict(_exported())


def values(snapshot: Snapshot) -> Iterator[Value]:
    """Every value that is there, of each device one after another; of a hypervisor without counters its own rates."""
    for sample in samples(snapshot):
        exported = EXPORTED.get(sample.field.path)
        if exported is not None:
            yield exported, sample.value, sample.instance, sample.device
    for stats in snapshot:
        rates = stats.supplied_rates
        if rates is not None:
            yield from _of("rates", rates, stats.instance, None)
            for disk in rates.disks:
                yield from _of("disk_rates", disk, stats.instance, disk.key)
            for nic in rates.nics:
                yield from _of("nic_rates", nic, stats.instance, nic.key)


def _of(name: str, record: object, instance: Instance, device: str | None) -> Iterator[Value]:
    for exported in EXPORTED.values():
        if exported.field.record == name and (value := getattr(record, exported.field.name)) is not None:
            yield exported, value, instance, device
