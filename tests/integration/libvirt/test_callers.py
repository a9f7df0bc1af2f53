"""Many threads that read one connection at once, and one that closes it under them."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import final

import pytest

import hvinspect
from tests.integration.libvirt.faults.leaks import clients, held, left_behind
from tests.integration.libvirt.reading import wait_until_stopped
from tests.lab import settings
from tests.lab.daemons import Daemon, wait_until
from tests.lab.fixtures import Lab, keys_of_still_guests

TARGET = f"libvirt:{settings.QEMU_URI}"
CALLERS = 32
#: How long they go on.
SECONDS = 3.0
#: Far longer than any call takes, even with all of them on a busy machine.
LONG = 60.0
#: What a busy machine may add to a deadline.
GRACE = 2.0
#: One for each of the calls that run at a time, and one for each of the requests of which a snapshot consists.
MOST_CONNECTIONS = 4 + 3


@pytest.fixture(scope="module")
def keys(lab: Lab) -> Iterator[set[str]]:
    """The keys of nine guests: enough for three requests at once."""
    yield from keys_of_still_guests("asked", 9)


@final
class Caller(threading.Thread):
    """Makes one call after another until told to end, or until one fails."""

    def __init__(self, hv: hvinspect.Connection, number: int, keys: set[str], *, timeout: float = LONG) -> None:
        super().__init__(daemon=True)
        self.hv = hv
        self._keys = keys
        self._timeout = timeout
        self._calls: list[Callable[[], None]] = [self._snapshot, self._host, self._capabilities, self._health]
        # Not all of them ask for the same at the same time.
        self._calls = self._calls[number % 4 :] + self._calls[: number % 4]
        self.over = False
        self.calls = 0
        #: Guests that were read with all they have, and without what their monitors tell.
        self.complete = self.busy = 0
        self.slowest = 0.0
        self.error: BaseException | None = None
        self.incarnations: dict[str, str] = {}
        self._cpu: dict[str, int] = {}
        self._host_busy = 0
        self._given: tuple[str, ...] = ()

    def run(self) -> None:
        while not self.over and self.error is None:
            for call in self._calls:
                started = time.monotonic()
                try:
                    call()
                except Exception as error:  # noqa: BLE001  # told by the test
                    self.error = error
                    break
                finally:
                    self.slowest = max(self.slowest, time.monotonic() - started)
                self.calls += 1

    def _snapshot(self) -> None:
        snapshot = self.hv.snapshot(timeout=self._timeout)
        assert [one.detail for one in snapshot.failures] == []
        # Other tests of this lab have guests of their own.
        assert {one.instance.key for one in snapshot} >= self._keys
        for key in self._keys:
            one = snapshot[key]
            if (why := one.memory.why("maximum_bytes")) is None:
                assert one.memory.maximum_bytes == 16 * 1024 * 1024
                self.complete += 1
            else:  # on a machine that has no time others may be at its monitor for longer than is waited
                assert why.reason in {hvinspect.Reason.BUSY, hvinspect.Reason.TIMED_OUT}, why
                self.busy += 1
            assert self.incarnations.setdefault(key, one.incarnation) == one.incarnation
            assert one.cpu.time_ns is not None
            assert one.cpu.time_ns >= self._cpu.get(key, 0)
            self._cpu[key] = one.cpu.time_ns

    def _host(self) -> None:
        host = self.hv.host(timeout=self._timeout)
        assert host.hypervisor == "QEMU"
        assert host.user_ns is not None
        assert host.user_ns >= self._host_busy
        self._host_busy = host.user_ns

    def _capabilities(self) -> None:
        given = tuple(map(repr, self.hv.capabilities(timeout=self._timeout)))
        self._given = self._given or given
        assert given == self._given

    def _health(self) -> None:
        health = self.hv.health()
        assert (health.connected, health.reconnects) == (True, 0)


def _callers(hv: hvinspect.Connection, keys: set[str], *, timeout: float = LONG) -> list[Caller]:
    callers = [Caller(hv, number, keys, timeout=timeout) for number in range(CALLERS)]
    for caller in callers:
        caller.start()
    return callers


def _join(callers: list[Caller]) -> None:
    deadline = time.monotonic() + LONG
    for caller in callers:
        caller.join(max(0.0, deadline - time.monotonic()))
    assert not any(caller.is_alive() for caller in callers)


def test_many_callers_each_get_what_is_right(keys: set[str]) -> None:
    before = held(os.getpid())
    most = 0
    with hvinspect.connect(TARGET) as hv:
        callers = _callers(hv, keys)
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            most = max(most, clients()[0] - before.clients)
            time.sleep(0.05)
        for caller in callers:
            caller.over = True
        _join(callers)
        assert hv.health().timeouts == 0
        wait_until(lambda: hv.health().stuck_calls == 0, what="what was given up ends", timeout=LONG)
    assert [caller.error for caller in callers if caller.error] == []
    assert all(caller.calls >= 4 for caller in callers)
    assert sum(caller.busy for caller in callers) < sum(caller.complete for caller in callers)
    assert len({tuple(sorted(caller.incarnations.items())) for caller in callers}) == 1
    assert 1 <= most <= MOST_CONNECTIONS
    assert left_behind(os.getpid(), before) == ""


def test_calls_end_when_the_connection_is_closed_under_them(keys: set[str]) -> None:
    before = held(os.getpid())
    hv = hvinspect.connect(TARGET)
    callers = _callers(hv, keys)
    time.sleep(0.5)
    hv.close()
    _join(callers)
    ended = [caller.error for caller in callers]
    # The last snapshot may have been cut short, and health() says that it is closed.
    assert {type(error) for error in ended} <= {hvinspect.ConnectionLost, AssertionError}
    assert any(isinstance(error, hvinspect.ConnectionLost) for error in ended)
    assert left_behind(os.getpid(), before) == ""


def test_a_connection_to_a_hung_daemon_is_closed_under_its_callers(libvirtd: Daemon, keys: set[str]) -> None:
    before = held(os.getpid())
    hv = hvinspect.connect(TARGET)
    callers = _callers(hv, keys, timeout=2.0)
    pid = libvirtd.pid
    assert pid is not None
    libvirtd.suspend()
    wait_until_stopped(pid)
    started = time.monotonic()
    hv.close(timeout=0.5)
    took = time.monotonic() - started
    _join(callers)
    libvirtd.resume()
    assert took < 0.5 + GRACE
    assert max(caller.slowest for caller in callers) < 2.0 + GRACE
    assert {type(caller.error) for caller in callers} <= {
        hvinspect.ConnectionLost,
        hvinspect.DeadlineExceeded,
        AssertionError,
    }
    assert left_behind(os.getpid(), before) == ""
