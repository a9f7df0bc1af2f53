"""Reads a guest over and over beside what a test does, so that what it does is done in mid-read."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import final

import hvinspect
from hvinspect import InstanceStats, Reason
from tests.integration.xen.reading import PATIENCE, until


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One snapshot: when it was taken, and what it said of the guest."""

    began: float
    ended: float
    #: None if the guest was not there.
    stats: InstanceStats | None
    failures: frozenset[Reason]


@final
class Loop:
    """What has been seen so far."""

    def __init__(self, uuid: str) -> None:
        """Of the guest *uuid*."""
        self.seen: list[Seen] = []
        self._uuid = uuid
        self._stopped = threading.Event()

    def more(self, count: int = 2) -> None:
        """Wait until *count* snapshots have begun and ended from now on."""
        now = time.monotonic()
        until(lambda: sum(one.began >= now for one in list(self.seen)) >= count, f"{count} snapshots are not read")

    def until_there(self, domid: int) -> None:
        """Wait until the guest was seen as this domain, which had run by then."""
        until(lambda: any(self._is(one, domid) for one in list(self.seen)), f"domain {domid} is not seen")

    def between(self, start: float, end: float) -> list[InstanceStats]:
        """What was said by the snapshots that began and ended between the two."""
        return [one.stats for one in self.seen if start <= one.began and one.ended <= end and one.stats is not None]

    @property
    def all(self) -> list[InstanceStats]:
        """What was said whenever the guest was there."""
        return [one.stats for one in self.seen if one.stats is not None]

    def run(self) -> None:
        """Read until it is stopped."""
        with hvinspect.connect("xen:", timeout=PATIENCE) as hv:
            while not self._stopped.is_set():
                began = time.monotonic()
                snapshot = hv.snapshot(timeout=PATIENCE)
                self.seen.append(
                    Seen(
                        began=began,
                        ended=time.monotonic(),
                        stats=next((one for one in snapshot if str(one.instance.uuid) == self._uuid), None),
                        failures=frozenset(failure.reason for failure in snapshot.failures),
                    )
                )

    def stop(self) -> None:
        """Let the last snapshot be the last."""
        self._stopped.set()

    @staticmethod
    def _is(one: Seen, domid: int) -> bool:
        return one.stats is not None and one.stats.instance.native_id == str(domid) and bool(one.stats.cpu.time_ns)


@contextmanager
def reading(uuid: str) -> Iterator[Loop]:
    """The guest *uuid* is read all the time."""
    loop = Loop(uuid)
    with ThreadPoolExecutor(max_workers=1) as beside:
        running = beside.submit(loop.run)
        try:
            yield loop
        finally:
            loop.stop()
        running.result()
