"""Ends what takes too long, whichever part of it does: a program that was started, a download, Python's own work."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType


class TookTooLong(Exception):
    """What was begun did not end in its time; the message says what, and the time."""


@contextlib.contextmanager
def within(seconds: float, what: str) -> Iterator[None]:
    """Give *what* this long, in the main thread; a program that subprocess.run() waits for is killed with it.

    Raises:
        TookTooLong: it did not end.
    """

    def ring(number: int, frame: FrameType | None) -> None:
        raise TookTooLong(f"{what} took longer than {seconds:g} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
