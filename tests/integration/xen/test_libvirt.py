"""The same dom0 through libvirt: held to the same, and compared with what Xen itself says of the same guest."""

from __future__ import annotations

import hvinspect
from tests.integration.xen.known_load import assert_disk_is_exact, assert_nic_is_exact
from tests.integration.xen.reading import PATIENCE, read
from tests.integration.xen.test_conformance import conforms
from tests.lab.xen.dom0 import libvirtd
from tests.lab.xen.dom0.guests import LibvirtGuest, XlGuest
from tests.lab.xen.dom0.run import output
from tests.lab.xen.dom0.specification import MIB

TARGET = f"libvirt:{libvirtd.URI}"


def test_libvirt_sees_the_guest_that_it_made(made_by_libvirt: LibvirtGuest) -> None:
    assert "running" in output("virsh", "-c", libvirtd.URI, "dominfo", made_by_libvirt.spec.name)
    assert made_by_libvirt.spec.name in output("virsh", "-c", libvirtd.URI, "list")


def test_both_drivers_say_the_same_of_one_guest(made_by_libvirt: LibvirtGuest, hv: hvinspect.Connection) -> None:
    uuid = made_by_libvirt.spec.uuid
    with hvinspect.connect(TARGET) as through_libvirt:
        before = read(hv, made_by_libvirt)
        other = through_libvirt.snapshot(timeout=PATIENCE)[uuid]
        after = read(hv, made_by_libvirt)
    assert_nic_is_exact(other, made_by_libvirt, 3)
    assert_disk_is_exact(before)
    (disk,), (same_disk,) = before.disks, other.disks
    assert (same_disk.read_requests, same_disk.read_bytes) == (disk.read_requests, disk.read_bytes)
    assert (same_disk.write_requests, same_disk.write_bytes) == (disk.write_requests, disk.write_bytes)
    (nic,), (same_nic,) = before.nics, other.nics
    assert (same_nic.rx_bytes, same_nic.rx_packets) == (nic.rx_bytes, nic.rx_packets)
    assert (same_nic.tx_bytes, same_nic.tx_packets) == (nic.tx_bytes, nic.tx_packets)
    assert (before.state, before.instance.name) == (other.state, other.instance.name)
    assert (before.memory.assigned_bytes, before.memory.maximum_bytes) == (96 * MIB, 96 * MIB)
    assert (other.memory.assigned_bytes, other.memory.maximum_bytes) == (96 * MIB, 96 * MIB)
    assert (before.cpu.time_ns or 0) <= (other.cpu.time_ns or 0) <= (after.cpu.time_ns or 0)
    assert len(before.cpu.vcpus) == 1
    for low, vcpu, high in zip(before.cpu.vcpus, other.cpu.vcpus, after.cpu.vcpus, strict=True):
        assert 0 < (low.time_ns or 0) <= (vcpu.time_ns or 0) <= (high.time_ns or 0)


def test_libvirt_does_not_see_what_xl_made(
    pair: tuple[XlGuest, XlGuest], made_by_libvirt: LibvirtGuest, hv: hvinspect.Connection
) -> None:
    with hvinspect.connect(TARGET) as through_libvirt:
        seen = {stats.instance.name for stats in through_libvirt.snapshot(timeout=PATIENCE)}
    assert made_by_libvirt.spec.name in seen
    assert not seen & {guest.spec.name for guest in pair}
    assert {stats.instance.name for stats in hv.snapshot(timeout=PATIENCE)} == {"one", "two", "three"}


def test_libvirt_on_xen_conforms(made_by_libvirt: LibvirtGuest) -> None:
    conforms(TARGET, made_by_libvirt)
