"""How the cost grows with the number of guests: real ones beside the raw call, and far more that are replayed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from statistics import median

from .figures import Figure, Goal
from .guests import Guests, Shape
from .own import snapshots_of
from .replay import Played, made
from .statistics import Estimate, exponent, median_of, ratio
from .subjects import Ours, Raw
from .turns import HostCpu, take_turns

__all__ = ["beside_raw", "replayed"]

_NAME = "scale"
_LINEAR = Goal(1.1)


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
    """Own CPU with answers that come at once; and the power of the number of guests with which it grows."""
    costs: list[float] = []
    for count in counts:
        found = snapshots_of(Played(made(count, shape)), rounds=rounds)
        costs.append(median(found))
        per_guest = median_of([1e6 * seconds / count for seconds in found])
        yield Figure(
            measurement=_NAME,
            what="own CPU per guest, replayed",
            unit="µs",
            guests=count,
            shape=shape,
            estimate=per_guest,
        )
    yield Figure(
        measurement=_NAME,
        what=f"own CPU grows with the number of guests to the power of, {min(counts):,} to {max(counts):,} replayed",
        unit="",
        shape=shape,
        estimate=Estimate.exact(exponent(counts, costs)),
        goals=(_LINEAR,),
        note="1 is linear",
    )
