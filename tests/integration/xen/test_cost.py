"""What a snapshot costs: counted by dom0's kernel, and timed beside the whole of xentop."""

from __future__ import annotations

import os
import statistics
import time
from collections import Counter
from collections.abc import Callable

import hvinspect
from hvinspect.drivers._xen.sysfs import DISK_FILES, NIC_FILES
from tests.integration.xen.reading import PATIENCE
from tests.lab.xen.dom0 import measured, second_opinions, system_calls
from tests.lab.xen.dom0.guests import XlGuest

ROUNDS = 11


def calls_of(hv: hvinspect.Connection, *guests: XlGuest) -> Counter[str]:
    uuids = [guest.spec.uuid for guest in guests]
    hv.snapshot(uuids, timeout=PATIENCE)
    with system_calls.counted() as calls:
        hv.snapshot(uuids, timeout=PATIENCE)
    return calls


def milliseconds(*what: Callable[[], object]) -> list[float]:
    """The median of each. They take turns, so that whatever else the machine does slows all of them."""
    times: list[list[float]] = [[] for _ in what]
    for _ in range(ROUNDS):
        for one, taken in zip(what, times, strict=True):
            started = time.monotonic()
            one()
            taken.append(time.monotonic() - started)
    return [round(statistics.median(taken) * 1000, 1) for taken in times]


def test_a_steady_snapshot_makes_the_same_calls_each_time(
    pair: tuple[XlGuest, XlGuest], hv: hvinspect.Connection
) -> None:
    # The first time something may still be read that is remembered.
    _, first, *others = (calls_of(hv, *pair) for _ in range(4))
    assert others == [first, first]
    assert first["ioctl"] > 0
    assert first["sendto"] > 0


def test_a_steady_snapshot_starts_no_program(pair: tuple[XlGuest, XlGuest], hv: hvinspect.Connection) -> None:
    calls = calls_of(hv, *pair)
    assert (calls["execve"], calls["vfork"]) == (0, 0)


def test_counting_notices_a_program_that_is_started(pair: tuple[XlGuest, XlGuest]) -> None:
    with system_calls.counted() as calls:
        second_opinions.host_number("nr_cpus")
    assert calls["execve"] > 0


def test_another_guest_costs_what_is_read_of_it(pair: tuple[XlGuest, XlGuest], hv: hvinspect.Connection) -> None:
    one, two = pair
    alone, both = calls_of(hv, one), calls_of(hv, one, two)
    snapshot_ms, xentop_ms = milliseconds(lambda: hv.snapshot(timeout=PATIENCE), second_opinions.xentop)
    row: dict[str, str | int | float] = {
        "xen": os.environ["HVINSPECT_LAB_XEN"],
        "guests": len(pair),
        "snapshot_ms": snapshot_ms,
        "xentop_ms": xentop_ms,
        "hypercalls": both["ioctl"],
        "xenstore_messages": both["sendto"],
        "files_opened": both["openat"],
        "files_opened_per_guest": both["openat"] - alone["openat"],
        "xenstore_messages_per_guest": both["sendto"] - alone["sendto"],
    }
    measured.hand_out(f"xen_cost_{row['xen']}".replace(".", "_"), [row])
    # The counters of its disk and its NIC, and the index of that.
    assert both["openat"] - alone["openat"] == len(DISK_FILES) + len(NIC_FILES) + 1
    # xenstored is asked for its lists, and for its values.
    assert both["sendto"] - alone["sendto"] == 2
    # The host, a page of domains, and each vCPU of all, dom0's one among them.
    assert both["ioctl"] == 2 + 1 + sum(guest.spec.vcpus for guest in pair)
