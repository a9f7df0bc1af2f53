"""What QEMU's monitor and the host's /proc gave of one process becomes a record. Pure: no I/O.

Rules. A value of a wrong type costs its own field alone. What no source has is None with its reason, never 0; QEMU's
own -1, which is 2**64 - 1 in its answers, is none either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from hvinspect.driver import (
    Absence,
    CpuStats,
    DirtyRate,
    DirtyRateStatus,
    Group,
    GuestAgent,
    InstanceStats,
    IothreadStats,
    Job,
    MemoryStats,
    PerfStats,
    ProcessIoStats,
    State,
    VcpuStats,
    blank,
    printable,
    shared_absences,
)

from . import absences
from .absences import NOT_REQUESTED
from .devices import decode_disks, decode_nics
from .found import Reading
from .numbers import Numbers

__all__ = ["balloon_in", "cpus_of", "decode"]

_MIB = 1 << 20
_S, _MS = 1_000_000_000, 1_000_000

#: RunState of QEMU -> state. Those that are not here are ways of being paused.
_STATES = {
    "running": State.RUNNING,
    "suspended": State.SUSPENDED,
    "shutdown": State.SHUT_OFF,
    "guest-panicked": State.CRASHED,
}
_PAUSED = frozenset(
    {
        "paused", "prelaunch", "preconfig", "inmigrate", "postmigrate", "finish-migrate", "save-vm", "restore-vm",
        "io-error", "internal-error", "watchdog", "debug", "colo",
    }
)  # fmt: skip
_GUEST_MEMORY = {
    "guest_total_bytes": "stat-total-memory",
    "guest_unused_bytes": "stat-free-memory",
    "guest_usable_bytes": "stat-available-memory",
    "guest_caches_bytes": "stat-disk-caches",
    "guest_swap_in_bytes": "stat-swap-in",
    "guest_swap_out_bytes": "stat-swap-out",
    "guest_major_faults": "stat-major-faults",
    "guest_minor_faults": "stat-minor-faults",
    "guest_hugetlb_allocations": "stat-htlb-pgalloc",
    "guest_hugetlb_failures": "stat-htlb-pgfail",
}
_GUEST_FIELDS = (*_GUEST_MEMORY, "guest_updated_unix_ns")
_DIRTY_RATE = {
    "unstarted": DirtyRateStatus.UNSTARTED,
    "measuring": DirtyRateStatus.MEASURING,
    "measured": DirtyRateStatus.MEASURED,
}
_MIGRATING = frozenset({"setup", "active", "pre-switchover", "device", "postcopy-active", "postcopy-paused",
                        "postcopy-recover", "wait-unplug", "cancelling", "colo"})  # fmt: skip
#: The parts that were not asked for, or are never there.
_NO_CPU, _NO_MEMORY = blank(CpuStats, NOT_REQUESTED), blank(MemoryStats, NOT_REQUESTED)
_NO_PERF, _NO_PROCESS_IO = blank(PerfStats, NOT_REQUESTED), blank(ProcessIoStats, NOT_REQUESTED)
_NO_DIRTY_RATE, _NO_JOB = blank(DirtyRate, NOT_REQUESTED), blank(Job, NOT_REQUESTED)
_NO_GUEST_AGENT = blank(GuestAgent, NOT_REQUESTED)
_JOB_FIELDS = tuple(one.name for one in fields(Job) if one.name != "absences")


def decode(reading: Reading) -> InstanceStats:
    """The record of one QEMU."""
    groups = reading.groups
    absent: dict[str, Absence] = {"state_reason": absences.NO_REASON, "supplied_rates": absences.NO_RATES}
    state = native = None
    if Group.STATE in groups:
        state, native = _state(reading, absent)
    else:
        absent.update(state=NOT_REQUESTED, native_state=NOT_REQUESTED)
    disks = decode_disks(reading, absent)
    nics = decode_nics(reading, absent)
    iothreads = _iothreads(reading, absent)
    return InstanceStats(
        instance=reading.instance,
        incarnation=reading.life,
        taken=reading.taken,
        state=state,
        native_state=native,
        cpu=_cpu(reading) if Group.CPU in groups else _NO_CPU,
        memory=_memory(reading) if Group.MEMORY in groups else _NO_MEMORY,
        disks=disks,
        nics=nics,
        perf=blank(PerfStats, absences.NO_PERF) if Group.PERF in groups else _NO_PERF,
        iothreads=iothreads,
        process_io=_process_io(reading) if Group.PROCESS_IO in groups else _NO_PROCESS_IO,
        dirty_rate=_dirty_rate(reading) if Group.DIRTY_RATE in groups else _NO_DIRTY_RATE,
        job=_job(reading) if Group.JOB in groups else _NO_JOB,
        guest_agent=blank(GuestAgent, absences.NO_AGENT) if Group.GUEST_AGENT in groups else _NO_GUEST_AGENT,
        absences=shared_absences(absent),
    )


def _object(reading: Reading, command: str) -> tuple[Mapping[str, Any], Absence]:
    """What *command* returned, and why something may be missing there."""
    value = reading.answers.get(command)
    if isinstance(value, dict):
        return value, absences.NOT_IN_REPLY
    return {}, _why(reading, command)


def _list(reading: Reading, command: str) -> tuple[list[Mapping[str, Any]], Absence | None]:
    """What *command* returned, and why it did not."""
    value = reading.answers.get(command)
    if isinstance(value, list):
        return [one for one in value if isinstance(one, dict)], None
    return [], _why(reading, command)


def _why(reading: Reading, command: str) -> Absence:
    if command in reading.answers:
        return absences.wrong(f"the answer to {command}", repr(printable(reading.answers[command], limit=40)))
    return reading.refused.get(command, reading.unanswered)


def _state(reading: Reading, absent: dict[str, Absence]) -> tuple[State | None, str | None]:
    status, why = _object(reading, "status")
    word = status.get("status")
    if isinstance(word, str):
        word = printable(word, limit=40)
        return _STATES.get(word, State.PAUSED if word in _PAUSED else State.UNKNOWN), word
    look = reading.look
    if not isinstance(look, Absence) and look.state in "Tt":
        # Whatever QEMU would say of itself: no vCPU of it runs.
        return State.PAUSED, "its process is stopped"
    absent.update(state=why, native_state=why)
    return None, None


def _process_io(reading: Reading) -> ProcessIoStats:
    counters = reading.storage
    if isinstance(counters, Absence):
        return blank(ProcessIoStats, counters)
    return ProcessIoStats(**counters._asdict())


# -- CPUs


def cpus_of(answer: object) -> dict[int, int]:
    """vCPU -> the thread that runs it, of what query-cpus-fast returned."""
    cpus = [one for one in answer if isinstance(one, dict)] if isinstance(answer, list) else []
    numbers = [(one.get("cpu-index"), one.get("thread-id")) for one in cpus]
    return {index: thread for index, thread in numbers if type(index) is int and type(thread) is int}


def _cpu(reading: Reading) -> CpuStats:
    absent: dict[str, Absence] = {}
    look, threads = reading.look, reading.threads
    maximum, at_start = reading.command.vcpus_maximum, reading.command.vcpus_at_start
    if maximum is None:
        absent["vcpus_maximum"] = absences.NOT_ON_COMMAND_LINE
    if at_start is None:
        absent["vcpus_at_start"] = absences.NOT_ON_COMMAND_LINE
    online = None
    if isinstance(threads, Absence):
        absent.update(vcpus=threads, vcpus_online=threads)
        vcpus: tuple[VcpuStats, ...] = ()
    else:
        online = len(threads)
        vcpus = tuple(_vcpus(reading))
    if isinstance(look, Absence):
        absent.update(time_ns=look, user_ns=look, system_ns=look)
        return CpuStats(
            vcpus_online=online,
            vcpus_maximum=maximum,
            vcpus_at_start=at_start,
            vcpus=vcpus,
            absences=shared_absences(absent),
        )
    return CpuStats(
        time_ns=look.time_ns,
        user_ns=look.user_ns,
        system_ns=look.system_ns,
        vcpus_online=online,
        vcpus_maximum=maximum,
        vcpus_at_start=at_start,
        vcpus=vcpus,
        absences=shared_absences(absent),
    )


def _vcpus(reading: Reading) -> Iterator[VcpuStats]:
    assert not isinstance(reading.threads, Absence)
    halted = _halted(reading)
    for index, thread in sorted(reading.threads.items()):
        absent: dict[str, Absence] = {"state": absences.NOT_IN_QEMU, "host_cpu": absences.NOT_READ}
        times, waited = thread.times, thread.waited_ns
        time_ns = delay_ns = wait_ns = None
        if isinstance(times, Absence):
            absent.update(time_ns=times, delay_ns=times)
        else:
            time_ns, delay_ns = times
        if isinstance(waited, Absence):
            absent["wait_ns"] = waited
        else:
            wait_ns = waited
        if index not in halted:
            absent["halted"] = absences.KVM_ONLY if "cpus" in reading.answers else reading.unanswered
        yield VcpuStats(
            index=index,
            incarnation=f"{reading.life}/{index}/{thread.id}",
            time_ns=time_ns,
            delay_ns=delay_ns,
            wait_ns=wait_ns,
            halted=halted.get(index),
            absences=shared_absences(absent),
        )


def _halted(reading: Reading) -> dict[int, bool]:
    """Which vCPUs KVM has halted, as far as it tells: query-stats knows them by their places alone."""
    stats, _ = _list(reading, "halted")
    if not stats:
        return {}
    cpus, _ = _list(reading, "cpus")
    values: dict[str, bool] = {}
    for one in stats:
        for stat in one.get("stats") or ():
            if isinstance(stat, dict) and stat.get("name") == "blocking" and isinstance(stat.get("value"), bool | int):
                values[str(one.get("qom-path"))] = bool(stat["value"])
    places = {one.get("cpu-index"): str(one.get("qom-path")) for one in cpus}
    return {index: values[place] for index, place in places.items() if type(index) is int and place in values}


# -- memory


def _memory(reading: Reading) -> MemoryStats:
    absent: dict[str, Absence] = {}
    size, why = _object(reading, "memory")
    base, plugged = size.get("base-memory"), size.get("plugged-memory", 0)
    maximum = Numbers({"all": base + plugged if type(base) is int and type(plugged) is int else base}, absent).take(
        "maximum_bytes", "all", why=why
    )
    balloon, balloon_why = _object(reading, "balloon")
    assigned = maximum if balloon_why is absences.NO_BALLOON else None
    if assigned is None:
        assigned = Numbers(balloon, absent).take(
            "assigned_bytes", "actual", why=why if balloon_why is absences.NO_BALLOON else balloon_why
        )
    resident = None
    if isinstance(reading.look, Absence):
        absent["host_resident_bytes"] = reading.look
    else:
        resident = reading.look.resident_bytes
    return MemoryStats(
        assigned_bytes=assigned,
        maximum_bytes=maximum,
        host_resident_bytes=resident,
        **_guest_memory(reading, absent),
        absences=shared_absences(absent),
    )


def _guest_memory(reading: Reading, absent: dict[str, Absence]) -> dict[str, int | None]:
    report, why = _object(reading, "guest-stats")
    why = reading.refused.get("balloon", why)
    stats = report.get("stats")
    updated = Numbers(report, absent).take("guest_updated_unix_ns", "last-update", unit=_S, why=why)
    if not updated or not isinstance(stats, dict):
        if updated == 0:
            why = absences.NEVER_REPORTED if reading.is_polled else absences.NOT_POLLED
        absent.update(dict.fromkeys(_GUEST_FIELDS, why))
        return {}
    taken = Numbers(stats, absent).take_all(_GUEST_MEMORY, why=absences.NOT_IN_REPORT)
    return {**taken, "guest_updated_unix_ns": updated}


def balloon_in(answers: Mapping[str, Any], place: str) -> str | None:
    """The path of the balloon among the devices of *place*: "" if there is none, None if that was not answered."""
    devices = answers.get(place)
    if not isinstance(devices, list):
        return None
    for device in devices:
        if isinstance(device, dict) and str(device.get("type", "")).startswith("child<virtio-balloon"):
            return f"{place}/{device.get('name')}"
    return ""


# -- what has to be asked for


def _iothreads(reading: Reading, absent: dict[str, Absence]) -> tuple[IothreadStats, ...]:
    if Group.IOTHREAD not in reading.groups:
        absent["iothreads"] = NOT_REQUESTED
        return ()
    threads, why = _list(reading, "iothreads")
    if why is not None:
        absent["iothreads"] = why
    elif not threads:
        absent["iothreads"] = absences.NO_IOTHREADS
    made = []
    for index, thread in enumerate(threads):
        missing: dict[str, Absence] = {}
        numbers = Numbers(thread, missing)
        made.append(
            IothreadStats(
                # By its place: a name may be any.
                index=index,
                poll_maximum_ns=numbers.take("poll_maximum_ns", "poll-max-ns"),
                poll_grow=numbers.take("poll_grow", "poll-grow"),
                poll_shrink=numbers.take("poll_shrink", "poll-shrink"),
                absences=shared_absences(missing),
            )
        )
    return tuple(made)


def _dirty_rate(reading: Reading) -> DirtyRate:
    answer, why = _object(reading, "dirty-rate")
    word = answer.get("status")
    if not isinstance(word, str):
        return blank(DirtyRate, why)
    absent: dict[str, Absence] = {"vcpus": absences.NO_MEASUREMENT}
    status = _DIRTY_RATE.get(word, DirtyRateStatus.UNKNOWN)
    if status is DirtyRateStatus.UNSTARTED:
        absent.update(
            dict.fromkeys(("mode", "started_host_ns", "period_ns", "memory_bytes_per_s"), absences.NO_MEASUREMENT)
        )
        return DirtyRate(status=status, absences=shared_absences(absent))
    numbers, mode = Numbers(answer, absent), answer.get("mode")
    if not isinstance(mode, str):
        absent["mode"] = absences.NOT_IN_REPLY
    # From QEMU 8.2 on the unit of the period may be milliseconds.
    period = _MS if answer.get("calc-time-unit") == "millisecond" else _S
    return DirtyRate(
        status=status,
        mode=printable(mode, limit=40) if isinstance(mode, str) else None,
        started_host_ns=numbers.take("started_host_ns", "start-time", unit=_S),
        period_ns=numbers.take("period_ns", "calc-time", unit=period),
        memory_bytes_per_s=numbers.take("memory_bytes_per_s", "dirty-rate", unit=_MIB, why=absences.NO_MEASUREMENT),
        absences=shared_absences(absent),
    )


def _job(reading: Reading) -> Job:
    answer, why = _object(reading, "migrate")
    if why is not absences.NOT_IN_REPLY:
        return blank(Job, why)
    word = answer.get("status", "none")
    if word not in _MIGRATING:
        absent = dict.fromkeys(_JOB_FIELDS, absences.NO_JOB)
        del absent["active"]
        return Job(active=False, absences=shared_absences(absent))
    absent = {"kind": absences.NOT_IN_QEMU}
    ram = answer.get("ram")
    numbers = Numbers(ram if isinstance(ram, dict) else {}, absent)
    return Job(
        active=True,
        operation="migration_out",
        elapsed_ns=Numbers(answer, absent).take("elapsed_ns", "total-time", unit=_MS),
        total_bytes=numbers.take("total_bytes", "total"),
        processed_bytes=numbers.take("processed_bytes", "transferred"),
        remaining_bytes=numbers.take("remaining_bytes", "remaining"),
        absences=shared_absences(absent),
    )
