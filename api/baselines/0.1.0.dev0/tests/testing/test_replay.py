"""Recordings are read back as they were made."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import hvinspect
from hvinspect import Group, InvalidTarget, NotSupported, Reason, ReplyInvalid, Snapshot, from_dict
from hvinspect.testing import FakeHypervisor, FakeKind, conformance, record

HOST_RATES = '{"schema": 1, "kind": "host_rates", "window_ns": 1, "clock": "wall"}'
OLD = {"times_are_of_the_call": "a recording has the times of its making"}
ALL = frozenset(Group) - {Group.UNKNOWN}


def made(folder: Path) -> str:
    """A recording of two snapshots, ten seconds apart, with a failure in the second."""
    with FakeHypervisor(seed=5) as hypervisor, hvinspect.connect(hypervisor.target) as hv:
        record(hv, folder / "one", snapshots=1)
        hypervisor.advance(10)
        hypervisor.fail(hypervisor.keys[4], Reason.BUSY, "it is being saved")
        record(hv, folder / "two", snapshots=1)
    for name in ("snapshot", "host"):
        (folder / "two" / f"{name}-0001.json").rename(folder / "one" / f"{name}-0002.json")
    return f"replay:{folder / 'one'}"


def test_a_recording_is_read_back_as_it_was_made(tmp_path: Path) -> None:
    target = made(tmp_path)
    with hvinspect.connect(target) as hv:
        for number in (1, 2, 2):
            stored = json.loads((tmp_path / "one" / f"snapshot-000{number}.json").read_text())
            original = from_dict(stored).record
            replayed = hv.snapshot()
            assert isinstance(original, Snapshot)
            assert replayed.instances == original.instances
            assert replayed.failures == original.failures
            assert replayed.host_id == original.host_id
            assert replayed.driver == "replay"


def test_rates_of_a_recording_are_those_of_its_time(tmp_path: Path) -> None:
    with hvinspect.connect(made(tmp_path)) as hv:
        rates = hvinspect.rates(hv.snapshot(), hv.snapshot()).instances[0]
    assert rates.window_ns == 10_000_000_000
    assert rates.cpu_cores is not None
    assert rates.cpu_cores > 0


def test_the_hosts_numbers_are_of_the_same_step(tmp_path: Path) -> None:
    with hvinspect.connect(made(tmp_path)) as hv:
        hv.snapshot()
        before = hv.host()
        hv.snapshot()
        rates = hvinspect.rates(before, hv.host())
    assert rates.window_ns == 10_000_000_000


def test_a_recording_without_a_host_has_none(tmp_path: Path) -> None:
    target = made(tmp_path)
    for path in (tmp_path / "one").glob("host-*.json"):
        path.unlink()
    with hvinspect.connect(target) as hv, pytest.raises(NotSupported):
        hv.host()


@pytest.mark.parametrize("kind", FakeKind)
@pytest.mark.parametrize("groups", [hvinspect.DEFAULT_GROUPS, ALL], ids=["default", "all"])
def test_a_recording_passes_the_conformance_suite(tmp_path: Path, groups: frozenset[Group], kind: FakeKind) -> None:
    with FakeHypervisor(kind=kind) as hypervisor, hvinspect.connect(hypervisor.target) as hv:
        record(hv, tmp_path / "it", snapshots=2, interval=0, groups=groups)
    report = conformance.run(f"replay:{tmp_path / 'it'}", skip=OLD)
    assert report.ok, str(report)


def test_a_group_that_was_not_recorded_says_so(tmp_path: Path) -> None:
    with hvinspect.connect(made(tmp_path)) as hv:
        absence = hv.snapshot(groups={Group.PERF}).instances[0].perf.why("cpu_cycles")
        given = hv.capabilities()["perf.cpu_cycles"].absence
    assert absence is not None
    assert absence.reason is Reason.UNSUPPORTED
    assert "recorded" in absence.detail
    assert given == absence


def test_a_folder_is_not_written_twice(tmp_path: Path) -> None:
    with hvinspect.connect("fake:") as hv:
        record(hv, tmp_path / "it", snapshots=1)
        with pytest.raises(FileExistsError):
            record(hv, tmp_path / "it", snapshots=1)


def test_a_recording_of_nothing_is_refused(tmp_path: Path) -> None:
    with hvinspect.connect("fake:") as hv, pytest.raises(ValueError, match="at least one"):
        record(hv, tmp_path / "it", snapshots=0)


@pytest.mark.parametrize("rest", ["", "nowhere"])
def test_what_is_no_recording_is_an_invalid_target(rest: str) -> None:
    with pytest.raises(InvalidTarget, match=r"replay\.json"):
        hvinspect.connect(f"replay:{rest}")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("replay.json", "{"),
        ("replay.json", "[]"),
        ("replay.json", '{"format": 2, "groups": []}'),
        ("replay.json", '{"format": 1}'),
        ("replay.json", '{"format": 1, "groups": ["state"]}'),
        ("replay.json", '{"format": 1, "groups": ["state"], "provides": 1}'),
        ("replay.json", '{"format": 1, "groups": ["state"], "provides": {"cpu.time_ns": "unsupported"}}'),
        ("replay.json", '{"format": 1, "groups": [["state"]], "provides": {}}'),
        ("replay.json", "[" * 100_000),
        ("snapshot-0001.json", "{}"),
        ("snapshot-0001.json", '{"schema": 99, "kind": "snapshot"}'),
        ("host-0001.json", '{"schema": 1, "kind": "snapshot"}'),
        ("host-0001.json", HOST_RATES),
    ],
)
def test_a_damaged_recording_is_an_invalid_reply(tmp_path: Path, name: str, text: str) -> None:
    target = made(tmp_path)
    (tmp_path / "one" / name).write_text(text)
    with pytest.raises(ReplyInvalid):
        hvinspect.connect(target)


def test_a_recording_of_a_later_version_is_read_as_far_as_it_is_known(tmp_path: Path) -> None:
    target = made(tmp_path)
    path = tmp_path / "one" / "replay.json"
    header = json.loads(path.read_text())
    header["groups"].append("telepathy")
    header["provides"]["telepathy.thoughts"] = None
    header["provides"]["cpu.user_ns"] = {"reason": "forgotten"}
    path.write_text(json.dumps(header))
    with hvinspect.connect(target) as hv:
        absence = hv.capabilities()["cpu.user_ns"].absence
    assert absence is not None
    assert absence.reason is Reason.UNKNOWN


def test_a_recording_without_snapshots_is_an_invalid_reply(tmp_path: Path) -> None:
    target = made(tmp_path)
    for path in (tmp_path / "one").glob("snapshot-*.json"):
        path.unlink()
    with pytest.raises(ReplyInvalid, match="without snapshots"):
        hvinspect.connect(target)


def test_a_target_without_a_host_is_recorded(tmp_path: Path) -> None:
    target = made(tmp_path)
    for path in (tmp_path / "one").glob("host-*.json"):
        path.unlink()
    with hvinspect.connect(target) as hv:
        record(hv, tmp_path / "again", snapshots=1)
    assert sorted(path.name for path in (tmp_path / "again").iterdir()) == ["replay.json", "snapshot-0001.json"]
