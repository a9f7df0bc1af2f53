"""The directive ``matrix``: which driver gives which field, read from what the drivers themselves declare."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalogue import table
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from hvinspect.driver import CATALOGUE, Absence
from hvinspect.drivers._libvirt import provides as libvirt
from hvinspect.drivers._qemu import provides as qemu
from hvinspect.drivers._vmware import provides as vmware
from hvinspect.drivers._xen import provides as xen

# Newer than every version that a field waits for, so that what is missing is missing for another reason.
_NEWEST = 99_000_000
_NOT_READ = frozenset({"rates", "disk_rates", "nic_rates", "span"})


def _columns() -> dict[str, Mapping[str, Absence | None]]:
    return {
        **{
            f"libvirt: {hypervisor}": libvirt.provided(hypervisor, "x86_64", _NEWEST)
            for hypervisor in ("QEMU", "LXC", "Xen", "TEST")
        },
        "xen": xen.provided(),
        "vmware: vCenter": vmware.provided(is_host=False),
        "vmware: ESX": vmware.provided(is_host=True),
        "qemu: with monitors": qemu.provided(has_monitors=True),
        "qemu: /proc alone": qemu.provided(has_monitors=False),
    }


class Matrix(SphinxDirective):
    """One row per field, one column per driver and hypervisor; what is not given has its reason as a word."""

    def run(self) -> list[nodes.Node]:
        columns = _columns()
        rows: list[list[list[nodes.Node]]] = []
        for path, field in CATALOGUE.items():
            if field.record in _NOT_READ:
                continue
            row: list[list[nodes.Node]] = [[nodes.paragraph("", "", nodes.literal("", path))]]
            row += [[nodes.paragraph("", _word(given[path]))] for given in columns.values()]
            rows.append(row)
        return [table((("Field", 40), *((name, 20) for name in columns)), rows)]


def _word(absence: Absence | None) -> str:
    return "given" if absence is None else absence.reason.value.replace("_", " ")


def setup(app: Any) -> dict[str, Any]:
    app.add_directive("matrix", Matrix)
    return {"parallel_read_safe": True}
