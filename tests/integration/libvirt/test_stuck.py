"""Guests and a daemon that do not answer: what is read all the same, by when, and what is left afterwards."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import hvinspect
from hvinspect import DeadlineExceeded, Group, InstanceStats, Reason, Snapshot
from tests.integration.libvirt.stopping import (
    CpuTimes,
    busy_workers,
    complete,
    has_the_daemons_part,
    is_complete,
    keys,
    stopped,
)
from tests.lab.daemons import Daemon, wait_until
from tests.lab.fixtures import Lab
from tests.lab.guests import Guest, many

TIMEOUT_S = 2.0
#: By then a call of TIMEOUT_S is over, on a machine that is busy with other things.
BY_S = TIMEOUT_S + 0.1


@pytest.fixture(scope="module")
def node(lab: Lab, two_busy_guests: tuple[Guest, Guest]) -> Iterator[tuple[Guest, ...]]:
    """Fourteen guests, of which the first two run a kernel."""
    with contextlib.ExitStack() as stack:
        yield (*two_busy_guests, *(stack.enter_context(guest) for guest in many(12, prefix="stuck")))


@pytest.fixture
def hv(lab: Lab, node: tuple[Guest, ...]) -> Iterator[hvinspect.Connection]:
    """A connection that has read all of them."""
    with hvinspect.connect(f"libvirt:{lab.qemu_uri}") as connection:
        until_complete(connection, node)
        yield connection


def timed(hv: hvinspect.Connection) -> Snapshot:
    """A snapshot, back by its deadline."""
    began = time.monotonic()
    snapshot = hv.snapshot(timeout=TIMEOUT_S)
    assert time.monotonic() - began < BY_S
    return snapshot


def until_complete(hv: hvinspect.Connection, guests: tuple[Guest, ...]) -> Snapshot:
    """Read until all of *guests* are complete."""
    limit = time.monotonic() + 60
    while not keys(guests) <= complete(snapshot := hv.snapshot()):
        assert time.monotonic() < limit, keys(guests) - complete(snapshot)
    return snapshot


def lives(snapshot: Snapshot) -> set[tuple[str, str]]:
    """Everything that has an incarnation, and which."""
    found: set[tuple[str, str]] = set()
    for stats in snapshot:
        key = stats.instance.key
        found.add((key, stats.incarnation))
        found |= {(f"{key}/{disk.key}", disk.incarnation) for disk in stats.disks}
        found |= {(f"{key}/{nic.key}", nic.incarnation) for nic in stats.nics}
        found |= {(f"{key}/{vcpu.index}", vcpu.incarnation) for vcpu in stats.cpu.vcpus}
    return found


def lacks_what_its_monitor_knows(stats: InstanceStats) -> bool:
    """Are its memory and disk counters missing, because it does not answer?"""
    records = [stats.memory.why("host_resident_bytes"), *(disk.why("read_bytes") for disk in stats.disks)]
    return all(why is not None and why.reason in {Reason.TIMED_OUT, Reason.BUSY} for why in records)


def threads() -> int:
    return threading.active_count()


def descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


# -- one guest


@pytest.mark.parametrize("number", [0, 5], ids=["with-a-kernel", "without"])
def test_when_one_is_stopped_the_others_are_complete_in_time_and_at_once(
    hv: hvinspect.Connection, node: tuple[Guest, ...], number: int
) -> None:
    stuck, others = node[number], (*node[:number], *node[number + 1 :])
    with stopped([stuck]):
        assert keys(others) <= complete(timed(hv))


@pytest.mark.parametrize("group", [Group.BLOCK_DETAIL, Group.JOB], ids=lambda group: group.value)
def test_one_that_is_stopped_costs_the_others_nothing_that_is_asked_of_each_singly(
    lab: Lab, node: tuple[Guest, ...], group: Group
) -> None:
    # Nothing is known of any of them yet.
    with stopped([node[1]]), hvinspect.connect(f"libvirt:{lab.qemu_uri}") as hv:
        for _ in range(3):
            snapshot = hv.snapshot(groups={group}, timeout=TIMEOUT_S)
            for guest in (node[0], *node[2:]):
                stats = snapshot[guest.spec.uuid]
                lacking = [stats.why("disks"), *(disk.why("host_length_bytes") for disk in stats.disks)]
                lacking.append(stats.job.why("active"))
                assert not any(why and why.reason in {Reason.TIMED_OUT, Reason.BUSY, Reason.FAILED} for why in lacking)


@pytest.mark.parametrize("number", [0, 5], ids=["with-a-kernel", "without"])
def test_of_a_stopped_one_all_is_read_that_needs_no_monitor(
    hv: hvinspect.Connection, node: tuple[Guest, ...], number: int
) -> None:
    stuck = node[number]
    with stopped([stuck]):
        timed(hv)
        for _ in range(3):
            stats = timed(hv)[stuck.spec.uuid]
            assert has_the_daemons_part(stats)
            assert lacks_what_its_monitor_knows(stats)


@pytest.mark.parametrize("number", [0, 5], ids=["with-a-kernel", "without"])
def test_one_that_goes_on_is_complete_and_still_the_same_and_its_cpu_time_never_fell(
    hv: hvinspect.Connection, node: tuple[Guest, ...], number: int
) -> None:
    stuck, times = node[number], CpuTimes()
    before = hv.snapshot()
    times.check(before)
    for _ in range(2):
        with stopped([stuck]):
            for _ in range(3):
                times.check(timed(hv))
        after = until_complete(hv, node)
        times.check(after)
        assert lives(after) == lives(before)
    assert times.lives == len(before.instances)


# -- several


def test_when_three_are_stopped_the_others_are_complete_in_time(
    hv: hvinspect.Connection, node: tuple[Guest, ...]
) -> None:
    before = hv.snapshot()
    with stopped(node[1:4]):
        timed(hv)
        for _ in range(3):
            snapshot = timed(hv)
            assert complete(snapshot) >= keys([node[0], *node[4:]])
            assert all(has_the_daemons_part(snapshot[guest.spec.uuid]) for guest in node)
            assert not any(is_complete(snapshot[guest.spec.uuid]) for guest in node[1:4])
            assert busy_workers() <= 3
    assert lives(until_complete(hv, node)) == lives(before)


def test_no_request_is_left_with_the_daemon_when_all_go_on(hv: hvinspect.Connection, node: tuple[Guest, ...]) -> None:
    with stopped(node[2:6]):
        hv.snapshot(timeout=TIMEOUT_S)
        assert busy_workers() >= 1
    wait_until(lambda: busy_workers() == 0, what="the daemon is idle", timeout=30)
    wait_until(lambda: hv.health().stuck_calls == 0, what="no call is stuck", timeout=30)


def test_threads_and_descriptors_are_as_many_as_before(hv: hvinspect.Connection, node: tuple[Guest, ...]) -> None:
    before = threads(), descriptors()
    for _ in range(3):
        with stopped(node[2:6]):
            for _ in range(2):
                hv.snapshot(timeout=TIMEOUT_S)
        wait_until(lambda: hv.health().stuck_calls == 0, what="no call is stuck", timeout=30)
        until_complete(hv, node)
    wait_until(lambda: threads() <= before[0], what="the threads are gone", timeout=30)
    wait_until(lambda: descriptors() <= before[1], what="the connections are closed", timeout=30)


def test_a_connection_may_be_closed_while_guests_are_stopped(lab: Lab, node: tuple[Guest, ...]) -> None:
    before = threads()
    with stopped(node[2:6]):
        hv = hvinspect.connect(f"libvirt:{lab.qemu_uri}")
        hv.snapshot(timeout=TIMEOUT_S)
        began = time.monotonic()
        hv.close(timeout=TIMEOUT_S)
        assert time.monotonic() - began < BY_S
    wait_until(lambda: threads() <= before, what="the threads are gone", timeout=30)
    wait_until(lambda: busy_workers() == 0, what="the daemon is idle", timeout=30)


# -- what is told


def test_health_and_the_log_tell_who_does_not_answer_and_when_it_does_again(
    hv: hvinspect.Connection, node: tuple[Guest, ...], caplog: pytest.LogCaptureFixture
) -> None:
    stuck = node[5]
    caplog.set_level(logging.INFO, logger="hvinspect")
    with stopped([stuck]):
        for _ in range(3):
            timed(hv)
        health = hv.health()
        assert health.quarantined == (stuck.spec.uuid,)
        assert health.stuck_calls == 1
        assert health.connected
    until_complete(hv, node)
    assert hv.health().quarantined == ()
    told = [record.getMessage() for record in caplog.records if stuck.spec.name in record.getMessage()]
    assert len(told) == 2, told
    assert "do not answer" in told[0]
    assert "are well again" in told[1]


# -- the daemon


def test_a_stopped_daemon_is_a_deadline_that_passed_and_costs_few_threads(
    hv: hvinspect.Connection, node: tuple[Guest, ...], libvirtd: Daemon, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="hvinspect")
    before = threads(), descriptors()
    libvirtd.suspend()
    for _ in range(30):
        began = time.monotonic()
        with pytest.raises(DeadlineExceeded):
            hv.snapshot(timeout=0.1)
        assert time.monotonic() - began < 0.1 + BY_S - TIMEOUT_S
    assert threads() - before[0] <= 10
    assert hv.health().stuck_calls > 0
    assert hv.health().timeouts >= 30
    libvirtd.resume()
    until_complete(hv, node)
    wait_until(lambda: hv.health().stuck_calls == 0, what="no call is stuck", timeout=30)
    wait_until(lambda: threads() <= before[0], what="the threads are gone", timeout=30)
    hv.snapshot()
    assert descriptors() <= before[1] + 1
    assert len([record for record in caplog.records if "stuck" in record.getMessage()]) == 1
    assert any("have come back" in record.getMessage() for record in caplog.records)


def test_a_daemon_that_stops_while_guests_are_stopped_changes_nothing_of_that(
    hv: hvinspect.Connection, node: tuple[Guest, ...], libvirtd: Daemon
) -> None:
    with stopped(node[2:4]):
        timed(hv)
        libvirtd.suspend()
        with pytest.raises(DeadlineExceeded):
            hv.snapshot(timeout=0.5)
        libvirtd.resume()
        others = tuple(guest for guest in node if guest not in node[2:4])
        until_complete(hv, others)
        assert busy_workers() <= 2
    until_complete(hv, node)
