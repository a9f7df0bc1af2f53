"""All rows together: which are missing, which do not hold, and the table that the documentation shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from hvinspect import CATALOGUE, Kind
from tests.integration.libvirt.fidelity import other_rows, qemu_rows
from tests.integration.libvirt.fidelity.look import Look
from tests.integration.libvirt.fidelity.rows import How, Table, claimed, failures, moved, unclaimed

TABLES: Final[Mapping[str, Table]] = {"qemu": qemu_rows.TABLE, "lxc": other_rows.LXC, "test": other_rows.TEST}


def wrong(look: Look) -> list[str]:
    """The rows that do not hold."""
    return failures(TABLES, look)


def mismatched(look: Look) -> list[str]:
    """Fields that are claimed and have no row, and rows of fields that nobody claims."""
    found = []
    for hypervisor, table in TABLES.items():
        given = claimed(look, hypervisor)
        found += [f"{hypervisor} {path}: claimed, and has no row" for path in sorted(given - table.keys())]
        found += [f"{hypervisor} {path}: has a row, and is not claimed" for path in sorted(table.keys() - given)]
    return found


def as_rows(look: Look) -> list[dict[str, str]]:
    """One row for each field of each hypervisor."""
    rows = []
    for hypervisor, table in TABLES.items():
        for path, reason in unclaimed(look, hypervisor).items():
            rows.append(_shown(hypervisor, path, "not given", reason, "-"))
        for path, row in table.items():
            rows.append(_shown(hypervisor, path, row.how.value, row.source, _moved(look, hypervisor, path)))
    order = list(CATALOGUE)
    return sorted(rows, key=lambda row: (list(TABLES).index(row["hypervisor"]), order.index(row["field"])))


def _moved(look: Look, hypervisor: str, path: str) -> str:
    if CATALOGUE[path].kind is not Kind.COUNTER:
        return "-"
    return "yes" if moved(look, hypervisor, path) else f"no: {TABLES[hypervisor][path].still}"


def _shown(hypervisor: str, path: str, how: str, source: str, moved: str) -> dict[str, str]:
    return {"hypervisor": hypervisor, "field": path, "evidence": how, "source": source, "moved": moved}


def counts(look: Look) -> dict[str, Counter[str]]:
    """For each hypervisor how many fields have which evidence."""
    return {
        hypervisor: Counter(row["evidence"] for row in as_rows(look) if row["hypervisor"] == hypervisor)
        for hypervisor in TABLES
    }


__all__ = ["TABLES", "How", "as_rows", "counts", "mismatched", "wrong"]
