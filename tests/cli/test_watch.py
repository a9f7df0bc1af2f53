"""Reading again and again."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest

import hvinspect
from hvinspect import Snapshot
from hvinspect.cli.watch import readings
from hvinspect.testing.fake import FakeHypervisor

from .running import run


def test_tables_follow_one_another_and_the_later_ones_show_rates() -> None:
    result = run("stats", "fake:", "--watch", "0.05", "--count", "3")
    assert result.exit_code == 0
    heads = [line for line in result.stdout.splitlines() if line.startswith("INSTANCE")]
    assert ["CPU TIME" in head for head in heads] == [True, False, False]
    assert ["CORES" in head for head in heads] == [False, True, True]
    assert result.stdout.count(" 5 instances, read in ") == 3


def test_a_reading_that_fails_in_between_is_reported_and_the_next_one_tries_again() -> None:
    result = run("stats", "scripted:flaky", "--watch", "0.05", "--count", "3", "--json")
    assert len(result.stdout.splitlines()) == 2
    assert result.stderr.splitlines() == ["hvinspect: it was away for a moment (target scripted:flaky)"]
    assert result.exit_code == 7
    assert "rates" in json.loads(result.stdout.splitlines()[1])


def test_a_first_reading_that_fails_ends_the_watch() -> None:
    assert run("stats", "scripted:refused", "--watch", "0.05", "--count", "3").exit_code == 5


def test_rates_span_the_reading_that_failed() -> None:
    with FakeHypervisor(instances=1) as hypervisor, hvinspect.connect(hypervisor.target) as connection:
        calls = 0

        def read() -> Snapshot:
            nonlocal calls
            calls += 1
            hypervisor.advance(10)
            if calls == 2:
                raise hvinspect.ConnectionLost("gone")
            return connection.snapshot()

        lost: list[hvinspect.Error] = []
        _, after = readings(read, every=0.01, times=3, trouble=lost.append)
    assert [str(one) for one in lost] == ["gone"]
    assert after.rates is not None
    assert after.rates.instances[0].window_ns == 20_000_000_000


def test_rates_are_those_since_the_reading_before() -> None:
    with FakeHypervisor(instances=1) as hypervisor, hvinspect.connect(hypervisor.target) as connection:

        def read() -> Snapshot:
            hypervisor.advance(10)
            return connection.snapshot()

        found = list(readings(read, every=0.01, times=3, trouble=lambda error: None))
    windows = [reading.rates.instances[0].window_ns for reading in found if reading.rates]
    assert windows == [10_000_000_000, 10_000_000_000]


def test_an_error_that_will_not_pass_ends_the_watch() -> None:
    with FakeHypervisor(instances=1) as hypervisor, hvinspect.connect(hypervisor.target) as connection:
        outcomes = iter([connection.snapshot()])

        def read() -> Snapshot:
            for outcome in outcomes:
                return outcome
            raise hvinspect.AccessDenied("no more")

        watched = readings(read, every=0.01, times=None, trouble=lambda error: None)
        next(watched)
        with pytest.raises(hvinspect.AccessDenied):
            next(watched)


def test_another_host_behind_the_target_starts_the_rates_anew() -> None:
    with FakeHypervisor(seed=1) as one, FakeHypervisor(seed=2) as other:
        with hvinspect.connect(one.target) as connection:
            first = connection.snapshot()
        with hvinspect.connect(other.target) as connection:
            second = connection.snapshot()
    outcomes = iter([first, second])
    found = list(readings(lambda: next(outcomes), every=0.01, times=2, trouble=lambda error: None))
    assert [reading.rates for reading in found] == [None, None]


def test_a_slow_reading_does_not_make_the_next_ones_crowd(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    starts: list[float] = []

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    with FakeHypervisor(instances=0) as hypervisor, hvinspect.connect(hypervisor.target) as connection:
        snapshot = connection.snapshot()

    def read() -> Snapshot:
        nonlocal now
        starts.append(now)
        now += 7 if len(starts) == 2 else 0.25
        return snapshot

    monkeypatch.setattr("time.sleep", sleep)
    monkeypatch.setattr("time.monotonic", lambda: now)
    list(readings(read, every=2, times=5, trouble=lambda error: None))
    assert [later - earlier for earlier, later in pairwise(starts)] == [2, 7, 2, 2]
