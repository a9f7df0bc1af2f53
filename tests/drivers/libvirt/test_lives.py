"""What is remembered of instances so that a life that ended is not taken for the one that followed it."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from hvinspect.driver import (
    CATALOGUE,
    Absence,
    Absences,
    CpuStats,
    DiskStats,
    Instance,
    InstanceStats,
    Kind,
    MemoryStats,
    NicStats,
    PerfStats,
    Reason,
    Span,
    VcpuStats,
)
from hvinspect.drivers._libvirt.lives import Lives, counted

_BUSY = Absence(Reason.BUSY, "it is busy")


def _stats(
    at: int = 1,
    *,
    key: str = "a",
    memory: MemoryStats | None = None,
    perf: PerfStats | None = None,
    vcpus: tuple[VcpuStats, ...] = (),
    disks: tuple[DiskStats, ...] = (),
    nics: tuple[NicStats, ...] = (),
    missing: Absences | None = None,
) -> InstanceStats:
    return InstanceStats(
        instance=Instance(key=key),
        incarnation="life",
        taken=Span(started_unix_ns=at, started_monotonic_ns=at, duration_ns=1, boot_id="boot"),
        cpu=CpuStats(vcpus=vcpus, absences=missing or Absences()),
        memory=memory or MemoryStats(),
        perf=perf or PerfStats(),
        disks=disks,
        nics=nics,
        absences=missing or Absences(),
    )


def _settle(lives: Lives, stats: InstanceStats, *, is_polled: bool) -> InstanceStats:
    return lives.settle(counted(stats), is_polled=is_polled)


def _disk(read_bytes: int, incarnation: str = "life/vda") -> DiskStats:
    return DiskStats(key="vda", incarnation=incarnation, read_bytes=read_bytes)


def _memory(reported: int | None, faults: int | None = 1) -> MemoryStats:
    why = {} if reported is not None else {"guest_updated_unix_ns": Absence(Reason.NEEDS_GUEST, "never")}
    return MemoryStats(guest_updated_unix_ns=reported, guest_minor_faults=faults, absences=Absences(why))


def test_counters_that_grow_or_stand_keep_their_incarnation() -> None:
    lives = Lives()
    for at, value in enumerate((5, 5, 6, 100), 1):
        stats = _stats(at, disks=(_disk(value),))
        assert _settle(lives, stats, is_polled=True) is stats


@pytest.mark.parametrize("part", ["disks", "nics", "vcpus"])
def test_a_counter_that_fell_changes_its_own_devices_incarnation_until_it_ends(part: str) -> None:
    makers: dict[str, Callable[[int], Any]] = {
        "disks": lambda value: DiskStats(key="x", incarnation="i", failed_requests=value),
        "nics": lambda value: NicStats(key="x", incarnation="i", tx_drops=value),
        "vcpus": lambda value: VcpuStats(index=0, incarnation="i", delay_ns=value),
    }
    made = makers[part]
    lives = Lives()
    seen: list[str] = []
    for at, value in ((1, 9), (2, 8), (3, 9), (4, 3)):
        devices: dict[str, Any] = {part: (made(value),)}
        settled = _settle(lives, _stats(at, **devices), is_polled=True)
        assert settled.incarnation == "life"
        seen.append((settled.cpu.vcpus if part == "vcpus" else getattr(settled, part))[0].incarnation)
    assert seen == ["i", "i~2", "i~2", "i~4"]


def test_a_counter_that_was_missing_for_once_is_compared_with_what_it_was_before() -> None:
    lives = Lives()
    settled = None
    for at, faults in ((1, 100), (2, None), (3, 50)):
        settled = _settle(lives, _stats(at, memory=MemoryStats(guest_minor_faults=faults)), is_polled=True)
    assert settled is not None
    assert settled.incarnation == "life~3"


def test_a_mark_stays_while_counters_are_missing_or_asked_for_for_once() -> None:
    lives = Lives()
    seen: list[str] = []
    for at, (read_bytes, cycles) in enumerate(((9, None), (5, 1), (None, None), (6, 2), (None, 3), (5, None)), 1):
        stats = _stats(
            at,
            disks=(DiskStats(key="vda", incarnation="i", read_bytes=read_bytes),),
            perf=PerfStats(cpu_cycles=cycles),
        )
        settled = _settle(lives, stats, is_polled=True)
        assert settled.incarnation == "life"
        seen.append(settled.disks[0].incarnation)
    assert seen == ["i", "i~2", "i~2", "i~2", "i~2", "i~6"]


def test_events_counted_anew_are_another_life_of_the_instance() -> None:
    lives = Lives()
    _settle(lives, _stats(1, perf=PerfStats(cpu_cycles=9)), is_polled=True)
    assert _settle(lives, _stats(2, perf=PerfStats(cpu_cycles=3)), is_polled=True).incarnation == "life~2"


def test_a_report_that_comes_unasked_for_is_a_reboot() -> None:
    lives = Lives()
    incarnations = [
        _settle(lives, _stats(at, memory=_memory(reported, at)), is_polled=False).incarnation
        for at, reported in enumerate((None, 5, 5, 9, 9), 1)
    ]
    assert incarnations == ["life", "life", "life", "life~4", "life~4"]


def test_a_report_that_is_asked_for_is_none() -> None:
    lives = Lives()
    for at, reported in enumerate((None, 5, 7, 9), 1):
        assert _settle(lives, _stats(at, memory=_memory(reported, at)), is_polled=True).incarnation == "life"


@pytest.mark.parametrize("reported", [None, 4], ids=["it-ceased", "it-went-back"])
def test_a_report_that_ceases_or_goes_back_is_a_reboot(reported: int | None) -> None:
    lives = Lives()
    _settle(lives, _stats(1, memory=_memory(5)), is_polled=True)
    assert _settle(lives, _stats(2, memory=_memory(reported, None)), is_polled=True).incarnation == "life~2"


def test_a_report_that_was_not_asked_for_or_not_to_be_had_says_nothing() -> None:
    lives = Lives()
    _settle(lives, _stats(1, memory=_memory(5)), is_polled=False)
    for reason in (Reason.NOT_REQUESTED, Reason.BUSY, Reason.TIMED_OUT):
        silent = MemoryStats(absences=Absences({"guest_updated_unix_ns": Absence(reason, "")}))
        assert _settle(lives, _stats(2, memory=silent), is_polled=False).incarnation == "life"
    assert _settle(lives, _stats(3, memory=_memory(5)), is_polled=False).incarnation == "life"


def test_what_was_not_there_and_came_back_is_another_even_if_it_counts_more() -> None:
    lives = Lives()
    _settle(
        lives, _stats(1, disks=(_disk(5),), vcpus=(VcpuStats(index=1, incarnation="v", time_ns=5),)), is_polled=True
    )
    _settle(lives, _stats(2), is_polled=True)
    after = _settle(
        lives, _stats(3, disks=(_disk(9),), vcpus=(VcpuStats(index=1, incarnation="v", time_ns=9),)), is_polled=True
    )
    assert after.disks[0].incarnation == "life/vda~3"
    assert after.cpu.vcpus[0].incarnation == "v~3"


def test_what_is_gone_is_remembered_until_it_comes_back() -> None:
    lives = Lives()
    _settle(lives, _stats(1, disks=(_disk(5),)), is_polled=True)
    for at in (2, 3, 4):
        _settle(lives, _stats(at), is_polled=True)
    assert _settle(lives, _stats(5, disks=(_disk(9),)), is_polled=True).disks[0].incarnation == "life/vda~5"


def test_what_a_snapshot_could_not_show_is_not_taken_for_gone() -> None:
    lives = Lives()
    _settle(lives, _stats(1, disks=(_disk(5),)), is_polled=True)
    for reason in (Reason.NOT_REQUESTED, Reason.BUSY, Reason.FAILED):
        _settle(lives, _stats(2, missing=Absences({"disks": Absence(reason, ""), "vcpus": _BUSY})), is_polled=True)
    assert _settle(lives, _stats(3, disks=(_disk(5),)), is_polled=True).disks[0].incarnation == "life/vda"


def test_one_that_its_own_number_tells_apart_needs_no_mark() -> None:
    lives = Lives()
    _settle(lives, _stats(1, disks=(_disk(5, "life/vda/1"),)), is_polled=True)
    _settle(lives, _stats(2), is_polled=True)
    assert (
        _settle(lives, _stats(3, disks=(_disk(0, "life/vda/2"),)), is_polled=True).disks[0].incarnation == "life/vda/2"
    )


def test_cpu_time_that_fell_is_another_process_with_other_devices() -> None:
    lives = Lives()
    assert lives.process("a", "host/1", 100, at_ns=1) == "host/1"
    assert lives.process("a", "host/1", None, at_ns=2) == "host/1"
    assert lives.process("a", "host/1", 99, at_ns=3) == "host/1~3"
    assert lives.process("a", "host/1", 100, at_ns=4) == "host/1~3"
    assert lives.process("a", "host/2", 5, at_ns=5) == "host/2"


def test_an_id_that_is_given_again_is_another_life() -> None:
    lives = Lives()
    lives.listed({"a", "b"}, {"a": 7, "b": 3}, at_ns=1)
    assert lives.process("b", "host/3", 1, at_ns=1) == "host/3"
    lives.listed({"a"}, {"a": 7}, at_ns=2)
    lives.listed({"a", "b", "c"}, {"a": 7, "b": 3, "c": 8}, at_ns=3)
    assert lives.process("b", "host/3", 2, at_ns=3) == "host/3~3"
    assert lives.process("c", "host/8", 2, at_ns=3) == "host/8"
    lives.listed({"a", "b", "c"}, {"a": 7, "b": 3, "c": 8}, at_ns=4)
    assert lives.process("b", "host/3", 3, at_ns=4) == "host/3~3"
    # The very one, started again without having been seen gone: the daemon had begun anew.
    lives.listed({"a", "b", "c"}, {"a": 1, "b": 3, "c": 8}, at_ns=5)
    assert lives.process("a", "host/1", 1, at_ns=5) == "host/1~5"
    assert lives.process("b", "host/3", 4, at_ns=5) == "host/3~3"


def test_ten_thousand_instances_that_come_and_go_leave_nothing_behind() -> None:
    lives, sizes = Lives(), set()
    for batch in range(170):
        keys = [f"{batch}-{number}" for number in range(60)]
        lives.listed(set(keys), {key: batch * 60 + number for number, key in enumerate(keys)}, at_ns=batch)
        for key in keys:
            lives.process(key, f"host/{key}", 1, at_ns=batch)
            _settle(lives, _stats(batch, key=key, memory=_memory(batch + 1), disks=(_disk(1),)), is_polled=False)
        sizes.add(lives.size)
    assert sizes == {60}


def test_devices_that_come_and_go_leave_little_behind() -> None:
    lives = Lives()
    for at in range(1000):
        disk = replace(_disk(1), key=f"disk{at}")
        _settle(lives, _stats(at, disks=(disk,)), is_polled=True)
    assert len(lives._seen["a"].others) < 70


def test_what_is_remembered_of_a_guest_takes_a_fraction_of_its_record() -> None:
    def guest(number: int, at: int) -> InstanceStats:
        # Numbers that no other guest has: they are the record's own, and go with it.
        count = iter(range(10**9 * (number + 1) + at, 10**10 * (number + 1)))
        disks = (DiskStats(key=f"disk{disk}", incarnation="i", **_counted("disk", count)) for disk in range(3))
        nics = (NicStats(key=f"net{nic}", incarnation="i", **_counted("nic", count)) for nic in range(3))
        return _stats(at, key=f"{number}", disks=tuple(disks), nics=tuple(nics))

    lives, guests = Lives(), 100
    _settle(lives, guest(guests, 1), is_polled=True)
    tracemalloc.start()
    try:
        records = [_settle(lives, guest(number, at), is_polled=True) for at in (1, 2, 3) for number in range(guests)]
        both = tracemalloc.get_traced_memory()[0]
        del records
        remembered = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    of_one_snapshot = (both - remembered) / 3
    assert 0 < remembered < of_one_snapshot / 3


def _counted(record: str, numbers: Iterator[int]) -> dict[str, Any]:
    counters = [field.name for field in CATALOGUE.values() if field.record == record and field.kind is Kind.COUNTER]
    return dict(zip(counters, numbers, strict=False))


def test_a_life_first_seen_by_its_coarse_time_is_one_of_its_own_until_it_ends() -> None:
    # Another connection may have told more of it than is known now.
    lives = Lives()
    assert lives.process("a", "life", 90, at_ns=1, is_coarse=True) == "life~1"
    assert lives.process("a", "life", 80, at_ns=2, is_coarse=True) == "life~1"
    assert lives.process("a", "life", 100, at_ns=3) == "life~1"
    assert lives.process("a", "life", 95, at_ns=4, is_coarse=True) == "life~1"
    assert lives.process("a", "second", 5, at_ns=5) == "second"


def test_of_reads_that_overlap_a_lower_cpu_time_is_no_other_life() -> None:
    lives = Lives()
    assert lives.process("a", "host/1", 100, at_ns=1, began_ns=10, ended_ns=20) == "host/1"
    assert lives.process("a", "host/1", 99, at_ns=2, began_ns=15, ended_ns=25) == "host/1"
    assert lives.process("a", "host/1", 98, at_ns=3, began_ns=20, ended_ns=30) == "host/1~3"


def test_of_reads_that_overlap_lower_counters_are_no_fall_and_marks_are_kept() -> None:
    def disk(at: int, duration: int, read_bytes: int) -> str:
        stats = _stats(at, disks=(_disk(read_bytes),))
        stats = replace(stats, taken=replace(stats.taken, duration_ns=duration))
        return _settle(lives, stats, is_polled=True).disks[0].incarnation

    lives = Lives()
    assert disk(10, 10, 100) == "life/vda"
    assert disk(15, 10, 99) == "life/vda"
    assert disk(20, 10, 98) == "life/vda~14"
    assert disk(25, 10, 97) == "life/vda~14"
