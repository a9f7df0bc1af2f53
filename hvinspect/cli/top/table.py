"""The screen with all instances. No I/O here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from rich.text import Text

from hvinspect import Failure
from hvinspect.cli import guests, humane
from hvinspect.cli.watch import Reading
from hvinspect.driver import printable

from .measures import Numbers
from .rows import Order, Row
from .view import View

__all__ = ["FIXED_LINES", "Shown", "table"]

#: Lines that are no instance: two above the heading, the heading, the trouble, the keys.
FIXED_LINES: Final = 5
_KEYS: Final = "q quit  h help  / filter  p pause  enter detail  sort: c m d n i t, r reverse"


class Shown(NamedTuple):
    """What there is to be shown."""

    target: str
    reading: Reading
    rows: Sequence[Row]
    every: float
    #: The error of a reading that came to nothing after this one.
    trouble: str


@dataclass(frozen=True, slots=True)
class _Column:
    heading: str
    width: int
    order: Order | None
    cell: Callable[[Numbers], str]


def _shown(number: float | None, show: Callable[[float], str]) -> str:
    return "-" if number is None else show(number)


_STATE_WIDTH: Final = 9
_NARROWEST_NAME: Final = 12
_WIDEST_NAME: Final = 60
# Bytes per second without the "/s", which is in the heading: so 80 columns hold all of it and a name of nova's.
_COLUMNS: Final[tuple[_Column, ...]] = (
    _Column("CORES", 6, Order.CPU, lambda of: _shown(of.cores, humane.cores)),
    _Column("MEMORY", 7, Order.MEMORY, lambda of: _shown(of.memory_bytes, humane.size)),
    _Column("DISK R/s", 8, Order.DISK, lambda of: _shown(of.disk_read_bytes_per_s, humane.size)),
    _Column("DISK W/s", 8, Order.DISK, lambda of: _shown(of.disk_write_bytes_per_s, humane.size)),
    _Column("NIC R/s", 8, Order.NET, lambda of: _shown(of.nic_rx_bytes_per_s, humane.size)),
    _Column("NIC T/s", 8, Order.NET, lambda of: _shown(of.nic_tx_bytes_per_s, humane.size)),
)


def table(view: View, shown: Shown, listed: Sequence[Row], *, width: int, height: int) -> list[Text]:
    """*listed* are the rows in their order; as many as fit are shown, the chosen one among them."""
    columns = _fitting(width)
    # One column and the place of the mark are there even where the terminal cuts them off.
    name_width = min(_WIDEST_NAME, max(2, width - _taken(columns)))
    lines = [_title(view, shown, width), _summary(shown), _headings(view, columns, name_width)]
    space = max(1, height - FIXED_LINES)
    at = next((number for number, row in enumerate(listed) if row.instance.key == view.chosen), None)
    first = max(0, at - space + 1) if at is not None else 0
    for row in listed[first : first + space]:
        line = _line(row, columns, name_width)
        if row.instance.key == view.chosen:
            line.pad_right(max(0, width - line.cell_len))
            line.stylize("reverse")
        lines.append(line)
    if not listed:
        lines.append(Text("no instance contains that text" if view.filter else "no instances", style="dim"))
    lines += [Text("")] * (height - 2 - len(lines))
    hidden = len(listed) - space
    lines.append(_trouble(shown, hidden))
    lines.append(_prompt(view))
    return lines


def _title(view: View, shown: Shown, width: int) -> Text:
    pause = "paused  " if view.paused else ""
    right = f"{pause}{humane.moment(shown.reading.snapshot.taken.started_unix_ns)}"
    left = Text("hvinspect top  ", style="bold")
    left.append(shown.target, style="not bold")
    left.truncate(max(0, width - len(right) - 2), overflow="ellipsis")
    left.pad_right(max(0, width - len(right) - left.cell_len))
    left.append(right, style="yellow" if view.paused else "")
    return left


def _summary(shown: Shown) -> Text:
    parts = [humane.plural(len(shown.rows), "instance")]
    counts: dict[str, int] = {}
    for row in shown.rows:
        if not isinstance(row.of, Failure):
            counts[row.state] = counts.get(row.state, 0) + 1
    parts += [f"{number} {state}" for state, number in sorted(counts.items(), key=lambda one: -one[1]) if state != "-"]
    line = Text(", ".join(parts))
    taken = shown.reading.snapshot.taken
    line.append(f"; read in {humane.duration(taken.duration_ns)}, every {shown.every:g} s", style="dim")
    return line


def _headings(view: View, columns: Sequence[_Column], name_width: int) -> Text:
    line = Text()
    name = "INSTANCE" + ("*" if view.order is Order.INSTANCE else "")
    line.append(f" {name:<{name_width - 1}}", style="bold")
    line.append(f" {'STATE':<{_STATE_WIDTH}}", style="bold")
    for column in columns:
        sorted_by = column.order is view.order
        text = ("*" if sorted_by else "") + column.heading
        line.append(f" {text:>{column.width}}"[-column.width - 1 :], style="bold underline" if sorted_by else "bold")
    return line


def _line(row: Row, columns: Sequence[_Column], name_width: int) -> Text:
    line = Text()
    line.append("!" if row.stuck else " ", style="bold red")
    name = Text(row.name, style="red" if row.troubled else "")
    name.truncate(name_width - 1, overflow="ellipsis", pad=True)
    state = guests.state_text(row.of)
    state.truncate(_STATE_WIDTH, overflow="ellipsis", pad=True)
    line.append_text(name).append(" ").append_text(state)
    for column in columns:
        text = column.cell(row.numbers)
        line.append(f" {text:>{column.width}}", style="dim" if text == "-" else "")
    return line


def _trouble(shown: Shown, hidden: int) -> Text:
    if shown.trouble:
        return Text(printable(shown.trouble, limit=humane.LONGEST_TEXT), style="red")
    stuck = [row.name for row in shown.rows if row.stuck]
    failed = [row.name for row in shown.rows if isinstance(row.of, Failure) and not row.stuck]
    parts = [f"! {guests.names(stuck)} did not answer in time"] if stuck else []
    parts += [f"nothing was read of {guests.names(failed)}"] if failed else []
    if parts:
        return Text("; ".join(parts), style="red")
    if shown.reading.rates is None:
        return Text("CPU, disks and NICs: with the next reading", style="dim")
    return Text(f"{hidden:,} more below or above" if hidden > 0 else "", style="dim")


def _prompt(view: View) -> Text:
    if view.typing:
        return Text(f"filter: {view.filter}_", style="bold")
    if view.filter:
        return Text(f"filter: {view.filter}  (escape forgets it)", style="bold")
    return Text(_KEYS, style="dim")


def _fitting(width: int) -> list[_Column]:
    """As many columns as leave room for a name."""
    columns = list(_COLUMNS)
    while columns and width - _taken(columns) < _NARROWEST_NAME:
        columns.pop()
    return columns


def _taken(columns: Sequence[_Column]) -> int:
    return 1 + _STATE_WIDTH + sum(1 + column.width for column in columns)
