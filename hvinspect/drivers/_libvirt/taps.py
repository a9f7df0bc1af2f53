"""The kernel's numbers of the host devices of guests' NICs, where they are in this process's own network namespace."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
import weakref
from collections.abc import Iterable
from fcntl import ioctl
from typing import Final, final

__all__ = ["Taps"]

#: SIOCGIFINDEX, and its struct ifreq: a name that a zero ends, and the index.
_REQUEST: Final = 0x8933
_IFREQ: Final = struct.Struct("16si20x")
_LONGEST: Final = 15
#: RTMGRP_LINK: what the kernel tells of devices that come, go and change.
_LINKS: Final = 1
#: In the place of the index of a device that is not here.
_NOT_HERE: Final = 0


@final
class Taps:
    """Remembers the indexes for as long as the kernel tells of no change; else, or if it may not tell, asks again.

    Asks over one socket: if_nametoindex() opens one for each device, which takes four times as long. Thread-safe.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, int] = {}
        #: When the kernel's news were looked at last.
        self._looked_ns = 0
        self._socket = self._news = None
        with contextlib.suppress(OSError):  # no descriptor is to be had: then no device is known to be here
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        with contextlib.suppress(OSError):  # nor this one, or it is forbidden: each is asked for every time
            self._news = _news()
        # At the latest at the end of the program: one that ends without close() is told nothing of ours.
        self._finalize = weakref.finalize(self, _close, self._socket, self._news)

    def indexes_of(self, devices: Iterable[str], *, since_ns: int) -> dict[str, int]:
        """The interface index of each of *devices* that is here, as it was at *since_ns* (monotonic) or is later.

        The kernel gives no index twice in one boot. A device of that name which is another one, in a namespace that is
        not the guest's, does no harm: its index may change too often, and hides nothing.
        """
        if self._looked_ns < since_ns:
            self._look()
        known = self._known  # what is found out now is nothing for one that a look puts in its place
        indexes: dict[str, int] = {}
        for device in devices:
            index = known.get(device)
            if index is None:
                index = self._index_of(device)
                if self._news is not None:
                    known[device] = index
            if index:
                indexes[device] = index
        return indexes

    def _look(self) -> None:
        with self._lock:
            now, has_news = time.monotonic_ns(), False
            try:
                while self._news is not None:
                    self._news.recv(1)  # whatever it is
                    has_news = True
            except BlockingIOError:
                pass
            except OSError:  # there was more than it keeps, or nobody waits any more
                has_news = True
            if has_news:
                self._known = {}
            self._looked_ns = now

    def _index_of(self, device: str) -> int:
        try:
            name = device.encode()
            if self._socket is not None and 0 < len(name) <= _LONGEST and 0 not in name:
                index: int = _IFREQ.unpack(ioctl(self._socket, _REQUEST, _IFREQ.pack(name, 0)))[1]
                return index
        except (OSError, ValueError):  # it is not here, it is no name that a device could have, or nobody waits
            pass
        return _NOT_HERE

    def close(self) -> None:
        """Close its sockets; whoever asks later finds nothing."""
        self._finalize()


def _close(*sockets: socket.socket | None) -> None:
    for one in sockets:
        if one is not None:
            one.close()


def _news() -> socket.socket:
    news = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    try:
        news.setblocking(False)
        news.bind((0, _LINKS))
    except BaseException:
        news.close()
        raise
    return news
