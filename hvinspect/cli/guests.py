"""One row per instance: its counters, or their rates where there are two readings. No I/O here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from rich.text import Text

from hvinspect import Absence, Failure, Group, Instance, InstanceRates, InstanceStats, Reason, State
from hvinspect.driver import printable

from . import humane

__all__ = ["COUNTERS", "RATES", "Cell", "Column", "cells", "label", "legend", "names", "state_cell", "state_text"]

_STATE_STYLES = {State.RUNNING: "green", State.CRASHED: "red", State.PAUSED: "yellow"}
_NO_DEVICE = Absence(Reason.NOT_CONFIGURED, "it has none")
#: Reasons that mean trouble come first in the legend.
_TROUBLE = (Reason.TIMED_OUT, Reason.FAILED, Reason.VANISHED, Reason.BUSY, Reason.DENIED)


class Cell(NamedTuple):
    """What stands in one place of the table, and why something is missing there."""

    text: str
    absences: tuple[Absence, ...] = ()


class Column(NamedTuple):
    """One column of numbers."""

    heading: str
    group: Group
    cell: Callable[[InstanceStats, InstanceRates | None], Cell]


class _Of(NamedTuple):
    """A place that an instance's numbers come from."""

    stats: InstanceStats
    rates: InstanceRates | None


def _one(record: Callable[[_Of], Any], field: str, show: Callable[[float], str]) -> Callable[..., Cell]:
    def cell(stats: InstanceStats, rates: InstanceRates | None) -> Cell:
        found = record(_Of(stats, rates))
        value = getattr(found, field)
        return Cell("-", (found.why(field),)) if value is None else Cell(show(value))

    return cell


def _sum(owner: Callable[[_Of], Any], devices: str, field: str, show: Callable[[float], str]) -> Callable[..., Cell]:
    """All devices together; ``+`` behind it where not every device gave its part."""

    def cell(stats: InstanceStats, rates: InstanceRates | None) -> Cell:
        holder = owner(_Of(stats, rates))
        values: list[float] = []
        absent: list[Absence] = []
        unread = holder.why(devices)
        if unread is not None:
            absent.append(unread)
        for device in getattr(holder, devices):
            value = getattr(device, field)
            if value is None:
                absent.append(device.why(field))
            else:
                values.append(value)
        if not values:
            return Cell("-", tuple(dict.fromkeys(absent)) or (_NO_DEVICE,))
        return Cell(show(sum(values)) + ("+" if absent else ""), tuple(dict.fromkeys(absent)))

    return cell


def _stats(of: _Of) -> InstanceStats:
    return of.stats


def _rates(of: _Of) -> InstanceRates:
    assert of.rates is not None
    return of.rates


_MEMORY = Column("MEMORY", Group.MEMORY, _one(lambda of: of.stats.memory, "assigned_bytes", humane.size))

COUNTERS = (
    Column("CPU TIME", Group.CPU, _one(lambda of: of.stats.cpu, "time_ns", humane.duration)),
    _MEMORY,
    Column("DISK RD", Group.DISK, _sum(_stats, "disks", "read_bytes", humane.size)),
    Column("DISK WR", Group.DISK, _sum(_stats, "disks", "write_bytes", humane.size)),
    Column("NIC RX", Group.NIC, _sum(_stats, "nics", "rx_bytes", humane.size)),
    Column("NIC TX", Group.NIC, _sum(_stats, "nics", "tx_bytes", humane.size)),
)

RATES = (
    Column("CORES", Group.CPU, _one(_rates, "cpu_cores", humane.cores)),
    _MEMORY,
    Column("DISK RD", Group.DISK, _sum(_rates, "disks", "read_bytes_per_s", humane.rate)),
    Column("DISK WR", Group.DISK, _sum(_rates, "disks", "write_bytes_per_s", humane.rate)),
    Column("NIC RX", Group.NIC, _sum(_rates, "nics", "rx_bytes_per_s", humane.rate)),
    Column("NIC TX", Group.NIC, _sum(_rates, "nics", "tx_bytes_per_s", humane.rate)),
)


def label(instance: Instance, longest: int) -> str:
    """The instance's name, else its key, safe to show."""
    return printable(instance.name or instance.key, limit=longest)


def state_text(of: InstanceStats | Failure) -> Text:
    """The state, or for an instance of which nothing was read the reason."""
    if isinstance(of, Failure):
        return Text(humane.words(of.reason), style="red")
    if of.state is None:
        return Text("-", style="dim")
    return Text(humane.words(of.state), style=_STATE_STYLES.get(of.state, ""))


def state_cell(stats: InstanceStats) -> Cell:
    """The state as a cell, for the legend."""
    absence = stats.why("state")
    return Cell(state_text(stats).plain, (absence,) if absence else ())


def cells(columns: Iterable[Column], stats: InstanceStats, rates: InstanceRates | None) -> list[Cell]:
    """The row of one instance."""
    return [column.cell(stats, rates) for column in columns]


class _Missing:
    """Where one reason occurs."""

    def __init__(self) -> None:
        self.columns: dict[str, None] = {}
        self.instances: dict[str, str] = {}
        self.details: dict[str, None] = {}


def legend(rows: Iterable[tuple[InstanceStats, Sequence[Cell]]], headings: Sequence[str], longest: int) -> list[str]:
    """For each reason of a missing number: the columns, the instances, and the detail if it is one."""
    by_reason: dict[Reason, _Missing] = {}
    partial = False
    for stats, row in rows:
        for heading, cell in zip(headings, row, strict=True):
            partial = partial or (bool(cell.absences) and cell.text != "-")
            for absence in cell.absences:
                entry = by_reason.setdefault(absence.reason, _Missing())
                entry.columns[heading] = None
                entry.instances[stats.instance.key] = label(stats.instance, longest)
                entry.details[absence.detail] = None
    numbers = [heading for heading in headings if heading != "STATE"]
    lines = ["+  without those of its devices that gave no number"] if partial else []
    for reason in sorted(by_reason, key=lambda one: one not in _TROUBLE):
        entry = by_reason[reason]
        detail = next(iter(entry.details)) if len(entry.details) == 1 else "--why tells each"
        shown = f" ({printable(detail)})" if detail else ""
        where = f"{_columns(list(entry.columns), numbers)} of {names(list(entry.instances.values()))}"
        lines.append(f"-  {humane.words(reason)}: {where}{shown}")
    return lines


def _columns(found: list[str], numbers: list[str]) -> str:
    return "all numbers" if found == numbers and len(numbers) > 2 else ", ".join(found)


def names(labels: Sequence[str]) -> str:
    """A few of them, and how many more there are."""
    few = labels if len(labels) <= 4 else labels[:3]
    rest = len(labels) - len(few)
    return ", ".join(few) + (f" and {rest} more" if rest else "")
