"""The driver ``fake``: reads a FakeHypervisor of this process, by its name, or one of its own.

``fake:`` is a hypervisor that follows from the driver's options alone, one for all connections of a process.
``fake:NAME`` is the ``FakeHypervisor`` of that name, and its ``target`` is what to connect to.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import ClassVar, Self

from hvinspect.driver import (
    CATALOGUE,
    Absence,
    ConnectionLost,
    Driver,
    Failure,
    Group,
    HostId,
    HostRequest,
    HostStats,
    Instance,
    InstanceStats,
    InvalidTarget,
    InventoryRequest,
    Kind,
    OpenRequest,
    Origin,
    OriginRequest,
    ProvidesRequest,
    ReadRequest,
    Reason,
    Stopwatch,
    option,
    printable,
)

from ._fake_clock import FakeClock
from ._fake_guest import FakeGuest
from ._fake_hypervisor import FakeHypervisor, FakeKind
from ._fake_pace import ONLY_RATES
from ._fake_records import host_stats, instance_of, stats_of
from ._reduce import only_groups

__all__ = ["FakeClock", "FakeDriver", "FakeHypervisor", "FakeKind", "FakeOptions"]

#: What part of its time a reader keeps for the results of guests that hang, and how many seconds at most.
_RESERVE, _LONGEST_RESERVE_S = 0.25, 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeOptions:
    """What the plain ``fake:`` is like."""

    seed: int = option("Names and numbers follow from it.", default=0)
    instances: int = option("Number of instances; each fourth of five does not run.", default=5)
    vcpus: int = option("Virtual CPUs of each.", default=2)
    disks: int = option("Disks of each.", default=1)
    nics: int = option("NICs of each.", default=1)
    kind: FakeKind = option(  # option() makes a field of a dataclass
        "A hypervisor of counters, or of rates alone.", default=FakeKind.COUNTERS
    )
    clock: FakeClock = option("What makes counters move: this host's clock, or each read.", default=FakeClock.HOST)
    hostile: bool = option("Give one instance names to be wary of.", default=False)


_own: dict[FakeOptions, FakeHypervisor] = {}
_lock = threading.Lock()


class FakeDriver(Driver):
    """One connection to a fake hypervisor."""

    Options: ClassVar[type[FakeOptions]] = FakeOptions

    #: What it reads, for tests that make something happen there.
    hypervisor: FakeHypervisor

    def __init__(self, hypervisor: FakeHypervisor) -> None:
        """Not to be called: see open()."""
        self.hypervisor = hypervisor
        self._ticket = hypervisor.connected()

    @classmethod
    def open(cls, request: OpenRequest) -> Self:
        """Connect to the hypervisor that the target names.

        Raises:
            InvalidTarget: this process has none of that name, or an option is out of range.
            ConnectFailed: it was told to refuse.
        """
        name = request.target.rest
        if not name:
            return cls(_hypervisor_of(request.options))
        hypervisor = FakeHypervisor.of_name(name)
        if hypervisor is None:
            raise InvalidTarget(f"this process has no FakeHypervisor called {printable(name)!r}")
        if request.options != FakeOptions():
            raise InvalidTarget(f"options are for 'fake:' alone; {printable(name)!r} is as it was made")
        return cls(hypervisor)

    def inventory(self, request: InventoryRequest) -> Sequence[Instance]:
        """Every guest."""
        self._check()
        self.hypervisor.tick()
        return [instance_of(self.hypervisor, guest) for guest in self.hypervisor.guests()]

    def read(self, request: ReadRequest) -> Iterator[InstanceStats | Failure]:
        """The guests that answer, then those that hang: at the deadline, with what is known without them."""
        self._check()
        watch = Stopwatch()
        guests = {guest.key: guest for guest in self.hypervisor.guests()}
        hanging: list[Instance] = []
        for instance in request.instances:
            guest = guests.get(instance.key)
            if guest is not None and guest.hanging and guest.active and guest.trouble is None:
                hanging.append(instance)
            else:
                yield self._result(guest, instance, request.groups, watch)
        patience = request.deadline.earlier(min(_LONGEST_RESERVE_S, request.deadline.remaining * _RESERVE))
        for instance in hanging:
            self.hypervisor.wait(instance.key, self._ticket, patience.remaining)
        self._check()
        guests = {guest.key: guest for guest in self.hypervisor.guests()} if hanging else {}
        for instance in hanging:
            yield self._result(guests.get(instance.key), instance, request.groups, watch)

    def _result(
        self, guest: FakeGuest | None, instance: Instance, groups: frozenset[Group], watch: Stopwatch
    ) -> InstanceStats | Failure:
        if guest is None:
            return Failure(instance=instance, reason=Reason.VANISHED, detail="it went away while it was read")
        if guest.trouble is not None:
            return Failure(instance=instance, reason=guest.trouble.reason, detail=guest.trouble.detail)
        stats = stats_of(self.hypervisor, guest, instance, self.hypervisor.clock.span(watch))
        return only_groups(stats, groups)

    def host(self, request: HostRequest) -> HostStats:
        """The fake host."""
        self._check()
        return host_stats(self.hypervisor, self.hypervisor.clock.span(Stopwatch()))

    def provides(self, request: ProvidesRequest) -> Mapping[str, Absence | None]:
        """Everything; or everything but counters."""
        self._check()
        counters = self.hypervisor.kind is FakeKind.COUNTERS
        return {
            path: None if counters or field.kind is not Kind.COUNTER else ONLY_RATES
            for path, field in CATALOGUE.items()
        }

    def origin(self, request: OriginRequest) -> Origin:
        """The fake hypervisor, by its name."""
        return Origin(
            host_id=HostId(value=f"fake-host-{self.hypervisor.seed}", source="fake"),
            hypervisor="fake",
            hypervisor_version="1.0",
            sources={group: f"fake {group.value}" for group in Group if group is not Group.UNKNOWN},
        )

    def quarantined(self) -> Sequence[str]:
        """The guests that hang."""
        return [guest.key for guest in self.hypervisor.guests() if guest.hanging]

    def close(self) -> None:
        """There is nothing to let go of."""

    def _check(self) -> None:
        if self.hypervisor.lost(self._ticket):
            raise ConnectionLost("the fake hypervisor cut the connection")


def _hypervisor_of(options: FakeOptions) -> FakeHypervisor:
    """The one of these options, made on first use and kept, so that every connection sees the same."""
    for name in ("instances", "vcpus", "disks", "nics"):
        least = 1 if name == "vcpus" else 0
        if getattr(options, name) < least:
            raise InvalidTarget(f"option {name!r} is at least {least}, not {getattr(options, name)}")
    with _lock:
        if options not in _own:
            _own[options] = FakeHypervisor(**asdict(options), name=f"fake: {options}")
        return _own[options]
