"""What a QEMU's answers and its process give, field by field."""

from __future__ import annotations

import json
from typing import Any

import pytest

import hvinspect
from hvinspect import Connection, Group, InstanceStats, Reason, State
from tests.drivers.qemu.host import Host, recorded, uuid_of

DEVICES = (
    *("-device", "virtio-blk-pci,drive=rawf,id=disk1,serial=SER1"),
    *("-netdev", "tap,id=t0,ifname=tap0", "-device", "virtio-net-pci,netdev=t0,id=nic0,mac=52:54:00:AA:00:01"),
    *("-netdev", "user,id=u0", "-device", "e1000,netdev=u0,id=nic1"),
    *("-smp", "2,maxcpus=4"),
)
MIB = 1 << 20


@pytest.fixture
def guest(host: Host) -> Host:
    host.add_tap(
        "tap0", rx_bytes=1, rx_packets=2, rx_errors=3, rx_drops=4, tx_bytes=5, tx_packets=6, tx_errors=7, tx_drops=8
    )
    host.add(100, *DEVICES, answers=recorded(), taps={12: "tap0"})
    return host


def read(hv: Connection, *groups: Group) -> InstanceStats:
    return hv.snapshot(groups=groups or hvinspect.DEFAULT_GROUPS)[uuid_of(100)]


def answer(host: Host, command: str, said: Any) -> None:
    host.monitors[100].answers[command] = said


def test_the_process_gives_cpu_time_and_memory(guest: Host, hv: Connection) -> None:
    stats = read(hv)
    assert (stats.cpu.time_ns, stats.cpu.user_ns, stats.cpu.system_ns) == (10_003_456_789, 7 * 10**9, 3 * 10**9)
    assert stats.memory.host_resident_bytes == 9000 * 4096
    assert (stats.cpu.vcpus_at_start, stats.cpu.vcpus_online, stats.cpu.vcpus_maximum) == (2, 2, 4)


def test_the_process_gives_what_it_moved_to_and_from_storage(guest: Host, hv: Connection) -> None:
    io = read(hv, Group.PROCESS_IO).process_io
    assert (io.read_bytes, io.write_bytes, io.cancelled_write_bytes) == (8192, 40960, 4096)


def test_what_it_moved_is_read_only_if_it_is_asked_for(guest: Host, hv: Connection) -> None:
    absence = read(hv).process_io.why("read_bytes")
    assert absence is not None
    assert absence.reason is Reason.NOT_REQUESTED


@pytest.mark.parametrize("io", [None, "rchar: 1\nwchar: 2\n"])
def test_a_kernel_that_does_not_count_what_it_moved_is_named(guest: Host, hv: Connection, io: str | None) -> None:
    guest.processes[100].io = io
    guest.write(guest.processes[100])
    stats = read(hv, Group.CPU, Group.PROCESS_IO)
    assert "CONFIG_TASK_IO_ACCOUNTING" in str(stats.process_io.why("write_bytes"))
    assert stats.cpu.time_ns is not None


def test_a_vcpus_time_and_delay_are_the_first_two_numbers_of_schedstat(guest: Host, hv: Connection) -> None:
    vcpus = read(hv).cpu.vcpus
    assert [(vcpu.index, vcpu.time_ns, vcpu.delay_ns) for vcpu in vcpus] == [
        (0, 5_000_000_000, 40_000_000),
        (1, 2_000_000_000, 10_000_000),
    ]
    assert [vcpu.wait_ns for vcpu in vcpus] == [None, None]


def test_a_vcpus_wait_is_the_schedulers_where_it_keeps_statistics(guest: Host, hv: Connection) -> None:
    (guest.proc / "sys/kernel").mkdir(parents=True)
    (guest.proc / "sys/kernel/sched_schedstats").write_text("1\n")
    for thread, line in ((101, "wait_sum      :      12.345678"), (102, "se.statistics.wait_sum : 3.000001")):
        (guest.proc / f"100/task/{thread}/sched").write_text(f"CPU 0/TCG (101, #threads: 3)\n---\n{line}\n")
    assert [vcpu.wait_ns for vcpu in read(hv).cpu.vcpus] == [12_345_678, 3_000_001]


def test_vcpus_of_one_thread_have_no_times_of_their_own(guest: Host, hv: Connection) -> None:
    answer(guest, "query-cpus-fast", [{"cpu-index": index, "thread-id": 101} for index in range(2)])
    vcpus = read(hv).cpu.vcpus
    assert [vcpu.time_ns for vcpu in vcpus] == [None, None]
    assert "thread=single" in str(vcpus[0].why("time_ns"))


def test_threads_are_found_in_another_pid_namespace(guest: Host, hv: Connection) -> None:
    guest.processes[100].pid_namespace = "pid:[2]"
    guest.write(guest.processes[100])
    answer(guest, "query-cpus-fast", [{"cpu-index": 0, "thread-id": 2}, {"cpu-index": 1, "thread-id": 3}])
    assert [vcpu.time_ns for vcpu in read(hv).cpu.vcpus] == [5_000_000_000, 2_000_000_000]


def halted_as_kvm_has_it(host: Host) -> None:
    """As QEMU documents it (qapi/stats.json), in the order that a QEMU with KVM had: the last vCPU first."""
    places = [cpu["qom-path"] for cpu in host.monitors[100].answers["query-cpus-fast"]]
    blocking = [
        {"provider": "kvm", "stats": [{"name": "blocking", "value": value}], "qom-path": place}
        for place, value in zip(reversed(places), (True, False), strict=True)
    ]
    answer(host, "query-stats", blocking)


@pytest.mark.parametrize("version", [(8, 1), (9, 0), (10, 2)])
def test_what_kvm_says_of_a_halted_vcpu_is_joined_by_its_place(
    guest: Host, hv: Connection, version: tuple[int, int]
) -> None:
    guest.monitors[100].version = version
    halted_as_kvm_has_it(guest)
    assert [vcpu.halted for vcpu in read(hv).cpu.vcpus] == [False, True]


def test_whether_a_vcpu_is_halted_is_asked_again_after_an_answer_without_it(guest: Host, hv: Connection) -> None:
    monitor = guest.monitors[100]
    monitor.version = (8, 1)
    halted_as_kvm_has_it(guest)
    told = monitor.answers.pop("query-stats")
    assert [vcpu.halted for vcpu in read(hv).cpu.vcpus] == [None, None]
    monitor.answers["query-stats"] = told
    assert [vcpu.halted for vcpu in read(hv).cpu.vcpus] == [False, True]


def test_what_a_real_qemu_with_kvm_said_of_a_vcpu_that_spins_and_one_that_sleeps(host: Host, hv: Connection) -> None:
    host.add(100, answers=recorded("qemu-10.0-kvm"))
    host.monitors[100].version = (10, 0)
    assert [vcpu.halted for vcpu in read(hv).cpu.vcpus] == [False, True]


@pytest.mark.parametrize("version", [(7, 2), (8, 0)])
def test_a_qemu_that_would_interrupt_its_vcpus_to_look_is_not_asked(
    guest: Host, hv: Connection, version: tuple[int, int]
) -> None:
    guest.monitors[100].version = version
    halted_as_kvm_has_it(guest)
    vcpus = read(hv).cpu.vcpus
    assert "query-stats" not in {command["execute"] for command in guest.monitors[100].given}
    assert [vcpu.halted for vcpu in vcpus] == [None, None]
    assert "QEMU 8.1" in str(vcpus[0].why("halted"))


@pytest.mark.parametrize("version", [{}, {"qemu": {}}, {"qemu": {"major": "9", "minor": 0}}, [], None])
def test_a_greeting_without_a_version_is_an_old_qemus(guest: Host, hv: Connection, version: object) -> None:
    monitor = guest.monitors[100]
    monitor.greeting = json.dumps({"QMP": {"version": version}}).encode() + b"\n"
    assert read(hv).native_state == "running"
    assert "query-stats" not in {command["execute"] for command in monitor.given}


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("running", State.RUNNING), ("paused", State.PAUSED), ("prelaunch", State.PAUSED), ("io-error", State.PAUSED),
        ("suspended", State.SUSPENDED), ("shutdown", State.SHUT_OFF), ("guest-panicked", State.CRASHED),
        ("newer", State.UNKNOWN),
    ],
)  # fmt: skip
def test_a_status_is_a_state(guest: Host, hv: Connection, word: str, state: State) -> None:
    answer(guest, "query-status", {"status": word})
    stats = read(hv, Group.STATE)
    assert (stats.state, stats.native_state) == (state, word)


def test_a_balloon_says_what_the_guest_has(guest: Host, hv: Connection) -> None:
    answer(guest, "query-balloon", {"actual": 48 * MIB})
    answer(guest, "query-memory-size-summary", {"base-memory": 64 * MIB, "plugged-memory": 32 * MIB})
    memory = read(hv, Group.MEMORY).memory
    assert (memory.assigned_bytes, memory.maximum_bytes) == (48 * MIB, 96 * MIB)


def test_without_a_balloon_a_guest_has_all_that_it_was_given(guest: Host, hv: Connection) -> None:
    answer(guest, "query-balloon", ("DeviceNotActive", "No balloon device has been activated"))
    answer(guest, "query-memory-size-summary", {"base-memory": 64 * MIB})
    answer(guest, "qom-list /machine/peripheral", [])
    memory = read(hv, Group.MEMORY).memory
    assert (memory.assigned_bytes, memory.maximum_bytes) == (64 * MIB, 64 * MIB)
    assert "no balloon" in str(memory.why("guest_total_bytes"))


def report(**stats: int) -> dict[str, Any]:
    names = {name.replace("_", "-"): number for name, number in stats.items()}
    return {"last-update": 1_700_000_000, "stats": {f"stat-{name}": number for name, number in names.items()}}


def test_the_guests_own_report_is_there_in_the_first_snapshot(guest: Host, hv: Connection) -> None:
    said = report(
        total_memory=1, free_memory=2, available_memory=3, disk_caches=4, swap_in=5, swap_out=6, major_faults=7
    )
    answer(guest, "qom-get guest-stats", said)
    memory = read(hv).memory
    assert (memory.guest_total_bytes, memory.guest_unused_bytes, memory.guest_usable_bytes) == (1, 2, 3)
    assert (memory.guest_caches_bytes, memory.guest_swap_in_bytes, memory.guest_swap_out_bytes) == (4, 5, 6)
    assert memory.guest_major_faults == 7
    assert memory.guest_updated_unix_ns == 1_700_000_000 * 10**9


def test_a_guest_that_does_not_report_one_number_lacks_that_one(guest: Host, hv: Connection) -> None:
    answer(guest, "qom-get guest-stats", report(total_memory=1, free_memory=(1 << 64) - 1))
    memory = read(hv).memory
    assert (memory.guest_total_bytes, memory.guest_unused_bytes) == (1, None)
    absence = memory.why("guest_unused_bytes")
    assert absence is not None
    assert absence.reason is Reason.NEEDS_GUEST


@pytest.mark.parametrize(("interval", "reason"), [(0, Reason.NOT_CONFIGURED), (2, Reason.NEEDS_GUEST)])
def test_a_report_that_never_came_says_whose_turn_it_is(
    guest: Host, hv: Connection, interval: int, reason: Reason
) -> None:
    answer(guest, "qom-get guest-stats-polling-interval", interval)
    absence = read(hv).memory.why("guest_total_bytes")
    assert absence is not None
    assert absence.reason is reason


def test_nothing_that_changes_a_guest_is_ever_sent(guest: Host, hv: Connection) -> None:
    hv.snapshot(groups=[group for group in Group if group is not Group.UNKNOWN])
    given = {command["execute"] for command in guest.monitors[100].given}
    assert given <= {"qmp_capabilities", "qom-list", "qom-get"} | {name for name in given if name.startswith("query-")}


def test_a_disks_counters_are_those_of_its_device(guest: Host, hv: Connection) -> None:
    entry = guest.monitors[100].answers["query-blockstats"][1]
    entry["stats"].update(
        rd_bytes=1, rd_operations=2, rd_total_time_ns=3, wr_bytes=4, wr_operations=5, wr_total_time_ns=6,
        flush_operations=7, flush_total_time_ns=8, unmap_bytes=9, unmap_operations=10, unmap_total_time_ns=11,
        failed_rd_operations=100, failed_wr_operations=20, failed_flush_operations=3, failed_unmap_operations=4000,
        wr_highest_offset=12,
    )  # fmt: skip
    disk = next(disk for disk in read(hv).disks if disk.key == "disk1")
    assert (disk.read_bytes, disk.read_requests, disk.read_time_ns) == (1, 2, 3)
    assert (disk.write_bytes, disk.write_requests, disk.write_time_ns) == (4, 5, 6)
    assert (disk.flush_requests, disk.flush_time_ns) == (7, 8)
    assert (disk.discard_bytes, disk.discard_requests, disk.discard_time_ns) == (9, 10, 11)
    assert disk.failed_requests == 4123
    assert disk.highest_written_bytes == 12
    assert (disk.alias, disk.serial, disk.bus, disk.device, disk.kind) == ("disk1", "SER1", "virtio", "disk", "file")


def test_discards_that_qemu_does_not_count_are_missing(guest: Host, hv: Connection) -> None:
    disk = read(hv).disks[0]
    assert (disk.discard_bytes, disk.discard_requests, disk.discard_time_ns) == (None, None, None)
    guest.monitors[100].answers["query-blockstats"][0]["qdev"] = "/machine/peripheral/scsi0-0-0"
    guest.monitors[100].answers["query-block"][0]["qdev"] = "/machine/peripheral/scsi0-0-0"
    disk = read(hv).disks[0]
    assert (disk.discard_bytes, disk.discard_requests, disk.discard_time_ns) == (0, 0, 0)


def test_of_an_image_with_a_format_the_file_has_the_furthest_write_and_the_length(guest: Host, hv: Connection) -> None:
    first = guest.monitors[100].answers["query-blockstats"][0]
    first["parent"]["stats"]["wr_highest_offset"] = 777
    first["stats"]["wr_highest_offset"] = 1
    for node in guest.monitors[100].answers["query-named-block-nodes"]:
        node["image"]["virtual-size"] = 4242 if node["node-name"] == first["parent"]["node-name"] else 1
    disk = next(disk for disk in read(hv, Group.DISK, Group.BLOCK_DETAIL).disks if disk.key == "drv0")
    assert (disk.highest_written_bytes, disk.host_length_bytes) == (777, 4242)
    assert disk.capacity_bytes == 64 * MIB


def test_a_block_device_that_no_device_uses_is_no_disk(guest: Host, hv: Connection) -> None:
    for command in ("query-blockstats", "query-block"):
        del guest.monitors[100].answers[command][0]["qdev"]
    assert [disk.key for disk in read(hv).disks] == ["disk1"]


def test_an_empty_drive_has_no_capacity(guest: Host, hv: Connection) -> None:
    del guest.monitors[100].answers["query-block"][1]["inserted"]
    disk = next(disk for disk in read(hv).disks if disk.key == "disk1")
    assert disk.capacity_bytes is None
    assert "no image" in str(disk.why("capacity_bytes"))


def test_a_taps_counters_are_the_guests_other_way_round(guest: Host, hv: Connection) -> None:
    nic = read(hv).nics[0]
    assert (nic.key, nic.name, nic.mac, nic.model, nic.kind) == (
        "nic0",
        "tap0",
        "52:54:00:aa:00:01",
        "virtio",
        "ethernet",
    )
    assert (nic.rx_bytes, nic.rx_packets, nic.rx_errors, nic.rx_drops) == (5, 6, 7, 8)
    assert (nic.tx_bytes, nic.tx_packets, nic.tx_errors, nic.tx_drops) == (1, 2, 3, 4)


def test_a_tap_in_a_bridge_says_which(guest: Host, hv: Connection) -> None:
    (guest.sys / "class/net/tap0").mkdir()
    (guest.sys / "class/net/tap0/master").symlink_to("../br7")
    assert (read(hv).nics[0].bridge, read(hv).nics[0].kind) == ("br7", "bridge")


def test_a_user_mode_nic_has_no_counters(guest: Host, hv: Connection) -> None:
    nic = read(hv).nics[1]
    assert (nic.key, nic.kind, nic.rx_bytes) == ("nic1", "user", None)
    assert "only a tap" in str(nic.why("rx_bytes"))


def test_a_tap_is_counted_in_the_namespace_of_its_qemu(guest: Host, hv: Connection) -> None:
    guest.processes[100].namespace = "net:[2]"
    guest.add_tap("tap0", "net:[2]", tx_bytes=99)
    guest.write(guest.processes[100])
    nic = read(hv).nics[0]
    assert nic.rx_bytes == 99
    assert "another network namespace" in str(nic.why("bridge"))


def test_a_tap_in_a_third_namespace_is_not_guessed(guest: Host, hv: Connection) -> None:
    guest.devices["net:[1]"].clear()
    guest.write(guest.processes[100])
    nic = read(hv).nics[0]
    assert (nic.name, nic.rx_bytes) == ("tap0", None)
    assert "a third" in str(nic.why("rx_bytes"))


def test_a_tap_that_was_opened_below_another_root_folder_is_found(guest: Host, hv: Connection) -> None:
    # As of a QEMU in another mount namespace, when hvinspect's own root is a folder of the host's.
    guest.processes[100].tun = "/var/lib/machines/node/dev/net/tun"
    guest.write(guest.processes[100])
    assert (read(hv).nics[0].name, read(hv).nics[0].rx_bytes) == ("tap0", 5)


def test_a_tap_that_was_plugged_later_is_found_at_once(guest: Host, hv: Connection) -> None:
    assert [nic.key for nic in read(hv).nics] == ["nic0", "nic1"]
    guest.add_tap("tap9", tx_bytes=7)
    guest.processes[100].taps[31] = "tap9"
    guest.write(guest.processes[100])
    assert [(nic.key, nic.rx_bytes) for nic in read(hv).nics] == [("nic0", 5), ("nic1", None), ("tap9", 7)]


def test_a_nic_whose_tap_was_closed_is_gone(guest: Host, hv: Connection) -> None:
    read(hv)
    (guest.proc / "100/fd/12").unlink()
    assert [nic.key for nic in read(hv).nics] == ["nic1"]


def test_a_migration_is_a_job(guest: Host, hv: Connection) -> None:
    ram = {"total": 100, "transferred": 30, "remaining": 70}
    answer(guest, "query-migrate", {"status": "active", "total-time": 5, "ram": ram})
    job = read(hv, Group.JOB).job
    assert (job.active, job.operation, job.elapsed_ns) == (True, "migration_out", 5_000_000)
    assert (job.total_bytes, job.processed_bytes, job.remaining_bytes) == (100, 30, 70)


def test_a_measured_dirty_rate_is_in_bytes_and_nanoseconds(guest: Host, hv: Connection) -> None:
    said = {"status": "measured", "mode": "page-sampling", "start-time": 3, "calc-time": 2, "dirty-rate": 10}
    answer(guest, "query-dirty-rate", said)
    rate = read(hv, Group.DIRTY_RATE).dirty_rate
    assert (rate.started_host_ns, rate.period_ns, rate.memory_bytes_per_s) == (3 * 10**9, 2 * 10**9, 10 * MIB)


@pytest.mark.parametrize("wrong", [True, -1, 1.5, "7", None, [], 1 << 63, {"a": 1}])
def test_a_number_of_a_wrong_type_costs_its_own_field(guest: Host, hv: Connection, wrong: object) -> None:
    guest.monitors[100].answers["query-blockstats"][1]["stats"]["rd_bytes"] = wrong
    disk = next(disk for disk in read(hv).disks if disk.key == "disk1")
    assert disk.read_bytes is None
    assert disk.why("read_bytes") is not None
    assert disk.read_requests is not None


def test_what_is_new_in_an_answer_is_told(guest: Host, hv: Connection) -> None:
    guest.monitors[100].answers["query-status"]["mood"] = "good"
    read(hv)
    assert hv.health().unknown_statistics == ("query-status mood",)
