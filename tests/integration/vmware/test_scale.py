"""A thousand machines cost few calls, and little more time than those calls."""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from hvinspect import Connection, connect
from hvinspect.drivers._vmware.metrics import CPU, DISK, NIC
from hvinspect.drivers._vmware.plain import MACHINE_PROPERTIES
from tests.integration.vmware.conftest import Start
from tests.lab.vmware import seed
from tests.lab.vmware.client import client
from tests.lab.vmware.simulator import Simulator
from tools import measured

MACHINES = 1000
MOST_CALLS = 8
MOST_TIMES = 1.3
CHUNK = 250
ROUNDS = 15
LONG = 120.0
COUNTERS = {
    **dict.fromkeys(CPU, ""),
    **{name: seed.DISK for name, _ in DISK.values()},
    **{name: seed.NIC for name, _ in NIC.values()},
}


@pytest.fixture(scope="module")
def large(start: Start) -> Simulator:
    """A thousand and a template."""
    return start(machines=MACHINES + 1)


@pytest.fixture(scope="module")
def reader(large: Simulator) -> Iterator[Connection]:
    """Connected, and nothing read yet."""
    with connect(large.target, options=large.options, timeout=LONG) as made:
        yield made


def calls_of(large: Simulator, do: Callable[[], object]) -> Counter[tuple[str, str]]:
    before = large.calls()
    do()
    return large.calls() - before


def test_the_first_snapshot_takes_few_calls(large: Simulator, reader: Connection) -> None:
    calls = calls_of(large, lambda: reader.snapshot(timeout=LONG))
    assert 0 < calls.total() <= MOST_CALLS


def test_a_steady_snapshot_reads_no_configuration(large: Simulator, reader: Connection) -> None:
    reader.snapshot(timeout=LONG)
    calls = calls_of(large, lambda: reader.snapshot(timeout=LONG))
    assert calls == {("hvinspect", "RetrievePropertiesEx"): 1, ("hvinspect", "QueryPerf"): MACHINES // CHUNK}


def test_every_machine_is_complete(reader: Connection) -> None:
    snapshot = reader.snapshot(timeout=LONG)
    assert len(snapshot.instances) == MACHINES
    assert snapshot.failures == ()
    assert all(stats.supplied_rates and stats.supplied_rates.cpu_cores is not None for stats in snapshot)


# It compares times, so it has a session of its own, with nothing beside it.
@pytest.mark.slow
def test_a_snapshot_takes_little_more_than_the_raw_calls(large: Simulator, reader: Connection) -> None:
    with client(large) as lab:
        raw = lab.raw_snapshot(list(MACHINE_PROPERTIES), COUNTERS, CHUNK)
        ways: dict[str, Callable[[], object]] = {"raw": raw, "snapshot": lambda: reader.snapshot(timeout=LONG)}
        walls: dict[str, list[float]] = {name: [] for name in ways}
        processor: dict[str, list[float]] = {name: [] for name in ways}
        # They take turns, so that whatever else the machine does slows both; the first of each finds all new.
        for number in range(ROUNDS + 1):
            for name, do in ways.items():
                used, started = time.process_time(), time.monotonic()
                do()
                wall, cpu = time.monotonic() - started, time.process_time() - used
                if number:
                    walls[name].append(wall)
                    processor[name].append(cpu)
    times = statistics.median(ours / bare for ours, bare in zip(walls["snapshot"], walls["raw"], strict=True))
    row: dict[str, str | int | float] = {
        "machines": MACHINES,
        "rounds": ROUNDS,
        "raw_ms": round(statistics.median(walls["raw"]) * 1000),
        "snapshot_ms": round(statistics.median(walls["snapshot"]) * 1000),
        "times": round(times, 2),
        "raw_cpu_ms": round(statistics.median(processor["raw"]) * 1000),
        "snapshot_cpu_ms": round(statistics.median(processor["snapshot"]) * 1000),
    }
    measured.record("vmware_cost", [row])
    assert times <= MOST_TIMES, row
