"""What hvinspect itself costs: the CPU time of its own code, and how many requests it has under way at once."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any, final

import libvirt

from .binding import Meter, installed
from .costs import costs_of
from .figures import Figure, Goal
from .guests import Guests
from .replay import Played, PlayedGuest, captured
from .statistics import Estimate, ratio
from .subjects import STATISTICS, URI, Ours, Raw

__all__ = ["IN_FLIGHT", "OWN_CPU", "Bare", "cpu_outside", "measure"]

_NAME = "own cost"
OWN_CPU = Goal(0.02)
IN_FLIGHT = Goal(4)


@final
class Bare:
    """What a snapshot asks of the binding, with nothing done with what it gives: the binding's own Python is no CPU of
    ours, and cannot be told from it while both run.
    """

    def __init__(self) -> None:
        self._connection: Any = libvirt.openReadOnly(URI)
        # As a connection that is lent for a shard has them: from its first snapshot on.
        self._domains: list[Any] = self._connection.listAllDomains(0)

    def turn(self) -> float:
        started = time.perf_counter()
        for domain in self._connection.listAllDomains(0):
            domain.UUID()
            domain.name()
            domain.ID()
        flags = libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT
        for domain, _ in self._connection.domainListGetStats(self._domains, STATISTICS, flags):
            domain.ID()
        return time.perf_counter() - started

    def close(self) -> None:
        self._domains = []
        self._connection.close()


def cpu_outside(turn: Callable[[], float], meter: Meter) -> tuple[float, float]:
    """Seconds of one *turn*, and of CPU outside the native calls; a call's conversion of its answer is inside it."""
    native, started = meter.cpu_seconds, time.process_time()
    seconds = turn()
    return seconds, time.process_time() - started - (meter.cpu_seconds - native)


def measure(guests: Guests, *, rounds: int) -> Iterator[Figure]:
    """Once on the guests, with all native calls metered; and once more with the same answers given at once."""
    count, shape = len(guests.running), guests.shape
    meter = Meter()
    raw_seconds: list[float] = []
    own_seconds: list[float] = []
    with contextlib.closing(Raw()) as raw, contextlib.closing(Ours()) as ours, contextlib.closing(Bare()) as bare:
        ours.turn()
        for _ in range(rounds):
            raw_seconds.append(raw.turn())
            with installed(meter):
                _, all_seconds = cpu_outside(ours.turn, meter)
                own_seconds.append(all_seconds - cpu_outside(bare.turn, meter)[1])
        answers = captured(raw.connection)
    for how, found in (("native calls metered", own_seconds), ("answers replayed", _replayed(answers, rounds))):
        yield Figure(
            measurement=_NAME,
            what=f"own CPU / time of the raw call, {how}",
            guests=count,
            shape=shape,
            estimate=ratio(found, raw_seconds),
            goals=(OWN_CPU,),
        )
    yield Figure(
        measurement=_NAME,
        what="most requests under way at once",
        guests=count,
        shape=shape,
        unit="",
        estimate=Estimate.exact(meter.most_under_way),
        goals=(IN_FLIGHT,),
    )


def _replayed(answers: list[PlayedGuest], rounds: int) -> list[float]:
    played = Played(answers)
    _, costs = costs_of(played, rounds=rounds)
    with installed(played), contextlib.closing(Bare()) as bare:
        found: list[float] = []
        for one in costs:
            started = time.process_time()
            bare.turn()
            found.append(one.seconds - (time.process_time() - started))
    return found
