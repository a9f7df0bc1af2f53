"""snapshot() beside the raw call and beside the peers: the time that it takes, and the CPU that it costs the host."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TypeVar

from hvinspect import DEFAULT_GROUPS, Group
from tests.lab.daemons import NotReady

from .figures import Figure, Goal
from .guests import Guests
from .peers import PEERS, Ceilometer, Collectd, Exporter
from .statistics import Estimate, median_of, ratio
from .subjects import Ours, Raw, Subject, Unavailable
from .turns import HostCpu, take_turns

__all__ = ["measure"]

_NAME = "side by side"
_RAW_GOALS = (Goal(0.70), Goal(0.85, with_interval=True))
_FASTER = (Goal(1.0, with_interval=True),)


def measure(guests: Guests, *, rounds: int) -> Iterator[Figure]:
    """All subjects in one run; a peer that cannot be had stands there with the reason."""
    count, shape = len(guests.running), guests.shape
    with contextlib.ExitStack() as stack:
        raw = _opened(stack, Raw())
        ours = _opened(stack, Ours())
        # Of memory these two read no more than the size that comes with a domain's state, which needs no balloon.
        fewer = _opened(stack, Ours("hvinspect without memory", groups=DEFAULT_GROUPS - {Group.MEMORY}))
        subjects: list[Subject] = [raw, ours, fewer]
        beside: dict[str, Ours] = {raw.name: ours}
        for make in PEERS:
            try:
                peer: Subject = _opened(stack, make())
                peer.turn()
            except (Unavailable, NotReady, OSError) as failure:
                note = f"not measured: {failure}"
                yield Figure(
                    measurement=_NAME, what=make.name, guests=count, shape=shape, unit="", estimate=None, note=note
                )
                continue
            subjects.append(peer)
            beside[peer.name] = fewer if make in (Exporter, Collectd) else ours
        turns_of_each = take_turns(subjects, HostCpu(guests), rounds=rounds)
        found = dict(zip((one.name for one in subjects), turns_of_each, strict=True))
    for which in (ours, fewer):
        yield Figure(
            measurement=_NAME,
            what=f"instances given by the poorest turn of {which.name}, of all",
            guests=count,
            shape=shape,
            estimate=Estimate.exact((which.least_given or 0) / count),
            note=which.missing,
        )
    for name, other in beside.items():
        mine, theirs = found[other.name], found[name]
        yield Figure(
            measurement=_NAME,
            what=f"time, {other.name} / {name}",
            guests=count,
            shape=shape,
            estimate=ratio(mine.seconds, theirs.seconds),
            goals=_RAW_GOALS if name == raw.name else (Goal(0.20),) if name == Ceilometer.name else _FASTER,
        )
        yield Figure(
            measurement=_NAME,
            what=f"CPU of libvirtd and QEMUs, {other.name} / {name}",
            guests=count,
            shape=shape,
            estimate=ratio(mine.host_cpu_seconds, theirs.host_cpu_seconds),
            goals=(Goal(1.05),) if name == raw.name else (),
        )
    for subject in subjects:
        yield Figure(
            measurement=_NAME,
            what=f"time, {subject.name}",
            guests=count,
            shape=shape,
            unit="ms",
            estimate=median_of([1000 * seconds for seconds in found[subject.name].seconds]),
            note=subject.version,
        )


S = TypeVar("S", bound=Subject)


def _opened(stack: contextlib.ExitStack, subject: S) -> S:
    stack.callback(subject.close)
    return subject
