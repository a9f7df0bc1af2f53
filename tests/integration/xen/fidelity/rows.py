"""What is looked at, and what it would be with a wrong value in it: pure functions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias, final

from hvinspect import CATALOGUE, Field, HostStats, InstanceStats
from tests.fidelity import rows
from tests.fidelity.rows import fails
from tests.integration.xen.fidelity.outside import Outside


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What the driver said, and what was seen without it right before and right after."""

    before: Outside
    stats: InstanceStats
    host: HostStats
    after: Outside


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A busy guest at two moments, between which it did all that it can, and then paused."""

    first: Moment
    second: Moment
    paused: Moment

    @property
    def all(self) -> tuple[Moment, ...]:
        """In their order."""
        return self.first, self.second, self.paused


Check: TypeAlias = Callable[[Look], None]


#: Of what this lab looks at.
Row: TypeAlias = rows.Row[Look]


def series(look: Look, path: str) -> Iterator[tuple[Any, ...]]:
    """The values of a field, those of one device together, while the guest was busy."""
    field = CATALOGUE[path]
    for devices in zip(*(records(moment, field.record) for moment in (look.first, look.second)), strict=True):
        yield tuple(getattr(one, field.name) for one in devices)


def blind(table: Mapping[str, Row], look: Look) -> list[str]:
    """The rows that would not notice if their field were another."""
    return [path for path, row in table.items() if fails(row, _with_wrong(look, CATALOGUE[path])) is None]


def records(moment: Moment, record: str) -> tuple[Any, ...]:
    """Every record of that kind."""
    stats = moment.stats
    return {
        "host": (moment.host,), "stats": (stats,), "instance": (stats.instance,), "cpu": (stats.cpu,),
        "vcpu": stats.cpu.vcpus, "memory": (stats.memory,), "disk": stats.disks, "nic": stats.nics,
    }[record]  # fmt: skip


def _with_wrong(look: Look, field: Field) -> Look:
    first, second, paused = (_wrong(moment, field) for moment in look.all)
    return Look(first=first, second=second, paused=paused)


def _wrong(moment: Moment, field: Field) -> Moment:
    def other(one: Any) -> Any:
        value = getattr(one, field.name)
        # A number that is off by a factor, or another one altogether.
        return replace(one, **{field.name: value * 3 + 10**10 if type(value) is int else f"not {value}"})

    stats = moment.stats
    match field.record:
        case "host":
            return replace(moment, host=other(moment.host))
        case "stats":
            return replace(moment, stats=other(stats))
        case "vcpu":
            return replace(
                moment, stats=replace(stats, cpu=replace(stats.cpu, vcpus=tuple(map(other, stats.cpu.vcpus))))
            )
        case "disk":
            return replace(moment, stats=replace(stats, disks=tuple(map(other, stats.disks))))
        case "nic":
            return replace(moment, stats=replace(stats, nics=tuple(map(other, stats.nics))))
        case record:
            return replace(moment, stats=replace(stats, **{record: other(getattr(stats, record))}))
