"""Asks the guests' agents, over connections of its own that may write: the one thing they are used for.

An agent is the guest's program and may do what it likes. libvirtd waits for its answers without end, and
each question that is not answered holds a worker of the daemon until the guest ends, whatever is done on this side. So
each is waited for a little while, none is asked again before it has answered, and few at a time may leave one open.

A connection has one question at a time: libvirt's client (9.0) now and then leaves a call without its answer while
another thread waits for a longer one on the same connection.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any, final

from hvinspect.driver import (
    Absence,
    AccessDenied,
    Cap,
    Deadline,
    DeadlineExceeded,
    Error,
    InstanceNotFound,
    Reason,
    Task,
    Workers,
    printable,
)

from .native import Native
from .uri import LibvirtUri

__all__ = ["Agents"]

#: How long one agent is waited for, in seconds, and what part of the call's remaining time at most.
_PATIENCE = 2.0
_PART = 1 / 4
#: How many questions may be open: of the daemon's 20 workers, and of this connection's own threads.
_MOST_OPEN = 2
#: How long a refusal to open the connection holds, in seconds, so that it is not asked for once for every guest.
_REFUSED_FOR = 10.0
_NOT_ANSWERED = Absence(Reason.TIMED_OUT, "an earlier question to the guest's agent has not been answered")
_TOO_MANY = Absence(Reason.BUSY, f"the agents of {_MOST_OPEN} other guests have not answered yet")
_NO_CHANNEL = Absence(Reason.NOT_CONFIGURED, "the domain has no channel for a guest agent")


@final
class Agents:
    """The agents of one daemon's guests. Thread-safe."""

    def __init__(self, uri: LibvirtUri, workers: Workers, cap: Cap) -> None:
        """Prepare to ask; nothing is opened before the first question. *cap* is the daemon's."""
        self._cap = cap
        self._uri = uri
        self._workers = workers
        self._lock = threading.Lock()
        #: By key; None is one that is about to be asked.
        self._open: dict[str, Task[Mapping[str, Any] | Absence] | None] = {}
        self._idle: Native | None = None
        self._refused: tuple[Absence, float] | None = None
        self._closed = False

    def ask(self, key: str, deadline: Deadline) -> Mapping[str, Any] | Absence:
        """What the agent of the domain *key* says of its guest, or why it says nothing."""
        patience = Deadline.after(max(0.001, min(_PATIENCE, deadline.remaining * _PART)))
        try:
            task = self._start(key, patience)
            return task if isinstance(task, Absence) else task.result(patience)
        except DeadlineExceeded as exc:
            return Absence(Reason.TIMED_OUT, printable(exc))
        except InstanceNotFound as exc:
            return Absence(Reason.VANISHED, printable(exc))
        except Error as exc:
            return Absence(Reason.FAILED, printable(exc))

    def _start(self, key: str, patience: Deadline) -> Task[Mapping[str, Any] | Absence] | Absence:
        with self._lock:
            self._open = {other: task for other, task in self._open.items() if task is None or not task.ended}
            if key in self._open:
                return _NOT_ANSWERED
            if len(self._open) >= _MOST_OPEN:
                return _TOO_MANY
            if self._refused is not None and time.monotonic() < self._refused[1]:
                return self._refused[0]
            # A place is taken before it is waited for, so that no lock is held meanwhile.
            self._open[key] = None
        try:
            task = self._workers.start(lambda: self._ask(key), patience, "the guest's agent", cap=self._cap)
        except BaseException:
            with self._lock:
                self._open.pop(key, None)
            raise
        with self._lock:
            self._open[key] = task
        return task

    def close(self) -> None:
        """Close what is open; a connection with a question on it when that ends."""
        with self._lock:
            self._closed = True
            native, self._idle = self._idle, None
        if native is not None:
            native.close()

    def _ask(self, key: str) -> Mapping[str, Any] | Absence:
        try:
            native = self._writable()
        except Error as exc:
            refused = Absence(Reason.DENIED if isinstance(exc, AccessDenied) else Reason.FAILED, printable(exc))
            self._refused = (refused, time.monotonic() + _REFUSED_FOR)
            return refused
        try:
            # No kinds of information are named: then libvirt leaves out what this agent does not know.
            answer: Any = native.ask("the guest's agent", lambda: native.handle.lookupByUUIDString(key).guestInfo(0, 0))
        finally:
            self._give_back(native)
        if isinstance(answer, Absence):
            return _NO_CHANNEL if answer.reason is Reason.UNSUPPORTED else answer
        if isinstance(answer, Mapping):
            given: Mapping[str, Any] = answer
            return given
        return Absence(Reason.FAILED, f"libvirt gave the agent's answer as {type(answer).__name__}")

    def _writable(self) -> Native:
        """A connection that nobody else uses meanwhile."""
        with self._lock:
            native, self._idle = self._idle, None
        if native is not None and native.alive:
            return native
        if native is not None:
            native.close()
        return Native.open(self._uri, writable=True)

    def _give_back(self, native: Native) -> None:
        with self._lock:
            keep = self._idle is None and not self._closed
            if keep:
                self._idle = native
        if not keep:
            native.close()
