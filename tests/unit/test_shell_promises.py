"""What a shell script relies on, asked as a script does: through ``python -m hvinspect``."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys

import pytest

from hvinspect.testing import FakeDriver, faults

pytest.importorskip("click", reason="the extra cli is not installed")
pytest.importorskip("rich", reason="the extra cli is not installed")


def test_json_is_one_document_on_one_line() -> None:
    command = [sys.executable, "-m", "hvinspect", "list", "fake:", "--json"]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert ended.stdout.count("\n") == 1
    assert json.loads(ended.stdout)


def test_an_instance_that_is_not_there_ends_with_eight() -> None:
    command = [sys.executable, "-m", "hvinspect", "stats", "fake:", "--instance", "no-such-one"]
    assert subprocess.run(command, capture_output=True, check=False, timeout=120).returncode == 8


def test_a_refusal_ends_with_six(monkeypatch: pytest.MonkeyPatch) -> None:
    with faults.wrap(FakeDriver, [faults.Deny("host")]) as name:
        monkeypatch.setattr(sys, "argv", ["hvinspect", "host", f"{name}:"])
        with pytest.raises(SystemExit) as ended:
            runpy.run_module("hvinspect", run_name="__main__", alter_sys=True)
    assert ended.value.code == 6
