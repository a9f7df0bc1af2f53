"""Each recorded run of replies becomes the expected records, with a reason for each value that is missing."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("pyVmomi", reason="pyvmomi is not installed: pip install hvinspect[vmware]")

from hvinspect.testing._checks_values import reason_faults
from hvinspect.testing._walk import parts_of_stats

from .played import CASES, all_cases, load, plain

NAMES = tuple(all_cases())


@pytest.mark.parametrize("name", NAMES)
def test_replies_become_the_expected_records(name: str) -> None:
    expected = json.loads((CASES / name / "expected.json").read_text(encoding="utf-8"))
    assert plain(*load(name).read()) == expected


@pytest.mark.parametrize("name", NAMES)
def test_every_missing_value_has_a_reason(name: str) -> None:
    read, _ = load(name).read()
    assert [fault for stats in read for part in parts_of_stats(stats) for fault in reason_faults(part)] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_reply_of_a_case_is_asked_for(name: str) -> None:
    played = load(name)
    played.read()
    assert played.wire.is_played_out


@pytest.mark.parametrize("name", NAMES)
def test_a_case_says_what_it_is(name: str) -> None:
    about = load(name).about
    assert about["shows"]
    assert about["made"] == "recorded" or (about["made"] == "by hand" and about["from"])


def test_there_are_cases() -> None:
    made = [load(name).about["made"] for name in NAMES]
    assert made.count("recorded") >= 3
    assert made.count("by hand") >= 5
