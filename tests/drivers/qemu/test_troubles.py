"""Monitors that do not answer cost their own guest what they alone know, and nothing else."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import hvinspect
from hvinspect import AccessDenied, ConnectFailed, Connection, InvalidTarget, Reason, State
from hvinspect.drivers._qemu.operations import COMMANDS
from hvinspect.testing import registered
from tests.drivers.qemu.host import Host, recorded, uuid_of
from tests.drivers.qemu.monitors import greeting

WELL, ILL = uuid_of(100), uuid_of(200)
HELLO = greeting()
Mischief = Callable[[socket.socket], None]


@pytest.fixture
def pair(host: Host) -> Host:
    host.add(100, answers=recorded())
    host.add(200, answers=recorded(pid=200))
    return host


def wait(client: socket.socket) -> None:
    client.settimeout(5)
    while client.recv(4096):
        pass


def silent(client: socket.socket) -> None:
    wait(client)


def half_a_line(client: socket.socket) -> None:
    client.sendall(HELLO + b'{"return": {"stat')
    wait(client)


def garbage(client: socket.socket) -> None:
    client.sendall(b"\x00\xff\xfeHTTP/1.1 400 Bad Request\r\n\r\n")
    wait(client)


def endless_line(client: socket.socket) -> None:
    client.sendall(HELLO)
    for _ in range(10_000):
        client.sendall(b"[" * 4096)


def endless_events(client: socket.socket) -> None:
    client.sendall(HELLO)
    for _ in range(100_000):
        client.sendall(b'{"event": "RTC_CHANGE"}\n')


def deep(client: socket.socket) -> None:
    client.sendall(HELLO + b"[" * 100_000 + b"\n")
    wait(client)


def huge_number(client: socket.socket) -> None:
    client.sendall(HELLO + b'{"id": "status", "return": ' + b"9" * 100_000 + b"}\n")
    wait(client)


def hang_up(client: socket.socket) -> None:
    client.sendall(HELLO)


def wrong_types(client: socket.socket) -> None:
    client.sendall(HELLO)
    ids = ("hello", "status", "cpus", "balloon", "memory", "blockstats", "block", "/machine/peripheral")
    for name in (*ids, "/machine/peripheral-anon", "halted"):
        client.sendall(b'{"id": "%s", "return": [7, {"qdev": 3, "stats": []}, null]}\n' % name.encode())
    wait(client)


@pytest.mark.parametrize(
    "mischief",
    [
        silent, half_a_line, garbage, endless_line, endless_events, deep, huge_number, hang_up, wrong_types,
    ],
)  # fmt: skip
def test_a_hostile_monitor_costs_its_own_guest_what_it_alone_knows(
    pair: Host, hv: Connection, mischief: Mischief
) -> None:
    pair.monitors[200].instead = mischief
    started = time.monotonic()
    snapshot = hv.snapshot(timeout=5.0)
    assert time.monotonic() - started < 5.0
    assert snapshot[WELL].state is State.RUNNING
    ill = snapshot[ILL]
    assert ill.state is None
    assert ill.why("state") is not None
    assert (ill.cpu.time_ns, ill.memory.host_resident_bytes) == (10_003_456_789, 9000 * 4096)
    assert ill.cpu.vcpus == () or ill.cpu.vcpus[0].time_ns == 5_000_000_000


def _seconds(hv: Connection) -> float:
    started = time.monotonic()
    hv.snapshot()
    return time.monotonic() - started


@pytest.mark.parametrize("mischief", [endless_line, endless_events])
def test_an_answer_without_an_end_is_not_heard_out(pair: Host, hv: Connection, mischief: Mischief) -> None:
    pair.monitors[200].instead = mischief
    assert "no end" in str(hv.snapshot()[ILL].why("state"))


def test_a_monitor_that_somebody_else_has_is_waited_for_once_and_then_in_passing(pair: Host, hv: Connection) -> None:
    hv.snapshot()
    with socket.socket(socket.AF_UNIX) as other:
        other.connect(str(pair.vms / "200.qmp"))
        assert other.recv(4096).startswith(b'{"QMP"')
        first = hv.snapshot()
        absence = first[ILL].why("state")
        assert absence is not None
        assert "another client has it" in absence.detail
        assert [vcpu.time_ns for vcpu in first[ILL].cpu.vcpus] == [5_000_000_000, 2_000_000_000]
        assert hv.health().quarantined == (str(ILL),)
        assert min(_seconds(hv) for _ in range(5)) < 0.7
    deadline = time.monotonic() + 5
    while hv.snapshot()[ILL].state is not State.RUNNING:
        assert time.monotonic() < deadline
    assert hv.health().quarantined == ()


def test_a_monitor_with_a_full_house_is_busy(pair: Host, hv: Connection) -> None:
    pair.monitors[200].instead = silent
    others: list[socket.socket] = []
    try:
        refused = 0
        while refused < 3:
            other = socket.socket(socket.AF_UNIX)
            others.append(other)
            other.setblocking(False)
            try:
                other.connect(str(pair.vms / "200.qmp"))
            except BlockingIOError:
                refused += 1
                time.sleep(0.05)  # the one that is served made room for one more
        absence = hv.snapshot()[ILL].why("state")
        assert absence is not None
        assert absence.reason is Reason.BUSY
    finally:
        for other in others:
            other.close()


def test_a_stopped_process_is_told_apart_and_not_asked(pair: Host, hv: Connection) -> None:
    hv.snapshot()
    given = len(pair.monitors[200].given)
    pair.processes[200].state = "T"
    pair.write(pair.processes[200])
    stats = hv.snapshot()[ILL]
    assert (stats.state, stats.native_state) == (State.PAUSED, "its process is stopped")
    assert "SIGSTOP" in str(stats.memory.why("assigned_bytes"))
    assert [vcpu.time_ns for vcpu in stats.cpu.vcpus] == [5_000_000_000, 2_000_000_000]
    assert len(pair.monitors[200].given) == given
    assert hv.health().quarantined == (str(ILL),)
    pair.processes[200].state = "S"
    pair.write(pair.processes[200])
    assert hv.snapshot()[ILL].state is State.RUNNING
    assert hv.health().quarantined == ()


def test_a_qemu_that_ended_has_vanished_and_is_then_no_more(pair: Host, hv: Connection) -> None:
    hv.snapshot()
    # As when it was killed: its socket's file stays.
    pair.monitors.pop(200)._listener.close()
    pair.processes.pop(200)
    (pair.proc / "200").rename(pair.root / "gone")
    failures = hv.snapshot().failures
    assert [failure.reason for failure in failures] == [Reason.VANISHED]
    assert {stats.instance.uuid for stats in hv.snapshot()} == {WELL}


def test_a_process_with_the_id_of_another_is_not_taken_for_it(pair: Host, hv: Connection) -> None:
    before = hv.snapshot()[ILL].incarnation
    pair.processes[200].started = 6000
    pair.write(pair.processes[200])
    assert [failure.reason for failure in hv.snapshot().failures] == [Reason.VANISHED]
    assert hv.snapshot()[ILL].incarnation != before


def test_a_socket_that_nobody_listens_at_is_no_instance(host: Host, hv: Connection) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(host.vms / "left.qmp"))
    (host.vms / "file.qmp").write_text("")
    snapshot = hv.snapshot()
    assert not snapshot.instances
    assert not snapshot.failures


def test_a_process_that_is_not_seen_is_read_by_its_monitor_alone(host: Host, hv: Connection) -> None:
    host.add(100, answers=recorded())
    host.processes[100].arguments = ["/usr/bin/qemu-system-x86_64"]
    host.write(host.processes[100])
    stats = hv.snapshot()["11111111-2222-3333-4444-555555555555"]
    assert (stats.instance.name, stats.state) == ("alpha", State.RUNNING)
    assert len(stats.disks) == 2
    assert stats.cpu.time_ns is None
    assert "pid namespace" in str(stats.cpu.why("time_ns"))


def test_a_qemu_with_two_monitors_is_one_instance(pair: Host, hv: Connection) -> None:
    (pair.vms / "second.qmp").symlink_to(pair.monitors[200].path)
    pair.processes[200].arguments += ["-qmp", f"unix:{pair.vms / 'second.qmp'},server=on,wait=off"]
    pair.write(pair.processes[200])
    assert sorted(stats.instance.key for stats in hv.snapshot()) == sorted(map(str, (WELL, ILL)))


def test_the_sockets_of_others_are_refused(host: Host) -> None:
    for path in (
        "/var/lib/libvirt/qemu/domain-1-x/monitor.sock",
        "/run/libvirt/qemu/*.sock",
        "/var/run/qemu-server/*.qmp",
    ):
        with (
            registered("qemu", host.driver),
            pytest.raises(InvalidTarget, match="own, and a monitor serves one client"),
        ):
            hvinspect.connect(f"qemu:{path}")


def test_a_link_to_the_socket_of_another_is_not_followed(host: Host, hv: Connection) -> None:
    theirs = host.root / "libvirt/qemu"
    theirs.mkdir(parents=True)
    (host.vms / "a.qmp").symlink_to(theirs / "monitor.sock")
    (theirs / "monitor.sock").write_text("")
    (failure,) = hv.snapshot().failures
    assert failure.reason is Reason.DENIED
    assert "libvirt's own" in failure.detail


def test_a_qemu_that_libvirt_started_is_read_in_proc_alone(host: Host, hv: Connection) -> None:
    host.add(
        100, "-chardev", "socket,id=charmonitor,fd=30", "-mon", "chardev=charmonitor,id=monitor", answers=recorded()
    )
    stats = hv.snapshot()[WELL]
    assert stats.cpu.time_ns == 10_003_456_789
    assert "libvirt started" in str(stats.why("state"))
    assert host.monitors[100].given == []


@pytest.mark.parametrize(
    ("rest", "error", "words"),
    [
        ("run/vms/*.qmp", InvalidTarget, "whole path"),
        ("/nowhere/at/all.qmp", ConnectFailed, "Start QEMU with -qmp"),
        ("/nowhere/*.qmp", ConnectFailed, "No such file"),
    ],
)
def test_a_target_that_cannot_be_says_what_is_wrong(host: Host, rest: str, error: type[Exception], words: str) -> None:
    with registered("qemu", host.driver), pytest.raises(error, match=words):
        hvinspect.connect(f"qemu:{rest}")


def test_a_folder_that_may_not_be_looked_into_is_denied(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str) -> list[str]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("hvinspect.drivers.qemu.os.listdir", refuse)
    with registered("qemu", host.driver), pytest.raises(AccessDenied, match="Permission denied"):
        hvinspect.connect(host.target)


def test_every_command_that_is_sent_is_on_the_list(pair: Host, hv: Connection, tmp_path: Path) -> None:
    hv.snapshot(groups=[group for group in hvinspect.Group if group is not hvinspect.Group.UNKNOWN])
    listed = {one.command: one.arguments for one in COMMANDS}
    for command in pair.monitors[100].given:
        allowed = listed[command["execute"]]
        arguments = command.get("arguments", {})
        assert arguments.keys() == allowed.keys() & arguments.keys()
        assert all("*" in allowed[name] or value in allowed[name] for name, value in arguments.items())
