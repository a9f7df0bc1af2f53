"""The conformance suite: the right fakes pass, and for each check there is a wrong one that fails it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import Any, NamedTuple, cast

import pytest

from hvinspect import Connection, Snapshot, _arrivals
from hvinspect._selection import Selection
from hvinspect.driver import Absence, Reason
from hvinspect.testing import (
    FakeClock,
    FakeDriver,
    FakeHypervisor,
    FakeKind,
    _checks_calls,
    _checks_identity,
    _checks_promises,
    _checks_values,
    conformance,
    registered,
)
from hvinspect.testing._checks import check
from hvinspect.testing._subject import Subject
from hvinspect.testing.conformance import CHECKS, Check, Moved, Outcome, Result, Way

from . import wrong


class Case(NamedTuple):
    """Something wrong, and the check that must find it."""

    check: str
    what: str
    driver: Callable[[], type[FakeDriver]] = lambda: FakeDriver
    #: Words that the failure must say.
    says: tuple[str, ...] = ()
    options: Mapping[str, str] = {}
    #: What of the library is broken instead of the driver.
    broken: tuple[tuple[object, str, Any], ...] = ()


UNKNOWN = Absence(Reason.UNKNOWN, "who knows")

CASES = [
    Case("data_is_present", "no instance", says=("RUNNING",), options={"instances": "0"}),
    Case("data_is_present", "none runs", lambda: wrong.Idle, ("RUNNING",)),
    Case(
        "data_is_present",
        "no CPU time",
        lambda: wrong.change_cpu(time_ns=None, absences=wrong.explained("time_ns", Reason.UNSUPPORTED)),
        ("time_ns",),
    ),
    Case("every_missing_value_has_a_reason", "None alone", lambda: wrong.change_cpu(user_ns=None), ("user_ns",)),
    Case(
        "every_missing_value_has_a_reason",
        "a reason beside a value",
        lambda: wrong.change_nic(absences=wrong.explained("rx_drops", Reason.UNSUPPORTED)),
        ("nic net0", "rx_drops"),
    ),
    Case(
        "every_missing_value_has_a_reason",
        "a reason for no field",
        lambda: wrong.change(lambda stats: wrong.with_reason(stats, "rx_dropped", wrong.NEVER)),
        ("rx_dropped",),
    ),
    Case(
        "no_reason_is_unknown",
        "in a record",
        lambda: wrong.change_memory(maximum_bytes=None, absences=wrong.explained("maximum_bytes", Reason.UNKNOWN)),
        ("maximum_bytes",),
    ),
    Case("no_reason_is_unknown", "in a failure", lambda: wrong.Reluctant, ("failure",)),
    Case(
        "capabilities_are_honest",
        "said to be given and never there",
        lambda: wrong.change_nic(tx_drops=None, absences=wrong.explained("tx_drops", Reason.UNSUPPORTED)),
        ("nic net0", "tx_drops"),
    ),
    Case("capabilities_are_honest", "there and not said to be given", lambda: wrong.Silent, ("not given",)),
    Case("values_have_their_types", "a bool for a number", lambda: wrong.change_nic(rx_bytes=True), ("rx_bytes",)),
    Case("values_have_their_types", "a float for a number", lambda: wrong.change_nic(rx_bytes=1.0), ("rx_bytes",)),
    Case("values_have_their_types", "a negative number", lambda: wrong.change_nic(rx_bytes=-1), ("rx_bytes",)),
    Case(
        "values_have_their_types",
        "seconds for nanoseconds",
        lambda: wrong.change_memory(guest_updated_unix_ns=1_735_689_600),
        ("guest_updated_unix_ns",),
    ),
    Case("values_have_their_types", "a list for a tuple", lambda: wrong.change_cpu(vcpus=[]), ("vcpus",)),
    Case("keys_are_unique", "an empty one", lambda: wrong.change_nic(key=""), ("nic key",)),
    Case(
        "keys_are_unique",
        "of NICs",
        lambda: wrong.change(lambda stats: dataclasses.replace(stats, nics=stats.nics * 2)),
        ("nic key", "net0"),
    ),
    Case(
        "keys_are_unique",
        "of instances",
        lambda: wrong.Double,
        ("instance key",),
        broken=((_arrivals, "_by_key", tuple),),
    ),
    Case("keys_are_unique", "the nil uuid", lambda: wrong.Nil, ("uuid",)),
    Case("counters_never_fall", "of an instance", lambda: wrong.falling("cpu"), ("cpu", "time_ns")),
    Case("counters_never_fall", "of a disk", lambda: wrong.falling("disks"), ("disk virtio-disk0", "read_bytes")),
    Case("counters_never_fall", "of a NIC", lambda: wrong.falling("nics"), ("nic net0", "tx_bytes")),
    Case("incarnations_last", "a new one at each call", wrong.renewed, ("incarnation", "next snapshot")),
    Case("incarnations_last", "a new one by connection", lambda: wrong.PerConnection, ("another connection",)),
    Case("incarnations_last", "an empty one", lambda: wrong.change_nic(incarnation=""), ("nic net0", "empty")),
    Case("rates_have_values_or_reasons", "None alone", wrong.changed_rates, ("cpu_cores",), {"kind": "rates"}),
    Case("times_are_of_the_call", "before it", lambda: wrong.retimed(started_monotonic_ns=-(10**9)), ("taken",)),
    Case("times_are_of_the_call", "backwards", lambda: wrong.retimed(duration_ns=-(10**12)), ("duration_ns",)),
    Case("times_are_of_the_call", "another day", lambda: wrong.retimed(started_unix_ns=10**14), ("unix_ns",)),
    Case("times_are_of_the_call", "another boot", says=("boot_id",), options={"clock": "manual"}),
    Case("times_are_of_the_call", "an old description", lambda: wrong.Outdated, ("described_at",)),
    Case("traffic_moves_its_own_counter", "rx is the host's", wrong.swapped, ("rx_bytes", "nic net0")),
    Case("traffic_moves_its_own_counter", "a new NIC each time", wrong.renewed_nic, ("nic net0", "incarnation")),
    Case("traffic_moves_its_own_counter", "no NIC", lambda: wrong.without_nics, ("nic net0", "not there")),
    Case(
        "traffic_moves_its_own_counter",
        "no counter",
        lambda: wrong.change_nic(rx_bytes=None),
        ("nic net0", "rx_bytes", "None"),
    ),
    Case(
        "rates_have_values_or_reasons",
        "a negative one",
        says=("cpu_cores", "-1"),
        broken=((_checks_identity, "rates", wrong.negative_rates),),
    ),
    Case(
        "times_are_of_the_call",
        "a snapshot backwards",
        says=("snapshot", "duration_ns"),
        broken=((Connection, "snapshot", wrong.backwards),),
    ),
    Case(
        "every_instance_is_read_or_failed",
        "both",
        says=("failure",),
        broken=((Connection, "snapshot", wrong.overlapping),),
    ),
    Case("every_instance_is_read_or_failed", "sometimes neither", lambda: wrong.Forgetful, ("instance",)),
    Case("a_spent_deadline_ends_the_call", "another error", lambda: wrong.Impatient, ("ReplyInvalid",)),
    Case(
        "a_spent_deadline_ends_the_call",
        "late",
        says=("took",),
        broken=((Connection, "snapshot", wrong.late), (_checks_calls, "_GRACE", 0.0)),
    ),
    Case("a_spent_deadline_ends_the_call", "harm for later", lambda: wrong.Shattered, ("after",)),
    Case(
        "an_unknown_uuid_is_not_found",
        "any will do",
        says=("InstanceNotFound",),
        broken=((Snapshot, "__getitem__", wrong.any_instance),),
    ),
    Case(
        "an_unknown_uuid_is_not_found",
        "all instead",
        says=("unknown uuid",),
        broken=((Selection, "apply", wrong.all_for_any),),
    ),
    Case(
        "an_empty_selection_is_an_empty_snapshot",
        "all instead",
        says=("instance",),
        broken=((Selection, "apply", wrong.all_for_any), (Selection, "is_empty", False)),
    ),
    Case("a_selection_of_one_reads_one", "none instead", lambda: wrong.OnlyAll, ("key",)),
    Case(
        "a_selection_of_one_reads_one",
        "all instead",
        says=("uuid",),
        broken=((Selection, "apply", wrong.all_for_any),),
    ),
    Case("only_what_was_asked_for_is_read", "all instead", lambda: wrong.Greedy, ("NOT_REQUESTED",)),
    Case(
        "only_what_was_asked_for_is_read",
        "another reason",
        lambda: wrong.change_memory(maximum_bytes=None, absences=wrong.explained("maximum_bytes", Reason.FAILED)),
        ("maximum_bytes", "NOT_REQUESTED"),
    ),
    Case("only_what_was_asked_for_is_read", "emptiness", lambda: wrong.Emptying, ("iothreads", "without a reason")),
    Case("host_gives_numbers_or_says_that_it_has_none", "an error", lambda: wrong.Homeless, ("ReplyInvalid",)),
    Case("host_gives_numbers_or_says_that_it_has_none", "nothing", lambda: wrong.EmptyHost, ("host",)),
    Case("sources_name_every_group", "none", lambda: wrong.Anonymous, ("sources",)),
    Case(
        "sources_name_every_group",
        "one too many",
        says=("perf",),
        broken=((Connection, "snapshot", wrong.with_another_source),),
    ),
    Case("records_can_be_kept", "another after its way", lambda: wrong.TextForUuid, ("differs",)),
    Case("records_can_be_kept", "a list inside", lambda: wrong.change_nic(filter_parameters=[]), ("hashable",)),
    Case("records_can_be_kept", "bytes inside", lambda: wrong.change_nic(name=b"vnet0"), ("JSON",)),
    Case("concurrent_snapshots_agree", "an unsafe driver", lambda: wrong.Unsafe, ("at once",)),
    Case("concurrent_snapshots_agree", "an unsafe driver that says so", lambda: wrong.Protesting, ("raised",)),
    Case(
        "a_closed_connection_stays_closed",
        "another error",
        says=("NotSupported",),
        broken=((Connection, "host", wrong.never_supported),),
    ),
    Case(
        "a_closed_connection_stays_closed",
        "still open",
        says=("ConnectionLost",),
        broken=((Connection, "close", wrong.not_closing),),
    ),
]


def only(name: str) -> dict[str, str]:
    """To skip all checks but one."""
    return {one.name: "not looked at" for one in CHECKS if one.name != name}


def result(target: str, case: Case, **more: Any) -> Result:
    """What the check of *case* finds."""
    return conformance.run(target, skip=only(case.check), options=case.options, **more)[case.check]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.check}: {case.what}")
def test_a_wrong_driver_fails_the_check(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeHypervisor() as hypervisor, registered("wrong", case.driver()):
        target, more = "wrong:", {}
        if case.check == "traffic_moves_its_own_counter":
            target, more = f"wrong:{hypervisor.name}", {"traffic": traffic_of(hypervisor)}
        before = conformance.run("fake:", skip=only(case.check))[case.check]
        assert before.outcome in (Outcome.PASSED, Outcome.SKIPPED)
        for owner, name, broken in case.broken:
            monkeypatch.setattr(owner, name, broken)
        found = result(target, case, **more)
    monkeypatch.undo()
    while wrong.left_open:
        wrong.left_open.pop().close()
    assert found.outcome is Outcome.FAILED, found
    assert all("expected" in detail or detail == "... and more" for detail in found.details), found
    assert any(all(word in detail for word in case.says) for detail in found.details), found


@pytest.mark.parametrize("name", [check.name for check in CHECKS])
def test_each_check_has_a_wrong_driver(name: str) -> None:
    assert name in {case.check for case in CASES}


@pytest.mark.parametrize("module", [_checks_calls, _checks_identity, _checks_promises, _checks_values])
def test_each_check_is_in_the_list(module: ModuleType) -> None:
    assert {one for one in vars(module).values() if isinstance(one, Check)} <= set(CHECKS)


def test_names_of_checks_are_unique() -> None:
    assert len({check.name for check in CHECKS}) == len(CHECKS)


@pytest.mark.parametrize("kind", FakeKind)
def test_the_fake_passes_with_traffic(kind: FakeKind) -> None:
    with FakeHypervisor(seed=3, kind=kind, disks=2, nics=2) as hypervisor:
        skip = {"times_are_of_the_call": "its clock moves on command"}
        report = conformance.run(hypervisor.target, skip=skip, traffic=traffic_of(hypervisor))
    assert report.ok, report
    # A hypervisor of rates has no counter that traffic could move.
    moved = Outcome.PASSED if kind is FakeKind.COUNTERS else Outcome.SKIPPED
    assert report["traffic_moves_its_own_counter"].outcome is moved
    assert sum(one.outcome is Outcome.SKIPPED for one in report) == (1 if moved is Outcome.PASSED else 2)


def test_an_instance_that_fails_does_not_fail_the_target() -> None:
    with FakeHypervisor(clock=FakeClock.HOST, instances=7) as hypervisor:
        hypervisor.fail(hypervisor.keys[1], Reason.DENIED, "not yours")
        assert conformance.run(hypervisor.target).ok


def test_a_check_that_is_a_preview_warns() -> None:
    @check(since="0.2", preview=True)
    def nothing_is_ever_right(subject: Subject) -> Iterator[str]:
        """Nothing is."""
        yield "instance 1: all of it: expected better"

    with FakeHypervisor() as hypervisor:
        subject = Subject(hypervisor.target, options=None, timeout=5, interval=0, traffic=None)
        with subject.connection:
            found = nothing_is_ever_right(subject)
    assert found.outcome is Outcome.WARNED
    assert conformance.Report(target="fake:", results=(found,)).ok


def test_a_report_can_be_read() -> None:
    report = conformance.run("fake:", skip=only("data_is_present"))
    lines = str(report).splitlines()
    assert lines[0] == f"fake: conforms: 1 passed, {len(CHECKS) - 1} skipped"
    assert "passed  data_is_present" in lines


def test_a_skipped_check_says_why() -> None:
    report = conformance.run("fake:", skip={"data_is_present": "there is no guest here"})
    assert report["data_is_present"] == Result(
        check="data_is_present", outcome=Outcome.SKIPPED, details=("there is no guest here",)
    )


def test_skipping_an_unknown_check_is_an_error() -> None:
    with pytest.raises(ValueError, match="no_such_check"):
        conformance.run("fake:", skip={"no_such_check": "typed wrongly"})


def traffic_of(hypervisor: FakeHypervisor) -> conformance.Traffic:
    """Traffic of the first instance's first NIC."""

    def make(way: Way) -> Moved:
        key = hypervisor.keys[0]
        move = hypervisor.receive if way is Way.RECEIVE else hypervisor.send
        move(key, "net0", 123_456, 100)
        return Moved(instance=key, nic="net0", bytes=123_456, packets=100)

    return make


def test_a_check_that_is_not_in_the_report_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        conformance.run("fake:", skip=only("data_is_present"))["no_such_check"]


def test_without_instances_there_is_nothing_to_be_honest_about() -> None:
    report = conformance.run("fake:", skip=only("capabilities_are_honest"), options={"instances": "0"})
    assert report["capabilities_are_honest"].outcome is Outcome.SKIPPED


def test_records_that_break_a_check_fail_it_and_the_others_go_on() -> None:
    with registered("wrong", wrong.change(lambda stats: dataclasses.replace(stats, cpu=cast("Any", None)))):
        report = conformance.run("wrong:")
    assert report["data_is_present"].outcome is Outcome.FAILED
    assert report["values_have_their_types"].outcome is Outcome.FAILED
    assert report["a_closed_connection_stays_closed"].outcome is Outcome.PASSED
