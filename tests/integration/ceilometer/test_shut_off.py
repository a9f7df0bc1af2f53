"""Guests that are shut off, where ceilometer is told to have samples of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.integration.ceilometer import nova
from tests.integration.ceilometer.agent import HAS_POLLSTERS, Agent, Agents
from tests.integration.ceilometer.pace import paced
from tests.lab.fixtures import Lab
from tests.lab.guests import Guest

pytestmark = pytest.mark.skipif(not HAS_POLLSTERS, reason="this release gives no samples of guests that are shut off")
METERS = ("vcpus", "power.state", "memory", "disk.device.capacity", "disk.device.allocation", "disk.device.usage")


@pytest.fixture(scope="module")
def off(lab: Lab) -> Iterator[tuple[Guest, Guest]]:
    """One as nova makes it, and one that starts with one vCPU of two."""
    usual, fewer = nova.still("off", 2, first=170)
    made = Guest(replace(usual, vcpus=2)), Guest(replace(fewer, vcpus=1, maximum_vcpus=2))
    for guest in made:
        guest.define()
    yield made
    for guest in made:
        guest.undefine()


@pytest.fixture(scope="module")
def volumes(agents: Agents, off: tuple[Guest, Guest]) -> list[list[dict[str, float]]]:
    """Of each guest the stock agent's and ours, by meter."""
    cycles = [run(agents.stock("off-stock", meters=METERS)), run(agents.ours("off-ours", meters=METERS))]
    return [[one[guest.spec.uuid] for one in cycles] for guest in off]


def run(agent: Agent) -> dict[str, dict[str, float]]:
    """One cycle, by guest."""
    path = agent.folder / "ceilometer.conf"
    path.write_text(path.read_text().replace("[compute]\n", "[compute]\nreport_stopped_instance_metrics = true\n"))
    with paced(agent) as one:
        one.cycle()
    (cycle,) = agent.cycles
    guests = {sample.guest for sample in cycle.samples}
    return {guest: {meter: sample.volume for (meter, _), sample in cycle.of(guest).items()} for guest in guests}


def test_what_nova_made_has_equal_values(volumes: list[list[dict[str, float]]]) -> None:
    stock, ours = volumes[0]
    assert stock["power.state"] == 5
    assert stock["vcpus"] == 2
    assert stock.keys() == {*METERS}
    assert ours == stock


def test_vcpus_that_it_does_not_start_with_are_not_counted(volumes: list[list[dict[str, float]]]) -> None:
    stock, ours = volumes[1]
    assert ours["vcpus"] == 1
    assert ours == stock
