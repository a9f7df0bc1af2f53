"""What libvirt does not count of a card: the stock agent gives -1, ours nothing."""

from __future__ import annotations

import json
from dataclasses import replace

from tests.integration.ceilometer import nova, vhost_user
from tests.integration.ceilometer.agent import HAS_POLLSTERS, Agent, Agents
from tests.integration.ceilometer.pace import paced
from tests.lab import settings
from tests.lab.fixtures import GuestFactory
from tests.lab.specification import mac_of

#: As the switch prints them of such a port: there is no tx_errors. What it received the guest sent.
COUNTED = {"rx_bytes": 700, "rx_packets": 7, "rx_dropped": 1, "rx_errors": 2, "tx_bytes": 500, "tx_packets": 5}
STATISTICS = json.dumps(["map", [*COUNTED.items(), ["tx_dropped", 3]]])


def network_of(agent: Agent, uuid: str) -> dict[str, float]:
    """One cycle's meters of a guest's only card."""
    with paced(agent) as one:
        one.cycle()
    return {meter: sample.volume for (meter, _), sample in agent.cycles[-1].of(uuid).items()}


def test_a_number_that_libvirt_does_not_have_is_no_sample_and_minus_one_for_the_stock_agent(
    agents: Agents, guests: GuestFactory
) -> None:
    (plain,) = nova.still("uncounted", 1, first=160)
    path = settings.STATE / "vhost-1"
    spec = replace(plain, nics=(), extra_devices=vhost_user.element(path, mac_of(160)))
    with vhost_user.peer(path), vhost_user.counted(path.name, STATISTICS):
        guests(spec)
        stock = network_of(agents.stock("uncounted-stock", meters=["network.*"]), spec.uuid)
        ours = network_of(agents.ours("uncounted-ours", meters=["network.*"]), spec.uuid)
    equal = {
        "network.incoming.bytes": 500,
        "network.outgoing.bytes": 700,
        "network.incoming.packets": 5,
        "network.outgoing.packets": 7,
    }
    if HAS_POLLSTERS:
        equal |= {"network.incoming.packets.drop": 3, "network.outgoing.packets.drop": 1}
    assert equal.items() <= stock.items()
    assert equal.items() <= ours.items()
    assert stock["network.incoming.packets.error"] == -1
    assert "network.incoming.packets.error" not in ours
    assert stock["network.outgoing.packets.error"] == ours["network.outgoing.packets.error"] == 2
