"""What changes while somebody reads: paused, other sizes, ended and made again."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

import hvinspect
from hvinspect import InstanceStats, Reason, State, VcpuState
from tests.integration.xen.loop import Loop, reading
from tests.integration.xen.reading import PATIENCE, read, until
from tests.lab.xen.dom0 import second_opinions
from tests.lab.xen.dom0.guests import XlGuest
from tests.lab.xen.dom0.specification import GuestSpec

MIB = 1024 * 1024


def assert_nothing_wrong(loop: Loop) -> None:
    """The guest was there in each snapshot, as one life whose CPU time never fell."""
    assert len(loop.all) == len(loop.seen)
    assert {failure for one in loop.seen for failure in one.failures} == set()
    assert len({stats.incarnation for stats in loop.all}) == 1
    times = [stats.cpu.time_ns or 0 for stats in loop.all]
    assert times == sorted(times)
    assert {stats.state for stats in loop.all} <= {State.RUNNING, State.PAUSED}
    for stats in loop.all:
        assert stats.cpu.vcpus_online == sum(online(stats))


def online(stats: InstanceStats) -> tuple[bool, ...]:
    return tuple(vcpu.state is not VcpuState.OFFLINE for vcpu in stats.cpu.vcpus)


def test_a_paused_guest_is_paused_and_counts_no_time(pair: tuple[XlGuest, XlGuest]) -> None:
    guest, _ = pair
    with reading(guest.spec.uuid) as loop:
        loop.more()
        asked = time.monotonic()
        guest.pause()
        is_paused = time.monotonic()
        loop.more()
        unpaused = time.monotonic()
        guest.unpause()
        runs = time.monotonic()
        loop.more()
    assert_nothing_wrong(loop)
    assert {stats.state for stats in loop.between(0, asked)} == {State.RUNNING}
    assert {stats.state for stats in loop.between(is_paused, unpaused)} == {State.PAUSED}
    assert len({stats.cpu.time_ns for stats in loop.between(is_paused, unpaused)}) == 1
    assert {stats.state for stats in loop.between(runs, time.monotonic())} == {State.RUNNING}


def test_a_vcpu_that_is_taken_away_is_offline(pair: tuple[XlGuest, XlGuest]) -> None:
    _, guest = pair
    with reading(guest.spec.uuid) as loop:
        loop.more()
        asked = time.monotonic()
        guest.set_vcpus(1)
        until(lambda: second_opinions.libxenctrl(guest.domid).online == (True, False), "the guest takes no vCPU down")
        is_away = time.monotonic()
        loop.more()
        asked_back = time.monotonic()
        guest.set_vcpus(2)
        until(lambda: guest.take_vcpu(1), "the vCPU does not come back")
        is_back = time.monotonic()
        loop.more()
    assert_nothing_wrong(loop)
    assert {stats.cpu.vcpus_maximum for stats in loop.all} == {2}
    assert {online(stats) for stats in loop.between(0, asked)} == {(True, True)}
    assert {online(stats) for stats in loop.between(is_away, asked_back)} == {(True, False)}
    assert {online(stats) for stats in loop.between(is_back, time.monotonic())} == {(True, True)}


def test_a_balloon_is_followed_and_the_maximum_stays(pair: tuple[XlGuest, XlGuest]) -> None:
    _, guest = pair
    before = second_opinions.libxenctrl(guest.domid).memory_kib * 1024
    with reading(guest.spec.uuid) as loop:
        loop.more()
        asked = time.monotonic()
        guest.set_memory(112)
        until(lambda: second_opinions.libxenctrl(guest.domid).memory_kib <= 113 * 1024, "the balloon does not move")
        there = time.monotonic()
        loop.more()
    after = second_opinions.libxenctrl(guest.domid).memory_kib * 1024
    assert_nothing_wrong(loop)
    sizes = [stats.memory.assigned_bytes or 0 for stats in loop.all]
    assert sizes == sorted(sizes, reverse=True)
    assert {stats.memory.assigned_bytes for stats in loop.between(0, asked)} == {before}
    assert {stats.memory.assigned_bytes for stats in loop.between(there, time.monotonic())} == {after}
    assert after < before
    assert {stats.memory.maximum_bytes for stats in loop.all} == {128 * MIB}


def test_a_guest_made_again_in_mid_read_is_another_incarnation_and_never_a_mixture() -> None:
    spec = GuestSpec(name="again")
    domids, alone, began = [], [], []
    with reading(spec.uuid) as loop:
        for _ in range(2):
            guest = XlGuest(spec)
            began.append(time.monotonic())
            try:
                domids.append(guest.create().domid)
                loop.until_there(guest.domid)
                # Over a connection of its own, which remembers no counter that fell.
                with hvinspect.connect("xen:", timeout=PATIENCE) as hv:
                    alone.append(read(hv, guest))
            finally:
                guest.destroy()
        loop.more()
    first, second = alone
    assert first.instance.key == second.instance.key
    assert first.incarnation != second.incarnation
    assert first.disks[0].incarnation != second.disks[0].incarnation
    assert first.nics[0].incarnation != second.nics[0].incarnation
    assert set().union(*(one.failures for one in loop.seen)) <= {Reason.VANISHED}
    lives = {stats.instance.native_id: stats.incarnation for stats in loop.all}
    assert lives == {str(domids[0]): first.incarnation, str(domids[1]): second.incarnation}
    for domid, start in zip(domids, began, strict=True):
        life = lives[str(domid)]
        for one in loop.seen:
            if one.stats is None or one.stats.instance.native_id != str(domid):
                continue
            assert one.stats.incarnation == life
            # It has not run for longer than it has been there, as the other had.
            assert (one.stats.cpu.time_ns or 0) <= (one.ended - start) * 1e9
            assert all(disk.incarnation.startswith(f"{life}/") for disk in one.stats.disks)
            assert all(nic.incarnation.startswith(f"{life}/") for nic in one.stats.nics)
            assert all(nic.name in (None, f"vif{domid}.0") for nic in one.stats.nics)
    # The second came after the first had gone.
    order = [domids.index(int(stats.instance.native_id or 0)) for stats in loop.all]
    assert order == sorted(order)


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
