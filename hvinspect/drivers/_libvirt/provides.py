"""Which fields of the catalogue a libvirt connection gives, by the hypervisor behind it. No I/O here."""

from __future__ import annotations

from hvinspect.driver import CATALOGUE, Absence, Reason

from .absences import DELAY_NEEDS_NEWER, HALTED_ON_S390_ONLY, NEEDS_WRITE, NOT_COUNTED
from .words import DELAY_SINCE

__all__ = ["provided"]

# Paths, or whole records, that libvirt's driver of each hypervisor lacks. What is not listed is given.
_LACKS_OF_ALL = frozenset(
    {
        "disk.discard_bytes", "disk.discard_requests", "disk.discard_time_ns", "disk.failed_requests",
        "host.memory_available_bytes",
    }
)  # fmt: skip
_LACKS_WITHOUT_BULK = frozenset(
    {
        "vcpu.wait_ns", "vcpu.delay_ns", "vcpu.halted", "disk.highest_written_bytes",
        "perf", "iothread", "dirty_rate", "vcpu_dirty_rate", "guest_agent", "guest_filesystem",
    }
)  # fmt: skip
_GUEST_MEMORY = frozenset(path for path in CATALOGUE if path.startswith("memory.guest_"))
_LACKS = {
    "QEMU": frozenset({"vcpu.host_cpu"}),
    "LXC": _LACKS_WITHOUT_BULK
    | _GUEST_MEMORY
    | {"cpu.vcpus_online", "cpu.vcpus_maximum", "cpu.vcpus_at_start", "vcpu", "disk", "job"},
    "Xen": _LACKS_WITHOUT_BULK
    | _GUEST_MEMORY
    | {
        "cpu.user_ns", "cpu.system_ns", "vcpu.state", "vcpu.host_cpu", "memory.host_resident_bytes",
        "disk.read_time_ns", "disk.write_time_ns", "disk.flush_time_ns",
        "disk.capacity_bytes", "disk.host_allocated_bytes", "disk.host_length_bytes",
        "host.uuid", "host.user_ns", "host.system_ns", "host.idle_ns", "host.iowait_ns",
        "host.memory_total_bytes", "host.memory_free_bytes",
    },
    "TEST": _LACKS_WITHOUT_BULK
    | {
        "disk.read_time_ns", "disk.write_time_ns", "disk.flush_requests", "disk.flush_time_ns", "job",
        "host.uuid", "host.memory_total_bytes", "host.memory_free_bytes",
    },
}  # fmt: skip


def provided(hypervisor: str, architecture: str, daemon_version: int) -> dict[str, Absence | None]:
    """For each path of the catalogue: None if it is given, else why not."""
    lacks = _LACKS_OF_ALL | {"process_io"} | _LACKS.get(hypervisor, _LACKS_WITHOUT_BULK)
    lacking = Absence(Reason.UNSUPPORTED, f"libvirt's {hypervisor} driver does not give it")
    given: dict[str, Absence | None] = {}
    for path, field in CATALOGUE.items():
        if path in _LACKS_OF_ALL:
            given[path] = NOT_COUNTED
        elif path in lacks or field.record in lacks:
            given[path] = lacking
        elif field.record in ("guest_agent", "guest_filesystem"):
            given[path] = NEEDS_WRITE
        elif path == "vcpu.halted" and not architecture.startswith("s390"):
            given[path] = HALTED_ON_S390_ONLY
        elif path == "vcpu.delay_ns" and daemon_version < DELAY_SINCE:
            given[path] = DELAY_NEEDS_NEWER
        else:
            given[path] = None
    return given
