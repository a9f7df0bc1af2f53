"""What dom0's own kernel counts is all in the driver's tables: given as a field, or left out for a reason."""

from __future__ import annotations

from hvinspect.drivers._xen.keys import IGNORED, MAPPED
from tests.lab.xen.dom0 import second_opinions
from tests.lab.xen.dom0.guests import XlGuest

KNOWN = MAPPED.keys() | IGNORED.keys()


def test_every_counter_of_a_disk_is_known(pair: tuple[XlGuest, XlGuest]) -> None:
    guest, _ = pair
    assert {f"sysfs vbd {name}" for name in second_opinions.backend_disk(guest.domid)} <= KNOWN


def test_every_counter_of_a_nic_is_known(pair: tuple[XlGuest, XlGuest]) -> None:
    guest, _ = pair
    vif = guest.vif(guest.spec.cards[0])
    assert {f"sysfs net {name}" for name in second_opinions.backend_card(vif)} <= KNOWN
