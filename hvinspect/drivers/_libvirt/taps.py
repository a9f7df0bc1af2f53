"""The kernel's numbers of the host devices of guests' NICs, where they are in this process's own network namespace."""

from __future__ import annotations

import contextlib
import socket
import struct
from collections.abc import Iterable
from fcntl import ioctl
from typing import Final, Self, final

__all__ = ["Taps"]

#: SIOCGIFINDEX, and its struct ifreq: a name that a zero ends, and the index.
_REQUEST: Final = 0x8933
_IFREQ: Final = struct.Struct("16si20x")
_LONGEST: Final = 15


@final
class Taps:
    """Asks over one socket: if_nametoindex() opens one for each device, which takes four times as long."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        with contextlib.suppress(OSError):  # no descriptor is to be had: then no device is known to be here
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)

    def indexes_of(self, devices: Iterable[str]) -> dict[str, int]:
        """The interface index of each of *devices* that is here: the kernel gives none twice in one boot.

        A device of that name which is another one, in a namespace that is not the guest's, does no harm: its index may
        change too often, and hides nothing.
        """
        indexes: dict[str, int] = {}
        if self._socket is None:
            return indexes
        for device in devices:
            try:
                name = device.encode()
                if 0 < len(name) <= _LONGEST and 0 not in name:
                    _, indexes[device] = _IFREQ.unpack(ioctl(self._socket, _REQUEST, _IFREQ.pack(name, 0)))
            except (OSError, ValueError):  # it is not here, it is no name that a device could have, or nobody waits
                continue
        return indexes

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        if self._socket is not None:
            self._socket.close()
