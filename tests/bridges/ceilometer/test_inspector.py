"""Ceilometer's own pollsters over the inspector, as 23.0.0 runs them: each reading serves one cycle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from ceilometer.compute.pollsters import GenericComputePollster
from ceilometer.compute.virt import inspector as virt_inspector

import hvinspect
from hvinspect import Group
from hvinspect.bridges._ceilometer.discovery import Discovery
from hvinspect.bridges._ceilometer.inspector import Inspector
from hvinspect.testing import FakeHypervisor, registered

from .agent import STOCK_METERS, loaded
from .conftest import Configure
from .counted import CountedDriver, RecordDriver


@pytest.fixture
def conf(configure: Configure, hypervisor: FakeHypervisor) -> Iterator[Any]:
    CountedDriver.reads.clear()
    with registered("counted", CountedDriver):
        yield configure(target=f"counted:{hypervisor.name}", maximum_age=300)


@pytest.fixture
def inspector(conf: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    chosen = chosen_by(conf)
    # Where ceilometer keeps the one that all pollsters share.
    monkeypatch.setattr(GenericComputePollster, "_inspector", chosen, raising=False)
    return chosen


def chosen_by(conf: Any) -> Inspector:
    """Chosen as an operator chooses it, where the release leaves a choice."""
    try:
        conf.set_override("hypervisor_inspector", "hvinspect")
    except ValueError:
        return Inspector(conf)
    chosen = virt_inspector.get_hypervisor_inspector(conf)
    assert isinstance(chosen, Inspector)
    return chosen


@pytest.fixture
def resources(conf: Any) -> list[Any]:
    found: list[Any] = Discovery(conf).discover(None, "all")
    CountedDriver.reads.clear()
    return found


def cycle(conf: Any, resources: list[Any]) -> list[Any]:
    """One cycle of all stock pollsters, as the agent runs it."""
    cache: dict[str, Any] = {}
    samples: list[Any] = []
    for meter in STOCK_METERS:
        samples += loaded(meter, conf).get_samples(None, cache, resources)
    return samples


def test_a_cycle_is_one_reading_and_one_of_the_images(conf: Any, inspector: Any, resources: list[Any]) -> None:
    samples = cycle(conf, resources)

    assert {one.name for one in samples} >= {"cpu", "memory.usage", "network.incoming.bytes", "disk.device.usage"}
    assert sorted(Group.BLOCK_DETAIL in groups for groups in CountedDriver.reads) == [False, True]


def test_the_next_cycle_is_another_reading(
    conf: Any, inspector: Any, resources: list[Any], hypervisor: FakeHypervisor
) -> None:
    cycle(conf, resources)
    hypervisor.advance(30)
    samples = cycle(conf, resources)

    # The images with the rest, for the cycle before asked for them.
    assert [Group.BLOCK_DETAIL in groups for groups in CountedDriver.reads[2:]] == [True]
    names = {one.name for one in samples if one.resource_metadata["instance_id"] == hypervisor.keys[0]}
    assert names == set(STOCK_METERS)


def test_guests_that_were_discovered_anew_are_those_of_another_cycle(
    conf: Any, inspector: Any, resources: list[Any]
) -> None:
    inspector.inspect_instance(resources[0])
    inspector.inspect_vnics(resources[0])
    assert len(CountedDriver.reads) == 1

    # Another source, whose turn comes on the same thread at once, and which asks for something else.
    again = Discovery(conf).discover(None, "all")
    CountedDriver.reads.clear()
    inspector.inspect_disks(again[0])
    inspector.inspect_disks(again[1])
    assert len(CountedDriver.reads) == 1


@pytest.mark.parametrize(("maximum_age", "seen"), [(0, 10**9), (300, 0)])
def test_a_reading_serves_other_questions_until_it_is_too_old(
    configure: Configure, hypervisor: FakeHypervisor, maximum_age: float, seen: int
) -> None:
    conf = configure(target=hypervisor.target, maximum_age=maximum_age)
    paused = hypervisor.keys[4]
    guest = next(one for one in Discovery(conf).discover(None) if one.id == paused)
    (before,) = Inspector(conf).inspect_vnics(guest)
    inspector = Inspector(conf)
    inspector.inspect_instance(guest)
    hypervisor.receive(paused, "net0", 10**9, packets=1)
    (after,) = inspector.inspect_vnics(guest)
    assert after.rx_bytes - before.rx_bytes == seen


def test_a_disk_that_lacks_a_value_comes_after_those_that_have_it(configure: Configure) -> None:
    with (
        FakeHypervisor(seed=7, instances=1, disks=3) as hypervisor,
        hvinspect.connect(hypervisor.target) as connection,
    ):
        whole = connection.snapshot().instances[0]

    class Lacking(RecordDriver):
        record = replace(whole, disks=(replace(whole.disks[0], read_bytes=None), *whole.disks[1:]))

    with registered("lacking", Lacking):
        conf = configure(target="lacking:first")
        (guest,) = Discovery(conf).discover(None)
        found = Inspector(conf).inspect_disks(guest)
    assert [one.device for one in found] == ["vdb", "vdc", "vda"]


def test_guests_that_are_gone_or_off_are_passed_over_quietly(
    conf: Any, inspector: Any, resources: list[Any], hypervisor: FakeHypervisor
) -> None:
    by_id = {one.id: one for one in resources}
    gone, off = hypervisor.keys[1], hypervisor.keys[3]
    hypervisor.remove(gone)
    with pytest.raises(virt_inspector.InstanceNotFoundException):
        inspector.inspect_instance(by_id[gone])
    with pytest.raises(virt_inspector.InstanceShutOffException):
        inspector.inspect_vnics(by_id[off])
    # Each pollster of the cycle asks again, and that is no other cycle.
    with pytest.raises(virt_inspector.InstanceNotFoundException):
        inspector.inspect_instance(by_id[gone])
    assert len(CountedDriver.reads) == 1
