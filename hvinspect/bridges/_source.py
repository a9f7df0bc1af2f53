"""Where the exporting bridges read: one target, connected when first needed, and one read for all who ask at once."""

from __future__ import annotations

import logging
import math
import os
import threading
import time
from collections.abc import Collection, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import final

import hvinspect
from hvinspect import DEFAULT_GROUPS, Connection, Group, Health, Secret, Snapshot

__all__ = ["Reading", "Source"]

LOG = logging.getLogger("hvinspect.bridges")

#: What is left for the guests after connecting has taken its time.
_LEAST_SECONDS = 0.1


@final
@dataclass(frozen=True, slots=True)
class Reading:
    """What one read came to: a snapshot, or the error that there is instead."""

    snapshot: Snapshot | None
    error: hvinspect.Error | None
    #: None if there has never been a connection.
    health: Health | None
    started_unix_ns: int
    duration_ns: int


@final
class Source:
    """Reads all instances of one target. Thread-safe."""

    def __init__(
        self,
        target: str | Connection,
        *,
        groups: Collection[Group] = DEFAULT_GROUPS,
        timeout: float,
        options: Mapping[str, str | Secret] | None = None,
    ) -> None:
        """Nothing is opened yet. A Connection that is given remains its owner's to close."""
        if not 0 < timeout < math.inf:
            raise ValueError(f"timeout is a positive number of seconds, not {timeout!r}")
        self._target, self._options = target, options
        self._groups, self._timeout = groups, timeout
        self._connection = target if isinstance(target, Connection) else None
        self._closings = 0
        self._begin_alone()
        self._failing = False

    def _begin_alone(self) -> None:
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._under_way: Future[Reading] | None = None

    def read(self) -> Reading:
        """What a read that begins now gives, or, while one is under way, what that one gives. Over by the timeout.

        Raises:
            TypeError, ValueError: the groups or options are not of their kind; hvinspect's own errors never.
        """
        if self._process != os.getpid():
            self._begin_alone()  # whoever led a read, or held the lock, stayed in the process that forked
        with self._lock:
            leads = self._under_way is None
            read = self._under_way = self._under_way or Future[Reading]()
        if leads:
            try:
                read.set_result(self._read())
            except BaseException as failure:  # noqa: BLE001  # result() raises it, here and for those who wait
                read.set_exception(failure)
            finally:
                with self._lock:
                    self._under_way = None
        return read.result()

    def close(self) -> None:
        """Let go of the connection, if it was opened here; the next read opens another."""
        with self._lock:
            self._closings += 1
            connection = self._connection
            if connection is None or connection is self._target:
                return
            self._connection = None
        connection.close()

    def _read(self) -> Reading:
        started_unix_ns, started = time.time_ns(), time.monotonic_ns()
        snapshot: Snapshot | None = None
        error: hvinspect.Error | None = None
        try:
            snapshot = self._snapshot(time.monotonic() + self._timeout)
        except hvinspect.Error as failure:
            error = failure.with_traceback(None)
        self._tell(error)
        connection = self._connection
        return Reading(
            snapshot=snapshot,
            error=error,
            health=connection.health() if connection is not None else None,
            started_unix_ns=started_unix_ns,
            duration_ns=time.monotonic_ns() - started,
        )

    def _snapshot(self, ends: float) -> Snapshot:
        connection = self._connected()
        left = max(ends - time.monotonic(), _LEAST_SECONDS)
        return connection.snapshot(groups=self._groups, timeout=left)

    def _connected(self) -> Connection:
        with self._lock:
            connection, closings = self._connection, self._closings
        if connection is not None:
            return connection
        assert isinstance(self._target, str)
        connection = hvinspect.connect(self._target, timeout=self._timeout, options=self._options)
        with self._lock:
            if closings == self._closings:
                self._connection = connection
                return connection
        # close() came while it was being opened, and found nothing to close.
        connection.close()
        return connection

    def _tell(self, error: hvinspect.Error | None) -> None:
        """One line when it begins to fail, one when it is over."""
        if (error is not None) is self._failing:
            return
        self._failing = error is not None
        if error is not None:
            # In quotes: what a hypervisor says may have line breaks and control characters in it.
            LOG.warning("nothing can be read: %r", str(error))
        else:
            LOG.info("everything can be read again")
