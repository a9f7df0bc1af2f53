"""What a guest says about itself: its own counters, parsed from the lines its init prints; no I/O here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import final

SECTOR = 512


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class DiskTruth:
    """A disk's own counts since boot, of the requests its driver completed.

    Linux counts an fsync that finds nothing left to write as a write request of no bytes as well as a flush.
    """

    read_requests: int
    read_bytes: int
    write_requests: int
    write_bytes: int
    discard_requests: int
    discard_bytes: int
    flush_requests: int

    @property
    def data_write_requests(self) -> int:
        """Write requests that carried data, if each flush came from an fsync after O_DIRECT writes."""
        return self.write_requests - self.flush_requests


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class NicTruth:
    """A network card's own counts, in the guest's direction."""

    mac: str
    rx_bytes: int
    rx_packets: int
    rx_errors: int
    rx_dropped: int
    tx_bytes: int
    tx_packets: int
    tx_errors: int
    tx_dropped: int


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CpuTruth:
    """One CPU's time as the guest accounts for it, in ticks of 10 ms."""

    user_ticks: int
    system_ticks: int
    idle_ticks: int
    steal_ticks: int


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class GuestCounters:
    """Everything a guest counts, read in one go; sizes of memory in KiB, as the guest prints them."""

    uptime_seconds: float
    disks: Mapping[str, DiskTruth]
    nics: Mapping[str, NicTruth]
    cpus: Mapping[int, CpuTruth]
    memory_kib: Mapping[str, int]
    faults: Mapping[str, int]

    def nic(self, mac: str) -> NicTruth:
        """The card with this MAC.

        Raises:
            KeyError: the guest has none.
        """
        for nic in self.nics.values():
            if nic.mac == mac.lower():
                return nic
        raise KeyError(mac)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Pings:
    """What came of a series of pings; *packet_bytes* is each frame's length with its Ethernet header."""

    sent: int
    received: int
    packet_bytes: int


def parse_counters(lines: Iterable[str]) -> GuestCounters:
    """Make sense of the answer to ``counters``."""
    disks: dict[str, DiskTruth] = {}
    nics: dict[str, NicTruth] = {}
    cpus: dict[int, CpuTruth] = {}
    memory: dict[str, int] = {}
    faults: dict[str, int] = {}
    uptime = 0.0
    for line in lines:
        kind, *rest = line.split()
        match kind:
            case "disk":
                disks[rest[0]] = _disk([int(value) for value in rest[1:]])
            case "nic":
                nics[rest[0]] = _nic(rest[1], [int(value) for value in rest[2:]])
            case "cpu" if rest[0] != "cpu":
                cpus[int(rest[0].removeprefix("cpu"))] = _cpu([int(value) for value in rest[1:]])
            case "memory":
                memory[rest[0]] = int(rest[1])
            case "vmstat":
                faults[rest[0]] = int(rest[1])
            case "uptime":
                uptime = float(rest[0])
    return GuestCounters(uptime_seconds=uptime, disks=disks, nics=nics, cpus=cpus, memory_kib=memory, faults=faults)


def _disk(values: list[int]) -> DiskTruth:
    # The columns of /sys/block/DISK/stat; sectors there are always of 512 bytes.
    return DiskTruth(
        read_requests=values[0],
        read_bytes=values[2] * SECTOR,
        write_requests=values[4],
        write_bytes=values[6] * SECTOR,
        discard_requests=values[11],
        discard_bytes=values[13] * SECTOR,
        flush_requests=values[15],
    )


def _nic(mac: str, values: list[int]) -> NicTruth:
    rx_bytes, rx_packets, rx_errors, rx_dropped, tx_bytes, tx_packets, tx_errors, tx_dropped = values
    return NicTruth(
        mac=mac,
        rx_bytes=rx_bytes,
        rx_packets=rx_packets,
        rx_errors=rx_errors,
        rx_dropped=rx_dropped,
        tx_bytes=tx_bytes,
        tx_packets=tx_packets,
        tx_errors=tx_errors,
        tx_dropped=tx_dropped,
    )


def _cpu(values: list[int]) -> CpuTruth:
    user, nice, system, idle, wait, interrupt, soft_interrupt, steal = values[:8]
    return CpuTruth(
        user_ticks=user + nice,
        system_ticks=system + interrupt + soft_interrupt,
        idle_ticks=idle + wait,
        steal_ticks=steal,
    )
