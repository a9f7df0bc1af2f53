"""A guest of libvirt's, read through libvirt and in /proc at once: two ways, one result."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import hvinspect
from hvinspect import InstanceStats, State
from tests.lab.fixtures import Lab
from tests.lab.guests import Guest, start_together
from tests.lab.specification import DiskSpec, GuestSpec, NicSpec, mac_of

#: libvirt reads a vCPU's time in the kernel's ticks.
_TICK_NS = 10_000_000


@pytest.fixture(scope="module")
def theirs(lab: Lab) -> Iterator[Guest]:
    """A guest that libvirt started."""
    spec = GuestSpec(name="theirs", vcpus=2, disks=(DiskSpec(target="vda"),), nics=(NicSpec(mac=mac_of(93)),))
    (guest,) = start_together([spec])
    guest.ping(guest.spec.nics[0], count=20, size=100)
    guest.pause()  # else it goes on between the two
    yield guest
    guest.destroy()


@pytest.fixture(scope="module")
def both(lab: Lab, theirs: Guest) -> tuple[InstanceStats, InstanceStats]:
    """The same guest through libvirt, and in /proc."""
    with hvinspect.connect(f"libvirt:{lab.qemu_uri}") as libvirt, hvinspect.connect("qemu:") as by_proc:
        return libvirt.snapshot()[theirs.spec.uuid], by_proc.snapshot()[theirs.spec.uuid]


def test_it_is_the_same_instance(both: tuple[InstanceStats, InstanceStats]) -> None:
    one, other = both
    assert (one.instance.key, one.instance.uuid, one.instance.name) == (
        other.instance.key,
        other.instance.uuid,
        other.instance.name,
    )


def test_each_vcpus_time_agrees_within_one_tick(both: tuple[InstanceStats, InstanceStats]) -> None:
    one, other = both
    assert [vcpu.index for vcpu in one.cpu.vcpus] == [vcpu.index for vcpu in other.cpu.vcpus] == [0, 1]
    for theirs, ours in zip(one.cpu.vcpus, other.cpu.vcpus, strict=True):
        assert theirs.time_ns is not None
        # Theirs is user and system time, each cut to a tick; ours is not cut.
        assert ours.time_ns == pytest.approx(theirs.time_ns, abs=2 * _TICK_NS)
        assert ours.delay_ns == pytest.approx(theirs.delay_ns, abs=_TICK_NS)


def test_resident_memory_agrees(both: tuple[InstanceStats, InstanceStats]) -> None:
    one, other = both
    assert one.memory.host_resident_bytes == pytest.approx(other.memory.host_resident_bytes, rel=0.02)


def test_a_nics_key_and_counters_are_the_same(both: tuple[InstanceStats, InstanceStats]) -> None:
    one, other = both
    names = ("key", "name", "mac", "model", "kind", "bridge")
    counters = [f"{way}_{what}" for way in ("rx", "tx") for what in ("bytes", "packets", "errors", "drops")]
    for name in (*names, *counters):
        assert getattr(one.nics[0], name) == getattr(other.nics[0], name), name


def test_its_monitor_is_left_to_libvirt(both: tuple[InstanceStats, InstanceStats]) -> None:
    assert "libvirt started this QEMU" in str(both[1].why("state"))


def test_processes_are_read_while_libvirtd_is_down(lab: Lab, theirs: Guest) -> None:
    with hvinspect.connect("qemu:") as by_proc:
        lab.libvirtd.stop()
        try:
            stats = by_proc.snapshot()[theirs.spec.uuid]
        finally:
            lab.libvirtd.start()
    assert stats.cpu.time_ns is not None
    assert stats.nics[0].rx_bytes is not None
    assert stats.state is not State.RUNNING
