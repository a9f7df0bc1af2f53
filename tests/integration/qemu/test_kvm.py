"""Guests that the processor runs: only where the host lends its own, and so no part of CI.

They have no system, only a first sector that spins or halts: so much runs under every KVM, one that is itself emulated
included.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

import hvinspect
from hvinspect import InstanceStats, State
from tests.integration.qemu.conftest import end
from tests.lab.fixtures import Lab
from tests.lab.qemu.lone import LoneGuest
from tests.lab.specification import MIB, DiskSpec, GuestSpec, NicSpec, mac_of

pytestmark = pytest.mark.slow
#: Of QEMU, where it can be asked without interrupting the guest.
ASKED_SINCE = (8, 1)
#: Boot sectors: jump to yourself; and allow interrupts, halt, begin again.
SPINS, HALTS = b"\xeb\xfe", b"\xfb\xf4\xeb\xfc"
PATIENCE = 60.0


@contextmanager
def started(name: str, number: int, code: bytes) -> Iterator[LoneGuest]:
    """A guest of two vCPUs whose first runs *code*; the second is never woken."""
    spec = GuestSpec(
        name=name,
        vcpus=2,
        memory_mib=16,
        kernel=False,
        disks=(DiskSpec(target="vda", size=MIB),),
        nics=(NicSpec(mac=mac_of(number)),),
    )
    guest = LoneGuest(spec, accelerator="kvm")
    try:
        guest.start()
        with spec.image_of(spec.disks[0]).open("r+b") as image:
            image.write(code.ljust(510, b"\0") + b"\x55\xaa")
        guest.tell("cont")
    except RuntimeError as problem:
        if "KVM" not in str(problem):
            raise
        pytest.skip(f"this host has no KVM for the lab: {str(problem).strip()}")
    else:
        yield guest
    finally:
        end(guest)


@pytest.fixture(scope="module")
def spinning(lab: Lab) -> Iterator[LoneGuest]:
    """One that has work for ever."""
    with started("spinning", 95, SPINS) as guest:
        yield guest


@pytest.fixture(scope="module")
def halting(lab: Lab) -> Iterator[LoneGuest]:
    """One that sleeps between the ticks of its clock."""
    with started("halting", 96, HALTS) as guest:
        yield guest


def read(guest: LoneGuest) -> InstanceStats:
    """By its monitor."""
    with hvinspect.connect(guest.target) as hv:
        return hv.snapshot()[guest.spec.uuid]


def booted(guest: LoneGuest) -> InstanceStats:
    """When its firmware has read the first sector."""
    until = time.monotonic() + PATIENCE
    while not (stats := read(guest)).disks[0].read_requests:
        assert time.monotonic() < until, "it reads nothing"
        time.sleep(0.1)
    return stats


def halted(guest: LoneGuest) -> list[tuple[bool | None, ...]]:
    """What was told of its vCPUs in fifty snapshots."""
    booted(guest)
    found = []
    with hvinspect.connect(guest.target) as hv:
        for _ in range(50):
            found.append(tuple(vcpu.halted for vcpu in hv.snapshot()[guest.spec.uuid].cpu.vcpus))
            time.sleep(0.01)
    return found


def is_asked(guest: LoneGuest) -> bool:
    """Is its QEMU new enough?"""
    told = guest.tell("query-version")["qemu"]
    return (told["major"], told["minor"]) >= ASKED_SINCE


def test_its_vcpus_are_threads_that_the_host_counts(spinning: LoneGuest) -> None:
    before = booted(spinning).cpu
    time.sleep(1.0)
    after = read(spinning).cpu
    grown = [(late.time_ns or 0) - (early.time_ns or 0) for early, late in zip(before.vcpus, after.vcpus, strict=True)]
    assert grown[0] > 1e8 > grown[1]
    # It is read a moment before them.
    assert (after.time_ns or 0) - (before.time_ns or 0) > 0.9 * grown[0]


def test_what_its_firmware_reads_is_counted(spinning: LoneGuest) -> None:
    stats = booted(spinning)
    assert stats.state is State.RUNNING
    assert stats.disks[0].read_bytes == 512 * (stats.disks[0].read_requests or 0) > 0


def test_a_vcpu_that_spins_is_not_halted_and_one_that_nobody_woke_is(spinning: LoneGuest) -> None:
    if is_asked(spinning):
        assert set(halted(spinning)) == {(False, True)}
    else:
        assert set(halted(spinning)) == {(None, None)}


def test_a_vcpu_that_sleeps_is_halted_nearly_always(halting: LoneGuest) -> None:
    found = halted(halting)
    if is_asked(halting):
        assert found.count((True, True)) > len(found) / 2, found
    else:
        assert set(found) == {(None, None)}
