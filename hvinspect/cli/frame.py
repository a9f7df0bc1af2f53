"""What `hvinspect stats` shows of one reading: the table, what is missing in it and why, and details."""

from __future__ import annotations

from typing import NamedTuple, final

from rich.console import Group as Lines, RenderableType
from rich.text import Text

from hvinspect import DEFAULT_GROUPS, Absence, Failure, Group, InstanceRates, InstanceStats
from hvinspect.driver import printable

from . import details, guests, humane
from .guests import COUNTERS, RATES, Cell
from .output import Heading, Output
from .watch import Reading

__all__ = ["Frame", "Wishes", "failure_line"]


class Wishes(NamedTuple):
    """What the user asked to see."""

    groups: frozenset[Group]
    #: A row for each value that is missing.
    why: bool
    #: A row for each value that is there.
    detail: bool

    @property
    def detailed(self) -> frozenset[Group]:
        """The groups that are shown value by value: the table has no column for them."""
        return self.groups if self.detail else self.groups - DEFAULT_GROUPS


class _Row(NamedTuple):
    stats: InstanceStats
    rates: InstanceRates | None
    cells: list[Cell]


@final
class Frame:
    """One reading, ready to be shown."""

    def __init__(self, reading: Reading, wishes: Wishes, output: Output) -> None:
        self._reading = reading
        self._wishes = wishes
        self._output = output
        self._columns = [column for column in (RATES if reading.rates else COUNTERS) if column.group in wishes.groups]
        rates = {one.instance.key: one for one in reading.rates or ()}
        self._rows: list[_Row] = []
        for stats in reading.snapshot:
            own = rates.get(stats.instance.key)
            self._rows.append(_Row(stats, own, guests.cells(self._columns, stats, own)))

    @property
    def heading(self) -> Text:
        """When it was read, and how it went."""
        snapshot = self._reading.snapshot
        failed = f", {len(snapshot.failures)} failed" if snapshot.failures else ""
        return Text(
            f"{humane.moment(snapshot.taken.started_unix_ns)}  {humane.plural(len(self._rows), 'instance')}{failed}, "
            f"read in {humane.duration(snapshot.taken.duration_ns)}"
        )

    def whole(self) -> list[RenderableType]:
        """All of it. What failed has a row; its details are for failure_line()."""
        return [self._table(None), *self._below()]

    def fitted(self, extra: list[Text]) -> RenderableType:
        """As much as a screen holds: heading, failures and *extra* lines first, then as many rows as fit."""
        failures = [Text(failure_line(failure, 60)) for failure in self._reading.snapshot.failures]
        below = [*self._below(), *failures, *extra]
        console, rows = self._output.console, len(self._rows) + len(failures)
        while True:
            hidden = len(self._rows) + len(failures) - rows
            more = f"... and {hidden} more: a taller window or --instance shows them"
            note = [Text(more)] if hidden else []
            frame = Lines(self.heading, self._table(rows), *note, *below)
            over = len(console.render_lines(frame, pad=False)) - (console.height - 1)
            if over <= 0 or rows <= 1:
                return frame
            rows = max(1, rows - over)

    def _table(self, limit: int | None) -> RenderableType:
        longest = self._output.longest_name
        failures = self._reading.snapshot.failures
        with_state = bool(failures) or Group.STATE in self._wishes.groups
        failed = [
            [
                Text(guests.label(failure.instance, longest)),
                guests.state_text(failure),
                *(Text("-", style="dim") for _ in self._columns),
            ]
            for failure in failures
        ]
        read = [
            [
                Text(guests.label(row.stats.instance, longest)),
                *([guests.state_text(row.stats)] if with_state else []),
                *(Text(cell.text, style="dim" if cell.text == "-" else "") for cell in row.cells),
            ]
            for row in self._rows
        ]
        # Where not all of them fit, those that failed come first.
        rows = read + failed if limit is None else (failed + read)[:limit]
        if not rows:
            return Text("no instances")
        headings = [Heading("INSTANCE"), *([Heading("STATE")] if with_state else [])]
        headings += [Heading(column.heading, numeric=True) for column in self._columns]
        return self._output.table(headings, rows)

    def _below(self) -> list[RenderableType]:
        parts: list[RenderableType] = []
        for part in (self._details(), self._reasons() if self._wishes.why else self._legend()):
            if part:
                parts += [Text(""), *part]
        return parts

    def _legend(self) -> list[RenderableType]:
        headings = [column.heading for column in self._columns]
        rows = [(row.stats, row.cells) for row in self._rows]
        if Group.STATE in self._wishes.groups:
            headings.insert(0, "STATE")
            rows = [(stats, [guests.state_cell(stats), *cells]) for stats, cells in rows]
        return [Text(line) for line in guests.legend(rows, headings, 40)]

    def _details(self) -> list[RenderableType]:
        if not self._wishes.detailed:
            return []
        by_key = details.values(self._reading.snapshot, self._wishes.detailed)
        rows: list[list[Text]] = []
        for row in self._rows:
            values = by_key[row.stats.instance.key]
            if self._wishes.detail and row.rates:
                values += details.rate_values(row.rates)
            name = guests.label(row.stats.instance, self._output.longest_name)
            rows += [
                [
                    Text(name),
                    Text(_place(one.field.path, one.device)),
                    Text(humane.exact(one.field, one.value)),
                ]
                for one in values
            ]
        if not rows:
            return []
        return [self._output.table([Heading("INSTANCE"), Heading("FIELD"), Heading("VALUE")], rows)]

    def _reasons(self) -> list[RenderableType]:
        found = list(details.gaps(self._reading.snapshot, self._wishes.groups))
        if self._reading.rates:
            found += details.rate_gaps(self._reading.rates)
        rows = [
            [
                Text(guests.label(gap.instance, self._output.longest_name)),
                Text(_place(gap.path, gap.device)),
                Text(printable(gap.absence, limit=humane.LONGEST_TEXT)),
            ]
            for gap in found
        ]
        rows += [
            [
                Text(guests.label(failure.instance, self._output.longest_name)),
                Text("everything"),
                Text(printable(Absence(failure.reason, failure.detail), limit=humane.LONGEST_TEXT)),
            ]
            for failure in self._reading.snapshot.failures
        ]
        if not rows:
            return [Text("nothing is missing")]
        return [self._output.table([Heading("INSTANCE"), Heading("MISSING"), Heading("WHY")], rows)]


def failure_line(failure: Failure, longest: int = humane.LONGEST_TEXT) -> str:
    """An instance of which nothing was read, and why."""
    detail = f": {printable(failure.detail, limit=humane.LONGEST_TEXT)}" if failure.detail else ""
    name = guests.label(failure.instance, longest)
    key = printable(failure.instance.key, limit=longest)
    who = name if name == key else f"{name} ({key})"
    return f"{who}: {humane.words(failure.reason)}{detail}"


def _place(path: str, device: str | None) -> str:
    return path if device is None else f"{path} [{printable(device, limit=60)}]"
