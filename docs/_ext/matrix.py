"""The directive ``matrix``: which driver gives which field, read from what the drivers themselves declare."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from catalogue import place, table
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from hvinspect.driver import CATALOGUE, Absence, Field, Reason
from hvinspect.drivers._libvirt import provides as libvirt
from hvinspect.drivers._qemu import provides as qemu
from hvinspect.drivers._vmware import provides as vmware
from hvinspect.drivers._xen import provides as xen

# Newer than every version that a field waits for, so that what is missing is missing for another reason.
_NEWEST = 99_000_000
_NOT_READ = frozenset({"rates", "disk_rates", "nic_rates", "span"})


def _columns() -> dict[str, Mapping[str, Absence | None]]:
    return {
        "libvirt QEMU": libvirt.provided("QEMU", "x86_64", _NEWEST),
        "libvirt LXC": libvirt.provided("LXC", "x86_64", _NEWEST),
        "libvirt Xen": libvirt.provided("Xen", "x86_64", _NEWEST),
        "libvirt test": libvirt.provided("TEST", "x86_64", _NEWEST),
        "qemu monitor": qemu.provided(has_monitors=True),
        "qemu /proc": qemu.provided(has_monitors=False),
        "xen dom0": xen.provided(),
        "vmware vCenter": vmware.provided(is_host=False),
        "vmware ESX": vmware.provided(is_host=True),
    }


class Matrix(SphinxDirective):
    """A table for each record, in it a row for each field and a column for each driver and hypervisor."""

    def run(self) -> list[nodes.Node]:
        columns = _columns()
        made: list[nodes.Node] = []
        for record, fields in groupby(CATALOGUE.values(), key=lambda field: field.record):
            if record in _NOT_READ:
                continue
            rows = [
                [_name(field), *(_cell(given[f"{record}.{field.name}"]) for given in columns.values())]
                for field in fields
            ]
            headings = ((record, 28), *((name, 8) for name in columns))
            made.append(table(headings, rows, classes=("matrix",)))
        return made


def _name(field: Field) -> list[nodes.Node]:
    link = nodes.reference("", "", nodes.literal("", field.name), internal=True)
    link["refuri"] = f"#{place(field)}"
    return [nodes.paragraph("", "", link)]


def _cell(absence: Absence | None) -> list[nodes.Node]:
    if absence is None:
        return [nodes.paragraph("", "✓")]
    word = "–" if absence.reason is Reason.UNSUPPORTED else absence.reason.value.replace("_", " ")
    return [nodes.paragraph("", "", nodes.inline("", word, classes=["absent"]))]


def setup(app: Any) -> dict[str, Any]:
    app.add_directive("matrix", Matrix)
    return {"parallel_read_safe": True}
