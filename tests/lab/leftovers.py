"""What a lab could leave behind on the machine, written down before and compared after."""

from __future__ import annotations

import time
from dataclasses import dataclass, fields
from pathlib import Path
from typing import final

from tests.lab import cgroups

# Processes by which a lab is known from outside; what others run on the machine is none of its business.
_PROGRAMS = ("dbus-daemon", "polkitd", "virtlogd", "libvirtd", "libvirt_lxc", "qemu-system")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """The machine's state in every respect a lab touches."""

    processes: frozenset[str]
    links: frozenset[str]
    mounts: frozenset[str]
    run: frozenset[str]
    cgroups: frozenset[str]

    def beyond(self, earlier: Traces) -> dict[str, tuple[str, ...]]:
        """What is here and was not there *earlier*, or the other way round, by kind; empty is good."""
        differences: dict[str, tuple[str, ...]] = {}
        for kind in fields(self):
            difference = getattr(self, kind.name) ^ getattr(earlier, kind.name)
            if difference:
                differences[kind.name] = tuple(sorted(difference))
        return differences


def snapshot() -> Traces:
    """Write down the state of the machine now."""
    mounts = Path("/proc/self/mountinfo").read_text().splitlines()
    return Traces(
        processes=frozenset(_processes()),
        links=frozenset(path.name for path in Path("/sys/class/net").iterdir()),
        # Without the ids, which the kernel deals out anew.
        mounts=frozenset(" ".join(line.split()[3:]) for line in mounts),
        run=frozenset(str(path) for path in Path("/run").rglob("*")),
        cgroups=frozenset(str(path) for path in cgroups.branches()),
    )


def settled(earlier: Traces, *, timeout: float = 30.0) -> dict[str, tuple[str, ...]]:
    """The differences from *earlier* once there are none or *timeout* seconds have passed."""
    deadline = time.monotonic() + timeout
    while (differences := snapshot().beyond(earlier)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return differences


def _processes() -> list[str]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            name = (folder / "comm").read_text().strip()
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if name.startswith(_PROGRAMS) or b"tests.lab" in words:
            found.append(f"{folder.name} {name}")
    return found
