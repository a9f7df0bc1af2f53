"""A guest of a fake hypervisor: plain data that the hypervisor changes. No I/O here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from uuid import UUID

from hvinspect.driver import Absence, State

__all__ = ["FakeDevice", "FakeGuest", "copy_of", "device_of", "uuid_of"]


@dataclass(slots=True)
class FakeDevice:
    """A disk or NIC of a fake guest."""

    key: str
    generation: int
    #: The guest's running time when it was plugged in.
    plugged_at_ns: int
    #: What was added to its counters on command, by field.
    extra: Counter[str] = field(default_factory=Counter[str])


@dataclass(slots=True)
class FakeGuest:
    """A guest of a fake hypervisor; only its FakeHypervisor changes it."""

    key: str
    name: str
    uuid: UUID | None
    index: int
    state: State
    vcpus: int
    offline: frozenset[int]
    balloon: bool
    openstack: bool
    job: bool
    generation: int
    run_ns: int
    disks: list[FakeDevice] = field(default_factory=list[FakeDevice])
    nics: list[FakeDevice] = field(default_factory=list[FakeDevice])
    extra: Counter[str] = field(default_factory=Counter[str])
    trouble: Absence | None = None
    hanging: bool = False

    @property
    def active(self) -> bool:
        """Does it exist on the hypervisor, running or paused?"""
        return self.state in (State.RUNNING, State.PAUSED, State.SUSPENDED, State.SHUTTING_DOWN)


def copy_of(guest: FakeGuest) -> FakeGuest:
    """*guest* as it is now."""
    return replace(
        guest,
        disks=[replace(one, extra=one.extra.copy()) for one in guest.disks],
        nics=[replace(one, extra=one.extra.copy()) for one in guest.nics],
        extra=guest.extra.copy(),
    )


def device_of(devices: Iterable[FakeDevice], key: str, guest_key: str) -> FakeDevice:
    """The device of that key."""
    for device in devices:
        if device.key == key:
            return device
    raise KeyError(f"instance {guest_key!r} has no device {key!r}")


def uuid_of(value: int, key: str | None) -> UUID | None:
    """The uuid of an instance: that of *key*, if it is one; without a key, one made of *value*."""
    if key is None:
        return UUID(int=value, version=4)
    try:
        return UUID(key)
    except ValueError:
        return None
