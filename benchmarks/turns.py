"""Subjects take turns, so that what disturbs the machine for a while disturbs all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from tests.lab.daemons import LIBVIRTD

from .clocks import CpuClock
from .guests import Guests
from .subjects import Subject

__all__ = ["HostCpu", "Turns", "take_turns"]


@final
class HostCpu:
    """The CPU time of libvirtd and of the guests' QEMUs."""

    def __init__(self, guests: Guests) -> None:
        daemon = LIBVIRTD.pid
        assert daemon is not None
        self._clock = CpuClock([daemon, *(guest.pid for guest in guests.running)])

    @property
    def seconds(self) -> float:
        """Used so far."""
        return self._clock.seconds


@final
@dataclass(frozen=True, slots=True)
class Turns:
    """What one subject took: one number for each of its turns, of one reading of all guests."""

    seconds: list[float]
    host_cpu_seconds: list[float]


def take_turns(subjects: Sequence[Subject], cpu: HostCpu, *, rounds: int) -> list[Turns]:
    """One turn of each *subject* in each round, every round beginning with another; the first round does not count."""
    found = [Turns([], []) for _ in subjects]
    for one in subjects:
        one.turn()
    for number in range(rounds):
        for place in range(len(subjects)):
            which = (number + place) % len(subjects)
            before = cpu.seconds
            found[which].seconds.append(subjects[which].turn())
            used = cpu.seconds - before
            found[which].host_cpu_seconds.append(used / subjects[which].reads_per_turn)
    return found
