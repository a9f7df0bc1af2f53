"""Guests and containers do exactly what they are asked, and libvirt and the kernel count exactly that."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import libvirt
import pytest

from tests.lab import daemons, entry, second_opinions, settings
from tests.lab.containers import ContainerSpec
from tests.lab.fixtures import (  # noqa: F401 - fixtures are found by name
    ContainerFactory,
    GuestFactory,
    Lab,
    busy_spec,
    containers,
    guests,
    lab,
    libvirtd,
    session_guests,
    two_busy_guests,
)
from tests.lab.guests import Guest, many
from tests.lab.second_daemon import second_daemon
from tests.lab.specification import DiskSpec, GuestSpec, NicSpec, mac_of

pytestmark = pytest.mark.skipif(not entry.inside(), reason="run in a lab: python -m tests.lab pytest ...")


@pytest.fixture
def guest(two_busy_guests: tuple[Guest, Guest]) -> Guest:  # noqa: F811
    """One of the guests that stay."""
    return two_busy_guests[0]


@contextlib.contextmanager
def _reader() -> Iterator[libvirt.virConnect]:
    with contextlib.closing(libvirt.openReadOnly(settings.QEMU_URI)) as connection:
        yield connection


def _statistics(guest: Guest) -> dict[str, int]:
    with _reader() as connection:
        domain = connection.lookupByUUIDString(guest.spec.uuid)
        ((_, statistics),) = connection.domainListGetStats([domain])
    return dict(statistics)


def _change(guest: Guest, action: Callable[[], object]) -> dict[str, int]:
    """What libvirt counts while *action* runs: the keys that moved."""
    before = _statistics(guest)
    action()
    after = _statistics(guest)
    return {
        key: value - before[key]
        for key, value in after.items()
        if key in before and not key.endswith((".name", ".path")) and value != before[key]
    }


def test_a_write_is_counted_to_the_byte_by_guest_libvirt_and_qemu(guest: Guest) -> None:
    own = guest.counters().disks["vda"]
    change = _change(guest, lambda: guest.write("vda", count=64, size=65536))
    now = guest.counters().disks["vda"]
    assert (change["block.0.wr.bytes"], change["block.0.wr.reqs"]) == (64 * 65536, 64)
    assert change["block.0.fl.reqs"] == 1
    assert now.write_bytes - own.write_bytes == 64 * 65536
    assert now.data_write_requests - own.data_write_requests == 64
    assert now.flush_requests - own.flush_requests == 1
    assert not any(key.startswith("block.1") for key in change)


def test_a_read_is_counted_to_the_byte(guest: Guest) -> None:
    own = guest.counters().disks["vdb"]
    change = _change(guest, lambda: guest.read("vdb", count=100, size=4096))
    now = guest.counters().disks["vdb"]
    assert (change["block.1.rd.bytes"], change["block.1.rd.reqs"]) == (409600, 100)
    assert (now.read_bytes - own.read_bytes, now.read_requests - own.read_requests) == (409600, 100)


def test_a_discard_is_counted_by_the_labs_own_monitor(guests: GuestFactory) -> None:  # noqa: F811
    # QEMU 7.2 counts discards on SCSI disks, and not on virtio-blk ones.
    disk = DiskSpec(target="sda", bus="scsi", discard=True)
    (guest,) = guests(GuestSpec(name="discarding", disks=(disk,), own_monitor=True))
    with second_opinions.Monitor(guest.spec.monitor_socket) as monitor:
        (before,) = monitor.block_statistics().values()
        guest.write("sda", count=16, size=65536)
        guest.discard("sda", offset=0, length=1 << 20)
        (after,) = monitor.block_statistics().values()
    assert after["unmap_bytes"] - before["unmap_bytes"] == 1 << 20
    assert after["wr_bytes"] - before["wr_bytes"] == 1 << 20


def test_pings_are_counted_to_the_packet_by_guest_libvirt_and_tap(guest: Guest) -> None:
    nic = guest.spec.nics[0]
    own = guest.counters().nic(nic.mac)
    tap = second_opinions.tap_statistics(str(_statistics(guest)["net.0.name"]))
    change = _change(guest, lambda: guest.ping(nic, count=50, size=100))
    now = guest.counters().nic(nic.mac)
    tap_now = second_opinions.tap_statistics(str(_statistics(guest)["net.0.name"]))
    assert change["net.0.tx.pkts"] == change["net.0.rx.pkts"] == 50
    assert change["net.0.tx.bytes"] == change["net.0.rx.bytes"] == 50 * 142
    assert (now.tx_bytes - own.tx_bytes, now.rx_bytes - own.rx_bytes) == (7100, 7100)
    assert tap_now["rx_packets"] - tap["rx_packets"] == 50
    assert not any(key.startswith("net.1") for key in change)


def test_what_a_guest_sends_unanswered_is_tx_to_libvirt_and_rx_to_the_tap(guest: Guest) -> None:
    nic = guest.spec.nics[1]
    tap = second_opinions.tap_statistics(str(_statistics(guest)["net.1.name"]))
    change = _change(guest, lambda: guest.send(nic, count=10, size=100))
    tap_now = second_opinions.tap_statistics(str(_statistics(guest)["net.1.name"]))
    assert change["net.1.tx.bytes"] == 10 * 142
    assert "net.1.rx.bytes" not in change
    assert tap_now["rx_bytes"] - tap["rx_bytes"] == 10 * 142


def test_a_guest_burns_the_seconds_it_was_asked_for(guest: Guest) -> None:
    change = _change(guest, lambda: guest.spin(2, cpus=(0, 1)))
    # A busy machine may run the vCPUs less than the guest believes, never much more.
    assert 0.5e9 < change["vcpu.0.time"] < 3e9
    assert 0.5e9 < change["vcpu.1.time"] < 3e9
    assert change["cpu.time"] >= change["vcpu.0.time"] + change["vcpu.1.time"] - 30_000_000


def test_cpu_time_comes_from_the_guests_cgroup(guest: Guest) -> None:
    earlier = second_opinions.cgroup_cpu_ns(guest.pid)
    read = _statistics(guest)["cpu.time"]
    assert earlier <= read <= second_opinions.cgroup_cpu_ns(guest.pid)


def test_vcpu_delay_is_the_threads_own(guest: Guest) -> None:
    earlier = second_opinions.vcpu_times(guest.pid)[1].delay_ns
    read = _statistics(guest)["vcpu.1.delay"]
    assert earlier <= read <= second_opinions.vcpu_times(guest.pid)[1].delay_ns


def test_faults_are_counted(guest: Guest) -> None:
    before = guest.counters().faults["pgfault"]
    guest.fault(2000)
    assert 2000 <= guest.counters().faults["pgfault"] - before < 2300


def test_a_stopped_qemu_hangs_nothing_that_asks_only_its_state(guest: Guest) -> None:
    with guest.stopped(), _reader() as connection:
        assert connection.lookupByName(guest.spec.name).info()[0] == libvirt.VIR_DOMAIN_RUNNING
    assert guest.counters().uptime_seconds > 0


def test_devices_come_and_go_while_the_guest_runs(guests: GuestFactory) -> None:  # noqa: F811
    (guest,) = guests(GuestSpec(name="plugged"))
    disk, nic = DiskSpec(target="vdc"), NicSpec(mac=mac_of(30))
    guest.plug(disk)
    guest.plug(nic)
    _until(lambda: "vda" in guest.counters().disks and bool(guest.counters().nics))
    assert guest.ping(nic, count=3).received == 3
    assert _statistics(guest)["net.count"] == 1
    guest.unplug(disk)
    guest.unplug(nic)
    assert _statistics(guest).get("net.count", 0) == 0


def test_a_guest_reboots_loses_its_balloon_and_switches_itself_off(guests: GuestFactory) -> None:  # noqa: F811
    (guest,) = guests(GuestSpec(name="restless", balloon_period=1))
    pid = guest.pid
    guest.reboot()
    assert guest.pid == pid
    guest.drop_balloon()
    guest.power_off()
    with _reader() as connection:
        assert guest.spec.name not in [domain.name() for domain in connection.listAllDomains()]


def test_a_card_can_have_an_interface_id_and_still_count(guests: GuestFactory) -> None:  # noqa: F811
    nic = NicSpec(mac=mac_of(60), interface_id="5d0f7c6e-0c4c-4d0c-9b1b-2f6a1d3c4b5a", target="tap5d0f7c6e-0c")
    (guest,) = guests(GuestSpec(name="ported", nics=(nic,)))
    assert guest.ping(nic, count=5).received == 5
    assert _statistics(guest)["net.0.tx.pkts"] == 5
    with guest.domain() as domain:
        assert nic.interface_id in domain.XMLDesc()


def test_a_defined_guest_does_not_run(guests: GuestFactory) -> None:  # noqa: F811
    spec = GuestSpec(name="asleep", agent=True, iothreads=1, title="At rest", kernel=False)
    guest = Guest(spec).define()
    with guest.domain() as domain:
        assert not domain.isActive()
    guest.destroy()


def test_twenty_tiny_guests_start_quickly(lab: Lab) -> None:  # noqa: F811
    began = time.monotonic()
    tiny = many(20, disks=2, nics=2)
    assert time.monotonic() - began < 60
    with _reader() as connection:
        assert sum(domain.name().startswith("tiny-") for domain in connection.listAllDomains()) == 20
    for guest in tiny:
        guest.destroy()


def test_a_container_is_counted_to_the_packet_and_by_its_cgroup(containers: ContainerFactory) -> None:  # noqa: F811
    nic = NicSpec(mac=mac_of(40))
    (container,) = containers(ContainerSpec(name="boxed", nics=(nic,)))
    with container.domain() as domain:
        card = domain.XMLDesc().split("<target dev='")[1].split("'")[0]
        before, busy_before = domain.interfaceStats(card), domain.getCPUStats(True)[0]["cpu_time"]
        container.send(nic, count=10, size=100)
        container.spin(1)
        after, busy_after = domain.interfaceStats(card), domain.getCPUStats(True)[0]["cpu_time"]
    assert [new - old for old, new in zip(before, after, strict=True)] == [0, 0, 0, 0, 1420, 10, 0, 0]
    assert 0.9e9 < busy_after - busy_before < 1.3e9


def test_nobody_may_read_through_polkit_only_until_it_is_denied(lab: Lab) -> None:  # noqa: F811
    def status(*options: str) -> int:
        command = ["virsh", *options, "-q", "-c", settings.QEMU_URI, "list"]
        # Without the groups of root, which polkit may trust.
        return subprocess.run(command, user="nobody", extra_groups=(), capture_output=True).returncode

    assert status("-r") == 0
    assert status() != 0
    lab.deny_by_polkit()
    _until(lambda: status("-r") != 0)
    lab.allow_by_polkit()
    _until(lambda: status("-r") == 0)


def test_no_package_being_set_up_finds_the_labs_polkitd() -> None:
    # Debian's scripts find what they end by the path of its program, as it is in their own chroot.
    program = Path(f"/proc/{daemons.POLKIT.pid}/exe").readlink()
    assert program == daemons.POLKIT_PROGRAM
    assert program.is_relative_to("/run")


def test_polkitd_is_started_again_if_it_went(lab: Lab) -> None:  # noqa: F811
    lab.polkit.kill()
    lab.allow_by_polkit()
    command = ["virsh", "-q", "-r", "-c", settings.QEMU_URI, "list"]
    assert subprocess.run(command, user="nobody", extra_groups=(), capture_output=True).returncode == 0


def test_a_killed_libvirtd_comes_back_and_the_guests_with_it(
    guest: Guest,
    libvirtd: daemons.Daemon,  # noqa: F811
) -> None:
    pid = guest.pid
    libvirtd.kill()
    assert libvirtd.pid is None
    libvirtd.start()
    assert guest.pid == pid
    assert _statistics(guest)["block.count"] == 2


def test_a_guest_moves_to_a_second_node_and_its_counters_begin_again(guests: GuestFactory) -> None:  # noqa: F811
    (guest,) = guests(GuestSpec(name="mover", disks=(DiskSpec(target="vda"),), nics=(NicSpec(mac=mac_of(50)),)))
    guest.write("vda", count=3, size=4096)
    with second_daemon() as second:
        guest.migrate(second.own_uri, run=second.run)
        guest.wait_ready()
        assert guest.counters().disks["vda"].write_bytes == 3 * 4096
        assert guest.pid > 0
        with guest.domain() as domain:
            assert domain.blockStats("vda")[3] == 0
        second.daemon.kill()
        second.daemon.start()
        assert guest.runs()
        guest.destroy()


def test_the_calls_of_a_client_can_be_read(lab: Lab, libvirtd: daemons.Daemon) -> None:  # noqa: F811
    lab.log_calls(on=True)
    with _reader() as connection:
        connection.getAllDomainStats()
    assert "ConnectGetAllDomainStats" in lab.called_procedures()
    lab.log_calls(on=False)


def test_the_labs_etc_is_its_own(lab: Lab) -> None:  # noqa: F811
    assert "hvinspect" in str(settings.STATE)
    assert Path("/etc/libvirt/qemu.conf").read_text().startswith("namespaces")


def test_two_guests_of_one_specification_have_one_uuid() -> None:
    assert busy_spec(3).uuid == busy_spec(3).uuid


def _until(true: Callable[[], bool]) -> None:
    daemons.wait_until(true, what="condition", timeout=20)
