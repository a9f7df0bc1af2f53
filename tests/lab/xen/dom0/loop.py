"""Block devices in memory for guests' disks."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Final, final

# From <linux/loop.h>.
_SET_FD: Final = 0x4C00
_CLR_FD: Final = 0x4C01
_GET_FREE: Final = 0x4C82


@final
class LoopDevice:
    """A file of zeros as a block device."""

    def __init__(self, file: Path, *, size: int) -> None:
        """Make *file* and its device."""
        self._file = file
        with file.open("wb") as image:
            image.truncate(size)
        control = os.open("/dev/loop-control", os.O_RDWR)
        try:
            number = fcntl.ioctl(control, _GET_FREE)
        finally:
            os.close(control)
        self.path = f"/dev/loop{number}"
        self._ioctl(_SET_FD)

    def close(self) -> None:
        """Give both back; the kernel waits with it for whoever still holds the device."""
        self._ioctl(_CLR_FD)
        self._file.unlink()

    def _ioctl(self, request: int) -> None:
        backing = os.open(self._file, os.O_RDWR)
        device = os.open(self.path, os.O_RDWR)
        try:
            fcntl.ioctl(device, request, backing)
        finally:
            os.close(device)
            os.close(backing)
