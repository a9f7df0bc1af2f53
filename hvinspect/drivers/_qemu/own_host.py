"""The host's own CPU time and memory, out of /proc."""

from __future__ import annotations

import os
import socket
from typing import Any

from hvinspect.driver import Absence, Absences, HostStats, Reason, Span, this_boot

from . import absences
from .places import Places

__all__ = ["host_stats"]

_KIB = 1024
_MEMORY = {
    "memory_total_bytes": "MemTotal",
    "memory_free_bytes": "MemFree",
    "memory_available_bytes": "MemAvailable",
}


def host_stats(places: Places, taken: Span) -> HostStats:
    """The record of the host."""
    absent: dict[str, Absence] = {"uuid": absences.NO_HOST_UUID, "hypervisor_version": absences.MANY_VERSIONS}
    return HostStats(
        incarnation=this_boot(),
        hostname=socket.gethostname(),
        hypervisor="QEMU",
        **_cpu(_lines(f"{places.proc}/stat"), absent),
        **_memory(_lines(f"{places.proc}/meminfo"), absent),
        taken=taken,
        absences=Absences(absent),
    )


def _lines(path: str) -> list[list[str]]:
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return [line.split() for line in file]
    except OSError:
        return []


def _cpu(lines: list[list[str]], absent: dict[str, Absence]) -> dict[str, Any]:
    tick_ns = 1_000_000_000 // os.sysconf("SC_CLK_TCK")
    ticks = next(([int(word) for word in words[1:] if word.isdecimal()] for words in lines if words[:1] == ["cpu"]), [])
    cpus = sum(bool(words) and words[0].startswith("cpu") and words[0] != "cpu" for words in lines)
    if len(ticks) < 7:
        absent.update(dict.fromkeys(("cpus", "user_ns", "system_ns", "idle_ns", "iowait_ns"), _UNREADABLE))
        return {}
    user, nice, system, idle, iowait, irq, softirq = (one * tick_ns for one in ticks[:7])
    return {
        "cpus": cpus,
        "user_ns": user + nice,
        "system_ns": system + irq + softirq,
        "idle_ns": idle,
        "iowait_ns": iowait,
    }


def _memory(lines: list[list[str]], absent: dict[str, Absence]) -> dict[str, Any]:
    numbers = {words[0].rstrip(":"): int(words[1]) for words in lines if len(words) > 1 and words[1].isdecimal()}
    absent.update({field: _UNREADABLE for field, name in _MEMORY.items() if name not in numbers})
    return {field: numbers[name] * _KIB for field, name in _MEMORY.items() if name in numbers}


_UNREADABLE = Absence(Reason.FAILED, "the host's /proc does not have it")
