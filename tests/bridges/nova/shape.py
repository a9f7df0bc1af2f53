"""The record that nova's diagnostics call gives since API 2.48: its fields, units and words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["conforms"]

WHOLE = (int, type(None))
TEXT = (str, type(None))
FIELDS: dict[str, tuple[type, ...]] = {
    "state": (str,),
    "driver": (str,),
    "hypervisor": TEXT,
    "hypervisor_os": TEXT,
    "uptime": WHOLE,
    "config_drive": (bool,),
    "num_cpus": WHOLE,
    "num_nics": WHOLE,
    "num_disks": WHOLE,
    "memory_details": (dict,),
    "cpu_details": (list,),
    "nic_details": (list,),
    "disk_details": (list,),
}
#: All whole numbers or null, but for the address.
DETAILS = {
    "memory_details": "maximum used",
    "cpu_details": "id time utilisation",
    "nic_details": "mac_address rx_octets rx_errors rx_drop rx_packets rx_rate "
    "tx_octets tx_errors tx_drop tx_packets tx_rate",
    "disk_details": "read_bytes read_requests write_bytes write_requests errors_count",
}
STATES = {"pending", "running", "paused", "shutdown", "crashed", "suspended"}
DRIVERS = {"ironic", "libvirt", "vmwareapi", "xenapi"}


def conforms(record: Mapping[str, Any]) -> None:
    """Fail if *record* is not what nova's API allows."""
    assert set(record) == set(FIELDS)
    for name, kinds in FIELDS.items():
        assert type(record[name]) in kinds, name
    assert record["state"] in STATES
    assert record["driver"] in DRIVERS
    for name, keys in DETAILS.items():
        for detail in record[name] if isinstance(record[name], list) else [record[name]]:
            assert set(detail) == set(keys.split()), name
            for key, value in detail.items():
                assert type(value) in (TEXT if key == "mac_address" else WHOLE), key
