"""The directive ``operations``: what the libvirt driver may call, from the list that runs in the lab are held to."""

from __future__ import annotations

from typing import Any

from catalogue import table
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from hvinspect.drivers._libvirt.operations import READING, WRITING

_COLUMNS = (("Procedure", 40), ("Permission", 24), ("For", 30), ("Connection", 14))


class Operations(SphinxDirective):
    """One row per procedure, in the list's order."""

    def run(self) -> list[nodes.Node]:
        listed = [*((one, "read-only") for one in READING), *((one, "writable") for one in WRITING)]
        rows: list[list[list[nodes.Node]]] = [
            [
                [nodes.paragraph("", "", nodes.literal("", one.procedure))],
                [nodes.paragraph("", one.permission)],
                [nodes.paragraph("", one.purpose)],
                [nodes.paragraph("", connection)],
            ]
            for one, connection in listed
        ]
        return [table(_COLUMNS, rows)]


def setup(app: Any) -> dict[str, Any]:
    app.add_directive("operations", Operations)
    return {"parallel_read_safe": True}
