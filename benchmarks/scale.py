"""How the cost grows with the number of guests: real ones beside the raw call, and far more that are replayed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from statistics import fmean, median

from .costs import Cost, costs_of
from .figures import Figure, Goal
from .guests import Guests, Shape
from .replay import Played, made
from .statistics import Estimate, exponent, median_of, ratio
from .subjects import Ours, Raw
from .turns import HostCpu, take_turns

__all__ = ["beside_raw", "replayed"]

_NAME = "scale"
_LINEAR = Goal(1.1)
#: So many guests are read at least, so that few and many have as many turns of the garbage collector among them.
_READS = 10_000


def beside_raw(guests: Guests, *, rounds: int) -> Iterator[Figure]:
    """As many guests as there are now."""
    with contextlib.closing(Raw()) as raw, contextlib.closing(Ours()) as ours:
        theirs, mine = take_turns([raw, ours], HostCpu(guests), rounds=rounds)
    for what, unit, estimate in (
        (f"time, {ours.name} / {raw.name}", "×", ratio(mine.seconds, theirs.seconds)),
        (f"time, {raw.name}", "ms", median_of([1000 * seconds for seconds in theirs.seconds])),
        (f"time, {ours.name}", "ms", median_of([1000 * seconds for seconds in mine.seconds])),
    ):
        yield Figure(
            measurement=_NAME, what=what, unit=unit, guests=len(guests.running), shape=guests.shape, estimate=estimate
        )


def replayed(counts: Sequence[int], shape: Shape, *, rounds: int) -> Iterator[Figure]:
    """Own CPU with answers that come at once; and the power of the number of guests with which it grows.

    Two things in it are no matter of the number of guests in one snapshot, so they are shown apart.
    """
    working: list[float] = []
    altogether: list[float] = []
    for count in counts:
        first, costs = costs_of(Played(made(count, shape)), rounds=max(rounds, _READS // count))
        plain = [_working(one) for one in costs if not one.described]
        collecting = fmean(one.collector_seconds for one in costs)
        described = sum(one.described for one in costs) / len(costs)
        altogether.append(fmean(one.seconds for one in costs))
        for what, estimate, note in (
            (
                "own CPU per guest, replayed, without the next two",
                median_of([1e6 * seconds / count for seconds in plain]) if plain else None,
                "" if plain else "no snapshot was so short that it was no description's turn",
            ),
            ("garbage collector's CPU per guest, replayed", Estimate.exact(1e6 * collecting / count), "mean"),
            (
                "own CPU of reading one description, replayed",
                Estimate.exact(1e6 * max(0.0, _working(first) - median(plain or [0.0])) / count),
                f"{described / count:.0%} of the guests in a snapshot; each once in 30 to 60 s",
            ),
        ):
            yield Figure(
                measurement=_NAME, what=what, unit="µs", guests=count, shape=shape, estimate=estimate, note=note
            )
        if plain:
            working.append(median(plain))
    span = f"with the number of guests to the power of, {min(counts):,} to {max(counts):,} replayed"
    for what, found, goals in (
        (f"own CPU without collector and descriptions grows {span}", working, (_LINEAR,)),
        (f"own CPU altogether grows {span}", altogether, ()),
    ):
        yield Figure(
            measurement=_NAME,
            what=what,
            unit="",
            shape=shape,
            estimate=Estimate.exact(exponent(counts, found)) if len(found) == len(counts) else None,
            goals=goals,
            note="1 is linear",
        )


def _working(cost: Cost) -> float:
    return cost.seconds - cost.collector_seconds
