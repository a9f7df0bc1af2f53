"""What a fake guest's records say: every field of the catalogue, or why not. No I/O here.

Numbers grow in proportion to the guest's running time, each at a pace of its own that follows from the seed.
"""

from __future__ import annotations

import dataclasses
from uuid import UUID

from hvinspect.driver import (
    Absences,
    CpuStats,
    DirtyRate,
    GuestAgent,
    HostStats,
    Instance,
    InstanceStats,
    IothreadStats,
    Job,
    MemoryStats,
    PerfStats,
    ProcessIoStats,
    Span,
    State,
    blank,
)

from ._fake_details import (
    agent_of,
    dirty_rate_of,
    job_of,
    openstack_of,
    perf_of,
    process_io_of,
    with_rates_alone,
)
from ._fake_devices import cpu_of, disk_of, memory_of, nic_of
from ._fake_guest import FakeGuest
from ._fake_hypervisor import FakeHypervisor, FakeKind
from ._fake_pace import HUNG, MIB, NOT_RUNNING, ONLY_COUNTERS, ONLY_RATES, Pace
from ._numbers import number
from ._reduce import except_for

__all__ = ["host_stats", "instance_of", "stats_of"]


def instance_of(hypervisor: FakeHypervisor, guest: FakeGuest) -> Instance:
    """Who a guest is."""
    return Instance(
        key=guest.key,
        uuid=guest.uuid,
        name=guest.name,
        native_id=str(guest.generation) if guest.active else None,
        driver="fake",
        architecture="x86_64",
        virtualization="hvm",
        openstack=openstack_of(hypervisor, guest) if guest.openstack else None,
        described_at=hypervisor.clock.unix_ns,
    )


def stats_of(hypervisor: FakeHypervisor, guest: FakeGuest, instance: Instance, taken: Span) -> InstanceStats:
    """Everything that there is to read of a guest."""
    pace = Pace(hypervisor.seed, guest)
    state, native = guest.state, guest.state.value.replace("_", " ")
    common = InstanceStats(
        instance=instance,
        incarnation=str(guest.generation),
        taken=taken,
        state=state,
        native_state=native,
        state_reason="booted" if state is State.RUNNING else "by command",
    )
    if not guest.active:
        stats = _inactive(common, guest)
    else:
        stats = dataclasses.replace(
            common,
            cpu=cpu_of(pace),
            memory=memory_of(pace, hypervisor.clock.unix_ns),
            disks=tuple(disk_of(pace, disk) for disk in guest.disks),
            nics=tuple(nic_of(pace, nic, hypervisor.hostile) for nic in guest.nics),
            perf=perf_of(pace),
            iothreads=(IothreadStats(index=1, poll_maximum_ns=32_768, poll_grow=2, poll_shrink=2),),
            process_io=process_io_of(pace),
            dirty_rate=dirty_rate_of(pace, hypervisor.clock.unix_ns),
            job=job_of(pace),
            guest_agent=agent_of(pace, hypervisor.hostile),
            absences=Absences({"supplied_rates": ONLY_COUNTERS}),
        )
    if hypervisor.kind is FakeKind.RATES:
        stats = with_rates_alone(stats, pace)
    return _as_host_sees_it(stats) if guest.hanging and guest.active else stats


def _inactive(common: InstanceStats, guest: FakeGuest) -> InstanceStats:
    """Of an instance that does not run there is what it is configured to have."""
    cpu, memory = blank(CpuStats, NOT_RUNNING), blank(MemoryStats, NOT_RUNNING)
    return dataclasses.replace(
        common,
        cpu=dataclasses.replace(
            cpu,
            vcpus_maximum=guest.vcpus,
            vcpus_at_start=guest.vcpus,
            absences=except_for(except_for(cpu.absences, "vcpus_maximum"), "vcpus_at_start"),
        ),
        memory=dataclasses.replace(
            memory, maximum_bytes=512 * MIB, absences=except_for(memory.absences, "maximum_bytes")
        ),
        perf=blank(PerfStats, NOT_RUNNING),
        process_io=blank(ProcessIoStats, NOT_RUNNING),
        dirty_rate=blank(DirtyRate, NOT_RUNNING),
        job=blank(Job, NOT_RUNNING),
        guest_agent=blank(GuestAgent, NOT_RUNNING),
        absences=Absences(
            {**dict.fromkeys(("disks", "nics", "iothreads"), NOT_RUNNING), "supplied_rates": ONLY_COUNTERS}
        ),
    )


def _as_host_sees_it(stats: InstanceStats) -> InstanceStats:
    """What is left when the guest's monitor does not answer: the host itself knows state, CPU and NICs."""
    return dataclasses.replace(
        stats,
        memory=blank(MemoryStats, HUNG),
        disks=(),
        perf=blank(PerfStats, HUNG),
        iothreads=(),
        dirty_rate=blank(DirtyRate, HUNG),
        job=blank(Job, HUNG),
        guest_agent=blank(GuestAgent, HUNG),
        absences=stats.absences | {"disks": HUNG, "iothreads": HUNG},
    )


def host_stats(hypervisor: FakeHypervisor, taken: Span) -> HostStats:
    """The fake host's own numbers."""
    seed, up_ns = hypervisor.seed, hypervisor.clock.now_ns
    cpus = 16
    busy = number(seed, "host", "busy", low=100, high=600)
    counted = hypervisor.kind is FakeKind.COUNTERS
    shares = {"user_ns": busy, "system_ns": 50, "iowait_ns": 10, "idle_ns": 940 - busy}
    return HostStats(
        incarnation=hypervisor.clock.boot,
        hostname=f"fake-host-{seed}",
        uuid=UUID(int=number(seed, "host", "uuid", high=2**128), version=4),
        hypervisor="fake",
        hypervisor_version="1.0",
        cpus=cpus,
        memory_total_bytes=65_536 * MIB,
        memory_free_bytes=number(seed, "host", "free", low=1024, high=8192) * MIB,
        memory_available_bytes=number(seed, "host", "available", low=16_384, high=32_768) * MIB,
        taken=taken,
        absences=Absences({} if counted else dict.fromkeys(shares, ONLY_RATES)),
        **({name: up_ns * cpus * share // 1000 for name, share in shares.items()} if counted else {}),
    )
