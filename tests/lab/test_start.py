"""Starting and ending labs, seen from outside: two at once, a killed starter, a missing package."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab import entry, leftovers, requirements, settings

LAB = (sys.executable, "-m", "tests.lab")

pytestmark = pytest.mark.skipif(entry.inside(), reason="starts labs itself; run outside of one")


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """Compare the machine before and after each test."""
    before = leftovers.snapshot()
    yield
    assert leftovers.settled(before) == {}


def _start(*command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*LAB, *command],
        cwd=settings.PROJECT_ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


# A guest that runs, so that there is a QEMU, a tap, a socket and a cgroup to be left behind.
_WITH_GUEST = """
import time
from tests.lab.guests import many
many(1)
print("guest runs", flush=True)
time.sleep(600)
"""


def test_the_exit_status_is_the_commands() -> None:
    assert subprocess.run([*LAB, "sh", "-c", "exit 7"], cwd=settings.PROJECT_ROOT).returncode == 7


def test_a_lab_has_a_world_of_its_own() -> None:
    script = "echo $HVINSPECT_LAB $(ls /sys/class/net) $(hostname) $(virsh -r -q list | wc -l)"
    process = _start("sh", "-c", script)
    output, _ = process.communicate(timeout=60)
    assert output.split() == ["libvirt", "labbr0", "lo", "lab", "0"]


def test_two_labs_run_at_once_and_do_not_see_each_other() -> None:
    first, second = _start(sys.executable, "-c", _WITH_GUEST), _start(sys.executable, "-c", _WITH_GUEST)
    assert _first_line(first) == _first_line(second) == "guest runs"
    for process in (first, second):
        process.terminate()
        process.communicate(timeout=60)
        assert process.returncode == 128 + signal.SIGTERM


def test_a_killed_starter_leaves_nothing() -> None:
    process = _start(sys.executable, "-c", _WITH_GUEST)
    assert _first_line(process) == "guest runs"
    process.kill()
    process.communicate(timeout=60)


def test_a_killed_parent_of_the_starter_leaves_nothing() -> None:
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import subprocess, sys; subprocess.run(sys.argv[1:])",
            *LAB,
            sys.executable,
            "-c",
            _WITH_GUEST,
        ],
        cwd=settings.PROJECT_ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert _first_line(parent) == "guest runs"
    parent.kill()
    parent.communicate(timeout=60)


def test_a_killed_group_leaves_nothing() -> None:
    process = subprocess.Popen(
        [*LAB, sys.executable, "-c", _WITH_GUEST],
        cwd=settings.PROJECT_ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert _first_line(process) == "guest runs"
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)


@pytest.mark.parametrize("moment", [0.0, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8])
def test_a_starter_killed_while_starting_leaves_nothing(moment: float) -> None:
    process = _start("true")
    time.sleep(moment)
    process.kill()
    process.communicate(timeout=60)


def test_a_missing_package_is_one_line_and_status_3(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.lab.__main__ import main

    monkeypatch.setattr(requirements, "SYSTEM_PATH", str(tmp_path))
    assert main(["true"]) == requirements.EXIT_STATUS
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert "busybox-static" in lines[0]


def test_an_unprivileged_caller_is_told_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from tests.lab.__main__ import main

    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert main(["true"]) == requirements.EXIT_STATUS
    assert "root" in capsys.readouterr().err
