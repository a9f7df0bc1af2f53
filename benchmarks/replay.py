"""A libvirt that answers at once, in the place of libvirt-python's C extension: any number of guests, on no host.

What it answers comes from the guests of the lab, or is made from a recorded one that uses all that it has.
"""

from __future__ import annotations

import json
import uuid
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Final, final

from tests.drivers.libvirt import case

from .guests import Shape
from .subjects import STATISTICS

__all__ = ["Played", "PlayedGuest", "captured", "made"]

_CAPABILITIES: Final = "<capabilities><host><uuid>9eadd654-e973-5ac9-9034-9d09751e2fe0</uuid></host></capabilities>"
_NAMESPACE: Final = uuid.UUID("3e0f4ad3-40a9-4d0c-9f0c-54f2d2a2b9a1")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class PlayedGuest:
    """One guest: its description, and its part of the bulk call's answer."""

    uuid: str
    name: str
    number: int
    xml: str
    statistics: Mapping[str, Any]
    uuid_bytes: bytes = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "uuid_bytes", uuid.UUID(self.uuid).bytes)


def captured(connection: Any) -> list[PlayedGuest]:
    """The guests of a libvirt connection as it has them now, with the default groups."""
    return [
        PlayedGuest(uuid=one.UUIDString(), name=one.name(), number=one.ID(), xml=one.XMLDesc(), statistics=statistics)
        for one, statistics in connection.getAllDomainStats(STATISTICS)
    ]


def made(count: int, shape: Shape) -> list[PlayedGuest]:
    """Guests of *shape*, each like the recorded one that runs, reports, and has been busy."""
    recorded = case.load("running")
    assert recorded.bulk is not None
    root = ElementTree.fromstring(recorded.xml)
    return [_made(number, shape, root, recorded.bulk) for number in range(1, count + 1)]


def _made(number: int, shape: Shape, recorded: ElementTree.Element, bulk: Mapping[str, Any]) -> PlayedGuest:
    disks, nics = shape
    name, identity = f"guest-{number}", str(uuid.uuid5(_NAMESPACE, str(number)))
    root = deepcopy(recorded)
    _texts(root, name=name, uuid=identity)
    statistics: dict[str, Any] = {
        key: value for key, value in bulk.items() if key.partition(".")[0] in ("state", "cpu", "vcpu", "balloon")
    }
    devices = root.find("devices")
    assert devices is not None
    for tag, wanted in (("disk", disks), ("interface", nics)):
        first, *_ = found = devices.findall(tag)
        for element in found:
            devices.remove(element)
        prefix, array = ("virtio-disk", "block") if tag == "disk" else ("net", "net")
        statistics[f"{array}.count"] = wanted
        for index in range(wanted):
            host_name = f"vd{chr(ord('a') + index)}" if tag == "disk" else f"vnet{number * nics + index}"
            devices.append(_device(first, f"{prefix}{index}", host_name, number=number, index=index))
            for key, value in bulk.items():
                if key.startswith(f"{array}.0."):
                    # As large as the counters of a guest that has run for weeks.
                    large = value * 99_991 + number if isinstance(value, int) and value > 1000 else value
                    statistics[key.replace(".0.", f".{index}.", 1)] = large
            statistics[f"{array}.{index}.name"] = host_name
    root.set("id", str(number))
    xml = ElementTree.tostring(root, encoding="unicode")
    return PlayedGuest(uuid=identity, name=name, number=number, xml=xml, statistics=statistics)


def _device(template: ElementTree.Element, alias: str, target: str, *, number: int, index: int) -> ElementTree.Element:
    element = deepcopy(template)
    for child in element:
        if child.tag == "alias":
            child.set("name", alias)
        elif child.tag == "target":
            child.set("dev", target)
        elif child.tag == "mac":
            child.set("address", f"52:54:{number >> 8 & 255:02x}:{number & 255:02x}:00:{index:02x}")
    return element


def _texts(root: ElementTree.Element, **texts: str) -> None:
    for tag, text in texts.items():
        element = root.find(tag)
        assert element is not None
        element.text = text


# libvirt-python takes for a native object only what is of a type of this name. Like a real one, a text is nothing that
# the garbage collector looks at.
@final
class PyCapsule(str):
    """A connection, or a domain on it: its uuid."""

    __slots__ = ()


@final
class Played:
    """The functions of ``libvirtmod`` that a reader of counters calls, named as they are there.

    *anew* makes each value of an answer a new object, as the C extension does: for what is held, not for time.
    """

    # ruff: noqa: N802  # the names are libvirt's
    def __init__(self, guests: Sequence[PlayedGuest], *, anew: bool = False) -> None:
        self._guests = {guest.uuid: guest for guest in guests}
        #: Whose description was read, each time.
        self.described: list[str] = []
        self._written = {guest.uuid: json.dumps(guest.statistics) for guest in guests} if anew else None

    @property
    def count(self) -> int:
        """How many guests there are."""
        return len(self._guests)

    def virConnectOpenReadOnly(self, uri: str) -> PyCapsule:
        return PyCapsule(uri)

    def virConnectClose(self, _connection: PyCapsule) -> int:
        return 0

    def virConnectIsAlive(self, _connection: PyCapsule) -> int:
        return 1

    def virConnectGetType(self, _connection: PyCapsule) -> str:
        return "QEMU"

    def virConnectGetLibVersion(self, _connection: PyCapsule) -> int:
        return 9_000_000

    def virConnectGetVersion(self, _connection: PyCapsule) -> int:
        return 7_002_022

    def virNodeGetInfo(self, _connection: PyCapsule) -> list[Any]:
        return ["x86_64", 16_000, 2, 2000, 1, 1, 2, 1]

    def virConnectGetCapabilities(self, _connection: PyCapsule) -> str:
        return _CAPABILITIES

    def virConnectListAllDomains(self, _connection: PyCapsule, _flags: int) -> list[PyCapsule]:
        return [PyCapsule(uuid) for uuid in self._guests]

    def virConnectGetAllDomainStats(self, connection: PyCapsule, stats: int, flags: int) -> list[Any]:
        return self.virDomainListGetStats(connection, self.virConnectListAllDomains(connection, 0), stats, flags)

    def virDomainListGetStats(
        self, _connection: PyCapsule, domains: Sequence[PyCapsule], _stats: int, _flags: int
    ) -> list[tuple[PyCapsule, dict[str, Any]]]:
        return [(PyCapsule(domain), self._answer(domain)) for domain in domains]

    def _answer(self, domain: PyCapsule) -> dict[str, Any]:
        guest = self._guests[domain]
        if self._written is None:
            return dict(guest.statistics)
        answer: dict[str, Any] = json.loads(self._written[guest.uuid])
        return answer

    def virDomainGetXMLDesc(self, domain: PyCapsule, _flags: int) -> str:
        self.described.append(domain)
        return self._guests[domain].xml

    def virDomainGetUUID(self, domain: PyCapsule) -> bytes:
        return self._guests[domain].uuid_bytes

    def virDomainGetName(self, domain: PyCapsule) -> str:
        return self._guests[domain].name

    def virDomainGetID(self, domain: PyCapsule) -> int:
        return self._guests[domain].number

    def virDomainGetControlInfo(self, _domain: PyCapsule, _flags: int) -> list[int]:
        return [0, 0, 0]  # well, and not busy

    def virDomainFree(self, _domain: PyCapsule) -> int:
        return 0
