"""Which fields of the catalogue a libvirt connection gives, by the hypervisor behind it. No I/O here."""

from __future__ import annotations

from hvinspect.driver import CATALOGUE, Absence, Reason

from ._libvirt_absences import DELAY_NEEDS_NEWER, NEEDS_WRITE, NOT_COUNTED

__all__ = ["provided"]

# Fields that no hypervisor of libvirt's gives.
_NEVER = {
    "disk.discard_bytes": NOT_COUNTED,
    "disk.discard_requests": NOT_COUNTED,
    "disk.discard_time_ns": NOT_COUNTED,
    "disk.failed_requests": NOT_COUNTED,
    "host.memory_available_bytes": NOT_COUNTED,
}
_DELAY_SINCE = 7_002_000
# What per-guest calls give; the other hypervisors are those of the bulk call.
_BY_CALLS = {
    "LXC": frozenset(
        {
            "cpu.time_ns", "cpu.user_ns", "cpu.system_ns", "cpu.vcpus_online", "cpu.vcpus_maximum",
            "memory.assigned_bytes", "memory.maximum_bytes", "memory.host_resident_bytes",
        }
    ),
    "TEST": frozenset(
        {
            "cpu.time_ns", "cpu.user_ns", "cpu.system_ns", "cpu.vcpus_online", "cpu.vcpus_maximum",
            "vcpu.state", "vcpu.time_ns", "vcpu.host_cpu",
            *(path for path, field in CATALOGUE.items() if field.record == "memory"),
            "disk.read_bytes", "disk.read_requests", "disk.write_bytes", "disk.write_requests",
            "disk.capacity_bytes", "disk.host_allocated_bytes", "disk.host_length_bytes",
        }
    ),
}  # fmt: skip
_QEMU_LACKS = frozenset({"vcpu.host_cpu"})
_COUNTED_RECORDS = frozenset({"cpu", "vcpu", "memory"})
_ASKED_FOR = frozenset({"perf", "iothread", "dirty_rate", "vcpu_dirty_rate"})


def provided(hypervisor: str, daemon_version: int) -> dict[str, Absence | None]:
    """For each path of the catalogue: None if it is given, else why not."""
    return {path: _absence(path, hypervisor, daemon_version) for path in CATALOGUE}


def _absence(path: str, hypervisor: str, daemon_version: int) -> Absence | None:
    field = CATALOGUE[path]
    if path in _NEVER:
        return _NEVER[path]
    if field.record in ("guest_agent", "guest_filesystem"):
        return NEEDS_WRITE
    if path == "vcpu.delay_ns" and daemon_version < _DELAY_SINCE:
        return DELAY_NEEDS_NEWER
    by_calls = _BY_CALLS.get(hypervisor)
    if by_calls is not None:
        needs_call = field.record in _COUNTED_RECORDS or field.record in _ASKED_FOR
        if (needs_call or (field.record == "disk" and field.numeric)) and path not in by_calls:
            return Absence(Reason.UNSUPPORTED, f"libvirt's {hypervisor} driver does not give it")
        return None
    return NOT_COUNTED if path in _QEMU_LACKS else None
