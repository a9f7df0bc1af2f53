"""A hypervisor that keeps no counters: what a vCenter gave, recorded, in ceilometer's meters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .agent import STOCK_METERS, Agent, guest_of, source, volumes
from .conftest import Configure

RECORDED = Path(__file__).with_name("recorded") / "vcenter"
MIB = 1024**2


@pytest.fixture
def samples(configure: Configure, tmp_path: Path) -> list[dict[str, Any]]:
    """Those of the very first cycle."""
    return Agent(configure(target=f"replay:{RECORDED}"), tmp_path, source("hvinspect.*")).cycle(30)


@pytest.fixture(scope="module")
def guests() -> dict[str, dict[str, Any]]:
    """What was recorded, by uuid."""
    snapshot = json.loads((RECORDED / "snapshot-0001.json").read_text(encoding="utf-8"))
    return {one["instance"]["uuid"]: one for one in snapshot["instances"]}


def test_rates_are_there_from_the_first_cycle_on(
    samples: list[dict[str, Any]], guests: dict[str, dict[str, Any]]
) -> None:
    for way, field in (("incoming", "rx_bytes_per_s"), ("outgoing", "tx_bytes_per_s")):
        recorded = {uuid: one["supplied_rates"]["nics"][0][field] for uuid, one in guests.items()}
        assert len(set(recorded.values())) == 2
        assert volumes(samples, f"network.{way}.bytes.rate") == recorded


@pytest.mark.parametrize(("meter", "field"), [("memory", "assigned_bytes"), ("memory.resident", "host_resident_bytes")])
def test_memory_is_what_the_hypervisor_gives_and_what_it_takes_of_the_host(
    samples: list[dict[str, Any]], guests: dict[str, dict[str, Any]], meter: str, field: str
) -> None:
    if meter not in STOCK_METERS:
        pytest.skip(f"this release of ceilometer has no meter {meter}")
    assert volumes(samples, meter) == {uuid: one["memory"][field] / MIB for uuid, one in guests.items()}


def test_no_rate_is_made_into_a_counter(samples: list[dict[str, Any]]) -> None:
    meters = {one["counter_name"] for one in samples}
    assert meters >= {"memory.resident", "disk.device.capacity"}
    assert not meters & {"cpu", "network.incoming.bytes", "network.incoming.bytes.delta", "disk.device.read.bytes"}


def test_guests_are_those_that_nova_made(configure: Configure, tmp_path: Path, guests: dict[str, Any]) -> None:
    conf = configure(target=f"replay:{RECORDED}")
    found = Agent(conf, tmp_path, source("hvinspect.*", discovery="hvinspect")).cycle(30)
    novas = {uuid for uuid, one in guests.items() if "openstack" in one["instance"]}
    assert len(novas) == 1
    assert {guest_of(one) for one in found} == novas
