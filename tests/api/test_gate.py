"""The gate as a whole: its exit codes, and what is taken for a change of the tools."""

from __future__ import annotations

import datetime
import json
import shutil
from pathlib import Path

import pytest

from tools.api import __main__ as gate, baselines, drift, surface, waivers
from tools.api.__main__ import main
from tools.api.baselines import Baseline
from tools.api.compare import compare
from tools.api.findings import Finding
from tools.api.surface import CURRENT, ROOT
from tools.api.waivers import Waiver


def test_what_is_here_keeps_its_promises(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--structure-only"]) == 0, capsys.readouterr().out


def test_a_stale_dump_fails_until_it_is_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stale = ROOT / ".nox" / "api" / f"stale-{tmp_path.name}.json"
    stale.parent.mkdir(parents=True, exist_ok=True)
    stale.write_text(CURRENT.read_text().replace('"driver_api": 1', '"driver_api": 0'))
    monkeypatch.setattr(surface, "CURRENT", stale)
    try:
        assert main(["--structure-only"]) == 2
        assert "is stale: ./dev api -- --accept rewrites it" in capsys.readouterr().out
        assert main(["--structure-only", "--accept"]) == 0
    finally:
        stale.unlink()


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Finding:
    """A surface with one break in it, and the break."""
    now = surface.take()
    now["catalogue"]["nic.rx_bytes"]["unit"] = "COUNT"
    monkeypatch.setattr(surface, "take", lambda: now)
    monkeypatch.setattr(gate, "_generated", lambda _now: {})  # it is not accepted
    [found] = compare(baselines.all_baselines()[-1].surface, now)[:1]
    assert found.rule == "catalogue-unit"
    return found


def test_a_break_ends_with_1(broken: Finding, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--structure-only"]) == 1
    assert f"error[{broken.rule}]" in capsys.readouterr().out


def test_a_waived_break_passes_and_is_shown(
    broken: Finding, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = Waiver(broken.rule, broken.symbol, "nobody has it yet", datetime.date.max)
    monkeypatch.setattr(waivers, "read", lambda: [given])
    assert main(["--structure-only"]) == 0
    assert f"waived until 9999-12-31: {broken.rule} for {broken.symbol}: nobody has it yet" in capsys.readouterr().out


def test_without_a_baseline_it_ends_with_3(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(baselines, "all_baselines", list)
    assert main(["--structure-only"]) == 3
    assert "there is no baseline of" in capsys.readouterr().err


def test_a_dump_is_sorted_and_can_be_read_back() -> None:
    dump = surface.take()
    text = surface.dumped(dump)
    assert json.loads(text) == dump
    assert text == surface.dumped(json.loads(text))


def test_a_baseline_is_taken_again_from_its_own_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = baselines.all_baselines()[-1]
    folder = ROOT / ".nox" / "api" / f"again-{tmp_path.name}"
    again = folder / str(taken.version)
    shutil.copytree(taken.folder, again, ignore=shutil.ignore_patterns("tests", "golden"))
    dump = taken.surface
    dump["catalogue"]["nic.rx_bytes"]["unit"] = "COUNT"
    del dump["operator_options"]
    (again / "surface.json").write_text(surface.dumped(dump))
    monkeypatch.setattr(baselines, "FOLDER", folder)
    try:
        assert main(["retake", str(taken.version)]) == 0
        found = Baseline(taken.version, again).surface
    finally:
        shutil.rmtree(folder)
    assert found["catalogue"]["nic.rx_bytes"]["unit"] == "BYTES"
    assert "operator_options" in found


def test_a_baseline_that_its_own_wheel_fails_is_a_change_of_the_tools(tmp_path: Path) -> None:
    taken = baselines.all_baselines()[-1]
    other = Baseline(taken.version, tmp_path)
    for path in (*taken.folder.glob("*.whl"), taken.folder / "surface.json"):
        (tmp_path / path.name).symlink_to(path)
    drift.complain(drift.of_surface(other), other)
    dump = taken.surface
    dump["catalogue"]["nic.rx_bytes"]["unit"] = "COUNT"
    (tmp_path / "surface.json").unlink()
    (tmp_path / "surface.json").write_text(surface.dumped(dump))
    with pytest.raises(drift.ToolDrift, match="does not pass against its own wheel"):
        drift.complain(drift.of_surface(other), other)
