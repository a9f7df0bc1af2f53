"""The meters of a hypervisor that ceilometer has never heard of, over several cycles."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import hvinspect
from hvinspect import Reason
from hvinspect.bridges._ceilometer import earlier
from hvinspect.bridges._ceilometer.discovery import Discovery
from hvinspect.testing import FakeHypervisor, FakeKind, registered

from .agent import METERS, STOCK_METERS, Agent, class_of, guest_of, loaded, source, volumes
from .conftest import Configure
from .counted import RecordDriver

RX = ("network.incoming.bytes", "network.incoming.bytes.delta", "network.incoming.bytes.rate")


@pytest.fixture
def agent(configure: Configure, hypervisor: FakeHypervisor, tmp_path: Path) -> Agent:
    return Agent(configure(target=hypervisor.target), tmp_path, source("hvinspect.*"))


def test_there_is_a_pollster_for_each_meter_of_ceilometers(configure: Configure) -> None:
    conf = configure(target="fake:")
    assert len(METERS) == 36
    for meter in STOCK_METERS:
        own = loaded(f"hvinspect.{meter}", conf)
        assert isinstance(own, class_of(meter))
        assert own.sample_name == meter


def test_a_guest_with_everything_has_every_meter_from_the_second_cycle_on(
    agent: Agent, hypervisor: FakeHypervisor
) -> None:
    agent.cycle(30)
    hypervisor.advance(30)
    samples = agent.cycle(30)

    assert {one["counter_name"] for one in samples if guest_of(one) == hypervisor.keys[0]} == set(STOCK_METERS)


def test_what_a_guest_received_is_in_the_meter_the_delta_and_the_rate(agent: Agent, hypervisor: FakeHypervisor) -> None:
    guest = hypervisor.keys[4]  # paused: nothing else moves
    before = agent.cycle(30)
    hypervisor.advance(10)
    hypervisor.receive(guest, "net0", 5000, packets=10)
    after = agent.cycle(30)

    assert volumes(after, RX[0])[guest] - volumes(before, RX[0])[guest] == 5000
    assert volumes(after, RX[1])[guest] == 5000
    assert volumes(after, RX[2])[guest] == pytest.approx(500, rel=0.01)
    assert volumes(after, "network.outgoing.bytes.delta")[guest] == 0


def test_the_first_cycle_has_no_delta_and_no_rate(agent: Agent) -> None:
    samples = agent.cycle(30)
    assert volumes(samples, RX[0])
    assert volumes(samples, RX[1]) == volumes(samples, RX[2]) == {}


def test_a_cycle_without_the_guest_loses_nothing_of_its_delta(agent: Agent, hypervisor: FakeHypervisor) -> None:
    guest = hypervisor.keys[4]
    agent.cycle(30)
    hypervisor.receive(guest, "net0", 700, packets=1)
    hypervisor.fail(guest, Reason.TIMED_OUT)
    assert guest not in volumes(agent.cycle(30), RX[1])
    hypervisor.heal(guest)
    assert volumes(agent.cycle(30), RX[1])[guest] == 700


@pytest.mark.parametrize("change", ["replug_nic", "recreate", "reset_counters"])
def test_a_nic_that_counts_anew_has_neither_delta_nor_rate(
    agent: Agent, hypervisor: FakeHypervisor, change: str
) -> None:
    guest = hypervisor.keys[0]
    hypervisor.receive(guest, "net0", 10**12, packets=1)
    agent.cycle(30)
    hypervisor.advance(1)
    getattr(hypervisor, change)(guest, *(["net0"] if change == "replug_nic" else []))
    samples = agent.cycle(30)

    assert guest in volumes(samples, RX[0])
    assert guest not in volumes(samples, RX[1])
    assert guest not in volumes(samples, RX[2])


def test_a_nic_that_was_plugged_anew_has_no_delta_even_if_it_counted_more(
    agent: Agent, hypervisor: FakeHypervisor
) -> None:
    guest = hypervisor.keys[4]
    agent.cycle(30)
    hypervisor.advance(1)
    hypervisor.replug_nic(guest, "net0")
    hypervisor.receive(guest, "net0", 10**15, packets=1)
    assert guest not in volumes(agent.cycle(30), RX[1])


def test_two_intervals_do_not_take_each_others_deltas(
    configure: Configure, hypervisor: FakeHypervisor, tmp_path: Path
) -> None:
    guest = hypervisor.keys[4]
    sources = [
        source("hvinspect.network.incoming.bytes*", interval=10, name="fast"),
        source("hvinspect.network.outgoing.bytes.delta", interval=60, name="slow"),
    ]
    agent = Agent(configure(target=hypervisor.target), tmp_path, *sources)
    agent.cycle(10)
    agent.cycle(60)
    hypervisor.send(guest, "net0", 900, packets=1)
    agent.cycle(10)
    assert volumes(agent.cycle(60), "network.outgoing.bytes.delta")[guest] == 900


def test_guests_that_are_gone_are_forgotten(configure: Configure, hypervisor: FakeHypervisor) -> None:
    conf = configure(target=hypervisor.target)
    pollster, discovery = loaded("hvinspect.network.incoming.bytes.delta", conf), Discovery(conf)
    list(pollster.get_samples(None, {}, discovery.discover(None, "all")))
    for key in hypervisor.keys[1:]:
        hypervisor.remove(key)
    list(pollster.get_samples(None, {}, discovery.discover(None, "all")))

    memory: earlier.Earlier = pollster._earlier
    assert set(memory._seen) == {hypervisor.keys[0]}


def test_rates_of_a_hypervisor_that_has_nothing_else_are_handed_on(configure: Configure, tmp_path: Path) -> None:
    with FakeHypervisor(seed=7, kind=FakeKind.RATES) as hypervisor:
        agent = Agent(configure(target=hypervisor.target), tmp_path, source("hvinspect.network.*"))
        samples = agent.cycle(30)
    assert volumes(samples, RX[2])
    assert volumes(samples, RX[0]) == {}


def test_a_value_that_one_disk_lacks_is_there_for_the_others(configure: Configure, tmp_path: Path) -> None:
    with (
        FakeHypervisor(seed=7, instances=1, disks=3) as hypervisor,
        hvinspect.connect(hypervisor.target) as connection,
    ):
        whole = connection.snapshot().instances[0]

    class Lacking(RecordDriver):
        record = replace(whole, disks=(replace(whole.disks[0], read_bytes=None), *whole.disks[1:]))

    with registered("lacking", Lacking):
        agent = Agent(configure(target="lacking:disk"), tmp_path, source("hvinspect.disk.device.read.bytes"))
        samples = agent.cycle(30)
    assert [one["resource_metadata"]["disk_name"] for one in samples] == ["vdb", "vdc"]


def test_a_guest_that_is_shut_off_has_no_samples(agent: Agent, hypervisor: FakeHypervisor) -> None:
    found = {one["counter_name"] for one in agent.cycle(30) if guest_of(one) == hypervisor.keys[3]}
    assert found <= {"disk.root.size", "disk.ephemeral.size"}  # these are of its flavor


def test_a_guest_that_is_shut_off_has_what_it_is_made_of_where_that_is_wanted(
    configure: Configure, hypervisor: FakeHypervisor, tmp_path: Path
) -> None:
    conf = configure(target=hypervisor.target)
    if "report_stopped_instance_metrics" not in conf.compute:
        pytest.skip("this release of ceilometer has no samples of stopped guests")
    conf.set_override("report_stopped_instance_metrics", True, group="compute")
    samples = Agent(conf, tmp_path, source("hvinspect.*")).cycle(30)

    off = hypervisor.keys[3]
    found = {one["counter_name"]: one["counter_volume"] for one in samples if one["resource_id"] == off}
    assert found["power.state"] == 5
    assert found["vcpus"] == 2
    assert found["memory"] == 512
    assert "cpu" not in found


def test_what_a_guest_told_too_long_ago_is_no_sample(
    configure: Configure, hypervisor: FakeHypervisor, tmp_path: Path
) -> None:
    reported = {"memory.available", "memory.usage", "memory.swap.in", "memory.swap.out"} & set(STOCK_METERS)

    def meters(limit: int) -> set[str]:
        conf = configure(target=hypervisor.target, guest_report_maximum_age=limit)
        agent = Agent(conf, tmp_path, source("hvinspect.memory*"))
        # The fake guests tell every ten seconds.
        return {one["counter_name"] for one in agent.cycle(30)}

    hypervisor.advance(9)
    assert reported <= meters(120)
    assert not reported & meters(1)
    assert reported <= meters(0)


def test_cpu_time_is_of_the_vcpus_alone_where_that_is_wanted(
    configure: Configure, hypervisor: FakeHypervisor, tmp_path: Path
) -> None:
    with hvinspect.connect(hypervisor.target) as connection:
        cpu = connection.snapshot()[hypervisor.keys[0]].cpu
    agent = Agent(configure(target=hypervisor.target, cpu_time="vcpus"), tmp_path, source("hvinspect.cpu"))

    total = sum((vcpu.time_ns or 0) + (vcpu.wait_ns or 0) for vcpu in cpu.vcpus)
    assert volumes(agent.cycle(30), "cpu")[hypervisor.keys[0]] == total


def test_a_guest_without_flavor_has_no_size_of_it(agent: Agent, hypervisor: FakeHypervisor) -> None:
    samples = agent.cycle(30)
    unknown_to_nova = hypervisor.keys[2]
    if "disk.root.size" in STOCK_METERS:
        assert len(volumes(samples, "disk.root.size")) == 4
    assert unknown_to_nova not in volumes(samples, "disk.root.size")
    assert unknown_to_nova in volumes(samples, "cpu")
