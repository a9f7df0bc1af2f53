"""One request for several guests, or several one after another, on its way over one connection."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Sequence
from typing import final

from hvinspect.driver import Failure, Instance, InstanceStats, Task

from .lanes import Lane

__all__ = ["Call", "Result"]

Result = InstanceStats | Failure


@final
class Call:
    """Made by the thread that waits for it, carried out by another one, which alone adds to *finished*."""

    def __init__(self, guests: Sequence[Instance], *, singly: bool) -> None:
        self.guests = guests
        self.singly = singly
        self.pending = {one.key: one for one in guests}
        #: Results that nobody has taken yet.
        self.finished: deque[Result] = deque()
        self.has_ended = False
        self.error: BaseException | None = None
        self.task: Task[None] | None = None
        self.lane: Lane | None = None
        self._given_up = False
        self.patience_s = 0.0
        self._began_ns: int | None = None
        # Whose turn it is, of those that are asked singly, and whether it is the last one's.
        self._turn = threading.Lock()
        self._current: str | None = None
        self._is_last = False

    def begin(self, key: str) -> bool:
        """It is the turn of *key*, and of those that are asked with it; False if nobody is to be asked any more."""
        with self._turn:
            if self._given_up or self._is_last:
                return False
            self._current, self._began_ns = key, time.monotonic_ns()
            return True

    def stop_after_this(self) -> str | None:
        """Ask nobody after the one whose turn it is, and tell who that is; it counts as stuck until it has answered."""
        with self._turn:
            self._is_last = True
        if self.task is not None:
            self.task.abandon()
        return self._current

    def give_up(self) -> None:
        """Wait for it no longer: it counts as stuck until it ends, and its connection is closed then."""
        self._given_up = True
        if self.lane is not None:
            self.lane.given_up = True
        if self.task is not None:
            self.task.abandon()

    def is_wanted(self) -> bool:
        """Does anybody wait for it?"""
        return not self._given_up

    @property
    def began_ns(self) -> int | None:
        """When the request began that it is at: it may ask some guests again and again. None before the first."""
        began, lane = self._began_ns, self.lane
        return began if began is None or lane is None else max(began, lane.asked_ns)

    @property
    def is_overdue(self) -> bool:
        """Has its request taken so long that it is to be looked after?"""
        began = self.began_ns
        return began is not None and time.monotonic_ns() - began > self.patience_s * 1_000_000_000
