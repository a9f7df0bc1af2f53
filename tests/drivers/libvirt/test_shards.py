"""Many guests are read at once, and around those that do not answer, without using up the daemon."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

pytest.importorskip("libvirt", reason="libvirt-python is not installed: pip install hvinspect[libvirt]")

from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from hvinspect.driver import (
    Absences,
    Cap,
    CpuStats,
    Deadline,
    DeadlineExceeded,
    Failure,
    Group,
    Instance,
    InstanceStats,
    MemoryStats,
    ReadRequest,
    Reason,
    Workers,
)
from hvinspect.drivers._libvirt import bulk, pace, reads
from hvinspect.drivers._libvirt.absences import NOT_IN_REPLY
from hvinspect.drivers._libvirt.bulk import Answer, read_bulk
from hvinspect.drivers._libvirt.cpu_time import CpuTimes
from hvinspect.drivers._libvirt.lanes import Lane, Lanes
from hvinspect.drivers._libvirt.native import Native
from hvinspect.drivers._libvirt.reads import read_many
from hvinspect.drivers._libvirt.shards import MOST_AT_ONCE, MOST_STUCK, Shards
from tests.drivers.libvirt.played_daemon import PlayedConnection, PlayedDaemon, uuids

#: Far longer than any of these reads takes: reached only by one that waits for what does not come.
LONG = 30.0
#: As for a daemon of libvirt 9.0.
VERSION = 9_000_000
GROUPS = frozenset({Group.STATE, Group.CPU, Group.MEMORY})
OF_ANOTHER_CLIENT = {"monitor": True, "may_wait": True}
_numbers = itertools.count()


Daemons = Callable[[int], PlayedDaemon]
Results = dict[str, InstanceStats | Failure]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request is looked after sooner, so that the tests take no longer than they must."""
    monkeypatch.setattr(pace, "_PATIENCE_S", 0.03)
    monkeypatch.setattr(reads, "_CAREFUL_PART", 0.003)
    monkeypatch.setattr(bulk, "_MOMENT_MS", 10)
    monkeypatch.setattr(bulk, "_PAUSE_S", 0.002)


class Reader:
    """What one driver has: its lanes, its workers, and what it remembers."""

    def __init__(self, daemon: PlayedDaemon, *, cap: Cap | None = None, has_bulk: bool = True) -> None:
        self.daemon = daemon
        self.cap = cap or Cap(MOST_STUCK)
        self.workers = Workers("played", limit=20)
        self.lanes = Lanes(self._open(), self._open, "played")
        self.shards = Shards(self.lanes, self.workers, self.cap, has_bulk=has_bulk)
        self.times = CpuTimes()

    def _open(self) -> Native:
        return Native(PlayedConnection(self.daemon))

    def read(self, *, timeout: float = LONG, among: Collection[str] | None = None) -> Results:
        """One result of each guest."""
        request = ReadRequest(
            instances=[Instance(key=key) for key in self.daemon.guests if among is None or key in among],
            groups=GROUPS,
            deadline=Deadline.after(timeout),
        )
        ask = self._bulk if self.shards.has_bulk else self._each
        found: Results = {}
        with self.lanes.lend(request.deadline) as lane:
            for result in read_many(self.shards, request, lane, ask=ask, finish=self._finish):
                assert result.instance.key not in found
                found[result.instance.key] = result
        return found

    def _bulk(self, lane: Lane, instances: Sequence[Instance]) -> Iterator[Answer]:
        return read_bulk(lane, instances, GROUPS, daemon_version=VERSION, busy=set())

    def _each(self, lane: Lane, instances: Sequence[Instance]) -> Iterator[Answer]:
        """As for a hypervisor that has no bulk statistics: one call waits for another."""
        yield from read_bulk(lane, instances, GROUPS, daemon_version=0, busy=set())

    def _finish(self, lane: Lane, answer: Answer) -> InstanceStats:
        key, values = answer.instance.key, answer.reply.values
        time_ns = (self.times.coarse if answer.is_coarse else self.times.exact)(key, "life", values["cpu.time"])
        why = answer.reply.why("balloon", NOT_IN_REPLY)
        return InstanceStats(
            instance=answer.instance,
            incarnation="life",
            taken=answer.taken,
            cpu=CpuStats(time_ns=time_ns),
            memory=MemoryStats(
                host_resident_bytes=values.get("balloon.rss"),
                absences=Absences({} if "balloon.rss" in values else {"host_resident_bytes": why}),
            ),
        )


def complete(results: Results) -> set[str]:
    """Who gave all that a guest gives whose monitor answers."""
    return {
        key
        for key, one in results.items()
        if isinstance(one, InstanceStats) and one.memory.host_resident_bytes is not None
    }


def with_cpu_time(results: Results) -> set[str]:
    """Who gave CPU time at least, and a reason for the rest."""
    found = set[str]()
    for key, one in results.items():
        if isinstance(one, InstanceStats) and one.cpu.time_ns is not None:
            why = one.memory.why("host_resident_bytes")
            assert (why is None) == (key in complete(results))
            assert why is None or why.reason in {Reason.TIMED_OUT, Reason.BUSY}, why
            found.add(key)
    return found


def until(condition: Callable[[], bool]) -> None:
    """Wait for *condition*, which comes true by itself."""
    deadline = Deadline.after(LONG)
    while not condition():
        deadline.check("the condition")
        threading.Event().wait(0.001)


@pytest.fixture
def daemons() -> Iterator[Callable[[int], PlayedDaemon]]:
    """Makes daemons of so many guests; what hangs on them ends with the test."""
    made: list[PlayedDaemon] = []

    def make(number: int) -> PlayedDaemon:
        made.append(PlayedDaemon(uuids(number)))
        return made[-1]

    yield make
    for daemon in made:
        daemon.suspend(on=False)
        daemon.resume()


def test_all_are_read(daemons: Daemons) -> None:
    daemon = daemons(20)
    assert complete(Reader(daemon).read()) == set(daemon.guests)


def test_only_those_that_were_asked_for_are_read(daemons: Daemons) -> None:
    daemon = daemons(20)
    assert Reader(daemon).read(among={daemon.guests[3]}).keys() == {daemon.guests[3]}


@pytest.mark.parametrize("number", [1, 2, 3, 5])
def test_a_few_that_are_stopped_cost_nobody_else_anything(daemons: Daemons, number: int) -> None:
    daemon = daemons(20)
    reader = Reader(daemon)
    reader.read()
    daemon.stop(*daemon.guests[:number])
    began = time.monotonic()
    for _ in range(3):
        daemon.run()
        assert with_cpu_time(reader.read()) == set(daemon.guests)
    assert complete(reader.read()) == set(daemon.guests[number:])
    assert time.monotonic() - began < LONG
    assert daemon.most_stuck <= number


def test_the_others_are_complete_in_the_very_read_in_which_one_is_found_to_be_stopped(daemons: Daemons) -> None:
    daemon = daemons(20)
    daemon.stop(daemon.guests[7])
    results = Reader(daemon).read()
    assert complete(results) == set(daemon.guests) - {daemon.guests[7]}
    assert with_cpu_time(results) == set(daemon.guests)


def test_the_one_that_is_stopped_is_asked_again_too_for_what_libvirt_tells_without_its_monitor(
    daemons: Daemons,
) -> None:
    daemon = daemons(20)
    daemon.stop(daemon.guests[7])
    stats = Reader(daemon).read()[daemon.guests[7]]
    assert isinstance(stats, InstanceStats)
    # info() would give whole ticks.
    assert stats.cpu.time_ns == 1_000_000_007


def test_what_is_finished_is_given_though_its_request_has_not_ended(daemons: Daemons) -> None:
    daemon = daemons(20)
    ended = threading.Event()

    class Slow(Reader):
        def _finish(self, lane: Lane, answer: Answer) -> InstanceStats:
            if answer.instance.key in daemon.guests[-3:] and not answer.is_coarse:
                ended.wait(LONG)
            return super()._finish(lane, answer)

    results = Slow(daemon).read(timeout=3.0)  # all of it passes, for the last ones do not end
    ended.set()
    assert complete(results) == set(daemon.guests[:-3])


def test_guests_that_stop_one_after_another_cost_nobody_else_anything(daemons: Daemons) -> None:
    daemon = daemons(20)
    reader = Reader(daemon)
    for number in range(5):
        daemon.stop(daemon.guests[4 * number])
        for _ in range(2):
            daemon.run()
            reader.read()
        assert complete(reader.read()) == set(daemon.guests) - daemon.stopped


def test_of_fifty_with_forty_stopped_the_ten_become_complete_and_stay_so(daemons: Daemons) -> None:
    daemon = daemons(50)
    reader = Reader(daemon)
    reader.read()
    daemon.stop(*daemon.guests[::5], *daemon.guests[1::5], *daemon.guests[2::5], *daemon.guests[3::5])
    assert with_cpu_time(reader.read()) == set(daemon.guests)
    for _ in range(3):
        daemon.run()
        results = reader.read()
        assert with_cpu_time(results) == set(daemon.guests)
    for _ in range(5):
        assert complete(reader.read()) == set(daemon.guests[4::5])
    assert daemon.most_stuck <= MOST_STUCK


def test_after_forty_of_fifty_went_on_all_are_complete(daemons: Daemons) -> None:
    daemon = daemons(50)
    reader = Reader(daemon)
    daemon.stop(*daemon.guests[:40])
    for _ in range(3):
        reader.read()
    daemon.resume()
    until(lambda: daemon.stuck == 0 and reader.cap.stuck == 0)
    assert complete(reader.read()) == set(daemon.guests)
    assert reader.shards.quarantine.keys == ()


def test_another_connection_to_the_same_daemon_gets_no_more_stuck_and_reads_the_well(daemons: Daemons) -> None:
    daemon = daemons(50)
    first = Reader(daemon)
    daemon.stop(*daemon.guests[:40])
    for _ in range(3):
        first.read()
    before = daemon.stuck
    first.lanes.close()
    second = Reader(daemon, cap=first.cap)
    for _ in range(3):
        daemon.run()
        assert with_cpu_time(second.read()) == set(daemon.guests)
    assert complete(second.read()) == set(daemon.guests[40:])
    assert daemon.stuck == before


def test_where_as_many_are_stuck_as_may_be_nobody_is_asked_and_nothing_is_waited_for(daemons: Daemons) -> None:
    daemon = daemons(20)
    reader = Reader(daemon)
    reader.read()
    ended = threading.Event()
    for _ in range(MOST_STUCK):
        reader.workers.start(ended.wait, Deadline.after(LONG), "it", cap=reader.cap).abandon()
    began = time.monotonic()
    results = reader.read()
    assert time.monotonic() - began < LONG / 2
    assert with_cpu_time(results) == set(daemon.guests)
    assert complete(results) == set()
    ended.set()
    until(lambda: reader.cap.stuck == 0)
    assert complete(reader.read()) == set(daemon.guests)


def test_a_slow_daemon_is_waited_for_and_nobody_is_given_up(daemons: Daemons) -> None:
    daemon = daemons(12)
    daemon.slowness_s = 0.05  # so that each request takes several times its patience
    reader = Reader(daemon)
    assert complete(reader.read()) == set(daemon.guests)
    assert reader.cap.stuck == 0
    assert daemon.closed == 0


def test_a_read_begins_with_as_many_requests_as_may_be_under_way(daemons: Daemons) -> None:
    daemon = daemons(24)
    reader = Reader(daemon)
    daemon.slowness_s = 0.03  # so that they are under way at the same time, however busy this machine is
    assert complete(reader.read()) == set(daemon.guests)
    # And one that is for what needs no monitor.
    assert daemon.connections == 1 + MOST_AT_ONCE


def test_the_answers_of_many_are_made_records_of_one_after_another(
    daemons: Daemons, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, running, most = Reader(daemons(400)), set[int](), 0
    finish = reader._finish

    def counted(lane: Lane, answer: Answer) -> InstanceStats:
        nonlocal most
        running.add(threading.get_ident())
        most = max(most, len(running))
        time.sleep(0.0005)  # another thread may run
        running.discard(threading.get_ident())
        return finish(lane, answer)

    monkeypatch.setattr(reader, "_finish", counted)
    assert len(complete(reader.read())) == 400
    assert most == 1


def test_a_slow_daemon_is_waited_for_while_a_guest_is_stuck(daemons: Daemons) -> None:
    daemon = daemons(12)
    reader = Reader(daemon)
    daemon.stop(daemon.guests[5])
    reader.read()
    daemon.slowness_s = 0.05
    assert complete(reader.read()) == set(daemon.guests) - {daemon.guests[5]}
    assert daemon.closed == 0


def test_a_request_that_asks_again_those_whom_others_hold_is_not_taken_to_be_held_up(
    daemons: Daemons, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "_PATIENCE_S", 0.5)  # one attempt takes less, on a busy machine too
    monkeypatch.setattr(bulk, "_MOMENT_MS", 10_000)  # so that all attempts are made
    monkeypatch.setattr(bulk, "_PAUSE_S", 0.1)  # and take several times the patience for one request
    daemon = daemons(3)
    reader = Reader(daemon)
    daemon.stop(daemon.guests[1])
    other = threading.Thread(target=daemon.statistics, args=[daemon.guests[1]], kwargs=OF_ANOTHER_CLIENT)
    other.start()
    until(lambda: daemon.stuck == 1)
    assert complete(reader.read()) == {daemon.guests[0], daemon.guests[2]}
    assert reader.cap.stuck == 0
    assert daemon.closed == 0
    daemon.resume()
    other.join()


def test_where_three_are_stuck_a_guest_known_to_be_well_is_given_more_time(
    daemons: Daemons, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reads, "_CAREFUL_PART", 0.5)
    daemon = daemons(12)
    reader = Reader(daemon)
    daemon.stop(*daemon.guests[:3])
    for _ in range(3):
        daemon.run()
        reader.read()
    daemon.stop(daemon.guests[7])
    threading.Timer(0.3, daemon.resume, [daemon.guests[7]]).start()
    assert complete(reader.read()) == set(daemon.guests[3:])
    assert reader.cap.stuck == 3


def test_a_late_result_is_never_delivered(daemons: Daemons) -> None:
    daemon = daemons(8)
    reader = Reader(daemon)
    daemon.stop(daemon.guests[0])
    reader.read()
    finished = CpuTimes.exact
    told: list[str] = []

    def note(times: CpuTimes, key: str, life: str, time_ns: int) -> int:
        told.append(key)
        return finished(times, key, life, time_ns)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CpuTimes, "exact", note)
        daemon.resume()
        until(lambda: reader.workers.stuck == 0)
    assert told == []


def test_the_connection_of_a_request_that_was_given_up_is_closed_when_it_comes_back(daemons: Daemons) -> None:
    daemon = daemons(8)
    reader = Reader(daemon)
    daemon.stop(daemon.guests[0])
    reader.read()
    assert daemon.closed == 0
    daemon.resume()
    until(lambda: daemon.closed == 1)


def test_connections_are_kept_from_read_to_read(daemons: Daemons) -> None:
    daemon = daemons(30)
    reader = Reader(daemon)
    for _ in range(20):
        reader.read()
    assert daemon.connections <= 4
    assert daemon.closed == 0


def test_many_callers_at_once_get_no_more_stuck_and_the_well_become_complete(daemons: Daemons) -> None:
    daemon = daemons(50)
    reader = Reader(daemon)
    daemon.stop(*daemon.guests[:40])
    for _ in range(4):
        daemon.run()
        with ThreadPoolExecutor(8) as pool:
            for results in pool.map(lambda _: reader.read(), range(8)):
                assert with_cpu_time(results) == set(daemon.guests)
    assert daemon.most_stuck < MOST_STUCK
    assert complete(reader.read()) == set(daemon.guests[40:])


def test_many_callers_at_once_all_get_the_well(daemons: Daemons) -> None:
    daemon = daemons(20)
    reader = Reader(daemon)
    daemon.stop(daemon.guests[3])
    with ThreadPoolExecutor(8) as pool:
        for results in pool.map(lambda _: reader.read(), range(24)):
            assert complete(results) == set(daemon.guests) - {daemon.guests[3]}


def test_a_stopped_daemon_gets_no_more_requests_than_may_be_under_way(daemons: Daemons) -> None:
    daemon = daemons(20)
    reader = Reader(daemon)
    reader.read()
    before = threading.active_count()
    daemon.suspend(on=True)
    callers = Workers("caller", limit=4)
    for _ in range(20):
        with pytest.raises(DeadlineExceeded):
            callers.call(lambda: reader.read(timeout=0.05), Deadline.after(0.05), "the read")
    assert reader.workers.stuck + len(callers._stuck) <= MOST_STUCK + 4
    assert threading.active_count() - before <= MOST_STUCK + 4
    daemon.suspend(on=False)
    until(lambda: threading.active_count() <= before)
    assert complete(reader.read()) == set(daemon.guests)


def test_without_bulk_a_stuck_guest_costs_itself_and_one_calls_time(daemons: Daemons) -> None:
    daemon = daemons(6)
    reader = Reader(daemon, has_bulk=False)
    daemon.stop(daemon.guests[2])
    for timeout in (1.0, LONG, LONG, LONG, LONG):
        began = time.monotonic()
        results = reader.read(timeout=timeout)
        assert time.monotonic() - began < LONG / 2
        assert complete(results) == set(daemon.guests) - {daemon.guests[2]}
        failure = results[daemon.guests[2]]
        assert isinstance(failure, Failure)
        assert failure.reason is Reason.TIMED_OUT
    assert daemon.most_stuck == 1
    daemon.resume()
    until(lambda: reader.workers.stuck == 0)
    assert complete(reader.read()) == set(daemon.guests)


@pytest.mark.parametrize("number", [1, 3, 8])
def test_without_bulk_what_a_slow_guest_answers_in_time_is_given(daemons: Daemons, number: int) -> None:
    daemon = daemons(10)
    reader = Reader(daemon, has_bulk=False)
    slow = daemon.guests[1 : 1 + number]
    daemon.stop(*slow)
    with ThreadPoolExecutor(1) as pool:
        results = pool.submit(reader.read)
        until(lambda: reader.cap.stuck == min(number, MOST_STUCK))
        daemon.resume()
        assert complete(results.result()) == set(daemon.guests)
    assert daemon.most_stuck <= MOST_STUCK


def test_without_bulk_the_others_do_not_wait_for_a_slow_guest_and_are_asked_once(daemons: Daemons) -> None:
    daemon = daemons(6)
    others = set(daemon.guests) - {daemon.guests[2]}
    finished: list[str] = []

    class Noting(Reader):
        def _finish(self, lane: Lane, answer: Answer) -> InstanceStats:
            finished.append(answer.instance.key)
            return super()._finish(lane, answer)

    daemon.stop(daemon.guests[2])
    with ThreadPoolExecutor(1) as pool:
        results = pool.submit(Noting(daemon, has_bulk=False).read)
        until(lambda: set(finished) == others)
        daemon.resume()
        assert complete(results.result()) == set(daemon.guests)
    assert sorted(finished) == sorted(daemon.guests)


def test_without_bulk_the_connection_of_a_slow_guest_is_used_again(daemons: Daemons) -> None:
    daemon = daemons(6)
    reader = Reader(daemon, has_bulk=False)
    daemon.stop(daemon.guests[2])
    with ThreadPoolExecutor(1) as pool:
        results = pool.submit(reader.read)
        until(lambda: reader.cap.stuck == 1)
        daemon.resume()
        results.result()
    until(lambda: reader.cap.stuck == 0)
    reader.read()
    assert daemon.closed == 0


class StoppingAtWill(RuleBasedStateMachine):
    """Guests stop and go on as they like, under one reader after another."""

    def __init__(self) -> None:
        super().__init__()
        self.daemon = PlayedDaemon(uuids(16))
        self.cap = Cap(MOST_STUCK)
        self.reader = Reader(self.daemon, cap=self.cap)
        self.last: dict[str, int] = {}

    @initialize()
    def begin(self) -> None:
        assert complete(self.look()) == set(self.daemon.guests)

    @rule(chosen=st.sets(st.sampled_from(uuids(16)), min_size=1))
    def stop(self, chosen: set[str]) -> None:
        self.daemon.stop(*chosen)

    @rule(chosen=st.sets(st.sampled_from(uuids(16)), min_size=1))
    def resume(self, chosen: set[str]) -> None:
        self.daemon.resume(*chosen)

    @rule()
    def connect_anew(self) -> None:
        self.reader.lanes.close()
        self.reader = Reader(self.daemon, cap=self.cap)
        self.last.clear()

    @rule()
    def read(self) -> None:
        self.look()

    def look(self) -> Results:
        self.daemon.run()
        results = self.reader.read()
        assert with_cpu_time(results) == set(self.daemon.guests)
        for key, one in results.items():
            assert isinstance(one, InstanceStats)
            assert one.cpu.time_ns is not None
            assert one.cpu.time_ns >= self.last.get(key, 0)
            self.last[key] = one.cpu.time_ns
        assert complete(results) & self.daemon.stopped == set()
        return results

    @precondition(lambda self: self.cap.stuck < MOST_STUCK)
    @rule()
    def settle(self) -> None:
        """While not all that may be stuck are, those that are well are found to be so."""
        for _ in range(3):
            self.look()
        results = self.look()
        if self.cap.stuck < MOST_STUCK:
            assert complete(results) == set(self.daemon.guests) - self.daemon.stopped

    @rule()
    def end_all(self) -> None:
        self.daemon.resume()
        until(lambda: self.cap.stuck == 0)
        assert complete(self.look()) == set(self.daemon.guests)

    @invariant()
    def no_more_are_stuck_than_may_be(self) -> None:
        assert self.daemon.most_stuck <= MOST_STUCK

    def teardown(self) -> None:
        self.daemon.resume()


StoppingAtWill.TestCase.settings = settings(
    max_examples=20, stateful_step_count=15, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


@pytest.mark.usefixtures("_impatient")
class TestStoppingAtWill(StoppingAtWill.TestCase):  # type: ignore[misc, valid-type]
    """By hypothesis."""
