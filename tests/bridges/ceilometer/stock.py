"""A recorded guest as ceilometer's own libvirt inspector and discovery see it: the calls that these make, and no other.

libvirt fills the answers of its single calls from what its bulk call tells, in its own units; so does this.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from typing import Any, final

import libvirt
from ceilometer.compute.virt.libvirt import inspector

from tests.drivers.libvirt.case import Case

__all__ = ["PlayedConnection", "lend"]

_MEMORY = {"current": "actual"}
_NIC = ("rx.bytes", "rx.pkts", "rx.errs", "rx.drop", "tx.bytes", "tx.pkts", "tx.errs", "tx.drop")
_INSTANCE = "{http://openstack.org/xmlns/libvirt/nova/1.1}instance"


def lend(case: Case) -> None:
    """Let ceilometer's own inspector read this guest."""
    inspector.LibvirtInspector._libvirt_connection = PlayedConnection(case)


@final
class PlayedConnection:
    """A connection to a libvirtd that has one guest."""

    def __init__(self, case: Case) -> None:
        self._domain = _PlayedDomain(case)
        self._bulk = case.bulk

    # ruff: noqa: N802  # the names are libvirt's
    def isAlive(self) -> int:
        return 1

    def lookupByUUIDString(self, uuid: str) -> Any:
        assert uuid == self._domain.UUIDString()
        return self._domain

    def listAllDomains(self) -> list[Any]:
        return [self._domain]

    def domainListGetStats(self, domains: list[Any], _stats: int) -> list[Any]:
        return [(domains[0], self._bulk)]


def _without_namespace(element: ElementTree.Element) -> ElementTree.Element:
    """As libvirt gives metadata, and as ceilometer looks for it."""
    copied = ElementTree.Element(element.tag.rpartition("}")[2], element.attrib)
    copied.text = element.text
    copied.extend(map(_without_namespace, element))
    return copied


@final
class _PlayedDomain:
    def __init__(self, case: Case) -> None:
        assert case.bulk is not None
        self._bulk = case.bulk
        self._calls = case.calls
        self._xml = ElementTree.fromstring(case.xml)
        self._text = case.xml

    def UUIDString(self) -> str:
        return self._xml.findtext("uuid") or ""

    def name(self) -> str:
        return self._xml.findtext("name") or ""

    def state(self) -> list[int]:
        return [self._bulk["state.state"], 0]

    def info(self) -> list[int]:
        memory = self._bulk.get("balloon.maximum", 0)
        return [self._bulk["state.state"], memory, memory, self._bulk.get("vcpu.current", 0), 0]

    def XMLDesc(self, _flags: int = 0) -> str:
        return self._text

    def metadata(self, _kind: int, namespace: str) -> str:
        found = self._xml.find(f"./metadata/{_INSTANCE}")
        if found is None or namespace not in _INSTANCE:
            raise libvirt.libvirtError("metadata not found")
        return ElementTree.tostring(_without_namespace(found), encoding="unicode")

    def memoryStats(self) -> dict[str, int]:
        parts = {key.removeprefix("balloon."): value for key, value in self._bulk.items() if key.startswith("balloon.")}
        return {_MEMORY.get(name, name): value for name, value in parts.items()}

    def blockStats(self, device: str) -> list[int]:
        at = self._at("block", device)
        return [self._bulk[f"{at}.{name}"] for name in ("rd.reqs", "rd.bytes", "wr.reqs", "wr.bytes")] + [-1]

    def blockStatsFlags(self, device: str, _flags: int) -> dict[str, int]:
        at = self._at("block", device)
        return {"rd_total_times": self._bulk[f"{at}.rd.times"], "wr_total_times": self._bulk[f"{at}.wr.times"]}

    def blockInfo(self, device: str) -> list[int]:
        answer: list[int] = self._calls[f"blockInfo {device}"]
        return answer

    def interfaceStats(self, device: str) -> list[int]:
        at = self._at("net", device)
        return [self._bulk.get(f"{at}.{name}", -1) for name in _NIC]

    def _at(self, array: str, name: str) -> str:
        for index in range(self._bulk.get(f"{array}.count", 0)):
            if self._bulk.get(f"{array}.{index}.name") == name:
                return f"{array}.{index}"
        raise libvirt.libvirtError(f"no {array} {name}")
