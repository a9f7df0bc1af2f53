"""Which fields of the catalogue QEMU and its host give. No I/O here."""

from __future__ import annotations

from hvinspect.driver import CATALOGUE, Absence

from . import absences

__all__ = ["provided"]

_WHOLE = {
    "openstack": absences.NOT_IN_QEMU,
    "perf": absences.NO_PERF,
    "guest_agent": absences.NO_AGENT,
    "guest_filesystem": absences.NO_AGENT,
    "vcpu_dirty_rate": absences.NO_MEASUREMENT,
}
_LACKING = {
    **dict.fromkeys(("instance.architecture", "instance.virtualization"), absences.NOT_IN_QEMU),
    "instance.openstack": absences.NOT_IN_QEMU,
    "stats.state_reason": absences.NO_REASON,
    "vcpu.state": absences.NOT_IN_QEMU,
    "vcpu.host_cpu": absences.NOT_READ,
    "disk.name": absences.NO_TARGET,
    "nic.link_up": absences.NOT_READ_LINK,
    **dict.fromkeys(("nic.port_id", "nic.filter_name", "nic.filter_parameters"), absences.NO_PORT),
    "job.kind": absences.NOT_IN_QEMU,
    "host.uuid": absences.NO_HOST_UUID,
    "host.hypervisor_version": absences.MANY_VERSIONS,
}
#: What the monitor alone tells.
_OF_MONITOR = frozenset({"disk", "iothread", "dirty_rate", "job"})
#: Not the state: without a monitor it is known of a process that is stopped.
_PATHS_OF_MONITOR = frozenset(
    {
        "vcpu.halted", "memory.assigned_bytes", "memory.maximum_bytes",
        *(path for path in CATALOGUE if path.startswith("memory.guest_")),
    }
)  # fmt: skip


def provided(*, has_monitors: bool) -> dict[str, Absence | None]:
    """For each path of the catalogue: None if it is given, else why not."""
    given: dict[str, Absence | None] = {}
    for path, field in CATALOGUE.items():
        absence = _WHOLE.get(field.record) or _LACKING.get(path)
        if absence is None and not has_monitors and (field.record in _OF_MONITOR or path in _PATHS_OF_MONITOR):
            absence = absences.NO_MONITOR
        given[path] = absence
    return given
