"""What a snapshot of replayed guests costs; of that, what the garbage collector takes, and what was described."""

from __future__ import annotations

import contextlib
import gc
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, final

from .binding import installed
from .replay import Played
from .subjects import Ours

__all__ = ["Cost", "costs_of"]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """The CPU time of one snapshot."""

    seconds: float
    #: What of that went to the cyclic garbage collector. It looks at all objects of the process, of which a snapshot
    #: makes many; how often depends on how many there are, and comes in steps.
    collector_seconds: float
    #: Guests whose descriptions were read. It is time that decides about that, so a longer snapshot reads more of them.
    described: int


def costs_of(played: Played, *, rounds: int) -> tuple[Cost, list[Cost]]:
    """Of the first snapshot, which reads all descriptions, and of each of *rounds* more."""
    with installed(played), contextlib.closing(Ours()) as ours:
        first, *others = [_cost_of(ours, played) for _ in range(rounds + 1)]
        if ours.least_given != played.count:
            raise RuntimeError(f"{ours.least_given} of {played.count} guests were read: {ours.missing}")
    return first, others


def _cost_of(ours: Ours, played: Played) -> Cost:
    described = len(played.described)
    with _collector() as collector:
        started = time.process_time()
        ours.turn()
        seconds = time.process_time() - started
    return Cost(seconds=seconds, collector_seconds=collector.seconds, described=len(played.described) - described)


@final
class _Collector:
    """Adds up the CPU time of the garbage collector, which runs on whatever thread makes one object too many."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._started = 0.0

    def __call__(self, phase: str, _info: Mapping[str, Any]) -> None:
        if phase == "start":
            self._started = time.thread_time()
        else:
            self.seconds += time.thread_time() - self._started


@contextlib.contextmanager
def _collector() -> Generator[_Collector]:
    collector = _Collector()
    gc.callbacks.append(collector)
    try:
        yield collector
    finally:
        gc.callbacks.remove(collector)
