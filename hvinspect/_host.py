"""Which host and which boot this process runs in."""

from __future__ import annotations

import time
from functools import cache

__all__ = ["machine_id", "this_boot"]


def machine_id() -> str | None:
    """The host's /etc/machine-id; None if it has none."""
    try:
        with open("/etc/machine-id", encoding="ascii") as file:
            text = file.read(64).strip()
    except (OSError, ValueError):
        return None
    return text if len(text) == 32 and text.isalnum() else None


@cache
def this_boot() -> str:
    """An id of the host's present boot."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read(64).strip()
    except (OSError, ValueError):
        # No such thing here: the minute of the boot tells two of them apart.
        return f"booted-{(time.time_ns() - time.monotonic_ns()) // 60_000_000_000}"
