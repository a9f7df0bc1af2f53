"""The directive ``xen-sources``: where each field of the Xen driver comes from, and how it is known to be true."""

from __future__ import annotations

from typing import Any

from catalogue import table
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from hvinspect.drivers._xen.keys import MAPPED
from tests.integration.xen.fidelity.table import TABLE

_COLUMNS = (("Field", 24), ("Read from", 36), ("Seen to be true by", 40))
_SOURCES = {
    "libxenstat": "libxenstat",
    "xenstore": "xenstore",
    "sysfs net": "/sys/class/net",
    "sysfs vbd": "sysfs of blkback",
}


class XenSources(SphinxDirective):
    """One row for each field that is given, in the catalogue's order."""

    def run(self) -> list[nodes.Node]:
        return [
            table(
                _COLUMNS,
                [
                    [
                        [nodes.paragraph("", "", nodes.literal("", path))],
                        [_named(name) for name, paths in MAPPED.items() if path in paths],
                        [nodes.paragraph("", f"{row.how.value}: {row.source}")],
                    ]
                    for path, row in TABLE.items()
                ],
            )
        ]


def _named(name: str) -> nodes.paragraph:
    start = next(start for start in _SOURCES if name.startswith(f"{start} "))
    return nodes.paragraph("", f"{_SOURCES[start]}: ", nodes.literal("", name.removeprefix(f"{start} ")))


def setup(app: Any) -> dict[str, Any]:
    app.add_directive("xen-sources", XenSources)
    return {"parallel_read_safe": True}
