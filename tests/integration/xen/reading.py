"""Reading guests without haste: an emulated dom0 on a busy machine takes seconds for what takes milliseconds."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable

import hvinspect
from hvinspect import InstanceStats
from tests.lab.xen.dom0.guests import Guest

PATIENCE = 60.0


def read(hv: hvinspect.Connection, guest: Guest) -> InstanceStats:
    """What a snapshot says of *guest*."""
    return hv.snapshot(timeout=PATIENCE)[guest.spec.uuid]


def until(reached: Callable[[], bool], what: str) -> None:
    """Wait for what the guest does in its own time."""
    deadline = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < deadline, what
        time.sleep(0.2)


def printed(*options: str) -> str:
    """What ``hvinspect stats`` prints."""
    command = [sys.executable, "-m", "hvinspect", "stats", "xen:", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def snapshot_of_command() -> hvinspect.Snapshot:
    """What it gives to programs."""
    given = hvinspect.from_dict(json.loads(printed("--json"))).record
    assert isinstance(given, hvinspect.Snapshot)
    return given
