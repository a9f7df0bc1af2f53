"""CPU time and vCPUs, beside what xentop and libxenctrl say."""

from __future__ import annotations

import hvinspect
from hvinspect import VcpuState
from tests.integration.xen.reading import read
from tests.lab.xen.dom0 import second_opinions
from tests.lab.xen.dom0.guests import XlGuest

SECOND = 1_000_000_000


def cpu_time(hv: hvinspect.Connection, guest: XlGuest) -> int:
    time_ns = read(hv, guest).cpu.time_ns
    assert time_ns is not None
    return time_ns


def test_cpu_time_is_between_two_readings_of_xentop(pair: tuple[XlGuest, XlGuest], hv: hvinspect.Connection) -> None:
    guest, _ = pair
    before = second_opinions.xentop()[guest.spec.name].cpu_seconds
    between = cpu_time(hv, guest)
    after = second_opinions.xentop()[guest.spec.name].cpu_seconds
    assert before * SECOND <= between < (after + 1) * SECOND


def test_cpu_time_is_between_two_readings_of_libxenctrl(
    pair: tuple[XlGuest, XlGuest], hv: hvinspect.Connection
) -> None:
    for guest in pair:
        before = second_opinions.libxenctrl(guest.domid)
        cpu = read(hv, guest).cpu
        after = second_opinions.libxenctrl(guest.domid)
        assert cpu.time_ns is not None
        assert before.cpu_ns <= cpu.time_ns <= after.cpu_ns
        assert len(cpu.vcpus) == guest.spec.vcpus
        for vcpu, low, high in zip(cpu.vcpus, before.vcpu_ns, after.vcpu_ns, strict=True):
            assert vcpu.time_ns is not None
            assert low <= vcpu.time_ns <= high


def test_a_busy_vcpu_is_seen_busy(pair: tuple[XlGuest, XlGuest], hv: hvinspect.Connection) -> None:
    _, guest = pair
    before = read(hv, guest).cpu
    guest.spin(1, cpus=(1,))
    after = read(hv, guest).cpu
    grown = [(new.time_ns or 0) - (old.time_ns or 0) for old, new in zip(before.vcpus, after.vcpus, strict=True)]
    # The guest's own clock tells when a second is over; some of it dom0 may have had.
    assert grown[1] > SECOND // 3
    assert grown[1] > 2 * grown[0]


def test_all_vcpus_of_a_new_guest_are_online(pair: tuple[XlGuest, XlGuest], hv: hvinspect.Connection) -> None:
    _, guest = pair
    cpu = read(hv, guest).cpu
    assert (cpu.vcpus_online, cpu.vcpus_maximum) == (2, 2)
    assert VcpuState.OFFLINE not in {vcpu.state for vcpu in cpu.vcpus}
