"""Nova's record of a real guest that no libvirt manages."""

from __future__ import annotations

import hvinspect
from hvinspect.bridges.nova import diagnostics
from tests.bridges.nova.shape import conforms
from tests.lab.qemu.lone import LoneGuest


def test_the_record_is_what_novas_api_allows(hv: hvinspect.Connection, busy: LoneGuest) -> None:
    before = hv.snapshot()
    busy.spin(1)
    record = diagnostics(hv.snapshot(), busy.spec.uuid, before=before)
    conforms(record)
    assert max(cpu["utilisation"] or 0 for cpu in record["cpu_details"]) > 0
    assert (record["state"], record["num_cpus"]) == ("running", busy.spec.vcpus)
    assert (record["num_disks"], record["num_nics"]) == (len(busy.spec.disks), len(busy.spec.nics))
    assert all(disk["write_bytes"] is not None for disk in record["disk_details"])
