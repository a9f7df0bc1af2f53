"""The directive ``ranges``: what pyproject.toml declares to installers, as a table."""

from __future__ import annotations

from typing import Any

from catalogue import table
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from tools import ranges

_COLUMNS = (("Extra", 20), ("Needs", 40), ("From version", 20))


class Ranges(SphinxDirective):
    """A row for Python, and one for each dependency of the core and of each extra."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(ranges.ROOT / "pyproject.toml"))
        rows = [_row(ranges.CORE, "Python", ranges.pythons().removeprefix(">="))]
        for extra, needed in ranges.declared().items():
            rows += [_row(extra, one.name, ranges.lowest(one)) for one in needed]
        return [table(_COLUMNS, rows)]


def _row(extra: str, name: str, version: str) -> list[list[nodes.Node]]:
    return [[nodes.literal("", extra)], [nodes.paragraph("", name)], [nodes.paragraph("", version)]]


def setup(app: Any) -> dict[str, Any]:
    app.add_directive("ranges", Ranges)
    return {"parallel_read_safe": True}
