"""Which performance counters fill which rates, and which of them a virtual machine is asked for. No I/O here."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from hvinspect.driver import Group

from .found import Hardware

__all__ = ["CPU", "DISK", "NIC", "NUMBERS", "READY", "USAGE", "USED", "wanted"]

USED: Final = "cpu.used.summation"
USAGE: Final = "cpu.usage.average"
READY: Final = "cpu.ready.summation"
CPU: Final = (USED, USAGE, READY)

_KB_PER_SECOND = 1024.0
_MILLISECOND_NS = 1e6

#: Field of DiskRates -> its counter, and the field's unit in the counter's.
DISK: Final = {
    "read_bytes_per_s": ("virtualDisk.read.average", _KB_PER_SECOND),
    "read_requests_per_s": ("virtualDisk.numberReadAveraged.average", 1.0),
    "read_latency_ns": ("virtualDisk.totalReadLatency.average", _MILLISECOND_NS),
    "write_bytes_per_s": ("virtualDisk.write.average", _KB_PER_SECOND),
    "write_requests_per_s": ("virtualDisk.numberWriteAveraged.average", 1.0),
    "write_latency_ns": ("virtualDisk.totalWriteLatency.average", _MILLISECOND_NS),
}
#: Likewise of NicRates. Packets are counted over the window, bytes are told per second.
NIC: Final = {
    "rx_bytes_per_s": ("net.received.average", _KB_PER_SECOND),
    "rx_packets_per_s": ("net.packetsRx.summation", 1.0),
    "tx_bytes_per_s": ("net.transmitted.average", _KB_PER_SECOND),
    "tx_packets_per_s": ("net.packetsTx.summation", 1.0),
}
NUMBERS: Final = frozenset({*CPU, *(name for name, _ in DISK.values()), *(name for name, _ in NIC.values())})


def wanted(hardware: Hardware, groups: Collection[Group], known: Collection[str]) -> Iterator[tuple[str, str]]:
    """The counters of a virtual machine's rates, each with the device that it is asked for; of *known* ones alone."""
    if Group.CPU in groups:
        yield from ((name, "") for name in CPU if name in known)
    if Group.DISK in groups:
        for disk in hardware.disks:
            if disk.device == "disk" and disk.name is not None:
                yield from ((name, disk.name) for name, _ in DISK.values() if name in known)
    if Group.NIC in groups:
        for nic in hardware.nics:
            yield from ((name, str(nic.key)) for name, _ in NIC.values() if name in known)
