"""Guests that are stopped by the dozen, what a snapshot owes of them all the same, and how busy libvirtd is."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import final

from hvinspect import InstanceStats, Snapshot, State
from hvinspect.driver import CATALOGUE, Kind
from tests.integration.libvirt.reading import wait_until_stopped
from tests.lab import requirements
from tests.lab.guests import Guest

_NIC_COUNTERS = tuple(one.name for one in CATALOGUE.values() if one.record == "nic" and one.kind is Kind.COUNTER)


@contextmanager
def stopped(guests: Iterable[Guest]) -> Iterator[None]:
    """All their QEMUs stopped at once, while the context lasts."""
    chosen = tuple(guests)
    with ExitStack() as stack:
        for guest in chosen:
            stack.enter_context(guest.stopped())
        for guest in chosen:
            wait_until_stopped(guest.pid)
        yield


def is_complete(stats: InstanceStats) -> bool:
    """Has it all that a guest gives whose monitor answers?"""
    return (
        stats.cpu.user_ns is not None
        and stats.memory.host_resident_bytes is not None
        and bool(stats.disks)
        and all(disk.read_bytes is not None for disk in stats.disks)
        and has_the_daemons_part(stats)
    )


def has_the_daemons_part(stats: InstanceStats) -> bool:
    """Has it all that libvirtd knows without asking the guest's QEMU?"""
    return (
        stats.state in {State.RUNNING, State.PAUSED}
        and stats.cpu.time_ns is not None
        and bool(stats.cpu.vcpus)
        and all(vcpu.time_ns is not None for vcpu in stats.cpu.vcpus)
        and bool(stats.nics)
        and all(getattr(nic, name) is not None for nic in stats.nics for name in _NIC_COUNTERS)
    )


def complete(snapshot: Snapshot) -> set[str]:
    """The keys of those that are complete in it."""
    return {stats.instance.key for stats in snapshot if is_complete(stats)}


def keys(guests: Iterable[Guest]) -> set[str]:
    """How a snapshot calls them."""
    return {guest.spec.uuid for guest in guests}


@final
class CpuTimes:
    """Sees to it that no CPU time falls from one snapshot to the next."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, str], int] = {}

    def check(self, snapshot: Snapshot) -> None:
        """Compare it with all that came before."""
        for stats in snapshot:
            if (time_ns := stats.cpu.time_ns) is not None:
                key = stats.instance.key, stats.incarnation
                assert time_ns >= self._last.get(key, 0), stats.instance.name
                self._last[key] = time_ns

    @property
    def lives(self) -> int:
        """How many incarnations were seen, of all guests together."""
        return len(self._last)


def busy_workers() -> int:
    """How many of libvirtd's workers are at a request, by its own word."""
    reply = subprocess.run(
        [requirements.program("virt-admin"), "server-threadpool-info", "libvirtd"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout
    figures = {name: int(value) for name, value in re.findall(r"(\w+)\s*:\s*(\d+)", reply)}
    return figures["nWorkers"] - figures["freeWorkers"]
