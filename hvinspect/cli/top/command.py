"""The command, and its loop: keys and readings in, screens out."""

from __future__ import annotations

import sys
import time
from typing import NamedTuple

import click
from rich.text import Text

import hvinspect
from hvinspect import Connection, Secret, Snapshot
from hvinspect.cli import humane
from hvinspect.cli.guarded import described
from hvinspect.cli.output import Output
from hvinspect.cli.parameters import reaching, seconds
from hvinspect.cli.reached import Reach, reached
from hvinspect.cli.watch import Reading, following, supplied
from hvinspect.driver import printable

from .detail import detail
from .history import History
from .reader import Reader
from .rows import Order, Row, chosen, rows
from .table import FIXED_LINES, Shown, table
from .terminal import Terminal
from .view import HELP, View, pressed, settled

__all__ = ["top"]

#: The second reading comes soon: rates need two.
_FIRST_WAIT = 1.0


@click.command()
@reaching
@click.option(
    "--every", type=seconds, default="2", show_default=True, metavar="SECONDS", help="Read again every SECONDS."
)
@click.option(
    "--sort",
    type=click.Choice([order.word for order in Order]),
    default=Order.CPU.word,
    show_default=True,
    help="What the instances are sorted by at first.",
)
def top(target: str, options: dict[str, str | Secret], timeout: float, every: float, sort: str) -> None:
    """Watch every instance on a full screen: what each does now, the busiest first.

    The key h shows all keys. Enter shows one instance: its last minutes as bars, all its values, and why others
    are missing. An instance that does not answer in time is marked with ! and does not hold up the others.
    R/s of a NIC is what the guest received.
    """
    output = Output()
    if not output.redraws or not sys.stdin.isatty():
        raise click.UsageError("top needs a terminal; 'hvinspect stats TARGET --watch 2' writes anywhere")
    view = View(order=Order[sort.upper()])
    with reached(target, timeout, options) as reach:
        first = reach.connection.snapshot(timeout=reach.left)
        _Loop(reach, first, output, target=target, timeout=timeout, every=every).run(view)


class _Screen(NamedTuple):
    """What the keys work on: what is listed now, how much of it fits, and how far the details go."""

    listed: list[Row]
    page: int
    furthest: int


class _Loop:
    """Between the first reading and the last key."""

    def __init__(
        self, reach: Reach, first: Snapshot, output: Output, *, target: str, timeout: float, every: float
    ) -> None:
        self._connection: Connection = reach.connection
        self._output = output
        self._target = printable(target, limit=humane.LONGEST_TEXT)
        self._timeout = timeout
        self._every = every
        self._history = History()
        self._trouble = ""
        self._take(Reading(first, supplied(first)))

    def run(self, view: View) -> None:
        """Until the user quits, or an error that will not pass."""
        with Terminal.taken(self._output.console) as terminal:
            reader = Reader(self._read, terminal.ring)
            due = time.monotonic() + min(self._every, _FIRST_WAIT)
            while not view.quit:
                screen = self._draw(terminal, view)
                keys = terminal.wait(60.0 if view.paused or reader.busy else due - time.monotonic())
                for key in keys:
                    if key == "suspend":
                        terminal.suspend()
                    shown = [row.instance.key for row in screen.listed]
                    view = pressed(view, key, shown=shown, page=screen.page, furthest=screen.furthest)
                self._collect(reader)
                view = settled(view, {row.instance.key for row in self._rows})
                if not (view.paused or reader.busy) and time.monotonic() >= due:
                    due = time.monotonic() + self._every
                    reader.start()

    def _read(self) -> Snapshot:
        return self._connection.snapshot(timeout=self._timeout)

    def _collect(self, reader: Reader) -> None:
        try:
            snapshot = reader.outcome()
        except hvinspect.Error as error:
            if not error.retryable:
                raise
            self._trouble = f"{time.strftime('%H:%M:%SZ', time.gmtime())}  {described(error)}"
            return
        if snapshot is not None:
            self._trouble = ""
            self._take(following(self._reading.snapshot, snapshot))

    def _take(self, reading: Reading) -> None:
        self._reading = reading
        self._rows = rows(reading, self._connection.health().quarantined)
        self._history.add((row.instance.key, getattr(row.of, "incarnation", ""), row.numbers) for row in self._rows)

    def _draw(self, terminal: Terminal, view: View) -> _Screen:
        width, height = terminal.size
        listed = chosen(self._rows, view.order, reverse=view.reverse, containing=view.filter)
        row = next((row for row in self._rows if row.instance.key == view.chosen), None)
        page, furthest = max(1, height - FIXED_LINES), 0
        if view.help:
            lines = _help()
        elif view.detail and row is not None:
            lines, page, furthest = detail(
                row,
                self._reading,
                self._history.of(row.instance.key),
                scrolled=view.scrolled,
                width=width,
                height=height,
                ascii_only=self._output.console.options.ascii_only,
            )
        else:
            shown = Shown(self._target, self._reading, self._rows, self._every, self._trouble)
            lines = table(view, shown, listed, width=width, height=height)
        terminal.draw(lines)
        return _Screen(listed, page, furthest)


def _help() -> list[Text]:
    lines = [Text("hvinspect top: keys", style="bold"), Text("")]
    lines += [Text(f"  {keys:<26}{meaning}") for keys, meaning in HELP]
    return [*lines, Text(""), Text("any key goes back", style="dim")]
