"""A call returns by its deadline, whatever the driver does, with what it has got by then."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from hvinspect import Connection, DeadlineExceeded, Failure, Instance, InstanceStats, Reason
from hvinspect.driver import InventoryRequest, OpenRequest, ReadRequest
from tests.unit.toy import LONG, SHORT, Hooks, hooks, stats_of

#: No call that may take SHORT takes this long, however busy the machine.
OVER = LONG / 2

CALLS: dict[str, Callable[[Connection, float], Any]] = {
    "inventory": lambda connection, timeout: connection.snapshot(timeout=timeout),
    "host": lambda connection, timeout: connection.host(timeout=timeout),
    "provides": lambda connection, timeout: connection.capabilities(timeout=timeout),
}
each_hook = pytest.mark.parametrize("hook", CALLS)


@pytest.fixture
def toy() -> Iterator[Hooks]:
    with hooks() as made:
        yield made


@pytest.fixture
def started() -> float:
    return time.monotonic()


@each_hook
def test_a_hook_that_hangs_ends_the_call_by_its_deadline(toy: Hooks, hook: str, started: float) -> None:
    connection = toy.connect()
    setattr(toy, hook, toy.hang)
    with pytest.raises(DeadlineExceeded):
        CALLS[hook](connection, SHORT)
    assert time.monotonic() - started < OVER


@pytest.mark.parametrize("hook", ["open", "origin"])
def test_connecting_ends_by_its_deadline(toy: Hooks, hook: str, started: float) -> None:
    setattr(toy, hook, toy.hang)
    with pytest.raises(DeadlineExceeded):
        toy.connect(timeout=SHORT)
    assert time.monotonic() - started < OVER


def test_a_close_that_hangs_ends_by_its_deadline(toy: Hooks, started: float) -> None:
    toy.close = toy.hang
    toy.connect().close(timeout=SHORT)
    assert time.monotonic() - started < OVER


def test_a_read_that_hangs_gives_what_came_before_the_deadline(toy: Hooks, started: float) -> None:
    def read(request: ReadRequest) -> Iterator[InstanceStats]:
        yield stats_of(request.instances[0])
        toy.hang()

    toy.read = read
    snapshot = toy.connect().snapshot(timeout=SHORT)
    assert time.monotonic() - started < OVER
    assert [stats.instance.key for stats in snapshot] == ["a"]
    assert [(failure.instance.key, failure.reason) for failure in snapshot.failures] == [("b", Reason.TIMED_OUT)]


def test_a_read_that_never_yields_gives_a_snapshot_of_failures(toy: Hooks) -> None:
    toy.read = toy.hang
    snapshot = toy.connect().snapshot(timeout=SHORT)
    assert {failure.reason for failure in snapshot.failures} == {Reason.TIMED_OUT}
    assert len(snapshot.failures) == 2


def test_a_driver_that_stops_at_its_deadline_has_timed_out(toy: Hooks) -> None:
    def read(request: ReadRequest) -> Iterator[InstanceStats]:
        yield stats_of(request.instances[0])
        threading.Event().wait(request.deadline.remaining)

    toy.read = read
    snapshot = toy.connect().snapshot(timeout=SHORT)
    assert [failure.reason for failure in snapshot.failures] == [Reason.TIMED_OUT]


def test_a_driver_that_raises_at_its_deadline_has_timed_out(toy: Hooks) -> None:
    def read(request: ReadRequest) -> Iterator[InstanceStats]:
        yield stats_of(request.instances[0])
        threading.Event().wait(request.deadline.remaining)
        request.deadline.check("the rest")

    toy.read = read
    snapshot = toy.connect().snapshot(timeout=SHORT)
    assert [stats.instance.key for stats in snapshot] == ["a"]
    assert [failure.reason for failure in snapshot.failures] == [Reason.TIMED_OUT]


def test_a_driver_that_yields_for_ever_is_left_at_the_deadline(toy: Hooks, started: float) -> None:
    ended = threading.Event()

    def read(request: ReadRequest) -> Iterator[InstanceStats]:
        try:
            while True:
                yield stats_of(request.instances[0])
                threading.Event().wait(0.001)
        finally:
            ended.set()

    toy.read = read
    snapshot = toy.connect().snapshot(timeout=SHORT)
    assert time.monotonic() - started < OVER
    assert [stats.instance.key for stats in snapshot] == ["a"]
    assert ended.wait(LONG)


def test_a_hook_is_told_a_deadline_before_the_callers(toy: Hooks) -> None:
    asked: list[InventoryRequest] = []

    def inventory(request: InventoryRequest) -> tuple[Instance, ...]:
        asked.append(request)
        return ()

    toy.inventory = inventory
    toy.connect().snapshot(timeout=LONG)
    assert LONG - 1 < asked[0].deadline.remaining + 0.02 <= LONG


def test_a_stuck_call_is_told_by_health_until_it_ends(toy: Hooks) -> None:
    connection = toy.connect()
    toy.inventory = toy.hang
    with pytest.raises(DeadlineExceeded):
        connection.snapshot(timeout=SHORT)
    assert connection.health().stuck_calls == 1
    assert connection.health().timeouts == 1
    toy.released.set()
    deadline = time.monotonic() + LONG
    while connection.health().stuck_calls and time.monotonic() < deadline:
        time.sleep(0.001)
    assert connection.health().stuck_calls == 0


def test_a_driver_that_is_not_thread_safe_gets_one_call_at_a_time(toy: Hooks) -> None:
    busy: list[int] = []
    most: list[int] = []

    def inventory(request: InventoryRequest) -> tuple[Instance, ...]:
        busy.append(1)
        most.append(len(busy))
        time.sleep(0.002)
        busy.pop()
        return ()

    toy.inventory = inventory
    connection = toy.connect(concurrency=1)
    threads = [threading.Thread(target=connection.snapshot) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG)
    assert len(most) == 8
    assert max(most) == 1


def test_a_hook_may_wait_for_the_workers_it_was_given(toy: Hooks) -> None:
    requests: list[OpenRequest] = []
    toy.open = requests.append
    connection = toy.connect(concurrency=1)

    def inventory(request: InventoryRequest) -> tuple[Instance, ...]:
        return requests[0].workers.call(lambda: (Instance(key="w"),), request.deadline, "a shard")

    toy.inventory = inventory
    assert [stats.instance.key for stats in connection.snapshot()] == ["w"]


def test_health_counts_the_stuck_calls_of_the_drivers_own(toy: Hooks) -> None:
    requests: list[OpenRequest] = []
    toy.open = requests.append
    connection = toy.connect()

    def inventory(request: InventoryRequest) -> tuple[Instance, ...]:
        requests[0].workers.call(toy.hang, request.deadline, "a shard")
        return ()

    toy.inventory = inventory
    with pytest.raises(DeadlineExceeded):
        connection.snapshot(timeout=SHORT)
    assert connection.health().stuck_calls >= 1


@pytest.mark.parametrize("timeout", [0, -1, math.nan, math.inf])
@pytest.mark.parametrize("call", ["connect", "snapshot", "host", "capabilities", "close"])
def test_a_timeout_that_is_no_positive_number_is_refused(toy: Hooks, call: str, timeout: float) -> None:
    connection = toy.connect()
    function: Callable[..., Any] = toy.connect if call == "connect" else getattr(connection, call)
    with pytest.raises(ValueError, match="positive number"):
        function(timeout=timeout)


@pytest.mark.parametrize("timeout", ["1", None, True])
def test_a_timeout_of_another_type_is_refused(toy: Hooks, timeout: Any) -> None:
    with pytest.raises(TypeError, match="number of seconds"):
        toy.connect().snapshot(timeout=timeout)


def test_a_failure_that_timed_out_says_of_what_target(toy: Hooks) -> None:
    toy.read = toy.hang
    connection = toy.connect()
    failures: tuple[Failure, ...] = connection.snapshot(timeout=SHORT).failures
    assert all(connection.target in failure.detail for failure in failures)
