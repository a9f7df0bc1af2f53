"""What changes while somebody reads: paused, other sizes, ended and made again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

import hvinspect
from hvinspect import Reason, State, VcpuState
from tests.integration.xen.reading import PATIENCE, read
from tests.lab.xen.dom0 import second_opinions
from tests.lab.xen.dom0.guests import XlGuest
from tests.lab.xen.dom0.specification import GuestSpec

MIB = 1024 * 1024


def until(reached: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < deadline, what
        time.sleep(0.2)


def test_a_paused_guest_is_paused_and_counts_no_time(pair: tuple[XlGuest, XlGuest], hv: hvinspect.Connection) -> None:
    guest, _ = pair
    guest.pause()
    try:
        first = read(hv, guest)
        second = read(hv, guest)
    finally:
        guest.unpause()
    assert (first.state, second.state) == (State.PAUSED, State.PAUSED)
    assert first.cpu.time_ns == second.cpu.time_ns
    assert read(hv, guest).state is State.RUNNING


def test_a_vcpu_that_is_taken_away_is_offline(pair: tuple[XlGuest, XlGuest], hv: hvinspect.Connection) -> None:
    _, guest = pair
    guest.set_vcpus(1)
    until(lambda: second_opinions.libxenctrl(guest.domid).online == (True, False), "the guest takes no vCPU down")
    cpu = read(hv, guest).cpu
    assert (cpu.vcpus_online, cpu.vcpus_maximum) == (1, 2)
    assert [vcpu.state is VcpuState.OFFLINE for vcpu in cpu.vcpus] == [False, True]
    guest.set_vcpus(2)
    until(lambda: guest.take_vcpu(1), "the vCPU does not come back")
    assert read(hv, guest).cpu.vcpus_online == 2


def test_a_balloon_is_followed_and_the_maximum_stays(pair: tuple[XlGuest, XlGuest], hv: hvinspect.Connection) -> None:
    _, guest = pair
    before = read(hv, guest).memory
    guest.set_memory(112)
    until(lambda: second_opinions.libxenctrl(guest.domid).memory_kib <= 113 * 1024, "the balloon does not move")
    after = read(hv, guest).memory
    assert after.assigned_bytes == second_opinions.libxenctrl(guest.domid).memory_kib * 1024
    assert after.assigned_bytes < (before.assigned_bytes or 0)
    assert after.maximum_bytes == before.maximum_bytes == 128 * MIB


def test_a_guest_made_again_has_another_incarnation() -> None:
    spec = GuestSpec(name="again")
    domids, seen = [], []
    for _ in range(2):
        guest = XlGuest(spec)
        try:
            domids.append(guest.create().domid)
            # Over a connection of its own, which remembers no counter that fell.
            with hvinspect.connect("xen:", timeout=PATIENCE) as hv:
                seen.append(read(hv, guest))
        finally:
            guest.destroy()
    first, second = seen
    assert domids[0] != domids[1]
    assert first.instance.key == second.instance.key
    assert first.incarnation != second.incarnation
    assert first.disks[0].incarnation != second.disks[0].incarnation
    assert first.nics[0].incarnation != second.nics[0].incarnation


def test_a_guest_that_comes_and_goes_while_others_are_read_harms_nobody(
    pair: tuple[XlGuest, XlGuest], hv: hvinspect.Connection, capfd: pytest.CaptureFixture[str]
) -> None:
    one, two = pair
    passing, was_seen = XlGuest(GuestSpec(name="passing")), threading.Event()
    seen: set[int] = set()

    def come_and_go() -> None:
        passing.create()
        was_seen.wait(PATIENCE)
        passing.destroy()

    with ThreadPoolExecutor(max_workers=1) as beside:
        coming_and_going = beside.submit(come_and_go)
        while not coming_and_going.done():
            snapshot = hv.snapshot(timeout=PATIENCE)
            uuids = {str(stats.instance.uuid) for stats in snapshot}
            assert {one.spec.uuid, two.spec.uuid} <= uuids
            assert {failure.reason for failure in snapshot.failures} <= {Reason.VANISHED}
            seen.add(len(uuids))
            if len(uuids) == 3:
                was_seen.set()
        coming_and_going.result()
    assert seen == {2, 3}
    # The vendor's library prints when a guest goes away under it, if it is asked for NICs or disks.
    assert capfd.readouterr() == ("", "")
