"""Of a snapshot comes the record that nova's diagnostics call gives."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

import hvinspect
from hvinspect import DiskStats, Snapshot, State, VcpuStats
from hvinspect.bridges.nova import diagnostics
from hvinspect.testing import FakeHypervisor, FakeKind
from tests.bridges.nova.shape import conforms


@pytest.fixture
def hypervisor() -> Iterator[FakeHypervisor]:
    with FakeHypervisor(seed=11, disks=2, nics=2) as made:
        yield made


@pytest.fixture
def hv(hypervisor: FakeHypervisor) -> Iterator[hvinspect.Connection]:
    with hvinspect.connect(hypervisor.target) as connection:
        yield connection


def of_driver(snapshot: Snapshot, driver: str) -> Snapshot:
    """The same, as another driver would have read it."""
    return dataclasses.replace(snapshot, driver=driver)


@pytest.mark.parametrize(
    ("driver", "theirs"), [("libvirt", "libvirt"), ("qemu", "libvirt"), ("xen", "libvirt"), ("vmware", "vmwareapi")]
)
def test_the_record_is_what_novas_api_allows(hv: hvinspect.Connection, driver: str, theirs: str) -> None:
    snapshot = of_driver(hv.snapshot(), driver)
    for stats in snapshot:
        record = diagnostics(snapshot, stats.instance.key)
        assert record["driver"] == theirs
        if stats.why("disks") is not None:
            # Nova knows from its database what here nobody knows.
            assert record["config_drive"] is None
            record["config_drive"] = False
        conforms(record)


def test_numbers_are_the_snapshots_in_novas_units(hv: hvinspect.Connection, hypervisor: FakeHypervisor) -> None:
    snapshot = hv.snapshot()
    stats = snapshot[hypervisor.keys[0]]
    record = diagnostics(snapshot, stats.instance.key)
    assert stats.memory.maximum_bytes is not None
    assert stats.memory.assigned_bytes is not None
    assert record["memory_details"] == {
        "maximum": stats.memory.maximum_bytes // 2**20,
        "used": stats.memory.assigned_bytes // 2**20,
    }
    assert record["cpu_details"] == [
        {"id": vcpu.index, "time": vcpu.time_ns, "utilisation": None} for vcpu in stats.cpu.vcpus
    ]
    nic, disk = stats.nics[1], stats.disks[1]
    told = record["nic_details"][1]
    assert (told["mac_address"], told["rx_octets"], told["tx_packets"]) == (nic.mac, nic.rx_bytes, nic.tx_packets)
    assert (told["rx_drop"], told["tx_errors"]) == (nic.rx_drops, nic.tx_errors)
    assert record["disk_details"][1] == {
        "read_bytes": disk.read_bytes,
        "read_requests": disk.read_requests,
        "write_bytes": disk.write_bytes,
        "write_requests": disk.write_requests,
        "errors_count": disk.failed_requests,
    }
    assert (record["num_cpus"], record["num_nics"], record["num_disks"]) == (2, 2, 2)


@pytest.mark.parametrize(
    ("state", "theirs"),
    [
        (State.RUNNING, "running"),
        (State.PAUSED, "paused"),
        (State.SHUTTING_DOWN, "shutdown"),
        (State.SHUT_OFF, "shutdown"),
        (State.CRASHED, "crashed"),
        (State.SUSPENDED, "suspended"),
        (State.UNKNOWN, "pending"),
        (None, "pending"),
    ],
)
def test_states_are_novas_words(hv: hvinspect.Connection, state: State | None, theirs: str) -> None:
    snapshot = hv.snapshot()
    first = dataclasses.replace(snapshot.instances[0], state=state)
    changed = dataclasses.replace(snapshot, instances=(first,))
    assert diagnostics(changed, first.instance.key)["state"] == theirs


def test_uptime_is_since_nova_described_it(hv: hvinspect.Connection, hypervisor: FakeHypervisor) -> None:
    snapshot = hv.snapshot()
    stats = snapshot[hypervisor.keys[0]]
    openstack = stats.instance.openstack
    assert openstack is not None
    began = stats.taken.started_unix_ns - 90_700_000_000
    instance = dataclasses.replace(stats.instance, openstack=dataclasses.replace(openstack, created_unix_ns=began))
    changed = dataclasses.replace(snapshot, instances=(dataclasses.replace(stats, instance=instance),))
    assert diagnostics(changed, instance.key)["uptime"] == 90


def test_only_what_runs_and_nova_described_has_an_uptime(hv: hvinspect.Connection, hypervisor: FakeHypervisor) -> None:
    snapshot = hv.snapshot()
    running, _, undescribed, shut_off, paused = hypervisor.keys
    assert snapshot[undescribed].state is State.RUNNING
    assert snapshot[paused].instance.openstack is not None
    assert diagnostics(snapshot, running)["uptime"] is not None
    for key in (undescribed, shut_off, paused):
        assert diagnostics(snapshot, key)["uptime"] is None


@pytest.mark.parametrize(
    ("name", "theirs"), [("QEMU", "qemu"), ("LXC", "lxc"), ("VMware ESXi", "vmware esxi"), (None, None)]
)
def test_the_hypervisor_is_its_name_in_small_letters(
    hv: hvinspect.Connection, name: str | None, theirs: str | None
) -> None:
    snapshot = hv.snapshot()
    named = dataclasses.replace(snapshot, versions=dataclasses.replace(snapshot.versions, hypervisor=name))
    assert diagnostics(named, snapshot.instances[0].instance.key)["hypervisor"] == theirs


@pytest.mark.parametrize(
    ("source", "expected"),
    [("/var/lib/nova/instances/1/disk.config", True), ("vms/1_disk.config", True), ("/images/disk", False)],
)
def test_a_config_drive_is_known_by_its_source(hv: hvinspect.Connection, source: str, expected: bool) -> None:
    snapshot = hv.snapshot()
    disk = DiskStats(key="sda", incarnation="1", source=source)
    first = dataclasses.replace(snapshot.instances[0], disks=(disk,))
    record = diagnostics(dataclasses.replace(snapshot, instances=(first,)), first.instance.key)
    assert record["config_drive"] is expected


def test_what_was_not_read_is_none_and_not_0(hv: hvinspect.Connection, hypervisor: FakeHypervisor) -> None:
    record = diagnostics(hv.snapshot(groups=[hvinspect.Group.STATE]), hypervisor.keys[0])
    assert (record["num_disks"], record["num_nics"], record["config_drive"]) == (None, None, None)
    assert record["memory_details"] == {"maximum": None, "used": None}


def test_rates_of_nics_need_an_earlier_snapshot(hv: hvinspect.Connection, hypervisor: FakeHypervisor) -> None:
    key = hypervisor.keys[0]
    before = hv.snapshot()
    hypervisor.advance(10)
    after = hv.snapshot()
    assert diagnostics(after, key)["nic_details"][0]["rx_rate"] is None
    rates = hvinspect.rates(before, after)[key].nics[0]
    assert rates.rx_bytes_per_s is not None
    assert rates.tx_bytes_per_s is not None
    told = diagnostics(after, key, before=before)["nic_details"][0]
    assert (told["rx_rate"], told["tx_rate"]) == (round(rates.rx_bytes_per_s), round(rates.tx_bytes_per_s))
    assert rates.rx_bytes_per_s > 0


def test_the_use_of_vcpus_needs_an_earlier_snapshot(hv: hvinspect.Connection, hypervisor: FakeHypervisor) -> None:
    key = hypervisor.keys[0]
    before = hv.snapshot()
    hypervisor.advance(10)
    after = hv.snapshot()
    ran_ns = [_time_ns(after, key, place) - _time_ns(before, key, place) for place in (0, 1)]
    assert ran_ns[0] != ran_ns[1]
    assert min(ran_ns) > 0
    assert _used(after, key, before) == [round(ran / 10e9 * 100) for ran in ran_ns]
    assert _used(after, key, None) == [None, None]
    assert _used(after, hypervisor.keys[4], before) == [0, 0]  # paused


def test_the_use_of_a_vcpu_is_found_by_its_number(hv: hvinspect.Connection, hypervisor: FakeHypervisor) -> None:
    key = hypervisor.keys[0]
    before = hv.snapshot()
    hypervisor.advance(10)
    after = hv.snapshot()
    vcpus = before[key].cpu.vcpus
    assert _used(after, key, _with_vcpus(before, key, vcpus[::-1])) == _used(after, key, before)
    assert _used(after, key, _with_vcpus(before, key, vcpus[1:])) == [None, _used(after, key, before)[1]]


def test_another_life_has_no_use_yet(hv: hvinspect.Connection, hypervisor: FakeHypervisor) -> None:
    key = hypervisor.keys[0]
    before = hv.snapshot()
    hypervisor.recreate(key)
    hypervisor.advance(10_000)
    after = hv.snapshot()
    assert _time_ns(after, key, 0) > _time_ns(before, key, 0)
    assert _used(after, key, before) == [None, None]
    # Where only the instance itself tells.
    alike = dataclasses.replace(after[key], cpu=dataclasses.replace(after[key].cpu, vcpus=before[key].cpu.vcpus))
    assert _used(dataclasses.replace(after, instances=(alike,)), key, before) == [None, None]


def test_another_life_of_one_vcpu_is_that_ones_alone(hv: hvinspect.Connection, hypervisor: FakeHypervisor) -> None:
    key = hypervisor.keys[0]
    before = hv.snapshot()
    hypervisor.advance(10)
    after = hv.snapshot()
    first, second = after[key].cpu.vcpus
    plugged = _with_vcpus(after, key, (first, dataclasses.replace(second, incarnation="plugged again")))
    assert _used(plugged, key, before) == [_used(after, key, before)[0], None]
    unread = dataclasses.replace(second, time_ns=None)
    assert _used(_with_vcpus(after, key, (first, unread)), key, before)[1] is None


def test_what_cannot_be_subtracted_has_no_use(hv: hvinspect.Connection, hypervisor: FakeHypervisor) -> None:
    key = hypervisor.keys[0]
    before = hv.snapshot()
    hypervisor.advance(0.005)
    assert _used(hv.snapshot(), key, before) == [None, None]  # too near
    hypervisor.advance(10)
    new = hypervisor.add()
    after = hv.snapshot()
    assert _used(after, new, before) == [None, None]
    hypervisor.reset_counters(key)
    assert _used(hv.snapshot(), key, before) == [None, None]
    with pytest.raises(ValueError, match="older"):
        diagnostics(before, key, before=after)


def _used(snapshot: Snapshot, key: str, before: Snapshot | None) -> list[int | None]:
    return [cpu["utilisation"] for cpu in diagnostics(snapshot, key, before=before)["cpu_details"]]


def _time_ns(snapshot: Snapshot, key: str, place: int) -> int:
    found = snapshot[key].cpu.vcpus[place].time_ns
    assert found is not None
    return found


def _with_vcpus(snapshot: Snapshot, key: str, vcpus: tuple[VcpuStats, ...]) -> Snapshot:
    """Of *snapshot* the instance *key*, with these vCPUs."""
    stats = snapshot[key]
    changed = dataclasses.replace(stats, cpu=dataclasses.replace(stats.cpu, vcpus=vcpus))
    return dataclasses.replace(snapshot, instances=(changed,))


def test_rates_that_a_hypervisor_supplies_are_given() -> None:
    with FakeHypervisor(kind=FakeKind.RATES) as hypervisor, hvinspect.connect(hypervisor.target) as hv:
        snapshot = of_driver(hv.snapshot(), "vmware")
        record = diagnostics(snapshot, hypervisor.keys[0])
    conforms(record)
    assert record["nic_details"][0]["rx_rate"] is not None
    assert record["hypervisor_os"] == "esxi"


def test_an_instance_that_is_not_there_is_an_error(hv: hvinspect.Connection) -> None:
    with pytest.raises(hvinspect.InstanceNotFound):
        diagnostics(hv.snapshot(), "nobody")
