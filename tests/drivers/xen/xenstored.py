"""A xenstored: a tree of keys behind a real socket, which speaks the wire protocol in a thread."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable
from pathlib import Path

HEADER = struct.Struct("=IIII")
DIRECTORY, READ, ERROR, DIRECTORY_PART = 1, 2, 16, 22
LONGEST = 4096


class Xenstored:
    """Serves *keys*; what each client asked is in *asked*, as (operation, path)."""

    def __init__(self, path: Path) -> None:
        self.keys: dict[str, str | bytes] = {}
        self.asked: list[tuple[int, str]] = []
        #: Called with each path that is read, before the answer is made.
        self.before_read: Callable[[str], None] = lambda path: None
        #: Says an error instead of the value of a path.
        self.errors: dict[str, str] = {}
        self.silent = False
        #: Says the beginning of an answer, and the rest when it is asked again.
        self.halting = False
        self.backwards = False
        self.longest_announced = 0
        self._generation = 0
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(path))
        self._listening.listen()
        self._clients: list[socket.socket] = []
        self._accepting = threading.Thread(target=self._accept, name="xenstored", daemon=True)
        self._accepting.start()

    def write(self, folder: str, **keys: str | bytes) -> None:
        """Keys below *folder*; ``__`` stands for a slash and ``_`` for a dash."""
        for key, value in keys.items():
            self.keys[f"{folder}/{key.replace('__', '/').replace('_', '-')}"] = value

    def remove(self, folder: str) -> None:
        """The whole *folder*."""
        self.keys = {key: value for key, value in self.keys.items() if not f"{key}/".startswith(f"{folder}/")}
        self._generation += 1

    def hang_up(self) -> None:
        """Close what clients have open."""
        for client in self._clients:
            client.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        """Close everything. May be called twice."""
        if not self._accepting.is_alive():
            return
        self._listening.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._accepting.join()
        self._listening.close()
        for client in self._clients:
            client.close()

    def names(self, folder: str) -> list[str] | None:
        """What is below *folder*; None if it is not there."""
        start = f"{folder}/"
        below = dict.fromkeys(key[len(start) :].partition("/")[0] for key in self.keys if key.startswith(start))
        return list(below) if below or folder in self.keys else None

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            self._clients.append(client)
            threading.Thread(target=self._serve, args=(client,), name="xenstored", daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        owed = b""
        try:
            while True:
                head = self._exactly(client, HEADER.size)
                operation, number, transaction, length = HEADER.unpack(head)
                payload = self._exactly(client, length)
                if self.silent:
                    continue
                kind, answer = self._answer(operation, payload)
                if self.longest_announced:
                    client.sendall(HEADER.pack(kind, number, transaction, self.longest_announced))
                    continue
                if self.halting:
                    whole = HEADER.pack(kind, number, transaction, len(answer)) + answer
                    client.sendall(whole[:6])
                    owed = whole[6:]
                    continue
                client.sendall(owed)
                owed = b""
                if self.backwards:  # an answer that nobody waits for any more comes first
                    client.sendall(HEADER.pack(kind, number ^ 0x8000_0000, transaction, 2) + b"x\0")
                client.sendall(HEADER.pack(kind, number, transaction, len(answer)) + answer)
        except OSError:
            client.close()

    def _exactly(self, client: socket.socket, length: int) -> bytes:
        whole = b""
        while len(whole) < length:
            part = client.recv(length - len(whole))
            if not part:
                raise ConnectionResetError
            whole += part
        return whole

    def _answer(self, operation: int, payload: bytes) -> tuple[int, bytes]:
        path, _, rest = payload.rstrip(b"\0").decode().partition("\0")
        self.asked.append((operation, path))
        if path in self.errors:
            return ERROR, self.errors[path].encode() + b"\0"
        if operation == READ:
            self.before_read(path)
            value = self.keys.get(path)
            if value is None and self.names(path) is not None:
                value = ""
            encoded = value.encode() if isinstance(value, str) else value
            return (ERROR, b"ENOENT\0") if encoded is None else (READ, encoded)
        names = self.names(path)
        if names is None:
            return ERROR, b"ENOENT\0"
        listed = b"".join(name.encode() + b"\0" for name in names)
        if operation == DIRECTORY:
            return (DIRECTORY, listed) if len(listed) <= LONGEST else (ERROR, b"E2BIG\0")
        if operation == DIRECTORY_PART:
            return DIRECTORY_PART, self._part(listed, int(rest))
        return ERROR, b"EINVAL\0"

    def _part(self, listed: bytes, offset: int) -> bytes:
        """As send_directory_part() of the real one: whole names, and an empty one behind the last."""
        head = f"{self._generation}\0".encode()
        room = LONGEST - len(head) - 1
        part = listed[offset : offset + room]
        part = part[: part.rfind(b"\0") + 1]
        return head + part + (b"\0" if offset + len(part) >= len(listed) else b"")
