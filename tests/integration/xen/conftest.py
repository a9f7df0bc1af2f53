"""Takes this run into dom0 of the lab, and gives the tests their guests and a connection."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import final

import pytest

import hvinspect
from tests.integration.xen.reading import PATIENCE, snapshot_of_command
from tests.lab.xen import entry
from tests.lab.xen.dom0 import libvirtd
from tests.lab.xen.dom0.guests import LibvirtGuest, XlGuest
from tests.lab.xen.dom0.specification import GuestSpec


def pytest_cmdline_main(config: pytest.Config) -> None:
    """Start the same run again in dom0, unless it is there."""
    entry.reexecute(config)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """Two guests, and what was said of them when they had done the known load and nothing more."""

    guests: tuple[XlGuest, XlGuest]
    snapshot: hvinspect.Snapshot
    #: The same, by the command.
    given: hvinspect.Snapshot


@pytest.fixture(scope="session")
def loaded() -> Iterator[Loaded]:
    """One with a vCPU, one with two. dom0 has no bridge."""
    with (
        XlGuest(GuestSpec(name="one", cards=(1,))) as one,
        XlGuest(GuestSpec(name="two", vcpus=2, memory_mib=128, cards=(2,))) as two,
    ):
        for guest in (one, two):
            guest.known_load()
        with hvinspect.connect("xen:") as hv:
            snapshot = hv.snapshot(timeout=PATIENCE)
        yield Loaded(guests=(one, two), snapshot=snapshot, given=snapshot_of_command())


@pytest.fixture(scope="session")
def pair(loaded: Loaded) -> tuple[XlGuest, XlGuest]:
    """The same two, whatever they were told since."""
    return loaded.guests


@pytest.fixture(scope="module")
def made_by_libvirt() -> Iterator[LibvirtGuest]:
    """A guest that libvirt made, and so one that it sees; its libvirtd runs as long."""
    with libvirtd.running(), LibvirtGuest(GuestSpec(name="three", cards=(3,))) as guest:
        guest.known_load()
        yield guest


@pytest.fixture
def hv() -> Iterator[hvinspect.Connection]:
    """A connection as any reader makes it."""
    with hvinspect.connect("xen:") as connection:
        yield connection
