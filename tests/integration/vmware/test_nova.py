"""Nova's record of machines of a vCenter and of an ESX host, which count nothing."""

from __future__ import annotations

import hvinspect
from hvinspect.bridges.nova import diagnostics
from tests.bridges.nova.shape import conforms


def test_the_record_is_what_novas_api_allows(hv: hvinspect.Connection) -> None:
    snapshot = hv.snapshot()
    records = [diagnostics(snapshot, stats.instance.key) for stats in snapshot]
    assert records
    for record in records:
        conforms(record)
        assert record["driver"] == "vmwareapi"
        assert record["memory_details"]["maximum"]
    assert any(nic["rx_rate"] is not None for record in records for nic in record["nic_details"])
