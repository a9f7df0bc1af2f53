"""Where the bridge's values differ from those of ceilometer's own libvirt inspector, and why: the whole list.

A row names its meters, says in words and as a predicate when it applies, and what ceilometer's own inspector does then.
What no row says is equal. The predicate looks at the guest's record, at the device's if the meter has one, and at
the two volumes, None being no sample.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import final

from hvinspect import DiskStats, InstanceStats, NicStats

__all__ = ["DIFFERENCES", "Difference", "Pair", "explained"]

Volume = float | None
_GUEST_REPORT_LIMIT_NS = 120 * 1_000_000_000
_MIB = 1024**2


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One meter of one guest or device, from both."""

    meter: str
    stats: InstanceStats
    device: DiskStats | NicStats | None
    stock: Volume
    ours: Volume


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A row."""

    #: A pattern, as in polling.yaml.
    meters: str
    when: str
    holds: Callable[[Pair], bool]
    #: What ceilometer's own inspector gives, or why that is wrong.
    own: str
    #: What the bridge gives.
    here: str
    #: The setting in [hvinspect] that gives the old value.
    option: str | None = None


def explained(pair: Pair) -> bool:
    """Does a row say that this difference is there?"""
    return any(fnmatch(pair.meter, row.meters) and row.holds(pair) for row in DIFFERENCES)


def _stock_cpu_time(pair: Pair) -> Volume:
    """As ceilometer adds it up; a time that the kernel does not keep is 0 in libvirt's answer."""
    cpu = pair.stats.cpu
    if cpu.vcpus_online is None:
        return 0
    counted = [vcpu for vcpu in cpu.vcpus if vcpu.time_ns is not None]
    if len(counted) != cpu.vcpus_online:
        return cpu.time_ns
    return sum((vcpu.time_ns or 0) + (vcpu.wait_ns or 0) for vcpu in counted)


def _is_old(pair: Pair) -> bool:
    told = pair.stats.memory.guest_updated_unix_ns
    return told is not None and pair.stats.taken.started_unix_ns - told > _GUEST_REPORT_LIMIT_NS


def _length_is_more_than_capacity(pair: Pair) -> bool:
    disk = pair.device
    return (
        isinstance(disk, DiskStats)
        and pair.ours == disk.capacity_bytes
        and pair.stock == disk.host_length_bytes
        and (disk.host_length_bytes or 0) > (disk.capacity_bytes or 0)
    )


def _is_raw_and_written(pair: Pair) -> bool:
    disk = pair.device
    return (
        isinstance(disk, DiskStats)
        and bool(disk.highest_written_bytes)
        and pair.stock == disk.highest_written_bytes
        and pair.ours in (None, disk.host_allocated_bytes)
    )


def _names_are_swapped(pair: Pair) -> bool:
    disk = pair.device
    return (
        isinstance(disk, DiskStats)
        and bool(disk.highest_written_bytes)
        and pair.stock == disk.host_allocated_bytes
        and pair.ours in (None, disk.host_length_bytes)
    )


DIFFERENCES: tuple[Difference, ...] = (
    Difference(
        meters="cpu",
        when="always",
        holds=lambda pair: pair.stock == _stock_cpu_time(pair) and pair.ours == pair.stats.cpu.time_ns,
        own="the time that the vCPUs ran and waited to run, which is not CPU time; all CPU time of the process instead "
        "while a vCPU's numbers are missing; and 0 if all are",
        here="all CPU time charged to the guest; with the option the first of these, or none where a vCPU lacks it",
        option="cpu_time = vcpus",
    ),
    Difference(
        meters="memory.available",
        when="the guest told its numbers more than guest_report_maximum_age ago",
        holds=lambda pair: pair.ours is None and _is_old(pair),
        own="a number from the guest's boot, or from before its balloon driver stopped, is given as today's",
        here="none",
        option="guest_report_maximum_age = 0",
    ),
    Difference(
        meters="memory.[us]*",
        when="the guest told its numbers more than guest_report_maximum_age ago",
        holds=lambda pair: pair.ours is None and _is_old(pair),
        own="as memory.available",
        here="none",
        option="guest_report_maximum_age = 0",
    ),
    Difference(
        meters="network.*.delta",
        when="the guest or the NIC was not there in the cycle before, or counts anew",
        holds=lambda pair: pair.ours is None,
        own="0 for the first, all that was ever counted for one that counts anew, and the difference between two "
        "guests where one's tap has the name that another's had",
        here="none; otherwise the bytes of that one NIC since the last cycle",
    ),
    Difference(
        meters="network.*",
        when="libvirt does not count it",
        holds=lambda pair: pair.ours is None and pair.stock == -1,
        own="libvirt's -1 for unknown is given as a number of packets",
        here="none",
    ),
    Difference(
        meters="disk.device.capacity",
        when="the image is longer than what the guest can address, as every full image of format qcow2",
        holds=_length_is_more_than_capacity,
        own="the larger of the two is given",
        here="what the guest can address",
    ),
    Difference(
        meters="disk.device.allocation",
        when="the image is raw, and QEMU knows of a furthest write into it",
        holds=_is_raw_and_written,
        own="libvirt then says how far it was written, not what it takes",
        here="what it takes on the host, or none",
    ),
    Difference(
        meters="disk.device.usage",
        when="the image is raw, and QEMU knows of a furthest write into it",
        holds=_names_are_swapped,
        own="libvirt then says what it takes, not how long it is",
        here="how long it is, or none",
    ),
    Difference(
        meters="network.*.bytes.rate",
        when="always",
        holds=lambda pair: pair.stock is None,
        own="it has no rates",
        here="bytes per second since the last cycle, from the second one on",
    ),
)
