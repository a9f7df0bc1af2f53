# pyright: strict
"""Machines of systemd-nspawn, read from their control groups (version 2): ``nspawn:`` or ``nspawn:FOLDER``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Self

import hvinspect.driver as api
from hvinspect.driver import Absences, Group, Reason, State, blank

UNIT = re.compile(r"(?:systemd-nspawn@(?P<service>.+)\.service|machine-(?P<scope>.+)\.scope)")
NOT_COUNTED = api.Absence(Reason.UNSUPPORTED, "a control group does not count it")
NOT_ASKED = api.Absence(Reason.NOT_REQUESTED, "its group was not asked for")
NO_LIMIT = api.Absence(Reason.NOT_CONFIGURED, "the machine has no limit of memory")
SOURCES = {Group.STATE: "cgroup.events", Group.CPU: "cpu.stat", Group.MEMORY: "memory.*"}
NEVER: tuple[str, ...] = ("disks", "nics", "iothreads", "state_reason", "supplied_rates")
CPU = ("time_ns", "user_ns", "system_ns")
MEMORY = ("host_resident_bytes", "maximum_bytes")
WHO = {"instance.key", "instance.name", "instance.driver", "stats.incarnation", "stats.state", "stats.native_state"}
GIVEN = WHO | {f"cpu.{name}" for name in CPU} | {f"memory.{name}" for name in MEMORY}


class NspawnDriver(api.Driver):
    """The machines of one slice."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @classmethod
    def open(cls, request: api.OpenRequest) -> Self:
        folder = Path(request.target.rest or "/sys/fs/cgroup/machine.slice")
        if not folder.is_dir():
            raise api.ConnectFailed(f"there is no {folder}: no machine ran since the boot, or cgroups are of version 1")
        return cls(folder)

    def inventory(self, request: api.InventoryRequest) -> Sequence[api.Instance]:
        try:
            units = sorted(entry.name for entry in self._folder.iterdir() if UNIT.fullmatch(entry.name))
        except PermissionError as exc:
            raise api.AccessDenied(f"{self._folder} cannot be read: {exc}") from exc
        except OSError as exc:
            raise api.ConnectionLost(f"{self._folder} is gone: {exc}") from exc
        return [api.Instance(key=unit, name=machine_of(unit), driver="nspawn") for unit in units]

    def read(self, request: api.ReadRequest) -> Iterator[api.InstanceStats | api.Failure]:
        for instance in request.instances:
            try:
                yield stats_of(self._folder / instance.key, instance, request.groups)
            except FileNotFoundError as exc:
                yield api.Failure(instance=instance, reason=Reason.VANISHED, detail=str(exc))
            except PermissionError as exc:
                yield api.Failure(instance=instance, reason=Reason.DENIED, detail=str(exc))

    def provides(self, request: api.ProvidesRequest) -> Mapping[str, api.Absence | None]:
        return {path: None if path in GIVEN else NOT_COUNTED for path in api.CATALOGUE}

    def origin(self, request: api.OriginRequest) -> api.Origin:
        sources = {group: f"{file} of the machine's control group" for group, file in SOURCES.items()}
        return api.Origin(hypervisor="systemd-nspawn", sources=sources)

    def close(self) -> None:
        pass


def machine_of(unit: str) -> str:
    r"""The machine's name; what a unit's name may not have, systemd writes as \x2d."""
    found = UNIT.fullmatch(unit)
    escaped = (found["service"] or found["scope"]) if found else unit
    return re.sub(r"\\x([0-9a-f]{2})", lambda match: chr(int(match[1], 16)), escaped)


def stats_of(folder: Path, instance: api.Instance, groups: frozenset[Group]) -> api.InstanceStats:
    watch = api.Stopwatch()
    missing = dict.fromkeys(NEVER, NOT_COUNTED)
    state, native = None, None
    if Group.STATE in groups:
        native = (folder / "cgroup.events").read_text().strip().replace("\n", ", ")
        state = State.SHUT_OFF if "populated 0" in native else State.PAUSED if "frozen 1" in native else State.RUNNING
    else:
        missing |= {"state": NOT_ASKED, "native_state": NOT_ASKED}
    return api.InstanceStats(
        instance=instance,
        # Within a boot the kernel gives no inode of a control group twice.
        incarnation=f"{api.this_boot()}-{folder.stat().st_ino}",
        state=state,
        native_state=native,
        cpu=cpu_of(folder) if Group.CPU in groups else blank(api.CpuStats, NOT_ASKED),
        memory=memory_of(folder) if Group.MEMORY in groups else blank(api.MemoryStats, NOT_ASKED),
        perf=blank(api.PerfStats, NOT_COUNTED),
        dirty_rate=blank(api.DirtyRate, NOT_COUNTED),
        job=blank(api.Job, NOT_COUNTED),
        guest_agent=blank(api.GuestAgent, NOT_COUNTED),
        taken=watch.span(),
        absences=Absences(missing),
    )


def cpu_of(folder: Path) -> api.CpuStats:
    usec = dict(line.split() for line in (folder / "cpu.stat").read_text().splitlines())
    return api.CpuStats(
        time_ns=int(usec["usage_usec"]) * 1000,
        user_ns=int(usec["user_usec"]) * 1000,
        system_ns=int(usec["system_usec"]) * 1000,
        absences=except_for(CPU, blank(api.CpuStats, NOT_COUNTED).absences),
    )


def memory_of(folder: Path) -> api.MemoryStats:
    limit = (folder / "memory.max").read_text().strip()
    missing = except_for(MEMORY, blank(api.MemoryStats, NOT_COUNTED).absences)
    return api.MemoryStats(
        host_resident_bytes=int((folder / "memory.current").read_text()),
        maximum_bytes=None if limit == "max" else int(limit),
        absences=missing | {"maximum_bytes": NO_LIMIT} if limit == "max" else missing,
    )


def except_for(given: Sequence[str], absences: Absences) -> Absences:
    return Absences({name: absence for name, absence in absences.items() if name not in given})
