"""The fake hypervisor does what a test tells it to, and nothing else."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from uuid import UUID

import pytest

import hvinspect
from hvinspect import (
    ConnectFailed,
    Connection,
    Group,
    InstanceStats,
    InvalidTarget,
    RateSource,
    Reason,
    Snapshot,
    State,
)
from hvinspect.testing import FakeClock, FakeHypervisor, FakeKind

ALL = frozenset(Group) - {Group.UNKNOWN}


@pytest.fixture
def hypervisor() -> Iterator[FakeHypervisor]:
    with FakeHypervisor(seed=7) as made:
        yield made


@pytest.fixture
def connection(hypervisor: FakeHypervisor) -> Iterator[Connection]:
    with hvinspect.connect(hypervisor.target) as made:
        yield made


def first(connection: Connection) -> InstanceStats:
    return connection.snapshot(groups=ALL).instances[0]


def plain(snapshot: Snapshot) -> object:
    """What follows from the seed: all but the time of the call."""
    return json.loads(json.dumps(hvinspect.to_dict(snapshot)["instances"]))


def test_one_seed_gives_one_snapshot() -> None:
    found = []
    for _ in range(2):
        with FakeHypervisor(seed=11, instances=6) as hypervisor, hvinspect.connect(hypervisor.target) as hv:
            hypervisor.advance(60)
            found.append(plain(hv.snapshot(groups=ALL)))
    assert found[0] == found[1]


def test_another_seed_gives_another_snapshot() -> None:
    found = []
    for seed in (1, 2):
        with FakeHypervisor(seed=seed) as hypervisor, hvinspect.connect(hypervisor.target) as hv:
            found.append({stats.instance.key for stats in hv.snapshot()})
    assert not found[0] & found[1]


def test_instances_have_their_peculiarities(connection: Connection) -> None:
    everything, hole, no_balloon, inactive, paused = connection.snapshot(groups=ALL).instances
    assert everything.instance.openstack is not None
    assert [vcpu.index for vcpu in hole.cpu.vcpus] == [0, 2]
    assert (hole.cpu.vcpus_online, hole.cpu.vcpus_maximum) == (2, 3)
    absence = no_balloon.memory.why("guest_unused_bytes")
    assert absence is not None
    assert absence.reason is Reason.NEEDS_GUEST
    assert inactive.state is State.SHUT_OFF
    for absence in (inactive.cpu.why("time_ns"), inactive.why("disks"), inactive.why("nics")):
        assert absence is not None
        assert absence.reason is Reason.NOT_RUNNING
    assert paused.state is State.PAUSED


def test_time_moves_the_counters_of_those_that_run(hypervisor: FakeHypervisor, connection: Connection) -> None:
    before = connection.snapshot()
    hypervisor.advance(10)
    rates = hvinspect.rates(before, connection.snapshot())
    running, paused = rates[hypervisor.keys[0]], rates[hypervisor.keys[4]]
    assert running.window_ns == 10_000_000_000
    assert running.cpu_cores is not None
    assert running.cpu_cores > 0
    assert paused.cpu_cores == 0
    assert paused.nics[0].rx_bytes_per_s == 0


def test_time_does_not_go_back(hypervisor: FakeHypervisor) -> None:
    with pytest.raises(ValueError, match="go back"):
        hypervisor.advance(-1)


@pytest.mark.parametrize("way", ["rx", "tx"])
def test_traffic_moves_one_direction_exactly(hypervisor: FakeHypervisor, connection: Connection, way: str) -> None:
    move = hypervisor.receive if way == "rx" else hypervisor.send
    other = "tx" if way == "rx" else "rx"
    before = first(connection).nics[0]
    move(hypervisor.keys[0], "net0", 1500, 3)
    after = first(connection).nics[0]
    assert getattr(after, f"{way}_bytes") - getattr(before, f"{way}_bytes") == 1500
    assert getattr(after, f"{way}_packets") - getattr(before, f"{way}_packets") == 3
    assert getattr(after, f"{other}_bytes") == getattr(before, f"{other}_bytes")


@pytest.mark.parametrize("way", ["read", "write"])
def test_disk_work_moves_one_direction_exactly(hypervisor: FakeHypervisor, connection: Connection, way: str) -> None:
    work = hypervisor.read_disk if way == "read" else hypervisor.write_disk
    before = first(connection).disks[0]
    work(hypervisor.keys[0], "virtio-disk0", 8192, 2)
    after = first(connection).disks[0]
    assert getattr(after, f"{way}_bytes") - getattr(before, f"{way}_bytes") == 8192
    assert getattr(after, f"{way}_requests") - getattr(before, f"{way}_requests") == 2


def test_spinning_moves_cpu_time_exactly(hypervisor: FakeHypervisor, connection: Connection) -> None:
    before = first(connection).cpu
    hypervisor.spin(hypervisor.keys[0], 2.5)
    after = first(connection).cpu
    assert before.time_ns is not None
    assert after.time_ns == before.time_ns + 2_500_000_000
    assert before.vcpus[0].time_ns is not None
    assert after.vcpus[0].time_ns == before.vcpus[0].time_ns + 2_500_000_000


def test_a_recreated_instance_is_another_of_the_same_uuid(hypervisor: FakeHypervisor, connection: Connection) -> None:
    before = connection.snapshot()
    hypervisor.advance(10)
    hypervisor.recreate(hypervisor.keys[0])
    after = connection.snapshot()
    old, new = before.instances[0], after.instances[0]
    assert old.instance.uuid == new.instance.uuid
    assert old.incarnation != new.incarnation
    assert new.cpu.time_ns == 0
    absence = hvinspect.rates(before, after).instances[0].why("cpu_cores")
    assert absence is not None
    assert absence.reason is Reason.IDENTITY_CHANGED


def test_a_replugged_disk_has_another_incarnation_and_its_guest_has_not(
    hypervisor: FakeHypervisor, connection: Connection
) -> None:
    before = first(connection)
    hypervisor.replug_disk(hypervisor.keys[0], "virtio-disk0")
    after = first(connection)
    assert before.disks[0].key == after.disks[0].key
    assert before.disks[0].incarnation != after.disks[0].incarnation
    assert after.disks[0].read_bytes == 0
    assert before.incarnation == after.incarnation
    assert before.nics[0].incarnation == after.nics[0].incarnation


def test_a_replugged_nic_has_another_incarnation(hypervisor: FakeHypervisor, connection: Connection) -> None:
    before = first(connection).nics[0]
    hypervisor.replug_nic(hypervisor.keys[0], "net0")
    assert first(connection).nics[0].incarnation != before.incarnation


def test_an_unplugged_device_is_gone(hypervisor: FakeHypervisor, connection: Connection) -> None:
    hypervisor.unplug(hypervisor.keys[0], "net0")
    assert first(connection).nics == ()


def test_a_reboot_of_the_host_changes_every_incarnation(hypervisor: FakeHypervisor, connection: Connection) -> None:
    before = {stats.instance.key: stats.incarnation for stats in connection.snapshot()}
    hypervisor.reboot_host()
    after = {stats.instance.key: stats.incarnation for stats in connection.snapshot()}
    assert before.keys() == after.keys()
    assert not set(before.values()) & set(after.values())


def test_counters_that_fall_are_a_reset(hypervisor: FakeHypervisor, connection: Connection) -> None:
    before = connection.snapshot()
    hypervisor.reset_counters(hypervisor.keys[0])
    hypervisor.advance(1)
    rates = hvinspect.rates(before, connection.snapshot()).instances[0]
    for absence in (rates.why("cpu_cores"), rates.nics[0].why("rx_bytes_per_s")):
        assert absence is not None
        assert absence.reason is Reason.RESET


def test_instances_come_and_go(hypervisor: FakeHypervisor, connection: Connection) -> None:
    hypervisor.remove(hypervisor.keys[0])
    key = hypervisor.add("no-uuid", name="new", nics=3)
    snapshot = connection.snapshot()
    assert len(snapshot.instances) == 5
    assert snapshot[key].instance.uuid is None
    assert len(snapshot[key].nics) == 3


def test_an_instance_can_have_a_uuid_of_its_own(hypervisor: FakeHypervisor, connection: Connection) -> None:
    uuid = UUID(int=42)
    hypervisor.add(str(uuid))
    assert connection.snapshot()[uuid].instance.uuid == uuid


def test_a_stopped_instance_starts_another_life(hypervisor: FakeHypervisor, connection: Connection) -> None:
    before = first(connection)
    hypervisor.stop(hypervisor.keys[0])
    assert first(connection).state is State.SHUT_OFF
    hypervisor.start(hypervisor.keys[0])
    after = first(connection)
    assert after.state is State.RUNNING
    assert after.incarnation != before.incarnation


def test_a_paused_instance_keeps_its_counters(hypervisor: FakeHypervisor, connection: Connection) -> None:
    hypervisor.pause(hypervisor.keys[0])
    before = first(connection).cpu.time_ns
    hypervisor.advance(60)
    assert first(connection).cpu.time_ns == before
    hypervisor.resume(hypervisor.keys[0])
    hypervisor.advance(60)
    assert first(connection).cpu.time_ns != before


def test_a_hanging_instance_keeps_what_the_host_knows(hypervisor: FakeHypervisor, connection: Connection) -> None:
    key = hypervisor.keys[0]
    hypervisor.hang(key)
    started = time.monotonic()
    snapshot = connection.snapshot(timeout=0.3)
    assert time.monotonic() - started < 5
    assert len(snapshot.instances) == 5
    stuck = snapshot[key]
    assert (stuck.state, stuck.cpu.time_ns is None, len(stuck.nics)) == (State.RUNNING, False, 1)
    for absence in (stuck.why("disks"), stuck.memory.why("assigned_bytes")):
        assert absence is not None
        assert absence.reason is Reason.TIMED_OUT
    assert connection.health().quarantined == (key,)
    hypervisor.heal(key)
    assert connection.snapshot()[key].disks != ()


def test_an_instance_that_goes_while_it_is_read_vanishes(hypervisor: FakeHypervisor, connection: Connection) -> None:
    key = hypervisor.keys[0]
    hypervisor.hang(key)
    threading.Timer(0.05, hypervisor.remove, [key]).start()
    (failure,) = connection.snapshot(timeout=5).failures
    assert (failure.instance.key, failure.reason) == (key, Reason.VANISHED)


def test_a_cut_connection_ends_the_waiting_for_a_hanging_instance(
    hypervisor: FakeHypervisor, connection: Connection
) -> None:
    hypervisor.hang(hypervisor.keys[0])
    started = time.monotonic()
    threading.Timer(0.05, hypervisor.disconnect).start()
    snapshot = connection.snapshot(timeout=5)
    assert time.monotonic() - started < 3
    assert [failure.reason for failure in snapshot.failures] == [Reason.FAILED]
    assert len(snapshot.instances) == 4


def test_names_are_unique(hypervisor: FakeHypervisor) -> None:
    with pytest.raises(ValueError, match="already"):
        FakeHypervisor(name=hypervisor.name)


def test_an_instance_that_fails_is_a_failure(hypervisor: FakeHypervisor, connection: Connection) -> None:
    hypervisor.fail(hypervisor.keys[0], Reason.BUSY, "it is being saved")
    (failure,) = connection.snapshot().failures
    assert (failure.instance.key, failure.reason, failure.detail) == (
        hypervisor.keys[0],
        Reason.BUSY,
        "it is being saved",
    )


def test_a_lost_connection_is_made_again(hypervisor: FakeHypervisor, connection: Connection) -> None:
    connection.snapshot()
    hypervisor.disconnect()
    assert len(connection.snapshot().instances) == 5
    assert connection.health().reconnects == 1


def test_a_refused_connection_fails_until_it_is_accepted(hypervisor: FakeHypervisor) -> None:
    hypervisor.refuse("closed for the night")
    with pytest.raises(ConnectFailed, match="closed for the night"):
        hvinspect.connect(hypervisor.target)
    hypervisor.accept()
    hvinspect.connect(hypervisor.target).close()


def test_a_closed_hypervisor_is_not_found() -> None:
    with FakeHypervisor() as hypervisor:
        pass
    with pytest.raises(InvalidTarget, match="no FakeHypervisor"):
        hvinspect.connect(hypervisor.target)


def test_options_are_for_the_plain_fake(hypervisor: FakeHypervisor) -> None:
    with pytest.raises(InvalidTarget, match="as it was made"):
        hvinspect.connect(hypervisor.target, options={"seed": "1"})


def test_an_option_out_of_range_is_an_invalid_target() -> None:
    with pytest.raises(InvalidTarget, match="vcpus"):
        hvinspect.connect("fake:", options={"vcpus": "0"})


def test_the_plain_fake_is_as_its_options_say() -> None:
    options = {"instances": "2", "disks": "30", "nics": "3", "vcpus": "4"}
    with hvinspect.connect("fake:", options=options) as hv:
        stats = hv.snapshot().instances[0]
    assert len(stats.disks) == 30
    assert stats.disks[26].name == "vdaa"
    assert len(stats.nics) == 3
    assert len(stats.cpu.vcpus) == 4


def test_the_plain_fake_moves_with_this_hosts_clock() -> None:
    with hvinspect.connect("fake:") as hv:
        before = hv.snapshot()
        time.sleep(0.02)
        rates = hvinspect.rates(before, hv.snapshot())
    assert rates.instances[0].cpu_cores is not None
    assert 0 < rates.instances[0].cpu_cores < 2


def test_a_clock_of_reads_moves_by_a_second_each() -> None:
    with (
        FakeHypervisor(clock=FakeClock.READS) as hypervisor,
        hvinspect.connect(hypervisor.target) as hv,
    ):
        rates = hvinspect.rates(hv.snapshot(), hv.snapshot())
    assert rates.instances[0].window_ns == 1_000_000_000


def test_a_hypervisor_of_rates_supplies_them(hypervisor: FakeHypervisor) -> None:
    with FakeHypervisor(kind=FakeKind.RATES) as other, hvinspect.connect(other.target) as hv:
        snapshot = hv.snapshot()
        rates = hvinspect.rates(snapshot, hv.snapshot())[other.keys[0]]
        host = hv.host()
    stats = snapshot[other.keys[0]]
    for absence in (stats.cpu.why("time_ns"), stats.nics[0].why("rx_bytes"), host.why("user_ns")):
        assert absence is not None
        assert absence.reason is Reason.UNSUPPORTED
    assert stats.memory.assigned_bytes is not None
    assert rates.source is RateSource.SUPPLIED
    assert rates.cpu_cores is not None
    assert rates.nics[0].rx_bytes_per_s is not None


def test_a_hostile_name_comes_through_as_it_is() -> None:
    with hvinspect.connect("fake:", options={"hostile": "yes"}) as hv:
        instance = hv.snapshot().instances[0].instance
    assert instance.name is not None
    assert "\x1b" in instance.name
    assert "\x1b" not in str(instance)


def test_a_mistyped_key_or_device_is_a_key_error(hypervisor: FakeHypervisor) -> None:
    with pytest.raises(KeyError, match="no instance"):
        hypervisor.stop("nobody")
    with pytest.raises(KeyError, match="no device"):
        hypervisor.receive(hypervisor.keys[0], "net9", 1, 1)
    with pytest.raises(ValueError, match="already"):
        hypervisor.add(hypervisor.keys[0])
