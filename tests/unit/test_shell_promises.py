"""What a shell script relies on, asked as a script does: through ``python -m hvinspect``."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys

import pytest

from hvinspect import Absence, Absences, CpuStats, InstanceStats, Reason
from hvinspect.driver import ReadRequest
from hvinspect.testing import FakeDriver, faults
from tests.unit.toy import hooks, stats_of

pytest.importorskip("click", reason="the extra cli is not installed")
pytest.importorskip("rich", reason="the extra cli is not installed")


def ends_with(monkeypatch: pytest.MonkeyPatch, *words: str) -> object:
    """The status that the command ends with, of this process: its drivers are those of the test."""
    monkeypatch.setattr(sys, "argv", ["hvinspect", *words])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("hvinspect", run_name="__main__", alter_sys=True)
    return ended.value.code


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
        assert ends_with(monkeypatch, "host", f"{name}:") == 6


def test_complaints_go_to_standard_error() -> None:
    command = [sys.executable, "-m", "hvinspect", "list", "no-such-driver:", "--json"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (ended.stdout, ended.stderr.startswith("hvinspect: ")) == ("", True)


def test_json_is_ascii_whatever_a_guest_is_called() -> None:
    command = [sys.executable, "-m", "hvinspect", "list", "fake:", "--option", "hostile=yes", "--json"]
    ended = subprocess.run(command, capture_output=True, check=True, timeout=120)
    names = [one["instance"]["name"] for one in json.loads(ended.stdout)["instances"]]
    assert any(not name.isascii() for name in names)
    assert ended.stdout.isascii()


def test_a_read_that_lacks_instances_ends_with_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with faults.wrap(FakeDriver, [faults.Partly(2)]) as name:
        assert ends_with(monkeypatch, "stats", f"{name}:") == 1


def test_a_read_that_is_refused_of_every_instance_ends_with_six(monkeypatch: pytest.MonkeyPatch) -> None:
    with faults.wrap(FakeDriver, [faults.Deny("read")]) as name:
        assert ends_with(monkeypatch, "stats", f"{name}:") == 6


def test_a_read_whose_parts_came_too_late_ends_with_one(monkeypatch: pytest.MonkeyPatch) -> None:
    late = CpuStats(absences=Absences({"time_ns": Absence(Reason.TIMED_OUT)}))

    def read(request: ReadRequest) -> list[InstanceStats]:
        return [stats_of(one, cpu=late) for one in request.instances]

    with hooks(read=read) as toy:
        assert ends_with(monkeypatch, "stats", f"{toy.driver()}:here") == 1


def test_the_drivers_are_listed_as_json_by_these_keys() -> None:
    command = [sys.executable, "-m", "hvinspect", "drivers", "--json"]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    document = json.loads(ended.stdout)
    assert document.keys() >= {"schema", "kind", "drivers"}
    assert all(one.keys() >= {"name", "usable", "distribution", "remedy"} for one in document["drivers"])
