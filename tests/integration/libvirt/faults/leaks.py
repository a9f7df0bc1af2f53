"""What a reader could leave behind: threads, descriptors, clients of the daemon, and workers that it keeps busy."""

from __future__ import annotations

import gc
import subprocess
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

from tests.lab import requirements

#: How long the threads that close connections may take, and the daemon to see that a client is gone.
_PATIENCE: Final = 20.0


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a process has open, and what the daemon has for all its clients."""

    threads: int
    #: What each is open on.
    descriptors: tuple[str, ...]
    clients: int
    busy_workers: int

    def beyond(self, other: Held) -> str:
        """What there is more of than in *other*; nothing if nothing is."""
        more = {
            "threads": self.threads - other.threads,
            "descriptors": len(self.descriptors) - len(other.descriptors),
            "clients": self.clients - other.clients,
            "busy workers": self.busy_workers - other.busy_workers,
        }
        told = ", ".join(f"{count} {name}" for name, count in more.items() if count > 0)
        if more["descriptors"] > 0:
            told += f" (open on {', '.join((Counter(self.descriptors) - Counter(other.descriptors)).elements())})"
        return told


def held(pid: int) -> Held:
    """As of now."""
    gc.collect()
    process = Path("/proc") / str(pid)
    pool = _admin("server-threadpool-info")
    return Held(
        threads=len(list((process / "task").iterdir())),
        descriptors=tuple(_open_on(path) for path in (process / "fd").iterdir()),
        clients=_admin("server-clients-info")["nclients"],
        busy_workers=pool["nWorkers"] - pool["freeWorkers"],
    )


def _open_on(descriptor: Path) -> str:
    try:
        return str(descriptor.readlink())
    except FileNotFoundError:  # the one with which they are listed
        return "closed"


def left_behind(pid: int, before: Held) -> str:
    """What there still is beyond *before* after some patience."""
    deadline = time.monotonic() + _PATIENCE
    while (more := held(pid).beyond(before)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return more


def busy_workers() -> int:
    """How many of libvirtd's workers are in a call."""
    pool = _admin("server-threadpool-info")
    return pool["nWorkers"] - pool["freeWorkers"]


def limit_clients(count: int) -> None:
    """Have libvirtd take no more than *count* clients, from now on."""
    admin = requirements.program("virt-admin")
    # Not all of them may be on their way in.
    most = ("--max-unauth-clients", str(min(count, 20)), "--max-clients", str(count))
    command = [admin, "server-clients-set", "libvirtd", *most]
    subprocess.run(command, capture_output=True, check=True)


def clients() -> tuple[int, int]:
    """How many clients libvirtd has, and may have."""
    info = _admin("server-clients-info")
    return info["nclients"], info["nclients_max"]


def _admin(command: str) -> dict[str, int]:
    done = subprocess.run(
        [requirements.program("virt-admin"), command, "libvirtd"],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    pairs = (line.split(":") for line in done.stdout.splitlines() if ":" in line)
    return {name.strip(): int(value) for name, value in pairs}
