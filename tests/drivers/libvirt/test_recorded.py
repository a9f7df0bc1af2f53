"""Each recorded reply becomes the expected record, with a reason for each value that is missing."""

from __future__ import annotations

import json

import pytest

from hvinspect import from_dict, to_dict
from hvinspect.drivers._libvirt.keys import unmapped

from .case import CASES, all_cases, load, plain, snapshot_of
from .faults import faults_of

NAMES = tuple(all_cases())


@pytest.mark.parametrize("name", NAMES)
def test_a_reply_becomes_the_expected_record(name: str) -> None:
    expected = json.loads((CASES / name / "expected.json").read_text(encoding="utf-8"))
    assert plain(load(name).decode()) == expected


@pytest.mark.parametrize("name", NAMES)
def test_every_value_has_its_type_and_every_missing_one_a_reason(name: str) -> None:
    assert faults_of(load(name).decode()) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_record_survives_being_stored(name: str) -> None:
    stats = load(name).decode()
    restored = from_dict(json.loads(json.dumps(to_dict(snapshot_of(stats)))))
    assert restored.record == snapshot_of(stats)


@pytest.mark.parametrize("name", NAMES)
def test_every_key_of_a_reply_is_mapped_or_ignored_for_a_reason(name: str) -> None:
    assert unmapped(load(name).bulk or ()) == set()


@pytest.mark.parametrize("name", NAMES)
def test_a_case_says_what_it_is(name: str) -> None:
    about = load(name).about
    assert about["shows"]
    assert about["made"] == "recorded" or (about["made"] == "by hand" and about["from"])
    assert {"hypervisor", "hypervisor_version", "libvirt", "groups", "native_id"} <= about.keys()


def test_there_are_cases() -> None:
    made = [load(name).about["made"] for name in NAMES]
    assert made.count("recorded") >= 20
    assert made.count("by hand") >= 5
