"""hvinspect's records as the objects of ceilometer's inspectors, with the fields that the installed release gives them.

None is a value that is not known: ceilometer then makes no sample.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ceilometer.compute.virt import inspector as virt_inspector

from hvinspect import CpuStats, DiskStats, InstanceRates, InstanceStats, MemoryStats, NicStats, Reason, State

from .earlier import grown
from .options import Settings

__all__ = ["disk_info", "disks", "instance", "stopped_instance", "vnic_rates", "vnics"]

_MIB = 1024 * 1024
#: virDomainState, which is what ceilometer's power.state means on every hypervisor.
_POWER_STATES = {
    State.UNKNOWN: 0,
    State.RUNNING: 1,
    State.PAUSED: 3,
    State.SHUTTING_DOWN: 4,
    State.SHUT_OFF: 5,
    State.CRASHED: 6,
    State.SUSPENDED: 7,
}
#: Running, and idle at the moment: libvirt's own state for guests of Xen.
_BLOCKED = 2
#: One that is newer than hvinspect: libvirt's number all the same.
_NUMBERED = re.compile(r"state (\d+)")
#: What may have nothing in it; ceilometer leaves such a drive out.
_REMOVABLE = ("cdrom", "floppy")


def instance(stats: InstanceStats, settings: Settings) -> Any:
    """CPU, memory and perf events of a guest."""
    memory, perf = stats.memory, stats.perf
    values = {
        "power_state": _power_state(stats),
        "cpu_number": stats.cpu.vcpus_online,
        "cpu_time": stats.cpu.time_ns if settings.cpu_time == "total" else _time_of_vcpus(stats.cpu),
        "memory_actual": _mib(memory.assigned_bytes),
        "memory_resident": _mib(memory.host_resident_bytes),
        "cpu_cycles": perf.cpu_cycles,
        "instructions": perf.instructions,
        "cache_references": perf.cache_references,
        "cache_misses": perf.cache_misses,
    }
    if _is_recent(stats, settings.guest_report_maximum_age):
        values |= _told_by_guest(memory)
    return _instance_stats(values)


def stopped_instance(stats: InstanceStats) -> Any:
    """What a guest that is shut off is configured to have."""
    return _instance_stats(
        {
            "power_state": _power_state(stats),
            "cpu_number": stats.cpu.vcpus_at_start,
            "memory_actual": _mib(stats.memory.maximum_bytes),
        }
    )


def _instance_stats(values: dict[str, Any]) -> Any:
    kind = virt_inspector.InstanceStats
    return kind(**{name: value for name, value in values.items() if name in kind.fields})


def _power_state(stats: InstanceStats) -> int | None:
    native = stats.native_state or ""
    if stats.state is State.RUNNING and native == "blocked":
        return _BLOCKED
    if stats.state is State.UNKNOWN and (number := _NUMBERED.fullmatch(native)):
        return int(number[1])
    return _POWER_STATES.get(stats.state) if stats.state is not None else None


def _time_of_vcpus(cpu: CpuStats) -> int | None:
    """What the vCPUs that are online ran and waited; never of some of them, and never another sum in its place."""
    if not cpu.vcpus or len(cpu.vcpus) != cpu.vcpus_online:
        return None
    total = 0
    for vcpu in cpu.vcpus:
        wait_ns = vcpu.wait_ns
        if wait_ns is None:
            absence = vcpu.why("wait_ns")
            # The host's kernel does not count it, of any vCPU.
            wait_ns = 0 if absence is not None and absence.reason is Reason.NOT_CONFIGURED else None
        if vcpu.time_ns is None or wait_ns is None:
            return None
        total += vcpu.time_ns + wait_ns
    return total


def _is_recent(stats: InstanceStats, limit_seconds: int) -> bool:
    """Is what the guest told of its memory not too old? A hypervisor that does not say when it was told is believed."""
    told = stats.memory.guest_updated_unix_ns
    return told is None or not limit_seconds or stats.taken.started_unix_ns - told <= limit_seconds * 1_000_000_000


def _told_by_guest(memory: MemoryStats) -> dict[str, float | None]:
    total, usable, unused = memory.guest_total_bytes, memory.guest_usable_bytes, memory.guest_unused_bytes
    free = usable if usable is not None else unused
    values = {
        "memory_available": _mib(total),
        "memory_usage": _mib(total - free) if total is not None and free is not None else None,
    }
    if memory.guest_swap_in_bytes is not None and memory.guest_swap_out_bytes is not None:
        values["memory_swap_in"] = _mib(memory.guest_swap_in_bytes)
        values["memory_swap_out"] = _mib(memory.guest_swap_out_bytes)
    return values


def _mib(size_bytes: int | None) -> float | None:
    return size_bytes / _MIB if size_bytes is not None else None


def vnics(stats: InstanceStats, before: InstanceStats | None) -> Iterator[Any]:
    """The NICs; their deltas since *before*."""
    kind = virt_inspector.InterfaceStats
    for nic in stats.nics:
        values = {
            **_identity(nic),
            "rx_bytes": nic.rx_bytes,
            "tx_bytes": nic.tx_bytes,
            "rx_packets": nic.rx_packets,
            "tx_packets": nic.tx_packets,
            "rx_drop": nic.rx_drops,
            "tx_drop": nic.tx_drops,
            "rx_errors": nic.rx_errors,
            "tx_errors": nic.tx_errors,
            "rx_bytes_delta": grown(before, nic, "rx_bytes"),
            "tx_bytes_delta": grown(before, nic, "tx_bytes"),
        }
        yield _made(kind, values)


def vnic_rates(stats: InstanceStats, rates: InstanceRates) -> Iterator[Any]:
    """The NICs, with what they moved per second."""
    kind = virt_inspector.InterfaceRateStats
    by_key = {nic.key: nic for nic in stats.nics}
    for one in rates.nics:
        if one.key in by_key:
            values = {"rx_bytes_rate": one.rx_bytes_per_s, "tx_bytes_rate": one.tx_bytes_per_s}
            yield _made(kind, {**_identity(by_key[one.key]), **values})


def _identity(nic: NicStats) -> dict[str, Any]:
    parameters: dict[str, str | None] = {name.lower(): value for name, value in nic.filter_parameters}
    parameters.update(interfaceid=nic.port_id, bridge=nic.bridge)
    return {"name": nic.name or nic.key, "mac": nic.mac, "fref": nic.filter_name, "parameters": parameters}


def disks(stats: InstanceStats) -> Iterator[Any]:
    """The disks' counters."""
    kind = virt_inspector.DiskStats
    for disk in _with_image(stats):
        values = {
            "device": disk.name or disk.key,
            "read_bytes": disk.read_bytes,
            "read_requests": disk.read_requests,
            "write_bytes": disk.write_bytes,
            "write_requests": disk.write_requests,
            "errors": disk.failed_requests,
            "rd_total_times": disk.read_time_ns,
            "wr_total_times": disk.write_time_ns,
        }
        yield _made(kind, values)


def disk_info(stats: InstanceStats, detailed: InstanceStats | None) -> Iterator[Any]:
    """The disks' sizes. *detailed* is the guest with what disks are asked for one by one, if they were."""
    kind = virt_inspector.DiskInfo
    details = {disk.key: disk for disk in detailed.disks} if detailed is not None else {}
    for disk in _with_image(stats):
        detail = details.get(disk.key, disk)
        allocated, length = disk.host_allocated_bytes, detail.host_length_bytes
        values = {
            "device": disk.name or disk.key,
            "capacity": disk.capacity_bytes,
            "allocation": allocated if allocated is not None else detail.host_allocated_bytes,
            "physical": length if length is not None else disk.host_length_bytes,
        }
        yield _made(kind, values)


def _with_image(stats: InstanceStats) -> Iterator[DiskStats]:
    return (disk for disk in stats.disks if disk.source is not None or disk.device not in _REMOVABLE)


def _made(kind: Any, values: dict[str, Any]) -> Any:
    """A namedtuple of ceilometer's; what a release adds to it that is not known here is None."""
    return kind(**{name: values.get(name) for name in kind._fields})
