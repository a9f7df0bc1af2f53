"""What can be learnt of a guest without hvinspect: its second monitor, /proc, its images' files and its taps."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.lab import second_opinions
from tests.lab.qemu.command import own_monitor_of, tap_of
from tests.lab.qemu.lone import LoneGuest
from tests.lab.specification import DiskSpec

__all__ = ["facts"]

_TICK_NS = 10**9 // os.sysconf("SC_CLK_TCK")
_WAYS = {"rx": "tx", "tx": "rx"}
_WHAT = {"bytes": "bytes", "packets": "packets", "errors": "errors", "drops": "dropped"}
_MIGRATION = {"total_bytes": "total", "processed_bytes": "transferred", "remaining_bytes": "remaining"}


def facts(guest: LoneGuest, *, slack_ns: int = 0) -> dict[str, list[Any]]:
    """By path of the catalogue, the value of each record; *slack_ns* is added to what is cut to ticks."""
    return {
        **_of_process(guest.pid, slack_ns),
        **_of_monitor(guest),
        **_of_disks(guest),
        **_of_nics(guest),
        **_of_host(slack_ns),
        "instance.described_at": [time.time_ns() if slack_ns else time.time_ns() - 60 * 10**9],
        "memory.guest_updated_unix_ns": [time.time_ns() + (slack_ns or -30 * 10**9)],
    }


def _of_process(pid: int, slack_ns: int) -> dict[str, list[Any]]:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    user, system = int(fields[11]) * _TICK_NS, int(fields[12]) * _TICK_NS
    threads = [times for _, times in sorted(second_opinions.vcpu_times(pid).items())]
    lines = (line.split(": ") for line in Path(f"/proc/{pid}/io").read_text().splitlines())
    io = {name: int(value) for name, value in lines}
    return {
        "cpu.time_ns": [user + system + 2 * slack_ns],
        "cpu.user_ns": [user],
        "cpu.system_ns": [system],
        "vcpu.time_ns": [times.run_ns for times in threads],
        "vcpu.delay_ns": [times.delay_ns for times in threads],
        "memory.host_resident_bytes": [second_opinions.resident_kib(pid) * 1024],
        **{f"process_io.{name}": [io[name]] for name in ("read_bytes", "write_bytes", "cancelled_write_bytes")},
    }


def _of_monitor(guest: LoneGuest) -> dict[str, list[Any]]:
    with second_opinions.Monitor(own_monitor_of(guest.spec)) as monitor:
        status = monitor.execute("query-status")["status"]
        blocks = monitor.execute("query-blockstats")
        threads = monitor.execute("query-iothreads")
        dirty = monitor.execute("query-dirty-rate")
        migration = monitor.execute("query-migrate")
    stats = {_device(one): one for one in blocks}
    disks = [stats[disk.target] for disk in _disks(guest)]
    ram = migration.get("ram", {})
    return {
        "stats.native_state": [status],
        "disk.read_time_ns": [one["stats"]["rd_total_time_ns"] for one in disks],
        "disk.write_time_ns": [one["stats"]["wr_total_time_ns"] for one in disks],
        "disk.flush_time_ns": [one["stats"]["flush_total_time_ns"] for one in disks],
        # Of virtio-blk QEMU 7.2 counts none, and the driver gives none.
        "disk.discard_time_ns": [
            one["stats"]["unmap_total_time_ns"] if disk.bus == "scsi" else None
            for disk, one in zip(_disks(guest), disks, strict=True)
        ],
        "disk.highest_written_bytes": [(one.get("parent") or one)["stats"]["wr_highest_offset"] for one in disks],
        "iothread.poll_maximum_ns": [one["poll-max-ns"] for one in threads],
        "iothread.poll_grow": [one["poll-grow"] for one in threads],
        "iothread.poll_shrink": [one["poll-shrink"] for one in threads],
        "dirty_rate.mode": [dirty["mode"]],
        "dirty_rate.started_host_ns": [dirty["start-time"] * 10**9],
        "dirty_rate.period_ns": [dirty["calc-time"] * 10**9],
        "dirty_rate.memory_bytes_per_s": [dirty["dirty-rate"] << 20] if "dirty-rate" in dirty else [None],
        "job.active": [migration.get("status") == "active"],
        "job.operation": ["migration_out"],
        "job.elapsed_ns": [migration.get("total-time", 0) * 10**6],
        **{f"job.{name}": [ram.get(said)] for name, said in _MIGRATION.items()},
    }


def _disks(guest: LoneGuest) -> list[DiskSpec]:
    return sorted(guest.spec.disks, key=lambda disk: disk.target)


def _device(entry: Mapping[str, Any]) -> str:
    # Such as /machine/peripheral/vda/virtio-backend.
    parts = str(entry.get("qdev", "")).split("/")
    return parts[3] if len(parts) > 3 else parts[0]


def _of_disks(guest: LoneGuest) -> dict[str, list[Any]]:
    files = [guest.spec.image_of(disk).stat() for disk in _disks(guest)]
    return {
        "disk.host_allocated_bytes": [file.st_blocks * 512 for file in files],
        # QEMU counts in sectors, and the last may be begun.
        "disk.host_length_bytes": [-(-file.st_size // 512) * 512 for file in files],
    }


def _of_nics(guest: LoneGuest) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for number, nic in enumerate(guest.spec.nics):
        counters = None if nic.kind == "user" else second_opinions.tap_statistics(tap_of(guest.spec, number))
        for way, side in _WAYS.items():
            for what, said in _WHAT.items():
                value = None if counters is None else counters[f"{side}_{said}"]
                found.setdefault(f"nic.{way}_{what}", []).append(value)
    return found


def _of_host(slack_ns: int) -> dict[str, list[Any]]:
    user, nice, system, idle, iowait, irq, softirq = (
        int(one) * _TICK_NS for one in Path("/proc/stat").read_text().splitlines()[0].split()[1:8]
    )
    memory = {
        name: int(rest.split()[0]) * 1024
        for name, _, rest in (line.partition(":") for line in Path("/proc/meminfo").read_text().splitlines())
    }
    return {
        "host.incarnation": [Path("/proc/sys/kernel/random/boot_id").read_text().strip()],
        "host.hostname": [platform.node()],
        "host.hypervisor": ["QEMU"],
        "host.cpus": [os.cpu_count()],
        "host.user_ns": [user + nice + slack_ns],
        "host.system_ns": [system + irq + softirq + slack_ns],
        "host.idle_ns": [idle + slack_ns],
        "host.iowait_ns": [iowait + slack_ns],
        "host.memory_total_bytes": [memory["MemTotal"]],
        "host.memory_free_bytes": [memory["MemFree"]],
        "host.memory_available_bytes": [memory["MemAvailable"]],
    }
