"""Nova's standard diagnostics of an instance (compute API, microversion 2.48), from a snapshot instead of a call.

    from hvinspect.bridges.nova import diagnostics

    record = diagnostics(hv.snapshot(), "3f8a...")

Pure: nothing is asked, and nova is not needed. Fields and units are those of ``GET /servers/{id}/diagnostics``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypedDict
from uuid import UUID

import hvinspect
from hvinspect import CpuStats, DiskStats, InstanceRates, InstanceStats, NicRates, NicStats, Snapshot, State, VcpuStats

__all__ = ["CpuDetails", "Diagnostics", "DiskDetails", "MemoryDetails", "NicDetails", "diagnostics"]

_MIB = 1 << 20
_SECOND_NS = 1_000_000_000
# A guest that is shutting down is a guest that is shut down to nova.
_STATES = {
    State.RUNNING: "running",
    State.PAUSED: "paused",
    State.SHUTTING_DOWN: "shutdown",
    State.SHUT_OFF: "shutdown",
    State.CRASHED: "crashed",
    State.SUSPENDED: "suspended",
}
#: Nova's driver for what one of ours reads. Nova came to Xen by libvirt, for as long as it did.
_DRIVERS = {"libvirt": "libvirt", "qemu": "libvirt", "xen": "libvirt", "vmware": "vmwareapi"}
#: What nova says runs below the hypervisor.
_SYSTEMS = {"libvirt": "linux", "qemu": "linux", "xen": "linux", "vmware": "esxi"}
# How nova calls the image it makes of a config drive: a file or volume's end, or on VMware a file.
_CONFIG_DRIVES = ("disk.config", "configdrive.iso")


class CpuDetails(TypedDict):
    """One virtual CPU."""

    id: int | None
    #: Nanoseconds.
    time: int | None
    #: Per cent of the time since the earlier snapshot that it ran on a host CPU; None without one.
    utilisation: int | None


class NicDetails(TypedDict):
    """One network interface; rx is what the guest received. Rates are bytes per second."""

    mac_address: str | None
    rx_octets: int | None
    rx_errors: int | None
    rx_drop: int | None
    rx_packets: int | None
    rx_rate: int | None
    tx_octets: int | None
    tx_errors: int | None
    tx_drop: int | None
    tx_packets: int | None
    tx_rate: int | None


class DiskDetails(TypedDict):
    """One disk."""

    read_bytes: int | None
    read_requests: int | None
    write_bytes: int | None
    write_requests: int | None
    errors_count: int | None


class MemoryDetails(TypedDict):
    """Memory in MiB: what it may have, and what the hypervisor lets it have now."""

    maximum: int | None
    used: int | None


class Diagnostics(TypedDict):
    """The record as nova's API gives it; as JSON it is the body of the reply."""

    #: pending, running, paused, shutdown, crashed or suspended.
    state: str
    driver: str
    hypervisor: str | None
    hypervisor_os: str | None
    #: Seconds.
    uptime: int | None
    #: None if its disks could not be read.
    config_drive: bool | None
    num_cpus: int | None
    num_nics: int | None
    num_disks: int | None
    memory_details: MemoryDetails
    cpu_details: list[CpuDetails]
    nic_details: list[NicDetails]
    disk_details: list[DiskDetails]


def diagnostics(snapshot: Snapshot, instance: str | UUID, *, before: Snapshot | None = None) -> Diagnostics:
    """Nova's diagnostics of *instance*, by key or uuid.

    An earlier snapshot gives the utilisation of its vCPUs and the rates of its NICs as well.
    What is not known is None, as in nova's own reply, never 0; a number of devices that could not be read is None as
    well. ``driver`` is one of nova's where nova has or had a driver for this hypervisor, else hvinspect's.

    Raises:
        InstanceNotFound: the snapshot has no such instance, or nothing was read of it.
        ValueError: *before* is the later one, or of another host.
    """
    stats = snapshot[instance]
    used = _utilisation(stats.instance.key, snapshot, before)
    return {
        "state": _STATES.get(stats.state or State.UNKNOWN, "pending"),
        "driver": _DRIVERS.get(snapshot.driver, snapshot.driver),
        "hypervisor": snapshot.versions.hypervisor.lower() if snapshot.versions.hypervisor else None,
        "hypervisor_os": _SYSTEMS.get(snapshot.driver),
        "uptime": _uptime(stats),
        "config_drive": _config_drive(stats),
        "num_cpus": _number_of_cpus(stats),
        "num_nics": _number(stats.nics, known=stats.why("nics") is None),
        "num_disks": _number(stats.disks, known=stats.why("disks") is None),
        "memory_details": {
            "maximum": _mib(stats.memory.maximum_bytes),
            "used": _mib(stats.memory.assigned_bytes),
        },
        "cpu_details": [_cpu(vcpu, used.get(str(vcpu.index))) for vcpu in stats.cpu.vcpus],
        "nic_details": _nics(stats, _rates_of(stats, snapshot, before)),
        "disk_details": [_disk(disk) for disk in stats.disks],
    }


def _uptime(stats: InstanceStats) -> int | None:
    """Since nova described it to the hypervisor, which it does when it makes it and when it reboots it hard."""
    openstack = stats.instance.openstack
    if stats.state is not State.RUNNING or openstack is None or openstack.created_unix_ns is None:
        return None
    return max(0, stats.taken.started_unix_ns - openstack.created_unix_ns) // _SECOND_NS


def _config_drive(stats: InstanceStats) -> bool | None:
    if stats.why("disks") is not None:
        return None
    return any(disk.source is not None and disk.source.endswith(_CONFIG_DRIVES) for disk in stats.disks)


def _number_of_cpus(stats: InstanceStats) -> int | None:
    return len(stats.cpu.vcpus) if stats.cpu.why("vcpus") is None else stats.cpu.vcpus_online


def _number(devices: tuple[object, ...], *, known: bool) -> int | None:
    return len(devices) if known else None


def _mib(size: int | None) -> int | None:
    return None if size is None else size // _MIB


def _cpu(vcpu: VcpuStats, utilisation: int | None) -> CpuDetails:
    return {"id": vcpu.index, "time": vcpu.time_ns, "utilisation": utilisation}


def _utilisation(key: str, snapshot: Snapshot, before: Snapshot | None) -> dict[str, int | None]:
    """Of each vCPU of the instance *key*, by number."""
    if before is None:
        return {}
    rates = hvinspect.rates(_each_vcpu(key, before), _each_vcpu(key, snapshot))
    return {one.instance.key: None if one.cpu_cores is None else round(one.cpu_cores * 100) for one in rates}


def _each_vcpu(key: str, snapshot: Snapshot) -> Snapshot:
    """The vCPUs of the instance *key*, each as an instance of its own: rates() gives those of whole instances alone."""
    vcpus = (
        replace(
            stats,
            instance=replace(stats.instance, key=str(vcpu.index)),
            incarnation=f"{stats.incarnation} {vcpu.incarnation}",
            cpu=CpuStats(time_ns=vcpu.time_ns),
            disks=(),
            nics=(),
            supplied_rates=None,
        )
        for stats in snapshot
        if stats.instance.key == key
        for vcpu in stats.cpu.vcpus
    )
    return replace(snapshot, instances=tuple(vcpus))


def _disk(disk: DiskStats) -> DiskDetails:
    return {
        "read_bytes": disk.read_bytes,
        "read_requests": disk.read_requests,
        "write_bytes": disk.write_bytes,
        "write_requests": disk.write_requests,
        "errors_count": disk.failed_requests,
    }


def _rates_of(stats: InstanceStats, snapshot: Snapshot, before: Snapshot | None) -> InstanceRates | None:
    # rates() hands on what a hypervisor supplies.
    if before is None:
        return stats.supplied_rates
    return hvinspect.rates(before, snapshot).get(stats.instance.key)


def _nics(stats: InstanceStats, rates: InstanceRates | None) -> list[NicDetails]:
    by_key = {one.key: one for one in rates.nics} if rates is not None else {}
    return [_nic(nic, by_key.get(nic.key)) for nic in stats.nics]


def _nic(nic: NicStats, rates: NicRates | None) -> NicDetails:
    return {
        "mac_address": nic.mac,
        "rx_octets": nic.rx_bytes,
        "rx_errors": nic.rx_errors,
        "rx_drop": nic.rx_drops,
        "rx_packets": nic.rx_packets,
        "rx_rate": _whole(rates.rx_bytes_per_s) if rates else None,
        "tx_octets": nic.tx_bytes,
        "tx_errors": nic.tx_errors,
        "tx_drop": nic.tx_drops,
        "tx_packets": nic.tx_packets,
        "tx_rate": _whole(rates.tx_bytes_per_s) if rates else None,
    }


def _whole(rate: float | None) -> int | None:
    return None if rate is None else round(rate)
