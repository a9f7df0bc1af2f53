"""Which fields of the catalogue vSphere gives. No I/O here."""

from __future__ import annotations

from hvinspect.driver import CATALOGUE, Absence, Kind

from . import absences
from .nova import NEVER_NOTED

__all__ = ["provided"]

_WHOLE = {
    "vcpu": absences.NO_VCPUS,
    "perf": absences.NOT_IN_VSPHERE,
    "iothread": absences.NOT_IN_VSPHERE,
    "process_io": absences.NOT_IN_VSPHERE,
    "dirty_rate": absences.NOT_IN_VSPHERE,
    "vcpu_dirty_rate": absences.NOT_IN_VSPHERE,
    "job": absences.NOT_IN_VSPHERE,
    "guest_agent": absences.NOT_IN_VSPHERE,
    "guest_filesystem": absences.NOT_IN_VSPHERE,
}
_LACKING = {
    "stats.state_reason": absences.NO_REASON,
    **{path: absences.INSIDE for path in CATALOGUE if path.startswith("memory.guest_")},
    "disk.serial": absences.NO_SERIAL,
    **dict.fromkeys(
        ("disk.host_allocated_bytes", "disk.highest_written_bytes", "disk.host_length_bytes"), absences.NO_SIZES
    ),
    "nic.name": absences.NO_HOST_DEVICE,
    "nic.bridge": absences.NO_BRIDGE,
    **dict.fromkeys(("nic.filter_name", "nic.filter_parameters"), absences.NO_FILTER),
    **dict.fromkeys(("instance.architecture", "instance.virtualization"), absences.NOT_IN_VSPHERE),
    **dict.fromkeys((f"openstack.{name}" for name in NEVER_NOTED), absences.NOT_IN_VSPHERE),
    **dict.fromkeys(("host.user_ns", "host.system_ns", "host.idle_ns", "host.iowait_ns"), absences.NO_HOST_TIME),
    "host.memory_available_bytes": absences.NO_AVAILABLE,
}


def provided(*, is_host: bool) -> dict[str, Absence | None]:
    """For each path of the catalogue: None if it is given, else why not."""
    given: dict[str, Absence | None] = {}
    for path, field in CATALOGUE.items():
        absence = _WHOLE.get(field.record) or _LACKING.get(path)
        if absence is None and field.kind is Kind.COUNTER:
            absence = absences.NO_COUNTERS
        if field.record == "host" and not is_host:
            absence = absences.MANY_HOSTS
        given[path] = absence
    return given
