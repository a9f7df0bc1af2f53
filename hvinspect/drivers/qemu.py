"""The QEMU driver: processes without libvirt, by their monitors' sockets, by the host's /proc, or by both at once."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

from hvinspect.driver import (
    Absence,
    AccessDenied,
    ConnectFailed,
    Driver,
    Failure,
    Group,
    HostId,
    HostRequest,
    HostStats,
    Instance,
    InstanceStats,
    InvalidTarget,
    InventoryRequest,
    Lives,
    NoOptions,
    OpenRequest,
    Origin,
    OriginRequest,
    ProcessLook,
    ProvidesRequest,
    QemuProcesses,
    ReadRequest,
    Reason,
    Stopwatch,
    StorageCounters,
    machine_id,
    printable,
    this_boot,
)

from ._qemu import absences
from ._qemu.decode import balloon_in, cpus_of, decode
from ._qemu.found import Description, Found, Reading, Tap, Thread
from ._qemu.gather import Host, describe, is_stale, threads_by_name
from ._qemu.inventory import NO_COMMAND_LINE, Inventory, Listed
from ._qemu.keys import unmapped
from ._qemu.monitor import Answer, Question, ask
from ._qemu.operations import BALLOON_PLACES, Command, commands_for, commands_of_balloon
from ._qemu.own_host import host_stats
from ._qemu.owners import owner_of
from ._qemu.patience import Patience
from ._qemu.places import Places
from ._qemu.provides import provided

__all__ = ["QemuDriver"]

#: The balloon is looked for again after so long: one may be plugged.
_BALLOON_NS = 60_000_000_000
_MOST_UNKNOWN = 100
#: What a guest was given, and the report of its memory, which is dated.
_LASTING = ("memory", "guest-stats")
_BY_MONITOR = {
    Group.STATE: "query-status",
    Group.CPU: "/proc/PID, its CPU clock and its threads' schedstat; query-cpus-fast, query-stats",
    Group.MEMORY: "/proc/PID/stat; query-balloon, query-memory-size-summary, guest-stats of the balloon",
    Group.DISK: "query-blockstats, query-block",
    Group.NIC: "/proc/PID/fdinfo, /proc/PID/net/dev; QEMU's command line",
    Group.BLOCK_DETAIL: "query-named-block-nodes",
    Group.IOTHREAD: "query-iothreads",
    Group.JOB: "query-migrate",
    Group.DIRTY_RATE: "query-dirty-rate",
    Group.PROCESS_IO: "/proc/PID/io",
}
_BY_PROC = {
    Group.STATE: "/proc/PID/stat",
    Group.CPU: "/proc/PID, its CPU clock and its threads' schedstat",
    Group.MEMORY: "/proc/PID/stat",
    Group.NIC: _BY_MONITOR[Group.NIC],
    Group.PROCESS_IO: _BY_MONITOR[Group.PROCESS_IO],
}


@dataclass(slots=True)
class _Kept:
    """What is remembered of one QEMU from snapshot to snapshot."""

    found: Found
    description: Description | None = None
    #: With the time of its description.
    instance: Instance | None = None
    #: vCPU -> thread, as last told.
    threads: dict[int, int] | Absence | None = None
    #: Where the balloon is; "" if there is none, None if that is not known.
    balloon: str | None = None
    asked_balloon_ns: int = 0
    is_polled: bool = False
    #: Answers that are as good in the next minute.
    lasting: dict[str, Any] = field(default_factory=dict[str, Any])
    has_kvm: bool = True


class QemuDriver(Driver):
    """Every QEMU whose monitor is named, or every one of the host. Nothing stays open between calls."""

    Options: ClassVar[type[Any]] = NoOptions
    #: A monitor serves one client: two snapshots at once would stand in each other's way.
    concurrency: ClassVar[int] = 1
    #: Each process that is held in a page fault keeps one that waits for its command line.
    own_calls: ClassVar[int] = 32
    #: Where to look; tests have a tree of their own.
    places: ClassVar[Places] = Places()

    def __init__(self, pattern: str, processes: QemuProcesses, request: OpenRequest) -> None:
        """*pattern* is of sockets, "" for all processes."""
        self._pattern = pattern
        self._processes = processes
        self._inventory = Inventory(processes, request.workers, pattern)
        self._lives: Lives = request.memory.setdefault("lives", Lives())
        self._patience = Patience()
        self._listed: dict[str, Listed] = {}
        self._kept: dict[str, _Kept] = {}
        self._stopped: set[str] = set()
        self._unknown: set[str] = set()
        self._own = _own_namespaces(processes)

    @classmethod
    def open(cls, request: OpenRequest) -> Self:
        """Look whether there is anything to look at; no monitor is opened."""
        pattern = request.target.rest
        if pattern:
            _check_pattern(pattern, str(request.target))
        if not os.path.isdir(f"{cls.places.proc}/self"):  # noqa: PTH112
            raise ConnectFailed(f"{cls.places.proc} is not mounted: this driver reads it, on Linux alone")
        return cls(pattern, cls.processes(), request)

    @classmethod
    def processes(cls) -> QemuProcesses:
        """The host's; tests have others."""
        return QemuProcesses(cls.places.proc)

    def close(self) -> None:
        """Nothing is open."""

    # -- the host

    def origin(self, request: OriginRequest) -> Origin:
        """This very host."""
        own = machine_id()
        return Origin(
            host_id=HostId(value=own, source="machine-id") if own else None,
            hypervisor="QEMU",
            sources=_BY_MONITOR if self._pattern else _BY_PROC,
        )

    def provides(self, request: ProvidesRequest) -> Mapping[str, Absence | None]:
        """With monitors more than without."""
        return provided(has_monitors=bool(self._pattern))

    def host(self, request: HostRequest) -> HostStats:
        """The kernel's own numbers."""
        watch = Stopwatch()
        return host_stats(self.places, watch.span())

    # -- instances

    def inventory(self, request: InventoryRequest) -> Sequence[Instance]:
        """Every QEMU at the sockets, or every one there is."""
        self._listed = self._inventory.list(request.deadline, Stopwatch().started_unix_ns)
        kept: dict[str, _Kept] = {}
        for key, listed in self._listed.items():
            last = self._kept.get(key)
            same = last is not None and last.found == listed.found
            kept[key] = last if last is not None and same else _Kept(listed.found)
        self._kept = kept
        self._stopped &= kept.keys()
        for known in (self._lives, self._patience):
            known.keep(kept.keys())
        return tuple(one.instance for one in self._listed.values())

    def read(self, request: ReadRequest) -> Iterator[InstanceStats | Failure]:
        """Those whose monitors are asked side by side, each completed by what the host knows as its answer comes."""
        host = Host(self._processes, request.groups)
        questions: list[Question] = []
        for instance in request.instances:
            why = self._kept[instance.key].found.unasked
            if why is None:
                questions.append(self._question(instance, request))
            else:
                yield self._read(instance, request, host, None, why)
        instances = {instance.key: instance for instance in request.instances}
        for answer in ask(questions, request.deadline, lambda question: self._objection(question, host), self._more):
            key = answer.question.key
            is_silent = answer.problem in (absences.SILENT, absences.HALF, absences.IN_USE)
            if is_silent:
                host.forget(key)  # what is read of it is to be of one moment, and that is not when it was asked
            self._patience.note(key, answer.question.patience, time.monotonic_ns(), answered=not is_silent)
            if answer.problem is not None:
                self._learn(self._kept[key], answer.values)
            yield self._read(instances[key], request, host, answer, answer.problem)

    def quarantined(self) -> Sequence[str]:
        """Those whose monitors did not answer, and those that are stopped."""
        return sorted({*self._patience.silent, *self._stopped})

    def unknown_statistics(self) -> Sequence[str]:
        """Keys of answers, each with its command."""
        return sorted(self._unknown)

    def _objection(self, question: Question, host: Host) -> Absence | None:
        """Why the monitor is not asked, if its process shows that it would not answer."""
        key, found = question.key, self._kept[question.key].found
        if found.pid is None:
            return None
        try:
            stopped = host.look(key, found.pid, found.started).state in "Tt"
        except (ProcessLookupError, PermissionError):
            return absences.CLOSED
        (self._stopped.add if stopped else self._stopped.discard)(key)
        return absences.STOPPED if stopped else None

    def _question(self, instance: Instance, request: ReadRequest) -> Question:
        kept, now = self._kept[instance.key], time.monotonic_ns()
        assert kept.found.path is not None
        describes = kept.balloon is None or now - kept.asked_balloon_ns > _BALLOON_NS
        commands = commands_for(
            request.groups,
            balloon=kept.balloon or None,
            describes=describes,
            is_polled=kept.is_polled,
            has_kvm=kept.has_kvm,
        )
        return Question(
            instance.key, kept.found.path, commands, self._patience.seconds(instance.key, request.deadline, now)
        )

    def _read(
        self,
        instance: Instance,
        request: ReadRequest,
        host: Host,
        answer: Answer | None,
        problem: Absence | None,
    ) -> InstanceStats | Failure:
        kept = self._kept[instance.key]
        try:
            return self._complete(instance, kept, request, host, answer, problem)
        except ProcessLookupError:
            if kept.found.path is not None:
                self._inventory.forget(kept.found.path)
            return Failure(instance=instance, reason=Reason.VANISHED, detail="it ended while it was read")
        except Exception as exc:  # noqa: BLE001  # whatever one QEMU's answers bring about, the others are read
            return Failure(instance=instance, reason=Reason.FAILED, detail=printable(repr(exc)))

    def _complete(
        self,
        instance: Instance,
        kept: _Kept,
        request: ReadRequest,
        host: Host,
        answer: Answer | None,
        problem: Absence | None,
    ) -> InstanceStats | Failure:
        found, groups = kept.found, request.groups
        values = answer.values if answer is not None else {}
        if problem is None and Group.MEMORY in groups:
            values = {**kept.lasting, **values}
        if found.pid is None and not values:
            why = problem or absences.NOT_IN_REPLY
            if found.path is not None:
                self._inventory.forget(found.path)
            return Failure(instance=instance, reason=why.reason, detail=why.detail)
        look: ProcessLook | Absence = absences.PROCESS_UNSEEN
        taps: Mapping[str, Tap | None] | Absence = absences.PROCESS_UNSEEN
        threads: Mapping[int, Thread] | Absence = absences.PROCESS_UNSEEN
        storage: StorageCounters | Absence = absences.PROCESS_UNSEEN
        if found.pid is not None:
            description = self._described(kept, found.pid, instance)
            look = host.look(instance.key, found.pid, found.started)
            if Group.CPU in groups:
                threads = self._threads(kept, found.pid, description, host)
            if Group.NIC in groups:
                taps = host.taps(found.pid, description)
            if Group.PROCESS_IO in groups:
                storage = host.storage(found.pid)
            instance = kept.instance or instance
        return self._lives.settle(
            decode(
                Reading(
                    instance=instance,
                    life=_life(found),
                    taken=host.watch(instance.key).span(),
                    groups=groups,
                    command=found.command or NO_COMMAND_LINE,
                    answers=values,
                    refused=answer.errors if answer is not None else {},
                    unanswered=problem or absences.NOT_IN_REPLY,
                    is_polled=kept.is_polled,
                    look=look,
                    threads=threads,
                    taps=taps,
                    storage=storage,
                    descriptors=kept.description.taps or {} if kept.description is not None else {},
                )
            )
        )

    def _more(self, answer: Answer) -> Sequence[Command]:
        """What a whole answer tells is learnt, and a balloon that is new is asked at once."""
        kept, before = self._kept[answer.question.key], self._kept[answer.question.key].balloon
        self._learn(kept, answer.values)
        return commands_of_balloon(kept.balloon) if kept.balloon and kept.balloon != before else ()

    def _learn(self, kept: _Kept, values: Mapping[str, Any]) -> None:
        """What an answer tells that is good for the next question."""
        if "cpus" in values:
            kept.threads = cpus_of(values["cpus"])
        if "halted" in values:  # of an answer that was cut short it may be what is missing
            kept.has_kvm = bool(values["halted"])
        places = [balloon_in(values, place) for place in BALLOON_PLACES if place in values]
        if len(places) == len(BALLOON_PLACES) and None not in places:  # now and then, and when it is new
            if len(self._unknown) < _MOST_UNKNOWN:
                self._unknown |= {printable(key, limit=100) for key in unmapped(values)}
            kept.balloon = next((place for place in places if place), "")
            if not kept.balloon:
                kept.lasting.pop("guest-stats", None)
            kept.asked_balloon_ns = time.monotonic_ns()
        if "interval" in values:
            kept.is_polled = bool(values["interval"])
        for name in _LASTING:
            if name in values:
                kept.lasting[name] = values[name]

    def _described(self, kept: _Kept, pid: int, instance: Instance) -> Description:
        if kept.description is None or is_stale(self._processes, pid, kept.description, time.monotonic_ns()):
            kept.description = describe(self._processes, self.places, pid, self._own)
            kept.instance = replace(instance, described_at=kept.description.read_unix_ns)
            if kept.found.path is None:
                kept.threads = None  # nobody else says when a vCPU was plugged
        return kept.description

    def _threads(self, kept: _Kept, pid: int, description: Description, host: Host) -> Mapping[int, Thread] | Absence:
        if kept.threads is None:
            kept.threads = threads_by_name(self._processes, pid)
        if isinstance(kept.threads, Absence):
            return kept.threads
        threads = kept.threads
        if description.inner is not None and kept.found.path is not None:
            threads = {index: description.inner.get(thread, 0) for index, thread in threads.items()}
        found = host.threads(pid, threads)
        if not found:  # they were others: look again the next time
            kept.threads = None
            return absences.NO_NAMES
        return found


def _life(found: Found) -> str:
    return f"{this_boot()}/{found.path if found.pid is None else found.pid}/{found.started}"


def _own_namespaces(processes: QemuProcesses) -> tuple[str, str]:
    try:
        return processes.namespace("self", "net"), processes.namespace("self", "pid")
    except OSError:
        return "", ""


def _check_pattern(pattern: str, target: str) -> None:
    if not pattern.startswith("/"):
        raise InvalidTarget(
            f"{target}: write the whole path of a monitor's socket, or a pattern of such paths, for instance "
            "qemu:/run/vms/*.qmp; qemu: alone reads all QEMUs in /proc"
        )
    owner = owner_of(pattern)
    if owner is not None:
        raise InvalidTarget(f"{target}: {owner}")
    folder = os.path.dirname(pattern)  # noqa: PTH120
    has_magic = any(character in pattern for character in "*?[")
    try:
        if not has_magic:
            os.stat(pattern)  # noqa: PTH116
        elif not any(character in folder for character in "*?["):
            os.listdir(folder)  # noqa: PTH208
    except PermissionError as exc:
        raise AccessDenied(f"{printable(pattern)} may not be looked at: {printable(exc.strerror)}") from exc
    except OSError as exc:
        raise ConnectFailed(
            f"{printable(pattern)}: {printable(exc.strerror)}. Start QEMU with -qmp unix:PATH,server=on,wait=off"
        ) from exc
