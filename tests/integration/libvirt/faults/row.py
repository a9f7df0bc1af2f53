"""Runs one row: the scene, a baseline, the fault, the reads, the recovery, what is left behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, final

from hvinspect import Snapshot
from tests.integration.libvirt.faults import leaks
from tests.integration.libvirt.faults.judge import Judge
from tests.integration.libvirt.faults.matrix import Case, Fault
from tests.integration.libvirt.faults.readers import Read, Reader
from tests.integration.libvirt.faults.scene import Scene

#: By how many seconds a call may be late, on a machine that has other work.
LATE: Final = 0.5
#: From the second read on, a read is slower than without the fault by no more than this.
SLOWER: Final = 0.5
#: A fault that passes has passed in this time.
_LONGEST: Final = 900.0

DEADLINE, OTHERS, WRONG, RECOVERED, LEAKED = "back by the deadline", "others", "wrong", "recovered", "leaked"


@final
@dataclass(kw_only=True)
class Outcome:
    """What a run of a row brought: its columns, and what is wrong with any of them."""

    fault: Fault
    evidence: str = ""
    columns: dict[str, str | float] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)

    @contextmanager
    def column(self, name: str, good: str) -> Iterator[None]:
        """*name* is *good* unless something is raised; the other columns are looked at all the same."""
        try:
            yield
        except AssertionError as failure:
            self.columns[name] = "no"
            text = f"{name}: {failure}"
            if text not in self.complaints:
                self.complaints.append(text)
        else:
            self.columns.setdefault(name, good)


def run(fault: Fault, scene: Scene) -> Outcome:
    """Make *fault* real and see what becomes of it."""
    outcome = Outcome(fault=fault)
    with fault.make(scene) as case:
        reader = case.reader()
        try:
            _run(outcome, fault, case, reader)
        finally:
            reader.end()
    return outcome


def _run(outcome: Outcome, fault: Fault, case: Case, reader: Reader) -> None:
    judge = Judge()
    before = leaks.held(reader.pid)
    try:
        reader.open()
        baseline = [reader.read(30.0) for _ in range(2)][-1]
        judge.baseline(baseline)
        with case.lasting:
            reads, outcome.evidence = _passing(fault, case, reader) if case.passing else _lasting(fault, case, reader)
        over = time.monotonic()
        _judge(outcome, case, judge, baseline, reads)
        with outcome.column(RECOVERED, "yes"):
            outcome.columns[RECOVERED] = round(_recovery(fault, case, judge, reader, over), 1)
    finally:
        reader.close()
    with outcome.column(LEAKED, "nothing"):
        more = leaks.left_behind(reader.pid, before)
        assert not more, f"{more} more than before"


def _lasting(fault: Fault, case: Case, reader: Reader) -> tuple[list[tuple[Read, ...]], str]:
    assert case.proof(), "the fault was not there"
    reads = [reader.read(fault.timeout) for _ in range(fault.reads)]
    evidence = case.proof()
    assert evidence, "the fault was over before the reads were"
    return reads, evidence


def _passing(fault: Fault, case: Case, reader: Reader) -> tuple[list[tuple[Read, ...]], str]:
    happened: list[float] = []
    failure: list[BaseException] = []

    def happen() -> None:
        assert case.passing is not None
        time.sleep(0.2)
        happened.append(time.monotonic())
        try:
            case.passing()
        except BaseException as exc:  # noqa: BLE001  # raised below
            failure.append(exc)
        happened.append(time.monotonic())

    thread = threading.Thread(target=happen)
    thread.start()
    reads: list[tuple[Read, ...]] = []
    deadline = time.monotonic() + _LONGEST
    while thread.is_alive() or len(reads) < fault.reads:
        assert time.monotonic() < deadline, "it did not pass"
        reads.append(reader.read(fault.timeout))
    thread.join()
    if failure:
        raise failure[0]
    begun, ended = happened
    meanwhile = [one for several in reads for one in several if one.started < ended and one.ended > begun]
    assert meanwhile, "no read was under way when it happened"
    return reads, f"{case.proof()}; {len(meanwhile)} reads under way in its {ended - begun:.1f} s"


def _judge(
    outcome: Outcome, case: Case, judge: Judge, baseline: Sequence[Read], rounds: Sequence[tuple[Read, ...]]
) -> None:
    reads = [read for several in rounds for read in several]
    all_there_are = {one.instance.key for read in baseline if read.snapshot is not None for one in read.snapshot}
    others = "complete" if all_there_are - case.hit.keys() else "all were hit"
    with outcome.column(DEADLINE, "yes"):
        late = max(read.seconds - read.timeout for read in reads)
        outcome.columns["slowest read, s"] = round(max(read.seconds for read in reads), 2)
        assert late < LATE, f"{late:.2f} s late"
        if case.quick:
            usual = max(read.seconds for read in baseline)
            slowest = max(read.seconds for several in rounds[1:] for read in several)
            assert slowest < usual + SLOWER, f"a later read took {slowest:.2f} s, one without the fault {usual:.2f} s"
    for read in reads:
        with outcome.column(OTHERS, others if any(one.snapshot for one in reads) else "no answer, as said"):
            if read.error is not None:
                assert isinstance(read.error, case.errors), f"a read raised {read.error!r}\n{read.where}"
            assert read.error is not None or not case.always_raises, "a read brought a snapshot"
            judge.others_complete(read, case.hit)
        with outcome.column(WRONG, "nothing"):
            judge.honest(read)
            judge.hit_as_expected(read, case.hit)
    with outcome.column(WRONG, "nothing"):
        if case.truth is not None:
            case.truth([*baseline, *reads])


def _recovery(fault: Fault, case: Case, judge: Judge, reader: Reader, over: float) -> float:
    """In how many seconds all was complete again and nothing was stuck."""
    while True:
        missing = ""
        reads = reader.read(min(5.0, fault.recovers_in))
        snapshots: dict[int, Snapshot] = {}
        for read in reads:
            judge.honest(read)
            if read.snapshot is None:
                missing = f"a read raised {read.error!r}"
            else:
                snapshots[read.eye] = read.snapshot
        missing = missing or judge.missing(snapshots, case.ended)
        if not missing and not case.afterwards(tuple(snapshots.values())):
            missing = "what was to come is not there"
        if not missing and not reader.is_calm():
            missing = "calls are stuck or instances in quarantine"
        took = time.monotonic() - over
        if not missing:
            assert took < fault.recovers_in, f"only after {took:.1f} s"
            return took
        assert took < fault.recovers_in, f"not within {fault.recovers_in:g} s: {missing}"
        time.sleep(0.05)
