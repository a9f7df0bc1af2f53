"""How long a request may take before somebody looks after it. No I/O here."""

from __future__ import annotations

from typing import final

from hvinspect.driver import Deadline, Group

__all__ = ["Pace"]

#: A request is looked after when it has taken this many times as long as the last ones, and so long at least.
_OVERRUN, _PATIENCE_S = 4.0, 0.3
#: But never later than this part of a call's time.
_PART = 0.15


@final
class Pace:
    """How long a guest takes, for each set of groups that was asked for."""

    def __init__(self) -> None:
        self._seconds: dict[frozenset[Group], float] = {}

    def note(self, groups: frozenset[Group], seconds: float, guests: int) -> None:
        """A request for so many *guests* took *seconds*."""
        before = self._seconds.get(groups, 0.0)
        # Quick to grow and slow to shrink: one shard is slower than the others.
        self._seconds[groups] = max(seconds / guests, 0.8 * before)

    def patience(self, groups: frozenset[Group], guests: int, deadline: Deadline) -> float:
        """After how many seconds a request for so many *guests* is looked after."""
        usual = _OVERRUN * self._seconds.get(groups, 0.0) * guests
        return min(max(_PATIENCE_S, usual), max(0.02, _PART * deadline.remaining))
