"""The CPUs, memory, disks and NICs of a fake guest. No I/O here."""

from __future__ import annotations

import dataclasses
from uuid import UUID

from hvinspect.driver import (
    Absences,
    CpuStats,
    DiskStats,
    MemoryStats,
    NicStats,
    State,
    VcpuState,
    VcpuStats,
)

from ._fake_guest import FakeDevice
from ._fake_pace import MIB, NO_BALLOON, SECOND_NS, Pace

__all__ = ["cpu_of", "disk_of", "memory_of", "nic_of"]


def cpu_of(pace: Pace) -> CpuStats:
    """CPU times: those of the online vCPUs and the emulator's."""
    guest = pace.guest
    online = [index for index in range(guest.vcpus) if index not in guest.offline]
    vcpus = tuple(_vcpu(pace, index, guest.extra["time_ns"] if index == online[0] else 0) for index in online)
    emulator = pace.per_second("emulator", low=1_000_000, high=9_000_000)
    total = sum(vcpu.time_ns or 0 for vcpu in vcpus) + emulator
    return CpuStats(
        time_ns=total,
        # Each is rounded down alone, so that neither ever falls while the total grows.
        user_ns=total * 4 // 5,
        system_ns=total // 5,
        vcpus_online=len(vcpus),
        vcpus_maximum=guest.vcpus,
        vcpus_at_start=guest.vcpus,
        vcpus=vcpus,
    )


def _vcpu(pace: Pace, index: int, extra_ns: int) -> VcpuStats:
    running = pace.guest.state is State.RUNNING
    return VcpuStats(
        index=index,
        incarnation=f"{pace.guest.generation}.{index}",
        state=VcpuState.RUNNING if running else VcpuState.BLOCKED,
        time_ns=pace.per_second("vcpu", index, low=50_000_000, high=600_000_000) + extra_ns,
        wait_ns=pace.per_second("wait", index, low=1_000_000, high=5_000_000),
        delay_ns=pace.per_second("delay", index, low=1_000_000, high=30_000_000),
        halted=not running,
        host_cpu=pace.pick("host_cpu", index, low=0, high=16),
    )


def memory_of(pace: Pace, unix_ns: int) -> MemoryStats:
    """Memory, with a balloon driver or without."""
    maximum = pace.pick("memory", low=1, high=16) * 512 * MIB
    host = MemoryStats(
        assigned_bytes=maximum,
        maximum_bytes=maximum,
        host_resident_bytes=maximum * pace.pick("resident", low=20, high=90) // 100 // 4096 * 4096,
    )
    if not pace.guest.balloon:
        names = [name for name in MemoryStats.__dataclass_fields__ if name.startswith("guest_")]
        return dataclasses.replace(host, absences=Absences(dict.fromkeys(names, NO_BALLOON)))
    unused = maximum * pace.pick("unused", low=5, high=40) // 100
    caches = maximum * pace.pick("caches", low=5, high=30) // 100
    return dataclasses.replace(
        host,
        guest_total_bytes=maximum - 24 * MIB,
        guest_unused_bytes=unused,
        guest_usable_bytes=unused + caches // 2,
        guest_caches_bytes=caches,
        guest_swap_in_bytes=pace.per_second("swap_in", low=1, high=4096),
        guest_swap_out_bytes=pace.per_second("swap_out", low=1, high=4096),
        guest_major_faults=pace.per_second("major_faults", low=1, high=10),
        guest_minor_faults=pace.per_second("minor_faults", low=100, high=2000),
        guest_hugetlb_allocations=pace.per_second("hugetlb_allocations", low=1, high=3),
        guest_hugetlb_failures=pace.per_second("hugetlb_failures", low=1, high=2),
        # A balloon driver tells its numbers every ten seconds.
        guest_updated_unix_ns=unix_ns // (10 * SECOND_NS) * 10 * SECOND_NS,
    )


def disk_of(pace: Pace, disk: FakeDevice) -> DiskStats:
    """One disk."""
    index = int(disk.key.removeprefix("virtio-disk"))
    capacity = pace.pick(disk.key, "capacity", low=1, high=64) * 1024 * MIB
    allocated = capacity * pace.pick(disk.key, "allocated", low=10, high=60) // 100
    return DiskStats(
        key=disk.key,
        incarnation=f"{pace.guest.generation}.{disk.generation}",
        name=f"vd{_letters(index)}",
        alias=disk.key,
        serial=f"serial-{pace.guest.index}-{index}",
        bus="virtio",
        device="disk",
        kind="file",
        source=f"/var/lib/fake/{pace.guest.index:08x}/disk{index}-{disk.generation}.qcow2",
        read_bytes=pace.of_device(disk, "read_bytes", low=40_000, high=4_000_000),
        read_requests=pace.of_device(disk, "read_requests", low=10, high=500),
        read_time_ns=pace.of_device(disk, "read_time_ns", low=1_000_000, high=90_000_000),
        write_bytes=pace.of_device(disk, "write_bytes", low=40_000, high=4_000_000),
        write_requests=pace.of_device(disk, "write_requests", low=10, high=500),
        write_time_ns=pace.of_device(disk, "write_time_ns", low=1_000_000, high=90_000_000),
        flush_requests=pace.of_device(disk, "flush_requests", low=1, high=20),
        flush_time_ns=pace.of_device(disk, "flush_time_ns", low=1_000_000, high=50_000_000),
        discard_bytes=pace.of_device(disk, "discard_bytes", low=4096, high=65_536),
        discard_requests=pace.of_device(disk, "discard_requests", low=1, high=5),
        discard_time_ns=pace.of_device(disk, "discard_time_ns", low=100_000, high=5_000_000),
        failed_requests=pace.of_device(disk, "failed_requests", low=1, high=3),
        capacity_bytes=capacity,
        host_allocated_bytes=allocated,
        highest_written_bytes=allocated,
        host_length_bytes=allocated + MIB,
    )


def nic_of(pace: Pace, nic: FakeDevice, hostile: bool) -> NicStats:
    """One NIC."""
    index = int(nic.key.removeprefix("net"))
    mac = pace.pick(nic.key, "mac", low=0, high=2**24).to_bytes(3, "big")
    return NicStats(
        key=nic.key,
        incarnation=f"{pace.guest.generation}.{nic.generation}",
        name=f"vnet{nic.generation}",
        alias=nic.key,
        mac="52:54:00:" + ":".join(f"{byte:02x}" for byte in mac),
        model="virtio",
        kind="bridge",
        bridge="br-int\x1b[2J" if hostile and pace.guest.index == 0 else "br-int",
        port_id=str(UUID(int=pace.pick(nic.key, "port", low=0, high=2**128), version=4)),
        filter_name="clean-traffic",
        filter_parameters=(("IP", f"10.0.{pace.guest.index % 250}.{index + 2}"),),
        link_up=True,
        rx_bytes=pace.of_device(nic, "rx_bytes", low=10_000, high=5_000_000),
        rx_packets=pace.of_device(nic, "rx_packets", low=20, high=150),
        rx_errors=pace.of_device(nic, "rx_errors", low=1, high=3),
        rx_drops=pace.of_device(nic, "rx_drops", low=1, high=5),
        tx_bytes=pace.of_device(nic, "tx_bytes", low=10_000, high=5_000_000),
        tx_packets=pace.of_device(nic, "tx_packets", low=20, high=150),
        tx_errors=pace.of_device(nic, "tx_errors", low=1, high=3),
        tx_drops=pace.of_device(nic, "tx_drops", low=1, high=5),
    )


def _letters(index: int) -> str:
    """a, b, ..., z, aa, ab, ..., as Linux names disks."""
    return ("" if index < 26 else _letters(index // 26 - 1)) + chr(ord("a") + index % 26)
