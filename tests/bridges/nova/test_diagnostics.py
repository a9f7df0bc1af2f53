"""Of a snapshot comes the record that nova's diagnostics call gives."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

import hvinspect
from hvinspect import DiskStats, Snapshot, State
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
    shut_off = hypervisor.keys[3]
    assert diagnostics(snapshot, shut_off)["uptime"] is None


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
