"""The table of libvirt's keys is complete, and true: a key changes the fields that it says, and no other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("libvirt", reason="libvirt-python is not installed: pip install hvinspect[libvirt]")

from hvinspect import CATALOGUE, Group
from hvinspect.drivers._libvirt.keys import IGNORED, MAPPED, STRUCTURE, pattern_of, unmapped
from tests.integration.libvirt.fidelity import tape
from tests.integration.libvirt.fidelity.look import Look, Moment, filled

_BULK = "domainListGetStats"
#: That the records are of one instance and one moment is not the keys' to change.
_TIMES = ("instance.described_at",)


def test_every_key_of_the_recorded_replies_is_mapped_or_ignored(recording: dict[str, Any]) -> None:
    for reply in recording["replies"]:
        assert unmapped(reply) == set()


@pytest.mark.parametrize(
    "key", ["block.0.rd.byte", "vcpu.0.steal", "cpu.times", "balloon.N.current", "newgroup.count", "block.rd.bytes"]
)
def test_an_unknown_key_is_found(key: str) -> None:
    assert unmapped([key, "cpu.time"]) == {key}


@pytest.mark.parametrize(
    "key", ["vm.exits.sum", "vcpu.3.exits.cur", "cpu.cache.monitor.0.name", "block.2.latency_histogram.read.0.start"]
)
def test_a_key_without_a_field_has_its_reason(key: str) -> None:
    assert unmapped([key]) == set()


def test_the_tables_do_not_overlap_and_name_fields_that_exist() -> None:
    assert not MAPPED.keys() & (IGNORED.keys() | STRUCTURE.keys())
    assert {path for paths in MAPPED.values() for path in paths} <= CATALOGUE.keys()
    assert all(IGNORED.values())
    assert all(STRUCTURE.values())


def test_a_key_changes_the_fields_that_the_table_says_and_no_other(recording: dict[str, Any]) -> None:
    moment = _with_numbers_for_all(recording["moments"]["second"])
    plain = _played(recording, moment)
    tried = set()
    for key, value in plain.reply.items():
        pattern = pattern_of(key)
        if pattern not in MAPPED:
            continue
        changed = json.loads(json.dumps(moment))
        for answer in _answers(changed["calls"]):
            answer[0][1][key] = _another(key, value)
        fields = _differences(plain, _played(recording, changed))
        assert {path for path, _ in fields} == set(MAPPED[pattern]), key
        assert len({device for _, device in fields}) == 1, key
        tried.add(pattern)
    assert tried == MAPPED.keys()


def _with_numbers_for_all(moment: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(json.dumps(filled(moment)))
    # With block_detail a disk's fields come from two calls.
    made["groups"] = [group for group in made["groups"] if group != Group.BLOCK_DETAIL.value]
    for answer in _answers(made["calls"]):
        values = answer[0][1]
        values.update({f"vcpu.{number}.halted": False for number in (0, 1)})
        # Of a raw image a number like its length would say nothing.
        values.update({key: 12345 for key in values if pattern_of(key) == "block.N.physical"})
    return made


def _answers(calls: tape.Calls) -> Iterator[Any]:
    for key, answers in calls.items():
        if f" {_BULK} " in key:
            yield from answers


def _played(recording: dict[str, Any], moment: dict[str, Any]) -> Moment:
    return Look({**recording, "moments": {**recording["moments"], "changed": moment}})["changed"]


def _another(key: str, value: Any) -> Any:
    if key == "state.state":
        return 3
    if key == "dirtyrate.calc_status":
        return 1
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) else f"{value}-other"


def _differences(one: Moment, other: Moment) -> set[tuple[str, str]]:
    before, after = _flat(one), _flat(other)
    return {place for place in before.keys() | after.keys() if before.get(place) != after.get(place)}


def _flat(moment: Moment) -> dict[tuple[str, str], Any]:
    values = {}
    for path, field in CATALOGUE.items():
        if field.record in ("host", "span", "rates", "disk_rates", "nic_rates") or path in _TIMES:
            continue
        for one in moment.records(field.record):
            device = str(getattr(one, "key", getattr(one, "index", "")))
            values[path, device] = getattr(one, field.name)
    return values
