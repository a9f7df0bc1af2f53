"""The directive ``ceilometer-differences``: the list that the bridge's tests allow, and nothing else."""

from __future__ import annotations

from typing import Any

from catalogue import table
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from tests.bridges.ceilometer.differences import DIFFERENCES, Difference

_COLUMNS = (("Meter", 20), ("When", 26), ("Ceilometer's own", 30), ("Here", 30))


class Differences(SphinxDirective):
    """One row per difference."""

    def run(self) -> list[nodes.Node]:
        return [table(_COLUMNS, [_row(one) for one in DIFFERENCES])]


def _row(one: Difference) -> list[list[nodes.Node]]:
    here = nodes.paragraph("", one.here)
    if one.option is not None:
        here += [nodes.Text("; the old number with "), nodes.literal("", one.option)]
    meter = nodes.paragraph("", "", nodes.literal("", one.meters))
    return [[meter], [nodes.paragraph("", one.when)], [nodes.paragraph("", one.own)], [here]]


def setup(app: Any) -> dict[str, Any]:
    app.add_directive("ceilometer-differences", Differences)
    return {"parallel_read_safe": True}
