"""The cases that libvirt's decoder is tested with, loaded once: what to start from."""

from __future__ import annotations

import json

from hvinspect import to_dict
from hvinspect.driver import Absence, Reason
from hvinspect.drivers._libvirt.describe import Description
from tests.drivers.libvirt.case import all_cases, load, snapshot_of

__all__ = ["BULK", "CASES", "DESCRIPTIONS", "FAILED", "INSTANCES", "NOTHING", "REPLIES", "SNAPSHOTS"]

CASES = tuple(load(name) for name in all_cases())
BULK = tuple(case for case in CASES if case.bulk is not None)
REPLIES = {case.name: case.reply for case in CASES}
DESCRIPTIONS = {case.name: case.description for case in CASES}
INSTANCES = {case.name: case.decode().instance for case in CASES}
#: As they are stored.
SNAPSHOTS = tuple(json.dumps(to_dict(snapshot_of(case.decode()))) for case in CASES)
FAILED = Absence(Reason.FAILED, "made up")
NOTHING = Description(0)
