"""What hvinspect itself costs: the CPU time of its own code, and how many requests it has under way at once."""

from __future__ import annotations

import time
from collections.abc import Iterator

from .binding import Meter, installed
from .costs import costs_of
from .figures import Figure, Goal
from .guests import Guests
from .replay import Played, captured
from .statistics import Estimate, ratio
from .subjects import Ours, Raw

__all__ = ["IN_FLIGHT", "OWN_CPU", "measure", "own_cpu"]

_NAME = "own cost"
OWN_CPU = Goal(0.02)
IN_FLIGHT = Goal(4)


def own_cpu(ours: Ours, meter: Meter) -> tuple[float, float]:
    """Seconds of one turn, and of CPU outside the native calls; a call's conversion of its answer is inside it."""
    native, started = meter.cpu_seconds, time.process_time()
    seconds = ours.turn()
    return seconds, time.process_time() - started - (meter.cpu_seconds - native)


def measure(guests: Guests, *, rounds: int) -> Iterator[Figure]:
    """Once on the guests, with all native calls metered; and once more with the same answers given at once."""
    count, shape = len(guests.running), guests.shape
    raw, ours = Raw(), Ours()
    meter = Meter()
    raw_seconds: list[float] = []
    own_seconds: list[float] = []
    try:
        ours.turn()
        for _ in range(rounds):
            raw_seconds.append(raw.turn())
            with installed(meter):
                own_seconds.append(own_cpu(ours, meter)[1])
        answers = captured(raw.connection)
    finally:
        raw.close()
        ours.close()
    _, costs = costs_of(Played(answers), rounds=rounds)
    replayed = [one.seconds for one in costs]
    for how, found in (("native calls metered", own_seconds), ("answers replayed", replayed)):
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
