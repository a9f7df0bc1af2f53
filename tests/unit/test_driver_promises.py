"""What a driver's author relies on, by public names alone: the next release is held against it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

import hvinspect
from hvinspect import Group, Instance, InstanceStats, NotSupported, Reason
from hvinspect.driver import Driver, InventoryRequest, OpenRequest, ReadRequest
from hvinspect.testing import registered
from tests.unit.toy import stats_of


class Bare(Driver):
    """A driver that has what it must, and nothing else."""

    @classmethod
    def open(cls, request: OpenRequest) -> Bare:
        return cls()

    def inventory(self, request: InventoryRequest) -> Sequence[Instance]:
        return (Instance(key="a"),)

    def read(self, request: ReadRequest) -> Iterator[InstanceStats]:
        return map(stats_of, request.instances)

    def close(self) -> None:
        pass


@pytest.fixture
def bare() -> Iterator[hvinspect.Connection]:
    with registered("bare", Bare), hvinspect.connect("bare:") as connection:
        yield connection


def test_a_driver_without_a_host_says_so(bare: hvinspect.Connection) -> None:
    with pytest.raises(NotSupported) as caught:
        bare.host()
    assert caught.value.driver == "bare"


def test_a_driver_that_promises_nothing_gives_no_field(bare: hvinspect.Connection) -> None:
    provided = list(bare.capabilities())
    assert provided
    assert not any(one.given for one in provided)
    assert {one.absence.reason for one in provided if one.absence} == {Reason.UNSUPPORTED}


def test_a_driver_that_names_no_origin_has_none(bare: hvinspect.Connection) -> None:
    taken = bare.snapshot(groups=set(Group) - {Group.UNKNOWN})
    assert (taken.host_id, taken.versions.hypervisor, taken.versions.binding, taken.sources) == (None, None, None, ())


def test_a_driver_that_watches_nothing_has_nothing_to_tell(bare: hvinspect.Connection) -> None:
    health = bare.health()
    assert (health.quarantined, health.unknown_statistics) == ((), ())


def test_a_driver_that_cannot_be_imported_is_told_of_with_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "hvinspect_lacking-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: hvinspect-lacking\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[hvinspect.drivers.v1]\nlacking = hvinspect_lacking:LackingDriver\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    status = next(one for one in hvinspect.available_drivers() if one.name == "lacking")
    assert (status.usable, status.distribution) == (False, "hvinspect-lacking 1.0")
    assert status.remedy
