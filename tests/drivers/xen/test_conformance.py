"""The driver is held to what every driver is held to, on a dom0 with guests of many kinds."""

from __future__ import annotations

import pytest

from hvinspect.testing import conformance, registered
from hvinspect.testing.conformance import Moved, Outcome, Way
from tests.drivers.xen.dom0 import Dom0, uuid_of


def fill(dom0: Dom0) -> None:
    dom0.add(1, name="plain")
    dom0.add_disk(1, 51712)
    dom0.add_nic(1, 0)
    dom0.add(2, name="paused", flags="pb", vcpus=[(1, 5), (0, 0)])
    dom0.add_disk(2, 51712, kind="qdisk", params="aio:/images/a")
    dom0.add(3, name="crashed", flags="c")
    dom0.add(4, name="bare")
    dom0.store.remove("/local/domain/4/memory")


def test_a_dom0_conforms(dom0: Dom0) -> None:
    fill(dom0)
    counted = {"rx_bytes": 307200, "rx_packets": 300, "tx_bytes": 4000, "tx_packets": 40}

    def traffic(way: Way) -> Moved:
        # What the guest receives, dom0 sends.
        side = "tx" if way is Way.RECEIVE else "rx"
        counted[f"{side}_bytes"] += 100_000
        counted[f"{side}_packets"] += 100
        dom0.count(dom0.sysfs / "class/net/vif1.0", **counted)
        return Moved(instance=str(uuid_of(1)), nic="0", bytes=100_000, packets=100)

    with registered("xen", dom0.driver):
        report = conformance.run("xen:", traffic=traffic)
    assert report.ok, str(report)
    assert {result.outcome for result in report} == {Outcome.PASSED}, str(report)


@pytest.mark.parametrize("kind", ["qdisk", "vbd3"])
def test_a_dom0_with_disks_of_user_space_alone_conforms(dom0: Dom0, kind: str) -> None:
    dom0.add(1)
    dom0.add_disk(1, 51712, kind=kind, params="qcow2:/images/a", sector_size="4096")
    with registered("xen", dom0.driver):
        report = conformance.run("xen:")
    assert report.ok, str(report)
