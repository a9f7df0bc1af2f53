"""One reading as rows: which are shown, in which order. No I/O here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from enum import Enum
from typing import NamedTuple

from hvinspect import Failure, Instance, InstanceStats, Reason
from hvinspect.cli import guests, humane
from hvinspect.cli.watch import Reading
from hvinspect.samples import absences

from .measures import Numbers, numbers

__all__ = ["Order", "Row", "chosen", "rows"]

_LATE = (Reason.TIMED_OUT, Reason.BUSY)


class Row(NamedTuple):
    """An instance as the table shows it."""

    of: InstanceStats | Failure
    numbers: Numbers
    #: Part of it, or all, did not come in time, or is not asked for because it did not.
    stuck: bool

    @property
    def instance(self) -> Instance:
        return self.of.instance

    @property
    def name(self) -> str:
        """As it is shown: made safe."""
        return guests.label(self.instance, humane.LONGEST_TEXT)

    @property
    def state(self) -> str:
        return guests.state_text(self.of).plain

    @property
    def troubled(self) -> bool:
        """Is there something that the operator must know of?"""
        return self.stuck or isinstance(self.of, Failure)


class Order(Enum):
    """What the rows are sorted by: greatest first, and what is not known last."""

    CPU = "c"
    MEMORY = "m"
    DISK = "d"
    NET = "n"
    INSTANCE = "i"
    TROUBLE = "t"

    @property
    def word(self) -> str:
        """For people."""
        return self.name.lower()


_NUMBER: dict[Order, Callable[[Numbers], float | None]] = {
    Order.CPU: lambda of: of.cores,
    Order.MEMORY: lambda of: of.memory_bytes,
    Order.DISK: lambda of: of.disk,
    Order.NET: lambda of: of.net,
}


def rows(reading: Reading, quarantined: Collection[str]) -> list[Row]:
    """Every instance of *reading*, those of which nothing was read too; *quarantined* are keys from health()."""
    snapshot = reading.snapshot
    late = {missing.instance.key for missing in absences(snapshot) if missing.absence.reason in _LATE}
    late.update(quarantined)
    own = {one.instance.key: one for one in reading.rates or ()}
    found = [Row(stats, numbers(stats, own.get(stats.instance.key)), stats.instance.key in late) for stats in snapshot]
    found += [Row(one, Numbers(), one.reason in _LATE or one.instance.key in late) for one in snapshot.failures]
    return found


def chosen(found: Sequence[Row], order: Order, *, reverse: bool, containing: str) -> list[Row]:
    """Those whose name, key, uuid or state contains a text, in *order*."""
    wanted = containing.casefold()
    kept = [row for row in found if wanted in _searched(row)] if wanted else list(found)
    kept.sort(key=lambda row: (row.name.casefold(), row.instance.key))
    if order is Order.INSTANCE:
        return kept[::-1] if reverse else kept
    if order is Order.TROUBLE:
        return sorted(kept, key=lambda row: row.troubled is reverse)
    number = _NUMBER[order]
    known = [row for row in kept if number(row.numbers) is not None]
    unknown = [row for row in kept if number(row.numbers) is None]
    # Stable both ways: equal ones stay in the order of their names.
    return sorted(known, key=lambda row: number(row.numbers) or 0, reverse=not reverse) + unknown


def _searched(row: Row) -> str:
    who = row.instance
    return "\n".join((row.name, who.key, str(who.uuid or ""), row.state)).casefold()
