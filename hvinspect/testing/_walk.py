"""The parts of a snapshot, each with the words that name it. No I/O here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, NamedTuple, cast

from hvinspect import CATALOGUE, Field, HostStats, Instance, InstanceRates, InstanceStats, Snapshot
from hvinspect.driver import Record, printable

__all__ = ["Part", "fields_of", "named", "parts_of", "parts_of_host", "parts_of_rates", "parts_of_stats"]


class Part(NamedTuple):
    """One record of an instance."""

    #: For people, e.g. "instance 1234 (web), nic net0".
    where: str
    #: The record's short name in the catalogue.
    name: str
    record: Any

    @property
    def explained(self) -> bool:
        """Does the record say why a value is missing?"""
        return isinstance(self.record, Record)


def named(instance: Instance) -> str:
    """The words for an instance."""
    name = f" ({printable(instance.name, limit=40)})" if instance.name else ""
    return f"instance {printable(instance.key, limit=80)}{name}"


_FIELDS: dict[str, tuple[Field, ...]] = {}
for _field in CATALOGUE.values():
    _FIELDS[_field.record] = (*_FIELDS.get(_field.record, ()), _field)


def fields_of(part: Part) -> tuple[Field, ...]:
    """The entries of the catalogue for a part's record."""
    return _FIELDS.get(part.name, ())


#: Fields that hold records, by the record that has them: what the parts of a part are called in the catalogue.
_INSIDE = {
    "instance": {"openstack": "openstack"},
    "stats": {
        "instance": "instance",
        "taken": "span",
        "cpu": "cpu",
        "memory": "memory",
        "disks": "disk",
        "nics": "nic",
        "perf": "perf",
        "iothreads": "iothread",
        "process_io": "process_io",
        "dirty_rate": "dirty_rate",
        "job": "job",
        "guest_agent": "guest_agent",
        "supplied_rates": "rates",
    },
    "host": {"taken": "span"},
    "cpu": {"vcpus": "vcpu"},
    "dirty_rate": {"vcpus": "vcpu_dirty_rate"},
    "guest_agent": {"filesystems": "guest_filesystem"},
    "rates": {"disks": "disk_rates", "nics": "nic_rates"},
}


def parts_of(snapshot: Snapshot) -> Iterator[Part]:
    """Every record of every instance that was read."""
    for stats in snapshot:
        yield from parts_of_stats(stats)


def parts_of_stats(stats: InstanceStats) -> Iterator[Part]:
    """Every record of one instance."""
    return _walk(Part(named(stats.instance), "stats", stats))


def parts_of_host(host: HostStats) -> Iterator[Part]:
    """The records of a host."""
    return _walk(Part("host", "host", host))


def parts_of_rates(rates: InstanceRates) -> Iterator[Part]:
    """Every record of one instance's rates."""
    return _walk(Part(f"rates of {named(rates.instance)}", "rates", rates))


def _walk(part: Part) -> Iterator[Part]:
    yield part
    for field, name in _INSIDE.get(part.name, {}).items():
        value: Any = getattr(part.record, field)
        inside = cast("Sequence[Any]", value if isinstance(value, (tuple, list)) else (value,))
        for one in inside:
            if is_dataclass(one):
                yield from _walk(Part(f"{part.where}, {name}{_label(one)}", name, one))


def _label(record: Any) -> str:
    names = {field.name for field in fields(record)}
    for name in ("key", "index", "mountpoint"):
        if name in names and not isinstance(record, (Instance, InstanceStats)):
            return f" {printable(getattr(record, name), limit=40)}"
    return ""
