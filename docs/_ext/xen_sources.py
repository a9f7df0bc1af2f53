"""The directive ``xen-sources``: where each field of the Xen driver comes from, from the table its tests hold it to."""

from __future__ import annotations

from typing import Any

from catalogue import table
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from hvinspect.driver import CATALOGUE
from hvinspect.drivers._xen.keys import MAPPED

_COLUMNS = (("Field", 40), ("Source", 20), ("Name there", 40))
_SOURCES = {
    "libxenstat": "libxenstat",
    "xenstore": "xenstore",
    "sysfs net": "/sys/class/net",
    "sysfs vbd": "sysfs of blkback",
}


class XenSources(SphinxDirective):
    """One row for each field and name, in the catalogue's order."""

    def run(self) -> list[nodes.Node]:
        order = list(CATALOGUE)
        found = sorted(
            ((path, name) for name, paths in MAPPED.items() for path in paths), key=lambda one: order.index(one[0])
        )
        return [table(_COLUMNS, [[_literal(path), *_cells(name)] for path, name in found])]


def _cells(name: str) -> list[list[nodes.Node]]:
    start = next(start for start in _SOURCES if name.startswith(f"{start} "))
    return [[nodes.paragraph("", _SOURCES[start])], _literal(name.removeprefix(f"{start} "))]


def _literal(text: str) -> list[nodes.Node]:
    return [nodes.paragraph("", "", nodes.literal("", text))]


def setup(app: Any) -> dict[str, Any]:
    app.add_directive("xen-sources", XenSources)
    return {"parallel_read_safe": True}
