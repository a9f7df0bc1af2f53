"""Whose turn it is to make records of many answers, and what happens if that one gets nowhere."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from hvinspect.driver import Deadline
from hvinspect.drivers._libvirt.turns import Turns

#: Far longer than any turn here takes.
LONG_S = 30.0


def test_as_long_as_one_gets_on_the_others_wait() -> None:
    turns, at_once, most = Turns(), [0], [0]

    def work(_number: int) -> None:
        with turns.one():
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
            for _ in range(30):  # together three times as long as one waits that sees nothing made
                time.sleep(0.002)
                turns.made += 1
            at_once[0] -= 1

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, range(3)))
    assert most == [1]


def test_one_that_gets_nowhere_holds_up_nobody() -> None:
    turns, got_on, deadline = Turns(), threading.Event(), Deadline.after(LONG_S)

    def other() -> None:
        with turns.one():
            got_on.set()

    with turns.one():
        thread = threading.Thread(target=other)
        thread.start()
        assert got_on.wait(deadline.remaining)
    thread.join()


def test_whoever_went_on_without_the_turn_does_not_end_another_s() -> None:
    turns, order = Turns(), list[str]()

    def hasty() -> None:
        with turns.one():
            order.append("hasty")

    def patient() -> None:
        with turns.one():
            order.append("patient")

    with turns.one():
        first = threading.Thread(target=hasty)
        first.start()
        first.join()
        second = threading.Thread(target=patient)
        second.start()
        while second.is_alive() and len(order) < 2 and turns.made < 50:
            turns.made += 1  # so that it goes on waiting
            time.sleep(0.002)
        order.append("ended")
    second.join()
    assert order == ["hasty", "ended", "patient"]
