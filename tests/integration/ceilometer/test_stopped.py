"""One guest whose QEMU does not answer: the stock agent gives nothing of any guest, ours all of every other one."""

from __future__ import annotations

import itertools
import signal
import time
from collections.abc import Iterator

import pytest

from tests.integration.ceilometer import nova
from tests.integration.ceilometer.agent import HAS_POLLSTERS, PATIENCE, Agent, Agents, Cycle
from tests.integration.libvirt.stopping import stopped
from tests.lab.daemons import wait_until
from tests.lab.fixtures import GuestFactory
from tests.lab.guests import Guest

#: Long enough for a machine that is busy with something else.
INTERVAL = 4
#: What libvirtd knows of a guest whose QEMU does not answer.
KNOWN = {"cpu", "network.incoming.bytes", "network.outgoing.bytes"}
#: Of the flavor alone.
NOT_READ = {"disk.root.size", "disk.ephemeral.size"}
if HAS_POLLSTERS:
    KNOWN |= {"vcpus", "power.state"}


@pytest.fixture(scope="module", params=[6, pytest.param(20, marks=pytest.mark.slow)])
def many(
    request: pytest.FixtureRequest, linux: Guest, stills: tuple[Guest, ...], session_guests: GuestFactory
) -> tuple[Guest, ...]:
    """All guests there are; the first will be stopped."""
    return (*stills, linux, *session_guests(*nova.still("more", request.param - 6, first=100)))


@pytest.fixture(scope="module")
def ours(agents: Agents, many: tuple[Guest, ...]) -> Iterator[Agent]:
    """Our agent, which has seen them all well."""
    options = {"timeout": INTERVAL / 2}
    with agents.ours(f"one-of-{len(many)}", interval=INTERVAL, options=options, debug=True) as agent:
        agent.wait_for_cycles(2)
        yield agent


def meters(cycle: Cycle, guests: tuple[Guest, ...]) -> set[tuple[str, str, str]]:
    """All that a cycle has of *guests*."""
    return {(guest.spec.uuid, *key) for guest in guests for key in cycle.of(guest.spec.uuid)}


def is_of_one_reading(cycle: Cycle, spans: list[tuple[float, float]]) -> bool:
    """Have all meters the times of a reading within the cycle, and none that of its own turn?"""
    times = [one.taken for one in cycle.samples if one.meter not in NOT_READ]
    return max(times) - min(times) < 1 and any(begun <= min(times) and max(times) <= ended for begun, ended in spans)


def test_the_others_are_complete_every_cycle_in_time_and_it_has_what_the_host_holds(
    agents: Agents, ours: Agent, many: tuple[Guest, ...]
) -> None:
    victim, others = many[0], many[1:]
    whole = meters(ours.cycles[1], others)
    assert len(whole) >= 20 * len(others)
    with agents.stock(f"stock-of-{len(many)}", interval=INTERVAL) as stock:
        stock.wait_for_cycles(1)
        with stopped([victim]):
            moment = time.time()
            cycles = ours.wait_for_cycles(3, since=moment)
            met = [one for one in stock.cycles if one.began > moment]
        # The one cycle that met the guest, as far as it had come; there was no other.
        assert len(met) <= 1
        assert all(meters(one, others) < meters(stock.cycles[0], others) for one in met)
    for cycle in cycles:
        assert meters(cycle, others) >= whole
        assert cycle.meters_of(victim.spec.uuid) >= KNOWN
        assert cycle.ended - cycle.began < INTERVAL
    starts = [cycle.began for cycle in cycles]
    assert all(later - earlier < 2 * INTERVAL for earlier, later in itertools.pairwise(starts))
    if HAS_POLLSTERS:
        assert all(seconds < INTERVAL for seconds in ours.durations(since=moment))
        spans = ours.spans(since=moment)
        assert all(is_of_one_reading(cycle, spans) for cycle in cycles)


def test_a_new_process_has_a_complete_first_cycle(ours: Agent, many: tuple[Guest, ...]) -> None:
    others = many[1:]
    # No cycle was before its first, so it has neither deltas nor rates.
    whole = meters(ours.cycles[0], others)
    with stopped(many[:1]):
        earlier = {one.pid for one in ours.cycles}
        ours.signal(signal.SIGHUP)
        new = ours.wait_for_cycles(1, of=lambda one: one.pid not in earlier)[0]
    assert meters(new, others) >= whole
    assert new.meters_of(many[0].spec.uuid) >= KNOWN


def test_an_agent_ends_in_the_cycle_that_meets_it_first(agents: Agents, many: tuple[Guest, ...]) -> None:
    def pollsters_run() -> int:
        return agent.log.count("Polling pollster")

    with agents.ours(f"meets-one-of-{len(many)}", interval=INTERVAL) as agent:
        agent.wait_for_cycles(1)
        before = pollsters_run()
        with stopped(many[:1]):
            wait_until(lambda: pollsters_run() > before, what="the next cycle", timeout=PATIENCE)
            agent.signal(signal.SIGTERM)
            agent.wait_for_end(5)


def test_an_agent_that_knows_it_ends_when_told_to(ours: Agent, many: tuple[Guest, ...]) -> None:
    with stopped(many[:1]):
        ours.wait_for_cycles(1, since=time.time())
        ours.signal(signal.SIGTERM)
        ours.wait_for_end(5)
