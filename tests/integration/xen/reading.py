"""Reading guests without haste: an emulated dom0 on a busy machine takes seconds for what takes milliseconds."""

from __future__ import annotations

import hvinspect
from hvinspect import InstanceStats
from tests.lab.xen.dom0.guests import Guest

PATIENCE = 60.0


def read(hv: hvinspect.Connection, guest: Guest) -> InstanceStats:
    """What a snapshot says of *guest*."""
    return hv.snapshot(timeout=PATIENCE)[guest.spec.uuid]
