"""Programs as others write them run to their end: each asserts what it read. A release keeps them as they are."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent


@pytest.mark.parametrize("program", ["agent.py", "driver_author.py", "exporter.py", "tester.py"])
def test_it_runs_to_its_end_and_writes_nothing(program: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-W", "error", str(FOLDER / program)], capture_output=True, text=True, timeout=300
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
