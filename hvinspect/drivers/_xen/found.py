"""What the sources gave, as plain records, whichever of them it was. No I/O here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, final

__all__ = ["Counters", "Device", "Domain", "Node", "Vcpu"]


class Vcpu(NamedTuple):
    """One virtual CPU."""

    online: bool
    time_ns: int


@final
@dataclass(frozen=True, slots=True)
class Domain:
    """One domain, as the hypervisor has it."""

    domid: int
    cpu_ns: int
    memory_bytes: int
    #: Flags that are set, dying before crashed before shutdown, ...; none at all is normal.
    flags: tuple[str, ...]
    #: Those offline too.
    vcpus_maximum: int
    #: None if they were not asked for.
    vcpus: tuple[Vcpu, ...] | None


@final
@dataclass(frozen=True, slots=True)
class Node:
    """The host and its domains at one moment."""

    cpus: int
    memory_total_bytes: int
    memory_free_bytes: int
    domains: Mapping[int, Domain]


@final
@dataclass(frozen=True, slots=True)
class Counters:
    """What dom0's kernel counts of one device."""

    #: The device's name in dom0.
    name: str
    #: What the kernel gives to no other device of this boot.
    number: str
    #: File of ``statistics/`` -> its text.
    values: Mapping[str, str]
    #: Of a network device, the one that it is a part of.
    master: str | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One disk or NIC."""

    #: Its number within the domain, as xenstore has it.
    number: int
    #: vbd, qdisk, ..., or vif.
    kind: str
    #: The domain that its backend runs in.
    backend: int
    #: What its backend's folder has.
    entry: Mapping[str, str]
    counters: Counters | None
