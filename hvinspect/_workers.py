"""Threads that make native calls, so that no caller is away longer than its deadline.

A native call cannot be cancelled. It runs on a thread of its own; a caller whose deadline passes leaves it behind,
the thread is counted as stuck until the call ends by itself, and what it brings then is dropped. Nothing is
kept between calls: no pool, no idle thread.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable
from typing import Any, Generic, TypeVar, final

from ._deadline import Deadline
from ._errors import DeadlineExceeded
from ._frames import empty_frames

__all__ = ["Cap", "Task", "Workers"]

T = TypeVar("T")


@final
class Cap:
    """How many calls may be under way at one place at once, stuck ones included, whoever makes them."""

    limit: int

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._slots = threading.BoundedSemaphore(limit)
        self._lock = threading.Lock()
        self._stuck = 0

    @classmethod
    def at(cls, place: str, *, limit: int) -> Cap:
        """The one Cap of *place*, a daemon's address for instance, for all connections of this process."""
        places = _places
        with places.lock:
            cap = places.caps.get(place)
            if cap is None:
                cap = places.caps[place] = cls(limit)
            return cap

    @property
    def stuck(self) -> int:
        """How many of them were abandoned and have not ended."""
        return self._stuck

    def _acquire(self, deadline: Deadline) -> bool:
        return self._slots.acquire(timeout=deadline.remaining)

    def _release(self) -> None:
        self._slots.release()

    def _count_stuck(self, change: int) -> None:
        with self._lock:
            self._stuck += change


class _Places:
    """The caps of this process by place."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.caps: weakref.WeakValueDictionary[str, Cap] = weakref.WeakValueDictionary()


_places = _Places()


def _in_child() -> None:
    """A forked child has no call under way anywhere, and may have inherited a lock that nobody opens."""
    global _places  # noqa: PLW0603  # what is inherited is replaced whole
    _places = _Places()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)


@final
class Task(Generic[T]):
    """One function on its way; whoever waits longest gets its result."""

    def __init__(self, workers: Workers, function: Callable[[], T], what: str, cap: Cap | None) -> None:
        self._workers = workers
        self._cap = cap
        self._function: Callable[[], T] | None = function
        self._what = what
        self._ended = threading.Event()
        self._abandoned = False
        self._result: list[T] = []
        self._error: BaseException | None = None

    @property
    def ended(self) -> bool:
        """Is the function over, well or badly?"""
        return self._ended.is_set()

    @property
    def abandoned(self) -> bool:
        """Did whoever waited for it give it up? What it still brings is nobody's."""
        return self._abandoned

    def settle(self, deadline: Deadline) -> bool:
        """Wait until the function is over or *deadline* has passed; True if it is over. Nothing is given up."""
        return self._ended.wait(deadline.remaining)

    def result(self, deadline: Deadline) -> T:
        """What the function returned or raised.

        Raises:
            DeadlineExceeded: it was not over in time. The task is then abandoned.
        """
        if not self.settle(deadline):
            self.abandon()
            raise DeadlineExceeded(f"{self._what} did not answer in time")
        if self._error is not None:
            try:
                raise self._error
            finally:
                del self  # as in _run()
        return self._result[0]

    def abandon(self) -> None:
        """Stop waiting for it: until it ends by itself it counts as stuck."""
        self._workers._abandon(self)

    def _run(self) -> None:
        assert self._function is not None
        try:
            self._result.append(self._function())
        except BaseException as error:  # noqa: BLE001  # the waiter raises it; if none is left it is nobody's
            empty_frames(error)
            self._error = error
        finally:
            self._function = None
            self._workers._end(self)
            del self  # else the error's traceback holds the task, and that the error


@final
class Workers:
    """Starts tasks, never more than *limit* at once, stuck ones included."""

    def __init__(self, name: str, *, limit: int) -> None:
        self._name = name
        self._slots = threading.BoundedSemaphore(limit)
        self._lock = threading.Lock()
        self._stuck: set[Task[Any]] = set()

    @property
    def stuck(self) -> int:
        """How many calls were abandoned and have not ended."""
        return len(self._stuck)

    def start(self, function: Callable[[], T], deadline: Deadline, what: str, *, cap: Cap | None = None) -> Task[T]:
        """Run *function* on a thread of its own; *what* names it in errors, *cap* counts it where it may get stuck.

        Raises:
            DeadlineExceeded: as many as may be were under way until the deadline, or it has passed.
        """
        deadline.check(what)
        if not self._slots.acquire(timeout=deadline.remaining):
            raise DeadlineExceeded(f"{what} was not begun: {self.stuck} earlier calls have not come back")
        if cap is not None and not cap._acquire(deadline):
            self._slots.release()
            raise DeadlineExceeded(f"{what} was not begun: {cap.stuck} calls to there have not come back")
        task = Task(self, function, what, cap)
        try:
            threading.Thread(target=task._run, name=self._name, daemon=True).start()
        except RuntimeError as exc:  # no more threads are to be had
            self._release(task)
            raise DeadlineExceeded(f"{what} was not begun: {exc}") from exc
        return task

    def call(self, function: Callable[[], T], deadline: Deadline, what: str) -> T:
        """Run *function* and wait for it until *deadline*.

        Raises:
            DeadlineExceeded: it did not begin or did not end in time.
        """
        return self.start(function, deadline, what).result(deadline)

    def _abandon(self, task: Task[T]) -> None:
        with self._lock:
            if not task.ended and not task._abandoned:
                task._abandoned = True
                self._stuck.add(task)
                if task._cap is not None:
                    task._cap._count_stuck(1)

    def _end(self, task: Task[T]) -> None:
        with self._lock:
            # Under the lock, so that no waiter abandons what has just ended.
            task._ended.set()
            if task in self._stuck:
                self._stuck.discard(task)
                if task._cap is not None:
                    task._cap._count_stuck(-1)
        self._release(task)

    def _release(self, task: Task[T]) -> None:
        if task._cap is not None:
            task._cap._release()
        self._slots.release()
