"""Counters that fell show a new life which nothing else in libvirt's answers shows. No I/O here.

A guest rebooted in place begins its own counts anew; a vCPU or a NIC may be unplugged and plugged again under the same
name. Where the answers have a number that is never used twice (of a domain, an image, a tap),
the incarnation is made of that; this is for the rest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar, final

from hvinspect.driver import CpuStats, DiskStats, InstanceStats, NicStats, VcpuStats

__all__ = ["Lives"]

Numbers = tuple[int | None, ...]
Device = TypeVar("Device", VcpuStats, DiskStats, NicStats)


class _Last(NamedTuple):
    """What one instance or device counted when it was last seen, and the mark of its life if it had to get one."""

    incarnation: str
    numbers: Numbers
    mark: str


@final
class Lives:
    """Remembers the counters of each instance, and gives a new incarnation to what fell."""

    def __init__(self) -> None:
        self._last: dict[str, dict[str, _Last]] = {}

    def forget(self, keys: Iterable[str]) -> None:
        """Drop what is known of the instances *keys*."""
        for key in keys:
            self._last.pop(key, None)

    def settle(self, stats: InstanceStats) -> InstanceStats:
        """*stats*, with the incarnation changed of whatever cannot be subtracted from what was seen before."""
        before = self._last.get(stats.instance.key, {})
        now: dict[str, _Last] = {}
        mark = f"{stats.taken.started_unix_ns:x}"
        memory = stats.memory
        guest = (
            memory.guest_swap_in_bytes,
            memory.guest_swap_out_bytes,
            memory.guest_major_faults,
            memory.guest_minor_faults,
        )
        incarnation = _settled("", stats.incarnation, guest, before, now, mark)
        vcpus = tuple(_device(f"v{one.index}", one, (one.time_ns,), before, now, mark) for one in stats.cpu.vcpus)
        disks = tuple(
            _device(f"d{one.key}", one, (one.read_bytes, one.write_bytes, one.write_requests), before, now, mark)
            for one in stats.disks
        )
        nics = tuple(
            _device(f"n{one.key}", one, (one.rx_bytes, one.rx_packets, one.tx_bytes, one.tx_packets), before, now, mark)
            for one in stats.nics
        )
        # What this snapshot did not ask for is remembered as it was.
        self._last[stats.instance.key] = {**before, **now}
        if any(one.mark for one in now.values()):
            cpu: CpuStats = replace(stats.cpu, vcpus=vcpus)
            return replace(stats, incarnation=incarnation, cpu=cpu, disks=disks, nics=nics)
        return stats


def _device(
    part: str, device: Device, numbers: Numbers, before: dict[str, _Last], now: dict[str, _Last], mark: str
) -> Device:
    incarnation = _settled(part, device.incarnation, numbers, before, now, mark)
    changed: Any = device if incarnation == device.incarnation else replace(device, incarnation=incarnation)
    settled: Device = changed
    return settled


def _settled(
    part: str, incarnation: str, numbers: Numbers, before: dict[str, _Last], now: dict[str, _Last], mark: str
) -> str:
    last = before.get(part)
    if last is None or last.incarnation != incarnation:
        last = _Last(incarnation, numbers, "")
    elif any(old is not None and new is not None and new < old for old, new in zip(last.numbers, numbers, strict=True)):
        last = _Last(incarnation, numbers, mark)
    else:
        # A counter that is missing for once still stands where it stood.
        kept = tuple(old if new is None else new for old, new in zip(last.numbers, numbers, strict=True))
        last = _Last(incarnation, kept, last.mark)
    now[part] = last
    return f"{incarnation}~{last.mark}" if last.mark else incarnation
