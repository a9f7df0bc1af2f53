"""An agent with neither libvirt-python nor nova, keystone or a message bus polls whatever hvinspect can read."""

from __future__ import annotations

from tests.integration.ceilometer.agent import METERS, Agents


def test_meters_come_without_libvirt(agents: Agents) -> None:
    agent = agents.ours("alone", interval=2, discovery="hvinspect://all", options={"target": "fake:"})
    # Found before the real one, wherever that is.
    (agent.folder / "libvirt.py").write_text('raise ImportError("no libvirt-python here")\n')
    with agent:
        _, cycle = agent.wait_for_cycles(2)
    assert {one.meter for one in cycle.samples} >= METERS
