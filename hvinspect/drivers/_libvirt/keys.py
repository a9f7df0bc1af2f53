"""Every key of libvirt's bulk statistics: which field of the catalogue it fills, or why it fills none. No I/O here.

In a pattern ``N`` stands for a number and a final ``*`` for any rest. This is for tests, and for looking at a new
libvirt: the decoder names its keys itself, and pays nothing for this table.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

__all__ = ["DECIDING", "DECIDING_IF_ZERO", "IGNORED", "MAPPED", "STRUCTURE", "pattern_of", "unmapped"]

#: Patterns of the keys whose numbers decide about more than a field of their own; and of those that do so by being 0.
#: That a vCPU is halted decides about its field alone, but as a truth, which is never handed on.
DECIDING: Final = (
    "state.state", "state.reason", "vcpu.current", "vcpu.N.state", "vcpu.N.halted", "block.count", "net.count",
)  # fmt: skip
DECIDING_IF_ZERO: Final = ("vcpu.N.wait", "balloon.last-update", "block.N.allocation")

_PERF = {
    "cpu_cycles": "cpu_cycles",
    "instructions": "instructions",
    "cache_references": "cache_references",
    "cache_misses": "cache_misses",
    "branch_instructions": "branch_instructions",
    "branch_misses": "branch_misses",
    "bus_cycles": "bus_cycles",
    "stalled_cycles_frontend": "frontend_stalled_cycles",
    "stalled_cycles_backend": "backend_stalled_cycles",
    "ref_cpu_cycles": "reference_cpu_cycles",
    "cpu_clock": "cpu_clock_ns",
    "task_clock": "task_clock_ns",
    "page_faults": "page_faults",
    "page_faults_min": "minor_page_faults",
    "page_faults_maj": "major_page_faults",
    "context_switches": "context_switches",
    "cpu_migrations": "cpu_migrations",
    "alignment_faults": "alignment_faults",
    "emulation_faults": "emulation_faults",
}

#: Pattern of a key -> the paths of the catalogue that its value decides.
MAPPED: Final[dict[str, tuple[str, ...]]] = {
    # The words for a reason depend on the state.
    "state.state": ("stats.state", "stats.native_state", "stats.state_reason"),
    "state.reason": ("stats.state_reason",),
    "cpu.time": ("cpu.time_ns",),
    "cpu.user": ("cpu.user_ns",),
    "cpu.system": ("cpu.system_ns",),
    # Of an instance that is off it is cpu.vcpus_at_start.
    "vcpu.current": ("cpu.vcpus_online",),
    "vcpu.maximum": ("cpu.vcpus_maximum",),
    "vcpu.N.state": ("vcpu.state",),
    "vcpu.N.time": ("vcpu.time_ns",),
    "vcpu.N.wait": ("vcpu.wait_ns",),
    "vcpu.N.delay": ("vcpu.delay_ns",),
    "vcpu.N.halted": ("vcpu.halted",),
    "balloon.current": ("memory.assigned_bytes",),
    "balloon.maximum": ("memory.maximum_bytes",),
    "balloon.rss": ("memory.host_resident_bytes",),
    "balloon.available": ("memory.guest_total_bytes",),
    "balloon.unused": ("memory.guest_unused_bytes",),
    "balloon.usable": ("memory.guest_usable_bytes",),
    "balloon.disk_caches": ("memory.guest_caches_bytes",),
    "balloon.swap_in": ("memory.guest_swap_in_bytes",),
    "balloon.swap_out": ("memory.guest_swap_out_bytes",),
    "balloon.major_fault": ("memory.guest_major_faults",),
    "balloon.minor_fault": ("memory.guest_minor_faults",),
    "balloon.hugetlb_pgalloc": ("memory.guest_hugetlb_allocations",),
    "balloon.hugetlb_pgfail": ("memory.guest_hugetlb_failures",),
    "balloon.last-update": ("memory.guest_updated_unix_ns",),
    "block.N.rd.bytes": ("disk.read_bytes",),
    "block.N.rd.reqs": ("disk.read_requests",),
    "block.N.rd.times": ("disk.read_time_ns",),
    "block.N.wr.bytes": ("disk.write_bytes",),
    "block.N.wr.reqs": ("disk.write_requests",),
    "block.N.wr.times": ("disk.write_time_ns",),
    "block.N.fl.reqs": ("disk.flush_requests",),
    "block.N.fl.times": ("disk.flush_time_ns",),
    "block.N.capacity": ("disk.capacity_bytes",),
    "block.N.allocation": ("disk.highest_written_bytes",),
    "block.N.physical": ("disk.host_allocated_bytes",),
    "block.N.backingIndex": ("disk.incarnation",),
    "net.N.rx.bytes": ("nic.rx_bytes",),
    "net.N.rx.pkts": ("nic.rx_packets",),
    "net.N.rx.errs": ("nic.rx_errors",),
    "net.N.rx.drop": ("nic.rx_drops",),
    "net.N.tx.bytes": ("nic.tx_bytes",),
    "net.N.tx.pkts": ("nic.tx_packets",),
    "net.N.tx.errs": ("nic.tx_errors",),
    "net.N.tx.drop": ("nic.tx_drops",),
    "iothread.N.poll-max-ns": ("iothread.poll_maximum_ns",),
    "iothread.N.poll-grow": ("iothread.poll_grow",),
    "iothread.N.poll-shrink": ("iothread.poll_shrink",),
    "dirtyrate.calc_status": ("dirty_rate.status",),
    "dirtyrate.calc_mode": ("dirty_rate.mode",),
    "dirtyrate.calc_start_time": ("dirty_rate.started_host_ns",),
    "dirtyrate.calc_period": ("dirty_rate.period_ns",),
    "dirtyrate.megabytes_per_second": ("dirty_rate.memory_bytes_per_s",),
    "dirtyrate.vcpu.N.megabytes_per_second": ("vcpu_dirty_rate.memory_bytes_per_s",),
    **{f"perf.{key}": (f"perf.{field}",) for key, field in _PERF.items()},
}

#: Keys that say which device an entry is of, not how it fares.
STRUCTURE: Final[dict[str, str]] = {
    "block.count": "an upper bound of the entries; more or fewer than described make the description be read again",
    "block.N.name": "the target by which an entry is joined to its disk",
    "net.count": "an upper bound of the entries; more or fewer than described make the description be read again",
    "net.N.name": "the host's device by which an entry is joined to its NIC",
}

#: Pattern of a key -> why it fills no field.
IGNORED: Final[dict[str, str]] = {
    "cpu.haltpoll.*": "how the host's KVM guessed at idle vCPUs: it tunes the host, and is in cpu.time already",
    "cpu.cache.monitor.*": "occupancy of cache partitions (resctrl): by group of vCPUs and cache bank, not by instance",
    "memory.bandwidth.monitor.*": "bandwidth of resctrl groups: by group of vCPUs and memory node, not by instance",
    "block.N.path": "the image's name; disk.source has it from the description, for kinds without a path too",
    "block.N.threshold": "a setting of whoever waits for the event that it triggers",
    "block.N.limits.*": "limits of images: properties of the storage's format, not statistics",
    "block.N.timed_group.*": "statistics over intervals that the domain's XML has to ask for: minima, maxima and means",
    "block.N.latency_histogram.*": "a distribution, which has no form in the catalogue yet",
    "iothread.count": "the ids are in the keys, and need not be dense",
    "iothread.N.poll-weight": "a setting of newer QEMUs, without a field so far",
    "perf.cmt": "gone with Linux 4.14",
    "perf.mbmt": "gone with Linux 4.14",
    "perf.mbml": "gone with Linux 4.14",
    "vm.*": "the hypervisor's own names, which libvirt promises nothing of",
    # KVM's own names begin under the vCPU's number too; those of libvirt's own with no more than one part are above.
    "vcpu.N.*": "the hypervisor's own names, which libvirt promises nothing of",
}

_OPEN: Final = tuple(pattern[:-1] for pattern in IGNORED if pattern.endswith("*"))
#: vCPU keys of the hypervisor's own have a third part: vcpu.0.exits.sum.
_OWN_ENDINGS: Final = (".cur", ".sum", ".max")


def pattern_of(key: str) -> str:
    """*key* with ``N`` for every number between its dots."""
    return ".".join("N" if part.isdecimal() else part for part in key.split("."))


def unmapped(keys: Iterable[str]) -> set[str]:
    """Those of *keys* that are neither mapped nor ignored: a newer libvirt's, or a hole in this table."""
    return {key for key in keys if not _known(pattern_of(key))}


def _known(pattern: str) -> bool:
    if pattern in MAPPED or pattern in STRUCTURE or pattern in IGNORED:
        return True
    if pattern.startswith("vcpu.N."):
        return pattern.endswith(_OWN_ENDINGS)
    return pattern.startswith(_OPEN)
