"""Decoding a reply, beside what json.loads() takes for the same reply as text."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from uuid import UUID

from hvinspect import DEFAULT_GROUPS, Instance
from hvinspect.driver import Stopwatch
from hvinspect.drivers._libvirt.decode import Reading
from hvinspect.drivers._libvirt.describe import describe
from hvinspect.drivers._libvirt.plan import decode
from hvinspect.drivers._libvirt.reply import Reply

from .figures import Figure, Goal
from .guests import Shape
from .replay import PlayedGuest, made
from .statistics import ratio

__all__ = ["measure"]

_GOAL = Goal(8.0)


def measure(count: int, shape: Shape, *, rounds: int) -> Iterator[Figure]:
    """Both take turns on the replies of *count* guests; descriptions are known already, as from the second snapshot."""
    guests = made(count, shape)
    readings = [_reading(guest) for guest in guests]
    texts = [json.dumps(guest.statistics) for guest in guests]
    decoding: list[float] = []
    loading: list[float] = []
    for _ in range(rounds):
        started = time.process_time()
        for reading in readings:
            decode(reading)
        half = time.process_time()
        for text in texts:
            json.loads(text)
        decoding.append(half - started)
        loading.append(time.process_time() - half)
    yield Figure(
        measurement="decoding",
        what="CPU of decoding / json.loads() of the same replies",
        guests=count,
        shape=shape,
        estimate=ratio(decoding, loading),
        goals=(_GOAL,),
    )


def _reading(guest: PlayedGuest) -> Reading:
    watch = Stopwatch()
    instance = Instance(
        key=guest.uuid, uuid=UUID(guest.uuid), name=guest.name, native_id=str(guest.number), driver="libvirt"
    )
    return Reading(
        instance=instance,
        life=f"life/{guest.number}",
        taken=watch.span(),
        groups=DEFAULT_GROUPS,
        reply=Reply(guest.statistics),
        description=describe(guest.xml, described_at=watch.started_unix_ns),
        daemon_version=9_000_000,
    )
