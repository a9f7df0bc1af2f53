"""The figures as a table for a person, and as a dated record for the documentation."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rich.console import Console
from rich.table import Table

from tools.measured import record

from .figures import Figure

__all__ = ["keep", "show"]


def show(figures: Sequence[Figure]) -> None:
    """Print one table for each measurement."""
    console = Console(highlight=False)
    if not console.is_terminal:
        # In a log or a pipe nothing is to be wrapped.
        console.width = 200
    for name, some in groupby(figures, key=lambda figure: figure.measurement):
        table = Table(title=name, title_justify="left")
        for column in ("guests", "disks + NICs", "figure", "value", "95 % interval", "goal", "note"):
            table.add_column(column, justify="right" if column in ("guests", "value") else "left")
        for figure in some:
            table.add_row(*_cells(figure))
        console.print(table)
    missed = [figure for figure in figures if figure.misses]
    console.print(f"{len(figures)} figures; goals not met: {len(missed)}")
    for figure in missed:
        guests, shape, *_ = _cells(figure)
        of = f"{figure.measurement}, {guests} guests of {shape}"
        console.print(f"  {of}: {figure.what}: {figure.verdict}", markup=False)


def keep(figures: Sequence[Figure]) -> None:
    """Write the record that docs/benchmarks.md is built from, where results are kept."""
    path = record("bench", [figure.row for figure in figures])
    if path is not None:
        print(f"wrote {path}")


def _cells(figure: Figure) -> list[str]:
    row = figure.row
    value, low, high = row["value"], row["low"], row["high"]
    interval = "" if low == high else f"{low:,} to {high:,}"
    number = "" if value is None else f"{value:,} {figure.unit}".strip()
    guests = "" if figure.guests is None else f"{figure.guests:,}"
    return [guests, str(row["disks + NICs"] or ""), figure.what, number, interval, figure.verdict, figure.note]
