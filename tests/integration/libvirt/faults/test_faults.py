"""Each fault, made for real: calls are back in time, the others complete, nothing wrong, recovered, nothing leaked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.libvirt.faults import daemon, devices, guest, jobs, migration, process, row
from tests.integration.libvirt.faults.matrix import Fault
from tests.integration.libvirt.faults.scene import Scene
from tests.lab.fixtures import Lab
from tools import measured

FAULTS: tuple[Fault, ...] = (
    *guest.FAULTS,
    *jobs.FAULTS,
    *devices.FAULTS,
    *daemon.FAULTS,
    *process.FAULTS,
    *migration.FAULTS,
)
_outcomes: dict[str, row.Outcome] = {}


@pytest.fixture(scope="module")
def scene(lab: Lab) -> Iterator[Scene]:
    scene = Scene()
    scene.start()
    yield scene
    scene.destroy()


def _parameter(fault: Fault) -> object:
    return pytest.param(fault, id=fault.name.replace(" ", "-"), marks=[pytest.mark.slow] if fault.slow else [])


def test_there_are_at_least_35_different_faults() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 35


@pytest.mark.parametrize("fault", [_parameter(fault) for fault in FAULTS])
def test_a_fault_costs_what_it_hits_and_no_more(fault: Fault, scene: Scene) -> None:
    outcome = row.run(fault, scene)
    _outcomes[fault.name] = outcome
    assert not outcome.complaints, "\n".join(outcome.complaints)
    assert outcome.columns.keys() >= {row.DEADLINE, row.OTHERS, row.WRONG, row.RECOVERED, row.LEAKED}


@pytest.mark.slow
def test_the_table_is_kept() -> None:
    assert [fault.name for fault in FAULTS if fault.name not in _outcomes] == []
    measured.record(
        "faults",
        [
            {
                "fault": outcome.fault.name,
                "breaks": outcome.fault.breaks,
                "seen by": outcome.evidence,
                "timeout, s": outcome.fault.timeout,
                "slowest read, s": outcome.columns.get("slowest read, s"),
                row.DEADLINE: outcome.columns.get(row.DEADLINE),
                row.OTHERS: outcome.columns.get(row.OTHERS),
                row.WRONG: outcome.columns.get(row.WRONG),
                "recovered in, s": outcome.columns.get(row.RECOVERED),
                row.LEAKED: outcome.columns.get(row.LEAKED),
            }
            for outcome in _outcomes.values()
        ],
    )
