"""The same with one guest's QEMU stopped: its monitor is silent, and what asks it waits until it goes on."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from statistics import median

from tests.lab.daemons import NotReady, wait_until
from tests.lab.guests import Guest

from .binding import Meter, installed
from .figures import Figure, Goal
from .guests import Guests
from .own import IN_FLIGHT, OWN_CPU, Bare, cpu_outside
from .peers import PEERS
from .statistics import Estimate, median_of, ratio
from .subjects import Ours, Raw, Subject, Unavailable
from .turns import HostCpu

__all__ = ["measure"]

_NAME = "one guest stopped"
_TIMEOUT = 5.0
_PATIENCE = 5.0
_SNAPSHOTS = 3


def measure(guests: Guests, *, rounds: int) -> Iterator[Figure]:
    """Undisturbed, stopped and undisturbed again, and so on; then how long the others take."""
    yield from _ours(guests, rounds=rounds)
    yield from _others(guests)


def _ours(guests: Guests, *, rounds: int) -> Iterator[Figure]:
    victim, cpu, meter = _victim(guests), HostCpu(guests), Meter()
    raw, ours, bare = Raw(), Ours(timeout=_TIMEOUT), Bare()
    raw_seconds: list[float] = []
    first: list[float] = []
    calm: list[float] = []
    calm_cpu: list[float] = []
    troubled: list[float] = []
    troubled_cpu: list[float] = []
    own: list[float] = []
    given: list[int] = []

    def several() -> Iterator[tuple[float, float, float]]:
        """Seconds, CPU seconds of the host, and own CPU seconds of some snapshots."""
        for _ in range(_SNAPSHOTS):
            before = cpu.seconds
            seconds, own_seconds = cpu_outside(ours.turn, meter)
            yield seconds, cpu.seconds - before, own_seconds

    try:
        with installed(meter):
            for _ in range(rounds):
                _settle(ours, len(guests.running))
                raw_seconds.append(raw.turn())
                _, binding = cpu_outside(bare.turn, meter)
                undisturbed = list(several())
                with victim.stopped():
                    first.append(ours.turn())
                    disturbed = list(several())
                    given.append(ours.given)
                calm.append(median(one[0] for one in undisturbed))
                calm_cpu.append(median(one[1] for one in undisturbed))
                troubled.append(median(one[0] for one in disturbed))
                troubled_cpu.append(median(one[1] for one in disturbed))
                own.append(median(one[2] for one in disturbed) - binding)
    finally:
        for one in (raw, ours, bare):
            one.close()
    found: list[tuple[str, str, Estimate, tuple[Goal, ...]]] = [
        ("time of the first snapshot / undisturbed", "×", ratio(first, calm), ()),
        ("time of the second and later / undisturbed", "×", ratio(troubled, calm), (Goal(1.2),)),
        ("time of the second and later / raw call undisturbed", "×", ratio(troubled, raw_seconds), ()),
        ("CPU of libvirtd and QEMUs / undisturbed", "×", ratio(troubled_cpu, calm_cpu), ()),
        ("own CPU / time of the raw call undisturbed", "×", ratio(own, raw_seconds), (OWN_CPU,)),
        ("most requests under way at once", "", Estimate.exact(meter.most_under_way), (IN_FLIGHT,)),
        ("instances given, of all", "×", median_of([one / len(guests.running) for one in given]), ()),
    ]
    for what, unit, estimate, goals in found:
        yield Figure(
            measurement=_NAME,
            what=what,
            unit=unit,
            guests=len(guests.running),
            shape=guests.shape,
            estimate=estimate,
            goals=goals,
        )


def _others(guests: Guests) -> Iterator[Figure]:
    for make in (Raw, *PEERS):
        seconds, note = None, ""
        try:
            with contextlib.closing(make()) as subject:
                subject.turn()
                seconds = _answers(subject, _victim(guests))
        except TimeoutError:
            note = f"no answer within {_PATIENCE:g} s"
        except (Unavailable, NotReady, OSError) as failure:
            note = f"not measured: {failure}"
        yield Figure(
            measurement=_NAME,
            what=f"time, {make.name}",
            unit="s",
            guests=len(guests.running),
            shape=guests.shape,
            estimate=None if seconds is None else Estimate.exact(seconds),
            note=note,
        )


def _answers(subject: Subject, victim: Guest) -> float:
    """The seconds that *subject* takes while *victim* is stopped.

    Raises:
        TimeoutError: it did not answer.
    """
    # The thread is waited for when the guest goes on again.
    with ThreadPoolExecutor(1) as pool, victim.stopped():
        return pool.submit(subject.turn).result(_PATIENCE)


def _settle(ours: Ours, count: int) -> None:
    def well() -> bool:
        ours.turn()
        return ours.given == count

    for _ in range(2):
        wait_until(well, what=f"a snapshot gives all {count} guests", timeout=60)


def _victim(guests: Guests) -> Guest:
    return guests.running[len(guests.running) // 2]
