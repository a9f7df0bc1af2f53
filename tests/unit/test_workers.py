"""Threads for native calls: bounded, abandoned when they hang, counted until they end."""

from __future__ import annotations

import contextlib
import gc
import threading
import weakref
from collections.abc import Callable, Iterator

import pytest

from hvinspect import DeadlineExceeded
from hvinspect.driver import Deadline, Workers
from tests.unit.toy import LONG, SHORT


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What a hanging function waits for."""
    event = threading.Event()
    yield event
    event.set()


def until(condition: Callable[[], bool]) -> None:
    """Wait for *condition*, which comes true by itself."""
    deadline = Deadline.after(LONG)
    while not condition():
        deadline.check("the condition")
        threading.Event().wait(0.001)


def test_a_call_gives_what_the_function_returns() -> None:
    assert Workers("w", limit=1).call(lambda: 7, Deadline.after(LONG), "seven") == 7


def test_a_call_raises_what_the_function_raises() -> None:
    error = KeyError("k")

    def fail() -> None:
        raise error

    with pytest.raises(KeyError) as caught:
        Workers("w", limit=1).call(fail, Deadline.after(LONG), "nothing")
    assert caught.value is error


def test_a_function_runs_on_another_thread() -> None:
    ran = Workers("w", limit=1).call(threading.get_ident, Deadline.after(LONG), "where")
    assert ran != threading.get_ident()


def test_a_call_that_hangs_is_over_by_its_deadline(gate: threading.Event) -> None:
    with pytest.raises(DeadlineExceeded, match="the answer did not answer in time"):
        Workers("w", limit=1).call(gate.wait, Deadline.after(SHORT), "the answer")


def test_an_abandoned_call_is_stuck_until_it_ends(gate: threading.Event) -> None:
    workers = Workers("w", limit=2)
    with pytest.raises(DeadlineExceeded):
        workers.call(gate.wait, Deadline.after(SHORT), "it")
    assert workers.stuck == 1
    gate.set()
    until(lambda: workers.stuck == 0)


def test_a_call_that_has_ended_is_never_stuck() -> None:
    workers = Workers("w", limit=1)
    task = workers.start(lambda: None, Deadline.after(LONG), "it")
    assert task.settle(Deadline.after(LONG))
    task.abandon()
    assert workers.stuck == 0


def test_a_late_result_is_still_there_for_who_waits_longer(gate: threading.Event) -> None:
    def late() -> int:
        gate.wait(LONG)
        return 7

    task = Workers("w", limit=1).start(late, Deadline.after(LONG), "it")
    with pytest.raises(DeadlineExceeded):
        task.result(Deadline.after(SHORT))
    gate.set()
    assert task.result(Deadline.after(LONG)) == 7


def test_a_late_result_that_nobody_waits_for_is_dropped(gate: threading.Event) -> None:
    class Result:
        pass

    made: list[weakref.ref[Result]] = []

    def late() -> Result:
        gate.wait(LONG)
        result = Result()
        made.append(weakref.ref(result))
        return result

    workers = Workers("w", limit=1)
    with pytest.raises(DeadlineExceeded):
        workers.call(late, Deadline.after(SHORT), "it")
    gate.set()
    until(lambda: bool(made) and made[0]() is None)


def test_no_more_calls_than_the_limit_run_at_once(gate: threading.Event) -> None:
    workers = Workers("w", limit=2)
    tasks = [workers.start(gate.wait, Deadline.after(LONG), "it") for _ in range(2)]
    with pytest.raises(DeadlineExceeded, match="was not begun"):
        workers.start(gate.wait, Deadline.after(SHORT), "a third")
    gate.set()
    assert all(task.result(Deadline.after(LONG)) for task in tasks)


def test_a_place_is_free_again_after_a_stuck_call_has_ended(gate: threading.Event) -> None:
    workers = Workers("w", limit=1)
    with pytest.raises(DeadlineExceeded):
        workers.call(gate.wait, Deadline.after(SHORT), "it")
    gate.set()
    assert workers.call(lambda: 7, Deadline.after(LONG), "seven") == 7


def test_a_spent_deadline_begins_nothing() -> None:
    begun: list[int] = []
    with pytest.raises(DeadlineExceeded):
        Workers("w", limit=1).call(lambda: begun.append(1), Deadline(0), "it")
    assert begun == []


def test_no_thread_is_left_after_a_thousand_calls() -> None:
    before = threading.active_count()
    workers = Workers("w", limit=3)
    for _ in range(1000):
        workers.call(lambda: None, Deadline.after(LONG), "it")
    until(lambda: threading.active_count() <= before)


def test_an_error_leaves_no_reference_cycle_behind() -> None:
    class Native:
        def fail(self) -> None:
            raise ValueError("no")

    def call() -> weakref.ref[Native]:
        native = Native()
        with contextlib.suppress(ValueError):
            Workers("w", limit=1).call(native.fail, Deadline.after(LONG), "it")
        return weakref.ref(native)

    before = threading.active_count()
    gc.disable()
    try:
        held = call()
        until(lambda: threading.active_count() <= before)
        assert held() is None
    finally:
        gc.enable()
