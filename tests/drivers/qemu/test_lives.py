"""Counters that begin anew are another incarnation; those that go on are the same, over another connection too."""

from __future__ import annotations

import pytest

import hvinspect
from hvinspect import Connection, InstanceStats
from hvinspect.testing import registered
from tests.drivers.qemu.host import Host, recorded, uuid_of

NICS = ("-netdev", "tap,id=t0,ifname=tap0", "-device", "virtio-net-pci,netdev=t0,id=nic0")


@pytest.fixture
def guest(host: Host) -> Host:
    host.add_tap("tap0", rx_packets=40)
    host.add(100, *NICS, answers=recorded(), taps={12: "tap0"})
    stats = host.monitors[100].answers["query-blockstats"][1]["stats"]
    stats["rd_bytes"] = 700
    return host


def incarnations(stats: InstanceStats) -> dict[str, str]:
    return {
        "guest": stats.incarnation,
        "vcpu": stats.cpu.vcpus[0].incarnation,
        "disk": next(disk.incarnation for disk in stats.disks if disk.key == "disk1"),
        "nic": stats.nics[0].incarnation,
    }


def changed(hv: Connection, before: InstanceStats) -> set[str]:
    """What has another incarnation now."""
    old, new = incarnations(before), incarnations(hv.snapshot()[uuid_of(100)])
    return {part for part in old if old[part] != new[part]}


def test_nothing_changes_while_everything_counts_on(guest: Host, hv: Connection) -> None:
    before = hv.snapshot()[uuid_of(100)]
    guest.processes[100].clock_ns += 5
    guest.add_tap("tap0", rx_packets=41)
    assert changed(hv, before) == set()
    with registered("qemu", guest.driver), hvinspect.connect(guest.target) as another:
        assert changed(another, before) == set()


def test_with_and_without_a_monitor_a_guest_is_the_same(guest: Host, hv: Connection, by_proc: Connection) -> None:
    before, other = hv.snapshot()[uuid_of(100)], by_proc.snapshot()[uuid_of(100)]
    assert before.incarnation == other.incarnation
    assert before.cpu.vcpus[0].incarnation == other.cpu.vcpus[0].incarnation
    assert before.nics[0].incarnation == other.nics[0].incarnation


def test_a_disk_with_another_image_is_another(guest: Host, hv: Connection) -> None:
    before = hv.snapshot()[uuid_of(100)]
    guest.monitors[100].answers["query-block"][1]["inserted"]["node-name"] = "#block999"
    assert changed(hv, before) == {"disk"}


def test_a_vcpu_with_another_thread_is_another(guest: Host, hv: Connection) -> None:
    before = hv.snapshot()[uuid_of(100)]
    guest.processes[100].threads[150] = ("CPU 0/TCG", 6_000_000_000, 50_000_000)
    guest.write(guest.processes[100])
    guest.monitors[100].answers["query-cpus-fast"][0]["thread-id"] = 150
    assert changed(hv, before) == {"vcpu"}


@pytest.mark.parametrize("part", ["disk", "nic", "guest"])
def test_a_counter_that_fell_makes_its_part_another_and_it_stays_that(guest: Host, hv: Connection, part: str) -> None:
    before = hv.snapshot()[uuid_of(100)]
    if part == "disk":
        guest.monitors[100].answers["query-blockstats"][1]["stats"]["rd_bytes"] = 1
    elif part == "nic":
        guest.add_tap("tap0", rx_packets=1)
    else:
        guest.processes[100].clock_ns = 1
    once = hv.snapshot()[uuid_of(100)]
    old, new = incarnations(before), incarnations(once)
    assert {name for name in old if old[name] != new[name]} == {part}
    assert changed(hv, once) == set()


def test_a_counter_that_fell_is_noticed_after_a_snapshot_without_it(guest: Host, hv: Connection) -> None:
    before = hv.snapshot()[uuid_of(100)]
    hv.snapshot(groups={hvinspect.Group.CPU})
    guest.add_tap("tap0", rx_packets=1)
    assert changed(hv, before) == {"nic"}


def test_a_disk_that_went_and_came_back_is_another(guest: Host, hv: Connection) -> None:
    before = hv.snapshot()[uuid_of(100)]
    answers = guest.monitors[100].answers
    block, blockstats = answers["query-block"], answers["query-blockstats"]
    answers["query-block"], answers["query-blockstats"] = block[:1], blockstats[:1]
    hv.snapshot()
    answers["query-block"], answers["query-blockstats"] = block, blockstats
    assert changed(hv, before) == {"disk"}


def test_what_is_gone_is_forgotten(guest: Host, hv: Connection) -> None:
    hv.snapshot()
    lives = hv._memory["lives"]
    assert lives.size == 1
    guest.remove(100)
    hv.snapshot()
    hv.snapshot()
    assert lives.size == 0
