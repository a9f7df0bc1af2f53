# pyright: strict
"""Tests of somebody's program, made with what hvinspect.testing gives: a fake, faults, recordings, the suite.

Frozen with a release, and run against every later one: it uses hvinspect as a program of its time does.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import hvinspect
from hvinspect import Connection, Group, Reason, State
from hvinspect.testing import (
    FakeClock,
    FakeDriver,
    FakeHypervisor,
    FakeKind,
    ReplayDriver,
    conformance,
    faults,
    record,
    registered,
)
from hvinspect.testing.conformance import Moved, Outcome, Way


def busiest(hv: Connection, timeout: float = 5.0) -> str | None:
    """The program under test: the key of the running instance that used most CPU time."""
    snapshot = hv.snapshot(groups={Group.STATE, Group.CPU}, timeout=timeout)
    running = [stats for stats in snapshot if stats.state is State.RUNNING and stats.cpu.time_ns is not None]
    return max(running, key=lambda stats: stats.cpu.time_ns or 0).instance.key if running else None


def test_the_busiest_is_the_one_that_spins() -> None:
    with FakeHypervisor(instances=0) as host, hvinspect.connect(host.target) as hv:
        assert busiest(hv) is None
        calm, busy = host.add("calm", state=State.RUNNING), host.add("busy", state=State.RUNNING, vcpus=4)
        host.spin(busy, 3600.0)
        assert busiest(hv) == busy
        host.stop(busy)
        assert busiest(hv) == calm
        host.start(busy)
        host.remove(calm)
        assert busiest(hv) == busy


def test_what_happens_to_an_instance_is_seen() -> None:
    with FakeHypervisor(seed=5, instances=2, clock=FakeClock.MANUAL) as host, hvinspect.connect(host.target) as hv:
        key = host.keys[0]
        before = hv.snapshot()
        host.write_disk(key, "virtio-disk0", size_bytes=4096, requests=1)
        host.send(key, "net0", size_bytes=1500, packets=1)
        host.replug_nic(host.keys[1], "net0")
        host.advance(1.0)
        after = hv.snapshot()
        found = hvinspect.rates(before, after)
        disk, nic = found[key].disks[0], found[key].nics[0]
        assert disk.write_bytes_per_s is not None
        assert disk.write_bytes_per_s >= 4096
        assert nic.tx_bytes_per_s is not None
        assert nic.tx_bytes_per_s >= 1500
        absence = found[host.keys[1]].nics[0].why("rx_bytes_per_s")
        assert absence is not None
        assert absence.reason is Reason.IDENTITY_CHANGED
        host.hang(key)
        stuck = hv.snapshot([key], timeout=2.0)[key]
        why = stuck.memory.why("assigned_bytes")
        assert why is not None
        assert why.reason is Reason.TIMED_OUT
        assert hv.health().quarantined == (key,)


def test_a_hypervisor_of_rates_needs_one_snapshot() -> None:
    with hvinspect.connect("fake:", options={"kind": FakeKind.RATES.value, "instances": "1"}) as hv:
        snapshot = hv.snapshot()
        (one,) = hvinspect.rates(snapshot, snapshot)
        assert one.source is hvinspect.RateSource.SUPPLIED
        assert one.cpu_cores is not None


def test_faults_strike_where_they_are_told() -> None:
    plan: list[faults.Fault] = [
        faults.Disconnect("read", calls={1, 2}),
        faults.DenyGroups({Group.NIC}),
        faults.Partly(3, calls={4}),
    ]
    with faults.wrap(FakeDriver, plan, name="flaky") as name, hvinspect.connect(f"{name}:") as hv:
        try:
            hv.snapshot()
        except hvinspect.ConnectionLost as error:
            assert error.code == "connection_lost"
        else:
            raise AssertionError("the fault did not strike")
        stats = hv.snapshot().instances[0]
        absence = stats.why("nics")
        assert absence is not None
        assert absence.reason is Reason.DENIED
        assert len(hv.snapshot().instances) == 3


def test_a_fault_at_the_door_is_an_error() -> None:
    with faults.wrap(FakeDriver, [faults.Deny("open", calls={1}), faults.Hang("host")]) as name:
        try:
            hvinspect.connect(f"{name}:")
        except PermissionError as error:
            assert isinstance(error, hvinspect.AccessDenied)
        with hvinspect.connect(f"{name}:") as hv:
            try:
                hv.host(timeout=0.2)
            except TimeoutError as error:
                assert isinstance(error, hvinspect.DeadlineExceeded)
            else:
                raise AssertionError("the fault did not strike")


def test_a_recording_reads_as_what_was_recorded() -> None:
    with tempfile.TemporaryDirectory() as folder, FakeHypervisor(instances=3) as host:
        with hvinspect.connect(host.target) as hv:
            record(hv, Path(folder, "taken"), snapshots=2, interval=0.0)
        with hvinspect.connect(f"replay:{folder}/taken") as again:
            assert [stats.instance.key for stats in again.snapshot()] == list(host.keys)
        with registered("old", ReplayDriver), hvinspect.connect(f"old:{folder}/taken") as renamed:
            assert renamed.snapshot().driver == "old"


def test_the_fake_conforms_and_a_broken_one_does_not() -> None:
    with FakeHypervisor(instances=2, clock=FakeClock.HOST) as host:
        key = host.keys[0]

        def traffic(way: Way) -> Moved:
            (host.receive if way is Way.RECEIVE else host.send)(key, "net0", 100_000, 100)
            return Moved(instance=key, nic="net0", bytes=100_000, packets=100)

        report = conformance.run(host.target, traffic=traffic, interval=0.0)
        assert report.ok, report
        assert report["traffic_moves_its_own_counter"].outcome is Outcome.PASSED
    checks = {check.name for check in conformance.CHECKS}
    skip = dict.fromkeys(checks - {"every_instance_is_read_or_failed"}, "not looked at")
    with faults.wrap(FakeDriver, [faults.Hang("read", seconds=0.1), faults.Vanish("nobody")]) as name:
        assert conformance.run(f"{name}:", skip=skip).ok


def main() -> None:
    for name, test in list(globals().items()):
        if name.startswith("test_"):
            test()


if __name__ == "__main__":
    main()
