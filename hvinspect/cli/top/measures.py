"""The six numbers by which instances are compared, sorted and remembered. No I/O here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from hvinspect import InstanceRates, InstanceStats

__all__ = ["Numbers", "numbers"]


class Numbers(NamedTuple):
    """What an instance does now; None is what is not known."""

    cores: float | None = None
    memory_bytes: float | None = None
    disk_read_bytes_per_s: float | None = None
    disk_write_bytes_per_s: float | None = None
    nic_rx_bytes_per_s: float | None = None
    nic_tx_bytes_per_s: float | None = None

    @property
    def disk(self) -> float | None:
        """Read and written."""
        return _sum((self.disk_read_bytes_per_s, self.disk_write_bytes_per_s))

    @property
    def net(self) -> float | None:
        """Received and sent."""
        return _sum((self.nic_rx_bytes_per_s, self.nic_tx_bytes_per_s))


def numbers(stats: InstanceStats, rates: InstanceRates | None) -> Numbers:
    """Those of one instance; all its disks and all its NICs together, as far as they are known."""
    memory = stats.memory.assigned_bytes
    if rates is None:
        return Numbers(memory_bytes=memory)
    return Numbers(
        cores=rates.cpu_cores,
        memory_bytes=memory,
        disk_read_bytes_per_s=_sum(disk.read_bytes_per_s for disk in rates.disks),
        disk_write_bytes_per_s=_sum(disk.write_bytes_per_s for disk in rates.disks),
        nic_rx_bytes_per_s=_sum(nic.rx_bytes_per_s for nic in rates.nics),
        nic_tx_bytes_per_s=_sum(nic.tx_bytes_per_s for nic in rates.nics),
    )


def _sum(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
