"""A host for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import hvinspect
from hvinspect.testing import registered
from tests.drivers.qemu.host import Host


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    """A host without guests."""
    made = Host(tmp_path)
    yield made
    made.close()


@pytest.fixture
def hv(host: Host) -> Iterator[hvinspect.Connection]:
    """A connection to all its monitors."""
    with registered("qemu", host.driver), hvinspect.connect(host.target) as connection:
        yield connection


@pytest.fixture
def by_proc(host: Host) -> Iterator[hvinspect.Connection]:
    """A connection to its processes alone."""
    with registered("qemu", host.driver), hvinspect.connect("qemu:") as connection:
        yield connection
