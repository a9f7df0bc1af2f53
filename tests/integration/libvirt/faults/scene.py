"""The guests that the faults happen to, shared by all rows: who hits one leaves it as it was."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Final, final

import hvinspect
from tests.integration.libvirt.reading import process_state, wait_until_stopped
from tests.integration.libvirt.test_agent import CHANNEL, PLAYED, played_spec
from tests.lab import settings
from tests.lab.daemons import LIBVIRTD, Daemon
from tests.lab.guests import Guest, start_together
from tests.lab.second_daemon import SecondDaemon, second_daemon
from tests.lab.specification import MIB, DiskSpec, GuestSpec, NicSpec, mac_of

__all__ = ["CHANNEL", "PLAYED", "SMALL", "Scene", "stopped", "stopped_proof", "tiny", "wait_for_report"]

_FIRST_NUMBER: Final = 150
SMALL: Final = DiskSpec(target="vda", size=MIB)


def tiny(name: str, number: int, *disks: DiskSpec, nic: NicSpec | None = None) -> GuestSpec:
    """A guest without a kernel, whose firmware runs and finds nothing to start."""
    return GuestSpec(
        name=name,
        kernel=False,
        memory_mib=16,
        disks=disks,
        nics=(nic or NicSpec(mac=mac_of(_FIRST_NUMBER + number)),),
    )


@final
class Scene:
    """Five small guests that run, the daemon, and a booted guest once somebody needs it."""

    libvirtd: Daemon = LIBVIRTD

    def __init__(self) -> None:
        self.guests: Final[tuple[Guest, ...]] = tuple(Guest(tiny(f"small-{n}", n, SMALL)) for n in range(1, 6))
        self._booted: Guest | None = None
        self._second: SecondDaemon | None = None
        self._until_the_end = contextlib.ExitStack()
        self._own = 50

    @property
    def victim(self) -> Guest:
        """The one that is hit where one is."""
        return self.guests[0]

    @property
    def everyone(self) -> tuple[Guest, ...]:
        """All that there are now."""
        return (*self.guests, *([self._booted] if self._booted else []))

    def start(self) -> None:
        for guest in self.guests:
            guest.start(paused=False)

    def own(self, name: str, disk: DiskSpec | None = SMALL) -> Guest:
        """A small guest for one row alone, not yet started."""
        self._own += 1
        return Guest(tiny(name, self._own, *([disk] if disk else [])))

    @property
    def booted(self) -> Guest:
        """A guest with a kernel that answers, reports its memory, and may be made to panic by an NMI."""
        if self._booted is None:
            played = played_spec("booted")
            spec = GuestSpec(
                name="booted",
                disks=(DiskSpec(target="vda"),),
                nics=(NicSpec(mac=mac_of(_FIRST_NUMBER)),),
                balloon_period=1,
                agent=True,
                extra_devices=played.extra_devices,
                kernel_arguments="unknown_nmi_panic panic=0",
            )
            (self._booted,) = start_together([spec])
            wait_for_report(self._booted)
        return self._booted

    @property
    def second(self) -> SecondDaemon:
        """Another node."""
        if self._second is None:
            self._second = self._until_the_end.enter_context(second_daemon())
        return self._second

    def destroy(self) -> None:
        self._until_the_end.close()
        for guest in self.everyone:
            guest.destroy()


@contextlib.contextmanager
def stopped(*guests: Guest) -> Iterator[None]:
    """Their QEMUs stopped in their tracks, monitors and all, while the context lasts."""
    with contextlib.ExitStack() as stack:
        for guest in guests:
            stack.enter_context(guest.stopped())
        for guest in guests:
            wait_until_stopped(guest.pid)
        yield


def stopped_proof(*guests: Guest) -> str:
    """Says that they are."""
    states = {guest.pid: process_state(guest.pid) for guest in guests}
    assert set(states.values()) == {"T"}, states
    return ", ".join(f"process {pid} in state T" for pid in states)


def wait_for_report(guest: Guest) -> None:
    """Wait until the guest's balloon driver has told the host of its memory."""
    deadline = time.monotonic() + 60
    with hvinspect.connect(f"libvirt:{settings.QEMU_URI}") as hv:
        while hv.snapshot([guest.spec.uuid], timeout=30.0)[guest.spec.uuid].memory.guest_total_bytes is None:
            assert time.monotonic() < deadline, f"{guest.spec.name} never reported its memory"
            time.sleep(0.1)
