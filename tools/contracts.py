"""The import rules that no list of modules can state, as a contract of import-linter.

A driver is a family of files, ``x.py`` and ``_x_decode.py``, or ``x.py`` and a folder ``_x``. It imports
hvinspect.driver and its own family; a decoder imports no vendor's library, and of a folder only ``native``
does. A bridge imports hvinspect's public modules. So both use only what a third party's may.
"""

from __future__ import annotations

from collections.abc import Iterator

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, output

#: Which part may import what the core lives without. hvinspect._xml hands lxml to the drivers, hardened.
VENDORS = {
    "hvinspect.drivers": {"libvirt", "libvirt_qemu", "libvirt_lxc", "lxml", "pyVmomi"},
    "hvinspect._xml": {"lxml"},
    "hvinspect.cli": {"click", "rich"},
    "hvinspect.bridges": {"ceilometer", "opentelemetry", "oslo_config", "oslo_log", "prometheus_client"},
}
BRIDGES_MAY_USE = {"hvinspect", "hvinspect.samples", "hvinspect.compat"}


class ThirdParty(Contract):
    """Reports every import that a third party's driver or bridge could not make."""

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        wrong = sorted({found for module in graph.modules for found in _wrong_imports(graph, module)})
        return ContractCheck(kept=not wrong, metadata={"wrong": wrong})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for line in check.metadata["wrong"]:
            output.print_error(line)
            output.new_line()


def _wrong_imports(graph: ImportGraph, importer: str) -> Iterator[str]:
    if not _within(importer, "hvinspect"):
        return
    for imported in graph.find_modules_directly_imported_by(importer):
        reason = _objection(importer, imported)
        if reason:
            yield f"{importer} -> {imported}: {reason}"


def _objection(importer: str, imported: str) -> str | None:
    for vendors in VENDORS.values():
        if imported.partition(".")[0] in vendors:
            return _vendor_objection(importer, imported)
    if not _within(imported, "hvinspect"):
        return None
    if _within(importer, "hvinspect.drivers") and importer != "hvinspect.drivers":
        allowed = imported == "hvinspect.driver" or _family(importer) == _family(imported)
        return None if allowed else "a driver imports only hvinspect.driver and files of its own"
    if _within(importer, "hvinspect.bridges") and not _within(imported, "hvinspect.bridges"):
        return None if imported in BRIDGES_MAY_USE else "a bridge uses only the public API"
    return None


def _vendor_objection(importer: str, imported: str) -> str | None:
    part, name = ".".join(importer.split(".")[:2]), importer.rsplit(".", maxsplit=1)[-1]
    if imported.partition(".")[0] not in VENDORS.get(part, set()):
        return "only drivers, bridges and the command import libraries of others"
    if part == "hvinspect.drivers" and name.endswith("_decode"):
        return "a decoder is pure and imports no vendor's library"
    in_folder = part == "hvinspect.drivers" and importer.count(".") > 2
    if in_folder and name != "native" and imported != "lxml":
        return "of a driver's folder only native imports a vendor's library"
    return None


def _family(module: str) -> str | None:
    """``libvirt`` for hvinspect.drivers.libvirt and hvinspect.drivers._libvirt.decode."""
    parts = module.split(".")
    if parts[:2] != ["hvinspect", "drivers"] or len(parts) == 2:
        return None
    return parts[2].lstrip("_").partition("_")[0]


def _within(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")
