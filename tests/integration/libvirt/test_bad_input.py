"""What is wrong from outside is a clear error that names what was tried and what to do; nothing else is lost by it."""

from __future__ import annotations

import math
import os
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, final

import pytest

import hvinspect
from hvinspect import Reason
from hvinspect.drivers._libvirt import native
from tests.lab import settings
from tests.lab.fixtures import Lab
from tests.lab.guests import Guest

TARGET = "libvirt:qemu:///system"


@pytest.mark.parametrize(
    ("target", "kind", "remedy"),
    [
        ("libvrt:qemu:///system", hvinspect.DriverNotFound, "did you mean 'libvirt'"),
        ("qemu:///system", hvinspect.InvalidTarget, "use libvirt:qemu:///system"),
        ("qemu+ssh://node/system", hvinspect.InvalidTarget, "use libvirt:qemu[+]ssh://node/system"),
        ("libvirt", hvinspect.InvalidTarget, "libvirt:qemu:///system"),
        ("", hvinspect.InvalidTarget, "libvirt:qemu:///system"),
        (":", hvinspect.InvalidTarget, "libvirt:qemu:///system"),
        ("libvirt:", hvinspect.InvalidTarget, "libvirt:qemu:///system"),
        ("libvirt://node/system", hvinspect.InvalidTarget, "libvirt:URI"),
        ("libvirt:qemu", hvinspect.InvalidTarget, "qemu:///system"),
        ("libvirt:foo:///system", hvinspect.InvalidTarget, "there are"),
        ("libvirt:qemu:///nix", hvinspect.InvalidTarget, "use /system"),
        ("libvirt:xen:///system", hvinspect.InvalidTarget, "installed"),
        ("libvirt:qemu:///system\n", hvinspect.InvalidTarget, "control characters"),
        ("libvirt:qemu:///" + "x" * 10_000, hvinspect.InvalidTarget, "too long"),
        ("libvirt:qemu+tcp://nowhere.invalid/system", hvinspect.ConnectFailed, "nowhere.invalid"),
        ("libvirt:qemu+tcp://127.0.0.1:1/system", hvinspect.ConnectFailed, "127.0.0.1"),
        ("libvirt:qemu+tls://127.0.0.1/system", hvinspect.ConnectFailed, "CA certificate"),
        ("libvirt:test:///no/such/file.xml", hvinspect.ConnectFailed, "No such file"),
    ],
)
def test_a_wrong_target(target: str, kind: type[hvinspect.Error], remedy: str) -> None:
    with pytest.raises(kind, match=remedy) as caught:
        hvinspect.connect(target)
    assert len(str(caught.value)) < 1000


def test_an_unknown_option_and_a_wrong_value() -> None:
    with pytest.raises(hvinspect.InvalidTarget, match="did you mean 'access'"):
        hvinspect.connect(TARGET, options={"acess": "write"})
    with pytest.raises(hvinspect.InvalidTarget, match="'read', 'write'"):
        hvinspect.connect(TARGET, options={"access": "all"})


@pytest.mark.parametrize("missing", ["libvirt", "libvirtmod", "lxml"])
def test_what_is_not_installed_is_named_with_its_remedy(missing: str) -> None:
    script = (
        "import sys\n"
        "class Blocker:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name.partition('.')[0] == {missing!r}:\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, Blocker())\n"
        "import hvinspect\n"
        "for _ in range(2):\n"  # a failed import leaves nothing half made
        "    try: hvinspect.connect('libvirt:test:///default')\n"
        "    except hvinspect.DriverUnavailable as exc: print(exc)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=settings.PROJECT_ROOT, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert len(lines) == 2
    assert lines[0] == lines[1]
    assert missing in lines[0]
    assert "pip install 'hvinspect[libvirt]'" in lines[0]


# -- sockets


@contextmanager
def _listening(answer: Callable[[socket.socket], None] | None) -> Iterator[Path]:
    """A socket that is not libvirt's; None is one on which nobody listens."""
    path = Path("/run") / f"{uuid.uuid4()}.sock"
    ended = threading.Event()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        path.chmod(0o777)
        if answer is not None:
            listener.listen()

        def serve(answer: Callable[[socket.socket], None]) -> None:
            kept: list[socket.socket] = []
            while not ended.is_set():
                try:
                    kept.append(listener.accept()[0])
                    answer(kept[-1])
                except OSError:
                    continue
            for connection in kept:
                connection.close()

        thread = threading.Thread(target=serve, args=(answer,)) if answer is not None else None
        if thread is not None:
            thread.start()
        try:
            yield path
        finally:
            ended.set()
            if thread is not None:
                listener.shutdown(socket.SHUT_RDWR)
                thread.join()
            path.unlink()


def _target(path: Path) -> str:
    return f"libvirt:qemu+unix:///system?socket={path}"


@pytest.mark.parametrize(
    "answer",
    [
        None,
        socket.socket.close,
        lambda connection: connection.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n" * 100),
        lambda connection: connection.sendall(b"\0" * 100_000),
        lambda connection: connection.sendall(b"\xff" * 100_000),
        lambda connection: connection.sendall(b"\x7f\xff\xff\xff" + b"A" * 100_000),
        # A well-formed reply to a question that was never asked.
        lambda connection: connection.sendall(
            bytes.fromhex("0000001c20008086000000010000004200000001000000990000000000")
        ),
    ],
    ids=["nobody-listens", "closes", "http", "zeros", "ones", "huge", "stray-reply"],
)
def test_what_is_not_a_libvirtd_is_a_connect_failed(answer: Callable[[socket.socket], None] | None) -> None:
    with _listening(answer) as path, pytest.raises(hvinspect.ConnectFailed, match="daemon") as caught:
        hvinspect.connect(_target(path), timeout=10.0)
    assert str(path) in str(caught.value)


def test_a_missing_socket_is_a_connect_failed() -> None:
    with pytest.raises(hvinspect.ConnectFailed, match=r"No such file.*daemon"):
        hvinspect.connect(_target(Path("/run/nowhere.sock")))


def test_a_silent_listener_is_left_at_the_deadline() -> None:
    with _listening(lambda connection: None) as path:
        started = time.monotonic()
        with pytest.raises(hvinspect.DeadlineExceeded, match="qemu"):
            hvinspect.connect(_target(path), timeout=0.5)
        assert time.monotonic() - started < 2.0


def test_a_listener_that_answers_byte_by_byte_is_left_at_the_deadline() -> None:
    def drip(connection: socket.socket) -> None:
        for _ in range(20):
            connection.send(b"\0")
            time.sleep(0.1)

    with _listening(drip) as path:
        started = time.monotonic()
        with pytest.raises((hvinspect.DeadlineExceeded, hvinspect.ConnectFailed)):
            hvinspect.connect(_target(path), timeout=0.5)
        assert time.monotonic() - started < 2.0


def test_a_locale_does_not_change_the_kind_of_an_error(lab: Lab) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            (
                "import hvinspect\ntry: hvinspect.connect('libvirt:qemu+unix:///system?socket=/nowhere')\n"
                "except hvinspect.ConnectFailed as exc: print('right')"
            ),
        ],
        cwd=settings.PROJECT_ROOT,
        env={**os.environ, "LC_ALL": "de_DE.UTF-8", "LANGUAGE": "de"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == ("right\n", "")


# -- arguments of a call


@pytest.mark.parametrize("timeout", [0, 0.0, -1, -math.inf, math.inf, math.nan])
def test_a_senseless_timeout_is_a_value_error(hv: hvinspect.Connection, timeout: float) -> None:
    for call in (hv.snapshot, hv.host, hv.capabilities):
        with pytest.raises(ValueError, match="timeout"):
            call(timeout=timeout)
    with pytest.raises(ValueError, match="timeout"):
        hvinspect.connect(TARGET, timeout=timeout)


def test_a_bare_string_of_instances_is_a_type_error(
    hv: hvinspect.Connection, two_busy_guests: tuple[Guest, Guest]
) -> None:
    with pytest.raises(TypeError, match=r"\["):
        hv.snapshot(two_busy_guests[0].spec.uuid)


def test_an_unknown_uuid_is_a_failure_beside_what_is_there(
    hv: hvinspect.Connection, two_busy_guests: tuple[Guest, Guest]
) -> None:
    unknown = uuid.UUID(int=7)
    snapshot = hv.snapshot([unknown, two_busy_guests[0].spec.uuid])
    (failure,) = snapshot.failures
    assert failure.reason is Reason.NOT_FOUND
    assert str(unknown) in str(failure.instance.key)
    assert snapshot[two_busy_guests[0].spec.uuid].memory.assigned_bytes
    with pytest.raises(hvinspect.InstanceNotFound):
        snapshot[unknown]


# -- replies


@final
class _Odd:
    """A native handle whose bulk statistics are what a test makes of the right ones."""

    #: Of all of them: the driver opens as many as it needs.
    change: Callable[[Any], Any] = staticmethod(lambda answers: answers)

    def __init__(self, handle: Any) -> None:
        self._handle = handle

    def __getattr__(self, name: str) -> Any:
        return getattr(self._handle, name)

    def domainListGetStats(self, *words: Any) -> Any:  # noqa: N802  # the binding's name
        return _Odd.change(self._handle.domainListGetStats(*words))


@final
class _OddConnection:
    """A connection over odd handles."""

    def __init__(self, hv: hvinspect.Connection) -> None:
        self._hv = hv

    def snapshot(self, change: Callable[[Any], Any]) -> hvinspect.Snapshot:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(_Odd, "change", staticmethod(change))
            return self._hv.snapshot()

    def with_value(self, key: str, value: Any) -> hvinspect.Snapshot:
        return self.snapshot(lambda answers: [(domain, {**values, key: value}) for domain, values in answers])


@pytest.fixture(scope="module")
def odd(two_busy_guests: tuple[Guest, Guest]) -> Iterator[_OddConnection]:
    real = native.Native.open

    def opened(*words: Any, **named: Any) -> native.Native:
        native = real(*words, **named)
        native.handle = _Odd(native.handle)
        return native

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(native.Native, "open", opened)
        with hvinspect.connect(TARGET) as hv:
            yield _OddConnection(hv)


WRONG: list[Any] = ["7", -1, None, True, 1.5, b"7", [7], {"7": 7}, float("nan"), "x" * 1_000_000]


@pytest.mark.parametrize(
    ("key", "record", "field"),
    [
        ("cpu.time", "cpu", "time_ns"),
        ("balloon.current", "memory", "assigned_bytes"),
        ("vcpu.current", "cpu", "vcpus_online"),
    ],
)
def test_a_value_of_a_wrong_type_is_missing_and_the_rest_is_there(
    odd: _OddConnection, two_busy_guests: tuple[Guest, Guest], key: str, record: str, field: str
) -> None:
    for value in WRONG:
        snapshot = odd.with_value(key, value)
        for guest in two_busy_guests:
            stats = snapshot[guest.spec.uuid]
            hurt = getattr(stats, record)
            assert getattr(hurt, field) is None
            why = hurt.why(field)
            assert why is not None
            assert len(why.detail) < 300
            assert stats.state is hvinspect.State.RUNNING
            assert stats.cpu.user_ns is not None
            assert stats.memory.maximum_bytes is not None
            assert len(stats.disks) == 2
            assert all(disk.read_bytes is not None for disk in stats.disks)
            assert all(nic.rx_bytes is not None for nic in stats.nics)


@pytest.mark.parametrize(
    "key", ["vcpu.maximum", "vcpu.current", "net.count", "block.count", "state.state", "state.reason", "block.0.name"]
)
def test_a_count_or_name_that_cannot_be_costs_no_more_than_its_part(
    odd: _OddConnection, two_busy_guests: tuple[Guest, Guest], key: str
) -> None:
    for value in [*WRONG, 10**15, 10**400]:
        stats = odd.with_value(key, value)[two_busy_guests[0].spec.uuid]
        assert stats.memory.maximum_bytes is not None
        assert stats.cpu.time_ns is not None
        assert 2 <= len(stats.disks) <= 3
        assert any(disk.read_bytes is not None for disk in stats.disks)
        assert len(stats.nics) == 2
        assert stats.taken.duration_ns < 5_000_000_000


@pytest.mark.parametrize("value", [None, "text", 7, {"a": 1}])
def test_a_bulk_answer_that_is_no_list_fails_each_instance_with_a_reason(
    odd: _OddConnection, two_busy_guests: tuple[Guest, Guest], value: Any
) -> None:
    snapshot = odd.snapshot(lambda answers: value)
    by_key = {failure.instance.key: failure for failure in snapshot.failures}
    for guest in two_busy_guests:
        assert by_key[guest.spec.uuid].reason is not Reason.UNKNOWN
        assert by_key[guest.spec.uuid].detail


@pytest.mark.parametrize(
    "entry",
    [None, 7, (), ("too", "many", "things"), ("no domain", {"state.state": 1}), (None, None)],
    ids=repr,
)
def test_a_bulk_entry_that_is_none_costs_nobody_else(
    odd: _OddConnection, two_busy_guests: tuple[Guest, Guest], entry: Any
) -> None:
    def change(answers: Any) -> Any:
        hurt = two_busy_guests[0].spec.uuid
        return [entry, *(answer for answer in answers if answer[0].UUIDString() != hurt)]

    snapshot = odd.snapshot(change)
    assert two_busy_guests[0].spec.uuid in {failure.instance.key for failure in snapshot.failures}
    assert snapshot[two_busy_guests[1].spec.uuid].memory.assigned_bytes


def test_a_bulk_entry_nobody_asked_for_is_left_out(odd: _OddConnection, two_busy_guests: tuple[Guest, Guest]) -> None:
    class Stranger:
        def UUID(self) -> bytes:  # noqa: N802  # the binding's name
            return uuid.UUID(int=9).bytes

    snapshot = odd.snapshot(lambda answers: [*answers, (Stranger(), {"state.state": 1})])
    assert str(uuid.UUID(int=9)) not in {stats.instance.key for stats in snapshot}
    assert {guest.spec.uuid for guest in two_busy_guests} <= {stats.instance.key for stats in snapshot}


def test_keys_that_are_no_text_or_unknown_cost_nothing(
    odd: _OddConnection, two_busy_guests: tuple[Guest, Guest]
) -> None:
    strange = {7: 7, None: None, "": "", "vcpu.-1.time": 5, "block.999999999999.name": "x", "new.in.libvirt": 1}
    snapshot = odd.snapshot(lambda answers: [(domain, {**values, **strange}) for domain, values in answers])
    stats = snapshot[two_busy_guests[0].spec.uuid]
    assert stats.cpu.time_ns is not None
    assert sum(disk.read_bytes is not None for disk in stats.disks) == 2


# -- descriptions


@pytest.mark.parametrize(
    "xml",
    [
        "",
        "<domain",
        "<domain>" + "<a>" * 100_000,
        '<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><domain>&b;</domain>',
        '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><domain>&x;</domain>',
        "<domain>" + "x" * (17 * 1024 * 1024) + "</domain>",
        "<domain><devices><disk/><disk><target/></disk><interface/></devices></domain>",
        "<something-else/>",
    ],
    ids=["empty", "cut", "deep", "bomb", "outside", "huge", "hollow", "other"],
)
def test_a_snapshot_survives_a_description_that_cannot_be_read(
    two_busy_guests: tuple[Guest, Guest], monkeypatch: pytest.MonkeyPatch, xml: Any
) -> None:
    import libvirt

    hurt, well = two_busy_guests
    real = libvirt.virDomain.XMLDesc

    def told(domain: Any, flags: int = 0) -> Any:
        return xml if domain.UUIDString() == hurt.spec.uuid else real(domain, flags)

    monkeypatch.setattr(libvirt.virDomain, "XMLDesc", told)
    with hvinspect.connect(TARGET) as hv:
        snapshot = hv.snapshot(timeout=10.0)
    stats = snapshot[hurt.spec.uuid]
    assert stats.cpu.time_ns is not None
    assert stats.memory.assigned_bytes is not None
    assert all(disk.read_bytes is not None for disk in snapshot[well.spec.uuid].disks)
    assert len(snapshot[well.spec.uuid].nics) == 2
