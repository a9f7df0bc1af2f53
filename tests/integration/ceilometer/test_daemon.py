"""libvirtd is killed and comes back: no cycle of the agent waits for it, and the next one has all samples."""

from __future__ import annotations

import time

import pytest

from tests.integration.ceilometer.agent import HAS_POLLSTERS, Agents, Cycle
from tests.lab.daemons import Daemon, wait_until
from tests.lab.guests import Guest

INTERVAL = 3


def keys(cycle: Cycle) -> set[tuple[str, str]]:
    """What it has samples of, but for what tells of the time since the cycle before."""
    return {(one.meter, one.resource) for one in cycle.samples if not one.meter.endswith((".delta", ".rate"))}


@pytest.fixture
def all_guests(linux: Guest, stills: tuple[Guest, ...]) -> tuple[Guest, ...]:
    return (linux, *stills)


def test_it_is_back_in_the_next_cycle_and_none_took_longer_than_its_interval(
    agents: Agents, libvirtd: Daemon, all_guests: tuple[Guest, ...]
) -> None:
    with agents.ours("daemon", interval=INTERVAL, debug=True) as ours:
        before = ours.wait_for_cycles(2)[1]
        moment = time.time()
        libvirtd.kill()
        wait_until(lambda: "Cannot read" in ours.log, what="a cycle without libvirtd", timeout=30)
        time.sleep(INTERVAL)
        libvirtd.start()
        returned = time.time()
        after = ours.wait_for_cycles(1, since=moment)[0]
        durations = ours.durations(since=moment)

    assert keys(after) == keys(before)
    assert "can be read again" in ours.log
    # Where no guest is found, older pollsters ask ceilometer's own discovery, and that waits.
    if HAS_POLLSTERS:
        # It began when a cycle was due, and libvirtd was there by then.
        assert after.began - returned < INTERVAL + 1
        assert len(durations) >= 3
        assert all(seconds < INTERVAL for seconds in durations), durations
