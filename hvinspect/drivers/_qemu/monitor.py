"""A client of QEMU's monitors that asks many at once from one thread: none is waited for alone, none is believed.

Nothing is sent before the greeting is there, so a QEMU that is held up finds no old questions when it goes on. Then
all commands go out at once. An answer has at most so many bytes and lines; what it says is data, whatever it is.
"""

from __future__ import annotations

import json
import select
import socket
import struct
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
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
#: Of short lines most are the same from each QEMU, each time: the greeting, the state. Nobody changes what they say.
_SHORT: Final = 256
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

    *objection* says of each, just before, why it is not asked; *more* is what to ask besides when an answer is whole,
    and is called again when that has come. While an answer is looked at, its monitor is still open, and the process has
    no other files open than the last time.
    """
    waiting = deque(questions)
    open_now: dict[int, _Conversation] = {}
    knocking: list[_Conversation] = []
    over: list[_Conversation] = []
    poller = select.poll()
    try:
        while waiting or open_now or knocking or over:
            while waiting and len(open_now) + len(knocking) < _AT_ONCE:
                conversation = _Conversation(waiting.popleft(), deadline)
                conversation.answer.problem = objection(conversation.answer.question)
                knocking.append(conversation)
            for conversation in knocking:
                if conversation.answer.problem is None and conversation.knock():
                    number = conversation.connection.fileno()
                    open_now[number] = conversation
                    poller.register(number, select.POLLIN)
            over += [one for one in knocking if one.is_over]
            knocking = [one for one in knocking if not one.is_open and not one.is_over]
            # Others are at work on theirs while these are looked at.
            while over:
                yield over[0].answer
                over.pop(0).connection.close()
            if not open_now and not knocking:
                continue
            until = min([one.until for one in (*open_now.values(), *knocking)])
            patience = max(0.0, until - time.monotonic())
            heard = [number for number, _ in poller.poll(1000 * min(patience, _KNOCK_S if knocking else patience) + 1)]
            for number in heard:
                open_now[number].hear()
            for number in heard if time.monotonic() < until else [*open_now]:
                if not open_now[number].is_over or open_now[number].go_on(more):
                    continue
                over.append(open_now.pop(number))
                poller.unregister(number)
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
        #: By the monotonic clock.
        self.until = time.monotonic() + min(question.patience, deadline.remaining)
        self._pending = {"hello", *(command.name for command in question.commands)}
        self._heard = bytearray()
        self._bytes = self._lines = 0
        self._greeted = False

    @property
    def is_over(self) -> bool:
        """Is there nothing more to wait for?"""
        if self._pending and self.answer.problem is None and time.monotonic() >= self.until:
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
        *lines, rest = (bytes(self._heard) + part if self._heard else part).split(b"\n")
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
            said = _same(line) if len(line) < _SHORT else _decode(line.decode())[0]
        except (ValueError, RecursionError):  # UnicodeError is a ValueError
            said = None
        if not isinstance(said, dict) or not (self._greeted or "QMP" in said):
            self.answer.problem = absences.NOT_QMP
        elif not self._greeted:
            self._greet(_version(said))
        elif isinstance(name := said.get("id"), str) and name in self._pending:  # else an event: nobody asked for it
            self._pending.discard(name)
            self._keep(name, said)

    def go_on(self, more: Callable[[Answer], Sequence[Command]]) -> bool:
        """Once everything has come, ask *more*; False if there is no more."""
        commands = more(self.answer) if self.answer.problem is None else ()
        if not commands:
            return False
        self._pending.update(command.name for command in commands)
        self._send(commands)
        return self.answer.problem is None

    def _greet(self, version: tuple[int, int]) -> None:
        self._greeted = True
        commands = [command for command in self.answer.question.commands if command.since <= version]
        self._pending = {_HELLO.name, *(command.name for command in commands)}
        self._send((_HELLO, *commands))

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


@lru_cache(maxsize=1024)
def _same(line: bytes) -> Any:
    return _decode(line.decode())[0]


def _version(greeting: dict[str, Any]) -> tuple[int, int]:
    """The QEMU's version as it greets with it; of one that tells none, the oldest."""
    try:
        told = greeting["QMP"]["version"]["qemu"]
        major, minor = told["major"], told["minor"]
    except (KeyError, TypeError):
        return 0, 0
    return (major, minor) if type(major) is int and type(minor) is int else (0, 0)


_HELLO: Final = Command.of("hello", "qmp_capabilities")
