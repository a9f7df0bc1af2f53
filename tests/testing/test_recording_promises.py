"""Recordings lie in the repositories of others: what a recording is made of stays."""

from __future__ import annotations

import json
from pathlib import Path

import hvinspect
from hvinspect.testing import record

KEYS = {"format", "driver", "target", "versions", "groups", "host_id", "sources", "provides"}


def test_a_recording_has_these_files_and_keys(tmp_path: Path) -> None:
    folder = tmp_path / "recorded"
    with hvinspect.connect("fake:") as hv:
        record(hv, folder, snapshots=2, interval=0.01)
    names = ["host-0001.json", "host-0002.json", "replay.json", "snapshot-0001.json", "snapshot-0002.json"]
    assert sorted(one.name for one in folder.iterdir()) == names
    header = json.loads((folder / "replay.json").read_text())
    assert header.keys() >= KEYS
    assert (header["format"], header["driver"]) == (1, "fake")


def test_it_is_read_from_its_first_snapshot_on(tmp_path: Path) -> None:
    folder = tmp_path / "recorded"
    with hvinspect.connect("fake:", options={"clock": "reads"}) as hv:
        record(hv, folder, snapshots=2, interval=0.01)
    first, second = (
        hvinspect.from_dict(json.loads((folder / f"snapshot-000{number}.json").read_text())).record for number in (1, 2)
    )
    with hvinspect.connect(f"replay:{folder}") as hv:
        read = [hv.snapshot(), hv.snapshot()]
    assert isinstance(first, hvinspect.Snapshot)
    assert isinstance(second, hvinspect.Snapshot)
    assert [one.instances for one in read] == [first.instances, second.instances]
    assert first.instances != second.instances
