"""One of many that does not answer: the others are whole by the deadline, and later snapshots do not wait for it."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Generator, Iterator
from statistics import median

import pytest

import hvinspect
from hvinspect import Connection, InstanceStats, Reason
from tests.lab.qemu.command import FOLDER, monitor_of
from tests.lab.qemu.lone import LoneGuest

_TIMEOUT = 5.0
#: What waiting for a monitor costs that does not answer.
_PATIENCE = 1.0
FULL = 50
Trouble = Callable[[LoneGuest], contextlib.AbstractContextManager[None]]


@contextlib.contextmanager
def taken(guest: LoneGuest) -> Generator[None]:
    """Its monitor is another client's: it gives no greeting, as that of a QEMU that is held up in a request."""
    with socket.socket(socket.AF_UNIX) as other:
        other.connect(str(monitor_of(guest.spec)))
        assert other.recv(4096).startswith(b'{"QMP"')
        yield


@pytest.fixture
def all_of_them(crowd: list[LoneGuest]) -> Iterator[Connection]:
    """A connection to them and to no other."""
    with hvinspect.connect(f"qemu:{FOLDER}/lone-*.qmp") as connection:
        yield connection


def timed(hv: Connection) -> tuple[float, hvinspect.Snapshot]:
    started = time.monotonic()
    snapshot = hv.snapshot(timeout=_TIMEOUT)
    return time.monotonic() - started, snapshot


def is_whole(stats: InstanceStats) -> bool:
    """Is there what the monitor and what the host knows?"""
    return (
        stats.native_state == "prelaunch"
        and stats.memory.assigned_bytes is not None
        and [disk.read_bytes is not None for disk in stats.disks] == [True]
        and has_what_the_host_knows(stats)
    )


def has_what_the_host_knows(stats: InstanceStats) -> bool:
    known = (stats.cpu.time_ns, stats.cpu.vcpus[0].time_ns, stats.memory.host_resident_bytes, stats.nics[0].rx_bytes)
    return None not in known


@pytest.mark.parametrize(
    "crowd", [pytest.param(8, id="of-8"), pytest.param(FULL, id="of-50", marks=pytest.mark.slow)], indirect=True
)
@pytest.mark.parametrize("trouble", [LoneGuest.stopped, taken])
def test_one_that_does_not_answer_costs_itself_alone(
    crowd: list[LoneGuest], all_of_them: Connection, trouble: Trouble
) -> None:
    guests, hv = crowd, all_of_them
    victim = guests[len(guests) // 2]
    assert all(is_whole(stats) for stats in hv.snapshot())
    calm = [timed(hv)[0] for _ in range(5)]
    with trouble(victim):
        seconds, first = timed(hv)
        assert seconds < _TIMEOUT
        assert first.failures == ()
        assert sorted(str(stats.instance.uuid) for stats in first if is_whole(stats)) == sorted(
            guest.spec.uuid for guest in guests if guest is not victim
        )
        later = [timed(hv) for _ in range(5)]
        for _, snapshot in later:
            stats = snapshot[victim.spec.uuid]
            assert has_what_the_host_knows(stats)
            why = stats.why("disks")
            assert why is not None
            # Busy, once connections that were given up have filled the queue at a taken monitor.
            assert why.reason in (Reason.TIMED_OUT, Reason.BUSY)
            assert sum(map(is_whole, snapshot)) == len(guests) - 1
        assert min(seconds for seconds, _ in later) < _PATIENCE / 2, "it is waited for again"
    if len(guests) == FULL:
        # A look in passing is of 20 ms, while the others are read.
        assert median(seconds for seconds, _ in later) < 1.5 * median(calm) + 0.02
    deadline = time.monotonic() + 60
    # Looked at in passing it may at first give a part of its answer.
    while not all(is_whole(stats) for stats in hv.snapshot()) or hv.health().quarantined:
        assert time.monotonic() < deadline
