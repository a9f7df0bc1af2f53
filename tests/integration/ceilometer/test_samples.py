"""Ceilometer's agent makes the same samples through hvinspect as on its own, and a few more."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

import hvinspect
from hvinspect import DiskStats, Group, InstanceStats, NicStats
from tests.bridges.ceilometer.differences import Pair, explained
from tests.integration.ceilometer.agent import HAS_POLLSTERS, Agent, Agents, Cycle, Sample
from tests.lab.guests import Guest

#: Of a guest that has all that libvirt counts on a host without perf events.
OF_LINUX = 30 if HAS_POLLSTERS else 24
RATES = {"network.incoming.bytes.rate", "network.outgoing.bytes.rate"}
COUNTERS = ("disk.device.read.", "disk.device.write.", "network.incoming.", "network.outgoing.")

Pairs = tuple[Agent, Agent]


@pytest.fixture(scope="module")
def both(agents: Agents, linux: Guest, stills: tuple[Guest, ...]) -> Iterator[Pairs]:
    """The stock agent, and ours beside it."""
    with agents.stock("stock", interval=2) as stock, agents.ours("ours", interval=2) as ours:
        stock.wait_for_cycles(2)
        ours.wait_for_cycles(2)
        yield stock, ours


def second_cycles(both: Pairs) -> tuple[Cycle, Cycle]:
    """Deltas and rates begin with the second."""
    stock, ours = both
    return stock.wait_for_cycles(2)[1], ours.wait_for_cycles(2)[1]


def test_every_sample_of_a_linux_guest_is_made(both: Pairs, linux: Guest) -> None:
    stock, ours = (one.of(linux.spec.uuid) for one in second_cycles(both))
    assert len({meter for meter, _ in stock}) >= OF_LINUX
    assert stock.keys() <= ours.keys()


def test_the_two_rates_are_on_top(both: Pairs, linux: Guest) -> None:
    stock, ours = (one.meters_of(linux.spec.uuid) for one in second_cycles(both))
    assert ours - stock == RATES


def test_what_a_sample_says_besides_its_value_is_the_same(both: Pairs, linux: Guest) -> None:
    stock, ours = (one.of(linux.spec.uuid) for one in second_cycles(both))
    for key, sample in stock.items():
        assert ours[key].rest == sample.rest, key


def test_guests_that_are_paused_have_equal_values_but_for_the_table(
    both: Pairs, linux: Guest, stills: tuple[Guest, ...]
) -> None:
    linux.pause()
    try:
        stock, ours = both
        moments = [agent.cycles[-1].ended for agent in both]
        first = read()
        (theirs,), (own,) = stock.wait_for_cycles(1, since=moments[0]), ours.wait_for_cycles(1, since=moments[1])
        second = read()
    finally:
        linux.resume()
    for uuid in (guest.spec.uuid for guest in (linux, *stills)):
        early, late = first[uuid], second[uuid]
        pairs = list(paired(early, late, theirs.of(uuid), own.of(uuid)))
        assert len(pairs) >= 20
        for pair, resource in pairs:
            assert pair.stock == pair.ours or explained(pair), (pair.meter, resource, pair.stock, pair.ours)


def read() -> hvinspect.Snapshot:
    """All guests, with all that the agent asks for."""
    with hvinspect.connect("libvirt:qemu:///system") as hv:
        return hv.snapshot(groups=hvinspect.DEFAULT_GROUPS | {Group.BLOCK_DETAIL}, timeout=60.0)


def paired(
    early: InstanceStats, late: InstanceStats, theirs: dict[tuple[str, str], Sample], own: dict[tuple[str, str], Sample]
) -> Iterator[tuple[Pair, str]]:
    """Each meter and resource that either has a sample of, with the guest as it was when both were read."""
    devices: tuple[DiskStats | NicStats, ...] = (*early.disks, *early.nics)
    for meter, resource in sorted(theirs.keys() | own.keys()):
        device = next((one for one in devices if one.name and resource.endswith(f"-{one.name}")), None)
        volumes = [found.volume if (found := one.get((meter, resource))) else None for one in (theirs, own)]
        stats = early
        if meter == "cpu" and (early.cpu.time_ns or 0) <= (volumes[1] or 0) <= (late.cpu.time_ns or 0):
            # Its hypervisor's process works on, to answer those who read it.
            stats = replace(early, cpu=replace(early.cpu, time_ns=int(volumes[1] or 0)))
        yield Pair(meter=meter, stats=stats, device=device, stock=volumes[0], ours=volumes[1]), resource


def test_values_of_a_guest_that_moves_are_between_those_before_and_after(both: Pairs, linux: Guest) -> None:
    stock, ours = both
    with working(linux):
        before = stock.wait_for_cycles(1, since=stock.cycles[-1].ended)[0]
        middle = ours.wait_for_cycles(1, since=before.ended)[0]
        after = stock.wait_for_cycles(1, since=middle.ended)[0]
    early, own, late = (one.of(linux.spec.uuid) for one in (before, middle, after))
    counters = [key for key in early if key[0].startswith(COUNTERS) and not key[0].endswith((".delta", ".rate"))]
    assert len(counters) >= 2 * 4 + 2 * 8
    for key in counters:
        assert early[key].volume <= own[key].volume <= late[key].volume, key
    moved = {key for key in counters if early[key].volume < late[key].volume}
    devices = {resource for _, resource in counters}
    assert {resource for _, resource in moved} == devices


@contextlib.contextmanager
def working(guest: Guest) -> Iterator[None]:
    """Have it read, write and send on every device, again and again, while the context lasts."""
    done = threading.Event()

    def work() -> None:
        while not done.is_set():
            for disk in ("vda", "vdb"):
                guest.write(disk, count=4, size=4096)
                guest.read(disk, count=4, size=4096)
            for nic in guest.spec.nics:
                guest.ping(nic, count=2)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
