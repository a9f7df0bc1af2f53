"""One look at a guest from outside libvirt, as plain values that JSON keeps: /proc, /sys, cgroups, QMP, image files."""

from __future__ import annotations

import os
import re
import socket
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, TypeAlias

from tests.lab import second_opinions
from tests.lab.guests import Guest
from tests.lab.inhabitant import Inhabitant

#: Nested dictionaries of numbers and texts.
Truth: TypeAlias = dict[str, Any]

_LINKS: Final = Path("/sys/class/net")
_TICK_NS: Final = 10**9 // os.sysconf("SC_CLK_TCK")
_MACHINE: Final = re.compile(r"(?P<path>.*/(?:qemu|lxc)-(?P<id>\d+)-[^/]*\.libvirt-(?:qemu|lxc))")


def of_guest(guest: Guest, *, images: Mapping[str, Path], taps: tuple[str, ...]) -> Truth:
    """What the host sees of a guest's QEMU, and what that says on the lab's own monitor."""
    with second_opinions.Monitor(guest.spec.monitor_socket) as monitor:
        return {
            "unix_s": time.time(),
            "qmp": _monitored(monitor),
            "process": of_process(guest.pid),
            "taps": {tap: second_opinions.tap_statistics(tap) for tap in taps},
            "images": {
                name: {"allocated": path.stat().st_blocks * 512, "length": _length(path)}
                for name, path in images.items()
            },
            "host": of_host(),
        }


def of_inhabitant(inhabitant: Inhabitant) -> Truth:
    """What a guest or container counts itself."""
    truth = asdict(inhabitant.counters())
    # As JSON has them.
    truth["cpus"] = {str(number): times for number, times in truth["cpus"].items()}
    return truth


def of_process(pid: int) -> Truth:
    """A process, its threads and its machine's cgroup."""
    machine = _machine(pid)
    return {
        "resident_bytes": second_opinions.resident_kib(pid) * 1024,
        "native_id": machine["id"],
        "cgroup": _cgroup(machine["path"]),
        "vcpus": {
            str(number): {"run_ns": times.run_ns, "delay_ns": times.delay_ns}
            for number, times in second_opinions.vcpu_times(pid).items()
        },
        "main_thread": _thread(pid),
    }


def tap_of(pid: int, mac: str) -> str:
    """The tap of the card *mac*: of those that this QEMU has open, the one with the card's address."""
    for descriptor in Path(f"/proc/{pid}/fdinfo").iterdir():
        found = re.search(r"^iff:\s+(\S+)", descriptor.read_text(), flags=re.MULTILINE)
        # libvirt gives it another first byte, for the bridge must not take it for the guest's own.
        if found and (_LINKS / found[1] / "address").read_text().strip()[2:] == mac[2:]:
            return found[1]
    raise LookupError(f"process {pid} has no tap of {mac}")


def tap_of_container(controller: int) -> str:
    """The host's end of the one card of the container that process *controller* keeps."""
    (init,) = Path(f"/proc/{controller}/task/{controller}/children").read_text().split()
    other_end = Path(f"/proc/{init}/root/sys/class/net/eth0/iflink").read_text()
    (name,) = (link.name for link in _LINKS.iterdir() if (link / "ifindex").read_text() == other_end)
    return name


def of_host() -> Truth:
    """The host's own numbers, libvirt's words for the columns of /proc/stat."""
    user, nice, system, idle, wait, interrupt, soft = _column_of_cpu()[:7]
    memory = dict(re.findall(r"^(\w+):\s+(\d+) kB", Path("/proc/meminfo").read_text(), flags=re.MULTILINE))
    return {
        "hostname": socket.gethostname(),
        "cpus": os.sysconf("SC_NPROCESSORS_ONLN"),
        "user_ns": (user + nice) * _TICK_NS,
        "system_ns": (system + interrupt + soft) * _TICK_NS,
        "idle_ns": idle * _TICK_NS,
        "iowait_ns": wait * _TICK_NS,
        "memory_total_bytes": int(memory["MemTotal"]) * 1024,
        "memory_free_bytes": int(memory["MemFree"]) * 1024,
    }


def _column_of_cpu() -> list[int]:
    return [int(value) for value in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]


def _length(path: Path) -> int:
    with path.open("rb") as file:
        # Of a block device stat gives none.
        return file.seek(0, os.SEEK_END)


def _thread(pid: int) -> Truth:
    task = Path(f"/proc/{pid}/task/{pid}")
    fields = (task / "stat").read_text().rpartition(")")[2].split()
    status = dict(re.findall(r"^(\w+):\s+(\d+)", (task / "status").read_text(), flags=re.MULTILINE))
    moves = re.search(r"se\.nr_migrations\s*:\s*(\d+)", (task / "sched").read_text())
    return {
        "page_faults": int(fields[7]) + int(fields[9]),
        "minor_page_faults": int(fields[7]),
        "major_page_faults": int(fields[9]),
        "context_switches": int(status["voluntary_ctxt_switches"]) + int(status["nonvoluntary_ctxt_switches"]),
        "run_ns": int((task / "schedstat").read_text().split()[0]),
        "cpu_migrations": int(moves[1]) if moves else None,
    }


def _machine(pid: int) -> re.Match[str]:
    for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        machine = _MACHINE.match(path)
        if machine and (not controllers or "cpuacct" in controllers.split(",")):
            return machine
    raise LookupError(f"process {pid} is in no machine's cgroup")


def _cgroup(path: str) -> Truth:
    below = path.lstrip("/")
    first = Path("/sys/fs/cgroup/cpuacct") / below
    if first.is_dir():
        ticks = dict(line.split() for line in (first / "cpuacct.stat").read_text().splitlines())
        memory = Path("/sys/fs/cgroup/memory") / below
        return {
            "time_ns": int((first / "cpuacct.usage").read_text()),
            "user_ns": int(ticks["user"]) * _TICK_NS,
            "system_ns": int(ticks["system"]) * _TICK_NS,
            "memory_bytes": int((memory / "memory.usage_in_bytes").read_text()),
            "memory_limit_bytes": int((memory / "memory.limit_in_bytes").read_text()),
        }
    unified = Path("/sys/fs/cgroup") / below
    times = dict(line.split() for line in (unified / "cpu.stat").read_text().splitlines())
    limit = (unified / "memory.max").read_text().strip()
    return {
        "time_ns": int(times["usage_usec"]) * 1000,
        "user_ns": int(times["user_usec"]) * 1000,
        "system_ns": int(times["system_usec"]) * 1000,
        "memory_bytes": int((unified / "memory.current").read_text()),
        "memory_limit_bytes": int(limit) if limit.isdecimal() else None,
    }


def _monitored(monitor: second_opinions.Monitor) -> Truth:
    blocks: Truth = {}
    for entry in monitor.execute("query-blockstats"):
        parts = str(entry.get("qdev", "")).split("/")
        name = parts[3] if len(parts) > 3 else parts[0]
        blocks[name] = {
            **{key: value for key, value in entry["stats"].items() if isinstance(value, int)},
            # libvirt tells it of the image's file, which for anything but raw is not where the guest wrote to.
            "file_highest": entry.get("parent", {}).get("stats", {}).get("wr_highest_offset"),
        }
    balloon = monitor.execute("qom-get", path="/machine/peripheral/balloon0", property="guest-stats")
    return {
        "status": monitor.execute("query-status")["status"],
        "version": ".".join(
            str(monitor.execute("query-version")["qemu"][part]) for part in ("major", "minor", "micro")
        ),
        "blocks": blocks,
        "iothreads": {one["id"].removeprefix("iothread"): one for one in monitor.execute("query-iothreads")},
        "dirty_rate": monitor.execute("query-dirty-rate"),
        "assigned_bytes": monitor.execute("query-balloon")["actual"],
        "maximum_bytes": monitor.execute("query-memory-size-summary")["base-memory"],
        "balloon": {**balloon["stats"], "last-update": balloon["last-update"]},
        "vcpus": [one["cpu-index"] for one in monitor.execute("query-cpus-fast")],
        "vcpus_maximum": len(monitor.execute("query-hotpluggable-cpus")),
    }
