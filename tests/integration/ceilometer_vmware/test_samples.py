"""The real ``ceilometer-polling`` on a simulated vCenter and ESX host: rates and memory, and no counter made up."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.ceilometer.agent import Agent, Cycle
from tests.integration.vmware.outside import Facts, facts, number_of
from tests.lab.vmware.client import client
from tests.lab.vmware.simulator import PASSWORD, Simulator

MIB = 1024**2
#: Of a machine that somebody made by hand. The others of ceilometer's meters are of counters, or of the guest itself.
METERS = {
    *("vcpus", "power.state", "memory", "memory.resident", "disk.device.capacity"),
    *("network.incoming.bytes.rate", "network.outgoing.bytes.rate"),
}
#: What a machine has besides that nova made.
OF_FLAVOR = {"disk.root.size", "disk.ephemeral.size"}


def cycle_of(server: Simulator, folder: Path, *, discovery: str) -> Cycle:
    """An agent's first: vSphere itself has the rates."""
    password = folder / "password"
    password.write_text(f"{PASSWORD}\n")
    options = {
        "target": server.target,
        "driver_options": f"ca:{server.authority.certificate},password_file:{password}",
    }
    with Agent(folder / "agent", meters=["hvinspect.*"], interval=2, discovery=discovery, options=options) as agent:
        (cycle,) = agent.wait_for_cycles(1)
        # Of the libraries that are not installed with it, stevedore tells in errors of its own.
        assert [
            line for line in agent.log.splitlines() if " ERROR ceilometer" in line or "WARNING hvinspect" in line
        ] == []
        return cycle


def known(server: Simulator) -> dict[str, Facts]:
    """What is known of each machine without hvinspect, by its uuid."""
    with client(server) as lab:
        return {one["instance.key"][0]: one for one in facts(lab).values()}


@pytest.fixture(scope="module")
def cycle(vcenter: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Cycle:
    """Of every machine of a vCenter."""
    return cycle_of(vcenter, tmp_path_factory.mktemp("vcenter"), discovery="hvinspect://all")


@pytest.fixture(scope="module")
def machines(vcenter: Simulator) -> dict[str, Facts]:
    """Of that vCenter."""
    return known(vcenter)


def test_every_machine_has_the_meters_that_vsphere_measures_and_no_other(
    cycle: Cycle, machines: dict[str, Facts]
) -> None:
    expected = {uuid: METERS | OF_FLAVOR if "openstack.name" in one else METERS for uuid, one in machines.items()}
    assert {sample.guest: cycle.meters_of(sample.guest) for sample in cycle.samples} == expected


@pytest.mark.parametrize(
    ("meter", "path", "unit"),
    [
        ("network.incoming.bytes.rate", "nic_rates.rx_bytes_per_s", 1),
        ("network.outgoing.bytes.rate", "nic_rates.tx_bytes_per_s", 1),
        ("memory", "memory.assigned_bytes", MIB),
        ("memory.resident", "memory.host_resident_bytes", MIB),
        ("vcpus", "cpu.vcpus_online", 1),
    ],
)
def test_a_meter_is_what_the_machine_was_seeded_with(
    cycle: Cycle, machines: dict[str, Facts], meter: str, path: str, unit: int
) -> None:
    for uuid, one in machines.items():
        (volume,) = (sample.volume for (name, _), sample in cycle.of(uuid).items() if name == meter)
        assert volume == one[path][0] / unit


def test_what_nova_made_on_an_esx_host_is_found_by_novas_own_notes(esx: Simulator, tmp_path: Path) -> None:
    cycle = cycle_of(esx, tmp_path, discovery="hvinspect")
    (uuid,) = (uuid for uuid, one in known(esx).items() if number_of(one["instance.name"][0]) == 0)
    assert {sample.guest for sample in cycle.samples} == {uuid}
    volumes = {meter: sample.volume for (meter, _), sample in cycle.of(uuid).items()}
    assert volumes.keys() == METERS | OF_FLAVOR
    assert (volumes["disk.root.size"], volumes["disk.ephemeral.size"]) == (20, 0)
    metadata = cycle.of(uuid)["memory", uuid].rest
    assert (metadata["user_id"], metadata["project_id"]) == ("6d5a42e2", "0b54e5c6")
    assert metadata["resource_metadata"]["flavor"]["name"] == "m1.small"
