"""Medians of paired runs and their 95 % intervals. Pure: nothing is measured here."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import final

__all__ = ["Estimate", "exponent", "median_of", "ratio"]

_RESAMPLES = 2000


@final
@dataclass(frozen=True, slots=True)
class Estimate:
    """A number and the interval that it is in with 95 % certainty; what was counted has none to speak of."""

    value: float
    low: float
    high: float

    @classmethod
    def exact(cls, value: float) -> Estimate:
        """What was counted, not estimated."""
        return cls(value, value, value)


def median_of(values: Sequence[float]) -> Estimate:
    """The median of *values*, its interval by bootstrap."""
    return _bootstrap(values, median)


def ratio(these: Sequence[float], those: Sequence[float]) -> Estimate:
    """The median of this over that, pair by pair: what disturbs a machine for a while disturbs both of a pair."""
    return median_of([this / that for this, that in zip(these, those, strict=True)])


def exponent(sizes: Sequence[int], costs: Sequence[float]) -> float:
    """The power of the size with which the cost grows, by least squares: 1 is linear."""
    x, y = [math.log(size) for size in sizes], [math.log(cost) for cost in costs]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    covariance = sum((one - mean_x) * (other - mean_y) for one, other in zip(x, y, strict=True))
    return covariance / sum((one - mean_x) ** 2 for one in x)


def _bootstrap(values: Sequence[float], statistic: Callable[[Sequence[float]], float]) -> Estimate:
    if not values:
        raise ValueError("there is nothing to take a median of")
    # Seeded, so that one set of measurements has one interval.
    choose = random.Random(1)
    found = sorted(statistic(choose.choices(values, k=len(values))) for _ in range(_RESAMPLES))
    outside = round(_RESAMPLES * 0.025)
    return Estimate(statistic(values), found[outside], found[-1 - outside])
