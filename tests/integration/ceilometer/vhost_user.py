"""A card that libvirt counts by Open vSwitch alone: QEMU's peer, and the command that tells what the switch counted."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.lab import settings

_COMMAND: Final = settings.PROGRAMS / "ovs-vsctl"
#: Request, flags, size of what follows.
_HEADER: Final = struct.Struct("<III")
_REPLY: Final = 0x5
#: VHOST_USER_GET_FEATURES, and what is answered: VIRTIO_F_VERSION_1 and VHOST_F_LOG_ALL.
_GET_FEATURES, _FEATURES = 1, 1 << 32 | 1 << 26


def element(path: Path, mac: str) -> str:
    """The domain XML of the card whose peer listens at *path*; the switch's port has the name of that file."""
    return (
        f"<interface type='vhostuser'><mac address='{mac}'/><source type='unix' path='{path}' mode='client'/>"
        "<model type='virtio'/></interface>"
    )


@contextlib.contextmanager
def peer(path: Path) -> Iterator[None]:
    """Listen at *path* as a switch does, and answer QEMU as far as it asks before a guest runs."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        path.chmod(0o777)
        listener.listen()
        threading.Thread(target=_serve, args=[listener], daemon=True).start()
        try:
            yield
        finally:
            # Closed alone, it would be waited at for ever.
            listener.shutdown(socket.SHUT_RDWR)


def _serve(listener: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as stream:
            while header := stream.read(_HEADER.size):
                request, _, size = _HEADER.unpack(header)
                stream.read(size)
                if request == _GET_FEATURES:
                    connection.sendall(_HEADER.pack(request, _REPLY, 8) + struct.pack("<Q", _FEATURES))


@contextlib.contextmanager
def counted(port: str, statistics: str) -> Iterator[None]:
    """Have the switch's command know *port*, with *statistics* as it prints them."""
    before = _COMMAND.read_text()
    answers = f"*columns=name*) echo {port} ;;\n*columns=statistics*) echo '{statistics}' ;;"
    _COMMAND.write_text(f'#!/bin/sh\ncase "$*" in\n{answers}\nesac\n')
    try:
        yield
    finally:
        _COMMAND.write_text(before)
