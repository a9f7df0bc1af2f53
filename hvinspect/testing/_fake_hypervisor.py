"""FakeHypervisor: guests that exist nowhere, that count, and that come, go, hang and fail on command."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from enum import Enum
from types import TracebackType
from typing import Self, TypeVar, final

from hvinspect.driver import Absence, ConnectFailed, Reason, State

from ._fake_clock import Clock, FakeClock
from ._fake_guest import FakeDevice, FakeGuest, copy_of, device_of, uuid_of
from ._numbers import number

__all__ = ["FakeHypervisor", "FakeKind"]

T = TypeVar("T")

#: Of each five guests these do not run.
_STATES = {3: State.SHUT_OFF, 4: State.PAUSED}


class FakeKind(str, Enum):
    """What a fake hypervisor keeps of its guests' activity."""

    COUNTERS = "counters"
    #: Only rates, as vSphere does.
    RATES = "rates"


@final
class FakeHypervisor:
    """A hypervisor in this process, for tests; ``hvinspect.connect(hypervisor.target)`` reads it.

    Of each five guests the first has everything, the second lacks a vCPU amid its numbers, the third has
    no balloon driver, the fourth does not run, the fifth is paused. Everything follows from *seed*.
    """

    seed: int
    kind: FakeKind
    clock: Clock
    #: Has a guest a name to be wary of?
    hostile: bool
    name: str

    _named: dict[str, FakeHypervisor] = {}  # noqa: RUF012  # the table of this process
    _numbers = itertools.count(1)

    def __init__(
        self,
        *,
        seed: int = 0,
        instances: int = 5,
        vcpus: int = 2,
        disks: int = 1,
        nics: int = 1,
        kind: FakeKind = FakeKind.COUNTERS,
        clock: FakeClock = FakeClock.MANUAL,
        hostile: bool = False,
        name: str | None = None,
    ) -> None:
        """Make it, with so many instances of so many devices; *hostile* gives one a name to be wary of."""
        self.seed = seed
        self.kind = kind
        self.clock = Clock(clock, f"fake-{seed}")
        self.hostile = hostile
        self.name = name or str(next(self._numbers))
        self._vcpus, self._disks, self._nics = vcpus, disks, nics
        self._changed = threading.Condition()
        self._guests: dict[str, FakeGuest] = {}
        self._serial = itertools.count(1)
        self._made = itertools.count()
        self._settled_ns = self.clock.now_ns
        self._lost_before = 0
        self._refusal: str | None = None
        for _ in range(instances):
            self.add()
        for guest in self._guests.values():
            # They have been running since the host's boot.
            guest.run_ns = self._settled_ns if guest.active else 0
        if self.name in self._named:
            raise ValueError(f"there is a FakeHypervisor called {self.name!r} already")
        self._named[self.name] = self

    # -- what a test does with it

    @property
    def target(self) -> str:
        """What to connect to."""
        return f"fake:{self.name}"

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of all instances, in the order of their making."""
        with self._changed:
            return tuple(self._guests)

    def close(self) -> None:
        """Forget it: open connections are lost, new ones fail, hanging reads end."""
        self._named.pop(self.name, None)
        with self._changed:
            for guest in self._guests.values():
                guest.hanging = False
            self._refusal = "this fake hypervisor was closed"
            self._lost_before = next(self._serial)
            self._changed.notify_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def advance(self, seconds: float) -> None:
        """Let *seconds* go by on the hypervisor's clock: the counters of running guests grow."""
        with self._changed:
            self.clock.advance(seconds)
            self._settle()

    def add(
        self,
        key: str | None = None,
        *,
        name: str | None = None,
        state: State | None = None,
        vcpus: int | None = None,
        disks: int | None = None,
        nics: int | None = None,
    ) -> str:
        """Make an instance and give its key: *key*, which may be no uuid, or else a new uuid."""
        with self._changed:
            index = next(self._made)
            uuid = uuid_of(number(self.seed, "uuid", index, high=2**128), key)
            key = key or str(uuid)
            if key in self._guests:
                raise ValueError(f"there is an instance {key!r} already")
            self._settle()
            trait = index % 5
            cpus = vcpus or (max(3, self._vcpus) if trait == 1 else self._vcpus)
            guest = FakeGuest(
                key=key,
                name=name or self._name(index),
                uuid=uuid,
                index=index,
                state=state or _STATES.get(trait, State.RUNNING),
                vcpus=cpus,
                offline=frozenset({1}) if trait == 1 and cpus > 1 else frozenset(),
                balloon=trait != 2,
                openstack=trait != 2,
                job=trait == 0,
                generation=next(self._serial),
                run_ns=0,
            )
            guest.disks = self._devices("virtio-disk", self._disks if disks is None else disks)
            guest.nics = self._devices("net", self._nics if nics is None else nics)
            self._guests[key] = guest
            return key

    def remove(self, key: str) -> None:
        """The instance goes away; one that is being read at this moment vanishes in the middle of it."""
        with self._changed:
            self._of(key)
            del self._guests[key]
            self._changed.notify_all()

    def recreate(self, key: str) -> None:
        """Another life under the same key and uuid: a new incarnation, every counter from zero."""
        self._change(key, self._new_life)

    def start(self, key: str) -> None:
        """Let an instance run that did not: a new life of it."""
        self._change(key, lambda guest: self._new_life(guest, State.RUNNING))

    def stop(self, key: str) -> None:
        """Shut an instance down; it stays defined."""
        self._set_state(key, State.SHUT_OFF)

    def pause(self, key: str) -> None:
        """Halt an instance: its counters stay where they are."""
        self._set_state(key, State.PAUSED)

    def resume(self, key: str) -> None:
        """Let a paused instance run on."""
        self._set_state(key, State.RUNNING)

    def replug_disk(self, key: str, disk: str) -> None:
        """Take a disk out and put another in under the same key: a new incarnation of the disk."""
        self._change(key, lambda guest: self._replug(guest, guest.disks, disk))

    def replug_nic(self, key: str, nic: str) -> None:
        """Take a NIC out and put another in under the same key: a new incarnation of the NIC."""
        self._change(key, lambda guest: self._replug(guest, guest.nics, nic))

    def unplug(self, key: str, device: str) -> None:
        """Take a disk or NIC out."""

        def take_out(guest: FakeGuest) -> None:
            found = device_of((*guest.disks, *guest.nics), device, key)
            guest.disks = [one for one in guest.disks if one is not found]
            guest.nics = [one for one in guest.nics if one is not found]

        self._change(key, take_out)

    def reset_counters(self, key: str) -> None:
        """Start all counters from zero in the same incarnation, as a hypervisor that breaks its promise."""

        def to_zero(guest: FakeGuest) -> None:
            guest.run_ns = 0
            guest.extra.clear()
            for device in (*guest.disks, *guest.nics):
                device.plugged_at_ns = 0
                device.extra.clear()

        self._change(key, to_zero)

    def reboot_host(self) -> None:
        """Every instance begins a new life under its old names; open connections are lost."""
        with self._changed:
            self.clock.reboot()
            self._lost_before = next(self._serial)
            for guest in self._guests.values():
                self._new_life(guest)

    def receive(self, key: str, nic: str, size_bytes: int, packets: int) -> None:
        """Let the guest receive so much on a NIC."""
        self._count_nic(key, nic, rx_bytes=size_bytes, rx_packets=packets)

    def send(self, key: str, nic: str, size_bytes: int, packets: int) -> None:
        """Let the guest send so much on a NIC."""
        self._count_nic(key, nic, tx_bytes=size_bytes, tx_packets=packets)

    def read_disk(self, key: str, disk: str, size_bytes: int, requests: int) -> None:
        """Let the guest read so much from a disk."""
        self._count_disk(key, disk, read_bytes=size_bytes, read_requests=requests)

    def write_disk(self, key: str, disk: str, size_bytes: int, requests: int) -> None:
        """Let the guest write so much to a disk."""
        self._count_disk(key, disk, write_bytes=size_bytes, write_requests=requests)

    def spin(self, key: str, seconds: float) -> None:
        """Let the guest's first vCPU compute for so long."""
        self._change(key, lambda guest: guest.extra.update(time_ns=round(seconds * 1_000_000_000)))

    def hang(self, key: str) -> None:
        """The instance's monitor answers no more: what the host itself knows is read, the rest times out."""
        self._change(key, lambda guest: setattr(guest, "hanging", True))

    def fail(self, key: str, reason: Reason = Reason.FAILED, detail: str = "made to fail") -> None:
        """Nothing can be read of the instance any more."""
        self._change(key, lambda guest: setattr(guest, "trouble", Absence(reason, detail)))

    def heal(self, key: str) -> None:
        """The end of hang() and fail()."""

        def well(guest: FakeGuest) -> None:
            guest.hanging, guest.trouble = False, None

        self._change(key, well)

    def disconnect(self) -> None:
        """Every open connection is lost; new ones can be made."""
        with self._changed:
            self._lost_before = next(self._serial)
            self._changed.notify_all()

    def refuse(self, detail: str = "made to refuse connections") -> None:
        """New connections fail, until accept()."""
        self._refusal = detail

    def accept(self) -> None:
        """New connections succeed again."""
        self._refusal = None

    # -- what the driver sees of it

    @classmethod
    def of_name(cls, name: str) -> FakeHypervisor | None:
        """The hypervisor of this process that is called *name*."""
        return cls._named.get(name)

    def connected(self) -> int:
        """A ticket for a new connection."""
        if self._refusal is not None:
            raise ConnectFailed(self._refusal)
        with self._changed:
            return next(self._serial)

    def lost(self, ticket: int) -> bool:
        """Was the connection of that ticket cut?"""
        return ticket < self._lost_before

    def tick(self) -> None:
        """A call was made."""
        if self.clock.kind is FakeClock.READS:
            self.advance(1)

    def guests(self) -> tuple[FakeGuest, ...]:
        """All guests as they are now: copies, which the reader may keep."""
        with self._changed:
            self._settle()
            return tuple(copy_of(guest) for guest in self._guests.values())

    def wait(self, key: str, ticket: int, seconds: float) -> None:
        """Wait until the guest hangs no more or is gone, the connection of *ticket* is cut, or the time is over."""

        def over() -> bool:
            guest = self._guests.get(key)
            return guest is None or not guest.hanging or self.lost(ticket)

        with self._changed:
            self._changed.wait_for(over, timeout=seconds)

    # -- how it works

    def _settle(self) -> None:
        """Bring the running time of each guest up to now."""
        now = self.clock.now_ns
        for guest in self._guests.values():
            if guest.state is State.RUNNING:
                guest.run_ns += now - self._settled_ns
        self._settled_ns = now

    def _name(self, index: int) -> str:
        if self.hostile and index == 0:
            return "\x1b[31mred\x07\r\n\u202egnp.exe <b>&'\"{};$(id)\x00 ../../" + "x" * 300
        return f"instance-{index:08x}"

    def _devices(self, alias: str, how_many: int) -> list[FakeDevice]:
        return [FakeDevice(f"{alias}{number}", next(self._serial), 0) for number in range(how_many)]

    def _of(self, key: str) -> FakeGuest:
        try:
            return self._guests[key]
        except KeyError:
            raise KeyError(f"there is no instance {key!r}; there are {', '.join(self._guests)}") from None

    def _change(self, key: str, change: Callable[[FakeGuest], T]) -> None:
        with self._changed:
            self._settle()
            change(self._of(key))
            self._changed.notify_all()

    def _set_state(self, key: str, state: State) -> None:
        self._change(key, lambda guest: setattr(guest, "state", state))

    def _new_life(self, guest: FakeGuest, state: State | None = None) -> None:
        guest.generation, guest.run_ns, guest.state = next(self._serial), 0, state or guest.state
        guest.extra.clear()
        for device in (*guest.disks, *guest.nics):
            device.generation, device.plugged_at_ns = next(self._serial), 0
            device.extra.clear()

    def _replug(self, guest: FakeGuest, devices: list[FakeDevice], key: str) -> None:
        device = device_of(devices, key, guest.key)
        device.generation, device.plugged_at_ns = next(self._serial), guest.run_ns
        device.extra.clear()

    def _count_nic(self, key: str, nic: str, **more: int) -> None:
        self._change(key, lambda guest: device_of(guest.nics, nic, key).extra.update(**more))

    def _count_disk(self, key: str, disk: str, **more: int) -> None:
        self._change(key, lambda guest: device_of(guest.disks, disk, key).extra.update(**more))
