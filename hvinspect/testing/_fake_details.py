"""What a fake guest says in the groups that are asked for, its metadata, and its rates. No I/O here."""

from __future__ import annotations

import dataclasses
from typing import Any
from uuid import UUID

from hvinspect.driver import (
    Absences,
    DirtyRate,
    DirtyRateStatus,
    DiskRates,
    GuestAgent,
    GuestFilesystem,
    InstanceRates,
    InstanceStats,
    Job,
    NicRates,
    OpenStackMetadata,
    PerfStats,
    ProcessIoStats,
    RateSource,
    VcpuDirtyRate,
)

from ._fake_guest import FakeGuest
from ._fake_hypervisor import FakeHypervisor
from ._fake_pace import MIB, NO_JOB, NOT_RUNNING, ONLY_RATES, SECOND_NS, Pace
from ._numbers import number
from ._reduce import except_for, without_counters

__all__ = ["agent_of", "dirty_rate_of", "job_of", "openstack_of", "perf_of", "process_io_of", "with_rates_alone"]

_WINDOW_NS = 20 * SECOND_NS
_INSTANCE_RATES = ("window_ns", "ended_unix_ns", "cpu_cores", "cpu_fraction", "delay_fraction", "disks", "nics")


def perf_of(pace: Pace) -> PerfStats:
    """Events."""
    names = [name for name in PerfStats.__dataclass_fields__ if name != "absences"]
    values: dict[str, Any] = {name: pace.per_second("perf", name, low=1000, high=900_000_000) for name in names}
    return dataclasses.replace(PerfStats(), **values)


def process_io_of(pace: Pace) -> ProcessIoStats:
    """What its process moved to and from storage."""
    return ProcessIoStats(
        read_bytes=pace.per_second("process_io", "read", low=0, high=64) * 4096,
        write_bytes=pace.per_second("process_io", "write", low=16, high=256) * 4096,
        cancelled_write_bytes=pace.per_second("process_io", "cancelled", low=0, high=8) * 4096,
    )


def dirty_rate_of(pace: Pace, unix_ns: int) -> DirtyRate:
    """A measurement that ended a minute ago."""
    paces = [
        VcpuDirtyRate(index=index, memory_bytes_per_s=pace.pick("dirty", index, low=0, high=64) * MIB)
        for index in range(pace.guest.vcpus)
        if index not in pace.guest.offline
    ]
    return DirtyRate(
        status=DirtyRateStatus.MEASURED,
        mode="dirty-ring",
        started_host_ns=unix_ns - 60 * SECOND_NS,
        period_ns=SECOND_NS,
        memory_bytes_per_s=sum(one.memory_bytes_per_s or 0 for one in paces),
        vcpus=tuple(paces),
    )


def job_of(pace: Pace) -> Job:
    """A backup, or nothing."""
    if not pace.guest.job:
        names = [name for name in Job.__dataclass_fields__ if name not in ("absences", "active")]
        return Job(active=False, absences=Absences(dict.fromkeys(names, NO_JOB)))
    total = 64 * 1024 * MIB
    processed = min(total, pace.per_second("job", low=MIB, high=2 * MIB))
    return Job(
        active=True,
        kind="bounded",
        operation="backup",
        elapsed_ns=pace.guest.run_ns,
        total_bytes=total,
        processed_bytes=processed,
        remaining_bytes=total - processed,
    )


def agent_of(pace: Pace, hostile: bool) -> GuestAgent:
    """What the agent in the guest says."""
    return GuestAgent(
        hostname="guest\x1b]0;owned\x07\u202e" if hostile and pace.guest.index == 0 else f"guest-{pace.guest.index}",
        os_id="debian",
        os_name="Debian GNU/Linux",
        os_version="12 (bookworm)",
        kernel_release="6.1.0-fake",
        timezone="UTC",
        timezone_offset_ns=0,
        users=("root",),
        filesystems=(
            GuestFilesystem(
                mountpoint="/", device="/dev/vda1", kind="ext4", total_bytes=1024 * MIB, used_bytes=512 * MIB
            ),
        ),
    )


def openstack_of(hypervisor: FakeHypervisor, guest: FakeGuest) -> OpenStackMetadata:
    """What nova would have written."""
    return OpenStackMetadata(
        name=f"server {guest.index}",
        created_unix_ns=1_735_689_600 * SECOND_NS + guest.index * SECOND_NS,
        flavor_name="m1.fake",
        flavor_id="42",
        flavor_vcpus=guest.vcpus,
        flavor_memory_bytes=512 * MIB,
        flavor_disk_bytes=1024 * MIB,
        flavor_ephemeral_bytes=0,
        flavor_swap_bytes=0,
        flavor_extra_specs=(("hw:cpu_policy", "shared"),),
        user_id=f"{number(hypervisor.seed, 'user', high=2**128):032x}",
        user_name="tester",
        project_id=f"{number(hypervisor.seed, 'project', high=2**128):032x}",
        project_name="testing",
        image_id=str(UUID(int=number(hypervisor.seed, "image", high=2**128), version=4)),
        image_properties=(("min_disk", "1"), ("hw_disk_bus", "virtio")),
        nova_version="31.0.0",
    )


def with_rates_alone(stats: InstanceStats, pace: Pace) -> InstanceStats:
    """What a hypervisor says that keeps means over the last twenty seconds instead of counters."""
    rates = InstanceRates(
        instance=stats.instance,
        source=RateSource.SUPPLIED,
        absences=Absences(dict.fromkeys(_INSTANCE_RATES, NOT_RUNNING)),
    )
    if pace.guest.active:
        cores = pace.pick("cores", low=1, high=100) * len(stats.cpu.vcpus) / 100
        rates = InstanceRates(
            instance=stats.instance,
            source=RateSource.SUPPLIED,
            window_ns=_WINDOW_NS,
            ended_unix_ns=stats.taken.started_unix_ns,
            cpu_cores=cores,
            cpu_fraction=cores / len(stats.cpu.vcpus),
            delay_fraction=pace.pick("ready", low=0, high=10) / 100,
            disks=tuple(_disk_rates(pace, disk.key) for disk in stats.disks),
            nics=tuple(_nic_rates(pace, nic.key) for nic in stats.nics),
        )
    stats = without_counters(stats, ONLY_RATES)
    return dataclasses.replace(stats, supplied_rates=rates, absences=except_for(stats.absences, "supplied_rates"))


def _disk_rates(pace: Pace, key: str) -> DiskRates:
    names = [name for name in DiskRates.__dataclass_fields__ if name not in ("absences", "key")]
    values: dict[str, Any] = {name: float(pace.pick(key, name, low=1, high=100_000)) for name in names}
    return dataclasses.replace(DiskRates(key=key), **values)


def _nic_rates(pace: Pace, key: str) -> NicRates:
    names = [name for name in NicRates.__dataclass_fields__ if name not in ("absences", "key")]
    values: dict[str, Any] = {name: float(pace.pick(key, name, low=1, high=100_000)) for name in names}
    return dataclasses.replace(NicRates(key=key), **values)
