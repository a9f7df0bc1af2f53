"""Readings, one or many, at an even pace; what is lost on the way is reported and tried again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import hvinspect
from hvinspect import RateSource, RatesSnapshot, Snapshot, rates

__all__ = ["Reading", "following", "readings", "supplied"]


class Reading(NamedTuple):
    """A snapshot, and the rates since the one before (or those that the hypervisor gives itself)."""

    snapshot: Snapshot
    rates: RatesSnapshot | None


def readings(
    read: Callable[[], Snapshot],
    *,
    every: float | None,
    times: int | None,
    trouble: Callable[[hvinspect.Error], None],
) -> Iterator[Reading]:
    """One reading; with *every*, one each so many seconds, *times* times or for ever.

    After a first reading that succeeded, an error that may pass is handed to *trouble* and counts as one.
    """
    due = time.monotonic()
    before = read()
    yield Reading(before, supplied(before))
    if every is None:
        return
    done = 1
    while times is None or done < times:
        # A reading that took longer than the pace leaves turns out; it does not make the next ones crowd.
        due = max(due + every, time.monotonic())
        time.sleep(max(0.0, due - time.monotonic()))
        done += 1
        try:
            after = read()
        except hvinspect.Error as error:
            if not error.retryable:
                raise
            trouble(error)
            continue
        yield following(before, after)
        before = after


def following(before: Snapshot, after: Snapshot) -> Reading:
    """*after*, with the rates since *before*."""
    try:
        return Reading(after, rates(before, after))
    except ValueError:  # another host now, or a clock set back: as if this were the first reading
        return Reading(after, supplied(after))


def supplied(snapshot: Snapshot) -> RatesSnapshot | None:
    """Rates that need no second snapshot, if the hypervisor keeps rates instead of counters."""
    found = rates(snapshot, snapshot)
    return found if any(one.source is RateSource.SUPPLIED for one in found) else None
