"""The programs of the page on many hosts do what it says."""

from __future__ import annotations

import asyncio
import importlib.util
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import ModuleType

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

import hvinspect
from hvinspect.testing.fake import FakeHypervisor
from tests.bridges.opentelemetry.receiver import receiving

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
HOSTS = 20

# The program on a hypervisor that is away until a line is read.
AWAY = """
import sys, threading
import otlp
from hvinspect.testing import FakeHypervisor

otlp.EVERY_MS = 50
host = FakeHypervisor(name="away")
host.refuse()
threading.Thread(target=lambda: (sys.stdin.readline(), host.accept()), daemon=True).start()
otlp.send(host.target, sys.argv[1])
"""


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


def test_one_host_that_refuses_and_three_with_a_guest_that_hangs_cost_the_others_nothing(
    hosts: list[FakeHypervisor],
) -> None:
    hosts[3].refuse()
    hanging = [hosts[number] for number in (0, 7, 12)]
    for host in hanging:
        host.hang(host.keys[0])
    started = time.monotonic()
    found = dict(_example("threads").read_hosts(host.target for host in hosts))
    # One takes four and a half seconds of its five: one after another would be over 13.
    assert time.monotonic() - started < 9
    assert isinstance(found.pop(hosts[3].target), hvinspect.ConnectFailed)
    assert all(isinstance(one, hvinspect.Snapshot) and len(one.instances) == 3 for one in found.values())
    for host in hanging:
        absence = found[host.target].instances[0].memory.why("assigned_bytes")
        assert absence is not None
        assert absence.reason is hvinspect.Reason.TIMED_OUT


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


def test_another_host_behind_a_target_is_watched_from_then_on(
    hosts: list[FakeHypervisor], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module = _example("tasks")
    monkeypatch.setattr(module, "EVERY", 0.02)
    well = hosts[0].target
    seen: list[tuple[str, str]] = []

    with ExitStack() as stack:
        first = stack.enter_context(FakeHypervisor(seed=100, instances=1, name="failing over"))
        keys = {first.target: [first.keys[0]], well: [hosts[0].keys[0]]}

        def show(target: str, rates: hvinspect.RatesSnapshot) -> None:
            seen.append((target, rates.instances[0].instance.key))
            if target == first.target and len(keys[target]) == 1:
                first.close()
                other = stack.enter_context(FakeHypervisor(seed=101, instances=1, name="failing over"))
                keys[first.target].append(other.keys[0])

        asyncio.run(module.watch_hosts([first.target, well], show, rounds=8))
    assert {target: list(dict.fromkeys(key for one, key in seen if one == target)) for target in keys} == keys
    assert sum(target == well for target, _ in seen) == 7
    assert capsys.readouterr().err == ""


def test_more_hosts_that_hang_than_a_loop_has_threads_hold_up_no_other(
    hosts: list[FakeHypervisor], monkeypatch: pytest.MonkeyPatch
) -> None:
    module = _example("tasks")
    monkeypatch.setattr(module, "EVERY", 0.02)
    well = {host.target for host in hosts}
    seen: set[str] = set()
    # A loop's own executor has 32 threads at most.
    with ExitStack() as stack:
        hanging = [stack.enter_context(FakeHypervisor(instances=1)) for _ in range(33)]
        for host in hanging:
            host.hang(host.keys[0])
        started, took = time.monotonic(), 0.0

        def show(target: str, rates: hvinspect.RatesSnapshot) -> None:
            nonlocal took
            seen.add(target)
            if seen >= well and not took:
                took = time.monotonic() - started
                for host in hanging:
                    host.heal(host.keys[0])

        asyncio.run(module.watch_hosts([*(host.target for host in hanging), *well], show, rounds=2))
    # Those that hang take four and a half seconds for each reading.
    assert 0 < took < 3


def _told(arrived: list[ExportMetricsServiceRequest]) -> dict[tuple[str, str], set[str]]:
    """By the host and the target that sent: what is said of CPU time, which has each guest's key in it."""
    told: dict[tuple[str, str], set[str]] = {}
    for sent in (one for request in arrived for one in request.resource_metrics):
        says = {attribute.key: attribute.value.string_value for attribute in sent.resource.attributes}
        (times,) = [metric for metric in sent.scope_metrics[0].metrics if metric.name == "hvinspect.cpu.time"]
        guests = {name.value.string_value for point in times.sum.data_points for name in point.attributes}
        told[says["host.id"], says["service.instance.id"]] = guests
    return told


@contextmanager
def _running(*words: str) -> Iterator[subprocess.Popen[str]]:
    """A Python of its own, in the folder of the examples."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, *words], cwd=EXAMPLES, stdin=pipe, stdout=pipe, stderr=pipe, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_two_hosts_that_send_to_one_receiver_are_told_apart_by_their_resources(hosts: list[FakeHypervisor]) -> None:
    module = _example("otlp")
    with ExitStack() as stack, receiving() as (receiver, arrived):
        for host in hosts[:2]:
            hv = stack.enter_context(hvinspect.connect(host.target))
            # Shut down, it sends once more, so that nobody has to wait for the next time.
            module.sending(hv, receiver).shutdown()
    told = _told(arrived)
    assert told.keys() == {(f"fake-host-{seed}", hosts[seed].target) for seed in (0, 1)}
    assert all(set(hosts[seed].keys) & told[f"fake-host-{seed}", hosts[seed].target] for seed in (0, 1))


def test_told_to_end_the_sender_sends_once_more() -> None:
    with receiving() as (receiver, arrived), _running("otlp.py", "fake:", receiver) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"sending what fake: counts to {receiver}\n"
        assert not arrived
        process.terminate()
        _, told = process.communicate(timeout=30)
        assert (process.returncode, told) == (0, "")
        ((host, guests),) = _told(arrived).items()
        assert host == ("fake-host-0", "fake:")
        assert guests


def test_the_sender_tries_a_hypervisor_that_is_away_at_first_again() -> None:
    with receiving() as (receiver, arrived), _running("-c", AWAY, receiver) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        refused = "fake:away: connect_failed: made to refuse connections\n"
        assert [process.stderr.readline() for _ in range(2)] == [refused, refused]
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline() == f"sending what fake:away counts to {receiver}\n"
        process.terminate()
        _, told = process.communicate(timeout=30)
        assert (process.returncode, told.replace(refused, "")) == (0, "")
        assert list(_told(arrived)) == [("fake-host-0", "fake:away")]


def test_the_sender_ends_where_nothing_will_ever_be_read() -> None:
    with _running("otlp.py", "nosuch:driver", "http://127.0.0.1:1") as process:
        shown, told = process.communicate(timeout=30)
        assert (process.returncode, shown) == (1, "")
        (line,) = told.splitlines()
        assert line.startswith("nosuch:driver: driver_not_found: ")
