"""One absolute moment by which a call is over, handed down instead of a timeout that every layer starts anew."""

from __future__ import annotations

import math
import time
from typing import final

from ._errors import DeadlineExceeded

__all__ = ["Deadline"]

#: Longer timeouts are taken for this, about 31 years: locks and events cannot wait for much longer.
_LONGEST_S = 1e9


@final
class Deadline:
    """A moment on the monotonic clock."""

    __slots__ = ("_at",)

    def __init__(self, at_monotonic_ns: int) -> None:
        self._at = at_monotonic_ns

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """The deadline *seconds* from now.

        Raises:
            ValueError: *seconds* is zero, negative, infinite or not a number.
        """
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
            raise TypeError(f"a timeout is a number of seconds, not {type(seconds).__name__}")
        if not 0 < seconds < math.inf:
            raise ValueError(f"a timeout is a positive number of seconds, not {seconds!r}")
        return cls(time.monotonic_ns() + int(min(seconds, _LONGEST_S) * 1_000_000_000))

    @property
    def remaining(self) -> float:
        """Seconds left, never below zero."""
        return max(0.0, (self._at - time.monotonic_ns()) / 1_000_000_000)

    @property
    def passed(self) -> bool:
        """Is the time over?"""
        return time.monotonic_ns() >= self._at

    def earlier(self, seconds: float) -> Deadline:
        """A deadline *seconds* before this one: the time a caller keeps for itself."""
        return Deadline(self._at - int(seconds * 1_000_000_000))

    def check(self, what: str) -> None:
        """Raise DeadlineExceeded, naming *what* was about to be done, if the time is over."""
        if self.passed:
            raise DeadlineExceeded(f"no time was left for {what}")

    def __repr__(self) -> str:
        return f"<Deadline in {self.remaining:.3f} s>"
