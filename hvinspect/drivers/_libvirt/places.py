"""Places for the requests that may be under way at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import final

__all__ = ["MOMENT_S", "Places"]

#: For so long a place is waited for at a time.
MOMENT_S = 0.02


@final
class Places:
    """How many requests of one driver are under way, those given up not counted."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._taken = 0

    def take(self, most: Callable[[], int]) -> bool:
        """Take one of at most so many, waiting a moment."""
        with self._changed:
            free = self._changed.wait_for(lambda: self._taken < most(), MOMENT_S)
            self._taken += free
            return free

    def give_back(self) -> None:
        """One is free again."""
        with self._changed:
            self._taken -= 1
            self._changed.notify_all()
