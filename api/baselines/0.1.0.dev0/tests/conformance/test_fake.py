"""The drivers that need no hypervisor are held to what every driver is held to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

import hvinspect
from hvinspect import Group
from hvinspect.testing import conformance, record
from hvinspect.testing.conformance import Outcome

OPTIONS: tuple[Mapping[str, str], ...] = (
    {},
    {"kind": "rates"},
    {"hostile": "yes", "seed": "9"},
    {"instances": "40", "vcpus": "8", "disks": "3", "nics": "3"},
    {"disks": "0", "nics": "0"},
)


@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: " ".join(options) or "plain")
def test_the_fake_conforms(options: Mapping[str, str]) -> None:
    report = conformance.run("fake:", options=options)
    assert report.ok, report
    skipped = [result.check for result in report if result.outcome is Outcome.SKIPPED]
    assert skipped == ["traffic_moves_its_own_counter"]


def test_a_recording_conforms(tmp_path: Path) -> None:
    with hvinspect.connect("fake:") as hv:
        record(hv, tmp_path / "recording", interval=0.05, groups=frozenset(Group) - {Group.UNKNOWN})
    skip = {"times_are_of_the_call": "a recording has the times of its making"}
    report = conformance.run(f"replay:{tmp_path / 'recording'}", skip=skip)
    assert report.ok, report
