"""What the server told of one virtual machine becomes a record. Pure: no I/O, no vendor's library.

Rules. A MB is of 1024 KB and a KB of 1024 bytes, as everywhere in vSphere. What is a rate there is a rate here: nothing
is added up to look like a counter. What is not known is None with its reason, and -1 is not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hvinspect.driver import (
    Absence,
    Absences,
    CpuStats,
    DirtyRate,
    DiskStats,
    Group,
    GuestAgent,
    HostStats,
    InstanceStats,
    Job,
    MemoryStats,
    NicStats,
    PerfStats,
    ProcessIoStats,
    Span,
    State,
    blank,
)

from . import absences
from .absences import NO_COUNTERS, NOT_IN_VSPHERE, NOT_REQUESTED
from .found import About, Disk, Hardware, Host, Known, Nic, Reading
from .rates import decode_rates
from .words import uuid_of

__all__ = ["decode", "decode_host", "why_unsampled"]

_MIB = 1024**2

#: A suspended one is written to a datastore and takes nothing of the host, as a domain of libvirt's that is saved.
_STATES = {"poweredOn": State.RUNNING, "poweredOff": State.SHUT_OFF, "suspended": State.SHUT_OFF}
_CONNECTED = "connected"


def _never(record: type[Any], **others: Absence) -> dict[str, Absence]:
    """The counters of a kind of record, which vSphere has none of, and what else it has not."""
    return {**dict.fromkeys(_COUNTERS[record], NO_COUNTERS), **others}


_COUNTERS: dict[type[Any], tuple[str, ...]] = {
    DiskStats: (
        "read_bytes", "read_requests", "read_time_ns", "write_bytes", "write_requests", "write_time_ns",
        "flush_requests", "flush_time_ns", "discard_bytes", "discard_requests", "discard_time_ns", "failed_requests",
    ),
    NicStats: (
        "rx_bytes", "rx_packets", "rx_errors", "rx_drops", "tx_bytes", "tx_packets", "tx_errors", "tx_drops",
    ),
}  # fmt: skip
_DISK_NEVER = _never(
    DiskStats,
    serial=absences.NO_SERIAL,
    host_allocated_bytes=absences.NO_SIZES,
    highest_written_bytes=absences.NO_SIZES,
    host_length_bytes=absences.NO_SIZES,
)
_NIC_NEVER = _never(NicStats, name=absences.NO_HOST_DEVICE, bridge=absences.NO_BRIDGE, filter_name=absences.NO_FILTER)
_MEMORY_NEVER = {
    name: absences.INSIDE for name in blank(MemoryStats, absences.INSIDE).absences if name.startswith("guest_")
}


def why_unsampled(known: Known) -> Absence | None:
    """Why nothing is measured of a virtual machine; None if it is powered on, on a host that the server reaches."""
    power, connection = known.machine.power, known.machine.connection
    if connection not in (None, _CONNECTED):
        return absences.disconnected(str(connection))
    return None if power == "poweredOn" else absences.NOT_RUNNING


def decode(reading: Reading) -> InstanceStats:
    """The record of one virtual machine, with its newest sample."""
    known, groups = reading.known, reading.groups
    machine, hardware = known.machine, known.hardware
    life = f"{machine.ref}/{machine.booted or machine.power or ''}"
    absent = {"state_reason": absences.NO_REASON, "iothreads": NOT_IN_VSPHERE}
    state = native_state = None
    if Group.STATE in groups:
        state, native_state = _state(known)
        if native_state is None:
            absent["native_state"] = machine.missing.get("runtime.powerState", absences.NO_CONFIGURATION)
    else:
        absent.update(dict.fromkeys(("state", "native_state", "state_reason"), NOT_REQUESTED))
    for name, group in (("disks", Group.DISK), ("nics", Group.NIC)):
        if group not in groups:
            absent[name] = NOT_REQUESTED
        elif isinstance(hardware, Absence):
            absent[name] = hardware
    return InstanceStats(
        instance=known.instance,
        incarnation=life,
        taken=known.taken,
        state=state,
        native_state=native_state,
        cpu=_cpu(known) if Group.CPU in groups else blank(CpuStats, NOT_REQUESTED),
        memory=_memory(known) if Group.MEMORY in groups else blank(MemoryStats, NOT_REQUESTED),
        disks=() if "disks" in absent or isinstance(hardware, Absence) else _disks(hardware, life),
        nics=() if "nics" in absent or isinstance(hardware, Absence) else _nics(hardware, life),
        perf=blank(PerfStats, NOT_IN_VSPHERE),
        process_io=blank(ProcessIoStats, NOT_IN_VSPHERE),
        dirty_rate=blank(DirtyRate, NOT_IN_VSPHERE),
        job=blank(Job, NOT_IN_VSPHERE),
        guest_agent=blank(GuestAgent, NOT_IN_VSPHERE),
        supplied_rates=decode_rates(reading),
        absences=Absences(absent),
    )


def decode_host(host: Host, about: About, taken: Span) -> HostStats:
    """The record of an ESX host."""
    values: dict[str, Any] = {
        "hostname": host.name,
        "uuid": uuid_of(host.uuid),
        "cpus": host.threads,
        "memory_total_bytes": host.memory_bytes,
        "memory_free_bytes": _free(host),
    }
    absent = {name: absences.NO_MEMORY_NUMBER for name, value in values.items() if value is None}
    absent |= dict.fromkeys(("user_ns", "system_ns", "idle_ns", "iowait_ns"), absences.NO_HOST_TIME)
    return HostStats(
        incarnation=f"host/{host.booted}",
        hypervisor=about.name,
        hypervisor_version=about.version,
        taken=taken,
        absences=Absences(absent | {"memory_available_bytes": absences.NO_AVAILABLE}),
        **values,
    )


def _free(host: Host) -> int | None:
    """What is used is, by vSphere's definition, all that is not free."""
    if host.memory_bytes is None or host.used_mib is None:
        return None
    return max(0, host.memory_bytes - host.used_mib * _MIB)


def _state(known: Known) -> tuple[State, str | None]:
    power, connection = known.machine.power, known.machine.connection
    if power is not None and connection not in (None, _CONNECTED):
        return State.UNKNOWN, f"{power}, {connection}"
    return _STATES.get(power or "", State.UNKNOWN), power


def _cpu(known: Known) -> CpuStats:
    absent = {**dict.fromkeys(("time_ns", "user_ns", "system_ns"), NO_COUNTERS), "vcpus": absences.NO_VCPUS}
    why, hardware = why_unsampled(known), known.hardware
    vcpus = None
    if isinstance(hardware, Absence) or hardware.vcpus is None:
        unknown = hardware if isinstance(hardware, Absence) else absences.NO_CONFIGURATION
        absent.update(vcpus_maximum=unknown, vcpus_at_start=unknown, vcpus_online=why or unknown)
    else:
        vcpus = hardware.vcpus
        if why is not None:
            absent["vcpus_online"] = why
    return CpuStats(
        vcpus_online=None if why else vcpus, vcpus_maximum=vcpus, vcpus_at_start=vcpus, absences=Absences(absent)
    )


def _memory(known: Known) -> MemoryStats:
    machine, hardware, absent = known.machine, known.hardware, dict(_MEMORY_NEVER)
    maximum = _mib(hardware.memory_mib) if isinstance(hardware, Hardware) else None
    resident, ballooned = _mib(machine.host_memory_mib), _mib(machine.ballooned_mib)
    assigned = max(0, maximum - ballooned) if maximum is not None and ballooned is not None else None
    if maximum is None:
        unknown = hardware if isinstance(hardware, Absence) else absences.NO_CONFIGURATION
        absent.update(dict.fromkeys(("maximum_bytes", "assigned_bytes"), unknown))
    elif assigned is None:
        absent["assigned_bytes"] = _why(known, "summary.quickStats.balloonedMemory")
    if resident is None:
        absent["host_resident_bytes"] = _why(known, "summary.quickStats.hostMemoryUsage")
    why = why_unsampled(known)
    if why is not None:  # the numbers are those of the last time
        assigned = resident = None
        absent.update(dict.fromkeys(("assigned_bytes", "host_resident_bytes"), why))
    return MemoryStats(
        assigned_bytes=assigned, maximum_bytes=maximum, host_resident_bytes=resident, absences=Absences(absent)
    )


def _mib(value: int | None) -> int | None:
    return value * _MIB if value is not None and value >= 0 else None


def _why(known: Known, path: str) -> Absence:
    return known.machine.missing.get(path, absences.NO_MEMORY_NUMBER)


def _disks(hardware: Hardware, life: str) -> tuple[DiskStats, ...]:
    return tuple(_disk(one, life) for one in hardware.disks)


def _nics(hardware: Hardware, life: str) -> tuple[NicStats, ...]:
    return tuple(_nic(one, life) for one in hardware.nics)


def _disk(disk: Disk, life: str) -> DiskStats:
    values = {
        "name": disk.name,
        "bus": disk.bus,
        "kind": disk.kind,
        "source": disk.source,
        "capacity_bytes": disk.capacity_bytes,
    }
    reasons: Mapping[str, Absence] = {
        "name": absences.NO_BUS,
        "bus": absences.NO_BUS,
        "kind": absences.NO_KIND,
        "source": absences.NO_IMAGE,
        "capacity_bytes": absences.NO_MEDIUM_SIZE,
    }
    absent = {name: reasons[name] for name, value in values.items() if value is None}
    return DiskStats(
        key=str(disk.key),
        incarnation=f"{life}/{disk.key}/{disk.source or ''}",
        alias=str(disk.key),
        device=disk.device,
        absences=Absences(_DISK_NEVER | absent),
        **values,  # type: ignore[arg-type]
    )


def _nic(nic: Nic, life: str) -> NicStats:
    values = {
        "mac": nic.mac,
        "model": nic.model,
        "kind": nic.kind,
        "port_id": nic.external_id,
        "link_up": nic.connected,
    }
    reasons: Mapping[str, Absence] = {
        "mac": absences.NO_MAC,
        "model": absences.NO_MODEL,
        "kind": absences.NO_KIND,
        "port_id": absences.NO_PORT_ID,
        "link_up": absences.NO_LINK,
    }
    absent = {name: reasons[name] for name, value in values.items() if value is None}
    return NicStats(
        key=str(nic.key),
        incarnation=f"{life}/{nic.key}/{nic.mac or ''}",
        alias=str(nic.key),
        absences=Absences(_NIC_NEVER | absent),
        **values,  # type: ignore[arg-type]
    )
