"""What a reader of stored documents relies on, by public names alone: the next release is held against it."""

from __future__ import annotations

import dataclasses

import pytest

import hvinspect


def test_a_whole_document_of_a_newer_schema_is_refused() -> None:
    with hvinspect.connect("fake:") as connection:
        document = hvinspect.to_dict(connection.host())
    assert hvinspect.from_dict(document).unknown_keys == 0
    with pytest.raises(hvinspect.ReplyInvalid, match="schema"):
        hvinspect.from_dict({**document, "schema": hvinspect.SCHEMA + 1})


def test_what_is_none_is_not_in_a_document() -> None:
    with hvinspect.connect("fake:") as connection:
        document = hvinspect.to_dict(connection.snapshot())
    assert not any(value is None for one in document["instances"] for value in one["memory"].values())
    assert any("absences" in one["memory"] for one in document["instances"])


def test_an_absence_is_stored_with_its_reason_and_its_detail() -> None:
    denied = hvinspect.Absences({"time_ns": hvinspect.Absence(hvinspect.Reason.DENIED, "ask root")})
    with hvinspect.connect("fake:") as connection:
        taken = connection.snapshot()
    one = dataclasses.replace(taken.instances[0], cpu=hvinspect.CpuStats(absences=denied))
    document = hvinspect.to_dict(dataclasses.replace(taken, instances=(one,)))
    assert document["instances"][0]["cpu"]["absences"] == {"time_ns": {"reason": "denied", "detail": "ask root"}}
    again = hvinspect.from_dict(document).record
    assert isinstance(again, hvinspect.Snapshot)
    assert again.instances[0].cpu.absences == denied
