"""``python -m benchmarks [--quick] [--only NAME]``, in a lab: hvinspect beside the raw call and beside its peers.

Goals are printed beside the figures. The exit status is 1 if all was measured with care and a goal was not met, 2 or
another one if something could not be measured. Run by ``./dev bench``, which fetches the peers first.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, final

from tests.lab import entry

from . import decoding, many_hosts, memory, own, report, requests, scale, scrape, side_by_side, stopped
from .apart import apart
from .figures import Figure
from .guests import Guests, Shape, guests_of

_ON_GUESTS: Final = ("side-by-side", "scrape", "own", "stopped", "requests", "scale", "many-hosts")
_REPLAYED: Final = ("decoding", "memory", "scale")
_ONE: Final[Shape] = (1, 1)
_THREE: Final[Shape] = (3, 3)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much is measured."""

    only: str | None
    rounds: int
    #: Numbers of real guests, ascending, and the one of them at which all is measured.
    guests: tuple[int, ...]
    main: int
    #: Numbers of guests that are replayed.
    replayed: tuple[int, ...]
    #: Whether there is time to wait for what happens once in a minute.
    minute: bool

    def wants(self, *names: str) -> bool:
        """Is any of *names* to be measured?"""
        return self.only is None or self.only in names


_FULL: Final = Plan(only=None, rounds=30, guests=(1, 10, 50, 100), main=50, replayed=(500, 1_000, 10_000), minute=True)
_QUICK: Final = Plan(only=None, rounds=3, guests=(1, 2, 4), main=4, replayed=(20, 50, 100), minute=False)


def main(arguments: Sequence[str]) -> int:
    """Measure, show and keep."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few guests and rounds: does it work at all?")
    parser.add_argument("--only", choices=sorted({*_ON_GUESTS, *_REPLAYED}), help="one measurement")
    chosen = parser.parse_args(arguments)
    plan = _QUICK if chosen.quick else _FULL
    if chosen.only is not None:
        plan = replace(plan, only=chosen.only)
    if plan.wants(*_ON_GUESTS) and not entry.inside():
        parser.error("not in a lab: ./dev bench, or python -m tests.lab python -m benchmarks")
    started = time.monotonic()
    figures: list[Figure] = []
    for figure in _measured(plan):
        estimate = "not measured" if figure.estimate is None else f"{figure.estimate.value:.4g} {figure.unit}"
        print(f"{time.monotonic() - started:6.0f} s  {figure.measurement}: {figure.what}: {estimate}", flush=True)
        figures.append(figure)
    figures.sort(key=lambda figure: figure.measurement)
    report.show(figures)
    # What is kept is all of it, and measured with care.
    if plan != _FULL:
        return 0
    report.keep(figures)
    return int(any(figure.misses for figure in figures))


def _measured(plan: Plan) -> Iterator[Figure]:
    yield from _replayed(plan)
    if plan.wants(*_ON_GUESTS):
        with guests_of(_ONE) as guests:
            for count in plan.guests:
                guests.grow(count)
                if plan.wants("requests") and count <= plan.main:
                    yield from requests.measure(guests, minute=plan.minute and count == plan.main)
                if plan.wants("scale"):
                    yield from scale.beside_raw(guests, rounds=plan.rounds)
                if plan.wants("many-hosts") and count == plan.main:
                    yield from many_hosts.measure(guests, rounds=max(3, plan.rounds // 3))
                if count == plan.main:
                    yield from _at_main(plan, guests)
        if plan.wants("side-by-side", "scrape", "own", "stopped"):
            with guests_of(_THREE) as guests:
                guests.grow(plan.main)
                yield from _at_main(plan, guests)


def _replayed(plan: Plan) -> Iterator[Figure]:
    for shape, limit_kb in ((_ONE, 6.0), (_THREE, 10.0)):
        if plan.wants("decoding"):
            for count, rounds in ((plan.main, plan.rounds), (plan.replayed[-1], 3)):
                yield from apart(decoding.measure, count, shape, rounds=rounds)
        if plan.wants("memory"):
            yield from apart(memory.measure, plan.replayed[0], plan.replayed[-1], shape, limit_kb=limit_kb)
    if plan.wants("scale"):
        yield from apart(scale.replayed, plan.replayed, _ONE, rounds=3)


def _at_main(plan: Plan, guests: Guests) -> Iterator[Figure]:
    if plan.wants("side-by-side"):
        yield from side_by_side.measure(guests, rounds=plan.rounds)
    if plan.wants("scrape"):
        yield from scrape.measure(guests, rounds=plan.rounds)
    if plan.wants("own"):
        yield from own.measure(guests, rounds=plan.rounds)
    if plan.wants("stopped"):
        yield from stopped.measure(guests, rounds=max(2, plan.rounds // 4))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
