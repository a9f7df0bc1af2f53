"""What happens to a machine shows in the next snapshot."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hvinspect import Connection, InstanceStats, Reason, State, connect
from tests.integration.vmware.conftest import Start
from tests.lab.vmware.client import Client, client, vim
from tests.lab.vmware.simulator import Simulator

NAME = "DC0_H0_VM0"
LONG = 30.0


@pytest.fixture
def changing(start: Start) -> Simulator:
    """A vCenter of the test's own."""
    return start()


@pytest.fixture
def lab(changing: Simulator) -> Iterator[Client]:
    """Somebody who changes it."""
    with client(changing) as made:
        yield made


@pytest.fixture
def reader(changing: Simulator) -> Iterator[Connection]:
    """Somebody who reads, and has read before."""
    with connect(changing.target, options=changing.options) as made:
        made.snapshot(timeout=LONG)
        yield made


def of(reader: Connection, name: str) -> InstanceStats:
    return next(one for one in reader.snapshot(timeout=LONG) if one.instance.name == name)


def reconfigure(lab: Client, **changes: object) -> None:
    lab.task(lab.machines()[NAME].ReconfigVM_Task(vim.vm.ConfigSpec(**changes)))


def test_one_that_is_switched_off_has_no_rates(lab: Client, reader: Connection) -> None:
    lab.task(lab.machines()[NAME].PowerOffVM_Task())
    stats = of(reader, NAME)
    assert (stats.state, stats.native_state) == (State.SHUT_OFF, "poweredOff")
    assert stats.memory.maximum_bytes is not None
    assert stats.supplied_rates is not None
    for record, name in ((stats.supplied_rates, "cpu_cores"), (stats.memory, "host_resident_bytes")):
        absence = record.why(name)
        assert absence is not None
        assert absence.reason is Reason.NOT_RUNNING


def test_one_that_is_suspended_takes_nothing_of_the_host(lab: Client, reader: Connection) -> None:
    lab.task(lab.machines()[NAME].SuspendVM_Task())
    stats = of(reader, NAME)
    assert (stats.state, stats.native_state) == (State.SHUT_OFF, "suspended")


def test_a_new_configuration_is_read_again(lab: Client, reader: Connection) -> None:
    assert of(reader, NAME).cpu.vcpus_maximum == 1
    reconfigure(lab, numCPUs=4, memoryMB=512)
    stats = of(reader, NAME)
    assert stats.cpu.vcpus_online == stats.cpu.vcpus_maximum == 4
    assert stats.memory.maximum_bytes == 512 * 1024**2
    assert stats.supplied_rates is not None
    # The same time of ready vCPUs, of four of them.
    assert stats.supplied_rates.delay_fraction == pytest.approx(500 / 20_000 / 4)


@pytest.mark.parametrize("esx", [False, True], ids=["by its version", "by its time"])
def test_a_configuration_that_is_the_same_is_not_read_again(start: Start, esx: bool) -> None:
    # The simulated vCenter has versions of configurations and no time of their changes, the ESX host times alone.
    server = start(esx=esx)
    with client(server) as lab, connect(server.target, options=server.options) as reader:
        reader.snapshot(timeout=LONG)

        def calls() -> int:
            before = server.calls()["hvinspect", "RetrievePropertiesEx"]
            reader.snapshot(timeout=LONG)
            return server.calls()["hvinspect", "RetrievePropertiesEx"] - before

        assert [calls(), calls()] == [1, 1]
        machine = lab.machines()["ha-host_VM0" if esx else NAME]
        versions = machine.config.changeVersion, machine.config.modified.year
        assert bool(versions[0]) is not esx
        assert (versions[1] == 1970) is not esx
        lab.task(machine.ReconfigVM_Task(vim.vm.ConfigSpec(numCPUs=2)))
        assert [calls(), calls()] == [2, 1]


def test_a_name_is_told_as_people_wrote_it(lab: Client, reader: Connection) -> None:
    reconfigure(lab, name="50%25 web%2fshop")
    assert "50% web/shop" in {one.instance.name for one in reader.snapshot(timeout=LONG)}


def test_one_that_is_destroyed_is_gone(lab: Client, reader: Connection) -> None:
    key = of(reader, NAME).instance.key
    machine = lab.machines()[NAME]
    lab.task(machine.PowerOffVM_Task())
    lab.task(machine.Destroy_Task())
    snapshot = reader.snapshot([key], timeout=LONG)
    assert [failure.reason for failure in snapshot.failures] == [Reason.NOT_FOUND]
    assert len(reader.snapshot(timeout=LONG).instances) == 2


def test_one_that_becomes_a_template_is_none_any_more(lab: Client, reader: Connection) -> None:
    machine = lab.machines()[NAME]
    lab.task(machine.PowerOffVM_Task())
    machine.MarkAsTemplate()
    assert NAME not in {one.instance.name for one in reader.snapshot(timeout=LONG)}
