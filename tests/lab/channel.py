"""The line by which the lab talks to a guest or container: a command out, lines back, the last one "done"."""

from __future__ import annotations

import itertools
import os
import select
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import final

_HELLO_INTERVAL = 0.2


class CommandFailed(Exception):
    """The guest could not do what it was asked; the message has its exit status and its words."""


class Silent(Exception):
    """The guest did not answer in time."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back before the final line."""

    lines: tuple[str, ...]
    status: int

    def values(self, kind: str) -> tuple[int, ...]:
        """The numbers of the one line that begins with *kind*.

        Raises:
            CommandFailed: there is no such line.
        """
        for line in self.lines:
            words = line.split()
            if words[:1] == [kind]:
                return tuple(int(word) for word in words[1:])
        raise CommandFailed(f"no line {kind!r} in {self.lines!r}")


@final
class Channel:
    """One connection to a guest; one command at a time."""

    def __init__(self, connect: Callable[[], tuple[int, int]]) -> None:
        """Prepare to talk; *connect* opens the descriptors to read from and to write to when needed."""
        self._connect = connect
        self._descriptors: tuple[int, int] | None = None
        self._received = b""

    def close(self) -> None:
        """Hang up; the next command connects again."""
        for descriptor in set(self._descriptors or ()):
            os.close(descriptor)
        self._descriptors = None
        self._received = b""

    def wait_ready(self, *, timeout: float = 60.0) -> None:
        """Greet until the greeting comes back; what was said before, to nobody or by halves, is dropped.

        Raises:
            Silent: nobody answered within *timeout* seconds.
        """
        deadline = time.monotonic() + timeout
        for count in itertools.count():
            if time.monotonic() > deadline:
                raise Silent(f"no answer within {timeout:g} s")
            greeting = f"{time.monotonic_ns()}.{count}"
            try:
                # The empty line ends whatever half a line is waiting in the guest.
                self._send(f"\nhello {greeting}\n", time.monotonic() + _HELLO_INTERVAL)
                while self._line(time.monotonic() + _HELLO_INTERVAL) != f"done 0 hello {greeting}":
                    pass
            except Silent:
                continue
            except OSError:
                self.close()
                time.sleep(_HELLO_INTERVAL)
                continue
            return

    def ask(self, *words: str | int, timeout: float = 60.0) -> Reply:
        """Send one command and wait for its end.

        Raises:
            CommandFailed: the guest says it failed.
            Silent: it did not end within *timeout* seconds.
        """
        deadline = time.monotonic() + timeout
        self._send(" ".join(str(word) for word in words) + "\n", deadline)
        lines: list[str] = []
        while not (line := self._line(deadline)).startswith("done "):
            lines.append(line)
        reply = Reply(lines=tuple(lines), status=int(line.split()[1]))
        if reply.status != 0:
            raise CommandFailed(f"{words!r}: status {reply.status}, {reply.lines!r}")
        return reply

    def _send(self, text: str, deadline: float) -> None:
        if self._descriptors is None:
            self._descriptors = self._connect()
            for descriptor in self._descriptors:
                os.set_blocking(descriptor, False)
        data = text.encode()
        while data:
            remaining = max(0.0, deadline - time.monotonic())
            if not select.select([], [self._descriptors[1]], [], remaining)[1]:
                raise Silent(f"{text!r} could not be sent")
            data = data[os.write(self._descriptors[1], data) :]

    def _line(self, deadline: float) -> str:
        if self._descriptors is None:
            raise Silent("not connected")
        while b"\n" not in self._received:
            remaining = max(0.0, deadline - time.monotonic())
            if not select.select([self._descriptors[0]], [], [], remaining)[0]:
                raise Silent(f"no whole answer, got {self._received!r}")
            more = os.read(self._descriptors[0], 65536)
            if not more:
                raise ConnectionResetError("the guest hung up")
            self._received += more
        line, _, self._received = self._received.partition(b"\n")
        return line.decode(errors="replace").rstrip("\r")


def by_socket(path: Path) -> Channel:
    """A channel over a unix socket."""

    def connect() -> tuple[int, int]:
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(str(path))
        except OSError:
            connection.close()
            raise
        descriptor = connection.detach()
        return descriptor, descriptor

    return Channel(connect)


def by_pipes(*, reading: Path, writing: Path) -> Channel:
    """A channel over two named pipes."""

    def connect() -> tuple[int, int]:
        # Opened both ways, neither end waits for the other nor sees it close.
        return os.open(reading, os.O_RDWR), os.open(writing, os.O_RDWR)

    return Channel(connect)
