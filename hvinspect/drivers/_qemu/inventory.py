"""Which QEMUs there are: those whose monitors are named, or every process that is one.

A process and its command line are learnt once. A socket is opened for it once too, and only to learn who listens: the
number of its file tells whether it is still the same.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import final
from uuid import UUID

from hvinspect.driver import Absence, Deadline, DeadlineExceeded, Instance, QemuProcesses, Reason, Task, Workers

from . import absences
from .command_line import CommandLine, parse, uuid_of
from .found import Found
from .monitor import Question, ask, listener_of
from .operations import WHO
from .owners import owner_of

__all__ = ["NO_COMMAND_LINE", "Inventory", "Listed"]

NO_COMMAND_LINE = CommandLine(disks={})
#: A command line is had at once, unless the process is held in a page fault: all of one call are waited for so long
#: together, in that part of the call's time at most, and when that is over each is looked at in passing.
_PATIENCE_S, _PART, _PASSING_S = 2.0, 0.4, 0.02
#: For the names of one whose process is not seen.
_ANSWER_S = 0.5
Process = tuple[int, int]
_Who = tuple[UUID | None, str | None]


@final
@dataclass(frozen=True, slots=True)
class Listed:
    """One instance, and the QEMU that it is."""

    instance: Instance
    found: Found


@final
@dataclass(slots=True)
class Inventory:
    """Finds QEMUs; remembers what it learnt of those that are still there."""

    processes: QemuProcesses
    workers: Workers
    #: Of sockets; "" for every process there is.
    pattern: str
    _commands: dict[Process, CommandLine] = field(default_factory=dict[Process, CommandLine])
    _reading: dict[Process, Task[CommandLine]] = field(default_factory=dict[Process, "Task[CommandLine]"])
    #: Socket -> the number of its file, and what listens at it.
    _sockets: dict[str, tuple[int, Found]] = field(default_factory=dict[str, tuple[int, Found]])
    _names: dict[str, tuple[UUID | None, str | None]] = field(
        default_factory=dict[str, "tuple[UUID | None, str | None]"]
    )
    #: Until when command lines are waited for in this call.
    _patience: Deadline = field(default_factory=lambda: Deadline(0))

    def forget(self, path: str) -> None:
        """What listened at *path* is gone."""
        self._sockets.pop(path, None)

    def list(self, deadline: Deadline, described_at: int) -> dict[str, Listed]:
        """All QEMUs by key."""
        self._patience = Deadline.after(max(_PASSING_S, min(_PATIENCE_S, _PART * deadline.remaining)))
        found = list(self._at_sockets(deadline) if self.pattern else self._in_proc(deadline))
        listed: dict[str, Listed] = {}
        for one in found:
            command = one.command or NO_COMMAND_LINE
            uuid, name = command.uuid, command.name
            if one.command is None and one.path in self._names:
                uuid, name = self._names[one.path]
            key = str(uuid) if uuid is not None else one.path or f"pid-{one.pid}"
            if key in listed:  # while one moves within the host there are two of it
                key = f"{key}#{one.pid}"
            instance = Instance(
                key=key,
                uuid=uuid,
                name=name,
                native_id=str(one.pid) if one.pid is not None else None,
                driver="qemu",
                described_at=described_at,
            )
            listed.setdefault(key, Listed(instance, one))
        return listed

    # -- by /proc

    def _in_proc(self, deadline: Deadline) -> Iterator[Found]:
        there = self.processes.find()
        self._forget_commands(set(there.items()))
        for pid, started in there.items():
            command = self._read_command((pid, started), deadline)
            if command is not None and command.has_no_guest:
                continue
            by_libvirt = command is not None and command.by_libvirt
            unasked = absences.LIBVIRTS_MONITOR if by_libvirt else absences.NO_MONITOR
            yield Found(pid, started, command, None, unasked)

    def _forget_commands(self, there: set[Process]) -> None:
        """Those of all processes that are not *there*."""
        for known in (self._commands, self._reading):
            for process in known.keys() - there:
                del known[process]

    def _read_command(self, process: Process, deadline: Deadline) -> CommandLine | None:
        known = self._commands.get(process)
        if known is not None:
            return known
        patience = self._patience if self._patience.remaining > _PASSING_S else Deadline.after(_PASSING_S)
        patience = min(patience, deadline, key=lambda one: one.remaining)
        try:
            task = self._reading.get(process)
            if task is None:
                pid = process[0]
                task = self._reading[process] = self.workers.start(
                    lambda: parse(self.processes.command_line(pid)), patience, f"the command line of process {pid}"
                )
                task.settle(patience)
            if not task.ended:
                task.abandon()
                return None
            self._reading.pop(process, None)
            command = task.result(patience)
        except ProcessLookupError:  # it ended since it was found
            return parse(())
        except (DeadlineExceeded, OSError):
            return None
        if not command.is_empty:  # else it may have one the next time
            self._commands[process] = command
        return command

    # -- by sockets

    def _at_sockets(self, deadline: Deadline) -> Iterator[Found]:
        paths = sorted(glob.glob(self.pattern))  # noqa: PTH207  # a third of the time that Path.glob() takes
        for gone in self._sockets.keys() - set(paths):
            self.forget(gone)
        found = [one for path in paths if (one := self._at(path, deadline)) is not None]
        seen = set[Process]()
        for one in found:
            if one.pid is not None:
                if (one.pid, one.started) in seen:
                    continue  # another monitor of the same one
                seen.add((one.pid, one.started))
            yield one
        self._forget_commands(seen)

    def _at(self, path: str, deadline: Deadline) -> Found | None:
        try:
            number = os.stat(path).st_ino  # noqa: PTH116
        except OSError:
            self.forget(path)
            return None
        known = self._sockets.get(path)
        if known is not None and known[0] == number:
            return known[1]
        found = self._look_at(path, number, deadline)
        if found is not None and found.unasked is None:
            self._sockets[path] = number, found
        return found

    def _look_at(self, path: str, number: int, deadline: Deadline) -> Found | None:
        owner = owner_of(path)
        if owner is not None:
            return Found(None, 0, None, path, Absence(Reason.DENIED, owner))
        listener = listener_of(path)
        if listener is absences.NOBODY_LISTENS:
            return None
        pid = listener if isinstance(listener, int) else 0
        process = self._process(pid, path, deadline) if pid else None
        if process is None:
            process = self._named_in_command_line(path, deadline)
        if process is not None:
            command = self._read_command(process, deadline)
            unasked = absences.LIBVIRTS_MONITOR if command is not None and command.by_libvirt else None
            if unasked is None and isinstance(listener, Absence) and listener is not absences.IN_USE:
                unasked = listener
            return Found(*process, command, path, unasked)
        if isinstance(listener, Absence):
            return Found(None, number, None, path, listener)
        self._ask_names(path, deadline)
        return Found(None, number, None, path)

    def _process(self, pid: int, path: str, deadline: Deadline) -> Process | None:
        """The process *pid* if it is a QEMU: whoever manages it may have opened the socket and handed it down."""
        try:
            look = self.processes.look(pid)
        except (ProcessLookupError, PermissionError):
            return None
        if self.processes.is_qemu(look):
            return pid, look.started
        command = self._read_command((pid, look.started), deadline)
        return (pid, look.started) if command is not None and self._has(pid, command, path) else None

    def _named_in_command_line(self, path: str, deadline: Deadline) -> Process | None:
        """The one QEMU whose command line has the monitor *path*."""
        there = self.processes.find()
        having = [
            (pid, started)
            for pid, started in there.items()
            if (command := self._read_command((pid, started), deadline)) is not None and self._has(pid, command, path)
        ]
        return having[0] if len(having) == 1 else None

    def _has(self, pid: int, command: CommandLine, path: str) -> bool:
        if path in command.monitors:
            return True
        try:
            folder = self.processes.folder(pid) if command.monitors else ""
        except OSError:
            return False
        return any(os.path.realpath(os.path.join(folder, one)) == os.path.realpath(path) for one in command.monitors)  # noqa: PTH118

    def _ask_names(self, path: str, deadline: Deadline) -> None:
        """Who it is, of the monitor alone."""
        for answer in ask([Question(path, path, WHO, _ANSWER_S)], deadline):
            uuid, name = answer.values.get("uuid"), answer.values.get("name")
            self._names[path] = (
                uuid_of(uuid.get("UUID")) if isinstance(uuid, dict) else None,
                name["name"] if isinstance(name, dict) and isinstance(name.get("name"), str) else None,
            )
