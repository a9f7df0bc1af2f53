"""Most guests of a node stop at once, for minutes: they are read all the same, and the node's own tools stay fast."""

from __future__ import annotations

import contextlib
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import final

import libvirt
import pytest

import hvinspect
from hvinspect import DeadlineExceeded, InstanceStats, Reason, Snapshot, State
from tests.integration.libvirt.reading import process_state
from tests.integration.libvirt.stopping import (
    CpuTimes,
    busy_workers,
    complete,
    has_the_daemons_part,
    is_complete,
    keys,
    stopped,
)
from tests.lab import settings
from tests.lab.fixtures import Lab
from tests.lab.guests import Guest, many, start_together
from tests.lab.specification import MIB, DiskSpec, GuestSpec, NicSpec, mac_of
from tools import measured

#: Requests of ours that may be stuck at one daemon, over all connections.
MOST_STUCK = 6
#: A snapshot has one more under way at a time, which no guest holds up.
MOST_BUSY = MOST_STUCK + 1
TIMEOUT_S = 5.0
#: By then a call is over, on a machine that is busy with other things.
BY_S = TIMEOUT_S + 0.1
#: The operator asks so often.
EVERY_S = 2.0
#: What one end of a stopped guest may differ from another one, by libvirt's own doing.
MARGIN_S = 5.0


@final
@dataclass(frozen=True, slots=True)
class Scale:
    """How many are stopped, how many are not, and for how long."""

    stopped: int
    well: int
    seconds: float


FULL = Scale(40, 10, 600.0)
SCALES = [
    pytest.param(Scale(15, 5, 40.0), id="15-of-20"),
    pytest.param(FULL, id="40-of-50", marks=pytest.mark.slow),
]


@final
@dataclass(slots=True)
class Operator:
    """Another client of libvirtd, which every two seconds does what ``virsh list`` and ``virsh domstats GUEST`` do."""

    asked: Guest
    took: list[float] = field(default_factory=list)
    busy: list[int] = field(default_factory=list)
    #: What it waited while a guest was being destroyed: libvirtd keeps such a guest from everybody until it is dead.
    took_then: list[float] = field(default_factory=list)
    destroying: bool = False
    #: Held while a request of its own is under way.
    asking: threading.Lock = field(default_factory=threading.Lock)
    _ended: threading.Event = field(default_factory=threading.Event)
    _problems: list[BaseException] = field(default_factory=list)

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        """Work on a thread while the context lasts."""
        thread = threading.Thread(target=self._work, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ended.set()
            thread.join(60)
        assert not thread.is_alive(), "the operator's own request has not come back"
        assert self._problems == []

    def _work(self) -> None:
        try:
            while not self._ended.wait(EVERY_S):
                busy = busy_workers()
                if not self.destroying:
                    self.busy.append(busy)
                with self.asking:
                    began, then = time.monotonic(), self.destroying
                    with contextlib.closing(libvirt.open(settings.OWN_QEMU_URI)) as connection:
                        domains = {domain.UUIDString(): domain for domain in connection.listAllDomains(0)}
                        for domain in domains.values():
                            ask_for_state(domain)
                        connection.domainListGetStats([domains[self.asked.spec.uuid]], 0, 0)
                    then = then or self.destroying
                    (self.took_then if then else self.took).append(time.monotonic() - began)
        except BaseException as problem:  # noqa: BLE001  # for the test's own thread
            self._problems.append(problem)


def ask_for_state(domain: libvirt.virDomain) -> None:
    """As ``virsh list`` does, of each; one that was destroyed since it was listed has none."""
    try:
        domain.state()
    except libvirt.libvirtError as failure:
        if failure.get_error_code() != libvirt.VIR_ERR_NO_DOMAIN:
            raise


def is_held(guest: Guest) -> bool:
    """Does a request wait for its monitor?"""
    with guest.domain() as domain:
        return bool(domain.controlInfo()[0] == libvirt.VIR_DOMAIN_CONTROL_OCCUPIED)


def seconds_to_destroy(guest: Guest, operator: Operator) -> float:
    """How long its end takes, as an operator asks for it."""
    with guest.domain() as domain:
        began = time.monotonic()
        operator.destroying = True
        domain.destroy()
        operator.destroying = False
        return time.monotonic() - began


def well_ones(number: int) -> tuple[Guest, ...]:
    """Guests that run a kernel, so that their CPU time moves."""
    return start_together(
        tuple(
            GuestSpec(
                name=f"well-{one}",
                memory_mib=96,
                disks=(DiskSpec(target="vda", size=MIB),),
                nics=(NicSpec(mac=mac_of(100 + one)),),
            )
            for one in range(number)
        ),
        timeout=60.0 * number,
    )


@pytest.mark.parametrize("scale", SCALES)
def test_most_guests_of_a_node_are_stopped(lab: Lab, scale: Scale) -> None:
    with contextlib.ExitStack() as stack:
        well = [stack.enter_context(guest) for guest in well_ones(scale.well)]
        ill = [stack.enter_context(guest) for guest in many(scale.stopped + 1, prefix="ill")]
        spare, alone = ill.pop(), Operator(asked=well[0])
        with alone.at_work(), stopped([spare]):
            time.sleep(5.0)
            destroyed_alone = seconds_to_destroy(spare, alone)
        run = Run(scale, well, ill)
        run.play()
    row: dict[str, measured.Scalar] = {
        "guests": scale.stopped + scale.well,
        "stopped": scale.stopped,
        "seconds": scale.seconds,
        "snapshots": len(run.took),
        "snapshot_median_s": round(statistics.median(run.took), 3),
        "snapshot_longest_s": round(max(run.took), 3),
        "most_stuck_in_libvirtd": max(run.stuck),
        "most_busy_workers_of_libvirtd": max(run.operator.busy),
        "others_asked": len(run.operator.took),
        "others_median_s": round(statistics.median(run.operator.took), 3),
        "others_longest_s": round(max(run.operator.took), 3),
        "others_longest_without_us_s": round(max(alone.took), 3),
        "destroy_s": round(run.destroyed, 1),
        "destroy_without_us_s": round(destroyed_alone, 1),
        "others_longest_while_destroying_s": round(max(run.operator.took_then, default=0.0), 1),
        "others_longest_while_destroying_without_us_s": round(max(alone.took_then, default=0.0), 1),
        "all_complete_after_s": round(run.recovered, 1),
    }
    print(row)
    if scale.stopped == FULL.stopped:
        measured.record("forty_of_fifty", row)
    assert max(run.operator.took) < 1.0
    # While it is destroyed every request that looks at all guests waits, whoever makes it.
    assert max(run.operator.took_then, default=0.0) < max(alone.took_then, default=0.0) + MARGIN_S
    assert len(run.operator.took) + len(run.operator.took_then) > scale.seconds / EVERY_S / 4
    assert run.destroyed < destroyed_alone + MARGIN_S
    assert 1 <= max(run.stuck) <= MOST_STUCK
    assert max(run.operator.busy) <= MOST_BUSY


@final
@dataclass(frozen=True, slots=True)
class Shape:
    """What a guest is, stopped or not: what libvirtd knows of it must not lack a part."""

    state: State | None
    vcpus: tuple[int, ...]
    nics: tuple[str | None, ...]

    @classmethod
    def of(cls, stats: InstanceStats) -> Shape:
        """That of the guest that gave *stats*."""
        return cls(stats.state, tuple(one.index for one in stats.cpu.vcpus), tuple(one.name for one in stats.nics))


@final
class Run:
    """One run, and what came out of it."""

    def __init__(self, scale: Scale, well: Sequence[Guest], ill: Sequence[Guest]) -> None:
        self.scale = scale
        self.operator = Operator(asked=well[0])
        # Another client's question may be at its monitor just then.
        self.staying = keys(well[1:])
        self.ill = list(ill)
        self.all = keys([*well, *ill])
        self.times = CpuTimes()
        self.took: list[float] = []
        self.destroyed = self.recovered = 0.0
        self.stuck: list[int] = []
        #: Those of the well that were complete since they were stopped: they are to stay so.
        self.known: set[str] = set()
        self.shapes: dict[str, Shape] = {}

    def play(self) -> None:
        """Stop them, read for as long as is wanted, connect anew in the middle, destroy one, and let them go on."""
        seconds = self.scale.seconds
        with contextlib.ExitStack() as stack:
            hv = stack.enter_context(hvinspect.connect("libvirt:qemu:///system"))
            wait_until_complete(hv, self.all)
            self.shapes = {stats.instance.key: Shape.of(stats) for stats in hv.snapshot(timeout=TIMEOUT_S)}
            with self.operator.at_work(), stopped(self.ill):
                self.snapshot(hv)
                began = time.monotonic()
                self.read(hv, began + 0.5 * seconds)
                assert self.known == self.staying
                hv.close()
                again = stack.enter_context(hvinspect.connect("libvirt:qemu:///system"))
                self.known.clear()
                self.read(again, began + 0.75 * seconds)
                self.destroy_one(again)
                self.read(again, began + seconds)
                assert self.known == self.staying
                assert {process_state(guest.pid) for guest in self.ill} == {"T"}
            # Over the connection that saw them stuck.
            self.recovered = wait_until_complete(again, self.all)
            self.times.check(again.snapshot())
        quiet = time.monotonic() + 30
        while busy_workers():
            assert time.monotonic() < quiet, "libvirtd is still at a request"

    def read(self, hv: hvinspect.Connection, until: float) -> None:
        """One snapshot a second; each has all that it owes, and no more requests are stuck than may be."""
        while time.monotonic() < until:
            self.check(self.snapshot(hv))
            with self.operator.asking:
                self.stuck.append(busy_workers())
            assert self.stuck[-1] <= MOST_STUCK
            time.sleep(1.0)

    def snapshot(self, hv: hvinspect.Connection) -> Snapshot:
        began = time.monotonic()
        snapshot = self.timed(hv)
        self.took.append(time.monotonic() - began)
        assert {failure.instance.key for failure in snapshot.failures} & self.all == set(), snapshot.failures
        return snapshot

    def timed(self, hv: hvinspect.Connection) -> Snapshot:
        """A snapshot, back by its deadline, with nothing in it of before."""
        began_ns = time.monotonic_ns()
        try:
            snapshot = hv.snapshot(timeout=TIMEOUT_S)
        finally:
            assert time.monotonic_ns() - began_ns < BY_S * 1e9
        assert all(stats.taken.started_monotonic_ns >= began_ns for stats in snapshot)
        self.times.check(snapshot)
        return snapshot

    def check(self, snapshot: Snapshot) -> None:
        by_key = {stats.instance.key: stats for stats in snapshot}
        assert self.all <= by_key.keys()
        for key in self.all:
            stats = by_key[key]
            assert has_the_daemons_part(stats), stats
            assert Shape.of(stats) == self.shapes[key]
            if not is_complete(stats):
                why = stats.memory.why("host_resident_bytes")
                assert why is not None
                assert why.reason in {Reason.TIMED_OUT, Reason.BUSY}, why
        assert self.known <= complete(snapshot), self.known - complete(snapshot)
        self.known |= self.staying & complete(snapshot)

    def destroy_one(self, hv: hvinspect.Connection) -> None:
        """Destroy one that a request of ours waits for, while we go on reading."""
        victim = next(guest for guest in self.ill if is_held(guest))
        self.ill.remove(victim)
        self.all.discard(victim.spec.uuid)
        with ThreadPoolExecutor(1) as pool:
            end = pool.submit(seconds_to_destroy, victim, self.operator)
            while not end.done():
                # Until it is dead libvirtd keeps it from every request, and a request for all guests waits for it.
                with contextlib.suppress(DeadlineExceeded):
                    self.timed(hv)
                time.sleep(0.2)
            self.destroyed = end.result()
        limit = time.monotonic() + 30
        while hv.health().stuck_calls > MOST_STUCK:
            assert time.monotonic() < limit, "the calls that waited for it have not come back"


def wait_until_complete(hv: hvinspect.Connection, wanted: set[str], *, limit: float = 60.0) -> float:
    """Read until all of *wanted* are complete; how long that took."""
    began = time.monotonic()
    missing = wanted
    while missing:
        assert time.monotonic() - began < limit, missing
        with contextlib.suppress(DeadlineExceeded):
            missing = wanted - complete(hv.snapshot(timeout=TIMEOUT_S))
    return time.monotonic() - began
