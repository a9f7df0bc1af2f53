"""The same with one guest's QEMU stopped, or three: its monitor is silent, and what asks it waits until it goes on."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from statistics import median

from tests.lab.daemons import NotReady, wait_until
from tests.lab.guests import Guest

from .binding import Meter, installed
from .figures import Figure, Goal
from .guests import Guests
from .own import IN_FLIGHT, Bare, cpu_outside
from .peers import PEERS
from .statistics import Estimate, median_of, ratio
from .subjects import Ours, Raw, Subject, Unavailable
from .turns import HostCpu

__all__ = ["measure"]

_NAMES = {1: "one guest stopped", 3: "three guests stopped"}
_TIMEOUT = 2.0
#: The call's time and what it takes to come back; an attempt that got stuck is repeated after as much at first.
_BACK, _QUARANTINE = Goal(2.1), Goal(5.0)
_PATIENCE = 5.0
_SNAPSHOTS = 3


def measure(guests: Guests, *, rounds: int) -> Iterator[Figure]:
    """Undisturbed, stopped and undisturbed again, and so on; then how long the others take."""
    for victims in _NAMES:
        if victims < len(guests.running):
            yield from _ours(guests, _victims(guests, victims), rounds=rounds)
    yield from _others(guests)


def _ours(guests: Guests, victims: Sequence[Guest], *, rounds: int) -> Iterator[Figure]:
    cpu, meter, others = HostCpu(guests), Meter(), len(guests.running) - len(victims)
    raw, ours, bare = Raw(), Ours(timeout=_TIMEOUT), Bare()
    raw_seconds: list[float] = []
    first: list[float] = []
    calm: list[float] = []
    calm_cpu: list[float] = []
    troubled: list[float] = []
    troubled_cpu: list[float] = []
    own: list[float] = []
    back: list[float] = []
    complete: list[float] = []
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
                with contextlib.ExitStack() as stopped:
                    for victim in victims:
                        stopped.enter_context(victim.stopped())
                    seconds, well = ours.complete()
                    first.append(seconds)
                    complete.append(well / others)
                    disturbed = list(several())
                    given.append(ours.given)
                resumed = time.monotonic()
                while ours.complete()[1] < len(guests.running):
                    pass
                back.append(time.monotonic() - resumed)
                calm.append(median(one[0] for one in undisturbed))
                calm_cpu.append(median(one[1] for one in undisturbed))
                troubled.append(median(one[0] for one in disturbed))
                troubled_cpu.append(median(one[1] for one in disturbed))
                own.append(median(one[2] for one in disturbed) - binding)
    finally:
        for one in (raw, ours, bare):
            one.close()
    # Those that are stuck come on top, up to six.
    in_flight = (IN_FLIGHT,) if len(victims) == 1 else ()
    found: list[tuple[str, str, Estimate, tuple[Goal, ...]]] = [
        ("longest time of the first snapshot, which has 2 s", "s", Estimate.exact(max(first)), (_BACK,)),
        ("complete in the poorest first snapshot, of the others", "×", Estimate.exact(min(complete)), ()),
        ("time of the first snapshot / undisturbed", "×", ratio(first, calm), ()),
        ("time of the second and later / undisturbed", "×", ratio(troubled, calm), (Goal(1.2),)),
        ("time of the second and later / raw call undisturbed", "×", ratio(troubled, raw_seconds), ()),
        ("CPU of libvirtd and QEMUs / undisturbed", "×", ratio(troubled_cpu, calm_cpu), ()),
        ("own CPU / time of the raw call undisturbed", "×", ratio(own, raw_seconds), ()),
        ("most requests under way at once", "", Estimate.exact(meter.most_under_way), in_flight),
        ("longest time until all are complete after they go on", "s", Estimate.exact(max(back)), (_QUARANTINE,)),
        ("instances given, of all", "×", median_of([one / len(guests.running) for one in given]), ()),
    ]
    for what, unit, estimate, goals in found:
        yield Figure(
            measurement=_NAMES[len(victims)],
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
                seconds = _answers(subject, *_victims(guests, 1))
        except TimeoutError:
            note = f"no answer within {_PATIENCE:g} s"
        except (Unavailable, NotReady, OSError) as failure:
            note = f"not measured: {failure}"
        yield Figure(
            measurement=_NAMES[1],
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


def _victims(guests: Guests, count: int) -> list[Guest]:
    """So many of them, in the midst of the others."""
    step = len(guests.running) // (count + 1)
    return [guests.running[step * number] for number in range(1, count + 1)]
