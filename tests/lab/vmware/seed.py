"""What the simulated server tells, and what that is in the units of hvinspect's records. No I/O here."""

from __future__ import annotations

from typing import Final

__all__ = ["BALLOONED_MB", "DISK", "HOST_MEMORY_MB", "NIC", "NOTES", "PERF", "PORT", "SEED", "WINDOW_S"]

WINDOW_S: Final = 20
HOST_MEMORY_MB: Final = 30
BALLOONED_MB: Final = 4
#: The instances that counters of the machines' disk and card have.
DISK, NIC = "scsi0:0", "4000"
#: Machine number n has n more of each, so that none can be taken for another's.
PERF: Final[dict[str, dict[str, int]]] = {
    "cpu.used.summation": {"": 8000, "0": 1},
    "cpu.usage.average": {"": 2500, "0": 2},
    "cpu.ready.summation": {"": 500, "0": 3},
    "virtualDisk.read.average": {DISK: 100, "": 4},
    "virtualDisk.numberReadAveraged.average": {DISK: 7},
    "virtualDisk.totalReadLatency.average": {DISK: 3},
    "virtualDisk.write.average": {DISK: 200, "": 5},
    "virtualDisk.numberWriteAveraged.average": {DISK: 9},
    "virtualDisk.totalWriteLatency.average": {DISK: 5},
    "net.received.average": {NIC: 11, "": 6},
    "net.packetsRx.summation": {NIC: 240},
    "net.transmitted.average": {NIC: 22, "": 7},
    "net.packetsTx.summation": {NIC: 480},
}
NOTES: Final = """\
name:web
userid:6d5a42e2
username:alice
projectid:0b54e5c6
projectname:shop
flavor:name:m1.small
flavor:memory_mb:2048
flavor:vcpus:1
flavor:ephemeral_gb:0
flavor:root_gb:20
flavor:swap:0
imageid:70a599e0-31e7-49b7-b260-868f441e862b
package:27.1.0
"""
PORT: Final = "3f0e2a6c-0d6b-4c0a-9a51-4f6f7a1f2b11"
SEED: Final = {
    "HostMemoryMB": HOST_MEMORY_MB,
    "BalloonedMemoryMB": BALLOONED_MB,
    "Perf": PERF,
    "Annotations": {"DC0_H0_VM0": NOTES, "ha-host_VM0": NOTES},
    "Ports": {"DC0_H0_VM1": PORT, "ha-host_VM1": PORT},
}
