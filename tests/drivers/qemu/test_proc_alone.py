"""``qemu:`` finds every QEMU of the host and asks nobody."""

from __future__ import annotations

import os
import time

from hvinspect import Connection, Group, Reason, State
from tests.drivers.qemu.host import Host, recorded, uuid_of


def test_every_qemu_is_found_and_nothing_else(host: Host, by_proc: Connection) -> None:
    host.add(100)
    host.add(200, comm="qemu-kvm")
    host.add(300, comm="kvm")
    host.add(400, comm="qemu-img")
    host.add(500, comm="qemu-system-arm", state="Z")
    host.add(600, "-machine", "none")
    assert {stats.instance.uuid for stats in by_proc.snapshot()} == {uuid_of(100), uuid_of(200), uuid_of(300)}


def test_no_monitor_is_asked(host: Host, by_proc: Connection) -> None:
    host.add(100, answers=recorded())
    stats = by_proc.snapshot(groups=[group for group in Group if group is not Group.UNKNOWN])[uuid_of(100)]
    assert host.monitors[100].given == []
    assert stats.cpu.time_ns == 10_003_456_789
    assert stats.disks == ()
    absence = stats.why("state")
    assert absence is not None
    assert absence.reason is Reason.UNSUPPORTED


def test_vcpus_are_found_by_the_names_of_their_threads(host: Host, by_proc: Connection) -> None:
    host.add(100)
    cpu = by_proc.snapshot()[uuid_of(100)].cpu
    assert [(vcpu.index, vcpu.time_ns) for vcpu in cpu.vcpus] == [(0, 5_000_000_000), (1, 2_000_000_000)]
    assert cpu.vcpus_online == 2


def test_threads_without_names_are_no_vcpus(host: Host, by_proc: Connection) -> None:
    host.add(100, threads={100: ("qemu-system-x86", 1, 2), 101: ("qemu-system-x86", 3, 4)})
    cpu = by_proc.snapshot()[uuid_of(100)].cpu
    assert (cpu.vcpus, cpu.vcpus_online) == ((), None)
    assert "debug-threads=on" in str(cpu.why("vcpus"))


def test_one_thread_for_all_vcpus_is_none(host: Host, by_proc: Connection) -> None:
    host.add(100, threads={101: ("ALL CPUs/TCG", 3, 4)})
    assert "thread=single" in str(by_proc.snapshot()[uuid_of(100)].cpu.why("vcpus"))


def test_a_stopped_process_is_paused(host: Host, by_proc: Connection) -> None:
    host.add(100, state="T")
    assert by_proc.snapshot()[uuid_of(100)].state is State.PAUSED


def test_a_qemu_without_a_uuid_is_known_by_its_process(host: Host, by_proc: Connection) -> None:
    process = host.add(100)
    process.arguments = ["/usr/bin/qemu-system-x86_64"]
    host.write(process)
    (stats,) = by_proc.snapshot()
    assert (stats.instance.key, stats.instance.uuid, stats.instance.name) == ("pid-100", None, None)


def test_two_with_one_uuid_are_both_there(host: Host, by_proc: Connection) -> None:
    host.add(100)
    twin = host.add(200)
    twin.arguments = host.processes[100].arguments
    host.write(twin)
    assert {stats.instance.key for stats in by_proc.snapshot()} == {str(uuid_of(100)), f"{uuid_of(100)}#200"}


def test_a_name_that_has_brackets_in_it_is_read(host: Host, by_proc: Connection) -> None:
    host.add(100, comm="qemu-system-) S")
    assert by_proc.snapshot()[uuid_of(100)].cpu.user_ns == 7_000_000_000


def test_a_process_that_is_a_qemu_only_later_is_found(host: Host, by_proc: Connection) -> None:
    process = host.add(100, comm="sh")
    assert not by_proc.snapshot().instances
    process.comm = "qemu-system-x86"
    host.write(process)
    assert len(by_proc.snapshot().instances) == 1


def test_the_hosts_own_numbers_are_the_kernels(host: Host, by_proc: Connection) -> None:
    stats = by_proc.host()
    assert (stats.cpus, stats.user_ns, stats.system_ns) == (1, 110_000_000, 80_000_000)
    assert (stats.idle_ns, stats.iowait_ns) == (10**9, 70_000_000)
    assert (stats.memory_total_bytes, stats.memory_free_bytes, stats.memory_available_bytes) == (
        1024000,
        409600,
        614400,
    )


def _seconds(by_proc: Connection) -> float:
    started = time.monotonic()
    by_proc.snapshot()
    return time.monotonic() - started


def test_a_command_line_that_waits_costs_its_own_process_its_name(host: Host, by_proc: Connection) -> None:
    # As of a process that is held in a page fault: whoever reads that file waits too.
    host.add(100)
    host.add(200)
    held = host.proc / "200/cmdline"
    held.unlink()
    os.mkfifo(held)
    try:
        snapshot = by_proc.snapshot(timeout=5.0)
        assert {stats.instance.key for stats in snapshot} == {str(uuid_of(100)), "pid-200"}
        assert snapshot["pid-200"].cpu.time_ns == 10_003_456_789
        assert min(_seconds(by_proc) for _ in range(5)) < 0.4, "it was waited for once"
        assert by_proc.health().stuck_calls == 1
    finally:
        # What waits goes on, and then it is known who it is.
        with held.open("wb") as end:
            end.write(b"qemu-system-x86_64\0-uuid\0" + str(uuid_of(200)).encode() + b"\0")
    deadline = time.monotonic() + 5
    while str(uuid_of(200)) not in {stats.instance.key for stats in by_proc.snapshot()}:
        assert time.monotonic() < deadline


def test_command_lines_that_wait_are_waited_for_together_and_cost_no_other_its_name(
    host: Host, by_proc: Connection
) -> None:
    held = [host.proc / f"{pid}/cmdline" for pid in range(100, 112)]
    for pid in range(100, 112):
        host.add(pid)
    host.add(200)
    for path in held:
        path.unlink()
        os.mkfifo(path)
    try:
        snapshot = by_proc.snapshot(timeout=5.0)
        assert len(snapshot.instances) == 13
        assert str(uuid_of(200)) in {stats.instance.key for stats in snapshot}
    finally:
        for path in held:
            with path.open("wb"):
                pass


def test_a_process_that_has_no_command_line_yet_is_no_instance_until_it_has(host: Host, by_proc: Connection) -> None:
    process = host.add(100)
    arguments, process.arguments = process.arguments, []
    host.write(process)
    assert not by_proc.snapshot().instances
    process.arguments = arguments
    host.write(process)
    assert {stats.instance.uuid for stats in by_proc.snapshot()} == {uuid_of(100)}


def test_a_process_that_ends_before_its_command_line_is_read_is_no_instance(host: Host, by_proc: Connection) -> None:
    host.add(100)
    (host.proc / "100/cmdline").unlink()
    snapshot = by_proc.snapshot()
    assert not snapshot.instances
    assert not snapshot.failures
