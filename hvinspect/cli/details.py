"""Every value of an instance, and every reason of a missing one, a row each. No I/O here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from hvinspect import (
    CATALOGUE,
    Absence,
    Field,
    Group,
    Instance,
    InstanceRates,
    InstanceStats,
    Snapshot,
)
from hvinspect.samples import absences, samples

__all__ = ["Gap", "Value", "gaps", "rate_gaps", "rate_values", "values"]


class Value(NamedTuple):
    """One value that is there."""

    field: Field
    device: str | None
    value: Any


class Gap(NamedTuple):
    """One value that is not there."""

    instance: Instance
    path: str
    device: str | None
    absence: Absence


_BY_RECORD: dict[str, list[Field]] = {}
for _field in CATALOGUE.values():
    _BY_RECORD.setdefault(_field.record, []).append(_field)


def values(snapshot: Snapshot, groups: frozenset[Group]) -> dict[str, list[Value]]:
    """By key of the instance, what was read of *groups*."""
    found: dict[str, list[Value]] = {stats.instance.key: [] for stats in snapshot}
    for sample in samples(snapshot):
        if sample.field.group in groups and sample.value != ():
            found[sample.instance.key].append(Value(sample.field, sample.device, sample.value))
    return found


def gaps(snapshot: Snapshot, groups: frozenset[Group]) -> Iterator[Gap]:
    """What was asked for and not read. A list of devices that could not be read is a gap too."""
    for stats in snapshot:
        yield from _lists(stats, groups)
    for missing in absences(snapshot):
        if missing.field.group is None or missing.field.group in groups:
            yield Gap(missing.instance, missing.field.path, missing.device, missing.absence)


def _lists(stats: InstanceStats, groups: frozenset[Group]) -> Iterator[Gap]:
    for record, name, group in (
        (stats, "disks", Group.DISK),
        (stats, "nics", Group.NIC),
        (stats.cpu, "vcpus", Group.CPU),
        (stats, "iothreads", Group.IOTHREAD),
    ):
        absence = record.why(name) if group in groups else None
        if absence is not None:
            yield Gap(stats.instance, name, None, absence)


def rate_values(rates: InstanceRates) -> Iterator[Value]:
    """Every rate that is there."""
    for field, device, record in _rate_fields(rates):
        value = getattr(record, field.name)
        if value is not None and field.numeric:
            yield Value(field, device, value)


def rate_gaps(rates: Iterable[InstanceRates]) -> Iterator[Gap]:
    """Every rate that is not there."""
    for one in rates:
        for field, device, record in _rate_fields(one):
            absence = record.why(field.name)
            if absence is not None:
                yield Gap(one.instance, field.path, device, absence)


def _rate_fields(rates: InstanceRates) -> Iterator[tuple[Field, str | None, Any]]:
    records: list[tuple[str, str | None, Any]] = [("rates", None, rates)]
    records += [("disk_rates", disk.key, disk) for disk in rates.disks]
    records += [("nic_rates", nic.key, nic) for nic in rates.nics]
    for name, device, record in records:
        for field in _BY_RECORD[name]:
            yield field, device, record
