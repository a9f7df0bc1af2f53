"""A reply of libvirt's bulk statistics, and a description, become records. Pure: no I/O, no libvirt.

Rules. Counts are upper bounds and the arrays are sparse: an entry is there if its keys are. A key that is missing is
"not available", never zero. A value of a wrong type costs its own field alone. Of a domain that does not run only what
is configured and what its images take is taken: libvirt answers more, such as the daemon's own CPU time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, final

from hvinspect.driver import (
    Absence,
    CpuStats,
    DirtyRate,
    DirtyRateStatus,
    DiskStats,
    Group,
    GuestAgent,
    Instance,
    InstanceStats,
    IothreadStats,
    Job,
    MemoryStats,
    PerfStats,
    Span,
    State,
    VcpuDirtyRate,
    VcpuState,
    VcpuStats,
    blank,
    shared_absences,
)

from . import absences, words
from .absences import NOT_REQUESTED, NOT_RUNNING
from .describe import Description
from .devices import decode_disks, decode_nics
from .reply import Numbers, Reply, Values, numbers_of

__all__ = ["Reading", "decode_carefully"]

#: The parts that were not asked for.
_NO_CPU, _NO_MEMORY = blank(CpuStats, NOT_REQUESTED), blank(MemoryStats, NOT_REQUESTED)
_NO_PERF, _NO_DIRTY_RATE = blank(PerfStats, NOT_REQUESTED), blank(DirtyRate, NOT_REQUESTED)
_NO_JOB, _NO_GUEST_AGENT = blank(Job, NOT_REQUESTED), blank(GuestAgent, NOT_REQUESTED)
_KIB = 1024
_MIB = 1024 * _KIB

_CPU_TIMES = Numbers({"time_ns": "cpu.time", "user_ns": "cpu.user", "system_ns": "cpu.system"})
_VCPU_TIMES = Numbers({"time_ns": "time", "wait_ns": "wait"})
_HOST_MEMORY = Numbers({"assigned_bytes": "balloon.current", "host_resident_bytes": "balloon.rss"}, unit=_KIB)
_GUEST_MEMORY = Numbers(
    {
        "guest_total_bytes": "balloon.available",
        "guest_unused_bytes": "balloon.unused",
        "guest_usable_bytes": "balloon.usable",
        "guest_caches_bytes": "balloon.disk_caches",
        "guest_swap_in_bytes": "balloon.swap_in",
        "guest_swap_out_bytes": "balloon.swap_out",
    },
    unit=_KIB,
)
_GUEST_EVENTS = Numbers(
    {
        "guest_major_faults": "balloon.major_fault",
        "guest_minor_faults": "balloon.minor_fault",
        "guest_hugetlb_allocations": "balloon.hugetlb_pgalloc",
        "guest_hugetlb_failures": "balloon.hugetlb_pgfail",
    }
)


@final
@dataclass(slots=True, kw_only=True)  # not frozen: one is made for each guest, and that would take twice as long
class Reading:
    """All that was got of one domain by one snapshot."""

    instance: Instance
    #: The incarnation of the instance.
    life: str
    taken: Span
    groups: frozenset[Group]
    reply: Reply
    description: Description
    #: Version of the daemon as libvirt numbers it, e.g. 9000000.
    daemon_version: int
    #: Why the description is not the domain's, if it could not be read.
    undescribed: Absence | None = None
    job: Job | None = None
    guest_agent: GuestAgent | None = None
    indexes: Mapping[str, int] = field(default_factory=dict[str, int])


def decode_carefully(reading: Reading) -> InstanceStats:
    """The record of one domain, whatever its reply is like."""
    taken = Values(reading.reply.values)
    groups = reading.groups
    state_why = reading.reply.why("state")
    number = taken.number("state", "state.state", state_why)
    reason = taken.number("state_reason", "state.reason", state_why)
    missing = NOT_RUNNING if _is_off(number, reading.instance) else None
    if Group.STATE not in groups:
        number = reason = None
        taken.absent.update(state=NOT_REQUESTED, state_reason=NOT_REQUESTED)
    if number is None:
        taken.absent["native_state"] = taken.absent["state"]
        # A reason is of a state: by itself its number means nothing.
        taken.absent["state_reason"] = taken.absent["state"]
    has_disks, has_nics = Group.DISK in groups or Group.BLOCK_DETAIL in groups, Group.NIC in groups
    for devices, asked in (("disks", has_disks), ("nics", has_nics)):
        if not asked:
            taken.absent[devices] = NOT_REQUESTED
        elif reading.undescribed is not None:
            taken.absent[devices] = reading.undescribed
    iothreads = _iothreads(reading, missing, taken)
    taken.absent["supplied_rates"] = absences.NO_RATES
    return InstanceStats(
        instance=reading.instance,
        incarnation=reading.life,
        taken=reading.taken,
        state=words.STATES.get(number, State.UNKNOWN) if number is not None else None,
        native_state=words.NATIVE_STATES.get(number, f"state {number}") if number is not None else None,
        state_reason=words.state_reason(number, reason) if number is not None and reason is not None else None,
        cpu=_cpu(reading, missing) if Group.CPU in groups else _NO_CPU,
        memory=_memory(reading, missing) if Group.MEMORY in groups else _NO_MEMORY,
        disks=tuple(_disks(reading, missing)) if has_disks else (),
        nics=tuple(
            decode_nics(
                reading.reply,
                reading.description,
                life=reading.life,
                missing=missing,
                undescribed=reading.undescribed,
                indexes=reading.indexes,
            )
        )
        if has_nics
        else (),
        perf=_perf(reading, missing) if Group.PERF in groups else _NO_PERF,
        iothreads=iothreads,
        dirty_rate=_dirty_rate(reading, missing) if Group.DIRTY_RATE in groups else _NO_DIRTY_RATE,
        job=_job(reading, missing) if Group.JOB in groups else _NO_JOB,
        guest_agent=_guest_agent(reading, missing) if Group.GUEST_AGENT in groups else _NO_GUEST_AGENT,
        absences=shared_absences(taken.absent),
    )


def _is_off(state: int | None, instance: Instance) -> bool:
    return state in words.INACTIVE_STATES or (state == words.CRASHED and instance.native_id is None)


def _disks(reading: Reading, missing: Absence | None) -> Iterator[DiskStats]:
    counted = Group.DISK in reading.groups
    return decode_disks(
        reading.reply if counted else reading.reply.without("block."),
        reading.description,
        life=reading.life,
        missing=missing if counted else NOT_REQUESTED,
        detail=Group.BLOCK_DETAIL in reading.groups,
        daemon_version=reading.daemon_version,
        undescribed=reading.undescribed,
    )


def _job(reading: Reading, missing: Absence | None) -> Job:
    return reading.job or blank(Job, missing or NOT_REQUESTED)


def _guest_agent(reading: Reading, missing: Absence | None) -> GuestAgent:
    return reading.guest_agent or blank(GuestAgent, missing or NOT_REQUESTED)


def _cpu(reading: Reading, missing: Absence | None) -> CpuStats:
    taken = Values(reading.reply.values)
    maximum = taken.number(
        "vcpus_maximum", "vcpu.maximum", reading.reply.why("vcpu-maximum", missing or absences.NOT_IN_REPLY)
    )
    if missing:
        # libvirt gives the daemon's own CPU time for that of a domain without a process (9.0), and the number of vCPUs
        # that it will start with for that of those online.
        taken.absent.update(dict.fromkeys(("time_ns", "user_ns", "system_ns", "vcpus_online", "vcpus"), missing))
        at_start = taken.number("vcpus_at_start", "vcpu.current", reading.reply.why("vcpu", missing))
        return CpuStats(vcpus_maximum=maximum, vcpus_at_start=at_start, absences=shared_absences(taken.absent))
    taken.absent["vcpus_at_start"] = absences.AT_NEXT_START
    why, vcpu_why = reading.reply.why("cpu"), reading.reply.why("vcpu")
    vcpus = tuple(_vcpus(reading))
    if not vcpus:
        taken.absent["vcpus"] = vcpu_why
    times = taken.numbers(_CPU_TIMES, why)
    return CpuStats(
        **times,
        vcpus_online=taken.number("vcpus_online", "vcpu.current", vcpu_why),
        vcpus_maximum=maximum,
        vcpus=vcpus,
        absences=shared_absences(taken.absent),
    )


def _vcpus(reading: Reading) -> Iterator[VcpuStats]:
    values = reading.reply.values
    why = reading.reply.why("vcpu")
    delay_why = absences.DELAY_NEEDS_NEWER if reading.daemon_version < words.DELAY_SINCE else why
    for index in numbers_of(values, "vcpu", mark="state", count="vcpu.current"):
        at = f"vcpu.{index}."
        if at + "state" not in values and at + "time" not in values:
            continue  # an offline vCPU has no keys
        taken = Values(values)
        state = taken.number("state", at + "state", why)
        times = taken.numbers(_VCPU_TIMES, why, at)
        if times["wait_ns"] == 0:
            # What libvirt says where the kernel keeps no such number; a vCPU that ran has waited some nanoseconds.
            times["wait_ns"] = None
            taken.absent["wait_ns"] = absences.NO_SCHEDSTATS
        yield VcpuStats(
            index=index,
            incarnation=f"{reading.life}/{index}",
            state=words.VCPU_STATES.get(state, VcpuState.UNKNOWN) if state is not None else None,
            **times,
            delay_ns=taken.number("delay_ns", at + "delay", delay_why),
            halted=taken.truth("halted", at + "halted", absences.HALTED_ON_S390_ONLY),
            host_cpu=taken.number("host_cpu", at + "cpu", absences.NO_HOST_CPU),
            absences=shared_absences(taken.absent),
        )


def _memory(reading: Reading, missing: Absence | None) -> MemoryStats:
    taken = Values(reading.reply.values)
    why = missing or reading.reply.why("balloon")
    updated = reading.reply.values.get("balloon.last-update")
    if missing is not None:
        guest_why = missing
    elif not reading.description.has_balloon:
        guest_why = absences.NO_BALLOON
    elif updated == 0:
        guest_why = absences.NEVER_REPORTED
    else:
        guest_why = reading.reply.reasons.get("balloon", absences.NOT_IN_REPORT)

    updated_ns = None
    if updated == 0:
        taken.absent["guest_updated_unix_ns"] = guest_why
    else:
        updated_ns = taken.number("guest_updated_unix_ns", "balloon.last-update", guest_why, 1_000_000_000)
    host = taken.numbers(_HOST_MEMORY, why)
    if missing is not None:
        # libvirt gives the size of the next start here: an instance that does not run has been given nothing.
        host["assigned_bytes"], taken.absent["assigned_bytes"] = None, missing
    return MemoryStats(
        **host,
        maximum_bytes=taken.number("maximum_bytes", "balloon.maximum", reading.reply.why("balloon"), _KIB),
        **taken.numbers(_GUEST_MEMORY, guest_why),
        **taken.numbers(_GUEST_EVENTS, guest_why),
        guest_updated_unix_ns=updated_ns,
        absences=shared_absences(taken.absent),
    )


_PERF_KEYS = {
    "cpu_cycles": "perf.cpu_cycles",
    "instructions": "perf.instructions",
    "cache_references": "perf.cache_references",
    "cache_misses": "perf.cache_misses",
    "branch_instructions": "perf.branch_instructions",
    "branch_misses": "perf.branch_misses",
    "bus_cycles": "perf.bus_cycles",
    "frontend_stalled_cycles": "perf.stalled_cycles_frontend",
    "backend_stalled_cycles": "perf.stalled_cycles_backend",
    "reference_cpu_cycles": "perf.ref_cpu_cycles",
    "cpu_clock_ns": "perf.cpu_clock",
    "task_clock_ns": "perf.task_clock",
    "page_faults": "perf.page_faults",
    "minor_page_faults": "perf.page_faults_min",
    "major_page_faults": "perf.page_faults_maj",
    "context_switches": "perf.context_switches",
    "cpu_migrations": "perf.cpu_migrations",
    "alignment_faults": "perf.alignment_faults",
    "emulation_faults": "perf.emulation_faults",
}


def _perf(reading: Reading, missing: Absence | None) -> PerfStats:
    taken = Values(reading.reply.values)
    why = missing or reading.reply.reasons.get("perf", absences.PERF_NOT_ENABLED)
    values = {name: taken.number(name, key, why) for name, key in _PERF_KEYS.items()}
    return PerfStats(absences=shared_absences(taken.absent), **values)


def _iothreads(reading: Reading, missing: Absence | None, of_instance: Values) -> tuple[IothreadStats, ...]:
    if Group.IOTHREAD not in reading.groups:
        of_instance.absent["iothreads"] = NOT_REQUESTED
        return ()
    # The number in the key is the thread's id, and ids need not be near to each other.
    found = tuple(_iothread(reading, number) for number in numbers_of(reading.reply.values, "iothread"))
    if not found:
        of_instance.absent["iothreads"] = missing or reading.reply.reasons.get("iothread", absences.NO_IOTHREADS)
    return found


def _iothread(reading: Reading, number: int) -> IothreadStats:
    taken = Values(reading.reply.values)
    why = reading.reply.why("iothread")
    at = f"iothread.{number}."
    return IothreadStats(
        index=number,
        poll_maximum_ns=taken.number("poll_maximum_ns", at + "poll-max-ns", why),
        poll_grow=taken.number("poll_grow", at + "poll-grow", why),
        poll_shrink=taken.number("poll_shrink", at + "poll-shrink", why),
        absences=shared_absences(taken.absent),
    )


def _dirty_rate(reading: Reading, missing: Absence | None) -> DirtyRate:
    values: Mapping[str, Any] = reading.reply.values
    taken = Values(values)
    why = missing or reading.reply.why("dirtyrate")
    number = taken.number("status", "dirtyrate.calc_status", why)
    status = words.DIRTY_RATE_STATUS.get(number, DirtyRateStatus.UNKNOWN) if number is not None else None
    if status is DirtyRateStatus.UNSTARTED:
        # Its other numbers are zero then, and mean nothing.
        lacking = {**blank(DirtyRate, absences.NO_MEASUREMENT).absences}
        del lacking["status"]
        return DirtyRate(status=status, absences=shared_absences(lacking))
    vcpus: list[VcpuDirtyRate] = []
    for index in numbers_of(values, "dirtyrate.vcpu"):
        one = Values(values)
        # libvirt says megabytes and hands on QEMU's number, which is of MiB.
        per_second = one.number("memory_bytes_per_s", f"dirtyrate.vcpu.{index}.megabytes_per_second", why, _MIB)
        vcpus.append(VcpuDirtyRate(index=index, memory_bytes_per_s=per_second, absences=shared_absences(one.absent)))
    if not vcpus:
        taken.absent["vcpus"] = absences.NOT_PER_VCPU
    return DirtyRate(
        status=status,
        mode=taken.text("mode", "dirtyrate.calc_mode", why),
        started_host_ns=taken.number("started_host_ns", "dirtyrate.calc_start_time", why, 1_000_000_000),
        period_ns=taken.number("period_ns", "dirtyrate.calc_period", why, 1_000_000_000),
        memory_bytes_per_s=taken.number("memory_bytes_per_s", "dirtyrate.megabytes_per_second", why, _MIB),
        vcpus=tuple(vcpus),
        absences=shared_absences(taken.absent),
    )
