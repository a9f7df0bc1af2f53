"""Many tiny guests in the lab: each boots a sector that stops its CPU, so it runs and does nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from typing import Final, final

from tests.lab.guests import Guest, start_together
from tests.lab.specification import MIB, DiskSpec, GuestSpec, NicSpec, mac_of

__all__ = ["Guests", "Shape", "guests_of"]

Shape = tuple[int, int]

# Clear the interrupt flag; set the timer to count once, so that QEMU has nothing to wake for; halt. Paused guests
# would be as quiet, but collectd reads nothing of them.
_BOOT_SECTOR: Final = bytes.fromhex("fa b030 e643 f4 ebfd").ljust(510, b"\0") + b"\x55\xaa"


@final
class Guests:
    """Guests of one shape, a number of disks and of NICs, of which there may be more and more."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.running: list[Guest] = []

    def grow(self, count: int) -> None:
        """Have *count* of them."""
        new = [self._specification(number) for number in range(len(self.running) + 1, count + 1)]
        for specification in new:
            specification.image_of(specification.disks[0]).write_bytes(_BOOT_SECTOR.ljust(MIB, b"\0"))
        # The first one alone: guests that are started side by side may trip over the cgroup that they have in common.
        for together in (new[:1], new[1:]):
            started = start_together(together)
            for guest in started:
                guest.resume()
            self.running += started

    def _specification(self, number: int) -> GuestSpec:
        disks, nics = self.shape
        return GuestSpec(
            name=f"bench-{number}",
            memory_mib=16,
            kernel=False,
            disks=tuple(DiskSpec(target=f"vd{chr(ord('a') + disk)}", size=MIB) for disk in range(disks)),
            nics=tuple(NicSpec(mac=mac_of(number, nic)) for nic in range(nics)),
        )

    def end(self) -> None:
        """Destroy them all."""
        for guest in self.running:
            guest.destroy()
        self.running.clear()


@contextlib.contextmanager
def guests_of(shape: Shape) -> Generator[Guests]:
    """Guests of *shape*, none at first; they end with this."""
    made = Guests(shape)
    try:
        yield made
    finally:
        made.end()
