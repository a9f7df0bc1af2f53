"""What a row of the table is, and how a row is judged: pure functions of what was looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Final, TypeAlias, final

from hvinspect import CATALOGUE, Field, HostStats, InstanceStats, Kind
from tests.integration.xen.fidelity.outside import Outside

#: Made by the core, of what the drivers give: no driver's to be right about.
_OF_THE_CORE: Final = frozenset({"span", "rates", "disk_rates", "nic_rates"})


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


class How(str, Enum):
    """The kind of evidence."""

    EXACT = "equal to another source"
    BETWEEN = "between two reads of another source"
    ASKED = "as the lab made it"
    IDENTITY = "the same while it lives, different for others"
    DECODE_ONLY = "decode only"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """How one field is known to be true."""

    how: How
    #: What it is compared with; for DECODE_ONLY why there is nothing to compare it with.
    source: str
    check: Check
    #: Why a counter need not move in the lab; None if it must.
    still: str | None = None


def paths(given: Mapping[str, object]) -> set[str]:
    """Of what a driver's provides() says, the paths that it gives and that are a driver's to give."""
    return {path for path, why in given.items() if why is None and CATALOGUE[path].record not in _OF_THE_CORE}


def fails(row: Row, look: Look) -> str | None:
    """Why the row does not hold; None if it does."""
    try:
        row.check(look)
    except Exception as problem:  # noqa: BLE001 - whatever a wrong decoder does, the row does not hold
        return f"{type(problem).__name__} {problem}"
    return None


def failures(table: Mapping[str, Row], look: Look) -> list[str]:
    """The rows that do not hold, and the counters that stood still."""
    found = []
    for path, row in table.items():
        problem = fails(row, look)
        if problem is not None:
            found.append(f"{path}: {problem}")
        if CATALOGUE[path].kind is Kind.COUNTER and row.still is None and not _moved(look, CATALOGUE[path]):
            found.append(f"{path}: did not move")
    return found


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


def _moved(look: Look, field: Field) -> bool:
    series = zip(*(records(moment, field.record) for moment in (look.first, look.second)), strict=True)
    return any(getattr(one, field.name) != getattr(two, field.name) for one, two in series)


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
