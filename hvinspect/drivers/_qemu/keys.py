"""Everything that QEMU's answers have: which field of the catalogue it fills, or why it fills none. No I/O here.

A key is the command and the way to the value, without the places in lists: ``query-blockstats stats.rd_bytes``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

__all__ = ["IGNORED", "MAPPED", "STRUCTURE", "keys_of", "unmapped"]

_STATS = "query-blockstats stats."
_BELOW = "query-blockstats parent.stats."

#: Key -> the paths of the catalogue that its value decides.
MAPPED: Final[dict[str, tuple[str, ...]]] = {
    "query-uuid UUID": ("instance.key", "instance.uuid"),
    "query-name name": ("instance.name",),
    "query-status status": ("stats.state", "stats.native_state"),
    "query-cpus-fast cpu-index": ("vcpu.index", "cpu.vcpus_online"),
    "query-cpus-fast thread-id": ("vcpu.time_ns", "vcpu.delay_ns", "vcpu.wait_ns", "vcpu.incarnation"),
    "query-stats stats.value": ("vcpu.halted",),
    "query-balloon actual": ("memory.assigned_bytes",),
    "query-memory-size-summary base-memory": ("memory.maximum_bytes",),
    "query-memory-size-summary plugged-memory": ("memory.maximum_bytes",),
    "guest-stats last-update": ("memory.guest_updated_unix_ns",),
    "guest-stats stats.stat-total-memory": ("memory.guest_total_bytes",),
    "guest-stats stats.stat-free-memory": ("memory.guest_unused_bytes",),
    "guest-stats stats.stat-available-memory": ("memory.guest_usable_bytes",),
    "guest-stats stats.stat-disk-caches": ("memory.guest_caches_bytes",),
    "guest-stats stats.stat-swap-in": ("memory.guest_swap_in_bytes",),
    "guest-stats stats.stat-swap-out": ("memory.guest_swap_out_bytes",),
    "guest-stats stats.stat-major-faults": ("memory.guest_major_faults",),
    "guest-stats stats.stat-minor-faults": ("memory.guest_minor_faults",),
    "guest-stats stats.stat-htlb-pgalloc": ("memory.guest_hugetlb_allocations",),
    "guest-stats stats.stat-htlb-pgfail": ("memory.guest_hugetlb_failures",),
    f"{_STATS}rd_bytes": ("disk.read_bytes",),
    f"{_STATS}rd_operations": ("disk.read_requests",),
    f"{_STATS}rd_total_time_ns": ("disk.read_time_ns",),
    f"{_STATS}wr_bytes": ("disk.write_bytes",),
    f"{_STATS}wr_operations": ("disk.write_requests",),
    f"{_STATS}wr_total_time_ns": ("disk.write_time_ns",),
    f"{_STATS}flush_operations": ("disk.flush_requests",),
    f"{_STATS}flush_total_time_ns": ("disk.flush_time_ns",),
    f"{_STATS}unmap_bytes": ("disk.discard_bytes",),
    f"{_STATS}unmap_operations": ("disk.discard_requests",),
    f"{_STATS}unmap_total_time_ns": ("disk.discard_time_ns",),
    **{f"{_STATS}failed_{kind}_operations": ("disk.failed_requests",) for kind in ("rd", "wr", "flush", "unmap")},
    f"{_STATS}wr_highest_offset": ("disk.highest_written_bytes",),
    f"{_BELOW}wr_highest_offset": ("disk.highest_written_bytes",),
    "query-blockstats node-name": ("disk.incarnation",),
    "query-blockstats qdev": ("disk.key", "disk.alias", "disk.incarnation"),
    "query-blockstats device": ("disk.key",),
    "query-block qdev": ("disk.key", "disk.alias", "disk.incarnation"),
    "query-block device": ("disk.key",),
    "query-block inserted.node-name": ("disk.incarnation",),
    "query-block inserted.file": ("disk.source", "disk.kind"),
    "query-block inserted.image.virtual-size": ("disk.capacity_bytes",),
    "query-block inserted.image.actual-size": ("disk.host_allocated_bytes",),
    "query-named-block-nodes image.virtual-size": ("disk.host_length_bytes",),
    "query-iothreads poll-max-ns": ("iothread.poll_maximum_ns",),
    "query-iothreads poll-grow": ("iothread.poll_grow",),
    "query-iothreads poll-shrink": ("iothread.poll_shrink",),
    "query-migrate status": ("job.active", "job.operation"),
    "query-migrate total-time": ("job.elapsed_ns",),
    "query-migrate ram.total": ("job.total_bytes",),
    "query-migrate ram.transferred": ("job.processed_bytes",),
    "query-migrate ram.remaining": ("job.remaining_bytes",),
    "query-dirty-rate status": ("dirty_rate.status",),
    "query-dirty-rate mode": ("dirty_rate.mode",),
    "query-dirty-rate start-time": ("dirty_rate.started_host_ns",),
    "query-dirty-rate calc-time": ("dirty_rate.period_ns",),
    "query-dirty-rate calc-time-unit": ("dirty_rate.period_ns",),
    "query-dirty-rate dirty-rate": ("dirty_rate.memory_bytes_per_s",),
}

#: What says which vCPU, disk or image something is of.
STRUCTURE: Final[dict[str, str]] = {
    "query-cpus-fast qom-path": "joins a vCPU to what query-stats says of it",
    "query-stats qom-path": "the vCPU that an entry is of",
    "query-stats stats.name": "which statistic an entry is",
    "query-blockstats parent.node-name": "the file below the image, whose length query-named-block-nodes has",
    "query-named-block-nodes node-name": "which image or file an entry is of",
    "guest-stats-polling-interval": "tells why the guest has reported nothing",
    "qom-list name": "where the balloon is",
    "qom-list type": "whether a device is a balloon",
}

#: Key, or the beginning of keys before a star -> why it fills no field.
IGNORED: Final[dict[str, str]] = {
    "query-status running": "a part of the status",
    "query-status singlestep": "of the emulator's debugger",
    "query-cpus-fast props.*": "where a vCPU is in the guest's topology, without a field",
    "query-cpus-fast target": "the architecture, a property of the machine",
    "query-cpus-fast cpu-state": "on s390 alone, without a counterpart elsewhere",
    "query-stats provider": "kvm: no other is asked for",
    **{
        f"{_STATS}{name}": why
        for name, why in {
            "rd_merged": "requests that QEMU joined: they are in the number of requests before that",
            "wr_merged": "as rd_merged",
            "unmap_merged": "as rd_merged",
            "idle_time_ns": "time since the last request: tells nothing that two snapshots do not",
            "account_failed": "a setting: whether the time of failed requests is counted",
            "account_invalid": "a setting: whether the time of refused requests is counted",
            "invalid_rd_operations": "requests that the device refused before any I/O: the guest's own mistakes",
            "invalid_wr_operations": "as invalid_rd_operations",
            "invalid_flush_operations": "as invalid_rd_operations",
            "invalid_unmap_operations": "as invalid_rd_operations",
            "invalid_zone_append_operations": "as invalid_rd_operations",
            "timed_stats.*": "minima, maxima and means over intervals that QEMU has to be asked to keep",
            "rd_latency_histogram.*": "a distribution, which has no form in the catalogue yet",
            "wr_latency_histogram.*": "as rd_latency_histogram",
            "flush_latency_histogram.*": "as rd_latency_histogram",
            "zone_append_latency_histogram.*": "as rd_latency_histogram",
            "zone_append_bytes": "of zoned disks, without a field so far",
            "zone_append_operations": "of zoned disks, without a field so far",
            "zone_append_total_time_ns": "of zoned disks, without a field so far",
            "zone_append_merged": "of zoned disks, without a field so far",
            "failed_zone_append_operations": "of zoned disks, without a field so far",
        }.items()
    },
    **{
        f"guest-stats stats.stat-{name}": "how the guest's kernel fared with its memory (QEMU 9.1), without a field"
        for name in (
            "oom-kills",
            "alloc-stalls",
            "async-scans",
            "direct-scans",
            "async-reclaims",
            "direct-reclaims",
        )
    },
    f"{_BELOW}*": "the file's own requests, which are the image's format's, not the guest's",
    "query-blockstats parent.driver-specific.*": "as driver-specific",
    "query-blockstats parent.parent.*": "the file below the file",
    "query-blockstats driver-specific.*": "how a driver of storage fared, not the guest",
    "query-blockstats backing.*": "the images below, which many guests may share",
    "query-block io-status": "the status says io-error when a guest is held by one",
    "query-block type": "always unknown",
    "query-block removable": "a property of the drive, without a field",
    "query-block locked": "a state of the drive, without a field",
    "query-block tray_open": "a state of the drive, without a field",
    "query-block dirty-bitmaps.*": "of backups",
    "query-block inserted.*": "how the image is opened and limited: settings, without a field",
    "query-named-block-nodes *": "the same of each image as query-block has of the one on top",
    "query-iothreads id": "its place in the list is the index: an id may be any text",
    "query-iothreads thread-id": "I/O threads have no times in the catalogue",
    "query-iothreads aio-max-batch": "a setting, without a field",
    "query-migrate *": "how a migration goes on, of which the catalogue has the sizes",
    "query-dirty-rate sample-pages": "how it was measured",
    "query-dirty-rate vcpu-dirty-rate.*": "per vCPU, by dirty rings alone, which KVM has to be started with",
}
_OPEN: Final = tuple(key[:-1] for key in IGNORED if key.endswith("*"))
#: Id of a command -> what its answer is called here.
_ANSWERS: Final = {
    "uuid": "query-uuid", "name": "query-name", "status": "query-status", "cpus": "query-cpus-fast",
    "halted": "query-stats", "balloon": "query-balloon", "memory": "query-memory-size-summary",
    "guest-stats": "guest-stats", "blockstats": "query-blockstats", "block": "query-block",
    "nodes": "query-named-block-nodes", "iothreads": "query-iothreads", "migrate": "query-migrate",
    "dirty-rate": "query-dirty-rate",
}  # fmt: skip


def keys_of(answers: Mapping[str, Any]) -> set[str]:
    """Every key of *answers*, which are by the ids of the commands."""
    return {
        f"{_ANSWERS[name]} {way}" for name, answer in answers.items() if name in _ANSWERS for way in _ways(answer, "")
    }


def unmapped(answers: Mapping[str, Any]) -> set[str]:
    """Those keys that are neither mapped nor ignored: a newer QEMU's, or a hole in this table."""
    return {
        key
        for key in keys_of(answers)
        if key not in MAPPED and key not in STRUCTURE and key not in IGNORED and not key.startswith(_OPEN)
    }


def _ways(value: Any, way: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _ways(one, f"{way}.{name}" if way else str(name))
    elif isinstance(value, list):
        for one in value:
            yield from _ways(one, way)
    else:
        yield way
