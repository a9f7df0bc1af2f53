"""A TCP relay on loopback that can fall silent, as a peer behind a broken network does: nothing comes, nothing ends."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import final


@final
class Relay:
    """Between its own port and another one."""

    def __init__(self, to: int) -> None:
        self._to = to
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._speaking = threading.Event()
        self._open: list[socket.socket] = []
        self.speak()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._listener.getsockname()[1])

    def silence(self) -> None:
        """Pass nothing on, until speak(); connections stay, and new ones are taken."""
        self._speaking.clear()

    def speak(self) -> None:
        """Pass on what came, and what comes."""
        self._speaking.set()

    @property
    def is_silent(self) -> bool:
        """Is nothing passed on?"""
        return not self._speaking.is_set()

    @property
    def connections(self) -> int:
        """How many there were since they were last broken off."""
        return len(self._open) // 2

    def break_off(self) -> None:
        """End every connection through it."""
        while self._open:
            _end(self._open.pop())

    def close(self) -> None:
        """End it, and every connection through it."""
        _end(self._listener)
        self.speak()
        self.break_off()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self._to))
            self._open += near, far
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pass_on, args=(source, sink), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self._speaking.wait()
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)


def _end(one: socket.socket) -> None:
    # close() alone does not wake a thread that waits for it.
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()


@contextlib.contextmanager
def relay(to: int) -> Iterator[Relay]:
    """A relay to the port *to* of 127.0.0.1, for as long as the context lasts."""
    made = Relay(to)
    try:
        yield made
    finally:
        made.close()
