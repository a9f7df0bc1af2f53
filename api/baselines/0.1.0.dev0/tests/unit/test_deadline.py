"""One absolute moment, from a number of seconds."""

from __future__ import annotations

import math
import threading

import pytest

from hvinspect import DeadlineExceeded
from hvinspect.driver import Deadline


@pytest.mark.parametrize("seconds", [0, 0.0, -0.0, -1, -1e-9, math.nan, math.inf, -math.inf])
def test_a_timeout_that_is_no_positive_number_is_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match="positive number of seconds"):
        Deadline.after(seconds)


@pytest.mark.parametrize("seconds", [True, False, "1", None, b"1", 1j, [1]])
def test_a_timeout_of_another_type_is_refused(seconds: object) -> None:
    with pytest.raises(TypeError, match="number of seconds"):
        Deadline.after(seconds)  # type: ignore[arg-type]


@pytest.mark.parametrize("seconds", [1e10, 1e300, 10**400])
def test_a_huge_timeout_can_be_waited_for(seconds: float) -> None:
    assert threading.Lock().acquire(timeout=Deadline.after(seconds).remaining)


def test_time_remains_until_the_deadline() -> None:
    assert 50 < Deadline.after(60).remaining <= 60


def test_a_spent_deadline_has_nothing_left() -> None:
    assert Deadline(0).remaining == 0.0


def test_a_spent_deadline_has_passed() -> None:
    assert Deadline(0).passed


def test_a_deadline_to_come_has_not_passed() -> None:
    assert not Deadline.after(60).passed


def test_a_spent_deadline_raises_and_names_what_was_left_undone() -> None:
    with pytest.raises(DeadlineExceeded, match="the vCPUs"):
        Deadline(0).check("the vCPUs")


def test_a_deadline_to_come_lets_pass() -> None:
    Deadline.after(60).check("anything")


def test_an_earlier_deadline_comes_before() -> None:
    deadline = Deadline.after(60)
    assert deadline.earlier(20).remaining < deadline.remaining - 19
