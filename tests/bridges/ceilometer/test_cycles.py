"""One snapshot of the host per polling cycle, whoever asks and however many."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hvinspect import Group
from hvinspect.testing import FakeHypervisor, registered

from .agent import METERS, STOCK_METERS, Agent, guest_of, source, volumes
from .conftest import Configure
from .counted import CountedDriver


@pytest.fixture
def counted(hypervisor: FakeHypervisor) -> Iterator[str]:
    """A target whose readings are counted."""
    CountedDriver.reads.clear()
    with registered("counted", CountedDriver):
        yield f"counted:{hypervisor.name}"


def readings() -> list[frozenset[Group]]:
    """The groups of each reading but those of discovery."""
    return [groups for groups in CountedDriver.reads if groups != {Group.STATE}]


def test_all_meters_of_all_guests_come_from_one_snapshot(configure: Configure, counted: str, tmp_path: Path) -> None:
    meters = [name for name in METERS if name != "hvinspect.disk.device.usage"]
    agent = Agent(configure(target=counted), tmp_path, source(*meters))

    samples = agent.cycle(30)

    later = [meter for meter in STOCK_METERS if meter.endswith((".delta", ".rate"))]
    assert {one["counter_name"] for one in samples} == {*STOCK_METERS} - {"disk.device.usage", *later}
    assert len(readings()) == 1


def test_the_length_of_images_is_read_apart_once_and_then_with_the_rest(
    configure: Configure, counted: str, tmp_path: Path
) -> None:
    agent = Agent(configure(target=counted), tmp_path, source(*METERS))

    first = agent.cycle(30)
    assert sorted(Group.BLOCK_DETAIL in groups for groups in readings()) == [False, True]
    second, third = agent.cycle(30), agent.cycle(30)

    assert [Group.BLOCK_DETAIL in groups for groups in readings()[2:]] == [True, True]
    lengths = volumes(first, "disk.device.usage")
    assert lengths == volumes(second, "disk.device.usage") == volumes(third, "disk.device.usage") != {}


def test_the_length_of_images_is_not_read_for_those_who_do_not_ask(
    configure: Configure, counted: str, tmp_path: Path
) -> None:
    sources = [
        source("hvinspect.disk.device.usage", interval=60, name="slow"),
        source("hvinspect.disk.device.capacity", interval=10, name="fast"),
    ]
    agent = Agent(configure(target=counted), tmp_path, *sources)
    for interval in (60, 10, 60, 10):
        agent.cycle(interval)

    assert [Group.BLOCK_DETAIL in groups for groups in readings()] == [False, True, False, True, False]


@pytest.mark.parametrize("threads", [0, 1, 4])
def test_threads_share_it(configure: Configure, counted: str, tmp_path: Path, threads: int) -> None:
    conf = configure(target=counted)
    if "threads_to_process_pollsters" not in conf.polling:
        pytest.skip("this release of ceilometer has no threads in a cycle")
    conf.set_override("threads_to_process_pollsters", threads, group="polling")
    agent = Agent(conf, tmp_path, source("hvinspect.cpu", "hvinspect.memory*", "hvinspect.network.*"))

    agent.cycle(30)

    assert len(readings()) == 1
    # Discovery's: one for all who ask at once, and one for those who asked meanwhile.
    assert 1 <= len(CountedDriver.reads) - len(readings()) <= 2


def test_the_next_cycle_reads_anew(
    configure: Configure, counted: str, hypervisor: FakeHypervisor, tmp_path: Path
) -> None:
    agent = Agent(configure(target=counted), tmp_path, source("hvinspect.cpu"))
    before = volumes(agent.cycle(30), "cpu")

    hypervisor.advance(30)
    after = volumes(agent.cycle(30), "cpu")

    assert len(readings()) == 2
    assert all(after[key] > before[key] for key in before if hypervisor_runs(hypervisor, key))


def hypervisor_runs(hypervisor: FakeHypervisor, key: str) -> bool:
    return next(guest for guest in hypervisor.guests() if guest.key == key).state.value == "running"


def test_sources_of_one_interval_share_it_and_others_do_not(configure: Configure, counted: str, tmp_path: Path) -> None:
    sources = [
        source("hvinspect.cpu", interval=10, name="fast"),
        source("hvinspect.memory", interval=10, name="also fast"),
        source("hvinspect.cpu", "hvinspect.vcpus", interval=60, name="slow"),
    ]
    agent = Agent(configure(target=counted), tmp_path, *sources)

    agent.cycle(10)
    assert len(readings()) == 1
    agent.cycle(60)
    assert len(readings()) == 2


@pytest.mark.parametrize("threads", [0, 1, 4])
def test_two_intervals_at_once_have_a_reading_each(
    configure: Configure, counted: str, tmp_path: Path, threads: int
) -> None:
    conf = configure(target=counted)
    if "threads_to_process_pollsters" in conf.polling:
        conf.set_override("threads_to_process_pollsters", threads, group="polling")
    # Not the length of images: whether that comes with the rest depends on who is first to ask for it.
    meters = [name for name in METERS if name != "hvinspect.disk.device.usage"]
    sources = [source(*meters, interval=10, name="fast"), source(*meters, interval=60, name="slow")]
    agent = Agent(conf, tmp_path, *sources)
    both = [threading.Thread(target=agent.cycle, args=[interval]) for interval in (10, 60)]
    for one in both:
        one.start()
    for one in both:
        one.join(60)

    assert len(readings()) == 2


def test_a_host_that_cannot_be_read_is_tried_once_and_logged_once(
    configure: Configure, hypervisor: FakeHypervisor, tmp_path: Path, log: list[str]
) -> None:
    agent = Agent(configure(target=hypervisor.target), tmp_path, source("hvinspect.*"))
    assert agent.cycle(30)
    log.clear()
    hypervisor.refuse("no such host")
    hypervisor.disconnect()

    assert agent.cycle(30) == agent.cycle(30) == []
    assert len([line for line in log if "Cannot read" in line]) == 1

    hypervisor.accept()
    assert agent.cycle(30)


def test_a_guest_that_does_not_answer_costs_itself_alone(
    configure: Configure, hypervisor: FakeHypervisor, tmp_path: Path
) -> None:
    stuck = hypervisor.keys[0]
    agent = Agent(configure(target=hypervisor.target, timeout=0.5), tmp_path, source("hvinspect.*"))
    whole = agent.cycle(30)
    hypervisor.hang(stuck)

    samples = agent.cycle(30)

    def of(samples: list[dict[str, Any]], *, stuck_one: bool) -> list[tuple[str, str]]:
        return sorted(
            (one["counter_name"], one["resource_id"])
            for one in samples
            if (guest_of(one) == stuck) is stuck_one and not one["counter_name"].endswith((".delta", ".rate"))
        )

    assert of(samples, stuck_one=False) == of(whole, stuck_one=False)
    meters = {name for name, _ in of(samples, stuck_one=True)}
    held_by_host = {"cpu", "vcpus", "power.state", "network.incoming.bytes", "network.outgoing.packets"}
    assert held_by_host & {*STOCK_METERS} <= meters
    assert not {"memory", "disk.device.read.bytes"} & meters


def test_samples_have_the_time_of_the_reading(configure: Configure, hypervisor: FakeHypervisor, tmp_path: Path) -> None:
    agent = Agent(configure(target=hypervisor.target), tmp_path, source("hvinspect.cpu", "hvinspect.network*"))
    samples = agent.cycle(30)

    read_at = datetime.fromtimestamp(hypervisor.clock.unix_ns / 1e9, tz=UTC).replace(tzinfo=None)
    assert samples
    for one in samples:
        assert abs(datetime.fromisoformat(one["timestamp"]) - read_at) < timedelta(seconds=1)
