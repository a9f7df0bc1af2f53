"""The Xen driver, with real guests, is held to what every driver is held to."""

from __future__ import annotations

import hvinspect
from hvinspect.testing import conformance
from hvinspect.testing.conformance import Moved, Outcome, Traffic, Way
from tests.integration.xen.known_load import HEADER
from tests.integration.xen.reading import PATIENCE
from tests.lab.xen.dom0 import network
from tests.lab.xen.dom0.guests import Guest, XlGuest

COUNT, SIZE = 200, 1000


def traffic_of(guest: Guest, target: str) -> Traffic:
    """Lets *guest* receive or send on its first card."""
    (card,) = guest.spec.cards
    with hvinspect.connect(target) as connection:
        (nic,) = connection.snapshot([guest.spec.uuid], timeout=PATIENCE)[guest.spec.uuid].nics

    def traffic(way: Way) -> Moved:
        if way is Way.SEND:
            pings = guest.send(card, count=COUNT, size=SIZE)
            # On this way dom0 counts without the Ethernet header.
            moved, packets = pings.sent * (pings.packet_bytes - HEADER), pings.sent
        else:
            packets = COUNT
            moved = network.send_frames(guest.vif(card), guest.spec.mac(card), count=COUNT, size=SIZE)
        return Moved(instance=guest.spec.uuid, nic=nic.key, bytes=moved, packets=packets)

    return traffic


def conforms(target: str, guest: Guest) -> None:
    """Every check was made, and none failed or warned."""
    report = conformance.run(target, timeout=PATIENCE, interval=1.0, traffic=traffic_of(guest, target))
    assert {result.outcome for result in report} == {Outcome.PASSED}, str(report)


def test_xen_conforms(pair: tuple[XlGuest, XlGuest]) -> None:
    conforms("xen:", pair[0])
