"""One request for several guests, or several one after another, on its way over one connection."""

from __future__ import annotations

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
        #: When its request began; None before that.
        self.began_ns: int | None = None
        #: Who is asked just now, of those that are asked singly.
        self.current: str | None = None
        self.patience_s = 0.0

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
    def is_overdue(self) -> bool:
        """Has its request taken so long that it is to be looked after?"""
        began = self.began_ns
        return began is not None and time.monotonic_ns() - began > self.patience_s * 1_000_000_000
