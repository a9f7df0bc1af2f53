"""The directives ``vmware-sources`` and ``vmware-operations``: from the tables that the driver's tests hold it to."""

from __future__ import annotations

from typing import Any

from catalogue import table
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from hvinspect.driver import CATALOGUE
from hvinspect.drivers._vmware.keys import COUNTERS, PROPERTIES
from hvinspect.drivers._vmware.operations import OPERATIONS

_SOURCES = (("Field", 36), ("Source", 24), ("Name there", 40))
_OPERATIONS = (("Method", 36), ("Privilege", 24), ("For", 40))


class VmwareSources(SphinxDirective):
    """One row for each field and name, in the catalogue's order."""

    def run(self) -> list[nodes.Node]:
        order = list(CATALOGUE)
        rows = [
            (path, kind, name)
            for kind, names in (("property", PROPERTIES), ("performance counter", COUNTERS))
            for name, paths in names.items()
            for path in paths
        ]
        rows.sort(key=lambda row: order.index(row[0]))
        return [table(_SOURCES, [[_literal(path), _plain(kind), _literal(name)] for path, kind, name in rows])]


class VmwareOperations(SphinxDirective):
    """One row per method, in the list's order."""

    def run(self) -> list[nodes.Node]:
        rows = [[_literal(one.method), _plain(one.privilege), _plain(one.purpose)] for one in OPERATIONS]
        return [table(_OPERATIONS, rows)]


def _plain(text: str) -> list[nodes.Node]:
    return [nodes.paragraph("", text)]


def _literal(text: str) -> list[nodes.Node]:
    return [nodes.paragraph("", "", nodes.literal("", text))]


def setup(app: Any) -> dict[str, Any]:
    app.add_directive("vmware-sources", VmwareSources)
    app.add_directive("vmware-operations", VmwareOperations)
    return {"parallel_read_safe": True}
