"""The directive ``qemu-operations``: what the QEMU driver may say to a monitor, from the list that it is held to."""

from __future__ import annotations

from typing import Any

from catalogue import table
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from hvinspect.drivers._qemu.operations import COMMANDS

_COLUMNS = (("Command", 34), ("With", 34), ("For", 32))


class QemuOperations(SphinxDirective):
    """One row per command, in the list's order."""

    def run(self) -> list[nodes.Node]:
        rows: list[list[list[nodes.Node]]] = [
            [
                [nodes.paragraph("", "", nodes.literal("", one.command))],
                [nodes.paragraph("", "; ".join(f"{name}: {_shown(values)}" for name, values in one.arguments.items()))],
                [nodes.paragraph("", one.purpose)],
            ]
            for one in COMMANDS
        ]
        return [table(_COLUMNS, rows)]


def _shown(values: tuple[Any, ...]) -> str:
    return "any" if "*" in values else " or ".join(str(value) for value in values)


def setup(app: Any) -> dict[str, Any]:
    app.add_directive("qemu-operations", QemuOperations)
    return {"parallel_read_safe": True}
