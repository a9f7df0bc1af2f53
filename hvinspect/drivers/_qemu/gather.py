"""What the host knows of one QEMU: its process, the threads of its vCPUs, its taps. Nothing here asks its monitor."""

from __future__ import annotations

import os
import re
import socket
import time
from collections.abc import Mapping
from typing import final

from hvinspect.driver import (
    Absence,
    Group,
    NicCounters,
    ProcessLook,
    QemuProcesses,
    Stopwatch,
    StorageCounters,
    ThreadTimes,
)

from . import absences
from .found import Description, Tap, Thread
from .places import Places

__all__ = ["Host", "describe", "is_stale", "threads_by_name"]

#: Of the threads that QEMU names "CPU 0/KVM"; one that runs all vCPUs is "ALL CPUs/TCG".
_VCPU = re.compile(r"CPU (\d{1,5})/.*")
#: No description is older than a minute, and not all are read again in one snapshot.
_OLDEST_NS, _SPREAD_NS = 30_000_000_000, 20_000_000_000


def describe(processes: QemuProcesses, places: Places, pid: int, own_namespaces: tuple[str, str]) -> Description:
    """What seldom changes of the process *pid*; *own_namespaces* are this process's, of net and pid."""
    descriptors = files = taps = namespace = inner = None
    try:
        descriptors = processes.descriptors(pid)
        # Where it is another number, it is not that of the files.
        files = len(descriptors) if processes.open_files(pid) == len(descriptors) else None
        taps = processes.taps(pid, descriptors)
        own_net, own_pid = own_namespaces
        namespace = processes.namespace(pid, "net")
        namespace = None if namespace == own_net else namespace
        inner = processes.inner_threads(pid) if processes.namespace(pid, "pid") != own_pid else None
    except PermissionError:
        pass  # what was had by then stands
    return Description(
        read_ns=time.monotonic_ns(),
        read_unix_ns=time.time_ns(),
        descriptors=descriptors,
        files=files,
        bridges={name: bridge for name in {*(taps or {}).values()} if (bridge := _bridge(places, name)) is not None},
        taps=taps,
        namespace=namespace,
        inner=inner,
    )


def _bridge(places: Places, name: str) -> str | None:
    try:
        return os.path.basename(os.readlink(f"{places.sys}/class/net/{name}/master"))  # noqa: PTH115, PTH119  # no Path: for each tap
    except OSError:
        return None


def is_stale(processes: QemuProcesses, pid: int, description: Description, now_ns: int) -> bool:
    """Has the process opened or closed anything since, or is it time to look again?"""
    if now_ns - description.read_ns > _OLDEST_NS + pid * 7919 % _SPREAD_NS:
        return True
    if description.files is not None:
        # The kernel gives out the lowest number that is free, so the numbers themselves would hardly tell more.
        return processes.open_files(pid) != description.files
    return description.descriptors is not None and processes.descriptors(pid) != description.descriptors


def threads_by_name(processes: QemuProcesses, pid: int) -> dict[int, int] | Absence:
    """vCPU -> thread, as QEMU named its threads; why that does not tell, if it does not."""
    names = processes.threads(pid)
    found = {int(match[1]): thread for thread, name in names.items() if (match := _VCPU.fullmatch(name))}
    if found:
        return found
    return absences.SHARED_THREAD if any(name.startswith("ALL CPUs/") for name in names.values()) else absences.NO_NAMES


@final
class Host:
    """The host at the time of one snapshot. What all QEMUs share is read once."""

    def __init__(self, processes: QemuProcesses, groups: frozenset[Group]) -> None:
        self._processes = processes
        self._tables: dict[str | None, Mapping[str, NicCounters]] = {}
        self._indexes: dict[str, int] | None = None
        self._looks: dict[str, ProcessLook] = {}
        self._watches: dict[str, Stopwatch] = {}
        self._keeps_statistics = Group.CPU in groups and processes.keeps_statistics()

    def look(self, key: str, pid: int, started: int) -> ProcessLook:
        """One look at the process that began then, which is the instance *key*; the first is kept.

        Raises:
            ProcessLookupError: it has ended, whether or not another has its id now.
        """
        look = self._looks.get(key)
        if look is None:
            self.watch(key)
            look = self._processes.look(pid)
            if look.started != started or look.state in "ZXx":
                raise ProcessLookupError(f"process {pid} has ended")
            self._looks[key] = look
        return look

    def watch(self, key: str) -> Stopwatch:
        """Started when the instance *key* was first looked at."""
        watch = self._watches.get(key)
        if watch is None:
            watch = self._watches[key] = Stopwatch()
        return watch

    def forget(self, key: str) -> None:
        """Look at the instance *key* anew."""
        self._looks.pop(key, None)
        self._watches.pop(key, None)

    def threads(self, pid: int, threads: Mapping[int, int]) -> dict[int, Thread]:
        """The threads of vCPUs, of which one that has ended is not there."""
        found: dict[int, Thread] = {}
        shared = len(set(threads.values())) < len(threads)
        for index, thread in threads.items():
            try:
                times: ThreadTimes | Absence = absences.SHARED_THREAD if shared else self._processes.thread(pid, thread)
                found[index] = Thread(thread, times, self._waited(pid, thread, shared=shared))
            except ProcessLookupError:
                continue
            except PermissionError:
                found[index] = Thread(thread, absences.NOT_OWN, absences.NOT_OWN)
        return found

    def _waited(self, pid: int, thread: int, *, shared: bool) -> int | Absence:
        if not self._keeps_statistics or shared:
            return absences.SHARED_THREAD if shared else absences.NO_SCHEDSTATS
        # One that ever ran has waited some nanoseconds: 0 is of a thread that began before the statistics.
        return self._processes.waited_ns(pid, thread) or absences.NO_SCHEDSTATS

    def storage(self, pid: int) -> StorageCounters | Absence:
        """What the process moved to and from storage; why that is not told."""
        try:
            return self._processes.storage(pid) or absences.NO_IO_ACCOUNTING
        except PermissionError:
            return absences.NOT_OWN

    def taps(self, pid: int, description: Description) -> dict[str, Tap | None] | Absence:
        """The taps that it has open; None is one that is in neither namespace."""
        if description.taps is None:
            return absences.NOT_OWN
        names = sorted(set(description.taps.values()))
        if not names:
            return {}
        table = self._table(pid, description.namespace)
        # A tap may have been made here and its QEMU be elsewhere.
        here = self._table(pid, None) if any(name not in table for name in names) else table
        return {name: self._tap(name, table, here, description) for name in names}

    def _tap(
        self,
        name: str,
        table: Mapping[str, NicCounters],
        here: Mapping[str, NicCounters],
        description: Description,
    ) -> Tap | None:
        if name in table and description.namespace is not None:
            return Tap(table[name], None, None, is_here=False)
        if name not in here:
            return None
        if self._indexes is None:
            self._indexes = {one: index for index, one in socket.if_nameindex()}
        return Tap(here[name], self._indexes.get(name), description.bridges.get(name), is_here=True)

    def _table(self, pid: int, namespace: str | None) -> Mapping[str, NicCounters]:
        table = self._tables.get(namespace)
        if table is None:
            try:
                table = self._processes.nics("self" if namespace is None else pid)
            except PermissionError:
                table = {}
            self._tables[namespace] = table
        return table
