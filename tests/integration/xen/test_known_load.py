"""What a guest is known to have done comes out exactly."""

from __future__ import annotations

import hvinspect
from tests.integration.xen.conftest import Loaded
from tests.integration.xen.known_load import SECTOR, assert_disk_is_exact, assert_nic_is_exact
from tests.integration.xen.reading import read
from tests.lab.xen.dom0 import second_opinions
from tests.lab.xen.dom0.guests import XlGuest


def test_a_disk_counts_every_request_and_sector(loaded: Loaded) -> None:
    for guest in loaded.guests:
        assert_disk_is_exact(loaded.snapshot[guest.spec.uuid])


def test_a_disk_counts_what_its_guest_counts(pair: tuple[XlGuest, XlGuest], hv: hvinspect.Connection) -> None:
    guest, _ = pair
    own = guest.counters().disks["xvda"]
    (disk,) = read(hv, guest).disks
    assert (disk.read_requests, disk.read_bytes) == (own.read_requests, own.read_bytes)
    assert disk.write_bytes == own.write_bytes
    # What Linux counts as an empty write is a flush to the backend.
    assert (disk.write_requests, disk.flush_requests) == (own.data_write_requests, own.flush_requests)


def test_a_disk_counts_what_xentop_shows(pair: tuple[XlGuest, XlGuest], hv: hvinspect.Connection) -> None:
    guest, _ = pair
    line = second_opinions.xentop()[guest.spec.name]
    (disk,) = read(hv, guest).disks
    assert disk.read_bytes == line.read_sectors * SECTOR
    assert disk.write_bytes == line.write_sectors * SECTOR
    assert disk.read_requests == line.read_requests


def test_a_nic_counts_what_its_guest_counts(pair: tuple[XlGuest, XlGuest], hv: hvinspect.Connection) -> None:
    for guest in pair:
        (card,) = guest.spec.cards
        assert_nic_is_exact(read(hv, guest), guest, card)


def test_without_a_bridge_xentop_shows_no_nic_and_hvinspect_counts_it(
    pair: tuple[XlGuest, XlGuest], hv: hvinspect.Connection
) -> None:
    guest, _ = pair
    assert second_opinions.xentop()[guest.spec.name].nics == 0
    (nic,) = read(hv, guest).nics
    assert (nic.tx_packets or 0) >= 300


def test_each_direction_of_a_nic_is_the_guests(pair: tuple[XlGuest, XlGuest], hv: hvinspect.Connection) -> None:
    guest, _ = pair
    (before,) = read(hv, guest).nics
    guest.send(guest.spec.cards[0], count=20, size=500)
    (after,) = read(hv, guest).nics
    assert (after.tx_packets or 0) - (before.tx_packets or 0) == 20
    assert after.rx_packets == before.rx_packets
