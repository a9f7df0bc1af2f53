"""Readings in a thread of their own, so that a key is answered while a hypervisor is waited for."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import final

from hvinspect import Snapshot

__all__ = ["Reader"]


@final
class Reader:
    """One reading at a time; *ring* is called when it is there."""

    def __init__(self, read: Callable[[], Snapshot], ring: Callable[[], None]) -> None:
        self._read = read
        self._ring = ring
        self._outcomes: queue.SimpleQueue[Snapshot | BaseException] = queue.SimpleQueue()
        self.busy: bool = False

    def start(self) -> None:
        """Begin a reading."""
        self.busy = True
        # Nobody waits for it at the end: it ends by its deadline, or with the process.
        threading.Thread(target=self._run, name="hvinspect-top", daemon=True).start()

    def outcome(self) -> Snapshot | None:
        """What the reading gave, once; None while there is none.

        Raises:
            Error: what the reading raised.
        """
        try:
            found = self._outcomes.get_nowait()
        except queue.Empty:
            return None
        self.busy = False
        if isinstance(found, BaseException):
            raise found
        return found

    def _run(self) -> None:
        try:
            self._outcomes.put(self._read())
        except BaseException as exc:  # noqa: BLE001  # it is raised again where it is waited for
            self._outcomes.put(exc)
        self._ring()
