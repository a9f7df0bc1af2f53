"""Minutes of reading while one fault follows another at random: nothing wrong is told, nothing is late, nothing grows.

A run can be had again: HVINSPECT_SOAK_SEED is its seed, which each prints, and HVINSPECT_SOAK_SECONDS how long the long
one takes.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import random
import secrets
import threading
import time
import tracemalloc
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, final

import pytest

import hvinspect
from hvinspect import InstanceStats, Snapshot
from hvinspect.driver import CATALOGUE, Kind
from tests.integration.libvirt.faults.leaks import held, left_behind
from tests.integration.libvirt.reading import wait_until_stopped
from tests.integration.libvirt.stopping import complete, has_the_daemons_part, keys, stopped
from tests.lab import settings
from tests.lab.daemons import Daemon, wait_until
from tests.lab.fixtures import Lab
from tests.lab.guests import Guest, many, start_together
from tests.lab.specification import MIB, DiskSpec, GuestSpec, NicSpec, mac_of
from tools import measured

SEED: Final = "HVINSPECT_SOAK_SEED"
SECONDS: Final = "HVINSPECT_SOAK_SECONDS"
LONG = float(os.environ.get(SECONDS) or 1800)
#: The others never run an instruction.
BOOTED, TINY = 2, 8
PLUGGED: Final = DiskSpec(target="vdz", size=MIB)
PERIOD_S, TIMEOUT_S = 0.2, 2.0
#: What a busy machine may add to a deadline.
GRACE_S = 0.5
#: How long after a fault a call may still fail, and how long until all are complete again.
FELT_S, RECOVERED_S = 2.0, 10.0
#: Six times the faults rest. What is there at the second of these rests, a third through, is compared with the last.
RESTS, SETTLED = 6, 2
#: How much more may be there then. The interpreter's caches fill for a while; resident pages are malloc's affair as
#: well, hence the wider margin. One snapshot of these guests takes 16 KB.
PYTHON_BYTES, RESIDENT_BYTES = 128 * 1024, 3 * 1024 * 1024
#: What a call may raise because of the daemon.
OF_THE_DAEMON = (hvinspect.ConnectionLost, hvinspect.ConnectFailed, hvinspect.DeadlineExceeded)
_COUNTERS: Final[dict[str, list[str]]] = {
    record: [one.name for one in CATALOGUE.values() if one.record == record and one.kind is Kind.COUNTER]
    for record in ("cpu", "memory", "vcpu", "disk", "nic")
}


@final
@dataclass(slots=True)
class Window:
    """When a fault was, and what it can have cost."""

    fault: str
    guests: frozenset[str]
    daemon: bool
    began: float = field(default_factory=time.monotonic)
    ended: float = float("inf")

    def touches(self, began: float, ended: float) -> bool:
        """Can a read of that time have felt it?"""
        return self.began <= ended and began <= self.ended + FELT_S


@final
class Faults:
    """Hurts guests and the daemon, one after another, on a thread of its own; what it breaks it mends."""

    def __init__(self, libvirtd: Daemon, booted: Sequence[Guest], tiny: Sequence[Guest], *, seed: int) -> None:
        self.done: Counter[str] = Counter()
        #: How often each guest was, by its key.
        self.made_anew: Counter[str] = Counter()
        self.windows: deque[Window] = deque(maxlen=30)
        self._libvirtd, self._booted, self._tiny = libvirtd, booted, tiny
        self._random = random.Random(seed)
        self._kinds: list[Callable[[], None]] = [
            self._stop_some, self._hang_the_daemon, self._restart_the_daemon, self._make_anew, self._plug, self._pause,
        ]  # fmt: skip
        self._may_work = threading.Event()
        self._rests = threading.Event()
        self._over = False
        self._problems: list[BaseException] = []

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        """Work while the context lasts."""
        thread = threading.Thread(target=self._work, daemon=True)
        self._may_work.set()
        thread.start()
        try:
            yield
        finally:
            self._over = True
            self._may_work.set()
            thread.join(120)
        assert not thread.is_alive(), f"still at {self.windows[-1]}"
        assert self._problems == []

    @property
    def rests(self) -> bool:
        """Is no fault under way, as was wished?"""
        assert self._problems == []
        return self._rests.is_set()

    def rest(self) -> None:
        """Begin no other."""
        self._rests.clear()
        self._may_work.clear()

    def go_on(self) -> None:
        """End the rest."""
        self._rests.clear()
        self._may_work.set()

    def _work(self) -> None:
        try:
            # Each kind comes once before any comes twice: short runs have them all.
            kinds = self._random.sample(self._kinds, len(self._kinds))
            while not self._over:
                if not self._may_work.is_set():
                    self._rests.set()
                    self._may_work.wait()
                # A rest begins with the end of a fault.
                time.sleep(self._random.uniform(0.3, 1.5))
                (kinds.pop() if kinds else self._random.choice(self._kinds))()
        except BaseException as problem:  # noqa: BLE001  # for the test's own thread
            self._problems.append(problem)
            self._rests.set()

    @contextlib.contextmanager
    def _window(self, fault: str, guests: Sequence[Guest] = (), *, daemon: bool = False) -> Iterator[None]:
        window = Window(fault, frozenset(keys(guests)), daemon)
        self.windows.append(window)
        yield
        window.ended = time.monotonic()
        self.done[fault] += 1

    def _a_moment(self) -> None:
        time.sleep(self._random.uniform(0.7, 1.3))

    def _stop_some(self) -> None:
        chosen = self._random.sample([*self._booted, *self._tiny], self._random.randint(1, 3))
        with self._window("guests stopped", chosen), stopped(chosen):
            self._a_moment()

    def _hang_the_daemon(self) -> None:
        pid = self._libvirtd.pid
        assert pid is not None
        with self._window("libvirtd hung", daemon=True):
            self._libvirtd.suspend()
            wait_until_stopped(pid)
            self._a_moment()
            self._libvirtd.resume()

    def _restart_the_daemon(self) -> None:
        with self._window("libvirtd restarted", daemon=True):
            self._libvirtd.restart()

    def _make_anew(self) -> None:
        guest = self._random.choice(self._tiny)
        self.made_anew[guest.spec.uuid] += 1
        with self._window("guest made anew", [guest]):
            guest.destroy()
            guest.start()

    def _plug(self) -> None:
        guest = self._random.choice(self._booted)
        with self._window("disk plugged and unplugged", [guest]):
            guest.plug(PLUGGED)
            self._a_moment()
            guest.unplug(PLUGGED, timeout=60.0)

    def _pause(self) -> None:
        guest = self._random.choice(self._booted)
        with self._window("guest paused and resumed", [guest]):
            guest.pause()
            self._a_moment()
            guest.resume()


@final
class Reader:
    """Reads one connection all the time, and sees to it that each read has what it owes."""

    def __init__(self, hv: hvinspect.Connection, faults: Faults, everyone: frozenset[str]) -> None:
        self.hv = hv
        self.snapshots = 0
        #: How many of them came at a time when no guest was excused.
        self.unexcused = 0
        self.errors: Counter[str] = Counter()
        self.slowest = 0.0
        self._faults, self._everyone = faults, everyone
        self._due = time.monotonic()
        #: Of each counter, in which incarnation it was seen last, and what it was.
        self._counted: dict[tuple[str, ...], tuple[str, int]] = {}
        #: Of each counter, how often its incarnation changed.
        self._changes: Counter[tuple[str, ...]] = Counter()
        self._host_ns = 0

    def read(self) -> set[str]:
        """Wait until it is time, read; the keys of those that were complete."""
        time.sleep(max(0.0, self._due - time.monotonic()))
        # What was missed is not made up for.
        self._due = max(self._due + PERIOD_S, time.monotonic())
        self.snapshots += 1
        began = time.monotonic()
        found: set[str] = set()
        try:
            snapshot = self.hv.snapshot(timeout=TIMEOUT_S)
        except OF_THE_DAEMON as error:
            self._forgive(error, began)
        else:
            self._check(snapshot, self._hit(began))
            found = complete(snapshot)
        self._in_time(began)
        if self.snapshots % 10 == 0:
            self._read_host()
        return found

    def _read_host(self) -> None:
        began = time.monotonic()
        try:
            host = self.hv.host(timeout=TIMEOUT_S)
        except OF_THE_DAEMON as error:
            self._forgive(error, began)
        else:
            assert host.user_ns is not None
            assert host.user_ns >= self._host_ns
            self._host_ns = host.user_ns
        self._in_time(began)

    def _in_time(self, began: float) -> None:
        took = time.monotonic() - began
        self.slowest = max(self.slowest, took)
        assert took < TIMEOUT_S + GRACE_S, self._lately(began)

    def _lately(self, began: float) -> list[Window]:
        """The faults that a read which began then can have felt."""
        now = time.monotonic()
        return [window for window in tuple(self._faults.windows) if window.touches(began, now)]

    def _forgive(self, error: hvinspect.Error, began: float) -> None:
        lately = self._lately(began)
        if not any(window.daemon for window in lately):
            raise AssertionError(f"nothing was wrong with the daemon: {lately}") from error
        self.errors[type(error).__name__] += 1

    def _hit(self, began: float) -> frozenset[str]:
        """The keys of those that a snapshot which began then may be without."""
        lately = self._lately(began)
        if any(window.daemon for window in lately):
            return self._everyone
        return frozenset().union(*(window.guests for window in lately))

    def _check(self, snapshot: Snapshot, hit: frozenset[str]) -> None:
        read = [stats.instance.key for stats in snapshot]
        failed = [failure.instance.key for failure in snapshot.failures]
        assert len({*read, *failed}) == len(read) + len(failed), "an instance is there twice"
        assert {*read, *failed} <= self._everyone
        assert self._everyone - hit <= set(read), snapshot.failures
        self.unexcused += not hit
        for stats in snapshot:
            self._check_counters(stats)
            assert stats.instance.key in hit or has_the_daemons_part(stats), stats

    def _check_counters(self, stats: InstanceStats) -> None:
        parts: list[tuple[str, str, Any, str]] = [
            ("cpu", "", stats.cpu, stats.incarnation),
            ("memory", "", stats.memory, stats.incarnation),
            *(("vcpu", str(one.index), one, one.incarnation) for one in stats.cpu.vcpus),
            *(("disk", one.key, one, one.incarnation) for one in stats.disks),
            *(("nic", one.key, one, one.incarnation) for one in stats.nics),
        ]
        for record, device, part, incarnation in parts:
            for name in _COUNTERS[record]:
                if (value := getattr(part, name)) is None:
                    continue
                counter = (stats.instance.key, record, device, name)
                before, last = self._counted.get(counter, (incarnation, 0))
                told = f"{record}.{name} of {stats.instance.name} {device}"
                if before == incarnation:
                    assert value >= last, f"{told} fell from {last} to {value}"
                elif getattr(part, "name", None) != PLUGGED.target:
                    # One that fell would be told as another incarnation: there are as many as there were reasons.
                    self._changes[counter] += 1
                    # Twice each: a card may be seen before its tap is there, and has another then.
                    assert self._changes[counter] <= 2 * self._faults.made_anew[stats.instance.key], (
                        f"{told}: {incarnation}"
                    )
                self._counted[counter] = incarnation, value


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """What there was while no fault was under way."""

    recovered: float
    allocated: int
    resident: int
    threads: int
    descriptors: int


def rest(faults: Faults, reader: Reader, everyone: frozenset[str]) -> Rest:
    """Let the faults rest, read until all is well again, and look."""
    faults.rest()
    while not faults.rests:
        reader.read()
    fault = faults.windows[-1]
    while missing := everyone - reader.read():
        assert time.monotonic() < fault.ended + RECOVERED_S, f"{missing} are not complete after {fault}"
    recovered = time.monotonic() - fault.ended
    for _ in range(10):  # connections that it closed are opened again as they are needed
        reader.read()
    wait_until(lambda: _closers() == 0, what="what was given up is closed", timeout=30.0)
    gc.collect()
    now = Rest(
        recovered=round(recovered, 2),
        allocated=tracemalloc.get_traced_memory()[0],
        resident=_resident_bytes(),
        threads=len(list(Path("/proc/self/task").iterdir())),
        descriptors=len(list(Path("/proc/self/fd").iterdir())),
    )
    print(now)
    return now


def _closers() -> int:
    return sum(thread.name.startswith("hvinspect") for thread in threading.enumerate())


def _resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.fixture(scope="module")
def booted(lab: Lab) -> Iterator[tuple[Guest, ...]]:
    """Guests that run a kernel, so that their counters move and they let go of a disk."""
    with contextlib.ExitStack() as stack:
        specs = (
            GuestSpec(
                name=f"soaked-{number}",
                memory_mib=96,
                disks=(DiskSpec(target="vda", size=MIB),),
                nics=(NicSpec(mac=mac_of(100 + number)),),
            )
            for number in range(BOOTED)
        )
        yield tuple(stack.enter_context(guest) for guest in start_together(tuple(specs)))


@pytest.fixture(scope="module")
def tiny(lab: Lab) -> Iterator[tuple[Guest, ...]]:
    """Guests that are there, and paused."""
    with contextlib.ExitStack() as stack:
        yield tuple(stack.enter_context(guest) for guest in many(TINY, prefix="soaked-tiny"))


@pytest.mark.parametrize(
    "seconds", [pytest.param(60.0, id="short"), pytest.param(LONG, id="long", marks=pytest.mark.slow)]
)
def test_nothing_grows_and_nothing_wrong_is_told_whatever_happens(
    seconds: float,
    libvirtd: Daemon,
    booted: tuple[Guest, ...],
    tiny: tuple[Guest, ...],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.CRITICAL, logger="hvinspect")  # pytest keeps each line of the log
    # The short run is CI's: the same faults in the same order each time.
    seed = int(os.environ.get(SEED) or (secrets.randbelow(10**6) if seconds == LONG else 1))
    print(f"{SEED}={seed}")
    everyone = frozenset(keys([*booted, *tiny]))
    faults = Faults(libvirtd, booted, tiny, seed=seed)
    rests: list[Rest] = []
    before = held(os.getpid())
    tracemalloc.start()
    try:
        with hvinspect.connect(f"libvirt:{settings.QEMU_URI}", timeout=30.0) as hv:
            reader = Reader(hv, faults, everyone)
            with faults.at_work():
                began = time.monotonic()
                for number in range(1, RESTS + 1):
                    while time.monotonic() < began + seconds * number / RESTS:
                        reader.read()
                    rests.append(rest(faults, reader, everyone))
                    faults.go_on()
    finally:
        tracemalloc.stop()
    first, last = rests[SETTLED - 1], rests[-1]
    row: dict[str, measured.Scalar] = {
        "seconds": round(seconds),
        "seed": seed,
        "guests": len(everyone),
        "faults": faults.done.total(),
        "snapshots": reader.snapshots,
        "snapshots_while_nothing_was_wrong": reader.unexcused,
        "errors_around_daemon_faults": reader.errors.total(),
        "slowest_s": round(reader.slowest, 2),
        "all_complete_after_s": max(one.recovered for one in rests),
        "threads": last.threads,
        "threads_a_third_through": first.threads,
        "descriptors": last.descriptors,
        "descriptors_a_third_through": first.descriptors,
        "python_grew_bytes": last.allocated - first.allocated,
        "resident_grew_bytes": last.resident - first.resident,
    }
    print(row, dict(faults.done), dict(reader.errors))
    if seconds == LONG:
        measured.record("soak", row)
    assert len(faults.done) == 6
    assert left_behind(os.getpid(), before) == ""
    assert last.threads <= first.threads
    assert last.descriptors <= first.descriptors
    assert last.allocated - first.allocated < PYTHON_BYTES
    assert last.resident - first.resident < RESIDENT_BYTES
