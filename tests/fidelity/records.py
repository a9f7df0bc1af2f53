"""The records that have a field, of an instance and its host as they were read; and the same with a wrong value."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Final

from hvinspect import CATALOGUE, HostStats, InstanceStats

__all__ = ["records", "spoiled"]

#: Record of the catalogue -> where an instance has such records.
_PLACES: Final[Mapping[str, str]] = {
    "stats": "", "instance": "instance", "openstack": "instance.openstack", "cpu": "cpu", "vcpu": "cpu.vcpus",
    "memory": "memory", "disk": "disks", "nic": "nics", "perf": "perf", "iothread": "iothreads",
    "process_io": "process_io", "dirty_rate": "dirty_rate", "vcpu_dirty_rate": "dirty_rate.vcpus", "job": "job",
    "guest_agent": "guest_agent", "guest_filesystem": "guest_agent.filesystems", "rates": "supplied_rates",
    "disk_rates": "supplied_rates.disks", "nic_rates": "supplied_rates.nics",
}  # fmt: skip


def records(record: str, stats: InstanceStats, host: HostStats | None = None) -> tuple[Any, ...]:
    """The records of that short name, all there are."""
    found: Any = host if record == "host" else stats
    for name in filter(None, _PLACES.get(record, "").split(".")):
        found = getattr(found, name)
    return found if isinstance(found, tuple) else () if found is None else (found,)


def spoiled(path: str, stats: InstanceStats, host: HostStats | None = None) -> tuple[InstanceStats, HostStats | None]:
    """The same with a wrong value in the field *path* of each record: another word, or a number that is off by far."""
    record, name = CATALOGUE[path].record, CATALOGUE[path].name
    wrong = {
        id(one): dataclasses.replace(one, **{name: _wrong(getattr(one, name))}) for one in records(record, stats, host)
    }

    def put(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(put(one) for one in value)
        if id(value) in wrong:
            return wrong[id(value)]
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            inside = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
            changed = {
                name: put(one)
                for name, one in inside.items()
                if isinstance(one, tuple) or dataclasses.is_dataclass(one)
            }
            return dataclasses.replace(value, **changed)
        return value

    return put(stats), put(host)


def _wrong(value: Any) -> Any:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value * 3 + 10**12
    return "wrong"
