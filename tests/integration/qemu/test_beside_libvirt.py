"""A guest of libvirt's, read through libvirt and in /proc at once: two ways, one result."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import hvinspect
from hvinspect import InstanceStats, VcpuStats
from tests.lab.fixtures import Lab
from tests.lab.guests import Guest, start_together
from tests.lab.specification import DiskSpec, GuestSpec, NicSpec, mac_of

#: libvirt reads a vCPU's time in the kernel's ticks: user and system time of its thread, each cut to one.
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
def thrice(lab: Lab, theirs: Guest) -> tuple[InstanceStats, InstanceStats, InstanceStats]:
    """The same guest through libvirt, in /proc, and through libvirt again."""
    with hvinspect.connect(f"libvirt:{lab.qemu_uri}") as libvirt, hvinspect.connect("qemu:") as by_proc:
        uuid = theirs.spec.uuid
        return libvirt.snapshot()[uuid], by_proc.snapshot()[uuid], libvirt.snapshot()[uuid]


@pytest.fixture(scope="module")
def both(thrice: tuple[InstanceStats, InstanceStats, InstanceStats]) -> tuple[InstanceStats, InstanceStats]:
    """The same guest through libvirt, and in /proc."""
    return thrice[0], thrice[1]


def test_it_is_the_same_instance(both: tuple[InstanceStats, InstanceStats]) -> None:
    one, other = both
    assert (one.instance.key, one.instance.uuid, one.instance.name) == (
        other.instance.key,
        other.instance.uuid,
        other.instance.name,
    )


def test_each_vcpus_time_agrees_within_one_tick_of_each_number_that_libvirt_adds_up(
    thrice: tuple[InstanceStats, InstanceStats, InstanceStats],
) -> None:
    before, ours, after = thrice
    assert [vcpu.index for vcpu in before.cpu.vcpus] == [vcpu.index for vcpu in ours.cpu.vcpus] == [0, 1]
    for earlier, vcpu, later in zip(before.cpu.vcpus, ours.cpu.vcpus, after.cpu.vcpus, strict=True):
        assert earlier.time_ns is not None
        assert vcpu.time_ns is not None
        assert later.time_ns is not None
        # Theirs is the sum of user and system time, each cut to a tick by the kernel; ours is the uncut sum.
        assert _cut_ns(int(ours.instance.native_id or 0), vcpu) == later.time_ns
        assert earlier.time_ns <= vcpu.time_ns < later.time_ns + 2 * _TICK_NS


def test_each_vcpus_delay_agrees_exactly(thrice: tuple[InstanceStats, InstanceStats, InstanceStats]) -> None:
    for earlier, vcpu, later in zip(*(stats.cpu.vcpus for stats in thrice), strict=True):
        assert earlier.delay_ns is not None
        assert vcpu.delay_ns is not None
        assert later.delay_ns is not None
        assert earlier.delay_ns <= vcpu.delay_ns <= later.delay_ns


def _cut_ns(pid: int, vcpu: VcpuStats) -> int:
    """User and system time of a vCPU's thread, as many ticks as each has."""
    thread = vcpu.incarnation.rpartition("/")[2]
    fields = Path(f"/proc/{pid}/task/{thread}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * _TICK_NS


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
    lab.libvirtd.stop()
    try:
        with hvinspect.connect("qemu:") as by_proc:
            stats = by_proc.snapshot(groups=[*hvinspect.DEFAULT_GROUPS, hvinspect.Group.PROCESS_IO])[theirs.spec.uuid]
    finally:
        lab.libvirtd.start()
    assert stats.cpu.time_ns is not None
    assert stats.memory.host_resident_bytes is not None
    assert stats.process_io.write_bytes is not None
    assert stats.nics[0].rx_bytes is not None
    assert stats.state is None
    assert "libvirt started this QEMU" in str(stats.why("state"))
