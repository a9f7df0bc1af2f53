"""The terminal while the whole of its screen is ours: keys come in one by one, and go back to lines at the end."""

from __future__ import annotations

import errno
import os
import select
import signal
import socket
import sys
import termios
import tty
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import NoReturn, final

from rich.console import Console, Group
from rich.text import Text

from .keyboard import decode

__all__ = ["Terminal"]

#: For the rest of a key's bytes; a lone escape is only then known to be one.
_REST_OF_A_KEY = 0.05


@final
class Terminal:
    """Keys and signals in, whole screens out."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._in = sys.stdin.fileno()
        self._rest = b""
        self._bell, self._ringer = socket.socketpair()
        for end in (self._bell, self._ringer):
            end.setblocking(False)

    @classmethod
    @contextmanager
    def taken(cls, console: Console) -> Generator[Terminal]:
        """Take the terminal of *console* until the end of the block, which a signal that asks to end ends too."""
        terminal = cls(console)
        handlers = {number: signal.signal(number, _nothing) for number in (signal.SIGWINCH, signal.SIGCONT)}
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            handlers[number] = signal.signal(number, _leave)
        # A signal that arrives wakes wait().
        wakeup = signal.set_wakeup_fd(terminal._ringer.fileno(), warn_on_full_buffer=False)
        try:
            with terminal._screen():
                yield terminal
        finally:
            signal.set_wakeup_fd(wakeup)
            for number, handler in handlers.items():
                signal.signal(number, handler)
            # A reading that comes later may still ring: ring() minds nothing.
            terminal._bell.close()
            terminal._ringer.close()

    @property
    def size(self) -> tuple[int, int]:
        """Columns and lines."""
        return self._console.width, self._console.height

    def ring(self) -> None:
        """End wait(), from any thread."""
        # Nobody waits any more, or it is rung already.
        with suppress(OSError):
            self._ringer.send(b"\0")

    def wait(self, timeout: float) -> list[str]:
        """The keys that were pressed; none if there was a bell, a signal or nothing for *timeout* seconds."""
        ready, _, _ = select.select([self._in, self._bell], [], [], max(0.0, timeout))
        if self._bell in ready:
            self._bell.recv(4096)
        if self._in not in ready:
            return []
        keys, self._rest = decode(self._rest + self._more(), whole=False)
        if self._rest and not select.select([self._in], [], [], _REST_OF_A_KEY)[0]:
            last, self._rest = decode(self._rest, whole=True)
            keys += last
        return keys

    def draw(self, lines: list[Text]) -> None:
        """Show these *lines*, from the first of the screen on, cut to its size."""
        width, height = self.size
        shown = lines[:height] + [Text("")] * (height - len(lines))
        for line in shown:
            line.truncate(width, overflow="ellipsis")
        self._console.update_screen(Group(*shown))

    def suspend(self) -> None:
        """Give the terminal back and stop, as Ctrl-Z asks; when the process is continued, take it again."""
        self._leave_screen()
        os.kill(os.getpid(), signal.SIGSTOP)
        self._enter_screen()

    def _more(self) -> bytes:
        found = os.read(self._in, 4096)
        if not found:
            raise OSError(errno.EIO, "the terminal is gone")
        return found

    @contextmanager
    def _screen(self) -> Generator[None]:
        self._before = termios.tcgetattr(self._in)
        try:
            self._enter_screen()
            yield
        finally:
            self._leave_screen()

    def _enter_screen(self) -> None:
        tty.setcbreak(self._in)
        attributes = termios.tcgetattr(self._in)
        # Ctrl-Z comes as a key, so that the screen can be left first.
        attributes[6][termios.VSUSP] = b"\0"
        termios.tcsetattr(self._in, termios.TCSADRAIN, attributes)
        self._console.set_alt_screen(True)
        self._console.show_cursor(False)

    def _leave_screen(self) -> None:
        try:
            self._console.show_cursor(True)
            self._console.set_alt_screen(False)
        finally:
            termios.tcsetattr(self._in, termios.TCSADRAIN, self._before)


def _nothing(_number: int, _frame: object) -> None:
    """Only to be woken by."""


def _leave(number: int, _frame: object) -> NoReturn:
    sys.exit(128 + number)
