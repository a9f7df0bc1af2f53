"""What misleads on a real dom0, each on one that is made up like it."""

from __future__ import annotations

import shutil

import pytest

import hvinspect
from hvinspect import Connection, Group, Reason, State, VcpuState
from tests.drivers.xen.dom0 import GIB, MIB, Dom0, uuid_of

NOTHING = (1 << 64) - 1


def test_the_known_load_is_counted_exactly(dom0: Dom0, hv: Connection) -> None:
    dom0.add(1)
    dom0.add_disk(1, 51712)
    [disk] = hv.snapshot()[uuid_of(1)].disks
    assert (disk.read_requests, disk.read_bytes) == (259, 2072 * 512)
    assert (disk.write_requests, disk.write_bytes) == (100, 1600 * 512)
    assert (disk.flush_requests, disk.discard_requests) == (3, 1)
    assert (disk.key, disk.name, disk.device, disk.kind, disk.source) == ("xvda", "xvda", "disk", "block", "/dev/loop1")
    assert disk.capacity_bytes == 4 * MIB


def test_sectors_are_of_512_bytes_whatever_the_disks_own_are(dom0: Dom0, hv: Connection) -> None:
    dom0.add(1)
    dom0.add_disk(1, 51712, sector_size="4096")
    [disk] = hv.snapshot()[uuid_of(1)].disks
    assert disk.read_bytes == 2072 * 512
    assert disk.capacity_bytes is None
    assert "not 512" in str(disk.why("capacity_bytes"))


def test_what_dom0_receives_the_guest_sent(dom0: Dom0, hv: Connection) -> None:
    dom0.add(1)
    dom0.add_nic(1, 0)
    [nic] = hv.snapshot()[uuid_of(1)].nics
    assert (nic.tx_bytes, nic.tx_packets, nic.tx_errors) == (307200, 300, 1)
    assert (nic.rx_bytes, nic.rx_packets, nic.rx_errors) == (4000, 40, 3)


def test_drops_that_may_be_of_either_direction_are_of_none(dom0: Dom0, hv: Connection) -> None:
    dom0.add(1)
    dom0.add_nic(1, 0)
    [nic] = hv.snapshot()[uuid_of(1)].nics
    for name in ("rx_drops", "tx_drops"):
        assert getattr(nic, name) is None
        assert "netback" in str(nic.why(name))
    assert (nic.key, nic.alias, nic.name, nic.mac) == ("0", "0", "vif1.0", "00:16:3e:00:00:01")
    assert (nic.kind, nic.bridge) == ("bridge", "xenbr0")


def test_nics_are_there_without_a_bridge(dom0: Dom0, hv: Connection) -> None:
    # libxenstat shows none then (xcp-ng/xcp #379).
    dom0.add(1)
    dom0.add_nic(1, 0, master="")
    [nic] = hv.snapshot()[uuid_of(1)].nics
    assert nic.tx_bytes == 307200


def test_a_bridge_that_xenstore_names_and_dom0_has_not_is_none(dom0: Dom0, hv: Connection) -> None:
    dom0.add(1)
    dom0.add_nic(1, 0, master="", bridge="xenbr0")
    [nic] = hv.snapshot()[uuid_of(1)].nics
    assert (nic.bridge, nic.kind) == (None, None)
    assert "no bridge" in str(nic.why("bridge"))


def test_a_bridge_is_that_which_the_nic_is_in(dom0: Dom0, hv: Connection) -> None:
    dom0.add(1)
    dom0.add_nic(1, 0, master="br-moved", bridge="xenbr0")
    assert hv.snapshot()[uuid_of(1)].nics[0].bridge == "br-moved"


def test_with_open_vswitch_the_bridge_is_the_one_it_was_meant_for(dom0: Dom0, hv: Connection) -> None:
    dom0.add(1)
    dom0.add_nic(1, 0, master="ovs-system", bridge="br-int")
    assert hv.snapshot()[uuid_of(1)].nics[0].bridge == "br-int"


def test_a_nic_that_was_renamed_is_known_by_its_node(dom0: Dom0, hv: Connection) -> None:
    dom0.add(12)
    dom0.add_nic(12, 3, name="web-front")
    (dom0.sysfs / "class/net/eth0").mkdir()
    [nic] = hv.snapshot()[uuid_of(12)].nics
    assert (nic.key, nic.name, nic.tx_packets) == ("3", "web-front", 300)


def test_a_nic_of_another_namespace_is_there_without_counters(dom0: Dom0, hv: Connection) -> None:
    dom0.add(1)
    shutil.rmtree(dom0.add_nic(1, 0))
    [nic] = hv.snapshot()[uuid_of(1)].nics
    assert (nic.mac, nic.tx_bytes, nic.name) == ("00:16:3e:00:00:01", None, None)
    assert "network namespace" in str(nic.why("tx_bytes"))


@pytest.mark.parametrize(("kind", "said"), [("qdisk", "QEMU"), ("vbd3", "tapdisk"), ("tap", "tapdisk")])
def test_disks_of_user_space_are_there_with_unknown_counters(dom0: Dom0, hv: Connection, kind: str, said: str) -> None:
    dom0.add(1)
    dom0.add_disk(1, 51712)
    dom0.add_disk(1, 51728, kind=kind, dev="xvdb", params="qcow2:/images/b")
    first, second = hv.snapshot()[uuid_of(1)].disks
    assert (first.key, first.read_requests) == ("xvda", 259)
    assert (second.key, second.source, second.read_requests) == ("xvdb", "/images/b", None)
    assert said in str(second.why("read_requests"))
    assert second.capacity_bytes == 4 * MIB


def test_a_disk_of_a_driver_domain_is_there_and_counted_elsewhere(dom0: Dom0, hv: Connection) -> None:
    dom0.add(1)
    dom0.add_disk(1, 51712, backend=5)
    [disk] = hv.snapshot()[uuid_of(1)].disks
    assert (disk.key, disk.read_bytes) == ("xvda", None)
    assert "domain 5" in str(disk.why("read_bytes"))


def test_a_domain_cannot_point_at_the_disk_of_another(dom0: Dom0, hv: Connection) -> None:
    dom0.add(1)
    dom0.add(2)
    dom0.add_disk(1, 51712)
    # What the guest itself may write, and a wrong place in what it may not.
    dom0.store.keys["/local/domain/2/device/vbd/51712/backend"] = "/local/domain/0/backend/vbd/1/51712"
    dom0.store.keys["/libxl/2/device/vbd/51728/backend"] = "/local/domain/0/backend/vbd/1/51712"
    assert hv.snapshot()[uuid_of(2)].disks == ()


def test_a_disk_that_the_kernel_still_has_is_there(dom0: Dom0, hv: Connection) -> None:
    dom0.add(1)
    dom0.add_disk(1, 51712)
    for folder in ("/local/domain/0/backend/vbd/1", "/libxl/1"):
        dom0.store.remove(folder)
    [disk] = hv.snapshot()[uuid_of(1)].disks
    assert (disk.key, disk.read_requests) == ("vbd-51712", 259)


def test_a_backend_that_is_not_set_up_has_no_counters(dom0: Dom0, hv: Connection) -> None:
    dom0.add(1)
    shutil.rmtree(dom0.add_disk(1, 51712) / "statistics")
    [disk] = hv.snapshot()[uuid_of(1)].disks
    assert disk.read_requests is None
    assert "not set up" in str(disk.why("read_requests"))


@pytest.mark.parametrize(
    ("kind", "params", "source"),
    [
        ("vbd", "/dev/vg/a", "/dev/vg/a"),
        ("vbd", "phy:/dev/vg/a", "/dev/vg/a"),
        ("vbd", "/dev/disk/by-path/pci-0:1", "/dev/disk/by-path/pci-0:1"),
        ("vbd3", "/dev/sm/backend/s/v", "/dev/sm/backend/s/v"),
        ("qdisk", "aio:/images/a:b", "/images/a:b"),
    ],
)
def test_the_source_is_named_without_its_format(
    dom0: Dom0, hv: Connection, kind: str, params: str, source: str
) -> None:
    dom0.add(1)
    dom0.add_disk(1, 51712, kind=kind, params=params)
    assert hv.snapshot()[uuid_of(1)].disks[0].source == source


def test_an_empty_drive_has_no_source(dom0: Dom0, hv: Connection) -> None:
    dom0.add(1)
    dom0.add_disk(1, 51728, kind="qdisk", dev="hdc", device_type="cdrom", params="aio:")
    [disk] = hv.snapshot()[uuid_of(1)].disks
    assert (disk.device, disk.source) == ("cdrom", None)
    assert disk.why("source") is not None


def test_a_counter_that_is_no_number_costs_itself_alone(dom0: Dom0, hv: Connection) -> None:
    dom0.add(1)
    device = dom0.add_disk(1, 51712)
    dom0.count(device, rd_req="many", wr_req=str(1 << 63))
    [disk] = hv.snapshot()[uuid_of(1)].disks
    assert (disk.read_requests, disk.write_requests, disk.read_bytes) == (None, None, 2072 * 512)
    assert "'many'" in str(disk.why("read_requests"))


def test_two_disks_of_one_name_have_two_keys(dom0: Dom0, hv: Connection) -> None:
    dom0.add(1)
    dom0.add_disk(1, 51712)
    dom0.add_disk(1, 51728)
    assert [disk.key for disk in hv.snapshot()[uuid_of(1)].disks] == ["vbd-51712", "vbd-51728"]


@pytest.mark.parametrize(
    ("flags", "state", "native"),
    [
        ("-", State.RUNNING, "no flag"),
        ("b", State.RUNNING, "blocked"),
        ("r", State.RUNNING, "running"),
        ("p", State.PAUSED, "paused"),
        ("pb", State.PAUSED, "paused blocked"),
        ("s", State.SHUT_OFF, "shutdown"),
        ("c", State.CRASHED, "crashed"),
        ("dsp", State.SHUTTING_DOWN, "dying shutdown paused"),
    ],
)
def test_the_flags_of_a_domain_are_its_state(dom0: Dom0, hv: Connection, flags: str, state: State, native: str) -> None:
    dom0.add(1, flags=flags)
    guest = hv.snapshot()[uuid_of(1)]
    assert (guest.state, guest.native_state) == (state, native)


def test_vcpus_that_are_offline_are_counted_apart(dom0: Dom0, hv: Connection) -> None:
    dom0.add(1, cpu_ns=9, vcpus=[(1, 5), (0, 4), (0, 0)])
    cpu = hv.snapshot()[uuid_of(1)].cpu
    assert (cpu.time_ns, cpu.vcpus_online, cpu.vcpus_maximum) == (9, 1, 3)
    assert [vcpu.time_ns for vcpu in cpu.vcpus] == [5, 4, 0]
    assert [vcpu.state is VcpuState.OFFLINE for vcpu in cpu.vcpus] == [False, True, True]


@pytest.mark.parametrize("reported", [129 * MIB, NOTHING])
def test_the_maximum_of_memory_is_the_configured_one(dom0: Dom0, hv: Connection, reported: int) -> None:
    dom0.add(1, cur_mem=128 * MIB, max_mem=reported)
    memory = hv.snapshot()[uuid_of(1)].memory
    assert (memory.assigned_bytes, memory.host_resident_bytes) == (128 * MIB, 128 * MIB)
    assert memory.maximum_bytes == 256 * MIB


def test_no_maximum_in_xenstore_is_no_maximum(dom0: Dom0, hv: Connection) -> None:
    dom0.add(1, max_mem=NOTHING)
    dom0.store.remove("/local/domain/1/memory")
    memory = hv.snapshot()[uuid_of(1)].memory
    assert memory.maximum_bytes is None
    assert "static-max" in str(memory.why("maximum_bytes"))


def test_all_ones_are_no_cpu_time(dom0: Dom0, hv: Connection) -> None:
    dom0.add(1, cpu_ns=NOTHING)
    assert hv.snapshot()[uuid_of(1)].cpu.time_ns is None


def test_dom0_is_no_instance(dom0: Dom0, hv: Connection) -> None:
    dom0.add(3)
    assert [guest.instance.native_id for guest in hv.snapshot()] == ["3"]


def test_a_guest_is_known_by_its_uuid_across_a_reboot(dom0: Dom0, hv: Connection) -> None:
    dom0.add(1)
    before = hv.snapshot()[uuid_of(1)]
    dom0.remove(1)
    dom0.add(2, uuid=str(uuid_of(1)))
    after = hv.snapshot()[uuid_of(1)]
    assert (before.instance.key, before.instance.native_id) == (after.instance.key, "1")
    assert after.instance.native_id == "2"
    assert before.incarnation != after.incarnation


@pytest.mark.parametrize("vm", ["/vm/00000000-0000-0000-0000-000000000000", "/vm/nonsense"])
def test_a_domain_without_a_uuid_is_known_by_its_id(dom0: Dom0, hv: Connection, vm: str) -> None:
    dom0.add(4)
    dom0.store.write("/local/domain/4", vm=vm)
    guest = hv.snapshot()["domid-4"]
    assert (guest.instance.uuid, guest.instance.name, guest.state) == (None, "guest", State.RUNNING)


def test_two_domains_of_one_uuid_are_both_there(dom0: Dom0, hv: Connection) -> None:
    dom0.add(4, name="old")
    dom0.add(9, name="new", uuid=str(uuid_of(4)))
    assert {guest.instance.name: guest.instance.key for guest in hv.snapshot()} == {
        "old": str(uuid_of(4)),
        "new": f"{uuid_of(4)}#9",
    }


def test_what_is_left_of_a_domain_in_xenstore_is_no_instance(dom0: Dom0, hv: Connection) -> None:
    dom0.add(1)
    dom0.store.write("/local/domain/7", device="")
    dom0.store.write("/local/domain/pool", name="nonsense")
    assert [guest.instance.native_id for guest in hv.snapshot()] == ["1"]


def test_the_host_is_the_whole_machine(dom0: Dom0, hv: Connection) -> None:
    host = hv.host()
    assert (host.cpus, host.memory_total_bytes, host.memory_free_bytes) == (4, 8 * GIB, 2 * GIB)
    assert (host.hypervisor, host.hypervisor_version) == ("Xen", "4.17.7")
    assert host.user_ns is None


def test_only_what_was_asked_for_is_read(dom0: Dom0, hv: Connection) -> None:
    dom0.add(1)
    dom0.add_disk(1, 51712)
    dom0.add_nic(1, 0)
    dom0.lines.append("fails 5")
    dom0.tell()
    dom0.store.asked.clear()
    guest = hv.snapshot(groups={Group.NIC})[uuid_of(1)]
    assert guest.nics[0].tx_bytes == 307200
    assert (
        guest.cpu.why("time_ns")
        == guest.why("disks")
        == hvinspect.Absence(Reason.NOT_REQUESTED, "its group was not asked for")
    )
    assert not [path for _, path in dom0.store.asked if "vbd" in path]


def test_a_hostile_name_is_given_as_it_is(dom0: Dom0, hv: Connection) -> None:
    dom0.add(1)
    dom0.store.write("/local/domain/1", name=b"a\x1b[31m\xff")
    assert [guest.instance.name for guest in hv.snapshot()] == ["a\x1b[31m\\xff"]


def test_a_snapshot_says_where_it_comes_from(dom0: Dom0, hv: Connection) -> None:
    versions = hv.snapshot().versions
    assert (versions.binding, versions.hypervisor, versions.hypervisor_version) == (
        "libxenstat.so.4.17",
        "Xen",
        "4.17.7",
    )
