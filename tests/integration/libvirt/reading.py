"""How the integration tests look at a guest: a snapshot and its own word, taken while it is quiet."""

from __future__ import annotations

import time

import hvinspect
from hvinspect import DiskStats, InstanceStats, NicStats
from tests.lab.guests import Guest
from tests.lab.truth import GuestCounters


def quiet(hv: hvinspect.Connection, guest: Guest) -> tuple[InstanceStats, GuestCounters]:
    """A snapshot of *guest* and its own counters between which nothing happened.

    Asking costs the guest some CPU time but no disk or network traffic; a stray packet would show in a second
    telling that differs.
    """
    for _ in range(20):
        first = guest.counters()
        stats = hv.snapshot([guest.spec.uuid], timeout=30.0)[guest.spec.uuid]
        second = guest.counters()
        if first.disks == second.disks and first.nics == second.nics:
            return stats, second
        time.sleep(0.2)
    raise AssertionError(f"{guest.spec.name} was never quiet")


def process_state(pid: int) -> str:
    """The letter of the state that the kernel gives: T is stopped."""
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        return file.read().rpartition(")")[2].split()[0]


def wait_until_stopped(pid: int) -> None:
    """A signal is on its way for a moment before the process is in the state it asks for."""
    for _ in range(500):
        if process_state(pid) == "T":
            return
        time.sleep(0.01)
    raise AssertionError(f"process {pid} did not stop: {process_state(pid)}")


def disk_of(stats: InstanceStats, target: str) -> DiskStats:
    """The disk at *target*."""
    return next(disk for disk in stats.disks if disk.name == target)


def nic_of(stats: InstanceStats, mac: str) -> NicStats:
    """The NIC of *mac*."""
    return next(nic for nic in stats.nics if nic.mac == mac)
