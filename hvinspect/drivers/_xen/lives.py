"""Lives: what begins to count anew gets another incarnation. No I/O here.

An incarnation is made of numbers that are never used twice: dom0's boot, which is the hypervisor's, with the domain's
id and start; the kernel's number of a disk's backend, and its index of a NIC's. What they do not show is remembered
here for as long as the connection lives: a counter that fell. A guest whose driver connects anew to the same backend
(it was loaded again) makes the backend count from 0.

What cannot be seen: such a device that has overtaken itself between two snapshots.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar, final

from hvinspect.driver import CATALOGUE, DiskStats, InstanceStats, Kind, NicStats, VcpuStats

__all__ = ["Lives"]

Device = TypeVar("Device", VcpuStats, DiskStats, NicStats)


def _counters(record: str) -> Any:
    names = [field.name for field in CATALOGUE.values() if field.record == record and field.kind is Kind.COUNTER]
    return attrgetter(*names)


_of_cpu, _of_vcpu, _of_disk, _of_nic = (_counters(record) for record in ("cpu", "vcpu", "disk", "nic"))


class _Last(NamedTuple):
    """What a part of an instance counted when it was last seen, and the mark of its life."""

    incarnation: str
    numbers: tuple[int | None, ...]
    mark: str


@final
class Lives:
    """Remembers counters by instance, and marks what cannot go on from them."""

    def __init__(self) -> None:
        self._last: dict[str, dict[str, _Last]] = {}
        #: Instance -> the domain whose start was known.
        self._started: dict[str, int] = {}

    def keep(self, keys: Collection[str]) -> None:
        """Forget all but *keys*."""
        for known in (self._last, self._started):
            for key in known.keys() - keys:
                known.pop(key, None)

    def begins_or_ends(self, key: str, domid: int, *, started: bool, ran: bool) -> bool:
        """Is the domain being built, or taken down? Its start is not in xenstore yet, or no more.

        libxl writes it when all is built, and removes it before the domain itself. Of a toolstack that keeps none
        there is nothing to wait for: a domain that *ran*, and whose start was never there, is as it should be.
        """
        if started:
            self._started[key] = domid
            return False
        return not ran or self._started.get(key) == domid

    def settle(self, stats: InstanceStats) -> InstanceStats:
        """*stats*, with the incarnation changed of whatever cannot be subtracted from what was seen before."""
        known = self._last.setdefault(stats.instance.key, {})
        mark = f"{stats.taken.started_unix_ns:x}"
        incarnation = _settled(known, "", stats.incarnation, _of_cpu(stats.cpu), mark)
        return replace(
            stats,
            incarnation=incarnation,
            cpu=replace(stats.cpu, vcpus=_devices(known, "v", stats.cpu.vcpus, _of_vcpu, mark)),
            disks=_devices(known, "d", stats.disks, _of_disk, mark),
            nics=_devices(known, "n", stats.nics, _of_nic, mark),
        )


def _devices(
    known: dict[str, _Last], letter: str, devices: tuple[Device, ...], numbers: Any, mark: str
) -> tuple[Device, ...]:
    parts = [_part(letter, one) for one in devices]
    settled = tuple(
        replace(one, incarnation=_settled(known, part, one.incarnation, numbers(one), mark))
        for part, one in zip(parts, devices, strict=True)
    )
    if devices:  # none at all may be a group that was not asked for
        for gone in [part for part in known if part.startswith(letter) and part not in parts]:
            del known[gone]
    return settled


def _part(letter: str, device: VcpuStats | DiskStats | NicStats) -> str:
    return f"{letter}{device.index if isinstance(device, VcpuStats) else device.key}"


def _fell(before: tuple[int | None, ...], now: tuple[int | None, ...]) -> bool:
    return any(old is not None and new is not None and new < old for old, new in zip(before, now, strict=True))


def _settled(known: dict[str, _Last], part: str, incarnation: str, numbers: tuple[int | None, ...], mark: str) -> str:
    last = known.get(part)
    if last is None or last.incarnation != incarnation:
        last = _Last(incarnation, numbers, "")
    elif _fell(last.numbers, numbers):
        last = _Last(incarnation, numbers, mark)
    else:
        # One that was not read this time is as it was.
        kept = tuple(old if new is None else new for old, new in zip(last.numbers, numbers, strict=True))
        last = _Last(incarnation, kept, last.mark)
    known[part] = last
    return f"{incarnation}~{last.mark}" if last.mark else incarnation
