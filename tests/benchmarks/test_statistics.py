"""Ratios of pairs, and their intervals."""

from __future__ import annotations

import random

import pytest

from benchmarks.figures import Figure, Goal
from benchmarks.statistics import Estimate, exponent, median_of, ratio


def test_what_disturbs_both_of_a_pair_does_not_change_their_ratio() -> None:
    those = [1.0, 1.0, 9.0, 1.0, 4.0]
    assert ratio([0.5 * one for one in those], those) == Estimate(0.5, 0.5, 0.5)


def test_an_interval_holds_the_true_median_about_95_times_in_100() -> None:
    draw = random.Random(7)
    hits = 0
    for _ in range(100):
        found = median_of([draw.gauss(10.0, 1.0) for _ in range(30)])
        hits += found.low <= 10.0 <= found.high
    assert 88 <= hits <= 100


def test_more_pairs_make_the_interval_narrower() -> None:
    draw = random.Random(7)
    few, many = (median_of([draw.gauss(10.0, 1.0) for _ in range(count)]) for count in (10, 1000))
    assert many.high - many.low < (few.high - few.low) / 3


def test_one_set_of_measurements_has_one_interval() -> None:
    draw = random.Random(7)
    for _ in range(50):
        values = [draw.random() for _ in range(8)]
        assert median_of(values) == median_of(values)


def test_unequal_numbers_of_turns_are_no_pairs() -> None:
    with pytest.raises(ValueError, match="argument"):
        ratio([1.0], [1.0, 2.0])


def test_there_is_no_median_of_nothing() -> None:
    with pytest.raises(ValueError, match="nothing"):
        median_of([])


@pytest.mark.parametrize("power", [0.0, 1.0, 2.0])
def test_the_exponent_is_the_power_of_the_growth(power: float) -> None:
    sizes = [500, 1_000, 10_000]
    assert exponent(sizes, [3.0 * size**power for size in sizes]) == pytest.approx(power)


def test_a_goal_with_its_interval_is_met_by_all_of_it() -> None:
    found = Estimate(0.8, 0.7, 0.9)
    assert Goal(0.85).is_met(found)
    assert not Goal(0.85, with_interval=True).is_met(found)


def test_a_figure_that_was_not_measured_meets_no_goal() -> None:
    figure = Figure(measurement="m", what="w", estimate=None, goals=(Goal(1.0),))
    assert figure.verdict == "≤ 1: not measured"
    assert figure.row["value"] is None
