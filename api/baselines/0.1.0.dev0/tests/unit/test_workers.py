"""Threads for native calls: bounded, abandoned when they hang, counted until they end."""

from __future__ import annotations

import contextlib
import gc
import os
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Iterator

import pytest

from hvinspect import DeadlineExceeded
from hvinspect.driver import Cap, Deadline, Workers
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


def test_an_error_that_is_its_own_cause_is_raised_too() -> None:
    def fail() -> None:
        error = KeyError("k")
        raise error from error

    with pytest.raises(KeyError):
        Workers("w", limit=1).call(fail, Deadline.after(LONG), "nothing")


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


# -- what may be under way at one place


def test_a_cap_is_shared_by_all_who_name_the_same_place() -> None:
    cap = Cap.at("here", limit=2)
    assert Cap.at("here", limit=2) is cap
    assert Cap.at("there", limit=2) is not cap


def test_a_cap_counts_the_calls_of_all_workers_together(gate: threading.Event) -> None:
    cap = Cap(2)
    tasks = [Workers("w", limit=1).start(gate.wait, Deadline.after(LONG), "it", cap=cap) for _ in range(2)]
    with pytest.raises(DeadlineExceeded, match="a third was not begun"):
        Workers("w", limit=1).start(gate.wait, Deadline.after(SHORT), "a third", cap=cap)
    gate.set()
    assert all(task.result(Deadline.after(LONG)) for task in tasks)
    Workers("w", limit=1).start(gate.wait, Deadline.after(LONG), "it", cap=cap).result(Deadline.after(LONG))


def test_a_cap_that_is_reached_leaves_the_workers_their_place(gate: threading.Event) -> None:
    workers, cap = Workers("w", limit=2), Cap(1)
    task = workers.start(gate.wait, Deadline.after(LONG), "it", cap=cap)
    with pytest.raises(DeadlineExceeded):
        workers.start(gate.wait, Deadline.after(SHORT), "another there", cap=cap)
    assert workers.call(lambda: 7, Deadline.after(LONG), "one elsewhere") == 7
    gate.set()
    assert task.result(Deadline.after(LONG))


def test_a_cap_counts_a_call_as_stuck_from_when_it_is_given_up_to_its_true_end(gate: threading.Event) -> None:
    workers, cap = Workers("w", limit=1), Cap(1)
    task = workers.start(gate.wait, Deadline.after(LONG), "it", cap=cap)
    assert cap.stuck == 0
    task.abandon()
    task.abandon()
    assert cap.stuck == 1
    with pytest.raises(DeadlineExceeded, match="1 calls to there have not come back"):
        Workers("w", limit=1).start(lambda: None, Deadline.after(SHORT), "another", cap=cap)
    gate.set()
    until(lambda: cap.stuck == 0)
    Workers("w", limit=1).start(lambda: None, Deadline.after(LONG), "another", cap=cap).result(Deadline.after(LONG))


def test_a_stuck_call_keeps_its_cap_when_all_else_has_forgotten_it(gate: threading.Event) -> None:
    def begin() -> None:
        cap = Cap.at("a place that is left", limit=1)
        Workers("w", limit=1).start(gate.wait, Deadline.after(LONG), "it", cap=cap).abandon()

    begin()
    gc.collect()
    assert Cap.at("a place that is left", limit=1).stuck == 1
    gate.set()
    until(lambda: Cap.at("a place that is left", limit=1).stuck == 0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork()")
def test_a_forked_child_has_no_call_under_way_anywhere() -> None:
    # In a program of its own: newer Pythons warn of a fork while there are threads, as there are here.
    program = """
import os, threading
from hvinspect.driver import Cap, Deadline, Workers
cap = Cap.at("a place", limit=1)
Workers("w", limit=1).start(threading.Event().wait, Deadline.after(30), "it", cap=cap).abandon()
child = os.fork()
mine = Cap.at("a place", limit=1)
if child == 0:
    assert mine.stuck == 0
    Workers("w", limit=1).start(lambda: None, Deadline.after(30), "it", cap=mine).result(Deadline.after(30))
    os._exit(7)
assert mine is cap and cap.stuck == 1
os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, timeout=LONG)
    assert (done.returncode, done.stderr) == (7, "")


def test_where_no_thread_can_be_started_the_call_is_not_begun_and_keeps_no_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    workers, cap = Workers("w", limit=1), Cap(1)
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        for _ in range(3):
            with pytest.raises(DeadlineExceeded, match="it was not begun: can't start new thread"):
                workers.start(lambda: None, Deadline.after(LONG), "it", cap=cap)
    assert workers.stuck == cap.stuck == 0
    assert workers.start(lambda: 7, Deadline.after(LONG), "seven", cap=cap).result(Deadline.after(LONG)) == 7
