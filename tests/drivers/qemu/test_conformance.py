"""The driver is held to what every driver is held to, on a host with QEMUs of many kinds."""

from __future__ import annotations

import pytest

from hvinspect.testing import conformance, registered
from hvinspect.testing.conformance import Moved, Outcome, Way
from tests.drivers.qemu.host import Host, recorded, uuid_of

NICS = (
    "-netdev",
    "tap,id=t0,ifname=tap0,script=no",
    "-device",
    "virtio-net-pci,netdev=t0,id=nic0,mac=52:54:00:00:00:01",
)


def fill(host: Host) -> None:
    host.add_tap("tap0", rx_bytes=4000, rx_packets=40)
    host.add(100, *NICS, answers=recorded(), taps={12: "tap0"})
    bare = {"query-status": {"status": "paused"}, "query-cpus-fast": [{"cpu-index": 0, "thread-id": 201}]}
    host.add(200, answers={**bare, "query-balloon": ("DeviceNotActive", "No balloon device has been activated")})
    host.add(300, answers={}, state="T")


def test_a_host_with_monitors_conforms(host: Host) -> None:
    fill(host)
    counted = {"rx_bytes": 4000, "rx_packets": 40, "tx_bytes": 0, "tx_packets": 0}

    def traffic(way: Way) -> Moved:
        # What the guest receives, the host sends.
        side = "tx" if way is Way.RECEIVE else "rx"
        counted[f"{side}_bytes"] += 100_000
        counted[f"{side}_packets"] += 100
        host.add_tap("tap0", "net:[1]", **counted)
        return Moved(instance=str(uuid_of(100)), nic="nic0", bytes=100_000, packets=100)

    with registered("qemu", host.driver):
        report = conformance.run(host.target, traffic=traffic)
    assert report.ok, str(report)
    assert {result.outcome for result in report} == {Outcome.PASSED}, str(report)


def test_a_host_without_monitors_conforms(host: Host) -> None:
    fill(host)
    # Whether a guest runs is the monitor's to tell, and the check looks at those that do.
    skip = {"data_is_present": "no monitor tells that an instance runs"}
    with registered("qemu", host.driver):
        report = conformance.run("qemu:", skip=skip)
    assert report.ok, str(report)


@pytest.mark.parametrize("name", ["qemu-7.2"])
def test_a_recorded_qemu_conforms(host: Host, name: str) -> None:
    host.add(100, answers=recorded(name))
    with registered("qemu", host.driver):
        report = conformance.run(host.target)
    assert report.ok, str(report)
