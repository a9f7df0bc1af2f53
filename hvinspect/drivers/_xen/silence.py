"""Keeps to itself what a C library prints to stderr.

What C programs call stderr is a variable, and glibc lets it be set (its manual, "Standard Streams"). The file
descriptor, which is the whole process's and which Python's sys.stderr writes to, is left alone.
"""

from __future__ import annotations

import contextlib
import ctypes
import threading
from collections.abc import Generator

__all__ = ["silenced"]

_lock = threading.Lock()


class _Streams:
    """What C's stderr was, and what stands in for it; how many want it to."""

    wanted = 0
    own: int | None = None
    #: Never closed: a library may keep it for later, as libxenctrl does.
    nowhere: int | None = None


@contextlib.contextmanager
def silenced() -> Generator[None]:
    """What C code prints to its stderr goes nowhere, in all threads; elsewhere than with glibc it is printed."""
    process = ctypes.CDLL(None)
    # musl's variable is a constant.
    if not hasattr(process, "gnu_get_libc_version"):
        yield
        return
    stream = ctypes.c_void_p.in_dll(process, "stderr")
    with _lock:
        if not _Streams.wanted:
            _Streams.own = stream.value
            _Streams.nowhere = _Streams.nowhere or _opened(process)
            stream.value = _Streams.nowhere or _Streams.own
        _Streams.wanted += 1
    try:
        yield
    finally:
        with _lock:
            _Streams.wanted -= 1
            if not _Streams.wanted:
                stream.value = _Streams.own


def _opened(process: ctypes.CDLL) -> int | None:
    # "w+", for perror() reopens it so, and sets errno where it cannot; "e" is O_CLOEXEC.
    process.fopen.restype, process.fopen.argtypes = ctypes.c_void_p, [ctypes.c_char_p, ctypes.c_char_p]
    opened: int | None = process.fopen(b"/dev/null", b"w+e")
    return opened
