"""Rates: derived from two readings, or handed on; never negative, never guessed."""

from __future__ import annotations

import dataclasses
from typing import Any
from uuid import UUID

import pytest
from hypothesis import assume, given, settings, strategies as st

from hvinspect import (
    CATALOGUE,
    Absence,
    Absences,
    CpuStats,
    DiskRates,
    DiskStats,
    HostId,
    HostStats,
    Instance,
    InstanceNotFound,
    InstanceRates,
    InstanceStats,
    NicStats,
    RateClock,
    RateSource,
    RatesSnapshot,
    Reason,
    Snapshot,
    Span,
    VcpuState,
    VcpuStats,
    Versions,
    rates,
)
from tests.unit.records import of_type

S = 1_000_000_000
A = Instance(key="a", uuid=UUID(int=1))


def at(ns: int, *, boot: str = "boot", unix: int | None = None) -> Span:
    return Span(started_unix_ns=ns if unix is None else unix, started_monotonic_ns=ns, duration_ns=1, boot_id=boot)


def reading(span: Span, *, instance: Instance = A, incarnation: str = "1", **values: Any) -> Snapshot:
    """A snapshot of one instance, taken at *span*."""
    stats = InstanceStats(instance=instance, incarnation=incarnation, taken=span, **values)
    versions = Versions(hvinspect="0", driver="toy")
    return Snapshot(instances=(stats,), failures=(), taken=span, driver="toy", versions=versions)


def of(before: Snapshot, after: Snapshot) -> InstanceRates:
    return rates(before, after)["a"]


def cpu(ns: int | None = None, *, online: int | None = 2, vcpus: tuple[VcpuStats, ...] = ()) -> CpuStats:
    return CpuStats(time_ns=ns, vcpus_online=online, vcpus=vcpus)


def vcpu(index: int, delay: int | None, *, incarnation: str = "1", state: VcpuState | None = None) -> VcpuStats:
    return VcpuStats(index=index, incarnation=incarnation, delay_ns=delay, state=state)


def disk(*, incarnation: str = "1", **values: Any) -> DiskStats:
    return DiskStats(key="d", incarnation=incarnation, **values)


def reason(record: Any, field: str) -> Reason | None:
    """Why *field* is missing, which it must be."""
    assert getattr(record, field) is None
    return record.why(field).reason  # type: ignore[no-any-return]


def test_cpu_time_becomes_cores() -> None:
    found = of(reading(at(0), cpu=cpu(0)), reading(at(2 * S), cpu=cpu(3 * S)))
    assert (found.cpu_cores, found.cpu_fraction, found.window_ns) == (1.5, 0.75, 2 * S)


def test_rates_of_counters_say_that_they_are_derived() -> None:
    assert of(reading(at(0)), reading(at(S))).source is RateSource.DERIVED


def test_disk_counters_become_rates_and_latencies() -> None:
    early = disk(read_bytes=0, read_requests=0, read_time_ns=0)
    late = disk(read_bytes=4096, read_requests=2, read_time_ns=600)
    found = of(reading(at(0), disks=(early,)), reading(at(2 * S), disks=(late,))).disks[0]
    assert (found.read_bytes_per_s, found.read_requests_per_s, found.read_latency_ns) == (2048, 1, 300)


def test_nic_counters_become_rates() -> None:
    early = NicStats(key="n", incarnation="1", rx_bytes=0, tx_packets=0)
    late = NicStats(key="n", incarnation="1", rx_bytes=100, tx_packets=4)
    found = of(reading(at(0), nics=(early,)), reading(at(2 * S), nics=(late,))).nics[0]
    assert (found.rx_bytes_per_s, found.tx_packets_per_s) == (50, 2)


def test_the_window_is_that_of_the_instance_and_not_of_the_snapshot() -> None:
    before, after = reading(at(0), cpu=cpu(0)), reading(at(4 * S), cpu=cpu(S))
    early = dataclasses.replace(before.instances[0], taken=at(3 * S))
    found = of(dataclasses.replace(before, instances=(early,)), after)
    assert (found.window_ns, found.cpu_cores) == (S, 1.0)


def test_the_window_ends_when_the_later_counters_were_read() -> None:
    before, after = reading(at(0), cpu=cpu(0)), reading(at(4 * S), cpu=cpu(S))
    late = dataclasses.replace(after.instances[0], taken=at(3 * S, unix=1_000 * S))
    found = of(before, dataclasses.replace(after, instances=(late,)))
    assert (found.window_ns, found.ended_unix_ns) == (3 * S, 1_000 * S)


def test_a_first_sample_has_no_rate() -> None:
    other = reading(at(0), instance=Instance(key="b"))
    found = of(other, reading(at(S), cpu=cpu(5), disks=(disk(read_bytes=5),)))
    assert reason(found, "cpu_cores") is Reason.FIRST_SAMPLE
    assert reason(found, "window_ns") is reason(found, "ended_unix_ns") is Reason.FIRST_SAMPLE
    assert reason(found.disks[0], "read_bytes_per_s") is Reason.FIRST_SAMPLE


def test_a_device_plugged_in_between_has_no_rate() -> None:
    found = of(reading(at(0)), reading(at(S), disks=(disk(read_bytes=5),)))
    assert reason(found.disks[0], "read_bytes_per_s") is Reason.FIRST_SAMPLE


def test_a_device_unplugged_in_between_is_gone() -> None:
    assert of(reading(at(0), disks=(disk(read_bytes=5),)), reading(at(S))).disks == ()


def test_a_counter_that_fell_was_reset() -> None:
    found = of(reading(at(0), cpu=cpu(9)), reading(at(S), cpu=cpu(8)))
    assert reason(found, "cpu_cores") is Reason.RESET
    assert reason(found, "cpu_fraction") is Reason.RESET


def test_a_counter_that_fell_costs_no_other() -> None:
    early, late = disk(read_bytes=9, write_bytes=0), disk(read_bytes=8, write_bytes=5)
    found = of(reading(at(0), disks=(early,)), reading(at(S), disks=(late,))).disks[0]
    assert reason(found, "read_bytes_per_s") is Reason.RESET
    assert found.write_bytes_per_s == 5


def test_another_life_of_an_instance_has_no_rate() -> None:
    found = of(
        reading(at(0), incarnation="1", cpu=cpu(1), disks=(disk(read_bytes=1),)),
        reading(at(S), incarnation="2", cpu=cpu(5), disks=(disk(read_bytes=5),)),
    )
    assert reason(found, "cpu_cores") is Reason.IDENTITY_CHANGED
    assert reason(found.disks[0], "read_bytes_per_s") is Reason.IDENTITY_CHANGED


def test_another_life_of_a_disk_costs_that_disk_alone() -> None:
    early, late = disk(incarnation="1", read_bytes=1), disk(incarnation="2", read_bytes=5)
    found = of(reading(at(0), cpu=cpu(0), disks=(early,)), reading(at(S), cpu=cpu(S), disks=(late,)))
    assert reason(found.disks[0], "read_bytes_per_s") is Reason.IDENTITY_CHANGED
    assert found.cpu_cores == 1


@pytest.mark.parametrize("window", [0, 1, 9_999_999])
def test_samples_too_close_have_no_rate(window: int) -> None:
    found = of(reading(at(0), cpu=cpu(0)), reading(at(window), cpu=cpu(5)))
    assert reason(found, "cpu_cores") is Reason.TOO_CLOSE


def test_a_mean_over_no_events_is_missing() -> None:
    still = disk(read_bytes=1, read_requests=1, read_time_ns=1)
    found = of(reading(at(0), disks=(still,)), reading(at(S), disks=(still,))).disks[0]
    assert reason(found, "read_latency_ns") is Reason.NO_EVENTS
    assert found.read_requests_per_s == 0


def test_a_counter_that_is_missing_says_why() -> None:
    denied = Absence(Reason.DENIED, "ask root")
    late = CpuStats(absences=Absences({"time_ns": denied}))
    assert of(reading(at(0), cpu=cpu(0)), reading(at(S), cpu=late)).why("cpu_cores") == denied


def test_a_counter_that_was_missing_before_is_a_first_sample() -> None:
    found = of(reading(at(0), cpu=cpu(None)), reading(at(S), cpu=cpu(5)))
    assert reason(found, "cpu_cores") is Reason.FIRST_SAMPLE


def test_a_list_that_could_not_be_read_says_why() -> None:
    busy = Absence(Reason.BUSY)
    assert of(reading(at(0)), reading(at(S), absences=Absences({"disks": busy}))).why("disks") == busy


def test_delay_is_a_fraction_of_the_online_vcpus_time() -> None:
    before = reading(at(0), cpu=cpu(0, vcpus=(vcpu(0, 0), vcpu(1, 0))))
    after = reading(at(S), cpu=cpu(0, vcpus=(vcpu(0, S // 2), vcpu(1, 0))))
    assert of(before, after).delay_fraction == 0.25


def test_a_vcpu_that_is_offline_is_left_out_of_the_delay() -> None:
    off = vcpu(1, None, state=VcpuState.OFFLINE)
    before = reading(at(0), cpu=cpu(0, online=1, vcpus=(vcpu(0, 0), off)))
    after = reading(at(S), cpu=cpu(0, online=1, vcpus=(vcpu(0, S // 2), off)))
    assert of(before, after).delay_fraction == 0.5


def test_a_vcpu_plugged_in_between_has_no_earlier_delay() -> None:
    before = reading(at(0), cpu=cpu(0, vcpus=(vcpu(0, 0),)))
    after = reading(at(S), cpu=cpu(0, vcpus=(vcpu(0, 0), vcpu(1, 5))))
    assert reason(of(before, after), "delay_fraction") is Reason.FIRST_SAMPLE


def test_a_vcpu_plugged_in_again_is_another() -> None:
    before = reading(at(0), cpu=cpu(0, vcpus=(vcpu(0, 9, incarnation="1"),)))
    after = reading(at(S), cpu=cpu(0, vcpus=(vcpu(0, 10, incarnation="2"),)))
    assert reason(of(before, after), "delay_fraction") is Reason.IDENTITY_CHANGED


@pytest.mark.parametrize("online", [0, -1], ids=["none", "less than none, which a file may claim"])
def test_without_online_vcpus_there_is_no_fraction(online: int) -> None:
    found = of(reading(at(0), cpu=cpu(0)), reading(at(S), cpu=cpu(S, online=online)))
    assert reason(found, "cpu_fraction") is Reason.NO_EVENTS


def test_supplied_rates_are_handed_on() -> None:
    supplied = InstanceRates(instance=A, source=RateSource.SUPPLIED, cpu_cores=1.5, window_ns=20 * S)
    assert of(reading(at(0)), reading(at(S), supplied_rates=supplied)) is supplied


def test_two_boots_are_measured_by_the_wall_clock() -> None:
    before = reading(at(50 * S, boot="1", unix=100 * S), cpu=cpu(0))
    found = rates(before, reading(at(1 * S, boot="2", unix=110 * S), cpu=cpu(5 * S)))
    assert (found.clock, found["a"].window_ns, found["a"].cpu_cores) == (RateClock.WALL, 10 * S, 0.5)


def test_one_boot_is_measured_by_the_monotonic_clock() -> None:
    before = reading(at(0, unix=100 * S), cpu=cpu(0))
    found = rates(before, reading(at(S, unix=0), cpu=cpu(S)))
    assert (found.clock, found["a"].cpu_cores) == (RateClock.MONOTONIC, 1)


def test_readings_in_the_wrong_order_are_an_error() -> None:
    with pytest.raises(ValueError, match="older"):
        rates(reading(at(S)), reading(at(0)))


def test_readings_of_two_hosts_are_an_error() -> None:
    before, after = (
        dataclasses.replace(reading(at(ns)), host_id=HostId(value=host, source="machine-id"))
        for ns, host in ((0, "one"), (S, "two"))
    )
    with pytest.raises(ValueError, match="two hosts, one and two"):
        rates(before, after)


def test_a_snapshot_and_a_host_are_a_type_error() -> None:
    with pytest.raises(TypeError, match="two Snapshots or two HostStats"):
        rates(reading(at(0)), HostStats(incarnation="1", taken=at(S)))  # type: ignore[call-overload]


def test_host_counters_become_cores() -> None:
    found = rates(
        HostStats(incarnation="1", taken=at(0), user_ns=0, idle_ns=5),
        HostStats(incarnation="1", taken=at(2 * S), user_ns=S, idle_ns=4),
    )
    assert (found.user_cores, found.window_ns, found.clock) == (0.5, 2 * S, RateClock.MONOTONIC)
    assert reason(found, "idle_cores") is Reason.RESET
    assert reason(found, "system_cores") is Reason.UNKNOWN


def test_rates_are_found_by_key_and_by_uuid() -> None:
    found = rates(reading(at(0)), reading(at(S)))
    for key in ("a", A.uuid, str(A.uuid), str(A.uuid).upper(), A.uuid.hex if A.uuid else ""):
        assert key is not None
        assert found[key].instance == A


def test_an_instance_without_uuid_is_not_found_by_none() -> None:
    found = rates(reading(at(0)), reading(at(S), instance=Instance(key="b")))
    assert found.get("None") is None


def test_a_uuid_of_two_instances_is_an_error() -> None:
    two = RatesSnapshot(
        instances=tuple(
            InstanceRates(instance=Instance(key=key, uuid=A.uuid), source=RateSource.DERIVED) for key in "ab"
        )
    )
    with pytest.raises(InstanceNotFound, match="several"):
        two.get(str(A.uuid))


def test_rates_that_are_not_there_are_an_error() -> None:
    with pytest.raises(InstanceNotFound, match="no rates of x"):
        rates(reading(at(0)), reading(at(S)))["x"]


COUNTS = st.none() | st.integers(0, 2**64)
disks = st.builds(
    DiskStats,
    key=st.sampled_from("de"),
    incarnation=st.sampled_from("12"),
    **dict.fromkeys(["read_bytes", "read_requests", "read_time_ns", "write_bytes"], COUNTS),
)
processors = st.builds(
    CpuStats,
    time_ns=COUNTS,
    vcpus_online=st.none() | st.integers(0, 4),
    vcpus=st.lists(of_type(VcpuStats), max_size=2).map(tuple),
)
readings = st.builds(
    reading,
    st.builds(at, st.integers(0, 2**63), boot=st.sampled_from("12")),
    incarnation=st.sampled_from("12"),
    cpu=processors,
    disks=st.lists(disks, max_size=2).map(tuple),
)


@settings(max_examples=200, deadline=None)
@given(readings, readings)
def test_a_rate_is_never_negative_and_never_missing_without_a_reason(before: Snapshot, after: Snapshot) -> None:
    try:
        found = of(before, after)
    except ValueError:
        assume(False)
        raise
    for record, short in ((found, "rates"), *((one, "disk_rates") for one in found.disks)):
        assert isinstance(record, (InstanceRates, DiskRates))
        for field in CATALOGUE.values():
            if field.record == short and field.numeric:
                value = getattr(record, field.name)
                assert value is None or value >= 0
                absence = record.why(field.name)
                assert (value is None) == (absence is not None)


def test_a_wall_clock_set_back_between_boots_is_a_reason() -> None:
    before, after = reading(at(5 * S, boot="a"), cpu=cpu(0)), reading(at(0, boot="b"), cpu=cpu(S))
    (found,) = rates(before, after)
    assert found.cpu_cores is None
    why = found.why("cpu_cores")
    assert why is not None
    assert "set back" in why.detail


def test_a_host_that_was_rebooted_has_no_rates() -> None:
    before = HostStats(incarnation="1", taken=at(0), user_ns=0)
    found = rates(before, HostStats(incarnation="2", taken=at(2 * S), user_ns=S))
    why = found.why("user_cores")
    assert why is not None
    assert why.reason is Reason.IDENTITY_CHANGED
