"""How fast a fake guest's numbers grow, and why some are missing. No I/O here."""

from __future__ import annotations

from hvinspect.driver import (
    Absence,
    Reason,
)

from ._fake_guest import FakeDevice, FakeGuest
from ._numbers import number

__all__ = [
    "HUNG",
    "MIB",
    "NOT_RUNNING",
    "NO_BALLOON",
    "NO_JOB",
    "ONLY_COUNTERS",
    "ONLY_RATES",
    "SECOND_NS",
    "Pace",
]

MIB = 2**20
SECOND_NS = 1_000_000_000

ONLY_RATES = Absence(Reason.UNSUPPORTED, "this hypervisor keeps rates and no counters")
ONLY_COUNTERS = Absence(Reason.UNSUPPORTED, "this hypervisor keeps counters, from which rates() derives them")
NOT_RUNNING = Absence(Reason.NOT_RUNNING, "the instance is shut off")
NO_BALLOON = Absence(Reason.NEEDS_GUEST, "the guest has no balloon driver")
NO_JOB = Absence(Reason.NOT_CONFIGURED, "no job is running")
HUNG = Absence(Reason.TIMED_OUT, "the instance's monitor does not answer")


class Pace:
    """How fast the numbers of one guest grow."""

    def __init__(self, seed: int, guest: FakeGuest) -> None:
        self.seed = seed
        self.guest = guest

    def pick(self, *names: object, low: int, high: int) -> int:
        """A number that stays: at least *low*, less than *high*."""
        return number(self.seed, self.guest.index, *names, low=low, high=high)

    def per_second(self, *names: object, low: int, high: int) -> int:
        """What has come together since the start of the guest at between *low* and *high* a second."""
        return self.pick(*names, low=low, high=high) * self.guest.run_ns // SECOND_NS

    def of_device(self, device: FakeDevice, field: str, *, low: int, high: int) -> int:
        """The same since the plugging of *device*, and what was added on command."""
        running_ns = max(0, self.guest.run_ns - device.plugged_at_ns)
        return self.pick(device.key, field, low=low, high=high) * running_ns // SECOND_NS + device.extra[field]
