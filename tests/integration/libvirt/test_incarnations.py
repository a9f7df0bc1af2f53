"""Incarnations change when a life ends, and only then: equal ones mean that counters can be subtracted."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import libvirt
import pytest

import hvinspect
from hvinspect import InstanceStats
from hvinspect.driver import CATALOGUE, Kind
from tests.lab.daemons import Daemon, wait_until
from tests.lab.fixtures import GuestFactory, Lab
from tests.lab.guests import Guest
from tests.lab.second_daemon import second_daemon
from tests.lab.specification import DiskSpec, GuestSpec, NicSpec, mac_of

_MIB = 1024 * 1024


class Witness:
    """Takes the snapshots of a test and sees to it that no counter falls within an incarnation."""

    def __init__(self, hv: hvinspect.Connection) -> None:
        self._hv = hv
        self._counted: dict[tuple[str, str, str], int] = {}

    def read(self, guest: Guest, hv: hvinspect.Connection | None = None) -> InstanceStats:
        """A snapshot of *guest*."""
        stats = (hv or self._hv).snapshot([guest.spec.uuid], timeout=30.0)[guest.spec.uuid]
        for name, record, incarnation in _records(stats):
            for field in CATALOGUE.values():
                if field.record != name or field.kind is not Kind.COUNTER:
                    continue
                value = getattr(record, field.name)
                if value is None:
                    continue
                key = (name, field.name, incarnation)
                assert value >= self._counted.get(key, 0), f"{field} fell to {value} within {incarnation}"
                self._counted[key] = value
        return stats


def _records(stats: InstanceStats) -> Iterator[tuple[str, Any, str]]:
    yield "cpu", stats.cpu, stats.incarnation
    yield "memory", stats.memory, stats.incarnation
    for name, devices in (("vcpu", stats.cpu.vcpus), ("disk", stats.disks), ("nic", stats.nics)):
        for device in devices:
            yield name, device, device.incarnation


def _all(stats: InstanceStats) -> dict[str, str]:
    devices = {f"vcpu {one.index}": one.incarnation for one in stats.cpu.vcpus}
    devices |= {f"disk {one.key}": one.incarnation for one in stats.disks}
    devices |= {f"nic {one.key}": one.incarnation for one in stats.nics}
    return {"": stats.incarnation, **devices}


@pytest.fixture
def witness(hv: hvinspect.Connection) -> Witness:
    return Witness(hv)


@pytest.fixture(scope="module")
def pair(session_guests: GuestFactory) -> tuple[Guest, Guest]:
    """Two guests, alike but that only the first one's balloon driver is polled."""
    polled, unpolled = session_guests(
        *(
            GuestSpec(
                name=name,
                maximum_vcpus=2,
                disks=(DiskSpec(target="vda"),),
                nics=(NicSpec(mac=mac_of(number)), NicSpec(mac=mac_of(number, 1), target=f"tap{name}")),
                balloon_period=period,
            )
            for number, name, period in ((41, "polled", 1), (42, "unpolled", None))
        )
    )
    for guest in (polled, unpolled):
        guest.write("vda", count=16, size=65536)
        guest.ping(guest.spec.nics[0], count=10)
        guest.ping(guest.spec.nics[1], count=10)
    return polled, unpolled


def _tiny(name: str, number: int) -> GuestSpec:
    return GuestSpec(
        name=name,
        kernel=False,
        memory_mib=16,
        disks=(DiskSpec(target="vda", size=_MIB),),
        nics=(NicSpec(mac=mac_of(number), target=f"tap{name}"),),
    )


def test_nothing_changes_while_nothing_ends(
    lab: Lab, libvirtd: Daemon, hv: hvinspect.Connection, witness: Witness, pair: tuple[Guest, Guest]
) -> None:
    guest, _ = pair
    before = _all(witness.read(guest))
    for _ in range(20):
        assert _all(witness.read(guest)) == before
    guest.pause()
    assert _all(witness.read(guest)) == before
    guest.resume()
    assert _all(witness.read(guest)) == before
    with guest.domain() as domain:
        domain.setMetadata(
            libvirt.VIR_DOMAIN_METADATA_ELEMENT, "<a/>", "a", "http://example.org/a", libvirt.VIR_DOMAIN_AFFECT_LIVE
        )
        domain.setVcpusFlags(2, libvirt.VIR_DOMAIN_AFFECT_LIVE)
    disk = DiskSpec(target="vdb")
    guest.plug(disk)
    plugged = _all(witness.read(guest))
    assert {name: plugged.get(name) for name in before} == before
    assert plugged.keys() - before.keys() == {"vcpu 1", "disk virtio-disk1"}
    guest.unplug(disk)
    del plugged["disk virtio-disk1"]
    assert _all(witness.read(guest)) == plugged
    with hvinspect.connect(f"libvirt:{lab.qemu_uri}") as other:
        assert _all(witness.read(guest, other)) == plugged
    libvirtd.restart()
    assert _all(witness.read(guest)) == plugged
    libvirtd.kill()
    libvirtd.start()
    assert _all(witness.read(guest)) == plugged
    with hvinspect.connect(f"libvirt:{lab.qemu_uri}") as other:
        assert _all(witness.read(guest, other)) == plugged


@pytest.mark.parametrize("number", [0, 1], ids=["polled", "unpolled"])
def test_a_reboot_in_place_is_another_life_of_the_instance(
    witness: Witness, pair: tuple[Guest, Guest], number: int, libvirtd: Daemon
) -> None:
    guest = pair[number]
    guest.fault(3000)
    before = witness.read(guest)
    faults = before.memory.guest_minor_faults
    if number == 0:
        deadline = time.monotonic() + 10
        while (faults := (before := witness.read(guest)).memory.guest_minor_faults) is None or faults < 1500:
            assert time.monotonic() < deadline, f"{faults} faults"
            time.sleep(0.2)
    assert faults is not None
    guest.reboot()
    deadline = time.monotonic() + 10
    while (after := witness.read(guest)).memory.guest_updated_unix_ns == before.memory.guest_updated_unix_ns:
        assert time.monotonic() < deadline, "the guest reports nothing any more"
        time.sleep(0.2)
    assert after.instance.native_id == before.instance.native_id
    assert after.incarnation != before.incarnation
    # These count on: the process goes on.
    assert {**_all(after), "": ""} == {**_all(before), "": ""}
    assert after.disks[0].write_bytes is not None
    assert after.disks[0].write_bytes >= (before.disks[0].write_bytes or 0)
    # It is the same life for as long as it lasts, whatever the daemon does.
    guest.fault(10)
    libvirtd.restart()
    assert witness.read(guest).incarnation == after.incarnation
    if number == 1:
        with guest.domain() as domain:
            domain.reset()
        guest.wait_ready()
        assert witness.read(guest).incarnation not in (before.incarnation, after.incarnation)


def test_a_card_plugged_again_under_its_alias_and_device_is_another(
    lab: Lab, witness: Witness, pair: tuple[Guest, Guest]
) -> None:
    guest, _ = pair
    card = guest.spec.nics[1]
    before = witness.read(guest)
    guest.unplug(card)
    guest.plug(card)
    after = witness.read(guest)
    old, new = before.nics[1], after.nics[1]
    assert (old.key, old.name, old.mac) == (new.key, new.name, new.mac)
    assert old.rx_bytes
    assert new.rx_bytes == 0
    assert new.incarnation != old.incarnation
    assert after.nics[0].incarnation == before.nics[0].incarnation
    assert after.incarnation == before.incarnation
    # And to one who connects only now it is another than it was to others.
    with hvinspect.connect(f"libvirt:{lab.qemu_uri}") as other:
        assert witness.read(guest, other).nics[1].incarnation == new.incarnation


def test_a_disk_plugged_again_under_its_alias_is_another(lab: Lab, witness: Witness, pair: tuple[Guest, Guest]) -> None:
    _, guest = pair
    disk = DiskSpec(target="vdb")
    guest.plug(disk)
    wait_until(lambda: "vdb" in guest.counters().disks, what="the guest has vdb", timeout=20)
    guest.write("vdb", count=16, size=4096)
    before = witness.read(guest)
    guest.unplug(disk)
    guest.plug(disk)
    after = witness.read(guest)
    with hvinspect.connect(f"libvirt:{lab.qemu_uri}") as other:
        assert witness.read(guest, other).disks[1].incarnation == after.disks[1].incarnation
    guest.unplug(disk)
    assert before.disks[1].key == after.disks[1].key
    assert before.disks[1].write_bytes == 16 * 4096
    assert after.disks[1].incarnation != before.disks[1].incarnation
    assert after.disks[0].incarnation == before.disks[0].incarnation


def test_an_instance_made_again_under_its_uuid_is_another_in_every_part(witness: Witness) -> None:
    # As nova reboots it the hard way.
    spec = _tiny("again", 43)
    with Guest(spec).start() as guest:
        before = witness.read(guest)
        with guest.domain() as domain:
            domain.destroy()
        guest.define()
        with guest.domain() as domain:
            off = witness.read(guest)
            domain.createWithFlags(libvirt.VIR_DOMAIN_START_PAUSED)
        after = witness.read(guest)
    assert before.instance.key == off.instance.key == after.instance.key
    assert _all(before).keys() == _all(after).keys()
    assert before.nics[0].name == after.nics[0].name
    assert not set(_all(before).values()) & set(_all(after).values())
    assert off.incarnation not in (before.incarnation, after.incarnation)


def test_an_id_that_a_restarted_daemon_gives_again_is_not_taken_for_the_life_that_had_it(
    libvirtd: Daemon, witness: Witness, pair: tuple[Guest, Guest]
) -> None:
    spec = _tiny("twice", 45)
    libvirtd.restart()  # it counts on from the highest id that runs
    with Guest(spec).start() as guest:
        before = witness.read(guest)
    witness.read(pair[0])
    libvirtd.restart()
    witness.read(pair[0])
    with Guest(spec).start() as guest:
        after = witness.read(guest)
        assert after.instance.native_id == before.instance.native_id
        assert not set(_all(before).values()) & set(_all(after).values())
        assert _all(witness.read(guest)) == _all(after)


def test_an_instance_that_moves_to_another_host_has_another_life_there(witness: Witness, lab: Lab) -> None:
    spec = replace(_tiny("moving", 46), nics=(NicSpec(mac=mac_of(46)),))
    with second_daemon() as there, Guest(spec).start() as guest:
        before = witness.read(guest)
        guest.migrate(there.own_uri, run=there.run)
        with hvinspect.connect(f"libvirt:{there.uri}") as other:
            after = witness.read(guest, other)
        assert not set(_all(before).values()) & set(_all(after).values())
        guest.destroy()
