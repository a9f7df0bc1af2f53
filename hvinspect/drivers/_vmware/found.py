"""What the server told, as plain records. No I/O here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import final

from hvinspect.driver import Absence, Group, Instance, Span

__all__ = [
    "About",
    "Disk",
    "Gone",
    "Hardware",
    "Host",
    "Known",
    "Machine",
    "Nic",
    "Reading",
    "Refused",
    "Samples",
]


@final
class Gone(Exception):
    """The server has no object *ref* any more."""

    def __init__(self, ref: str) -> None:
        super().__init__(ref)
        self.ref = ref


@final
class Refused(Exception):
    """The server answered with a fault; *absence* is what it says of the values that were asked for."""

    def __init__(self, absence: Absence) -> None:
        super().__init__(str(absence))
        self.absence = absence


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Which server it is."""

    is_host: bool
    name: str
    version: str
    uuid: str | None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A virtual machine by what is asked for in every snapshot."""

    ref: str
    name: str | None = None
    is_template: bool = False
    instance_uuid: str | None = None
    #: Another one whenever the configuration is another.
    version: tuple[str, str] = ("", "")
    power: str | None = None
    connection: str | None = None
    booted: str = ""
    host_memory_mib: int | None = None
    ballooned_mib: int | None = None
    #: By property, why it is not there although it was asked for.
    missing: Mapping[str, Absence] = field(default_factory=dict[str, Absence])


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """A disk or a drive."""

    key: int
    device: str
    #: As performance counters have it: scsi0:1.
    name: str | None = None
    bus: str | None = None
    kind: str | None = None
    source: str | None = None
    capacity_bytes: int | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Nic:
    """A network card."""

    key: int
    mac: str | None = None
    model: str | None = None
    kind: str | None = None
    external_id: str | None = None
    connected: bool | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Hardware:
    """A virtual machine by its configuration."""

    vcpus: int | None = None
    memory_mib: int | None = None
    annotation: str = ""
    disks: tuple[Disk, ...] = ()
    nics: tuple[Nic, ...] = ()


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """The newest sample of a virtual machine: (counter, instance) -> number."""

    window_s: int
    #: By the server's clock.
    ended_unix_ns: int
    values: Mapping[tuple[str, str], int]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """An ESX host."""

    name: str | None = None
    uuid: str | None = None
    threads: int | None = None
    memory_bytes: int | None = None
    used_mib: int | None = None
    booted: str = ""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A virtual machine, as an inventory found it."""

    instance: Instance
    machine: Machine
    #: Or why it could not be read.
    hardware: Hardware | Absence
    taken: Span


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All that was got of one virtual machine by one snapshot."""

    known: Known
    groups: frozenset[Group]
    #: Or why there is no sample of it.
    sampled: Samples | Absence
    #: The counters that this server does not have.
    lacking: frozenset[str] = frozenset()
