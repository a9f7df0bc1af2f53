"""A client of QEMU's monitors that asks many at once from one thread: none is waited for alone, none is believed.

Nothing is sent before the greeting is there, so a QEMU that is held up finds no old questions when it goes on. Then
all commands go out at once. An answer has at most so many bytes and lines; what it says is data, whatever it is.
"""

from __future__ import annotations

import json
import select
import socket
import struct
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, final

from hvinspect.driver import Absence, Deadline, printable

from . import absences
from .operations import Command

__all__ = ["Answer", "Question", "ask", "listener_of"]

#: QEMUs that are asked at the same time.
_AT_ONCE: Final = 16
_MOST_BYTES, _MOST_LINES = 4 << 20, 2000
_CHUNK: Final = 1 << 16
#: So often a monitor is tried at whose door others wait.
_KNOCK_S: Final = 0.01
#: Without what json.loads() does besides, which takes as long again.
_decode: Final = json.JSONDecoder().raw_decode
_PEER: Final = struct.Struct("3i")


@final
@dataclass(frozen=True, slots=True)
class Question:
    """What is to be asked of one monitor."""

    key: str
    path: str
    commands: tuple[Command, ...]
    #: Seconds that are waited for it.
    patience: float


@final
@dataclass(slots=True)
class Answer:
    """What came back: of each command, by its id, what it returned, or why it did not."""

    question: Question
    values: dict[str, Any] = field(default_factory=dict[str, Any])
    errors: dict[str, Absence] = field(default_factory=dict[str, Absence])
    #: Why not everything came, if it did not.
    problem: Absence | None = None


def listener_of(path: str) -> int | Absence:
    """The process that listens at *path*, 0 if it is not seen from here; or why nobody can be asked."""
    with _socket() as connection:
        try:
            connection.connect(path)
        except OSError as exc:
            return _objection(exc)
        pid: int = _PEER.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))[0]
        return pid


def ask(
    questions: Sequence[Question],
    deadline: Deadline,
    objection: Callable[[Question], Absence | None] = lambda _: None,
    more: Callable[[Answer], Sequence[Command]] = lambda _: (),
) -> Iterator[Answer]:
    """An answer for each of *questions*, as they come.

    *objection* says of each, just before, why it is not asked; *more* is what to ask besides when an answer is whole.
    While an answer is looked at, its monitor is still open, and the process has no other files open than the last time.
    """
    waiting = deque(questions)
    open_now: dict[int, _Conversation] = {}
    knocking: list[_Conversation] = []
    over: list[_Conversation] = []
    poller = select.poll()
    try:
        while waiting or open_now or knocking:
            while waiting and len(open_now) + len(knocking) < _AT_ONCE:
                conversation = _Conversation(waiting.popleft(), deadline)
                conversation.answer.problem = objection(conversation.answer.question)
                knocking.append(conversation)
            for conversation in knocking:
                if conversation.answer.problem is None and conversation.knock():
                    number = conversation.connection.fileno()
                    open_now[number] = conversation
                    poller.register(number, select.POLLIN)
            over = [one for one in knocking if one.is_over]
            knocking = [one for one in knocking if not one.is_open and not one.is_over]
            if open_now or knocking:
                patience = min(one.until.remaining for one in (*open_now.values(), *knocking))
                for number, _ in poller.poll(1000 * min(patience, _KNOCK_S if knocking else patience) + 1):
                    open_now[number].hear()
            for number in [number for number, one in open_now.items() if one.is_over]:
                if open_now[number].go_on(more):
                    continue
                over.append(open_now.pop(number))
                poller.unregister(number)
            while over:
                yield over[0].answer
                over.pop(0).connection.close()
    finally:
        for conversation in (*open_now.values(), *knocking, *over):
            conversation.connection.close()


def _socket() -> socket.socket:
    return socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)


def _objection(exc: OSError) -> Absence:
    if isinstance(exc, BlockingIOError):  # those that wait for their turn are as many as may be
        return absences.IN_USE
    if isinstance(exc, ConnectionRefusedError | FileNotFoundError | NotADirectoryError):
        return absences.NOBODY_LISTENS
    if isinstance(exc, PermissionError):
        return absences.NO_ACCESS
    return absences.refused(str(exc.strerror or exc))


@final
class _Conversation:
    """One connection to one monitor."""

    def __init__(self, question: Question, deadline: Deadline) -> None:
        self.answer = Answer(question)
        self.connection = _socket()
        self.is_open = False
        self.until = min(Deadline.after(question.patience), deadline, key=lambda one: one.remaining)
        self._pending = {"hello", *(command.name for command in question.commands)}
        self._heard = bytearray()
        self._bytes = self._lines = 0
        self._greeted = self._went_on = False

    @property
    def is_over(self) -> bool:
        """Is there nothing more to wait for?"""
        if self._pending and self.answer.problem is None and self.until.passed:
            waited_for = absences.SILENT if self.is_open else absences.IN_USE
            self.answer.problem = absences.HALF if self._greeted else waited_for
        return not self._pending or self.answer.problem is not None

    def knock(self) -> bool:
        """Connect; False if that cannot be, or not now."""
        try:
            self.connection.connect(self.answer.question.path)
        except BlockingIOError:  # as many wait for their turn as may; somebody else's may be over soon
            return False
        except OSError as exc:
            self.answer.problem = _objection(exc)
            return False
        self.is_open = True
        return True

    def hear(self) -> None:
        """Take what has come."""
        try:
            part = self.connection.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            part = b""
        if not part:
            self.answer.problem = absences.CLOSED
            return
        self._bytes += len(part)
        if self._bytes > _MOST_BYTES:
            self.answer.problem = absences.TOO_MUCH
            return
        if b"\n" not in part:
            self._heard += part
            return
        *lines, rest = (bytes(self._heard) + part).split(b"\n")
        self._heard = bytearray(rest)
        for line in lines:
            if self.answer.problem is None and line.strip():
                self._take(line)

    def _take(self, line: bytes) -> None:
        self._lines += 1
        if self._lines > _MOST_LINES:
            self.answer.problem = absences.TOO_MUCH
            return
        try:
            said = _decode(line.decode())[0]
        except (ValueError, RecursionError):  # UnicodeError is a ValueError
            said = None
        if not isinstance(said, dict) or not (self._greeted or "QMP" in said):
            self.answer.problem = absences.NOT_QMP
        elif not self._greeted:
            self._greet()
        elif isinstance(name := said.get("id"), str) and name in self._pending:  # else an event: nobody asked for it
            self._pending.discard(name)
            self._keep(name, said)

    def go_on(self, more: Callable[[Answer], Sequence[Command]]) -> bool:
        """Once everything has come, ask *more*; False if there is no more."""
        commands = () if self._went_on or self.answer.problem is not None else more(self.answer)
        self._went_on = True
        self._pending.update(command.name for command in commands)
        self._send(commands)
        return bool(commands) and self.answer.problem is None

    def _greet(self) -> None:
        self._greeted = True
        self._send((_HELLO, *self.answer.question.commands))

    def _send(self, commands: Sequence[Command]) -> None:
        try:
            self.connection.sendall(b"".join([command.line for command in commands]))
        except OSError:
            self.answer.problem = absences.CLOSED

    def _keep(self, name: str, said: dict[str, Any]) -> None:
        if "return" in said:
            self.answer.values[name] = said["return"]
            return
        error = said.get("error")
        words = error if isinstance(error, dict) else {}
        if name == "hello":
            self.answer.problem = absences.NOT_QMP
        elif words.get("class") == "CommandNotFound":
            asked = {command.name: command.execute for command in self.answer.question.commands}
            self.answer.errors[name] = absences.newer(asked.get(name, name))
        elif words.get("class") in ("DeviceNotActive", "KVMMissingCap"):
            self.answer.errors[name] = absences.NO_BALLOON
        else:
            self.answer.errors[name] = absences.refused(printable(words.get("desc", "nothing")))


_HELLO: Final = Command.of("hello", "qmp_capabilities")
