"""What a snapshot costs: counted by dom0's kernel and by xenstored, and timed beside the whole of xentop."""

from __future__ import annotations

import os
import statistics
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import final

import hvinspect
from hvinspect.drivers._xen.sysfs import DISK_FILES, NIC_FILES
from tests.integration.xen.reading import PATIENCE
from tests.lab.xen.dom0 import measured, second_opinions, system_calls, xenstore_requests
from tests.lab.xen.dom0.guests import XlGuest
from tests.lab.xen.dom0.specification import GuestSpec

ROUNDS = 11


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Of one snapshot; the fields name the columns of the table."""

    hypercalls: int
    #: By the driver's connection, and how many messages carried them.
    xenstore_requests: int
    xenstore_messages: int
    #: By the library's own connection, each a message of its own.
    libxenstat_requests: int
    files_opened: int

    def __sub__(self, other: Cost) -> Cost:
        """What this one costs more."""
        return Cost(**{one.name: getattr(self, one.name) - getattr(other, one.name) for one in fields(self)})

    def columns(self, suffix: str = "") -> dict[str, int]:
        """By their names."""
        return {f"{one.name}{suffix}": getattr(self, one.name) for one in fields(self)}


def calls_of(hv: hvinspect.Connection) -> Counter[str]:
    with system_calls.counted() as calls:
        hv.snapshot(timeout=PATIENCE)
    return calls


def requests_of(hv: hvinspect.Connection) -> tuple[int, int]:
    """The driver's, and the library's, which asks for nothing but names."""
    with xenstore_requests.counted() as asked:
        hv.snapshot(timeout=PATIENCE)
    library, driver = sorted(asked, key=lambda operations: "DIRECTORY" in operations)
    assert library.keys() == {"READ"}
    assert driver.keys() == {"READ", "DIRECTORY"}
    return driver.total(), library.total()


def cost_of(hv: hvinspect.Connection) -> Cost:
    # The first time something may still be read that is remembered.
    hv.snapshot(timeout=PATIENCE)
    calls, (driver, library) = calls_of(hv), requests_of(hv)
    return Cost(
        hypercalls=calls["ioctl"],
        xenstore_requests=driver,
        xenstore_messages=calls["sendto"],
        libxenstat_requests=library,
        files_opened=calls["openat"],
    )


def milliseconds(*what: Callable[[], object]) -> list[float]:
    """The median of each. They take turns, so that whatever else the machine does slows all of them."""
    times: list[list[float]] = [[] for _ in what]
    for _ in range(ROUNDS):
        for one, taken in zip(what, times, strict=True):
            started = time.monotonic()
            one()
            taken.append(time.monotonic() - started)
    return [round(statistics.median(taken) * 1000, 1) for taken in times]


def test_a_steady_snapshot_costs_the_same_each_time(pair: tuple[XlGuest, XlGuest], hv: hvinspect.Connection) -> None:
    # What Python loads when it is first needed is not the snapshot's.
    _, first, second, third = (cost_of(hv) for _ in range(4))
    assert first == second == third
    assert all(first.columns().values())


def test_a_steady_snapshot_starts_no_program(pair: tuple[XlGuest, XlGuest], hv: hvinspect.Connection) -> None:
    hv.snapshot(timeout=PATIENCE)
    calls = calls_of(hv)
    assert (calls["execve"], calls["vfork"]) == (0, 0)


def test_counting_notices_a_program_that_is_started(pair: tuple[XlGuest, XlGuest]) -> None:
    with system_calls.counted() as calls:
        second_opinions.host_number("nr_cpus")
    assert calls["execve"] > 0


def test_another_guest_costs_what_is_read_of_it(pair: tuple[XlGuest, XlGuest], hv: hvinspect.Connection) -> None:
    two = cost_of(hv)
    snapshot_ms, xentop_ms = milliseconds(lambda: hv.snapshot(timeout=PATIENCE), second_opinions.xentop)
    with XlGuest(GuestSpec(name="another", cards=(6,))):
        another = cost_of(hv) - two
    row: dict[str, str | int | float] = {
        "xen": os.environ["HVINSPECT_LAB_XEN"],
        "guests": len(pair),
        "snapshot_ms": snapshot_ms,
        "xentop_ms": xentop_ms,
        **two.columns(),
        **another.columns("_per_guest"),
    }
    measured.hand_out(f"xen_cost_{row['xen']}".replace(".", "_"), [row])
    # The host, a page of domains, and each vCPU of all, dom0's one among them.
    assert two.hypercalls == 2 + 1 + sum(guest.spec.vcpus for guest in pair)
    # dom0's name too.
    assert two.libxenstat_requests == 1 + len(pair)
    assert another == Cost(
        # Of its one vCPU.
        hypercalls=1,
        # Its uuid and name, twice; its limit and two times of its start; four lists of its devices; two keys of its
        # disk and one of its NIC.
        xenstore_requests=2 + 2 + 3 + 4 + 2 + 1,
        # Its lists, and its values.
        xenstore_messages=2,
        libxenstat_requests=1,
        # The counters of its disk and its NIC, the index of that, and which device it is.
        files_opened=len(DISK_FILES) + len(NIC_FILES) + 2,
    )
