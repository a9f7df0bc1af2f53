"""libvirt's QEMU and LXC drivers, with real inhabitants, are held to what every driver is held to."""

from __future__ import annotations

import socket
from collections.abc import Callable

import hvinspect
from hvinspect.testing import conformance
from hvinspect.testing.conformance import Moved, Outcome, Traffic, Way
from tests.lab import settings
from tests.lab.containers import Container, ContainerSpec
from tests.lab.fixtures import ContainerFactory, Lab
from tests.lab.guests import Guest
from tests.lab.specification import DiskSpec, GuestSpec, NicSpec, mac_of

COUNT, SIZE = 200, 1000
#: An Ethernet type for experiments: nobody answers such frames.
EXPERIMENTAL = (0x88B5).to_bytes(2, "big")
HEADER = 14


def traffic_of(inhabitant: Guest | Container, uri: str) -> Traffic:
    """Lets *inhabitant* receive or send on its first card; what goes the other way is next to nothing."""
    nic = inhabitant.spec.nics[0]
    with hvinspect.connect(f"libvirt:{uri}") as connection:
        stats = connection.snapshot([inhabitant.spec.uuid])[inhabitant.spec.uuid]
    (key,) = (one.key for one in stats.nics if one.mac == nic.mac)

    def traffic(way: Way) -> Moved:
        if way is Way.SEND:
            pings = inhabitant.send(nic, count=COUNT, size=SIZE)
            moved, packets = pings.sent * pings.packet_bytes, pings.sent
        else:
            moved, packets = COUNT * (SIZE + HEADER), COUNT
            send_frames(nic)
        return Moved(instance=inhabitant.spec.uuid, nic=key, bytes=moved, packets=packets)

    return traffic


def send_frames(nic: NicSpec) -> None:
    """Send COUNT frames to *nic* that are not answered."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
        raw.bind((settings.BRIDGE, 0))
        addresses = bytes.fromhex((nic.mac + settings.BRIDGE_MAC).replace(":", ""))
        for _ in range(COUNT):
            raw.send(addresses + EXPERIMENTAL + bytes(SIZE))


def conforms(report: conformance.Report, hypervisor: str, record_property: Callable[[str, object], None]) -> None:
    """Every check was made, and none failed or warned."""
    outcomes = [result.outcome for result in report]
    record_property(f"conformance_{hypervisor}", f"{outcomes.count(Outcome.PASSED)} of {len(outcomes)}")
    assert set(outcomes) == {Outcome.PASSED}, str(report)


def test_qemu_conforms(
    lab: Lab, two_busy_guests: tuple[Guest, Guest], record_property: Callable[[str, object], None]
) -> None:
    guest, _ = two_busy_guests
    guest.ping(guest.spec.nics[0], count=1)  # its card is up from then on
    paused = GuestSpec(
        name="paused", kernel=False, balloon=False, memory_mib=16, iothreads=1,
        disks=(DiskSpec(target="vda"), DiskSpec(target="sda", bus="sata", device="cdrom", empty=True)),
        nics=(NicSpec(mac=mac_of(60), kind="user"),),
    )  # fmt: skip
    off = GuestSpec(name="off", disks=(DiskSpec(target="vda"),), nics=(NicSpec(mac=mac_of(61)),))
    with Guest(paused).start(), Guest(off).define():
        report = conformance.run(f"libvirt:{lab.qemu_uri}", traffic=traffic_of(guest, lab.qemu_uri))
        conforms(report, "qemu", record_property)


def test_lxc_conforms(lab: Lab, containers: ContainerFactory, record_property: Callable[[str, object], None]) -> None:
    first, _ = containers(
        ContainerSpec(name="one", nics=(NicSpec(mac=mac_of(62)),)), ContainerSpec(name="two", memory_mib=32)
    )
    first.ping(first.spec.nics[0], count=1)
    report = conformance.run(f"libvirt:{lab.lxc_uri}", traffic=traffic_of(first, lab.lxc_uri))
    conforms(report, "lxc", record_property)
