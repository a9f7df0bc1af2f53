"""Which virtual machines there are. Their state is asked for each time, their configuration when it is another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

from hvinspect.driver import Absence, Deadline, Instance, OpenStackMetadata, Stopwatch

from .absences import NO_CONFIGURATION, VANISHED
from .apart import ask
from .found import Hardware, Known, Machine
from .native import Session
from .nova import read_notes
from .words import unescaped, uuid_of

__all__ = ["Inventory"]

#: So many descriptions in a call.
_CHUNK = 1000
#: What spoils a call for others is not tried each time.
_AGAIN_AFTER_NS = 60_000_000_000


@final
@dataclass(frozen=True, slots=True)
class _Description:
    version: tuple[str, str]
    hardware: Hardware | Absence
    openstack: OpenStackMetadata | None
    #: On the monotonic clock, when it is asked for again although the version is the same.
    again_ns: int | None = None


@final
class Inventory:
    """The virtual machines of one session. Thread-safe: what it keeps is replaced whole."""

    def __init__(self, session: Session) -> None:
        """Nothing is known yet."""
        self._session = session
        self._descriptions: Mapping[str, _Description] = {}
        self._latest: tuple[int, Mapping[str, Known]] = (0, {})

    @property
    def latest(self) -> Mapping[str, Known]:
        """By key, from the inventory that began last."""
        return self._latest[1]

    def read(self, deadline: Deadline) -> Mapping[str, Known]:
        """Ask the server: one call where no configuration has changed. Templates are left out."""
        watch = Stopwatch()
        machines = [one for one in self._session.machines(deadline) if not one.is_template]
        taken = watch.span()
        described = self._describe(machines, taken.started_monotonic_ns, deadline)
        found: dict[str, Known] = {}
        for machine in machines:
            description = described[machine.ref]
            if description.hardware is VANISHED:
                continue
            instance = _instance(machine, description, taken.started_unix_ns, found)
            found[instance.key] = Known(instance=instance, machine=machine, hardware=description.hardware, taken=taken)
        self._descriptions = described
        if taken.started_monotonic_ns >= self._latest[0]:  # one that was given up may end after a later one
            self._latest = (taken.started_monotonic_ns, found)
        return found

    def _describe(self, machines: list[Machine], now_ns: int, deadline: Deadline) -> dict[str, _Description]:
        described: dict[str, _Description] = {}
        unknown: dict[str, Machine] = {}
        for machine in machines:
            known = self._descriptions.get(machine.ref)
            if known is None or known.version != machine.version or (known.again_ns or now_ns + 1) <= now_ns:
                unknown[machine.ref] = machine
            else:
                described[machine.ref] = known
        refs = tuple(unknown)
        for start in range(0, len(refs), _CHUNK):
            some = refs[start : start + _CHUNK]
            answers = ask(some, lambda few: self._session.hardware(few, deadline))
            for ref in some:
                described[ref] = _description(unknown[ref].version, answers.get(ref, NO_CONFIGURATION), now_ns)
        return described


def _description(version: tuple[str, str], hardware: Hardware | Absence, now_ns: int) -> _Description:
    if isinstance(hardware, Absence):
        return _Description(version, hardware, None, now_ns + _AGAIN_AFTER_NS)
    return _Description(version, hardware, read_notes(hardware.annotation))


def _instance(machine: Machine, description: _Description, now: int, others: Mapping[str, Known]) -> Instance:
    uuid = uuid_of(machine.instance_uuid)
    key = str(uuid) if uuid else machine.ref
    if key in others:  # two that stand for each other, as the secondary of a fault-tolerant one
        key = f"{key}#{machine.ref}"
    return Instance(
        key=key,
        uuid=uuid,
        name=unescaped(machine.name) if machine.name is not None else None,
        native_id=machine.ref,
        driver="vmware",
        openstack=description.openstack,
        described_at=now,
    )
