"""A guest in a Linux bridge, with a disk that a QEMU in dom0 serves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import hvinspect
from tests.integration.xen.known_load import READ_REQUESTS, assert_nic_is_exact
from tests.integration.xen.reading import read
from tests.lab.xen.dom0 import network, second_opinions
from tests.lab.xen.dom0.guests import XlGuest
from tests.lab.xen.dom0.specification import MIB, GuestSpec


@pytest.fixture(scope="module")
def bridged() -> Iterator[XlGuest]:
    """It did the known load."""
    spec = GuestSpec(name="bridged", cards=(4, 5), qemu_disk_mib=4)
    with network.bridge(), XlGuest(spec) as guest:
        guest.known_load()
        yield guest


def test_a_nic_in_a_bridge_counts_and_names_it(bridged: XlGuest, hv: hvinspect.Connection) -> None:
    stats = read(hv, bridged)
    assert len(stats.nics) == 2
    for card in bridged.spec.cards:
        assert_nic_is_exact(stats, bridged, card)
        assert second_opinions.backend_card(bridged.vif(card))["rx_packets"] >= 300
    assert second_opinions.xentop()[bridged.spec.name].nics == 2
    assert {nic.bridge for nic in stats.nics} == {network.BRIDGE}


def test_a_disk_that_qemu_serves_is_there_without_counters(bridged: XlGuest, hv: hvinspect.Connection) -> None:
    bridged.ask("read", "xvdb", 16, 4096)
    assert bridged.counters().disks["xvdb"].read_requests >= 16
    first, second = read(hv, bridged).disks
    assert (first.key, first.read_requests) == ("xvda", READ_REQUESTS)
    assert (second.key, second.source, second.capacity_bytes) == ("xvdb", "/tmp/bridged-qemu.img", 4 * MIB)
    assert (second.read_requests, second.write_bytes) == (None, None)
    assert "QEMU" in str(second.why("read_requests"))
