"""What is measured beside each other: hvinspect, and the raw call that is the reference."""

from __future__ import annotations

from collections.abc import Collection
from importlib.metadata import version
from time import perf_counter
from typing import Any, Protocol, final

import libvirt

import hvinspect
from hvinspect import DEFAULT_GROUPS, Group

__all__ = ["STATISTICS", "TARGET", "URI", "Ours", "Raw", "Subject", "Unavailable"]

URI = "qemu:///system"
TARGET = f"libvirt:{URI}"
#: The default groups, in the raw call's words.
STATISTICS: int = (
    libvirt.VIR_DOMAIN_STATS_STATE
    | libvirt.VIR_DOMAIN_STATS_CPU_TOTAL
    | libvirt.VIR_DOMAIN_STATS_VCPU
    | libvirt.VIR_DOMAIN_STATS_BALLOON
    | libvirt.VIR_DOMAIN_STATS_INTERFACE
    | libvirt.VIR_DOMAIN_STATS_BLOCK
)


class Unavailable(Exception):
    """A subject cannot be measured here; the message says why."""


class Subject(Protocol):
    """Something that reads all guests again and again."""

    @property
    def name(self) -> str:
        """What stands in the table."""
        ...

    @property
    def version(self) -> str:
        """What exactly was measured."""
        ...

    @property
    def reads_per_turn(self) -> int:
        """How many times it reads all guests when it is asked to take a turn."""
        ...

    def turn(self) -> float:
        """Read all guests; the seconds that one reading took."""
        ...

    def close(self) -> None:
        """Let go of all that was opened or started."""
        ...


@final
class Raw:
    """One bulk call of the default groups by libvirt-python, read-only; nothing is made of the answer."""

    name = "raw bulk call"
    reads_per_turn = 1

    def __init__(self) -> None:
        self.connection: Any = libvirt.openReadOnly(URI)
        daemon, hypervisor = self.connection.getLibVersion(), self.connection.getVersion()
        self.version = f"libvirt {_text(daemon)}, QEMU {_text(hypervisor)}, libvirt-python {version('libvirt-python')}"

    def turn(self) -> float:
        started = perf_counter()
        self.connection.getAllDomainStats(STATISTICS, 0)
        return perf_counter() - started

    def close(self) -> None:
        self.connection.close()


@final
class Ours:
    """Connection.snapshot(), by default of the default groups."""

    reads_per_turn = 1

    def __init__(
        self, name: str = "hvinspect", *, groups: Collection[Group] = DEFAULT_GROUPS, timeout: float = 60.0
    ) -> None:
        self.name = name
        self.version = hvinspect.__version__
        self._groups = groups
        self._timeout = timeout
        self._connection = hvinspect.connect(TARGET)
        #: How many instances the last turn gave; the turn that gave fewest; and why one of those is missing.
        self.given = 0
        self.least_given: int | None = None
        self.missing = ""

    def turn(self) -> float:
        started = perf_counter()
        try:
            snapshot = self._connection.snapshot(groups=self._groups, timeout=self._timeout)
        except hvinspect.Error as error:
            # With a stopped guest even that is an answer, and took its time.
            seconds, self.given, self.missing = perf_counter() - started, 0, str(error)
        else:
            seconds, self.given = perf_counter() - started, len(snapshot.instances)
            for failure in snapshot.failures[:1]:
                self.missing = f"{failure.reason.value}: {failure.detail}"
        self.least_given = self.given if self.least_given is None else min(self.least_given, self.given)
        return seconds

    def complete(self) -> tuple[float, int]:
        """Seconds of another snapshot, and how many instances it has whose QEMUs answered."""
        started = perf_counter()
        snapshot = self._connection.snapshot(groups=self._groups, timeout=self._timeout)
        seconds = perf_counter() - started
        return seconds, sum(one.memory.host_resident_bytes is not None for one in snapshot)

    def close(self) -> None:
        self._connection.close()


def _text(number: int) -> str:
    return f"{number // 1_000_000}.{number // 1_000 % 1_000}.{number % 1_000}"
