"""What libvirt's statistics make a reader believe, and what is so: one test for each known misreading."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import pytest

from hvinspect import (
    DirtyRateStatus,
    DiskStats,
    Group,
    InstanceStats,
    NicStats,
    Reason,
    State,
    VcpuState,
)
from hvinspect.driver import Absence
from hvinspect.drivers._libvirt.reply import Reply

from .case import load

KIB, MIB = 1024, 1024 * 1024


def decoded(case: str, changes: Mapping[str, Any] | None = None, *, without: tuple[str, ...] = ()) -> InstanceStats:
    """The record of *case* with keys of its reply changed, or left *without* those of such a beginning."""
    given = load(case)
    reply = given.reply
    values = {key: value for key, value in reply.values.items() if not (without and key.startswith(without))}
    return given.decode(Reply({**values, **(changes or {})}, reply.reasons))


def disk_of(stats: InstanceStats, name: str) -> DiskStats:
    (disk,) = (disk for disk in stats.disks if disk.name == name)
    return disk


def nic_of(stats: InstanceStats, kind: str) -> NicStats:
    return next(nic for nic in stats.nics if nic.kind == kind)


def reason(record: Any, field: str) -> Reason | None:
    """Why *field* is missing; None if it is not."""
    absence = record.why(field)
    assert (absence is None) == (getattr(record, field) not in (None, ()))
    return absence.reason if absence is not None else None


# -- arrays


def test_a_count_is_an_upper_bound() -> None:
    stats = decoded("running", {"block.count": 10**9, "net.count": 10**9, "vcpu.maximum": 10**9, "vcpu.current": 10**9})
    assert [disk.name for disk in stats.disks] == ["vda", "vdb", "sda"]
    assert len(stats.nics) == 3
    assert [vcpu.index for vcpu in stats.cpu.vcpus] == [0, 1]


def test_a_count_that_is_too_small_hides_nothing_that_is_there() -> None:
    stats = decoded("running", {"block.count": 1, "net.count": 0, "vcpu.current": 1})
    assert [disk.read_bytes is None for disk in stats.disks] == [False, False, False]
    assert [vcpu.index for vcpu in stats.cpu.vcpus] == [0, 1]


def test_vcpus_have_holes() -> None:
    stats = decoded("vcpu-hole")
    assert [vcpu.index for vcpu in stats.cpu.vcpus] == [0, 2]
    assert (stats.cpu.vcpus_online, stats.cpu.vcpus_maximum) == (2, 4)


def test_numbers_of_io_threads_have_holes() -> None:
    stats = decoded("running", {"iothread.70.poll-max-ns": 1}, without=("iothread.1.",))
    assert [thread.index for thread in stats.iothreads] == [2, 70]


def test_a_missing_key_is_not_zero() -> None:
    stats = decoded("running", without=("cpu.", "vcpu.", "balloon.", "block.", "net."))
    assert stats.cpu.time_ns is None
    assert stats.memory.assigned_bytes is None
    assert stats.cpu.vcpus == ()
    assert {disk.read_bytes for disk in stats.disks} == {None}
    assert {nic.rx_bytes for nic in stats.nics} == {None}
    for record, field in ((stats.cpu, "time_ns"), (stats.cpu, "vcpus"), (stats.disks[0], "read_bytes")):
        assert reason(record, field) is Reason.UNSUPPORTED


def test_each_key_that_is_missing_costs_one_field() -> None:
    stats = decoded("running", without=("block.0.rd.bytes",))
    assert disk_of(stats, "vda").read_bytes is None
    assert disk_of(stats, "vda").read_requests is not None
    assert disk_of(stats, "vdb").read_bytes is not None


def test_unknown_keys_are_ignored() -> None:
    assert decoded("running", {"nova.0.x": 1, "vcpu.0.exits.sum": 4, "block.0.limits.iov_max": 9}) == decoded("running")


def test_a_key_of_the_hypervisors_own_makes_no_vcpu() -> None:
    stats = decoded("running", {"vcpu.7.exits.sum": 4, "vcpu.current": 3})
    assert [vcpu.index for vcpu in stats.cpu.vcpus] == [0, 1]


def test_the_first_of_several_entries_of_one_name_is_the_disks_own() -> None:
    stats = decoded("images-backing")
    assert [disk.name for disk in stats.disks] == ["vda", "vdb", "vdc", "vdd", "vde"]
    backed = decoded("images-backing", {"block.0.rd.bytes": 11, "block.1.rd.bytes": 22, "block.2.rd.bytes": 33})
    assert disk_of(backed, "vda").read_bytes == 11
    assert disk_of(backed, "vda").incarnation.endswith("/5")


# -- CPU


def test_cpu_times_are_nanoseconds_everywhere() -> None:
    stats = decoded("running", {"cpu.time": 1, "cpu.user": 2, "cpu.system": 3, "vcpu.1.time": 4, "vcpu.1.delay": 5})
    assert (stats.cpu.time_ns, stats.cpu.user_ns, stats.cpu.system_ns) == (1, 2, 3)
    assert (stats.cpu.vcpus[1].time_ns, stats.cpu.vcpus[1].delay_ns) == (4, 5)


def test_wait_is_nanoseconds_and_not_delay() -> None:
    vcpus = decoded("libvirt-6.0").cpu.vcpus
    assert [vcpu.wait_ns for vcpu in vcpus] == [18_250_311, 36_500_622]
    assert [reason(vcpu, "delay_ns") for vcpu in vcpus] == [Reason.NEEDS_NEWER_HYPERVISOR] * 2


def test_a_wait_of_nothing_is_a_kernel_that_does_not_count_it() -> None:
    vcpu = decoded("running").cpu.vcpus[0]
    assert load("running").reply.values["vcpu.0.wait"] == 0
    assert vcpu.wait_ns is None
    assert reason(vcpu, "wait_ns") is Reason.NOT_CONFIGURED
    assert vcpu.delay_ns


def test_the_first_bulk_statistics_had_neither_wait_nor_delay() -> None:
    vcpu = decoded("libvirt-1.2.9").cpu.vcpus[0]
    assert vcpu.time_ns
    assert (reason(vcpu, "wait_ns"), reason(vcpu, "delay_ns")) == (Reason.UNSUPPORTED, Reason.NEEDS_NEWER_HYPERVISOR)


def test_halted_is_told_on_s390_alone() -> None:
    assert decoded("s390-halted").cpu.vcpus[0].halted is True
    assert reason(decoded("running").cpu.vcpus[0], "halted") is Reason.UNSUPPORTED


def test_the_cpu_time_of_a_domain_without_a_process_is_the_daemons() -> None:
    assert load("shut-off").reply.values["cpu.time"] > 0
    cpu = decoded("shut-off").cpu
    assert {reason(cpu, field) for field in ("time_ns", "user_ns", "system_ns")} == {Reason.NOT_RUNNING}


def test_info_gives_a_cpu_time_to_a_domain_that_is_off() -> None:
    assert load("test-driver-off").calls["info"][4] > 0
    assert reason(decoded("test-driver-off").cpu, "time_ns") is Reason.NOT_RUNNING


def test_vcpus_of_the_next_start_are_not_online() -> None:
    cpu = decoded("shut-off").cpu
    assert load("shut-off").reply.values["vcpu.current"] == 2
    assert reason(cpu, "vcpus_online") is Reason.NOT_RUNNING
    assert reason(cpu, "vcpus") is Reason.NOT_RUNNING
    assert (cpu.vcpus_at_start, cpu.vcpus_maximum) == (2, 4)


def test_what_one_that_runs_has_started_with_is_not_what_it_has_now() -> None:
    cpu = decoded("vcpus-plugged").cpu
    assert cpu.vcpus_online == 4
    assert cpu.vcpus_at_start is None
    assert reason(cpu, "vcpus_at_start") is Reason.RUNNING


# -- memory


def test_balloon_numbers_are_kibibytes() -> None:
    memory = decoded("running", {"balloon.current": 100_000, "balloon.maximum": 200_000, "balloon.rss": 3}).memory
    assert (memory.assigned_bytes, memory.maximum_bytes) == (100_000 * KIB, 200_000 * KIB)
    assert memory.host_resident_bytes == 3 * KIB


def test_what_a_guest_tells_is_kibibytes_too() -> None:
    told = {"swap_in": 1, "swap_out": 2, "unused": 3, "available": 4, "usable": 5, "disk_caches": 6}
    memory = decoded("running", {f"balloon.{name}": value for name, value in told.items()}).memory
    assert memory.guest_swap_in_bytes == 1 * KIB
    assert memory.guest_swap_out_bytes == 2 * KIB
    assert memory.guest_unused_bytes == 3 * KIB
    assert memory.guest_total_bytes == 4 * KIB
    assert memory.guest_usable_bytes == 5 * KIB
    assert memory.guest_caches_bytes == 6 * KIB


def test_faults_and_huge_pages_are_counts() -> None:
    told = {"major_fault": 7, "minor_fault": 8, "hugetlb_pgalloc": 9, "hugetlb_pgfail": 10}
    memory = decoded("running", {f"balloon.{name}": value for name, value in told.items()}).memory
    assert (memory.guest_major_faults, memory.guest_minor_faults) == (7, 8)
    assert (memory.guest_hugetlb_allocations, memory.guest_hugetlb_failures) == (9, 10)


def test_what_was_assigned_is_not_what_is_used() -> None:
    memory = decoded("running").memory
    assert memory.assigned_bytes == 128 * MIB
    assert memory.guest_total_bytes is not None
    assert memory.guest_unused_bytes is not None
    assert memory.host_resident_bytes != memory.assigned_bytes
    assert not {"used_bytes", "usage_bytes"} & set(memory.__dataclass_fields__)


def test_the_last_report_is_a_time_in_unix_nanoseconds() -> None:
    seconds = load("running").reply.values["balloon.last-update"]
    assert decoded("running").memory.guest_updated_unix_ns == seconds * 1_000_000_000


def test_a_last_report_of_zero_is_none() -> None:
    memory = decoded("paused").memory
    assert load("paused").reply.values["balloon.last-update"] == 0
    assert reason(memory, "guest_updated_unix_ns") is Reason.NEEDS_GUEST
    assert reason(memory, "guest_unused_bytes") is Reason.NEEDS_GUEST


def test_without_a_balloon_the_guest_tells_nothing() -> None:
    memory = decoded("no-balloon").memory
    assert memory.assigned_bytes == 128 * MIB
    assert reason(memory, "guest_unused_bytes") is Reason.NOT_CONFIGURED
    assert reason(memory, "guest_updated_unix_ns") is Reason.NOT_CONFIGURED


def test_numbers_that_a_guest_told_long_ago_say_when() -> None:
    before, gone = decoded("vcpus-plugged"), decoded("balloon-driver-gone")
    assert gone.memory.guest_unused_bytes is not None
    assert gone.memory.guest_updated_unix_ns is not None
    assert before.memory.guest_updated_unix_ns is not None
    boot = decoded("no-period").memory
    later = decoded("images-written").memory
    # No period: hours later the report would still be that of the boot, and its time tells.
    assert boot.guest_updated_unix_ns == later.guest_updated_unix_ns is not None
    assert boot.guest_unused_bytes == later.guest_unused_bytes


def test_memory_of_the_next_start_is_not_assigned() -> None:
    memory = decoded("shut-off").memory
    assert load("shut-off").reply.values["balloon.current"] == 64 * KIB
    assert reason(memory, "assigned_bytes") is Reason.NOT_RUNNING
    assert memory.maximum_bytes == 128 * MIB


def test_swap_in_of_a_container_is_not_what_was_swapped_in() -> None:
    case = load("lxc")
    assert case.calls["memoryStats"]["swap_in"] > 0
    memory = decoded("lxc").memory
    assert memory.guest_swap_in_bytes is None
    assert memory.host_resident_bytes == case.calls["memoryStats"]["rss"] * KIB


def test_memory_in_the_info_of_a_container_is_what_it_uses() -> None:
    case = load("lxc")
    assert case.calls["info"][2] < case.calls["memoryStats"]["actual"]
    assert decoded("lxc").memory.assigned_bytes == case.calls["memoryStats"]["actual"] * KIB
    assert decoded("lxc", without=("balloon.current",)).memory.assigned_bytes is None
    assert "balloon.current" not in _answers("lxc", without="memoryStats")


def _answers(name: str, *, without: str) -> Mapping[str, Any]:
    """What the calls of a case give if one of them fails."""
    case = load(name)
    failed = {**case.calls, without: {"error": [3, "not supported"]}}
    return dataclasses.replace(case, calls=failed).reply.values


# -- images: four quantities behind three names


def images(values: tuple[int, int, int], *, image_format: str, info: tuple[int, int, int] | None = None) -> DiskStats:
    """vda of a paused guest with these of its bulk statistics (capacity, allocation, physical), and of blockInfo."""
    case = load("paused")
    bulk = {**(case.bulk or {})}
    bulk |= dict(zip(("block.0.capacity", "block.0.allocation", "block.0.physical"), values, strict=True))
    groups = [group.value for group in case.groups if info is not None or group is not Group.BLOCK_DETAIL]
    changed = dataclasses.replace(
        case,
        bulk=bulk,
        calls={"blockInfo vda": list(info or ())},
        xml=case.xml.replace("<driver name='qemu' type='raw'/>", f"<driver name='qemu' type='{image_format}'/>"),
        about={**case.about, "groups": groups},
    )
    return disk_of(changed.decode(), "vda")


@pytest.mark.parametrize(
    ("image_format", "bulk", "info", "expected"),
    [
        # capacity, allocated, highest written, length
        pytest.param(
            "qcow2", (67108864, 1245184, 1183744), (67108864, 1183744, 1245184),
            (67108864, 1183744, 1245184, 1245184), id="qcow2",
        ),
        pytest.param(
            "raw", (67108864, 4096, 4096), (67108864, 4096, 67108864),
            (67108864, 4096, 4096, 67108864), id="sparse raw",
        ),
        pytest.param(
            "qcow2", (67108864, 0, 200704), (67108864, 200704, 196616),
            (67108864, 200704, 0, 196616), id="idle qcow2",
        ),
        pytest.param(
            "raw", (67108864, 33558528, 4096), (67108864, 33558528, 4096),
            (67108864, 4096, 33558528, 67108864), id="raw, written far out",
        ),
    ],
)  # fmt: skip
def test_bulk_and_block_info_mean_different_things(
    image_format: str, bulk: tuple[int, int, int], info: tuple[int, int, int], expected: tuple[int, int, int, int]
) -> None:
    for disk in (images(bulk, image_format=image_format, info=info), images(bulk, image_format=image_format)):
        assert (disk.capacity_bytes, disk.host_allocated_bytes, disk.highest_written_bytes) == expected[:3]
        if reason(disk, "host_length_bytes") is not Reason.NOT_REQUESTED:
            assert disk.host_length_bytes == expected[3]


def test_the_names_of_block_info_change_their_meaning_once_a_raw_image_was_written() -> None:
    stats = decoded("images-written")
    info = load("images-written").calls["blockInfo vda"]
    assert info == [64 * MIB, 33558528, 4096]
    disk = disk_of(stats, "vda")
    assert (disk.highest_written_bytes, disk.host_allocated_bytes, disk.host_length_bytes) == (33558528, 4096, 64 * MIB)


def test_a_raw_image_of_which_all_or_nothing_is_allocated_cannot_be_told_apart() -> None:
    stats = decoded("images-written")
    full, discarded = disk_of(stats, "vdb"), disk_of(stats, "vdd")
    assert reason(full, "host_allocated_bytes") is Reason.UNSUPPORTED
    assert reason(discarded, "host_allocated_bytes") is Reason.UNSUPPORTED


def test_before_a_raw_image_is_written_block_info_can_tell() -> None:
    stats = decoded("no-period")
    assert disk_of(stats, "vda").host_allocated_bytes == 0
    assert disk_of(stats, "vdb").host_allocated_bytes == 64 * MIB
    ambiguous = images((67108864, 0, 67108864), image_format="raw")
    assert reason(ambiguous, "host_allocated_bytes") is Reason.UNSUPPORTED


def test_of_a_raw_image_a_newer_libvirt_does_not_know_the_furthest_write() -> None:
    values, stats = load("images-written-newer").reply.values, decoded("images-written-newer")
    assert (values["block.0.allocation"], values["block.0.wr.bytes"]) == (0, MIB)
    for name in ("vda", "vdb", "vdd"):
        assert reason(disk_of(stats, name), "highest_written_bytes") is Reason.UNSUPPORTED
    assert disk_of(stats, "vdc").highest_written_bytes == values["block.2.allocation"] == 1376256


def test_nothing_written_to_a_raw_image_is_zero_where_libvirt_counts_and_unknown_where_it_does_not() -> None:
    assert disk_of(decoded("paused"), "vda").highest_written_bytes == 0
    for name in ("newest", "newest-kvm"):
        assert reason(disk_of(decoded(name), "vda"), "highest_written_bytes") is Reason.UNSUPPORTED


def test_a_furthest_write_that_a_newer_libvirt_does_tell_is_taken() -> None:
    # One with a format node of its own: a part of a file (<slices>), or of a guest that an older libvirt started.
    disk = disk_of(decoded("images-written-newer", {"block.0.allocation": 33 * MIB}), "vda")
    assert disk.highest_written_bytes == 33 * MIB


def test_where_no_furthest_write_is_known_block_info_can_tell_of_a_written_image() -> None:
    stats = decoded("images-written-newer")
    assert load("images-written-newer").calls["blockInfo vda"] == [64 * MIB, MIB, 64 * MIB]
    written, discarded = disk_of(stats, "vda"), disk_of(stats, "vdd")
    assert (written.host_allocated_bytes, written.host_length_bytes) == (MIB, 64 * MIB)
    assert (discarded.host_allocated_bytes, discarded.host_length_bytes) == (0, 64 * MIB)


def test_a_raw_image_may_end_within_a_sector() -> None:
    case = load("images-written-newer")
    assert case.calls["blockInfo vdb"] == [1_000_448, 0, 1_000_100]
    disk = disk_of(decoded("images-written-newer"), "vdb")
    assert (disk.host_allocated_bytes, disk.host_length_bytes) == (0, 1_000_100)
    bulk_alone = disk_of(decoded("images-written-newer", without=("image.",)), "vdb")
    assert reason(bulk_alone, "host_allocated_bytes") is Reason.UNSUPPORTED


@pytest.mark.parametrize(
    ("physical", "info"),
    [
        pytest.param(64 * MIB, (64 * MIB, 33 * MIB, MIB), id="of a sparse image"),
        pytest.param(64 * MIB, (64 * MIB, 33 * MIB, 64 * MIB), id="of a full image"),
    ],
)
def test_a_first_write_between_the_two_calls_is_not_what_an_image_takes(
    physical: int, info: tuple[int, int, int]
) -> None:
    disk = images((64 * MIB, 0, physical), image_format="raw", info=info)
    assert reason(disk, "host_allocated_bytes") is Reason.UNSUPPORTED


def test_of_a_domain_that_is_off_the_names_mean_what_block_info_means() -> None:
    values = load("images-off").reply.values
    assert (values["block.1.allocation"], values["block.1.physical"]) == (200704, 196616)
    disk = disk_of(decoded("images-off"), "vde")
    assert (disk.host_allocated_bytes, disk.host_length_bytes) == (200704, 196616)
    assert reason(disk, "highest_written_bytes") is Reason.NOT_RUNNING
    raw = disk_of(decoded("images-off"), "vdc")
    assert (raw.host_allocated_bytes, raw.host_length_bytes) == (4096, 64 * MIB)
    bulk_alone = disk_of(decoded("images-off", without=("image.",)), "vde")
    assert bulk_alone.host_allocated_bytes == 200704


def test_an_allocation_of_nothing_is_left_out_while_off() -> None:
    assert "block.0.allocation" not in load("shut-off").reply.values
    assert disk_of(decoded("shut-off"), "vda").host_allocated_bytes == 0
    assert reason(disk_of(decoded("shut-off", without=("image.",)), "vda"), "host_allocated_bytes") is not None


def test_a_block_device_takes_all_of_itself() -> None:
    case = load("paused")
    xml = case.xml.replace("<disk type='file'", "<disk type='block'").replace("source file=", "source dev=")
    stats = dataclasses.replace(case, xml=xml).decode(Reply(case.bulk or {}))
    assert stats.disks[0].kind == "block"
    assert stats.disks[0].host_allocated_bytes == stats.disks[0].capacity_bytes is not None


def test_a_drive_with_nothing_in_it_has_no_image() -> None:
    stats = decoded("empty-drives")
    for disk in stats.disks:
        assert reason(disk, "source") is Reason.NOT_CONFIGURED
        assert reason(disk, "capacity_bytes") is Reason.NOT_CONFIGURED
        assert reason(disk, "host_length_bytes") is Reason.NOT_CONFIGURED
    assert not [call for call in load("empty-drives").calls if call.startswith("blockInfo")]


# -- disks and NICs


def test_requests_bytes_and_times_are_not_swapped() -> None:
    keys = ("rd.reqs", "rd.bytes", "rd.times", "wr.reqs", "wr.bytes", "wr.times", "fl.reqs", "fl.times")
    disk = disk_of(decoded("running", {f"block.0.{key}": number for number, key in enumerate(keys, 1)}), "vda")
    assert (disk.read_requests, disk.read_bytes, disk.read_time_ns) == (1, 2, 3)
    assert (disk.write_requests, disk.write_bytes, disk.write_time_ns) == (4, 5, 6)
    assert (disk.flush_requests, disk.flush_time_ns) == (7, 8)


def test_discards_are_not_in_libvirts_statistics() -> None:
    disk = decoded("running").disks[0]
    for field in ("discard_bytes", "discard_requests", "discard_time_ns", "failed_requests"):
        assert reason(disk, field) is Reason.UNSUPPORTED


def test_rx_is_what_the_guest_received() -> None:
    keys = ("rx.bytes", "rx.pkts", "rx.errs", "rx.drop", "tx.bytes", "tx.pkts", "tx.errs", "tx.drop")
    nic = decoded("running", {f"net.0.{key}": number for number, key in enumerate(keys, 1)}).nics[0]
    assert (nic.rx_bytes, nic.rx_packets, nic.rx_errors, nic.rx_drops) == (1, 2, 3, 4)
    assert (nic.tx_bytes, nic.tx_packets, nic.tx_errors, nic.tx_drops) == (5, 6, 7, 8)


def test_what_a_guest_sent_unanswered_is_tx() -> None:
    # Its second card sent 7 packets of 342 bytes that nobody answered.
    nic = decoded("running").nics[1]
    assert (nic.tx_packets, nic.tx_bytes) == (7, 7 * 342)
    assert nic.rx_packets == 0


def test_a_user_mode_nic_is_counted_and_has_no_keys() -> None:
    case, stats = load("user-mode-nic"), decoded("user-mode-nic")
    assert case.reply.values["net.count"] == 2
    assert "net.0.name" not in case.reply.values
    assert [nic.kind for nic in stats.nics] == ["user", "bridge"]
    user, bridge = stats.nics
    assert user.why("rx_bytes") == Absence(Reason.UNSUPPORTED, "libvirt has no counters for a NIC of this type")
    assert user.mac is not None
    assert reason(user, "name") is Reason.NOT_CONFIGURED
    assert bridge.rx_bytes == 0


def test_minus_one_is_unknown() -> None:
    for unknown in (-1, 2**64 - 1):
        stats = decoded("running", {"net.0.rx.drop": unknown, "block.0.rd.bytes": unknown, "cpu.time": unknown})
        assert stats.nics[0].rx_drops is None
        assert reason(stats.disks[0], "read_bytes") is Reason.UNSUPPORTED
        assert reason(stats.cpu, "time_ns") is Reason.UNSUPPORTED


def test_a_name_on_the_host_is_not_an_identity() -> None:
    first = load("running").decode()
    assert first.nics[0].name is not None
    assert first.nics[0].key == first.nics[0].alias
    assert first.incarnation in first.nics[0].incarnation


# -- states


@pytest.mark.parametrize(
    ("case", "state", "native", "why"),
    [
        ("running", State.RUNNING, "running", "booted"),
        ("paused", State.PAUSED, "paused", "user"),
        ("shut-off", State.SHUT_OFF, "shut off", "unknown"),
        ("saved", State.SHUT_OFF, "shut off", "saved"),
        ("crashed", State.CRASHED, "crashed", "panicked"),
        ("pmsuspended", State.SUSPENDED, "pmsuspended", "unknown"),
        ("unknown-numbers", State.UNKNOWN, "state 42", "reason 99"),
    ],
)
def test_states_are_in_common_words_and_in_libvirts(case: str, state: State, native: str, why: str) -> None:
    stats = decoded(case)
    assert (stats.state, stats.native_state, stats.state_reason) == (state, native, why)


def test_a_state_of_a_vcpu_that_is_not_known_is_unknown() -> None:
    assert decoded("unknown-numbers").cpu.vcpus[0].state is VcpuState.UNKNOWN
    assert decoded("running").cpu.vcpus[0].state is VcpuState.RUNNING


def test_a_domain_that_crashed_and_was_preserved_has_its_counters() -> None:
    stats = decoded("crashed")
    assert stats.cpu.time_ns
    assert stats.memory.assigned_bytes
    assert stats.cpu.vcpus
    gone = decoded("crashed-and-gone")
    assert reason(gone.cpu, "time_ns") is Reason.NOT_RUNNING


def test_a_domain_suspended_by_itself_has_its_counters() -> None:
    assert decoded("pmsuspended").cpu.time_ns
    assert decoded("pmsuspended").disks[0].read_bytes == 0


def test_a_domain_that_is_off_has_its_devices() -> None:
    stats = decoded("shut-off")
    assert [disk.name for disk in stats.disks] == ["vda", "sda"]
    assert [nic.kind for nic in stats.nics] == ["bridge", "user"]
    assert reason(stats.disks[0], "read_bytes") is Reason.NOT_RUNNING
    assert {reason(nic, "rx_bytes") for nic in stats.nics} == {Reason.NOT_RUNNING}
    assert stats.disks[0].capacity_bytes == 64 * MIB


# -- groups that are asked for


def test_a_dirty_rate_is_mebibytes_per_second() -> None:
    case, rate = load("dirty-rate-measured"), decoded("dirty-rate-measured").dirty_rate
    assert rate.status is DirtyRateStatus.MEASURED
    assert rate.memory_bytes_per_s == case.reply.values["dirtyrate.megabytes_per_second"] * MIB > 0
    assert rate.period_ns == 2_000_000_000


def test_a_dirty_rate_that_was_never_measured_is_not_zero() -> None:
    rate = decoded("running").dirty_rate
    assert load("running").reply.values["dirtyrate.calc_start_time"] == 0
    assert rate.status is DirtyRateStatus.UNSTARTED
    for field in ("started_host_ns", "period_ns", "memory_bytes_per_s"):
        assert reason(rate, field) is Reason.NOT_CONFIGURED


def test_a_dirty_rate_that_is_being_measured_is_not_zero() -> None:
    rate = decoded("dirty-rate-measuring").dirty_rate
    assert rate.status is DirtyRateStatus.MEASURING
    assert reason(rate, "memory_bytes_per_s") is not None


def test_dirty_rates_of_vcpus_are_by_number() -> None:
    changes = {"dirtyrate.vcpu.10.megabytes_per_second": 1, "dirtyrate.vcpu.9.megabytes_per_second": 2}
    rate = decoded("dirty-rate-vcpus", changes).dirty_rate
    assert [(vcpu.index, vcpu.memory_bytes_per_s) for vcpu in rate.vcpus] == [
        (0, 3 * MIB), (1, 0), (9, 2 * MIB), (10, MIB),
    ]  # fmt: skip


def test_polling_of_io_threads_is_settings() -> None:
    thread = decoded("running").iothreads[0]
    assert (thread.poll_maximum_ns, thread.poll_grow, thread.poll_shrink) == (32768, 0, 0)


def test_events_that_are_not_enabled_are_not_zero() -> None:
    assert reason(decoded("running").perf, "cpu_cycles") is Reason.NOT_CONFIGURED
    perf = decoded("perf").perf
    assert perf.cpu_clock_ns
    assert perf.page_faults
    assert perf.cpu_cycles is None


def test_events_of_old_kernels_are_ignored() -> None:
    perf = decoded("perf-hardware").perf
    assert perf.cpu_cycles == 7007
    assert {"perf.cmt", "perf.mbmt", "perf.mbml"} <= load("perf-hardware").reply.values.keys()


def test_newer_keys_are_ignored() -> None:
    for name in ("newest", "newest-kvm"):
        case = load(name)
        own = [key for key in case.reply.values if ".limits." in key or ".sum" in key or ".latency_histogram." in key]
        assert own
        kept = Reply({key: value for key, value in case.reply.values.items() if key not in own}, case.reply.reasons)
        assert case.decode(kept) == case.decode()


# -- types


@pytest.mark.parametrize(
    "wrong",
    [True, "12", 1.5, -2, 2**63, 2**64, 10**5000, None, [], {}, b"1"],
    ids=lambda v: f"{v!s:.8}" if not isinstance(v, int) or v < 2**70 else "huge",
)
def test_a_value_of_a_wrong_type_costs_its_own_field_alone(wrong: object) -> None:
    keys = {
        "cpu.time": ("cpu", "time_ns"),
        "balloon.rss": ("memory", "host_resident_bytes"),
        "vcpu.maximum": ("cpu", "vcpus_maximum"),
    }
    right = decoded("running")
    for key, (part, field) in keys.items():
        record, before = getattr(decoded("running", {key: wrong}), part), getattr(right, part)
        assert getattr(record, field) is None
        assert record.why(field).reason in (Reason.FAILED, Reason.UNSUPPORTED)
        others = set(record.__dataclass_fields__) - {field, "absences"}
        assert all(getattr(record, name) == getattr(before, name) for name in others)


def test_a_text_where_a_state_is_due_leaves_the_rest() -> None:
    stats = decoded("running", {"state.state": "1"})
    assert [reason(stats, field) for field in ("state", "native_state", "state_reason")] == [Reason.FAILED] * 3
    assert stats.cpu.time_ns


def test_a_product_that_overflows_is_no_number() -> None:
    memory = decoded("running", {"balloon.maximum": 2**62}).memory
    assert reason(memory, "maximum_bytes") is Reason.FAILED
