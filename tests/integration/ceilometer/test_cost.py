"""What a cycle of the agent costs libvirtd and itself, beside the stock one's."""

from __future__ import annotations

import os
import statistics
import time
from typing import Any

import pytest

from tests.integration.ceilometer import nova
from tests.integration.ceilometer.agent import HAS_POLLSTERS, Agents
from tests.integration.ceilometer.pace import Cost, Paced, paced
from tests.lab.fixtures import GuestFactory
from tests.lab.guests import Guest
from tools import measured

#: One reading of all guests: which there are, and at most three requests at once for what is counted of them.
READING = 1 + 3
FIFTY = 50
#: By then every description is due to be read again.
MINUTE_S = 61.0


def calls(one: Paced) -> int:
    """Of a cycle in which no description was due to be read again."""
    return min(one.cycle().calls for _ in range(5))


def test_calls_do_not_grow_with_guests(
    agents: Agents, linux: Guest, stills: tuple[Guest, ...], guests: GuestFactory
) -> None:
    guests(*nova.still("counted", 4, first=150))
    disks = 2 + len(stills) + 4
    meters = ("cpu", "memory*", "network.*", "power.state", "vcpus", "disk.device.[rwc]*")
    with paced(agents.ours("calls", meters=meters)) as ours, paced(agents.ours("calls-of-all")) as detailed:
        # Discovery's reading, and that of all meters. An inspector is not told of which a pollster asks.
        assert calls(ours) <= 2 * READING + (0 if HAS_POLLSTERS else disks)
        # And the length of each image, which is asked for one by one.
        assert 2 * READING < calls(detailed) <= 2 * READING + disks


@pytest.mark.slow
def test_fifty_guests_take_less_than_a_third_of_libvirt_and_half_of_the_cycle(
    agents: Agents, guests: GuestFactory
) -> None:
    guests(*nova.still("fifty", FIFTY, first=200))
    with (
        paced(agents.stock("fifty-stock", publishes=False)) as stock,
        paced(agents.ours("fifty-ours", publishes=False)) as ours,
    ):
        for one in (stock, ours):
            one.cycle()
        succession = [(stock.cycle(), ours.cycle()) for _ in range(9)]
        minutely: list[tuple[Cost, Cost]] = []
        for _ in range(4):
            time.sleep(MINUTE_S)
            minutely.append((stock.cycle(), ours.cycle()))
    found = [*costs("in close succession", succession), *costs("once a minute", minutely)]
    measured.record("ceilometer_cost", found)
    for _, own in (found[:2], found[2:]):
        assert own["in_flight_ratio"] <= 0.30, found
        assert own["cycle_ratio"] <= 0.45, found
    # Each description once in a minute, and nothing else that grows with guests.
    assert max(own.calls for _, own in succession) <= 2 * READING + 2 * FIFTY
    assert all(own.calls <= 2 * READING + 2 * FIFTY for _, own in minutely)


def costs(cycles: str, pairs: list[tuple[Cost, Cost]]) -> list[dict[str, Any]]:
    """The stock agent's, and ours beside it."""
    in_flight = round(statistics.median(own.in_flight / theirs.in_flight for theirs, own in pairs), 3)
    whole = round(statistics.median(own.seconds / theirs.seconds for theirs, own in pairs), 3)
    return [
        cost_of("ceilometer's own", cycles, [theirs for theirs, _ in pairs]) | {"in_flight_ratio": 1, "cycle_ratio": 1},
        cost_of("hvinspect", cycles, [own for _, own in pairs]) | {"in_flight_ratio": in_flight, "cycle_ratio": whole},
    ]


def cost_of(agent: str, come: str, cycles: list[Cost]) -> dict[str, Any]:
    """The medians; the load is that of the machine meanwhile."""
    return {
        "agent": agent,
        "cycles come": come,
        "guests": FIFTY,
        "cycles": len(cycles),
        "cycle_ms": round(statistics.median(one.seconds for one in cycles) * 1000),
        "in_flight_ms": round(statistics.median(one.in_flight for one in cycles) * 1000),
        "cpu_ms": round(statistics.median(one.cpu for one in cycles) * 1000),
        "requests": round(statistics.median(one.calls for one in cycles)),
        "load": round(os.getloadavg()[0], 1),
    }
