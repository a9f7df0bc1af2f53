"""Each field that the driver claims is true, on the lab's recording; and the checks can fail."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("libvirt", reason="libvirt-python is not installed: pip install hvinspect[libvirt]")

from tests.fidelity.rows import fails
from tests.integration.libvirt.fidelity import evidence
from tests.integration.libvirt.fidelity.look import Look
from tools.swap_fields import Swap, changed, noticed


def test_every_claimed_field_has_a_row(recording: dict[str, Any]) -> None:
    assert evidence.missing(Look(recording)) == []


def test_every_row_holds_and_every_counter_moved(recording: dict[str, Any]) -> None:
    assert evidence.wrong(Look(recording)) == []


@pytest.mark.parametrize(
    "swap",
    [
        Swap("fields", "nic", "rx_bytes", "tx_bytes"),
        Swap("fields", "disk", "host_allocated_bytes", "highest_written_bytes"),
        Swap("fields", "memory", "guest_usable_bytes", "guest_unused_bytes"),
        Swap("keys", "vcpu", "vcpu.N.wait", "vcpu.N.delay"),
        Swap("keys", "perf", "perf.cache_misses", "perf.branch_misses"),
    ],
)
def test_a_swap_is_noticed(recording: dict[str, Any], swap: Swap) -> None:
    assert noticed(recording, swap) is not None


@pytest.mark.once
def test_every_row_fails_when_its_field_is_wrong(recording: dict[str, Any]) -> None:
    blind = []
    for hypervisor, table in evidence.TABLES.items():
        for path, row in table.items():
            record, _, name = path.partition(".")
            with changed(record, lambda values, name=name: {name: _wrong(values[name])}):  # type: ignore[misc]
                if fails(row, Look(recording)) is None:
                    blind.append(f"{hypervisor} {path}")
    assert blind == []


def _wrong(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        # More than any bound: a number that is off by a factor, or another one altogether.
        return value * 3 + 10**10
    return None if value is not None else "wrong"


def test_a_row_without_evidence_is_noticed(recording: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    table = {path: row for path, row in evidence.TABLES["qemu"].items() if path != "disk.read_bytes"}
    monkeypatch.setattr(evidence, "TABLES", {**evidence.TABLES, "qemu": table})
    assert evidence.missing(Look(recording)) == ["qemu disk.read_bytes: given, and has no row"]
