"""What the server was seeded with arrives in the fields that mean it, of the machine and device that it is of."""

from __future__ import annotations

import time
from uuid import UUID

import pytest

import hvinspect
from hvinspect import Connection, DiskRates, InstanceRates, InstanceStats, RateSource, State, rates
from hvinspect.drivers._vmware.keys import COUNTERS, why_ignored
from tests.lab.vmware.client import client
from tests.lab.vmware.seed import BALLOONED_MB, DISK, HOST_MEMORY_MB, NIC, PERF, WINDOW_S
from tests.lab.vmware.simulator import Simulator

MIB = 1024**2
MACHINES = 3


def number_of(stats: InstanceStats) -> int:
    """The machine's number: the seeds grow with it."""
    assert stats.instance.name is not None
    return int(stats.instance.name.rpartition("_VM")[2])


def rates_of(stats: InstanceStats) -> InstanceRates:
    assert stats.supplied_rates is not None
    return stats.supplied_rates


def test_every_machine_but_the_template_is_there(hv: Connection) -> None:
    snapshot = hv.snapshot()
    assert sorted(map(number_of, snapshot)) == list(range(MACHINES))
    assert snapshot.failures == ()


def test_the_instance_uuid_is_the_identity(server: Simulator, hv: Connection) -> None:
    with client(server) as lab:
        told = {name: one.config.instanceUuid for name, one in lab.machines().items()}
    for stats in hv.snapshot():
        assert stats.instance.uuid == UUID(told[str(stats.instance.name)])
        assert stats.instance.key == str(stats.instance.uuid)


def test_rates_of_the_cpu_are_those_of_the_whole_machine(hv: Connection) -> None:
    for stats in hv.snapshot():
        n, found = number_of(stats), rates_of(stats)
        assert found.source is RateSource.SUPPLIED
        assert found.window_ns == WINDOW_S * 10**9
        assert found.cpu_cores == pytest.approx((PERF["cpu.used.summation"][""] + n) / 1000 / WINDOW_S)
        assert found.cpu_fraction == pytest.approx((PERF["cpu.usage.average"][""] + n) / 10_000)
        assert found.delay_fraction == pytest.approx((PERF["cpu.ready.summation"][""] + n) / 1000 / WINDOW_S)


def test_rates_say_when_their_window_ended(hv: Connection) -> None:
    started = time.time_ns()
    snapshot = hv.snapshot()
    for stats in snapshot:
        ended = rates_of(stats).ended_unix_ns
        assert ended is not None
        assert ended % (WINDOW_S * 10**9) == 0
        assert started - WINDOW_S * 10**9 < ended <= time.time_ns()


def test_rates_of_a_disk_are_in_bytes_and_nanoseconds(hv: Connection) -> None:
    for stats in hv.snapshot():
        n = number_of(stats)
        disk = next(one for one in stats.disks if one.device == "disk")
        assert disk.name == DISK
        expected = DiskRates(
            key=disk.key,
            read_bytes_per_s=(PERF["virtualDisk.read.average"][DISK] + n) * 1024.0,
            read_requests_per_s=PERF["virtualDisk.numberReadAveraged.average"][DISK] + n + 0.0,
            read_latency_ns=(PERF["virtualDisk.totalReadLatency.average"][DISK] + n) * 1e6,
            write_bytes_per_s=(PERF["virtualDisk.write.average"][DISK] + n) * 1024.0,
            write_requests_per_s=PERF["virtualDisk.numberWriteAveraged.average"][DISK] + n + 0.0,
            write_latency_ns=(PERF["virtualDisk.totalWriteLatency.average"][DISK] + n) * 1e6,
        )
        assert next(one for one in rates_of(stats).disks if one.key == disk.key) == expected


def test_rates_of_a_card_are_per_second(hv: Connection) -> None:
    for stats in hv.snapshot():
        n = number_of(stats)
        (nic,) = rates_of(stats).nics
        assert nic.key == NIC
        assert nic.rx_bytes_per_s == (PERF["net.received.average"][NIC] + n) * 1024.0
        assert nic.rx_packets_per_s == pytest.approx((PERF["net.packetsRx.summation"][NIC] + n) / WINDOW_S)
        assert nic.tx_bytes_per_s == (PERF["net.transmitted.average"][NIC] + n) * 1024.0
        assert nic.tx_packets_per_s == pytest.approx((PERF["net.packetsTx.summation"][NIC] + n) / WINDOW_S)


def test_rates_are_handed_on_by_the_readers_own_call(hv: Connection) -> None:
    before, after = hv.snapshot(), hv.snapshot()
    for one in rates(before, after):
        assert one == after[one.instance.key].supplied_rates


def test_memory_is_in_bytes(server: Simulator, hv: Connection) -> None:
    with client(server) as lab:
        configured = {name: one.config.hardware.memoryMB for name, one in lab.machines().items()}
    for stats in hv.snapshot():
        maximum = configured[str(stats.instance.name)] * MIB
        assert stats.memory.maximum_bytes == maximum
        assert stats.memory.assigned_bytes == maximum - BALLOONED_MB * MIB
        assert stats.memory.host_resident_bytes == (HOST_MEMORY_MB + number_of(stats)) * MIB


def test_devices_are_those_of_the_configuration(server: Simulator, hv: Connection) -> None:
    with client(server) as lab:
        devices = {name: one.config.hardware.device for name, one in lab.machines().items()}
    for stats in hv.snapshot():
        by_key = {str(one.key): one for one in devices[str(stats.instance.name)]}
        (disk,) = (one for one in stats.disks if one.device == "disk")
        assert disk.capacity_bytes == by_key[disk.key].capacityInKB * 1024
        assert disk.source == by_key[disk.key].backing.fileName
        (nic,) = stats.nics
        assert nic.mac == by_key[nic.key].macAddress
        assert nic.model == "e1000"


def test_nothing_looks_like_a_counter(hv: Connection) -> None:
    for stats in hv.snapshot():
        assert stats.state is State.RUNNING
        assert stats.cpu.time_ns is None
        assert {disk.read_bytes for disk in stats.disks} == {None}
        assert {nic.rx_bytes for nic in stats.nics} == {None}


def test_what_nova_wrote_is_told(hv: Connection) -> None:
    by_number = {number_of(stats): stats.instance.openstack for stats in hv.snapshot()}
    openstack = by_number[0]
    assert openstack is not None
    assert (openstack.name, openstack.flavor_name, openstack.flavor_memory_bytes) == ("web", "m1.small", 2048 * MIB)
    assert by_number[1] is None


def test_every_counter_of_a_machine_is_mapped_or_ignored(server: Simulator) -> None:
    with client(server) as lab:
        counters = lab.counters_of(next(iter(lab.machines().values())))
    assert len(counters) > 50
    assert [name for name in sorted(counters) if name not in COUNTERS and why_ignored(name) is None] == []


def test_a_host_tells_of_itself(esx: Simulator) -> None:
    with client(esx) as lab, hvinspect.connect(esx.target, options=esx.options) as hv:
        machine = next(iter(lab.machines().values()))
        told, host = machine.runtime.host, hv.host()
        hardware, used = told.hardware, told.summary.quickStats.overallMemoryUsage
        assert host.memory_total_bytes == hardware.memorySize
        assert host.memory_free_bytes == hardware.memorySize - used * MIB
        assert host.cpus == hardware.cpuInfo.numCpuThreads
        assert str(host.uuid) == hardware.systemInfo.uuid
        assert hv.snapshot().host_id == hvinspect.HostId(value=hardware.systemInfo.uuid, source="ESX")


def test_a_vcenter_is_no_host(vcenter: Simulator) -> None:
    with (
        hvinspect.connect(vcenter.target, options=vcenter.options) as hv,
        pytest.raises(hvinspect.NotSupported, match="connect to one of them"),
    ):
        hv.host()
