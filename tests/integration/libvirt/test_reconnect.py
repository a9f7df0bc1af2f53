"""A daemon that goes and comes back, again and again, under one connection that is read all the time."""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import subprocess
import threading
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Self, final

import pytest

import hvinspect
from tests.integration.libvirt.faults.leaks import held, left_behind
from tests.integration.libvirt.reading import wait_until_stopped
from tests.lab import requirements, settings
from tests.lab.daemons import Daemon, wait_until
from tests.lab.fixtures import Lab, keys_of_still_guests

#: Of a call that the daemon may not answer.
TIMEOUT = 0.5
#: What a busy machine may add to that.
GRACE = 1.5
#: Far longer than the daemon needs for anything.
LONG = 30.0
FEW, MANY, SETTLED = 2, 20, 5
#: How often a daemon hangs, at different moments of snapshots.
HANGS = 8
#: How much more may be there after the last repetition than after the fifth. The interpreter's own caches take about
#: 1 KiB each time until they are full; resident pages are malloc's affair as well, hence the wider margin.
PYTHON_BYTES, RESIDENT_BYTES = 64 * 1024, 3 * 1024 * 1024

LOST: set[type[hvinspect.Error]] = {hvinspect.ConnectionLost, hvinspect.ConnectFailed}
LATE: set[type[hvinspect.Error]] = {hvinspect.DeadlineExceeded}
_SOCKET = settings.READ_ONLY_SOCKET

Fault = Callable[[Daemon, "Reader"], AbstractContextManager[None]]


@pytest.fixture(scope="module")
def keys(lab: Lab) -> Iterator[set[str]]:
    """The keys of five guests that never run an instruction: enough that a snapshot is more than one request."""
    yield from keys_of_still_guests("still", 5)


@final
class Reader:
    """Takes one snapshot after another of a connection on a thread of its own, but for pauses."""

    def __init__(self, hv: hvinspect.Connection, keys: set[str]) -> None:
        self.hv = hv
        self._keys = keys
        self.good = 0
        self.errors: Counter[type[BaseException]] = Counter()
        self.slowest = 0.0
        self.wrong: list[str] = []
        self._may_read = threading.Event()
        self._rests = threading.Event()
        self._over = False
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self) -> Self:
        self._may_read.set()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over = True
        self._may_read.set()
        self._thread.join(LONG)
        assert not self._thread.is_alive()

    @contextlib.contextmanager
    def resting(self) -> Iterator[None]:
        """No snapshot is under way meanwhile."""
        self._rests.clear()
        self._may_read.clear()
        assert self._rests.wait(LONG)
        try:
            yield
        finally:
            self._may_read.set()

    def wait_for_errors(self) -> None:
        """Until two more snapshots have failed: the second began after this was called."""
        before = self.errors.total()
        wait_until(lambda: self.errors.total() >= before + 2, what="two snapshots fail", timeout=LONG)

    def _work(self) -> None:
        while not self._over:
            if not self._may_read.is_set():
                self._rests.set()
                self._may_read.wait()
            started = time.monotonic()
            try:
                snapshot = self.hv.snapshot(timeout=TIMEOUT)
            except hvinspect.Error as error:
                self.errors[type(error)] += 1
                time.sleep(0.02)
            except Exception as error:  # noqa: BLE001  # told by the test
                self.wrong.append(repr(error))
            else:
                self.good += 1
                seen = [one.instance.key for one in snapshot] + [one.instance.key for one in snapshot.failures]
                # Other tests of this lab have guests of their own.
                if sorted(set(self._keys).intersection(seen)) != sorted(self._keys) or len(seen) != len(set(seen)):
                    self.wrong.append(f"a snapshot of {seen}")
            self.slowest = max(self.slowest, time.monotonic() - started)


# -- what happens to the daemon; when the context ends it is back


@contextlib.contextmanager
def stopped(libvirtd: Daemon, reader: Reader) -> Iterator[None]:
    libvirtd.stop()
    reader.wait_for_errors()
    yield
    libvirtd.start()


@contextlib.contextmanager
def killed(libvirtd: Daemon, reader: Reader) -> Iterator[None]:
    libvirtd.kill()
    reader.wait_for_errors()
    yield
    libvirtd.start()


@contextlib.contextmanager
def restarted(libvirtd: Daemon, _reader: Reader) -> Iterator[None]:
    libvirtd.stop()
    # The name of the old socket is kept busy, so that the new one cannot have its inode.
    with _SOCKET.with_name("kept").open("w"):
        yield
        libvirtd.start()
    _SOCKET.with_name("kept").unlink()


@contextlib.contextmanager
def without_socket(libvirtd: Daemon, reader: Reader) -> Iterator[None]:
    """Who is connected would stay so: the daemon throws them out too."""
    away = _SOCKET.with_name("away")
    _SOCKET.rename(away)
    _throw_out_all_clients()
    reader.wait_for_errors()
    yield
    away.rename(_SOCKET)


@contextlib.contextmanager
def hung(libvirtd: Daemon, reader: Reader) -> Iterator[None]:
    pid = libvirtd.pid
    assert pid is not None
    libvirtd.suspend()
    try:
        wait_until_stopped(pid)
        reader.wait_for_errors()
        yield
    finally:
        if libvirtd.pid == pid:
            libvirtd.resume()


@contextlib.contextmanager
def hung_and_killed(libvirtd: Daemon, reader: Reader) -> Iterator[None]:
    with hung(libvirtd, reader):
        yield
        libvirtd.kill()
        libvirtd.start()


def _throw_out_all_clients() -> None:
    admin = requirements.program("virt-admin")
    listed = subprocess.run([admin, "client-list", "libvirtd"], capture_output=True, text=True, check=True).stdout
    for number in [words[0] for line in listed.splitlines() if (words := line.split()) and words[0].isdigit()]:
        # One that has gone by itself is not there any more.
        subprocess.run([admin, "client-disconnect", "libvirtd", number], capture_output=True, check=False)


#: Each with the errors of which one has to be seen.
FAULTS: dict[str, tuple[Fault, set[type[hvinspect.Error]]]] = {
    "stopped": (stopped, LOST),
    "killed": (killed, LOST),
    "restarted": (restarted, LOST),
    "without its socket": (without_socket, LOST),
    "hung": (hung, LATE),
    "hung and killed": (hung_and_killed, LATE),
}


def _repeat(fault: Fault, times: int, libvirtd: Daemon, reader: Reader, after_each: Callable[[], None]) -> None:
    """Each time the first call after the daemon is back works."""
    for _ in range(times):
        with fault(libvirtd, reader):
            pass
        with reader.resting():
            snapshot = reader.hv.snapshot(timeout=LONG)
            assert [one.detail for one in snapshot.failures] == []
            after_each()


def _judge(reader: Reader, errors: set[type[hvinspect.Error]]) -> None:
    assert reader.wrong == []
    assert errors & set(reader.errors)
    # A daemon that has only just started may be late as well.
    assert set(reader.errors) <= LOST | LATE
    assert reader.slowest < TIMEOUT + GRACE
    assert reader.good > 0


@pytest.mark.parametrize("name", FAULTS)
def test_nothing_is_left_of_a_daemon_that_goes_and_comes_back(name: str, libvirtd: Daemon, keys: set[str]) -> None:
    fault, errors = FAULTS[name]
    before = held(os.getpid())
    with (
        hvinspect.connect(f"libvirt:{settings.QEMU_URI}") as hv,
        Reader(hv, keys) as reader,
    ):
        _repeat(fault, FEW, libvirtd, reader, lambda: None)
    _judge(reader, errors)
    assert left_behind(os.getpid(), before) == ""


def test_the_garbage_collector_waits_for_no_hung_daemon(libvirtd: Daemon, keys: set[str]) -> None:
    """It runs on any thread that makes an object: on the one that is to let the daemon go on, too."""
    collection = threading.Thread(target=gc.collect, daemon=True)
    gc.disable()
    try:
        with (
            hvinspect.connect(f"libvirt:{settings.QEMU_URI}") as hv,
            Reader(hv, keys) as reader,
            Reader(hv, keys),
        ):
            for moment in range(HANGS):
                time.sleep(0.2 + 0.01 * moment)  # between two requests now, in one then
                with hung(libvirtd, reader):
                    pass
            wait_until(lambda: hv.health().stuck_calls == 0, what="stuck calls end", timeout=LONG)
            with hung(libvirtd, reader):
                collection.start()
                collection.join(LONG)
                assert not collection.is_alive()
    finally:
        gc.enable()


@pytest.mark.slow
@pytest.mark.parametrize("name", FAULTS)
def test_nothing_grows_with_twenty_of_them(
    name: str, libvirtd: Daemon, keys: set[str], caplog: pytest.LogCaptureFixture
) -> None:
    fault, errors = FAULTS[name]
    caplog.set_level(logging.ERROR, logger="hvinspect")  # pytest keeps each line of the log
    allocated: list[int] = []
    resident: list[int] = []

    def measure() -> None:
        wait_until(lambda: reader.hv.health().stuck_calls == 0, what="stuck calls end", timeout=LONG)
        wait_until(lambda: _closers() == 0, what="what was given up is closed", timeout=LONG)
        gc.collect()
        allocated.append(tracemalloc.get_traced_memory()[0])
        resident.append(_resident_bytes())

    before = held(os.getpid())
    tracemalloc.start()
    try:
        with (
            hvinspect.connect(f"libvirt:{settings.QEMU_URI}") as hv,
            Reader(hv, keys) as reader,
        ):
            _repeat(fault, MANY, libvirtd, reader, measure)
    finally:
        tracemalloc.stop()
    print(f"{name}: {allocated=} {resident=} {reader.errors} slowest {reader.slowest:.2f} s")
    _judge(reader, errors)
    assert left_behind(os.getpid(), before) == ""
    assert allocated[-1] - allocated[SETTLED - 1] < PYTHON_BYTES
    assert resident[-1] - resident[SETTLED - 1] < RESIDENT_BYTES


def _closers() -> int:
    return sum(thread.name.startswith("hvinspect") for thread in threading.enumerate())


def _resident_bytes() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("the kernel does not tell")
