"""Everything that is asked for, and every counter of a virtual machine: the fields it fills, or why none. No I/O here.

This is for tests, and for looking at a new vSphere: the decoder names what it takes itself, and pays nothing for this.
"""

from __future__ import annotations

from typing import Final

from .metrics import DISK, NIC, READY, USAGE, USED
from .nova import FIELDS

__all__ = ["COUNTERS", "IGNORED", "PROPERTIES", "STRUCTURE", "why_ignored"]

#: Property -> the paths of the catalogue that its value decides.
PROPERTIES: Final[dict[str, tuple[str, ...]]] = {
    "name": ("instance.name", "host.hostname"),
    "config.annotation": tuple(f"openstack.{name}" for name in FIELDS),
    "config.hardware.device": (
        "disk.key", "disk.name", "disk.alias", "disk.bus", "disk.device", "disk.kind", "disk.source",
        "disk.capacity_bytes", "nic.key", "nic.alias", "nic.mac", "nic.model", "nic.kind", "nic.port_id", "nic.link_up",
    ),
    "config.hardware.memoryMB": ("memory.maximum_bytes", "memory.assigned_bytes"),
    "config.hardware.numCPU": (
        "cpu.vcpus_maximum", "cpu.vcpus_at_start", "cpu.vcpus_online", "rates.delay_fraction",
    ),
    "config.instanceUuid": ("instance.key", "instance.uuid"),
    "hardware.cpuInfo.numCpuThreads": ("host.cpus",),
    "hardware.memorySize": ("host.memory_total_bytes", "host.memory_free_bytes"),
    "hardware.systemInfo.uuid": ("host.uuid",),
    "runtime.bootTime": ("stats.incarnation", "disk.incarnation", "nic.incarnation", "host.incarnation"),
    "runtime.connectionState": ("stats.state", "stats.native_state"),
    "runtime.powerState": ("stats.state", "stats.native_state"),
    "summary.quickStats.balloonedMemory": ("memory.assigned_bytes",),
    "summary.quickStats.hostMemoryUsage": ("memory.host_resident_bytes",),
    "summary.quickStats.overallMemoryUsage": ("host.memory_free_bytes",),
}  # fmt: skip

#: Property -> what it is for, where it fills no field.
STRUCTURE: Final[dict[str, str]] = {
    "config.changeVersion": "another one: the configuration is read again",
    "config.modified": "another one: the configuration is read again",
    "config.template": "templates are no instances",
    "perfCounter": "the server's own numbers of the counters",
}

#: Performance counter -> likewise, what it decides.
COUNTERS: Final[dict[str, tuple[str, ...]]] = {
    USED: ("rates.cpu_cores",),
    USAGE: ("rates.cpu_fraction",),
    READY: ("rates.delay_fraction",),
    **{name: (f"disk_rates.{field}",) for field, (name, _) in DISK.items()},
    **{name: (f"nic_rates.{field}",) for field, (name, _) in NIC.items()},
}

_MEANS_OF_MEMORY = "a mean over the window; what there is now is in quickStats, and comes with the state"
_INSIDE_VSPHERE = "how vSphere itself comes by a virtual machine's memory, without a field"

#: Counter, or the beginning of several -> why it fills no field.
IGNORED: Final[dict[str, str]] = {
    "cpu.costop.": "waiting for the other vCPUs of the machine, without a field",
    "cpu.demand": "what it would use if it had all it wants, without a field",
    "cpu.entitlement.": "a limit, without a field",
    "cpu.idle.": "what is left",
    "cpu.latency.": "a part of the time lost, for all causes together",
    "cpu.maxlimited.": "a part of cpu.ready",
    "cpu.overlap.": "cpu.used has it taken away",
    "cpu.readiness.": "cpu.ready in percent",
    "cpu.run.": "before what vSphere adds and takes away: cpu.used is what it charges",
    "cpu.swapwait.": "waiting for memory of the host's swap, without a field",
    "cpu.system.": "a part of cpu.used, and not the guest's system mode",
    "cpu.usagemhz.": "cpu.usage in MHz, of a clock that changes",
    "cpu.wait.": "idle time is in it",
    "datastore.": "of a datastore, not of a disk",
    "disk.": "of a LUN, not of a disk",
    "mem.active": "an estimate, and no number of the guest's",
    "mem.compress": _INSIDE_VSPHERE,
    "mem.consumed.": _MEANS_OF_MEMORY,
    "mem.decompression": _INSIDE_VSPHERE,
    "mem.entitlement.": "a limit, without a field",
    "mem.granted.": _MEANS_OF_MEMORY,
    "mem.latency.": "a part of the time lost",
    "mem.llSwap": _INSIDE_VSPHERE,
    "mem.overhead": _MEANS_OF_MEMORY,
    "mem.shared.": _INSIDE_VSPHERE,
    "mem.swap": "the host's swapping, of which the guest knows nothing",
    "mem.usage.": "mem.active in percent",
    "mem.vmmemctl": _MEANS_OF_MEMORY,
    "mem.zero.": _INSIDE_VSPHERE,
    "mem.zip": _INSIDE_VSPHERE,
    "net.broadcast": "a part of the packets",
    "net.bytes": "net.received and net.transmitted, which older servers have too",
    "net.dropped": "a rate of drops has no field",
    "net.multicast": "a part of the packets",
    "net.pnic": "what went over the host's own cards",
    "net.usage.": "both ways together",
    "power.": "an estimate from cpu.used",
    "rescpu.": "of a minute and more",
    "sys.": "no rate: uptime and heartbeats",
}


def why_ignored(counter: str) -> str | None:
    """Why *counter* fills no field; None if it is not known here."""
    return next((why for start, why in IGNORED.items() if counter.startswith(start)), None)
