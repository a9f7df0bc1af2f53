"""The gate as a whole: its exit codes, and what is taken for a change of the tools."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tools.api import baselines, drift, surface
from tools.api.__main__ import main
from tools.api.baselines import Baseline
from tools.api.surface import CURRENT, ROOT


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
