"""What is exact about the known load, however a guest is read."""

from __future__ import annotations

from hvinspect import InstanceStats
from tests.lab.xen.dom0.guests import Guest

SECTOR = 512
READ_REQUESTS, READ_SECTORS, WRITE_SECTORS = 259, 2072, 1600
#: An Ethernet header: the guest's own count is without it on the one way, or the other.
HEADER = 14


def assert_disk_is_exact(stats: InstanceStats) -> None:
    """The one disk did what the load is known for, to the last request."""
    (disk,) = stats.disks
    assert disk.read_requests == READ_REQUESTS
    assert disk.read_bytes == READ_SECTORS * SECTOR
    assert disk.write_bytes == WRITE_SECTORS * SECTOR


def assert_nic_is_exact(stats: InstanceStats, guest: Guest, card: int) -> None:
    """Packets and bytes are the guest's own to the last one, but for a header of each on the way it is counted."""
    mac = guest.spec.mac(card)
    own = guest.counters().nic(mac)
    (nic,) = (one for one in stats.nics if one.mac == mac)
    assert (nic.tx_packets, nic.rx_packets) == (own.tx_packets, own.rx_packets)
    assert nic.tx_bytes == own.tx_bytes - HEADER * own.tx_packets
    assert nic.rx_bytes == own.rx_bytes + HEADER * own.rx_packets
