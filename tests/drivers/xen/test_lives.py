"""Counters that begin anew are another incarnation; those that go on are the same, over another connection too."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

import hvinspect
from hvinspect import Connection, InstanceStats
from hvinspect.testing import registered
from tests.drivers.xen.dom0 import Dom0, uuid_of


@pytest.fixture
def guest(dom0: Dom0) -> Dom0:
    dom0.add(1)
    dom0.add_disk(1, 51712)
    dom0.add_nic(1, 0)
    return dom0


def incarnations(stats: InstanceStats) -> dict[str, str]:
    return {
        "guest": stats.incarnation,
        "vcpu": stats.cpu.vcpus[0].incarnation,
        "disk": stats.disks[0].incarnation,
        "nic": stats.nics[0].incarnation,
    }


def changed(hv: Connection, before: InstanceStats) -> set[str]:
    """What has another incarnation now."""
    old, new = incarnations(before), incarnations(hv.snapshot()[uuid_of(1)])
    return {part for part in old if old[part] != new[part]}


def test_nothing_changes_while_everything_counts_on(guest: Dom0, hv: Connection) -> None:
    before = hv.snapshot()[uuid_of(1)]
    guest.guests[1].cpu_ns += 5
    guest.tell()
    guest.count(guest.sysfs / "bus/xen-backend/devices/vbd-1-51712", rd_req=300)
    assert changed(hv, before) == set()
    with registered("xen", guest.driver), hvinspect.connect("xen:") as another:
        assert changed(another, before) == set()


def test_a_disk_whose_backend_was_made_anew_is_another(guest: Dom0, hv: Connection) -> None:
    before = hv.snapshot()[uuid_of(1)]
    old = guest.sysfs / "bus/xen-backend/devices/vbd-1-51712"
    old.rename(guest.root / "kept")  # so that its inode is not given again at once, as sysfs does not
    guest.count(old, rd_req=9999)
    assert changed(hv, before) == {"disk"}


def test_a_nic_with_another_index_is_another(guest: Dom0, hv: Connection) -> None:
    before = hv.snapshot()[uuid_of(1)]
    shutil.rmtree(guest.sysfs / "class/net/vif1.0")
    guest.add_nic(1, 0, ifindex=8)
    assert changed(hv, before) == {"nic"}


@pytest.mark.parametrize(
    ("part", "counters"),
    [("bus/xen-backend/devices/vbd-1-51712", {"rd_sect": 8}), ("class/net/vif1.0", {"rx_packets": 1})],
    ids=["disk", "nic"],
)
def test_a_counter_that_fell_makes_its_device_another_and_it_stays_that(
    guest: Dom0, hv: Connection, part: str, counters: dict[str, Any]
) -> None:
    before = hv.snapshot()[uuid_of(1)]
    guest.count(guest.sysfs / part, **counters)
    once = hv.snapshot()[uuid_of(1)]
    old, new = incarnations(before), incarnations(once)
    assert {name for name in old if old[name] != new[name]} == {"disk" if "vbd" in part else "nic"}
    assert changed(hv, once) == set()


def test_a_counter_that_fell_is_noticed_after_a_snapshot_without_it(guest: Dom0, hv: Connection) -> None:
    before = hv.snapshot()[uuid_of(1)]
    hv.snapshot(groups={hvinspect.Group.CPU})
    guest.count(guest.sysfs / "class/net/vif1.0", rx_packets=1)
    assert changed(hv, before) == {"nic"}


def test_a_counter_that_fell_is_noticed_after_one_that_could_not_be_read(guest: Dom0, hv: Connection) -> None:
    before = hv.snapshot()[uuid_of(1)]
    nic = guest.sysfs / "class/net/vif1.0"
    guest.count(nic, rx_packets="?")
    assert hv.snapshot()[uuid_of(1)].nics[0].tx_packets is None
    guest.count(nic, rx_packets=1)
    assert changed(hv, before) == {"nic"}


def test_a_domain_that_was_made_again_with_its_id_is_another(guest: Dom0, hv: Connection) -> None:
    before = hv.snapshot()[uuid_of(1)]
    guest.store.keys[f"/vm/{uuid_of(1)}/start_time"] = "1800000000.00"
    assert changed(hv, before) == {"guest", "vcpu", "disk", "nic"}


def test_what_is_remembered_outlives_a_lost_connection(guest: Dom0, hv: Connection) -> None:
    before = hv.snapshot()[uuid_of(1)]
    guest.store.hang_up()
    guest.count(guest.sysfs / "class/net/vif1.0", rx_packets=1)
    assert changed(hv, before) == {"nic"}


def test_what_is_gone_is_forgotten(guest: Dom0, hv: Connection) -> None:
    hv.snapshot()
    lives, starts = hv._memory["lives"], hv._memory["starts"]
    assert (lives.size, set(starts._started)) == (1, {str(uuid_of(1))})
    guest.remove(1)
    hv.snapshot()
    assert (lives.size, starts._started) == (0, {})
