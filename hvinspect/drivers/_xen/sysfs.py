"""The counters that dom0's kernel keeps of guests' NICs and disks, in sysfs."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import final

from .found import Counters

__all__ = ["DISK_FILES", "NIC_FILES", "Sysfs"]

#: Relative to the domain of the backend, which is dom0 where this is read.
_NODENAME = re.compile(r"backend/vif/(\d{1,5})/(\d{1,9})")
_DISK = re.compile(r"vbd-(\d{1,5})-(\d{1,10})")
NIC_FILES = ("rx_bytes", "rx_packets", "rx_errors", "tx_bytes", "tx_packets", "tx_errors")
DISK_FILES = ("rd_req", "rd_sect", "wr_req", "wr_sect", "f_req", "ds_req")

#: Domain -> number of a device, as Xen has them -> what the kernel calls its backend.
Backends = dict[int, dict[int, str]]


@final
class Sysfs:
    """Reads below *root*. What goes away meanwhile is not there."""

    def __init__(self, root: str) -> None:
        self._nets = f"{root}/class/net"
        self._disks = f"{root}/bus/xen-backend/devices"

    def nics(self) -> Backends:
        """The name of each network device that is the backend of a guest's, whatever it was renamed to."""
        found: Backends = {}
        for name in _names(self._nets):
            match = _NODENAME.fullmatch(_read(f"{self._nets}/{name}/device/nodename") or "")
            if match:
                found.setdefault(int(match[1]), {})[int(match[2])] = name
        return found

    def disks(self) -> Backends:
        """The name of each backend of a guest's disk that is the kernel's own."""
        found: Backends = {}
        for name in _names(self._disks):
            match = _DISK.fullmatch(name)
            if match:
                found.setdefault(int(match[1]), {})[int(match[2])] = name
        return found

    def nic(self, name: str) -> Counters | None:
        """The counters of the network device *name*."""
        index = _read(f"{self._nets}/{name}/ifindex")
        counters = _counters(f"{self._nets}/{name}", name, index, NIC_FILES)
        master = _link(f"{self._nets}/{name}/master")
        return replace(counters, master=master) if counters is not None and master is not None else counters

    def disk(self, name: str) -> Counters | None:
        """The counters of the backend *name*, of which there are none until it has its disk."""
        folder = f"{self._disks}/{name}"
        try:
            # sysfs numbers its entries on and on: one that was made again has another.
            number: str | None = str(Path(folder).stat().st_ino)
        except OSError:
            number = None
        return _counters(folder, name, number, DISK_FILES)


def _counters(folder: str, name: str, number: str | None, files: tuple[str, ...]) -> Counters | None:
    if number is None:
        return None
    values = {file: value for file in files if (value := _read(f"{folder}/statistics/{file}")) is not None}
    return Counters(name, number, values)


def _names(folder: str) -> list[str]:
    try:
        return sorted(path.name for path in Path(folder).iterdir())
    except OSError:  # no network, or no backend at all: the kernel's modules are not loaded
        return []


def _link(path: str) -> str | None:
    """The last part of what the link *path* points at."""
    try:
        return Path(path).readlink().name
    except OSError:
        return None


def _read(path: str) -> str | None:
    # Without a file object, which asks the kernel three things more of each file.
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            return os.read(file, 4096).decode("ascii").strip()
        finally:
            os.close(file)
    except (OSError, ValueError):
        return None
