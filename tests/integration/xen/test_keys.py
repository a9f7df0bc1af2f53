"""What dom0's kernel and xenstore have is all in the driver's tables: given as a field, or left out for a reason."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

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


def is_known(source: str, name: str) -> bool:
    """Is *name* in the tables, or in a folder that is ignored with all in it?"""
    path = PurePosixPath(re.sub(r"(?<=/)\d+(?=/|$)", "N", name))
    return f"{source}{path}" in KNOWN or any(f"{source}{parent}" in IGNORED for parent in path.parents)


def test_every_key_of_a_guests_folder_is_known(pair: tuple[XlGuest, XlGuest]) -> None:
    guest, _ = pair
    names = second_opinions.leaves(f"/local/domain/{guest.domid}")
    assert {"vm", "name", "memory/static-max", "memory/target", "device/vbd/51712/state"} <= names
    assert [name for name in sorted(names) if not is_known("xenstore ", name)] == []


def test_every_key_of_a_guests_uuid_is_known(pair: tuple[XlGuest, XlGuest]) -> None:
    guest, _ = pair
    names = second_opinions.leaves(f"/vm/{guest.spec.uuid}")
    assert {"name", "uuid", "start_time"} <= names
    assert [name for name in sorted(names) if not is_known("xenstore /vm ", name)] == []


@pytest.mark.parametrize("name", ["memory/hotplug", "memory", "news", "devices/vbd", "vm/other"])
def test_a_key_that_nobody_knows_is_found(name: str) -> None:
    assert not is_known("xenstore ", name)
