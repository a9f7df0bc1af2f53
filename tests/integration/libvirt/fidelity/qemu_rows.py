"""The table for QEMU: each claimed field and what outside libvirt it is compared with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from hvinspect import VcpuState
from tests.fidelity.rows import How, equal, inside
from tests.integration.libvirt.fidelity import disk_rows, facts, nic_rows, perf_rows, who_rows
from tests.integration.libvirt.fidelity.host_rows import host_rows
from tests.integration.libvirt.fidelity.look import Look
from tests.integration.libvirt.fidelity.rows import (
    BUSY,
    Check,
    Row,
    Table,
    between,
    every,
    identity,
    seen_at,
    seen_by_guest,
    sides,
    value_of,
)

_TICK_NS: Final = 10_000_000
_MIB: Final = 2**20


def _cpu() -> dict[str, Row]:
    rows = {}
    for field in ("time_ns", "user_ns", "system_ns"):
        # Ticks of which libvirt's reading of the file may be one behind.
        slack = 0 if field == "time_ns" else _TICK_NS
        rows[f"cpu.{field}"] = Row(
            how=How.BETWEEN,
            source="the machine's cgroup: cpuacct.usage and cpuacct.stat, or cpu.stat",
            check=between(field, BUSY, value_of("cpu", field), seen_at("process", "cgroup", field), slack),
        )
    rows["cpu.vcpus_online"] = Row(
        how=How.EXACT,
        source="the guest's own CPUs, and query-cpus-fast",
        check=every(
            between("vcpus_online", BUSY, value_of("cpu", "vcpus_online"), lambda seen: len(seen["guest"]["cpus"])),
            between("vcpus_online", BUSY, value_of("cpu", "vcpus_online"), lambda seen: len(seen["qmp"]["vcpus"])),
        ),
    )
    rows["cpu.vcpus_maximum"] = Row(
        how=How.EXACT,
        source="query-hotpluggable-cpus",
        check=between("vcpus_maximum", BUSY, value_of("cpu", "vcpus_maximum"), seen_at("qmp", "vcpus_maximum")),
    )
    rows["cpu.vcpus_at_start"] = Row(
        how=How.ASKED,
        source="what the guest that is shut off was defined with",
        check=lambda look: equal(look["described"].stats.cpu.vcpus_at_start, facts.DESCRIBED["vcpus"]),
    )
    return rows


def _vcpu() -> dict[str, Row]:
    def each(field: str, name: str, slack: int) -> Check:
        def check(look: Look) -> None:
            for moment in map(look.__getitem__, BUSY):
                assert len(moment.stats.cpu.vcpus) == 2
                for vcpu in moment.stats.cpu.vcpus:
                    before, after = (seen["process"]["vcpus"][str(vcpu.index)] for seen in sides(moment))
                    inside(getattr(vcpu, field), before[name], after[name], slack=slack, what=f"{field} {vcpu.index}")

        return check

    def indexes(look: Look) -> None:
        for moment in map(look.__getitem__, BUSY):
            equal([vcpu.index for vcpu in moment.stats.cpu.vcpus], moment.before["qmp"]["vcpus"])

    def waits(look: Look) -> None:
        for name, times in facts.TOLD.items():
            told = [times * wait for wait in facts.TOLD_WAITS_NS]
            equal([vcpu.wait_ns for vcpu in look[name].stats.cpu.vcpus], told)

    def states(look: Look) -> None:
        for moment in map(look.__getitem__, BUSY):
            for vcpu in moment.stats.cpu.vcpus:
                equal(moment.reply[f"vcpu.{vcpu.index}.state"], 1)
                equal(vcpu.state, VcpuState.RUNNING)

    return {
        "vcpu.index": Row(how=How.EXACT, source="query-cpus-fast", check=indexes),
        "vcpu.incarnation": identity("vcpu"),
        "vcpu.state": Row(
            how=How.DECODE_ONLY, source="QEMU tells of a vCPU no more than that it is there", check=states
        ),
        # libvirt's has ticks, the scheduler's nanoseconds.
        "vcpu.time_ns": Row(
            how=How.BETWEEN,
            source="schedstat of the vCPU's thread, within two ticks",
            check=each("time_ns", "run_ns", 2 * _TICK_NS),
        ),
        "vcpu.delay_ns": Row(
            how=How.BETWEEN, source="schedstat of the vCPU's thread", check=each("delay_ns", "delay_ns", 0)
        ),
        "vcpu.wait_ns": Row(how=How.TOLD, source="sched of the vCPU's thread, in ms", check=waits),
    }


#: Field -> QEMU's name of the guest's number, and how the guest itself has it.
_GUEST_MEMORY: Final[dict[str, tuple[str, Callable[[Any], int], int]]] = {
    "guest_total_bytes": ("stat-total-memory", lambda own: own["memory_kib"]["MemTotal"] * 1024, 0),
    "guest_unused_bytes": ("stat-free-memory", lambda own: own["memory_kib"]["MemFree"] * 1024, 4 * _MIB),
    "guest_usable_bytes": ("stat-available-memory", lambda own: own["memory_kib"]["MemAvailable"] * 1024, 4 * _MIB),
    "guest_caches_bytes": ("stat-disk-caches", lambda own: own["memory_kib"]["Cached"] * 1024, _MIB),
    "guest_swap_in_bytes": ("stat-swap-in", lambda own: own["faults"]["pswpin"] * 4096, 0),
    "guest_swap_out_bytes": ("stat-swap-out", lambda own: own["faults"]["pswpout"] * 4096, 0),
    "guest_major_faults": ("stat-major-faults", lambda own: own["faults"]["pgmajfault"], 0),
    "guest_minor_faults": ("stat-minor-faults", lambda own: own["faults"]["pgfault"], 0),
    "guest_hugetlb_allocations": (
        "stat-htlb-pgalloc",
        lambda own: own["page_states"]["htlb_buddy_alloc_success"],
        0,
    ),
    "guest_hugetlb_failures": ("stat-htlb-pgfail", lambda own: own["page_states"]["htlb_buddy_alloc_fail"], 0),
}


def _memory() -> dict[str, Row]:
    rows = {
        "memory.assigned_bytes": Row(
            how=How.EXACT,
            source="query-balloon",
            check=between("assigned", BUSY, value_of("memory", "assigned_bytes"), seen_at("qmp", "assigned_bytes")),
        ),
        "memory.maximum_bytes": Row(
            how=How.EXACT,
            source="query-memory-size-summary",
            check=between("maximum", BUSY, value_of("memory", "maximum_bytes"), seen_at("qmp", "maximum_bytes")),
        ),
        # The kernel adds the two up at different times.
        "memory.host_resident_bytes": Row(
            how=How.BOUNDED,
            source="VmRSS of QEMU, within 4 MiB",
            check=between(
                "rss", BUSY, value_of("memory", "host_resident_bytes"), seen_at("process", "resident_bytes"), 4 * _MIB
            ),
        ),
        "memory.guest_updated_unix_ns": Row(
            how=How.BETWEEN,
            source="last-update of QEMU's balloon device, and the clock",
            check=every(
                between(
                    "updated",
                    BUSY,
                    value_of("memory", "guest_updated_unix_ns"),
                    lambda seen: seen["qmp"]["balloon"]["last-update"] * 10**9,
                ),
                between(
                    "updated",
                    BUSY,
                    value_of("memory", "guest_updated_unix_ns"),
                    lambda seen: int(seen["unix_s"] * 10**9),
                    4 * 10**9,
                ),
            ),
        ),
    }
    for field, (name, own, slack) in _GUEST_MEMORY.items():
        rows[f"memory.{field}"] = Row(
            how=How.BETWEEN,
            source=f"the guest's /proc{f' within {slack // _MIB} MiB' if slack else ''}; {name} of the balloon device",
            check=every(
                # libvirt tells KiB.
                between(field, BUSY, value_of("memory", field), seen_at("qmp", "balloon", name), 1023 if slack else 0),
                between(field, BUSY, value_of("memory", field), seen_by_guest(own), slack),
            ),
        )
    return rows


TABLE: Final[Table] = {
    **_cpu(),
    **_vcpu(),
    **_memory(),
    **disk_rows.ROWS,
    **nic_rows.ROWS,
    **perf_rows.ROWS,
    **who_rows.ROWS,
    **host_rows("qemu"),
}
