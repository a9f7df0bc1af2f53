"""A socket between a reader and libvirtd that can misbehave on command, in a process of its own.

It passes everything on; swallows it and never answers; answers garbage; hangs up; or holds back a request for
statistics for as long as something is to happen in between.
"""

from __future__ import annotations

import contextlib
import os
import random
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Literal, Self, final

from tests.lab import settings

#: libvirt's remote protocol, and the bulk request for statistics in it (src/remote/remote_protocol.x).
_PROGRAM: Final = 0x20008086
_STATISTICS: Final = 344

Mode = Literal["pass", "mute", "garbage", "hang-up", "hold"]


@final
class Relay:
    """The process, and what it is told."""

    def __init__(self, upstream: Path = settings.READ_ONLY_SOCKET) -> None:
        self._upstream = upstream
        self._path = settings.STATE / f"relay-{random.randrange(1 << 40):x}.sock"

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", __name__, str(self._path), str(self._upstream)]
        self._process = subprocess.Popen(
            command, cwd=settings.PROJECT_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._heard("ready")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()
        self._path.unlink()

    @property
    def uri(self) -> str:
        """What a reader connects to."""
        return f"qemu+unix:///system?socket={self._path}"

    def turn(self, mode: Mode) -> None:
        """Do so from now on; who was connected while it did not pass is hung up on when it passes again."""
        self._say(mode)

    def refused(self) -> int:
        """How many bytes were not passed on so far."""
        self._process_in.write("refused\n")
        self._process_in.flush()
        return int(self._process_out.readline())

    @contextlib.contextmanager
    def misbehaving(self, mode: Mode) -> Iterator[None]:
        """Do *mode* for a while."""
        self.turn(mode)
        yield
        self.turn("pass")

    @contextlib.contextmanager
    def holding_statistics(self) -> Iterator[str]:
        """From when the next request for statistics has arrived until the end of the context, it is not passed on."""
        self.turn("hold")
        self._heard("held")
        yield f"the relay held procedure {_STATISTICS}"
        self._say("release")

    @property
    def _process_in(self) -> IO[str]:
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def _process_out(self) -> IO[str]:
        assert self._process.stdout is not None
        return self._process.stdout

    def _say(self, words: str) -> None:
        self._process_in.write(words + "\n")
        self._process_in.flush()
        self._heard("ok")

    def _heard(self, word: str) -> None:
        if (said := self._process_out.readline()) != word + "\n":
            raise AssertionError(f"the relay said {said!r}, not {word}")


@final
class _Server:
    def __init__(self, path: str, upstream: str) -> None:
        self._upstream = upstream
        self._mode = "pass"
        self._refused = 0
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._holds = False
        self._released = threading.Event()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        self._listener.listen(50)
        threading.Thread(target=self._accept, daemon=True).start()

    def serve(self) -> None:
        _tell("ready")
        for line in sys.stdin:
            word = line.strip()
            if word == "refused":
                _tell(str(self._refused))
                continue
            if word == "release":
                self._mode = "pass"
                self._released.set()
            else:
                self._released.clear()
                self._holds = False
                harmed, self._mode = self._mode not in ("pass", "hold"), word
                if word == "hang-up" or (word == "pass" and harmed):
                    self._hang_up()
            _tell("ok")

    def _hang_up(self) -> None:
        with self._lock:
            for one in self._open:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            client, _ = self._listener.accept()
            daemon = socket.socket(socket.AF_UNIX)
            try:
                daemon.connect(self._upstream)
            except OSError:
                client.close()
                continue
            with self._lock:
                self._open |= {client, daemon}
            ended = threading.Semaphore(0)
            for one, other, asks in ((client, daemon, True), (daemon, client, False)):
                threading.Thread(target=self._pump, args=(one, other, asks, ended), daemon=True).start()
            threading.Thread(target=self._close, args=(client, daemon, ended), daemon=True).start()
            if self._mode == "hang-up":
                self._hang_up()

    def _hold(self) -> None:
        with self._lock:
            first, self._holds = not self._holds, True
        if first:
            _tell("held")
        self._released.wait()

    def _close(self, client: socket.socket, daemon: socket.socket, ended: threading.Semaphore) -> None:
        for _ in range(2):
            ended.acquire()
        with self._lock:
            self._open -= {client, daemon}
        client.close()
        daemon.close()

    def _pump(self, one: socket.socket, other: socket.socket, asks: bool, ended: threading.Semaphore) -> None:
        with contextlib.suppress(OSError):
            while packet := _packet(one):
                if asks and self._mode == "hold" and struct.unpack_from("!IIII", packet, 4)[::2] == _HELD:
                    self._hold()
                if self._mode in ("mute", "garbage"):
                    self._refused += len(packet)
                    if asks and self._mode == "garbage":
                        one.sendall(os.urandom(4096))
                    continue
                other.sendall(packet)
        for end in (one, other):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        ended.release()


_HELD: Final = (_PROGRAM, _STATISTICS)


def _packet(source: socket.socket) -> bytes:
    """The next packet of libvirt's protocol, which begins with its own length; nothing at the end."""
    head = source.recv(4, socket.MSG_WAITALL)
    if len(head) < 4:
        return b""
    (length,) = struct.unpack("!I", head)
    return head + source.recv(length - 4, socket.MSG_WAITALL)


def _tell(word: str) -> None:
    print(word, flush=True)


if __name__ == "__main__":
    _Server(sys.argv[1], sys.argv[2]).serve()
