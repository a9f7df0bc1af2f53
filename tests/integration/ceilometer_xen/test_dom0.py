"""The real ``ceilometer-polling`` in dom0 of a Xen that has no libvirt: meters of guests that xl made."""

from __future__ import annotations

import os
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import hvinspect
from tests.integration.ceilometer.agent import Agent, Cycle
from tests.integration.xen.known_load import READ_REQUESTS, READ_SECTORS, SECTOR, WRITE_SECTORS
from tests.lab.xen.dom0.guests import XlGuest
from tests.lab.xen.dom0.run import output

#: Emulated, each of its processes imports ceilometer for a minute and loads its pollsters for half of one.
INTERVAL, PATIENCE = 15, 900.0
#: What libxenstat, sysfs and xenstore tell; the rates from the second cycle on.
METERS = {
    *("cpu", "vcpus", "power.state", "memory"),
    *("disk.device.read.requests", "disk.device.read.bytes", "disk.device.write.requests", "disk.device.write.bytes"),
    *(f"network.{way}.{what}" for way in ("incoming", "outgoing") for what in ("bytes", "packets", "bytes.rate")),
}


def program(folder: Path) -> Path:
    """What pip makes of the entry point; only packages are on dom0's disk."""
    (point,) = entry_points(group="console_scripts", name="ceilometer-polling")
    path = folder / "ceilometer-polling"
    path.write_text(f"import sys\nfrom {point.module} import {point.attr}\nsys.exit({point.attr}())\n")
    return path


@pytest.fixture(scope="module")
def cycle(pair: tuple[XlGuest, XlGuest], tmp_path_factory: pytest.TempPathFactory) -> Cycle:
    """The agent's second."""
    folder = tmp_path_factory.mktemp("agent")
    # Its processes share semaphores, for which dom0 has no place of its own accord.
    Path("/dev/shm").mkdir()
    output("mount", "-t", "tmpfs", "tmpfs", "/dev/shm")
    agent = Agent(
        folder / "xen",
        meters=["hvinspect.*"],
        interval=INTERVAL,
        discovery="hvinspect://all",
        options={"target": "xen:"},
        program=program(folder),
        variables={"PYTHONPATH": os.pathsep.join([str(folder / "xen"), os.environ["PYTHONPATH"]])},
    )
    with agent:
        return agent.wait_for_cycles(2, timeout=PATIENCE)[1]


def test_every_guest_has_its_meters(cycle: Cycle, pair: tuple[XlGuest, XlGuest]) -> None:
    for guest in pair:
        assert cycle.meters_of(guest.spec.uuid) >= METERS


def test_a_disk_is_exact(cycle: Cycle, pair: tuple[XlGuest, XlGuest]) -> None:
    for guest in pair:
        volumes = {meter: one.volume for (meter, _), one in cycle.of(guest.spec.uuid).items()}
        assert volumes["disk.device.read.requests"] == READ_REQUESTS
        assert volumes["disk.device.read.bytes"] == READ_SECTORS * SECTOR
        assert volumes["disk.device.write.bytes"] == WRITE_SECTORS * SECTOR


def test_a_card_has_the_guests_own_packets(cycle: Cycle, pair: tuple[XlGuest, XlGuest]) -> None:
    for card, guest in enumerate(pair, start=1):
        volumes = {meter: one.volume for (meter, _), one in cycle.of(guest.spec.uuid).items()}
        own = guest.counters().nic(guest.spec.mac(card))
        assert volumes["network.incoming.packets"] == own.rx_packets
        assert volumes["network.outgoing.packets"] == own.tx_packets > 0


def test_cpu_time_and_state_are_hvinspects(
    cycle: Cycle, pair: tuple[XlGuest, XlGuest], hv: hvinspect.Connection
) -> None:
    now = hv.snapshot(timeout=60)
    for guest in pair:
        volumes = {meter: one.volume for (meter, _), one in cycle.of(guest.spec.uuid).items()}
        assert 0 < volumes["cpu"] <= (now[guest.spec.uuid].cpu.time_ns or 0)
        assert volumes["vcpus"] == guest.spec.vcpus
        # virDomainState has two for a guest that runs: at the moment, or with nothing to do.
        assert volumes["power.state"] in (1, 2)
