"""A guest that does not answer costs what its monitor alone knows, and that once."""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from uuid import UUID

import hvinspect
from hvinspect import Connection, Reason, State
from tests.integration.libvirt import nobody
from tests.lab.qemu.command import monitor_of
from tests.lab.qemu.lone import LoneGuest

_TIMEOUT = 5.0
_READS = """
import json, hvinspect
with hvinspect.connect("qemu:") as hv:
    groups = [hvinspect.Group(name) for name in ("cpu", "memory", "nic", "process_io")]
    print(json.dumps(hvinspect.to_dict(hv.snapshot(groups=groups))))
"""


def test_a_stopped_one_keeps_what_the_host_knows_and_the_others_are_complete(
    hv: Connection, busy: LoneGuest, still: LoneGuest
) -> None:
    hv.snapshot()
    before = hv.snapshot()[still.spec.uuid]
    with still.stopped():
        started = time.monotonic()
        snapshot = hv.snapshot(timeout=_TIMEOUT)
        assert time.monotonic() - started < _TIMEOUT
        stats = snapshot[still.spec.uuid]
        assert (stats.state, stats.native_state) == (State.PAUSED, "its process is stopped")
        assert stats.cpu.time_ns is not None
        assert stats.cpu.vcpus[0].time_ns is not None
        assert stats.nics[0].rx_bytes is not None
        assert stats.memory.host_resident_bytes is not None
        why = stats.why("disks")
        assert why is not None
        assert why.reason is Reason.TIMED_OUT
        assert snapshot[busy.spec.uuid].state is State.RUNNING
        assert len(snapshot[busy.spec.uuid].disks) == 3
        assert stats.incarnation == before.incarnation
        assert hv.health().quarantined == (still.spec.uuid,)
    assert hv.snapshot()[still.spec.uuid].native_state == "prelaunch"


def test_a_monitor_that_another_has_costs_its_guest_alone(hv: Connection, busy: LoneGuest, still: LoneGuest) -> None:
    with socket.socket(socket.AF_UNIX) as other:
        other.connect(str(monitor_of(still.spec)))
        assert other.recv(4096).startswith(b'{"QMP"')
        started = time.monotonic()
        snapshot = hv.snapshot(timeout=_TIMEOUT)
        assert time.monotonic() - started < _TIMEOUT
        stats = snapshot[still.spec.uuid]
        assert "another client has it" in str(stats.why("state"))
        assert stats.cpu.time_ns is not None
        assert stats.nics[0].rx_bytes is not None
        assert snapshot[busy.spec.uuid].state is State.RUNNING
        # What is steady is at most as slow as a look in passing.
        fastest = min(_seconds(hv) for _ in range(5))
        assert fastest < 0.5
        other.sendall(b'{"execute": "qmp_capabilities"}\n')
        assert b"return" in other.recv(4096), "whoever has the monitor is served as before"
    deadline = time.monotonic() + _TIMEOUT
    while hv.snapshot()[still.spec.uuid].native_state != "prelaunch":
        assert time.monotonic() < deadline


def _seconds(hv: Connection) -> float:
    started = time.monotonic()
    hv.snapshot(timeout=_TIMEOUT)
    return time.monotonic() - started


def test_one_that_is_killed_while_it_is_read_costs_nobody_else(
    hv: Connection, busy: LoneGuest, still: LoneGuest
) -> None:
    hv.snapshot()
    killer = threading.Timer(0.05, still.kill)
    killer.start()
    gone = False
    deadline = time.monotonic() + 20
    while not gone:
        assert time.monotonic() < deadline
        snapshot = hv.snapshot(timeout=_TIMEOUT)
        assert snapshot[busy.spec.uuid].state is State.RUNNING
        assert {failure.reason for failure in snapshot.failures} <= {Reason.VANISHED}
        gone = UUID(still.spec.uuid) not in {stats.instance.uuid for stats in snapshot} and not snapshot.failures
    killer.join()


def test_one_that_is_started_again_is_another(hv: Connection, still: LoneGuest) -> None:
    before = hv.snapshot()[still.spec.uuid].incarnation
    still.kill()
    still.run()
    deadline = time.monotonic() + 20
    while hv.snapshot().failures:
        assert time.monotonic() < deadline
    assert hv.snapshot()[still.spec.uuid].incarnation != before


def test_a_user_without_privileges_reads_what_everybody_may_and_is_told_what_the_rest_needs(still: LoneGuest) -> None:
    told = nobody.run(sys.executable, "-c", _READS)
    assert told.returncode == 0, told.stderr
    restored = hvinspect.from_dict(json.loads(told.stdout)).record
    assert isinstance(restored, hvinspect.Snapshot)
    stats = restored[still.spec.uuid]
    assert stats.cpu.time_ns is not None
    assert stats.cpu.vcpus[0].time_ns is not None
    assert stats.memory.host_resident_bytes is not None
    for why in (stats.process_io.why("write_bytes"), stats.nics[0].why("rx_bytes")):
        assert why is not None
        assert why.reason is Reason.DENIED
        assert "CAP_SYS_PTRACE" in why.detail
