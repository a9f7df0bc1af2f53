"""The recorder writes cases that replay what was seen, and accepts nothing by itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hvinspect import Secret
from hvinspect.drivers._vmware.address import parse_address
from hvinspect.drivers._vmware.trust import Trust
from hvinspect.drivers._vmware.wire import Wire
from tests.drivers.vmware.played import load, plain
from tests.lab.vmware.simulator import PASSWORD, Simulator
from tools import record_vmware


@pytest.fixture
def folder(server: Simulator, tmp_path: Path) -> Path:
    """A case of the lab's machines."""
    rest = server.target.removeprefix("vmware:")
    wire = Wire(parse_address(rest), Trust.of(ca=str(server.authority.certificate), thumbprint=None))
    record_vmware.record(wire, rest, Secret(PASSWORD), tmp_path / "case", shows="a test")
    return tmp_path / "case"


def test_what_was_recorded_is_what_is_replayed(server: Simulator, folder: Path) -> None:
    played = load(folder)
    assert played.about["made"] == "recorded"
    assert played.about["server"].startswith("VMware")
    read, failures = played.read()
    assert len(read) == 3
    assert failures == []
    assert all(one.supplied_rates and one.supplied_rates.cpu_cores is not None for one in read)
    assert played.wire.is_played_out


def test_of_the_counters_only_those_that_are_asked_for_are_kept(folder: Path) -> None:
    (kept,) = folder.glob("04-*.xml")
    assert kept.read_bytes().count(b"<PerfCounterInfo>") == 13


def test_the_password_is_in_no_file(folder: Path) -> None:
    assert [file.name for file in folder.iterdir() if PASSWORD in file.read_text()] == []


def test_no_record_is_expected_until_it_is_accepted(folder: Path) -> None:
    assert not (folder / "expected.json").exists()
    assert '+   "state": "running"' in record_vmware.accept([folder])
    assert json.loads((folder / "expected.json").read_text()) == plain(*load(folder).read())
    assert record_vmware.accept([folder]) == ""
