"""A figure: what was found, and what it was meant to be. No I/O here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

from .guests import Shape
from .statistics import Estimate

__all__ = ["Figure", "Goal"]


@final
@dataclass(frozen=True, slots=True)
class Goal:
    """At most *limit*: the value or, if so meant, all of the interval."""

    limit: float
    with_interval: bool = False

    def is_met(self, estimate: Estimate) -> bool:
        """Is it, by what was found?"""
        return (estimate.high if self.with_interval else estimate.value) <= self.limit

    def __str__(self) -> str:
        return f"≤ {self.limit:g}{' with its interval' if self.with_interval else ''}"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the table; without an estimate it was not measured, and the note says why."""

    measurement: str
    what: str
    estimate: Estimate | None
    unit: str = "×"
    guests: int | None = None
    shape: Shape | None = None
    goals: tuple[Goal, ...] = ()
    note: str = ""

    @property
    def verdict(self) -> str:
        """Each goal with its outcome."""
        if self.estimate is None:
            return "; ".join(f"{goal}: not measured" for goal in self.goals)
        words = ("not met", "met")
        return "; ".join(f"{goal}: {words[goal.is_met(self.estimate)]}" for goal in self.goals)

    @property
    def misses(self) -> bool:
        """Is one of its goals not met, whether by what was found or because it was not measured?"""
        return any(self.estimate is None or not goal.is_met(self.estimate) for goal in self.goals)

    @property
    def row(self) -> Mapping[str, str | int | float | None]:
        """As plain data."""
        estimate = self.estimate
        return {
            "measurement": self.measurement,
            "what": self.what,
            "guests": self.guests,
            "disks + NICs": None if self.shape is None else "{} + {}".format(*self.shape),
            "value": None if estimate is None else _rounded(estimate.value),
            "low": None if estimate is None else _rounded(estimate.low),
            "high": None if estimate is None else _rounded(estimate.high),
            "unit": self.unit,
            "goal": self.verdict,
            "note": self.note,
        }


def _rounded(number: float) -> float:
    return float(f"{number:.4g}")
