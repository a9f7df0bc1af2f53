"""What dom0's kernel and xenstore have is all in the driver's tables: given as a field, or left out for a reason."""

from __future__ import annotations

import pytest

from hvinspect.drivers._xen.keys import IGNORED, MAPPED, STRUCTURE
from tests.lab.xen.dom0 import second_opinions
from tests.lab.xen.dom0.guests import XlGuest

KNOWN = MAPPED.keys() | IGNORED.keys() | STRUCTURE.keys()


def test_every_counter_of_a_disk_is_known(pair: tuple[XlGuest, XlGuest]) -> None:
    guest, _ = pair
    assert {f"sysfs vbd {name}" for name in second_opinions.backend_disk(guest.domid)} <= KNOWN


def test_every_counter_of_a_nic_is_known(pair: tuple[XlGuest, XlGuest]) -> None:
    guest, _ = pair
    vif = guest.vif(guest.spec.cards[0])
    assert {f"sysfs net {name}" for name in second_opinions.backend_card(vif)} <= KNOWN


@pytest.mark.parametrize("kind", ["vbd", "vif"])
def test_every_key_of_a_backend_is_known(pair: tuple[XlGuest, XlGuest], kind: str) -> None:
    guest, _ = pair
    folder = f"/local/domain/0/backend/{kind}/{guest.domid}"
    names = {name for device in second_opinions.listed(folder) for name in second_opinions.listed(f"{folder}/{device}")}
    assert len(names) > 10
    assert {f"xenstore backend/{kind} {name}" for name in names} <= KNOWN


def test_every_key_of_a_guests_memory_is_known(pair: tuple[XlGuest, XlGuest]) -> None:
    guest, _ = pair
    names = second_opinions.listed(f"/local/domain/{guest.domid}/memory")
    assert "static-max" in names
    assert {f"xenstore memory/{name}" for name in names} <= KNOWN
