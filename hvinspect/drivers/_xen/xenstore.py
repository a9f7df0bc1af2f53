"""xenstore over the socket of its daemon: reads and lists, and nothing else.

The protocol (xen/include/public/io/xs_wire.h, docs/misc/xenstore.txt): a message is four 32-bit numbers in the host's
order (type, request, transaction, length) and as many bytes. An answer has its request's number, so that many
requests go out before the first answer is read. A list that is too long for one message, 4096 bytes, comes in parts.

/dev/xen/xenbus, where libxenstore looks next, is not opened: whoever waits there for a xenstored that does not answer
waits in the kernel, without a timeout, and cannot be given up.
"""

from __future__ import annotations

import itertools
import socket
import struct
import time
from collections.abc import Sequence
from enum import IntEnum
from typing import final

from hvinspect.driver import (
    AccessDenied,
    ConnectFailed,
    ConnectionLost,
    Deadline,
    DeadlineExceeded,
    Error,
    ReplyInvalid,
    printable,
)

__all__ = ["Operation", "Store"]

_HEADER = struct.Struct("=IIII")
#: XENSTORE_PAYLOAD_MAX.
_LONGEST = 4096
#: Requests under way at a time: their answers fit into any daemon's buffers.
_BATCH = 32
#: Bytes taken from the socket at a time.
_AT_ONCE = 65536
#: How often a list is begun anew because it changed while it was read in parts.
_MOST_TRIES = 5
#: How long to wait before one tries again to be let in.
_PAUSE_S = 0.01


@final
class Operation(IntEnum):
    """Every operation that this driver may send, and what may come back. All of them read."""

    DIRECTORY = 1
    READ = 2
    ERROR = 16
    DIRECTORY_PART = 22


@final
class Store:
    """One connection to xenstored. Not thread-safe; once it is lost it is of no use any more."""

    def __init__(self, sockets: Sequence[str], connected: socket.socket) -> None:
        """*connected* is to one of *sockets*."""
        self._sockets = sockets
        self._socket: socket.socket | None = connected
        self._numbers = itertools.count(1)
        #: What has come and has not been taken yet: with many answers it is one system call that brings them.
        self._arrived = bytearray()
        self._lost = False

    @classmethod
    def open(cls, sockets: Sequence[str], deadline: Deadline) -> Store:
        """Connect to the first of *sockets* that is there.

        Raises:
            ConnectFailed, AccessDenied, DeadlineExceeded
        """
        return cls(sockets, _connected(sockets, deadline))

    def close(self) -> None:
        """Let go of it for good."""
        self._lost = True
        self._drop()

    def read(self, paths: Sequence[str], deadline: Deadline) -> list[str | None]:
        """The value at each of *paths*; None where there is none."""
        return [_text(one) if one is not None else None for one in self._ask(Operation.READ, paths, deadline)]

    def names(self, paths: Sequence[str], deadline: Deadline) -> list[tuple[str, ...]]:
        """The names below each of *paths*; none where there is no such path."""
        found: list[tuple[str, ...]] = []
        for path, given in zip(paths, self._ask(Operation.DIRECTORY, paths, deadline), strict=True):
            whole = given if given is not _TOO_LONG else self._in_parts(path, deadline)
            found.append(tuple(_text(name) for name in whole.split(b"\0") if name) if whole else ())
        return found

    def _in_parts(self, path: str, deadline: Deadline) -> bytes:
        for _ in range(_MOST_TRIES):
            whole, generation, ended = b"", None, False
            while not ended:
                [part] = self._ask(Operation.DIRECTORY_PART, [f"{path}\0{len(whole)}"], deadline)
                now, nul, names = (part or b"").partition(b"\0")
                if not nul or part is _TOO_LONG:
                    raise ReplyInvalid(f"xenstored does not list {path}, which is too long for one message")
                if generation not in (None, now):
                    break  # the list is another by now
                # An empty name is the end.
                generation, ended = now, names in (b"", b"\0") or names.endswith(b"\0\0")
                whole += names[:-1] if ended else names
            else:
                return whole
        raise ReplyInvalid(f"the list {path} in xenstore changed each of {_MOST_TRIES} times while it was read")

    def _ask(self, operation: Operation, paths: Sequence[str], deadline: Deadline) -> list[bytes | None]:
        answers: list[tuple[int, bytes]] = []
        if self._lost:
            raise ConnectionLost("the connection to xenstored is lost")
        try:
            if self._socket is None:
                self._socket = _connected(self._sockets, deadline)
            for start in range(0, len(paths), _BATCH):
                answers += self._batch(self._socket, operation, paths[start : start + _BATCH], deadline)
        except TimeoutError as exc:
            # What is on its way would be taken for the answer to the next request: that one connects anew.
            self._drop()
            if isinstance(exc, DeadlineExceeded):
                raise
            raise DeadlineExceeded("xenstored did not answer in time") from exc
        except OSError as exc:
            self.close()
            raise ConnectionLost(f"the connection to xenstored is lost: {printable(exc)}") from exc
        return [
            payload if kind == operation else _error(payload, path)
            for path, (kind, payload) in zip(paths, answers, strict=True)
        ]

    def _drop(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self._arrived.clear()

    def _batch(
        self, to: socket.socket, operation: Operation, paths: Sequence[str], deadline: Deadline
    ) -> list[tuple[int, bytes]]:
        numbers = {number & 0xFFFFFFFF: path for path, number in zip(paths, self._numbers, strict=False)}
        _wait_at_most(to, deadline)
        to.sendall(
            b"".join(_message(operation, number, path.encode("utf-8", "replace")) for number, path in numbers.items())
        )
        answers: dict[int, tuple[int, bytes]] = {}
        while len(answers) < len(numbers):
            kind, number, _, length = _HEADER.unpack(self._exactly(to, _HEADER.size, deadline))
            if length > _LONGEST:
                raise OSError(f"xenstored announced {length} bytes, which is more than it may send")
            payload = self._exactly(to, length, deadline)
            if number in numbers and kind in (operation, Operation.ERROR):
                answers[number] = kind, payload
        return [answers[number] for number in numbers]

    def _exactly(self, source: socket.socket, length: int, deadline: Deadline) -> bytes:
        while len(self._arrived) < length:
            _wait_at_most(source, deadline)
            part = source.recv(_AT_ONCE)
            if not part:
                raise ConnectionResetError("xenstored closed it")
            self._arrived += part
        taken = bytes(self._arrived[:length])
        del self._arrived[:length]
        return taken


#: Stands for the error that a list is too long: this object, whatever a value has in it.
_TOO_LONG = bytes(bytearray(b"E2BIG"))


def _connected(sockets: Sequence[str], deadline: Deadline) -> socket.socket:
    for path in sockets:
        while True:
            deadline.check("xenstored's socket")
            connecting = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connecting.settimeout(max(deadline.remaining, 0.001))
            try:
                connecting.connect(path)
            except FileNotFoundError:
                connecting.close()
                break
            except BlockingIOError:  # it is busy, and lets only few wait: these say so at once, whatever the timeout
                connecting.close()
                time.sleep(_PAUSE_S)
            except OSError as exc:
                connecting.close()
                raise _open_error(path, exc) from exc
            else:
                return connecting
    raise ConnectFailed(
        f"xenstored has no socket at {' or '.join(sockets)}. Does it run (systemctl start xenstored)? "
        "One that runs in a domain of its own has none, and is not supported"
    )


def _wait_at_most(one: socket.socket, deadline: Deadline) -> None:
    deadline.check("xenstored's answer")
    one.settimeout(max(deadline.remaining, 0.001))


def _message(operation: Operation, number: int, payload: bytes) -> bytes:
    return _HEADER.pack(operation, number, 0, len(payload) + 1) + payload + b"\0"


def _error(payload: bytes, path: str) -> bytes | None:
    """What stands for an error: None is "there is no such thing"."""
    name = payload.rstrip(b"\0")
    if name == b"ENOENT":
        return None
    if name == b"E2BIG":
        return _TOO_LONG
    said, shown = printable(_text(name)), printable(path.partition("\0")[0])
    if name in (b"EACCES", b"EPERM"):
        raise AccessDenied(f"xenstored does not let this process read {shown}: {said}")
    raise ReplyInvalid(f"xenstored answered {said} for {shown}")


def _text(value: bytes) -> str:
    """Names and values may be any bytes, and are shown as such."""
    return value.decode("utf-8", "backslashreplace")


def _open_error(path: str, exc: OSError) -> Error:
    if isinstance(exc, PermissionError):
        return AccessDenied(
            f"xenstored's socket {path} may not be opened: {printable(exc.strerror)}. "
            "All that Xen tells is for root in dom0: run the agent as root there, or let it run one command as root "
            "by sudo"
        )
    if isinstance(exc, TimeoutError):
        return DeadlineExceeded(f"xenstored did not take a connection to {path} in time")
    return ConnectFailed(f"xenstored does not answer at {path}: {printable(exc.strerror)}. Does it run?")
