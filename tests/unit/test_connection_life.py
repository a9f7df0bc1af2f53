"""A connection is opened once at a time, reopened when it is lost, closed once."""

from __future__ import annotations

import contextlib
import gc
import logging
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from hvinspect import (
    ConnectFailed,
    ConnectionLost,
    DeadlineExceeded,
    HostStats,
    Instance,
    InstanceStats,
    Reason,
    Snapshot,
)
from hvinspect.driver import OpenRequest, ReadRequest, Stopwatch
from tests.unit.toy import LONG, SHORT, Hooks, hooks, stats_of


@pytest.fixture
def toy() -> Iterator[Hooks]:
    with hooks() as made:
        yield made


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + LONG
    while not condition():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.001)


def lose(times: int) -> Callable[[Any], tuple[Instance, ...]]:
    """An inventory that loses the connection so many times, and then works."""
    left = [1] * times

    def inventory(request: object) -> tuple[Instance, ...]:
        if left:
            left.pop()
            raise ConnectionLost("the daemon went away")
        return (Instance(key="a"),)

    return inventory


def in_threads(function: Callable[[], Any], *, number: int = 16) -> list[Any]:
    """What *function* gives or raises in each of many threads that begin together."""
    results: list[Any] = []
    together = threading.Barrier(number)

    def run() -> None:
        together.wait(LONG)
        try:
            results.append(function())
        except Exception as error:  # noqa: BLE001  # handed to the test
            results.append(error)

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG)
    return results


def test_a_lost_connection_is_reopened_within_the_call(toy: Hooks) -> None:
    connection = toy.connect()
    toy.inventory = lose(1)
    assert [stats.instance.key for stats in connection.snapshot()] == ["a"]
    assert len(toy.opened) == 2
    assert connection.health().reconnects == 1


def test_a_connection_lost_twice_in_one_call_is_an_error(toy: Hooks) -> None:
    connection = toy.connect()
    toy.inventory = lose(2)
    with pytest.raises(ConnectionLost):
        connection.snapshot()
    assert len(toy.opened) == 2


def test_the_next_call_opens_it_again(toy: Hooks) -> None:
    connection = toy.connect()
    toy.inventory = lose(2)
    with pytest.raises(ConnectionLost):
        connection.snapshot()
    assert connection.snapshot().get("a") is not None


def test_a_lost_connection_is_closed(toy: Hooks) -> None:
    connection = toy.connect()
    toy.inventory = lose(1)
    connection.snapshot()
    until(lambda: toy.closed == toy.opened[:1])


def test_a_connection_that_cannot_be_reopened_says_why(toy: Hooks) -> None:
    def refuse(request: OpenRequest) -> None:
        raise ConnectFailed("nobody listens")

    connection = toy.connect()
    toy.inventory, toy.open = lose(1), refuse
    with pytest.raises(ConnectFailed, match="nobody listens"):
        connection.snapshot()
    assert not connection.health().connected


def test_an_error_leaves_nothing_of_the_driver_to_the_garbage_collector(toy: Hooks) -> None:
    def refuse(request: OpenRequest) -> None:
        raise ConnectFailed("nobody listens")

    connection = toy.connect()
    driver = weakref.ref(toy.opened.pop())
    toy.inventory, toy.open = lose(1), refuse
    gc.disable()
    try:
        with contextlib.suppress(ConnectFailed):
            connection.snapshot()
        until(lambda: bool(toy.closed))
        toy.closed.clear()
        until(lambda: driver() is None)
    finally:
        gc.enable()


def test_what_was_read_before_the_loss_is_delivered(toy: Hooks) -> None:
    def read(request: ReadRequest) -> Iterator[InstanceStats]:
        yield stats_of(request.instances[0])
        raise ConnectionLost("the daemon went away")

    connection = toy.connect()
    toy.read = read
    snapshot = connection.snapshot()
    assert [stats.instance.key for stats in snapshot] == ["a"]
    assert [(one.instance.key, one.reason) for one in snapshot.failures] == [("b", Reason.FAILED)]


def test_many_threads_open_a_lost_connection_once(toy: Hooks) -> None:
    connection = toy.connect()
    toy.inventory = lose(2)
    with pytest.raises(ConnectionLost):
        connection.snapshot()
    toy.open = lambda request: time.sleep(0.05)
    results = in_threads(connection.snapshot)
    assert all(isinstance(result, Snapshot) for result in results)
    assert len(toy.opened) == 3


def test_never_two_openings_at_a_time(toy: Hooks) -> None:
    opening: list[int] = []
    most: list[int] = []

    def slow(request: OpenRequest) -> None:
        opening.append(1)
        most.append(len(opening))
        time.sleep(0.01)
        opening.pop()

    connection = toy.connect()
    toy.open, toy.inventory = slow, lose(5)
    in_threads(connection.snapshot)
    assert max(most) == 1


def test_an_opening_that_comes_late_serves_the_next_call(toy: Hooks) -> None:
    connection = toy.connect()
    toy.open = toy.hang
    toy.inventory = lose(1)
    with pytest.raises(DeadlineExceeded):
        connection.snapshot(timeout=SHORT)
    toy.released.set()
    assert connection.snapshot().get("a") is not None
    assert len(toy.opened) == 2


def test_a_call_is_not_ended_by_the_deadline_of_another(toy: Hooks) -> None:
    began = threading.Event()

    def patient(request: OpenRequest) -> None:
        began.set()
        if request.deadline.remaining < LONG / 2:
            threading.Event().wait(request.deadline.remaining)
            request.deadline.check("opening")

    connection = toy.connect()
    toy.open, toy.inventory = patient, lose(1)
    hasty: list[Any] = []
    thread = threading.Thread(
        target=lambda: hasty.extend(in_threads(lambda: connection.snapshot(timeout=SHORT), number=1))
    )
    thread.start()
    assert began.wait(LONG)
    assert connection.snapshot(timeout=LONG).get("a") is not None
    thread.join(LONG)
    assert isinstance(hasty[0], DeadlineExceeded)


def test_an_opening_that_does_not_end_after_it_failed_holds_up_no_call_beyond_its_deadline(toy: Hooks) -> None:
    class Native:
        def __del__(self) -> None:
            begun.set()
            toy.hang()

    def fail(request: OpenRequest) -> None:
        native = Native()
        raise ConnectFailed(f"nobody listens to {type(native).__name__}")

    begun = threading.Event()
    connection = toy.connect()
    toy.inventory, toy.open = lose(2), fail

    def wait() -> None:
        with contextlib.suppress(ConnectFailed, ConnectionLost):
            connection.host(timeout=LONG)

    patient = threading.Thread(target=wait, daemon=True)
    with pytest.raises(DeadlineExceeded):
        connection.snapshot(timeout=SHORT)
    assert begun.wait(LONG)
    toy.open = lambda request: None
    patient.start()
    until(lambda: connection.health().calls == 2)
    started = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        connection.host(timeout=SHORT)
    connection.close(timeout=SHORT)
    assert time.monotonic() - started < LONG / 2
    toy.released.set()
    patient.join(LONG)


def test_close_closes_the_driver_once(toy: Hooks) -> None:
    connection = toy.connect()
    connection.close()
    connection.close()
    assert toy.closed == toy.opened


def test_leaving_the_block_closes(toy: Hooks) -> None:
    with toy.connect():
        pass
    assert toy.closed == toy.opened


@pytest.mark.parametrize("call", ["snapshot", "host", "capabilities"])
def test_a_call_after_close_is_an_error(toy: Hooks, call: str) -> None:
    connection = toy.connect()
    connection.close()
    with pytest.raises(ConnectionLost, match=r"closed by close\(\)"):
        getattr(connection, call)()
    assert len(toy.opened) == 1


def test_health_after_close_is_told(toy: Hooks) -> None:
    connection = toy.connect()
    connection.close()
    assert not connection.health().connected


def test_a_call_under_way_is_finished_before_the_driver_is_closed(toy: Hooks) -> None:
    connection = toy.connect()

    def host(request: object) -> HostStats:
        toy.hang()
        return stats()

    toy.host = host
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.extend(in_threads(connection.host, number=1)))
    thread.start()
    until(lambda: connection._live is not None and connection._live._running == 1)
    connection.close(timeout=SHORT)
    assert toy.closed == []
    toy.released.set()
    thread.join(LONG)
    assert results[0].cpus == 7
    until(lambda: toy.closed == toy.opened)


def stats() -> HostStats:
    return HostStats(incarnation="1", taken=Stopwatch().span(), cpus=7)


def test_a_close_that_hangs_does_not_hold_back_what_was_read(toy: Hooks) -> None:
    connection = toy.connect()
    under_way, closing = threading.Event(), threading.Event()

    def host(request: object) -> Any:
        under_way.set()
        closing.wait(LONG)
        return stats()

    toy.host, toy.close = host, toy.hang
    results: list[Any] = []
    thread = threading.Thread(
        target=lambda: results.extend(in_threads(lambda: connection.host(timeout=LONG / 4), number=1))
    )
    thread.start()
    assert under_way.wait(LONG)
    connection.close(timeout=SHORT)
    closing.set()
    thread.join(LONG)
    assert results[0].cpus == 7


def test_an_opening_that_ends_after_close_is_closed(toy: Hooks) -> None:
    connection = toy.connect()
    toy.open, toy.inventory = toy.hang, lose(1)
    with pytest.raises(DeadlineExceeded):
        connection.snapshot(timeout=SHORT)
    connection.close()
    toy.released.set()
    until(lambda: len(toy.opened) == 2 and len(toy.closed) == 2)
    assert not connection.health().connected


def test_no_thread_is_left_after_a_hundred_calls(toy: Hooks) -> None:
    before = threading.active_count()
    with toy.connect() as connection:
        for _ in range(100):
            connection.snapshot()
    until(lambda: threading.active_count() <= before)


def test_closing_while_many_call_neither_hangs_nor_fails_otherwise(toy: Hooks) -> None:
    for _ in range(20):
        connection = toy.connect()
        calls: list[Callable[[], Any]] = [connection.snapshot] * 7 + [connection.close]
        queue = iter(calls)
        lock = threading.Lock()

        def run(queue: Iterator[Callable[[], Any]] = queue, lock: threading.Lock = lock) -> Any:
            with lock:
                call = next(queue)
            return call()

        results = in_threads(run, number=8)
        assert all(result is None or isinstance(result, (Snapshot, ConnectionLost)) for result in results)
    until(lambda: len(toy.closed) == len(toy.opened))


def test_losing_it_again_and_again_fills_no_log(toy: Hooks, caplog: pytest.LogCaptureFixture) -> None:
    def always(request: object) -> None:
        raise ConnectionLost("the daemon went away")

    with caplog.at_level(logging.INFO, "hvinspect"):
        connection = toy.connect()
        toy.inventory = always
        for _ in range(100):
            with pytest.raises(ConnectionLost):
                connection.snapshot()
    assert [record.levelname for record in caplog.records] == ["INFO", "WARNING"]


def test_coming_back_is_logged_once(toy: Hooks, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "hvinspect"):
        connection = toy.connect()
        toy.inventory = lose(1)
        for _ in range(5):
            connection.snapshot()
    assert [record.levelname for record in caplog.records] == ["INFO", "WARNING", "INFO"]


def test_closing_as_the_interpreter_ends_writes_nothing() -> None:
    program = """
import atexit
from tests.unit.toy import Hooks
connection = Hooks().connect()
atexit.register(connection.close)
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=LONG)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_the_connection_is_shown_without_secrets(toy: Hooks) -> None:
    connection = toy.connect()
    assert connection.target in repr(connection)
    connection.close()
    assert "closed" in repr(connection)


def test_the_log_is_that_of_hvinspect_and_no_other(toy: Hooks, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        toy.connect()
    assert {record.name for record in caplog.records} == {"hvinspect"}


def test_a_connection_that_nobody_closed_warns() -> None:
    program = """
import hvinspect
connection = hvinspect.connect("fake:")
del connection
"""
    command = [sys.executable, "-W", "always::ResourceWarning", "-c", program]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=LONG)
    assert "ResourceWarning: unclosed" in ended.stderr
