"""All rows together: which are missing, which do not hold, and the table that the documentation shows."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

from tests.fidelity.rows import failures, mismatched, shown
from tests.integration.libvirt.fidelity import other_rows, qemu_rows
from tests.integration.libvirt.fidelity.look import Look
from tests.integration.libvirt.fidelity.rows import Table, claimed, unclaimed

TABLES: Final[Mapping[str, Table]] = {"qemu": qemu_rows.TABLE, "lxc": other_rows.LXC, "test": other_rows.TEST}


def wrong(look: Look) -> list[str]:
    """The rows that do not hold."""
    return [
        f"{hypervisor} {one}"
        for hypervisor, table in TABLES.items()
        for one in failures(table, look, partial(look.series, hypervisor))
    ]


def missing(look: Look) -> list[str]:
    """Fields that are claimed and have no row, and rows of fields that nobody claims."""
    return [
        f"{hypervisor} {one}"
        for hypervisor, table in TABLES.items()
        for one in mismatched(table, claimed(look, hypervisor))
    ]


def as_rows(look: Look) -> list[dict[str, str]]:
    """One row for each field of each hypervisor."""
    rows = []
    for name, table in TABLES.items():
        rows += shown(table, unclaimed(look, name), partial(look.series, name), driver="libvirt", hypervisor=name)
    return rows
