"""The directive ``benchmarks``: docs/measured/bench.json as a plot and as tables."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Any, ClassVar

from catalogue import table
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

RESULTS = Path(__file__).parent.parent / "measured" / "bench.json"
_COLUMNS = (
    ("Guests", 8), ("Disks + NICs", 8), ("Figure", 40), ("Value", 12), ("95 % interval", 16), ("Goal", 20), ("Note", 16)
)  # fmt: skip


class Benchmarks(SphinxDirective):
    """All that was recorded by ``./dev full``; with ``:of: scrape`` the table of that measurement alone."""

    option_spec: ClassVar[Any] = {"of": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(RESULTS))
        if not RESULTS.is_file():
            return [nodes.paragraph("", "Nothing has been recorded yet.")]
        result = json.loads(RESULTS.read_text(encoding="utf-8"))
        plot = nodes.raw("", f'<div class="plot">{_plot(result["rows"])}</div>', format="html")
        origin = f"Measured {result['measured']} at commit {result['commit']} on {result['machine']}."
        if wanted := self.options.get("of"):
            rows = [row for row in result["rows"] if row["measurement"] == wanted]
            if not rows:
                raise self.error(f"nothing of {wanted} is recorded")
            return [nodes.paragraph("", origin), _shown(rows)]
        made: list[nodes.Node] = [nodes.paragraph("", origin), plot]
        for name, rows in groupby(result["rows"], key=lambda row: row["measurement"]):
            section = nodes.section(ids=[f"bench-{name.replace(' ', '-')}"], names=[f"bench {name}"])
            section += nodes.title("", name.capitalize())
            section += _shown(rows)
            made.append(section)
        return made


def _shown(rows: Iterable[dict[str, Any]]) -> nodes.table:
    return table(_COLUMNS, [[[nodes.paragraph("", text)] for text in _texts(row)] for row in rows])


def _texts(row: dict[str, Any]) -> tuple[str, ...]:
    value, low, high = row["value"], row["low"], row["high"]
    return (
        "" if row["guests"] is None else f"{row['guests']:,}",
        row["disks + NICs"] or "",
        row["what"],
        "" if value is None else f"{value:,} {row['unit']}".strip(),
        "" if low == high else f"{low:,} to {high:,}",
        row["goal"],
        row["note"],
    )


def _plot(rows: list[dict[str, Any]]) -> str:
    """Ratios with their intervals on the left, cost against the number of guests on the right; as SVG."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    # One set of results makes one file.
    mpl.rcParams["svg.hashsalt"] = "hvinspect"
    figure = Figure(figsize=(11, 4.5), layout="constrained")
    ratios, growth = figure.subplots(1, 2)
    found = [row for row in rows if row["measurement"] == "side by side" and row["unit"] == "×"]
    found = [row for row in found if row["what"].startswith("time, ")]
    names = list(dict.fromkeys(row["what"].removeprefix("time, ") for row in found))
    for offset, (shape, group) in enumerate(groupby(found, key=lambda row: row["disks + NICs"])):
        some = list(group)
        places = [names.index(row["what"].removeprefix("time, ")) + 0.2 * offset for row in some]
        values = [row["value"] for row in some]
        errors = [[row["value"] - row["low"] for row in some], [row["high"] - row["value"] for row in some]]
        ratios.errorbar(values, places, xerr=errors, fmt="o", capsize=3, label=f"{shape} disks + NICs")
    ratios.axvline(1, color="gray", linewidth=1)
    ratios.set(xlabel="time, ratio within one run", xlim=(0, None))
    ratios.set_yticks([place + 0.1 for place in range(len(names))], [name.replace(" / ", " /\n") for name in names])
    ratios.invert_yaxis()
    ratios.legend()
    grown = [row for row in rows if row["measurement"] == "scale" and row["guests"]]
    for what, scale in (
        ("time, raw bulk call", 1.0),
        ("time, hvinspect", 1.0),
        ("own CPU per guest, replayed", 1e-3),
    ):
        per_guest = "per guest" in what
        points = [row for row in grown if row["what"] == what]
        costs = [row["value"] * scale * (row["guests"] if per_guest else 1) for row in points]
        growth.loglog([row["guests"] for row in points], costs, marker="o", label=what.replace(" per guest", ""))
    growth.set(xlabel="guests of 1 + 1", ylabel="ms")
    growth.legend()
    drawn = io.StringIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None})
    return drawn.getvalue().partition("<svg")[1] + drawn.getvalue().partition("<svg")[2]


def setup(app: Any) -> dict[str, Any]:
    app.add_directive("benchmarks", Benchmarks)
    return {"parallel_read_safe": True}
