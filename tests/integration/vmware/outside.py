"""What is known of simulated machines without the driver: what another client is told, and what the lab seeded."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from hvinspect import RateSource, State
from tests.lab.vmware.client import Client, vim
from tests.lab.vmware.seed import BALLOONED_MB, DISK, HOST_MEMORY_MB, NIC, PERF, PORT, WINDOW_S

__all__ = ["Facts", "facts", "facts_of_host", "number_of"]

#: By path of the catalogue the value of each record.
Facts = dict[str, list[Any]]

_KIB, _MIB = 1024, 1024**2
_WINDOW_NS: Final = WINDOW_S * 10**9
#: The only one here: see test_changes for others.
_STATES: Final = {"poweredOn": State.RUNNING}
#: The first machine's, of what is in NOTES.
_OPENSTACK: Final = {
    "name": "web", "flavor_name": "m1.small", "flavor_vcpus": 1, "flavor_memory_bytes": 2 * 1024**3,
    "flavor_disk_bytes": 20 * 1024**3, "flavor_ephemeral_bytes": 0, "flavor_swap_bytes": 0, "user_id": "6d5a42e2",
    "user_name": "alice", "project_id": "0b54e5c6", "project_name": "shop",
    "image_id": "70a599e0-31e7-49b7-b260-868f441e862b", "nova_version": "27.1.0",
}  # fmt: skip


def number_of(name: str) -> int:
    """The machine's number: the seeds grow with it."""
    return int(name.rpartition("_VM")[2])


def facts(lab: Client) -> dict[str, Facts]:
    """Of each machine that is no template, by name."""
    return {
        name: {
            **_of_machine(machine, number_of(name)),
            **_of_disks(machine),
            **_of_cards(machine, number_of(name)),
            **_of_rates(machine, number_of(name)),
        }
        for name, machine in lab.machines().items()
        if not machine.config.template
    }


def _of_machine(machine: Any, number: int) -> Facts:
    hardware, power = machine.config.hardware, str(machine.runtime.powerState)
    return {
        "instance.key": [str(UUID(machine.config.instanceUuid))],
        "instance.uuid": [UUID(machine.config.instanceUuid)],
        "instance.name": [str(machine.name)],
        "instance.native_id": [str(machine._moId)],
        "instance.driver": ["vmware"],
        "instance.described_at": [time.time_ns()],
        **({f"openstack.{name}": [value] for name, value in _OPENSTACK.items()} if number == 0 else {}),
        "stats.state": [_STATES[power]],
        "stats.native_state": [power],
        "cpu.vcpus_online": [int(hardware.numCPU)],
        "cpu.vcpus_maximum": [int(hardware.numCPU)],
        "cpu.vcpus_at_start": [int(hardware.numCPU)],
        "memory.maximum_bytes": [hardware.memoryMB * _MIB],
        "memory.assigned_bytes": [(hardware.memoryMB - BALLOONED_MB) * _MIB],
        "memory.host_resident_bytes": [(HOST_MEMORY_MB + number) * _MIB],
    }


def _devices(machine: Any, kind: Any) -> Iterator[Any]:
    return (one for one in machine.config.hardware.device if isinstance(one, kind))


def _drives(machine: Any) -> list[Any]:
    kinds = (vim.vm.device.VirtualDisk, vim.vm.device.VirtualCdrom, vim.vm.device.VirtualFloppy)
    return list(_devices(machine, kinds))


def _is_disk(drive: Any) -> bool:
    return isinstance(drive, vim.vm.device.VirtualDisk)


def _of_disks(machine: Any) -> Facts:
    drives = _drives(machine)
    (controller,) = _devices(machine, vim.vm.device.ParaVirtualSCSIController)
    assert {one.controllerKey for one in drives} == {controller.key}
    keys = [str(one.key) for one in drives]
    return {
        "disk.key": keys,
        "disk.alias": keys,
        "disk.name": [f"scsi{controller.busNumber}:{one.unitNumber}" for one in drives],
        "disk.bus": ["scsi" for _ in drives],
        "disk.device": ["disk" if _is_disk(one) else "cdrom" for one in drives],
        # A disk's is a file of a datastore, a drive's the host's own.
        "disk.kind": ["file" if _is_disk(one) else "block" for one in drives],
        "disk.source": [str(one.backing.fileName if _is_disk(one) else one.backing.deviceName) for one in drives],
        "disk.capacity_bytes": [one.capacityInKB * _KIB if _is_disk(one) else None for one in drives],
    }


def _of_cards(machine: Any, number: int) -> Facts:
    cards = list(_devices(machine, vim.vm.device.VirtualEthernetCard))
    backing = vim.vm.device.VirtualEthernetCard.DistributedVirtualPortBackingInfo
    keys = [str(one.key) for one in cards]
    return {
        "nic.key": keys,
        "nic.alias": keys,
        "nic.mac": [str(one.macAddress).lower() for one in cards],
        "nic.model": ["e1000" if isinstance(one, vim.vm.device.VirtualE1000) else "another" for one in cards],
        "nic.kind": ["distributed" if isinstance(one.backing, backing) else "network" for one in cards],
        "nic.port_id": [PORT if number == 1 else None for _ in cards],
        "nic.link_up": [bool(one.connectable.connected) for one in cards],
    }


def _of_rates(machine: Any, number: int) -> Facts:
    drives = _drives(machine)
    vcpus = machine.config.hardware.numCPU

    def seeded(counter: str, instance: str = "") -> int:
        return PERF[counter][instance] + number

    def of_disks(counter: str, unit: float) -> list[float | None]:
        return [seeded(f"virtualDisk.{counter}.average", DISK) * unit if _is_disk(one) else None for one in drives]

    return {
        "rates.source": [RateSource.SUPPLIED],
        "rates.window_ns": [_WINDOW_NS],
        # The last window that is over.
        "rates.ended_unix_ns": [time.time_ns() // _WINDOW_NS * _WINDOW_NS],
        "rates.cpu_cores": [seeded("cpu.used.summation") / 1000 / WINDOW_S],
        "rates.cpu_fraction": [seeded("cpu.usage.average") / 100 / 100],
        "rates.delay_fraction": [seeded("cpu.ready.summation") / 1000 / WINDOW_S / vcpus],
        "disk_rates.key": [str(one.key) for one in drives],
        "disk_rates.read_bytes_per_s": of_disks("read", 1024.0),
        "disk_rates.read_requests_per_s": of_disks("numberReadAveraged", 1.0),
        "disk_rates.read_latency_ns": of_disks("totalReadLatency", 1e6),
        "disk_rates.write_bytes_per_s": of_disks("write", 1024.0),
        "disk_rates.write_requests_per_s": of_disks("numberWriteAveraged", 1.0),
        "disk_rates.write_latency_ns": of_disks("totalWriteLatency", 1e6),
        "nic_rates.key": [NIC],
        "nic_rates.rx_bytes_per_s": [seeded("net.received.average", NIC) * 1024.0],
        "nic_rates.rx_packets_per_s": [seeded("net.packetsRx.summation", NIC) / WINDOW_S],
        "nic_rates.tx_bytes_per_s": [seeded("net.transmitted.average", NIC) * 1024.0],
        "nic_rates.tx_packets_per_s": [seeded("net.packetsTx.summation", NIC) / WINDOW_S],
    }


def facts_of_host(lab: Client) -> Facts:
    """Of the host that all its machines run on."""
    host = next(iter(lab.machines().values())).runtime.host
    hardware, used = host.hardware, host.summary.quickStats.overallMemoryUsage
    product = lab.content.about
    return {
        "host.hostname": [str(host.name)],
        "host.uuid": [UUID(hardware.systemInfo.uuid)],
        "host.hypervisor": [str(product.name)],
        "host.hypervisor_version": [f"{product.version} (build {product.build})"],
        "host.cpus": [int(hardware.cpuInfo.numCpuThreads)],
        "host.memory_total_bytes": [int(hardware.memorySize)],
        "host.memory_free_bytes": [hardware.memorySize - used * _MIB],
        "host.incarnation": [host.runtime.bootTime.isoformat()],
    }
