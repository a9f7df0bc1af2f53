"""Each field that the driver claims is true, by a source outside libvirt where there is one.

One run of guests and a container is recorded, with all that libvirt answered and all that was seen without it; the
checks are functions of that recording. Set HVINSPECT_FIDELITY to a file to keep it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from hvinspect.drivers._libvirt.keys import MAPPED, pattern_of, unmapped
from tests.fidelity.rows import How
from tests.integration.libvirt.fidelity import evidence, scenario
from tests.integration.libvirt.fidelity.look import Look
from tests.lab.fixtures import Lab
from tools import measured

KEEP = "HVINSPECT_FIDELITY"


@pytest.fixture(scope="module")
def recording(lab: Lab) -> scenario.Recording:
    """One run."""
    made = scenario.run()
    kept = os.environ.get(KEEP)
    if kept:
        Path(kept).write_text(json.dumps(made, separators=(",\n", ":")) + "\n", encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def look(recording: scenario.Recording) -> Look:
    """What the driver makes of it."""
    return Look(recording)


def test_every_key_of_the_labs_replies_is_mapped_or_ignored(recording: scenario.Recording) -> None:
    replies = recording["replies"]
    assert len(replies) > 3
    for reply in replies:
        assert unmapped(reply) == set()


def test_the_replies_have_the_keys_that_the_run_arranged_for(recording: scenario.Recording) -> None:
    seen = {pattern_of(key) for reply in recording["replies"] for key in reply}
    # What this kernel, emulation or processor never gives is in the table's rows with its reason.
    never = {"vcpu.N.halted", "dirtyrate.vcpu.N.megabytes_per_second"}
    hardware = {key for key, (path, *_) in MAPPED.items() if key.startswith("perf.") and key not in seen}
    assert MAPPED.keys() - seen - hardware == never
    assert {"block.N.threshold", "iothread.count"} <= seen


def test_every_claimed_field_has_a_row(look: Look) -> None:
    assert evidence.missing(look) == []


def test_every_row_holds_and_every_counter_moved(look: Look, record_property: Callable[[str, object], None]) -> None:
    wrong = evidence.wrong(look)
    rows = sum(map(len, evidence.TABLES.values()))
    # A row that does not hold may not have moved either.
    record_property("fidelity", f"{rows - len({one.partition(':')[0] for one in wrong})} of {rows}")
    assert wrong == [], "\n".join(wrong)


def test_the_table_is_kept(look: Look) -> None:
    rows = evidence.as_rows(look)
    assert len(rows) == len(evidence.TABLES) * len(tuple(look["first"].capabilities))
    assert sum(row["evidence"] == How.DECODE_ONLY.value for row in rows if row["hypervisor"] == "qemu") < 20
    measured.record("fidelity", rows)
