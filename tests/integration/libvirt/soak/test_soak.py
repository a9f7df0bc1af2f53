"""Minutes of reading while one fault follows another at random: nothing wrong is told, nothing is late, nothing grows.

A run can be had again: HVINSPECT_SOAK_SEED is its seed, which each prints, and HVINSPECT_SOAK_SECONDS how long the long
one takes.
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import time
import tracemalloc
from collections.abc import Iterator
from typing import Final

import pytest

import hvinspect
from tests.integration.libvirt.faults.leaks import held, left_behind
from tests.integration.libvirt.soak.faults import Faults
from tests.integration.libvirt.soak.reader import PERIOD_S, Reader
from tests.integration.libvirt.soak.rests import PYTHON_BYTES, RESIDENT_BYTES, Rest, rest
from tests.integration.libvirt.stopping import keys
from tests.lab import settings
from tests.lab.daemons import Daemon
from tests.lab.fixtures import Lab
from tests.lab.guests import Guest, many, start_together
from tests.lab.specification import MIB, DiskSpec, GuestSpec, NicSpec, mac_of
from tools import measured

SEED: Final = "HVINSPECT_SOAK_SEED"
SECONDS: Final = "HVINSPECT_SOAK_SECONDS"
LONG = float(os.environ.get(SECONDS) or 1800)
#: The others never run an instruction.
BOOTED, TINY = 2, 8
#: Six times the faults rest. What is there at the second of these rests, a third through, is compared with the last.
RESTS, SETTLED = 6, 2


@pytest.fixture(scope="module")
def booted(lab: Lab) -> Iterator[tuple[Guest, ...]]:
    """Guests that run a kernel, so that their counters move and they let go of a disk."""
    with contextlib.ExitStack() as stack:
        specs = (
            GuestSpec(
                name=f"soaked-{number}",
                memory_mib=96,
                disks=(DiskSpec(target="vda", size=MIB),),
                nics=(NicSpec(mac=mac_of(100 + number)),),
            )
            for number in range(BOOTED)
        )
        yield tuple(stack.enter_context(guest) for guest in start_together(tuple(specs)))


@pytest.fixture(scope="module")
def tiny(lab: Lab) -> Iterator[tuple[Guest, ...]]:
    """Guests that are there, and paused."""
    with contextlib.ExitStack() as stack:
        yield tuple(stack.enter_context(guest) for guest in many(TINY, prefix="soaked-tiny"))


@pytest.mark.parametrize(
    "seconds", [pytest.param(60.0, id="short"), pytest.param(LONG, id="long", marks=pytest.mark.slow)]
)
def test_nothing_grows_and_nothing_wrong_is_told_whatever_happens(
    seconds: float,
    libvirtd: Daemon,
    booted: tuple[Guest, ...],
    tiny: tuple[Guest, ...],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.CRITICAL, logger="hvinspect")  # pytest keeps each line of the log
    # The short run is CI's: the same faults in the same order each time.
    seed = int(os.environ.get(SEED) or (secrets.randbelow(10**6) if seconds == LONG else 1))
    print(f"{SEED}={seed}")
    everyone = frozenset(keys([*booted, *tiny]))
    faults = Faults(libvirtd, booted, tiny, seed=seed)
    rests: list[Rest] = []
    before = held(os.getpid())
    tracemalloc.start()
    try:
        with hvinspect.connect(f"libvirt:{settings.QEMU_URI}", timeout=30.0) as hv:
            reader = Reader(hv, faults, everyone)
            with faults.at_work():
                began = time.monotonic()
                for number in range(1, RESTS + 1):
                    while time.monotonic() < began + seconds * number / RESTS:
                        reader.read()
                    rests.append(rest(faults, reader, everyone))
                    faults.go_on()
    finally:
        tracemalloc.stop()
    first, last = rests[SETTLED - 1], rests[-1]
    row: dict[str, measured.Scalar] = {
        "seconds": round(seconds),
        "seed": seed,
        "guests": len(everyone),
        "faults": faults.done.total(),
        "snapshots": reader.snapshots,
        "snapshots_while_nothing_was_wrong": reader.unexcused,
        "errors_around_daemon_faults": reader.errors.total(),
        "slowest_s": round(reader.slowest, 2),
        "all_complete_after_s": max(one.recovered for one in rests),
        "threads": last.threads,
        "threads_a_third_through": first.threads,
        "descriptors": last.descriptors,
        "descriptors_a_third_through": first.descriptors,
        "python_grew_bytes": last.allocated - first.allocated,
        "resident_grew_bytes": last.resident - first.resident,
    }
    print(row, dict(faults.done), dict(reader.errors))
    if seconds == LONG:
        measured.record("soak", row)
    assert len(faults.done) == len(faults.kinds)
    assert reader.snapshots >= seconds / PERIOD_S
    assert left_behind(os.getpid(), before) == ""
    assert last.threads <= first.threads
    assert last.descriptors <= first.descriptors
    assert last.allocated - first.allocated < PYTHON_BYTES
    assert last.resident - first.resident < RESIDENT_BYTES
