"""Snapshots and records: what is there, why something is not, and how an instance is looked up."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Collection, Sized
from typing import Any
from uuid import UUID

import pytest

from hvinspect import (
    Absence,
    Absences,
    CpuStats,
    DiskStats,
    Failure,
    Instance,
    InstanceNotFound,
    MemoryStats,
    Reason,
    Snapshot,
    Span,
    VcpuStats,
    Versions,
)
from hvinspect.driver import UNEXPLAINED
from tests.unit.toy import stats_of

U1, U2 = UUID(int=1), UUID(int=2)
SPAN = Span(started_unix_ns=1, started_monotonic_ns=1, duration_ns=1, boot_id="b")


def snapshot(*instances: Instance, failed: Collection[Instance] = ()) -> Snapshot:
    return Snapshot(
        instances=tuple(stats_of(instance) for instance in instances),
        failures=tuple(Failure(instance=one, reason=Reason.BUSY) for one in failed),
        taken=SPAN,
        driver="toy",
        versions=Versions(hvinspect="0", driver="toy"),
    )


def test_iterating_gives_the_instances_that_were_read() -> None:
    taken = snapshot(Instance(key="a"), failed=[Instance(key="b")])
    assert [stats.instance.key for stats in taken] == ["a"]


def test_a_snapshot_has_no_length() -> None:
    assert not isinstance(snapshot(), Sized)


def test_an_empty_snapshot_is_true() -> None:
    assert bool(snapshot()) is True


def test_an_instance_is_found_by_its_key() -> None:
    assert snapshot(Instance(key="a"), Instance(key="b"))["b"].instance.key == "b"


@pytest.mark.parametrize("key", [U1, str(U1), str(U1).upper(), U1.hex])
def test_an_instance_is_found_by_its_uuid(key: str | UUID) -> None:
    assert snapshot(Instance(key="a", uuid=U1), Instance(key="b", uuid=U2))[key].instance.key == "a"


def test_a_key_beats_a_uuid() -> None:
    assert snapshot(Instance(key="a", uuid=U1), Instance(key=str(U1), uuid=U2))[U1].instance.uuid == U2


def test_what_is_not_there_is_none_for_get() -> None:
    assert snapshot(Instance(key="a")).get("b") is None


def test_what_is_not_there_is_an_error_for_an_index() -> None:
    with pytest.raises(InstanceNotFound, match="no instance b"):
        snapshot(Instance(key="a"))["b"]


@pytest.mark.parametrize("key", ["b", U2, str(U2).upper()])
def test_an_instance_that_failed_is_an_error_with_its_reason(key: str | UUID) -> None:
    uuid = U1 if key == "b" else U2
    with pytest.raises(InstanceNotFound, match="busy"):
        snapshot(failed=[Instance(key="b", uuid=uuid)])[key]


def test_an_instance_without_uuid_is_not_found_by_none() -> None:
    with pytest.raises(InstanceNotFound, match="no instance None"):
        snapshot(failed=[Instance(key="b")])["None"]


def test_a_uuid_of_two_instances_is_an_error_that_names_both() -> None:
    with pytest.raises(InstanceNotFound, match=r"\(a, b\)"):
        snapshot(Instance(key="a", uuid=U1), Instance(key="b", uuid=U1)).get(U1)


def test_a_uuid_is_ambiguous_even_if_one_of_the_two_was_not_read() -> None:
    with pytest.raises(InstanceNotFound, match=r"\(a, b\)"):
        snapshot(Instance(key="a", uuid=U1), failed=[Instance(key="b", uuid=U1)]).get(U1)


@pytest.mark.parametrize("key", [0, None, Instance(key="a"), ("a",)])
def test_a_lookup_by_anything_else_is_a_type_error(key: Any) -> None:
    with pytest.raises(TypeError, match="by its key or uuid"):
        snapshot(Instance(key="a"))[key]


def test_a_hostile_key_is_escaped_in_the_error() -> None:
    with pytest.raises(InstanceNotFound) as caught:
        snapshot()["\x1b[2J"]
    assert str(caught.value).isprintable()


def test_an_instance_is_shown_by_its_name_escaped() -> None:
    assert str(Instance(key="k", name="a\nb")) == "a\\nb"


def test_a_value_that_is_there_needs_no_reason() -> None:
    assert CpuStats(time_ns=0).why("time_ns") is None


def test_a_missing_value_has_its_reason() -> None:
    absence = Absence(Reason.DENIED, "ask root")
    assert CpuStats(absences=Absences({"time_ns": absence})).why("time_ns") == absence


def test_a_missing_value_without_a_reason_says_so() -> None:
    assert CpuStats().why("time_ns") == UNEXPLAINED


def test_an_empty_list_with_a_reason_could_not_be_read() -> None:
    absence = Absence(Reason.BUSY)
    assert CpuStats(absences=Absences({"vcpus": absence})).why("vcpus") == absence


@pytest.mark.parametrize("name", ["nonsense", "absences", "why", "", "__class__"])
def test_a_reason_for_what_is_no_field_is_an_attribute_error(name: str) -> None:
    with pytest.raises(AttributeError, match="has no field"):
        CpuStats().why(name)


def test_a_record_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        CpuStats(time_ns=1).time_ns = 2  # type: ignore[misc]


def test_a_record_takes_no_new_attribute() -> None:
    with pytest.raises((AttributeError, TypeError)):
        CpuStats().nonsense = 1  # type: ignore[attr-defined]


def test_records_alike_are_equal_and_hash_alike() -> None:
    one, other = (snapshot(Instance(key="a", uuid=U1)) for _ in range(2))
    one, other = (dataclasses.replace(each, instances=()) for each in (one, other))
    assert one == other
    assert hash(one) == hash(other)


def test_records_with_another_value_are_not_equal() -> None:
    assert CpuStats(time_ns=1) != CpuStats(time_ns=2)


def test_records_with_other_reasons_are_not_equal() -> None:
    assert CpuStats() != CpuStats(absences=Absences({"time_ns": Absence(Reason.BUSY)}))


def test_records_of_two_kinds_are_not_equal() -> None:
    other: object = MemoryStats()
    assert CpuStats() != other


def test_every_record_of_a_full_snapshot_can_be_hashed() -> None:
    assert isinstance(hash(snapshot(Instance(key="a"), failed=[Instance(key="b")])), int)


def test_a_record_is_shown_as_it_is_made() -> None:
    assert repr(Instance(key="a")).startswith("Instance(key='a', uuid=None, name=None")


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_a_snapshot_can_be_copied_and_pickled(duplicate: Any) -> None:
    taken = snapshot(Instance(key="a", uuid=U1), failed=[Instance(key="b")])
    assert duplicate(taken) == taken


def test_reasons_can_be_joined() -> None:
    first, second = Absence(Reason.BUSY), Absence(Reason.DENIED)
    assert (Absences({"a": first, "b": first}) | {"b": second}) == {"a": first, "b": second}


def test_reasons_are_not_those_they_were_made_from() -> None:
    source = {"a": Absence(Reason.BUSY)}
    absences = Absences(source)
    source.clear()
    assert list(absences) == ["a"]


@pytest.mark.parametrize("kind", [Instance, DiskStats, VcpuStats])
def test_what_a_record_must_have_is_required(kind: Any) -> None:
    with pytest.raises(TypeError, match="missing"):
        kind()


def test_a_driver_from_before_process_io_does_not_give_it() -> None:
    # Nor does a snapshot that was stored before.
    io = stats_of(Instance(key="one")).process_io
    assert (io.read_bytes, io.write_bytes, io.cancelled_write_bytes) == (None, None, None)
    absence = io.why("write_bytes")
    assert absence is not None
    assert absence.reason is Reason.UNSUPPORTED


def test_an_absence_is_shown_by_its_reason_and_then_its_detail() -> None:
    assert str(Absence(Reason.DENIED, "ask root")) == "denied: ask root"
    assert str(Absence(Reason.DENIED)) == "denied"
