"""The programs of the page on many hosts do what it says."""

from __future__ import annotations

import asyncio
import importlib.util
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType

import pytest

import hvinspect
from hvinspect.testing.fake import FakeHypervisor
from tests.bridges.opentelemetry.receiver import receiving

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
HOSTS = 20


def _example(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"examples_{name}", EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def hosts() -> Iterator[list[FakeHypervisor]]:
    with ExitStack() as stack:
        yield [stack.enter_context(FakeHypervisor(seed=seed, instances=3)) for seed in range(HOSTS)]


def test_one_host_that_refuses_and_one_with_a_guest_that_hangs_cost_the_others_nothing(
    hosts: list[FakeHypervisor],
) -> None:
    hosts[3].refuse()
    hosts[7].hang(hosts[7].keys[0])
    started = time.monotonic()
    found = dict(_example("threads").read_hosts(host.target for host in hosts))
    # Two hosts of one after the other would take the sum of their deadlines.
    assert time.monotonic() - started < 9
    assert isinstance(found.pop(hosts[3].target), hvinspect.ConnectFailed)
    assert all(isinstance(one, hvinspect.Snapshot) and len(one.instances) == 3 for one in found.values())
    assert found[hosts[7].target].instances[0].why("state") is None


def test_the_program_tells_of_each_host() -> None:
    command = [sys.executable, str(EXAMPLES / "threads.py"), "fake:", "nosuch:driver"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    first, second = done.stdout.splitlines()
    assert first == "fake:: 5 instances, 0 failures"
    assert second.startswith("nosuch:driver: driver_not_found: ")


def test_tasks_watch_every_host_and_go_on_after_a_failure(
    hosts: list[FakeHypervisor], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module = _example("tasks")
    monkeypatch.setattr(module, "EVERY", 0.02)
    seen: dict[str, int] = {}

    def show(target: str, rates: hvinspect.RatesSnapshot) -> None:
        seen[target] = seen.get(target, 0) + 1
        if target == hosts[0].target and seen[target] == 1:
            hosts[0].disconnect()
            hosts[0].refuse()

    asyncio.run(module.watch_hosts([host.target for host in hosts], show, rounds=4))
    assert seen == {host.target: 3 for host in hosts} | {hosts[0].target: 1}
    told = capsys.readouterr().err.splitlines()
    assert told
    assert all(line.startswith(f"{hosts[0].target}: connect") for line in told)


def test_a_host_that_is_away_at_first_costs_the_others_nothing_and_is_watched_when_it_is_there(
    hosts: list[FakeHypervisor], monkeypatch: pytest.MonkeyPatch
) -> None:
    module = _example("tasks")
    monkeypatch.setattr(module, "EVERY", 0.02)
    late, well = hosts[:2]
    late.refuse()
    seen: set[str] = set()

    def show(target: str, rates: hvinspect.RatesSnapshot) -> None:
        seen.add(target)
        late.accept()

    asyncio.run(module.watch_hosts([late.target, well.target], show, rounds=20))
    assert seen == {late.target, well.target}


def test_two_hosts_that_send_to_one_receiver_are_told_apart_by_their_resources(hosts: list[FakeHypervisor]) -> None:
    module = _example("otlp")
    with ExitStack() as stack, receiving() as (receiver, arrived):
        for host in hosts[:2]:
            hv = stack.enter_context(hvinspect.connect(host.target))
            # Shut down, it sends once more, so that nobody has to wait for the next time.
            module.sending(hv, receiver).shutdown()
    told: dict[tuple[str, str], set[str]] = {}
    for sent in (one for request in arrived for one in request.resource_metrics):
        says = {attribute.key: attribute.value.string_value for attribute in sent.resource.attributes}
        (times,) = [metric for metric in sent.scope_metrics[0].metrics if metric.name == "hvinspect.cpu.time"]
        guests = {name.value.string_value for point in times.sum.data_points for name in point.attributes}
        told[says["host.id"], says["service.instance.id"]] = guests
    assert told.keys() == {(f"fake-host-{seed}", hosts[seed].target) for seed in (0, 1)}
    assert all(set(hosts[seed].keys) & told[f"fake-host-{seed}", hosts[seed].target] for seed in (0, 1))
