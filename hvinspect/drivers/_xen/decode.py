"""What libxenstat, xenstore and sysfs gave of one domain becomes a record. Pure: no I/O, no vendor's library.

Rules. A vif in dom0 counts what dom0 sends and receives on it: its rx is the guest's tx. Sectors are of 512 bytes
whatever the disk's own are: that is what blkback counts in. What no source has is None with its reason, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final
from uuid import UUID

from hvinspect.driver import (
    Absence,
    Absences,
    CpuStats,
    DirtyRate,
    DiskStats,
    Group,
    GuestAgent,
    HostStats,
    Instance,
    InstanceStats,
    Job,
    MemoryStats,
    NicStats,
    PerfStats,
    ProcessIoStats,
    Span,
    State,
    VcpuState,
    VcpuStats,
    blank,
    printable,
)

from . import absences
from .absences import AT_START, NOT_COUNTED, NOT_IN_XEN, NOT_IN_XENSTORE, NOT_REQUESTED
from .found import Counters, Device, Domain, Node

__all__ = ["Reading", "decode", "decode_host", "number", "uuid_of"]

_SECTOR_BYTES = 512
_KIB = 1024
#: No counter gets there; -1 of an unsigned number is beyond it too.
_LIMIT = 1 << 63
_MOST_DIGITS = 20
_OPEN_VSWITCH = "ovs-system"

_STATES = {
    "dying": State.SHUTTING_DOWN,
    "crashed": State.CRASHED,
    "shutdown": State.SHUT_OFF,
    "paused": State.PAUSED,
}
_VCPU_NEVER: dict[str, Absence] = dict.fromkeys(("wait_ns", "delay_ns", "halted", "host_cpu"), NOT_COUNTED)
_DISK_NEVER: dict[str, Absence] = {
    **dict.fromkeys(
        (
            "read_time_ns", "write_time_ns", "flush_time_ns", "discard_bytes", "discard_time_ns", "failed_requests",
            "host_allocated_bytes", "highest_written_bytes", "host_length_bytes",
        ),
        NOT_COUNTED,
    ),
    **dict.fromkeys(("serial", "bus"), NOT_IN_XEN),
    "alias": absences.NO_ALIAS,
}  # fmt: skip
_NIC_NEVER: dict[str, Absence] = {
    **dict.fromkeys(("model", "port_id", "filter_name", "link_up"), NOT_IN_XEN),
    **dict.fromkeys(("rx_drops", "tx_drops"), absences.DROPS_MIXED),
}
_MEMORY_NEVER = {
    name: absences.INSIDE for name in blank(MemoryStats, absences.INSIDE).absences if name.startswith("guest_")
}


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All that was got of one domain by one snapshot."""

    instance: Instance
    life: str
    taken: Span
    groups: frozenset[Group]
    #: None if no group was asked for that the hypervisor tells.
    domain: Domain | None
    #: memory/static-max of xenstore, in KiB.
    memory_limit: str | None
    disks: Sequence[Device]
    nics: Sequence[Device]


def decode(reading: Reading) -> InstanceStats:
    """The record of one domain."""
    groups, domain = reading.groups, reading.domain
    absent = {"state_reason": absences.NO_REASON, "iothreads": NOT_IN_XEN, "supplied_rates": absences.NO_RATES}
    state = native_state = None
    if Group.STATE in groups and domain is not None:
        state, native_state = _state(domain.flags)
    else:
        absent.update(state=NOT_REQUESTED, native_state=NOT_REQUESTED)
    for name, group in (("disks", Group.DISK), ("nics", Group.NIC)):
        if group not in groups:
            absent[name] = NOT_REQUESTED
    return InstanceStats(
        instance=reading.instance,
        incarnation=reading.life,
        taken=reading.taken,
        state=state,
        native_state=native_state,
        cpu=_cpu(domain, reading.life)
        if Group.CPU in groups and domain is not None
        else blank(CpuStats, NOT_REQUESTED),
        memory=_memory(domain, reading.memory_limit)
        if Group.MEMORY in groups and domain is not None
        else blank(MemoryStats, NOT_REQUESTED),
        disks=_disks(reading.disks, reading.life) if Group.DISK in groups else (),
        nics=tuple(_nic(nic, reading.life) for nic in reading.nics) if Group.NIC in groups else (),
        perf=blank(PerfStats, NOT_IN_XEN),
        process_io=blank(ProcessIoStats, NOT_IN_XEN),
        dirty_rate=blank(DirtyRate, NOT_IN_XEN),
        job=blank(Job, NOT_IN_XEN),
        guest_agent=blank(GuestAgent, NOT_IN_XEN),
        absences=Absences(absent),
    )


def decode_host(node: Node, *, hostname: str, version: str, life: str, taken: Span) -> HostStats:
    """The host's record."""
    return HostStats(
        incarnation=life,
        hostname=hostname,
        hypervisor="Xen",
        hypervisor_version=version,
        cpus=node.cpus,
        memory_total_bytes=node.memory_total_bytes,
        memory_free_bytes=node.memory_free_bytes,
        taken=taken,
        absences=Absences(
            {
                **dict.fromkeys(("user_ns", "system_ns", "idle_ns", "iowait_ns"), absences.NO_HOST_TIME),
                "uuid": absences.NO_HOST_UUID,
                "memory_available_bytes": absences.NO_AVAILABLE,
            }
        ),
    )


def uuid_of(vm: str | None) -> UUID | None:
    """The uuid in a domain's ``vm``, which is ``/vm/UUID``; the nil one is none."""
    try:
        uuid = UUID((vm or "").removeprefix("/vm/"))
    except ValueError:
        return None
    return uuid if uuid.int else None


def number(text: str | None, *, unit: int = 1) -> int | None:
    """The whole number that *text* is, in units of *unit*; None if it is none."""
    if text is None or not (text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS):
        return None
    value = int(text) * unit
    return value if value < _LIMIT else None


def _state(flags: Sequence[str]) -> tuple[State, str]:
    # A domain that waits for a CPU has no flag, one that has nothing to do is "blocked": both run.
    state = next((_STATES[flag] for flag in flags if flag in _STATES), State.RUNNING)
    return state, " ".join(flags) or "no flag"


def _cpu(domain: Domain, life: str) -> CpuStats:
    absent: dict[str, Absence] = dict.fromkeys(("user_ns", "system_ns"), NOT_COUNTED)
    absent["vcpus_at_start"] = AT_START
    vcpus = domain.vcpus or ()
    if not vcpus:
        absent.update(dict.fromkeys(("vcpus", "vcpus_online"), NOT_COUNTED))
    return CpuStats(
        time_ns=_checked(domain.cpu_ns, "time_ns", absent),
        vcpus_online=sum(vcpu.online for vcpu in vcpus) if vcpus else None,
        # The highest there is and one: libxenstat's count has those offline in it.
        vcpus_maximum=domain.vcpus_maximum,
        vcpus=tuple(
            VcpuStats(
                index=index,
                incarnation=f"{life}/{index}",
                # Whether one that is online runs or waits, libxenstat does not tell.
                state=VcpuState.UNKNOWN if vcpu.online else VcpuState.OFFLINE,
                time_ns=_checked(vcpu.time_ns, "time_ns", vcpu_absent := dict(_VCPU_NEVER)),
                absences=Absences(vcpu_absent),
            )
            for index, vcpu in enumerate(vcpus)
        ),
        absences=Absences(absent),
    )


def _checked(value: int, name: str, absent: dict[str, Absence]) -> int | None:
    if value < _LIMIT:
        return value
    absent[name] = absences.wrong("libxenstat's number", str(value))
    return None


def _memory(domain: Domain, limit: str | None) -> MemoryStats:
    absent = dict(_MEMORY_NEVER)
    # What libxenstat calls the maximum is the target and 1 MiB more, and all ones where there is none: it bounds what
    # the guest may take at this moment, and is not what it was given to have at most.
    maximum = number(limit, unit=_KIB)
    if maximum is None:
        absent["maximum_bytes"] = (
            absences.NO_LIMIT
            if limit is None
            else absences.wrong("memory/static-max", repr(printable(limit, limit=40)))
        )
    memory = _checked(domain.memory_bytes, "assigned_bytes", absent)
    if memory is None:
        absent["host_resident_bytes"] = absent["assigned_bytes"]
    # Xen gives each domain pages of its own: what it has is what it occupies.
    return MemoryStats(
        assigned_bytes=memory, maximum_bytes=maximum, host_resident_bytes=memory, absences=Absences(absent)
    )


def _disks(disks: Sequence[Device], life: str) -> tuple[DiskStats, ...]:
    names = [disk.entry.get("dev") for disk in disks]
    # By its number where the target is not known, or is another's too.
    return tuple(
        _disk(disk, name if name and names.count(name) == 1 else f"vbd-{disk.number}", life)
        for disk, name in zip(disks, names, strict=True)
    )


def _disk(disk: Device, key: str, life: str) -> DiskStats:
    absent = dict(_DISK_NEVER)
    count = _Counts(disk.counters, _why_uncounted(disk), absent).number
    name, device = disk.entry.get("dev") or None, disk.entry.get("device-type") or None
    source = _source(disk)
    is_block = disk.kind == "vbd" and source is not None and source.startswith("/dev/")
    if name is None:
        absent["name"] = NOT_IN_XENSTORE
    if device is None:
        absent["device"] = NOT_IN_XENSTORE
    if source is None:
        absent["source"] = absences.EMPTY if "params" in disk.entry else NOT_IN_XENSTORE
    if not is_block:
        absent["kind"] = absences.NOT_A_BLOCK_DEVICE
    return DiskStats(
        key=key,
        incarnation=f"{life}/{disk.number}/{disk.counters.number if disk.counters else ''}",
        name=name,
        device=device,
        kind="block" if is_block else None,
        source=source,
        read_bytes=count("read_bytes", "rd_sect", _SECTOR_BYTES),
        read_requests=count("read_requests", "rd_req"),
        write_bytes=count("write_bytes", "wr_sect", _SECTOR_BYTES),
        write_requests=count("write_requests", "wr_req"),
        flush_requests=count("flush_requests", "f_req"),
        discard_requests=count("discard_requests", "ds_req"),
        capacity_bytes=_capacity(disk.entry, absent),
        absences=Absences(absent),
    )


def _source(disk: Device) -> str | None:
    """``params`` is the device or the file, or with the image's format before it: ``qcow2:/images/a``."""
    params = disk.entry.get("params", "")
    before, colon, behind = params.partition(":")
    return (behind if colon and "/" not in before else params) or None


def _capacity(entry: Mapping[str, str], absent: dict[str, Absence]) -> int | None:
    capacity = number(entry.get("sectors"), unit=_SECTOR_BYTES)
    if capacity is not None and entry.get("sector-size", "512") == "512":
        return capacity
    # blkif.h counts in sectors of that size, Linux's backend in those of 512 bytes.
    absent["capacity_bytes"] = absences.SIZE_UNKNOWN if capacity is None else absences.SIZE_UNCLEAR
    return None


def _why_uncounted(disk: Device) -> Absence:
    if disk.backend:
        return absences.in_domain(disk.backend)
    return absences.USER_SPACE.get(disk.kind, absences.NOT_CONNECTED)


def _nic(nic: Device, life: str) -> NicStats:
    absent = dict(_NIC_NEVER)
    why = absences.in_domain(nic.backend) if nic.backend else absences.ELSEWHERE
    count = _Counts(nic.counters, why, absent).number
    mac, bridge = nic.entry.get("mac") or None, _bridge(nic)
    if nic.counters is None:
        absent["name"] = why
    if mac is None:
        absent["mac"] = NOT_IN_XENSTORE
    if bridge is None:
        absent.update(dict.fromkeys(("bridge", "kind"), _why_no_bridge(nic.counters, why)))
    # Its number is what xl and the guest know it by; the host's device has the domain's id in its name, which is
    # another after each reboot.
    key = str(nic.number)
    return NicStats(
        key=key,
        # The kernel gives an interface index once in a boot.
        incarnation=f"{life}/{key}/{nic.counters.number if nic.counters else ''}",
        name=nic.counters.name if nic.counters else None,
        alias=key,
        mac=mac,
        kind="bridge" if bridge else None,
        bridge=bridge,
        # The other direction's: these count from dom0's side.
        rx_bytes=count("rx_bytes", "tx_bytes"),
        rx_packets=count("rx_packets", "tx_packets"),
        rx_errors=count("rx_errors", "tx_errors"),
        tx_bytes=count("tx_bytes", "rx_bytes"),
        tx_packets=count("tx_packets", "rx_packets"),
        tx_errors=count("tx_errors", "rx_errors"),
        absences=Absences(absent),
    )


def _bridge(nic: Device) -> str | None:
    """The bridge that it is in; with Open vSwitch, which has one device for all of them, the one it was meant for."""
    # libxl writes xenbr0 to xenstore if no bridge was given, whether there is one or not (seen with 4.17).
    master = nic.counters.master if nic.counters is not None else None
    return (nic.entry.get("bridge") or None) if master == _OPEN_VSWITCH else master


def _why_no_bridge(counters: Counters | None, why: Absence) -> Absence:
    if counters is None:
        return why
    # XAPI writes it below /xapi, in no entry of the device.
    return absences.NOT_NAMED if counters.master == _OPEN_VSWITCH else absences.NO_BRIDGE


@final
class _Counts:
    """Takes the counters of one device, and keeps in *absent* the reasons of those that are not there."""

    def __init__(self, counters: Counters | None, why: Absence, absent: dict[str, Absence]) -> None:
        self._values = counters.values if counters is not None else {}
        self._why = why
        self._absent = absent

    def number(self, field: str, file: str, unit: int = 1) -> int | None:
        """The number in *file*; what it has none of for the reason of the device, or because it is no number."""
        text = self._values.get(file)
        value = number(text, unit=unit)
        if value is None:
            shown = repr(printable(text, limit=40))
            self._absent[field] = self._why if text is None else absences.wrong(f"statistics/{file}", shown)
        return value
