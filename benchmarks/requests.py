"""How many requests a snapshot makes, counted by the daemon."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from statistics import median

from tests.lab import daemons

from .figures import Figure
from .guests import Guests
from .statistics import Estimate
from .subjects import Ours

__all__ = ["measure"]

_NAME = "requests"
_WARM_UP = 3
_SNAPSHOTS = 10


def measure(guests: Guests, *, minute: bool) -> Iterator[Figure]:
    """Snapshots in close succession; in a *minute* also some that come when descriptions are due to be read again."""
    daemons.write_configuration(rpc_log=True)
    daemons.LIBVIRTD.restart()
    try:
        with contextlib.closing(Ours(timeout=5.0)) as ours:
            for _ in range(_WARM_UP):
                ours.turn()
            counts = [_count(ours) for _ in range(_SNAPSHOTS)]
            spread = Estimate(median(counts), min(counts), max(counts))
            yield _figure(guests, "requests of a snapshot in close succession", spread, "least to most")
            if minute:
                counts = []
                for _ in range(12):
                    time.sleep(5)
                    counts.append(_count(ours))
                spread = Estimate(sum(counts) / len(counts), min(counts), max(counts))
                yield _figure(guests, "requests of a snapshot every 5 s, for a minute", spread, "mean, least to most")
            with guests.running[-1].stopped():
                ours.turn()
                counts = [_count(ours) for _ in range(3)]
            spread = Estimate(median(counts), min(counts), max(counts))
            yield _figure(guests, "the same with one guest stopped, from the second on", spread, "least to most")
    finally:
        daemons.write_configuration()
        daemons.LIBVIRTD.restart()


def _count(ours: Ours) -> int:
    before = len(daemons.called_procedures())
    ours.turn()
    return len(daemons.called_procedures()) - before


def _figure(guests: Guests, what: str, spread: Estimate, note: str) -> Figure:
    return Figure(
        measurement=_NAME,
        what=what,
        unit="",
        guests=len(guests.running),
        shape=guests.shape,
        estimate=spread,
        note=note,
    )
