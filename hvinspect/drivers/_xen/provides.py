"""Which fields of the catalogue dom0 gives. No I/O here."""

from __future__ import annotations

from hvinspect.driver import CATALOGUE, Absence

from . import absences

__all__ = ["provided"]

_WHOLE = {
    "openstack": absences.NOT_IN_XEN,
    "perf": absences.NOT_IN_XEN,
    "iothread": absences.NOT_IN_XEN,
    "process_io": absences.NOT_IN_XEN,
    "dirty_rate": absences.NOT_IN_XEN,
    "vcpu_dirty_rate": absences.NOT_IN_XEN,
    "job": absences.NOT_IN_XEN,
    "guest_agent": absences.NOT_IN_XEN,
    "guest_filesystem": absences.NOT_IN_XEN,
}
_LACKING = {
    **dict.fromkeys(
        ("instance.architecture", "instance.virtualization", "instance.openstack"), absences.NOT_IN_XEN
    ),
    "stats.state_reason": absences.NO_REASON,
    "cpu.user_ns": absences.NOT_COUNTED,
    "cpu.system_ns": absences.NOT_COUNTED,
    "cpu.vcpus_at_start": absences.AT_START,
    **dict.fromkeys(("vcpu.wait_ns", "vcpu.delay_ns", "vcpu.halted", "vcpu.host_cpu"), absences.NOT_COUNTED),
    **{path: absences.INSIDE for path in CATALOGUE if path.startswith("memory.guest_")},
    "disk.alias": absences.NO_ALIAS,
    **dict.fromkeys(("disk.serial", "disk.bus"), absences.NOT_IN_XEN),
    **dict.fromkeys(
        (
            "disk.read_time_ns", "disk.write_time_ns", "disk.flush_time_ns", "disk.discard_bytes",
            "disk.discard_time_ns", "disk.failed_requests", "disk.host_allocated_bytes",
            "disk.highest_written_bytes", "disk.host_length_bytes",
        ),
        absences.NOT_COUNTED,
    ),
    **dict.fromkeys(
        ("nic.model", "nic.port_id", "nic.filter_name", "nic.filter_parameters", "nic.link_up"), absences.NOT_IN_XEN
    ),
    **dict.fromkeys(("host.user_ns", "host.system_ns", "host.idle_ns", "host.iowait_ns"), absences.NO_HOST_TIME),
    **dict.fromkeys(("nic.rx_drops", "nic.tx_drops"), absences.DROPS_MIXED),
    "host.uuid": absences.NO_HOST_UUID,
    "host.memory_available_bytes": absences.NO_AVAILABLE,
}  # fmt: skip


def provided() -> dict[str, Absence | None]:
    """For each path of the catalogue: None if it is given, else why not."""
    return {path: _WHOLE.get(field.record) or _LACKING.get(path) for path, field in CATALOGUE.items()}
