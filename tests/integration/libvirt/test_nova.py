"""Nova's record of a real guest, beside what nova's own driver asks libvirt for it."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import libvirt

import hvinspect
from hvinspect.bridges.nova import diagnostics
from tests.bridges.nova.shape import conforms
from tests.lab.guests import Guest

MIB_KIB = 1024


def test_the_record_is_what_nova_would_read_of_libvirt(
    hv: hvinspect.Connection, two_busy_guests: tuple[Guest, Guest]
) -> None:
    guest, _ = two_busy_guests
    with guest.domain() as domain:
        before = _asked(domain)
        record: dict[str, Any] = {**diagnostics(hv.snapshot(), guest.spec.uuid)}
        after = _asked(domain)
        _, maximum_kib, used_kib, *_ = domain.info()
    conforms(record)
    assert (record["state"], record["driver"], record["hypervisor"]) == ("running", "libvirt", "qemu")
    assert record["memory_details"] == {"maximum": maximum_kib // MIB_KIB, "used": used_kib // MIB_KIB}
    ours = _counted(record)
    assert before.keys() == ours.keys() == after.keys()
    assert all(ours[name] for name in ("disk 0 write_bytes", "nic 0 tx_octets", "cpu 0 time"))
    for name, value in ours.items():
        assert before[name] <= value <= after[name], name


def _counted(record: dict[str, Any]) -> dict[str, int]:
    """Each counter of *record*, and how many devices there are."""
    found: dict[str, Any] = {name: record[f"num_{name}"] for name in ("cpus", "disks", "nics")}
    for part in ("cpu", "disk", "nic"):
        for place, detail in enumerate(record[f"{part}_details"]):
            found |= {f"{part} {place} {name}": value for name, value in detail.items() if name not in _NOT_COUNTED}
    assert all(type(value) is int for value in found.values()), found
    return found


#: What takes two readings, what is no counter, and what libvirt's statistics leave out.
_NOT_COUNTED = {"utilisation", "rx_rate", "tx_rate", "mac_address", "errors_count", "id"}


def _asked(domain: libvirt.virDomain) -> dict[str, int]:
    """The same, by the calls that nova's libvirt driver makes."""
    tree = ElementTree.fromstring(domain.XMLDesc())
    disks = [one.get("dev", "") for one in tree.iterfind("devices/disk/target")]
    nics = [one.get("dev", "") for one in tree.iterfind("devices/interface/target")]
    cpus = domain.vcpus()[0]
    found = {"cpus": len(cpus), "disks": len(disks), "nics": len(nics)}
    found |= {f"cpu {place} time": time_ns for place, (_, _, time_ns, _) in enumerate(cpus)}
    for place, name in enumerate(disks):
        numbers = dict(
            zip(("read_requests", "read_bytes", "write_requests", "write_bytes"), domain.blockStats(name), strict=False)
        )
        found |= {f"disk {place} {field}": number for field, number in numbers.items()}
    for place, name in enumerate(nics):
        fields = [f"{way}_{what}" for way in ("rx", "tx") for what in ("octets", "packets", "errors", "drop")]
        found |= {
            f"nic {place} {field}": number for field, number in zip(fields, domain.interfaceStats(name), strict=True)
        }
    return found
