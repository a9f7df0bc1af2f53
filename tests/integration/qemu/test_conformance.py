"""The driver is held to what every driver is held to, on real QEMUs, by their monitors and by /proc alone."""

from __future__ import annotations

import socket

import hvinspect
from hvinspect import Group
from hvinspect.driver import Deadline
from hvinspect.drivers._qemu.keys import unmapped
from hvinspect.drivers._qemu.monitor import Question, ask
from hvinspect.drivers._qemu.operations import commands_for, commands_of_balloon
from hvinspect.testing import conformance
from hvinspect.testing.conformance import Moved, Outcome, Way
from tests.lab import second_opinions
from tests.lab.daemons import wait_until
from tests.lab.qemu.command import FOLDER, monitor_of, tap_of
from tests.lab.qemu.lone import LoneGuest
from tests.lab.specification import NicSpec

_PACKETS, _SIZE = 50, 1000


def test_monitors_conform(busy: LoneGuest, apart: LoneGuest, still: LoneGuest) -> None:
    report = conformance.run(f"qemu:{FOLDER}/*.qmp", traffic=lambda way: traffic(busy, way))
    assert not_passed(report) == set(), str(report)


def traffic(guest: LoneGuest, way: Way) -> Moved:
    """Packets in one way that nobody answers, when all of them have come to the other end."""
    nic = guest.spec.nics[0]
    guest.ping(nic, count=1, size=56)  # so that each side knows the other
    before = _arrived(guest, way)
    size = _SIZE
    if way is Way.SEND:
        size = guest.send(nic, count=_PACKETS, size=_SIZE).packet_bytes
    else:
        _flood(nic)
    # Until QEMU has a turn, which on a busy host may be late, packets are in the tap's queue and nobody counts them.
    what = f"the packets to {way.name.lower()}"
    wait_until(lambda: _arrived(guest, way) - before >= _PACKETS, what=what, timeout=60.0)
    return Moved(instance=guest.spec.uuid, nic="nic0", bytes=_PACKETS * size, packets=_PACKETS)


def _arrived(guest: LoneGuest, way: Way) -> int:
    """Packets that the other end has counted."""
    if way is Way.SEND:
        return second_opinions.tap_statistics(tap_of(guest.spec, 0))["rx_packets"]
    return guest.counters().nic(guest.spec.nics[0].mac).rx_packets


def _flood(nic: NicSpec) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.setsockopt(socket.SOL_IP, 10, 0)  # IP_MTU_DISCOVER: as it is
        for _ in range(_PACKETS):
            sender.sendto(b"\0" * _SIZE, (nic.address, 9))


def test_processes_alone_conform(busy: LoneGuest, apart: LoneGuest, still: LoneGuest) -> None:
    skip = {"data_is_present": "no monitor tells that an instance runs"}
    report = conformance.run("qemu:", traffic=lambda way: traffic(busy, way), skip=skip)
    assert not_passed(report) == skip.keys(), str(report)


def not_passed(report: conformance.Report) -> set[str]:
    """The checks that failed, warned or were not made."""
    return {result.check for result in report if result.outcome is not Outcome.PASSED}


def test_every_key_of_a_real_answer_is_known(busy: LoneGuest) -> None:
    groups = frozenset(group for group in Group if group is not Group.UNKNOWN)
    commands = commands_for(groups, balloon=None, describes=True, is_polled=True, has_kvm=True)
    commands += commands_of_balloon("/machine/peripheral/balloon0")
    (answer,) = ask([Question("one", str(monitor_of(busy.spec)), commands, 20.0)], Deadline.after(30.0))
    assert answer.problem is None
    assert unmapped(answer.values) == set()


def test_nothing_unknown_is_told_of(busy: LoneGuest) -> None:
    with hvinspect.connect(busy.target) as hv:
        hv.snapshot(groups=[group for group in Group if group is not Group.UNKNOWN])
        assert hv.health().unknown_statistics == ()
