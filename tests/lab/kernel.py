"""The few kernel calls the lab needs and Python's standard library lacks; Linux only."""

from __future__ import annotations

import ctypes
import os
import signal
from pathlib import Path

CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY = 0x1
MS_NOSUID = 0x2
MS_NODEV = 0x4
MS_NOEXEC = 0x8
MS_REMOUNT = 0x20
MS_BIND = 0x1000
MS_REC = 0x4000
MS_PRIVATE = 0x40000
MS_SHARED = 0x100000

_MNT_DETACH = 2
_PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, *, tried: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{tried}: {os.strerror(number)}")


def unshare(flags: int) -> None:
    """Move the caller (with CLONE_NEWPID: its next child) into new namespaces."""
    _check(_libc.unshare(ctypes.c_int(flags)), tried=f"unshare({flags:#x})")


def mount(source: str, target: str | Path, *, kind: str = "", flags: int = 0, options: str = "") -> None:
    """Mount *source* on *target*; *kind* is the file system's type."""
    result = _libc.mount(
        source.encode(),
        os.fsencode(target),
        kind.encode() or None,
        ctypes.c_ulong(flags),
        options.encode() or None,
    )
    _check(result, tried=f"mount {kind or source} on {target}")


def detach(target: str | Path) -> None:
    """Take a mount out of the tree even if it is busy."""
    _check(_libc.umount2(os.fsencode(target), ctypes.c_int(_MNT_DETACH)), tried=f"umount {target}")


def set_host_name(name: str) -> None:
    """Name the machine; only sensible in a UTS namespace of one's own."""
    encoded = name.encode()
    _check(_libc.sethostname(encoded, ctypes.c_size_t(len(encoded))), tried="sethostname")


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when its parent dies, *parent* being its pid as seen from here.

    Raises:
        SystemExit: the parent died before the kernel was told.
    """
    result = _libc.prctl(ctypes.c_int(_PR_SET_PDEATHSIG), ctypes.c_ulong(signal.SIGKILL), 0, 0, 0)
    _check(result, tried="prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:
        raise SystemExit(1)
