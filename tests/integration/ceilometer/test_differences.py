"""Where the stock agent is wrong: its values and ours beside what the guest and the host count themselves.

Each test is of one row of the table in tests/bridges/ceilometer/differences.py. What libvirt does not count has a file
of its own, test_uncounted.py; so have guests that are shut off, test_shut_off.py. That of rates is in test_samples.py.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import final

import pytest

from tests.integration.ceilometer import nova
from tests.integration.ceilometer.agent import PATIENCE, Agent, Agents, Cycle
from tests.integration.ceilometer.pace import Paced, paced
from tests.lab.daemons import wait_until
from tests.lab.fixtures import GuestFactory
from tests.lab.guests import Guest
from tests.lab.specification import MIB, DiskSpec, NicSpec, mac_of
from tests.lab.truth import GuestCounters

FILLED_MIB = 32
BLOCK = 65536
#: Where in its raw disk the guest writes one block, in blocks.
FAR = 512


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One guest in one state, as everybody sees it: paused since it told its own counters."""

    guest: Guest
    truth: GuestCounters
    stock: Cycle
    ours: Cycle
    #: Ours with the options that give the old numbers.
    old: Cycle


@pytest.fixture(scope="module")
def odd(session_guests: GuestFactory) -> Guest:
    """A guest that tells of its memory when it boots and then no more, with a full image and a sparse one."""
    disks = (DiskSpec(target="vda"), DiskSpec(target="vdb", format="qcow2", size=MIB))
    (guest,) = session_guests(replace(nova.linux("odd", 30, balloon_period=None), disks=disks))
    guest.write("vda", count=1, size=BLOCK, seek=FAR)
    guest.write("vdb", count=MIB // BLOCK, size=BLOCK)
    guest.fill(FILLED_MIB)
    return guest


@pytest.fixture(scope="module")
def agents_of_all_kinds(agents: Agents, odd: Guest, stills: tuple[Guest, ...]) -> Iterator[tuple[Kind, Kind, Kind]]:
    """The stock agent, ours, and ours with the options that give the old numbers."""
    made = (
        agents.stock("odd-stock"),
        agents.ours("odd-ours", options={"guest_report_maximum_age": 1}),
        agents.ours("odd-old", options={"cpu_time": "vcpus", "guest_report_maximum_age": 0}),
    )
    with paced(made[0]) as first, paced(made[1]) as second, paced(made[2]) as third:
        yield Kind(made[0], first), Kind(made[1], second), Kind(made[2], third)


@final
@dataclass(frozen=True, slots=True)
class Kind:
    """An agent and its pace."""

    agent: Agent
    pace: Paced

    def cycle(self) -> Cycle:
        """Run one."""
        self.pace.cycle()
        return self.agent.cycles[-1]


@pytest.fixture(scope="module")
def seen(agents_of_all_kinds: tuple[Kind, Kind, Kind], odd: Guest) -> Seen:
    """All look at it, one after another."""
    truth = odd.counters()
    odd.pause()
    try:
        stock, ours, old = (kind.cycle() for kind in agents_of_all_kinds)
    finally:
        odd.resume()
    return Seen(guest=odd, truth=truth, stock=stock, ours=ours, old=old)


def volume(cycle: Cycle, guest: Guest, meter: str, device: str | None = None) -> float | None:
    """The value of a meter, None if there is no sample."""
    end = f"-{device}" if device else ""
    values = [
        one.volume
        for (name, resource), one in cycle.of(guest.spec.uuid).items()
        if name == meter and resource.endswith(end)
    ]
    assert len(values) <= 1
    return values[0] if values else None


def of_disk(seen: Seen, meter: str, target: str) -> tuple[float | None, float | None]:
    """The stock agent's and ours."""
    return volume(seen.stock, seen.guest, meter, target), volume(seen.ours, seen.guest, meter, target)


def image(guest: Guest, target: str) -> os.stat_result:
    """The file of a disk."""
    return guest.spec.image_of(next(disk for disk in guest.spec.disks if disk.target == target)).stat()


def process_seconds(guest: Guest) -> float:
    """The seconds of CPU that its QEMU has used, by the kernel."""
    fields = Path(f"/proc/{guest.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_cpu_is_all_time_that_the_host_spent_on_the_guest(
    agents_of_all_kinds: tuple[Kind, Kind, Kind], stills: tuple[Guest, ...]
) -> None:
    before = process_seconds(stills[0])
    stock, ours, _ = (kind.cycle() for kind in agents_of_all_kinds)
    after = process_seconds(stills[0])
    assert before > 0.05
    assert volume(stock, stills[0], "cpu") == 0
    own = volume(ours, stills[0], "cpu")
    assert own is not None
    # The kernel counts in ticks, and what the cgroup counts is a little more than what its processes do.
    assert before - 0.02 <= own / 1e9 <= after + 0.1


def test_cpu_is_the_same_number_where_libvirt_cannot_tell_the_vcpus_apart(
    agents_of_all_kinds: tuple[Kind, Kind, Kind], stills: tuple[Guest, ...], guests: GuestFactory
) -> None:
    # With one thread for all vCPUs, as always when instructions are counted, there is no time of each.
    (spec,) = nova.still("counting", 1, first=161)
    (counting,) = guests(replace(spec, vcpus=2, qemu_arguments=("-icount", "shift=auto")))
    before = process_seconds(counting)
    stock, ours, old = (kind.cycle() for kind in agents_of_all_kinds)
    after = process_seconds(counting)
    # Of one guest the stock agent gives what its vCPUs used, of the other what all of its process used.
    assert volume(stock, stills[0], "cpu") == 0
    switched = volume(stock, counting, "cpu")
    own = volume(ours, counting, "cpu")
    assert switched is not None
    assert own is not None
    for found in (switched, own):
        assert before - 0.02 <= found / 1e9 <= after + 0.1
    # What the option asks for is not there, and nothing else is given for it.
    assert volume(old, counting, "cpu") is None


def test_an_option_gives_the_old_cpu(seen: Seen) -> None:
    assert volume(seen.old, seen.guest, "cpu") == volume(seen.stock, seen.guest, "cpu")
    assert volume(seen.ours, seen.guest, "cpu") != volume(seen.stock, seen.guest, "cpu")


def test_memory_that_a_guest_told_of_long_ago_is_not_todays(seen: Seen) -> None:
    memory = seen.truth.memory_kib
    used = (memory["MemTotal"] - memory["MemAvailable"]) / 1024
    stock = volume(seen.stock, seen.guest, "memory.usage")
    assert stock is not None
    assert stock < used - FILLED_MIB / 2
    for meter in ("memory.usage", "memory.available", "memory.swap.in", "memory.swap.out"):
        assert volume(seen.ours, seen.guest, meter) is None
        assert volume(seen.old, seen.guest, meter) == volume(seen.stock, seen.guest, meter)


def test_capacity_is_what_the_guest_can_address(seen: Seen) -> None:
    stock, ours = of_disk(seen, "disk.device.capacity", "vdb")
    assert stock == image(seen.guest, "vdb").st_size > MIB
    assert ours == MIB


def test_allocation_of_a_raw_image_is_what_it_takes(seen: Seen) -> None:
    stock, ours = of_disk(seen, "disk.device.allocation", "vda")
    assert stock == (FAR + 1) * BLOCK
    assert ours == image(seen.guest, "vda").st_blocks * 512 < FAR * BLOCK


def test_usage_of_a_raw_image_is_its_length(seen: Seen) -> None:
    stock, ours = of_disk(seen, "disk.device.usage", "vda")
    assert stock == image(seen.guest, "vda").st_blocks * 512
    assert ours == image(seen.guest, "vda").st_size


def test_a_delta_is_of_one_card_since_the_last_cycle_and_never_of_two(
    agents_of_all_kinds: tuple[Kind, Kind, Kind], odd: Guest
) -> None:
    def deltas() -> tuple[float | None, float | None]:
        stock, ours, _ = (kind.cycle() for kind in agents_of_all_kinds)
        found = [volume(one, odd, "network.outgoing.bytes.delta", "odd-tap") for one in (stock, ours)]
        return found[0], found[1]

    first, second = (NicSpec(mac=mac_of(30, number), target="odd-tap") for number in (4, 5))
    sent = plugged(odd, first, pings=3)
    # It was not there in the cycle before.
    assert sent > 0
    assert deltas() == (0, None)
    odd.unplug(first)
    counted = plugged(odd, second, pings=10)
    # What this one sent less what that one did.
    assert deltas() == (counted - sent, None)
    odd.unplug(second)


def plugged(guest: Guest, nic: NicSpec, *, pings: int) -> int:
    """Plug a card and have it send; the bytes that the guest counts."""

    def is_there() -> bool:
        return any(one.mac == nic.mac for one in guest.counters().nics.values())

    guest.plug(nic)
    wait_until(is_there, what=f"{nic.mac} in the guest", timeout=PATIENCE)
    guest.ping(nic, count=pings)
    return guest.counters().nic(nic.mac).tx_bytes
