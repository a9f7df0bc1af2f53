"""Nova's record of a real guest, beside what nova's own driver asks libvirt for it."""

from __future__ import annotations

from typing import Any, Literal
from xml.etree import ElementTree

import libvirt
import pytest

import hvinspect
from hvinspect.bridges.nova import diagnostics
from tests.bridges.nova.shape import conforms
from tests.lab import settings
from tests.lab.fixtures import GuestFactory
from tests.lab.guests import Guest
from tests.lab.specification import MIB, DiskSpec, GuestSpec, NicSpec, mac_of

MIB_KIB = 1024
#: What libvirt's blockStats() says of errors it does not count; nova hands it on.
UNKNOWN_TO_LIBVIRT = -1


def test_the_record_is_what_nova_would_read_of_libvirt(
    hv: hvinspect.Connection, two_busy_guests: tuple[Guest, Guest]
) -> None:
    guest, _ = two_busy_guests
    with guest.domain() as domain:
        before = _asked(domain)
        record: dict[str, Any] = {**diagnostics(hv.snapshot(), guest.spec.uuid)}
        after = _asked(domain)
        _, maximum_kib, used_kib, *_ = domain.info()
        addresses, errors = _addresses(domain), _errors(domain)
        virt_type = ElementTree.fromstring(domain.XMLDesc()).get("type")
    conforms(record)
    assert (record["state"], record["driver"], record["hypervisor"]) == ("running", "libvirt", virt_type)
    assert record["config_drive"] is False
    assert [nic["mac_address"] for nic in record["nic_details"]] == addresses == [nic.mac for nic in guest.spec.nics]
    assert errors == [UNKNOWN_TO_LIBVIRT] * len(record["disk_details"])
    assert [disk["errors_count"] for disk in record["disk_details"]] == [None] * len(errors)
    assert record["memory_details"] == {"maximum": maximum_kib // MIB_KIB, "used": used_kib // MIB_KIB}
    ours = _counted(record)
    assert before.keys() == ours.keys() == after.keys()
    assert all(ours[name] for name in ("disk 0 write_bytes", "nic 0 tx_octets", "cpu 0 time"))
    for name, value in ours.items():
        assert before[name] <= value <= after[name], name


@pytest.mark.parametrize(("target", "bus", "device"), [("hdd", "ide", "cdrom"), ("vdb", "virtio", "disk")])
def test_a_config_drive_is_known_by_its_name(
    hv: hvinspect.Connection, guests: GuestFactory, target: str, bus: str, device: Literal["cdrom", "disk"]
) -> None:
    """As nova attaches it; beside it an empty drive, and a card of which libvirt has no statistics."""
    folder = settings.IMAGES / f"nova-{bus}"
    folder.mkdir()
    image = folder / "disk.config"
    image.write_bytes(bytes(MIB))
    (guest,) = guests(
        GuestSpec(
            name=f"config-drive-{bus}",
            memory_mib=16,
            kernel=False,
            disks=(
                DiskSpec(target="vda"),
                DiskSpec(target="hdc", bus="ide", device="cdrom", empty=True),
                DiskSpec(target=target, bus=bus, device=device, source=image),
            ),
            nics=(NicSpec(mac=mac_of(9).upper()), NicSpec(mac=mac_of(9, 1), kind="user")),
        )
    )
    with guest.domain() as domain:
        addresses, errors = _addresses(domain), _errors(domain)
    record = diagnostics(hv.snapshot(), guest.spec.uuid)
    assert record["config_drive"] is True
    assert [nic["mac_address"] for nic in record["nic_details"]] == addresses
    assert record["nic_details"][1]["rx_octets"] is None
    assert [disk["errors_count"] for disk in record["disk_details"]] == [None] * 3
    assert errors == [UNKNOWN_TO_LIBVIRT] * 3
    assert (record["state"], record["uptime"]) == ("paused", None)


def test_the_use_of_a_vcpu_is_what_it_ran_in_between(
    hv: hvinspect.Connection, two_busy_guests: tuple[Guest, Guest]
) -> None:
    guest, _ = two_busy_guests
    with guest.domain() as domain:
        earliest, before, early = _ran(domain), hv.snapshot(), _ran(domain)
        guest.spin(2)
        late, after, latest = _ran(domain), hv.snapshot(), _ran(domain)
    used = [cpu["utilisation"] for cpu in diagnostics(after, guest.spec.uuid, before=before)["cpu_details"]]
    window_ns = after[guest.spec.uuid].taken.started_monotonic_ns - before[guest.spec.uuid].taken.started_monotonic_ns
    assert len(used) == len(late) == guest.spec.vcpus
    for index, value in enumerate(used):
        assert value is not None
        least, most = late[index] - early[index], latest[index] - earliest[index]
        assert round(least / window_ns * 100) <= value <= round(most / window_ns * 100), (index, used)
    assert max(value for value in used if value is not None) > 0


def _ran(domain: libvirt.virDomain) -> list[int]:
    return [time_ns for _, _, time_ns, _ in domain.vcpus()[0]]


def _addresses(domain: libvirt.virDomain) -> list[str]:
    tree = ElementTree.fromstring(domain.XMLDesc())
    return [one.get("address", "") for one in tree.iterfind("devices/interface/mac")]


def _errors(domain: libvirt.virDomain) -> list[int]:
    tree = ElementTree.fromstring(domain.XMLDesc())
    return [domain.blockStats(one.get("dev", ""))[4] for one in tree.iterfind("devices/disk/target")]


def _counted(record: dict[str, Any]) -> dict[str, int]:
    """Each counter of *record*, and how many devices there are."""
    found: dict[str, Any] = {name: record[f"num_{name}"] for name in ("cpus", "disks", "nics")}
    for part in ("cpu", "disk", "nic"):
        for place, detail in enumerate(record[f"{part}_details"]):
            found |= {f"{part} {place} {name}": value for name, value in detail.items() if name not in _NOT_COUNTED}
    assert all(type(value) is int for value in found.values()), found
    return found


#: What takes two readings, what is no counter, and what libvirt's statistics leave out: compared by itself.
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
