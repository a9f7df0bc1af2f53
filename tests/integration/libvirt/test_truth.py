"""What a guest did, by its own count, is what a snapshot says that it did."""

from __future__ import annotations

import hvinspect
from hvinspect import InstanceStats
from tests.integration.libvirt.reading import disk_of, nic_of, quiet
from tests.lab.guests import Guest
from tests.lab.second_opinions import vcpu_times

#: Of libvirt's per-vCPU time and of the guest's own count.
TICK_NS = 10_000_000


def test_disk_bytes_and_requests_are_exactly_the_guests(
    hv: hvinspect.Connection, two_busy_guests: tuple[Guest, Guest]
) -> None:
    guest, _ = two_busy_guests
    before, told_before = quiet(hv, guest)
    guest.write("vda", count=64, size=65536)
    guest.read("vda", count=33, size=4096)
    guest.write("vdb", count=10, size=8192)
    after, told_after = quiet(hv, guest)
    for target in ("vda", "vdb"):
        then, now = disk_of(before, target), disk_of(after, target)
        said, says = told_before.disks[target], told_after.disks[target]
        assert _delta(then, now, "read_requests") == says.read_requests - said.read_requests
        assert _delta(then, now, "read_bytes") == says.read_bytes - said.read_bytes
        assert _delta(then, now, "write_requests") == says.data_write_requests - said.data_write_requests
        assert _delta(then, now, "write_bytes") == says.write_bytes - said.write_bytes
        assert _delta(then, now, "flush_requests") == says.flush_requests - said.flush_requests
    assert _delta(disk_of(before, "vda"), disk_of(after, "vda"), "read_requests") == 33
    assert _delta(disk_of(before, "vda"), disk_of(after, "vda"), "write_bytes") == 64 * 65536


def test_packets_are_exactly_the_guests_and_in_its_direction(
    hv: hvinspect.Connection, two_busy_guests: tuple[Guest, Guest]
) -> None:
    guest, _ = two_busy_guests
    card = guest.spec.nics[0]
    before, told_before = quiet(hv, guest)
    guest.ping(card, count=25, size=200)
    after, told_after = quiet(hv, guest)
    then, now = nic_of(before, card.mac), nic_of(after, card.mac)
    said, says = told_before.nic(card.mac), told_after.nic(card.mac)
    assert says.tx_packets - said.tx_packets >= 25
    assert _delta(then, now, "rx_packets") == says.rx_packets - said.rx_packets
    assert _delta(then, now, "tx_packets") == says.tx_packets - said.tx_packets
    assert _delta(then, now, "rx_bytes") == says.rx_bytes - said.rx_bytes
    assert _delta(then, now, "tx_bytes") == says.tx_bytes - said.tx_bytes


def test_seconds_spun_are_cpu_time(hv: hvinspect.Connection, two_busy_guests: tuple[Guest, Guest]) -> None:
    guest, _ = two_busy_guests
    host = [vcpu_times(guest.pid)[1]]
    before, told_before = quiet(hv, guest)
    host.append(vcpu_times(guest.pid)[1])
    guest.spin(2, cpus=(1,))
    host.append(vcpu_times(guest.pid)[1])
    after, told_after = quiet(hv, guest)
    host.append(vcpu_times(guest.pid)[1])
    ran = _delta(before.cpu.vcpus[1], after.cpu.vcpus[1], "time_ns")
    waited = _delta(before.cpu.vcpus[1], after.cpu.vcpus[1], "delay_ns")
    said, says = told_before.cpus[1], told_after.cpus[1]
    # The guest's kernel ends the loop at two seconds of user and system time together, whichever its ticks fell on.
    # A CPU's time is told in five columns, each cut to whole ticks, and the loop's shell began on another CPU.
    spun = says.user_ticks + says.system_ticks - said.user_ticks - said.system_ticks
    assert spun * TICK_NS >= 2_000_000_000 - 10 * TICK_NS
    # An emulated CPU takes for its time when its thread ran, and when it was ready and the host was busy.
    assert ran + waited >= 2_000_000_000 - 10 * TICK_NS
    # How much of it was which is the host's to say: its scheduler counts nanoseconds, libvirt's time is of two counts,
    # user and system, each cut to whole ticks.
    assert host[2].run_ns - host[1].run_ns - 2 * TICK_NS <= ran <= host[3].run_ns - host[0].run_ns + 2 * TICK_NS
    assert host[2].delay_ns - host[1].delay_ns <= waited <= host[3].delay_ns - host[0].delay_ns
    # The emulator's work for the guest is on top, in its time and in that of the whole.
    assert _delta(before.cpu, after.cpu, "time_ns") >= ran - 2 * TICK_NS


def _delta(before: object, after: object, field: str) -> int:
    earlier, later = getattr(before, field), getattr(after, field)
    assert earlier is not None, f"{field} was missing: {before}"
    assert later is not None, f"{field} is missing: {after}"
    return int(later - earlier)


def test_every_guest_is_read_once(hv: hvinspect.Connection, two_busy_guests: tuple[Guest, Guest]) -> None:
    stats: dict[str, InstanceStats] = {one.instance.key: one for one in hv.snapshot()}
    assert {guest.spec.uuid for guest in two_busy_guests} <= stats.keys()
