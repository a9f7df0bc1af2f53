"""A snapshot as flat samples."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given, settings

from hvinspect import (
    CATALOGUE,
    Absence,
    Absences,
    CpuStats,
    DirtyRate,
    DiskStats,
    GuestAgent,
    Instance,
    Reason,
    Snapshot,
)
from hvinspect.samples import absences, samples
from tests.unit.records import full, snapshots
from tests.unit.test_model import snapshot
from tests.unit.toy import stats_of

# What describes the instance or the reading is on every sample, and what is computed is no sample.
NOT_SAMPLED = {"instance", "openstack", "host", "span", "rates", "disk_rates", "nic_rates"}


def of(**values: Any) -> Snapshot:
    return dataclasses.replace(snapshot(), instances=(stats_of(Instance(key="a"), **values),))


def test_every_field_of_an_instance_is_reached() -> None:
    reached = {sample.field.path for sample in samples(full(Snapshot))}
    expected = {path for path, field in CATALOGUE.items() if field.record not in NOT_SAMPLED}
    assert reached == expected


def test_every_missing_field_of_an_instance_is_reached() -> None:
    missing = {one.field.path for one in absences(of())}
    assert {"stats.state", "cpu.time_ns", "memory.assigned_bytes", "job.active"} <= missing


def test_a_sample_is_the_value_with_its_entry_instance_and_device() -> None:
    taken = of(disks=(DiskStats(key="virtio-disk0", incarnation="1", read_bytes=7),))
    sample = next(one for one in samples(taken) if one.field.path == "disk.read_bytes")
    assert (sample.value, sample.device, sample.instance.key) == (7, "virtio-disk0", "a")
    assert sample.taken == taken.instances[0].taken


def test_a_missing_value_is_told_with_its_reason() -> None:
    denied = Absence(Reason.DENIED, "ask root")
    taken = of(cpu=CpuStats(absences=Absences({"time_ns": denied})))
    assert next(one for one in absences(taken) if one.field.path == "cpu.time_ns").absence == denied


def test_zero_is_a_sample() -> None:
    assert "cpu.time_ns" in {one.field.path for one in samples(of(cpu=CpuStats(time_ns=0)))}


@settings(max_examples=25, deadline=None)
@given(snapshots())
def test_none_is_never_a_sample(taken: Snapshot) -> None:
    assert all(sample.value is not None for sample in samples(taken))


def test_a_value_is_a_sample_or_missing_and_never_both() -> None:
    taken = of(cpu=CpuStats(time_ns=1), disks=(DiskStats(key="d", incarnation="1", read_bytes=7),))
    there = [(one.field.path, one.device) for one in samples(taken)]
    missing = [(one.field.path, one.device) for one in absences(taken)]
    assert not set(there) & set(missing)
    assert len(set(there)) == len(there)
    assert ("disk.write_bytes", "d") in missing
    assert ("disk.read_bytes", "d") in there


def test_a_full_snapshot_misses_nothing() -> None:
    assert list(absences(full(Snapshot))) == []


LISTS = {"vcpu", "disk", "nic", "iothread", "vcpu_dirty_rate", "guest_filesystem"}


@pytest.mark.parametrize("record", sorted(LISTS))
def test_of_a_list_that_could_not_be_read_each_field_is_missing_once(record: str) -> None:
    late = Absence(Reason.TIMED_OUT, "too late")
    taken = of(
        cpu=CpuStats(absences=Absences({"vcpus": late})),
        dirty_rate=DirtyRate(absences=Absences({"vcpus": late})),
        guest_agent=GuestAgent(absences=Absences({"filesystems": late})),
        absences=Absences({"disks": late, "nics": late, "iothreads": late}),
    )
    missing = [one.field.path for one in absences(taken) if one.absence == late and one.field.record == record]
    assert sorted(missing) == sorted(path for path, field in CATALOGUE.items() if field.record == record)
    assert {one.device for one in absences(taken) if one.field.record == record} == {None}


def test_these_are_all_lists_of_records() -> None:
    assert {one.field.record for one in samples(full(Snapshot)) if one.device is not None} == LISTS
