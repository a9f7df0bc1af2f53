"""The recorder writes cases that replay what was seen, and accepts nothing by itself."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("libvirt", reason="libvirt-python is not installed: pip install hvinspect[libvirt]")

import libvirt

from hvinspect import Group, State
from tools import record_libvirt

from .case import load, plain


@pytest.fixture
def connection() -> Iterator[Any]:
    with contextlib.closing(libvirt.open("test:///default")) as made:
        yield made


@pytest.fixture
def folder(connection: Any, tmp_path: Path) -> Path:
    """A case of the one domain of libvirt's own test hypervisor."""
    record_libvirt.record(connection, connection.lookupByName("test"), tmp_path / "case", shows="a test")
    return tmp_path / "case"


def test_what_was_recorded_is_what_is_replayed(connection: Any, folder: Path) -> None:
    case, domain = load(folder), connection.lookupByName("test")
    assert case.about["made"] == "recorded"
    assert case.xml == domain.XMLDesc()
    stats = case.decode()
    assert stats.instance.key == domain.UUIDString()
    assert stats.state is State.RUNNING
    assert stats.memory.maximum_bytes == domain.info()[1] * 1024


def test_a_failure_is_recorded_with_libvirts_number_and_words(folder: Path) -> None:
    failed = load(folder).calls["blockStatsFlags vda"]["error"]
    assert failed[0] == libvirt.VIR_ERR_NO_SUPPORT
    assert "virDomainBlockStatsFlags" in failed[1]


def test_no_record_is_expected_until_it_is_accepted(folder: Path) -> None:
    assert not (folder / "expected.json").exists()
    changes = record_libvirt.accept([folder])
    assert '+ "state": "running"' in changes
    assert json.loads((folder / "expected.json").read_text(encoding="ascii")) == plain(load(folder).decode())
    assert record_libvirt.accept([folder]) == ""


def test_an_accepted_change_is_shown(folder: Path) -> None:
    record_libvirt.accept([folder])
    reply = json.loads((folder / "reply.json").read_text(encoding="ascii"))
    reply["calls"]["info"][1] = 12345
    (folder / "reply.json").write_text(json.dumps(reply), encoding="ascii")
    changes = record_libvirt.accept([folder])
    assert f"{12345 * 1024}" in changes
    assert changes.count("\n+ ") == changes.count("\n- ") == 1


def test_only_the_groups_that_were_named_are_asked_for(connection: Any, tmp_path: Path) -> None:
    domain = connection.lookupByName("test")
    record_libvirt.record(connection, domain, tmp_path / "one", shows="a test", groups={Group.NIC})
    assert set(load(tmp_path / "one").calls) == {"info", "state", "interfaceStats testnet0"}


def test_a_call_that_was_not_recorded_is_named(folder: Path) -> None:
    reply = json.loads((folder / "reply.json").read_text(encoding="ascii"))
    del reply["calls"]["memoryStats"]
    (folder / "reply.json").write_text(json.dumps(reply), encoding="ascii")
    with pytest.raises(LookupError, match="no answer to memoryStats"):
        load(folder).decode()
