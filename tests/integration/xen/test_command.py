"""The whole command, in dom0."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.integration.xen.known_load import READ_REQUESTS
from tests.lab.xen.dom0.guests import XlGuest


def stats(*options: str) -> str:
    command = [sys.executable, "-m", "hvinspect", "stats", "xen:", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_stats_prints_every_guest(pair: tuple[XlGuest, XlGuest]) -> None:
    printed = stats()
    for guest in pair:
        assert guest.spec.name in printed


def test_stats_gives_the_numbers_to_programs(pair: tuple[XlGuest, XlGuest]) -> None:
    by_name = {one["instance"]["name"]: one for one in json.loads(stats("--json"))["instances"]}
    assert set(by_name) == {guest.spec.name for guest in pair}
    assert by_name["one"]["disks"][0]["read_requests"] == READ_REQUESTS
