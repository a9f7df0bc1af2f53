"""Nova's record of a guest of Xen."""

from __future__ import annotations

import hvinspect
from hvinspect.bridges.nova import diagnostics
from tests.bridges.nova.shape import conforms
from tests.integration.xen.reading import PATIENCE
from tests.lab.xen.dom0.guests import XlGuest


def test_the_record_is_what_novas_api_allows(pair: tuple[XlGuest, XlGuest], hv: hvinspect.Connection) -> None:
    snapshot = hv.snapshot(timeout=PATIENCE)
    for guest in pair:
        record = diagnostics(snapshot, guest.spec.uuid)
        conforms(record)
        assert (record["driver"], record["hypervisor"]) == ("libvirt", "xen")
        assert all(disk["read_bytes"] is not None for disk in record["disk_details"])
